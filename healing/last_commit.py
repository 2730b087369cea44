"""What changed since the last commit, as a hint where a fault is, and as the last thing to try.

Lines that differ from the commit are more suspicious than others of the same weight: what fails was changed lately
more often than not. Where nothing else helps, single changes are put back, which the title says: it takes away work of
the person, so it comes after every repair, and only for small changes.

Invariant: nothing here is known of a folder that is in no repository, and git is asked as :mod:`..analyzers.revisions`
asks it; the folder is a trusted one, since a command of it is run.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher

from ..analyzers.errors import SutureError
from ..analyzers.revisions import changed_files, revision
from .guard import objection
from .probe import Run
from .repair import Draft
from .verify import State, is_solved
from .workspace import Workspace, is_test

REPAIR = "last-commit"
#: Lines of one change that is put back, changes that are tried, and changed files that are looked at.
LINES, TRIED, FILES = 8, 6, 40
#: How sure a change is that was put back: the program works again, without what the change was for.
SURE = 0.3


@dataclass(frozen=True, slots=True)
class Hunk:
    """Lines ``start`` to ``end`` (0-based, end excluded) of a file that were ``before`` in the last commit."""

    path: str
    start: int
    end: int
    before: tuple[str, ...]


def changed(workspace: Workspace) -> list[Hunk]:
    """The places of the workspace's Python files that differ from the last commit; empty outside of a repository."""
    try:
        since = revision(workspace.root, "HEAD")
        files = list(changed_files(since, [workspace.root]))
    except (SutureError, OSError):
        return []
    found: list[Hunk] = []
    for each in files[:FILES]:
        name = workspace.relative(each.path)
        text = workspace.text(name) if name is not None else None
        if name is not None and text is not None and each.before is not None:
            found += hunks(name, each.before, text)
    return found


def hunks(path: str, before: str, after: str) -> Iterator[Hunk]:
    old, new = before.splitlines(keepends=True), after.splitlines(keepends=True)
    for kind, low, high, start, end in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind != "equal":
            yield Hunk(path, start, end, tuple(old[low:high]))


def suspected(found: list[Hunk], suspicion: Mapping[tuple[str, int], float]) -> dict[tuple[str, int], float]:
    """The suspicion, doubled on lines that were changed, and beside those that are gone."""
    lately = {
        (each.path, line)
        for each in found
        for line in range(each.start - (each.start == each.end), each.end + (each.start == each.end))
    }
    return {place: value * (2 if place in lately else 1) for place, value in suspicion.items()}


def put_back(workspace: Workspace, first: Run, execute: Callable[[Workspace], Run], found: list[Hunk]) -> list[State]:
    """The first small change since the last commit without which the fault is gone; those in files that the fault's
    calls went through come first."""
    known = {first.fault.path, *(each.path for each in first.fault.frames)}
    small = [each for each in found if max(each.end - each.start, len(each.before)) <= LINES and not is_test(each.path)]
    for each in sorted(small, key=lambda each: each.path not in known)[:TRIED]:
        lines = (workspace.text(each.path) or "").splitlines(keepends=True)
        texts = {each.path: "".join([*lines[: each.start], *each.before, *lines[each.end :]])}
        if objection(workspace, texts):
            continue
        run = execute(workspace.with_texts(texts))
        if is_solved(first, run):
            title = f"Put line {each.start + 1} of {each.path} back as it was in the last commit"
            return [State(texts, run, (Draft(title, texts, SURE, REPAIR),), solved=True, confidence=SURE)]
    return []
