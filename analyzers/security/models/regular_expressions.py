"""Regular expressions: what a match says of a text, what a group holds, what is left after a removal, and patterns that
somebody else decides."""

from __future__ import annotations

from ..taint.machine import Call, Machine
from ..taint.objects import after_removal
from ..taint.patterns import harmless_group, harmless_if_matched
from ..taint.values import UNKNOWN, Obj, Value, constant, merged, sanitised
from . import WEB, Function, Model, cleanses, merge, sinks


def compile_(machine: Machine, call: Call) -> Value:
    value = call.args[0] if call.args else UNKNOWN
    return Value(ext=("re.Pattern",), derived=("pattern", value), taints=value.taints)


def _pattern_of(call: Call) -> tuple[object, Value | None]:
    """(pattern, text) of ``re.f(pattern, text)`` or ``pattern.f(text)``."""
    if call.receiver is not None and call.receiver.derived is not None and call.receiver.derived[0] == "pattern":
        return call.receiver.derived[1].const, call.arg(0, "string")
    return call.const(0, "pattern"), call.arg(1, "string")


def match(how: str):
    def hook(machine: Machine, call: Call) -> Value:
        pattern, text = _pattern_of(call)
        if text is None:
            return UNKNOWN
        made = machine.new(
            call.state,
            Obj(
                "match",
                {"\0pattern": constant(pattern if isinstance(pattern, str) else ""), "\0text": text},
                full=False,
            ),
        )
        kinds = harmless_if_matched(pattern, how) if isinstance(pattern, str) else frozenset[str]()
        derived = (f"match:{','.join(sorted(kinds))}", text) if kinds and text.taints else None
        return Value(ext=("re.Match",), refs=made.refs, derived=derived)

    return hook


def group(machine: Machine, call: Call) -> Value:
    receiver = call.receiver
    if receiver is None:
        return UNKNOWN
    found: list[Value] = []
    wanted = [each.const for each in call.args] or [0]
    for _, obj in machine.objects(receiver, call.state):
        pattern, text = obj.fields.get("\0pattern", UNKNOWN).const, obj.fields.get("\0text", UNKNOWN)
        for group in wanted:
            known = isinstance(pattern, str) and pattern and isinstance(group, int | str)
            kinds = harmless_group(pattern, group) if known else frozenset[str]()
            taints = sanitised(text.taints, kinds)
            if receiver.derived is not None and receiver.derived[0].startswith("match:"):
                taints = sanitised(taints, frozenset(receiver.derived[0][6:].split(",")))
            found.append(Value(taints=taints))
    if not found:
        return Value(taints=receiver.taints)
    if len(found) > 1:
        return machine.new(call.state, Obj("tuple", dict(enumerate(found))))
    return found[0]


def groups(machine: Machine, call: Call) -> Value:
    receiver = call.receiver or UNKNOWN
    found = [obj.fields.get("\0text", UNKNOWN) for _, obj in machine.objects(receiver, call.state)]
    return machine.new(
        call.state, Obj("tuple", rest=Value(taints=merged(t for each in found for t in each.taints)), full=False)
    )


def find(machine: Machine, call: Call) -> Value:
    """``findall``, ``split``: parts of the text, of the characters that the pattern lets through."""
    pattern, text = _pattern_of(call)
    if text is None:
        return UNKNOWN
    kinds: frozenset[str] = frozenset()
    if isinstance(pattern, str) and call.name.endswith("findall"):
        kinds = harmless_group(pattern, 1 if "(" in pattern.replace("(?:", "") else 0)
    return Value(taints=sanitised(text.taints, kinds))


def sub(machine: Machine, call: Call) -> Value:
    offset = 0 if call.receiver is not None and call.receiver.derived is not None else 1
    pattern, _ = _pattern_of(call)
    new, text = call.arg(offset, "repl"), call.arg(offset + 1, "string")
    if text is None:
        return UNKNOWN
    kinds: frozenset[str] = frozenset()
    if isinstance(pattern, str) and new is not None and isinstance(new.const, str):
        kinds = after_removal(pattern, new.const)
    more = new.taints if new is not None else ()
    return machine.noted(Value(taints=merged((*sanitised(text.taints, kinds), *more))), call.node)


MODEL = Model(
    functions=merge(
        sinks(
            "dos",
            WEB,
            {
                "re.compile": (0, "pattern"),
                "re.match": (0, "pattern"),
                "re.search": (0, "pattern"),
                "re.fullmatch": (0, "pattern"),
                "re.sub": (0, "pattern"),
                "re.subn": (0, "pattern"),
                "re.split": (0, "pattern"),
                "re.findall": (0, "pattern"),
                "re.finditer": (0, "pattern"),
                "regex.compile": (0, "pattern"),
                "regex.match": (0, "pattern"),
                "regex.search": (0, "pattern"),
            },
        ),
        cleanses(["re.escape", "glob.escape"], "dos"),
        {
            "re.compile": Function(hook=compile_),
            **{f"re.{name}": Function(hook=match(name)) for name in ("match", "fullmatch", "search")},
            **{f"re.Pattern.{name}": Function(hook=match(name)) for name in ("match", "fullmatch", "search")},
            "re.Match.group": Function(hook=group),
            "re.Match.__getitem__": Function(hook=group),
            "re.Match.groups": Function(hook=groups),
            "re.Match.groupdict": Function(hook=groups),
            **{
                f"{owner}.{name}": Function(hook=find)
                for owner in ("re", "re.Pattern")
                for name in ("findall", "split", "finditer")
            },
            "re.sub": Function(hook=sub),
            "re.subn": Function(hook=sub),
            "re.Pattern.sub": Function(hook=sub),
        },
    ),
)
