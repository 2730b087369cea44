"""What looking into objects costs: as much as there are objects, on however many ways they can be reached."""

from __future__ import annotations

import ast
import gc
import weakref

from suture.analyzers.security.taint.analysis import machine_for
from suture.analyzers.security.taint.machine import Machine
from suture.analyzers.security.taint.program import Program
from suture.analyzers.security.taint.summaries import fingerprint
from suture.analyzers.security.taint.values import UNKNOWN, Obj, Origin, State, Step, Taint, Value, constant

OBJECTS = 60


class _Counted(dict[tuple[int, int], int]):
    """Shapes of objects; counts those that were made."""

    made = 0

    def __setitem__(self, key: tuple[int, int], value: int) -> None:
        self.made += 1
        super().__setitem__(key, value)


def _everybody_knows_everybody(last: Value) -> tuple[Machine, State, Value]:
    """Objects each of which holds all; one of them holds ``last``, too."""
    machine = machine_for(Program((), lambda _: None))
    state = machine.program.state()
    numbers = [machine.program.next_number() for _ in range(OBJECTS)]
    held = {index: Value(refs=(number,)) for index, number in enumerate(numbers)}
    for number in numbers:
        state.heap[number] = Obj("list", {**held, "last": last} if number == numbers[-1] else held)
    return machine, state, Value(refs=(numbers[0],))


def test_a_taint_in_a_web_of_objects_is_found() -> None:
    origin = Origin("web", "app.py", 1, 0, "q")
    taint = Taint(origin, frozenset(), (Step("app.py", ast.Constant(0), "q"),))
    machine, state, first = _everybody_knows_everybody(Value(taints=(taint,)))
    assert machine.deep(first, state) == (taint,)
    assert machine.carries([first], state)


def test_a_web_of_objects_without_a_taint_carries_none() -> None:
    machine, state, first = _everybody_knows_everybody(constant(1))
    assert machine.deep(first, state) == ()
    assert not machine.carries([first], state)


def test_the_shape_of_each_object_is_made_once_for_each_depth() -> None:
    machine, state, first = _everybody_knows_everybody(constant(1))
    shapes = _Counted()
    fingerprint(machine, first, state, shapes)
    assert 0 < shapes.made <= 3 * OBJECTS


def test_what_an_object_holds_decides_about_its_fingerprint() -> None:
    machine, state, first = _everybody_knows_everybody(constant(1))
    before = fingerprint(machine, first, state, {})
    assert fingerprint(machine, first, state, {}) == before
    state.heap[first.refs[0]] = state.heap[first.refs[0]].put("more", constant(2))
    assert fingerprint(machine, first, state, {}) != before


def test_a_value_that_all_programs_share_does_not_keep_one_of_them() -> None:
    machine, state, _ = _everybody_knows_everybody(constant(1))
    fingerprint(machine, UNKNOWN, state, {})
    program, machine = weakref.ref(machine.program), weakref.ref(machine)
    del state, _
    gc.collect()
    assert program() is None
    assert machine() is None
