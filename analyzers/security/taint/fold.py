"""Constants and texts: what operators and methods of text make of values.

Invariant: only pure methods of plain Python values are run, on values written in the analysed source, with bounded
sizes; nothing of the analysed program is run.
"""

from __future__ import annotations

import ast
import operator
import re
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

from .machine import Machine
from .values import NO, UNKNOWN, Obj, State, Taint, Value, constant, is_tuple, merged, sanitised

#: Of what stands behind other text: it does not decide how the whole begins, and so is no absolute path either.
NOT_FIRST = "-first"
#: How an address begins whose host the program decides, and of which no more is known.
_OWN_SITE = "/\0"
_SITE = frozenset({"ssrf", "redirect"})
#: What a text is marked with that begins with no slash.
NO_SLASH = "-lead"
_BEHIND = frozenset({"-absolute", NOT_FIRST})


#: Of a text that is one part of a path, without a slash in it: beside a name it can only be ``..``.
ONE_PART = "-parts"


def cut_open(taints: tuple[Taint, ...]) -> tuple[Taint, ...]:
    """Taints of a part of a text, or of what was changed in it: it may begin with a slash where the text did not."""
    if not any(NO_SLASH in each.safe for each in taints):
        return taints
    return merged(each._replace(safe=each.safe - {NO_SLASH}) for each in taints)


def reshaped(taints: tuple[Taint, ...]) -> tuple[Taint, ...]:
    """Taints of what was decoded or replaced: it may be more than one part of a path."""
    if not any(ONE_PART in each.safe for each in taints):
        return taints
    return merged(each._replace(safe=each.safe - {ONE_PART}) for each in taints)


def beyond_one_part(taints: tuple[Taint, ...]) -> tuple[Taint, ...]:
    """The taints that decide which file a path names. A lone part without a slash names one in the folder that it is
    put behind, or a folder; two of them lead out of it (``../name``)."""
    alone = {each.origin for each in taints if ONE_PART in each.safe}
    return taints if len(alone) != 1 else tuple(each for each in taints if ONE_PART not in each.safe)


#: Longer constants are not computed.
MAX_LENGTH = 4000

_BINARY: dict[type, Any] = {
    kind: getattr(operator, name)
    for kind, name in {
        ast.Add: "add", ast.Sub: "sub", ast.Mult: "mul", ast.Div: "truediv", ast.FloorDiv: "floordiv", ast.Mod: "mod",
        ast.BitOr: "or_", ast.BitAnd: "and_", ast.BitXor: "xor", ast.LShift: "lshift", ast.RShift: "rshift",
        ast.Pow: "pow",
    }.items()
}  # fmt: skip
_COMPARE: dict[type, Callable[[Any, Any], Any]] = {
    ast.Eq: operator.eq, ast.NotEq: operator.ne, ast.Lt: operator.lt, ast.LtE: operator.le, ast.Gt: operator.gt,
    ast.GtE: operator.ge, ast.Is: operator.is_, ast.IsNot: operator.is_not,
    ast.In: lambda a, b: a in b, ast.NotIn: lambda a, b: a not in b,
}  # fmt: skip

_GROWING: tuple[Any, ...] = (_BINARY[ast.Mult], _BINARY[ast.Pow], _BINARY[ast.LShift])

#: Methods of text that are computed on constants.
PURE = frozenset(
    {
        "capitalize", "casefold", "center", "count", "decode", "encode", "endswith", "expandtabs", "find", "format",
        "index", "isalnum", "isalpha", "isascii", "isdecimal", "isdigit", "isidentifier", "islower", "isnumeric",
        "isspace", "istitle", "isupper", "join", "ljust", "lower", "lstrip", "partition", "removeprefix",
        "removesuffix", "replace", "rfind", "rindex", "rjust", "rpartition", "rsplit", "rstrip", "split",
        "splitlines", "startswith", "strip", "swapcase", "title", "upper", "zfill", "hex",
    }
)  # fmt: skip

#: Methods whose result says something about a text but holds nothing of it.
TESTS = frozenset(
    {
        "isalnum", "isalpha", "isascii", "isdecimal", "isdigit", "isidentifier", "islower", "isnumeric", "isspace",
        "isupper", "startswith", "endswith", "find", "rfind", "index", "rindex", "count", "__len__", "bit_length",
        "is_absolute", "exists", "is_file", "is_dir", "__contains__", "isdisjoint", "issubset", "total_seconds",
        "timestamp", "toordinal", "weekday",
    }
)  # fmt: skip

_SPEC = re.compile(r"%(?:\((?P<name>[^)]*)\))?[-#0 +]*(?:\*|\d+)?(?:\.(?:\*|\d+))?[hlL]?(?P<type>[a-zA-Z%])")


def truth(value: Value) -> bool | None:
    """Whether a value counts as true, if that is known."""
    if value.const is NO:
        return True if value.calls and not value.taints else None
    try:
        return bool(value.const)
    except Exception:  # noqa: BLE001 - nothing is known then
        return None


