"""What it does
    Makes the last ``elif`` an ``else``, where every branch gives a variable a value, and none was taken.

Example
    ``if score >= 90: grade = "A"`` and ``elif score < 50: grade = "C"``, and then ``return grade``

Use instead
    ``else: grade = "C"``

When it stays silent
    A branch does not set the variable, or there is an ``else`` already.
"""

from __future__ import annotations

from collections.abc import Iterator

from ..fault import Fault
from ..names import undefined_name
from ..origins import assignments, field_of, indexed, mendable, walk
from ..repair import Context, Draft, Repair

#: As much as a value that is set before all branches: where both make it work, they are compared.
PRIOR = 0.8


def propose(fault: Fault, context: Context) -> Iterator[Draft]:
    if fault.exception != "UnboundLocalError":
        return
    name = undefined_name(fault)
    for site in mendable(context)[:1]:
        if site.function not in indexed(site.text)["function_definition"]:
            continue
        for choice in walk(site.function, nested=False):
            branches = choice.children_by_field_name("alternative") if choice.type == "if_statement" else []
            if (
                not branches
                or any(each.type == "else_clause" for each in branches)
                or choice.start_point[0] > site.line
            ):
                continue
            bodies = [field_of(each, "consequence") for each in (choice, *branches)]
            if not all(body is not None and assignments(body, name, site.text) for body in bodies):
                continue
            last = branches[-1]
            body = field_of(last, "condition")
            if body is not None:
                edit = (site.span(last)[0], site.span(body)[1], "else")
                yield site.edit("Take the last branch in all other cases", [edit], PRIOR)


REPAIR = Repair("last-branch", "Take the last branch in all other cases", propose)
