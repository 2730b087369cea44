"""Which names can be meant at a place in a file: those of the scopes around it, innermost first.

Built on the same tree and the same name analysis as the undefined-name findings, so that both see one language.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from tree_sitter import Node, Tree

from ..analyzers.names import names_of
from ..analyzers.syntax import parse

_IDENTIFIER = re.compile(r"[^\W\d]\w*")


@dataclass(frozen=True, slots=True)
class Scope:
    """``kind`` is ``function``, ``class``, ``comprehension`` or ``module``; ``name`` is the definition's."""

    kind: str
    name: str
    names: frozenset[str]
    start: int
    end: int


@lru_cache(maxsize=8)
def tree_of(text: str) -> tuple[Tree, bytes]:
    data = text.encode("utf-8", "surrogatepass")
    return parse(data), data


def scopes_at(text: str, offset: int) -> list[Scope]:
    """The scopes that hold the place, innermost first, the module last. Class scopes are given where the place is
    inside one, but Python does not look names up there from inside a method: see ``kind``."""
    return list(_scopes_at(text, offset))


@lru_cache(maxsize=8)
def _scopes_at(text: str, offset: int) -> tuple[Scope, ...]:
    tree, data = tree_of(text)
    at = len(text[:offset].encode("utf-8", "surrogatepass"))
    found: list[Scope] = []
    node: Node | None = tree.root_node.descendant_for_byte_range(at, at)
    while node is not None:
        if node.type in ("function_definition", "lambda"):
            found.append(_scope("function", node, data, _parameters(node, data)))
        elif node.type == "class_definition":
            found.append(_scope("class", node, data, frozenset()))
        elif node.type in (
            "list_comprehension",
            "set_comprehension",
            "dictionary_comprehension",
            "generator_expression",
        ):
            names = {
                _text(each, data)
                for clause in node.named_children
                if clause.type == "for_in_clause" and (left := clause.child_by_field_name("left"))
                for each in _identifiers(left)
            }
            found.append(Scope("comprehension", "", frozenset(names), node.start_byte, node.end_byte))
        node = node.parent
    root = tree.root_node
    module = names_of(root.children, data, root)
    found.append(Scope("module", "", module.binds | module.globals, 0, len(data)))
    return tuple(found)


def _scope(kind: str, node: Node, data: bytes, extra: frozenset[str]) -> Scope:
    body = node.child_by_field_name("body")
    names = names_of(body.children, data, body).binds if body is not None else frozenset[str]()
    name = node.child_by_field_name("name")
    return Scope(kind, _text(name, data) if name else "", names | extra, node.start_byte, node.end_byte)


def _parameters(node: Node, data: bytes) -> frozenset[str]:
    parameters = node.child_by_field_name("parameters")
    if parameters is None:
        return frozenset()
    found: set[str] = set()
    for child in parameters.named_children:
        name = child.child_by_field_name("name") or next(_identifiers(child), None)
        if name is not None:
            found.add(_text(name, data))
    return frozenset(found)


def _identifiers(node: Node) -> Iterator[Node]:
    if node.type == "identifier":
        yield node
    for child in node.children:
        yield from _identifiers(child)


def _text(node: Node, data: bytes) -> str:
    return data[node.start_byte : node.end_byte].decode("utf-8", "surrogatepass")


def visible(text: str, offset: int) -> dict[str, int]:
    """Name → how many scopes away it is bound (0: innermost), as Python would look it up from ``offset``."""
    found: dict[str, int] = {}
    scopes = scopes_at(text, offset)
    inside_function = False
    for depth, scope in enumerate(scopes):
        if scope.kind != "class" or not inside_function:
            for name in scope.names:
                found.setdefault(name, depth)
        inside_function = inside_function or scope.kind == "function"
    return found


def identifiers(text: str) -> list[tuple[str, int]]:
    """Every identifier of the tree with its code-point offset, keywords and the insides of strings left out."""
    tree, data = tree_of(text)
    if text.isascii():
        return [(_text(node, data), node.start_byte) for node in _identifiers(tree.root_node)]
    return [
        (_text(node, data), len(data[: node.start_byte].decode("utf-8", "surrogatepass")))
        for node in _identifiers(tree.root_node)
    ]
