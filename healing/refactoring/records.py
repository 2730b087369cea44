"""Values that travel together: parameters that belong to each other, as one frozen dataclass.

Invariant: every use of the function in the project is seen and is a plain call; arguments are evaluated in the order in
which they were.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import libcst as cst

from .naming import words
from .reads import children, inside

#: Fewest and most parameters of a group.
LEAST, MOST = 3, 8

_GEOMETRY = frozenset({"x", "y", "z", "width", "height", "left", "right", "top", "bottom", "w", "h", "depth"})


@dataclass(frozen=True, slots=True)
class Group:
    """Neighbouring parameters ``params[start:stop]``, what they are called together, and the class's name."""

    start: int
    stop: int
    name: str
    cls: str


def grouped(function: cst.FunctionDef, first: int, taken: frozenset[str]) -> Group | None:
    """The longest row of required parameters, from ``first`` on, that belong together by their names.
    ``taken`` are names that are used already."""
    params = [*function.params.posonly_params, *function.params.params]
    names = [each.name.value for each in params]
    end = next((at for at, each in enumerate(params) if each.default is not None), len(params))
    best: tuple[int, int, str] | None = None
    for start in range(first, end):
        for stop in range(start + LEAST, min(end, start + MOST) + 1):
            told = _together(names[start:stop])
            if told and (best is None or stop - start > best[1] - best[0]):
                best = (start, stop, told)
    if best is None:
        return None
    start, stop, told = best
    cls = f"_{''.join(each.capitalize() for each in told.split('_'))}"
    name = told
    if name in taken or cls in taken:
        return None
    return Group(start, stop, name, cls)


def _together(names: Sequence[str]) -> str:
    """What a row of names has in common; empty if that is nothing."""
    if set(names) <= _GEOMETRY:
        return "box" if {"width", "height", "w", "h"} & set(names) else "point"
    split = [words(each) for each in names]
    if any(len(each) < 2 for each in split):
        return ""
    heads, tails = {each[0] for each in split}, {each[-1] for each in split}
    common = heads if len(heads) == 1 else tails if len(tails) == 1 else set[str]()
    word = next(iter(common), "")
    return f"{word}_options" if len(word) > 1 else ""


def calls_of(module: cst.Module, name: str, function: cst.FunctionDef) -> list[cst.Call] | None:
    """Every call of a module's function; None if it is used in another way anywhere in the module."""
    calls: list[cst.Call] = []
    for use in _uses(module, name, function):
        if not isinstance(use, cst.Call):
            return None
        if any(each.star for each in use.args):
            return None
        calls.append(use)
    return calls


def _uses(node: cst.CSTNode, name: str, function: cst.FunctionDef) -> Iterator[cst.CSTNode]:
    """Calls of the name, and any other mention of it."""
    if isinstance(node, cst.Call) and isinstance(node.func, cst.Name) and node.func.value == name:
        yield node
        for each in node.args:
            yield from _uses(each.value, name, function)
        return
    if isinstance(node, cst.Name) and node.value == name:
        yield node
        return
    if isinstance(node, cst.SimpleString) and name in node.value:
        yield node
        return
    for each in children(node):
        if node is function and each is function.name:
            continue
        yield from _uses(each, name, function)


def arguments(call: cst.Call, function: cst.FunctionDef) -> dict[str, cst.Arg] | None:
    """The arguments of a call by parameter; None if they do not fit, or are not in the order of the parameters."""
    names = [each.name.value for each in (*function.params.posonly_params, *function.params.params)]
    names += [each.name.value for each in function.params.kwonly_params]
    given: dict[str, cst.Arg] = {}
    for at, each in enumerate(call.args):
        name = each.keyword.value if each.keyword is not None else names[at] if at < len(names) else ""
        if not name or name not in names or name in given:
            return None
        given[name] = each
    return given if list(given) == [each for each in names if each in given] else None


class FieldReads(cst.CSTTransformer):
    """Makes reads of grouped parameters reads of the record's fields."""

    def __init__(self, names: frozenset[str], record: str) -> None:
        super().__init__()
        self.names, self.record = names, record

    def leave_Attribute(self, original_node: cst.Attribute, updated_node: cst.Attribute) -> cst.Attribute:
        return updated_node.with_changes(attr=original_node.attr)

    def leave_Arg(self, original_node: cst.Arg, updated_node: cst.Arg) -> cst.Arg:
        return updated_node.with_changes(keyword=original_node.keyword)

    def leave_Name(self, original_node: cst.Name, updated_node: cst.Name) -> cst.BaseExpression:
        if original_node.value not in self.names:
            return updated_node
        field = cst.Attribute(cst.Name(self.record), cst.Name(original_node.value))
        return field.with_changes(lpar=updated_node.lpar, rpar=updated_node.rpar)


def shows_names(function: cst.FunctionDef) -> bool:
    """Does the function print names of variables (``f"{x=}"``)?"""
    return any(each.equal is not None for each in inside(function, cst.FormattedStringExpression, enter=True))
