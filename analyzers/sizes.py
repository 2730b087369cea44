"""Whether a collection is small whatever the input, as far as the function and its module tell.

Small is what is written down, cut to a fixed length, given on from what is small, a table of the module, or called as
what there are few of is called (:mod:`.few`). What is appended to in a loop is not.

Invariant: pure; the result depends on the unit only. What is not known to be small is not.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tree_sitter import Node

from .bindings import COMPREHENSIONS, Binding, is_own
from .calls import arguments_of, method_of
from .few import says_few, says_many

if TYPE_CHECKING:
    from .flow import Flow

#: Literals up to this many elements are small, whatever is in them.
SMALL = 32

_DEEP = 6


def small(flow: Flow, node: Node | None, depth: int = 0) -> bool:
    """Is a collection known to have few elements, whatever the input?"""
    if node is None or depth > _DEEP:
        return False
    kind = node.type
    if kind == "identifier":
        return _small_name(flow, node, depth)
    if is_own(flow.unit, node) and flow.reaching(node):
        return _small_name(flow, node, depth)
    if kind in ("list", "tuple", "set", "dictionary", "string", "concatenated_string", "expression_list"):
        return node.named_child_count <= SMALL and not any(
            each.type in ("list_splat", "dictionary_splat") for each in node.named_children
        )
    if kind in COMPREHENSIONS:
        clauses = [each for each in node.named_children if each.type == "for_in_clause"]
        return bool(clauses) and all(small(flow, each.child_by_field_name("right"), depth + 1) for each in clauses)
    if kind == "call":
        return _small_call(flow, node, depth)
    if kind == "parenthesized_expression":
        return small(flow, node.named_children[-1] if node.named_children else None, depth + 1)
    if kind == "binary_operator":
        sides = (node.child_by_field_name("left"), node.child_by_field_name("right"))
        return all(small(flow, each, depth + 1) for each in sides)
    if kind == "subscript":
        return _small_part(flow, node, depth)
    if kind == "attribute":
        text = flow.unit.text(node)
        return flow.unit.dotted(node) == "sys.argv" or is_constant(text) or says_few(text)
    return False


_CONSTANT = re.compile(r"(?:^|\.)_*[A-Z](?:[A-Z0-9]{2,}|[A-Z0-9]*(?:_[A-Z0-9]+)+)$")
_OF_CLASS = re.compile(r"^(?:\w+\.)*_?[A-Z]\w*[a-z]\w*\.\w+$")


def is_constant(dotted: str) -> bool:
    """Is this written as a constant (``KINDS``), or as an attribute of a class (``Config.kinds``)? Such tables are
    written by hand: they do not grow with the input."""
    return _CONSTANT.search(dotted) is not None or _OF_CLASS.match(dotted) is not None


def _small_name(flow: Flow, node: Node, depth: int) -> bool:
    name = flow.unit.text(node)
    bound = flow.reaching(node)
    if not bound:
        # A table that the module writes down does not grow with the input, however long it is.
        return name in flow.unit.facts.literals or is_constant(name) or says_few(name)
    if says_few(name) and not (says_many(name) and flow.grows(name)):
        return True
    if all(each.node.type in ("list_splat_pattern", "dictionary_splat_pattern") for each in bound):
        return True  # ``*given``: as many as a call is written with
    if flow.grows(name):
        return False
    if all(each.how == "parameter" for each in bound):
        return _small_default(flow, bound[0].node.child_by_field_name("value"), depth)
    if any(each.how != "assign" and not _is_optional(each) for each in bound):
        return False
    if any(each.how != "assign" for each in bound) and any(
        each.value is not None and each.value.type != "identifier" for each in bound
    ):
        return False
    if any(is_empty(each.value) for each in bound) and (node.type == "attribute" or _handed_out(flow, name)):
        return False  # ``queue = []``, ``merge(a, b, queue)``: filled there; of an object, by another method
    whole = [each for each in bound if not is_rest_of(flow, each.value, name)]
    if not whole:  # ``items = items[1:]``: as few as there were before
        whole = [each for each in flow.bindings.get(name, ()) if not is_rest_of(flow, each.value, name)]
    whole = [each for each in whole if not _is_optional(each)]
    return bool(whole) and all(each.how == "assign" and small(flow, each.value, depth + 1) for each in whole)


def _is_optional(binding: Binding) -> bool:
    """``def f(kinds=None): if kinds is None: kinds = KINDS``: the table that is given instead says what is meant."""
    return binding.how == "parameter" and is_none(binding.node)


def _handed_out(flow: Flow, name: str) -> bool:
    """Is the collection given to a function or method of the project's own, which may put something into it?"""
    return any(
        place.node.type == "call"
        and flow.unit.call_name(place.node) not in _READING
        and any(each.type == "identifier" and flow.unit.text(each) == name for each in arguments_of(place.node))
        for place in flow.places
    )


