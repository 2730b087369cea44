"""What a search for changes near a failure is asked, and the part that all such searches end with: the likeliest of
what they found is run by the real command.

What is tried, and in what order, is not said here: each language has its own (:mod:`.compiled`, :mod:`.javascript`).

Invariant: only the real command verifies, and what it says of a doubtful change is told as a guess.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from ..analyzers.sandbox.interface import CancelCheck, Sandbox
from .probe import Run
from .verify import Execute, State, guess, is_solved
from .workspace import Workspace

#: Whether a change after which the command works is too little of a proof, beside the ones after it.
Doubt = Callable[[State, Sequence[State]], bool]


@dataclass(frozen=True, slots=True)
class Task:
    """A failing command over a workspace, with what a search may use. ``first`` is its run as it is; ``execute`` is one
    run of the real command; ``left`` gives the seconds that remain (none: 0 or less); ``cwd`` is the command's folder,
    relative to the workspace's root; ``on_state`` hears of each verified state."""

    workspace: Workspace
    first: Run
    command: Sequence[str]
    sandbox: Sandbox
    execute: Execute
    left: Callable[[], float]
    cwd: str = "."
    cancel: CancelCheck | None = None
    on_state: Callable[[State], None] = lambda _: None


def confirmed(task: Task, clean: Sequence[State], most: int, doubt: Doubt) -> list[State]:
    """At most ``most`` of the states, the likeliest first, with what the real command says of each, until it ends well
    or no time is left. One that is doubted is a guess."""
    states: list[State] = []
    for position, each in enumerate(clean[:most]):
        if task.left() <= 0:
            break
        run = task.execute(task.workspace.with_texts(each.texts))
        state = replace(each, run=run, solved=is_solved(task.first, run))
        if state.solved and doubt(state, clean[position + 1 :]):
            state = replace(state, solved=False, evidence=(guess(),))
        states.append(state)
        if state.solved:
            task.on_state(state)
        if run.ok:
            break
    return states
