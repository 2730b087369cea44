"""Finds the edits after which the command really works: propose, lay over the copy, run again, judge, go on.

An edit is verified only by its own run: the command exits with 0, or (pytest) the failing test passes and no test
that passed before fails. An edit whose run gets further, to a different and later fault, is carried into the next
round; rounds stop when none gets further. Each round tries the most plausible edits first.

Invariant: the workspace itself is never written; every run is a fresh process over a fresh copy.
"""

from __future__ import annotations

import re
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from itertools import islice
from typing import TypeVar

from ..analyzers.findings import Evidence, Json
from .checks import imports_others, is_check
from .fault import Fault
from .guard import objection
from .learning.ranking import Ranking, as_built
from .observation import Observation
from .probe import Run
from .repair import Context, Draft, propose
from .workspace import Workspace, is_test

#: Faults in one file that are mended one after the other.
MAX_ROUNDS = 5
#: Runs of one round, and of one healing.
ROUND_RUNS = 14
TOTAL_RUNS = 40
#: Candidates that are run at the same time.
WIDTH = 2
#: Where nothing but a crash speaks, a change that is less likely than this to be meant is told as a guess.
GUESS = 0.75
#: … and where nothing but a compiler does, one that is less likely than this.
COMPILES = 0.45
#: … and one that is followed on, if it got further, before small changes of the program are tried.
LIKELY = 0.6
_CHECKS = re.compile(r"^[ \t]*(?:assert\b|self\.(?:assert|fail)|>>> )", re.MULTILINE)
#: Faults of which what failed behind them is no sign that the edit is wrong, if there is no better one.
PLAIN = frozenset({"syntax", "name"})
#: After a verified edit this many more are run, if they are about as plausible.
ALTERNATIVES = 2
#: A draft as plausible as this is run before a compiler's service is asked about the fault.
UNASKED = 0.9
#: Further errors of one compiler run that repairs are asked about.
OTHERS = 3
#: … and if a run is shorter than this (seconds).
CHEAP_RUN_S = 0.4


@dataclass(frozen=True, slots=True)
class State:
    """A point of the search: the texts changed so far, the run they gave, and how they came about."""

    texts: Mapping[str, str]
    run: Run
    drafts: tuple[Draft, ...] = ()
    solved: bool = False
    confidence: float | None = None  # where the search itself knows one
    evidence: tuple[Evidence, ...] = ()

    @property
    def prior(self) -> float:
        product = 1.0
        for draft in self.drafts:
            product *= draft.prior
        return product ** (1 / max(len(self.drafts), 1))

    @property
    def title(self) -> str:
        return "; ".join(dict.fromkeys(draft.title for draft in self.drafts))

    @property
    def repair(self) -> str:
        return "+".join(dict.fromkeys(draft.repair for draft in self.drafts))


Execute = Callable[[Workspace], Run]
#: Adds to a fault what a compiler's own service knows of it, seen over these texts.
Consult = Callable[[Workspace, Fault], tuple[Fault, Observation | None]]


