"""Where a failing value came from: the calls of a traceback as places in files, and the expressions behind a name.

A traceback's last line is where a value could not be used; the slip is as often where it was made, passed or
returned. Repairs of runtime faults walk both.

Invariant: files that only check others (tests, scripts of assertions) are places to read, never to change.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from tree_sitter import Node

from ..analyzers.syntax import enclosing
from .expressions import Tree
from .grammar import Splice, splice
from .repair import Context, Draft
from .workspace import is_test

#: How far a value is followed back.
MAX_STEPS = 3
_FUNCTIONS = ("function_definition", "lambda")


@dataclass(frozen=True)
class Site:
    """A line that the failing run was in. ``away`` counts calls from the innermost one in the workspace; ``mark`` is
    the marked part of the line in code points; ``types`` are its local names' types where the crash was observed."""

    file: str
    text: str
    tree: Tree
    line: int
    mark: tuple[int, int] | None = None
    away: int = 0
    name: str = ""
    checks: bool = False
    types: Mapping[str, str] = field(default_factory=dict[str, str])

    def code(self, node: Node) -> str:
        return self.tree.data[node.start_byte : node.end_byte].decode("utf-8", "surrogatepass")

    def span(self, node: Node) -> tuple[int, int]:
        return self.tree.offset(node.start_byte), self.tree.offset(node.end_byte)

    def edit(self, title: str, splices: list[Splice], prior: float) -> Draft:
        return Draft(title, {self.file: splice(self.text, splices)}, max(min(prior, 0.97), 0.02))

    def put(self, title: str, node: Node, new: str, prior: float) -> Draft:
        return self.edit(title, [(*self.span(node), new)], prior)

    def nodes(self, *types: str) -> list[Node]:
        """Nodes of these types on the line, those in its mark first, inner ones before the ones around them."""
        found: list[tuple[int, int, Node]] = []
        for node in self.tree.on_line(self.line, *types):
            size = node.end_byte - node.start_byte
            if node.type in {"function_definition", "class_definition"} or not self._short(node):
                continue
            inside = False
            if self.mark is not None and node.start_point[0] == self.line:
                start = self.span(node)[0] - self.start
                inside = self.mark[0] <= start < self.mark[1]
            found.append((not inside, size, node))
        found.sort(key=lambda item: item[:2])
        return [node for _, _, node in found]

    def _short(self, node: Node) -> bool:
        return node.start_point[0] >= self.line - 8 and (
            node.end_point[0] <= self.line + 12 or node.start_point[0] == self.line
        )

    @property
    def start(self) -> int:
        """The offset of the line."""
        position = 0
        for _ in range(self.line):
            position = self.text.find("\n", position) + 1
        return position

    @property
    def function(self) -> Node:
        """The innermost function around the line, or the module."""
        found = [node for node in self.tree.on_line(self.line, "function_definition")]
        return found[-1] if found else self.tree.tree.root_node

    def kind(self, node: Node) -> str | None:
        """The type of a plain name's value at the crash, without its module."""
        known = self.types.get(self.code(node))
        return None if known is None else known.rpartition(".")[2]


def sites(context: Context) -> list[Site]:
    """The calls of the fault, innermost first; a frame outside of the workspace is left out."""
    fault = context.fault
    found: list[Site] = []
    trees: dict[str, Tree] = {}
    seen: set[tuple[str, int]] = set()
    frames = [(each.path, each.line, each.mark, each.function) for each in reversed(fault.frames)]
    if not frames and fault.path:
        mark = (fault.column, fault.end_column) if 0 <= fault.column < fault.end_column else None
        frames = [(fault.path, fault.line, mark, "")]
    for path, line, mark, name in frames:
        text = context.workspace.text(path)
        if text is None or line < 0 or (path, line) in seen or len(found) >= 8:
            continue  # a recursion's frames are told once
        seen.add((path, line))
        tree = trees.setdefault(path, Tree(text))
        types = _types(context, path, line)
        found.append(Site(path, text, tree, line, mark, len(found), name, _only_checks(path, text), types))
    return found


def mendable(context: Context) -> list[Site]:
    """The calls whose code may be changed. A script of assertions is, where nothing else of the workspace was run."""
    every = sites(context)
    found = [each for each in every if not each.checks]
    return found or [each for each in every if not is_test(each.file)][:1]


def _only_checks(path: str, text: str) -> bool:
    return is_test(path) or re.search(r"^assert\b", text, re.MULTILINE) is not None


def _types(context: Context, path: str, line: int) -> Mapping[str, str]:
    if context.observed is not None:
        full = context.workspace.absolute(path)
        for frame in reversed(context.observed.frames):
            if frame.line == line and (frame.path == full or full.endswith(f"/{frame.path.lstrip('./')}")):
                return frame.local_types
    return {}


def expected(context: Context) -> list[str]:
    """What the failing check compares with: the right side of ``assert f(x) == value``, as source."""
    found: list[str] = []
    for site in sites(context):
        if not site.checks:
            continue
        for node in site.nodes("comparison_operator"):
            right = node.named_children[-1] if node.named_children else None
            if right is not None and any(child.type == "==" for child in node.children):
                found.append(site.code(right))
    return list(dict.fromkeys(found))


def walk(node: Node, nested: bool = True) -> Iterator[Node]:
    """All nodes below; without those of nested functions and classes if not ``nested``."""
    for child in node.children:
        yield child
        if nested or child.type not in ("function_definition", "class_definition", "lambda"):
            yield from walk(child, nested)


