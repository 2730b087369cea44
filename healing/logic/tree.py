"""The view of a function that mutations are written from: nodes, their texts, the names that can be meant."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from tree_sitter import Node

from ..scopes import tree_of

#: Splices of a mutation are on bytes: (start, end, replacement).
ByteSplice = tuple[int, int, str]


@dataclass(frozen=True, slots=True)
class Mutation:
    """One small change. ``line`` (0-based) is where it is, ``prior`` how often such a slip is what went wrong,
    ``operator`` the kind of slip, ``weight`` the prior times the suspicion of the line."""

    title: str
    splices: tuple[ByteSplice, ...]
    line: int
    prior: float
    operator: str
    weight: float = 0.0


@dataclass(frozen=True)
class Function:
    """A function of a file (or the whole module), its tree and the names in it."""

    node: Node
    data: bytes

    def text(self, node: Node) -> str:
        return self.data[node.start_byte : node.end_byte].decode("utf-8", "replace")

    @cached_property
    def name(self) -> str:
        name = self.node.child_by_field_name("name")
        return self.text(name) if name else "<module>"

    @property
    def body(self) -> Node:
        return self.node.child_by_field_name("body") or self.node

    @cached_property
    def chunk(self) -> tuple[int, int, int, str, int]:
        """The definition with its decorators as whole lines: (from, to, first line, what to put before it, body)."""
        whole = self.node
        if whole.parent is not None and whole.parent.type == "decorated_definition":
            whole = whole.parent
        start, end, outer = self.line_start(whole), self.line_end(whole), whole.parent
        while outer is not None and outer.type == "block":
            outer = outer.parent
        before = "if 1:" if self.indent(whole) else ""
        if outer is not None and outer.type == "class_definition":
            name = outer.child_by_field_name("name")
            before = f"class {self.text(name) if name else 'C'}:"
        return start, end, whole.start_point[0], before, self.line_start(self.body)

    @cached_property
    def own(self) -> tuple[Node, ...]:
        """All nodes of the function, outer ones first, without strings' insides and without nested classes."""
        return tuple(_walk(self.node))

    @cached_property
    def parameters(self) -> tuple[str, ...]:
        listed = self.node.child_by_field_name("parameters")
        found: list[str] = []
        for each in listed.named_children if listed else ():
            name = each if each.type == "identifier" else each.child_by_field_name("name")
            if name is None and each.type == "typed_parameter":
                name = each.named_children[0]
            if name is not None and name.type == "identifier":
                found.append(self.text(name))
        return tuple(found)

    @cached_property
    def bound(self) -> dict[str, int]:
        """Local variables → offset of their first binding; parameters at the start."""
        found = dict.fromkeys(self.parameters, self.node.start_byte)
        for each in self.own:
            if each.type in (
                "assignment",
                "augmented_assignment",
                "for_statement",
                "for_in_clause",
                "named_expression",
            ):
                target = each.child_by_field_name("left") or each.child_by_field_name("name")
            elif each.type == "as_pattern_target":
                target = each
            else:
                continue
            for name in _targets(target):
                found.setdefault(self.text(name), each.start_byte)
        return found

    @cached_property
    def loads(self) -> Counter[str]:
        """How often each name is read."""
        return Counter(self.text(each) for each in self.own if each.type == "identifier" and is_load(each))

    @cached_property
    def unused(self) -> frozenset[str]:
        """Names that are bound and never read: what was to be done with them may be missing."""
        return frozenset(
            name for name in self.bound if not self.loads[name] and name not in ("self", "cls") and name[0] != "_"
        )

    def visible(self, node: Node) -> list[str]:
        """Local names bound before a place, or in a loop around it."""
        loop = enclosing(node, "for_statement", "while_statement")
        limit = max(node.start_byte, loop.end_byte if loop is not None else 0)
        return [name for name in self.bound if self._reaches(name, node, limit)]

    def _reaches(self, name: str, node: Node, limit: int) -> bool:
        """A variable of a comprehension is known inside of it only, and all over it."""
        start = self.bound[name]
        if name in self.parameters:
            return True
        first = self.node.descendant_for_byte_range(start, start + 1)
        inner = enclosing(first, *COMPREHENSIONS, until=self.node)
        return start < limit if inner is None else inner.start_byte <= node.start_byte <= inner.end_byte

    def indent(self, node: Node) -> str:
        """The blanks before the first token of a statement's line."""
        start = self.data.rfind(b"\n", 0, node.start_byte) + 1
        line = self.data[start : node.start_byte].decode("utf-8", "replace")
        return line[: len(line) - len(line.lstrip(" \t\f"))]

    def line_start(self, node: Node) -> int:
        return self.data.rfind(b"\n", 0, node.start_byte) + 1

    def line_end(self, node: Node) -> int:
        """Offset after the line break that ends a statement."""
        end = self.data.find(b"\n", node.end_byte)
        return len(self.data) if end < 0 else end + 1

    def alone(self, node: Node) -> bool:
        """Whether a statement has its lines for itself."""
        before = self.data[self.line_start(node) : node.start_byte]
        after = self.data[node.end_byte : self.line_end(node)].strip().rstrip(b";").strip()
        return not before.strip() and (not after or after.startswith(b"#"))

    @cached_property
    def unit(self) -> str:
        """One step of indentation."""
        outer, inner = self.indent(self.node), ""
        for each in self.body.named_children:
            inner = self.indent(each)
            if inner.startswith(outer) and len(inner) > len(outer):
                return inner[len(outer) :]
        return "    "


