"""Calls that are written down somewhere, as rows of arguments: doctests, calls in the file, calls in the workspace.

Arguments of one call belong together. Where calls differ in the types of several parameters at once, only those of the
most common form say what the parameters are; the others are tried as they stand, and never mixed.

Invariant: only literals count, and names of functions; nothing is evaluated.
"""

from __future__ import annotations

import ast
import builtins
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from .call_sites import CallSite
from .plans import Made, Plan, Ref, parse
from .shapes import describe
from .variables import from_example

Row = tuple[Plan, ...]


class _Unknown:
    """An argument that was written as something that only its own place can evaluate."""

    def __repr__(self) -> str:
        return "?"


UNKNOWN: Any = _Unknown()


def rows_of_calls(
    calls: Iterable[ast.Call], names: Sequence[str], bound: Mapping[str, ast.expr] | None = None
) -> list[Row]:
    """Arguments by place of parsed calls of a function with parameters ``names``. ``bound``: what names stand for."""
    known = bound or {}

    def value(node: ast.expr) -> Plan:
        return literal(known.get(node.id, node) if isinstance(node, ast.Name) else node)

    found: list[Row] = []
    for node in calls:
        keywords = {each.arg: value(each.value) for each in node.keywords}
        row = _row(names, [value(each) for each in node.args], keywords)
        found += [row] if row else []
    return found


def rows_of_sites(sites: Iterable[CallSite], names: Sequence[str]) -> list[Row]:
    """The same for calls elsewhere in the workspace."""
    found: list[Row] = []
    for site in sites:
        keywords = {key: _written(text) for key, text in site.kwargs}
        row = _row(names, [_written(text) for text in site.args], keywords)
        found += [row] if row else []
    return found


def alike(rows: Sequence[Row]) -> list[Row]:
    """The rows whose types may be mixed: all, if at most one parameter has several types, else the commonest form."""
    forms = [tuple(_kind(each) for each in row) for row in rows]
    width = max(map(len, forms), default=0)
    kinds = [{form[place] for form in forms if len(form) > place} - {"", "None"} for place in range(width)]
    if sum(len(each) > 1 for each in kinds) < 2:
        return list(rows)
    common = Counter(forms).most_common(1)[0][0]
    return [row for row, form in zip(rows, forms, strict=True) if _fits(form, common)]


def _fits(form: tuple[str, ...], common: tuple[str, ...]) -> bool:
    return all(one in ("", "None", other) for one, other in zip(form, common, strict=False))


def _kind(plan: Plan) -> str:
    if plan is UNKNOWN:
        return ""
    if isinstance(plan, Ref):
        return "function"
    if isinstance(plan, Made):
        return plan.callee
    shape = from_example(plan)
    return describe(shape) if shape is not None else "?"


def literal(node: ast.expr) -> Plan:
    """The plan of a literal, a builtin function or a lambda; :data:`UNKNOWN` for everything else."""
    if isinstance(node, ast.Lambda) or (isinstance(node, ast.Name) and callable(getattr(builtins, node.id, None))):
        return Ref(ast.unparse(node))
    try:
        ast.literal_eval(node)
        return parse(ast.unparse(node))
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return UNKNOWN


def _written(text: str) -> Plan:
    try:
        return literal(ast.parse(text, mode="eval").body) if text else UNKNOWN
    except (SyntaxError, ValueError, RecursionError):
        return UNKNOWN


def _row(names: Sequence[str], args: list[Plan], kwargs: Mapping[Any, Plan]) -> Row:
    """Arguments by place, filled up with unknowns; () if nothing is known or the call does not fit."""
    if None in kwargs or len(args) > len(names):
        return tuple(args) if args and not kwargs and UNKNOWN not in args else ()
    row = list(args)
    for name, value in kwargs.items():
        if name not in names:
            return ()
        place = names.index(name)
        row += [UNKNOWN] * (place + 1 - len(row))
        row[place] = value
    return tuple(row) if any(each is not UNKNOWN for each in row) else ()


def bound_once(trees: Sequence[ast.AST]) -> dict[str, ast.expr]:
    """Names that the snippets of a docstring assign a value once: ``>>> data = [1, 2]``."""
    found: dict[str, ast.expr] = {}
    often: set[str] = set()
    for tree in trees:
        for node in ast.walk(tree):
            if isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name):
                often |= {node.targets[0].id} & set(found)
                found[node.targets[0].id] = node.value
    return {name: value for name, value in found.items() if name not in often}


def shown_calls(parsed: Sequence[ast.AST], name: str, method: bool) -> list[ast.Call]:
    """Calls of ``name`` in a docstring: bare, of a module's alias, or, for a method, of any object."""
    assigned = {
        each.id
        for tree in parsed
        for each in ast.walk(tree)
        if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Store)
    }
    found: list[ast.Call] = []
    for tree in parsed:
        for node in ast.walk(tree):
            if not isinstance(node, ast.Call):
                continue
            function = node.func
            if isinstance(function, ast.Name):
                found += [node] if function.id == name and name not in assigned else []
            elif isinstance(function, ast.Attribute) and function.attr == name:
                base = function.value
                plain = isinstance(base, ast.Name) and base.id not in assigned
                found += [node] if method or plain else []
    return found
