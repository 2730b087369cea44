"""Containers, records, callables made of others, threads: the library's own, beyond the language's.

Invariant: whatever calls a function of the program is followed into it.
"""

from __future__ import annotations

import ast
from dataclasses import replace

from ..taint.attributes import attribute
from ..taint.calls import apply
from ..taint.machine import Call, Machine
from ..taint.objects import subscript
from ..taint.program import Class, Partial
from ..taint.values import NO, UNKNOWN, Obj, Value, attribute_key, constant, is_tuple, join, join_all, merged
from . import Function, Model, merge, through


def _partial(machine: Machine, call: Call) -> Value:
    return Value(calls=(Partial(call.first, call.args[1:], dict(call.kwargs)),))


def _wraps(machine: Machine, call: Call) -> Value:
    return UNKNOWN


def _reduce(machine: Machine, call: Call) -> Value:
    element = machine.element(call.args[1], call.state) if len(call.args) > 1 else UNKNOWN
    start = call.args[2] if len(call.args) > 2 else element
    once = apply(machine, call.first, call.node, (start, element), {}, None, call.state)
    return join_all([start, apply(machine, call.first, call.node, (once, element), {}, None, call.state)])


def _variable(machine: Machine, call: Call) -> Value:
    """``ContextVar(name)``: holds whatever anybody sets."""
    made = machine.new(call.state, Obj("buffer", rest=call.arg("default"), full=False))
    return Value(ext=("contextvars.ContextVar",), refs=made.refs)


def _variable_set(machine: Machine, call: Call) -> Value:
    machine.put(call.receiver or UNKNOWN, NO, call.first, call.state)
    return UNKNOWN


def _variable_get(machine: Machine, call: Call) -> Value:
    held = [each for _, obj in machine.objects(call.receiver or UNKNOWN, call.state) for each in obj.elements()]
    return join_all([*held, *call.args])


def _gather(machine: Machine, call: Call) -> Value:
    """``gather(one(), other())``: what each comes to, in the order of the arguments."""
    if call.star is None:
        return machine.new(call.state, Obj("list", dict(enumerate(call.args))))
    taints = merged(taint for each in (*call.args, call.star) for taint in machine.deep(each, call.state))
    return machine.new(call.state, Obj("list", rest=Value(taints=taints), full=False))


def _counter(machine: Machine, call: Call) -> Value:
    """A dictionary of numbers: what is counted are its keys."""
    keys = machine.element(call.first, call.state) if call.args else UNKNOWN
    fields = {"\0keys": keys} if keys.taints else {}
    return replace(machine.new(call.state, Obj("dict", fields, full=False)), ext=("collections.Counter",))


def _counted(machine: Machine, call: Call) -> Value:
    held = [
        obj.fields["\0keys"]
        for _, obj in machine.objects(call.receiver or UNKNOWN, call.state)
        if "\0keys" in obj.fields
    ]
    return machine.new(call.state, Obj("list", rest=join_all(held), full=False))


def _count_more(machine: Machine, call: Call) -> Value:
    """``counter.update(values)``: they are counted as well."""
    keys = machine.element(call.first, call.state) if call.args else UNKNOWN
    if keys.taints:
        for number, obj in machine.objects(call.receiver or UNKNOWN, call.state):
            known = obj.fields.get("\0keys")
            call.state.heap[number] = obj.put("\0keys", keys if known is None else join(known, keys))
    return constant(None)


def _most_common(machine: Machine, call: Call) -> Value:
    keys = machine.element(_counted(machine, call), call.state)
    pair = machine.new(call.state, Obj("tuple", {0: keys, 1: UNKNOWN}))
    return machine.new(call.state, Obj("list", rest=pair, full=False))


def _thread(machine: Machine, call: Call) -> Value | None:
    target = call.arg("target", 1)
    args = call.arg("args", 3)
    if target is None:
        return None
    objects = [obj for _, obj in machine.objects(args, call.state)] if args is not None else []
    values = tuple(objects[0].fields.values()) if objects and objects[0].full else ()
    star = machine.element(args, call.state) if args is not None and not values else None
    keywords = call.arg("kwargs")
    named = [obj for _, obj in machine.objects(keywords, call.state)] if keywords is not None else []
    extra = {str(key): value for obj in named for key, value in obj.fields.items()}
    apply(machine, target, call.node, values, extra, star, call.state)
    return UNKNOWN


def _container(kind: str):
    def hook(machine: Machine, call: Call) -> Value:
        value = call.args[-1] if call.args and call.name.endswith("deque") else UNKNOWN
        objects = machine.objects(value, call.state)
        if objects and objects[0][1].kind in ("list", "tuple"):
            return machine.new(
                call.state, Obj(kind, objects[0][1].fields, objects[0][1].rest, None, objects[0][1].full)
            )
        return machine.new(
            call.state, Obj(kind, rest=Value(taints=value.taints) if value.taints else None, full=not value.taints)
        )

    return hook


