"""Whether statements may change something that several variables of their function hold.

Two variables may hold one object; what is done to it by one of them is then seen by the other. Statements that are
taken out of their function are called with an object for each variable, so that nobody would notice. Only what the
function made itself and gave to nobody else (``own_containers``) can be changed without that danger.

Invariant: answers lean to the safe side: what is not understood may be shared. Not considered: properties, operators
and iterators of somebody else's that change things while they are asked.
"""

from __future__ import annotations

import builtins
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence

import libcst as cst

from ...codegen.imports import bound_names
from ..dataflow import HARMLESS, READING, root_name
from .flow import Flow
from .reads import children, inside

_BUILTINS = frozenset(dir(builtins)) - {"eval", "exec", "setattr", "delattr", "next", "__import__"}
#: What makes a new container of the builtin types, or of ones that hold nothing but what they are given.
_MAKERS = frozenset(("list", "dict", "set", "sorted", "defaultdict", "OrderedDict", "Counter", "deque", "bytearray"))
#: Harmless functions whose result goes on looking at what they were given.
_LAZY = frozenset(("map", "filter", "zip", "enumerate", "reversed"))
_VIEWS = frozenset(("items", "keys", "values"))
#: Functions of the standard library that change what they are given, and modules full of them.
_CHANGING = frozenset(("shuffle", "insort", "insort_left", "insort_right", "pack_into", "recv_into", "readinto"))
_CHANGING_MODULES = frozenset(("heapq", "operator", "ctypes", "gc", "sys", "threading", "functools", "weakref"))
#: Arguments that are called.
_CALLED = frozenset(("key", "func", "function", "default_factory", "repl", "cmp", "predicate"))
_GIVEN_A_FUNCTION = frozenset(
    ("map", "filter", "iter", "reduce", "starmap", "takewhile", "dropwhile", "filterfalse", "sub", "subn", "groupby")
)
_PLAIN = cst.Integer | cst.Float | cst.SimpleString | cst.FormattedString | cst.ConcatenatedString


def changes_shared(flow: Flow, statements: Sequence[cst.CSTNode], text: str) -> bool:
    """Whether statements of a function may change what several of its variables, or others, hold."""
    own, plain = own_containers(flow), _plain(flow)
    calls = (each for statement in statements for each in inside(statement, cst.Call, enter=True))
    origins, defined = bound_names(text)
    bound = frozenset(origins) | frozenset(defined)
    if any(_may_change(each, flow, own, origins, bound) for each in calls):
        return True
    for target, value in _targets(statements):
        if isinstance(target, cst.Name):
            grown = value is not None and target.value not in own | plain
            if grown and not isinstance(value, _PLAIN):
                return True
        elif not isinstance(target, cst.Subscript) or not (
            isinstance(target.value, cst.Name) and target.value.value in own
        ):
            return True
    return False


def own_containers(flow: Flow) -> frozenset[str]:
    """Variables that only ever hold containers which the function made, and which nothing else holds."""
    made = _bound_to(flow, _is_made)
    leaked = {
        name.value
        for name, above in _mentions(flow.function.body, ())
        if name.value in made and not _stays(name, above, made)
    }
    return made - leaked - flow.kept - flow.foreign


def _plain(flow: Flow) -> frozenset[str]:
    """Variables that begin as a number or a text: what is added makes a new value."""
    return _bound_to(flow, lambda value: isinstance(value, _PLAIN))


def _bound_to(flow: Flow, fits: Callable[[cst.BaseExpression], bool]) -> frozenset[str]:
    """Variables, not parameters, that are bound by assignments of fitting values alone, and added to."""
    counted: dict[str, int] = {}
    for each in inside(flow.function.body, cst.Assign, cst.AnnAssign, cst.AugAssign):
        value = each.value
        targets = [target.target for target in each.targets] if isinstance(each, cst.Assign) else [each.target]
        if value is None or len(targets) > 1 or not isinstance(targets[0], cst.Name):
            continue
        if isinstance(each, cst.AugAssign) or fits(value):
            name = targets[0].value
            counted[name] = counted.get(name, 0) + 1
    return (
        frozenset(name for name, times in counted.items() if sum(name in step.writes for step in flow.steps) == times)
        - flow.parameters
    )


def _is_made(value: cst.BaseExpression) -> bool:
    if isinstance(value, cst.Call):
        return isinstance(value.func, cst.Name) and value.func.value in _MAKERS
    return isinstance(value, cst.List | cst.ListComp | cst.Dict | cst.DictComp | cst.Set | cst.SetComp)


def _mentions(node: cst.CSTNode, above: tuple[cst.CSTNode, ...]) -> Iterator[tuple[cst.Name, tuple[cst.CSTNode, ...]]]:
    """Every name below a node, with the nodes around it, the innermost last."""
    for each in children(node):
        if isinstance(each, cst.Name):
            yield each, (*above, node)
        else:
            yield from _mentions(each, (*above, node))


