"""One healing of a failing command: run it, look again, search for edits, judge what was found.

While edits are tried, the command is run a second time beside them: what does not fail alike is flaky, and is named,
not healed. Where no repair of a fault helps, small changes of suspicious lines are tried (:mod:`.logic`), and then a
model is asked, if there is one (:mod:`.model_repair`). A suite that is dear is run as a whole only over the edit that
is offered (:mod:`.suite`).

Invariant: the workspace is not changed, and nothing is verified that did not run.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

from ..analyzers.errors import Cancelled
from ..analyzers.sandbox.interface import CancelCheck, Sandbox
from ..analyzers.sandbox.standing import standing
from .compiled.screen import heal_by_search
from .compiled.trial import heal_by_change
from .fault import Fault
from .hidden import hidden_faults
from .javascript.screen import heal_by_service
from .javascript.service import Service
from .javascript.trial import heal_by_change as changed_javascript
from .javascript.trial import heal_by_running, is_of_tests, later
from .last_commit import GRACE_S, Beside
from .learning.ranking import Ranking, Trial, as_built, trial_of
from .learning.shape import shape_of
from .leftover import excused, unexplained
from .locate import missing_distribution
from .logic.heal import Bench, fails_alike, heal_hang, heal_logic, leaves_alike, traced_of
from .logic.mutations import Placed
from .logic.synthesis import heal_by_synthesis
from .logic.trial import Program, Traced, program_of, trace
from .modelling import Model, Told
from .probe import Run, Selection, run_command
from .repair import Context, Draft
from .report import Candidate, HealReport, absolute, candidate_of
from .screening import Screen
from .suite import Suite, as_far_as_run, is_partly, suite_of
from .task import Task
from .typed.candidates import merged, typed_edits
from .typed.dispute import disputed
from .verify import State, contexts, is_likely_way, is_solved, onward, search
from .workspace import Workspace

#: Categories for which, when no repair helps, small changes of suspicious lines are tried.
LOGIC = frozenset({"test", "runtime", "type", "name"})
#: … and for which those along the way of the value that failed are.
CRASHES = frozenset({"runtime", "type", "name"})
#: Languages whose compiler counts the errors that a change leaves.
COMPILED = frozenset({"rust", "go"})
#: Languages for which changes near an error are tried.
NEAR = COMPILED | {"javascript"}
#: The shares of the time behind the first run after which repairs make room for them: those of the fault, those of
#: what was caught.
REPAIRS, HIDDEN = 0.4, 0.5
#: What is left for expressions from observed values, of the time of one run.
SYNTHESIS = 0.4
#: Candidates in a report, and verified ones over which the whole suite is run until it ends well.
MAX_CANDIDATES, SETTLED = 5, 3
#: How much longer than the first run that one may take: tests run to their end that failed at once before.
WHOLE = 3.0
#: The same for a command that hung, over a change after which it came to its end when it was tried.
ENDS = 2.0


def heal_command(
    root: Path,
    command: Sequence[str],
    *,
    sandbox: Sandbox,
    timeout_s: float = 10,
    cancel: CancelCheck | None = None,
    on_progress: Callable[[str], None] | None = None,
    python: Path | None = None,
    files: Mapping[str, bytes] | None = None,
    cwd: str = ".",
    clock: Callable[[], float] = time.monotonic,
    ranking: Ranking = as_built,
    model: Model | None = None,
) -> HealReport:
    """Run ``command`` over a copy of ``root``, and find edits after which it works.

    ``timeout_s`` is the limit of one run; the search for edits ends after twice as long. ``files`` (relative
    POSIX path → bytes) are laid over the workspace, for unsaved text. ``ranking`` orders the edits that are tried (see
    :mod:`.learning`). ``model`` is asked if nothing else helps: never give one for a workspace that is not trusted.
    Raises Cancelled and Unavailable."""
    say = on_progress or _silent
    with standing(sandbox) as held:
        course = _Course(
            Workspace(root, files, python), tuple(command), held, timeout_s, cwd, cancel, say, clock, model
        )
        return _healed(course, ranking)


def _healed(course: _Course, ranking: Ranking) -> HealReport:
    say = course.say
    say(f"running {' '.join(course.command)}")
    first = course.run(course.workspace)
    first = first.heard or first
    fault = first.fault
    if first.ok or fault.category == "dependency" or not fault.path:
        return course.report(fault)
    if fault.category == "hang":
        states = _unhung(course, first)
        if not any(each.solved for each in states):
            states = [*_by_model(course, first, course.run, None, course.verified), *states]
        return course.report(fault, [candidate_of(course.workspace, course.command, first, each, 0) for each in states])
    say(f"{fault.exception or fault.category}: {fault.message[:100]}")
    suite = suite_of(course.workspace, first)
    with ThreadPoolExecutor(2) as pool:
        try:
            second = pool.submit(_look_again, course, first, suite)
            states = _search(course, first, suite, second, ranking, pool)
            differs = second.result().differs
            if course.by_chance and not any(each.solved for each in states):
                differs = differs or f"{course.by_chance[0]} passed without any change when it was run again"
        finally:
            course.over.set()
    course.go_on()
    if differs:
        return course.report(replace(fault, category="flaky", notes=(*fault.notes, differs)))
    solved = sum(each.solved or is_partly(each) for each in states)
    found = [
        replace(
            candidate_of(course.workspace, course.command, first, state, solved - (state.solved or is_partly(state))),
            steps=_steps(state, course.tried),
        )
        for state in states[:MAX_CANDIDATES]
    ]
    found.sort(key=lambda each: (not each.edit.verified, each.features is not None and each.features.edits_test))
    if not any(each.edit.verified for each in found):
        course.first_verified_ms = None
    if not any(each.edit.verified for each in found) and (missing := missing_distribution(fault, course.workspace)):
        return course.report(missing)  # no other spelling of it can be imported: it is not installed
    return course.report(fault, found)


def _silent(text: str) -> None:
    """Progress that nobody asked for."""


@dataclass
class _Course:
    """What a healing was asked, and what it has seen so far."""

    workspace: Workspace
    command: tuple[str, ...]
    sandbox: Sandbox
    timeout_s: float
    cwd: str
    cancel: CancelCheck | None
    say: Callable[[str], None]
    clock: Callable[[], float]
    model: Model | None = None
    told: Told = field(default_factory=Told)
    started: float = field(init=False)
    first_verified_ms: float | None = None
    tried: list[tuple[Draft, Trial]] = field(default_factory=list[tuple[Draft, Trial]])
    over: threading.Event = field(default_factory=threading.Event)
    by_chance: list[str] = field(default_factory=list[str])  # failing tests that passed without any change
    unfinished: list[str] = field(default_factory=list[str])  # searches whose time was over

    def __post_init__(self) -> None:
        self.started = self.clock()

    @property
    def deadline(self) -> float:
        return self.started + 2 * self.timeout_s

    def unwanted(self) -> bool:
        """Is nobody interested in what still runs?"""
        return self.over.is_set() or (self.cancel is not None and self.cancel())

    def go_on(self) -> None:
        """Raises Cancelled if nobody waits for the answer any more: a search of many changes in one job only ends."""
        if self.cancel is not None and self.cancel():
            raise Cancelled()

    def run(self, view: Workspace, limit_s: float | None = None, select: Selection | None = None) -> Run:
        return run_command(
            view,
            self.command,
            sandbox=self.sandbox,
            timeout_s=self.timeout_s if limit_s is None else limit_s,
            cwd=self.cwd,
            cancel=self.unwanted,
            select=select,
        )

    def verified(self, state: State) -> None:
        if self.first_verified_ms is None:
            self.first_verified_ms = (self.clock() - self.started) * 1000
        self.say(f"verified: {state.title}")

    def note(self, context: Context, state: State, further: bool) -> None:
        draft = state.drafts[-1]
        self.tried.append((draft, trial_of(context, draft, verified=state.solved, further=further)))

    def bench(self, program: Program, execute: Callable[[Workspace], Run], deadline: float) -> Bench:
        """Where small changes of a program are tried."""
        return Bench(
            program,
            self.sandbox,
            execute,
            deadline,
            self.timeout_s,
            cwd=self.cwd,
            cancel=self.unwanted,
            clock=self.clock,
            say=self.say,
            on_state=self.verified,
            doubt=self.by_chance.extend,
            unfinished=self.unfinished.append,
        )

    def task(self, first: Run, execute: Callable[[Workspace], Run], on_state: Callable[[State], None]) -> Task:
        """What searches near the failure are asked."""
        return Task(
            self.workspace,
            first,
            self.command,
            self.sandbox,
            execute,
            left=lambda: max(self.deadline - self.clock(), 0.0),
            cwd=self.cwd,
            cancel=self.unwanted,
            on_state=on_state,
        )

    def report(self, fault: Fault, candidates: Sequence[Candidate] = ()) -> HealReport:
        if self.unfinished and not any(each.edit.verified for each in candidates):
            note = f"{self.unfinished[0]}: --timeout S gives it longer"
            fault = replace(fault, notes=(*fault.notes, note))
        return HealReport(
            self.workspace.root,
            self.command,
            absolute(fault, self.workspace),
            tuple(candidates),
            (self.clock() - self.started) * 1000,
            self.first_verified_ms,
            tuple(trial for _, trial in self.tried),
            shape_of(fault, self.workspace.text(fault.path) if fault.path else None),
            self.told,
        )


def _unhung(course: _Course, first: Run) -> list[State]:
    """Changes after which a program ends that did not."""
    program = program_of(course.command)
    if program is None:
        return []

    def execute(view: Workspace) -> Run:
        """What came to its end in a trial is no hang, though a busy machine may make it take long."""
        return course.run(view, ENDS * course.timeout_s)

    return heal_hang(course.workspace, first, course.bench(program, execute, course.clock() + 2 * course.timeout_s))


def _search(
    course: _Course, first: Run, suite: Suite | None, second: Future[Second], ranking: Ranking, pool: Executor
) -> list[State]:
    """What repairs propose; where none helps, small changes of what the failing tests run."""
    workspace = course.workspace
    limit = min(course.timeout_s, max(2.0, 10 * first.outcome.seconds))

    def left() -> float:
        """A run that was begun before the end may take a while longer, not as long as it likes."""
        return min(limit, max(course.deadline - course.clock(), 0.0) + 0.2 * course.timeout_s)

    program = _program(course, first)
    screen = _screen(course, first, suite, program)

    def execute(view: Workspace) -> Run:
        known = screen.known(view) if screen is not None else None
        if known is not None:
            return known
        if suite is not None:
            return suite.judge(view, lambda text, select: course.run(text, left(), select), _ran(second))
        return course.run(view, left())

    def on_state(state: State) -> None:
        if not second.result().differs:
            course.verified(state)

    service: Service | None = None
    if first.fault.code.startswith("TS"):
        service = Service(
            course.sandbox, course.command, cwd=course.cwd, timeout_s=course.timeout_s, cancel=course.unwanted
        )
    back = Beside(pool, workspace, first, execute, course.clock, course.deadline)
    small_changes = program is not None and first.fault.category in LOGIC
    begun = course.clock()
    early = begun + (REPAIRS if small_changes else 1.0) * (course.deadline - begun)
    states = search(
        workspace,
        first,
        execute,
        deadline=early,
        clock=back.clock,
        on_state=on_state,
        ranking=partial(later, ranking)
        if is_of_tests(first)
        else ranking
        if service is None
        else partial(_screened, service, ranking),
        on_trial=course.note,
        consult=None if service is None else service.consult,
        excuse=lambda state: _excused(course, first, state, back),
        prepare=screen.prepare if screen is not None else None,
        follow=lambda state: not _is_patient(first.fault, small_changes) or is_likely_way(workspace, state),
    )
    if second.result().differs:
        return states
    if program is not None and _is_disputable(first.fault) and any(each.solved for each in states):
        states = disputed(
            workspace,
            states,
            program,
            sandbox=course.sandbox,
            left=lambda: course.deadline - course.clock(),
            cwd=course.cwd,
            cancel=course.unwanted,
        )
        if not any(each.solved for each in states):
            course.first_verified_ms = None
            return states
    task = course.task(first, execute, on_state)
    if first.fault.tests and not any(each.solved for each in states):
        small = changed_javascript(task) if is_of_tests(first) else heal_by_change(task)
        states = [*small, *states]
    if service is not None and not any(each.solved for each in states):
        further = [each for each in states if each.run is not first]
        states = [*heal_by_service(task, service, further), *states]
    if first.fault.language in NEAR and not any(each.solved for each in states):
        course.say("no repair helps: changes near the error are tried")
        near = heal_by_search(task) if first.fault.language in COMPILED else heal_by_running(task)
        states = [*near, *states]
    if program is not None and small_changes and not any(each.solved for each in states):
        ends = min(course.deadline, course.clock() + GRACE_S) if back.known() else course.deadline
        bench = replace(
            course.bench(program, execute, ends),
            weigh=back.weigh,
            on_state=on_state,
            select=_chosen(suite),
            more=partial(_with_typed, workspace, first),
        )
        traced = second.result().traced or traced_of(workspace, bench)
        for fault in () if back.known() else hidden_faults(workspace, first, traced, course.cwd):
            course.say(f"on the way: {fault.exception}: {fault.message[:100]}")
            view = replace(first, fault=fault, observed=None)
            found = search(
                workspace,
                view,
                execute,
                deadline=begun + HIDDEN * (course.deadline - begun),
                clock=course.clock,
                on_state=on_state,
                ranking=ranking,
                on_trial=course.note,
                prepare=screen.prepare if screen is not None else None,
            )
            if any(each.solved for each in found):
                return _settled(course, first, found, back, whole=suite is not None)
        logic = heal_logic(workspace, first, traced, bench)
        context = next(contexts(workspace, first), None)
        if context is not None:
            for state in logic:
                course.note(context, state, False)
        states = [*logic, *states]
        # Of one change that may be meant and two in a row, one is: it is told as a guess, and no chain is sought.
        if not back.known() and not logic and not any(each.solved for each in states):
            states = [*_search_on(course, first, execute, on_state, ranking, states), *states]
        # Where something passed before, the checks do not say which is meant, and nothing else would be believed.
        if not back.known() and not any(each.solved or each.run.ok for each in states):
            states = [*heal_by_synthesis(workspace, first, traced, bench), *states]
    if not any(each.solved for each in states):
        states = [*_by_model(course, first, execute, second.result().traced, on_state), *states]
    if not any(each.solved for each in states):
        put = back.found()
        sure = [each for each in put if each.solved]
        for each in sure:
            on_state(each)
        states = [*sure, *states, *(each for each in put if not each.solved)]
    # It is run though the time is over: nothing else says that nothing broke.
    return _settled(course, first, states, back, whole=suite is not None)


def _is_patient(fault: Fault, small_changes: bool) -> bool:
    """Whether small changes are tried before a way is followed that is no likely one: where a value crashes, most edits
    only move the crash."""
    return small_changes and fault.category in {"runtime", "type"}


def _is_disputable(fault: Fault) -> bool:
    """Whether edits that all make it work are compared: not where a text that is plainly wrong is put right."""
    return fault.language == "python" and (
        fault.category in {"runtime", "type"} or fault.exception == "UnboundLocalError"
    )


def _with_typed(workspace: Workspace, first: Run, candidates: list[Placed]) -> list[Placed]:
    """Small changes and, for a crash, those that what was observed of it makes likely."""
    if first.fault.category not in CRASHES:
        return candidates
    found: list[Placed] = []
    for context in contexts(workspace, first):
        found += typed_edits(context)
    return merged(found, candidates)


def _search_on(
    course: _Course,
    first: Run,
    execute: Callable[[Workspace], Run],
    on_state: Callable[[State], None],
    ranking: Ranking,
    states: Sequence[State],
) -> list[State]:
    """What was left before small changes were tried: drafts for which there was no time, and ways that got further
    without being likely ones."""
    known = [draft.texts for draft, _ in course.tried]
    onwards = [each for each in states if each.drafts and each.run is not first and not (each.solved or each.run.ok)]
    onwards = onward(first, [each for each in onwards if not is_likely_way(course.workspace, each)])

    def fresh(context: Context, drafts: Sequence[Draft]) -> Sequence[Draft]:
        return [each for each in ranking(context, drafts) if each.texts not in known]

    return search(
        course.workspace,
        first,
        execute,
        deadline=course.deadline - SYNTHESIS * course.timeout_s,
        clock=course.clock,
        on_state=on_state,
        ranking=fresh,
        on_trial=course.note,
        start=[State({}, first), *onwards[:1]],
        follow=lambda state: is_likely_way(course.workspace, state),
    )


def _by_model(
    course: _Course,
    first: Run,
    execute: Callable[[Workspace], Run],
    traced: Traced | None,
    on_state: Callable[[State], None],
) -> list[State]:
    """What a model proposes that works; nothing without one."""
    course.go_on()
    if course.model is None:
        return []
    from .model_repair import heal_by_model

    states = heal_by_model(
        course.workspace,
        first,
        execute,
        course.model,
        course.command,
        traced=traced,
        told=course.told,
        say=course.say,
        on_state=on_state,
        on_trial=course.note,
        clock=course.clock,
    )
    return [each for each in states if each.solved]


def _ran(second: Future[Second]) -> Mapping[str, Collection[str]]:
    """Which files some tests ran, if that is known by now."""
    if not second.done() or second.cancelled() or second.exception() is not None:
        return {}
    traced = second.result().traced
    return {each.id: each.lines.keys() for each in traced.tests} if traced is not None else {}


def _screen(course: _Course, first: Run, suite: Suite | None, program: Program | None) -> Screen | None:
    """Where drafts that fail still are found out many at a time; None where that is not worth it."""
    if suite is None or program is None or program.kind != "pytest":
        return None
    return Screen(
        course.workspace,
        first,
        suite.failing,
        program,
        course.command,
        course.sandbox,
        lambda: max(course.deadline - course.clock(), 0.0),
        course.cwd,
        course.unwanted,
    )


def _program(course: _Course, first: Run) -> Program | None:
    return program_of(course.command) if first.fault.language == "python" else None


def _chosen(suite: Suite | None) -> tuple[str, ...]:
    """The tests of a dear suite of which it is noted what they run."""
    return suite.traced() if suite is not None else ()


def _settled(course: _Course, first: Run, states: list[State], back: Beside, *, whole: bool) -> list[State]:
    """The best edit over which the suite ends well, first; then the others. ``whole``: it was run in part until now,
    and is run as a whole, once for each edit that would be offered. Not verified is an edit that breaks what nobody
    expected, or behind which tests fail that nobody knows of whether they would without the fault; nor one over which
    tests that passed were not run again, since the whole suite did not end: the edit itself may be why. Of a suite that
    was ended before its end the whole is what was heard of it."""
    heard = Selection(first.fault.tests, tuple(first.passed)) if first.outcome.reason == "timeout" else None
    parts = [as_far_as_run(first, each) for each in states] if whole else states
    left = list(parts)
    doubted: list[State] = []
    for at in [place for place, each in enumerate(states) if each.solved][:SETTLED]:
        best, part = states[at], parts[at]
        left.remove(part)
        limit = min(max(course.timeout_s, WHOLE * first.outcome.seconds), 2 * course.timeout_s)
        in_part = whole and best.run.selected is not None
        known = not in_part or best.run.endless
        run = best.run if known else course.run(course.workspace.with_texts(best.texts), limit, heard)
        if in_part and (run.endless or run.outcome.reason == "timeout"):
            course.say("the whole suite did not end in time over it")
            return [part, *left, *doubted]
        sure = replace(best, run=run, solved=is_solved(first, run))
        if sure.solved and (run.ok or (not leaves_alike(first, run) and _excused(course, first, sure, back))):
            return [sure, *left, *doubted]
        doubted.append(replace(sure, solved=False))
    return [*(replace(each, solved=False) for each in left), *doubted] if doubted else left


def _excused(course: _Course, first: Run, state: State, back: Beside) -> bool:
    """Whether the tests that fail behind an edit are shown to fail without the fault, too."""
    if unexplained(first, state.run, state.texts) <= back.failing():
        return True
    program = _program(course, first)

    def traced(view: Workspace, tests: Sequence[str]) -> Traced | None:
        if program is None:
            return None
        return trace(
            view,
            program,
            sandbox=course.sandbox,
            timeout_s=course.timeout_s,
            cwd=course.cwd,
            cancel=course.unwanted,
            select=tests,
        )

    return excused(course.workspace, state.texts, first, state.run, traced)


@dataclass(frozen=True, slots=True)
class Second:
    """What a second run of the failing command showed. ``differs`` says how it did not fail alike."""

    differs: str = ""
    traced: Traced | None = None


def _look_again(course: _Course, first: Run, suite: Suite | None) -> Second:
    """Meanwhile the command is run once more, to see whether it fails alike."""
    if first.fault.category in {"syntax", "compile"}:
        return Second()
    program = _program(course, first)
    if program is not None and (
        first.fault.category == "test" or (suite is not None and first.fault.category in LOGIC)
    ):
        traced = trace(
            course.workspace,
            program,
            sandbox=course.sandbox,
            timeout_s=course.timeout_s,
            cwd=course.cwd,
            cancel=course.unwanted,
            select=_chosen(suite),
        )
        if traced is not None and fails_alike(first, traced):
            return Second(traced=traced)
    if suite is None:
        return compared(first, course.run(course.workspace))
    again = compared(first, course.run(course.workspace, select=Selection(suite.failing)))
    return replace(again, differs=again.differs and f"{again.differs}, run without the other tests")


def compared(first: Run, again: Run) -> Second:
    """Whether a second run failed as the first one did. One that was cut short tells nothing: the machine was busy."""
    if again.ok:
        return Second("it passed the second time")
    cut_short = again.outcome.reason not in ("exit", "signal", first.outcome.reason)
    if again.fault.category == "hang" or cut_short:
        return Second()
    return Second() if _alike(first.fault, again.fault) else Second(f"the second time: {again.fault.exception}")


def _screened(service: Service, ranking: Ranking, context: Context, drafts: Sequence[Draft]) -> Sequence[Draft]:
    """The ranking, then the service's view of it."""
    return service.screened(context, ranking(context, drafts))


def _alike(one: Fault, two: Fault) -> bool:
    """Messages may hold addresses and the order of sets; the kind and the place may not differ."""
    return (one.category, one.exception, one.path, one.line) == (two.category, two.exception, two.path, two.line)


def _steps(state: State, tried: Sequence[tuple[Draft, Trial]]) -> tuple[int, ...]:
    """The numbers of the trials of a state's own drafts; a draft that was not run has none."""
    return tuple(number for number, (draft, _) in enumerate(tried) if any(draft is each for each in state.drafts))
