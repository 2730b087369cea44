"""What a module exports, what a file imports and how a specifier is written: ES modules and CommonJS.

Invariant: read from the text of the workspace alone; what lies in ``node_modules`` is known by name only.
"""

from __future__ import annotations

import json
import posixpath
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import PurePosixPath
from typing import Any, cast

from tree_sitter import Node

from ..workspace import Workspace, is_test
from .syntax import Syntax, walk

SUFFIXES = (".js", ".mjs", ".cjs", ".jsx", ".ts", ".tsx", ".mts", ".cts")
TYPESCRIPT = (".ts", ".tsx", ".mts", ".cts")
#: What stands for a TypeScript file in a specifier that names its output.
_OUTPUT = {".ts": ".js", ".tsx": ".js", ".mts": ".mjs", ".cts": ".cjs"}


@dataclass(frozen=True, slots=True)
class Imported:
    """An import or ``require``: the specifier with its offsets (inside of the quotes), and the whole statement's."""

    specifier: str
    start: int
    end: int
    statement: tuple[int, int]
    require: bool


@cache
def builtins() -> Mapping[str, Any]:
    """Names of the language and of Node 20: ``globals``, ``members`` of prototypes, ``statics``, ``modules``."""
    return json.loads(files(str(__package__)).joinpath("builtins.json").read_text("utf-8"))


def source_files(workspace: Workspace) -> tuple[str, ...]:
    """The JavaScript and TypeScript files of the workspace, declarations (``.d.ts``) included."""
    return workspace.source_files(SUFFIXES)


def written_in(workspace: Workspace, compiled: str) -> str | None:
    """The TypeScript file that a JavaScript file which is not in the workspace was compiled from: the one that shares
    most of its path's end, if there is one such."""
    path = PurePosixPath(compiled.removeprefix("file://"))
    if path.suffix not in {".js", ".mjs", ".cjs"} or "node_modules" in path.parts:
        return None
    names = [each for each in source_files(workspace) if each.endswith((".ts", ".tsx", ".mts", ".cts"))]
    ends = {each: _shared(PurePosixPath(each).with_suffix("").parts, path.with_suffix("").parts) for each in names}
    most = max(ends.values(), default=0)
    best = [each for each, shared in ends.items() if shared == most and most]
    return best[0] if len(best) == 1 else None


def _shared(one: tuple[str, ...], two: tuple[str, ...]) -> int:
    """How many parts the ends of two paths share."""
    return next((n for n, (a, b) in enumerate(zip(reversed(one), reversed(two), strict=False)) if a != b),
                min(len(one), len(two)))  # fmt: skip


def imports(syntax: Syntax) -> Iterator[Imported]:
    """Every import, re-export, dynamic import and ``require`` of a literal."""
    for node in walk(syntax.root):
        source = None
        if node.type in {"import_statement", "export_statement"}:
            source = node.child_by_field_name("source")
        elif node.type == "call_expression":
            function, arguments = node.child_by_field_name("function"), node.child_by_field_name("arguments")
            if function is not None and arguments is not None and syntax.of(function) in {"require", "import"}:
                source = next((each for each in arguments.named_children if each.type == "string"), None)
        if source is not None and source.type == "string":
            start, end = syntax.span(source)
            yield Imported(
                syntax.text[start + 1 : end - 1],
                start + 1,
                end - 1,
                syntax.span(node),
                node.type == "call_expression" and syntax.of(node).startswith("require"),
            )


def exports(syntax: Syntax) -> dict[str, str]:
    """Exported name → ``value``, ``type`` or ``default``'s local name; CommonJS's included. The default is under
    ``default``."""
    found: dict[str, str] = {}
    for node in walk(syntax.root):
        if node.type == "export_statement":
            found.update(_exported(syntax, node))
        elif node.type == "assignment_expression":
            found.update(_common(syntax, node))
    return found


def _exported(syntax: Syntax, node: Node) -> Iterator[tuple[str, str]]:
    declaration = node.child_by_field_name("declaration")
    if any(child.type == "default" for child in node.children):
        value = declaration or node.child_by_field_name("value")
        name = value.child_by_field_name("name") if value is not None else None
        yield "default", syntax.of(name or value) if value is not None else ""
    elif declaration is not None:
        kind = "type" if declaration.type in {"interface_declaration", "type_alias_declaration"} else "value"
        name = declaration.child_by_field_name("name")
        if name is not None:
            yield syntax.of(name), kind
        for child in declaration.named_children:
            target = child.child_by_field_name("name") if child.type == "variable_declarator" else None
            if target is not None and target.type == "identifier":
                yield syntax.of(target), kind
    for child in node.named_children:
        if child.type == "export_clause":
            for each in child.named_children:
                name = each.child_by_field_name("alias") or each.child_by_field_name("name")
                if name is not None:
                    yield syntax.of(name), "value"


