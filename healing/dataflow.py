"""Small questions about a function's variables, for rewrites: what does not change in a loop, how is a name used.

Invariant: answers lean to the safe side: what is not understood counts as a change.
"""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from .rewriting import Loop, Place, assigned, call_of, descend

#: Methods that leave their receiver as it is.
_READING = frozenset(
    (
        *("index", "count", "copy", "get", "keys", "values", "items", "startswith", "endswith", "lower", "upper"),
        *("strip", "lstrip", "rstrip", "split", "rsplit", "splitlines", "join", "format", "encode", "decode", "find"),
        *("rfind", "replace", "isdigit", "isalpha", "isalnum", "isspace", "isdisjoint", "issubset", "issuperset"),
        *("union", "intersection", "difference", "partition", "rpartition", "casefold", "title", "translate"),
        *("match", "search", "fullmatch", "findall", "finditer", "sub", "group", "groups", "hex", "bit_length"),
    )
)
#: Functions that leave their arguments as they are (an iterator they consume).
_HARMLESS = frozenset(
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
            return parent.attr.value not in _READING or (attributes and node is name and name.value == "self")
        node, parent = parent, above
    if isinstance(parent, cst.Arg):
        call = place.parent(parent)
        return isinstance(call, cst.Call) and not (
            (isinstance(call.func, cst.Name) and call.func.value in _HARMLESS) or (call_of(call) is not None
            and isinstance(call.func, cst.Attribute) and call.func.attr.value in _READING)
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


def searches(place: Place, outer: cst.CSTNode, expression: str) -> Iterator[cst.BaseExpression]:
    """Where ``… in expression`` or ``… not in expression`` stands: the right side."""
    for each in place.find(outer, cst.ComparisonTarget):
        if isinstance(each.operator, cst.In | cst.NotIn) and place.code(each.comparator) == expression:
            yield each.comparator


def is_empty_list(node: cst.CSTNode) -> bool:
    return (isinstance(node, cst.List) and not node.elements) or (
        isinstance(node, cst.Call) and isinstance(node.func, cst.Name) and node.func.value == "list" and not node.args
    )
