"""Expressions of the abstract machine."""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from dataclasses import replace

from .arguments import arguments_of
from .calls import apply, invoke, method
from .fold import compare, concatenated, operation, truth
from .guards import refine, result_of, root
from .machine import Handler, Machine
from .objects import subscript
from .program import Bound, Class, Function
from .statements import assign
from .values import (
    NO,
    UNKNOWN,
    Obj,
    State,
    Value,
    attribute_key,
    constant,
    join,
    join_all,
    merged,
    sanitised,
)


def _constant(machine: Machine, node: ast.Constant, state: State) -> Value:
    return constant(node.value)


def _name(machine: Machine, node: ast.Name, state: State) -> Value:
    return machine.lookup(node.id, state) or UNKNOWN


def _attribute(machine: Machine, node: ast.Attribute, state: State) -> Value:
    owner = machine.eval(node.value, state)
    result = attribute(machine, node, owner, state)
    machine.last[id(node)] = result
    return result


def attribute(machine: Machine, node: ast.Attribute, owner: Value, state: State) -> Value:
    """``owner.attr``."""
    found: list[Value] = []
    key = attribute_key(node.attr)
    known = False
    for number, obj in machine.objects(owner, state):
        value = obj.fields.get(key)
        if value is not None:
            found.append(value)
            known = True
            continue
        member = obj.cls.attribute(node.attr, state) if isinstance(obj.cls, Class) else None
        if member is not None:
            found.append(_member(machine, member[0], Value(refs=(number,), ext=owner.ext), node, state))
            known = True
        elif obj.rest is not None:
            found.append(obj.rest)
    for each in owner.calls:
        member = each.attribute(node.attr, state) if isinstance(each, Class) else None
        if member is not None:
            if any(base.startswith("enum.") for base in each.external()):
                made = machine.new(
                    state,
                    Obj(
                        "object",
                        {attribute_key("value"): member[0], attribute_key("name"): constant(node.attr)},
                        None,
                        None,
                        False,
                    ),
                )
                found.append(made)
            else:
                found.append(member[0])
            known = True
    if known and not owner.taints:
        return join_all(found)
    part = _url_part(node.attr, owner)
    if part is not None:
        return part
    for ext in owner.ext:
        if ext.startswith(("file:", "dir:")):
            found.append(machine.program.member(machine, ext, node.attr))
            continue
        full = machine.knowledge.canonical(f"{ext}.{node.attr}")
        model = machine.knowledge.attributes.get(full)
        if model is not None:
            taints = owner.taints
            known = state.env.get(f"@{full}") if model.source else None
            if known is not None:
                found.append(known)
                continue
            if model.source:
                taints = (machine.taint(model.source, node, _label(node))._replace(safe=model.safe),)
            value = Value(ext=(model.returns or full,), taints=taints)
            if model.source:
                # Read again it is the same: what a guard said of it still holds.
                state.env[f"@{full}"] = value
            found.append(value)
        elif not owner.taints:
            found.append(Value(ext=(full,)))
        elif full in machine.knowledge.functions:
            found.append(Value(ext=(full,), taints=owner.taints))
    if not found and owner.taints:
        return Value(taints=owner.taints)
    if not found:
        wild = machine.knowledge.attributes.get(f"*.{node.attr}")
        if wild is not None and (owner.const is NO and not owner.refs):
            return Value(
                taints=(machine.taint(wild.source, node, _label(node)),), ext=(wild.returns,) if wild.returns else ()
            )
    return join_all(found)


def _label(node: ast.AST) -> str:
    try:
        return ast.unparse(node)[:60]
    except Exception:  # noqa: BLE001 - a tree with gaps has no text
        return "a value"


def _member(machine: Machine, value: Value, receiver: Value, node: ast.AST, state: State) -> Value:
    """An attribute of a class, seen through an instance."""
    results: list[Value] = []
    for each in value.calls:
        if isinstance(each, Function) and each.kind == "property":
            results.append(invoke(machine, each, (receiver,), {}, None, node, state))
        elif isinstance(each, Function) and each.kind != "static":
            results.append(Value(calls=(Bound(each, receiver),)))
        else:
            results.append(Value(calls=(each,)))
    return join_all(results) if results else value


_URL_PARTS = {"netloc": "host", "hostname": "host", "scheme": "scheme", "port": "scheme"}


