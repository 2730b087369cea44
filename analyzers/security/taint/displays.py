"""Displays and comprehensions: lists, tuples, sets, dictionaries and generators as they are written.

Invariant: elements are kept one by one where their number is known, else as one that stands for all.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence

from .guards import refine
from .machine import Machine
from .narrowing import names_in
from .statements import assign
from .values import MAX_FIELDS, NO, Obj, State, Value, constant, is_tuple, join, join_all, join_states


def sequence(kind: str) -> Callable[[Machine, ast.List | ast.Tuple | ast.Set, State], Value]:
    def make(machine: Machine, node: ast.List | ast.Tuple | ast.Set, state: State) -> Value:
        values: list[Value] = []
        full, rest = True, None
        for each in node.elts:
            if isinstance(each, ast.Starred):
                inner = machine.eval(each.value, state)
                objects = [obj for _, obj in machine.objects(inner, state)]
                if len(objects) == 1 and objects[0].full and objects[0].kind in ("list", "tuple") and full:
                    values += objects[0].fields.values()
                    continue
                full = False
                element = machine.element(inner, state)
                rest = element if rest is None else join(rest, element)
            elif full:
                values.append(machine.eval(each, state))
            else:
                element = machine.eval(each, state)
                rest = element if rest is None else join(rest, element)
        if kind == "tuple" and full and all(each.const is not NO and not each.taints for each in values):
            return (
                constant(tuple(each.const for each in values))
                if _plain(values)
                else machine.new(state, Obj(kind, dict(enumerate(values))))
            )
        return machine.new(state, Obj(kind, dict(enumerate(values[:60])), rest, None, full))

    return make


def _plain(values: Sequence[Value]) -> bool:
    return all(isinstance(each.const, str | int | float | bool | bytes | type(None)) for each in values)


def dictionary(machine: Machine, node: ast.Dict, state: State) -> Value:
    obj = Obj("dict")
    extra: list[Value] = []
    for key_node, value_node in zip(node.keys, node.values, strict=False):
        value = machine.eval(value_node, state)
        if key_node is None:
            for _, other in machine.objects(value, state):
                for key, each in other.fields.items():
                    obj = obj.put(key, each)
                if other.rest is not None:
                    obj = obj.blur(other.rest)
            if value.taints:
                obj = obj.blur(Value(taints=value.taints))
            continue
        key = machine.eval(key_node, state)
        if key.taints:
            extra.append(Value(taints=machine.deep(key, state)))
        const = key.const
        obj = (
            obj.put(const, value)
            if isinstance(const, str | int | float | bool | bytes | type(None))
            else obj.blur(value)
        )
    if extra:
        obj = obj.put("\0keys", join_all(extra))
    return machine.new(state, obj)


def _listed(machine: Machine, node: ast.DictComp, state: State) -> list[str]:
    """The keys that ``{key: … for … if key in KEYS}`` can have, where they are written in the program; else none."""
    tests = [each for clause in node.generators for test in clause.ifs for each in _conjuncts(test)]
    for test in tests:
        if not (
            isinstance(node.key, ast.Name)
            and isinstance(test, ast.Compare)
            and isinstance(test.left, ast.Name)
            and test.left.id == node.key.id
            and isinstance(test.ops[0], ast.In)
            and len(test.ops) == 1
        ):
            continue
        allowed = machine.eval(test.comparators[0], state)
        objects = [obj for _, obj in machine.objects(allowed, state)]
        keys: list[object] = []
        if is_tuple(allowed.const):
            keys = list(allowed.const)
        elif len(objects) == 1 and objects[0].full and not allowed.taints:
            of_keys = objects[0].kind == "dict"
            keys = list(objects[0].fields) if of_keys else [each.const for each in objects[0].elements()]
        names = [each for each in keys if isinstance(each, str)]
        if keys and len(names) == len(keys) <= MAX_FIELDS:
            return names
    return []


def _conjuncts(test: ast.expr) -> list[ast.expr]:
    return test.values if isinstance(test, ast.BoolOp) and isinstance(test.op, ast.And) else [test]


def comprehension(
    machine: Machine, node: ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp, state: State
) -> Value:
    inner = State(dict(state.env), state.heap)
    unchecked: State | None = None  # as it is where no element passes the tests: what they say holds in here only
    shadowed: set[str] = set()
    exact: list[Value] | None = None
    for position, clause in enumerate(node.generators):
        source = machine.eval(clause.iter, inner)
        objects = [obj for _, obj in machine.objects(source, inner)]
        if (
            len(node.generators) == 1
            and not clause.ifs
            and len(objects) == 1
            and objects[0].full
            and not source.taints
            and objects[0].kind in ("list", "tuple")
            and len(objects[0].fields) <= 12
        ):
            exact = list(objects[0].fields.values())
        assign(machine, clause.target, machine.element(source, inner, clause.iter), inner, clause.iter)
        shadowed.update(names_in(clause.target))
        for test in clause.ifs:
            machine.eval(test, inner)
            unchecked = unchecked or inner.copy()
            after = refine(machine, test, True, inner)
            if after is None:
                return machine.new(state, Obj("dict" if isinstance(node, ast.DictComp) else "list"))
            inner = after
        assert position >= 0
    if isinstance(node, ast.DictComp):
        if exact is not None:
            obj = Obj("dict")
            for each in exact:
                assign(machine, node.generators[0].target, each, inner, node)
                key, value = machine.eval(node.key, inner), machine.eval(node.value, inner)
                obj = obj.put(key.const, value) if isinstance(key.const, str | int) else obj.blur(value)
            result = machine.new(inner, obj)
        else:
            key, value = machine.eval(node.key, inner), machine.eval(node.value, inner)
            listed = _listed(machine, node, inner)
            obj = Obj("dict", dict.fromkeys(listed, value)) if listed else Obj("dict", rest=value, full=False)
            if key.taints:
                obj = obj.put("\0keys", Value(taints=machine.deep(key, inner)))
            result = machine.new(inner, obj)
    elif exact is not None:
        values: list[Value] = []
        for each in exact:
            assign(machine, node.generators[0].target, each, inner, node)
            values.append(machine.eval(node.elt, inner))
        result = machine.new(inner, Obj("list", dict(enumerate(values))))
    else:
        value = machine.eval(node.elt, inner)
        result = machine.new(inner, Obj("list", rest=value, full=False))
    if unchecked is not None:
        named = _named_in(node)
        behind = join_states(unchecked, inner)
        assert behind is not None
        behind.env = {name: value for name, value in behind.env.items() if name in named or name[:1] == "@"}
        inner = behind
    state.heap = inner.heap
    for name, value in inner.env.items():  # a walrus binds outside
        if name not in shadowed:
            state.env[name] = value
    return result


def _named_in(node: ast.AST) -> frozenset[str]:
    """The names that ``:=`` binds in a comprehension."""
    known: frozenset[str] | None = node.__dict__.get("named_in")
    if known is None:
        known = frozenset(each.target.id for each in ast.walk(node) if isinstance(each, ast.NamedExpr))
        node.__dict__["named_in"] = known
    return known
