"""Proposals as records: what was proposed, how it came about, who approved it, and a log that shows any alteration.

:mod:`.records` the values, :mod:`.book` the statuses, :mod:`.audit` the chained log, :mod:`.verify` its check,
:mod:`.recording` what a generation writes as it goes, :mod:`.deploy` the way into a file.

Invariant: code reaches a file only by way of ``awaiting approval``, by a person; the database refuses anything else.
"""
