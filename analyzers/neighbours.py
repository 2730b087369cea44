"""What the other files of a workspace say, for rules over all files while one of them is being edited.

A process that lives long keeps a :class:`Neighbours` for each root. It learns the files a little at a time
(:meth:`Neighbours.learn`), and then only those that changed.

Invariant: until every file is known nothing is said of the others: a rule that asks for the only class with a field, or
the only function that changes a variable, must not be answered from half of the files.
Invariant: nothing of the workspace runs; a file that cannot be read or understood is left out.
Security is not asked: flows of untrusted values over a whole program cost too much for a pause in typing.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from .files import python_files
from .findings import Finding
from .rules import ProgramRule, extracts_on_disk

#: With more files than this a workspace is reviewed by the command, not while typing.
MOST_FILES = 3000

#: (modified ns, size, inode) of a file: enough for what is looked at again at the next save.
Stamp = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class _Known:
    stamp: Stamp
    extracts: Mapping[str, object]  # by rule


class Neighbours:
    """The files below one root, and what ``rules`` (over all files) know of them. Not thread-safe."""

    def __init__(self, root: Path, rules: Iterable[ProgramRule]) -> None:
        self.root = root
        self._rules = [rule for rule in rules if rule.reviewer != "security"]
        self.complete = False
        self.too_many = False
        self._known: dict[str, _Known] = {}

    def learn(self, budget_s: float, stop: Callable[[], bool] = lambda: False) -> bool:
        """Look at files that are new or changed for about ``budget_s`` seconds (at least at one); is all known?"""
        deadline = time.monotonic() + budget_s
        stamps: dict[str, Stamp] = {}
        for found in python_files([self.root]):
            stamp = _stamp(found.path)
            if stamp is not None and not found.error:
                stamps[found.path.as_posix()] = stamp
            if len(stamps) > MOST_FILES:
                self.complete, self.too_many = False, True
                self._known.clear()
                return True
        self.too_many = False
        self._known = {name: known for name, known in self._known.items() if name in stamps}
        for name, stamp in stamps.items():
            known = self._known.get(name)
            if known is not None and known.stamp == stamp:
                continue
            self._known[name] = _Known(stamp, extracts_on_disk(self._rules, Path(name)))
            if time.monotonic() > deadline or stop():
                break
        self.complete = all(name in self._known and self._known[name].stamp == stamp for name, stamp in stamps.items())
        return self.complete

    def asks(self, rule: ProgramRule) -> bool:
        """Can this rule be answered from all files?"""
        return self.complete and rule in self._rules

    def check(self, rule: ProgramRule, name: str, extract: object) -> list[Finding]:
        """What a rule finds in the file ``name``, of which ``extract`` is known rather than what is on the disk."""
        files = {each: known.extracts[rule.name] for each, known in self._known.items() if rule.name in known.extracts}
        return [each for each in rule.check({**files, name: extract}) if each.path == name]


def _stamp(path: Path) -> Stamp | None:
    try:
        about = os.stat(path)
    except OSError:
        return None
    return about.st_mtime_ns, about.st_size, about.st_ino