COMPREHENSIONS = ("list_comprehension", "set_comprehension", "dictionary_comprehension", "generator_expression")


def functions_of(text: str) -> list[Function]:
    """The functions of a file in order; nested ones are part of the one around them."""
    tree, data = tree_of(text)
    found: list[Function] = []
    stack = [tree.root_node]
    while stack:
        node = stack.pop()
        if node.type == "function_definition":
            found.append(Function(node, data))
        else:
            stack.extend(reversed(node.named_children))
    return found


def module_of(text: str) -> Function:
    """The statements of a module outside of functions, as if they were one function."""
    tree, data = tree_of(text)
    return Function(tree.root_node, data)


def enclosing(node: Node | None, *types: str, until: Node | None = None) -> Node | None:
    """The nearest ancestor of one of these types, the node itself not counted."""
    node = node.parent if node is not None else None
    while node is not None and node.type not in types:
        if until is not None and node.id == until.id:
            return None
        if node.type == "function_definition":
            return None
        node = node.parent
    return node


def statement_of(node: Node) -> Node:
    """The statement that holds a node, as a child of its block."""
    while node.parent is not None and node.parent.type not in ("block", "module"):
        node = node.parent
    return node


def is_load(node: Node) -> bool:
    """Whether an identifier is a variable that is read here."""
    parent = node.parent
    if parent is None:
        return False
    kind = parent.type
    if kind in ("function_definition", "class_definition", "parameters", "lambda_parameters", "global_statement"):
        return False
    if kind in ("typed_parameter", "list_splat_pattern", "dictionary_splat_pattern", "aliased_import", "dotted_name"):
        return False
    if kind == "attribute":
        return _is(parent, "object", node)
    if kind in ("keyword_argument", "default_parameter", "typed_default_parameter"):
        return _is(parent, "value", node)
    if kind == "augmented_assignment":
        return not _is(parent, "left", node)
    top = node
    while top.parent is not None and top.parent.type in ("pattern_list", "tuple_pattern", "list_pattern"):
        top = top.parent
    outer = top.parent
    if outer is not None and outer.type in ("assignment", "for_statement", "for_in_clause"):
        return not _is(outer, "left", top)
    return not (outer is not None and outer.type == "named_expression" and _is(outer, "name", top))


def _is(parent: Node, field: str, node: Node) -> bool:
    child = parent.child_by_field_name(field)
    return child is not None and child.id == node.id


def _targets(node: Node | None) -> Iterator[Node]:
    if node is None:
        return
    if node.type == "identifier":
        yield node
    elif node.type in ("pattern_list", "tuple_pattern", "list_pattern", "as_pattern_target", "list_splat_pattern"):
        for each in node.named_children:
            yield from _targets(each)


def _walk(node: Node) -> Iterator[Node]:
    yield node
    stack = list(reversed(node.named_children))
    while stack:
        each = stack.pop()
        if each.type in ("comment", "type", "decorator", "string_content", "class_definition"):
            continue
        if node.type == "module" and each.type == "function_definition":
            continue
        if each.type == "assert_statement":
            continue
        yield each
        if each.type != "string":
            stack.extend(reversed(each.named_children))


def looping(text: str, line: int) -> dict[int, float]:
    """Lines (0-based) of the function around a line, with how suspicious they are if it never gets past that line:
    conditions of the loops around it and what changes their names, then the rest of the loops, then of the function."""
    tree, data = tree_of(text)
    row = data.split(b"\n")[line] if line < data.count(b"\n") + 1 else b""
    begin = (line, len(row) - len(row.lstrip()))  # the head of a loop lies in it, what is left of the head does not
    node: Node | None = tree.root_node.descendant_for_point_range(begin, (line, max(len(row.rstrip()), begin[1])))
    found: dict[int, float] = {}

    def mark(part: Node, share: float) -> None:
        for each in range(part.start_point[0], part.end_point[0] + 1):
            found[each] = max(found.get(each, 0.0), share)

    while node is not None:
        if node.type in ("for_statement", "while_statement"):
            mark(node, 0.5)
            head = node.child_by_field_name("condition") or node.child_by_field_name("right")
            names = {_word(each, data) for each in _below(head, "identifier")}
            if head is not None:
                mark(head, 1.0)
            for each in _below(node.child_by_field_name("body"), "assignment", "augmented_assignment"):
                left = each.child_by_field_name("left")
                if names & {_word(name, data) for name in _below(left, "identifier")}:
                    mark(each, 1.0)
        elif node.type == "function_definition":
            mark(node, 0.3)
            break
        node = node.parent
    return found


def _word(node: Node, data: bytes) -> str:
    return data[node.start_byte : node.end_byte].decode("utf-8", "replace")


def _below(node: Node | None, *types: str) -> Iterator[Node]:
    stack = [node] if node is not None else []
    while stack:
        each = stack.pop()
        if each.type in types:
            yield each
        stack.extend(each.named_children)
