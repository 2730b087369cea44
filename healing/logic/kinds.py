"""Slips of kind inside an expression: called for indexed, a generator for a list, a value for the call that makes it,
one value for several, an argument that is not there or too much.

Most of them raise, and the repairs of what was raised come first. They are tried here for faults that show far away:
where the value was made is on the failing tests' way, and nothing else is known of it.
"""

from __future__ import annotations

import builtins
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from tree_sitter import Node

from ...analyzers.syntax import named_nodes, parse
from .operators import change
from .tree import Function, Mutation, enclosing

#: Methods that change their object and give nothing.
IN_PLACE = frozenset({"append", "extend", "add", "update", "sort", "reverse", "insert", "remove", "clear", "discard"})
#: Built-in functions and types that nobody indexes.
CALLED = frozenset(
    {"int", "str", "len", "range", "sorted", "sum", "min", "max", "float", "bool", "enumerate", "zip", "map", "filter",
     "any", "all", "abs", "repr", "isinstance", "iter", "next", "reversed", "callable", "getattr", "hasattr", "ord"}
)  # fmt: skip
#: What takes any number of arguments, so that a list is easily passed as one.
SPREAD = frozenset({"zip", "zip_longest", "chain", "product", "gather", "union", "intersection", "merge"})
#: Conversions that are left out: the name and how often it is the one that is missing.
CONVERSIONS = (("list", 0.12), ("str", 0.12), ("tuple", 0.12), ("int", 0.08), ("len", 0.08), ("set", 0.05))
_BUILT_IN = frozenset(dir(builtins))
_VALUES = ("identifier", "attribute", "call", "subscript")


def kinds(function: Function) -> Iterator[Mutation]:
    """Mutations of all expressions of a function."""
    for node in function.own:
        handler = _HANDLERS.get(node.type)
        if handler is not None:
            yield from handler(function, node)


def _subscript(function: Function, node: Node) -> Iterator[Mutation]:
    """``int[text]`` for ``int(text)``; ``table[key]`` for what is there perhaps."""
    value, index = node.child_by_field_name("value"), node.child_by_field_name("subscript")
    if value is None or index is None or index.type == "slice" or _is_target(node):
        return
    inner, name = function.text(index), function.text(value)
    called = 0.95 if name in CALLED and name not in function.bound else 0.12
    yield change(function, node, f"{name}({inner})", called, "kind")
    if index.type == "identifier" and inner in CALLED and inner not in function.bound:  # a function is no index
        for new, prior in (("-1", 0.8), ("0", 0.8), (f"{inner}({name}) - 1", 0.2)):
            yield change(function, index, new, prior, "kind")
    if index.type in ("identifier", "string", "attribute") and value.type in ("identifier", "attribute"):
        yield change(function, node, f"{name}.get({inner})", 0.2, "kind")


def _call(function: Function, node: Node) -> Iterator[Mutation]:
    called, arguments = node.child_by_field_name("function"), node.child_by_field_name("arguments")
    if called is None or arguments is None or arguments.type != "argument_list":
        return
    given = [each for each in arguments.named_children if each.type != "comment"]
    name, plain = function.text(called), [each for each in given if each.type in _VALUES]
    if not given:
        yield change(function, node, name, 0.2, "kind")
    elif len(given) == 1:
        known = called.type == "identifier" and name in function.bound and name not in function.parameters
        yield change(function, node, f"{name}[{function.text(given[0])}]", 0.4 if known else 0.05, "kind")
    for each in given:
        if each.type == "list_splat":
            yield change(function, each, function.text(each)[1:], 0.3, "kind")
        elif len(given) <= 2 and each.type in ("identifier", "attribute"):
            wide = 0.35 if name.rpartition(".")[2] in SPREAD else 0.12 if len(given) == 1 else 0.06
            yield change(function, each, f"*{function.text(each)}", wide, "kind")
    for at, each in enumerate(given):
        if len(given) > 1 and each.type != "list_splat":
            kept = ", ".join(function.text(other) for other in given if other.id != each.id)
            yield change(function, arguments, f"({kept})", 0.1 if at else 0.08, "argument")
    yield from _missing_argument(function, node, arguments, given)
    for each in plain:
        yield from _converted(function, each, 0.6)


