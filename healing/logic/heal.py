"""From a failing test without an exception of its own to the change that is meant.

Trace, localise, mutate, try, choose, and then run the real command over the few that are left. Where no single change
makes all tests pass, the one that wins most tests and loses none is kept, and the search goes on from there: two faults
need two changes.

Invariant: only the real command, in a process of its own, verifies a change. One that other changes contradict, so that
the tests do not say which of them is meant, is told as a guess, not offered as verified; so is the second of two
changes that wins nothing without the first: two faults are seen apart, and one that was mended wrongly can be patched.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from ...analyzers.findings import Evidence
from ...analyzers.sandbox.interface import CancelCheck, Sandbox
from ..fault import Fault
from ..guard import objection
from ..probe import Run
from ..repair import Draft
from ..verify import PLAIN, WIDTH, State, ahead, is_solved, witnessed
from ..workspace import Workspace
from .choice import Choice, choose
from .mutations import Placed, mutations
from .spectrum import Case, suspicious
from .tree import looping
from .trial import Program, Traced, Tried, attempt, trace

REPAIR, SYNTHESIS = "logic", "synthesis"
_CHECK = re.compile(r"\s*(?:assert\b|self\.(?:assert|fail))")
#: A survivor with less confidence than this is a guess; with more, if only one test runs the line.
SURE, SURE_OF_ONE = 0.34, 0.5
#: The same if so many tests run it that hardly anything passes them all by accident.
MANY, SURE_OF_MANY = 20, 0.22
#: The least for an expression or a statement that was put together from whatever is in scope.
SURE_OF_ANY = 0.42
#: The share of the weight that may answer something else to some input.
CONTRADICTED = 0.3
#: Survivors that the real command is run over, and changes that are made one after the other.
CONFIRMED, ROUNDS = 3, 3
#: What a program or a test may take (seconds of processor) that hung, once it does not any more; the whole of a suite.
HUNG_S, HUNG_SUITE_S = 0.25, 1.5
#: A trial shorter than this (seconds) is not worth its start.
LEAST_S = 0.3
#: How many times as long trials may take by the clock where a busy machine gives them little of its processors.
BUSY = 2.0
#: What is left for running the command over what ends a hang, of the time of one run.
CONFIRM = 0.4


@dataclass(frozen=True)
class Bench:
    """What a search needs: the program, how to run the real command, and its limits. ``deadline`` is on ``clock``;
    ``doubt`` hears of failing tests that passed without any change, ``unfinished`` of a search whose time was over
    before all was tried; ``weigh`` adds to the suspicion of lines what else is known of them, ``more`` to the changes
    of the first round what else may be tried."""

    program: Program
    sandbox: Sandbox
    execute: Callable[[Workspace], Run]
    deadline: float
    timeout_s: float = 10.0
    share: float = 0.6  # of ``timeout_s``, for the trial of one round
    cwd: str = "."
    cancel: CancelCheck | None = None
    clock: Callable[[], float] = time.monotonic
    say: Callable[[str], None] = lambda _: None
    on_state: Callable[[State], None] = lambda _: None
    select: tuple[str, ...] = ()
    doubt: Callable[[tuple[str, ...]], None] = lambda _: None
    unfinished: Callable[[str], None] = lambda _: None
    weigh: Callable[[dict[tuple[str, int], float]], dict[tuple[str, int], float]] = dict
    more: Callable[[list[Placed]], list[Placed]] = list


@dataclass(frozen=True, slots=True)
class Way:
    """What was changed so far, one change after the other. ``alone``: which tests each change won before any other was
    made; ``apart``: whether each of those made won some so."""

    texts: Mapping[str, str] = field(default_factory=dict[str, str])
    drafts: tuple[Draft, ...] = ()
    alone: Mapping[tuple[str, ...], frozenset[str]] = field(default_factory=dict[tuple[str, ...], frozenset[str]])
    apart: bool = True

    def is_apart(self, view: Workspace, placed: Placed, traced: Traced) -> bool:
        """Whether one more change wins some of the tests that fail still without those before it, too."""
        failing = {each.id for each in traced.tests if not each.ok}
        return not self.drafts or (self.apart and not failing.isdisjoint(self.alone.get(name_of(view, placed), ())))


def name_of(view: Workspace, placed: Placed) -> tuple[str, ...]:
    """What a change is called wherever its line has come to stand."""
    mutation = placed.mutation
    lines = (view.text(placed.path) or "").split("\n")
    line = lines[mutation.line] if mutation.line < len(lines) else ""
    return placed.path, line.strip(), mutation.title, *(new for _, _, new in mutation.splices)


def fails_alike(first: Run, traced: Traced) -> bool:
    """Whether the traced run failed as the first one did: the same tests under pytest, any elsewhere."""
    failed = frozenset(each.id for each in traced.tests if not each.ok)
    if first.tests:
        names = {each.id for each in traced.tests}
        return bool(failed) and failed == first.failed & names and names <= set(first.tests)
    return bool(failed)


def leaves_alike(first: Run, after: Run) -> bool:
    """Whether tests fail still that failed where the fault's own test did: it is not mended. Of a text or a name that
    was wrong more than one may have been."""
    return first.fault.category not in PLAIN and not first.alike.isdisjoint(after.failed)


def heal_logic(workspace: Workspace, first: Run, traced: Traced | None, bench: Bench) -> list[State]:
    """Changes after which the tests pass, the most likely first; guesses (not ``solved``) after them. ``traced`` is a
    run of the program as it is."""
    if traced is None or not fails_alike(first, traced):
        return []
    way = Way()
    for round_ in range(ROUNDS):
        view = workspace.with_texts(way.texts)
        candidates = mutations(view, bench.weigh(led_to(first.fault, suspicious(traced.tests, traced.imported))))
        if not way.drafts:
            candidates = bench.more(candidates)
        budget = min(bench.share * bench.timeout_s, bench.deadline - bench.clock() - 0.5)
        if not candidates or budget < LEAST_S:
            return []
        failing = [each.id for each in traced.tests if not each.ok]
        bench.say(f"{len(failing)} failing: trying up to {len(candidates)} small changes")
        found, onward = _one_change(workspace, first, traced, way, candidates, budget, bench)
        if found or onward is None or round_ == ROUNDS - 1:
            return found
        way, traced = onward, traced_of(workspace.with_texts(onward.texts), bench)
        if traced is None:
            return []
    return []


def _one_change(
    workspace: Workspace,
    first: Run,
    traced: Traced,
    way: Way,
    candidates: list[Placed],
    budget_s: float,
    bench: Bench,
) -> tuple[list[State], Way | None]:
    """What one more of the changes gives; the way with the best of those that win a part."""
    view, onward = workspace.with_texts(way.texts), None
    while candidates and budget_s >= LEAST_S:
        tried = attempt(
            view,
            bench.program,
            traced,
            candidates,
            sandbox=bench.sandbox,
            budget_s=budget_s,
            latest_s=min(BUSY * budget_s, bench.deadline - bench.clock() - 0.5),
            cwd=bench.cwd,
            cancel=bench.cancel,
        )
        if tried.control:  # whatever wins here may owe it to chance
            bench.doubt(tried.control)
            return [], None
        passing = survivors(view, candidates, tried)
        choices = choose({index: candidates[index].mutation.weight for index in passing}, tried.rivals)
        found = confirmed(workspace, first, traced, way, candidates, choices, bench)
        onward = onward or _best_part(view, traced, way, candidates, tried)
        if not found:
            _tell_of_time(tried, candidates, bench)
        if found or not any(each.all for each in tried.trials.values()):
            return found, onward
        # What won was not to be had: it need not have ended the search.
        candidates = [each for index, each in enumerate(candidates) if index not in tried.trials]
        budget_s = min(budget_s - tried.seconds, bench.deadline - bench.clock() - 0.5)
    return [], onward


def heal_hang(workspace: Workspace, first: Run, bench: Bench) -> list[State]:
    """Changes after which a program that was stopped comes to a good end. Suspicious is where it was: the loops around
    the lines of its stack, then the rest of their functions."""
    lines: dict[str, set[int]] = {}
    suspicion: dict[tuple[str, int], float] = {}
    for depth, frame in enumerate(reversed(first.fault.frames[-6:])):
        text = workspace.text(frame.path)
        for line, share in looping(text, frame.line).items() if text is not None else ():
            place = (frame.path, line)
            suspicion[place] = max(suspicion.get(place, 0.0), share * 0.8**depth)
            lines.setdefault(frame.path, set()).add(line + 1)
    candidates = mutations(workspace, suspicion)
    program, test = bench.program, first.fault.tests[0] if first.fault.tests else ""
    if program.kind == "pytest" and not test:  # which test hangs is not known: all of it is run, in one go
        program = Program("module", "pytest", program.argv, program.options)
    budget = min(bench.timeout_s, bench.deadline - bench.clock() - 0.5)
    if not candidates or budget < LEAST_S:
        return []
    bench.say(f"it hangs: trying up to {len(candidates)} small changes")
    case = Case(test or "program", False, "", {path: sorted(own) for path, own in lines.items()})
    traced = Traced((case,), (), 0.0)
    modules = ("pytest",) if program.kind == "module" and program.target == "pytest" else ()
    tried = attempt(
        workspace,
        program,
        replace(traced, modules=modules),
        candidates,
        sandbox=bench.sandbox,
        budget_s=budget,
        latest_s=bench.deadline - bench.clock() - CONFIRM * bench.timeout_s,
        child_s=HUNG_SUITE_S if modules else HUNG_S,
        hang=True,
        control=True,
        cwd=bench.cwd,
        cancel=bench.cancel,
    )
    if tried.control:
        bench.unfinished("without any change it came to a good end when it was run again")
        return []
    passing = survivors(workspace, candidates, tried)
    choices = choose({index: candidates[index].mutation.weight for index in passing}, tried.rivals)
    found = confirmed(workspace, first, traced, Way(), candidates, choices, bench)
    if not found:
        _tell_of_time(tried, candidates, bench)
    return found


def _tell_of_time(tried: Tried, candidates: list[Placed], bench: Bench) -> None:
    """Of a search that nothing came of: whether its time was over before all was tried."""
    if len(tried.trials) < len(candidates) and not any(each.all for each in tried.trials.values()):
        bench.unfinished(f"{len(tried.trials)} of {len(candidates)} small changes were tried before the time was over")


def led_to(fault: Fault, suspicion: Mapping[tuple[str, int], float]) -> dict[tuple[str, int], float]:
    """The suspicion with more of it on the lines of the calls that led to what was raised, most on the last one."""
    found = dict(suspicion)
    for depth, frame in enumerate(reversed(fault.frames)):
        place = (frame.path, frame.line)
        if place in found:
            found[place] = max(found[place], 1.0) * (1 + 0.8**depth)
    return found


def traced_of(workspace: Workspace, bench: Bench) -> Traced | None:
    """A run of the bench's program with what each test ran; None if nothing was learnt in time."""
    return trace(
        workspace,
        bench.program,
        sandbox=bench.sandbox,
        timeout_s=bench.timeout_s,
        cwd=bench.cwd,
        cancel=bench.cancel,
        select=bench.select,
    )


