"""A review whose performance findings were measured: which functions to measure, and several at a time.

Invariant: every review comes out again, in its order. What could not be measured leaves its findings as they were,
and the review's notes say how many functions that were, and why.
"""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from queue import SimpleQueue
from typing import TYPE_CHECKING

from tree_sitter import Node

from ..consensus import consensus
from ..errors import SutureError
from ..findings import REVIEWERS, Finding, Reviewer
from ..fuzzing.project import find_root
from ..fuzzing.targets import definition, targets_in
from ..sandbox.interface import CancelCheck, Sandbox
from ..source import LineIndex, read_source
from ..suppress import suppress
from ..syntax import parse
from .api import measure_growth
from .judging import unsettled, with_growth
from .kinds import MEASURABLE
from .values import Growth

if TYPE_CHECKING:
    from ..review import FileReview

#: Seconds for one function.
EACH_S = 3.0
#: Reviews that are ahead of the one that is waited for.
_AHEAD = 4

_LOOPS = frozenset(
    (
        *("for_statement", "while_statement", "list_comprehension", "set_comprehension", "dictionary_comprehension"),
        "generator_expression",
    )
)
#: Functions that go through what they are given with an operation that may cost more than a step.
_FOLDS = frozenset((b"sum", b"reduce"))


@dataclass(frozen=True, slots=True)
class Candidate:
    """A function worth measuring. Lines are 1-based, decorators included. ``told``: a finding speaks of it."""

    name: str
    first: int
    last: int
    told: bool


def candidates(text: str, findings: Sequence[Finding]) -> tuple[Candidate, ...]:
    """The functions and methods with a loop, a recursion or a finding about growth, those with findings first."""
    module = parse(text.encode("utf-8", "surrogatepass")).root_node
    lines = [each.range.line + 1 for each in findings if each.reviewer == "performance" and each.kind in MEASURABLE]
    found: list[Candidate] = []
    for target in targets_in(module):
        whole = definition(module, target.name)
        if target.kind == "class" or whole is None:
            continue
        first, last = whole.start_point.row + 1, whole.end_point.row + 1
        told = any(first <= line <= last for line in lines)
        if told or _may_grow(whole, target.name.rpartition(".")[2].encode()):
            found.append(Candidate(target.name, first, last, told))
    return tuple(sorted(found, key=lambda each: (not each.told, each.first)))


def _may_grow(node: Node, name: bytes) -> bool:
    """Whether there is a loop in it, or a call of the function itself."""
    waiting = [node]
    while waiting:
        each = waiting.pop()
        if each.type in _LOOPS:
            return True
        if each.type == "call":
            called = each.child_by_field_name("function")
            last = (called.text or b"").rpartition(b".")[2] if called is not None else b""
            if last == name or last in _FOLDS:
                return True
        waiting += each.children
    return False


def measured_reviews(
    reviews: Iterable[FileReview],
    *,
    reviewers: Sequence[Reviewer] = REVIEWERS,
    jobs: int = 1,
    budget_s: float = EACH_S,
    sandbox: Callable[[], Sandbox] | None = None,
    cancel: CancelCheck | None = None,
) -> Iterator[FileReview]:
    """The reviews, with every function measured that is worth it; ``jobs`` functions at a time, each in a sandbox of
    its own. Raises Unavailable where no code can be run."""
    if "performance" not in reviewers:
        yield from reviews
        return
    with _Measurers(max(jobs, 1), sandbox, budget_s, cancel) as pool:
        waiting: list[tuple[FileReview, str, list[Future[Growth]]]] = []
        for review in reviews:
            waiting.append((review, *_begin(review, pool)))
            while waiting and (len(waiting) > _AHEAD * jobs or all(each.done() for each in waiting[0][2])):
                yield _finished(*waiting.pop(0), reviewers)
        while waiting:
            yield _finished(*waiting.pop(0), reviewers)


def _begin(review: FileReview, pool: _Measurers) -> tuple[str, list[Future[Growth]]]:
    if review.error:
        return "", []
    try:
        text = read_source(review.path).text
    except SutureError:
        return "", []
    return text, [pool.submit(review.path, each) for each in candidates(text, review.findings)]


def _finished(
    review: FileReview, text: str, futures: Sequence[Future[Growth]], reviewers: Sequence[Reviewer]
) -> FileReview:
    growths = [each.result() for each in futures]
    if not growths:
        return review
    findings = judged_findings(review.findings, growths, text)
    return replace(
        review,
        findings=findings,
        verdict=consensus(findings, reviewers),
        notes=(*review.notes, *_notes(growths, unsettled(review.findings, growths))),
        lines={**review.lines, **_lines(findings, text)},
    )


def judged_findings(findings: Sequence[Finding], growths: Sequence[Growth], text: str) -> tuple[Finding, ...]:
    """:func:`~.judging.with_growth`, where comments in the text may suppress what is new."""
    judged = with_growth(findings, growths)
    known = {(each.rule, each.range) for each in findings}
    new = [each for each in judged if (each.rule, each.range) not in known]
    if new:
        known |= {(each.rule, each.range) for each in suppress(new, text)}
    return tuple(each for each in judged if (each.rule, each.range) in known)


def _lines(findings: Sequence[Finding], text: str) -> dict[int, str]:
    index = LineIndex(text)
    return {each.range.line: index.line(each.range.line) for each in findings if each.kind in MEASURABLE}


def _notes(growths: Sequence[Growth], empty: Sequence[Finding]) -> tuple[str, ...]:
    reasons = Counter(each.reason for each in growths if each.status != "measured")
    lines = ", ".join(str(each.range.line + 1) for each in empty)
    left = f"not measurable on the inputs made up, what is searched, copied or gone through stayed short: line {lines}"
    short = (left,) if empty else ()
    if not reasons:
        return short
    reason, count = reasons.most_common(1)[0]
    others = sum(reasons.values())
    told = f"growth of {others} of {len(growths)} functions was not measured"
    return (f"{told}: {reason}" + (f" ({count} of them), …" if others > count else ""), *short)


class _Measurers:
    """Threads, each with a sandbox of its own: a measurement is mostly waiting for another process."""

    def __init__(
        self, jobs: int, sandbox: Callable[[], Sandbox] | None, budget_s: float, cancel: CancelCheck | None
    ) -> None:
        from ..sandbox import open_sandbox

        self._open = sandbox or open_sandbox
        self._budget_s, self._cancel = budget_s, cancel
        self._free: SimpleQueue[Sandbox] = SimpleQueue()
        self._opened: list[Sandbox] = []
        for _ in range(jobs):
            self._opened.append(self._open())
            self._free.put(self._opened[-1])
        self._threads = ThreadPoolExecutor(jobs, thread_name_prefix="suture-growth")
        self._stopped = False

    def __enter__(self) -> _Measurers:
        return self

    def __exit__(self, *_: object) -> None:
        self._stopped = True
        self._threads.shutdown(wait=True, cancel_futures=True)
        for each in self._opened:
            with contextlib.suppress(SutureError, OSError):
                each.close()

    def submit(self, path: Path, candidate: Candidate) -> Future[Growth]:
        return self._threads.submit(self._measure, path, candidate)

    def _measure(self, path: Path, candidate: Candidate) -> Growth:
        sandbox = self._free.get()
        try:
            return measure_growth(
                find_root(path),
                path,
                candidate.name,
                sandbox=sandbox,
                budget_s=self._budget_s,
                cancel=lambda: self._stopped or (self._cancel is not None and self._cancel()),
            )
        except SutureError as error:
            return Growth("environment", str(error), name=candidate.name, path=str(path))
        finally:
            self._free.put(sandbox)