def _missing_argument(function: Function, node: Node, arguments: Node, given: list[Node]) -> Iterator[Mutation]:
    if any(each.type in ("list_splat", "dictionary_splat", "keyword_argument") for each in given):
        return
    texts = [function.text(each) for each in given]
    for other in _others(function, node):
        if len(other) == len(texts) + 1 and any([*other[:at], *other[at + 1 :]] == texts for at in range(len(other))):
            yield change(function, arguments, f"({', '.join(other)})", 0.9, "argument")
    short = len(texts) < _required(function, node)
    if len(texts) > 2 and not short:
        return
    names = [each for each in function.visible(node) if short or each not in texts]
    for name in [*names[:8], "0", "None"]:
        prior = 0.5 if name in function.unused else 0.12 / max(len(names), 1) ** 0.5
        for at in range(len(texts) + 1):
            new = ", ".join([*texts[:at], name, *texts[at:]])
            yield change(function, arguments, f"({new})", prior * (4 if short else 1), "argument")


def _required(function: Function, node: Node) -> int:
    """How many arguments a function of the same file cannot do without; 0 of one that is not found."""
    name = node.child_by_field_name("function")
    if name is None or name.type != "identifier":
        return 0
    return _file(function.data).required.get(function.text(name), 0)


def _others(function: Function, node: Node) -> Iterator[tuple[str, ...]]:
    """What other calls of the same function, anywhere in the file, pass."""
    name = node.child_by_field_name("function")
    for start, given in _file(function.data).calls.get(function.text(name), ()) if name is not None else ():
        if start != (node.start_byte, node.end_byte):
            yield given


@dataclass(frozen=True, slots=True)
class _File:
    """``calls``: the text of what is called → place and arguments of each call. ``required``: function → how many
    parameters of one of that name have no default."""

    calls: Mapping[str, Sequence[tuple[tuple[int, int], tuple[str, ...]]]]
    required: Mapping[str, int]


@lru_cache(maxsize=4)
def _file(data: bytes) -> _File:
    """What is called and defined in a file, gathered once for all expressions of it."""
    calls: dict[str, list[tuple[tuple[int, int], tuple[str, ...]]]] = {}
    required: dict[str, int] = {}

    def text(node: Node) -> str:
        return data[node.start_byte : node.end_byte].decode("utf-8", "replace")

    for each in named_nodes(parse(data).root_node):
        if each.type == "call":
            called, arguments = each.child_by_field_name("function"), each.child_by_field_name("arguments")
            if called is not None and arguments is not None and arguments.type == "argument_list":
                given = tuple(text(one) for one in arguments.named_children if one.type != "comment")
                calls.setdefault(text(called), []).append(((each.start_byte, each.end_byte), given))
        elif each.type == "function_definition":
            label, listed = each.child_by_field_name("name"), each.child_by_field_name("parameters")
            if label is not None and listed is not None:
                needed = sum(one.type in ("identifier", "typed_parameter") for one in listed.named_children)
                required.setdefault(text(label), needed)
    return _File(calls, required)


def _attribute(function: Function, node: Node) -> Iterator[Mutation]:
    """A method that is named and not called."""
    parent = node.parent
    if parent is None or _is_target(node) or parent.type == "attribute":
        return
    if parent.type == "call" and parent.child_by_field_name("function") == node:
        return
    condition = parent.type in ("if_statement", "while_statement", "not_operator", "boolean_operator")
    yield change(function, node, f"{function.text(node)}()", 0.3 if condition else 0.15, "kind")


def _generator(function: Function, node: Node) -> Iterator[Mutation]:
    """A generator where a list is gone through twice, indexed or measured."""
    parent = node.parent
    if parent is None or parent.type == "call":
        return
    yield change(function, node, f"[{function.text(node)[1:-1]}]", 0.6, "kind")


