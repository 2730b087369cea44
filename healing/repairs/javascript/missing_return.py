"""What it does
    Returns what a function works out and does not return: the value of its last expression or of its last variable,
    also in a callback with a body.

Example
    ``parts.map((part) => { part.trim(); })``

Use instead
    ``parts.map((part) => { return part.trim(); })``

When it stays silent
    The function returns already, or does nothing that has a value.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from tree_sitter import Node

from ...fault import Fault
from ...javascript.names import missing_property, read_of_nothing
from ...javascript.syntax import FUNCTIONS, Syntax, enclosing, walk
from ...repair import Context, Draft, Repair

_CODES = frozenset({"TS2355", "TS2366", "TS7030", "TS2322", "TS2345", "TS2339", "TS2532", "TS18048"})
#: Methods whose callback has to return something.
_CALLBACKS = frozenset(
    {"map", "filter", "reduce", "find", "some", "every", "sort", "flatMap", "findIndex", "then", "from"}
)
_SILENT = frozenset(
    {"push", "log", "error", "warn", "set", "add", "delete", "forEach", "splice", "sort", "write", "assert"}
)


def propose(fault: Fault, context: Context) -> Iterator[Draft]:
    absent = read_of_nothing(fault) or "is not iterable" in fault.message or missing_property(fault)
    if not absent and fault.code not in _CODES and fault.category != "test":
        return
    syntax = Syntax(context.text, context.name)
    here = enclosing(syntax.at(context.offset), FUNCTIONS)
    declared = fault.code in {"TS2355", "TS2366", "TS7030"}
    for node in walk(syntax.root):
        if node.type not in FUNCTIONS:
            continue
        body = node.child_by_field_name("body")
        if body is None or body.type != "statement_block" or not body.named_children:
            continue
        last = [each for each in body.named_children if each.type != "comment"][-1:]
        if not last or (declared and node != here and not _within(node, context, syntax)):
            continue
        if declared or not _returns(body):
            near = declared or _callback(syntax, node) or _used(context, syntax, node)
            yield from _return_last(context, syntax, last[0], 0.95 if near else 0.6)


def _within(node: Node, context: Context, syntax: Syntax) -> bool:
    start, end = syntax.span(node)
    return start <= context.offset <= end


def _returns(body: Node) -> bool:
    """Whether a function's own body holds a ``return`` with a value."""
    stack = list(body.children)
    while stack:
        node = stack.pop()
        if node.type == "return_statement" and node.named_children:
            return True
        if node.type not in FUNCTIONS and node.type != "class_body":
            stack.extend(node.children)
    return False


def _callback(syntax: Syntax, node: Node) -> bool:
    call = node.parent.parent if node.parent is not None and node.parent.type == "arguments" else None
    function = call.child_by_field_name("function") if call is not None else None
    return function is not None and syntax.of(function).rpartition(".")[2] in _CALLBACKS


def _used(context: Context, syntax: Syntax, node: Node) -> bool:
    """Whether something is done with the result of the function."""
    name = node.child_by_field_name("name")
    if name is None and node.parent is not None and node.parent.type == "variable_declarator":
        name = node.parent.child_by_field_name("name")
    if name is None:
        return False
    word = re.escape(syntax.of(name))
    return bool(
        re.search(rf"(?:[=(,:?+\-*/<>&|]|return|await)\s*(?:\w+\.)*{word}\(|\b{word}\([^;\n]*\)[.\[]", context.text)
    )


def _return_last(context: Context, syntax: Syntax, last: Node, prior: float) -> Iterator[Draft]:
    if last.type == "expression_statement":
        value = last.named_children[0] if last.named_children else None
        if value is None or (value.type in {"await_expression"} and not value.named_children):
            return
        start = syntax.span(last)[0]
        if (
            value.type == "parenthesized_expression"
            and value.named_children[:1]
            and value.named_children[0].type == "object"
        ):
            inner = syntax.of(value.named_children[0])
            yield context.edit("Return the object", [(*syntax.span(value), f"return {inner}")], prior)
        elif value.type in {"assignment_expression", "augmented_assignment_expression", "update_expression"}:
            left = value.child_by_field_name("left") or value.child_by_field_name("argument")
            if left is not None:
                yield from _after(context, syntax, last, syntax.of(left), prior - 0.1)
        else:
            function = value.child_by_field_name("function")
            silent = function is not None and syntax.of(function).rpartition(".")[2] in _SILENT
            owner = function.child_by_field_name("object") if function is not None else None
            if silent and owner is not None and owner.type == "identifier" and syntax.of(owner) != "console":
                yield from _after(context, syntax, last, syntax.of(owner), prior - 0.05)
            yield context.edit("Return the value", [(start, start, "return ")], prior - (0.4 if silent else 0.0))
    elif last.type in {"lexical_declaration", "variable_declaration"}:
        declarator = last.named_children[-1]
        name = declarator.child_by_field_name("name")
        if name is not None and name.type == "identifier":
            yield from _after(context, syntax, last, syntax.of(name), prior)
    elif (
        last.type in {"for_in_statement", "for_statement", "while_statement", "if_statement"}
        and last.parent is not None
    ):
        for each in reversed(last.parent.named_children):
            if each.type == "lexical_declaration" and each.named_children:
                name = each.named_children[0].child_by_field_name("name")
                if name is not None and name.type == "identifier":
                    yield from _after(context, syntax, last, syntax.of(name), prior)
                    return


def _after(context: Context, syntax: Syntax, last: Node, value: str, prior: float) -> Iterator[Draft]:
    start, end = syntax.span(last)
    row = context.lines.position(start)[0]
    indent = context.text[context.lines.starts[row] : start]
    semicolon = ";" if ";" in context.text else ""
    if not indent.strip():
        yield context.edit(f"Return `{value}`", [(end, end, f"\n{indent}return {value}{semicolon}")], prior)


REPAIR = Repair(
    "js-missing-return", "Return what a function works out", propose, languages=("javascript", "typescript")
)
