"""Names that can be used at a place in a file: declarations of the scopes around it, and members of its class.

Invariant: read from the tree alone; a declaration below its use counts, since functions are hoisted.
"""

from __future__ import annotations

from collections.abc import Iterator

from tree_sitter import Node

from .syntax import FUNCTIONS, Syntax, enclosing, walk

_BLOCKS = FUNCTIONS | {"statement_block", "program", "for_statement", "for_in_statement", "catch_clause", "class_body"}
_PATTERNS = frozenset(
    {
        "object_pattern",
        "array_pattern",
        "rest_pattern",
        "assignment_pattern",
        "pair_pattern",
        "object_assignment_pattern",
        "required_parameter",
        "optional_parameter",
    }
)


def visible(syntax: Syntax, offset: int) -> dict[str, Node]:
    """Name → the node that declares it, innermost scope first, for everything declared in the file around a place."""
    place, found = syntax.byte(offset), dict[str, tuple[int, Node]]()
    for name, node in declarations(syntax):
        scope = _scope(node)
        if scope.start_byte <= place <= scope.end_byte:
            size = scope.end_byte - scope.start_byte
            if name not in found or size < found[name][0]:
                found[name] = (size, node)
    return {name: node for name, (_, node) in sorted(found.items(), key=lambda item: item[1][0])}


def declarations(syntax: Syntax) -> Iterator[tuple[str, Node]]:
    """(name, identifier) of every declaration in the file."""
    for node in walk(syntax.root):
        if node.type in {"variable_declarator", "function_declaration", "class_declaration", "catch_clause"} | {
            "generator_function_declaration",
            "enum_declaration",
            "abstract_class_declaration",
        }:
            target = node.child_by_field_name("parameter" if node.type == "catch_clause" else "name")
            if target is not None:
                yield from _bound(syntax, target)
        elif node.type in {"formal_parameters"}:
            for child in node.named_children:
                yield from _bound(syntax, child)
        elif node.type == "arrow_function" and (one := node.child_by_field_name("parameter")):
            yield from _bound(syntax, one)
        elif node.type == "for_in_statement" and node.child_by_field_name("kind"):
            left = node.child_by_field_name("left")
            if left is not None:
                yield from _bound(syntax, left)
        elif node.type == "import_clause":
            for child in node.named_children:
                if child.type == "identifier":
                    yield syntax.of(child), child
                elif child.type == "namespace_import":
                    yield from ((syntax.of(each), each) for each in child.named_children)
                elif child.type == "named_imports":
                    for each in child.named_children:
                        name = each.child_by_field_name("alias") or each.child_by_field_name("name")
                        if name is not None:
                            yield syntax.of(name), name


def members(syntax: Syntax, offset: int) -> dict[str, str]:
    """Member → ``method`` or ``field`` of the class around a place, those set on ``this`` included; private ones with
    their ``#``."""
    body = enclosing(syntax.at(offset), {"class_body"})
    return {} if body is None else class_members(syntax, body)


def class_members(syntax: Syntax, body: Node) -> dict[str, str]:
    found: dict[str, str] = {}
    for child in body.named_children:
        name = child.child_by_field_name("name") or child.child_by_field_name("property")
        if child.type in {"method_definition", "method_signature", "abstract_method_signature"} and name is not None:
            accessor = any(each.type in {"get", "set"} for each in child.children)
            found[syntax.of(name)] = "field" if accessor else "method"
        elif child.type in {"field_definition", "public_field_definition"} and name is not None:
            found[syntax.of(name)] = "field"
    for node in walk(body):
        if node.type == "assignment_expression":
            left = node.child_by_field_name("left")
            owner = (
                left.child_by_field_name("object") if left is not None and left.type == "member_expression" else None
            )
            if left is not None and owner is not None and owner.type == "this":
                name = left.child_by_field_name("property")
                if name is not None:
                    found.setdefault(syntax.of(name), "field")
        elif node.type == "required_parameter" and any(each.type == "accessibility_modifier" for each in node.children):
            name = node.child_by_field_name("pattern")
            if name is not None:
                found.setdefault(syntax.of(name), "field")
    found.pop("constructor", None)
    return found


def properties(syntax: Syntax) -> set[str]:
    """Every property name that the file defines: keys of objects, members of classes and interfaces."""
    found: set[str] = set()
    for node in walk(syntax.root):
        if node.type == "pair":
            key = node.child_by_field_name("key")
            if key is not None and key.type == "property_identifier":
                found.add(syntax.of(key))
        elif node.type in {"shorthand_property_identifier", "shorthand_property_identifier_pattern"}:
            found.add(syntax.of(node))
        elif node.type in {"method_definition", "public_field_definition", "property_signature", "method_signature"}:
            name = node.child_by_field_name("name")
            if name is not None:
                found.add(syntax.of(name))
        elif node.type == "field_definition" and (name := node.child_by_field_name("property")):
            found.add(syntax.of(name))
        elif node.type == "assignment_expression":
            left = node.child_by_field_name("left")
            name = left.child_by_field_name("property") if left is not None else None
            if name is not None:
                found.add(syntax.of(name))
    return found


def _bound(syntax: Syntax, node: Node) -> Iterator[tuple[str, Node]]:
    """The names that a pattern binds."""
    if node.type in {"identifier", "type_identifier", "shorthand_property_identifier_pattern"}:
        yield syntax.of(node), node
    elif node.type in _PATTERNS:
        if node.type in {"assignment_pattern", "object_assignment_pattern"}:
            children = [node.child_by_field_name("left")]
        elif node.type == "pair_pattern":
            children = [node.child_by_field_name("value")]
        elif node.type in {"required_parameter", "optional_parameter"}:
            children = [node.child_by_field_name("pattern")]
        else:
            children = list(node.named_children)
        for child in children:
            if child is not None:
                yield from _bound(syntax, child)


def _scope(node: Node) -> Node:
    """The part of the file in which a declaration can be used."""
    parent = node.parent
    if parent is not None and parent.type in {"function_declaration", "class_declaration"} | {
        "generator_function_declaration",
        "enum_declaration",
        "abstract_class_declaration",
    }:
        parent = parent.parent
    current = parent
    while current is not None and current.type not in _BLOCKS:
        current = current.parent
    root = node
    while root.parent is not None:
        root = root.parent
    return current or root