def survivors(view: Workspace, candidates: list[Placed], tried: Tried) -> list[int]:
    passing = [index for index, trial in tried.trials.items() if trial.all]
    return [index for index in passing if not objection(view, {candidates[index].path: _text(view, candidates[index])})]


def _best_part(view: Workspace, traced: Traced, way: Way, candidates: list[Placed], tried: Tried) -> Way | None:
    """The way with the change that wins most failing tests and loses none."""
    won = [(len(trial.won), candidates[index].mutation.weight, index) for index, trial in tried.trials.items()]
    for count, weight, index in sorted(won, reverse=True)[:5]:
        placed = candidates[index]
        if count and not objection(view, {placed.path: _text(view, placed)}):
            alone = dict(way.alone)
            for other, trial in tried.trials.items() if not way.drafts else ():
                if trial.won:
                    alone[name_of(view, candidates[other])] = frozenset(trial.won)
            drafts = (*way.drafts, _draft(view, placed, weight))
            texts = {**way.texts, placed.path: _text(view, placed)}
            return Way(texts, drafts, alone, way.is_apart(view, placed, traced))
    return None


def confirmed(
    workspace: Workspace,
    first: Run,
    traced: Traced,
    way: Way,
    candidates: list[Placed],
    choices: list[Choice],
    bench: Bench,
) -> list[State]:
    view = workspace.with_texts(way.texts)

    def text(choice: Choice) -> dict[str, str]:
        placed = candidates[choice.index]
        return {**way.texts, placed.path: _text(view, placed)}

    def sure_of(choice: Choice) -> bool:
        runs = _runs(traced, candidates[choice.index])
        # Hardly anything ends a crash or a hang and gives the right value by accident, if nothing else tried does.
        lone = len(choices) == 1 and first.fault.category in ("runtime", "type", "hang")
        enough = SURE_OF_MANY if runs >= MANY else SURE if runs > 1 or lone else SURE_OF_ONE
        if candidates[choice.index].mutation.operator == SYNTHESIS:  # of so many something passes by accident
            enough = max(enough, SURE_OF_ANY)
        apart = way.is_apart(view, candidates[choice.index], traced)
        return apart and choice.confidence >= enough and choice.against <= CONTRADICTED

    found: list[State] = []
    # Where the first will end the search no other is begun; of guesses all are run.
    width = 1 if choices and sure_of(choices[0]) else WIDTH
    runs = ahead(
        iter(choices[:CONFIRMED]), lambda each: bench.execute(workspace.with_texts(text(each))), CONFIRMED, width
    )
    for choice, running in runs:
        if found and (found[0].solved or bench.clock() >= bench.deadline):
            break
        placed, changed, run = candidates[choice.index], text(choice), running()
        if not is_solved(first, run):
            continue
        sure = sure_of(choice) and witnessed(workspace, first, run) and looked_at(workspace, first, traced, placed)
        sure = sure and not leaves_alike(first, run)
        state = State(
            changed,
            run,
            (*way.drafts, _draft(view, placed, choice.confidence)),
            solved=sure,
            confidence=choice.confidence if sure else min(choice.confidence, 0.33),
            evidence=(_told(traced, run, choice, sure),),
        )
        found.append(state)
        if sure:
            bench.on_state(state)
    return found