def _default_dict(machine: Machine, call: Call) -> Value:
    factory = {"\0factory": call.first} if call.args else {}
    return machine.new(call.state, Obj("dict", factory, full=False))


def _chain_map(machine: Machine, call: Call) -> Value:
    """Several dictionaries seen as one: the first that has a key gives its value."""
    obj = Obj("dict")
    for each in reversed(call.args):
        if each.taints:
            obj = obj.blur(Value(taints=each.taints))
            obj = Obj(
                "dict",
                {key: join(value, Value(taints=each.taints)) for key, value in obj.fields.items()},
                obj.rest,
                None,
                False,
            )
        for _, other in machine.objects(each, call.state):
            obj = Obj("dict", {**obj.fields, **other.fields}, other.rest or obj.rest, None, obj.full and other.full)
    return machine.new(call.state, obj)


def _getter(name: str):
    """``itemgetter("key")`` and ``attrgetter("name")``: callables of what they get from."""

    def hook(machine: Machine, call: Call) -> Value:
        return Value(calls=(Partial(Value(ext=(name,)), call.args[:1], {}),))

    return hook


def _get_item(machine: Machine, call: Call) -> Value:
    node = ast.copy_location(ast.Subscript(call.node, ast.Constant(None), ast.Load()), call.node)
    return subscript(machine, node, call.args[1], call.args[0], call.state) if len(call.args) > 1 else UNKNOWN


def _get_attribute(machine: Machine, call: Call) -> Value:
    name = call.const(0)
    if len(call.args) < 2 or not isinstance(name, str):
        return UNKNOWN
    node = ast.copy_location(ast.Attribute(call.node, name, ast.Load()), call.node)
    return attribute(machine, node, call.args[1], call.state)


def _named_tuple(machine: Machine, call: Call) -> Value:
    """``namedtuple("Pair", "left right")``, ``NamedTuple("Pair", [("left", str), …])``: a class with these fields."""
    given = call.arg(1, "field_names", "fields") or UNKNOWN
    names: list[object] = [*given.const.replace(",", " ").split()] if isinstance(given.const, str) else []
    if is_tuple(given.const):
        names = list(given.const)
    for _, obj in machine.objects(given, call.state):
        for each in obj.elements():
            inner = next((one.get(0) for _, one in machine.objects(each, call.state)), None)
            first = inner.const if inner is not None else each.const
            names.append(first[0] if is_tuple(first) and first else first)
    annotations: dict[str, ast.expr] = {each: ast.Name("object", ast.Load()) for each in names if isinstance(each, str)}
    number = machine.program.next_number()
    name = call.const(0)
    node = ast.copy_location(ast.ClassDef(name if isinstance(name, str) else "", [], [], [], []), call.node)
    base = Value(ext=("typing.NamedTuple",))
    call.state.heap[number] = Obj("class", full=False)
    return Value(calls=(Class(machine.frame.module, node, [base], number, annotations),), refs=(number,))


def _field(machine: Machine, call: Call) -> Value:
    """``field(default_factory=list)``: what a new instance has there."""
    factory = call.arg("default_factory", "factory")
    default = call.arg("default")
    if factory is not None:
        return Value(derived=("factory", factory))
    return default if default is not None else UNKNOWN


def _asdict(machine: Machine, call: Call) -> Value:
    obj = Obj("dict")
    for _, each in machine.objects(call.first, call.state):
        for key, value in each.fields.items():
            if isinstance(key, str) and key.startswith("\0"):
                obj = obj.put(key[1:], value)
    return machine.new(call.state, obj)


def _dumped(machine: Machine, call: Call) -> Value | None:
    """``model.model_dump()``, ``record._asdict()``: what ``asdict`` makes of it."""
    receiver = call.receiver or UNKNOWN
    if not receiver.refs:
        return Value(taints=receiver.taints)
    return _asdict(machine, replace(call, args=(receiver,)))


def _changed(machine: Machine, call: Call) -> Value:
    """``record._replace(name=…)``, ``model.model_copy(update={…})``: another one, with some of it changed."""
    receiver = call.receiver or UNKNOWN
    given = dict(call.kwargs)
    changes = given.pop("update", UNKNOWN)
    for _, obj in machine.objects(changes, call.state):
        given |= {str(key): value for key, value in obj.fields.items() if isinstance(key, str) and key[:1] != "\0"}
    if not receiver.refs:
        taints = [taint for each in (receiver, *given.values()) for taint in machine.deep(each, call.state)]
        return Value(taints=merged(taints), ext=receiver.ext)
    given.pop("deep", None)
    return _replaced(machine, replace(call, args=(receiver,), kwargs=given))


def _replaced(machine: Machine, call: Call) -> Value:
    for _, obj in machine.objects(call.first, call.state):
        for name, value in call.kwargs.items():
            obj = obj.put(attribute_key(name), value)
        return machine.new(call.state, obj)
    return call.first


_FIELDS = ("dataclasses.field", "pydantic.Field", "attrs.field", "attr.ib", "attr.field")


