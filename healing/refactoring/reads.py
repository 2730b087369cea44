"""Which names an expression reads, binds and keeps for later, on LibCST nodes.

Invariant: names are those of the function around the expression; what a comprehension or lambda binds for itself is
left out. Where it is not known whether a nested function is called at once, its names count as read and as kept.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields
from functools import cache
from typing import TypeVar

import libcst as cst

#: Callables that consume a generator expression before they return.
_CONSUMERS = frozenset(
    {"any", "all", "sum", "min", "max", "sorted", "list", "tuple", "set", "dict", "frozenset"}
    | {"join", "extend", "update", "next", "len", "Counter", "OrderedDict"}
)

COMPREHENSIONS = (cst.ListComp, cst.SetComp, cst.DictComp, cst.GeneratorExp)


@dataclass(frozen=True, slots=True)
class Names:
    """``reads`` happen when the expression is evaluated; ``kept`` are read by functions that it makes, at any time."""

    reads: frozenset[str] = frozenset()
    kept: frozenset[str] = frozenset()

    def __or__(self, other: Names) -> Names:
        return Names(self.reads | other.reads, self.kept | other.kept)


NOTHING = Names()


T = TypeVar("T", bound=cst.CSTNode)

#: Fields of nodes that hold layout and punctuation.
_LAYOUT = re.compile(
    r"whitespace|_lines|lines_|^[lr](par|bracket|brace|square)|^(comma|semicolon|header|footer|equal)$"
)


@cache
def _telling(kind: type[cst.CSTNode]) -> tuple[str, ...]:
    return tuple(each.name for each in fields(kind) if not _LAYOUT.search(each.name))


def children(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    """The children that are no layout, without the cost of LibCST's own visitors."""
    for name in _telling(type(node)):
        value = getattr(node, name)
        if isinstance(value, cst.CSTNode):
            yield value
        elif isinstance(value, tuple | list):
            for each in value:  # pyright: ignore[reportUnknownVariableType]
                if isinstance(each, cst.CSTNode):
                    yield each


def inside(node: cst.CSTNode, *kinds: type[T], enter: bool = False) -> Iterator[T]:
    """``node`` and what is below it, if of these kinds; nested functions and classes are not entered unless asked."""
    stack: list[cst.CSTNode] = [node]
    while stack:
        current = stack.pop()
        if isinstance(current, kinds):
            yield current
        if current is node or enter or not isinstance(current, cst.FunctionDef | cst.ClassDef | cst.Lambda):
            stack.extend(reversed(list(children(current))))


def parts(node: cst.CSTNode) -> Iterable[cst.CSTNode]:
    """The children that are evaluated, in about the order in which they are."""
    if isinstance(node, cst.Attribute | cst.Arg):
        return (node.value,)
    if isinstance(node, cst.IfExp):
        return (node.test, node.body, node.orelse)
    if isinstance(node, cst.Annotation):
        return ()
    return children(node)


def names(node: cst.CSTNode | None) -> Names:
    """The names of an expression. Assignment expressions inside are not told apart: their targets are left out."""
    if node is None:
        return NOTHING
    if isinstance(node, cst.Name):
        return Names(frozenset({node.value}))
    if isinstance(node, cst.NamedExpr):
        return names(node.value)
    if isinstance(node, cst.Lambda):
        return _defaults(node.params) | Names(kept=_free(node))
    if isinstance(node, COMPREHENSIONS):
        return _comprehension(node, at_once=not isinstance(node, cst.GeneratorExp))
    if isinstance(node, cst.Call):
        found = names(node.func)
        name = node.func.attr.value if isinstance(node.func, cst.Attribute) else getattr(node.func, "value", "")
        for each in node.args:
            if isinstance(each.value, cst.GeneratorExp) and name in _CONSUMERS:
                found |= _comprehension(each.value, at_once=True)
            else:
                found |= names(each.value)
        return found
    found = NOTHING
    for child in parts(node):
        found |= names(child)
    return found


def _comprehension(node: cst.BaseComp, at_once: bool) -> Names:
    bound = frozenset(_clause_targets(node.for_in))
    first = names(node.for_in.iter)
    inner = NOTHING
    elements = (node.key, node.value) if isinstance(node, cst.DictComp) else (getattr(node, "elt", None),)
    for each in elements:
        inner |= names(each)
    clause: cst.CompFor | None = node.for_in
    while clause is not None:
        if clause is not node.for_in:
            inner |= names(clause.iter)
        inner |= target_reads(clause.target)
        for condition in clause.ifs:
            inner |= names(condition.test)
        clause = clause.inner_for_in
    own = Names(inner.reads - bound, inner.kept - bound)
    if not at_once:
        own = Names(own.reads, own.kept | own.reads)
    return first | own


def _clause_targets(clause: cst.CompFor | None) -> Iterator[str]:
    while clause is not None:
        yield from target_names(clause.target)
        clause = clause.inner_for_in


def target_names(target: cst.CSTNode | None) -> Iterator[str]:
    """The plain names that an assignment to ``target`` binds."""
    if isinstance(target, cst.Name):
        yield target.value
    elif isinstance(target, cst.Tuple | cst.List):
        for each in target.elements:
            yield from target_names(each.value)
    elif isinstance(target, cst.StarredElement):
        yield from target_names(target.value)


def target_reads(target: cst.CSTNode | None) -> Names:
    """What an assignment to ``target`` reads: the owners of attributes and items."""
    if target is None or isinstance(target, cst.Name):
        return NOTHING
    if isinstance(target, cst.Tuple | cst.List):
        found = NOTHING
        for each in target.elements:
            found |= target_reads(each.value)
        return found
    return names(target)


def _defaults(params: cst.Parameters) -> Names:
    found = NOTHING
    for each in (*params.posonly_params, *params.params, *params.kwonly_params):
        found |= names(each.default)
    return found


def parameter_names(params: cst.Parameters) -> Iterator[str]:
    """Every name that the parameters bind."""
    for each in (*params.posonly_params, *params.params, *params.kwonly_params):
        yield each.name.value
    for star in (params.star_arg, params.star_kwarg):
        if isinstance(star, cst.Param):
            yield star.name.value


def all_names(node: cst.CSTNode) -> Iterator[str]:
    """Every name that stands anywhere below, attributes and keywords of arguments apart; annotations included."""
    stack: list[cst.CSTNode] = [node]
    while stack:
        current = stack.pop()
        if isinstance(current, cst.Name):
            yield current.value
        elif isinstance(current, cst.Attribute | cst.Arg):
            stack.append(current.value)
        else:
            stack.extend(children(current))


def _free(node: cst.Lambda | cst.FunctionDef) -> frozenset[str]:
    """Names that a nested function may read from around it: all that stand in it, its parameters apart."""
    return frozenset(all_names(node.body)) - frozenset(parameter_names(node.params))


def definition_names(node: cst.FunctionDef | cst.ClassDef) -> Names:
    """What a nested definition reads when it is made, and what its body keeps. What a nested body binds for itself is
    counted too, which can only forbid a refactoring, not allow one."""
    found = NOTHING
    for decorator in node.decorators:
        found |= names(decorator.decorator)
    if isinstance(node, cst.FunctionDef):
        annotated: set[str] = set()
        for each in inside(node.params, cst.Annotation):
            annotated.update(all_names(each))
        if node.returns is not None:
            annotated.update(all_names(node.returns))
        return found | _defaults(node.params) | Names(frozenset(annotated), _free(node))
    for base in (*node.bases, *node.keywords):
        found |= names(base.value)
    every = frozenset(all_names(node.body))
    return found | Names(every, every)