def search(
    workspace: Workspace,
    first: Run,
    execute: Execute,
    *,
    deadline: float,
    clock: Callable[[], float] = time.monotonic,
    on_state: Callable[[State], None] | None = None,
    ranking: Ranking = as_built,
    on_trial: Callable[[Context, State, bool], None] | None = None,
    consult: Consult | None = None,
    width: int = WIDTH,
    excuse: Callable[[State], bool] | None = None,
    prepare: Callable[[Sequence[Workspace]], None] | None = None,
    start: Sequence[State] = (),
    follow: Callable[[State], bool] = lambda _: True,
) -> list[State]:
    """States worth reporting, best first: verified ones, then those that got further, then untried drafts.

    ``ranking`` orders the drafts of each fault. ``on_trial`` hears of every draft that was run, in their order: where
    it was made for, the state with it as its last draft, and whether it got past the fault. ``width`` candidates are
    run at the same time. ``consult`` is asked about the fault of a state before drafts are made for it. ``excuse`` says
    of a state whether the tests that fail behind it are shown to fail without the fault, too; else it is unsolved.
    ``prepare`` hears of the drafts of a round that are likely to be run once the first ones have won nothing. ``start``
    are states to go on from, if not from the beginning; ``follow`` says of one that got further whether to go on."""
    frontier, found = list(start) or [State({}, first)], list[State]()
    untried: list[State] = []
    doubtful: list[State] = []
    guesses: list[State] = []
    runs = 0
    for _ in range(MAX_ROUNDS):
        advanced: list[State] = []
        for state in frontier[:2]:
            solved_here, most = 0, ALTERNATIVES
            proposed = (
                (draft, context, _joined(state, draft))
                for draft, context in _drafts(workspace, state, ranking, consult)
            )
            if prepare is not None:
                proposed = _prepared(proposed, workspace, prepare, width)
            runs_ahead = ahead(proposed, lambda item: execute(workspace.with_texts(item[2].texts)), ROUND_RUNS, width)
            for position, ((draft, context, step), running) in enumerate(runs_ahead):
                best = next((each for each in found if each.solved), None)
                if best is not None and (solved_here > most or draft.prior < 0.6 * best.prior):
                    break
                if position >= ROUND_RUNS or runs >= TOTAL_RUNS or clock() >= deadline:
                    untried.append(step)
                    break
                runs += 1
                run = running()
                step = replace(step, run=run, solved=is_solved(first, run))
                further = _further(state.run, run)
                if step.solved and _leaves_failures(first, run):
                    doubtful.append(step)
                    step, further = replace(step, solved=False), True
                elif step.solved and (
                    any(each.guess for each in step.drafts)
                    or (_is_guess(step) and not witnessed(workspace, first, run))
                    or _only_compiles(first, step)
                ):
                    guesses.append(replace(step, solved=False, evidence=(*step.evidence, guess())))
                    step = replace(step, solved=False)
                if on_trial:
                    on_trial(context, step, further)
                if step.solved:
                    solved_here += 1
                    most = ALTERNATIVES if _cheap(run) or draft.prior < LIKELY else 0
                    found.append(step)
                    if on_state:
                        on_state(step)
                    if run.ok and not most:
                        break
                    if run.ok:
                        continue
                if further:
                    advanced.append(step)
                    if run.fault.category == "compile" and draft.prior >= UNASKED and not _cheap(run):
                        break
        if any(each.run.ok for each in found) or not advanced:
            found += [each for each in advanced if not each.solved]
            break
        found += [each for each in advanced if not each.solved]
        frontier = [each for each in onward(first, advanced) if follow(each)]
    if excuse and doubtful and first.fault.category in PLAIN and not any(each.solved for each in found):
        best = min(doubtful, key=lambda each: (len(each.run.failed), -each.prior))
        if excuse(best):
            found = [best, *(each for each in found if each.texts != best.texts)]
            if on_state:
                on_state(best)
    return ranked([*guesses, *found, *untried])


def onward(first: Run, states: Sequence[State]) -> list[State]:
    """The states from which a search goes on, those first that got furthest."""
    return sorted(states, key=lambda each: (not each.solved, -_depth(first.fault, each), -each.prior))


def is_likely_way(workspace: Workspace, state: State) -> bool:
    """Whether what failed behind an edit is likely a fault of its own: the edit is a plausible one, and it is not the
    line that it wrote that fails now."""
    fault, draft = state.run.fault, state.drafts[-1]
    if state.solved or draft.prior < LIKELY:
        return state.solved
    before = next((each.texts[fault.path] for each in state.drafts[-2::-1] if fault.path in each.texts), None)
    lines = (state.texts.get(fault.path) or workspace.text(fault.path) or "").split("\n")
    if not 0 <= fault.line < len(lines) or fault.path not in draft.texts:
        return True
    return lines[fault.line] in (before or workspace.text(fault.path) or "").split("\n")


_Proposed = tuple[Draft, Context, State]


