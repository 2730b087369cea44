"""What it does
    Mends the use of a value that is not there: a loop that goes one too far, an index that begins at one, optional
    chaining where the value may be absent, a guard where the caller cannot do without it.

Example
    ``for (let i = 0; i <= entries.length; i++)``, ``user.address.city ?? "unknown"``

Use instead
    ``for (let i = 0; i < entries.length; i++)``, ``user.address?.city ?? "unknown"``

When it stays silent
    The fault is not about ``undefined`` or ``null``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from tree_sitter import Node

from ...fault import Fault
from ...javascript.names import at, read_of_nothing
from ...javascript.syntax import FUNCTIONS, Syntax, enclosing, walk
from ...repair import Context, Draft, Repair

_CODES = frozenset({"TS18047", "TS18048", "TS18049", "TS2531", "TS2532", "TS2533", "TS2722", "TS2721"})
_TOO_FAR = re.compile(r"<=(\s*[\w$.]+\.length\b)(?!\s*-)")
_FROM_LENGTH = re.compile(r"(=\s*[\w$.]+\.length)\s*;(?=[^;]*(?:>=\s*0|--))")


def propose(fault: Fault, context: Context) -> Iterator[Draft]:
    if read_of_nothing(fault) is None and fault.code not in _CODES:
        return
    if fault.line < 0:
        return
    syntax = Syntax(context.text, context.name)
    place = _place(fault, context, syntax)
    yield from _loops(context, syntax)
    if place is None:
        return
    owner = place.child_by_field_name("object") or place.child_by_field_name("function")
    if owner is None:
        return
    end = syntax.span(owner)[1]
    defaulted = _has_default(syntax, place)
    text = context.text[end : end + 2]
    if text != "?." and not _assigned(place):
        new, stop = ("?.", end + 1) if text[:1] == "." else ("?.", end)
        prior = 0.93 if defaulted else 0.62
        chain = [(end, stop, new)]
        yield context.edit("Use optional chaining", chain, prior)
        if fault.code.startswith("TS") and not defaulted:
            yield from _default(context, syntax, place, chain)
    yield from _guard(fault, context, syntax, owner)


def _place(fault: Fault, context: Context, syntax: Syntax) -> Node | None:
    """The access whose owner is absent: the caret is at its property (Node) or its owner (TypeScript)."""
    tokens, index = at(context)
    token = tokens[index] if tokens else None
    if token is None:
        return None
    node = syntax.at(token.start)
    wanted = {"member_expression", "subscript_expression", "call_expression"}
    found = enclosing(node, wanted)
    while found is not None:
        owner = found.child_by_field_name("object") or found.child_by_field_name("function")
        if owner is not None:
            start, end = syntax.span(owner)
            if fault.code.startswith("TS") and start == token.start and (fault.end_column < 0 or end >= token.end):
                return found
            if not fault.code.startswith("TS") and end <= token.start:
                return found
        found = enclosing(found.parent, wanted)
    return None


def _assigned(place: Node) -> bool:
    node = place
    while node.parent is not None and node.parent.type in {"member_expression", "subscript_expression"}:
        node = node.parent
    parent = node.parent
    return (
        parent is not None
        and parent.type.endswith("assignment_expression")
        and parent.child_by_field_name("left") == node
    )


def _has_default(syntax: Syntax, place: Node) -> bool:
    """Whether what is made of the access may be undefined: it is tested, or has a default, or is compared."""
    node = place
    while node.parent is not None and node.parent.type in {
        "member_expression",
        "call_expression",
        "subscript_expression",
    }:
        node = node.parent
    parent = node.parent
    if parent is None:
        return False
    if parent.type == "binary_expression":
        operator = parent.child_by_field_name("operator")
        return operator is not None and syntax.of(operator) in {"??", "||", "===", "!==", "==", "!="}
    if parent.type == "variable_declarator":
        name = parent.child_by_field_name("name")
        if name is not None:
            used = re.search(rf"\b{re.escape(syntax.of(name))}\s*(?:=== undefined|== null|\?\?|\?\.)", syntax.text)
            return bool(used)
    return parent.type == "parenthesized_expression" and parent.parent is not None and "if" in parent.parent.type


def _default(context: Context, syntax: Syntax, place: Node, chain: list[tuple[int, int, str]]) -> Iterator[Draft]:
    node = place
    while node.parent is not None and node.parent.type in {"member_expression", "call_expression"}:
        node = node.parent
    end = syntax.span(node)[1]
    method = re.search(r"[\w$]+(?=\(|$)", context.text[chain[0][1] :])
    value = {"length": "0", "indexOf": "-1", "size": "0", "map": "[]", "filter": "[]", "split": "[]"}.get(
        method[0] if method else "", '""'
    )
    yield context.edit(
        f"Use optional chaining, and `{value}` as the default", [*chain, (end, end, f" ?? {value}")], 0.6
    )


def _guard(fault: Fault, context: Context, syntax: Syntax, owner: Node) -> Iterator[Draft]:
    """In a loop the element is passed over, in a function it returns early: last resorts."""
    statement = owner
    while statement.parent is not None and statement.parent.type not in {"statement_block", "program"}:
        statement = statement.parent
    block = statement.parent
    if block is None or block.type != "statement_block" or block.parent is None:
        return
    start = syntax.span(statement)[0]
    indent = context.text[context.lines.starts[context.lines.position(start)[0]] : start]
    name = syntax.of(owner)
    if not re.fullmatch(r"[\w$.]+", name):
        return
    word = "continue" if block.parent.type in {"for_in_statement", "for_statement", "while_statement"} else "return"
    function = enclosing(block, FUNCTIONS)
    if word == "return" and (function is None or fault.code.startswith("TS")):
        return
    new = f"if ({name} == null) {word};\n{indent}"
    yield context.edit(f"Pass over what has no `{name}`", [(start, start, new)], 0.5 if word == "continue" else 0.35)


def _loops(context: Context, syntax: Syntax) -> Iterator[Draft]:
    """Bounds of the loops around the fault, and of those in its function."""
    node = enclosing(syntax.at(context.offset), FUNCTIONS) or syntax.root
    for each in walk(node):
        if each.type not in {"for_statement", "while_statement"}:
            continue
        start, end = syntax.span(each)
        head = context.text[start : min(end, start + 200)].partition("{")[0]
        inside = start <= context.offset <= end
        for match in _TOO_FAR.finditer(head):
            at_ = start + match.start()
            yield context.edit("Stop before the length", [(at_, at_ + 2, "<")], 0.95 if inside else 0.7)
        for match in _FROM_LENGTH.finditer(head):
            at_ = start + match.end(1)
            yield context.edit("Begin at the last index", [(at_, at_, " - 1")], 0.93 if inside else 0.7)
    row = context.lines.line(context.fault.line)
    base = context.lines.starts[context.fault.line]
    for match in re.finditer(r"\[([\w$]+) ([+-]) 1\]|\[([\w$.]+\.length)\]", row):
        if match[3]:
            at_ = base + match.end() - 1
            yield context.edit("Index the last one", [(at_, at_, " - 1")], 0.9)


REPAIR = Repair(
    "js-absent-value", "Mend the use of a value that is not there", propose, languages=("javascript", "typescript")
)