def _stays(name: cst.CSTNode, above: Sequence[cst.CSTNode], made: frozenset[str]) -> bool:
    """Whether nobody else holds the object after this mention of it."""
    parent = above[-1]
    over = above[-2] if len(above) > 1 else parent
    if isinstance(parent, cst.Attribute):
        if parent.attr is name:
            return True  # a label, not the variable
        if not isinstance(over, cst.Call) or over.func is not parent:
            return False
        return parent.attr.value not in _VIEWS or _consumed(over, above[:-2])
    if isinstance(parent, cst.Arg):
        return parent.keyword is name or bool(parent.star) or _stays_in_call(over, above[:-2], made)
    if isinstance(parent, cst.Element):
        return isinstance(over, cst.Tuple | cst.List) and len(above) > 2 and isinstance(above[-3], cst.Return)
    if isinstance(parent, cst.BooleanOperation | cst.UnaryOperation):
        return (isinstance(parent, cst.UnaryOperation) and isinstance(parent.operator, cst.Not)) or _stays(
            parent, above[:-1], made
        )
    if isinstance(parent, cst.Subscript):
        return parent.value is name
    if isinstance(parent, cst.AugAssign):
        return parent.target is name or (isinstance(parent.target, cst.Name) and parent.target.value in made)
    if isinstance(parent, cst.AnnAssign):
        return parent.target is name
    if isinstance(parent, cst.IfExp | cst.If | cst.While | cst.Assert):
        return parent.test is name
    if isinstance(parent, cst.For | cst.CompFor):
        return parent.iter is name
    return isinstance(
        parent,
        cst.Comparison | cst.ComparisonTarget | cst.Return | cst.AssignTarget | cst.BinaryOperation | cst.StarredElement
        | cst.FormattedStringExpression | cst.Del | cst.Annotation,
    )  # fmt: skip


def _stays_in_call(call: cst.CSTNode, above: Sequence[cst.CSTNode], made: frozenset[str]) -> bool:
    if not isinstance(call, cst.Call):
        return False
    if isinstance(call.func, cst.Name):
        return call.func.value in HARMLESS and (call.func.value not in _LAZY or _consumed(call, above))
    if not isinstance(call.func, cst.Attribute):
        return False
    owner, method = call.func.value, call.func.attr.value
    if method == "join":
        return isinstance(owner, cst.SimpleString)
    return method in ("extend", "update") and isinstance(owner, cst.Name) and owner.value in made


def _consumed(call: cst.Call, above: Sequence[cst.CSTNode]) -> bool:
    """Whether what a call returns is looked through at once, and not held."""
    parent = above[-1]
    if isinstance(parent, cst.For | cst.CompFor):
        return parent.iter is call
    if isinstance(parent, cst.Arg) and len(above) > 1 and isinstance(above[-2], cst.Call):
        func = above[-2].func
        if isinstance(func, cst.Name) and func.value in _LAZY:
            return _consumed(above[-2], above[:-2])
        return isinstance(func, cst.Name) and func.value in HARMLESS
    return isinstance(parent, cst.ComparisonTarget)


def _may_change(
    call: cst.Call, flow: Flow, own: frozenset[str], origins: Mapping[str, str], bound: frozenset[str]
) -> bool:
    """Whether a call may change what several variables hold: a method that does not only read, or a function that is
    neither a builtin nor one of the standard library that reads; or one that is given a function to call."""
    root = root_name(call.func)
    called = call.func.attr.value if isinstance(call.func, cst.Attribute) else root
    for at, each in enumerate(call.args):
        given = (each.keyword is not None and each.keyword.value in _CALLED) or (
            each.keyword is None and called in _GIVEN_A_FUNCTION and (at == 0 or called == "groupby")
        )
        if given and not isinstance(each.value, cst.SimpleString) and not _is_harmless(each.value, flow, bound):
            return True
    origin = origins.get(root, "") if root not in flow.variables else ""
    module = origin.partition(".")[0]
    if module in sys.stdlib_module_names and module not in _CHANGING_MODULES:
        return called in _CHANGING or origin.rpartition(".")[2] in _CHANGING
    if isinstance(call.func, cst.Name):
        return root not in _BUILTINS or root in flow.variables or root in bound
    if (root and root not in flow.variables) or not isinstance(call.func, cst.Attribute):
        return True
    mine = isinstance(call.func.value, cst.Name) and call.func.value.value in own
    return not mine and called not in READING


def _is_harmless(value: cst.BaseExpression, flow: Flow, bound: frozenset[str]) -> bool:
    """A function that is given: a lambda (what it calls is looked at with all calls), or a builtin that only reads."""
    if isinstance(value, cst.Lambda):
        return True
    name = value.value if isinstance(value, cst.Name) else ""
    if name == "None":
        return True
    plain = name in HARMLESS and name not in flow.variables and name not in bound
    return plain or (isinstance(value, cst.Attribute) and root_name(value) in ("str", "bytes", "int", "float", "re"))


def _targets(statements: Sequence[cst.CSTNode]) -> Iterator[tuple[cst.CSTNode, cst.BaseExpression | None]]:
    """What statements assign to or delete; with the value, if it is added to what was there."""
    for statement in statements:
        for each in inside(
            statement, cst.Assign, cst.AnnAssign, cst.AugAssign, cst.Del, cst.For, cst.CompFor, cst.AsName
        ):
            if isinstance(each, cst.Assign):
                found = [target.target for target in each.targets]
            elif isinstance(each, cst.AsName):
                found = [each.name]
            else:
                found = [each.target]
            value = each.value if isinstance(each, cst.AugAssign) else None
            for target in found:
                yield from ((part, value) for part in _leaves(target))


def _leaves(target: cst.CSTNode) -> Iterator[cst.CSTNode]:
    if isinstance(target, cst.Tuple | cst.List):
        for each in target.elements:
            yield from _leaves(each.value)
    else:
        yield target


__all__ = ["changes_shared", "own_containers"]