def _runs(traced: Traced, placed: Placed) -> int:
    """How many tests run the changed line."""
    return sum(placed.mutation.line + 1 in each.lines.get(placed.path, ()) for each in traced.tests)


def looked_at(workspace: Workspace, first: Run, traced: Traced, placed: Placed) -> bool:
    """Whether anything that compares stands on the way of what was changed: a test; in a script an assertion in a
    statement that runs the changed line, or one further down that the crash kept from being run. That there are
    assertions elsewhere tells nothing of it."""
    fault = first.fault
    if fault.category in PLAIN and "'NoneType'" not in fault.message:  # a missing name is no question of values
        return True
    if first.tests or fault.exception == "AssertionError" or not all(each.id.isdecimal() for each in traced.tests):
        return True
    paths = {frame.path for frame in fault.frames} | {path for each in traced.tests for path in each.lines}
    asserts: dict[str, set[int]] = {}
    for path in paths:
        rows = (workspace.text(path) or "").split("\n")
        asserts[path] = {row for row, line in enumerate(rows, 1) if _CHECK.match(line)}
    if fault.frames and any(row > fault.frames[0].line + 1 for row in asserts[fault.frames[0].path]):
        return True
    return any(
        placed.mutation.line + 1 in each.lines.get(placed.path, ())
        and any(not asserts[path].isdisjoint(lines) for path, lines in each.lines.items())
        for each in traced.tests
    )


def _told(traced: Traced, run: Run, choice: Choice, sure: bool) -> Evidence:
    """What passing the visible tests is worth."""
    count = len(run.passed) or sum(not each.ok for each in traced.tests)
    told = f"passes your {count} test{'' if count == 1 else 's'}, which is all that is known of it"
    if choice.rivals:
        told += f"; {choice.rivals} other small change{'' if choice.rivals == 1 else 's'} would pass too"
        if choice.differs:
            told += f" and differ, for instance at {choice.differs}"
    if not sure:
        told += "; a guess, because the tests do not say which is meant"
    return Evidence("counted", told, {"metric": "tests", "value": count, "threshold": None, "rivals": choice.rivals})


def _text(view: Workspace, placed: Placed) -> str:
    data = (view.text(placed.path) or "").encode("utf-8", "surrogatepass")
    return placed.text(data).decode("utf-8", "surrogatepass")


def _draft(view: Workspace, placed: Placed, prior: float) -> Draft:
    title = f"{placed.mutation.title} in line {placed.mutation.line + 1}"
    repair = SYNTHESIS if placed.mutation.operator == SYNTHESIS else REPAIR
    return replace(Draft(title, {placed.path: _text(view, placed)}, min(prior, 0.95)), repair=repair)