def _common(syntax: Syntax, node: Node) -> Iterator[tuple[str, str]]:
    left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
    target = syntax.of(left) if left is not None else ""
    if target == "module.exports" and right is not None:
        if right.type != "object":
            yield "default", syntax.of(right) if right.type == "identifier" else ""
            return
        for child in right.named_children:
            key = child.child_by_field_name("key") or child.child_by_field_name("name")
            if child.type == "shorthand_property_identifier":
                yield syntax.of(child), "value"
            elif key is not None:
                yield syntax.of(key), "value"
    elif target.startswith(("exports.", "module.exports.")):
        yield target.rpartition(".")[2], "value"


def resolve(workspace: Workspace, importer: str, specifier: str) -> str | None:
    """The workspace's file that a relative specifier means as bundlers and TypeScript read it, or None."""
    if not specifier.startswith("."):
        return None
    base = posixpath.normpath(posixpath.join(posixpath.dirname(importer), specifier))
    known = set(workspace.source_files((*SUFFIXES, ".json")))
    stem, suffix = posixpath.splitext(base)
    candidates = [base, *(base + each for each in (*SUFFIXES, ".json")), *(f"{base}/index{each}" for each in SUFFIXES)]
    candidates += [stem + source for source, output in _OUTPUT.items() if output == suffix]
    return next((each for each in candidates if each in known), None)


def specifier_of(workspace: Workspace, importer: str, target: str) -> str:
    """How ``importer`` names the file ``target``: as its other relative imports do, with or without an extension."""
    path = posixpath.relpath(target, posixpath.dirname(importer) or ".")
    path = path if path.startswith(".") else f"./{path}"
    stem, suffix = posixpath.splitext(path)
    if suffix == ".json":
        return path
    if _wants_extension(workspace, importer):
        return stem + _OUTPUT.get(suffix, suffix)
    return stem.removesuffix("/index") if stem.endswith("/index") else stem


def _wants_extension(workspace: Workspace, importer: str) -> bool:
    if importer.endswith((".mjs", ".mts")):
        return True
    syntax = Syntax(workspace.text(importer) or "", importer)
    relative = [each.specifier for each in imports(syntax) if each.specifier.startswith(".")]
    if relative:
        return any(posixpath.splitext(each)[1] in SUFFIXES for each in relative)
    return not importer.endswith((*TYPESCRIPT, ".cjs")) and is_module(workspace, importer)


def package_json(workspace: Workspace, name: str) -> tuple[str, Mapping[str, Any]]:
    """The nearest ``package.json`` of a file: its path (empty if there is none) and its content."""
    for folder in _folders(name):
        path = posixpath.join(folder, "package.json")
        text = workspace.text(path) if workspace.relative(path) else None
        if text is not None:
            try:
                value: Any = json.loads(text)
            except ValueError:
                value = None
            return path, cast(dict[str, Any], value) if isinstance(value, dict) else {}
    return "", {}


def _folders(name: str) -> Iterator[str]:
    """The folders around a file, the innermost first; the root is empty."""
    folder = posixpath.dirname(name)
    while folder:
        yield folder
        folder = posixpath.dirname(folder)
    yield ""


def is_module(workspace: Workspace, name: str) -> bool:
    """Whether Node takes a file for an ES module."""
    if name.endswith((".mjs", ".mts")):
        return True
    if name.endswith((".cjs", ".cts")):
        return False
    declared = package_json(workspace, name)[1].get("type")
    if declared is not None:
        return declared == "module"
    syntax = Syntax(workspace.text(name) or "", name)
    return any(node.type in {"import_statement", "export_statement"} for node in syntax.root.children)


def exporters(workspace: Workspace, wanted: str) -> Iterator[tuple[str, str]]:
    """(file, kind) of the files that export a name; tests are left out."""
    for name in source_files(workspace)[:400]:
        text = workspace.text(name) or ""
        if is_test(name) or wanted not in text:
            continue
        kind = exports(Syntax(text, name)).get(wanted)
        if kind is not None:
            yield name, kind