def _url_part(name: str, owner: Value) -> Value | None:
    """Parts of a parsed URL and of a path stand for tests of the whole."""
    derived = owner.derived
    if name == "parents" and any("normal" in taint.safe for taint in owner.taints):
        return Value(derived=("parents", owner))
    if derived is None:
        return None
    if derived[0] == "url" and name in _URL_PARTS:
        taints = owner.taints if name != "port" else ()
        return Value(taints=taints, derived=(_URL_PARTS[name], derived[1]))
    if derived[0] == "url" and name in ("path", "query", "fragment"):
        return Value(taints=sanitised(owner.taints, frozenset({"ssrf"})))
    return None


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
            machine.last[id(node)] = result
            return result
    if any(
        isinstance(each, Class) and any(base.startswith("enum.") for base in each.external()) for each in owner.calls
    ):
        return machine.new(state, Obj("object", full=False))
    if owner.calls and isinstance(owner.calls[0], Class):
        return owner  # a generic class
    again = reading(owner, repr(key.const), state) if owner.taints and isinstance(key.const, str | int) else ""
    if again and again in state.env:
        machine.last[id(node)] = state.env[again]
        return state.env[again]
    result = subscript(machine, node, owner, key, state)
    if owner.derived is not None and owner.derived[0] == "url" and key.const == 1:
        result = replace(result, derived=("host", owner.derived[1]))
    if owner.derived is not None and owner.derived[0] == "extension":
        result = replace(result, derived=owner.derived)
    if result.taints:
        result = machine.noted(result, node)
        if again:
            state.env[again] = result
    machine.last[id(node)] = result
    return result


def reading(owner: Value, key: str, state: State) -> str:
    """The name under which a part of something that does not change between two readings is kept; empty for others."""
    base = root(owner)
    for name, value in state.env.items():
        if name[:1] == "@" and (value is owner or root(value) is base):
            return f"{name}[{key}]"
    return ""


def _call(machine: Machine, node: ast.Call, state: State) -> Value:
    function = node.func
    if isinstance(function, ast.Attribute):
        receiver = _super(machine, function.value, state) or machine.eval(function.value, state)
        args, kwargs, star = arguments_of(machine, node, state)
        again = _reading_call(function.attr, receiver, args, kwargs, state)
        if again and again in state.env:
            result = state.env[again]
        else:
            result = method(machine, receiver, function.attr, node, args, kwargs, star, state)
            if again and result.taints:
                state.env[again] = result
    else:
        callee = machine.eval(function, state)
        args, kwargs, star = arguments_of(machine, node, state)
        result = apply(machine, callee, node, args, kwargs, star, state)
    machine.last[id(node)] = result
    return result


_READING = ("get", "getlist", "strip", "get_json", "get_data")


def _reading_call(name: str, receiver: Value, args: tuple[Value, ...], kwargs: dict[str, Value], state: State) -> str:
    """The name under which the result of a call that reads is kept; empty for other calls."""
    if kwargs or any(each.const is NO for each in args):
        return ""
    spelled = f"{name}({args[0].const!r})" if args else name
    if receiver.taints:
        return reading(receiver, spelled, state) if name in _READING else ""
    return f"@flask.request.{spelled}" if "flask.request" in receiver.ext else ""


def _super(machine: Machine, node: ast.expr, state: State) -> Value | None:
    """``super()``: the receiver, seen as an instance of the bases."""
    if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "super"):
        return None
    function = machine.frame.function
    if function is None or function.cls is None or not function.parameters:
        return None
    receiver = state.env.get(function.parameters[0].arg, UNKNOWN)
    fields: dict[object, Value] = {}
    for base in reversed(function.cls.bases):
        for each in base.calls:
            if not isinstance(each, Class):
                continue
            for ancestor in reversed(list(each.ancestors())):
                obj = state.heap.find(ancestor.number)
                for key, value in obj.fields.items() if obj is not None else ():
                    bound = tuple(
                        Bound(one, receiver) if isinstance(one, Function) and one.kind != "static" else one
                        for one in value.calls
                    )
                    fields[key] = replace(value, calls=bound)
    return replace(machine.new(state, Obj("object", fields, None, None, False)), ext=function.cls.external())


def _joined(machine: Machine, node: ast.JoinedStr, state: State) -> Value:
    parts: list[Value] = []
    for each in node.values:
        if not isinstance(each, ast.FormattedValue):
            parts.append(machine.eval(each, state))
            continue
        value = machine.eval(each.value, state)
        shown = _shown(machine, value, each, state)
        if each.conversion == 114:
            shown = Value(taints=sanitised(machine.deep(shown, state), frozenset({"loginj", "respsplit"})))
        parts.append(shown)
    return machine.noted(concatenated(machine, parts, state), node)


