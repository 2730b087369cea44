"""Healing as a library: a failing command, or a static fault in unsaved text, in; verified edits out.

Invariant: the workspace is not changed. An :class:`Edit` is ``verified`` only if the sandbox ran it.
"""

from __future__ import annotations

import difflib
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from itertools import repeat
from pathlib import Path

from ..analyzers.findings import Edit, Evidence, FileEdit, Json, minimal_edit
from ..analyzers.sandbox.interface import CancelCheck, Sandbox
from .fault import Fault
from .javascript.service import Service
from .learning.confidence import Features, confidence_of, evidence_for
from .learning.ranking import Ranking, Trial, as_built, trial_of
from .learning.shape import Shape, shape_of
from .locate import missing_distribution
from .logic.heal import Bench, fails_alike, heal_hang, heal_logic
from .logic.trial import Traced, program_of, trace
from .probe import Run, Selection, run_command
from .repair import Context, Draft
from .static import heal_finding
from .suite import Suite, suite_of
from .verify import State, contexts, evidence_of, is_solved, search
from .workspace import Workspace, is_test

__all__ = ["Candidate", "HealReport", "heal_command", "heal_finding"]

#: Categories for which, when no repair helps, small changes of suspicious lines are tried.
LOGIC = frozenset({"test", "runtime", "type"})
#: Passing tests beside the failing ones of which it is noted what they run.
TRACED = 60
#: Candidates in a report.
MAX_CANDIDATES = 5


@dataclass(frozen=True, slots=True)
class Candidate:
    """An edit and the name of the repair (or repairs, joined by ``+``) that made it. ``texts`` are the whole new
    texts by path, ``diff`` the unified diffs. ``steps`` are the numbers of the report's trials that it is made of;
    ``features`` are what its confidence comes from."""

    edit: Edit
    repair: str
    texts: Mapping[str, str]
    diffs: Mapping[str, str]
    steps: tuple[int, ...] = ()
    features: Features | None = None


