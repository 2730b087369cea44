"""What a repair is: one file under ``repairs/`` that proposes edits for a fault.

A repair file defines ``REPAIR = Repair(…)``; those for other languages than Python lie in a folder for each
language. Its module docstring is its documentation, in these sections::

    What it does / Example / Use instead / When it stays silent

Its fixtures are ``tests/repairs/<repair>/bad_*.txt`` (its best edit gives the text that is shown) and ``ok_*.txt``
(it proposes nothing); both kinds must be there.

Invariant: a repair is pure. It sees the fault and a read-only context, starts nothing, and never proposes to delete a
test, skip one, or catch an exception broadly; whether its proposal is right is for :mod:`.verify` to find out.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache, cached_property

from ..analyzers.plugins import discover
from ..analyzers.source import LineIndex
from .fault import Fault
from .grammar import Grammar, Splice, splice
from .observation import Observation
from .workspace import Workspace

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Draft:
    """A proposed change, not yet run. ``texts`` maps relative paths to whole new texts; ``prior`` (0 to 1) says how
    likely it is to be what the author meant, before anything was run. ``partial`` drafts leave a later error.
    ``built_in`` is the repair's own prior where :mod:`.learning` changed it, else -1. A ``guess`` may pass checks for a
    reason that has nothing to do with the fault, and is not verified by them."""

    title: str
    texts: Mapping[str, str]
    prior: float
    repair: str = ""
    partial: bool = False
    built_in: float = -1.0
    guess: bool = False


@dataclass(frozen=True)
class Context:
    """What a repair may look at: the workspace, and the file that the fault is in."""

    workspace: Workspace
    name: str
    text: str
    fault: Fault
    observed: Observation | None = None
    whole: bool = False

    @cached_property
    def lines(self) -> LineIndex:
        return LineIndex(self.text)

    @cached_property
    def grammar(self) -> Grammar:
        return Grammar(self.text, self.fault.line, self.whole)

    @cached_property
    def offset(self) -> int:
        """Offset of the fault, at the start of its line where the column is unknown."""
        return self.lines.offset(max(self.fault.line, 0), max(self.fault.column, 0))

    def edit(self, title: str, splices: Iterable[Splice], prior: float) -> Draft:
        """A draft that changes the file of the fault."""
        return Draft(title, {self.name: splice(self.text, tuple(splices))}, prior)

    def parsing(self, changes: Iterable[tuple[str, tuple[Splice, ...], float]], most: int = 12) -> Iterator[Draft]:
        """Of (title, splices, prior) those after which the file parses; if none does, those that move the first
        error further down, marked partial."""
        seen: set[str] = set()
        partial: list[Draft] = []
        count = 0
        for title, splices, prior in sorted(changes, key=lambda item: -item[2]):
            verdict = self.grammar.check(splices)
            if not verdict.ok and verdict.line <= max(self.fault.line, *(self._last_line(each) for each in splices)):
                continue
            text = splice(self.text, splices)
            if text in seen or text == self.text:
                continue
            seen.add(text)
            draft = Draft(title, {self.name: text}, prior * 0.5 ** min(verdict.warnings, 2))
            if not verdict.ok:
                partial.append(replace(draft, prior=prior * 0.5, partial=True))
            elif self.grammar.confirm(splices):
                count += 1
                yield draft
                if count >= most:
                    return
        if not count:
            yield from partial[:3]

    def _last_line(self, each: Splice) -> int:
        return self.lines.position(each[1])[0]


@dataclass(frozen=True, slots=True)
class Repair:
    """``propose`` yields drafts in any order; an early return for faults that are not its business is the norm. It is
    asked about faults of its ``languages`` only (none named: of all)."""

    name: str
    summary: str
    propose: Callable[[Fault, Context], Iterator[Draft]]
    since: str = "0.1.0"
    languages: tuple[str, ...] = ("python",)


@cache
def repairs() -> tuple[Repair, ...]:
    """All repairs, built-in ones first."""
    return tuple(discover(f"{__package__}.repairs", "REPAIR", Repair, "suture.repairs", subpackages=True))


def propose(fault: Fault, context: Context) -> list[Draft]:
    """The drafts of all repairs, most plausible first; of equal texts the most plausible one."""
    best: dict[tuple[tuple[str, str], ...], Draft] = {}
    for repair in repairs():
        if repair.languages and fault.language not in repair.languages:
            continue
        for draft in _drafts_of(repair, fault, context):
            key = tuple(sorted(draft.texts.items()))
            if key not in best or best[key].prior < draft.prior:
                best[key] = replace(draft, repair=repair.name)
    whole = [draft for draft in best.values() if not draft.partial]
    if fault.category == "syntax" and fault.language == "python" and not whole and not context.whole:
        # The definition that holds the fault may have been cut out too tightly.
        return propose(fault, replace(context, whole=True))
    return sorted(whole or best.values(), key=lambda draft: (-draft.prior, _size(draft, context), draft.title))


def _drafts_of(repair: Repair, fault: Fault, context: Context) -> Iterator[Draft]:
    """What a repair proposes. One that breaks is told in the log, and leaves the place to the others."""
    try:
        yield from repair.propose(fault, context)
    except Exception:  # noqa: BLE001 - user templates and plug-ins are among them
        _LOG.exception("the repair %s broke on %s: %s", repair.name, fault.exception, fault.message[:100])


def _size(draft: Draft, context: Context) -> int:
    return sum(abs(len(text) - len(context.workspace.text(name) or "")) for name, text in draft.texts.items())