def _shown(machine: Machine, value: Value, node: ast.AST, state: State) -> Value:
    """A value as text: what ``__str__`` of an instance gives."""
    results: list[Value] = []
    for number, obj in machine.objects(value, state):
        if not isinstance(obj.cls, Class):
            continue
        found = (
            obj.cls.attribute("__format__", state)
            or obj.cls.attribute("__str__", state)
            or obj.cls.attribute("__repr__", state)
        )
        for each in found[0].calls if found is not None else ():
            if isinstance(each, Function):
                results.append(invoke(machine, each, (Value(refs=(number,)),), {}, None, node, state))
    return join_all([*results, Value(taints=value.taints)]) if results else value


def _sequence(kind: str) -> Callable[[Machine, ast.List | ast.Tuple | ast.Set, State], Value]:
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


def _dict(machine: Machine, node: ast.Dict, state: State) -> Value:
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


def _comprehension(
    machine: Machine, node: ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp, state: State
) -> Value:
    inner = State(dict(state.env), state.heap)
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
        assign(machine, clause.target, machine.element(source, inner), inner, clause.iter)
        shadowed |= {each.id for each in ast.walk(clause.target) if isinstance(each, ast.Name)}
        for test in clause.ifs:
            machine.eval(test, inner)
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
            obj = Obj("dict", rest=value, full=False)
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
    state.heap = inner.heap
    for name, value in inner.env.items():  # a walrus binds outside
        if name not in shadowed:
            state.env[name] = value
    return result


def _if(machine: Machine, node: ast.IfExp, state: State) -> Value:
    known = truth(machine.eval(node.test, state))
    results: list[Value] = []
    for holds, branch in ((True, node.body), (False, node.orelse)):
        if known is not None and known != holds:
            continue
        inner = refine(machine, node.test, holds, state.copy())
        if inner is not None:
            results.append(machine.eval(branch, inner))
            for number, obj in inner.heap.items():
                state.heap.setdefault(number, obj)
    return join_all(results)


def _boolean(machine: Machine, node: ast.BoolOp, state: State) -> Value:
    conjunction = isinstance(node.op, ast.And)
    results: list[Value] = []
    current: State | None = state.copy()
    for position, each in enumerate(node.values):
        if current is None:
            break
        value = machine.eval(each, current)
        for number, obj in current.heap.items():
            state.heap.setdefault(number, obj)
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
    for each in ast.walk(node):
        if isinstance(each, ast.NamedExpr) and current is not None and each.target.id in current.env:
            state.env[each.target.id] = current.env[each.target.id]
    result = join_all(results)
    if not result.taints and result.const is NO and not result.refs and not result.ext:
        return result_of(machine, node, state, replace(result, cond=None))
    return result


def _compare(machine: Machine, node: ast.Compare, state: State) -> Value:
    values = [machine.eval(each, state) for each in (node.left, *node.comparators)]
    for each, value in zip((node.left, *node.comparators), values, strict=True):
        machine.last[id(each)] = value
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
    machine.last[id(node)] = value
    return value


def _yield(machine: Machine, node: ast.Yield, state: State) -> Value:
    machine.frame.yields.append(machine.eval(node.value, state))
    return UNKNOWN


def _yield_from(machine: Machine, node: ast.YieldFrom, state: State) -> Value:
    machine.frame.yields.append(machine.element(machine.eval(node.value, state), state))
    return UNKNOWN


def _await(machine: Machine, node: ast.Await, state: State) -> Value:
    result = machine.eval(node.value, state)
    machine.last[id(node)] = result
    return result


def _starred(machine: Machine, node: ast.Starred, state: State) -> Value:
    return machine.eval(node.value, state)


def _slice(machine: Machine, node: ast.Slice, state: State) -> Value:
    return UNKNOWN


EXPRESSIONS: dict[type, Handler] = {
    ast.Constant: _constant,
    ast.Name: _name,
    ast.Attribute: _attribute,
    ast.Subscript: _subscript,
    ast.Call: _call,
    ast.JoinedStr: _joined,
    ast.List: _sequence("list"),
    ast.Tuple: _sequence("tuple"),
    ast.Set: _sequence("set"),
    ast.Dict: _dict,
    ast.ListComp: _comprehension,
    ast.SetComp: _comprehension,
    ast.GeneratorExp: _comprehension,
    ast.DictComp: _comprehension,
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

__all__ = ["EXPRESSIONS", "attribute", "merged"]
