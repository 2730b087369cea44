"""What improvements share: the definition that a finding lies in, as a LibCST tree with exact places, and splices.

Only the top-level definition around the finding is parsed, not the file. Edits are texts put in the place of nodes, so
that everything else (comments, formatting, line endings) stays as it is, byte for byte.

Invariant: nothing here knows what a rewrite means; a place that cannot be read gives None, and no proposal.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any, TypeVar

import libcst as cst
from libcst.metadata import ByteSpanPositionProvider, MetadataWrapper, ParentNodeProvider

from ..analyzers.findings import Finding, Replacement
from ..analyzers.source import LineIndex
from ..analyzers.syntax import parse
from ..codegen.imports import Import, bound_names, import_changes
from .improvements import Rewrite

if TYPE_CHECKING:
    from collections.abc import Mapping

Node = TypeVar("Node", bound=cst.CSTNode)

Loop = cst.For | cst.While
LOOPS = (cst.For, cst.While)
FUNCTIONS = (cst.FunctionDef, cst.Lambda)


@dataclass(frozen=True)
class Place:
    """A top-level definition, parsed. Offsets are code points of the whole file's ``text``."""

    text: str
    start: int
    module: cst.Module
    parents: Mapping[cst.CSTNode, cst.CSTNode]
    spans: Mapping[cst.CSTNode, tuple[int, int]]

    @cached_property
    def index(self) -> LineIndex:
        return LineIndex(self.text)

    def code(self, node: cst.CSTNode) -> str:
        """The text of a node, without the white space around it."""
        start, end = self.span(node)
        return self.text[start:end]

    def span(self, node: cst.CSTNode) -> tuple[int, int]:
        return self.spans[node]

    def parent(self, node: cst.CSTNode) -> cst.CSTNode | None:
        return self.parents.get(node)

    def above(self, node: cst.CSTNode) -> Iterator[cst.CSTNode]:
        """Parent, grandparent …"""
        current = self.parents.get(node)
        while current is not None:
            yield current
            current = self.parents.get(current)

    def enclosing(self, node: cst.CSTNode, *kinds: type[Any]) -> Any:
        """The nearest node of one of ``kinds`` around ``node``; None if there is none."""
        return next((each for each in self.above(node) if isinstance(each, kinds)), None)

    def function(self, node: cst.CSTNode) -> cst.FunctionDef | None:
        """The innermost ``def`` around ``node`` (or itself)."""
        return node if isinstance(node, cst.FunctionDef) else self.enclosing(node, cst.FunctionDef)

    def outer_name(self, node: cst.CSTNode) -> str:
        """The qualified name of the outermost function around ``node``, as the module's users call it; else ""."""
        names: list[str] = []
        for each in reversed([node, *self.above(node)]):
            if isinstance(each, cst.ClassDef):
                names.append(each.name.value)
            elif isinstance(each, cst.FunctionDef):
                return ".".join([*names, each.name.value])
        return ""

    def loops(self, node: cst.CSTNode) -> list[Loop]:
        """The loops in whose body ``node`` lies, innermost first, up to its function."""
        found: list[Loop] = []
        below = node
        for each in self.above(node):
            if isinstance(each, FUNCTIONS):
                break
            if isinstance(each, LOOPS) and (below is each.body or (isinstance(each, cst.While) and below is each.test)):
                found.append(each)
            below = each
        return found

    def statement(self, node: cst.CSTNode) -> cst.CSTNode | None:
        """The statement line, or compound statement, that holds ``node``."""
        kinds = (cst.SimpleStatementLine, cst.BaseCompoundStatement)
        return node if isinstance(node, kinds) else self.enclosing(node, *kinds)

    def within(self, node: cst.CSTNode, outer: cst.CSTNode) -> bool:
        return node is outer or any(each is outer for each in self.above(node))

    def find(self, outer: cst.CSTNode, kind: type[Node], where: Callable[[Node], bool] = lambda _: True) -> list[Node]:
        """Nodes of a kind inside ``outer``, in the order of the text."""
        found = [each for each in descend(outer) if isinstance(each, kind) and where(each)]
        return sorted(found, key=lambda each: self.spans[each][0] if each in self.spans else 0)

    def names(self, outer: cst.CSTNode, name: str) -> list[cst.Name]:
        """Where a variable is mentioned; attributes and keywords of that name are none."""
        return self.find(outer, cst.Name, lambda each: each.value == name and not self._is_label(each))

    def mentions(self, outer: cst.CSTNode, expression: str) -> list[cst.CSTNode]:
        """Where a name or a dotted name is mentioned."""
        if "." not in expression:
            return list(self.names(outer, expression))
        return list(self.find(outer, cst.Attribute, lambda each: self.code(each) == expression))

    def _is_label(self, name: cst.Name) -> bool:
        parent = self.parents.get(name)
        if isinstance(parent, cst.Attribute):
            return parent.attr is name
        return isinstance(parent, cst.Arg) and parent.keyword is name

    def indent(self, node: cst.CSTNode) -> str:
        """The white space in front of the line on which ``node`` starts."""
        line = self.line_start(node)
        match = re.compile(r"[ \t]*").match(self.text, line)
        return match.group() if match else ""

    def line_start(self, node: cst.CSTNode) -> int:
        return self.index.starts[self.index.position(self.spans[node][0])[0]]

    def line_end(self, node: cst.CSTNode) -> int:
        """Behind the line ending of the last line of ``node``."""
        line = self.index.position(max(self.spans[node][1] - 1, 0))[0]
        return self.index.starts[line + 1] if line + 1 < len(self.index.starts) else len(self.text)

    @cached_property
    def newline(self) -> str:
        match = re.search(r"\r\n|\n|\r", self.text)
        return match.group() if match else "\n"

    def replace(self, node: cst.CSTNode, text: str) -> Replacement:
        return Replacement(*self.spans[node], text)

    def insert_before(self, node: cst.CSTNode, *lines: str) -> Replacement:
        """Lines of their own above the one on which ``node`` starts, indented as it is."""
        start = self.line_start(node)
        indent = self.indent(node)
        return Replacement(start, start, "".join(f"{indent}{line}{self.newline}" for line in lines))

    def insert_after(self, node: cst.CSTNode, *lines: str) -> Replacement:
        end = self.line_end(node)
        indent = self.indent(node)
        text = "".join(f"{indent}{line}{self.newline}" for line in lines)
        if end and self.text[end - 1] not in "\r\n":
            text = self.newline + text
        return Replacement(end, end, text)

    def remove_lines(self, node: cst.CSTNode) -> Replacement:
        """The lines of a statement that stands alone on them."""
        return Replacement(self.line_start(node), self.line_end(node), "")

    def rewrite(
        self, title: str, node: cst.CSTNode, changes: Sequence[Replacement], imports: Sequence[Import] = ()
    ) -> Iterator[Rewrite]:
        """The proposal with these changes, about the function around ``node``; none outside of a function."""
        name = self.outer_name(node)
        if not name:
            return
        text = spliced(self.text, [*import_changes(self.text, imports), *changes])
        if text is not None:
            yield Rewrite(title, text, (name,))

    def free_name(self, wanted: str, scope: cst.CSTNode) -> str:
        """``wanted``, or with a number behind it, so that nothing in ``scope`` has that name."""
        used = {each.value for each in descend(scope) if isinstance(each, cst.Name)}
        name, number = wanted, 2
        while name in used or re.search(rf"(?m)^{re.escape(name)}\b", self.text):
            name, number = f"{wanted}_{number}", number + 1
        return name