def _prepared(
    proposed: Iterator[_Proposed], workspace: Workspace, prepare: Callable[[Sequence[Workspace]], None], width: int
) -> Iterator[_Proposed]:
    """The same drafts; when the first ones have won nothing, those after them are told all at once."""
    yield from islice(proposed, width)
    others = list(islice(proposed, ROUND_RUNS - width))
    prepare([workspace.with_texts(step.texts) for _, _, step in others])
    yield from others
    yield from proposed


Item = TypeVar("Item")
Result = TypeVar("Result")


def ahead(
    items: Iterator[Item], run: Callable[[Item], Result], most: int, width: int
) -> Iterator[tuple[Item, Callable[[], Result]]]:
    """Each item with what waits for its result; the next ones (``width`` in all, ``most`` at the end) are run
    meanwhile. What was begun and is not asked for runs to its end, unheard."""
    pool = ThreadPoolExecutor(width)
    waiting: deque[tuple[Item, Future[Result] | None]] = deque()
    begun = 0
    try:
        while True:
            while len(waiting) < width:
                try:
                    item = next(items)
                except StopIteration:
                    break
                begun += 1
                waiting.append((item, pool.submit(run, item) if begun <= most else None))
            if not waiting:
                return
            item, future = waiting.popleft()
            yield item, future.result if future is not None else lambda item=item: run(item)
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def ranked(states: list[State]) -> list[State]:
    """Verified first; of these the ones that leave fewer failures; then the more plausible, then the smaller edit."""
    return sorted(
        states,
        key=lambda each: (not each.solved, not each.run.ok, len(each.run.failed), -each.prior, len(each.drafts)),
    )


def _drafts(
    workspace: Workspace, state: State, ranking: Ranking, consult: Consult | None
) -> Iterator[tuple[Draft, Context]]:
    """Drafts for the fault of a state and for what it was raised from, most plausible first."""
    view = workspace.with_texts(state.texts)
    seen: set[tuple[tuple[str, str], ...]] = set()
    for draft, context in _proposed(view, state.run, ranking, consult):
        key = tuple(sorted(draft.texts.items()))
        changed = {name: text for name, text in draft.texts.items() if text != view.text(name)}
        if key in seen or not changed or objection(view, changed) or _edits_checks(view, state.run.fault, changed):
            continue
        seen.add(key)
        yield draft, context


def _proposed(view: Workspace, run: Run, ranking: Ranking, consult: Consult | None) -> Iterator[tuple[Draft, Context]]:
    """What repairs propose; before the compiler's service is asked, which takes as long as a run, the best draft of the
    first fault if it is a sure one."""
    if consult is not None:
        for context in islice(contexts(view, run), 1):
            best = sorted(propose(context.fault, context), key=lambda each: -each.prior)[:1]
            yield from ((draft, context) for draft in best if draft.prior >= UNASKED)
        fault, observed = consult(view, run.fault)
        run = replace(run, fault=fault, observed=run.observed or observed)
    for context in contexts(view, run):
        yield from ((draft, context) for draft in ranking(context, propose(context.fault, context)))


def contexts(workspace: Workspace, run: Run) -> Iterator[Context]:
    """Where repairs may look: at the innermost frame in the workspace, at further errors of the compiler, then at what
    the exception was raised from."""
    fault: Fault | None = run.fault
    observed = run.observed
    while fault is not None:
        text = workspace.text(fault.path) if fault.path else None
        if text is not None:
            yield Context(workspace, fault.path, text, fault, observed)
        for other in fault.others[:OTHERS]:
            text = workspace.text(other.path)
            if text is not None:
                yield Context(workspace, other.path, text, other)
        fault, observed = fault.cause, None


def _joined(state: State, draft: Draft) -> State:
    return State({**state.texts, **draft.texts}, state.run, (*state.drafts, draft))


def is_solved(before: Run, after: Run) -> bool:
    """Whether the run after an edit shows that the fault of the one before is gone, and nothing else is broken."""
    target = before.fault.tests[0] if before.fault.tests else ""
    if after.ok:
        # A run that no longer collects what it ran before, or leaves it out, has not repaired it.
        told = after.tests.get(target) != "skipped" and not (before.tests and not after.tests)
        return told and not lost(before, after) and not _left_out(target, before, after)
    if not target or not after.tests or _broke_off(after):
        return False
    passed = after.tests.get(target) == "passed" or (target not in after.tests and _collected(target, after))
    return passed and not lost(before, after)


