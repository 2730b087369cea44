"""Changes near the errors of TypeScript: all are counted by the language service in one process, and the real command
is run over those that leave no error.

Invariant: only the real command verifies. What only compiles, where as much can be said for another change, is a guess.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from ..guard import objection
from ..omission import omits
from ..task import Task, confirmed
from ..verify import State, contexts
from ..workspace import Workspace
from .near import near
from .service import Service

#: Changes of one question, and runs of the real command.
MOST, CONFIRMED = 150, 3
#: A change that only the compiler judges must be as likely as this, and more likely by this than any other.
LIKELY, CLEAR = 0.42, 0.025


def heal_by_service(task: Task, service: Service, begun: Sequence[State] = ()) -> list[State]:
    """States of changes near the errors after which the command works, the likeliest first. ``begun`` are states that
    got further than the first one: where they stand, changes are tried as well."""
    workspace, first = task.workspace, task.first
    origins = [State({}, first), *[each for each in begun if each.run.fault.code.startswith("TS")][:1]]
    states: list[State] = []
    for origin in reversed(origins):
        if task.left() <= 0:
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
        clean = [each for each, errors in zip(tried, counts, strict=False) if not errors]
        states += confirmed(task, clean, CONFIRMED, partial(_doubt, workspace))
        if any(each.run.ok for each in states):
            break
    return states


def _doubt(workspace: Workspace, state: State, others: Sequence[State]) -> bool:
    """Whether only the compiler judges a change, and it is unlikely, rivalled, or leaves out what the program holds."""
    if state.run.passed:
        return False
    rivalled = any(other.prior > state.prior - CLEAR for other in others)
    return state.prior < LIKELY or rivalled or omits(workspace, state.texts)