@dataclass(frozen=True, slots=True)
class HealReport:
    """What failed, what would mend it, and how long it took. Paths are absolute; ``first_verified_ms`` is None if no
    candidate was verified. ``trials`` are the drafts that were run, in their order, ``shape`` is what the fault is
    remembered under."""

    root: Path
    command: tuple[str, ...]
    fault: Fault
    candidates: tuple[Candidate, ...]
    elapsed_ms: float
    first_verified_ms: float | None
    trials: tuple[Trial, ...] = ()
    shape: Shape | None = None

    @property
    def best(self) -> Candidate | None:
        """The verified candidate to apply, if there is one."""
        return next((each for each in self.candidates if each.edit.verified), None)

    def to_json(self) -> dict[str, Json]:
        """The object of the command-line contract; paths are relative to the root, lines 1-based."""
        return {
            "command": list(self.command),
            "fault": {**self.fault.to_json(), "path": self.relative(self.fault.path) if self.fault.path else None},
            "candidates": [
                {
                    "title": each.edit.title,
                    "repair": each.repair,
                    "confidence": round(each.edit.confidence, 3),
                    "verified": each.edit.verified,
                    "evidence": [item.to_json() for item in each.edit.evidence],
                    "edits": [
                        {"path": self.relative(path), "diff": each.diffs[path], "new_text": text}
                        for path, text in each.texts.items()
                    ],
                }
                for each in self.candidates
            ],
            "elapsed_ms": round(self.elapsed_ms, 1),
            "first_verified_ms": None if self.first_verified_ms is None else round(self.first_verified_ms, 1),
        }

    def relative(self, path: str) -> str:
        try:
            return Path(path).relative_to(self.root).as_posix()
        except ValueError:
            return path


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
) -> HealReport:
    """Run ``command`` over a copy of ``root``, and find edits after which it works.

    ``timeout_s`` is the limit of one run; the search for edits ends after three times as long. ``files`` (relative
    POSIX path → bytes) are laid over the workspace, for unsaved text. ``ranking`` orders the edits that
    are tried (see :mod:`.learning`). Raises Cancelled and Unavailable."""
    started = clock()
    workspace = Workspace(root, files, python)
    argv = tuple(command)

    def say(text: str) -> None:
        if on_progress is not None:
            on_progress(text)

    first_verified: list[float] = []
    tried: list[tuple[Draft, Trial]] = []

    finished = threading.Event()

    def unwanted() -> bool:
        return finished.is_set() or (cancel is not None and cancel())

    def execute(view: Workspace, limit: float = timeout_s, select: Selection | None = None) -> Run:
        return run_command(view, argv, sandbox=sandbox, timeout_s=limit, cwd=cwd, cancel=unwanted, select=select)

    def report(fault: Fault, candidates: tuple[Candidate, ...] = ()) -> HealReport:
        verified = first_verified[0] if first_verified else None
        elapsed = (clock() - started) * 1000
        trials = tuple(trial for _, trial in tried)
        shape = shape_of(fault, workspace.text(fault.path) if fault.path else None)
        return HealReport(
            workspace.root, argv, _absolute(fault, workspace), candidates, elapsed, verified, trials, shape
        )

    def limited(view: Workspace) -> Run:
        limit = min(timeout_s, max(2.0, 10 * first.outcome.seconds))
        if suite is not None:
            return suite.judge(view, lambda text, select: execute(text, limit, select))
        return execute(view, limit)

    suite: Suite | None = None

    def _unhang() -> list[State]:
        stuck = program_of(argv)
        if stuck is None:
            return []

        def verified(state: State) -> None:
            first_verified.append((clock() - started) * 1000)
            say(f"verified: {state.title}")

        bench = Bench(stuck, sandbox, execute, clock() + 2 * timeout_s, timeout_s, cwd=cwd, cancel=unwanted,
                      clock=clock, say=say, on_state=verified)  # fmt: skip
        return heal_hang(workspace, first, bench)

    def on_trial(context: Context, state: State, further: bool) -> None:
        draft = state.drafts[-1]
        tried.append((draft, trial_of(context, draft, verified=state.solved, further=further)))

    say(f"running {' '.join(argv)}")
    first = execute(workspace)
    if first.ok or first.fault.category == "dependency" or not first.fault.path:
        return report(first.fault)
    if first.fault.category == "hang":
        states = _unhang()
        return report(first.fault, tuple(_candidate(workspace, argv, first, each, 0) for each in states))
    say(f"{first.fault.exception or first.fault.category}: {first.fault.message[:100]}")
    suite = suite_of(workspace, first)
    chosen = (*suite.failing, *suite.affected(())[:TRACED]) if suite is not None else ()
    program = program_of(argv) if first.fault.language == "python" else None
    service = None
    if first.fault.code.startswith("TS"):
        service = Service(sandbox, argv, cwd=cwd, timeout_s=timeout_s, cancel=unwanted)

    def look_again() -> Second:
        """Meanwhile the command is run once more, to see whether it fails alike."""
        if first.fault.category in {"syntax", "compile"}:
            return Second()
        if first.fault.category == "test" and program is not None:
            traced = trace(
                workspace, program, sandbox=sandbox, timeout_s=timeout_s, cwd=cwd, cancel=unwanted, select=chosen
            )
            if traced is not None and fails_alike(first, traced):
                return Second(traced=traced)
        if suite is None:
            return compared(first, execute(workspace))
        again = compared(first, execute(workspace, timeout_s, Selection(suite.failing)))
        return replace(again, differs=again.differs and f"{again.differs}, run without the other tests")

    with ThreadPoolExecutor(1) as pool:
        try:
            second = pool.submit(look_again)

            def on_state(state: State) -> None:
                if not second.result().differs:
                    first_verified.append((clock() - started) * 1000)
                    say(f"verified: {state.title}")

            deadline = started + 3 * timeout_s
            states = search(
                workspace,
                first,
                limited,
                deadline=deadline,
                clock=clock,
                on_state=on_state,
                ranking=ranking if service is None else partial(_screened, service, ranking),
                on_trial=on_trial,
                consult=None if service is None else service.consult,
            )
            if second.result().differs:
                notes = (*first.fault.notes, second.result().differs)
                return report(replace(first.fault, category="flaky", notes=notes))
            if program is not None and first.fault.category in LOGIC and not any(each.solved for each in states):
                traced = second.result().traced
                bench = Bench(program, sandbox, limited, deadline, timeout_s, cwd=cwd, cancel=unwanted,
                              clock=clock, say=say, on_state=on_state, select=chosen)  # fmt: skip
                logic = heal_logic(workspace, first, traced, bench)
                for state, context in zip(logic, repeat(next(contexts(workspace, first))), strict=False):
                    on_trial(context, state, False)
                states = [*logic, *states]
            if suite is not None and clock() + 1.2 * first.outcome.seconds < deadline:
                states = _over_all(workspace, first, states, execute)
        finally:
            finished.set()
    solved = sum(each.solved for each in states)
    found = [
        replace(_candidate(workspace, argv, first, state, solved - state.solved), steps=_steps(state, tried))
        for state in states[:MAX_CANDIDATES]
    ]
    found.sort(key=lambda each: (not each.edit.verified, each.features is not None and each.features.edits_test))
    if not any(each.edit.verified for each in found) and (missing := missing_distribution(first.fault, workspace)):
        return report(missing)  # no other spelling of it can be imported: it is not installed
    return report(first.fault, tuple(found))