def _left_out(target: str, before: Run, after: Run) -> bool:
    """Whether nothing is told of a test any more that failed: the program ended well before it was over, or before it
    began."""
    if target not in before.tests or not after.tests:
        return False
    name = target.partition("[")[0]
    return not any(each.partition("[")[0] == name or each.startswith(f"{name}::") for each in after.tests)


def _broke_off(after: Run) -> bool:
    """Whether a run that did not end well came to no end of its own, though no test says why: it crashed, or the test
    runner did."""
    return after.outcome.reason != "exit" or (after.cut_short and not after.failed)


def witnessed(workspace: Workspace, before: Run, after: Run) -> bool:
    """Whether anything but the crash judges an edit: tests, or assertions in a file that the failing run was in. A
    program that merely ends does not tell whether what it computes is what was meant; where its text is wrong (syntax,
    names) that is no question, unless the name was asked of None: then a value is missing."""
    fault = before.fault
    misspelt = fault.category in PLAIN and "'NoneType'" not in fault.message
    if fault.language != "python" or misspelt or before.tests or after.tests:
        return True
    if fault.exception == "AssertionError":
        return True
    names = dict.fromkeys([fault.path, *(frame.path for frame in fault.frames)])
    return any(is_test(name) or _CHECKS.search(workspace.text(name) or "") for name in names if name)


def _is_guess(step: State) -> bool:
    """Whether an edit is too unlikely, or too long a way, to be believed without a check."""
    return step.prior < GUESS or len(step.drafts) > 1


def _only_compiles(before: Run, step: State) -> bool:
    """Whether nothing but a compiler speaks for an edit, and one of its changes is too unlikely for that."""
    if before.fault.category != "compile" or step.run.passed:
        return False
    return min(draft.built_in if draft.built_in >= 0 else draft.prior for draft in step.drafts) < COMPILES


def _edits_checks(view: Workspace, fault: Fault, changed: Mapping[str, str]) -> bool:
    """Whether an edit changes what checks the code of the workspace: they are right about a value that it gave."""
    if fault.language != "python" or fault.category not in {"runtime", "type"}:
        return False
    for name in changed:
        text = view.text(name) or ""
        asserts = re.search(r"^assert\b", text, re.MULTILINE) is not None
        if is_check(view, name) or (asserts and imports_others(view, name, text)):
            return True
    return False


def guess() -> Evidence:
    """What is told of an edit that nothing but the end of the crash speaks for."""
    told = "the program comes to its end; nothing checks what it computes, so this is a guess"
    return Evidence("counted", told, {"metric": "checks", "value": 0, "threshold": None})


def _leaves_failures(before: Run, after: Run) -> bool:
    """Whether tests fail still that failed at the same place, or that could not be run before: nobody knows whether
    they would without the edit."""
    if before.alike & after.failed:
        return True
    if before.fault.category == "syntax" and before.failed & after.failed:
        return True  # the error hid what they do
    files = tuple(f"{name}::" for name in before.failed if "::" not in name)
    return bool(files) and any(name.startswith(files) for name in after.failed)


def lost(before: Run, after: Run) -> frozenset[str]:
    """Tests that passed before and do not any more, of those that were to be run."""
    passed = before.passed if after.selected is None else before.passed & after.selected
    return passed - after.passed


def _collected(target: str, after: Run) -> bool:
    """A file that could not be collected before counts as mended if some of its tests pass and none fails."""
    inside = [outcome for name, outcome in after.tests.items() if name.startswith(f"{target}::")]
    return bool(inside) and "passed" in inside and "failed" not in inside


def _further(before: Run, after: Run) -> bool:
    """Whether a run got past the fault of the one before, to a different and later one."""
    if after.ok or after.outcome.reason != "exit":
        return False
    if lost(before, after):
        return False
    if after.selected is not None:
        return bool(before.failed & after.passed) or later(before.fault, after.fault)
    if before.tests and after.tests and len(after.failed) < len(before.failed):
        return True
    return later(before.fault, after.fault)


