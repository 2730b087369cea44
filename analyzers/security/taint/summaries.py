"""Functions and classes of the program, interpreted with the values they are given.

What interpreting a function with given arguments came to is its summary; it is kept by the arguments' constants,
taints and shapes, so that a helper is interpreted once for each way it is used (Sharir and Pnueli's functional
approach, 1981, with values for data-flow facts). A function that calls itself with the same arguments adds nothing
to what its other ways return.

Invariant: a bound that is hit (depth, repetition, steps) makes the result what the arguments carry.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ..models import Sink
from .arguments import bind, declared
from .fold import truth
from .guards import Verdict, refine
from .kept import DEPTH, Kept, again, done_by, fits, lasts, plain
from .machine import FAR, MAX_DEPTH, Frame, Machine, Run
from .narrowing import narrow, part_of, reading, root, with_taints, written_to
from .program import Class, Function
from .values import (
    NO,
    UNKNOWN,
    Obj,
    Olds,
    Print,
    State,
    Taint,
    Value,
    attribute_key,
    constant,
    hashable,
    join_all,
    join_states,
    merged,
)

Args = tuple[Value, ...]
Kwargs = Mapping[str, Value]


_Shapes = dict[tuple[int, int], int]


def fingerprint(machine: Machine, value: Value, state: State, shapes: _Shapes, depth: int = DEPTH) -> int:
    """A number for what distinguishes a value for a summary. ``shapes`` holds those of the state's objects that were
    made before, by number and depth: an object costs the same on however many ways it can be reached."""
    known = value.print
    if known is not None and known.by is machine.mark:
        own = known.number
    else:
        const: object = value.const
        if not hashable(const):
            const = NO  # which None is not
        taints = frozenset([(taint.origin, taint.safe) for taint in value.taints]) if value.taints else ()
        own = machine.number_of((type(const), const, taints, value.ext, value.calls, value.prefix))
        value.print = Print(machine.mark, own)
    if not depth or not value.refs:
        return own
    inner: list[int] = []
    for number in value.refs:
        obj = state.heap.find(number)
        if obj is not None:
            known = obj.print
            if obj.kind == "class":
                inner.append(-number)  # those of others are above zero
            elif known is not None and known.by is machine.mark and not obj.linked:
                inner.append(known.number)
            else:
                shape = shapes.get((number, depth))
                inner.append(_shape(machine, number, obj, state, shapes, depth) if shape is None else shape)
    return machine.number_of((own, *inner)) if inner else own


def _shape(machine: Machine, number: int, obj: Obj, state: State, shapes: _Shapes, depth: int) -> int:
    """A number for what distinguishes an object."""
    known = obj.print
    if known is None or known.by is not machine.mark:
        held = [*obj.fields.items(), ("\0", obj.rest)]
        plain = frozenset(
            [
                (key, fingerprint(machine, each, state, shapes, 0))
                for key, each in held
                if each is not None and not each.refs
            ]
        )
        obj.linked = tuple([(key, each) for key, each in held if each is not None and each.refs])
        known = obj.print = Print(machine.mark, machine.number_of((obj.kind, obj.cls, obj.full, plain)))
    found = known.number
    if obj.linked:
        linked = frozenset([(key, fingerprint(machine, each, state, shapes, depth - 1)) for key, each in obj.linked])
        found = machine.number_of((found, linked))
        shapes[number, depth] = found
    return found


def _key(machine: Machine, function: Function, given: Mapping[str, Value], state: State) -> tuple[Any, ...]:
    """What a summary of a function is kept by."""
    shapes: _Shapes = {}
    parts = tuple([name for name in given if name[:1] == "@"])
    return function, parts, *[fingerprint(machine, value, state, shapes) for value in given.values()]


def invoke(
    machine: Machine, function: Function, args: Args, kwargs: Kwargs, star: Value | None, node: ast.AST, state: State
) -> Value:
    """Interprets a function of the program with its arguments."""
    outer, frames = machine.run, machine.frames
    outer.reached.add(function)
    if frames[-1].function is not None and frames[-1].function is not function:
        machine.called.add(function)
    given = bind(machine, function, args, kwargs, star, state)
    given.update(_looked_at(function, given, state))
    depth = len(frames)
    running = _running(machine, function, outer)
    untrusted = machine.carries(given.values(), state)
    if depth > FAR and not untrusted:
        outer.cut = True
        says = getattr(function.node, "returns", None)
        if says is None or (running and _key(machine, function, given, state) in machine.active):
            return UNKNOWN
        return declared(machine, function, says, state)
    key = _key(machine, function, given, state)
    if key in machine.active:
        return UNKNOWN
    if depth > MAX_DEPTH or running > 2 or machine.exhausted:
        outer.cut, outer.loose = outer.cut or depth > MAX_DEPTH, outer.loose or machine.exhausted
        taints = merged(taint for value in given.values() for taint in machine.deep(value, state))
        return Value(taints=taints)
    if untrusted:
        outer.tall = max(outer.tall, depth - outer.depth)
    else:
        outer.far = max(outer.far, depth - outer.depth)
    known = machine.memo.get(key)
    if known is not None and not machine.program.outdated(known.run):
        result = again(machine, known, given, state)
        if result is not None:
            _told(machine, known, outer)
            return _after(machine, function, given, result, known.exits, known.leaves, node, state)
    flows = {name: machine.noted(value, node) for name, value in given.items()}
    frame = Frame(function.module, function, parent=function.parent)
    begun, first = state.heap.point(), machine.program.latest
    found, steps, withdrawn = len(machine.flows), machine.steps, len(machine.withdrawn)
    inner = State(dict(flows), state.heap)
    run = Run(machine.program.clock, depth, round=machine.round)
    machine.noting(run)
    machine.active.add(key)
    frames.append(frame)
    try:
        if isinstance(function.node, ast.Lambda):
            value = machine.eval(function.node.body, inner)
            frame.returns.append((value, inner, function.node.body))
            end = None
        else:
            end = machine.block(function.node.body, inner)
        if end is not None:
            frame.returns.append((constant(None), end, None))
        exits = [
            (value, _exits(machine, frame, flows, value, at, expression)) for value, at, expression in frame.returns
        ]
    finally:
        machine.noting(outer)
        frames.pop()
        machine.active.discard(key)
        outer.owe(run, depth)
        outer.bound = min(outer.bound, run.bound)
    merged_state: State | None = None
    for _, at, _ in frame.returns:
        merged_state = join_states(merged_state, State({}, at.heap))
    if merged_state is not None:
        state.heap = merged_state.heap
    result = join_all(value for value, _, _ in frame.returns)
    if function.generator:
        element = join_all(frame.yields)
        result = machine.new(state, Obj("list", rest=element, full=False))
    olds = state.heap.trail.since(begun)
    assert olds is not None  # a call works on the heap of its caller, and on copies of it
    _forget(state, olds, result, machine)
    leaves = not frame.returns and not function.generator
    run.flows, run.steps = tuple(machine.flows[found:]), machine.steps - steps
    base = machine.program.base
    pure = not result.refs and not any(
        state.heap.get(number) is not old if old is not None else number in base and number in state.heap
        for number, old in olds.items()
    )
    verdicts = [each for _, each in exits]
    stays = not untrusted and lasts(machine, run)
    if pure and not result.calls:
        machine.memo[key] = Kept(result, verdicts, leaves, run, stays and not run.cut, None)
    elif stays and not run.flows and withdrawn == len(machine.withdrawn) and plain(given.values()):
        done = done_by(machine, given, result, olds, state, run, first)
        if done is not None:
            machine.memo[key] = Kept(result, verdicts, leaves, run, True, done)
    return _after(machine, function, given, result, verdicts, leaves, node, state)


def _running(machine: Machine, function: Function, outer: Run) -> int:
    """How many calls of a function are being interpreted; notes for the run that they decide what becomes of one
    more, as does what a function around it holds at the moment."""
    running = 0
    for place, frame in enumerate(machine.frames):
        if frame.function is function:
            running += 1
        elif frame is not function.parent:
            continue
        outer.bound = min(outer.bound, place)
    return running


def _told(machine: Machine, known: Kept, outer: Run) -> None:
    """Notes that a run makes use of what was kept, and tells what was found then, once a round."""
    run = known.run
    if known.done is None and not fits(machine, run):
        outer.loose = True
    outer.owe(run, len(machine.frames))
    if run.flows and run.round != machine.round:
        run.round = machine.round
        machine.flows += run.flows


def _forget(state: State, olds: Olds, result: Value, machine: Machine) -> None:
    """Drops the objects that a call made and that nothing which is left of it holds."""
    new = [number for number, old in olds.items() if old is None and number in state.heap]
    if len(new) < 16 or result.calls:
        return  # few of them, or a closure that may hold any
    kept: set[int] = set()
    stack = list(result.refs)
    for number, old in olds.items():
        obj = state.heap.get(number)
        if obj is not None and ((old is not None and old is not obj) or number in machine.program.base):
            stack += [ref for value in obj.everything() for ref in value.refs]
    while stack:
        number = stack.pop()
        obj = state.heap.get(number)
        if number in kept or obj is None or olds.get(number, obj) is not None:
            continue
        kept.add(number)
        stack += [ref for value in obj.everything() for ref in value.refs]
    for number in new:
        if number not in kept and number not in machine.program.base and state.heap[number].kind != "class":
            del state.heap[number]


def _is_same(now: Value, original: Value) -> bool:
    """Is this the value that was given, with no more than its taints changed by guards?"""
    return root(now) is root(original) or (now.derived is not None and now.derived is original.derived)


_Exit = tuple[
    Any, dict[str, tuple[Taint, ...]], dict[str, tuple[Taint, ...]] | None, dict[str, tuple[Taint, ...]] | None
]


def _exits(
    machine: Machine, frame: Frame, given: Mapping[str, Value], value: Value, at: State, expression: ast.expr | None
) -> _Exit:
    """What is left of each argument's taints where the function returns: in any case, if what it returns counts as
    true, and if not."""

    mapped = any([name[:2] == "@=" for name in given])

    def left(state: State | None) -> dict[str, tuple[Taint, ...]] | None:
        if state is None:
            return None
        found: dict[str, tuple[Taint, ...]] = {}
        for name, original in given.items():
            now = state.env.get(name)
            if original.taints:
                found[name] = now.taints if now is not None and _is_same(now, original) else original.taints
        if mapped:
            for name, now in state.env.items():
                if (name[:2] == "@=" and name not in given) or name[:1] == "!":
                    found[name] = now.taints
        return found

    always = left(at) or {}
    if not any(each.taints for each in given.values()):
        return None, {}, None, None
    known = truth(value)
    if_true = if_false = None
    if known is not False:
        if_true = (
            left(refine(machine, expression, True, at.copy())) if expression is not None and known is None else always
        )
    if known is not True:
        if_false = (
            left(refine(machine, expression, False, at.copy())) if expression is not None and known is None else always
        )
    return known, always, if_true, if_false


def _after(
    machine: Machine,
    function: Function,
    given: Mapping[str, Value],
    result: Value,
    exits: list[_Exit],
    leaves: bool,
    node: ast.AST,
    state: State,
) -> Value:
    """The result in the caller, whose values are narrowed by what the function checked."""
    if leaves:
        machine.leaving.add(node)
        return UNKNOWN
    if result.taints:
        result = machine.noted(result, node)
    subjects: list[tuple[Value, tuple[Taint, ...] | None, tuple[Taint, ...] | None]] = []
    for name, value in given.items():
        if not value.taints or not exits:
            continue
        always = merged(taint for _, each, _, _ in exits for taint in each.get(name, value.taints))
        if {(t.origin, t.safe) for t in always} != {(t.origin, t.safe) for t in value.taints}:
            narrow(state, value, with_taints(always))
        if_true, if_false = _if_either(exits, name)
        if if_true != if_false:
            subjects.append((value, if_true, if_false))
    subjects += _parts_after(given, exits, node, state)
    own = result.cond is None or not isinstance(result.cond, Verdict)
    if subjects and own and not result.taints and not function.generator:
        result = replace(result, cond=Verdict(tuple(subjects)))
    elif result.cond is not None and not isinstance(result.cond, Verdict):
        result = replace(result, cond=None)
    return result


def _if_either(exits: list[_Exit], name: str) -> tuple[tuple[Taint, ...] | None, tuple[Taint, ...] | None]:
    """What is left of an argument's taints if what the function returns counts as true, and if not."""
    trues = [each[name] for _, _, each, _ in exits if each is not None and name in each]
    falses = [each[name] for _, _, _, each in exits if each is not None and name in each]
    if_true = merged(taint for each in trues for taint in each) if trues else None
    return if_true, merged(taint for each in falses for taint in each) if falses else None


