"""Which lines are suspicious: those that failing tests run and passing ones do not.

The measure is Ochiai's (Abreu, Zoeteweij and van Gemund, 2006): failed(line) / sqrt(failed * (failed(line) +
passed(line))).
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

#: The share of the suspicion of a line that is left to one that ran before the tests.
EARLY = 0.3
#: Files that are looked at of which no test runs anything.
TABLES = 40


@dataclass(frozen=True, slots=True)
class Case:
    """One test of a traced run. ``lines`` maps relative paths to the 1-based lines that it ran."""

    id: str
    ok: bool
    error: str = ""
    lines: Mapping[str, Sequence[int]] = field(default_factory=dict[str, Sequence[int]])


def ochiai(tests: Sequence[Case]) -> dict[tuple[str, int], float]:
    """(relative path, 0-based line) → suspicion, above 0 to 1, of the lines that failing tests ran."""
    failed: dict[tuple[str, int], int] = {}
    passed: dict[tuple[str, int], int] = {}
    count = sum(not each.ok for each in tests)
    for each in tests:
        table = passed if each.ok else failed
        for path, lines in each.lines.items():
            for line in lines:
                table[path, line - 1] = table.get((path, line - 1), 0) + 1
    return {place: many / math.sqrt(count * (many + passed.get(place, 0))) for place, many in failed.items()}


def suspicious(tests: Sequence[Case], imported: Mapping[str, Collection[int]]) -> dict[tuple[str, int], float]:
    """:func:`ochiai`, and of lines that ran before the first test (path → 1-based lines), whose effect the tests of
    their file see, or all of them if none runs anything of it: a share of the suspicion of what just those tests run,
    so that their turn comes behind that of what failing tests run themselves. Of many files that no test runs anything
    of, those that lie beside what failing tests run."""
    found = ochiai(tests)
    for place, value in set_up(tests).items():
        found.setdefault(place, value)
    seen: dict[str, set[str]] = {path: set() for path in imported}
    for each in tests:
        for path in each.lines.keys() & seen.keys():
            seen[path].add(each.id)
    near = {path.rpartition("/")[0] for path, _ in found}
    tables = sorted((path for path in seen if not seen[path]), key=lambda each: each.rpartition("/")[0] not in near)
    for path in tables[:TABLES]:
        seen[path] = {each.id for each in tests}
    for path, those in seen.items():
        value = EARLY * shared(tests, those) if those else 0.0
        for line in imported[path] if value else ():
            found.setdefault((path, line - 1), value)
    return found


def set_up(tests: Sequence[Case]) -> dict[tuple[str, int], float]:
    """(relative path, 0-based line) → suspicion of what the statements of a script before the one that failed ran: they
    made what it asks. The more of them ran a line, the more often it did no harm."""
    if not all(each.id.isdecimal() for each in tests):
        return {}
    first = min((int(each.id) for each in tests if not each.ok), default=0)
    ran: dict[tuple[str, int], int] = {}
    for each in tests:
        for path, lines in each.lines.items() if int(each.id) < first else ():
            for line in lines:
                ran[path, line - 1] = ran.get((path, line - 1), 0) + 1
    return {place: EARLY / math.sqrt(many) for place, many in ran.items()}


def shared(tests: Sequence[Case], those: Collection[str]) -> float:
    """The suspicion of something that just ``those`` tests ran into."""
    failing = {each.id for each in tests if not each.ok}
    many = len(failing & set(those))
    return many / math.sqrt(len(failing) * len(those)) if failing and those else 0.0
