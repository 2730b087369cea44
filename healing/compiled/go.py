"""What a Go file says: its scopes, signatures, imports; what packages export; the zero value of a type.

Read from the text alone, of the workspace and of Go's own sources. Types are texts here, as the compiler prints them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path, PurePosixPath

from tree_sitter import Node

from ...analyzers.sandbox.toolchains import go_root
from ..grammar import Splice
from ..workspace import Workspace
from .syntax import Tree, find, parse, up

FUNCTIONS = ("function_declaration", "method_declaration", "func_literal")
NUMBERS = frozenset(
    (
        *("int", "int8", "int16", "int32", "int64", "uint", "uint8", "uint16", "uint32", "uint64", "uintptr"),
        *("byte", "rune", "float32", "float64"),
    )
)
#: Packages of Go's library that are known where Go is not installed (a fault from elsewhere), and those that come
#: first where two share a name.
_NAMES = (
    "bufio bytes context crypto/sha256 encoding/base64 encoding/binary encoding/csv encoding/hex encoding/json errors "
    "flag fmt html io io/fs log maps math math/big math/bits math/cmplx math/rand net net/http net/url os os/exec "
    "os/signal path path/filepath reflect regexp runtime slices sort strconv strings sync sync/atomic syscall testing "
    "text/tabwriter text/template time unicode unicode/utf8"
)
USUAL = tuple(_NAMES.split())
_FIRST = ("math/rand", "crypto/rand", "text/template", "html/template")
_EXPORTED = re.compile(
    r"^func (?:\([^)]*\) )?([A-Z]\w*)|^(?:type|var|const) ([A-Z]\w*)|^\t([A-Z]\w*)(?:,| |$)", re.MULTILINE
)


@dataclass(frozen=True, slots=True)
class Signature:
    """Parameters as (name, type), the types of the results."""

    name: str
    parameters: tuple[tuple[str, str], ...]
    results: tuple[str, ...]


def tree_of(text: str) -> Tree:
    return parse(text, "go")


def go_files(workspace: Workspace, folder: str | None = None) -> Iterator[str]:
    """The Go files of the workspace, or of one package's folder."""
    for path in sorted(workspace.root.rglob("*.go") if folder is None else (workspace.root / folder).glob("*.go")):
        name = path.relative_to(workspace.root).as_posix()
        if not any(part.startswith(".") or part == "vendor" for part in PurePosixPath(name).parts[:-1]):
            yield name
    for name in workspace.files:
        if name.endswith(".go") and (folder is None or str(PurePosixPath(name).parent) == folder):
            yield name


def package_files(workspace: Workspace, name: str) -> list[str]:
    """The files of the package that a file belongs to, itself first."""
    folder = str(PurePosixPath(name).parent)
    return [name, *(each for each in dict.fromkeys(go_files(workspace, folder)) if each != name)]


def signature(tree: Tree, node: Node) -> Signature:
    return Signature(
        tree.field(node, "name"),
        tuple(_parameters(tree, node.child_by_field_name("parameters"))),
        tuple(_results(tree, node.child_by_field_name("result"))),
    )


def _parameters(tree: Tree, node: Node | None) -> Iterator[tuple[str, str]]:
    for each in node.named_children if node is not None else ():
        if each.type not in ("parameter_declaration", "variadic_parameter_declaration"):
            continue
        names = [tree.of(name) for name in each.children_by_field_name("name")]
        kind = tree.field(each, "type")
        yield from ((name, kind) for name in names or [""])


def _results(tree: Tree, node: Node | None) -> Iterator[str]:
    if node is None:
        return
    if node.type == "parameter_list":
        yield from (kind for _, kind in _parameters(tree, node))
    else:
        yield tree.of(node)


def function_around(node: Node | None) -> Node | None:
    return up(node, *FUNCTIONS)


