"""What of a file can be fuzzed, from its text alone: cheap enough for a lens on every keystroke.

Invariant: nothing is imported or run here. Nested functions, overload and abstract stubs, properties and dunder
methods are left out; a class is a target of its own (a sequence of method calls).
"""

from __future__ import annotations

import hashlib
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass

from tree_sitter import Node

from ..syntax import parse

_SKIP_DECORATORS = ("overload", "abstractmethod", "property", "cached_property", "setter", "deleter", "fixture")
_TEST_PREFIX = "test_"
_BLOCKS = (
    *("if_statement", "try_statement", "with_statement", "else_clause", "elif_clause", "except_clause"),
    *("finally_clause", "block", "ERROR"),
)


@dataclass(frozen=True, slots=True)
class FuzzTarget:
    """``name`` is qualified (``Class.method``); ``line`` is the 0-based line of its ``def`` or ``class``."""

    name: str
    line: int
    kind: str = "function"  # or "method", "class"


def fuzz_targets(text: str) -> tuple[FuzzTarget, ...]:
    """The functions, methods and classes of ``text`` that can be fuzzed, in file order."""
    return targets_in(parse(text.encode("utf-8", "surrogatepass")).root_node)


def targets_in(module: Node) -> tuple[FuzzTarget, ...]:
    """The same for a tree that is there already."""
    return tuple(_targets(module))


def definition_hash(text: str, name: str) -> str:
    """16 hexadecimal digits of the source text of ``name`` (``Class.method``), dedented; "" where it is not found.

    Stable under edits elsewhere in the file, moves and other indentation; decorators are part of a definition. Of
    several definitions of one name the last counts, as it does when the module runs.
    """
    whole = definition(parse(text.encode("utf-8", "surrogatepass")).root_node, name)
    if whole is None:
        return ""
    source = textwrap.dedent(" " * whole.start_point.column + _text(whole)).strip()
    return hashlib.sha256(source.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def definition_lines(module: Node, name: str) -> tuple[int, int] | None:
    """First and last line (0-based) of the definition of ``name`` with its decorators; None where it is not found."""
    whole = definition(module, name)
    return None if whole is None else (whole.start_point.row, whole.end_point.row)


def definition(module: Node, name: str) -> Node | None:
    """The definition that counts, with its decorators."""
    block: Node | None = module
    found: Node | None = None
    for part in name.split("."):
        found = None
        for node, _ in _definitions(block) if block is not None else ():
            found = node if _name(node) == part else found
        if found is None:
            return None
        block = found.child_by_field_name("body")
    if found is None:
        return None
    return found.parent if found.parent is not None and found.parent.type == "decorated_definition" else found


def _targets(module: Node) -> Iterator[FuzzTarget]:
    for node, decorators in _definitions(module):
        name = _name(node)
        if not name:
            continue
        if node.type == "function_definition":
            if _wanted(node, decorators, name):
                yield FuzzTarget(name, node.start_point.row)
            continue
        methods = list(_methods(node, name))
        if _has_steps(node) and not _not_instantiable(node):
            yield FuzzTarget(name, node.start_point.row, "class")
        yield from methods


def _methods(cls: Node, cls_name: str) -> Iterator[FuzzTarget]:
    body = cls.child_by_field_name("body")
    if body is None or _not_instantiable(cls):
        return
    for node, decorators in _definitions(body):
        name = _name(node)
        if node.type == "function_definition" and not name.startswith("__") and _wanted(node, decorators, name):
            yield FuzzTarget(f"{cls_name}.{name}", node.start_point.row, "method")


def _has_steps(cls: Node) -> bool:
    """Whether objects of the class have a method to call; a class of constructors only is no sequence of calls."""
    body = cls.child_by_field_name("body")
    return body is not None and any(
        node.type == "function_definition"
        and not _name(node).startswith("_")
        and _wanted(node, decorators, _name(node))
        and not any(each.lstrip("@") in ("classmethod", "staticmethod") for each in decorators)
        for node, decorators in _definitions(body)
    )


def _definitions(block: Node) -> Iterator[tuple[Node, tuple[str, ...]]]:
    """Definitions of a block, also under ``if`` and ``try`` at its level, with their decorators."""
    for node in block.named_children:
        if node.type in ("function_definition", "class_definition"):
            yield node, ()
        elif node.type == "decorated_definition":
            inner = node.child_by_field_name("definition")
            if inner is not None:
                yield inner, tuple(_text(each) for each in node.named_children if each.type == "decorator")
        elif node.type in _BLOCKS:
            yield from _definitions(node)


def _wanted(node: Node, decorators: tuple[str, ...], name: str) -> bool:
    if name.startswith(_TEST_PREFIX) or name == "__getattr__":
        return False
    called = [decorator.rstrip("()").rsplit(".", 1)[-1].lstrip("@") for decorator in decorators]
    if any(each in _SKIP_DECORATORS or each.endswith("property") for each in called):
        return False
    return not _is_stub(node)


def _is_stub(node: Node) -> bool:
    """Whether the body is only a docstring, ``...``, ``pass`` or ``raise NotImplementedError``."""
    body = node.child_by_field_name("body")
    statements = [each for each in body.named_children if each.type != "comment"] if body is not None else []
    if statements and _text(statements[0]).lstrip("rRuUbBfF")[:1] in ("'", '"'):
        statements = statements[1:]
    return all(
        each.type == "pass_statement" or _text(each) == "..." or _text(each).startswith("raise NotImplementedError")
        for each in statements
    )


def _not_instantiable(cls: Node) -> bool:
    bases = cls.child_by_field_name("superclasses")
    text = _text(bases) if bases is not None else ""
    return any(word in text for word in ("Protocol", "TypedDict", "Enum", "Exception", "Error", "TestCase"))


def _name(node: Node) -> str:
    name = node.child_by_field_name("name")
    return _text(name) if name is not None else ""


def _text(node: Node) -> str:
    return (node.text or b"").decode("utf-8", "replace")
