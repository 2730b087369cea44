"""What Python accepts and nobody means: a method asked instead of its answer, a value kept in a name that nobody reads,
a fresh list that is filled and lost, an inner function that nobody is given.

Each of them is seen in the text alone, and hardly ever right as it stands, so that it is tried before the slips that
are possible anywhere. Whether it was what the failing test missed is left to the test.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from itertools import product

from tree_sitter import Node

from ...analyzers.syntax import named_nodes
from .kinds import IN_PLACE
from .operators import change
from .statements import insert
from .tree import Function, Mutation, enclosing

#: How likely it is that one of them is what is wrong, where it stands.
PLAIN = 0.95
#: Arguments of which all combinations are tried, and names for each.
ARGUMENTS, NAMES = 2, 4
_ASKED = (
    "if_statement",
    "elif_clause",
    "while_statement",
    "not_operator",
    "boolean_operator",
    "conditional_expression",
)
_SEARCHED = r"\.r?find\("
_FRESH = {"[]": "list", "{}": "dictionary", "list()": "list", "dict()": "dictionary", "set()": "set"}
_CHANGES = "|".join(sorted(IN_PLACE | {"pop", "popitem", "setdefault"}))
_JOINED = (('""', 0.3), ('" "', 0.2), ('"\\n"', 0.15), ('", "', 0.12), ('","', 0.1))


def overlooked(function: Function) -> Iterator[Mutation]:
    """Mutations of a function and of what stands in it."""
    if function.node.type != "function_definition":
        return
    owner = _class_of(function)
    for node in function.own:
        if node.type in ("attribute", "identifier"):
            yield from _asked(function, node, owner)
        elif node.type == "comparison_operator":
            yield from _compared_with_none(function, node)
        elif node.type == "call":
            yield from _own_name(function, node, owner)
            yield from _filled_and_lost(function, node)
            yield from _group(function, node)
            yield from _from_the_other_end(function, node)
        elif node.type == "assignment":
            yield from _alias(function, node)
        elif node.type == "list_comprehension":
            yield from _counted_twice(function, node)
        elif node.type == "function_definition" and node.id != function.node.id:
            yield from _unused(function, node)
            yield from _not_handed_on(function, node)
        elif node.type == "return_statement":
            yield from _pieces(function, node)
    yield from _not_handed_on(function, function.node)
    if owner is not None:
        yield from _kept_for_nobody(function, owner)


def _class_of(function: Function) -> Node | None:
    """The class whose method a function is."""
    node = function.node.parent
    while node is not None and node.type in ("block", "decorated_definition"):
        node = node.parent
    return node if node is not None and node.type == "class_definition" else None


def _parameters(function: Function, name: str, method: bool) -> int | None:
    """How many arguments a function of the file wants; None if it has none of that name, or several that differ."""
    root = function.node
    while root.parent is not None:
        root = root.parent
    found: set[int] = set()
    for node in named_nodes(root):
        label = node.child_by_field_name("name")
        if node.type != "function_definition" or label is None or function.text(label) != name:
            continue
        listed = node.child_by_field_name("parameters")
        kinds = [each.type for each in listed.named_children] if listed is not None else []
        if node.parent is not None and node.parent.type == "decorated_definition":
            return None  # a property has no brackets
        plain = sum(kind in ("identifier", "typed_parameter") for kind in kinds)
        found.add(plain - 1 if method else plain)
    return found.pop() if len(found) == 1 else None


def _asked(function: Function, node: Node, owner: Node | None) -> Iterator[Mutation]:
    """``if room.is_free:``, which holds for any room."""
    parent = node.parent
    if parent is None or parent.type not in _ASKED or parent.child_by_field_name("function") == node:
        return
    if parent.type == "conditional_expression" and parent.named_children[1].id != node.id:
        return
    said = function.text(node)
    name = said.rpartition(".")[2]
    if said in function.bound or (owner is not None and re.search(rf"\bself\.{name}\s*=(?!=)", function.text(owner))):
        return
    wanted = _parameters(function, name, node.type == "attribute")
    if wanted is None or not 0 <= wanted <= ARGUMENTS:
        return
    named = said.partition(".")[0]
    near = [each for each in function.visible(node) if each not in ("self", "cls", named)]
    near.sort(key=lambda each: -function.bound[each])
    for rank, given in enumerate(product(near[:NAMES], repeat=wanted)):
        if len(set(given)) == wanted:
            new = f"{said}({', '.join(given)})"
            yield change(function, node, new, PLAIN * 0.95**rank, "called", f"Call {said}: {new}")


def _compared_with_none(function: Function, node: Node) -> Iterator[Mutation]:
    """``text.find(part) is None``, which it never is."""
    if len(node.named_children) != 2 or node.named_children[1].type != "none":
        return
    left, signs = node.named_children[0], [each.type for each in node.children if not each.is_named]
    said = function.text(left)
    if left.type == "identifier":
        made = re.search(rf"\b{re.escape(said)}\s*=[^=\n]*{_SEARCHED}", function.text(function.node))
    else:
        made = re.search(_SEARCHED, said) if left.type == "call" else None
    if made is not None:
        sign = "!=" if signs in (["is not"], ["!="]) else "=="
        yield change(function, node, f"{said} {sign} -1", PLAIN, "sentinel")


def _own_name(function: Function, node: Node, owner: Node | None) -> Iterator[Mutation]:
    """A method that calls itself with what it was given, where the one of the base class is meant."""
    called, arguments = node.child_by_field_name("function"), node.child_by_field_name("arguments")
    if owner is None or called is None or arguments is None or owner.child_by_field_name("superclasses") is None:
        return
    if function.text(called) != f"self.{function.name}":
        return
    given = [function.text(each) for each in arguments.named_children]
    same = set(given) <= set(function.parameters)
    base = called.child_by_field_name("object")
    if base is not None:
        yield change(function, base, "super()", PLAIN if same else 0.3, "base")


def _filled_and_lost(function: Function, node: Node) -> Iterator[Mutation]:
    """``table.get(key, []).append(item)``: nobody keeps the list that is made here."""
    called = node.child_by_field_name("function")
    inner = called.child_by_field_name("object") if called is not None and called.type == "attribute" else None
    method = called.child_by_field_name("attribute") if called is not None and inner is not None else None
    if inner is None or method is None or inner.type != "call" or function.text(method) not in IN_PLACE:
        return
    if node.parent is None or node.parent.type != "expression_statement":
        return
    got, given = inner.child_by_field_name("function"), inner.child_by_field_name("arguments")
    name = got.child_by_field_name("attribute") if got is not None else None
    if name is None or given is None or function.text(name) != "get" or len(given.named_children) != 2:
        return
    if function.text(given.named_children[1]) in _FRESH:
        yield change(function, name, "setdefault", PLAIN, "kept")


def _group(function: Function, node: Node) -> Iterator[Mutation]:
    """The whole of what matched, where a part of it was marked."""
    called, arguments = node.child_by_field_name("function"), node.child_by_field_name("arguments")
    if called is None or arguments is None or not function.text(called).endswith(".group"):
        return
    if function.text(arguments) in ("()", "(0)") and b"(" in function.data:
        yield change(function, arguments, "(1)", 0.6, "group")
        yield change(function, arguments, "(2)", 0.2, "group")


def _unused(function: Function, node: Node) -> Iterator[Mutation]:
    """A function within that nobody calls and nobody gets is what the one around it was to return."""
    label = node.child_by_field_name("name")
    whole = node.parent if node.parent is not None and node.parent.type == "decorated_definition" else node
    if label is None or whole.type == "decorated_definition" or function.loads[function.text(label)]:
        return
    block = whole.parent
    if block is None or block.type != "block":
        return
    name, last = function.text(label), [each for each in block.named_children if each.type != "comment"][-1]
    if last.type in ("return_statement", "raise_statement"):
        return
    at = function.line_end(last)
    yield insert(function, at, last.end_point[0], function.indent(node), f"return {name}", PLAIN, "return")


def _counted_twice(function: Function, node: Node) -> Iterator[Mutation]:
    """``len([…])`` of what is only worth counting where it differs."""
    parent = node.parent
    caller = parent.parent.child_by_field_name("function") if parent is not None and parent.parent is not None else None
    counted = parent is not None and parent.type == "argument_list" and caller is not None
    prior = 0.5 if counted and caller is not None and function.text(caller) == "len" else 0.1
    yield change(function, node, f"{{{function.text(node)[1:-1]}}}", prior, "kind")


def _not_handed_on(function: Function, node: Node) -> Iterator[Mutation]:
    """``*args`` that a function takes and gives to nobody: to what it calls, or to what it was to call."""
    listed, body = node.child_by_field_name("parameters"), node.child_by_field_name("body")
    if listed is None or body is None:
        return
    inside = [each for each in named_nodes(body) if each.type in ("call", "identifier")]
    for splat in listed.named_children:
        if splat.type not in ("list_splat_pattern", "dictionary_splat_pattern"):
            continue
        said = function.text(splat)
        if re.search(rf"\b{re.escape(said.lstrip('*'))}\b", function.text(body)):
            continue
        for each in inside:
            if each.type == "call":
                arguments = each.child_by_field_name("arguments")
                if arguments is not None and arguments.type == "argument_list":
                    given = function.text(arguments)[1:-1].strip().rstrip(",")
                    yield change(function, arguments, f"({given}, {said})" if given else f"({said})", 0.8, "argument")
            elif each.parent is not None and each.parent.type in ("argument_list", "return_statement"):
                yield change(function, each, f"{function.text(each)}({said})", 0.8, "called")


def _pieces(function: Function, node: Node) -> Iterator[Mutation]:
    """Pieces of a text, gathered in a list that is returned as it is."""
    value = node.named_children[0] if node.named_children else None
    if value is None or value.type != "identifier" or enclosing(node, "lambda") is not None:
        return
    name, text = function.text(value), function.text(function.node)
    if re.search(rf"\b{re.escape(name)}\s*(?::[^=\n]+)?=\s*(?:\[|list\()", text) is None:
        return
    for glue, prior in _JOINED:
        yield change(function, value, f"{glue}.join({name})", prior, "joined")


def _kept_for_nobody(function: Function, owner: Node) -> Iterator[Mutation]:
    """``total = …`` in a method whose class asks for ``self.total``, and nobody for ``total``."""
    whole = function.text(owner)
    if "self" not in function.parameters:
        return
    for node in function.own:
        left = node.child_by_field_name("left") if node.type == "assignment" else None
        if left is None or left.type != "identifier":
            continue
        name = function.text(left)
        if name in function.unused and name not in function.parameters and re.search(rf"\bself\.{name}\b", whole):
            yield change(function, left, f"self.{name}", PLAIN, "attribute")


def read_like_a_field(function: Function, read: Collection[str]) -> Iterator[Mutation]:
    """A method that wants nothing and only answers as a property, if others (``read``) ask for it without brackets."""
    node = function.node
    if function.name not in read or function.parameters != ("self",) or _class_of(function) is None:
        return
    marked = node.parent is not None and node.parent.type == "decorated_definition"
    if marked or re.search(rf"\.{function.name}\(".encode(), function.data) is not None:
        return
    if any(each.type == "return_statement" and each.named_children for each in function.own):
        at = function.line_start(node)
        yield insert(function, at, node.start_point[0], function.indent(node), "@property", PLAIN, "default")


def fields_read(texts: Iterable[str]) -> frozenset[str]:
    """Attributes that are read in these texts and never called."""
    whole = "\n".join(texts)
    called = frozenset(re.findall(r"\.(\w+)\s*\(", whole))
    return frozenset(re.findall(r"\.(\w+)\b(?!\s*\()", whole)) - called


def _from_the_other_end(function: Function, node: Node) -> Iterator[Mutation]:
    """``popitem`` takes what came last."""
    called, arguments = node.child_by_field_name("function"), node.child_by_field_name("arguments")
    if called is None or arguments is None or not function.text(called).endswith(".popitem"):
        return
    if function.text(arguments) == "()" and b"OrderedDict" in function.data:
        yield change(function, arguments, "(last=False)", 0.7, "argument")
    elif "last" in function.text(arguments):
        yield change(function, arguments, "()", 0.5, "argument")


def _alias(function: Function, node: Node) -> Iterator[Mutation]:
    """Another name for a collection, where a copy is meant: one of the two is changed."""
    left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
    if left is None or right is None or left.type not in ("identifier", "attribute"):
        return
    if right.type not in ("identifier", "attribute") or function.text(right) in ("self", "cls"):
        return
    name, said = function.text(left), function.text(right)
    whole = function.text(_class_of(function) or function.node) if left.type == "attribute" else ""
    text = whole or function.text(function.node)
    changed = rf"(?<![\w.])(?:{re.escape(name)}|{re.escape(said)})"
    if re.search(rf"{changed}\[[^\]\n]*\](?:\[|\.(?:{_CHANGES})\()", text) is not None:
        deep = f"{{key: value.copy() for key, value in {said}.items()}}"
        yield change(function, right, deep, 0.6, "copy")
    if re.search(rf"{changed}(?:\[[^\]\n]*\]\s*[-+|*/]?=(?!=)|\.(?:{_CHANGES})\()", text) is not None:
        yield change(function, right, f"{said}.copy()", 0.7, "copy")
