"""Calls: functions of the program are interpreted with the values they get, those of libraries do what models say.

Invariant: a function of a library that no model knows carries nothing from its arguments to its result.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Any

from ..models import ERROR, Sink, knowledge
from ..models import Function as Model
from .checks import check, take_back
from .fold import NOT_FIRST, TESTS, computed, reshaped
from .machine import Call, Machine
from .narrowing import narrow
from .objects import container_method, text_method
from .program import Bound, Class, Function, Partial
from .summaries import construct, invoke
from .values import (
    NO,
    UNKNOWN,
    Obj,
    State,
    Taint,
    Value,
    attribute_key,
    constant,
    join,
    join_all,
    merged,
    sanitised,
)

Args = tuple[Value, ...]
Kwargs = Mapping[str, Value]

_LOOKUPS = frozenset({"get", "filter", "exclude", "get_or_create", "aget", "aggregate", "annotate", "filter_by"})
_OF_A_DICTIONARY = frozenset({"key", "default", "type"})
#: Methods of a text that put others into it: whatever text it is, it holds them.
_FILLING = frozenset({"replace", "format", "join"})
_PASSING = frozenset({"append", "add", "extend", "insert", "update", "put", "write"})


def apply(
    machine: Machine, callee: Value, node: ast.Call, args: Args, kwargs: Kwargs, star: Value | None, state: State
) -> Value:
    """Calls a value."""
    results: list[Value] = []
    for each in callee.calls:
        if isinstance(each, Function):
            results.append(invoke(machine, each, args, kwargs, star, node, state))
        elif isinstance(each, Bound):
            results.append(invoke(machine, each.function, (each.receiver, *args), kwargs, star, node, state))
        elif isinstance(each, Class):
            results.append(construct(machine, each, args, kwargs, star, node, state))
        elif isinstance(each, Partial):
            mixed = {**each.kwargs, **kwargs}
            results.append(apply(machine, each.callee, node, (*each.args, *args), mixed, star, state))
    for name in callee.ext:
        results.append(library(machine, name, None, node, args, kwargs, star, state))
    for _, obj in machine.objects(callee, state):
        found = obj.cls.attribute("__call__", state) if isinstance(obj.cls, Class) else None
        if found is not None:
            for each in found[0].calls:
                if isinstance(each, Function):
                    results.append(invoke(machine, each, (Value(refs=callee.refs), *args), kwargs, star, node, state))
    return join_all(results)


def library(
    machine: Machine,
    name: str,
    receiver: Value | None,
    node: ast.Call,
    args: Args,
    kwargs: Kwargs,
    star: Value | None,
    state: State,
) -> Value:
    """Calls a function of a library by its dotted name."""
    name = machine.knowledge.canonical(name)
    model = machine.knowledge.functions.get(name)
    last = name.rpartition(".")[2]
    if name in _FOLDED and args and not kwargs and star is None:
        found = _folded(machine, name, args, state)
        if found is not None:
            return found
    if model is None and name.startswith(("builtins.str.", "builtins.bytes.")) and args:
        # ``str.upper(text)``, also as what ``map`` applies
        found = text_method(machine, last, Call(node, name, args[0], args[1:], kwargs, state, star))
        return found if found is not None else UNKNOWN
    if model is None:
        return Value(ext=(name,)) if last[:1].isupper() else UNKNOWN
    return modelled(machine, model, Call(node, name, receiver, args, kwargs, state, star))


_FOLDED = {
    f"builtins.{each.__name__}": each
    for each in (len, int, str, abs, min, max, ord, chr, bool, float, round, sum, any, all, bin, hex, repr)
}


def _folded(machine: Machine, name: str, args: Args, state: State) -> Value | None:
    """A builtin applied to constants."""
    values: list[Any] = []
    for each in args:
        objects = [obj for _, obj in machine.objects(each, state)]
        if each.const is not NO:
            values.append(each.const)
        elif (
            len(objects) == 1
            and objects[0].full
            and not each.taints
            and objects[0].kind in ("list", "tuple", "dict", "set")
        ):
            inner = tuple(one.const for one in objects[0].elements())
            if name != "builtins.len" and any(one is NO for one in inner):
                return None
            values.append(inner)
        else:
            return None
    return computed(_FOLDED[name], *values)


def selected(machine: Machine, call: Call, selectors: tuple[int | str, ...], shallow: bool = False) -> list[Value]:
    """The arguments that selectors name; ``*`` all positional, ``**`` all keywords, ``self`` the receiver."""
    found: list[Value] = []
    given = False  # was the parameter whose position was named last given by it? Then its names mean something else
    for each in selectors:
        if each == "*":
            found += call.args
        elif each == "**":
            found += call.kwargs.values()
        elif not (given and isinstance(each, str)) and (value := call.arg(each)) is not None:
            found.append(value)
        if isinstance(each, int):
            given = each < len(call.args)
    if call.star is not None and not found and any(isinstance(each, int) or each in ("*", "**") for each in selectors):
        found.append(call.star)
    return found


def modelled(machine: Machine, model: Model, call: Call) -> Value:
    """What a model says of a call."""
    state, node = call.state, call.node
    ticket = 0
    for sink in model.sinks:
        if sink.when is not None and not sink.when(call):
            continue
        hidden = _behind_star(machine, sink, call) if sink.part == "named" else None
        for value in selected(machine, call, sink.args) if hidden is None else hidden:
            ticket = check(machine, sink, value, node, state) or ticket
    if model.leaves:
        machine.leaving.add(node)
    taints: tuple[Taint, ...] = ()
    if model.through:
        parts = selected(machine, call, model.through)
        taints = reshaped(merged(taint for each in parts for taint in machine.deep(each, state)))
    if model.applies is not None and len(call.args) > model.applies:
        position = model.applies
        return apply(machine, call.args[position], node, call.args[position + 1 :], call.kwargs, call.star, state)
    result: Value | None = None
    if model.hook is not None:
        result = model.hook(machine, call)
    if result is None:
        result = Value(taints=taints, ext=(model.returns,) if model.returns else ())
        if ticket:
            result = replace(
                machine.new(state, Obj("object", {attribute_key("ticket"): constant(ticket)}, full=False)),
                ext=result.ext,
                taints=result.taints,
            )
    if model.source:
        read = node.func if isinstance(node.func, ast.Subscript) else node  # an index is looked up by a call as well
        text = ast.unparse(read) if _short(node) else call.name
        result = replace(result, taints=(machine.taint(model.source, node, text),))
    if model.cleanses and result.taints:
        result = replace(result, taints=sanitised(result.taints, model.cleanses))
    return machine.noted(result, node)


def _behind_star(machine: Machine, sink: Sink, call: Call) -> list[Value] | None:
    """What stands at the place of a program that a star hides, as far as it is known; None if none hides it."""
    if call.star is None or call.arg(*(each for each in sink.args if isinstance(each, str))) is not None:
        return None
    starred = [(number, each.value) for number, each in enumerate(call.node.args) if isinstance(each, ast.Starred)]
    place = next((each for each in sink.args if isinstance(each, int)), 0)
    if not starred or starred[0][0] > place or len(call.node.args) - len(starred) != len(call.args):
        return None
    number, star = starred[0]
    held = machine.eval(star, call.state)
    objects = [obj for _, obj in machine.objects(held, call.state)]
    found = [obj.get(place - number) for obj in objects] if objects else [machine.element(held, call.state)]
    # A program of which the beginning is written here is not the visitor's.
    return [
        replace(each, taints=tuple(one for one in each.taints if NOT_FIRST not in one.safe))
        for each in found
        if each is not None
    ]


def _short(node: ast.AST) -> bool:
    return (
        getattr(node, "end_lineno", 1) == getattr(node, "lineno", 0)
        and getattr(node, "end_col_offset", 99) - getattr(node, "col_offset", 0) < 60
    )


# -- methods


def method(
    machine: Machine,
    receiver: Value,
    name: str,
    node: ast.Call,
    args: Args,
    kwargs: Kwargs,
    star: Value | None,
    state: State,
) -> Value:
    """Calls ``receiver.name(…)``."""
    results: list[Value] = []
    resolved = False
    call = Call(node, f".{name}", receiver, args, kwargs, state, star)
    machine.run.reads.add(attribute_key(name))
    modelled_here = receiver.refs and any([f"{each}.{name}" in machine.knowledge.functions for each in receiver.ext])
    for number, obj in machine.objects(receiver, state) if receiver.refs else ():
        found = None if modelled_here else container_method(machine, number, obj, name, call, len(receiver.refs) == 1)
        if found is not None and obj.kind:
            results.append(found)
            resolved = True
            continue
        stored = obj.fields.get(attribute_key(name)) if obj.kind != "class" else None
        if stored is not None and stored.calls:
            results.append(apply(machine, stored, node, args, kwargs, star, state))
            resolved = True
            continue
        cls = obj.cls if isinstance(obj.cls, Class) else None
        member = cls.attribute(name, state) if cls is not None else None
        if member is not None:
            for each in member[0].calls:
                if isinstance(each, Function):
                    own = Value(refs=(number,), ext=receiver.ext)
                    bound = () if each.kind == "static" else (own,)
                    results.append(invoke(machine, each, (*bound, *args), kwargs, star, node, state))
                    resolved = True
                elif isinstance(each, Class | Partial):
                    results.append(apply(machine, member[0], node, args, kwargs, star, state))
                    resolved = True
        elif found is not None:
            results.append(found)
    for each in receiver.calls if name in LATER else ():
        if isinstance(each, Function):
            results.append(later(machine, each, call))
            resolved = True
    for each in receiver.calls:  # a class: static and class methods, plain functions called with an instance
        member = each.attribute(name, state) if isinstance(each, Class) else None
        if member is not None:
            for function in member[0].calls:
                if isinstance(function, Function):
                    bound = (receiver,) if function.kind == "class" else ()
                    results.append(invoke(machine, function, (*bound, *args), kwargs, star, node, state))
                    resolved = True
        elif isinstance(each, Class) and name == "as_manager":  # Django's: its methods are those of the query set
            results.append(machine.new(state, Obj("object", {}, None, each, False)))
            resolved = True
    if resolved and not receiver.taints:
        return join_all(results)
    for ext in receiver.ext:
        if ext.startswith(("file:", "dir:")):
            member = machine.program.member(machine, ext, name)
            return apply(machine, member, node, args, kwargs, star, state)
        full = machine.knowledge.canonical(f"{ext}.{name}")
        model = machine.knowledge.functions.get(full)
        if model is not None:
            results.append(modelled(machine, model, replace_name(call, full)))
            resolved = True
        elif name[:1].isupper() and not receiver.taints:
            results.append(Value(ext=(full,)))
            resolved = True
    if resolved:
        return join_all(results)
    if receiver.taints and kwargs.keys() - _OF_A_DICTIONARY and not args and name in _LOOKUPS:
        return UNKNOWN  # rows of a database: no dictionary is asked like this
    text = None
    unknown = all(each.origin.kind == "parameter" for each in receiver.taints)
    unknown = unknown and receiver.const is NO and not receiver.prefix
    if not (unknown and f"*.{name}" in machine.knowledge.functions) and (
        not receiver.ext or not unknown or name in _FILLING
    ):
        text = text_method(machine, name, call)
    if text is not None:
        return text
    model = machine.knowledge.functions.get(f"*.{name}")
    if model is not None:
        return join_all([*results, modelled(machine, model, replace_name(call, f"*.{name}"))])
    if results:
        return join_all(results)
    if receiver.taints and name not in TESTS:
        if name in _PASSING:
            return UNKNOWN
        return Value(taints=receiver.taints)
    if name in _PASSING and not receiver.ext:
        return UNKNOWN
    return (
        Value(ext=tuple(f"{each}.{name}" for each in receiver.ext if each.count(".") < 6)) if receiver.ext else UNKNOWN
    )


#: Methods of a task that have it run elsewhere.
LATER = frozenset({"delay", "apply_async", "send", "send_with_options", "s", "si", "signature", "apply", "schedule"})


def later(machine: Machine, task: Function, call: Call) -> Value:
    """``task.delay(…)``, ``task.apply_async(args=…, kwargs=…)``: it is called with the same arguments, elsewhere."""
    args, kwargs = call.args, call.kwargs
    if not call.name.endswith((".delay", ".send", ".s", ".si")):
        listed, named = call.arg("args", 0), call.arg("kwargs", 1)
        objects = machine.objects(listed, call.state) if listed is not None else []
        args = tuple(value for _, obj in objects[:1] for value in obj.elements())
        mapped = machine.objects(named, call.state) if named is not None else []
        kwargs = {key: each for _, obj in mapped[:1] for key, each in obj.fields.items() if isinstance(key, str)}
    bound = any("bind=True" in ast.unparse(each) for each in task.decorators)
    invoke(machine, task, (UNKNOWN, *args) if bound else args, kwargs, call.star, call.node, call.state)
    return UNKNOWN


def replace_name(call: Call, name: str) -> Call:
    return Call(call.node, name, call.receiver, call.args, call.kwargs, call.state, call.star)


# -- what statements ask


def leaves(machine: Machine, node: ast.Call, state: State) -> bool:
    """Does a call never come back?"""
    return node in machine.leaving


#: Names of methods that are called so that they raise.
_CHECKING = re.compile(r"_?(?:check|validate|verify|ensure|assert|require|enforce)(?:_|[A-Z]|$)")


def trust_check(machine: Machine, node: ast.Call, state: State) -> None:
    """Within a lone definition: a helper that nobody sees, called for its effect only, may be a check. A method of
    something that nobody sees (a validator, or a log) is one if its name says so."""
    function = node.func
    if isinstance(function, ast.Attribute):
        owner = function.value.func if isinstance(function.value, ast.Call) else function.value
        name = owner.id if isinstance(owner, ast.Name) else ""
        checking = name and _CHECKING.match(function.attr) is not None
        may_check = name in ("self", "cls") or (checking and is_unseen(machine, name, state))
    else:
        may_check = isinstance(function, ast.Name) and is_unseen(machine, function.id, state)
    if may_check:
        for each in (*node.args, *(keyword.value for keyword in node.keywords)):
            if isinstance(each, ast.Name):
                value = machine.lookup(each.id, state)
                if value is not None:
                    narrow(state, value, lambda _: ())


def is_unseen(machine: Machine, name: str, state: State) -> bool:
    """Does a name stand for what this definition does not show: nothing that is known, or an import from a package
    that is neither Python's own nor one that the models know?"""
    value = machine.lookup(name, state)
    if value is None:
        return True
    packages = {each.partition(".")[0] for each in value.ext}
    return bool(packages) and not packages & (sys.stdlib_module_names | _modelled_packages())