def place_of(text: str, finding: Finding) -> Place | None:
    """The top-level definition that the finding lies in; None outside of one, or where it does not parse."""
    return _place(text, finding.range.line)


@lru_cache(maxsize=16)
def _place(text: str, line: int) -> Place | None:
    index = LineIndex(text)
    root = parse(text.encode("utf-8", "surrogatepass")).root_node
    node = next((each for each in root.children if each.start_point.row <= line <= each.end_point.row), None)
    if node is None or node.type not in ("function_definition", "class_definition", "decorated_definition"):
        return None
    last = node.end_point.row + 1
    start = index.starts[node.start_point.row]
    end = index.starts[last] if last < len(index.starts) else len(text)
    source = text[start:end]
    try:
        module = cst.parse_module(source)
    except Exception:  # noqa: BLE001 - LibCST raises more than it documents; a text that it cannot read has no place
        return None
    wrapper = MetadataWrapper(module, unsafe_skip_copy=True)
    spans = wrapper.resolve(ByteSpanPositionProvider)
    offsets = _offsets(source)
    return Place(
        text,
        start,
        module,
        wrapper.resolve(ParentNodeProvider),
        {
            each: (start + offsets(span.start), start + offsets(span.start + span.length))
            for each, span in spans.items()
        },
    )


