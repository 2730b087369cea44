"""The imports and signatures of the file that the code goes into: what is in scope, without bodies or values."""

from __future__ import annotations

from collections.abc import Iterator

from tree_sitter import Node

from ...analyzers.syntax import parse, text_of
from .pieces import Piece
from .visible import blanked

_IMPORTS = ("import_statement", "import_from_statement", "future_import_statement")


def scope_pieces(text: str, path: str, class_name: str) -> Iterator[Piece]:
    """One piece for the imports and one for the definitions; of class ``class_name`` its members too."""
    data = text.encode("utf-8", "surrogatepass")
    imports: list[str] = []
    lines: list[str] = []
    for node in parse(data).root_node.children:
        if node.type in _IMPORTS:
            imports.append(text_of(node, data))
        else:
            lines += shown(node, data, class_name)
    yield Piece("scope", "\n".join(imports), 1.0, path, cut=True)
    yield Piece("scope", "\n".join(lines), 0.9, path, cut=True)


def shown(node: Node, data: bytes, class_name: str = "", *, fields: bool = False) -> list[str]:
    """The head of a definition, of a class also its members where it is ``class_name`` or ``fields`` is set."""
    definition = node.child_by_field_name("definition") if node.type == "decorated_definition" else node
    if definition is None or definition.type not in ("function_definition", "class_definition"):
        constant = _field(node, data) if node.type == "expression_statement" else ""
        return [constant] if constant and constant.partition(":")[0].isupper() else []
    body = definition.child_by_field_name("body")
    end = body.start_byte if body is not None else definition.end_byte
    head = " ".join(blanked(definition, data, end=end).split())
    if definition.type == "function_definition":
        return [f"{head} ..."]
    decorators = [] if definition is node else [_decorator(each, data) for each in node.children if _names(each, data)]
    lines = [*decorators, head]
    if body is not None and (fields or name_of(definition, data) == class_name):
        for child in body.named_children:
            lines += [f"    {line}" for line in shown(child, data)]
            field = _field(child, data) if child.type == "expression_statement" else ""
            lines += [f"    {field}"] if field and f"    {field}" not in lines else []
    return [*lines, "    ..."] if lines[-1] == head else lines


def name_of(definition: Node, data: bytes) -> str:
    """The name of a function or a class; empty where it is missing."""
    name = definition.child_by_field_name("name")
    return "" if name is None else text_of(name, data)


def _field(statement: Node, data: bytes) -> str:
    """A field or a constant: its name and type, not its value."""
    first = statement.named_children[0] if statement.named_children else None
    if first is None or first.type != "assignment":
        return ""
    hint, left = first.child_by_field_name("type"), first.child_by_field_name("left")
    name = "" if left is None else text_of(left, data)
    return f"{name}: {text_of(hint, data)}" if hint is not None else name


def _names(node: Node, data: bytes) -> bool:
    return node.type == "decorator" and bool(text_of(node, data).strip("@ \n"))


def _decorator(node: Node, data: bytes) -> str:
    """``@dataclass`` of ``@dataclass(frozen=True)``: which decorator, not what it is given."""
    return text_of(node, data).partition("(")[0].strip()