def locals_at(tree: Tree, offset: int) -> dict[str, str]:
    """Names of the functions around a place → their type where it is written there, else an empty text."""
    found: dict[str, str] = {}
    function = function_around(tree.at(offset))
    while function is not None:
        for name, kind in signature(tree, function).parameters:
            found.setdefault(name, kind)
        receiver = function.child_by_field_name("receiver")
        for name, kind in _parameters(tree, receiver):
            found.setdefault(name, kind)
        for each in find(function, "short_var_declaration", "range_clause", "var_spec", "const_spec"):
            if tree.start(each) >= offset:
                continue
            left = each.child_by_field_name("left")
            names = left.named_children if left is not None else each.children_by_field_name("name")
            kind = tree.field(each, "type") or _literal_type(tree, each)
            for name in names:
                if name.type == "identifier":
                    found[tree.of(name)] = kind
        function = function_around(function.parent)
    found.pop("_", None)
    found.pop("", None)
    return found


def _literal_type(tree: Tree, declaration: Node) -> str:
    """The type of what a single variable is declared with, where that is plain to see."""
    right = declaration.child_by_field_name("right") or declaration.child_by_field_name("value")
    values = right.named_children if right is not None else []
    if len(values) != 1:
        return ""
    value = values[0]
    plain = {"int_literal": "int", "float_literal": "float64", "interpreted_string_literal": "string", "true": "bool",
             "false": "bool", "rune_literal": "rune", "raw_string_literal": "string"}  # fmt: skip
    if value.type in plain:
        return plain[value.type]
    return tree.field(value, "type") if value.type == "composite_literal" else ""


def declared(workspace: Workspace, name: str) -> dict[str, tuple[str, str]]:
    """Top-level names of a file's package → (file, kind of node)."""
    found: dict[str, tuple[str, str]] = {}
    for each in package_files(workspace, name):
        tree = tree_of(workspace.text(each) or "")
        for node in tree.root.named_children:
            if node.type == "function_declaration":
                found.setdefault(tree.field(node, "name"), (each, node.type))
            elif node.type in ("type_declaration", "var_declaration", "const_declaration"):
                for spec in find(node, "type_spec", "var_spec", "const_spec", "type_alias"):
                    for part in spec.children_by_field_name("name"):
                        found.setdefault(tree.of(part), (each, node.type))
    return found


def functions(workspace: Workspace, name: str) -> Iterator[tuple[str, Tree, Node]]:
    """(file, tree, declaration) of the functions and methods of a file's package."""
    for each in package_files(workspace, name):
        tree = tree_of(workspace.text(each) or "")
        for node in tree.root.named_children:
            if node.type in ("function_declaration", "method_declaration"):
                yield each, tree, node


def structs(workspace: Workspace, name: str) -> Mapping[str, tuple[tuple[str, str], ...]]:
    """Structs of a file's package → fields as (name, type)."""
    found: dict[str, tuple[tuple[str, str], ...]] = {}
    for each in package_files(workspace, name):
        tree = tree_of(workspace.text(each) or "")
        for spec in find(tree.root, "type_spec"):
            kind = spec.child_by_field_name("type")
            if kind is not None and kind.type == "struct_type":
                fields = [
                    (tree.of(part), tree.field(field, "type"))
                    for field in find(kind, "field_declaration")
                    for part in field.children_by_field_name("name")
                ]
                found[tree.field(spec, "name")] = tuple(fields)
    return found


def receiver_type(tree: Tree, method: Node) -> str:
    """``*T`` or ``T``, without type parameters."""
    kinds = [kind for _, kind in _parameters(tree, method.child_by_field_name("receiver"))]
    return kinds[0].partition("[")[0] if kinds else ""


def zero(kind: str, workspace: Workspace, name: str) -> str:
    """The zero value of a type, as source; empty where only a declaration would give it."""
    if kind in NUMBERS:
        return "0"
    if kind in ("string", "bool"):
        return '""' if kind == "string" else "false"
    if kind in ("error", "any") or kind.startswith(("*", "[]", "map[", "chan ", "func(", "interface", "<-chan")):
        return "nil"
    if kind in structs(workspace, name) or re.fullmatch(r"\[\w+\].+", kind):
        return f"{kind}{{}}"
    return ""


# -- packages --------------------------------------------------------------------------------------------------------