def _bounded(value: Any) -> bool:
    if isinstance(value, str | bytes) or is_tuple(value):
        return len(value) <= MAX_LENGTH
    return not isinstance(value, int) or isinstance(value, bool) or abs(value) < 1 << 128


def computed(function: Any, *args: Any) -> Value | None:
    """The constant that a pure function makes of constants; None if it fails or is too large."""
    for each in args:
        if not _bounded(each):
            return None
    if function in _GROWING and any(isinstance(each, int) and abs(each) > 512 for each in args):
        return None
    try:
        result = function(*args)
    except Exception:  # noqa: BLE001 - the program would fail here as well
        return None
    if (isinstance(result, str | bytes | int | float | bool | type(None)) or is_tuple(result)) and _bounded(result):
        return constant(result)
    return None


def compare(operation: ast.cmpop, left: Value, right: Value) -> Value:
    """The result of a comparison; known for constants."""
    if left.const is not NO and right.const is not NO:
        found = computed(_COMPARE[type(operation)], left.const, right.const)
        if found is not None:
            return found
    if isinstance(operation, ast.Is | ast.IsNot) and right.const is None and (left.refs or left.calls):
        return constant(isinstance(operation, ast.IsNot)) if not left.taints and not left.ext else UNKNOWN
    return UNKNOWN


#: A text without the quote that it stands in does not end it.
_QUOTES = {"'": "-single", '"': "-quote"}
_QUOTED = frozenset({"xpathi"})


def _in_quotes(taints: tuple[Taint, ...], before: str) -> tuple[Taint, ...]:
    """Taints of what stands behind a text: between quotes, only the same quote means something."""
    mark = _QUOTES.get(before[-1:])
    if mark is None or not any(mark in each.safe for each in taints):
        return taints
    return merged(each._replace(safe=each.safe | _QUOTED) if mark in each.safe else each for each in taints)


def concatenated(machine: Machine, parts: Iterable[Value], state: State) -> Value:
    """Texts put one behind the other."""
    taints: list[Taint] = []
    prefix, open_ = "", True
    text: str | None = ""
    behind_host = False  # behind a beginning that the program decides, and a slash
    before = ""
    for position, part in enumerate(parts):
        own, const = machine.deep(part, state), part.const
        if not taints and position and not prefix and part.prefix[:1] in ("/", "?", "#", "&"):
            behind_host = True
        if own and (prefix or not open_):
            own = sanitised(_in_quotes(own, before), _BEHIND)
        before = const if isinstance(const, str) else ""
        if open_ and prefix == "/" and own and all(NO_SLASH in each.safe for each in own):
            own, prefix, open_ = sanitised(own, _SITE), _OWN_SITE, False  # one slash, and none behind it
        taints += sanitised(own, frozenset({"ssrf", "redirect"})) if behind_host else own
        if isinstance(const, int | float) and not isinstance(const, bool):
            const = str(const)
        if open_:
            prefix += const if isinstance(const, str) else part.prefix
            open_ = isinstance(const, str)
        if prefix[:1] in ("?", "#"):
            behind_host = True  # a query and a fragment name no host, whatever stands before them
        text = text + const if text is not None and isinstance(const, str) and not own else None
    if behind_host and not prefix:
        prefix = _OWN_SITE
    taints = list(sanitised(taints, frozenset({"nosqli"})))
    if text is not None and len(text) <= MAX_LENGTH:
        return constant(text)
    return Value(taints=merged(taints), prefix=prefix[:200], built=True)


def operation(machine: Machine, node: ast.BinOp, left: Value, right: Value, state: State) -> Value:
    """The value of a binary operator."""
    kind = type(node.op)
    if left.const is not NO and right.const is not NO and not left.taints and not right.taints:
        found = computed(_BINARY[kind], left.const, right.const) if kind in _BINARY else None
        return found if found is not None else UNKNOWN
    if kind is ast.Mod and (
        isinstance(left.const, str | bytes) or left.prefix or left.taints or _fills(machine, left, right, state)
    ):
        return machine.noted(formatted(machine, left, right, state), node)
    if kind in (ast.Add, ast.BitOr) and left.refs and right.refs:
        return _joined_containers(machine, left, right, state)
    if kind is ast.Add:
        return machine.noted(concatenated(machine, (left, right), state), node)
    if kind is ast.Div and (right.taints or left.taints or any("Path" in each for each in (*left.ext, *right.ext))):
        own = merged((*left.taints, *right.taints))  # text is divided by nothing but paths
        return machine.noted(Value(taints=own, ext=("pathlib.Path",), prefix=left.prefix), node)
    if kind is ast.Mult:
        return Value(taints=merged((*left.taints, *right.taints)), refs=left.refs or right.refs)
    if kind is ast.BitOr:
        return Value(taints=merged((*left.taints, *right.taints)), refs=(*left.refs, *right.refs))
    if kind is ast.Sub and (left.refs or right.refs):
        return left
    return UNKNOWN


