"""Small questions about a function's variables, for rewrites: what does not change in a loop, how is a name used.

Invariant: answers lean to the safe side: what is not understood counts as a change.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import libcst as cst

from .rewriting import FUNCTIONS, LOOPS, Loop, Place, assigned, call_of, descend

#: Methods that leave their receiver as it is.
READING = frozenset(
    (
        *("index", "count", "copy", "get", "keys", "values", "items", "startswith", "endswith", "lower", "upper"),
        *("strip", "lstrip", "rstrip", "split", "rsplit", "splitlines", "join", "format", "encode", "decode", "find"),
        *("rfind", "replace", "isdigit", "isalpha", "isalnum", "isspace", "isdisjoint", "issubset", "issuperset"),
        *("union", "intersection", "difference", "partition", "rpartition", "casefold", "title", "translate"),
        *("match", "search", "fullmatch", "findall", "finditer", "sub", "group", "groups", "hex", "bit_length"),
    )
)
#: Functions that leave their arguments as they are (an iterator they consume).
HARMLESS = frozenset(
    (
        *("len", "min", "max", "sum", "any", "all", "sorted", "set", "frozenset", "list", "tuple", "dict", "str"),
        *("repr", "print", "isinstance", "enumerate", "zip", "range", "reversed", "abs", "int", "float", "bool"),
        *("hash", "type", "id", "ord", "map", "filter", "chr", "round", "bytes", "issubclass", "callable", "hasattr"),
    )
)


def root_name(node: cst.CSTNode) -> str:
    """The first name of ``a.b.c`` or ``a``; "" for anything else."""
    while isinstance(node, cst.Attribute):
        node = node.value
    return node.value if isinstance(node, cst.Name) else ""


def is_plain(node: cst.CSTNode) -> bool:
    """A name, a dotted name or a constant: costs nothing, and can be written twice."""
    return bool(root_name(node)) or isinstance(node, cst.SimpleString | cst.Integer | cst.Float)


def names_in(place: Place, node: cst.CSTNode) -> set[str]:
    """Variables that an expression mentions, without those that it binds itself (in a comprehension or lambda)."""
    own = {
        name.value
        for each in descend(node)
        if isinstance(each, cst.CompFor | cst.Param)
        for name in descend(each.target if isinstance(each, cst.CompFor) else each.name)
        if isinstance(name, cst.Name)
    }
    found = {each.value for each in descend(node) if isinstance(each, cst.Name) and not _label(place, each)}
    return found - own


def _label(place: Place, name: cst.Name) -> bool:
    parent = place.parent(name)
    return (isinstance(parent, cst.Attribute) and parent.attr is name) or (
        isinstance(parent, cst.Arg) and parent.keyword is name
    )


def stable(place: Place, expression: cst.CSTNode, loop: cst.CSTNode) -> bool:
    """Whether an expression's value cannot change while ``loop`` runs, as far as its text tells."""
    if any(isinstance(each, cst.Await | cst.Yield | cst.NamedExpr) for each in descend(expression)):
        return False
    attributes = any(isinstance(each, cst.Attribute) and _loads(place, each) for each in descend(expression))
    for name in names_in(place, expression):
        if any(changes(place, each, attributes) for each in place.names(loop, name)):
            return False
    return True


def _loads(place: Place, attribute: cst.Attribute) -> bool:
    """An attribute that is read, not a method that is called."""
    parent = place.parent(attribute)
    return not (isinstance(parent, cst.Call) and parent.func is attribute)


def changes(place: Place, name: cst.Name, attributes: bool) -> bool:
    """Whether this mention may bind the variable anew, or change what it holds."""
    node: cst.CSTNode = name
    parent = place.parent(node)
    while isinstance(parent, cst.Attribute) and parent.value is node:
        above = place.parent(parent)
        if isinstance(above, cst.Call) and above.func is parent:
            return parent.attr.value not in READING or (attributes and node is name and name.value == "self")
        node, parent = parent, above
    if isinstance(parent, cst.Arg):
        call = place.parent(parent)
        return isinstance(call, cst.Call) and not (
            (isinstance(call.func, cst.Name) and call.func.value in HARMLESS) or (call_of(call) is not None
            and isinstance(call.func, cst.Attribute) and call.func.attr.value in READING)
        )  # fmt: skip
    if isinstance(parent, cst.Subscript) and parent.value is node:
        return is_target(place, parent)
    return is_target(place, node)


def is_target(place: Place, node: cst.CSTNode) -> bool:
    """Whether something is assigned to ``node``, or it is deleted."""
    below = node
    for each in place.above(node):
        if isinstance(each, cst.AssignTarget | cst.Del | cst.AsName | cst.NameItem | cst.Global | cst.Nonlocal):
            return True
        if isinstance(each, cst.AugAssign | cst.AnnAssign | cst.NamedExpr):
            return each.target is below
        if isinstance(each, cst.For | cst.CompFor):
            return each.target is below
        if not isinstance(each, cst.Tuple | cst.List | cst.Element | cst.StarredElement):
            return False
        below = each
    return False


