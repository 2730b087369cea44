"""Finding a function of a text by a finding's place or its qualified name, and writing one back with a neighbour.

Invariant: what is not changed keeps its bytes: LibCST keeps every space, comment and line ending of the text.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import libcst as cst

from ...analyzers.findings import Finding
from ...analyzers.source import line_starts
from ...analyzers.syntax import ModuleFacts, Unit, parse, units_of

Statement = cst.SimpleStatementLine | cst.BaseCompoundStatement
Owner = Literal["module", "instance", "class"]

#: Words in decorators that compile or translate the source of what they are given: there a call is not what it was.
_COMPILES = frozenset(
    {
        "jit",
        "njit",
        "generated_jit",
        "vectorize",
        "guvectorize",
        "stencil",
        "cfunc",
        "cuda",
        "numba",
        "triton",
        "kernel",
    }
    | {
        "script",
        "torch",
        "tf",
        "autograph",
        "pipeline",
        "component",
        "macro",
        "inline",
        "compile",
        "ti",
        "wp",
        "cython",
    }
)


@dataclass(frozen=True, slots=True)
class Place:
    """A function of a text: a plain one, or a method of a class (classes around it from the outermost).

    ``module`` is what stands in ``text[start:end]``: the definition at the top that holds the function."""

    text: str
    start: int
    end: int
    module: cst.Module
    function: cst.FunctionDef
    classes: tuple[cst.ClassDef, ...]
    name: str

    @property
    def owner(self) -> Owner | None:
        """What a call of a helper is made on; None for a method that has nothing to make it on."""
        if not self.classes:
            return "module"
        decorators = set(decorator_names(self.function))
        if "staticmethod" in decorators or self.first is None:
            return None
        return "class" if "classmethod" in decorators or self.function.name.value == "__new__" else "instance"

    @property
    def first(self) -> str | None:
        """The name of the first parameter (``self``)."""
        params = (*self.function.params.posonly_params, *self.function.params.params)
        return params[0].name.value if params else None


def units(text: str) -> Iterator[Unit]:
    """The units of a text, as the reviewers see them."""
    data = text.encode("utf-8", "surrogatepass")
    for statement in parse(data).root_node.named_children:
        yield from units_of("<text>", statement, data, ModuleFacts())


def unit_at(text: str, finding: Finding) -> Unit | None:
    """The function that a finding about a whole function points at by its name."""
    for unit in units(text):
        name = unit.node.child_by_field_name("name") if unit.kind == "function" else None
        if name is not None and unit.range(name)[:2] == finding.range[:2]:
            return unit
    return None


def unit_named(text: str, name: str) -> Unit | None:
    return next((unit for unit in units(text) if unit.kind == "function" and unit.name == name), None)


def place_of(text: str, name: str) -> Place | None:
    """The one definition with this qualified name, at the top of a module or in a class at its top; None where there
    are several (overloads, accessors, alternatives under a condition), or where it does not parse."""
    found = [unit.node for unit in units(text) if unit.kind == "function" and unit.name == name]
    if len(found) != 1:
        return None
    outer = found[0]
    while outer.parent is not None and outer.parent.parent is not None:
        outer = outer.parent
    rows = line_starts(text)
    last = outer.end_point.row + 1
    start, end = rows[outer.start_point.row], rows[last] if last < len(rows) else len(text)
    try:
        module = cst.parse_module(text[start:end])
    except (cst.ParserSyntaxError, RecursionError):
        return None
    return next(_places(text, start, end, module, module.body, (), name.split(".")), None)


def _places(
    text: str,
    start: int,
    end: int,
    module: cst.Module,
    body: Sequence[cst.CSTNode],
    classes: tuple[cst.ClassDef, ...],
    path: Sequence[str],
) -> Iterator[Place]:
    for node in body:
        if isinstance(node, cst.FunctionDef) and len(path) == 1 and node.name.value == path[0]:
            name = ".".join([*(each.name.value for each in classes), path[0]])
            yield Place(text, start, end, module, node, classes, name)
        elif isinstance(node, cst.ClassDef) and len(path) > 1 and node.name.value == path[0]:
            yield from _places(text, start, end, module, node.body.body, (*classes, node), path[1:])


def decorator_names(function: cst.FunctionDef) -> Iterator[str]:
    """The parts of each decorator's dotted name."""
    for each in function.decorators:
        node: cst.BaseExpression = each.decorator
        if isinstance(node, cst.Call):
            node = node.func
        while isinstance(node, cst.Attribute):
            yield node.attr.value
            node = node.value
        if isinstance(node, cst.Name):
            yield node.value


def is_plain(function: cst.FunctionDef) -> bool:
    """Whether no decorator is there that may compile or read the function's source."""
    return not set(decorator_names(function)) & _COMPILES


def replaced(place: Place, function: cst.FunctionDef, *after: Statement, before: bool = False) -> str:
    """The whole text with another function in that place, and further definitions after (or before) it."""
    group = [*after, function] if before else [function, *after]
    code = _edited(place, group).code
    return place.text[: place.start] + code + place.text[place.end :]


def _edited(place: Place, group: Sequence[Statement]) -> cst.Module:
    """The module with ``group`` where the function was."""
    body = _grouped(place.classes[-1].body.body if place.classes else place.module.body, place.function, group)
    inner: cst.ClassDef | None = None
    for depth in range(len(place.classes) - 1, -1, -1):
        cls = place.classes[depth]
        if inner is not None:
            body = _grouped(cls.body.body, place.classes[depth + 1], [inner])
        inner = cls.with_changes(body=cls.body.with_changes(body=body))
    if inner is not None:
        body = _grouped(place.module.body, place.classes[0], [inner])
    return place.module.with_changes(body=body)


def _grouped(body: Sequence[cst.CSTNode], old: cst.CSTNode, new: Sequence[cst.CSTNode]) -> list[cst.CSTNode]:
    return [each for node in body for each in (new if node is old else [node])]


def snippet(place: Place, function: cst.FunctionDef, *after: Statement) -> str:
    """Only these definitions, in a class where the function is a method: enough to measure them."""
    body: list[Statement] = [function, *after]
    for each in reversed(place.classes):
        block = each.body.with_changes(body=body) if isinstance(each.body, cst.IndentedBlock) else None
        if block is None:
            break
        body = [cst.ClassDef(each.name, block)]
    return cst.Module(body, default_indent=place.module.default_indent).code


def line_limit(text: str) -> int:
    """The longest line that the file already has, within what is usual."""
    starts = [*line_starts(text), len(text)]
    longest = max((b - a for a, b in pairwise(starts)), default=0)
    return 79 if longest <= 80 else 88 if longest <= 89 else 100 if longest <= 101 else 120


def blank_lines(nodes: Sequence[cst.EmptyLine]) -> list[cst.EmptyLine]:
    """The empty lines without comments."""
    return [each for each in nodes if each.comment is None]


def without_blank_start(nodes: Sequence[cst.EmptyLine]) -> list[cst.EmptyLine]:
    """The lines from the first comment on."""
    start = next((at for at, each in enumerate(nodes) if each.comment is not None), len(nodes))
    return list(nodes[start:])
