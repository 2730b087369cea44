"""What it does
    Makes a constant fit the type that it is given to: a wider type where one is written, the largest value of the type
    in the place of a mask that is too wide, a digit too many left out.

Example
    ``var mask uint16 = 0x1FFFF``

Use instead
    ``var mask uint16 = 0xFFFF``

When it stays silent
    What does not fit is not written as a number at the place of the error.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ...compiled import go
from ...compiled.syntax import up
from ...fault import Fault
from ...repair import Context, Draft, Repair

_OVERFLOWS = re.compile(
    r"as (?P<want>\w+) value in .+ \(overflows\)$|overflows (?P<type>\w+)$|\(overflows (?P<other>\w+)\)"
)
#: How likely another number is meant: that it compiles says nothing for it.
OTHER = 0.4
_BITS = {"byte": 8, "rune": 32, "int": 64, "uint": 64}


def propose(fault: Fault, context: Context) -> Iterator[Draft]:
    match = _OVERFLOWS.search(fault.message)
    if match is None:
        return
    kind = match["want"] or match["type"] or match["other"]
    bits = _BITS.get(kind) or int(re.sub(r"\D", "", kind) or 0)
    tree = go.tree_of(context.text)
    literal = tree.at(context.offset)
    if kind not in go.NUMBERS or literal.type != "int_literal" or not bits:
        return
    text = tree.of(literal)
    value, signed = int(re.sub(r"^0(?=\d)", "0o", text.replace("_", "")), 0), not kind.startswith(("u", "byte"))
    most = 2 ** (bits - 1 if signed else bits) - 1
    if value <= most:
        return
    place = (tree.start(literal), tree.end(literal))
    spec = up(literal, "var_spec", "const_spec", "parameter_declaration", "field_declaration")
    written = spec.child_by_field_name("type") if spec is not None else None
    if spec is not None and written is not None and tree.of(written) == kind:
        for wider in ("int", "int64") if signed else ("uint32", "uint64"):
            if value < 2 ** (64 if wider != "uint32" else 32):
                yield context.edit(f"Declare it as {wider}", [(tree.start(written), tree.end(written), wider)], 0.8)
    hexadecimal = text.lower().startswith("0x")
    if value & (value + 1) == 0:
        new = f"0x{most:X}" if hexadecimal else str(most)
        yield context.edit(f"Write {new}", [(*place, new)], 0.82 if hexadecimal else OTHER)
    head = text[:2] if hexadecimal else ""
    digits = text[len(head) :]
    for index in range(len(digits) - 1, -1, -1):
        new = head + digits[:index] + digits[index + 1 :]
        if re.fullmatch(r"0x[\da-fA-F]+|0|[1-9]\d*", new) and int(new, 0) <= most:
            yield context.edit(f"Write {new}", [(*place, new)], OTHER)


REPAIR = Repair("go-constant-range", "Make a constant fit its type", propose, languages=("go",))
