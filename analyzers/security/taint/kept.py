"""What interpreting a function came to, kept so that it is done again instead of interpreted again.

A summary that changes nothing outside is its result. One that does (a constructor that fills its instance, say) is
kept with what it changed, by the place of each object among what the arguments refer to: with other objects in the
same places the same is done to those. That is said only of calls that get nothing untrusted, and only where what was
interpreted depended on nothing else: what it looked at besides is the same object as then, nothing that it read was
written, no function of it is running, and as many calls lie below it as then, or so few that none is too deep.

Invariant: doing it again leaves what interpreting it would leave; where that is not certain, it is interpreted.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from .machine import FAR, MAX_DEPTH, MAX_STEPS, Machine, Run
from .program import Bound, Class, Function, Partial
from .values import Base, Heap, Obj, Olds, State, Value

#: How far objects refer to each other where they are told apart for a summary.
DEPTH = 3

_Find = Callable[[int], Obj | None]


@dataclass(slots=True, eq=False)
class Done:
    """What a function changed. ``order``: the objects that its arguments refer to; ``shape``: how they do; ``needs``:
    what other objects it looked at, and what they were; ``changes``: what became of objects that were there;
    ``made``: those that were not."""

    order: tuple[int, ...]
    shape: tuple[Any, ...]
    needs: tuple[tuple[int, Obj | None], ...]
    changes: tuple[tuple[int, Obj, Obj], ...]
    made: tuple[tuple[int, Obj], ...]


@dataclass(slots=True, eq=False)
class Kept:
    """A summary. ``lasts``: it got nothing untrusted and depends on nothing of the moment."""

    result: Value
    exits: list[Any]
    leaves: bool
    run: Run
    lasts: bool
    done: Done | None  # None: it changes nothing


def lasts(machine: Machine, run: Run) -> bool:
    """Does what a run came to depend on nothing but what is noted of it?"""
    return not (run.loose or run.bound < run.depth or machine.exhausted)


def fits(machine: Machine, run: Run) -> bool:
    """Would a run go here as it went then, as far as the calls around it matter?"""
    depth = len(machine.frames)
    if run.cut:
        if depth != run.depth:
            return False
    elif depth + run.far > FAR or depth + run.tall > MAX_DEPTH:
        return False
    if run.bound < run.depth or any(frame.function in run.reached for frame in machine.frames):
        return False
    return machine.entry_of is None or machine.entry_of[0] not in run.reached


def layout(values: Iterable[Value], find: _Find, base: Base) -> tuple[dict[int, int], tuple[Any, ...]]:
    """The places of the objects that values refer to, and how they do. Objects of modules are themselves."""
    order: dict[int, int] = {}
    seen: dict[int, int] = {}
    shape: list[Any] = []

    def walk(value: Value, depth: int) -> None:
        for number in value.refs:
            if number in base:
                shape.append(-number)
            elif not depth:
                place = order.get(number)
                shape.append(-number if place is None else place)
            else:
                obj = find(number)
                if obj is None or obj.kind == "class":
                    shape.append(-number)
                    continue
                shape.append(order.setdefault(number, len(order)))
                if seen.get(number, 0) < depth:
                    seen[number] = depth
                    for key, each in obj.linked:
                        shape.append(key)
                        walk(each, depth - 1)
        shape.append(None)

    for each in values:
        walk(each, DEPTH)
    return order, tuple(shape)


def plain(values: Iterable[Value]) -> bool:
    """Are values no parts or tests of others?"""
    return all(each.derived is None and each.cond is None for each in values)


def done_by(
    machine: Machine, given: Mapping[str, Value], result: Value, olds: Olds, state: State, run: Run, first: int
) -> Done | None:
    """What a run changed that began when ``first`` was the latest number; None if it cannot be said."""
    heap, base = state.heap, machine.program.base

    def before(number: int) -> Obj | None:
        found = olds[number] if number in olds else heap.get(number)
        return base.get(number) if found is None else found

    changes: list[tuple[int, Obj, Obj]] = []
    for number, old in olds.items():
        now = heap.get(number)
        if number > first:
            if now is not None and (number in base or now.kind == "class"):
                return None
            continue
        old = base.get(number) if old is None else old
        if now is not old:
            if now is None or old is None:
                return None
            changes.append((number, old, now))
    kept = _Collected(heap, base, first)
    if not kept.take(result):
        return None
    for _, old, now in changes:
        if not all(kept.take(each) for key, each in now.fields.items() if old.fields.get(key) is not each):
            return None
        if now.rest is not None and now.rest is not old.rest and not kept.take(now.rest):
            return None
    if not kept.follow():
        return None
    order, shape = layout(given.values(), before, base)
    looked = run.touched.union([each for each in run.reads if isinstance(each, int)], [each[0] for each in changes])
    needs = tuple([(each, before(each)) for each in looked if each <= first and each not in order])
    return Done(tuple(order), shape, needs, tuple(changes), tuple(kept.made.items()))


class _Collected:
    """The objects that a run made and that are left of it."""

    def __init__(self, heap: Heap, base: Base, first: int) -> None:
        self.made: dict[int, Obj] = {}
        self._heap, self._base, self._first = heap, base, first
        self._waiting: list[int] = []

    def take(self, value: Value) -> bool:
        """Can a value be there again? Not if it is untrusted or a definition of its own."""
        if value.taints:
            return False
        if value.refs:
            self._waiting += [each for each in value.refs if each > self._first and each not in self._base]
        if value.derived is not None:
            inner = value.derived[1]
            if inner.refs or inner.calls or inner.taints or inner.derived is not None:
                return False
        return not value.calls or all(self._callable(each) for each in value.calls)

    def _callable(self, each: object) -> bool:
        if isinstance(each, Function):
            return each.number <= self._first
        if isinstance(each, Class):
            return each.number <= self._first
        if isinstance(each, Bound):
            return each.function.number <= self._first and self.take(each.receiver)
        if isinstance(each, Partial):
            return self.take(each.callee) and all(map(self.take, (*each.args, *each.kwargs.values())))
        return False

    def follow(self) -> bool:
        while self._waiting:
            number = self._waiting.pop()
            if number in self.made:
                continue
            obj = self._heap.get(number)
            if obj is None:
                continue  # forgotten: nothing is known of it
            self.made[number] = obj
            if not all(map(self.take, obj.everything())):
                return False
        return True


def again(machine: Machine, kept: Kept, given: Mapping[str, Value], state: State) -> Value | None:
    """Does what a function did, to the objects that are there now; None if it has to be interpreted."""
    run, done = kept.run, kept.done
    if done is None:
        return kept.result
    heap, base = state.heap, machine.program.base
    if machine.steps + run.steps > MAX_STEPS or not plain(given.values()) or not fits(machine, run):
        return None
    for number, obj in done.needs:
        found = heap.get(number)
        if (base.get(number) if found is None else found) is not obj:
            return None
    order, shape = layout(given.values(), heap.get, base)
    if shape != done.shape:
        return None
    moved = {old: new for old, new in zip(done.order, order, strict=True) if old != new}
    for number, _ in done.made:
        moved[number] = machine.program.next_number()
    for number, old, now in done.changes:
        place = moved.get(number, number)
        here = heap.get(place)
        here = base[place] if here is None else here
        heap[place] = _changed(here, old, now, moved)
    for number, obj in done.made:
        heap[moved[number]] = _moved(obj, moved)
    machine.steps += run.steps
    machine.run.touched.update(order)
    return _renamed(kept.result, moved)


def _changed(here: Obj, old: Obj, now: Obj, moved: Mapping[int, int]) -> Obj:
    """What becomes of an object, as ``old`` became ``now``."""
    if here is old:
        return _moved(now, moved)
    fields: dict[Any, Value] = {}
    for key, value in now.fields.items():
        was = old.fields.get(key)
        fields[key] = here.fields[key] if was is value and key in here.fields else _renamed(value, moved)
    rest = here.rest if now.rest is old.rest else _renamed(now.rest, moved) if now.rest is not None else None
    return Obj(now.kind, fields, rest, now.cls, now.full)


def _moved(obj: Obj, moved: Mapping[int, int]) -> Obj:
    """An object with other objects in the places of those that it refers to."""
    fields = {key: _renamed(each, moved) for key, each in obj.fields.items()}
    rest = _renamed(obj.rest, moved) if obj.rest is not None else None
    if rest is obj.rest and all(each is obj.fields[key] for key, each in fields.items()):
        return obj
    return Obj(obj.kind, fields, rest, obj.cls, obj.full)


def _renamed(value: Value, moved: Mapping[int, int]) -> Value:
    refs, calls = value.refs, value.calls
    if refs:
        refs = tuple([moved.get(each, each) for each in refs])
    if calls:
        calls = tuple([_recalled(each, moved) for each in calls])
    if refs == value.refs and all(one is other for one, other in zip(calls, value.calls, strict=True)):
        return value
    return Value(
        value.const, value.taints, refs, value.ext, calls, value.prefix, value.built, value.derived, value.cond
    )


def _recalled(each: Any, moved: Mapping[int, int]) -> Any:
    if isinstance(each, Bound):
        receiver = _renamed(each.receiver, moved)
        return each if receiver is each.receiver else Bound(each.function, receiver)
    if isinstance(each, Partial):
        callee, args = _renamed(each.callee, moved), tuple([_renamed(one, moved) for one in each.args])
        kwargs = {name: _renamed(one, moved) for name, one in each.kwargs.items()}
        same = callee is each.callee and all(map(_is, args, each.args))
        return each if same and all(map(_is, kwargs.values(), each.kwargs.values())) else Partial(callee, args, kwargs)
    return each


def _is(one: object, other: object) -> bool:
    return one is other