@lru_cache(maxsize=1)
def _modelled_packages() -> frozenset[str]:
    return frozenset([each.partition(".")[0] for each in knowledge().functions])


def returned(machine: Machine, node: ast.Return | ast.Raise, value: Value, state: State) -> None:
    """What a view returns is sent to a browser."""
    entry = machine.entry_of
    if entry is None or not entry[1] or machine.frame.function is not entry[0]:
        return
    if sum(each.function is entry[0] for each in machine.frames) == 1:
        sent(machine, node, value, state, entry[1])


_PAGE = Sink("xss", ())
_SHOWN = Sink("errinfo", (), ERROR)


def sent(machine: Machine, node: ast.Return | ast.Raise, value: Value, state: State, how: str) -> None:
    """A view's result: text is a page if the framework says so; what an exception says is for nobody outside."""
    if not isinstance(node, ast.Return) or node.value is None:
        return
    machine.at_sink(_SHOWN, machine.deep(value, state), node)
    if how == "parts":  # of a page: an application of WSGI
        machine.at_sink(_PAGE, machine.deep(value, state), node)
    if how != "html":
        return
    objects = [obj for _, obj in machine.objects(value, state)]
    content = value
    if objects and objects[0].kind == "tuple":
        headers = [each for each in objects[0].fields.values() if each.refs]
        for each in headers:
            for _, obj in machine.objects(each, state):
                for key, kind in obj.fields.items():
                    plain = isinstance(kind.const, str) and "html" not in kind.const
                    if isinstance(key, str) and key.lower() == "content-type" and plain:
                        return
        content = objects[0].fields.get(0, UNKNOWN)
    elif objects:
        return  # a dictionary or a response
    if content.ext and not content.taints:
        return
    machine.at_sink(_PAGE, content.taints, node)