def _given_anew(function: Function) -> frozenset[str]:
    """Names that a function gives other values, worked out once."""
    known: frozenset[str] | None = function.node.__dict__.get("given_anew")
    if known is None:
        targets = [one for each in ast.walk(function.node) if isinstance(each, ast.Assign) for one in each.targets]
        known = frozenset([each.id for each in targets if isinstance(each, ast.Name)])
        function.node.__dict__["given_anew"] = known
    return known


def _looked_at(function: Function, given: Mapping[str, Value], state: State) -> dict[str, Value]:
    """Names for mappings that a function is given, and what the caller has looked at of them: ``@=name['key']``; and
    for what stays an argument where its name is given to something else."""
    found: dict[str, Value] = {}
    for name, value in given.items():
        if not value.taints or value.refs or (value.ext and name not in _given_anew(function)):
            continue
        found[f"@={name}"] = value
        start = reading(value, "", state)[:-1]
        if start:
            found.update(
                {f"@={name}{one[len(start) - 1 :]}": each for one, each in state.env.items() if one.startswith(start)}
            )
    return found


def _parts_after(
    given: Mapping[str, Value], exits: list[_Exit], node: ast.AST, state: State
) -> list[tuple[Value, tuple[Taint, ...] | None, tuple[Taint, ...] | None]]:
    """What a function that looked at parts of its arguments says of them, for the caller; it narrows those that it
    checked in any case."""
    subjects: list[tuple[Value, tuple[Taint, ...] | None, tuple[Taint, ...] | None]] = []
    for name in {name for _, each, _, _ in exits for name in each if name[:1] == "!"}:
        argument, _, part = name[1:].partition("[")
        written_to(given.get(argument, UNKNOWN), state, f"[{part}")
    for part in exits[0][1] if exits else ():
        if part[:2] != "@=":
            continue
        name, bracket, key = part[2:].partition("[")
        if not bracket or part in given or not all(part in each for _, each, _, _ in exits):
            continue
        owner = given.get(name, UNKNOWN)
        if not owner.taints:
            continue
        text = key[:-1]
        plain_key = text[:1] in ("'", '"') and "][" not in text
        kept = part_of(owner, ast.literal_eval(text), node, state) if plain_key else reading(owner, text, state)
        if not kept:
            continue
        always = merged(taint for _, each, _, _ in exits for taint in each[part])
        known = state.env.get(kept)
        if known is None:
            known = state.env[kept] = Value(taints=always)
        else:
            narrow(state, known, with_taints(always))
            known = state.env[kept]
        if_true, if_false = _if_either(exits, part)
        if if_true != if_false:
            subjects.append((known, if_true, if_false))
    return subjects


