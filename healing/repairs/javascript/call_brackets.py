"""What it does
    Leaves out the brackets after what is no function (a getter, ``length``), and writes those that a call lacks.

Example
    ``if (this.full())`` where ``get full()``

Use instead
    ``if (this.full)``

When it stays silent
    The brackets hold arguments.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ...fault import Fault
from ...javascript.names import here, missing_property, not_a_function
from ...repair import Context, Draft, Repair

#: A function where what it gives is meant.
_UNCALLED = frozenset({"TS2560", "TS2774", "TS2801"})
_EMPTY = re.compile(r"\s*\(\s*\)")
_FUNCTION = re.compile(r"Property '(?P<name>[\w$]+)' does not exist on type '\(.*\) =>")


def propose(fault: Fault, context: Context) -> Iterator[Draft]:
    called = missing_property(fault) if fault.exception == "TypeError" else None
    name = called[1] if called else not_a_function(fault)
    if name:
        for token in here(context, name, attribute=called is not None)[:1]:
            match = _EMPTY.match(context.text, token.end)
            if match:
                yield context.edit(f"Read `{name}`", [(token.end, match.end(), "")], 0.85)
    elif fault.code in {"TS6234", "TS2349"} and fault.line >= 0:
        line = context.lines.line(fault.line)
        base = context.lines.starts[fault.line]
        for match in re.finditer(r"[\w$](\(\s*\))", line):
            near = 0 <= match.start() - fault.column <= 40
            yield context.edit(
                "Read it, without a call", [(base + match.start(1), base + match.end(), "")], 0.9 if near else 0.5
            )
    elif fault.code in _UNCALLED and "to call it" in fault.message:
        match = re.compile(r"[\w$]+(?:\??\.#?[\w$]+)*").match(context.text, context.offset)
        if match:
            yield context.edit(f"Call `{match[0]}`", [(match.end(), match.end(), "()")], 0.92)
    elif _FUNCTION.search(fault.message) and fault.line >= 0:
        place = context.offset
        match = re.compile(r"([\w$]+)\s*\.\s*$").search(context.text[:place])
        if match:
            yield context.edit("Call the function", [(match.end(1), match.end(1), "()")], 0.9)


REPAIR = Repair(
    "js-call-brackets", "Leave out the brackets of what is no function", propose, languages=("javascript", "typescript")
)