def _fills(machine: Machine, left: Value, right: Value, state: State) -> bool:
    """Is a text put into one that is not known? (A number that somebody else decides carries nothing.)"""
    escapes = any(each.endswith("Markup") for each in left.ext)
    return left.const is NO and not left.refs and not escapes and bool(machine.deep(right, state))


def _joined_containers(machine: Machine, left: Value, right: Value, state: State) -> Value:
    ones, others = machine.objects(left, state), machine.objects(right, state)
    if len(ones) != 1 or len(others) != 1:
        return Value(refs=(*left.refs, *right.refs), taints=merged((*left.taints, *right.taints)))
    one, other = ones[0][1], others[0][1]
    if one.kind == "dict":
        made = Obj("dict", {**one.fields, **other.fields}, one.rest or other.rest, None, one.full and other.full)
    elif one.full and other.full and one.kind in ("list", "tuple"):
        fields = {
            **one.fields,
            **{len(one.fields) + key: value for key, value in other.fields.items() if isinstance(key, int)},
        }
        made = Obj(one.kind, fields)
    else:
        made = one.blur(machine.element(right, state))
    return replace(machine.new(state, made), taints=merged((*left.taints, *right.taints)))


def formatted(machine: Machine, template: Value, values: Value, state: State) -> Value:
    """``template % values``: what is inserted as a number carries nothing."""
    taints = list(template.taints)
    text = template.const if isinstance(template.const, str) else None
    if isinstance(template.const, bytes):
        text = template.const.decode("latin-1")
    if text is None:
        taints += machine.deep(values, state)
        return Value(taints=merged(taints), prefix=template.prefix.partition("%")[0], built=True)
    specs = [each for each in _SPEC.finditer(text) if each["type"] != "%"]
    prefix = text[: specs[0].start()].replace("%%", "%") if specs else text
    objects = [obj for _, obj in machine.objects(values, state)]
    for position, spec in enumerate(specs):
        if spec["type"] in "diouxXeEfFgGc":
            continue
        part = values
        key: Any = spec["name"] if spec["name"] is not None else position
        found = [value for obj in objects if (value := obj.get(key)) is not None]
        if objects and (objects[0].kind == "tuple" or spec["name"] is not None):
            part = found[0] if found else Value(taints=values.taints)
        own = machine.deep(part, state)
        if spec["type"] in "ra":
            own = sanitised(own, frozenset({"loginj", "respsplit"}))
        if spec.start() > 0:
            own = sanitised(_in_quotes(own, text[: spec.start()]), _BEHIND)
        elif spec is specs[0]:
            prefix += part.prefix
        taints += own
    if not taints:
        consts = values.const
        if consts is not NO:
            found_text = computed(operator.mod, template.const, consts)
            if found_text is not None:
                return found_text
    return Value(taints=merged(taints), prefix=prefix[:200], built=True)


_FIELD = re.compile(
    r"\{\{|\}\}|\{(?P<name>[^{}!:.\[]*)(?P<more>[.\[][^{}!:]*)?(?:!(?P<how>[rsa]))?(?::(?P<spec>[^{}]*))?\}"
)


def format_call(
    machine: Machine,
    template: Value,
    args: tuple[Value, ...],
    kwargs: dict[str, Value],
    state: State,
    star: Value | None,
) -> Value:
    """``template.format(…)``."""
    taints = list(template.taints)
    text = template.const
    if not isinstance(text, str):
        for each in (*args, *kwargs.values()):
            taints += machine.deep(each, state)
        return Value(taints=merged(taints), prefix=template.prefix.partition("{")[0], built=True)
    number, prefix, pieces = 0, None, True
    built: list[str] = []
    end = 0
    for each in _FIELD.finditer(text):
        built.append(text[end : each.start()])
        end = each.end()
        if each[0] in ("{{", "}}"):
            built.append(each[0][0])
            continue
        name = each["name"]
        if name == "" or name.isdigit():
            index = int(name) if name else number
            number += 1
            part = args[index] if index < len(args) else star if star is not None else UNKNOWN
        else:
            part = kwargs.get(name, star if star is not None else UNKNOWN)
        if each["more"] and not part.taints:
            part = Value(taints=machine.deep(part, state))
        if prefix is None:
            prefix = "".join(built) + (part.const if isinstance(part.const, str) else part.prefix)
        own = machine.deep(part, state)
        if each["spec"] and each["spec"][-1] in "dxXobeEfFgGn%":
            own = ()
        if each["how"] in ("r", "a"):
            own = sanitised(own, frozenset({"loginj", "respsplit"}))
        if "".join(built) and own:
            own = sanitised(_in_quotes(own, text[: each.start()]), _BEHIND)
        taints += own
        if isinstance(part.const, str | int) and not own and not each["spec"]:
            built.append(str(part.const))
        else:
            pieces = False
    if pieces and not taints:
        return constant("".join(built) + text[end:])
    return Value(taints=merged(taints), prefix=(text if prefix is None else prefix)[:200], built=True)