def construct(
    machine: Machine, cls: Class, args: Args, kwargs: Kwargs, star: Value | None, node: ast.AST, state: State
) -> Value:
    """A new instance of a class of the program."""
    external = cls.external()
    if any(each.startswith("enum.") for each in external):
        return UNKNOWN  # one of the values that the class lists
    if star is not None and star.taints and is_record(cls):
        machine.at_sink(_RECORD, star.taints, node)
    ext = tuple([each for each in external if not each.startswith("builtins.")])
    made = Value(refs=machine.new(state, Obj("object", {}, None, cls, False)).refs, ext=ext)
    found = cls.attribute("__init__", state) or cls.attribute("__new__", state)
    function = (
        next((each for each in found[0].calls if isinstance(each, Function)), None) if found is not None else None
    )
    if function is not None:
        invoke(machine, function, (made, *args), kwargs, star, node, state)
        return made
    names = [name for name, _ in cls.fields()]
    for position, name in enumerate(names):
        value = args[position] if position < len(args) else kwargs.get(name, star if star is not None else None)
        if value is None:
            default = cls.attribute(name, state)
            value = _made(machine, default[0], node, state) if default is not None else UNKNOWN
        machine.put(made, attribute_key(name), clean_for(machine, cls, name, value, state), state)
    for name, value in kwargs.items():
        if name not in names:
            machine.put(made, attribute_key(name), value, state)
    if any(each.endswith("NamedTuple") for each in external):
        _indexed(made, names, state)
    if any(each.endswith(("Exception", "Error")) for each in external):
        carried = merged(taint for value in args for taint in machine.deep(value, state))
        made = replace(made, taints=carried) if carried else made
    after = cls.attribute("__post_init__", state)
    for each in after[0].calls if after is not None else ():
        if isinstance(each, Function):
            invoke(machine, each, (made,), {}, None, node, state)
    return made


