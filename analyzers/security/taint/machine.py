"""The abstract machine: statements over states, frames of functions, what was found on the way.

A function is interpreted with the values that reach it; branches fork the state and join it again, a branch whose test
is a known constant is not taken, a loop's body is interpreted until its values are stable, at most three times.

Invariant: ends. Steps, depth of calls and repetitions are bounded; where a bound is hit, less is known, not more.
Invariant: what it reports was reached by a value that it can show the way of.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from .values import (
    NO,
    UNKNOWN,
    Heap,
    Obj,
    Origin,
    State,
    Step,
    Taint,
    Value,
    attribute_key,
    constant,
    join,
    join_all,
    join_states,
    merged,
    stepped,
)

if TYPE_CHECKING:
    from ..models import Knowledge, Sink
    from .program import Function, Module, Program

#: Statements that are interpreted for one entry, and calls that may lie on top of each other.
MAX_STEPS = 8_000
MAX_DEPTH = 8

#: Calls this deep are followed only for the untrusted values that they are given.
FAR = 4

#: No frame lies as low.
NOTHING_BELOW = 1 << 30


def _list() -> list[Any]:
    """What a call begins with. (To call ``list[State]`` takes three times as long.)"""
    return []


def _set() -> set[Any]:
    return set()


@dataclass(slots=True, eq=False)
class Frame:
    """A function (or module) that is being interpreted."""

    module: Module
    function: Function | None = None
    state: State | None = None
    parent: Frame | None = None  # of a nested function: the frame that defined it
    returns: list[tuple[Value, State, ast.expr | None]] = field(default_factory=_list)
    breaks: list[State] = field(default_factory=_list)
    continues: list[State] = field(default_factory=_list)
    raises: list[State] = field(default_factory=_list)
    yields: list[Value] = field(default_factory=_list)
    globals: set[str] = field(default_factory=_set)
    nonlocals: set[str] = field(default_factory=_set)
    closures: bool = False  # are there functions that see its names?
    entry: bool = False
    view: str = ""  # what becomes of what an entry returns


@dataclass(slots=True, eq=False)
class Run:
    """One run of a function, with the runs of others of which it made use: what it read of the program (numbers of
    objects, attributes, names of modules), what it found, which functions it reached, and what else decided how it
    went (see :mod:`.kept`)."""

    begun: int  # by the clock of the program
    depth: int = 0  # so many frames lay below its own
    looked: int = 0  # up to when it is known that nothing of what it read was written
    reads: set[Any] = field(default_factory=_set)
    touched: set[int] = field(default_factory=_set)  # objects that it looked at in the heap
    reached: set[Function] = field(default_factory=_set)
    flows: Sequence[Flow] = ()
    round: int = 0  # in which its flows were told
    steps: int = 0
    far: int = 0  # so many frames above lay the farthest call without untrusted values that was followed,
    tall: int = 0  # and the farthest with them
    cut: bool = False  # was a call not followed for its depth?
    bound: int = NOTHING_BELOW  # the lowest frame of whose function there was another call: what it did depends on it
    loose: bool = False  # did something that is not noted here decide?

    def owe(self, other: Run, depth: int) -> None:
        """Takes over what another run depends on and reached, of which this one made use at a depth."""
        self.reads |= other.reads
        self.touched |= other.touched
        self.reached |= other.reached
        above = depth - self.depth
        self.far, self.tall = max(self.far, above + other.far), max(self.tall, above + other.tall)
        self.cut, self.loose = self.cut or other.cut, self.loose or other.loose


@dataclass(slots=True, eq=False)
class Call:
    """A call as hooks and sinks see it: what is called, on what, with which values. It is never changed (making a
    ``frozen`` one costs three times as much, and there is one for each method that is called)."""

    node: ast.Call
    name: str  # dotted, or ``.method``
    receiver: Value | None
    args: tuple[Value, ...]
    kwargs: Mapping[str, Value]
    state: State
    star: Value | None = None  # what ``*args`` and ``**kwargs`` hold, if their length is not known

    @property
    def first(self) -> Value:
        """The first positional argument."""
        return self.args[0] if self.args else UNKNOWN

    def arg(self, *selectors: int | str) -> Value | None:
        """The first argument that is there."""
        for each in selectors:
            if isinstance(each, int):
                if each < len(self.args):
                    return self.args[each]
            elif each in self.kwargs:
                return self.kwargs[each]
            elif each == "self" and self.receiver is not None:
                return self.receiver
        return None

    def const(self, *selectors: int | str) -> Any:
        """The constant that an argument is; ``NO`` if it is none or not known."""
        value = self.arg(*selectors)
        return NO if value is None else value.const


@dataclass(frozen=True, slots=True, eq=False)
class Flow:
    """An untrusted value at a sink."""

    rule: str
    path: str
    node: ast.AST
    taint: Taint
    says: str = ""
    ticket: int = 0  # a later statement may take it back


Handler = Callable[["Machine", Any, State], Any]


class Machine:
    """Interprets functions of a program."""

    def __init__(
        self, program: Program, knowledge: Knowledge, tables: tuple[Mapping[type, Handler], Mapping[type, Handler]]
    ) -> None:
        self.program = program
        self.knowledge = knowledge
        self._handlers, self.statements = tables
        self.flows: list[Flow] = []
        self.withdrawn: set[int] = set()
        self.frames: list[Frame] = []
        self.steps = 0
        self.last: dict[ast.AST, Value] = {}  # the latest value of a call or test, for guards
        self.memo: dict[Any, Any] = {}
        self.round = 0
        self._numbers: dict[Any, int] = {}
        self.mark = object()  # on its fingerprints: what outlives the machine (:data:`UNKNOWN`) must not hold it
        self.in_unit = False  # only one definition is known, not its module
        self.run = Run(0)
        self.noting(self.run)
        self.called: set[Function] = set()  # functions that another one was seen to call
        self.asks_parameters = False  # are parameters that nobody fills followed as well?
        self.active: set[Any] = set()  # functions with their arguments that are being interpreted
        self.testing: set[int] = set()  # kept results of tests whose tests are looked at
        self.leaving: set[ast.AST] = set()  # calls that never come back
        self.entry_of: tuple[Function, str] | None = None  # the entry that is run, and what becomes of its result

    def noting(self, run: Run) -> Run:
        """What is read from now on is read by ``run``; returns the one that it was read by."""
        before, self.run = self.run, run
        base = self.program.base
        base.reads, base.touched = run.reads, run.touched
        return before

    @property
    def exhausted(self) -> bool:
        return self.steps > MAX_STEPS

    @property
    def frame(self) -> Frame:
        return self.frames[-1]

    @property
    def path(self) -> str:
        return self.frames[-1].module.path

    def number_of(self, what: Any) -> int:
        """The same number for equal things: comparing numbers costs nothing, however much they stand for."""
        return self._numbers.setdefault(what, len(self._numbers) + 1)

    # -- objects

    def new(self, state: State, obj: Obj) -> Value:
        number = self.program.next_number()
        state.heap[number] = obj
        return Value(refs=(number,))

    def objects(self, value: Value, state: State) -> list[tuple[int, Obj]]:
        found: list[tuple[int, Obj]] = []
        for number in value.refs:
            obj = state.heap.find(number)
            if obj is not None:
                found.append((number, obj))
        return found

    def deep(self, value: Value, state: State, depth: int = 4) -> tuple[Taint, ...]:
        """Taints of a value and of all that is in it."""
        if not value.refs or depth <= 0:
            return value.taints
        found = list(value.taints)
        self._dig(value.refs, state.heap, depth, {}, found)
        return merged(found) if found else ()

    def _dig(self, refs: tuple[int, ...], heap: Heap, depth: int, seen: dict[int, int], found: list[Taint]) -> None:
        """Adds the taints in some objects, down to a depth. An object that was ``seen`` from as far above holds
        nothing more, so that it does not matter on how many ways it can be reached."""
        for number in refs:
            if seen.get(number, 0) >= depth:
                continue
            seen[number] = depth
            obj = heap.find(number)
            for each in obj.telling if obj is not None else ():
                found += each.taints
                if each.refs and depth > 1:
                    self._dig(each.refs, heap, depth - 1, seen, found)

    def carries(self, values: Iterable[Value], state: State, depth: int = 4) -> bool:
        """Is there a taint in one of some values, or in what is in it?"""
        find, seen = state.heap.find, set[int]()
        while True:
            refs: list[int] = []
            for each in values:
                if each.taints:
                    return True
                refs += each.refs
            if not refs or not depth:
                return False
            inner: list[Value] = []
            for number in refs:
                if number not in seen:
                    seen.add(number)
                    obj = find(number)
                    if obj is not None:
                        inner += obj.telling
            values, depth = inner, depth - 1

    def element(self, value: Value, state: State, node: ast.AST | None = None) -> Value:
        """What iterating over a value gives."""
        found: list[Value] = []
        for _, obj in self.objects(value, state):
            if obj.kind == "dict":
                found += [constant(key) for key in obj.fields if not (isinstance(key, str) and key[:1] == "\0")]
                key_value = obj.fields.get("\0keys")
                found += [key_value] if key_value is not None else []
            else:
                found += obj.elements()
        if value.taints:
            found.append(Value(taints=value.taints))
        elif isinstance(value.const, str):
            found.append(UNKNOWN)
        ext = tuple(
            name
            for each in value.ext
            if (name := self.knowledge.canonical(f"{each}.__iter__")) and name in self.knowledge.functions
        )
        for name in ext:
            model = self.knowledge.functions[name]
            taints = value.taints
            if model.source and node is not None:
                taints = (self.taint(model.source, node, name.rpartition(".")[0]),)
            found.append(Value(ext=(model.returns,) if model.returns else (), taints=taints))
        return join_all(found)

    def put(self, owner: Value, key: Any, value: Value, state: State) -> None:
        """Stores under a key (``NO``: one that is not known). With one object it is an overwrite, else an addition."""
        strong = len(owner.refs) == 1
        for number, obj in self.objects(owner, state):
            if key is NO:
                state.heap[number] = obj.blur(value)
            elif strong:
                state.heap[number] = obj.put(key, value)
            else:
                old = obj.get(key)
                state.heap[number] = obj.put(key, value if old is None else join(old, value))

    # -- names

    def lookup(self, name: str, state: State) -> Value | None:
        frame = self.frames[-1]
        if name not in frame.globals:
            found = state.env.get(name)
            if found is not None:
                return found
            parent = frame.parent
            while parent is not None:
                if parent.state is not None and name in parent.state.env:
                    return parent.state.env[name]
                parent = parent.parent
        return frame.module.name(name)

    def assign_name(self, name: str, value: Value, state: State) -> None:
        frame = self.frame
        if name in frame.globals:
            frame.module.store(name, value)
        elif name in frame.nonlocals:
            parent = frame.parent
            while parent is not None:
                if parent.state is not None and name in parent.state.env:
                    self.run.loose = True
                    parent.state.env[name] = join(parent.state.env[name], value)
                    return
                parent = parent.parent
        state.env[name] = value

    # -- running

    def eval(self, node: ast.expr | None, state: State) -> Value:
        if node is None:
            return UNKNOWN
        handler = self._handlers.get(type(node))
        return handler(self, node, state) if handler is not None else UNKNOWN

    def block(self, statements: Sequence[ast.stmt], state: State | None) -> State | None:
        """The state behind some statements; None if they always leave."""
        frame, handlers = self.frames[-1], self.statements
        for statement in statements:
            if state is None:
                return None
            self.steps += 1
            if self.steps > MAX_STEPS:
                return state
            handler = handlers.get(type(statement))
            if handler is not None:
                frame.state = state
                state = handler(self, statement, state)
        if state is not None:
            frame.state = state
        return state

    # -- finding

    def at_sink(self, sink: Sink, taints: Iterable[Taint], node: ast.AST, says: str = "") -> int:
        """Notes the taints that a sink must not get; returns a ticket with which they can be taken back."""
        ticket = 0
        kinds = {sink.rule, "*"}
        for taint in taints:
            kind = "web" if taint.origin.kind == "cgi" and "cgi" not in sink.origins else taint.origin.kind
            if kind not in sink.origins or kinds & taint.safe:
                continue
            if sink.rule == "pathtraver" and taint.safe >= {"-dots", "-absolute"}:
                continue
            if sink.rule in ("redirect", "ssrf") and taint.safe >= {"+slash", "-double"}:
                continue
            if sink.rule == "xpathi" and taint.safe >= {"-single", "-quote"}:
                continue
            ticket = ticket or self.program.next_number()
            self.flows.append(Flow(sink.rule, self.path, node, taint, says or sink.says, ticket))
        return ticket

    def taint(self, kind: str, node: ast.AST, label: str) -> Taint:
        """A new source at a node."""
        line, column = getattr(node, "lineno", 1), getattr(node, "col_offset", 0)
        origin = Origin(kind, self.path, line, column, label)
        return Taint(origin, frozenset(), (Step(self.path, node, label),))

    def noted(self, value: Value, node: ast.AST, text: str = "") -> Value:
        """The value with a place added to its way."""
        if not value.taints:
            return value
        same = value.derived if value.derived is not None else ("same", value)
        taints = stepped(value.taints, self.path, node, text)
        return Value(
            value.const, taints, value.refs, value.ext, value.calls, value.prefix, value.built, same, value.cond
        )


__all__ = [
    "MAX_DEPTH",
    "Call",
    "Flow",
    "Frame",
    "Heap",
    "Machine",
    "attribute_key",
    "join_states",
]
