"""A model as one more source of edits: asked only when nothing else healed the fault, and judged like everything else.

A round shows the suspicious part of the code with what failed; each candidate goes through the guard, is run, and its
run's words go into the next round. One that gets past the fault to a later one is kept, and the search goes on from
there. A place is left when a round brings the same code again, or the second in a row a failure that was seen before.

Invariant: the model sees text and proposes text. An edit of it is verified by the same runs as any other, and the guard
refuses what hides a failure. Who may be asked, and what it may cost, is decided by who makes the :class:`Model`.
"""

from __future__ import annotations

import re
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from keyword import iskeyword
from pathlib import Path

from ..analyzers.definitions import definitions, function_at
from ..analyzers.syntax import parse
from ..codegen.governor import Declined, forget
from ..codegen.improving import Attempt, Improved, Problem, improve
from .guard import objection
from .logic.spectrum import ochiai
from .logic.trial import Traced
from .modelling import REPAIR, Model, Told
from .probe import Run
from .repair import Context, Draft
from .verify import Execute, State, is_solved, later
from .workspace import Workspace, is_test

#: How likely an answer is right before it was run, and places that are tried.
PRIOR, PLACES = 0.5, 2

_MADE = re.compile(r"^[ \t]*(?:(?:async[ \t]+)?(?:def|class)[ \t]+(\w+)|(raise)\b)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class _Place:
    name: str
    line: int


def heal_by_model(
    workspace: Workspace,
    first: Run,
    execute: Execute,
    model: Model,
    command: Sequence[str],
    *,
    traced: Traced | None = None,
    told: Told,
    say: Callable[[str], None],
    on_state: Callable[[State], None],
    on_trial: Callable[[Context, State, bool], None],
    clock: Callable[[], float] = time.monotonic,
) -> list[State]:
    """The states that a model's answers lead to, a solved one last if there is one. Raises Cancelled."""
    deadline = clock() + model.seconds
    answers: list[str] = []
    found: list[State] = []
    state: State | None = State({}, first)
    while state is not None:
        here, state = state, None
        view = workspace.with_texts(here.texts)
        for place in list(_places(view, here.run, traced if here.run is first else None))[:PLACES]:
            attempts, seen, stale = list[Attempt](), {_key(here.run)}, 0
            while state is None and told.calls < model.rounds and clock() < deadline:
                say("asking the model for a repair")
                answer = _asked(view, place, here.run, command, model, attempts)
                told.calls += 1
                if isinstance(answer, Declined):
                    told.paid(answer.cost_usd)
                    told.notes.append(answer.reason)
                    break
                told.paid(answer[0].cost_usd)
                answers.append(answer[0].record["reply"])
                known = len(seen), len(attempts)
                for each in answer:
                    if any(each.code == attempt.code for attempt in attempts):
                        continue
                    step, outcome = _tried(view, place, each, here, first, execute)
                    if step is None:  # refused by the guard: its reason is something to go by
                        attempts.append(Attempt(each.code, outcome))
                        continue
                    further = later(here.run.fault, step.run.fault) or _fewer(here.run, step.run)
                    on_trial(_context(view, place, here.run), step, further and not step.solved)
                    found.append(step)
                    if step.solved:
                        on_state(step)
                        return found
                    if further:
                        state = step
                        break
                    attempts.append(Attempt(each.code, outcome))
                    seen.add(_key(step.run))
                stale = stale + 1 if len(seen) == known[0] else 0
                if state is None and (len(attempts) == known[1] or stale > 1):
                    told.notes.append("the model's last round brought nothing new")
                    break
            if state is not None:
                break
    forget(answers, model.means.store)  # what did not help is not to be the answer next time
    return found


def _asked(
    view: Workspace, place: _Place, run: Run, command: Sequence[str], model: Model, attempts: Sequence[Attempt]
) -> tuple[Improved, ...] | Declined:
    problem = Problem(
        view.root,
        Path(view.absolute(place.name)),
        place.line,
        words_of(run),
        " ".join(command),
        _failing_test(view, run),
        run.fault.language or "text",
    )
    return improve(view.text(place.name) or "", problem, model.means, attempts)


def _tried(
    view: Workspace, place: _Place, each: Improved, state: State, first: Run, execute: Execute
) -> tuple[State | None, str]:
    """The state after a candidate, and what its run said; None if the guard refuses it."""
    changed = {place.name: each.text}
    refused = objection(view, changed) or _removed(view, place, each, state.run)
    if refused:
        return None, f"not run, since it {refused}"
    draft = Draft(each.title, changed, PRIOR, REPAIR)
    texts = {**state.texts, **changed}
    run = execute(view.with_texts(texts))
    step = State(texts, run, (*state.drafts, draft), is_solved(first, run))
    return step, words_of(run)


def _removed(view: Workspace, place: _Place, each: Improved, run: Run) -> str:
    """Where a text does not parse, the guard cannot count what it holds; who rewrites it must leave nothing out."""
    if run.fault.category != "syntax" or not place.name.endswith(".py"):
        return ""
    lost = _made(view.text(place.name) or "") - _made(each.text)
    return f"removes `{next(iter(lost))}`" if lost else ""


def _made(text: str) -> Counter[str]:
    """What lines of a text define, and how often they raise."""
    words = (match[1] or match[2] for match in _MADE.finditer(text))
    return Counter(word for word in words if word == "raise" or (word.isidentifier() and not iskeyword(word)))


def _context(view: Workspace, place: _Place, run: Run) -> Context:
    return Context(view, place.name, view.text(place.name) or "", run.fault)


def words_of(run: Run) -> str:
    """What a run printed, and how it ended."""
    said = "\n".join(part.decode("utf-8", "replace").strip() for part in (run.outcome.stdout, run.outcome.stderr))
    if run.outcome.reason != "exit":
        said += f"\n(it did not end by itself: {run.outcome.reason})"
    return said.strip() or f"{run.fault.exception}: {run.fault.message}"


def _key(run: Run) -> tuple[object, ...]:
    fault = run.fault
    return (fault.exception, re.sub(r"0x[0-9a-f]+", "0x", fault.message), fault.path, fault.line, run.failed)


def _fewer(before: Run, after: Run) -> bool:
    return bool(before.failed) and len(after.failed) < len(before.failed) and bool(after.tests)


# --- where -----------------------------------------------------------------------------------------------------------


def _places(workspace: Workspace, first: Run, traced: Traced | None) -> Iterator[_Place]:
    """Where the fault may be, the likeliest first, each function once; never a test."""
    seen: set[tuple[str, int]] = set()
    for place in _suspects(workspace, first, traced):
        text = workspace.text(place.name)
        if text is None or is_test(place.name):
            continue
        key = (place.name, _start(text, place.line) if place.name.endswith(".py") else -1)
        if key not in seen:
            seen.add(key)
            yield place


def _suspects(workspace: Workspace, first: Run, traced: Traced | None) -> Iterator[_Place]:
    fault = first.fault
    cause = fault
    while cause.cause is not None:
        cause = cause.cause
    text = (workspace.text(fault.path) or "").split("\n")
    called = list(_called(workspace, text[fault.line] if 0 <= fault.line < len(text) else ""))
    if fault.category == "test":  # what it asserts something about, rather than where
        yield from called
    for each in (fault, cause):
        if each.path and each.line >= 0 and not is_test(each.path):
            yield _Place(each.path, each.line)
    yield from called
    if fault.category != "test":
        yield from (_Place(frame.path, frame.line) for frame in reversed(fault.frames) if frame.path)
    if traced is not None:
        weights: dict[tuple[str, int], tuple[float, int, int]] = {}
        for (name, line), weight in ochiai(traced.tests).items():
            text = workspace.text(name) if not is_test(name) else None
            if text is not None and (start := _start(text, line)) >= 0:
                best, count, _ = weights.get((name, start), (0.0, 0, 0))
                weights[name, start] = (max(best, weight), count + 1, line)
        ordered = sorted(weights.items(), key=lambda item: (-item[1][0], -item[1][1], item[0]))
        yield from (_Place(name, line) for (name, _), (_, _, line) in ordered)
    yield from _called(workspace, _failing_test(workspace, first))
    yield from (_Place(frame.path, frame.line) for frame in reversed(fault.frames) if frame.path)


def _called(workspace: Workspace, code: str) -> Iterator[_Place]:
    """Where the functions and classes of the workspace are defined that ``code`` calls, in their order."""
    for name in dict.fromkeys(re.findall(r"\b[A-Za-z_]\w*(?=\()", code)):
        for module in workspace.exports.get(name, ()):
            path = workspace.modules[module]
            text = workspace.text(path) or ""
            found = re.search(rf"(?m)^(?:async )?(?:def|class) {re.escape(name)}\b", text)
            if found is not None:
                yield _Place(path, text.count("\n", 0, found.start()))


def _start(text: str, line: int) -> int:
    """The first line of the function around ``line``; -1 outside of one."""
    data = text.encode("utf-8", "surrogatepass")
    found = function_at(definitions(parse(data).root_node, data), line)
    return -1 if found is None else found.first


def _failing_test(workspace: Workspace, run: Run) -> str:
    """The text of the first failing test, or of the tests' function that the fault came through."""
    places: list[tuple[str, int]] = []
    for ident in run.fault.tests[:1]:
        path, _, rest = ident.partition("::")
        name = re.sub(r"\[.*", "", rest).rpartition("::")[2]
        text = workspace.text(path) or ""
        found = re.search(rf"(?m)^[ \t]*(?:async )?def {re.escape(name)}\b", text) if name else None
        if found is not None:
            places.append((path, text.count("\n", 0, found.start())))
    places += [(frame.path, frame.line) for frame in run.fault.frames if frame.path and is_test(frame.path)]
    for path, line in places:
        text = workspace.text(path)
        if text is None or not path.endswith(".py"):
            continue
        data = text.encode("utf-8", "surrogatepass")
        definition = function_at(definitions(parse(data).root_node, data), line)
        if definition is not None:
            return "\n".join(text.split("\n")[definition.first : definition.last + 1])
    return ""