def attribute_set(machine: Machine, owner: Value, target: ast.Attribute, value: Value, state: State) -> None:
    """``owner.attr = value``: what a model says of it (``….attr.__set__``); the content type of a response takes a
    finding about its content back."""
    if target.attr in ("content_type", "mimetype", "media_type"):
        _typed(machine, owner, value, state)
    for ext in owner.ext:
        name = machine.knowledge.canonical(f"{ext}.{target.attr}.__set__")
        model = machine.knowledge.functions.get(name)
        if model is not None:
            node = ast.copy_location(ast.Call(target, [], []), target)
            modelled(machine, model, Call(node, name, owner, (value,), {}, state))


def item_set(machine: Machine, owner: Value, key: Value, value: Value, target: ast.Subscript, state: State) -> None:
    """``owner[key] = value``: sinks of storing, and the header that names the content type."""
    if isinstance(key.const, str) and key.const.lower() == "content-type":
        _typed(machine, owner, value, state)
        if isinstance(target.value, ast.Attribute) and target.value.attr == "headers":
            _typed(machine, machine.eval(target.value.value, state), value, state)
    for ext in owner.ext:
        model = machine.knowledge.functions.get(machine.knowledge.canonical(f"{ext}.__setitem__"))
        if model is not None:
            node = ast.copy_location(ast.Call(target, [], []), target)
            modelled(machine, model, Call(node, f"{ext}.__setitem__", owner, (key, value), {}, state))


