"""What it does
    Converts between types of numbers where the compiler has no proposal of its own: an index becomes ``usize``, the
    narrower operand gets the wider type, a value the type that is expected. Without loss by ``From``, else by ``as``.

Example
    ``count * width`` with ``count: u64`` and ``width: u32``

Use instead
    ``count * u64::from(width)``

When it stays silent
    One of the two types is no number.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ...compiled import rust
from ...compiled.syntax import Tree, up
from ...fault import Fault
from ...repair import Context, Draft, Repair

_INDEX = re.compile(r"^the type `[^`]+` cannot be indexed by `&?(?P<kind>\w+)`")
_OPERANDS = re.compile(r"^cannot (?:\w+(?:-\w+)?) `(?P<one>\w+)` (?:to|from|by|with|and) `(?P<two>\w+)`")
_SIGN = re.compile(r"^cannot (?:calculate.*of|divide|multiply|add|subtract) `(?P<one>\w+)` .*`(?P<two>\w+)`")
_SIMPLE = re.compile(r"[\w.:]+(?:\([^()]*\)|\[[^\[\]]*\])?")
_EXPECTED = re.compile(r"expected `(?P<want>\w+)`, found `(?P<have>\w+)`")


def propose(fault: Fault, context: Context) -> Iterator[Draft]:
    tree = rust.tree_of(context.text)
    if (match := _INDEX.search(fault.message)) and match["kind"] in rust.NUMBERS:
        if place := _marked(context):
            text = context.text[place[0] : place[1]]
            new = f"{text} as usize" if _SIMPLE.fullmatch(text) else f"({text}) as usize"
            yield context.edit("Index by usize", [(*place, new)], 0.92)
    elif match := _OPERANDS.search(fault.message) or _SIGN.search(fault.message):
        yield from _operation(context, tree, match["one"], match["two"])
    elif fault.code == "E0308" and (match := _EXPECTED.search(" ".join(fault.notes))):
        place = _marked(context)
        if place is not None and {match["want"], match["have"]} <= rust.NUMBERS:
            yield from _cast(context, place, match["have"], match["want"], 0.85)


def _marked(context: Context) -> tuple[int, int] | None:
    """The expression that the compiler marked, if it is on one line."""
    if context.fault.end_column <= context.fault.column:
        return None
    return context.offset, context.lines.offset(context.fault.line, context.fault.end_column)


def _operation(context: Context, tree: Tree, one: str, two: str) -> Iterator[Draft]:
    if not {one, two} <= rust.NUMBERS:
        return
    node = up(tree.at(context.offset), "binary_expression", "compound_assignment_expr")
    left, right = (node.child_by_field_name(side) if node is not None else None for side in ("left", "right"))
    if node is None or left is None or right is None:
        return
    one_place, two_place = ((tree.start(each), tree.end(each)) for each in (left, right))
    # the left side of an assignment cannot be converted
    if rust.WIDTH[one] >= rust.WIDTH[two] or node.type != "binary_expression":
        yield from _cast(context, two_place, two, one, 0.92)
    else:
        yield from _cast(context, one_place, one, two, 0.92)
        yield from _cast(context, two_place, two, one, 0.6)


def _cast(context: Context, place: tuple[int, int], have: str, want: str, prior: float) -> Iterator[Draft]:
    text = context.text[place[0] : place[1]]
    bare = text[1:-1] if text.startswith("(") and text.endswith(")") else text
    if _lossless(have, want):
        yield context.edit(f"Convert to {want}", [(*place, f"{want}::from({bare})")], prior)
    new = f"{text} as {want}" if _SIMPLE.fullmatch(text) or bare != text else f"({text}) as {want}"
    if context.text[place[1] : place[1] + 3].lstrip()[:1] in ("<", "."):
        new = f"({new})"
    yield context.edit(f"Convert to {want}", [(*place, new)], prior - 0.04)


def _lossless(have: str, want: str) -> bool:
    if "size" in have + want:
        return False
    signed, wider = have[0], rust.WIDTH[want] > rust.WIDTH[have]
    return wider and (signed == want[0] or signed == "u" or want[0] == "f")


REPAIR = Repair("rust-number-types", "Convert between types of numbers", propose, languages=("rust",))
