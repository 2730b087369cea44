"""What it does
    Converts a value to the type that is wanted, where one conversion is usual: between numbers (the narrower operand
    to the wider type), numbers and types made of them, numbers and text, bytes and text, errors and their text, a value
    and its address, a method and its result; ``nil`` becomes the zero value of a type that has none.

Example
    ``100 * part / whole`` with ``part int`` and ``whole float64``.

Use instead
    ``float64(100*part) / whole``

When it stays silent
    No conversion between the two types keeps what the value means.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from tree_sitter import Node

from ...compiled import go
from ...compiled.syntax import Tree, find
from ...fault import Fault
from ...repair import Context, Draft, Repair

_MISMATCHED = re.compile(
    r"^invalid operation: .+ \(mismatched types (?:untyped )?(?P<left>.+) and (?:untyped )?(?P<right>.+)\)$"
)
#: A number written beside what is none.
_CONSTANT = re.compile(
    r"^invalid operation: .+ \(mismatched types (?P<kind>string|\*\S+|error|\[\]\S+) and untyped int\)$"
)
_USED = re.compile(
    r"^cannot use (?P<value>.+?) \((?:[a-z, ]+?(?: .+?)? of (?:\w+ )?type (?P<type>.+?)"
    r"|untyped (?P<untyped>\w+) constant[^)]*)\) as (?P<want>.+?) value in"
)
_NIL = re.compile(r"^cannot use nil as (?P<want>.+?) value in")
#: Types without a name of their own that others are made of.
_BASIC = go.NUMBERS | {"string", "bool"}
#: A text of one letter.
_LETTER = re.compile(r'"(?:[^"\\]|\\.)"')
_WIDTH = {kind: rank for rank, kind in enumerate(
    ["uint8", "byte", "int8", "uint16", "int16", "uint32", "rune", "int32", "uint", "int", "uint64", "int64",
     "float32", "float64"]
)}  # fmt: skip


def propose(fault: Fault, context: Context) -> Iterator[Draft]:
    tree = go.tree_of(context.text)
    if match := _CONSTANT.search(fault.message):
        yield from _beside_constant(context, tree, match["kind"])
    elif match := _MISMATCHED.search(fault.message):
        yield from _operands(context, tree, match["left"], match["right"])
    elif match := _NIL.search(fault.message):
        zero = go.zero(match["want"], context.workspace, context.name)
        if zero not in ("", "nil") and context.text.startswith("nil", context.offset):
            place = (context.offset, context.offset + 3)
            yield context.edit(f"Give {zero} for none", [(*place, zero)], 0.95)
    elif (match := _USED.search(fault.message)) and "overflows" not in fault.message:
        kind = match["type"] or {"int": "int", "float": "float64", "rune": "rune"}.get(
            match["untyped"], match["untyped"]
        )
        node = _node(tree, context.offset, match["value"])
        if node is not None:
            yield from _converted(context, tree, node, kind, match["want"], 0.92)


def _beside_constant(context: Context, tree: Tree, kind: str) -> Iterator[Draft]:
    """The value that stands for none of that type, or the length, in a comparison; else the number as a text."""
    for node in find(tree.root, "binary_expression"):
        one, two = node.child_by_field_name("left"), node.child_by_field_name("right")
        here = _spans(tree, node, context.offset) and context.lines.position(tree.start(node))[0] == context.fault.line
        if one is None or two is None or not here or two.type != "int_literal":
            continue
        number, sign = tree.of(two), tree.field(node, "operator")
        place, whole = (tree.start(two), tree.end(two)), (tree.start(one), tree.end(one))
        none = '""' if kind == "string" else "nil"
        if number == "0" and sign in ("==", "!="):
            yield context.edit(f"Compare with {none}", [(*place, none)], 0.9 if kind == "string" else 0.95)
        if kind == "string" or kind.startswith("[]"):
            length = 0.95 if number == "0" or sign not in ("==", "!=", "+") else 0.6
            yield context.edit("Compare the length", [(*whole, f"len({tree.of(one)})")], length)
        if kind == "string":
            yield context.edit(f'Write "{number}" as text', [(*place, f'"{number}"')], 0.88 if number != "0" else 0.6)


def _operands(context: Context, tree: Tree, left: str, right: str) -> Iterator[Draft]:
    start, end = context.lines.bounds(context.fault.line)
    found = [
        node
        for node in find(tree.root, "binary_expression")
        if start <= tree.start(node) and tree.start(node) <= end and _spans(tree, node, context.offset)
    ]
    for node in sorted(found, key=lambda each: (tree.start(each) != context.offset, tree.end(each))):
        one, two = node.child_by_field_name("left"), node.child_by_field_name("right")
        if one is None or two is None or not _plausible(context, tree, one, left, two, right):
            continue
        for side, kind, other in ((one, left, right), (two, right, left)):
            text = tree.of(side)
            if kind == "string" and other in ("rune", "byte", "int32", "uint8") and _LETTER.fullmatch(text):
                quoted = "'" + (text[1:-1].replace("'", "\\'") if text != '"\\""' else '"') + "'"
                yield context.edit(
                    f"Compare with the letter {quoted}", [(tree.start(side), tree.end(side), quoted)], 0.96
                )
        wider_right = _rank(right) >= _rank(left)
        if left in go.NUMBERS and _named(right):
            wider_right = True
        elif right in go.NUMBERS and _named(left):
            wider_right = False
        first, second = (one, left, right), (two, right, left)
        for rank, (operand, kind, want) in enumerate((first, second) if wider_right else (second, first)):
            yield from _converted(context, tree, operand, kind, want, 0.93 - 0.25 * rank)
        return


def _rank(kind: str) -> int:
    """A number goes to the wider type, anything to text."""
    return len(_WIDTH) if kind == "string" else _WIDTH.get(kind, 0)


def _spans(tree: Tree, node: Node, offset: int) -> bool:
    return tree.start(node) <= offset <= tree.end(node)


def _plausible(context: Context, tree: Tree, one: Node, left: str, two: Node, right: str) -> bool:
    """Operands whose types are plain to see must have those of the message."""
    known = go.locals_at(tree, context.offset)
    for node, kind in ((one, left), (two, right)):
        seen = known.get(tree.of(node), "")
        if seen and seen != kind:
            return False
    return True


def _node(tree: Tree, offset: int, value: str) -> Node | None:
    """The expression at the place; the compiler shortens literals (``square{…}``)."""
    node: Node | None = tree.at(offset)
    while node is not None and tree.start(node) == offset:
        text = tree.of(node)
        if text == value or ("…" in value and text.startswith(value.partition("…")[0])):
            return node
        node = node.parent
    return None


def _converted(context: Context, tree: Tree, node: Node, kind: str, want: str, prior: float) -> Iterator[Draft]:
    text = tree.of(node)
    for new, package, worth in _conversions(text, kind, want):
        splices = [(tree.start(node), tree.end(node), new)]
        if package and package not in go.imports(tree).values():
            splices.insert(0, go.add_import(tree, package))
        yield context.edit(f"Convert to {want}: `{new[:60]}`", splices, prior * worth)


def _conversions(text: str, kind: str, want: str) -> Iterator[tuple[str, str, float]]:
    """(source, package that it needs, how usual) of conversions of ``text``."""
    bare = text.removeprefix("(").removesuffix(")") if text.startswith("(") and text.endswith(")") else text
    if kind in go.NUMBERS and want in go.NUMBERS:
        yield f"{want}({bare})", "", 1.0
    elif kind in go.NUMBERS and want == "string":
        if kind == "int":
            yield f"strconv.Itoa({bare})", "strconv", 1.0
        elif kind in ("rune", "byte"):
            yield f"string({bare})", "", 1.0
        elif kind.startswith("float"):
            yield f"strconv.FormatFloat({bare}, 'g', -1, 64)", "strconv", 0.9
        else:
            yield f"strconv.FormatInt(int64({bare}), 10)", "strconv", 0.95
    elif (kind, want) in {("[]byte", "string"), ("[]rune", "string"), ("string", "[]byte"), ("string", "[]rune")}:
        yield f"{want}({bare})", "", 1.0
    elif kind == "string" and want in go.NUMBERS and re.fullmatch(r'"-?\d+(?:\.\d+)?"', text):
        yield text.strip('"'), "", 0.9
    elif kind == "bool" and want == "string":
        yield f"strconv.FormatBool({bare})", "strconv", 0.95
    elif kind == "error" and want == "string":
        yield f"{text}.Error()", "", 0.95
    elif want == f"*{kind}":
        yield f"&{text}", "", 0.95
    elif kind == f"*{want}":
        yield f"*{text}", "", 0.95
    elif want == f"[]{kind}":
        yield f"{want}{{{text}}}", "", 0.8
    elif kind in ("any", "interface{}"):
        yield f"{text}.({want})", "", 0.6
    elif result := re.fullmatch(r"func\(\) (.+)", kind):
        if result[1] == want:
            yield f"{text}()", "", 1.0
    elif (_named(want) and (_named(kind) or kind in _BASIC)) or (_named(kind) and want in _BASIC):
        if want == "string":
            yield f"{text}.String()", "", 0.9
        yield f"{want}({bare})", "", 0.85 if kind in _BASIC or want in _BASIC else 0.6


def _named(kind: str) -> bool:
    """Types with a name of their own; a basic one under it cannot be seen here."""
    return bool(re.fullmatch(r"[\w.]+", kind)) and kind not in ("string", "bool", "error") and kind not in go.NUMBERS


REPAIR = Repair("go-conversion", "Convert a value to the type that is wanted", propose, languages=("go",))
