"""Attributes of objects, classes, modules and of what libraries return, and what an instance is as text.

Invariant: an attribute of which nothing is known carries what its owner carries.
"""

from __future__ import annotations

import ast
from dataclasses import replace

from .calls import invoke
from .fold import PURE
from .machine import Machine
from .program import Bound, Class, Function, Partial
from .values import NO, UNKNOWN, Obj, State, Value, attribute_key, constant, join_all, merged, sanitised


def attribute_of(machine: Machine, node: ast.Attribute, state: State) -> Value:
    owner = machine.eval(node.value, state)
    result = attribute(machine, node, owner, state)
    machine.last[node] = result
    return result


def attribute(machine: Machine, node: ast.Attribute, owner: Value, state: State) -> Value:
    """``owner.attr``."""
    found: list[Value] = []
    key = attribute_key(node.attr)
    machine.run.reads.add(key)
    known = False
    for number, obj in machine.objects(owner, state):
        value = obj.fields.get(key)
        if value is not None:
            found.append(value)
            known = True
            if value.taints and number not in state.heap:
                state.heap[number] = obj  # so that what a test says of it holds in this function
            continue
        member = obj.cls.attribute(node.attr, state) if isinstance(obj.cls, Class) else None
        if member is not None:
            found.append(_member(machine, member[0], Value(refs=(number,), ext=owner.ext), node, state))
            known = True
        elif obj.rest is not None:
            found.append(obj.rest)
        elif (inherited := _stored_by_base(machine, number, obj, key, state)) is not None:
            found.append(inherited)
            known = True
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
    if isinstance(owner.const, str) and node.attr in PURE:
        return Value(calls=(Partial(Value(ext=(f"builtins.str.{node.attr}",)), (owner,), {}),))  # ``"…".format``
    guessed = not known and not found
    for ext in owner.ext:
        if ext.startswith(("file:", "dir:")):
            guessed = False
            found.append(machine.program.member(machine, ext, node.attr))
            continue
        full = machine.knowledge.canonical(f"{ext}.{node.attr}")
        model = machine.knowledge.attributes.get(full)
        if model is not None:
            guessed = False
            taints = sanitised(owner.taints, model.safe) if model.safe else owner.taints
            # What is asked of each instance by itself is kept for each.
            name = f"@{full}#{owner.refs}" if model.hook is not None and owner.refs else f"@{full}"
            known = state.env.get(name) if model.source else None
            if known is not None:
                found.append(known)
                continue
            if model.source:
                taints = (machine.taint(model.source, node, _label(node))._replace(safe=model.safe),)
            value = Value(ext=(model.returns or full,), taints=taints)
            if model.hook is not None:
                value = model.hook(machine, owner, value, state) or value
            if model.source:
                # Read again it is the same: what a guard said of it still holds.
                state.env[name] = value
            found.append(value)
        elif not owner.taints:
            found.append(Value(ext=(full,)))
        elif full in machine.knowledge.functions:
            found.append(Value(ext=(full,), taints=owner.taints))
    if not found and owner.taints:
        contents = node.attr in _CONTENTS
        return Value(taints=sanitised(owner.taints, _PATH) if contents else owner.taints)
    if not found or guessed:  # a name in a library that no model knows says nothing
        wild = machine.knowledge.attributes.get(f"*.{node.attr}")
        if wild is not None and (owner.const is NO and not owner.refs):
            value = Value(
                taints=(machine.taint(wild.source, node, _label(node))._replace(safe=wild.safe),),
                ext=(wild.returns,) if wild.returns else (),
            )
            return (wild.hook(machine, owner, value, state) if wild.hook is not None else None) or value
    return join_all(found)


def _stored_by_base(machine: Machine, number: int, obj: Obj, key: str, state: State) -> Value | None:
    """An attribute of what a framework makes of a class that a method of one of its bases stored: the framework
    calls that method on the same instance."""
    cls = obj.cls
    if not isinstance(cls, Class) or cls.instance is None or number not in cls.instance.refs:
        return None
    for each in cls.ancestors()[1:]:
        above = state.heap.find(machine.program.instance(machine, each, state).refs[0])
        if above is not None and key in above.fields:
            return above.fields[key]
    return None


#: Attributes of something that was sent which are its contents, opened: no path.
_CONTENTS = frozenset({"file", "stream", "fp"})
_PATH = frozenset({"pathtraver"})


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


_URL_PARTS = {"netloc": "host", "hostname": "host", "host": "host", "scheme": "scheme", "port": "scheme"}


def _url_part(name: str, owner: Value) -> Value | None:
    """Parts of a parsed URL and of a path stand for tests of the whole."""
    derived = owner.derived
    if name == "parents" and any("normal" in taint.safe for taint in owner.taints):
        return Value(derived=("parents", owner))
    if derived is None:
        return None
    if derived[0] == "address" and name in ("is_global", "is_private"):
        return Value(derived=(name, derived[1]))
    if derived[0] == "url" and name in _URL_PARTS:
        taints = owner.taints if name != "port" else ()
        return Value(taints=taints, derived=(_URL_PARTS[name], derived[1]))
    if derived[0] == "url" and name in ("path", "query", "fragment"):
        return Value(taints=sanitised(owner.taints, frozenset({"ssrf"})))
    return None


def super_of(machine: Machine, node: ast.expr, state: State) -> Value | None:
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
                    if not value.calls and not value.taints:
                        fields[key] = value
                        continue
                    bound = tuple(
                        [
                            Bound(one, receiver) if isinstance(one, Function) and one.kind != "static" else one
                            for one in value.calls
                        ]
                    )
                    fields[key] = Value(
                        value.const,
                        value.taints,
                        value.refs,
                        value.ext,
                        bound,
                        value.prefix,
                        value.built,
                        value.derived,
                        value.cond,
                    )
    return replace(machine.new(state, Obj("object", fields, None, None, False)), ext=function.cls.external())


#: Containers that show their elements as ``repr`` does: line breaks in them are spelled.
_LISTED = frozenset({"list", "tuple", "set", "dict"})
_LINES = frozenset({"loginj", "respsplit"})


def shown(machine: Machine, value: Value, node: ast.AST, state: State) -> Value:
    """A value as text: what ``__str__`` of an instance gives; of a list, what its elements look like."""
    results: list[Value] = []
    objects = machine.objects(value, state)
    if objects and all(obj.kind in _LISTED and obj.cls is None for _, obj in objects):
        spelled = sanitised(machine.deep(replace(value, taints=()), state), _LINES)
        return Value(taints=merged((*value.taints, *spelled)))
    for number, obj in objects:
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
