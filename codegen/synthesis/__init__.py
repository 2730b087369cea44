"""Programs from examples, without a model: enumerative, type-directed, bottom-up synthesis.

``components``  what programs are built of, one table for text, numbers and collections each
``enumerate``   the search: cheapest first, programs that behave alike are kept once (observational equivalence)
``choose``      conditionals, rivals, leave-one-out: which program is offered and how sure we are
``render``      readable Python for a program

The technique is that of Udupa et al., "TRANSIT" (PLDI 2013) and Albarghouthi et al., "Escher" (CAV 2013).

Invariant: no code of the workspace runs here. Programs are trees over the closed set of components below and are
evaluated as such, so the search may run in any process; what is offered is nevertheless run in the sandbox afterwards.
"""
