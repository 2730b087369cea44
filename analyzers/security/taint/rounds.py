"""Would a further round of a loop see anything that the one before did not?

It would not where everything that its body looks at is what it was when that began: the names that are read before
they are bound in the loop, the objects that were there, and what modules hold. What a round binds or makes anew for
itself alone is not seen by the next.

Invariant: in doubt, there is a further round.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable
from typing import Any

from .lower import FUNCTIONS
from .machine import Frame
from .values import NO, Obj, State, Value, written_apart


def seen_anew(loop: ast.For | ast.AsyncFor | ast.While, frame: Frame, before: State, after: State) -> bool:
    """Does the body of a loop see in ``after`` what it did not see in ``before``?"""
    read = _read_of(loop)
    if read is None or frame.closures or frame.function is None:
        names: Iterable[str] = before.env.keys() | after.env.keys()
    else:
        names = read
    for name in names:
        if not _alike(before.env.get(name), after.env.get(name)):
            return True
    old, new = before.heap, after.heap
    base = new.base
    for number in written_apart(old, new)[1]:
        was, now = old.get(number), new.get(number)
        if was is now:
            continue
        if was is None:
            was = base.get(number)
            if was is None:
                continue  # made in the loop
        if now is None or not _same_object(was, now):
            return True
    return False


def _alike(one: Value | None, other: Value | None) -> bool:
    """Do two values tell the same?"""
    if one is other:
        return True
    return (
        one is not None
        and other is not None
        and one.taints == other.taints
        and one.refs == other.refs
        and one.ext == other.ext
        and one.calls == other.calls
        and one.prefix == other.prefix
        and one.built == other.built
        and _same_constant(one.const, other.const)
    )


def _same_constant(one: Any, other: Any) -> bool:
    return one is other or (one is not NO and other is not NO and type(one) is type(other) and bool(one == other))


def _same_object(one: Obj, other: Obj) -> bool:
    if one is other:
        return True
    if (one.kind, one.cls, one.full) != (other.kind, other.cls, other.full):
        return False
    if one.fields.keys() != other.fields.keys() or not _alike(one.rest, other.rest):
        return False
    return all(_alike(value, other.fields[key]) for key, value in one.fields.items())


# -- what the body of a loop reads before it binds it


#: What may read names of which its own text does not tell, or that lie elsewhere.
_HIDING = (*FUNCTIONS, ast.Lambda, ast.ClassDef, ast.Global, ast.Nonlocal, ast.Import, ast.ImportFrom)


def _read_of(loop: ast.For | ast.AsyncFor | ast.While) -> frozenset[str] | None:
    """The names that a round may read of what was there before it; None if it may be any."""
    kept: dict[str, Any] = loop.__dict__
    if "read" not in kept:  # asked each time that the loop is run
        found = _Reading()
        bound: set[str] = set()
        if isinstance(loop, ast.While):
            found.read(loop.test, bound)
        else:
            found.bind(loop.target, bound)
        found.block(loop.body, bound)
        kept["read"] = None if found.anything else frozenset(found.names)
    return kept["read"]


class _Reading:
    """Collects the names that statements read before they bind them. What may be left out binds nothing."""

    def __init__(self) -> None:
        self.names: set[str] = set()
        self.anything = False

    def block(self, statements: Iterable[ast.stmt], bound: set[str]) -> None:
        for each in statements:
            self._statement(each, bound)

    def _statement(self, node: ast.stmt, bound: set[str]) -> None:
        if isinstance(node, ast.Assign):
            self.read(node.value, bound)
            for target in node.targets:
                self.bind(target, bound)
        elif isinstance(node, ast.AnnAssign):
            self.read(node.value, bound)
            self.read(node.annotation, bound)
            if node.value is not None:
                self.bind(node.target, bound)
        elif isinstance(node, ast.With | ast.AsyncWith):
            for item in node.items:
                self.read(item.context_expr, bound)
                if item.optional_vars is not None:
                    self.bind(item.optional_vars, bound)
            self.block(node.body, bound)
        elif isinstance(node, ast.If):
            self.read(node.test, bound)
            self._ways(bound, node.body, node.orelse)
        elif isinstance(node, ast.For | ast.AsyncFor):
            self.read(node.iter, bound)
            inside = set(bound)
            self.bind(node.target, inside)
            self._ways(inside, node.body)
            self._ways(bound, node.orelse)
        elif isinstance(node, ast.While):
            self.read(node.test, bound)
            self._ways(bound, node.body)
            self._ways(bound, node.orelse)
        elif isinstance(node, ast.Try):
            self._ways(bound, [*node.body, *node.orelse])
            for handler in node.handlers:
                self.read(handler.type, bound)
                inside = {*bound, handler.name} if handler.name else bound
                self._ways(inside, handler.body)
            self._ways(bound, node.finalbody)
        elif isinstance(node, _HIDING):
            self.anything = True
        else:
            self.read(node, bound)

    def _ways(self, bound: set[str], *ways: Iterable[ast.stmt]) -> None:
        """Blocks of which each may be left out, or left early."""
        for each in ways:
            self.block(each, set(bound))

    def bind(self, target: ast.expr, bound: set[str]) -> None:
        if isinstance(target, ast.Name):
            bound.add(target.id)
        elif isinstance(target, ast.Tuple | ast.List):
            for each in target.elts:
                self.bind(each, bound)
        elif isinstance(target, ast.Starred):
            self.bind(target.value, bound)
        else:
            self.read(target, bound)

    def read(self, node: ast.AST | None, bound: set[str]) -> None:
        waiting: list[Any] = [node]
        while waiting:
            each = waiting.pop()
            if isinstance(each, list):
                waiting += each  # pyright: ignore[reportUnknownArgumentType]
            elif isinstance(each, ast.Name):
                if each.id not in bound:
                    self.names.add(each.id)
            elif isinstance(each, _HIDING):
                self.anything = True
            elif isinstance(each, ast.AST):
                waiting += each.__dict__.values()
