"""What it does
    Converts a value to the type that is wanted where there is one obvious way: ``String``, ``Number``, ``BigInt``, a
    copy of a read-only list, the time of a date, a list of one, the union's member that was misspelt.

Example
    ``const text: string = count;``

Use instead
    ``const text: string = String(count);``

When it stays silent
    There is no obvious conversion between the two types.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from tree_sitter import Node

from ...fault import Fault
from ...javascript.names import at
from ...javascript.syntax import Syntax, enclosing, walk
from ...repair import Context, Draft, Repair
from ...spelling import closest

_ASSIGNED = re.compile(
    r"(?:Type|Argument of type) '(?P<have>.+?)' is not assignable to (?:type|parameter of type) '(?P<want>.+?)'\."
)
_NODE = re.compile(
    r"argument must be (?:of type|an instance of|one of type) (?P<want>\w+).*"
    r"Received (?:type (?P<have>\w+)|(?P<none>undefined|null)|an instance of (?P<instance>\w+))",
    re.DOTALL,
)
_VALUES = frozenset(
    {
        "identifier",
        "member_expression",
        "call_expression",
        "subscript_expression",
        "string",
        "number",
        "template_string",
    }
    | {
        "binary_expression",
        "await_expression",
        "array",
        "object",
        "true",
        "false",
        "new_expression",
        "ternary_expression",
    }
)
_ARITHMETIC = frozenset({"TS2362", "TS2363", "TS2365", "TS2367"})


def propose(fault: Fault, context: Context) -> Iterator[Draft]:
    syntax = Syntax(context.text, context.name)
    if "Cannot mix BigInt" in fault.message:
        yield from _big(context, syntax)
        return
    if fault.code in _ARITHMETIC:
        yield from _numbers(fault, context, syntax)
        return
    types = _types(fault)
    node = _value(context, syntax, fault) if types else None
    if types is None or node is None:
        return
    have, want = types
    start, end = syntax.span(node)
    for title, before, after, prior in _conversions(have, want):
        yield context.edit(title, [(start, start, before), (end, end, after)], prior)
    written = syntax.of(node)
    if node.type == "string":
        for meant, score in closest(written[1:-1], re.findall(r'"([^"]*)"', _expanded(context, want)), count=2):
            new = f"{written[0]}{meant}{written[0]}"
            yield context.edit(f"Write {new}", [(start, end, new)], min(score + 0.05, 0.96))
        if want == "number" and re.fullmatch(r"-?\d+(?:\.\d+)?", written[1:-1]):
            yield context.edit(f"Write {written[1:-1]}", [(start, end, written[1:-1])], 0.95)
        if want == "boolean" and written[1:-1] in {"true", "false"}:
            yield context.edit(f"Write {written[1:-1]}", [(start, end, written[1:-1])], 0.95)
    if node.type in {"number", "true", "false"} and want == "string":
        yield context.edit(f'Write "{written}"', [(start, end, f'"{written}"')], 0.94)


def _types(fault: Fault) -> tuple[str, str] | None:
    match = _ASSIGNED.search(fault.message)
    if match and fault.code in {"TS2322", "TS2345", "TS2769", "TS2820", "TS4104"}:
        return match["have"], match["want"]
    match = _NODE.search(fault.message)
    if match and fault.code == "ERR_INVALID_ARG_TYPE":
        return match["have"] or match["instance"] or match["none"], match["want"]
    return None


def _conversions(have: str, want: str) -> Iterator[tuple[str, str, str, float]]:
    bare = re.sub(r" \| (?:undefined|null)|(?:undefined|null) \| ", "", have)
    text = bare.startswith('"') or bare == "string"
    if want == "string" and bare in {"number", "boolean", "bigint", "symbol"} and bare == have:
        yield "Convert to text", "String(", ")", 0.93
    elif want == "string" and bare == "string":
        yield 'Use "" where it is absent', "", ' ?? ""', 0.8
    elif want == "string" and bare in {"Buffer", "URL", "Date", "Buffer<ArrayBufferLike>", "NonSharedBuffer"}:
        yield "Convert to text", "", ".toISOString()" if bare == "Date" else ".toString()", 0.85
    elif want == "string" and bare == "string[]":
        yield "Join the parts", "", '.join("")', 0.6
    elif want == "string" and have in {"object", "Object", "Array"}:
        yield "Write it as JSON", "JSON.stringify(", ")", 0.85
    elif want == "number" and text and bare == have:
        yield "Convert to a number", "Number(", ")", 0.92
    elif want == "number" and bare == "number" and have != "number":
        yield "Use 0 where it is absent", "", " ?? 0", 0.78
    elif want == "number" and bare == "Date":
        yield "Take the time of the date", "", ".getTime()", 0.93
    elif want == "Date" and bare in {"string", "number"}:
        yield "Make a date", "new Date(", ")", 0.92
    elif want == "bigint" and bare == "number":
        yield "Convert to a BigInt", "BigInt(", ")", 0.92
    elif want == "number" and bare == "bigint":
        yield "Convert to a number", "Number(", ")", 0.92
    elif want == "boolean":
        yield "Test whether it is there", "Boolean(", ")", 0.85
    elif want.removesuffix("[]") == have and want.endswith("[]"):
        yield "Make a list of it", "[", "]", 0.85
    elif have.startswith("readonly ") and want == have.removeprefix("readonly "):
        yield "Copy the list", "[...", "]", 0.9
    elif want.endswith("[]") and re.match(r"(?:Set|Map|IterableIterator|Iterator|MapIterator|ArrayIterator)<", have):
        yield "Make a list of it", "[...", "]", 0.93
    elif want.startswith("Set<") and have.endswith("[]"):
        yield "Make a set of it", "new Set(", ")", 0.92
    elif bare == want:
        for value in ["[]"] if want.endswith("[]") else ["{}"]:
            yield f"Use {value} where it is absent", "", f" ?? {value}", 0.6


def _value(context: Context, syntax: Syntax, fault: Fault) -> Node | None:
    """The expression that has the wrong type: at the place itself, or what is assigned or returned there."""
    if fault.code == "ERR_INVALID_ARG_TYPE":
        return _argument(context, syntax, fault)
    tokens, index = at(context)
    token = tokens[index] if tokens else None
    if token is None:
        return None
    node: Node | None = syntax.at(token.start, token.end)
    best = node
    while node is not None and syntax.span(node)[0] == token.start:
        if node.type in _VALUES and (fault.end_column < 0 or syntax.span(node)[1] <= _end(context, fault)):
            best = node
        if node.type in {"arguments", "statement_block"} or node.type.endswith(("_statement", "_declaration")):
            break
        node = node.parent
    parent = best.parent
    field = {
        "variable_declarator": "name",
        "assignment_expression": "left",
        "pair": "key",
        "public_field_definition": "name",
    }
    if parent is not None and parent.type in field and parent.child_by_field_name(field[parent.type]) == best:
        return parent.child_by_field_name("right") or parent.child_by_field_name("value")
    statement = enclosing(best, {"return_statement", "statement_block"})
    if token.text == "return" and statement is not None and statement.named_children:
        return statement.named_children[0]
    return best if best.type in _VALUES else None


def _end(context: Context, fault: Fault) -> int:
    return context.lines.offset(fault.line, fault.end_column)


def _argument(context: Context, syntax: Syntax, fault: Fault) -> Node | None:
    """The argument of the call on the line: named by the message where it is a variable, else the last plain one."""
    named = re.search(r'The "(?P<name>\w+)" argument', fault.message)
    for node in walk(syntax.root):
        if node.type not in {"call_expression", "new_expression"}:
            continue
        if context.lines.position(syntax.span(node)[0])[0] != fault.line:
            continue
        arguments = node.child_by_field_name("arguments")
        given = arguments.named_children if arguments is not None else []
        exact = [each for each in given if named and syntax.of(each).endswith(named["name"])]
        if given and syntax.span(node)[0] <= context.offset < syntax.span(node)[1]:
            position = -1 if named and named["name"] in {"data", "paths[1]", "chunk"} else 0
            return exact[0] if exact else given[position]
    return None


def _expanded(context: Context, want: str) -> str:
    """A union of literals, or the declaration of the alias that names it."""
    for name in context.workspace.source_files((".ts", ".tsx", ".mts")):
        found = re.search(rf"\btype\s+{re.escape(want)}\s*=\s*([^;]+)", context.workspace.text(name) or "")
        if found:
            return found[1].replace("'", '"')
    return want


def _big(context: Context, syntax: Syntax) -> Iterator[Draft]:
    row = context.fault.line
    for node in walk(syntax.root):
        assigned = node.type == "augmented_assignment_expression"
        if not (assigned or node.type == "binary_expression"):
            continue
        if context.lines.position(syntax.span(node)[0])[0] != row:
            continue
        for field in ("right",) if assigned else ("left", "right"):
            side = node.child_by_field_name(field)
            if side is None:
                continue
            start, end = syntax.span(side)
            if side.type == "number" and not syntax.of(side).endswith("n"):
                yield context.edit("Write a BigInt", [(end, end, "n")], 0.93)
            elif side.type != "number":
                yield context.edit("Convert to a BigInt", [(start, start, "BigInt("), (end, end, ")")], 0.75)
                yield context.edit("Convert to a number", [(start, start, "Number("), (end, end, ")")], 0.7)


def _numbers(fault: Fault, context: Context, syntax: Syntax) -> Iterator[Draft]:
    """Both sides of an operator that wants numbers."""
    node = enclosing(syntax.at(context.offset), {"binary_expression"})
    if node is None:
        return
    dates = "Date" in context.text
    for field in ("left", "right"):
        side = node.child_by_field_name(field)
        if side is None or side.type == "number":
            continue
        start, end = syntax.span(side)
        here = start <= context.offset < end
        if dates:
            yield context.edit("Take the time of the date", [(end, end, ".getTime()")], 0.8 if here else 0.6)
        edits = [(start, start, "Number("), (end, end, ")")]
        yield context.edit("Convert to a number", edits, 0.78 if here else 0.62)
    left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
    if left is not None and right is not None and dates:
        edits = [(syntax.span(each)[1], syntax.span(each)[1], ".getTime()") for each in (left, right)]
        yield context.edit("Take the times of the dates", edits, 0.85)


REPAIR = Repair(
    "js-conversion", "Convert a value to the type that is wanted", propose, languages=("javascript", "typescript")
)