def _over_all(
    workspace: Workspace, first: Run, states: list[State], execute: Callable[[Workspace], Run]
) -> list[State]:
    """The whole suite, once, over the edit that would be offered: not verified if it breaks what nobody expected."""
    best = next((each for each in states if each.solved), None)
    if best is None:
        return states
    run = execute(workspace.with_texts(best.texts))
    if run.outcome.reason == "timeout":
        return states
    sure = replace(best, run=run, solved=is_solved(first, run))
    others = [each for each in states if each is not best]
    return [sure, *others] if sure.solved else [*others, sure]


@dataclass(frozen=True, slots=True)
class Second:
    """What a second run of the failing command showed. ``differs`` says how it did not fail alike."""

    differs: str = ""
    traced: Traced | None = None


def compared(first: Run, again: Run) -> Second:
    if again.ok:
        return Second("it passed the second time")
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


def _candidate(workspace: Workspace, command: tuple[str, ...], first: Run, state: State, rivals: int) -> Candidate:
    texts = {workspace.absolute(name): text for name, text in state.texts.items()}
    diffs = {workspace.absolute(name): _diff(workspace, name, text) for name, text in state.texts.items()}
    edits: list[FileEdit] = []
    for name, text in state.texts.items():
        edits.append(minimal_edit(workspace.absolute(name), workspace.text(name) or "", text))
    evidence: tuple[Evidence, ...] = ()
    if state.run is not first:
        evidence = (evidence_of(command, first, state.run),)
    features = _features(workspace, first, state, tuple(edits), rivals)
    edit = Edit(
        title=state.title,
        files=tuple(edits),
        confidence=confidence_of(features),
        verified=state.solved,
        evidence=(*evidence, *state.evidence, evidence_for(features)),
        source=state.repair,
    )
    return Candidate(edit, state.repair, texts, diffs, features=features)


def _features(workspace: Workspace, first: Run, state: State, edits: tuple[FileEdit, ...], rivals: int) -> Features:
    """What the confidence of a candidate comes from. A learned prior is no part of it."""
    product = 1.0
    for draft in state.drafts:
        product *= draft.built_in if draft.built_in >= 0 else draft.prior
    ran = state.run is not first
    return Features(
        category=first.fault.category,
        language=first.fault.language,
        repair=state.repair,
        prior=product ** (1 / max(len(state.drafts), 1)),
        verified=state.solved,
        tested=ran and bool(first.tests or state.run.tests),
        passed=len(state.run.passed) if ran else 0,
        left=len(state.run.failed) if ran else 0,
        steps=len(state.drafts),
        rivals=rivals,
        size=sum(each.end - each.start + len(each.text) for file in edits for each in file.replacements),
        edits_test=any(is_test(name) for name in state.texts),
    )


def _absolute(fault: Fault, workspace: Workspace) -> Fault:
    frames = tuple(replace(each, path=workspace.absolute(each.path)) for each in fault.frames)
    path = workspace.absolute(fault.path) if fault.path else ""
    cause = _absolute(fault.cause, workspace) if fault.cause else None
    return replace(fault, path=path, frames=frames, cause=cause)


def _diff(workspace: Workspace, name: str, text: str) -> str:
    before = (workspace.text(name) or "").splitlines(keepends=True)
    lines = difflib.unified_diff(before, text.splitlines(keepends=True), f"a/{name}", f"b/{name}")
    return "".join(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines)
