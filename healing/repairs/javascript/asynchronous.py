"""What it does
    Makes the function around an ``await`` asynchronous; awaits a promise where its value is used: in the declaration of
    the variable, or around the call.

Example
    ``const users = loadUsers(file); return users.filter(…)`` where ``loadUsers`` is asynchronous

Use instead
    ``const users = await loadUsers(file); …``

When it stays silent
    Nothing there is asynchronous.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from tree_sitter import Node

from ...fault import Fault
from ...grammar import Splice
from ...javascript.modules import imports, is_module, resolve
from ...javascript.names import at, missing_property, not_a_function, read_of_nothing
from ...javascript.syntax import FUNCTIONS, Syntax, enclosing, walk
from ...repair import Context, Draft, Repair

_OUTSIDE = re.compile(r"await is only valid|Unexpected reserved word|'await' expressions? (?:are|is) only allowed")
_CODES = frozenset(
    {
        "TS1308",
        "TS2339",
        "TS2551",
        "TS2322",
        "TS2345",
        "TS2739",
        "TS2740",
        "TS2741",
        "TS2801",
        "TS2362",
        "TS2363",
        "TS2365",
        "TS2488",
        "TS2769",
    }
)
#: Calls of the language and of Node that give a promise.
_PROMISES = re.compile(
    r"\b(?:fetch|Promise\.\w+|import)\(|\.(?:json|text|arrayBuffer)\(\)$|\bfsp?\.promises\.|\breadFile\("
)


def propose(fault: Fault, context: Context) -> Iterator[Draft]:
    syntax = Syntax(context.text, context.name)
    if _OUTSIDE.search(fault.message) or fault.code == "TS1308":
        yield from _make_async(context, syntax)
    elif (fault.code in _CODES and "Promise<" in fault.message) or _runtime(fault):
        yield from _await(fault, context, syntax)


def _runtime(fault: Fault) -> bool:
    said = (
        missing_property(fault) or not_a_function(fault) or read_of_nothing(fault) or "is not iterable" in fault.message
    )
    return (fault.exception == "TypeError" and bool(said)) or fault.category == "test"


def _make_async(context: Context, syntax: Syntax) -> Iterator[Draft]:
    tokens, index = at(context)
    place = next((each.start for each in tokens[max(index - 3, 0) : index + 4] if each.text == "await"), context.offset)
    # Where `await` is a syntax error, the tree around it is broken: it is read with the functions made asynchronous.
    function = enclosing(syntax.at(place), FUNCTIONS)
    prior = 0.96
    while function is not None:
        edits = _async(syntax, function)
        if edits:
            yield context.edit("Make the function asynchronous", edits, prior)
        prior -= 0.2
        function = enclosing(function.parent, FUNCTIONS)


def _async(syntax: Syntax, function: Node) -> list[Splice]:
    """The changes that make a function asynchronous, its declared result included; none if it is already."""
    if any(each.type == "async" for each in function.children):
        return []
    start = syntax.span(function)[0]
    if function.type == "method_definition":
        name = function.child_by_field_name("name")
        start = syntax.span(name)[0] if name is not None else start
    edits: list[Splice] = [(start, start, "async ")]
    result = function.child_by_field_name("return_type")
    if result is not None and "Promise<" not in syntax.of(result):
        begin, end = syntax.span(result)
        shown = syntax.text[begin:end].lstrip(": ")
        edits.append((begin, end, f": Promise<{shown}>"))
    return edits


def _await(fault: Fault, context: Context, syntax: Syntax) -> Iterator[Draft]:
    """Await the value of the variable that is used on the line of the fault, or the call there."""
    asynchronous = _asynchronous(context, syntax)
    row = fault.line
    names = {
        each.text for each in at(context)[0] if context.lines.position(each.start)[0] == row and each.kind == "name"
    }
    for node in walk(syntax.root):
        line = context.lines.position(syntax.span(node)[0])[0]
        if node.type == "variable_declarator":
            target, value = node.child_by_field_name("name"), node.child_by_field_name("value")
            if target is None or value is None or not (set(re.findall(r"[\w$]+", syntax.of(target))) & names):
                continue
            if line > row or not (_promise(syntax, value, asynchronous) or "Promise<" in fault.message):
                continue
            yield from _awaited(context, syntax, value, 0.95)
        elif node.type == "call_expression" and line == row and _promise(syntax, node, asynchronous):
            yield from _awaited(context, syntax, node, 0.9)


def _awaited(context: Context, syntax: Syntax, value: Node, prior: float) -> Iterator[Draft]:
    if value.type == "await_expression" or (value.parent is not None and value.parent.type == "await_expression"):
        return
    start, end = syntax.span(value)
    parent = value.parent
    member = parent is not None and parent.type in {"member_expression", "subscript_expression", "call_expression"}
    edits: list[Splice] = [(start, start, "(await "), (end, end, ")")] if member else [(start, start, "await ")]
    function = enclosing(value, FUNCTIONS)
    if function is None and not is_module(context.workspace, context.name):
        return
    if function is not None:
        edits += _async(syntax, function)
    yield context.edit("Await the promise", edits, prior)


def _promise(syntax: Syntax, node: Node, asynchronous: set[str]) -> bool:
    if node.type != "call_expression":
        return False
    function = node.child_by_field_name("function")
    called = syntax.of(function).rpartition(".")[2] if function is not None else ""
    return called in asynchronous or bool(_PROMISES.search(syntax.of(node)))


def _asynchronous(context: Context, syntax: Syntax) -> set[str]:
    """Names of the asynchronous functions of the file and of the modules of the workspace that it imports."""
    found = _async_names(syntax)
    for each in imports(syntax):
        target = resolve(context.workspace, context.name, each.specifier)
        text = context.workspace.text(target) if target else None
        if target and text:
            found |= _async_names(Syntax(text, target))
        if each.specifier.endswith("/promises"):
            start, end = each.statement
            found |= set(re.findall(r"[\w$]+", context.text[start:end].partition("from")[0])) - {
                "import",
                "as",
                "default",
            }
    return found


def _async_names(syntax: Syntax) -> set[str]:
    found: set[str] = set()
    for node in walk(syntax.root):
        if node.type in FUNCTIONS and any(each.type == "async" for each in node.children):
            name = node.child_by_field_name("name")
            if name is None and node.parent is not None and node.parent.type in {"variable_declarator", "pair"}:
                name = node.parent.child_by_field_name("name") or node.parent.child_by_field_name("key")
            if name is not None:
                found.add(syntax.of(name))
        elif node.type in FUNCTIONS and (result := node.child_by_field_name("return_type")) is not None:
            name = node.child_by_field_name("name")
            if "Promise<" in syntax.of(result) and name is not None:
                found.add(syntax.of(name))
    return found


REPAIR = Repair(
    "js-async",
    "Await a promise, and make the function around asynchronous",
    propose,
    languages=("javascript", "typescript"),
)
