"""Do the edits that all mend a crash also do the same elsewhere? Where they do not, none of them is known to be meant.

Repairs often come in a row: ``return None``, ``return 0``, ``return []``; each makes the crash disappear. The changed
functions are asked on inputs near those of the failing run, with each of the edits (``inside/suture_rivals.py``). If an
edit that is about as plausible as the best one answers otherwise, the best one is told as a guess; so it is where two
unlikely edits of one line cannot be compared at all.

Says nothing of edits that change different functions, or more than the inside of one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from ...analyzers.findings import Evidence, minimal_edit
from ...analyzers.sandbox.interface import CancelCheck, Sandbox
from ..logic.mutations import Placed
from ..logic.spectrum import Case
from ..logic.tree import Mutation, functions_of
from ..logic.trial import Program, Rivals, Traced, attempt
from ..verify import LIKELY, State
from ..workspace import Workspace

#: Edits less plausible than this share of the best one contradict nothing.
COMPARABLE = 0.95
#: Seconds for the comparison.
BUDGET_S = 2.0


def disputed(
    workspace: Workspace,
    states: Sequence[State],
    program: Program,
    *,
    sandbox: Sandbox,
    left: Callable[[], float],
    cwd: str = ".",
    cancel: CancelCheck | None = None,
) -> list[State]:
    """The states; those that are verified and contradict each other are so no more."""
    solved = [each for each in states if each.solved]
    if not solved or len({_key(each) for each in solved}) < 2:
        return list(states)
    near = [each for each in solved if each.prior >= COMPARABLE * solved[0].prior]
    pairs = [(each, placed) for each in near if (placed := placed_of(workspace, each)) is not None]
    budget = min(BUDGET_S, left())
    if len(pairs) < 2 or pairs[0][0] is not solved[0] or budget < 0.3:
        return list(states)
    if program.kind == "pytest":
        program = Program("module", "pytest", program.argv, program.options)
    modules = ("pytest",) if program.target == "pytest" else ()
    tried = attempt(
        workspace,
        program,
        Traced((Case("program", False, "", {}),), modules, 0.0),
        [placed for _, placed in pairs],
        sandbox=sandbox,
        budget_s=budget,
        child_s=1.5,
        hang=True,
        cwd=cwd,
        cancel=cancel,
    )
    for rivals in tried.rivals:
        for other in range(1, len(pairs)):
            apart = differs(rivals, 0, other)
            if apart:
                return _doubted(states, near, apart)
    compared = any(rivals.inputs and {0, 1} <= rivals.answers.keys() for rivals in tried.rivals)
    alike = pairs[0][1].mutation.line == pairs[1][1].mutation.line
    if solved[0].prior < LIKELY and alike and not compared:
        return _doubted(states, near, "places that could not be compared")
    return list(states)


def differs(rivals: Rivals, one: int, other: int) -> str:
    """The first input on which two survivors give different answers, neither by raising; empty if there is none."""
    mine, its = rivals.answers.get(one), rivals.answers.get(other)
    if mine is None or its is None:
        return ""
    for text, a, b in zip(rivals.inputs, mine, its, strict=False):
        if a != b and not a.startswith("!") and not b.startswith("!"):
            return text or "the same call"
    return ""


def placed_of(workspace: Workspace, state: State) -> Placed | None:
    """An edit as a change of one function of one file; None if it is more."""
    if len(state.texts) != 1:
        return None
    ((path, text),) = state.texts.items()
    before, source = workspace.text(path), workspace.source(path)
    if before is None or source is None or source.encoding.lower() not in ("utf-8", "utf8", "utf_8", "utf-8-sig"):
        return None
    pieces = minimal_edit(path, before, text).replacements

    def at(offset: int) -> int:
        return len(before[:offset].encode("utf-8", "surrogatepass"))

    splices = tuple((at(each.start), at(each.end), each.text) for each in pieces)
    around = [
        function
        for function in functions_of(before)
        if all(function.chunk[0] <= start and end <= function.chunk[1] for start, end, _ in splices)
    ]
    if not splices or not around:
        return None
    line = before.count("\n", 0, pieces[0].start)
    return Placed(path, Mutation(state.title, splices, line, state.prior, "repair", state.prior), around[0].chunk)


def _key(state: State) -> tuple[tuple[str, str], ...]:
    return tuple(sorted(state.texts.items()))


def _doubted(states: Sequence[State], near: Sequence[State], apart: str) -> list[State]:
    told = f"{len(near)} edits make it work and differ, for instance at {apart}; nothing says which is meant: a guess"
    evidence = Evidence("counted", told[:300], {"metric": "rivals", "value": len(near), "threshold": None})
    return [
        replace(each, solved=False, confidence=min(each.prior, 0.33), evidence=(*each.evidence, evidence))
        if each.solved
        else each
        for each in states
    ]
