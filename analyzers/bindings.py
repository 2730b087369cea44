"""What gives the local names of a function their values, and which of these values can reach a use.

Invariant: pure; what is asked of one unit depends on that unit only.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Literal, NamedTuple

from tree_sitter import Node

from .syntax import Unit

#: Node types that bind names.
BINDERS = frozenset(
    {
        "assignment",
        "augmented_assignment",
        "named_expression",
        "for_statement",
        "for_in_clause",
        "as_pattern",
        "parameters",
        "lambda_parameters",
        "global_statement",
        "nonlocal_statement",
        "import_statement",
        "import_from_statement",
        "function_definition",
        "class_definition",
        "case_pattern",
    }
)

COMPREHENSIONS = frozenset(
    {"list_comprehension", "set_comprehension", "dictionary_comprehension", "generator_expression"}
)
LOOPS = frozenset({"for_statement", "while_statement"})
_FUNCTIONS = frozenset({"function_definition", "lambda"})

How = Literal["assign", "augment", "loop", "parameter", "other"]


class Binding(NamedTuple):
    """A value given to a local name, or to an attribute of ``self`` (under the name ``self.attribute``).

    ``value`` is None where it is not an expression of the function."""

    how: How
    node: Node
    value: Node | None


def bind(unit: Unit, node: Node, bindings: dict[str, list[Binding]]) -> None:
    """Add what ``node`` (one of :data:`BINDERS`) binds."""
    kind = node.type

    def add(target: Node, how: How, value: Node | None) -> None:
        bindings.setdefault(unit.text(target), []).append(Binding(how, node, value))

    if kind in ("assignment", "augmented_assignment", "named_expression"):
        left = node.child_by_field_name("left") or node.child_by_field_name("name")
        right = node.child_by_field_name("right") or node.child_by_field_name("value")
        while right is not None and right.type == "assignment":
            right = right.child_by_field_name("right")
        if left is None or (right is None and kind == "assignment"):
            return
        if left.type == "identifier" or is_own(unit, left):
            add(left, "augment" if kind == "augmented_assignment" else "assign", right)
        else:
            _bind_pattern(left, right, add)
    elif kind in ("for_statement", "for_in_clause"):
        left = node.child_by_field_name("left")
        for name in names_in(left) if left is not None else ():
            add(name, "loop", None)
    elif kind in ("parameters", "lambda_parameters"):
        for each in node.named_children:
            name = each if each.type == "identifier" else each.child_by_field_name("name")
            if name is None:
                name = next(iter(names_in(each)), None)
            if name is not None:
                bindings.setdefault(unit.text(name), []).append(Binding("parameter", each, None))
    elif kind in ("function_definition", "class_definition"):
        name = node.child_by_field_name("name")
        if name is not None and node != unit.node:
            add(name, "other", None)
    else:
        for name in names_in(node):
            add(name, "other", None)


def is_own(unit: Unit, node: Node) -> bool:
    """Is this ``self.name``, an attribute of the object that the method belongs to?"""
    if node.type != "attribute":
        return False
    owner = node.child_by_field_name("object")
    return owner is not None and owner.type == "identifier" and unit.text(owner) == "self"


def _bind_pattern(left: Node, right: Node | None, add: Callable[[Node, How, Node | None], None]) -> None:
    if left.type not in ("pattern_list", "tuple_pattern", "list_pattern"):
        return
    targets = left.named_children
    values = right.named_children if right is not None and right.type in ("expression_list", "tuple", "list") else []
    for position, target in enumerate(targets):
        value = values[position] if len(values) == len(targets) else None
        if target.type == "identifier":
            add(target, "assign" if value is not None else "other", value)
        elif target.type == "list_splat_pattern" and right is not None and not values:
            for name in names_in(target):
                add(name, "assign", right)  # ``head, *rest = parts``: the rest is as what it is taken from
        else:
            for name in names_in(target):
                add(name, "other", None)


def names_in(node: Node) -> Iterator[Node]:
    """Identifiers in a target; the parts of attributes and subscripts are not bound."""
    stack = [node]
    while stack:
        current = stack.pop()
        if current.type == "identifier":
            yield current
        elif current.type not in ("attribute", "subscript", "call", "type", "string"):
            stack.extend(reversed(current.named_children))


def reaching(bindings: Mapping[str, Sequence[Binding]], name: str, use: Node) -> tuple[Binding, ...]:
    """The bindings of ``name`` whose value may be the one at ``use``: those of the nearest scope that binds it, without
    those that a later one replaces on every way to ``use``. From within a nested function all count."""
    bound = bindings.get(name, ())
    if len(bound) < 2:
        return tuple(bound)
    home = _scope(use)
    own = [each for each in bound if each.node.type == "for_in_clause" and _contains(each.node.parent, use)]
    if own:
        return (own[-1],)
    scope = home
    while scope is not None:
        local = [each for each in bound if each.node.type != "for_in_clause" and _home(each) == scope]
        if local:
            return _ordered(local, use) if scope == home else tuple(local)
        scope = _scope(scope)
    outer = [each for each in bound if each.node.type != "for_in_clause" and _home(each) is None]
    if outer:
        return _ordered(outer, use) if home is None else tuple(outer)
    return tuple(bound)


def _ordered(bound: Sequence[Binding], use: Node) -> tuple[Binding, ...]:
    """The order of statements within one scope decides."""
    before = [each for each in bound if each.node.start_byte < use.start_byte and not _inside(each, use)]
    certain = -1
    for number, each in enumerate(before):
        if each.how != "augment" and (each.how == "parameter" or _contains(_block(each.node), use)):
            certain = number
    last = before[certain].node if certain >= 0 else None
    later: list[Binding] = []
    for each in bound:
        if each in before:
            continue
        loop = _loop_around(each.node, use)
        if loop is not None and not (last is not None and _contains(loop, last)):
            later.append(each)
    return (*before[max(certain, 0) :], *later)


def _inside(binding: Binding, use: Node) -> bool:
    """Is the use part of the very value that is assigned? Then it sees what was there before."""
    return binding.how in ("assign", "augment", "other") and _contains(binding.node, use)


def _contains(outer: Node | None, inner: Node) -> bool:
    return outer is not None and outer.start_byte <= inner.start_byte and inner.end_byte <= outer.end_byte


def _scope(node: Node) -> Node | None:
    """The function around a node."""
    current = node.parent
    while current is not None and current.type not in _FUNCTIONS:
        current = current.parent
    return current


def _home(binding: Binding) -> Node | None:
    return _scope(binding.node)


def _block(node: Node) -> Node | None:
    """What must be entered for the binding to happen: a block; for a loop's own variable, the loop."""
    if node.type == "for_statement":
        return node
    current = node.parent
    while current is not None and current.type not in ("block", "module"):
        current = current.parent
    return current


def _loop_around(node: Node, use: Node) -> Node | None:
    """The innermost loop statement around both."""
    current: Node | None = node
    while current is not None and current.type not in _FUNCTIONS:
        if current.type in LOOPS and _contains(current, use):
            return current
        current = current.parent
    return None
