"""What it does
    Returns the value of a function's last expression where its caller got None and could not use it.

Example
    ``def total(xs): sum(xs)`` and then ``total(xs) + 1``

Use instead
    ``def total(xs): return sum(xs)``

When it stays silent
    The fault does not involve None, or no function that was called ends with a bare expression or variable.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from tree_sitter import Node

from ..expressions import Tree
from ..fault import Fault
from ..grammar import splice
from ..repair import Context, Draft, Repair
from ..workspace import is_test

#: Statements whose value is None anyway: returning it would change nothing.
_EFFECTS = re.compile(r"(?:^print|\.(?:append|extend|add|update|sort|reverse|insert|remove|write|clear|discard))\s*\(")

_NO_VALUE = frozenset({"assignment", "augmented_assignment", "string", "concatenated_string", "yield", "ellipsis"})


def propose(fault: Fault, context: Context) -> Iterator[Draft]:
    yield from _before_the_end(fault, context)
    if fault.exception not in {"TypeError", "AttributeError", "AssertionError"}:
        return
    if fault.exception != "AssertionError" and "NoneType" not in fault.message:
        return
    called = _called(context)
    for file in dict.fromkeys([context.name, *_reached(context)]):
        text = context.workspace.text(file)
        if text is None or is_test(file):
            continue
        tree = Tree(text)
        for name, body in _functions(tree.tree.root_node):
            last = _last(body)
            for statement in _expressions(body):
                value = statement.named_children[0]
                said = tree.expression(value)
                if value.type in _NO_VALUE or _EFFECTS.search(said.text):
                    continue
                if statement == last:
                    weight = 0.55 if any(_returns(child) for child in body.children) else 0.85
                elif value.type not in {"call", "await"}:
                    weight = 0.8  # a value that nobody uses, in the middle of a function
                else:
                    continue
                start = tree.offset(statement.start_byte)
                new = splice(text, [(start, start, "return ")])
                prior = weight + (0.06 if name in called else -0.2)
                yield Draft(f"Return the value of `{said.text[:40]}`", {file: new}, prior)


def _before_the_end(fault: Fault, context: Context) -> Iterator[Draft]:
    """The function comes to the ``raise`` at its end, because it computed its result above and did not return it."""
    lines = context.text.split("\n")
    if is_test(context.name) or not 0 <= fault.line < len(lines) or not lines[fault.line].lstrip().startswith("raise"):
        return
    tree = Tree(context.text)
    for _, body in _functions(tree.tree.root_node):
        if not body.start_point[0] <= fault.line <= body.end_point[0]:
            continue
        told = {_given(tree.expression(each).text) for each in _results(body)}
        for statement in _expressions(body):
            said = tree.expression(statement.named_children[0])
            if (
                said.type in _NO_VALUE
                or _EFFECTS.search(said.text)
                or statement.start_point[0] >= fault.line
                or not told
            ):
                continue
            start = tree.offset(statement.start_byte)
            prior = 0.86 if _given(said.text) in told else 0.5
            yield context.edit(f"Return the value of `{said.text[:40]}`", [(start, start, "return ")], prior)


def _given(text: str) -> str:
    """What a call is given: what is alike in results of the same kind."""
    return text.partition("(")[2] or text


def _results(node: Node) -> Iterator[Node]:
    if node.type == "return_statement" and node.named_children:
        yield node.named_children[0]
    for child in node.children:
        if child.type not in {"function_definition", "lambda", "class_definition"}:
            yield from _results(child)


def _last(body: Node) -> Node | None:
    statement = body.named_children[-1] if body.named_children else None
    while statement is not None and statement.type == "comment":
        statement = statement.prev_named_sibling
    return statement


def _expressions(node: Node) -> Iterator[Node]:
    """Expression statements of a function, those of nested functions left out."""
    for child in node.named_children:
        if child.type == "expression_statement" and child.named_children:
            yield child
        elif child.type not in {"function_definition", "class_definition", "decorated_definition"}:
            yield from _expressions(child)


def _called(context: Context) -> set[str]:
    """Names on the lines of the calls that led to the fault, and the functions they are in."""
    found: set[str] = set()
    for frame in context.fault.frames:
        text = context.workspace.text(frame.path) or ""
        lines = text.split("\n")
        if 0 <= frame.line < len(lines):
            found |= set(re.findall(r"\w+", lines[frame.line]))
        found.add(frame.function)
    return found


def _reached(context: Context) -> Iterator[str]:
    """The files of the calls, and those that the file of the fault imports."""
    for frame in reversed(context.fault.frames):
        yield frame.path
    for module in re.findall(r"^[ \t]*(?:from|import)[ \t]+([\w.]+)", context.text, re.MULTILINE):
        file = context.workspace.modules.get(module)
        if file:
            yield file


def _functions(node: Node) -> Iterator[tuple[str, Node]]:
    if node.type == "function_definition":
        name, body = node.child_by_field_name("name"), node.child_by_field_name("body")
        if name is not None and body is not None:
            yield (name.text or b"").decode("utf-8", "replace"), body
    for child in node.children:
        yield from _functions(child)


def _returns(node: Node) -> bool:
    if node.type in {"function_definition", "lambda", "class_definition"}:
        return False
    if node.type in {"return_statement", "yield"}:
        return True
    return any(_returns(child) for child in node.children)


REPAIR = Repair("missing-return", "Return the value that a function computes last", propose)
