"""Where a failing value came from: the calls of a traceback as places in files, and the expressions behind a name.

A traceback's last line is where a value could not be used; the slip is as often where it was made, passed or
returned. Repairs of runtime faults walk both.

Invariant: files that only check others (tests, scripts of assertions) are places to read, never to change.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from itertools import islice

from tree_sitter import Node

from ..analyzers.syntax import enclosing
from .expressions import Tree, types_at
from .grammar import Splice, splice
from .repair import Context, Draft
from .workspace import is_test

#: How far a value is followed back, and to how many places in one step.
MAX_STEPS = 3
MAX_PLACES = 12
#: Statements that put something into one container which are read.
MAX_PUTS = 40
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

    def nodes_around(self, *types: str) -> list[Node]:
        """All nodes of these types that hold the line, inner ones first."""
        return list(reversed([node for node in self.tree.on_line(self.line, *types)]))

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

    @cached_property
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
        types = types_at(context, path, line, tree)
        found.append(Site(path, text, tree, line, mark, len(found), name, _only_checks(path, text), types))
    return found


def mendable(context: Context) -> list[Site]:
    """The calls whose code may be changed. A script of assertions is, where nothing else of the workspace was run."""
    every = sites(context)
    found = [each for each in every if not each.checks]
    return found or [each for each in every if not is_test(each.file)][:1]


def _only_checks(path: str, text: str) -> bool:
    return is_test(path) or re.search(r"^assert\b", text, re.MULTILINE) is not None


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
    """All nodes below, in their order; without those of nested functions and classes if not ``nested``."""
    waiting = node.children[::-1]
    while waiting:
        child = waiting.pop()
        yield child
        if nested or child.type not in ("function_definition", "class_definition", "lambda"):
            waiting += child.children[::-1]


_INDEXED = (
    "function_definition", "class_definition", "call", "for_statement", "for_in_clause", "assignment", "pair", "string",
)  # fmt: skip


@lru_cache(maxsize=8)
def indexed(text: str) -> Mapping[str, Sequence[Node]]:
    """The nodes of a file that are asked for again and again, by type."""
    found: dict[str, list[Node]] = {each: [] for each in _INDEXED}
    for node in walk(Tree(text).tree.root_node):
        if (same := found.get(node.type)) is not None:
            same.append(node)
    return found


@lru_cache(maxsize=8)
def _functions(text: str) -> Mapping[bytes, Sequence[Node]]:
    found: dict[bytes, list[Node]] = {}
    for each in indexed(text)["function_definition"]:
        label = each.child_by_field_name("name")
        found.setdefault((label.text if label is not None else None) or b"", []).append(each)
    return found


_PUTS = frozenset({"append", "add", "insert", "appendleft", "put", "setdefault"})


@lru_cache(maxsize=8)
def _assigned(text: str) -> Mapping[str, Sequence[tuple[Node, Node]]]:
    """(node, value) of the plain assignments of a file, by what is written left of the sign."""
    tree = Tree(text)
    found: dict[str, list[tuple[Node, Node]]] = {}
    for node in walk(tree.tree.root_node):
        if node.type in {"assignment", "named_expression"}:
            left = node.child_by_field_name("left") or node.child_by_field_name("name")
            right = node.child_by_field_name("right") or node.child_by_field_name("value")
            if left is not None and right is not None:
                name = tree.data[left.start_byte : left.end_byte].decode("utf-8", "surrogatepass")
                found.setdefault(name, []).append((node, right))
                for one, value in _paired(left, right):
                    label = tree.data[one.start_byte : one.end_byte].decode("utf-8", "surrogatepass")
                    found.setdefault(label, []).append((node, value))
    return found


def _paired(left: Node, right: Node) -> list[tuple[Node, Node]]:
    """``i, n = 0, len(text)``: each name with its value."""
    rows = left.type in {"pattern_list", "tuple_pattern"} and right.type in {"expression_list", "tuple"}
    starred = any("splat" in each.type for each in (*left.named_children, *right.named_children))
    if not rows or starred or left.named_child_count != right.named_child_count:
        return []
    return list(zip(left.named_children, right.named_children, strict=True))


@lru_cache(maxsize=8)
def _kept(text: str) -> Mapping[str, Sequence[tuple[Node, Node, bool]]]:
    """What is put into containers, by their last names: (node, value, whether the value is one item)."""
    found: dict[str, list[tuple[Node, Node, bool]]] = {}
    for node in walk(Tree(text).tree.root_node):
        if node.type == "call" and callee(node) in _PUTS:
            function = node.child_by_field_name("function")
            owner = function.child_by_field_name("object") if function is not None else None
            given = arguments_of(node)
            if owner is not None and given:
                found.setdefault(_last_name(owner), []).append((node, given[-1], True))
        elif node.type == "assignment":
            left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
            if left is None or right is None:
                continue
            table = left.child_by_field_name("value") if left.type == "subscript" else None
            if table is not None:
                found.setdefault(_last_name(table), []).append((node, right, True))
            elif right.type not in {"identifier", "attribute"}:
                found.setdefault(_last_name(left), []).append((node, right, False))
    return found


def _below(node: Node, root: Node) -> bool:
    return root.start_byte <= node.start_byte and node.end_byte <= root.end_byte


def functions_named(text: str, name: str) -> Sequence[Node]:
    """The functions of a file by this name, methods and nested ones among them."""
    return _functions(text).get(name.encode("utf-8", "surrogatepass"), ()) if name else ()


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


def assignments(root: Node, name: str, text: str, nested: bool = False) -> list[tuple[Node, Node]]:
    """(statement's node, value) of the plain assignments to a name or dotted name below ``root``, a node of the text's
    tree, in order."""
    found = [each for each in _assigned(text).get(name, ()) if _below(each[0], root)]
    if nested:
        return found
    own: list[tuple[Node, Node]] = []
    for each in found:
        around = enclosing(each[0].parent, "function_definition", "class_definition", "lambda")
        if around is None or _below(root, around):
            own.append(each)
    return own


def origins(every: list[Site], site: Site, node: Node, steps: int = MAX_STEPS) -> Iterator[tuple[Site, Node, int]]:
    """(place, expression, steps) of the expressions that may have given ``node`` its value, nearest first: what was
    assigned to the name, passed for the parameter, set on the instance, put into the container that it was taken from,
    or returned by the function."""
    if steps <= 0:
        return
    text = site.code(node)
    done = MAX_STEPS - steps + 1
    found: list[tuple[Site, Node]] = []
    function = site.function
    if node.type == "identifier":
        owner = enclosing(node.parent, "function_definition", "class_definition", "lambda")
        body = field_of(owner, "body") if owner is not None and owner.type == "class_definition" else None
        bound = assignments(function, text, site.text) if body is None else assignments(body, text, site.text)
        bound = [item for item in bound if item[0].start_point[0] <= site.line] or bound
        found += [(site, value) for _, value in reversed(bound)]
        found += _of_loops(site, node, text, steps)
        if text in parameters_of(function):
            found += _passed(every, site, function, text)
        elif not bound and function.type != "module":
            found += [(site, value) for _, value in assignments(site.tree.tree.root_node, text, site.text)]
    elif node.type == "attribute" and text.startswith(("self.", "cls.")):
        owner = enclosing(function, "class_definition")
        if owner is not None:
            found += [(site, value) for _, value in assignments(owner, text, site.text, nested=True)]
            label, body = text.partition(".")[2], owner.child_by_field_name("body")
            if body is not None:  # set for the class as a whole
                found += [(site, value) for _, value in assignments(body, label, site.text)]
            if not found:
                found += _fields(site, label, site.code(owner.child_by_field_name("name") or owner))
    elif node.type == "attribute":
        owner_node, label_node = node.child_by_field_name("object"), node.child_by_field_name("attribute")
        if owner_node is not None and label_node is not None:
            found += _fields(site, site.code(label_node), site.kind(owner_node) or "")
    elif node.type == "subscript" and (table := node.child_by_field_name("value")) is not None:
        found += [(site, value) for value in items(site, table, (), steps)]
    elif node.type == "call":
        name = callee(node)
        for each in functions_named(site.text, name):
            found += [
                (site, child.named_children[0])
                for child in walk(each, nested=False)
                if child.type == "return_statement" and child.named_children
            ]
        if name in {"get", "pop", "popleft", "setdefault", "next", "min", "max"}:
            found += [(site, value) for value in _taken(site, node, steps)]
    found = found[:MAX_PLACES]
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
    return replace(site, line=node.start_point[0], mark=None)


def _passed(every: list[Site], site: Site, function: Node, parameter: str) -> Iterator[tuple[Site, Node]]:
    """What is passed for a parameter: by the caller in the traceback, else by all calls of the file."""
    label = function.child_by_field_name("name")
    if label is None:
        return
    names = [each for each in parameters_of(function) if each not in {"self", "cls"}]
    name = site.code(label)
    owner = enclosing(function, "class_definition") if name == "__init__" else None
    made = owner.child_by_field_name("name") if owner is not None else None
    name = site.code(made) if made is not None else name
    outer = next((each for each in every if each.away > site.away), None)
    found = False
    if outer is not None and not outer.checks and site.away >= 0:
        for call in outer.nodes("call"):
            if callee(call) == name or (made is not None and callee(call) in {"cls", "__init__"}):
                for value in _given(outer, call, names, parameter):
                    found = True
                    yield outer, value
    if not found:
        for call in indexed(site.text)["call"]:
            if callee(call) == name:
                yield from ((site, value) for value in _given(site, call, names, parameter))


def _given(site: Site, call: Node, names: list[str], parameter: str) -> Iterator[Node]:
    """What one call passes for a parameter."""
    plain = [each for each in arguments_of(call) if each.type not in {"keyword_argument", "list_splat"}]
    for each in arguments_of(call):
        key, value = each.child_by_field_name("name"), each.child_by_field_name("value")
        if each.type == "keyword_argument" and key is not None and value is not None and site.code(key) == parameter:
            yield value
    if parameter in names and names.index(parameter) < len(plain):
        yield plain[names.index(parameter)]


def _fields(site: Site, label: str, owner: str) -> list[tuple[Site, Node]]:
    """What the objects of a class (any class, if ``owner`` is empty) have as an attribute: what their methods set, and
    what their makers pass for a field."""
    found: list[tuple[Site, Node]] = []
    for each in indexed(site.text)["class_definition"]:
        name = each.child_by_field_name("name")
        body = each.child_by_field_name("body") if name is not None else None
        if name is None or body is None or (owner and site.code(name) != owner):
            continue
        found += [(site, value) for _, value in assignments(each, f"self.{label}", site.text, nested=True)]
        fields = [
            site.code(left)
            for line in body.named_children
            if line.type == "expression_statement" and line.named_children
            and (left := line.named_children[0].child_by_field_name("left")) is not None
            and line.named_children[0].child_by_field_name("type") is not None
        ]  # fmt: skip
        if label in fields:
            for call in indexed(site.text)["call"]:
                if callee(call) == site.code(name):
                    found += [(site, value) for value in _given(site, call, fields, label)]
    return found


def _of_loops(site: Site, node: Node, name: str, steps: int) -> Iterator[tuple[Site, Node]]:
    """What a loop or comprehension around a line gives a name, one item after the other."""
    kinds = indexed(site.text)
    for loop in sorted([*kinds["for_statement"], *kinds["for_in_clause"]], key=lambda each: each.start_byte):
        around = loop if loop.type == "for_statement" else loop.parent
        if around is None or not around.start_point[0] <= node.start_point[0] <= around.end_point[0]:
            continue
        left, right = loop.child_by_field_name("left"), loop.child_by_field_name("right")
        if left is None or right is None or (place := _place_in(site, left, name)) is None:
            continue
        yield from ((site, value) for value in items(site, right, place, steps))


def _place_in(site: Site, target: Node, name: str) -> tuple[int, ...] | None:
    """Where in the items a target's name is: ``(1, 0)`` for ``a`` in ``k, (a, b)``; None if it is not there."""
    if target.type == "identifier":
        return () if site.code(target) == name else None
    if target.type in {"pattern_list", "tuple_pattern"}:
        for index, each in enumerate(target.named_children):
            if (inner := _place_in(site, each, name)) is not None:
                return (index, *inner)
    return None


def items(site: Site, source: Node, place: tuple[int, ...], steps: int) -> list[Node]:
    """The expressions that may be the items of a container or generator, as far as the file's text tells; at ``place``
    inside of them, where they are rows."""
    if steps <= 0:
        return []
    if source.type in {"list", "tuple", "set", "expression_list"}:
        return [part for each in source.named_children for part in _at(each, place)]
    if source.type in {"list_comprehension", "generator_expression", "set_comprehension"}:
        body = source.child_by_field_name("body")
        return _at(body, place) if body is not None else []
    if source.type == "dictionary":
        pairs = [value for each in source.named_children if (value := each.child_by_field_name("value")) is not None]
        return [part for each in pairs for part in _at(each, place)]
    if source.type == "call":
        return _items_of_call(site, source, place, steps)
    if source.type in {"identifier", "attribute"}:
        return _stored(site, source, place, steps)
    return []


def _at(item: Node, place: tuple[int, ...]) -> list[Node]:
    for index in place:
        if item.type not in {"tuple", "list", "expression_list"} or index >= len(item.named_children):
            return []
        item = item.named_children[index]
    return [item]


def _items_of_call(site: Site, call: Node, place: tuple[int, ...], steps: int) -> list[Node]:
    name, given = callee(call), arguments_of(call)
    function = call.child_by_field_name("function")
    owner = function.child_by_field_name("object") if function is not None else None
    if name in {"values", "copy"} and owner is not None:
        return items(site, owner, place, steps)
    if name == "items" and owner is not None:
        return items(site, owner, place[1:], steps) if place[:1] == (1,) else []
    if name == "enumerate" and given:
        return items(site, given[0], place[1:], steps) if place[:1] == (1,) else []
    if name == "zip" and place and place[0] < len(given):
        return items(site, given[place[0]], place[1:], steps)
    if name in {"list", "sorted", "reversed", "tuple", "set", "iter", "deque"} and given:
        return items(site, given[0], place, steps)
    found: list[Node] = []
    for each in functions_named(site.text, name):
        for child in walk(each, nested=False):
            if child.type == "yield" and child.named_children:
                found += _at(child.named_children[0], place)
            elif child.type == "return_statement" and child.named_children:
                found += items(_moved(site, child), child.named_children[0], place, steps - 1)
    return found


def _stored(site: Site, container: Node, place: tuple[int, ...], steps: int) -> list[Node]:
    """What is put into a container that has a name: by its start, by ``append`` and the like, and by keys."""
    root = site.tree.tree.root_node if container.type == "attribute" else site.function
    found: list[Node] = []
    puts = (each for each in _kept(site.text).get(_last_name(container), ()) if _below(each[0], root))
    for _, value, single in islice(puts, MAX_PUTS):
        found += _at(value, place) if single else items(site, value, place, steps - 1)
        if len(found) >= MAX_PLACES:
            break
    return found


def _last_name(node: Node) -> str:
    if node.type not in {"identifier", "attribute"}:
        return ""
    return (node.text or b"").decode("utf-8", "surrogatepass").rpartition(".")[2]


def _taken(site: Site, call: Node, steps: int) -> list[Node]:
    """What ``table.get(key)``, ``queue.pop()`` and ``next(items)`` may give: an item, or the default."""
    function = call.child_by_field_name("function")
    owner = function.child_by_field_name("object") if function is not None else None
    if owner is not None:
        return [*items(site, owner, (), steps), *arguments_of(call)[1:2]]
    given = [each for each in arguments_of(call) if each.type != "keyword_argument"]
    return items(site, given[0], (), steps) if len(given) == 1 else []