def later(old: Fault, new: Fault) -> bool:
    """Whether ``new`` lies behind ``old`` on the program's way: compile errors come before all others, then the
    first differing line of the calls decides, then the column. Of two runs of a compiler that checks the whole program
    the one that reached a later stage got further, then the one with fewer errors."""
    if old.category == "compile" and new.category == "compile":
        before, after = stage(old), stage(new)
        return after > before if after != before else len(new.others) < len(old.others)
    if new.same_as(old):
        return new.column > old.column >= 0
    if (old.category == "syntax") != (new.category == "syntax"):
        return old.category == "syntax"
    if old.category == "syntax":
        return new.path != old.path or new.line > old.line
    for a, b in zip(old.frames, new.frames, strict=False):
        if (a.path, a.function) != (b.path, b.function):
            return True
        if a.line != b.line:
            return b.line > a.line
    if len(new.frames) != len(old.frames):
        return True
    return (new.exception, new.message) != (old.exception, old.message) and (
        new.column >= old.column or new.exception == "AssertionError"
    )


#: The stage at which ``rustc`` looks at what is borrowed, moved and set.
BORROWED = 2
#: Errors of ``rustc`` that it reports before it looks at types, and after: names and paths; what is borrowed and moved.
_NAMES = re.compile(r"E04(?:0[1-57-9]|1[1-6]|2[2-9]|3[0-7])|E0531|E0574")
_BORROWS = re.compile(r"E038[1-4]|E0499|E050[0-9]|E0515|E052[01]|E059[4-8]|E071[2-6]|E0373|E0700")


def stage(fault: Fault) -> int:
    """How far a compiler came before it gave up: its earliest stage that has an error. Only ``rustc`` says so."""
    if fault.language != "rust":
        return 0
    codes = [each.code for each in (fault, *fault.others) if each.code]
    return min((0 if _NAMES.match(code) else BORROWED if _BORROWS.match(code) else 1 for code in codes), default=0)


def _cheap(run: Run) -> bool:
    return run.outcome.seconds < CHEAP_RUN_S


def _depth(first: Fault, state: State) -> int:
    """How far a state got, roughly: the line of the outermost call, then that of the fault; for a compiler that checks
    the whole program, how few errors are left."""
    fault = state.run.fault
    if fault.category == "compile":
        return 10_000 - len(fault.others)
    outer = fault.frames[0].line if fault.frames else fault.line
    return 10_000 * (fault.category != "syntax") + max(outer, 0) + (first.category != fault.category)


def tests_evidence(command: Sequence[str], failed: int, after: Run, tests: Sequence[str]) -> Evidence:
    """``3 failed → 0 failed, 14 passed, 0.4 s``: so many tests failed before, and how a run ended after it. ``tests``
    are the ids of those that failed."""
    left, passed, seconds = len(after.failed), len(after.passed), round(after.outcome.seconds, 2)
    data: dict[str, Json] = {
        "command": list(command),
        "failed_before": failed,
        "failed_after": left,
        "passed_after": passed,
        "tests": list(tests),
        "seconds": seconds,
        "sandbox": after.outcome.backend,
    }
    return Evidence("tested", f"{failed} failed → {left} failed, {passed} passed, {seconds:.1f} s", data)


def evidence_of(command: tuple[str, ...], before: Run, after: Run) -> Evidence:
    """What the run showed, with what is needed to run it again."""
    seconds, backend = round(after.outcome.seconds, 2), after.outcome.backend
    if before.tests or (after.tests and before.fault.category != "hang"):
        return tests_evidence(command, len(before.failed), after, before.fault.tests)
    shown = " ".join(command)
    return Evidence(
        "ran",
        f"{shown if len(shown) <= 60 else shown[:57] + '…'}: exit {before.status} → {after.status}, {seconds:.1f} s",
        {
            "command": list(command),
            "before": before.status,
            "after": after.status,
            "seconds": seconds,
            "sandbox": backend,
        },
    )
