"""What it does
    Assigns to a name what stands behind its colon, where that is a value and no type.

Example
    ``LIMIT : 10``, and ``LIMIT`` is not defined where it is used

Use instead
    ``LIMIT = 10``

When it stays silent
    What stands there may be a type: a name, an attribute, something subscripted, a text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..fault import Fault
from ..layout import logical_lines
from ..names import undefined_name
from ..repair import Context, Draft, Repair

#: What begins no type: a number, a bracket, a text with a prefix or two of them, a truth value.
_VALUE = re.compile(r"[\d(\[{+~-]|(?i:f|b|r|rb|br|rf|fr)['\"]|(?:True|False|not|lambda|await)\b|\w+(?:\.\w+)*\(")


def propose(fault: Fault, context: Context) -> Iterator[Draft]:
    name = undefined_name(fault)
    if not name:
        return
    for line in logical_lines(context.text):
        tokens = line.tokens
        if len(tokens) < 3 or tokens[0].text != name or tokens[1].text != ":":
            continue
        if any(each.text == "=" for each in tokens[2:]) or not _VALUE.match(context.text, tokens[2].start):
            continue
        start, end = tokens[0].end, tokens[2].start
        yield context.edit(f"Assign to `{name}` what stands behind its colon", [(start, end, " = ")], 0.95)


REPAIR = Repair("annotation-for-value", "Assign what stands where a type should", propose)