def _for(function: Function, node: Node) -> Iterator[Mutation]:
    left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
    if left is None or right is None:
        return
    text = function.text(right)
    if left.type in ("pattern_list", "tuple_pattern") and right.type in _VALUES:
        if not text.endswith(".items()"):
            yield change(function, right, f"{text}.items()", 0.35, "kind")
        if not text.startswith(("enumerate(", "zip(")):
            yield change(function, right, f"enumerate({text})", 0.25, "kind")
    elif right.type in ("identifier", "attribute"):
        yield change(function, right, f"list({text})", 0.12, "kind")
        yield change(function, right, f"range({text})", 0.06, "kind")


def _assignment(function: Function, node: Node) -> Iterator[Mutation]:
    """``items = items.append(x)``; the conversion of a value that is kept."""
    left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
    if left is None or right is None:
        return
    if right.type == "call":
        called = right.child_by_field_name("function")
        owner = called.child_by_field_name("object") if called is not None and called.type == "attribute" else None
        method = called.child_by_field_name("attribute") if called is not None and owner is not None else None
        if owner is not None and method is not None and function.text(method) in IN_PLACE:
            prior = 0.95 if function.text(owner) == function.text(left) else 0.3
            yield change(function, node, function.text(right), prior, "kind")
    if right.type in _VALUES:
        yield from _converted(function, right, 0.8)


def _return(function: Function, node: Node) -> Iterator[Mutation]:
    told = _promised(function)
    for each in node.named_children[:1]:
        if each.type in _VALUES:
            yield from _converted(function, each, 0.8)
            for name in told:
                if not function.text(each).startswith(f"{name}("):
                    yield change(function, each, f"{name}({function.text(each)})", 0.5, "conversion")
        if each.type == "identifier" and function.text(each) in function.bound:
            yield change(function, each, f"{function.text(each)}[::-1]", 0.2, "conversion")
            yield change(function, each, f"sorted({function.text(each)})", 0.15, "conversion")


def _promised(function: Function) -> list[str]:
    """The types that a function's annotation names, or its docstring where it tells what is returned."""
    annotation = function.node.child_by_field_name("return_type")
    whole = function.text(annotation) if annotation is not None else ""
    first = next((each for each in function.body.named_children if each.type != "comment"), None)
    if first is not None and first.type == "expression_statement" and first.named_children[0].type == "string":
        told = re.search(r"(?i)\breturns?\b(.{0,80})", function.text(first), re.DOTALL)
        whole += f" {told[1]}" if told else ""
    words = {each.lower() for each in re.findall(r"\w+", whole)}
    return [name for name, _ in CONVERSIONS if name in words and name != "len"]


def _multiplied(function: Function, node: Node) -> Iterator[Mutation]:
    """``[[0] * n] * m``: one row, named ``m`` times."""
    left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
    if left is None or right is None or left.type != "list" or not any(each.type == "*" for each in node.children):
        return
    inner = left.named_children[0] if len(left.named_children) == 1 else None
    shared = inner is not None and inner.type in ("list", "dictionary", "set", "call", "binary_operator",
                                                  "list_comprehension", "dictionary_comprehension")  # fmt: skip
    if inner is not None and shared:
        count = function.text(right).strip()
        count = count[1:-1] if right.type == "parenthesized_expression" else count
        yield change(function, node, f"[{function.text(inner)} for _ in range({count})]", 0.9, "kind")


def _converted(function: Function, node: Node, share: float) -> Iterator[Mutation]:
    text = function.text(node)
    if text in ("self", "cls") or text.partition("(")[0] in _BUILT_IN:
        return
    for name, prior in CONVERSIONS:
        yield change(function, node, f"{name}({text})", prior * share, "conversion")


def _is_target(node: Node) -> bool:
    """Whether a place is written to here."""
    parent = node.parent
    if parent is None or parent.type in ("delete_statement", "pattern_list", "tuple_pattern"):
        return True
    kinds = ("assignment", "augmented_assignment", "for_statement", "for_in_clause", "as_pattern_target")
    if parent.type not in kinds:
        return enclosing(node, "as_pattern_target") is not None
    return parent.child_by_field_name("left") == node


_HANDLERS = {
    "subscript": _subscript,
    "call": _call,
    "attribute": _attribute,
    "generator_expression": _generator,
    "for_statement": _for,
    "for_in_clause": _for,
    "assignment": _assignment,
    "return_statement": _return,
    "binary_operator": _multiplied,
}