def _made(machine: Machine, default: Value, node: ast.AST, state: State) -> Value:
    """A default of a field; a factory is called for each instance."""
    from .calls import apply

    if default.derived is None or default.derived[0] != "factory":
        return default
    call = ast.copy_location(ast.Call(ast.Name("", ast.Load()), [], []), node)
    return apply(machine, default.derived[1], call, (), {}, None, state)


def _indexed(made: Value, names: list[str], state: State) -> None:
    """Gives the fields of a named tuple their positions as well."""
    for number in made.refs:
        obj = state.heap[number]
        places = {index: obj.fields[attribute_key(name)] for index, name in enumerate(names)}
        state.heap[number] = Obj("tuple", {**places, **obj.fields}, None, obj.cls, True)


_RECORD = Sink("massassign", ())
_TABLES = ("Model", "Base", "DeclarativeBase", "Document", "Entity", "SQLModel")


def is_record(cls: Class) -> bool:
    """Is a class a table of a database? By its bases, or by columns among its attributes."""
    names = {each.rpartition(".")[2] for each in cls.external()} | {each.name for each in cls.ancestors()}
    names |= {each.attr for each in cls.node.bases if isinstance(each, ast.Attribute)}
    names |= {each.id for each in cls.node.bases if isinstance(each, ast.Name)}
    return bool(names & set(_TABLES)) and "BaseModel" not in names


def _converts(cls: Class, name: str) -> bool:
    """``number: int = attrs.field(converter=int)``: what the class keeps is a number."""
    return any(
        word.arg == "converter" and isinstance(word.value, ast.Name) and word.value.id in ("int", "float", "bool")
        for each in cls.node.body
        if isinstance(each, ast.AnnAssign) and isinstance(each.target, ast.Name) and each.target.id == name
        for word in (each.value.keywords if isinstance(each.value, ast.Call) else ())
    )


def clean_for(machine: Machine, cls: Class, name: str, value: Value, state: State) -> Value:
    """A field of a class that converts what it is given (pydantic and the like do, dataclasses do not)."""
    if value.taints and _converts(cls, name):
        return UNKNOWN
    validated = any("pydantic" in each or "BaseModel" in each or "Struct" in each for each in cls.external())
    if not validated or not value.taints:
        return value
    from .entries import converted

    owner = next((each for each in cls.ancestors() if name in each.annotations), cls)
    return converted(machine, owner, owner.annotations.get(name), name, value, state)
