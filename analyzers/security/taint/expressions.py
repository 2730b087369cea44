"""Expressions of the abstract machine."""

from __future__ import annotations

import ast
from dataclasses import replace

from .arguments import arguments_of
from .attributes import attribute_of, shown, super_of
from .calls import apply, method
from .displays import comprehension, dictionary, sequence
from .fold import compare, concatenated, operation, truth
from .guards import refine, result_of, trusted
from .machine import Handler, Machine
from .narrowing import part_of, reading, written_to
from .objects import subscript
from .program import Class
from .statements import assign
from .values import (
    NO,
    UNKNOWN,
    Obj,
    State,
    Value,
    constant,
    join_all,
    sanitised,
)


def _constant(machine: Machine, node: ast.Constant, state: State) -> Value:
    found: Value | None = node.__dict__.get("constant")  # the same each time that the expression is run
    if found is None:
        found = node.__dict__["constant"] = constant(node.value)
    return found


def _name(machine: Machine, node: ast.Name, state: State) -> Value:
    return machine.lookup(node.id, state) or UNKNOWN


def _subscript(machine: Machine, node: ast.Subscript, state: State) -> Value:
    owner = machine.eval(node.value, state)
    key = machine.eval(node.slice, state) if not isinstance(node.slice, ast.Slice) else UNKNOWN
    for ext in owner.ext:
        model = machine.knowledge.functions.get(machine.knowledge.canonical(f"{ext}.__getitem__"))
        if model is not None:
            from .calls import modelled
            from .machine import Call

            made = ast.copy_location(ast.Call(node, [], []), node)
            result = modelled(machine, model, Call(made, f"{ext}.__getitem__", owner, (key,), {}, state))
            machine.last[node] = result
            return result
    if any(
        isinstance(each, Class) and any(base.startswith("enum.") for base in each.external()) for each in owner.calls
    ):
        return machine.new(state, Obj("object", full=False))
    if owner.calls and isinstance(owner.calls[0], Class):
        return owner  # a generic class
    again = ""
    if owner.taints and isinstance(key.const, str | int):
        again = part_of(owner, key.const, node, state)
    if again and again in state.env:
        machine.last[node] = state.env[again]
        return state.env[again]
    result = _by_method(machine, node, owner, key, state) or subscript(machine, node, owner, key, state)
    if owner.derived is not None and owner.derived[0] == "url" and key.const == 1:
        result = replace(result, derived=("host", owner.derived[1]))
    if owner.derived is not None and owner.derived[0] == "extension":
        result = replace(result, derived=owner.derived)
    if result.taints:
        result = machine.noted(result, node)
        if again:
            state.env[again] = result
    machine.last[node] = result
    return result


def _by_method(machine: Machine, node: ast.Subscript, owner: Value, key: Value, state: State) -> Value | None:
    """``owner[key]`` of an instance of a class that says what it is."""
    results: list[Value] = []
    for number, obj in machine.objects(owner, state):
        found = obj.cls.attribute("__getitem__", state) if isinstance(obj.cls, Class) else None
        if found is None:
            return None
        made = ast.copy_location(ast.Call(node.value, [], []), node)
        results.append(apply(machine, found[0], made, (Value(refs=(number,)), key), {}, None, state))
    return join_all(results) if results else None


def _call(machine: Machine, node: ast.Call, state: State) -> Value:
    function = node.func
    if isinstance(function, ast.Attribute):
        receiver = super_of(machine, function.value, state) or machine.eval(function.value, state)
        args, kwargs, star = arguments_of(machine, node, state)
        again = _reading_call(node, function.attr, receiver, args, kwargs, state)
        if again and again in state.env:
            result = state.env[again]
        else:
            result = method(machine, receiver, function.attr, node, args, kwargs, star, state)
            if again and result.taints:
                state.env[again] = result
            elif function.attr == "update" and receiver.taints:
                written_to(receiver, state)
    else:
        callee = machine.eval(function, state)
        args, kwargs, star = arguments_of(machine, node, state)
        result = apply(machine, callee, node, args, kwargs, star, state)
    if trusted(function) and not result.taints and not result.refs and not result.ext:
        result = result_of(machine, node, state, result)
    machine.last[node] = result
    return result


