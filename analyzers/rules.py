"""What a reviewer's rule is: one file, with its documentation, its metadata and one function.

A rule file defines ``RULE = Rule(…)``. Its module docstring is its documentation, in these sections::

    What it does / Why is this bad / Example / Use instead / References

Its fixtures are ``tests/rules/<reviewer>/<rule>.py``: lines marked ``# bad: <rule>`` must be reported, lines marked
``# ok: <rule>`` must not; both kinds must be there.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from .errors import SutureError
from .findings import Finding, Reviewer, Severity
from .source import read_source

if TYPE_CHECKING:
    from .syntax import Unit

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule over one unit (a top-level definition, a method, or the loose statements of a module or class).

    ``check`` is pure: it sees the unit and the module's facts, does no I/O and keeps no state, so that its findings
    can be memoised by the unit's text. Its findings' ranges are relative to the file as given by the unit. It is asked
    only about units for which ``where`` holds, which is asked once for all rules that share it, and, if there are
    ``words``, only about those that say one of them (:meth:`.syntax.Unit.says`): parts of words, none with a dot."""

    name: str
    reviewer: Reviewer
    kind: str
    summary: str
    severity: Severity
    check: Callable[[Unit], Iterator[Finding]]
    cwe: tuple[int, ...] = ()
    since: str = "0.1.0"
    where: Callable[[Unit], bool] | None = None
    words: tuple[bytes, ...] = ()


@dataclass(frozen=True, slots=True)
class Reach:
    """On what the findings of a rule over all files depend, where that is less than all of them.

    ``begins``: does it begin at a file, by its extract? ``read``: the paths whose texts its last ``check`` of these
    extracts looked at, all at which it begins among them. It finds the same again as long as there are the same
    files, it begins at the same ones, and what it read is as it was. ``lean``: the extract of a file that is on the
    disk, without what can be read there."""

    begins: Callable[[object], bool]
    read: Callable[[Mapping[str, object]], Collection[str]]
    lean: Callable[[object], object]


@dataclass(frozen=True, slots=True)
class ProgramRule:
    """A rule over all files of a review at once (import cycles). A rule file defines it as ``PROGRAM_RULE``.

    ``extract`` is what it needs to know of one file (path, text); it runs where the file is reviewed and its result
    is pickled, and kept as JSON (:mod:`.plain`). ``check`` gets the extracts of all files by path, and yields findings
    in any of them. Rules of a ``group`` have one ``extract``, and share the work of ``check``: they are asked in one
    process, one after the other. ``each`` is ``check`` for a rule that tells many places of one cause as one finding:
    it tells every place by itself, so that a new one among old ones is seen."""

    name: str
    reviewer: Reviewer
    kind: str
    summary: str
    severity: Severity
    extract: Callable[[str, str], object]
    check: Callable[[Mapping[str, object]], Iterator[Finding]]
    cwe: tuple[int, ...] = ()
    since: str = "0.1.0"
    group: str = ""
    reach: Reach | None = None
    each: Callable[[Mapping[str, object]], Iterator[Finding]] | None = None


def extracts_of(rules: Sequence[ProgramRule], path: Path, text: str) -> dict[str, object]:
    """What each whole-program rule needs to know of a file, by rule; a rule that fails on it goes without."""
    found: dict[str, object] = {}
    for rule in rules:
        try:
            found[rule.name] = rule.extract(path.as_posix(), text)
        except Exception:  # one rule must not cost the file its review
            log.exception("rule %s failed on %s", rule.name, path)
    return found


def extracts_on_disk(rules: Sequence[ProgramRule], path: Path) -> dict[str, object]:
    """The same of a file as it is on the disk; nothing of one that cannot be read."""
    try:
        return extracts_of(rules, path, read_source(path).text)
    except SutureError:
        return {}
