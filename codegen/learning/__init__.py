"""What is learned from generations: which strategy works where, how often a confidence was right, what goes wrong.

:mod:`.history` one row for each request, :mod:`.outcome` what became of what was applied, :mod:`.confidence` the
recalibration, :mod:`.insights` sentences about all of it.

Invariant: a figure has the number of cases behind it, and with too few there is none.
"""