_READING = ("get", "getlist", "strip", "get_json", "get_data")


def _reading_call(
    node: ast.Call, name: str, receiver: Value, args: tuple[Value, ...], kwargs: dict[str, Value], state: State
) -> str:
    """The name under which the result of a call that reads is kept; empty for other calls."""
    if kwargs or not (receiver.taints or receiver.ext) or any([each.const is NO for each in args]):
        return ""
    spelled = f"{name}({args[0].const!r})" if args else name
    if receiver.taints:
        if name == "get" and args and isinstance(args[0].const, str):
            return part_of(receiver, args[0].const, node, state)  # as by its key
        return reading(receiver, spelled, state) if name in _READING else ""
    return f"@flask.request.{spelled}" if "flask.request" in receiver.ext else ""


def _joined(machine: Machine, node: ast.JoinedStr, state: State) -> Value:
    parts: list[Value] = []
    for each in node.values:
        if not isinstance(each, ast.FormattedValue):
            parts.append(machine.eval(each, state))
            continue
        value = machine.eval(each.value, state)
        part = shown(machine, value, each, state)
        if each.conversion == 114:
            part = Value(taints=sanitised(machine.deep(part, state), frozenset({"loginj", "respsplit"})))
        parts.append(part)
    return machine.noted(concatenated(machine, parts, state), node)


def _if(machine: Machine, node: ast.IfExp, state: State) -> Value:
    known = truth(machine.eval(node.test, state))
    results: list[Value] = []
    for holds, branch in ((True, node.body), (False, node.orelse)):
        if known is not None and known != holds:
            continue
        inner = refine(machine, node.test, holds, state.copy())
        if inner is not None:
            results.append(machine.eval(branch, inner))
            state.heap.add(inner.heap)
    return join_all(results)


def _boolean(machine: Machine, node: ast.BoolOp, state: State) -> Value:
    conjunction = isinstance(node.op, ast.And)
    results: list[Value] = []
    current: State | None = state.copy()
    for position, each in enumerate(node.values):
        if current is None:
            break
        value = machine.eval(each, current)
        if len(current.heap) != len(state.heap):  # it began as a copy
            state.heap.add(current.heap)
        for name, read in current.env.items():
            if name[:1] == "@":  # what was read here is the same behind the whole test
                state.env.setdefault(name, read)
        known = truth(value)
        last = position == len(node.values) - 1
        if last or known is None or known != conjunction:
            if not last and known is None:
                # It is the result only if it decides: the empty text, or the value that counts as true.
                value = value if not conjunction else Value(cond=value.cond)
            results.append(value)
        if known is not None and known != conjunction:
            break
        current = refine(machine, each, conjunction, current)
    for name in _named_below(node):
        if current is not None and name in current.env:
            state.env[name] = current.env[name]
    result = join_all(results)
    if len(results) == 2 and not conjunction and truth(results[1]) is False and results[0].derived is not None:
        result = replace(result, derived=results[0].derived)  # ``urlparse(url).hostname or ""``
    if not result.taints and result.const is NO and not result.refs and not result.ext:
        return result_of(machine, node, state, replace(result, cond=None))
    return result


def _named_below(node: ast.BoolOp) -> tuple[str, ...]:
    """The names that ``:=`` binds in a test."""
    known: tuple[str, ...] | None = node.__dict__.get("named_below")
    if known is None:
        known = tuple(each.target.id for each in ast.walk(node) if isinstance(each, ast.NamedExpr))
        node.__dict__["named_below"] = known
    return known


def _compare(machine: Machine, node: ast.Compare, state: State) -> Value:
    values = [machine.eval(each, state) for each in (node.left, *node.comparators)]
    for each, value in zip((node.left, *node.comparators), values, strict=True):
        machine.last[each] = value
    if len(node.ops) == 1:
        result = compare(node.ops[0], values[0], values[1])
        if result.const is NO:
            result = _contained(machine, node, values, state) or result
        return result_of(machine, node, state, result)
    found = [compare(sign, values[index], values[index + 1]).const for index, sign in enumerate(node.ops)]
    if all(each is not NO for each in found):
        return constant(all(found))
    return UNKNOWN


