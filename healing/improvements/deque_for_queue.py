"""A local list that is used as a queue becomes a ``collections.deque``.

What it does: where a list that the function made itself is taken from, or added to, at its front, makes it a deque:
``pop(0)`` becomes ``popleft()``, ``insert(0, x)`` ``appendleft(x)``, ``del items[0]`` ``popleft()``. Where the function
returns it, a list is returned as before. A list that is sliced, sorted or given to other functions is left alone.

Before::

    def walk(root):
        queue = [root]
        while queue:
            node = queue.pop(0)
            queue.extend(node.children)

After::

    def walk(root):
        queue = deque([root])
        while queue:
            node = queue.popleft()
            queue.extend(node.children)

Safe because: every use of the list in the function is one that a deque answers in the same way.
"""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from ...analyzers.findings import Finding, Replacement
from ..dataflow import bindings, is_empty_list
from ..rewriting import Place, assigned, call_of, imported, is_call, node_at, place_of
from . import Improvement, Rewrite

#: What a deque does as a list does.
_SAME = frozenset(("append", "extend", "pop", "clear", "remove", "count", "reverse"))
_ASKS = frozenset(("len", "bool", "sum", "min", "max", "any", "all", "sorted", "list", "tuple", "set", "enumerate"))


def rewrite(text: str, finding: Finding) -> Iterator[Rewrite]:
    place = place_of(text, finding)
    node = node_at(place, finding, cst.Call, cst.Del) if place is not None else None
    if place is None or node is None:
        return
    owner = _owner(node)
    function = place.function(node)
    written = imported(text, "collections", "deque")
    if not isinstance(owner, cst.Name) or function is None or written is None:
        return
    starts = _starts(place, function, owner.value)
    if not starts:
        return
    changes: list[Replacement] = []
    for start in starts:
        made = _made(place, start, written[0])
        if made is None:
            return
        changes += made
    for use in place.names(function, owner.value):
        change = _change(place, use)
        if change is None:
            return
        changes += change
    yield from place.rewrite(f"Make '{owner.value}' a deque", node, changes, written[1])


def _owner(node: cst.CSTNode) -> cst.CSTNode | None:
    if isinstance(node, cst.Del):
        return node.target.value if isinstance(node.target, cst.Subscript) else None
    called = call_of(node)
    return called[0] if called is not None else None


def _starts(place: Place, function: cst.FunctionDef, name: str) -> list[cst.SimpleStatementLine]:
    """The plain assignments of the list; empty if something else binds the name, too."""
    found: list[cst.SimpleStatementLine] = []
    for each in bindings(place, function, name):
        if not isinstance(each, cst.SimpleStatementLine) or len(each.body) != 1:
            return []
        if isinstance(each.body[0], cst.AugAssign) and isinstance(each.body[0].operator, cst.AddAssign):
            continue
        pair = assigned(each)
        if isinstance(each.body[0], cst.Del):
            continue
        if pair is None or not isinstance(pair[0], cst.Name):
            return []
        found.append(each)
    return found


def _made(place: Place, line: cst.SimpleStatementLine, deque: str) -> list[Replacement] | None:
    """``deque(value)``, and the annotation to go with it."""
    pair = assigned(line)
    statement = line.body[0]
    if pair is None:
        return None
    value = pair[1]
    changes: list[Replacement] = []
    if isinstance(statement, cst.AnnAssign):
        noted = place.code(statement.annotation.annotation)
        head, bracket, rest = noted.partition("[")
        if head not in ("list", "List", "typing.List"):
            return None
        changes.append(place.replace(statement.annotation.annotation, f"{deque}{bracket}{rest}"))
    if is_empty_list(value):
        inner = ""
    elif is_call(value, "list") and isinstance(value, cst.Call):
        inner = place.code(value.args[0].value)
    elif isinstance(value, cst.List | cst.ListComp | cst.Call):
        inner = place.code(value)
    else:
        return None
    return [*changes, place.replace(value, f"{deque}({inner})")]


def _change(place: Place, use: cst.Name) -> list[Replacement] | None:
    """What one mention of the list becomes; None where a deque would not do."""
    parent = place.parent(use)
    above = place.parent(parent) if parent is not None else None
    if isinstance(parent, cst.Attribute):
        return _called(place, parent, above)
    if isinstance(parent, cst.Subscript):
        return _indexed(place, parent)
    if isinstance(parent, cst.Return):
        return [place.replace(use, f"list({use.value})")]
    if isinstance(parent, cst.Arg):
        asks = isinstance(above, cst.Call) and isinstance(above.func, cst.Name) and above.func.value in _ASKS
        return [] if asks else None
    if isinstance(parent, cst.ComparisonTarget):
        return [] if isinstance(parent.operator, cst.In | cst.NotIn) else None
    kinds = (cst.AssignTarget, cst.AnnAssign, cst.AugAssign, cst.While, cst.If, cst.For, cst.CompFor, cst.IfExp)
    more = (cst.UnaryOperation, cst.BooleanOperation)
    if isinstance(parent, more):
        return [] if place.enclosing(use, cst.While, cst.If, cst.IfExp) is not None else None
    return [] if isinstance(parent, kinds) else None


def _called(place: Place, attribute: cst.Attribute, call: cst.CSTNode | None) -> list[Replacement] | None:
    called = call_of(call)
    if called is None or not isinstance(call, cst.Call) or call.func is not attribute:
        return None
    method, given = attribute.attr.value, [place.code(each) for each in called[1]]
    owner = place.code(attribute.value)
    if method == "pop" and given in (["0"], ["-1"]):
        return [place.replace(call, f"{owner}.popleft()" if given == ["0"] else f"{owner}.pop()")]
    if method == "insert" and len(given) == 2 and given[0] == "0":
        return [place.replace(call, f"{owner}.appendleft({given[1]})")]
    if method == "pop" and given:
        return None
    return [] if method in _SAME else None


def _indexed(place: Place, subscript: cst.Subscript) -> list[Replacement] | None:
    """``items[0]`` and ``items[-1]`` cost a deque nothing; other places do, and slices it has none."""
    parent = place.parent(subscript)
    code = place.code(subscript)
    index = code[code.index("[") + 1 : -1].strip()
    if isinstance(parent, cst.Del):
        owner = place.code(subscript.value)
        after = {"0": f"{owner}.popleft()", "-1": f"{owner}.pop()"}.get(index)
        return [place.replace(parent, after)] if after else None
    return [] if index in ("0", "-1") else None


IMPROVEMENT = Improvement(
    name="deque-for-queue",
    rules=("list_shift",),
    summary="Make a list that is used as a queue a deque",
    rewrite=rewrite,
    speeds_up=True,
)