def imports(tree: Tree) -> dict[str, str]:
    """Name by which a package is used → its path."""
    found: dict[str, str] = {}
    for spec in find(tree.root, "import_spec"):
        path = tree.field(spec, "path").strip('"`')
        found[tree.field(spec, "name") or _used_as(path)] = path
    return found


def _used_as(path: str) -> str:
    last = path.rpartition("/")[2]
    if re.fullmatch(r"v\d+", last) and "/" in path:
        last = path.split("/")[-2]
    return last.partition(".")[0].removeprefix("go-")


@lru_cache(maxsize=1)
def standard() -> Mapping[str, tuple[str, ...]]:
    """Names of packages of Go's library → their paths."""
    root = go_root()
    found: dict[str, list[str]] = {}
    source = root / "src" if root else Path("/nonexistent")
    for pattern in ("*", "*/*", "*/*/*"):
        for folder in sorted(source.glob(pattern)):
            path = folder.relative_to(source).as_posix()
            parts = path.split("/")
            if {"internal", "vendor", "testdata", "cmd", "builtin"} & set(parts) or not folder.is_dir():
                continue
            if any(folder.glob("*.go")):
                found.setdefault(parts[-1], []).append(path)
    for path in () if found else USUAL:
        found.setdefault(path.rpartition("/")[2], []).append(path)
    return {name: tuple(sorted(paths, key=lambda p: (p not in _FIRST, p))) for name, paths in found.items()}


@lru_cache(maxsize=64)
def exported(path: str) -> frozenset[str]:
    """What a package of Go's library exports; empty if it is not there."""
    root = go_root()
    folder = root / "src" / path if root else None
    found: set[str] = set()
    for file in sorted(folder.glob("*.go")) if folder and folder.is_dir() else ():
        if not file.name.endswith("_test.go"):
            for match in _EXPORTED.finditer(file.read_text("utf-8", "replace")):
                found.add(match[1] or match[2] or match[3])
    return frozenset(found)


def module_path(workspace: Workspace) -> str:
    match = re.search(r"^module\s+(\S+)", workspace.text("go.mod") or "", re.MULTILINE)
    return match[1] if match else ""


def packages(workspace: Workspace) -> dict[str, str]:
    """Import path → package name, of the packages of the workspace's module."""
    module = module_path(workspace)
    found: dict[str, str] = {}
    for name in go_files(workspace):
        folder = PurePosixPath(name).parent
        match = re.search(r"^package\s+(\w+)", workspace.text(name) or "", re.MULTILINE)
        if module and match and not match[1].endswith("_test") and match[1] != "main":
            found[module if str(folder) == "." else f"{module}/{folder}"] = match[1]
    return found


def package_exports(workspace: Workspace, path: str) -> frozenset[str]:
    """What a package of the workspace or of Go's library exports."""
    module = module_path(workspace)
    if module and (path == module or path.startswith(f"{module}/")):
        folder = path[len(module) :].strip("/") or "."
        names = [each for each in go_files(workspace, folder)]
        return frozenset(n for n in (declared(workspace, names[0]) if names else ()) if n[:1].isupper())
    return exported(path)


def add_import(tree: Tree, path: str) -> Splice:
    """The change that imports a package, sorted into the imports that are there."""
    line = f'"{path}"'
    block = next(find(tree.root, "import_spec_list"), None)
    if block is not None:
        specs = [each for each in block.named_children if each.type == "import_spec"]
        after = [each for each in specs if tree.field(each, "path").strip('"') > path]
        if after and "." not in path.partition("/")[0]:
            place = tree.start(after[0])
            return place, place, f"{line}\n\t"
        place = tree.end(specs[-1]) if specs else tree.start(block) + 1
        return place, place, f"\n\t{line}" + ("" if specs else "\n")
    single = next(find(tree.root, "import_declaration"), None)
    if single is not None:
        spec = tree.of(next(find(single, "import_spec"), None))
        both = sorted([spec, line], key=lambda each: each.strip('"'))
        return tree.start(single), tree.end(single), "import (\n\t" + "\n\t".join(both) + "\n)"
    clause = next(find(tree.root, "package_clause"), None)
    place = tree.end(clause) if clause is not None else 0
    return place, place, f"\n\nimport {line}"