def bindings(place: Place, function: cst.CSTNode, name: str) -> list[cst.CSTNode]:
    """The statements (or loops, parameters …) in a function that give a variable a value."""
    found: list[cst.CSTNode] = []
    for each in place.names(function, name):
        parent = place.parent(each)
        if isinstance(parent, cst.Param):
            found.append(parent)
        elif is_target(place, each):
            found.append(place.statement(each) or each)
    return found


def single_start(
    place: Place, function: cst.FunctionDef, name: str, besides: cst.CSTNode | None = None
) -> tuple[cst.SimpleStatementLine, cst.BaseExpression] | None:
    """(the line, the value) of a local variable's only assignment (``besides`` one that is known); None if there are
    several, or none."""
    known = place.statement(besides) if besides is not None else None
    bound = [each for each in bindings(place, function, name) if each is not known]
    if len(bound) != 1 or not isinstance(bound[0], cst.SimpleStatementLine):
        return None
    pair = assigned(bound[0])
    if pair is None or not isinstance(pair[0], cst.Name):
        return None
    return bound[0], pair[1]


def outermost_stable(place: Place, node: cst.CSTNode, expression: cst.CSTNode) -> Loop | None:
    """The outermost of the loops around ``node`` in which ``expression`` does not change; None if there is none."""
    found: Loop | None = None
    for loop in place.loops(node):
        if not stable(place, expression, loop):
            break
        found = loop
    return found


class Repeat(NamedTuple):
    """What is done again and again: ``body`` is the loop or the comprehension, and a line that is to be done once can
    stand in front of ``line``."""

    body: cst.CSTNode
    line: cst.CSTNode


def outermost_repeat(place: Place, node: cst.CSTNode, expression: cst.CSTNode) -> Repeat | None:
    """The outermost of the loops and comprehensions around ``node`` in which ``expression`` does not change, and in
    front of which a line can stand; None if there is none."""
    found: Repeat | None = None
    for each in _repeats(place, node):
        if isinstance(each, cst.BaseComp):
            region = _run_at_once(place, each)
            line = _line_of(place, each)
            if region is None or line is None or not stable(place, expression, region):
                return None
            found = Repeat(each, line)
        elif stable(place, expression, each):
            found = Repeat(each, each)
        else:  # a comprehension in the head of a ``while`` has no line before it in that loop
            in_head = isinstance(each, cst.While) and found is not None and place.within(found.body, each.test)
            return None if in_head else found
    return found


def _repeats(place: Place, node: cst.CSTNode) -> Iterator[Loop | cst.BaseComp]:
    """The loops, and comprehensions, that do ``node`` again and again, innermost first, up to its function."""
    lower, below = node, node
    for each in place.above(node):
        if isinstance(each, FUNCTIONS):
            return
        if isinstance(each, cst.BaseComp):
            if below is not each.for_in or lower is not each.for_in.iter:  # the first iterable is asked for once
                yield each
        elif isinstance(each, LOOPS) and (below is each.body or (isinstance(each, cst.While) and below is each.test)):
            yield each
        lower, below = below, each


#: What reads an iterator to its end, or to where it knows the answer, and gives control to nobody meanwhile.
_READERS = frozenset(
    ("any", "all", "sum", "min", "max", "set", "list", "tuple", "sorted", "frozenset", "dict", "next", "len")
)


def _run_at_once(place: Place, comprehension: cst.BaseComp) -> cst.CSTNode | None:
    """The node within which a comprehension is run as a whole: itself, or for a generator the statement that reads
    it; None where it may be read later."""
    if not isinstance(comprehension, cst.GeneratorExp):
        return comprehension
    argument = place.parent(comprehension)
    call = place.parent(argument) if isinstance(argument, cst.Arg) else None
    if not isinstance(call, cst.Call):
        return None
    if isinstance(call.func, cst.Name):
        return comprehension if call.func.value in _READERS else None
    known = isinstance(call.func, cst.Attribute) and call.func.attr.value in ("join", "extend", "update")
    return place.statement(comprehension) if known else None


def _line_of(place: Place, node: cst.CSTNode) -> cst.CSTNode | None:
    """The statement in front of which a line is run before ``node`` is, each time; None where there is no such line."""
    found = place.statement(node)
    if isinstance(found, cst.FunctionDef | cst.ClassDef):
        return None
    while isinstance(found, cst.If) and isinstance(place.parent(found), cst.If):  # an ``elif``
        found = place.parent(found)
    on_its_line = place.find(found, cst.SimpleStatementSuite) if found is not None else []
    return None if any(place.within(node, each) for each in on_its_line) else found


def searches(place: Place, outer: cst.CSTNode, expression: str) -> Iterator[cst.BaseExpression]:
    """Where ``… in expression`` or ``… not in expression`` stands: the right side."""
    for each in place.find(outer, cst.ComparisonTarget):
        if isinstance(each.operator, cst.In | cst.NotIn) and place.code(each.comparator) == expression:
            yield each.comparator


def is_empty_list(node: cst.CSTNode) -> bool:
    return (isinstance(node, cst.List) and not node.elements) or (
        isinstance(node, cst.Call) and isinstance(node.func, cst.Name) and node.func.value == "list" and not node.args
    )
