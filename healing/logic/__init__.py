"""Faults that raise nothing by themselves: a test fails because a line does the wrong thing.

:mod:`.spectrum` finds suspicious lines from what each test ran, :mod:`.mutations` writes small changes of them from the
syntax tree, :mod:`.trial` tries hundreds of them in one sandbox job, :mod:`.choice` weighs those that pass.

Invariant: nothing here looks at the values that a test expects. A change is made of the program's own parts.
"""
