"""What the taint engine knows of a value: a constant, where it comes from, which object it is, what it calls.

Values and objects are never changed (they are not ``frozen`` because making them is half of the work); a state maps
names to values and object numbers to objects, so that copying a state at a branch is two shallow copies. Joining two
values keeps what either may carry: a constant survives only if both agree, a taint survives if either has it.

Invariant: sizes are bounded (taints of a value, steps of a path, fields of an object), so that loops end.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple, TypeGuard

#: The most that is kept.
MAX_TAINTS = 12
MAX_STEPS = 10
MAX_FIELDS = 60

#: Sanitised for every kind of sink.
ALL = frozenset({"*"})


class _No:
    """The absence of a constant (``None`` is one)."""

    def __repr__(self) -> str:
        return "NO"


NO: Any = _No()


def is_tuple(value: object) -> TypeGuard[tuple[Any, ...]]:
    """Is a constant a tuple of constants?"""
    return isinstance(value, tuple)


class Step(NamedTuple):
    """A place on the way of a value."""

    path: str
    node: ast.AST
    text: str = ""


class Origin(NamedTuple):
    """Where an untrusted value enters: what kind of source it is, where, and what it is called there."""

    kind: str
    path: str
    line: int
    column: int
    label: str


class Taint(NamedTuple):
    """An origin, what the value has been made harmless for since, and the way it went."""

    origin: Origin
    safe: frozenset[str] = frozenset()
    steps: tuple[Step, ...] = ()


class Print(NamedTuple):
    """A fingerprint: a number that stands for what is known of a value, and the mark of the machine that gave it
    (numbers of others differ)."""

    by: object
    number: int


@dataclass(slots=True, eq=False)
class Value:
    """``ext`` names what it is in a library (``flask.request``, an instance of ``sqlite3.Cursor``); ``refs`` are the
    numbers of the objects it may be; ``calls`` what runs when it is called; ``prefix`` how the text begins;
    ``derived`` (what, from which value) for parts and tests of another value; ``cond`` the test it is the result of."""

    const: Any = NO
    taints: tuple[Taint, ...] = ()
    refs: tuple[int, ...] = ()
    ext: tuple[str, ...] = ()
    calls: tuple[Any, ...] = ()
    prefix: str = ""
    built: bool = False
    derived: tuple[str, Value] | None = None
    cond: Any = None
    print: Print | None = field(default=None, init=False, repr=False)  # its fingerprint, whatever its objects hold

    def with_taints(self, taints: Iterable[Taint]) -> Value:
        return replace(self, taints=merged(taints))


UNKNOWN = Value()


def constant(value: Any) -> Value:
    return Value(const=value, prefix=value if isinstance(value, str) else "")


def merged(taints: Iterable[Taint]) -> tuple[Taint, ...]:
    """Taints without repetitions; of two ways with the same end the first is kept."""
    found: dict[tuple[Origin, frozenset[str]], Taint] = {}
    for taint in taints:
        found.setdefault((taint.origin, taint.safe), taint)
    return tuple(found.values())[:MAX_TAINTS]


def sanitised(taints: Iterable[Taint], kinds: frozenset[str]) -> tuple[Taint, ...]:
    """Taints after something that makes them harmless for ``kinds``."""
    if not kinds:
        return tuple(taints)
    if kinds >= ALL:
        return ()
    return merged(taint._replace(safe=taint.safe | kinds) for taint in taints)


def stepped(taints: tuple[Taint, ...], path: str, node: ast.AST, text: str = "") -> tuple[Taint, ...]:
    """Taints that went through a place."""
    if not taints:
        return taints
    step = Step(path, node, text)
    return tuple(
        taint
        if len(taint.steps) >= MAX_STEPS or (taint.steps and _line(taint.steps[-1].node) == _line(node))
        else taint._replace(steps=(*taint.steps, step))
        for taint in taints
    )


def _line(node: ast.AST) -> int:
    return getattr(node, "lineno", 0)


def common_prefix(one: str, other: str) -> str:
    length = 0
    for left, right in zip(one, other, strict=False):
        if left != right:
            break
        length += 1
    return one[:length]


def join(one: Value, other: Value) -> Value:
    """What is true of either."""
    if one is other:
        return one
    same = one.const is other.const or (type(one.const) is type(other.const) and one.const == other.const)
    return Value(  # by position: it is made very often
        one.const if same else NO,
        one.taints if one.taints == other.taints else merged((*one.taints, *other.taints)),
        one.refs if one.refs == other.refs else tuple(dict.fromkeys((*one.refs, *other.refs)))[:8],
        one.ext if one.ext == other.ext else tuple(dict.fromkeys((*one.ext, *other.ext)))[:6],
        one.calls if one.calls == other.calls else tuple(dict.fromkeys((*one.calls, *other.calls)))[:8],
        one.prefix if one.prefix == other.prefix else common_prefix(one.prefix, other.prefix),
        one.built or other.built,
        one.derived if one.derived == other.derived else None,
        one.cond if one.cond is other.cond else None,
    )


def join_all(values: Iterable[Value]) -> Value:
    result: Value | None = None
    for value in values:
        result = value if result is None else join(result, value)
    return result if result is not None else UNKNOWN


#: The kind of an object that stands for all that a framework hands around.
SHARED = "shared"


@dataclass(slots=True, eq=False)
class Obj:
    """A container or an instance. ``fields``: values by key, index or ``.attribute``; ``rest``: values under keys that
    are not known; ``cls``: the class of an instance; ``full``: nothing is in it that ``fields`` does not name."""

    kind: str
    fields: Mapping[Any, Value] = field(default_factory=dict[Any, Value])
    rest: Value | None = None
    cls: Any = None
    full: bool = True
    print: Print | None = field(default=None, init=False, repr=False)  # its fingerprint, as far as it refers to none
    linked: tuple[tuple[Any, Value], ...] = field(default=(), init=False, repr=False)  # beside it: what refers to some
    _telling: tuple[Value, ...] | None = field(default=None, init=False, repr=False)
    _pointing: tuple[Value, ...] | None = field(default=None, init=False, repr=False)

    def put(self, key: Any, value: Value) -> Obj:
        if len(self.fields) >= MAX_FIELDS and key not in self.fields:
            return self.blur(value)
        return Obj(self.kind, {**self.fields, key: value}, self.rest, self.cls, self.full)

    def blur(self, value: Value) -> Obj:
        """With ``value`` under a key that is not known."""
        if self.kind == SHARED:
            return self  # it would be found under every name that anybody asks for
        return Obj(self.kind, self.fields, value if self.rest is None else join(self.rest, value), self.cls, False)

    def get(self, key: Any) -> Value | None:
        found = self.fields.get(key)
        if found is not None:
            return found
        return self.rest

    def everything(self) -> Iterator[Value]:
        yield from self.fields.values()
        if self.rest is not None:
            yield self.rest

    @property
    def telling(self) -> tuple[Value, ...]:
        """Those of its values that carry taints or refer to objects."""
        found = self._telling
        if found is None:
            found = self._telling = tuple([each for each in self.everything() if each.taints or each.refs])
        return found

    @property
    def pointing(self) -> tuple[Value, ...]:
        """Those of its values that lead to objects, in whatever way."""
        found = self._pointing
        if found is None:
            found = self._pointing = tuple(
                [each for each in self.everything() if each.refs or each.calls or each.derived is not None]
            )
        return found

    def elements(self) -> Iterator[Value]:
        """Values of a container, without attributes."""
        for key, value in self.fields.items():
            if not (isinstance(key, str) and key.startswith("\0")):
                yield value
        if self.rest is not None:
            yield self.rest


#: How a value is derived from one that it is equal to.
SAME = ("narrowed", "same")


def apart(value: Value) -> Value:
    """A value of which nothing is known that is found out of others like it: the fields of a form come from one place,
    but a test of one says nothing of the next."""
    if not value.taints:
        return value
    return replace(value, derived=None if value.derived is not None and value.derived[0] in SAME else value.derived)


def attribute_key(name: str) -> str:
    """The key under which an attribute is kept: it never equals a key of a dictionary."""
    return f"\0{name}"


def join_objects(one: Obj, other: Obj) -> Obj:
    if one is other:
        return one
    fields: dict[Any, Value] = {}
    for key in (*one.fields, *(each for each in other.fields if each not in one.fields)):
        left, right = one.fields.get(key), other.fields.get(key)
        if left is not None and right is not None:
            fields[key] = join(left, right)
        else:
            present = left if left is not None else right
            assert present is not None
            # On the other way the key holds whatever is under unknown keys, or nothing.
            missing = other.rest if left is not None else one.rest
            fields[key] = present if missing is None else join(present, missing)
    rest = one.rest if other.rest is None else other.rest if one.rest is None else join(one.rest, other.rest)
    kind, cls = one.kind if one.kind == other.kind else "", one.cls if one.cls is other.cls else None
    same_keys = one.fields.keys() == other.fields.keys()
    return Obj(kind, fields, rest, cls, one.full and other.full and (same_keys or kind == "dict"))


class Base(dict[int, Obj]):
    """The objects of the modules, which functions see and change. ``reads`` notes what is looked at of them, and
    ``touched`` what is looked at of a heap over them."""

    __slots__ = ("reads", "touched")
    reads: set[Any]
    touched: set[int]

    def read(self, key: int) -> Obj | None:
        self.reads.add(key)
        return self.get(key)


Olds = dict[int, Obj | None]


class Trail:
    """The numbers that were written to a heap since a point, what they stood for at that point, and what was written
    before it.

    Two copies of a heap have the point in common at which they were one, so that joining them costs what was written
    since, not what they hold."""

    __slots__ = ("before", "length", "olds")

    def __init__(self, before: Trail | None = None, olds: Olds | None = None) -> None:
        self.before = before
        self.length: int = 0 if before is None else before.length + 1
        self.olds: Olds = {} if olds is None else olds

    def since(self, point: Trail | None) -> Olds | None:
        """What was written behind a point, with what was there at the point; None if it does not lie on this trail."""
        found: Olds = {}
        at: Trail | None = self
        while at is not None:
            if at is point:
                return found
            found.update(at.olds)  # what is older holds
            at = at.before
        return None


class Heap(dict[int, Obj]):
    """Objects by number: an overlay over the objects of the modules."""

    __slots__ = ("base", "trail")
    base: Base
    trail: Trail

    @staticmethod
    def over(base: Base) -> Heap:
        """Nothing yet, over the objects of the modules."""
        made = Heap()
        made.base, made.trail = base, Trail()
        return made

    def fork(self) -> Heap:
        """A copy; both know from here on what is written to them."""
        made = Heap(self)
        made.base, before = self.base, self.trail
        self.trail, made.trail = Trail(before), Trail(before)
        return made

    def point(self) -> Trail:
        """This moment, for :meth:`Trail.since`."""
        before = self.trail
        self.trail = Trail(before)
        return before

    def __missing__(self, key: int) -> Obj:
        self.base.reads.add(key)
        return self.base[key]

    def __setitem__(self, key: int, value: Obj) -> None:
        olds = self.trail.olds
        if key not in olds:
            olds[key] = self.get(key)
        super().__setitem__(key, value)

    def settle(self, key: int, value: Obj) -> None:
        """Writes what is noted otherwise."""
        super().__setitem__(key, value)

    def __delitem__(self, key: int) -> None:
        olds = self.trail.olds
        if key not in olds:
            olds[key] = self.get(key)
        super().__delitem__(key)

    def add(self, other: Heap) -> None:
        """Takes over the objects of what was a copy of it, as far as it does not have them."""
        for key in written_apart(self, other)[1]:
            value = other.get(key)
            if value is not None and key not in self:
                self[key] = value

    def find(self, key: int) -> Obj | None:
        found = self.get(key)
        if found is None:
            return self.base.read(key)
        self.base.touched.add(key)
        return found


class State:
    """What is known at a point of a function. Copied at branches, joined behind them."""

    __slots__ = ("env", "heap")

    def __init__(self, env: dict[str, Value], heap: Heap) -> None:
        self.env = env
        self.heap = heap

    def copy(self) -> State:
        return State(dict(self.env), self.heap.fork())

    def become(self, other: State) -> None:
        self.env, self.heap = other.env, other.heap


def join_states(one: State | None, other: State | None) -> State | None:
    """The state behind two ways; None is a way that ends."""
    if one is None or other is None:
        return other if one is None else one
    # Two ways differ in little: copied is all that they have in common.
    env = dict(one.env)
    for name, right in other.env.items():
        left = env.get(name)
        if left is None:
            if name[:1] != "@":
                env[name] = right
        elif left is not right:
            env[name] = join(left, right)
    if len(env) != len(other.env):
        # What was read, and perhaps looked at, on one way only is not known to be the same behind them.
        for name in [each for each in env if each[:1] == "@" and each not in other.env]:
            del env[name]
    return State(env, _join_heaps(one.heap, other.heap))


def _join_heaps(own: Heap, theirs: Heap) -> Heap:
    base = own.base
    heap = Heap(own)
    heap.base, heap.trail = base, Trail()
    fork, written = written_apart(own, theirs)
    for number in written:
        left, right = own.get(number), theirs.get(number)
        if left is not right:
            left = base.read(number) if left is None else left
            right = base.read(number) if right is None else right
            made = right if left is None else left if right is None else join_objects(left, right)
            if made is not None:
                heap.settle(number, made)
    heap.trail = Trail(fork, written)
    return heap


def written_apart(one: Heap, other: Heap) -> tuple[Trail | None, Olds]:
    """Where two heaps were one, and the numbers that were written to either since, with what was there before."""
    left: Trail | None = one.trail
    right: Trail | None = other.trail
    written: Olds = {}
    while left is not right:
        if right is None or (left is not None and left.length > right.length):
            assert left is not None
            written.update(left.olds)
            left = left.before
        else:
            written.update(right.olds)
            right = right.before
    return left, written if left is not None else dict.fromkeys((*other, *one))


def hashable(value: object) -> bool:
    """Can a constant be the key of an object?"""
    return value is not NO and isinstance(value, str | int | float | bool | bytes | tuple | type(None))