def _spread(machine: Machine, call: Call) -> Value | None:
    """``pool.map(function, values)``: what ``map`` does, on threads or processes."""
    if len(call.args) < 2 or not (call.first.calls or call.first.ext):
        return None
    elements = tuple(machine.element(each, call.state) for each in call.args[1:])
    result = apply(machine, call.first, call.node, elements, {}, None, call.state)
    return machine.new(call.state, Obj("list", rest=result, full=False))


MODEL = Model(
    functions=merge(
        through(
            [
                "copy.copy",
                "copy.deepcopy",
                "itertools.chain",
                "itertools.chain.from_iterable",
                "itertools.islice",
                "itertools.cycle",
                "itertools.repeat",
                "itertools.compress",
                "itertools.pairwise",
                "itertools.batched",
                "itertools.accumulate",
                "asyncio.wait_for",
                "asyncio.shield",
                "contextlib.closing",
                "contextlib.nullcontext",
                "heapq.nlargest",
                "more_itertools.first",
                "toolz.first",
            ],
            "*",
        ),
        {
            "functools.partial": Function(hook=_partial),
            "functools.partialmethod": Function(hook=_partial),
            "functools.reduce": Function(hook=_reduce),
            "functools.wraps": Function(hook=_wraps),
            "contextvars.ContextVar": Function(hook=_variable),
            "contextvars.ContextVar.set": Function(hook=_variable_set),
            "contextvars.ContextVar.get": Function(hook=_variable_get),
            "asyncio.gather": Function(hook=_gather),
            "collections.Counter": Function(hook=_counter),
            "collections.Counter.update": Function(hook=_count_more),
            "collections.Counter.most_common": Function(hook=_most_common),
            "collections.Counter.elements": Function(hook=_counted),
            "threading.Thread": Function(hook=_thread),
            "multiprocessing.Process": Function(hook=_thread),
            "threading.Timer": Function(applies=1),
            "asyncio.to_thread": Function(applies=0),
            "asyncio.create_task": Function(through=(0,)),
            "asyncio.run": Function(through=(0,)),
            "asgiref.sync.sync_to_async": Function(hook=lambda machine, call: call.first),
            "asgiref.sync.async_to_sync": Function(hook=lambda machine, call: call.first),
            "*.run_in_executor": Function(applies=1),
            "*.submit": Function(applies=0),
            **{name: Function(hook=_spread) for name in ("*.map", "*.imap", "*.imap_unordered")},
            "*.add_task": Function(applies=0),  # Starlette's background
            "starlette.background.BackgroundTask": Function(applies=0),
            "*.apply_async": Function(applies=0),
            "*.enqueue": Function(applies=0),  # rq
            "*.hex": Function(),
            "*.call_soon": Function(applies=0),
            "*.run_sync": Function(applies=0),
            "anyio.to_thread.run_sync": Function(applies=0),
            "starlette.concurrency.run_in_threadpool": Function(applies=0),
            "atexit.register": Function(applies=0),
            "collections.deque": Function(hook=_container("list")),
            "queue.Queue": Function(hook=_container("list")),
            "queue.SimpleQueue": Function(hook=_container("list")),
            "asyncio.Queue": Function(hook=_container("list")),
            "collections.defaultdict": Function(hook=_default_dict),
            "types.SimpleNamespace": Function(
                hook=lambda machine, call: machine.new(
                    call.state,
                    Obj(
                        "object",
                        {attribute_key(name): each for name, each in call.kwargs.items()},
                        call.star,
                        None,
                        False,
                    ),
                )
            ),
            "collections.ChainMap": Function(hook=_chain_map),
            "operator.itemgetter": Function(hook=_getter("operator.itemgetter.__call__")),
            "operator.itemgetter.__call__": Function(hook=_get_item),
            "operator.attrgetter": Function(hook=_getter("operator.attrgetter.__call__")),
            "operator.attrgetter.__call__": Function(hook=_get_attribute),
            "dataclasses.asdict": Function(hook=_asdict),
            **{name: Function(hook=_field) for name in _FIELDS},
            "typing.NamedTuple": Function(hook=_named_tuple),
            **{name: Function(hook=_asdict) for name in ("attrs.asdict", "attr.asdict")},
            **{f"*.{name}": Function(hook=_dumped) for name in ("model_dump", "_asdict", "dict")},
            **{f"*.{name}": Function(hook=_changed) for name in ("model_copy", "_replace")},
            **{
                name: Function(hook=lambda machine, call: _replaced(machine, call))
                for name in ("attrs.evolve", "attr.evolve")
            },
            "dataclasses.replace": Function(hook=lambda machine, call: _replaced(machine, call)),
            "collections.namedtuple": Function(hook=_named_tuple),
        },
    ),
    aliases={
        "collections.OrderedDict": "builtins.dict",
        "builtins.vars": "dataclasses.asdict",
        "multiprocessing.Queue": "queue.Queue",
        "queue.LifoQueue": "queue.Queue",
        "functools.cached_property": "builtins.property",
    },
)
