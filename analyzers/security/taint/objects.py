"""Methods of containers and of texts, as the abstract machine sees them.

Invariant: a method that is not known changes nothing and carries what its receiver carries.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from .fold import NO_SLASH, PURE, TESTS, computed, concatenated, cut_open, format_call, reshaped
from .machine import Call, Machine
from .patterns import harmless_without
from .values import NO, UNKNOWN, Obj, State, Value, apart, constant, hashable, is_tuple, join_all, merged, sanitised

Args = tuple[Value, ...]


def container_method(machine: Machine, number: int, obj: Obj, name: str, call: Call, strong: bool) -> Value | None:
    """A method of a list, tuple, set or dictionary; None if it is not one of them."""
    handler = (_DICT if obj.kind == "dict" else _LIST).get(name)
    if handler is None or obj.kind not in ("dict", "list", "tuple", "set", ""):
        return None
    return handler(machine, number, obj, call, strong)


def _key(call: Call, position: int = 0) -> object:
    value = call.args[position] if len(call.args) > position else UNKNOWN
    return value.const if hashable(value.const) else NO


def _dict_get(machine: Machine, number: int, obj: Obj, call: Call, strong: bool) -> Value:
    default = call.arg(1, "default")
    key = _key(call)
    if key is NO:
        found = list(obj.elements())
    else:
        value = obj.get(key)
        if value is not None and key in obj.fields:
            return value
        found = [value] if value is not None else []
    return join_all([*found, default if default is not None else constant(None)]) if found or default else UNKNOWN


def _dict_pop(machine: Machine, number: int, obj: Obj, call: Call, strong: bool) -> Value:
    result = _dict_get(machine, number, obj, call, strong)
    key = _key(call)
    if strong and key in obj.fields:
        kept = {name: value for name, value in obj.fields.items() if name != key}
        call.state.heap[number] = replace(obj, fields=kept)
    return result


def _dict_setdefault(machine: Machine, number: int, obj: Obj, call: Call, strong: bool) -> Value:
    key, value = _key(call), call.arg(1, "default") or constant(None)
    if key is NO:
        call.state.heap[number] = obj.blur(value)
        return join_all([*obj.elements(), value])
    if key in obj.fields:
        return obj.fields[key]
    call.state.heap[number] = obj.put(key, value)
    return value


def _dict_update(machine: Machine, number: int, obj: Obj, call: Call, strong: bool) -> Value:
    for value in call.args:
        for _, other in machine.objects(value, call.state):
            for key, each in other.fields.items():
                obj = obj.put(key, each) if other.kind == "dict" else obj.blur(each)
            if other.rest is not None:
                obj = obj.blur(other.rest)
        if value.taints:
            obj = obj.blur(Value(taints=value.taints))
    for name, value in call.kwargs.items():
        obj = obj.put(name, value)
    call.state.heap[number] = obj
    return constant(None)


def _dict_items(machine: Machine, number: int, obj: Obj, call: Call, strong: bool) -> Value:
    keys = [key for key in obj.fields if not (isinstance(key, str) and key[:1] == "\0")]
    known = obj.fields.get("\0keys")
    if obj.full and len(keys) <= 12 and known is None:
        pairs = {
            position: machine.new(call.state, Obj("tuple", {0: constant(key), 1: obj.fields[key]}))
            for position, key in enumerate(keys)
        }
        return machine.new(call.state, Obj("list", pairs))
    key_value = known if known is not None else UNKNOWN
    pair = machine.new(call.state, Obj("tuple", {0: key_value, 1: join_all(obj.elements())}))
    return machine.new(call.state, Obj("list", rest=pair, full=False))


def _dict_values(machine: Machine, number: int, obj: Obj, call: Call, strong: bool) -> Value:
    values = list(obj.elements())
    return machine.new(call.state, Obj("list", dict(enumerate(values)), full=obj.full))


def _dict_keys(machine: Machine, number: int, obj: Obj, call: Call, strong: bool) -> Value:
    keys = [constant(key) for key in obj.fields if not (isinstance(key, str) and key[:1] == "\0")]
    known = obj.fields.get("\0keys")
    if known is not None:
        keys.append(known)
    return machine.new(call.state, Obj("list", dict(enumerate(keys)), full=obj.full))


def _copy(machine: Machine, number: int, obj: Obj, call: Call, strong: bool) -> Value:
    return machine.new(call.state, obj)


def _clear(machine: Machine, number: int, obj: Obj, call: Call, strong: bool) -> Value:
    if strong:
        call.state.heap[number] = Obj(obj.kind, cls=obj.cls)
    return constant(None)


def _list_append(machine: Machine, number: int, obj: Obj, call: Call, strong: bool) -> Value:
    value = call.args[0] if call.args else UNKNOWN
    value = machine.noted(value, call.node)
    position = len(obj.fields)
    known = obj.full and strong and obj.kind == "list" and position < 24
    call.state.heap[number] = obj.put(position, value) if known else obj.blur(value)
    return constant(None)


def _list_add(machine: Machine, number: int, obj: Obj, call: Call, strong: bool) -> Value:
    value = call.args[-1] if call.args else UNKNOWN
    call.state.heap[number] = obj.blur(machine.noted(value, call.node))
    return constant(None)


def _list_insert(machine: Machine, number: int, obj: Obj, call: Call, strong: bool) -> Value:
    where, value = _key(call), call.args[-1] if call.args else UNKNOWN
    if obj.full and strong and isinstance(where, int) and where >= 0:
        values = list(obj.fields.values())
        values.insert(where, value)
        call.state.heap[number] = Obj("list", dict(enumerate(values)))
    else:
        blurred = Obj("list", rest=join_all([*obj.elements(), value]), full=False)
        call.state.heap[number] = blurred
    return constant(None)


def _list_extend(machine: Machine, number: int, obj: Obj, call: Call, strong: bool) -> Value:
    more = call.args[0] if call.args else UNKNOWN
    objects = [other for _, other in machine.objects(more, call.state)]
    if (
        obj.full
        and strong
        and len(objects) == 1
        and objects[0].full
        and objects[0].kind in ("list", "tuple")
        and not more.taints
    ):
        values = [*obj.fields.values(), *objects[0].fields.values()]
        call.state.heap[number] = Obj(obj.kind, dict(enumerate(values)))
    else:
        call.state.heap[number] = obj.blur(machine.element(more, call.state))
    return constant(None)


def _list_pop(machine: Machine, number: int, obj: Obj, call: Call, strong: bool) -> Value:
    where = _key(call) if call.args else -1
    if call.name.endswith("popleft"):
        where = 0
    if obj.full and isinstance(where, int) and obj.kind in ("list", "") and -len(obj.fields) <= where < len(obj.fields):
        values = list(obj.fields.values())
        result = values.pop(where)
        if strong:
            call.state.heap[number] = Obj(obj.kind, dict(enumerate(values)))
        return result
    return join_all(obj.elements())


def _list_remove(machine: Machine, number: int, obj: Obj, call: Call, strong: bool) -> Value:
    values = list(obj.fields.values())
    wanted = _key(call)
    for position, value in enumerate(values):
        if wanted is not NO and value.const is not NO and value.const == wanted and obj.full and strong:
            del values[position]
            call.state.heap[number] = Obj(obj.kind, dict(enumerate(values)))
            return constant(None)
    if strong and obj.full:
        call.state.heap[number] = Obj(obj.kind, rest=join_all(values), full=False)
    return constant(None)


def _list_reverse(machine: Machine, number: int, obj: Obj, call: Call, strong: bool) -> Value:
    if obj.full and strong:
        call.state.heap[number] = Obj(obj.kind, dict(enumerate(reversed(list(obj.fields.values())))))
    return constant(None)


def _list_sort(machine: Machine, number: int, obj: Obj, call: Call, strong: bool) -> Value:
    call.state.heap[number] = Obj(obj.kind, rest=join_all(obj.elements()), full=False)
    return constant(None)


def _list_any(machine: Machine, number: int, obj: Obj, call: Call, strong: bool) -> Value:
    return join_all(obj.elements())


def _list_union(machine: Machine, number: int, obj: Obj, call: Call, strong: bool) -> Value:
    own = call.receiver.refs if call.receiver is not None else ()
    return Value(refs=own, taints=merged(taint for each in call.args for taint in machine.deep(each, call.state)))


_Method = Callable[[Machine, int, Obj, Call, bool], Value]
_DICT: Mapping[str, _Method] = {
    "get": _dict_get, "pop": _dict_pop, "setdefault": _dict_setdefault, "update": _dict_update, "items": _dict_items,
    "values": _dict_values, "keys": _dict_keys, "copy": _copy, "clear": _clear, "dict": _copy, "__getitem__": _dict_get,
}  # fmt: skip
_LIST: Mapping[str, _Method] = {
    "append": _list_append, "appendleft": _list_add, "add": _list_add, "insert": _list_insert, "extend": _list_extend,
    "update": _list_extend, "pop": _list_pop, "popleft": _list_pop, "remove": _list_remove, "discard": _list_remove,
    "clear": _clear, "copy": _copy, "reverse": _list_reverse, "sort": _list_sort,
    "put": _list_add, "put_nowait": _list_add,
    "get": _list_any, "get_nowait": _list_any, "union": _list_union,
}  # fmt: skip

#: Methods of text that hold it unchanged for every purpose but its letters' case.
_SAME = frozenset(
    {"strip", "lstrip", "rstrip", "lower", "upper", "title", "casefold", "capitalize", "swapcase", "encode", "decode"}
)
#: Those of them that leave its beginning as it is, as far as slashes go.
_AS_IT_BEGINS = _SAME - {"strip", "lstrip"} | {"removesuffix", "format", "format_map"}
#: What is harmless once line breaks are spelled.
_LINES = frozenset({"loginj", "respsplit"})
_PARTS = frozenset({"split", "rsplit", "splitlines", "partition", "rpartition"})


def text_method(machine: Machine, name: str, call: Call) -> Value | None:
    """A method of text (or of something of which only its taint is known); None if the method is not one of text."""
    receiver = call.receiver
    assert receiver is not None
    args, state = call.args, call.state
    if receiver.taints and name not in _AS_IT_BEGINS and (cut := cut_open(receiver.taints)) is not receiver.taints:
        receiver = replace(receiver, taints=cut)
        call = replace(call, receiver=receiver)
    if receiver.taints and name not in _SAME and (shaped := reshaped(receiver.taints)) is not receiver.taints:
        receiver = replace(receiver, taints=shaped)
        call = replace(call, receiver=receiver)
    if name == "format":
        return machine.noted(format_call(machine, receiver, args, dict(call.kwargs), state, call.star), call.node)
    if name == "join" and args:
        return machine.noted(_join(machine, receiver, args[0], state), call.node)
    if receiver.const is not NO and name in PURE and all(each.const is not NO for each in args) and not call.kwargs:
        method = getattr(receiver.const, name, None)
        if method is not None:
            found = computed(_called, method, *[each.const for each in args])
            if found is not None:
                return found
    if name in TESTS:
        return UNKNOWN
    if name == "format_map" and args:
        own = merged((*receiver.taints, *machine.deep(args[0], state)))
        return machine.noted(Value(taints=own, prefix=receiver.prefix.partition("{")[0]), call.node)
    if name in ("replace", "translate"):
        return _replace(machine, name, call)
    if name in _SAME:
        spelled = call.const(0, "encoding") if name == "encode" else NO
        if isinstance(spelled, str) and spelled.replace("-", "_") in ("unicode_escape", "raw_unicode_escape"):
            return Value(taints=sanitised(receiver.taints, _LINES if spelled[0] == "u" else frozenset()))
        cut = name in ("strip", "lstrip") and bool(args) and isinstance(args[0].const, str) and "/" in args[0].const
        return replace(
            receiver,
            const=NO,
            taints=sanitised(receiver.taints, frozenset({NO_SLASH})) if cut else receiver.taints,
            cond=None,
            derived=("same", receiver) if name in ("encode", "decode") and receiver.taints else None,
            ext=(),
            prefix="" if name == "lstrip" else receiver.prefix,
        )
    if name in ("removeprefix", "removesuffix", "zfill", "ljust", "rjust", "center", "expandtabs", "tobytes", "copy"):
        return Value(taints=receiver.taints)
    if name in _PARTS:
        return Value(taints=receiver.taints, derived=("split", receiver)) if receiver.taints else UNKNOWN
    if name in ("items", "keys", "values") and receiver.taints:
        if name == "items":
            pair = machine.new(
                state, Obj("tuple", {0: Value(taints=receiver.taints), 1: Value(taints=receiver.taints)})
            )
            return machine.new(state, Obj("list", rest=pair, full=False))
        return Value(taints=receiver.taints)
    return None


def _called(method: Any, *values: Any) -> Any:
    return _plain(method(*values))


def _plain(value: object) -> object:
    return tuple(value) if isinstance(value, list) else value  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]


def _join(machine: Machine, separator: Value, listed: Value, state: State) -> Value:
    objects = [obj for _, obj in machine.objects(listed, state)]
    if len(objects) == 1 and objects[0].full and not listed.taints and objects[0].kind in ("list", "tuple"):
        parts: list[Value] = []
        for each in objects[0].fields.values():
            parts += [separator, each] if parts else [each]
        return concatenated(machine, parts, state)
    if is_tuple(listed.const) and separator.const is not NO:
        found = computed(_joined, separator.const, listed.const)
        if found is not None:
            return found
    # Keys of a dictionary are joined, not its values.
    own = reshaped(machine.deep(machine.element(listed, state), state))
    return Value(taints=merged((*separator.taints, *own)), built=True)


def _joined(separator: Any, values: Any) -> Any:
    return separator.join(values)


def _indexed(text: Any, index: Any) -> Any:
    return text[index]


#: How a table of ``translate`` is derived from the characters that it replaces.
TABLE = "table"


def replaced_by(machine: Machine, args: tuple[Value, ...], state: State) -> str:
    """The characters that a table of ``translate`` replaces, given as the arguments of ``str.maketrans`` or itself."""
    found: set[str] = set()
    if len(args) > 1:
        old, new = args[0].const, args[1].const
        if isinstance(old, str) and isinstance(new, str):
            found |= {one for one, other in zip(old, new, strict=False) if one != other} - set(new)
        if len(args) > 2 and isinstance(args[2].const, str):
            found |= set(args[2].const)
        return "".join(sorted(found))
    objects = [obj for _, obj in machine.objects(args[0], state)] if args else []
    if len(objects) != 1 or objects[0].kind != "dict":
        return ""
    put_in = ""
    for key, value in objects[0].fields.items():
        text = chr(key) if isinstance(key, int) and 0 <= key < 0x110000 else key
        if isinstance(text, str) and len(text) == 1 and (isinstance(value.const, str) or value.const is None):
            found.add(text)
            put_in += value.const or ""
    return "".join(sorted(found - set(put_in)))


#: What is known of a path's form.
_WAYS = frozenset({"normal", "-dots", "-absolute"})


def _replace(machine: Machine, name: str, call: Call) -> Value:
    receiver = call.receiver
    assert receiver is not None
    taints = list(receiver.taints)
    if name == "translate" and call.args:
        table = call.args[0].derived
        known = table is not None and table[0] == TABLE
        if machine.in_unit and not known and not call.args[0].refs:
            return UNKNOWN  # what the table replaces is not seen from here
        characters: str = table[1].const if table is not None and known else replaced_by(machine, call.args, call.state)
        return Value(taints=sanitised(taints, harmless_without(frozenset(characters))))
    if name == "translate" or len(call.args) < 2:
        return Value(taints=tuple(taints))
    old, new = call.args[0].const, call.args[1]
    if isinstance(old, bytes):
        old = old.decode("latin-1")
    put, taken = new.const if isinstance(new.const, str) else "./", old if isinstance(old, str) else ""
    if not put or "/" in put or put.count(".") > taken.count("."):
        # It may begin with another character, and dots that stood apart may stand side by side.
        taints = list(merged(each._replace(safe=each.safe - _WAYS) for each in taints))
    kinds: frozenset[str] = frozenset()
    if old in ("\n", "\r", "\r\n"):
        kinds = frozenset({"loginj", "respsplit"})
    elif old in ("/", "\\"):
        kinds = frozenset({"pathtraver", "-dots", "-absolute"}) if old == "/" else frozenset()
    elif old == "<":
        kinds = frozenset({"xss"})
    elif old == "'" and new.const == "''":
        kinds = frozenset()  # doubling quotes is not quoting: a backslash or a number needs none
    return Value(taints=merged((*sanitised(taints, kinds), *new.taints)), prefix="")


def _missing(machine: Machine, node: ast.Subscript, owner: Value, key: object, factory: Value, state: State) -> Value:
    """What a ``defaultdict`` puts under a key that is asked for the first time."""
    from .calls import apply

    call = ast.copy_location(ast.Call(ast.Name("", ast.Load()), [], []), node)
    made = apply(machine, factory, call, (), {}, None, state)
    machine.put(owner, key, made, state)
    return made


def subscript(machine: Machine, node: ast.Subscript, owner: Value, key: Value, state: State) -> Value:
    """``owner[key]``."""
    if isinstance(node.slice, ast.Slice):
        return _slice(machine, node.slice, owner, state)
    if (isinstance(owner.const, str | bytes) or is_tuple(owner.const)) and isinstance(key.const, int):
        known = computed(_indexed, owner.const, key.const)
        if known is not None:
            return known
    found: list[Value] = []
    for _, obj in machine.objects(owner, state):
        if not hashable(key.const):
            found += obj.elements()
            if (factory := obj.fields.get("\0factory")) is not None and obj.rest is None:
                found.append(_missing(machine, node, owner, NO, factory, state))
            continue
        index = key.const
        if isinstance(index, int) and index < 0 and obj.kind in ("list", "tuple") and obj.full:
            index += len(obj.fields)
        value = obj.get(index)
        if value is not None:
            found.append(value if index in obj.fields else apart(value))
        elif (factory := obj.fields.get("\0factory")) is not None:
            found.append(_missing(machine, node, owner, index, factory, state))
        elif not obj.full:
            found.append(UNKNOWN)
    if owner.taints:
        found.append(Value(taints=cut_open(owner.taints)))
    if is_tuple(owner.const) and key.const is NO:
        return UNKNOWN
    return join_all(found)


def _slice(machine: Machine, node: ast.Slice, owner: Value, state: State) -> Value:
    bounds = [
        machine.eval(each, state).const if each is not None else None for each in (node.lower, node.upper, node.step)
    ]
    known = all(each is None or isinstance(each, int) for each in bounds)
    if (isinstance(owner.const, str | bytes) or is_tuple(owner.const)) and known:
        found = computed(_indexed, owner.const, slice(*bounds))
        if found is not None:
            return found
    objects = machine.objects(owner, state)
    if len(objects) == 1 and objects[0][1].kind in ("list", "tuple"):
        obj = objects[0][1]
        if obj.full and known:
            values = list(obj.fields.values())[slice(*bounds)]
            return machine.new(state, Obj(obj.kind, dict(enumerate(values))))
        return machine.new(state, Obj(obj.kind, rest=join_all(obj.elements()), full=False))
    prefix = (
        owner.prefix[: bounds[1]]
        if bounds[0] in (None, 0) and isinstance(bounds[1], int) and bounds[1] > 0
        else owner.prefix
        if bounds[0] in (None, 0)
        else ""
    )
    whole = bounds[0] in (None, 0) and bounds[2] in (None, 1)
    return Value(taints=owner.taints if whole else cut_open(owner.taints), prefix=prefix)


def after_removal(pattern: str, new: str) -> frozenset[str]:
    """What ``re.sub(pattern, new, text)`` leaves harmless."""
    from .patterns import harmless_after_removal

    return harmless_after_removal(pattern, new)
