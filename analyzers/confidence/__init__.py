"""How sure a finding is, as a probability: a rule's own score, calibrated on findings that people labelled.

:mod:`.model` is the curve and its fit, :mod:`.table` the fitted numbers (``table.json``) and their use.

Invariant: nothing is fitted while Suture runs; the table is a file of the package, made by one command.
"""