def _small_default(flow: Flow, default: Node | None, depth: int) -> bool:
    """``def find(rows, kinds=KINDS)``: the default says what is meant. An empty one says nothing."""
    if default is None or (default.named_child_count == 0 and default.type != "identifier"):
        return False
    return small(flow, default, depth + 1)


def is_rest_of(flow: Flow, value: Node | None, name: str) -> bool:
    """``items[1:]``, given to ``items``: the same kind of thing, and no longer."""
    if value is None or value.type != "subscript":
        return False
    owner, index = value.child_by_field_name("value"), value.child_by_field_name("subscript")
    return owner is not None and index is not None and index.type == "slice" and flow.unit.text(owner) == name


def _small_part(flow: Flow, node: Node, depth: int) -> bool:
    index, owner = node.child_by_field_name("subscript"), node.child_by_field_name("value")
    if owner is not None and flow.unit.dotted(owner) == "sys.argv":
        return True
    if index is None or index.type != "slice":
        return False
    # ``x[:3]``: the slice ends in a literal
    if len(index.children) <= 3 and index.children[-1].type == "integer":
        return True
    # ``x[-3:]``: it begins there
    first = index.children[0]
    if len(index.children) == 2 and first.type == "unary_operator" and len(flow.unit.text(first)) < 4:
        return True
    return small(flow, owner, depth + 1)


def _small_call(flow: Flow, node: Node, depth: int) -> bool:
    name = flow.unit.call_name(node)
    arguments = arguments_of(node)
    if name == "range" and len(arguments) == 1 and arguments[0].type == "call":
        measured = arguments_of(arguments[0])
        return flow.unit.call_name(arguments[0]) == "len" and len(measured) == 1 and small(flow, measured[0], depth + 1)
    if name == "range":
        return bool(arguments) and all(each.type == "integer" and len(flow.unit.text(each)) < 3 for each in arguments)
    if name in (
        "list",
        "tuple",
        "set",
        "frozenset",
        "sorted",
        "reversed",
        "enumerate",
        "zip",
        "filter",
        "dict.fromkeys",
    ):
        return bool(arguments) and small(flow, arguments[0], depth + 1)
    if name == "map":
        return len(arguments) > 1 and small(flow, arguments[1], depth + 1)
    called = method_of(flow.unit, node)
    if called is None:
        return False
    owner, verb = called
    if verb == "most_common" and arguments:
        return arguments[0].type == "integer" and len(flow.unit.text(arguments[0])) < 3
    if verb in _FEW_PARTS:
        # The words of a line, the parts of a path: few, and reading them cost as much as looking at them. Not the
        # lines of a text, nor the words of a whole file.
        whole = owner.type == "call" and (flow.unit.call_name(owner).rpartition(".")[2] in ("read", "read_text"))
        return not whole and not any("\\n" in flow.unit.text(each) for each in arguments)
    return verb in ("keys", "values", "items", "copy") and small(flow, owner, depth + 1)


def is_empty(value: Node | None) -> bool:
    return value is not None and value.type in ("list", "dictionary", "tuple") and not value.named_child_count


def is_none(parameter: Node) -> bool:
    value = parameter.child_by_field_name("value")
    return value is not None and value.type == "none" and parameter.child_by_field_name("type") is None


#: Functions that only look at what they are given.
_READING = frozenset(
    {
        *("len", "print", "isinstance", "repr", "str", "bool", "iter", "id", "type", "hash", "any", "all", "sum"),
        *("min", "max", "sorted", "reversed", "enumerate", "zip", "map", "filter", "list", "tuple", "set"),
        *("frozenset", "dict", "range", "next"),
    }
)
_SAME_SIZE = frozenset({"list", "tuple", "set", "frozenset", "sorted", "reversed", "enumerate", "zip", "dict.fromkeys"})
_FEW_PARTS = frozenset({"split", "rsplit", "partition", "rpartition", "groups"})
