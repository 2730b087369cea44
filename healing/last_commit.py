"""What changed since the last commit, as a hint where a fault is, and as the last thing to offer.

Lines that differ from the commit are more suspicious than others of the same weight: what fails was changed lately
more often than not. Single small changes are put back beside the search for a repair. Where that mends the fault it is
known to lie in them; it is offered only where no repair helps, since it takes away work of the person, as the title
says.

Invariant: nothing here is known of a folder that is in no repository, and git is asked as :mod:`..analyzers.revisions`
asks it; the folder is a trusted one, since a command of it is run.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import islice

from ..analyzers.errors import SutureError
from ..analyzers.revisions import changed_files, revision
from ..analyzers.source import line_starts, same_ends
from .guard import objection
from .probe import Run
from .repair import Draft
from .verify import State, guess, is_solved, witnessed
from .workspace import Workspace, is_test

REPAIR = "last-commit"
#: Lines of one change that is put back, changes that are tried, and changed files that are looked at.
LINES, TRIED, FILES = 8, 6, 40
#: Lines, old and new, between the first and the last that differ, of a file that is compared.
MOST = 4000
#: Seconds that repairs are sought still once a change is known that can be put back.
GRACE_S = 6.0
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
        files = list(islice(changed_files(since, [workspace.root], fresh=False), FILES))
    except (SutureError, OSError):
        return []
    found: list[Hunk] = []
    for each in files:
        name = workspace.relative(each.path)
        text = workspace.text(name) if name is not None else None
        if name is not None and text is not None and each.before is not None:
            found += hunks(name, each.before, text)
    return found


def hunks(path: str, before: str, after: str) -> Iterator[Hunk]:
    """What differs; nothing where that is too much to compare."""
    old, new = _lines(before), _lines(after)
    first, last = same_ends(old, new)
    old_part, new_part = old[first : len(old) - last], new[first : len(new) - last]
    if len(old_part) + len(new_part) > MOST:
        return
    for kind, low, high, start, end in SequenceMatcher(None, old_part, new_part).get_opcodes():
        if kind != "equal":
            yield Hunk(path, first + start, first + end, tuple(old_part[low:high]))


def _lines(text: str) -> list[str]:
    """The lines as an interpreter counts them, with their ends: a form feed ends none."""
    starts = line_starts(text)
    return [text[start:end] for start, end in zip(starts, [*starts[1:], len(text)], strict=True) if start < end]


def suspected(
    found: list[Hunk], suspicion: Mapping[tuple[str, int], float], *, only: bool = False
) -> dict[tuple[str, int], float]:
    """The suspicion, doubled on lines that were changed, and beside those that are gone; ``only`` that of these."""
    lately = {
        (each.path, line)
        for each in found
        for line in range(each.start - (each.start == each.end), each.end + (each.start == each.end))
    }
    return {
        place: value * (2 if place in lately else 1)
        for place, value in suspicion.items()
        if place in lately or not only
    }


class Beside:
    """Changes that are put back while repairs are sought (:func:`put_back`). Once one is known without which the fault
    is gone, the fault lies in what it changed, and there is something to offer: the search goes on for a while only."""

    def __init__(
        self,
        pool: Executor,
        workspace: Workspace,
        first: Run,
        execute: Callable[[Workspace], Run],
        clock: Callable[[], float],
        deadline: float,
    ) -> None:
        self._clock, self._at = clock, math.inf
        self.hunks: list[Hunk] = []

        def find() -> list[State]:
            self.hunks = changed(workspace) if first.fault.language == "python" else []
            found = put_back(workspace, first, execute, self.hunks, lambda: clock() < deadline)
            if any(each.solved for each in found):
                self._at = clock()
            return found

        self._found = pool.submit(find)

    def clock(self) -> float:
        """The time as it is for a search of repairs: endless, once it went on for long enough."""
        now = self._clock()
        return math.inf if now > self._at + GRACE_S else now

    def found(self) -> list[State]:
        """What was found, at most one; waits for it."""
        return self._found.result()

    def known(self) -> bool:
        """Whether the fault is gone without a change that was made since; waits for it."""
        return any(each.solved for each in self.found())

    def weigh(self, suspicion: Mapping[tuple[str, int], float]) -> dict[tuple[str, int], float]:
        """The suspicion of lines, with what is known of the changes; waits for it."""
        return suspected(self.hunks, suspicion, only=self.known())

    def failing(self) -> frozenset[str]:
        """Tests that fail although the change is put back: they do without the fault."""
        return frozenset(name for each in self.found() if each.solved for name in each.run.failed)


def put_back(
    workspace: Workspace,
    first: Run,
    execute: Callable[[Workspace], Run],
    found: list[Hunk],
    on_time: Callable[[], bool] = lambda: True,
) -> list[State]:
    """The first small change since the last commit without which the fault is gone; those in files that the fault's
    calls went through come first. Nothing for a fault of another language; a guess where only a crash speaks."""
    if first.fault.language != "python":
        return []
    known = {first.fault.path, *(each.path for each in first.fault.frames)}
    small = [each for each in found if max(each.end - each.start, len(each.before)) <= LINES and not is_test(each.path)]
    for each in sorted(small, key=lambda each: each.path not in known)[:TRIED]:
        lines = _lines(workspace.text(each.path) or "")
        texts = {each.path: "".join([*lines[: each.start], *each.before, *lines[each.end :]])}
        if objection(workspace, texts):
            continue
        if not on_time():
            break
        run = execute(workspace.with_texts(texts))
        if is_solved(first, run):
            many = each.end - each.start > 1
            place = f"lines {each.start + 1} to {each.end}" if many else f"line {each.start + 1}"
            title = f"Put {place} of {each.path} back as {'they were' if many else 'it was'} in the last commit"
            sure = witnessed(workspace, first, run)
            draft = Draft(title, texts, SURE, REPAIR)
            return [State(texts, run, (draft,), sure, confidence=SURE, evidence=() if sure else (guess(),))]
    return []
