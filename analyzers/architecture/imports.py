"""Who imports whom: the imports of a module, and the graph over the modules of a review.

Imports that only type checkers see (``if TYPE_CHECKING``) are none; those inside functions are told apart, because
they run when the function does, not while the module loads.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache, lru_cache
from pathlib import Path
from typing import NamedTuple

from tree_sitter import Node

from ..findings import Range
from ..syntax import descend, enclosing
from .reading import Reading, read, spans


class Import(NamedTuple):
    """``import module`` (no names) or ``from module import names``; relative modules keep their dots.

    ``deferred``: inside a function, or where only the file run by itself comes to. ``tried``: in a ``try``, so that it
    may fail."""

    module: str
    names: tuple[str, ...]
    range: Range
    text: str
    deferred: bool = False
    tried: bool = False


class Module(NamedTuple):
    """A file as others import it. ``root`` is the folder that its dotted ``name`` starts from; ``binds`` are the names
    that it has when it is loaded, each with the first line that gives it one (``*``: names nobody knows). ``called``:
    imports in functions of its own that it calls as it is loaded, at the places of the calls: they may run there."""

    path: str
    root: str
    name: str
    is_package: bool
    imports: tuple[Import, ...]
    binds: tuple[tuple[str, int], ...] = ()
    generated: bool = False
    called: tuple[Import, ...] = ()


@lru_cache(maxsize=1)
def module_of(path: str, text: str) -> Module:
    """The module that a file is, with its imports in source order. The rules of a file are asked one after the other,
    so the last one is kept."""
    file = Path(path)
    is_package = file.stem == "__init__"
    root = import_root(path)
    parts = [*file.parent.relative_to(root).parts, *([] if is_package else [file.stem])]
    source = read(text)
    imports = tuple(_imports(source))
    bound = tuple(_bound(source)) if imports else ()
    called = tuple(_called(source, imports)) if any(each.deferred for each in imports) else ()
    name = ".".join(parts) or file.stem
    return Module(path, root, name, is_package, imports, bound, is_generated(source.data), called)


def is_stub(path: str) -> bool:
    """Is a file there for type checkers alone? It is never executed."""
    return path.endswith(".pyi")


def import_root(path: str) -> str:
    """The folder that the dotted name of a file starts from: the first above it that is no package."""
    return _root_of(path.rpartition("/")[0])


@cache
def _root_of(folder: str) -> str:
    current = Path(folder)
    while _is_package(current):
        current = current.parent
    return current.as_posix()


@cache
def _is_package(folder: Path) -> bool:
    return (folder / "__init__.py").is_file()


#: What holds only of the file that is run by itself, not of one that another imports.
_RUN_ALONE = re.compile(r"__name__\s*==\s*[\"']__main__[\"']")


def _imports(source: Reading) -> Iterator[Import]:
    found = source.of("import")
    if not found:
        return
    pairs = [
        (source.text(condition), body)
        for condition, body in zip(source.of("condition"), source.of("consequence"), strict=True)
    ]
    only_types = spans([body for condition, body in pairs if "TYPE_CHECKING" in condition])
    alone = [body for condition, body in pairs if _RUN_ALONE.match(condition)]
    later = spans(sorted([*source.of("function"), *alone], key=lambda each: each.start_byte))
    for node in found:
        if not only_types.hold(node):
            tried = enclosing(node, "try_statement") is not None
            for each in _statement(source, node, later.hold(node)):
                yield each._replace(tried=tried) if tried else each


def _bound(source: Reading) -> Iterator[tuple[str, int]]:
    """The names that a module binds as it is loaded, with the line of the statement that does it first."""
    told: set[str] = set()
    for node in _loading(source):
        for name in _names(source, node):
            if name not in told:
                told.add(name)
                yield name, node.start_point[0]


#: What holds statements that are run as the module is.
_HOLDERS = frozenset(
    {"if_statement", "elif_clause", "else_clause", "try_statement", "except_clause", "finally_clause", "with_statement"}
    | {"for_statement", "block", "match_statement", "case_clause"}
)


def _names(source: Reading, node: Node) -> list[str]:
    if node.type == "decorated_definition":
        node = node.child_by_field_name("definition") or node
    if node.type in ("function_definition", "class_definition"):
        return [source.field(node, "name")]
    if node.type in ("import_statement", "import_from_statement"):
        if any(each.type == "wildcard_import" for each in node.named_children):
            return ["*"]
        given = [source.text(each.child_by_field_name("alias") or each) for each in node.children_by_field_name("name")]
        return [each.partition(".")[0].strip() for each in given]
    if node.type == "expression_statement":
        found: list[str] = []
        inner = node.named_children[0] if node.named_children else None
        while inner is not None and inner.type == "assignment":
            left = inner.child_by_field_name("left")
            if left is not None:
                found += [source.text(each) for each in descend(left) if each.type == "identifier"]
            inner = inner.child_by_field_name("right")
        return found
    return []


def _called(source: Reading, imports: Sequence[Import]) -> Iterator[Import]:
    """The imports in functions of a module that statements of the module itself call, where these stand."""
    functions: dict[str, list[Import]] = {}
    calls: list[tuple[Node, str]] = []
    for node in _loading(source):
        if node.type == "decorated_definition":
            node = node.child_by_field_name("definition") or node
        if node.type == "function_definition":
            first, last = node.start_point[0], node.end_point[0]
            within = [each for each in imports if each.deferred and first <= each.range.line <= last]
            functions[source.field(node, "name")] = within
        elif node.type == "expression_statement":
            called = _call_of(node)
            if called is not None:
                calls.append((node, source.field(called, "function")))
    for node, name in calls:
        for each in functions.get(name, ()):
            yield each._replace(range=source.range(node), deferred=False, tried=True)


def _call_of(statement: Node) -> Node | None:
    """The call that a statement consists of, or whose result it binds."""
    inner = statement.named_children[0] if statement.named_children else None
    while inner is not None and inner.type == "assignment":
        inner = inner.child_by_field_name("right")
    return inner if inner is not None and inner.type == "call" else None


def _loading(source: Reading) -> Iterator[Node]:
    """The statements that are run as a module is, in their order."""
    stack = list(reversed(source.root.named_children))
    while stack:
        node = stack.pop()
        if node.type in _HOLDERS:
            stack.extend(reversed(node.named_children))
        else:
            yield node


_GENERATED = re.compile(
    rb"\A(?:[^\n]*\n){0,5}?[^\n]*(?:@generated|do not edit|auto-?generated|generated (?:file|by|from|code))",
    re.IGNORECASE,
)


def is_generated(data: bytes) -> bool:
    """Do the first lines of a file say that a program wrote it?"""
    return _GENERATED.match(data) is not None


def _statement(source: Reading, node: Node, deferred: bool) -> Iterator[Import]:
    place = source.range(node)
    first_line = source.text(node).partition("\n")[0].rstrip()
    place = Range(place.line, place.column, place.line, place.column + len(first_line))

    def name_of(child: Node) -> str:
        real = child.child_by_field_name("name") if child.type == "aliased_import" else child
        return "".join(source.text(real or child).split())

    names = [name_of(each) for each in node.children_by_field_name("name")]
    if node.type == "import_statement":
        for name in names:
            yield Import(name, (), place, first_line, deferred)
        return
    module = "".join(source.field(node, "module_name").split())
    if module:
        yield Import(module, tuple(names) or ("*",), place, first_line, deferred)


Graph = dict[str, dict[str, Import]]


def graph_of(modules: Iterable[Module], *, deferred: bool = False) -> Graph:
    """path → path of an imported module → the first import that does it; with ``deferred`` also those in functions."""
    listed = list(modules)
    known = {(module.root, module.name): module for module in sorted(listed, key=lambda each: not is_stub(each.path))}
    graph: Graph = {}
    for module in listed:
        targets = graph.setdefault(module.path, {})
        for statement in module.imports:
            if statement.deferred and not deferred:
                continue
            for name in _targets(module, statement, known):
                target = known[module.root, name].path
                if target != module.path:
                    targets.setdefault(target, statement)
    return graph


def named(module: Module, statement: Import) -> tuple[str, ...]:
    """The dotted names that an import asks for, absolute: each of its names below its module, or its module alone."""
    source = absolute(module, statement.module)
    return tuple(f"{source}.{name}" for name in statement.names if name != "*") or (source,)


def _targets(module: Module, statement: Import, known: Mapping[tuple[str, str], Module]) -> Iterator[str]:
    """Names of the known modules that an import loads: those it names, and the packages around them that are not
    being loaded already."""
    root = module.root

    def exists(name: str) -> bool:
        return (root, name) in known

    source = absolute(module, statement.module)
    if not statement.names:
        if "." not in source and module.name.startswith(f"{source}."):
            return  # its own top package, whose attributes are looked up when they are used
        wanted = [source]
    else:
        wanted = [f"{source}.{name}" if exists(f"{source}.{name}") else source for name in statement.names]
    for name in dict.fromkeys(wanted):
        parts = name.split(".")
        for length in range(1, len(parts)):
            around = ".".join(parts[:length])
            if exists(around) and around != module.name and not module.name.startswith(f"{around}."):
                yield around
        if exists(name):
            yield name


def absolute(module: Module, name: str) -> str:
    """The dotted name that a relative import means."""
    dots = len(name) - len(name.lstrip("."))
    if not dots:
        return name
    base = module.name.split(".")
    keep = len(base) - dots + (1 if module.is_package else 0)
    return ".".join([*base[: max(0, keep)], *([name[dots:]] if name[dots:] else [])])
