"""Changes near the errors of TypeScript: all are counted by the language service in one process, and the real command
is run over those that leave no error.

Invariant: only the real command verifies. What only compiles, where as much can be said for another change, is a guess.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from ..compiled.trial import drops_values
from ..guard import objection
from ..probe import Run
from ..verify import State, contexts, guess, is_solved
from ..workspace import Workspace
from .near import near
from .service import Service

#: Changes of one question, and runs of the real command.
MOST, CONFIRMED = 150, 3
#: A change that only the compiler judges must be as likely as this, and more likely by this than any other.
LIKELY, CLEAR = 0.42, 0.025


@dataclass(frozen=True, slots=True)
class _Counted:
    state: State
    errors: int


def heal_by_service(
    workspace: Workspace,
    first: Run,
    service: Service,
    execute: Callable[[Workspace], Run],
    left: Callable[[], float],
    begun: Sequence[State] = (),
    on_state: Callable[[State], None] = lambda _: None,
) -> list[State]:
    """States of changes near the errors after which the command works, the likeliest first. ``begun`` are states that
    got further than the first one: where they stand, changes are tried as well."""
    origins = [State({}, first), *[each for each in begun if each.run.fault.code.startswith("TS")][:1]]
    states: list[State] = []
    for origin in reversed(origins):
        if left() <= 0:
            break
        view = workspace.with_texts(origin.texts)
        tried: list[State] = []
        for context in contexts(view, origin.run):
            for draft in near(context.fault, context):
                texts = {**origin.texts, **draft.texts}
                if not objection(workspace, texts):
                    tried.append(State(texts, origin.run, (*origin.drafts, draft)))
        tried.sort(key=lambda each: -each.prior)
        tried = tried[:MOST]
        counts = service.counted(workspace, first.fault, [each.texts for each in tried])
        counted = [_Counted(*each) for each in zip(tried, counts, strict=False)]
        clean = [each.state for each in counted if not each.errors]
        for position, each in enumerate(clean[:CONFIRMED]):
            if left() <= 0:
                break
            run = execute(workspace.with_texts(each.texts))
            state = replace(each, run=run, solved=is_solved(first, run))
            rivals = [other for other in clean[position + 1 :] if other.prior > each.prior - CLEAR]
            if (
                state.solved
                and not run.passed
                and (each.prior < LIKELY or rivals or drops_values(workspace, each.texts))
            ):
                state = replace(state, solved=False, evidence=(guess(),))
            states.append(state)
            if run.ok:
                if state.solved:
                    on_state(state)
                return states
    return states