def _contained(machine: Machine, node: ast.Compare, values: list[Value], state: State) -> Value | None:
    """Is a constant in a collection of constants?"""
    if not isinstance(node.ops[0], ast.In | ast.NotIn) or values[0].const is NO:
        return None
    objects = [obj for _, obj in machine.objects(values[1], state)]
    if len(objects) != 1 or not objects[0].full or values[1].taints:
        return None
    obj = objects[0]
    if obj.kind == "dict":
        inside = values[0].const in obj.fields if hash_ok(values[0].const) else None
    else:
        consts = [each.const for each in obj.fields.values()]
        inside = True if any(each is not NO and each == values[0].const for each in consts) else None
        if inside is None and all(each is not NO for each in consts):
            inside = False
    return None if inside is None else constant(inside == isinstance(node.ops[0], ast.In))


def hash_ok(value: object) -> bool:
    return isinstance(value, str | int | float | bool | bytes | type(None))


def _unary(machine: Machine, node: ast.UnaryOp, state: State) -> Value:
    value = machine.eval(node.operand, state)
    if isinstance(node.op, ast.Not):
        known = truth(value)
        return constant(not known) if known is not None else result_of(machine, node, state, UNKNOWN)
    if isinstance(value.const, int | float):
        return constant(-value.const if isinstance(node.op, ast.USub) else value.const)
    return UNKNOWN


def _binary(machine: Machine, node: ast.BinOp, state: State) -> Value:
    left, right = machine.eval(node.left, state), machine.eval(node.right, state)
    return operation(machine, node, left, right, state)


def _lambda(machine: Machine, node: ast.Lambda, state: State) -> Value:
    machine.frame.state = state
    return machine.program.define(machine, node, state)


def _walrus(machine: Machine, node: ast.NamedExpr, state: State) -> Value:
    value = machine.eval(node.value, state)
    assign(machine, node.target, value, state, node)
    machine.last[node] = value
    return value


def _yield(machine: Machine, node: ast.Yield, state: State) -> Value:
    machine.frame.yields.append(machine.eval(node.value, state))
    return UNKNOWN


def _yield_from(machine: Machine, node: ast.YieldFrom, state: State) -> Value:
    machine.frame.yields.append(machine.element(machine.eval(node.value, state), state))
    return UNKNOWN


def _await(machine: Machine, node: ast.Await, state: State) -> Value:
    result = machine.eval(node.value, state)
    machine.last[node] = result
    return result


def _starred(machine: Machine, node: ast.Starred, state: State) -> Value:
    return machine.eval(node.value, state)


def _slice(machine: Machine, node: ast.Slice, state: State) -> Value:
    return UNKNOWN


EXPRESSIONS: dict[type, Handler] = {
    ast.Constant: _constant,
    ast.Name: _name,
    ast.Attribute: attribute_of,
    ast.Subscript: _subscript,
    ast.Call: _call,
    ast.JoinedStr: _joined,
    ast.List: sequence("list"),
    ast.Tuple: sequence("tuple"),
    ast.Set: sequence("set"),
    ast.Dict: dictionary,
    ast.ListComp: comprehension,
    ast.SetComp: comprehension,
    ast.GeneratorExp: comprehension,
    ast.DictComp: comprehension,
    ast.IfExp: _if,
    ast.BoolOp: _boolean,
    ast.Compare: _compare,
    ast.UnaryOp: _unary,
    ast.BinOp: _binary,
    ast.Lambda: _lambda,
    ast.NamedExpr: _walrus,
    ast.Yield: _yield,
    ast.YieldFrom: _yield_from,
    ast.Await: _await,
    ast.Starred: _starred,
    ast.Slice: _slice,
}

__all__ = ["EXPRESSIONS"]