def statement(node: Node) -> Node:
    """The statement that holds a node."""
    found = node
    while found.parent is not None and found.parent.type not in {"block", "module"}:
        found = found.parent
    return found


def field_of(node: Node, name: str) -> Node | None:
    return node.child_by_field_name(name)


def arguments_of(call: Node) -> list[Node]:
    """The arguments of a call in order, comments left out."""
    arguments = call.child_by_field_name("arguments")
    if arguments is None:
        return []
    if arguments.type == "generator_expression":
        return [arguments]
    return [child for child in arguments.named_children if child.type != "comment"]


def callee(call: Node) -> str:
    """The last name of what is called."""
    function = call.child_by_field_name("function")
    return (function.text or b"").decode("utf-8", "replace").rpartition(".")[2] if function is not None else ""


def parameters_of(function: Node) -> list[str]:
    """The names of a function's parameters; stars are left out."""
    parameters = function.child_by_field_name("parameters")
    if parameters is None:
        return []
    names = [re.match(r"\**([^\W\d]\w*)", (child.text or b"").decode("utf-8", "replace")) for child in
             parameters.named_children]  # fmt: skip
    return [match[1] for match in names if match]


def assignments(root: Node, name: str, data: bytes, nested: bool = False) -> list[tuple[Node, Node]]:
    """(statement's node, value) of the plain assignments to a name or dotted name below ``root``, in order."""
    found: list[tuple[Node, Node]] = []
    for node in walk(root, nested):
        if node.type in {"assignment", "named_expression"}:
            left = node.child_by_field_name("left") or node.child_by_field_name("name")
            right = node.child_by_field_name("right") or node.child_by_field_name("value")
            if left is not None and right is not None and data[left.start_byte : left.end_byte].decode() == name:
                found.append((node, right))
    return found


def origins(every: list[Site], site: Site, node: Node, steps: int = MAX_STEPS) -> Iterator[tuple[Site, Node, int]]:
    """(place, expression, steps) of the expressions that may have given ``node`` its value, nearest first: what was
    assigned to the name, passed for the parameter, set on the instance, or returned by the function."""
    if steps <= 0:
        return
    text = site.code(node)
    done = MAX_STEPS - steps + 1
    found: list[tuple[Site, Node]] = []
    function = site.function
    if node.type == "identifier":
        bound = assignments(function, text, site.tree.data)
        bound = [item for item in bound if item[0].start_point[0] <= site.line] or bound
        found += [(site, value) for _, value in reversed(bound)]
        if text in parameters_of(function):
            found += _passed(every, site, function, text)
        elif not bound and function.type != "module":
            found += [(site, value) for _, value in assignments(site.tree.tree.root_node, text, site.tree.data)]
    elif node.type == "attribute" and text.startswith(("self.", "cls.")):
        owner = enclosing(function, "class_definition")
        if owner is not None:
            found += [(site, value) for _, value in assignments(owner, text, site.tree.data, nested=True)]
            label, body = text.partition(".")[2], owner.child_by_field_name("body")
            if body is not None:  # set for the class as a whole
                found += [(site, value) for _, value in assignments(body, label, site.tree.data)]
    elif node.type == "call":
        name = callee(node)
        for each in walk(site.tree.tree.root_node):
            if each.type != "function_definition" or not (label := each.child_by_field_name("name")):
                continue
            if site.code(label) == name:
                found += [
                    (site, child.named_children[0])
                    for child in walk(each, nested=False)
                    if child.type == "return_statement" and child.named_children
                ]
    found = [(place, part) for place, value in found for part in _parts(value)]
    for place, value in found:
        yield place, value, done
    for place, value in found:
        if value != node:
            yield from origins(every, _moved(place, value), value, steps - 1)


def _parts(value: Node) -> list[Node]:
    """The values that an expression may have: both of a choice, each of ``a or b``."""
    if value.type == "conditional_expression" and len(value.named_children) == 3:
        return [part for child in (value.named_children[0], value.named_children[2]) for part in _parts(child)]
    if value.type == "parenthesized_expression" and value.named_children:
        return [value, *(part for part in _parts(value.named_children[0]) if part.type == "conditional_expression")]
    return [value]


def _moved(site: Site, node: Node) -> Site:
    """The site at another line of its file."""
    from dataclasses import replace

    return replace(site, line=node.start_point[0], mark=None)


def _passed(every: list[Site], site: Site, function: Node, parameter: str) -> Iterator[tuple[Site, Node]]:
    outer = next((each for each in every if each.away > site.away), None)
    label = function.child_by_field_name("name")
    if outer is None or outer.checks or label is None:
        return
    names = [each for each in parameters_of(function) if each not in {"self", "cls"}]
    for call in outer.nodes("call"):
        if callee(call) != site.code(label) and site.code(label) != "__init__":
            continue
        plain = [each for each in arguments_of(call) if each.type != "keyword_argument"]
        for each in arguments_of(call):
            key, value = each.child_by_field_name("name"), each.child_by_field_name("value")
            if (
                each.type == "keyword_argument"
                and key is not None
                and value is not None
                and outer.code(key) == parameter
            ):
                yield outer, value
        if parameter in names and names.index(parameter) < len(plain):
            yield outer, plain[names.index(parameter)]
