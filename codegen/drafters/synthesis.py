"""Synthesis: a small program that satisfies the examples, found by search. No model, nothing leaves the machine.

Declines if the examples allow several different programs and say too little to choose: then it names an input that
would decide.
"""

from __future__ import annotations

from ..drafter import Declined, Draft, Drafter, Feedback, Task
from ..placement import read_imports
from ..synthesis.choose import Found, synthesise
from ..synthesis.render import expression, render
from ..writing import function_text

#: Seconds to search for.
BUDGET_S = 5.0
#: Below this confidence nothing is offered. On the benchmark (``tests/benchmarks/synthesis``) about half of the
#: programs below it are wrong, and nearly all of those above it are right.
LEAST = 0.28


def propose(task: Task, feedback: tuple[Feedback, ...]) -> Draft | Declined:
    spec = task.spec
    if task.target.kind == "selection" or task.target.signature.startswith("class"):
        return Declined()
    results = [each for each in spec.examples if not each.raises]
    if not results:
        return Declined("there are no examples to synthesise it from; add one such as: name(1) -> 2")
    if not spec.parameters:
        return Declined("the examples pass no arguments, so there is nothing to compute from")
    if feedback:
        return Declined(f"the synthesised function failed a check ({feedback[-1].check}: {feedback[-1].reason})")
    task.on_progress("searching for a program that satisfies the examples")
    found = synthesise(spec, budget_s=BUDGET_S, cancel=task.cancel)
    if found.expr is None:
        return Declined(
            f"no program of the built-in components satisfies the examples ({found.candidates} tried in "
            f"{found.seconds:.1f} s)"
        )
    if found.confidence < LEAST:
        return Declined(_undecided(task, found))
    names = [each.name for each in spec.parameters]
    rendered = render(found.expr, names, (spec.name,))
    code = function_text(
        spec,
        rendered.lines,
        method=bool(task.target.class_name),
        type_hints=task.request.include_type_hints,
    )
    notes = [f"found as {found.candidates} candidates were tried in {found.seconds:.1f} s"]
    if found.left_out[1]:
        notes.append(
            f"leaving one example out leads to the same function {found.left_out[0]} of {found.left_out[1]} times"
        )
    if found.rivals:
        notes.append(_rival_note(task, found))
    return Draft(code, read_imports(rendered.imports), found.confidence, notes=tuple(notes))


def _undecided(task: Task, found: Found) -> str:
    assert found.expr is not None
    names = [each.name for each in task.spec.parameters]
    shown = expression(found.expr, names)
    if found.rivals:
        rival = found.rivals[0]
        call = f"{task.spec.name}({', '.join(map(repr, rival.args))})"
        return (
            f"the examples allow different functions, such as {shown} and {expression(rival.expr, names)}; "
            f"say what {call} gives ({rival.offered!r} or {rival.other!r})"
        )
    return f"too few examples to be sure of what was found ({shown}); add one or two that differ more"


def _rival_note(task: Task, found: Found) -> str:
    rival = found.rivals[0]
    names = [each.name for each in task.spec.parameters]
    call = f"{task.spec.name}({', '.join(map(repr, rival.args))})"
    return f"{expression(rival.expr, names)} fits too; it differs at {call}: {rival.offered!r} or {rival.other!r}"


DRAFTER = Drafter("synthesis", 20, propose)