def _offsets(source: str) -> Callable[[int], int]:
    """From bytes of UTF-8 to code points."""
    if source.isascii():
        return lambda byte: byte
    table: list[int] = []
    for number, character in enumerate(source):
        table += [number] * len(character.encode("utf-8", "surrogatepass"))
    table.append(len(source))
    return lambda byte: table[byte]


def descend(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    """The node and everything in it."""
    yield node
    for each in node.children:
        yield from descend(each)


def node_at(place: Place, finding: Finding, *kinds: type[Any]) -> Any:
    """The outermost node of one of ``kinds`` that lies in the finding's range, or the innermost one around its start;
    None if there is neither."""
    start = place.index.offset(finding.range.line, finding.range.column)
    end = place.index.offset(finding.range.end_line, finding.range.end_column)
    inside: list[tuple[int, cst.CSTNode]] = []
    around: list[tuple[int, cst.CSTNode]] = []
    for node, (a, b) in place.spans.items():
        if not isinstance(node, kinds):
            continue
        if start <= a and b <= max(end, start + 1):
            inside.append((a - b, node))
        elif a <= start < b:
            around.append((b - a, node))
    best = min(inside or around, key=lambda each: each[0], default=None)
    return best[1] if best is not None else None


def spliced(text: str, changes: Sequence[Replacement]) -> str | None:
    """The text with changes that do not overlap; None if they do."""
    parts: list[str] = []
    position = 0
    for each in sorted(changes, key=lambda item: (item.start, item.end)):
        if each.start < position:
            return None
        parts += (text[position : each.start], each.text)
        position = each.end
    return "".join((*parts, text[position:]))


def call_of(node: cst.CSTNode | None, method: str = "") -> tuple[cst.BaseExpression, list[cst.BaseExpression]] | None:
    """(receiver, positional arguments) of ``receiver.method(…)`` without keywords or stars."""
    if not isinstance(node, cst.Call) or not isinstance(node.func, cst.Attribute):
        return None
    if method and node.func.attr.value != method:
        return None
    if any(each.keyword is not None or each.star for each in node.args):
        return None
    return node.func.value, [each.value for each in node.args]


def is_call(node: cst.CSTNode | None, *names: str) -> bool:
    """A call of a plain name, such as ``list(x)``, with one positional argument."""
    return (
        isinstance(node, cst.Call)
        and isinstance(node.func, cst.Name)
        and node.func.value in names
        and len(node.args) == 1
        and node.args[0].keyword is None
        and not node.args[0].star
    )


def assigned(node: cst.CSTNode) -> tuple[cst.BaseExpression, cst.BaseExpression] | None:
    """(target, value) of ``target = value`` or ``target: T = value``, for the small statement or its line."""
    if isinstance(node, cst.SimpleStatementLine):
        return assigned(node.body[0]) if len(node.body) == 1 else None
    if isinstance(node, cst.Assign) and len(node.targets) == 1:
        return node.targets[0].target, node.value
    if isinstance(node, cst.AnnAssign) and node.value is not None:
        return node.target, node.value
    return None


def imported(text: str, module: str, name: str) -> tuple[str, tuple[Import, ...]] | None:
    """How ``module.name`` can be written in a file: the expression, and the imports that it needs; None if the name is
    taken by something else."""
    bound, names = bound_names(text)
    for local, origin in bound.items():
        if origin == f"{module}.{name}":
            return local, ()
        if origin == module:
            return f"{local}.{name}", ()
    return None if name in names else (name, (Import(name, module),))
