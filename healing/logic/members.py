"""Slips between a value and its parts: another attribute of the same class, an attribute that is left out or one too
many, a method that stands beside the one that is meant, two parts in the wrong order, a stream passed on as one item.

What classes have is read from the file itself: names assigned in them, to ``self``, and their methods. Nothing is
inferred of the object in front of the dot: whoever has an attribute of that name may be meant.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from tree_sitter import Node

from ...analyzers.syntax import named_nodes, parse
from .operators import change
from .tree import Function, Mutation

#: Attributes that are added to a value that has none: those that are read most in the file.
MOST_READ = 5
_VALUES = ("identifier", "call", "subscript")
_BINDING = ("assignment", "augmented_assignment", "for_statement", "for_in_clause")
_PROPERTIES = ("property", "cached_property", "functools.cached_property")


@dataclass(frozen=True, slots=True)
class _Members:
    """``fields`` and ``methods`` (name → number of parameters) of each class; ``read``: how often an attribute that is
    not called is read of anything but ``self`` and modules, ``read_of``: which of each variable; ``made``: how often a
    method of such is called with nothing."""

    fields: tuple[frozenset[str], ...]
    methods: tuple[Mapping[str, int], ...]
    read: Counter[str]
    read_of: Mapping[str, frozenset[str]]
    made: Counter[str]


def members(function: Function) -> Iterator[Mutation]:
    """Mutations of all expressions of a function."""
    for node in function.own:
        if node.type == "attribute":
            yield from _sibling(function, node)
        elif node.type == "yield":
            yield from _delegated(function, node)
        elif node.type in ("assignment", "for_statement", "for_in_clause"):
            yield from _targets_swapped(function, node)
        if node.type in ("expression_list", "tuple") and len(node.named_children) == 2:
            yield from _swapped(function, node, 0.25)
        elif node.type == "dictionary" and [each.type for each in node.named_children] == ["dictionary_splat"] * 2:
            yield from _swapped(function, node, 0.6)
        elif node.type == "comparison_operator" and [each.type for each in node.children[1:-1]] in (["in"], ["not in"]):
            yield from _swapped(function, node, 0.4)
        if node.type in _VALUES:
            yield from _left_out(function, node)


def _sibling(function: Function, node: Node) -> Iterator[Mutation]:
    owner, name = node.child_by_field_name("object"), node.child_by_field_name("attribute")
    if owner is None or name is None:
        return
    word, known = function.text(name), _members(function.data)
    if _is_called(node):
        for table in known.methods:
            others = sorted(each for each in table if each != word and table[each] == table.get(word))
            for other in others:
                yield change(function, name, other, 0.3 / len(others) ** 0.5, "attribute")
        return
    if function.text(owner) in ("self", "cls"):
        return
    others = sorted({each for table in known.fields if word in table for each in table} - {word})
    for other in others:
        yield change(function, name, other, 0.4 / len(others) ** 0.5, "attribute")
    if known.read[word] > 1 and not _is_written(node):
        yield change(function, node, function.text(owner), 0.08, "attribute")


def _left_out(function: Function, node: Node) -> Iterator[Mutation]:
    """A value where one of its attributes is meant, or what one of its methods makes of it."""
    parent, text = node.parent, function.text(node)
    kinds = ("assignment", "return_statement", "argument_list", "comparison_operator", "expression_list", "tuple",
             "for_statement", "for_in_clause", "pair", "binary_operator")  # fmt: skip
    if parent is None or parent.type not in kinds or _is_written(node) or text in ("self", "cls"):
        return
    if node.type == "identifier" and text not in function.bound:
        return
    known = _members(function.data)
    own = known.read_of.get(text, frozenset())
    common = [name for name, _ in known.read.most_common(MOST_READ)]
    for name in dict.fromkeys([*sorted(own), *common]):
        yield change(function, node, f"{text}.{name}", (0.25 if name in own else 0.1) / MOST_READ**0.5, "attribute")
    for name, _ in known.made.most_common(MOST_READ):
        yield change(function, node, f"{text}.{name}()", 0.15 / MOST_READ**0.5, "attribute")


def _delegated(function: Function, node: Node) -> Iterator[Mutation]:
    """``yield stream`` for ``yield from stream``, and the other way round."""
    inner = node.named_children[0] if node.named_children else None
    if inner is None or inner.type not in (*_VALUES, "attribute", "generator_expression", "list"):
        return
    if any(each.type == "from" for each in node.children):
        yield change(function, node, f"yield {function.text(inner)}", 0.4, "yield")
    else:
        yield change(function, node, f"yield from {function.text(inner)}", 0.5, "yield")


def _targets_swapped(function: Function, node: Node) -> Iterator[Mutation]:
    left = node.child_by_field_name("left")
    if left is not None and left.type in ("pattern_list", "tuple_pattern") and len(left.named_children) == 2:
        yield from _swapped(function, left, 0.35)


def _swapped(function: Function, node: Node, prior: float) -> Iterator[Mutation]:
    one, two = node.named_children
    splices = ((one.start_byte, one.end_byte, function.text(two)), (two.start_byte, two.end_byte, function.text(one)))
    title = f"Swap {function.text(one)} and {function.text(two)}"
    if len(title) < 80 and function.text(one) != function.text(two):
        yield Mutation(title, splices, node.start_point[0], prior, "order of parts")


def _is_called(node: Node) -> bool:
    return node.parent is not None and node.parent.type == "call" and _is(node.parent, "function", node)


def _is_written(node: Node) -> bool:
    parent = node.parent
    return parent is None or (parent.type in _BINDING and _is(parent, "left", node))


def _is(parent: Node, field: str, node: Node) -> bool:
    child = parent.child_by_field_name(field)
    return child is not None and child.id == node.id


@lru_cache(maxsize=4)
def _members(data: bytes) -> _Members:
    """What the classes of a file have, gathered once for all of its functions."""
    fields: list[frozenset[str]] = []
    methods: list[Mapping[str, int]] = []
    read: Counter[str] = Counter()
    made: Counter[str] = Counter()
    read_of: dict[str, set[str]] = {}
    imported: set[str] = set()

    def text(node: Node) -> str:
        return data[node.start_byte : node.end_byte].decode("utf-8", "replace")

    for node in named_nodes(parse(data).root_node):
        if node.type == "class_definition":
            own, defined = _class(node, text)
            fields.append(own)
            methods.append(defined)
        elif node.type in ("import_statement", "import_from_statement"):
            imported.update(text(each) for each in named_nodes(node) if each.type == "identifier")
        elif node.type == "attribute" and not _is_written(node):
            owner, name = node.child_by_field_name("object"), node.child_by_field_name("attribute")
            if owner is None or name is None or text(owner) in ("self", "cls") or text(owner) in imported:
                continue
            if _is_called(node):
                arguments = node.parent.child_by_field_name("arguments") if node.parent is not None else None
                if arguments is not None and not arguments.named_children:
                    made[text(name)] += 1
                continue
            read[text(name)] += 1
            if owner.type == "identifier":
                read_of.setdefault(text(owner), set()).add(text(name))
    owners = {name: frozenset(found) for name, found in read_of.items()}
    return _Members(tuple(fields), tuple(methods), read, owners, made)


def _class(node: Node, text: Callable[[Node], str]) -> tuple[frozenset[str], Mapping[str, int]]:
    fields: set[str] = set()
    methods: dict[str, int] = {}
    body = node.child_by_field_name("body")
    for each in body.named_children if body is not None else ():
        if each.type == "expression_statement" and each.named_children and each.named_children[0].type == "assignment":
            left = each.named_children[0].child_by_field_name("left")
            if left is not None and left.type == "identifier":
                fields.add(text(left))
            continue
        marks = [text(one).lstrip("@").strip() for one in each.named_children if one.type == "decorator"]
        inner = each.child_by_field_name("definition") if each.type == "decorated_definition" else each
        name = inner.child_by_field_name("name") if inner is not None else None
        if inner is None or name is None or inner.type != "function_definition" or text(name).startswith("__"):
            continue
        listed = inner.child_by_field_name("parameters")
        if any(mark in _PROPERTIES for mark in marks):
            fields.add(text(name))
        elif listed is not None:
            methods[text(name)] = len(listed.named_children)
    for each in named_nodes(node):
        if each.type == "assignment":
            left = each.child_by_field_name("left")
            owner = left.child_by_field_name("object") if left is not None and left.type == "attribute" else None
            if left is not None and owner is not None and text(owner) == "self":
                name = left.child_by_field_name("attribute")
                fields.update([text(name)] if name is not None else [])
    return frozenset(fields), methods
