"""Arguments of a call, and how they are bound to the parameters of a function of the program.

Invariant: where a star hides how many arguments there are, each parameter may get any of them.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping

from .machine import Machine
from .program import Function
from .values import NO, UNKNOWN, Obj, State, Value, constant, is_tuple, join, join_all, sanitised


def arguments_of(
    machine: Machine, node: ast.Call, state: State
) -> tuple[tuple[Value, ...], dict[str, Value], Value | None]:
    """Positional arguments, keyword arguments, and what unknown stars may hold."""
    args: list[Value] = []
    kwargs: dict[str, Value] = {}
    star: Value | None = None

    def hidden(value: Value) -> None:
        nonlocal star
        star = value if star is None else join(star, value)

    for each in node.args:
        if not isinstance(each, ast.Starred):
            args.append(machine.eval(each, state))
            continue
        value = machine.eval(each.value, state)
        objects = [obj for _, obj in machine.objects(value, state)]
        if len(objects) == 1 and objects[0].full and objects[0].kind in ("list", "tuple") and not value.taints:
            args += objects[0].fields.values()
        elif is_tuple(value.const):
            args += [constant(one) for one in value.const]
        else:
            hidden(machine.element(value, state))
    for keyword in node.keywords:
        value = machine.eval(keyword.value, state)
        if keyword.arg is not None:
            kwargs[keyword.arg] = value
            continue
        objects = [obj for _, obj in machine.objects(value, state)]
        for obj in objects:
            kwargs.update(
                {str(key): one for key, one in obj.fields.items() if isinstance(key, str) and key[:1] != "\0"}
            )
        rest: list[Value] = []
        for obj in objects:
            if obj.rest is not None:
                keys = obj.fields.get("\0keys")
                kinds = frozenset[str]() if keys is not None and keys.taints else frozenset({"massassign"})
                rest.append(Value(taints=sanitised(machine.deep(obj.rest, state), kinds)) if kinds else obj.rest)
        if value.taints or rest or not objects:
            hidden(join_all([*rest, Value(taints=value.taints)]))
    return tuple(args), kwargs, star


def bind(
    machine: Machine,
    function: Function,
    args: tuple[Value, ...],
    kwargs: Mapping[str, Value],
    star: Value | None,
    state: State,
) -> dict[str, Value]:
    """The values of a function's parameters."""
    spec = function.node.args
    positional = [*spec.posonlyargs, *spec.args]
    given: dict[str, Value] = {}
    left = dict(kwargs)
    for position, arg in enumerate(positional):
        if position < len(args):
            given[arg.arg] = args[position]
        elif arg.arg in left:
            given[arg.arg] = left.pop(arg.arg)
        elif star is not None:
            given[arg.arg] = star
        else:
            index = position - (len(positional) - len(function.defaults))
            given[arg.arg] = function.defaults[index] if 0 <= index < len(function.defaults) else UNKNOWN
    for position, arg in enumerate(spec.kwonlyargs):
        default = function.keyword_defaults[position] if position < len(function.keyword_defaults) else None
        if arg.arg in left:
            given[arg.arg] = left.pop(arg.arg)
        else:
            given[arg.arg] = star if star is not None else default if default is not None else UNKNOWN
    if spec.vararg is not None:
        more = args[len(positional) :]
        obj = Obj("tuple", dict(enumerate(more)), star, None, star is None)
        given[spec.vararg.arg] = machine.new(state, obj)
    if spec.kwarg is not None:
        given[spec.kwarg.arg] = machine.new(state, Obj("dict", dict(left), star, None, star is None))
    for arg in function.parameters:
        if arg.annotation is not None and given.get(arg.arg, UNKNOWN) is UNKNOWN:
            given[arg.arg] = declared(machine, function, arg.annotation, state)
    return given


def declared(machine: Machine, function: Function, annotation: ast.expr, state: State) -> Value:
    """What an annotation says of a value of which nothing else is known."""
    for each in ast.walk(annotation):
        if isinstance(each, ast.Name | ast.Attribute):
            value = named(machine, function, each)
            if value is None or not any("." in name and not name.startswith("builtins.") for name in value.ext):
                continue
            if value.ext[0].startswith(("typing.", "collections.abc.")):
                continue
            return Value(ext=value.ext)
    return UNKNOWN


def named(machine: Machine, function: Function, node: ast.expr) -> Value | None:
    """What a dotted name means in the module of a function."""
    if isinstance(node, ast.Name):
        return function.module.name(node.id)
    if isinstance(node, ast.Attribute):
        owner = named(machine, function, node.value)
        if owner is None:
            return None
        names = tuple(
            machine.knowledge.canonical(f"{each}.{node.attr}") for each in owner.ext if not each.startswith("file:")
        )
        for each in owner.ext:
            if each.startswith("file:"):
                return machine.program.member(machine, each, node.attr)
        return Value(ext=names)
    if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.isidentifier():
        return function.module.name(node.value)
    return None


__all__ = ["NO", "arguments_of", "bind", "declared", "named"]
