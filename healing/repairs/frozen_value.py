"""What it does
    Makes a changed copy where a named tuple or a frozen dataclass cannot be assigned to: ``_replace`` or ``replace``.

Example
    ``point.x = 3`` with ``Point = namedtuple("Point", "x y")``

Use instead
    ``point = point._replace(x=3)``

When it stays silent
    The value belongs to ``self`` and its method does more than change and return it, or a call throws away what the
    method returns; the statement is not a plain assignment to an attribute, or nothing reads the copy.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from tree_sitter import Node

from ...analyzers.syntax import enclosing
from ..fault import Fault
from ..imports import with_import
from ..origins import Site, callee, field_of, indexed, mendable
from ..repair import Context, Draft, Repair

_REPLACE = "from dataclasses import replace"
#: Expressions that hold together beside an operator.
_CLOSE = frozenset(
    {"identifier", "integer", "float", "string", "call", "attribute", "subscript", "parenthesized_expression", "list"}
)
_CLOSED = re.compile(r"^can't set attribute$|^cannot assign to field '\w+'")


def propose(fault: Fault, context: Context) -> Iterator[Draft]:
    kind = fault.exception.rpartition(".")[2]
    if kind not in {"AttributeError", "FrozenInstanceError"} or not _CLOSED.match(fault.message):
        return
    for site in mendable(context)[:1]:
        if kind == "FrozenInstanceError":
            yield from _changed_self(site)
        for node in site.nodes("assignment", "augmented_assignment"):
            left, right, operator = (field_of(node, each) for each in ("left", "right", "operator"))
            if left is None or right is None or left.type != "attribute":
                continue
            owner, label = field_of(left, "object"), field_of(left, "attribute")
            if owner is None or label is None or owner.type != "identifier" or site.code(owner) in {"self", "cls"}:
                continue
            name, field = site.code(owner), site.code(label)
            if not _is_read(site, node, name):
                continue
            value = _value(site, left, right, operator)
            if kind == "AttributeError":
                yield site.put(f"Replace `{field}` in a copy", node, f"{name} = {name}._replace({field}={value})", 0.92)
                continue
            copied = (*site.span(node), f"{name} = replace({name}, {field}={value})")
            yield site.edit(f"Replace `{field}` in a copy", with_import(site.text, [copied], _REPLACE), 0.92)


def _value(site: Site, left: Node, right: Node, operator: Node | None) -> str:
    """What an assignment gives; ``a + b`` for ``a += b``."""
    value = site.code(right)
    if operator is None:
        return value
    return f"{site.code(left)} {operator.type[:-1]} {value if right.type in _CLOSE else f'({value})'}"


def _changed_self(site: Site) -> Iterator[Draft]:
    """A method that does nothing but change its object and return it returns a changed copy."""
    body = field_of(site.function, "body")
    lines = [each for each in body.named_children if each.type != "comment"] if body is not None else []
    if len(lines) < 2 or site.code(lines[-1]) != "return self":
        return
    fields: dict[str, str] = {}
    for line in lines[:-1]:
        node = line.named_children[0] if line.type == "expression_statement" and line.named_children else line
        left, right, operator = (field_of(node, each) for each in ("left", "right", "operator"))
        if (
            left is None
            or right is None
            or left.type != "attribute"
            or node.type not in {"assignment", "augmented_assignment"}
        ):
            return
        target, value = site.code(left), site.code(right)
        name = target.removeprefix("self.")
        if not name.isidentifier() or name in fields or any(f"self.{each}" in value for each in fields):
            return
        fields[name] = _value(site, left, right, operator)
    if _is_thrown_away(site, site.code(field_of(site.function, "name") or site.function)):
        return  # there the object itself was to change
    given = ", ".join(f"{name}={value}" for name, value in fields.items())
    returned = (site.span(lines[0])[0], site.span(lines[-1])[1], f"return replace(self, {given})")
    yield site.edit("Return a changed copy", with_import(site.text, [returned], _REPLACE), 0.94)


def _is_thrown_away(site: Site, method: str) -> bool:
    """Whether a call in the file does nothing with what the method returns."""
    return any(
        callee(call) == method and call.parent is not None and call.parent.type == "expression_statement"
        for call in indexed(site.text)["call"]
    )


def _is_read(site: Site, node: Node, name: str) -> bool:
    """Whether something may read the variable after a statement of a function, in the next round of a loop, too."""
    function = site.function
    if function.type != "function_definition":
        return True
    data, word = site.tree.data, rf"\b{re.escape(name)}\b".encode()
    loop = enclosing(node, "for_statement", "while_statement", "function_definition")
    while loop is not None and loop.type != "function_definition":
        target = field_of(loop, "left")
        if target is None or not re.search(word, target.text or b""):
            return True
        loop = enclosing(loop.parent, "for_statement", "while_statement", "function_definition")
    return re.search(word, data[node.end_byte : function.end_byte]) is not None


REPAIR = Repair("frozen-value", "Make a changed copy of what cannot be assigned to", propose)
