"""Would a further round of a loop see anything that the one before did not?

It would not where everything that its body looks at is what it was when that began: the names that are read before
they are bound in the loop, the objects that were there, and what modules hold. What a round binds or makes anew for
itself alone is not seen by the next, nor what it puts into a container that it never looks into.

Invariant: in doubt, there is a further round.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Sequence
from typing import Any

from .lower import FUNCTIONS
from .machine import Frame
from .program import Bound, Partial
from .values import NO, Obj, State, Value, attribute_key, join_all, written_apart

#: Where a container is: a name, and an attribute of what it stands for (or none).
Place = tuple[str, str]


def only_filled(
    loop: ast.For | ast.AsyncFor | ast.While, frames: Sequence[Frame], before: State, after: State
) -> list[int] | None:
    """The containers (by number) that the body of a loop puts something into in ``after`` and never looks at, where
    that is all that is new in it since ``before``; None if the body sees something that it did not see then."""
    frame = frames[-1]
    read, filled = _read_of(loop)
    names: Iterable[str]
    if read is None or frame.closures or frame.function is None:
        read, filled = None, frozenset[Place]()
        names = before.env.keys() | after.env.keys()
    else:
        names = read.union(name for name, _ in filled)
    for name in names:
        if not _alike(before.env.get(name), after.env.get(name)):
            return None
    found: list[int] = []
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
        if now is None:
            return None
        if not _same_object(was, now):
            if was.kind not in _CONTAINERS or was.kind != now.kind or was.cls is not None or not filled:
                return None
            found.append(number)
    if found and (read is None or not _unseen(found, read, filled, frames, before, after)):
        return None
    return found


#: What is filled by its own methods, or under a key.
_CONTAINERS = ("list", "set", "dict")


def _unseen(
    numbers: list[int],
    read: Iterable[str],
    filled: Iterable[Place],
    frames: Sequence[Frame],
    before: State,
    after: State,
) -> bool:
    """Are these objects known to the body of a loop by the places alone that it does not look at?"""
    sought = set(numbers)
    env, heap = before.env, after.heap
    own: set[int] = set()
    owners: set[int] = set()
    for name, attribute in filled:
        refs = env[name].refs if name in env else ()
        if not attribute:
            own.update(refs)
            continue
        owners.update(refs)
        for number in refs:
            obj = heap.get(number)
            value = obj.fields.get(attribute_key(attribute)) if obj is not None else None
            own.update(value.refs if value is not None else ())
    if not sought <= own or any(each.closures for each in frames):
        return False
    hidden = sought | owners
    if not heap.base.keys().isdisjoint(hidden) or any(name in env and _refers(env[name], hidden) for name in read):
        return False
    return not any(
        _refers(value, sought & owners if number in owners else hidden)
        for number, obj in heap.items()
        for value in obj.pointing
    )


def _refers(value: Value, numbers: set[int]) -> bool:
    """Does a value refer to one of these objects, also as that to which a method is bound, or as an argument?"""
    if value.refs and not numbers.isdisjoint(value.refs):
        return True
    for each in value.calls:
        if isinstance(each, Bound):
            held = [each.receiver]
        elif isinstance(each, Partial):
            held = [each.callee, *each.args, *each.kwargs.values()]
        else:
            continue
        if any(_refers(one, numbers) for one in held):
            return True
    return value.derived is not None and _refers(value.derived[1], numbers)


def fill(numbers: Iterable[int], before: State, after: State) -> None:
    """Puts into lists what further rounds would: what one round appended lies somewhere behind it, too."""
    for number in numbers:
        was, now = before.heap.get(number), after.heap[number]
        if now.kind != "list":
            continue
        fresh = [value for key, value in now.fields.items() if was is None or key not in was.fields]
        if fresh:
            after.heap[number] = now.blur(join_all(fresh))


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


def _read_of(loop: ast.For | ast.AsyncFor | ast.While) -> tuple[frozenset[str] | None, frozenset[Place]]:
    """The names that a round may read of what was there before it (None: it may be any), and the places that it only
    fills."""
    kept: dict[str, Any] = loop.__dict__
    if "read" not in kept:  # asked each time that the loop is run
        found = _Reading()
        bound: set[str] = set()
        if isinstance(loop, ast.While):
            found.read(loop.test, bound)
        else:
            found.bind(loop.target, bound)
        found.block(loop.body, bound)
        read = None if found.anything else frozenset(found.names)
        kept["read"] = read, frozenset(each for each in found.filled if each[0] not in found.names)
    return kept["read"]


#: Methods of containers that put something in, and tell nothing of what is there.
_FILLING = frozenset({"append", "appendleft", "add", "extend", "update"})


def _filled(node: ast.AST) -> tuple[Place, list[ast.expr]] | None:
    """The place that a statement or a target fills, and what else is read there."""
    owner, others = None, []
    call = node.value if isinstance(node, ast.Expr) else None
    if isinstance(node, ast.Subscript):
        owner, others = node.value, [node.slice]
    elif isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr in _FILLING:
        owner, others = call.func.value, [*call.args, *[each.value for each in call.keywords]]
    if isinstance(owner, ast.Name):
        return (owner.id, ""), others
    if isinstance(owner, ast.Attribute) and isinstance(owner.value, ast.Name):
        return (owner.value.id, owner.attr), others
    return None


class _Reading:
    """Collects the names that statements read before they bind them. What may be left out binds nothing."""

    def __init__(self) -> None:
        self.names: set[str] = set()
        self.filled: set[Place] = set()
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
        elif not self._fills(node, bound):
            self.read(node, bound)

    def _fills(self, node: ast.AST, bound: set[str]) -> bool:
        filled = _filled(node)
        if filled is None:
            return False
        place, others = filled
        if place[0] not in bound:
            self.filled.add(place)
        for each in others:
            self.read(each, bound)
        return True

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
        elif not self._fills(target, bound):
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
