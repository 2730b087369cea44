"""Calls: functions of the program are interpreted with the values they get, those of libraries do what models say.

What interpreting a function with given arguments came to is its summary; it is kept by the arguments' constants,
taints and shapes, so that a helper is interpreted once for each way it is used (Sharir and Pnueli's functional
approach, 1981, with values for data-flow facts). A function that calls itself with the same arguments adds nothing
to what its other ways return.

Invariant: a function of a library that no model knows carries nothing from its arguments to its result.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ..models import ERROR, Sink
from ..models import Function as Model
from .arguments import bind
from .fold import TESTS, computed, truth
from .guards import Verdict, narrow, refine, root
from .machine import MAX_DEPTH, Call, Frame, Machine
from .objects import container_method, text_method
from .program import Bound, Class, Function, Partial
from .values import (
    NO,
    UNKNOWN,
    Obj,
    State,
    Taint,
    Value,
    attribute_key,
    constant,
    hashable,
    join,
    join_all,
    join_states,
    merged,
    sanitised,
)

#: Calls this deep are followed only for the untrusted values that they are given.
FAR = 4

Args = tuple[Value, ...]
Kwargs = Mapping[str, Value]

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
    for each in selectors:
        if each == "*":
            found += call.args
        elif each == "**":
            found += call.kwargs.values()
        elif (value := call.arg(each)) is not None:
            found.append(value)
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
        for value in selected(machine, call, sink.args):
            ticket = check(machine, sink, value, node, state) or ticket
    if model.leaves:
        machine.leaving.add(id(node))
    taints: tuple[Taint, ...] = ()
    if model.through:
        parts = selected(machine, call, model.through)
        taints = merged(taint for each in parts for taint in machine.deep(each, state))
    if model.applies is not None and len(call.args) > model.applies:
        position = model.applies
        return apply(machine, call.args[position], node, call.args[position + 1 :], call.kwargs, call.star, state)
    result: Value | None = None
    if model.hook is not None:
        result = model.hook(machine, call)
    if result is None:
        result = Value(ext=(model.returns,) if model.returns else ())
        if taints:
            result = replace(result, taints=taints)
        if ticket:
            result = replace(
                machine.new(state, Obj("object", {attribute_key("ticket"): constant(ticket)}, full=False)),
                ext=result.ext,
                taints=result.taints,
            )
    if model.cleanses and result.taints:
        result = replace(result, taints=sanitised(result.taints, model.cleanses))
    if model.source:
        text = ast.unparse(node) if _short(node) else call.name
        result = replace(result, taints=(machine.taint(model.source, node, text),))
    return machine.noted(result, node)


def _short(node: ast.AST) -> bool:
    return (
        getattr(node, "end_lineno", 1) == getattr(node, "lineno", 0)
        and getattr(node, "end_col_offset", 99) - getattr(node, "col_offset", 0) < 60
    )


def check(machine: Machine, sink: Sink, value: Value, node: ast.AST, state: State) -> int:
    """Notes what an argument of a sink carries."""
    if sink.part in ("host", "path-host") and prefix_decides_host(value.prefix, sink.rule):
        return 0
    if sink.part == "program":
        return _check_program(machine, sink, value, node, state)
    if sink.rule in ("pathtraver", "xss") and any(each.rpartition(".")[2] in _CONTENTS for each in value.ext):
        return 0
    if sink.rule == "cmdi" and value.built and sink.part != "program":
        # A command that is put together here: even where nobody is seen to call the function.
        sink = replace(sink, origins=sink.origins | {"parameter"})
    taints = machine.deep(value, state) if sink.part == "deep" or sink.rule in _INSIDE else value.taints
    return machine.at_sink(sink, taints, node)


#: What is sent whole: what is in it, too.
_INSIDE = frozenset({"errinfo", "trustbound", "nosqli", "xxe", "deserialization"})
#: Files that were sent: content, not the names of files.
_CONTENTS = frozenset({"FileStorage", "UploadFile", "upload", "StringIO", "BytesIO"})


def prefix_decides_host(prefix: str, rule: str) -> bool:
    """Does the beginning of a URL say which host it names, whatever follows?"""
    import re

    if re.match(r"[a-zA-Z][a-zA-Z0-9+.-]*://[^/?#\\@]+[/?#]", prefix):
        return True
    return rule == "redirect" and bool(re.match(r"/[^/\\]|[?#]|[A-Za-z0-9_.-]+[/?#]", prefix))


def _check_program(machine: Machine, sink: Sink, value: Value, node: ast.AST, state: State) -> int:
    """A list of arguments: its first element is the program; behind ``sh -c`` follows a command."""
    ticket = 0
    for _, obj in machine.objects(value, state):
        first = obj.get(0)
        if first is None:
            continue
        ticket = machine.at_sink(sink, first.taints, node) or ticket
        program = first.const.rpartition("/")[2] if isinstance(first.const, str) else ""
        flag = obj.get(1)
        if (
            program
            in ("sh", "bash", "zsh", "dash", "ksh", "cmd", "cmd.exe", "powershell", "pwsh", "su", "ssh", "sudo", "env")
            and flag is not None
        ):
            if isinstance(flag.const, str) and flag.const.lower() in (
                "-c",
                "/c",
                "-lc",
                "-ec",
                "-command",
                "-xc",
                "-euc",
            ):
                command = obj.get(2)
                if command is not None:
                    ticket = machine.at_sink(sink, machine.deep(command, state), node) or ticket
            elif program == "ssh" and len(obj.fields) > 2:
                last = obj.fields.get(max(key for key in obj.fields if isinstance(key, int)))
                if last is not None:
                    ticket = machine.at_sink(sink, machine.deep(last, state), node) or ticket
    if not value.refs and not value.prefix:
        ticket = machine.at_sink(sink, value.taints, node) or ticket
    return ticket


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
    for number, obj in machine.objects(receiver, state):
        found = container_method(machine, number, obj, name, call, len(receiver.refs) == 1)
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
    for each in receiver.calls:  # a class: static and class methods, plain functions called with an instance
        member = each.attribute(name, state) if isinstance(each, Class) else None
        if member is not None:
            for function in member[0].calls:
                if isinstance(function, Function):
                    bound = (receiver,) if function.kind == "class" else ()
                    results.append(invoke(machine, function, (*bound, *args), kwargs, star, node, state))
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
    text = None
    unknown = all(each.origin.kind == "parameter" for each in receiver.taints)
    unknown = unknown and receiver.const is NO and not receiver.prefix
    if not (unknown and f"*.{name}" in machine.knowledge.functions) and (not receiver.ext or not unknown):
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


def replace_name(call: Call, name: str) -> Call:
    return Call(call.node, name, call.receiver, call.args, call.kwargs, call.state, call.star)


# -- functions of the program


def fingerprint(machine: Machine, value: Value, state: State, depth: int = 3) -> Any:
    """What distinguishes a value for a summary."""
    const = value.const if hashable(value.const) else None
    inner: list[Any] = []
    if depth and value.refs:
        for number, obj in machine.objects(value, state):
            if obj.kind == "class":
                inner.append(number)
                continue
            fields = tuple(
                (key, fingerprint(machine, each, state, depth - 1))
                for key, each in sorted(obj.fields.items(), key=lambda pair: repr(pair[0]))
            )
            rest = fingerprint(machine, obj.rest, state, depth - 1) if obj.rest is not None else None
            inner.append((obj.kind, id(obj.cls), obj.full, fields, rest))
    taints = frozenset((taint.origin, taint.safe) for taint in value.taints)
    return type(const), const, taints, value.ext, tuple(id(each) for each in value.calls), value.prefix, tuple(inner)


def invoke(
    machine: Machine, function: Function, args: Args, kwargs: Kwargs, star: Value | None, node: ast.AST, state: State
) -> Value:
    """Interprets a function of the program with its arguments."""
    machine.reached.add(id(function))
    if machine.frame.function is not None and machine.frame.function is not function:
        machine.called.add(id(function))
    same = [frame for frame in machine.frames if frame.function is function]
    given = bind(machine, function, args, kwargs, star, state)
    key = (id(function), tuple((name, fingerprint(machine, value, state)) for name, value in given.items()))
    if key in machine.active:
        return UNKNOWN
    if len(machine.frames) > FAR and not any(machine.deep(each, state) for each in given.values()):
        return UNKNOWN
    if len(machine.frames) > MAX_DEPTH or len(same) > 2 or machine.exhausted:
        taints = merged(taint for value in given.values() for taint in machine.deep(value, state))
        return Value(taints=taints)
    known = machine.memo.get(key)
    if known is not None:
        result, exits, leaves = known
        return _after(machine, function, given, result, exits, leaves, node, state)
    flows = {name: machine.noted(value, node) for name, value in given.items()}
    frame = Frame(function.module, function, parent=function.parent)
    before = dict(state.heap)
    inner = State(dict(flows), state.heap)
    machine.active.add(key)
    machine.frames.append(frame)
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
        machine.frames.pop()
        machine.active.discard(key)
    merged_state: State | None = None
    for _, at, _ in frame.returns:
        merged_state = join_states(merged_state, State({}, at.heap))
    if merged_state is not None:
        state.heap = merged_state.heap
    result = join_all(value for value, _, _ in frame.returns)
    if function.generator:
        element = join_all(frame.yields)
        result = machine.new(state, Obj("list", rest=element, full=False))
    _forget(state, before, result, machine)
    leaves = not frame.returns and not function.generator
    pure = all(state.heap.get(number) is obj for number, obj in before.items()) and not result.refs
    pure = pure and not any(number in machine.program.base for number in state.heap if number not in before)
    verdicts = [each for _, each in exits]
    if pure and not result.calls:
        machine.memo[key] = (result, verdicts, leaves)
    return _after(machine, function, given, result, verdicts, leaves, node, state)


def _forget(state: State, before: Mapping[int, Obj], result: Value, machine: Machine) -> None:
    """Drops the objects that a call made and that nothing which is left of it holds."""
    new = [number for number in state.heap if number not in before]
    if len(new) < 16 or result.calls:
        return  # few of them, or a closure that may hold any
    kept: set[int] = set()
    stack = list(result.refs)
    for number, obj in state.heap.items():
        if before.get(number, obj) is not obj or number in machine.program.base:
            stack += [ref for value in obj.everything() for ref in value.refs]
    while stack:
        number = stack.pop()
        obj = state.heap.get(number)
        if number in kept or number in before or obj is None:
            continue
        kept.add(number)
        stack += [ref for value in obj.everything() for ref in value.refs]
    for number in new:
        if number not in kept and number not in machine.program.base and state.heap[number].kind != "class":
            del state.heap[number]


_Exit = tuple[
    Any, dict[str, tuple[Taint, ...]], dict[str, tuple[Taint, ...]] | None, dict[str, tuple[Taint, ...]] | None
]


def _exits(
    machine: Machine, frame: Frame, given: Mapping[str, Value], value: Value, at: State, expression: ast.expr | None
) -> _Exit:
    """What is left of each argument's taints where the function returns: in any case, if what it returns counts as
    true, and if not."""

    def left(state: State | None) -> dict[str, tuple[Taint, ...]] | None:
        if state is None:
            return None
        found: dict[str, tuple[Taint, ...]] = {}
        for name, original in given.items():
            now = state.env.get(name)
            if original.taints:
                found[name] = now.taints if now is not None and root(now) is root(original) else original.taints
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
        machine.leaving.add(id(node))
        return UNKNOWN
    if result.taints:
        result = machine.noted(result, node)
    subjects: list[tuple[Value, tuple[Taint, ...] | None, tuple[Taint, ...] | None]] = []
    for name, value in given.items():
        if not value.taints or not exits:
            continue
        always = merged(taint for _, each, _, _ in exits for taint in each.get(name, value.taints))
        if {(t.origin, t.safe) for t in always} != {(t.origin, t.safe) for t in value.taints}:
            narrow(state, value, _only(always))
        trues = [each[name] for _, _, each, _ in exits if each is not None and name in each]
        falses = [each[name] for _, _, _, each in exits if each is not None and name in each]
        if_true = merged(taint for each in trues for taint in each) if trues else None
        if_false = merged(taint for each in falses for taint in each) if falses else None
        if if_true != if_false:
            subjects.append((value, if_true, if_false))
    if subjects and result.cond is None and not result.taints and not function.generator:
        result = replace(result, cond=Verdict(tuple(subjects)))
    elif result.cond is not None and not isinstance(result.cond, Verdict):
        result = replace(result, cond=None)
    return result


def _only(taints: tuple[Taint, ...]) -> Any:
    from .guards import with_taints

    return with_taints(taints)


def construct(
    machine: Machine, cls: Class, args: Args, kwargs: Kwargs, star: Value | None, node: ast.AST, state: State
) -> Value:
    """A new instance of a class of the program."""
    external = cls.external()
    if any(each.startswith("enum.") for each in external):
        return UNKNOWN  # one of the values that the class lists
    if star is not None and star.taints and is_record(cls):
        machine.at_sink(_RECORD, star.taints, node)
    made = machine.new(state, Obj("object", {}, None, cls, False))
    made = replace(made, ext=tuple(each for each in external if not each.startswith("builtins.")))
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
            value = default[0] if default is not None else UNKNOWN
        machine.put(made, attribute_key(name), clean_for(machine, cls, name, value, state), state)
    for name, value in kwargs.items():
        if name not in names:
            machine.put(made, attribute_key(name), value, state)
    if any(each.endswith(("Exception", "Error")) for each in external):
        carried = merged(taint for value in args for taint in machine.deep(value, state))
        made = replace(made, taints=carried) if carried else made
    after = cls.attribute("__post_init__", state)
    for each in after[0].calls if after is not None else ():
        if isinstance(each, Function):
            invoke(machine, each, (made,), {}, None, node, state)
    return made


_RECORD = Sink("massassign", ())
_TABLES = ("Model", "Base", "DeclarativeBase", "Document", "Entity", "SQLModel")


def is_record(cls: Class) -> bool:
    """Is a class a table of a database? By its bases, or by columns among its attributes."""
    names = {each.rpartition(".")[2] for each in cls.external()} | {each.name for each in cls.ancestors()}
    names |= {each.attr for each in cls.node.bases if isinstance(each, ast.Attribute)}
    names |= {each.id for each in cls.node.bases if isinstance(each, ast.Name)}
    return bool(names & set(_TABLES)) and "BaseModel" not in names


def clean_for(machine: Machine, cls: Class, name: str, value: Value, state: State) -> Value:
    """A field of a class that converts what it is given (pydantic and the like do, dataclasses do not)."""
    validated = any("pydantic" in each or "BaseModel" in each or "Struct" in each for each in cls.external())
    if not validated or not value.taints:
        return value
    from .entries import converted

    owner = next((each for each in cls.ancestors() if name in each.annotations), cls)
    return converted(machine, owner, owner.annotations.get(name), name, value, state)


# -- what statements ask


def leaves(machine: Machine, node: ast.Call, state: State) -> bool:
    """Does a call never come back?"""
    return id(node) in machine.leaving


def trust_check(machine: Machine, node: ast.Call, state: State) -> None:
    """Within a lone definition: a helper that nobody sees, called for its effect only, may be a check."""
    if (isinstance(node.func, ast.Name) and machine.lookup(node.func.id, state) is None) or (
        isinstance(node.func, ast.Attribute)
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id in ("self", "cls")
    ):
        for each in (*node.args, *(keyword.value for keyword in node.keywords)):
            if isinstance(each, ast.Name):
                value = machine.lookup(each.id, state)
                if value is not None:
                    narrow(state, value, lambda _: ())


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
    """``owner.attr = value``: the content type of a response takes a finding about its content back."""
    if target.attr in ("content_type", "mimetype", "media_type"):
        _typed(machine, owner, value, state)


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
    for _, obj in machine.objects(owner, state):
        ticket = obj.fields.get(attribute_key("ticket"))
        if ticket is not None and isinstance(ticket.const, int):
            machine.withdrawn.add(ticket.const)


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
    "item_set",
    "join",
    "leaves",
    "library",
    "method",
    "modelled",
    "returned",
    "trust_check",
]
