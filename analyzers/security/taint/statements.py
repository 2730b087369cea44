"""Statements of the abstract machine."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import replace

from .arguments import declared
from .calls import attribute_set, caught, entered, item_set, leaves, returned, trust_check
from .fold import operation, truth
from .guards import refine
from .lower import FUNCTIONS
from .machine import Handler, Machine
from .narrowing import none_unchecked, written_to
from .rounds import fill, only_filled
from .values import NO, UNKNOWN, Obj, State, Value, attribute_key, constant, hashable, is_tuple, join, join_states

#: How often the body of a loop is interpreted at most.
ROUNDS = 3


def assign(machine: Machine, target: ast.expr, value: Value, state: State, node: ast.AST) -> None:
    """Binds what is on the left of an assignment."""
    if isinstance(target, ast.Name):
        machine.assign_name(target.id, machine.noted(value, node), state)
    elif isinstance(target, ast.Tuple | ast.List):
        unpack(machine, target.elts, value, state, node)
    elif isinstance(target, ast.Starred):
        inner = machine.new(state, Obj("list", rest=machine.element(value, state), full=False))
        assign(machine, target.value, inner, state, node)
    elif isinstance(target, ast.Attribute):
        owner = owner_of(machine, target.value, state)
        attribute_set(machine, owner, target, value, state)
        machine.put(owner, attribute_key(target.attr), machine.noted(value, node), state)
    elif isinstance(target, ast.Subscript):
        key = machine.eval(target.slice, state)
        part = f"[{key.const!r}]" if isinstance(key.const, str) else "["
        owner = owner_of(machine, target.value, state, part)
        item_set(machine, owner, key, value, target, state)
        machine.put(owner, key.const if hashable(key.const) else NO, machine.noted(value, node), state)
        if key.taints:
            key_value = Value(taints=machine.deep(key, state))
            for number, obj in machine.objects(owner, state):
                if obj.kind == "dict":
                    state.heap[number] = obj.put("\0keys", key_value)


def owner_of(machine: Machine, node: ast.expr, state: State, part: str = "") -> Value:
    """The object that something is stored in; a name of which nothing is known becomes an object."""
    value = machine.eval(node, state)
    if value.taints and part:
        written_to(value, state, part)
    if value.refs or not isinstance(node, ast.Name | ast.Attribute):
        return value
    if any(f"{each}.__setitem__" in machine.knowledge.functions for each in value.ext):
        return value
    made = machine.new(state, Obj("", full=False, rest=Value(taints=value.taints) if value.taints else None))
    merged = Value(
        const=NO, taints=value.taints, refs=made.refs, ext=value.ext, calls=value.calls, derived=value.derived
    )
    if isinstance(node, ast.Name):
        if node.id in state.env:
            state.env[node.id] = merged
        else:
            machine.frame.module.adopt(node.id, merged, state)
    else:
        owner = machine.eval(node.value, state)
        machine.put(owner, attribute_key(node.attr), merged, state)
    return merged


def unpack(machine: Machine, targets: list[ast.expr], value: Value, state: State, node: ast.AST) -> None:
    objects = machine.objects(value, state)
    starred = any(isinstance(each, ast.Starred) for each in targets)
    if starred and len(objects) == 1 and objects[0][1].full and objects[0][1].kind in ("list", "tuple"):
        _unpack_starred(machine, targets, list(objects[0][1].elements()), state, node)
        return
    for position, target in enumerate(targets):
        parts: list[Value] = []
        for _, obj in objects:
            part = None if starred and position else obj.get(position)
            parts.append(part if part is not None else UNKNOWN)
        if not objects or starred:
            parts.append(machine.element(value, state))
        if (isinstance(value.const, str) or is_tuple(value.const)) and position < len(value.const):
            parts = [constant(value.const[position])]
        result = parts[0] if parts else UNKNOWN
        for part in parts[1:]:
            result = join(result, part)
        if value.derived is not None and value.derived[0] in ("split", "parts"):
            result = Value(taints=value.taints)
        assign(machine, target, result, state, node)


def _unpack_starred(
    machine: Machine, targets: list[ast.expr], values: list[Value], state: State, node: ast.AST
) -> None:
    """``first, *rest, last = …`` where every element is known."""
    star = next(index for index, each in enumerate(targets) if isinstance(each, ast.Starred))
    behind = len(targets) - star - 1
    middle = values[star : len(values) - behind]
    shared = [*values[:star], machine.new(state, Obj("list", dict(enumerate(middle)))), *values[len(values) - behind :]]
    for target, value in zip(targets, shared, strict=False):
        assign(machine, target.value if isinstance(target, ast.Starred) else target, value, state, node)


def _assign(machine: Machine, node: ast.Assign, state: State) -> State:
    value = machine.eval(node.value, state)
    for target in node.targets:
        assign(machine, target, value, state, node)
    return state


def _ann_assign(machine: Machine, node: ast.AnnAssign, state: State) -> State:
    if node.value is not None:
        value = machine.eval(node.value, state)
        assign(machine, node.target, _as_annotated(machine, node.annotation, value, state), state, node)
    return state


def _as_annotated(machine: Machine, annotation: ast.expr, value: Value, state: State) -> Value:
    """``session: ClientSession = request.app["session"]``: what is fetched is also what it is said to be."""
    function = machine.frame.function
    if function is None or value.refs or value.calls or value.const is not NO or value.taints:
        return value
    said = declared(machine, function, annotation, state)
    return replace(value, ext=tuple(dict.fromkeys((*value.ext, *said.ext)))) if said.ext else value


def _aug_assign(machine: Machine, node: ast.AugAssign, state: State) -> State:
    old = machine.eval(node.target, state)
    value = machine.eval(node.value, state)
    if old.refs and isinstance(node.op, ast.Add | ast.BitOr):
        # ``items += more`` changes the object itself.
        for number, obj in machine.objects(old, state):
            for _, more in machine.objects(value, state):
                if obj.kind == "dict":
                    for key, each in more.fields.items():
                        obj = obj.put(key, each)
                else:
                    obj = obj.blur(machine.element(value, state))
                state.heap[number] = obj
        if value.taints:
            machine.put(old, NO, Value(taints=value.taints), state)
        return state
    made = ast.copy_location(ast.BinOp(node.target, node.op, node.value), node)
    assign(machine, node.target, operation(machine, made, old, value, state), state, node)
    return state


def _expr(machine: Machine, node: ast.Expr, state: State) -> State | None:
    machine.eval(node.value, state)
    inner = node.value.value if isinstance(node.value, ast.Await) else node.value
    if isinstance(inner, ast.Call):
        if leaves(machine, inner, state):
            return None
        if machine.in_unit:
            trust_check(machine, inner, state)
    return state


def _return(machine: Machine, node: ast.Return, state: State) -> None:
    value = machine.eval(node.value, state) if node.value is not None else constant(None)
    returned(machine, node, value, state)
    machine.frame.returns.append((machine.noted(value, node), state, node.value))


def _raise(machine: Machine, node: ast.Raise, state: State) -> None:
    value = machine.eval(node.exc, state)
    returned(machine, node, value, state)
    machine.frame.raises.append(state)


def _if(machine: Machine, node: ast.If, state: State) -> State | None:
    test = machine.eval(node.test, state)
    known = truth(test)
    # The state goes one of the ways; it is copied where there are two.
    yes = None if known is False else refine(machine, node.test, True, state.copy() if known is None else state)
    no = None if known is True else refine(machine, node.test, False, state)
    after_yes = machine.block(node.body, yes)
    after_no = machine.block(node.orelse, no)
    return join_states(after_yes, after_no)


def _stable(old: State, new: State) -> bool:
    """Do the taints of all names agree?"""
    if old.env.keys() != new.env.keys() or len(old.heap) != len(new.heap):
        return False
    return all(
        value is new.env[name] or (value.taints == new.env[name].taints and value.refs == new.env[name].refs)
        for name, value in old.env.items()
    ) and all(obj is new.heap.get(number) for number, obj in old.heap.items())


def _for(machine: Machine, node: ast.For, state: State) -> State | None:
    source = machine.eval(node.iter, state)
    frame = machine.frame
    outer_breaks, outer_continues = frame.breaks, frame.continues
    frame.breaks, exits = [], state.copy()
    current: State | None = state
    none_unchecked(source, exits)
    empty = _is_empty(machine, source, state)
    for _ in range(0 if empty else ROUNDS):
        assert current is not None
        before, clock = current.copy(), machine.program.clock
        frame.continues = []
        assign(machine, node.target, machine.element(source, current, node.iter), current, node)
        after = machine.block(node.body, current)
        for each in frame.continues:
            after = join_states(after, each)
        joined = join_states(exits, after)
        assert joined is not None
        exits = joined
        if after is None or _stable(before, joined):
            break
        if clock == machine.program.clock:
            filled = only_filled(node, machine.frames, before, joined)
            if filled is not None:
                fill(filled, before, joined)
                break
        current = joined.copy()
    result = machine.block(node.orelse, exits)
    for each in frame.breaks:
        result = join_states(result, each)
    frame.breaks, frame.continues = outer_breaks, outer_continues
    return result


def _is_empty(machine: Machine, value: Value, state: State) -> bool:
    if isinstance(value.const, str | bytes) or is_tuple(value.const):
        return not value.const
    objects = machine.objects(value, state)
    return bool(objects) and not value.taints and all(obj.full and not obj.fields and obj.kind for _, obj in objects)


def _while(machine: Machine, node: ast.While, state: State) -> State | None:
    frame = machine.frame
    outer_breaks, outer_continues = frame.breaks, frame.continues
    frame.breaks = []
    current = state
    exits: State | None = None
    for _ in range(ROUNDS):
        known = truth(machine.eval(node.test, current))
        leaving = None if known is True else refine(machine, node.test, False, current.copy())
        exits = join_states(exits, leaving)
        if known is False:
            break
        before, clock = current.copy(), machine.program.clock
        frame.continues = []
        inside = refine(machine, node.test, True, current)
        after = machine.block(node.body, inside)
        for each in frame.continues:
            after = join_states(after, each)
        if after is None:
            break
        joined = join_states(before.copy(), after)
        assert joined is not None
        if _stable(before, joined):
            if known is True:  # of the first round; what the test reads may have changed
                exits = join_states(exits, _left(machine, node, joined))
            break
        filled: list[int] | None = None
        if known is None and clock == machine.program.clock:
            filled = only_filled(node, machine.frames, before, joined)
            fill(filled or (), before, joined)
        # What leaves does so with the test failed, on the values of this round too.
        exits = join_states(exits, _left(machine, node, joined))
        if filled is not None:
            break
        current = joined
    result = machine.block(node.orelse, exits)
    for each in frame.breaks:
        result = join_states(result, each)
    frame.breaks, frame.continues = outer_breaks, outer_continues
    return result


def _left(machine: Machine, node: ast.While, state: State) -> State | None:
    """What leaves a loop in a state, because its test fails; None if it cannot."""
    if truth(machine.eval(node.test, state)) is True:
        return None
    return refine(machine, node.test, False, state.copy())


def _break(machine: Machine, node: ast.Break, state: State) -> None:
    machine.frame.breaks.append(state)


def _continue(machine: Machine, node: ast.Continue, state: State) -> None:
    machine.frame.continues.append(state)


def _try(machine: Machine, node: ast.Try, state: State) -> State | None:
    frame = machine.frame
    outer = frame.raises
    frame.raises = []
    thrown: State | None = state.copy()
    current: State | None = state
    for statement in node.body:
        if current is None:
            break
        current = machine.block([statement], current)
        if current is not None:
            thrown = join_states(thrown, current)
    for each in frame.raises:
        thrown = join_states(thrown, each)
    frame.raises = outer
    result = machine.block(node.orelse, current)
    for handler in node.handlers:
        inside = thrown.copy() if thrown is not None else None
        if inside is not None and handler.name:
            inside.env[handler.name] = caught(machine, handler, inside)
        result = join_states(result, machine.block(handler.body, inside))
    if not node.finalbody:
        return result
    if result is None:
        machine.block(node.finalbody, thrown.copy() if thrown is not None else None)
        return None
    return machine.block(node.finalbody, result)


def _with(machine: Machine, node: ast.With | ast.AsyncWith, state: State) -> State | None:
    for item in node.items:
        value = machine.eval(item.context_expr, state)
        inside = entered(machine, value, item.context_expr, state)
        if item.optional_vars is not None:
            assign(machine, item.optional_vars, inside, state, item.context_expr)
    suppresses = _suppresses(node)
    before = state.copy() if suppresses else None
    return join_states(machine.block(node.body, state), before)


def _suppresses(node: ast.With | ast.AsyncWith) -> bool:
    """Is one of its managers one that suppresses exceptions, by its name?"""
    known: bool | None = node.__dict__.get("suppresses")  # asked each time that the statement is run
    if known is None:
        calls = [item.context_expr.func for item in node.items if isinstance(item.context_expr, ast.Call)]
        known = node.__dict__["suppresses"] = any("suppress" in ast.dump(each) for each in calls)
    return known


def _assert(machine: Machine, node: ast.Assert, state: State) -> State | None:
    known = truth(machine.eval(node.test, state))
    return None if known is False else refine(machine, node.test, True, state)


def _delete(machine: Machine, node: ast.Delete, state: State) -> State:
    for target in node.targets:
        if isinstance(target, ast.Name):
            state.env.pop(target.id, None)
        elif isinstance(target, ast.Subscript):
            owner, key = machine.eval(target.value, state), machine.eval(target.slice, state)
            for number, obj in machine.objects(owner, state):
                if len(owner.refs) == 1 and hashable(key.const) and key.const in obj.fields and obj.kind == "dict":
                    kept = {name: value for name, value in obj.fields.items() if name != key.const}
                    state.heap[number] = Obj(obj.kind, kept, obj.rest, obj.cls, obj.full)
    return state


def _function(machine: Machine, node: ast.FunctionDef | ast.AsyncFunctionDef, state: State) -> State:
    value = machine.program.define(machine, node, state)
    machine.assign_name(node.name, value, state)
    return state


def _class(machine: Machine, node: ast.ClassDef, state: State) -> State:
    machine.assign_name(node.name, machine.program.define_class(machine, node, state), state)
    return state


def _import(machine: Machine, node: ast.Import, state: State) -> State:
    for alias in node.names:
        name = alias.asname or alias.name.partition(".")[0]
        machine.assign_name(name, machine.program.imported(machine, alias.name if alias.asname else name), state)
    return state


def _import_from(machine: Machine, node: ast.ImportFrom, state: State) -> State:
    module = machine.frame.module.absolute(node.module or "", node.level)
    for alias in node.names:
        if alias.name == "*":
            state.env.update(machine.program.star(machine, module))
            continue
        value = machine.program.member(machine, module, alias.name)
        model = machine.knowledge.attributes.get(value.ext[0]) if len(value.ext) == 1 and not value.refs else None
        if model is not None and model.source:  # ``from sys import argv``
            value = replace(value, taints=(machine.taint(model.source, node, alias.name)._replace(safe=model.safe),))
        machine.assign_name(alias.asname or alias.name, value, state)
    return state


def _global(machine: Machine, node: ast.Global, state: State) -> State:
    machine.frame.globals.update(node.names)
    return state


def _nonlocal(machine: Machine, node: ast.Nonlocal, state: State) -> State:
    machine.frame.nonlocals.update(node.names)
    return state


def _match(machine: Machine, node: ast.Match, state: State) -> State | None:
    subject = machine.eval(node.subject, state)
    result: State | None = None
    rest: State | None = state
    for case in node.cases:
        if rest is None:
            break
        inside = rest.copy()
        matched = _matches(machine, case.pattern, subject, node.subject, inside)
        if matched is False:
            continue
        if case.guard is not None:
            known = truth(machine.eval(case.guard, inside))
            if known is False:
                continue
            inside = refine(machine, case.guard, True, inside) or inside
            matched = None if known is None else matched
        result = join_states(result, machine.block(case.body, inside))
        if matched is True:
            rest = None
    return join_states(result, rest)


def _matches(machine: Machine, pattern: ast.pattern, subject: Value, node: ast.expr, state: State) -> bool | None:
    """Binds what a pattern captures and narrows what it compares; True or False if it is known to match or not."""
    if isinstance(pattern, ast.MatchAs):
        inner = None
        if pattern.pattern is not None:
            inner = _matches(machine, pattern.pattern, subject, node, state)
            if isinstance(node, ast.Name):
                subject = state.env.get(node.id, subject)
            if _only_constants(pattern.pattern) or _is_number(pattern.pattern):
                subject = UNKNOWN
        if pattern.name is not None:
            state.env[pattern.name] = subject
        return True if pattern.pattern is None else inner
    if isinstance(pattern, ast.MatchValue):
        value = machine.eval(pattern.value, state)
        if subject.const is not NO and value.const is not NO:
            return bool(subject.const == value.const)
        if not value.taints and not isinstance(node, ast.Tuple):
            refine(machine, ast.copy_location(ast.Compare(node, [ast.Eq()], [pattern.value]), node), True, state)
        return None
    if isinstance(pattern, ast.MatchSingleton):
        return None if subject.const is NO else bool(subject.const is pattern.value)
    if isinstance(pattern, ast.MatchOr):
        if _only_constants(pattern):
            values = [machine.eval(each.value, state) for each in pattern.patterns if isinstance(each, ast.MatchValue)]
            if subject.const is not NO and all(each.const is not NO for each in values):
                return any(subject.const == each.const for each in values)
            listed = ast.Tuple(
                [each.value for each in pattern.patterns if isinstance(each, ast.MatchValue)], ast.Load()
            )
            refine(machine, ast.copy_location(ast.Compare(node, [ast.In()], [listed]), node), True, state)
            return None
        for each in pattern.patterns:
            _matches(machine, each, subject, node, state)
        return None
    for inner, value in _parts(machine, pattern, subject, state):
        position = pattern.patterns.index(inner) if isinstance(pattern, ast.MatchSequence) else -1
        part = _part_node(pattern, position, subject, node, state)
        if _matches(machine, inner, value, part, state) is False:
            return False
    return None


def _part_node(pattern: ast.pattern, position: int, subject: Value, node: ast.expr, state: State) -> ast.expr:
    """The expression that a part of a subject can be written as; a name for nothing if there is none."""
    if isinstance(node, ast.Tuple) and 0 <= position < len(node.elts):
        return node.elts[position]
    if not isinstance(node, ast.Name) or not node.id or not isinstance(pattern, ast.MatchSequence):
        return ast.Name("", ast.Load())
    if any(isinstance(each, ast.MatchStar) for each in pattern.patterns[:position]):
        return ast.Name("", ast.Load())
    if subject.taints and not subject.refs:
        state.env.setdefault(f"@{node.lineno}.{node.col_offset}", subject)
    key = ast.copy_location(ast.Constant(position), node)
    return ast.copy_location(ast.Subscript(node, key, ast.Load()), node)


def _parts(machine: Machine, pattern: ast.pattern, subject: Value, state: State) -> Iterator[tuple[ast.pattern, Value]]:
    """Patterns inside a pattern, with the part of the value that each sees."""
    objects = [obj for _, obj in machine.objects(subject, state)]
    element = machine.element(subject, state)

    def part(key: object) -> Value:
        found = [value for obj in objects if (value := obj.get(key)) is not None]
        if not found:
            return Value(taints=subject.taints) if subject.taints else UNKNOWN if objects else element
        result = found[0]
        for value in found[1:]:
            result = join(result, value)
        return result

    if isinstance(pattern, ast.MatchSequence):
        starred = False
        for position, inner in enumerate(pattern.patterns):
            if isinstance(inner, ast.MatchStar):
                starred = True
                if inner.name:
                    state.env[inner.name] = machine.new(state, Obj("list", rest=element, full=False))
                continue
            yield inner, element if starred else part(position)
    elif isinstance(pattern, ast.MatchMapping):
        for key, inner in zip(pattern.keys, pattern.patterns, strict=False):
            yield inner, part(machine.eval(key, state).const)
        if pattern.rest:
            state.env[pattern.rest] = subject
    elif isinstance(pattern, ast.MatchClass):
        cls = machine.eval(pattern.cls, state)
        cleansing = _is_number(pattern)
        names = machine.program.match_args(cls)
        for position, inner in enumerate(pattern.patterns):
            if cleansing:
                yield inner, UNKNOWN
            elif isinstance(pattern.cls, ast.Name) and pattern.cls.id in ("str", "bytes", "dict", "list", "tuple"):
                yield inner, subject
            else:
                yield inner, part(attribute_key(names[position])) if position < len(names) else element
        for name, inner in zip(pattern.kwd_attrs, pattern.kwd_patterns, strict=False):
            yield inner, part(attribute_key(name))


def _is_number(pattern: ast.pattern) -> bool:
    """``int()`` and the like: what it matches carries nothing."""
    if isinstance(pattern, ast.MatchOr):
        return all(_is_number(each) for each in pattern.patterns)
    if not isinstance(pattern, ast.MatchClass) or not isinstance(pattern.cls, ast.Name):
        return False
    return pattern.cls.id in ("int", "float", "bool")


def _only_constants(pattern: ast.pattern) -> bool:
    if isinstance(pattern, ast.MatchOr):
        return all(_only_constants(each) for each in pattern.patterns)
    return isinstance(pattern, ast.MatchValue | ast.MatchSingleton)


STATEMENTS: dict[type, Handler] = {
    ast.Assign: _assign,
    ast.AnnAssign: _ann_assign,
    ast.AugAssign: _aug_assign,
    ast.Expr: _expr,
    ast.Return: _return,
    ast.Raise: _raise,
    ast.If: _if,
    ast.For: _for,
    ast.AsyncFor: _for,
    ast.While: _while,
    ast.Break: _break,
    ast.Continue: _continue,
    ast.Try: _try,
    ast.With: _with,
    ast.AsyncWith: _with,
    ast.Assert: _assert,
    ast.Delete: _delete,
    **dict.fromkeys(FUNCTIONS, _function),
    ast.ClassDef: _class,
    ast.Import: _import,
    ast.ImportFrom: _import_from,
    ast.Global: _global,
    ast.Nonlocal: _nonlocal,
    ast.Match: _match,
}

__all__ = ["STATEMENTS", "assign", "owner_of"]
