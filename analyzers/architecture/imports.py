"""Who imports whom while loading: the imports of a module, and the graph over the modules of a review."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from tree_sitter import Node

from ..findings import Range
from ..syntax import code_points, parse, text_of


@dataclass(frozen=True, slots=True)
class Import:
    """``import module`` (no names) or ``from module import names``; relative modules keep their dots."""

    module: str
    names: tuple[str, ...]
    range: Range
    text: str


@dataclass(frozen=True, slots=True)
class Module:
    """A file as others import it. ``root`` is the folder that its dotted ``name`` starts from."""

    path: str
    root: str
    name: str
    is_package: bool
    imports: tuple[Import, ...]


def module_of(path: str, text: str) -> Module:
    """The module that a file is, with the imports that run when it is loaded."""
    file = Path(path)
    is_package = file.stem == "__init__"
    root = import_root(path)
    parts = [*file.parent.relative_to(root).parts, *([] if is_package else [file.stem])]
    data = text.encode("utf-8", "surrogatepass")
    return Module(path, root, ".".join(parts) or file.stem, is_package, tuple(_imports(data)))


def import_root(path: str) -> str:
    """The folder that the dotted name of a file starts from: the first above it that is no package."""
    folder = Path(path).parent
    while _is_package(folder):
        folder = folder.parent
    return folder.as_posix()


@cache
def _is_package(folder: Path) -> bool:
    return (folder / "__init__.py").is_file()


def _imports(data: bytes) -> Iterator[Import]:
    stack = [parse(data).root_node]
    while stack:
        node = stack.pop()
        kind = node.type
        if kind in ("import_statement", "import_from_statement"):
            yield from _statement(node, data)
        elif kind == "if_statement":
            condition = node.child_by_field_name("condition")
            only_types = condition is not None and "TYPE_CHECKING" in text_of(condition, data)
            body = node.child_by_field_name("consequence")
            stack += [each for each in reversed(node.named_children) if not (only_types and each == body)]
        elif kind not in ("function_definition", "lambda", "expression_statement", "decorator"):
            stack += reversed(node.named_children)


def _statement(node: Node, data: bytes) -> Iterator[Import]:
    row, column = node.start_point
    line_start = node.start_byte - column
    start = code_points(data[line_start : node.start_byte])
    first_line = text_of(node, data).partition("\n")[0].rstrip()
    place = Range(row, start, row, start + len(first_line))

    def name_of(child: Node) -> str:
        real = child.child_by_field_name("name") if child.type == "aliased_import" else child
        return text_of(real or child, data)

    names = [name_of(each) for each in node.children_by_field_name("name")]
    if node.type == "import_statement":
        for name in names:
            yield Import("".join(name.split()), (), place, first_line)
        return
    source = node.child_by_field_name("module_name")
    if source is not None:
        module = "".join(text_of(source, data).split())
        yield Import(module, tuple(names) or ("*",), place, first_line)


def graph_of(modules: Iterable[Module]) -> dict[str, dict[str, Import]]:
    """path → path of an imported module → the first import that does it."""
    listed = list(modules)
    known = {(module.root, module.name): module for module in listed}
    graph: dict[str, dict[str, Import]] = {}
    for module in listed:
        targets = graph.setdefault(module.path, {})
        for statement in module.imports:
            for name in _targets(module, statement, known):
                target = known[module.root, name].path
                if target != module.path:
                    targets.setdefault(target, statement)
    return graph


def _targets(module: Module, statement: Import, known: Mapping[tuple[str, str], Module]) -> Iterator[str]:
    """Names of the known modules that an import loads: those it names, and the packages around them that are not
    being loaded already."""
    root = module.root

    def exists(name: str) -> bool:
        return (root, name) in known

    source = _absolute(module, statement.module)
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


def _absolute(module: Module, name: str) -> str:
    """The dotted name that a relative import means."""
    dots = len(name) - len(name.lstrip("."))
    if not dots:
        return name
    base = module.name.split(".")
    keep = len(base) - dots + (1 if module.is_package else 0)
    return ".".join([*base[: max(0, keep)], *([name[dots:]] if name[dots:] else [])])