def _typed(machine: Machine, owner: Value, value: Value, state: State) -> None:
    if not isinstance(value.const, str) or "html" in value.const or "svg" in value.const or "xml" in value.const:
        return
    take_back(machine, owner, state)


#: Errors whose text is about the inside: anything at all, files, databases, programs.
_INSIDE_ERRORS = ("Exception", "BaseException", "OSError", "IOError", "EnvironmentError", "RuntimeError", "SystemError")
_INSIDE_LIBRARIES = (
    "sqlite3.",
    "psycopg",
    "sqlalchemy.",
    "pymysql.",
    "MySQLdb.",
    "subprocess.",
    "django.db.",
    "pymongo.",
    "redis.",
)


def caught(machine: Machine, handler: ast.ExceptHandler, state: State) -> Value:
    """The exception that a handler binds. An error of a kind of its own is made to be read; any error at all is not."""
    kinds = handler.type
    listed = kinds.elts if isinstance(kinds, ast.Tuple) else [kinds] if kinds is not None else []
    inside = not listed
    for each in listed:
        names = machine.eval(each, state).ext
        inside = inside or any(name.removeprefix("builtins.") in _INSIDE_ERRORS for name in names)
        inside = inside or any(name.startswith(_INSIDE_LIBRARIES) for name in names)
    if not inside:
        return UNKNOWN
    taint = machine.taint("error", handler, f"the exception {handler.name}")
    return Value(ext=("builtins.Exception",), taints=(taint,))


def entered(machine: Machine, value: Value, node: ast.expr, state: State) -> Value:
    """What ``with value as name`` binds."""
    results: list[Value] = []
    for _, obj in machine.objects(value, state):
        if isinstance(obj.cls, Class):
            for name in ("__enter__", "__aenter__"):
                found = obj.cls.attribute(name, state)
                for each in found[0].calls if found is not None else ():
                    if isinstance(each, Function):
                        results.append(invoke(machine, each, (value,), {}, None, node, state))
        elif obj.kind == "list" and isinstance(node, ast.Call):
            results.append(machine.element(value, state))
    if results:
        return join_all(results)
    names = [f"{each}.__enter__" for each in value.ext]
    models = [
        model
        for each in names
        if (model := machine.knowledge.functions.get(machine.knowledge.canonical(each))) is not None
    ]
    if models and models[0].returns:
        return Value(ext=tuple(each.returns for each in models), taints=value.taints)
    return value


__all__ = [
    "Kwargs",
    "apply",
    "attribute_set",
    "caught",
    "construct",
    "entered",
    "invoke",
    "is_unseen",
    "item_set",
    "join",
    "leaves",
    "library",
    "method",
    "modelled",
    "returned",
    "trust_check",
]
