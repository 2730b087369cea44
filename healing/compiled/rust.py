"""What a Rust file says: its scopes, signatures, structs; the usual first value of a type.

Read from the text of the workspace alone. Types are texts here, as the compiler prints them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from tree_sitter import Node

from ..workspace import Workspace
from .syntax import Tree, find, parse, up

FUNCTIONS = ("function_item", "closure_expression")
INTEGERS = ("u8", "i8", "u16", "i16", "u32", "i32", "usize", "isize", "u64", "i64", "u128", "i128")
NUMBERS = frozenset((*INTEGERS, "f32", "f64"))
#: Widths in bits; those of usize and isize are what they are at least.
WIDTH = {"u8": 8, "u16": 16, "u32": 32, "u64": 64, "u128": 128, "i8": 8, "i16": 16, "i32": 32, "i64": 64,
         "i128": 128, "usize": 64, "isize": 64, "f32": 24, "f64": 53}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Signature:
    """Parameters as (name, type) without ``self``, the type of the result."""

    name: str
    parameters: tuple[tuple[str, str], ...]
    result: str


def tree_of(text: str) -> Tree:
    return parse(text, "rust")


def rust_files(workspace: Workspace) -> Iterator[str]:
    found = [path.relative_to(workspace.root).as_posix() for path in sorted(workspace.root.rglob("*.rs"))]
    for name in dict.fromkeys([*found, *(each for each in workspace.files if each.endswith(".rs"))]):
        if not name.startswith((".", "target/")) and "/target/" not in name:
            yield name


def functions(workspace: Workspace, first: str) -> Iterator[tuple[str, Tree, Node]]:
    """(file, tree, item) of every function of the workspace, those of one file before all others."""
    for name in dict.fromkeys([first, *rust_files(workspace)]):
        tree = tree_of(workspace.text(name) or "")
        for node in find(tree.root, "function_item", "function_signature_item"):
            yield name, tree, node


def signature(tree: Tree, node: Node) -> Signature:
    parameters = node.child_by_field_name("parameters")
    found = [
        (tree.field(each, "pattern").removeprefix("mut "), tree.field(each, "type"))
        for each in (parameters.named_children if parameters is not None else ())
        if each.type == "parameter"
    ]
    return Signature(tree.field(node, "name"), tuple(found), tree.field(node, "return_type"))


def locals_at(tree: Tree, offset: int) -> dict[str, str]:
    """Names of the functions around a place → their type where it is written there, else an empty text."""
    found: dict[str, str] = {}
    function = up(tree.at(offset), *FUNCTIONS)
    while function is not None:
        for name, kind in signature(tree, function).parameters:
            found.setdefault(name, kind)
        for each in find(function, "let_declaration", "for_expression", "let_condition", "match_arm", "parameter"):
            if tree.start(each) >= offset:
                continue
            pattern = each.child_by_field_name("pattern")
            kind = tree.field(each, "type") or _plain(tree, each.child_by_field_name("value"))
            for name in find(pattern, "identifier"):
                found.setdefault(tree.of(name), kind if pattern is not None and pattern.type == "identifier" else "")
        function = up(function.parent, *FUNCTIONS)
    return found


def _plain(tree: Tree, value: Node | None) -> str:
    """The type of a value where that is plain to see."""
    if value is None:
        return ""
    kinds = {"string_literal": "&str", "boolean_literal": "bool", "char_literal": "char", "float_literal": "f64"}
    if value.type in kinds:
        return kinds[value.type]
    return tree.field(value, "name") if value.type == "struct_expression" else ""


def structs(workspace: Workspace, first: str) -> Mapping[str, tuple[tuple[str, str], ...]]:
    """Structs of the workspace → fields as (name, type)."""
    found: dict[str, tuple[tuple[str, str], ...]] = {}
    for name in dict.fromkeys([first, *rust_files(workspace)]):
        tree = tree_of(workspace.text(name) or "")
        for node in find(tree.root, "struct_item"):
            fields = tuple(
                (tree.field(each, "name"), tree.field(each, "type"))
                for each in find(node.child_by_field_name("body"), "field_declaration")
            )
            found.setdefault(tree.field(node, "name"), fields)
    return found


def usual(kind: str) -> str:
    """The value with which a type usually begins."""
    if kind in NUMBERS:
        return "0.0" if kind.startswith("f") else "0"
    if kind == "bool":
        return "false"
    if kind == "String":
        return "String::new()"
    if kind in ("&str", "&'static str"):
        return '""'
    match = re.match(r"(?:\w+::)*(?P<name>\w+)<", kind)
    name = match["name"] if match else ""
    if name in ("Vec", "HashMap", "HashSet", "BTreeMap", "BTreeSet", "VecDeque"):
        return f"{kind.partition('<')[0]}::new()"
    if name == "Option":
        return "None"
    return "()" if kind == "()" else "Default::default()"


def indent_of(text: str) -> str:
    return text[: len(text) - len(text.lstrip())]
