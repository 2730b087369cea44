"""Paths as text and as objects, and what says where they lead.

Invariant: a path is normal only behind something that resolves ``..`` and links.
"""

from __future__ import annotations

from ..taint.fold import NOT_FIRST
from ..taint.guards import open_ended
from ..taint.machine import Call, Machine
from ..taint.narrowing import contained
from ..taint.values import UNKNOWN, Obj, Value, merged, sanitised
from . import Attribute, Function, Model, cleanses, merge, returns, through

_NORMAL = frozenset({"normal"})
_NO_DOTS = frozenset({"-dots"})
_BEHIND_ROOT = frozenset({"-absolute", NOT_FIRST})
#: What the last part of a path is harmless for.
_LAST = frozenset({"pathtraver", "-dots", "-absolute"})


def _join_path(machine: Machine, call: Call) -> Value:
    """``os.path.join``: an absolute part throws away what stands before it."""
    taints = []
    prefix = call.args[0].prefix if call.args else ""
    for position, each in enumerate(call.args):
        own = machine.deep(each, call.state)
        taints += own
        if position and isinstance(each.const, str) and each.const.startswith("/"):
            taints, prefix = list(own), each.const
    if call.star is not None:
        taints += call.star.taints
    return machine.noted(Value(taints=merged(taints), prefix=prefix), call.node)


def _real(machine: Machine, call: Call) -> Value:
    """A path without ``..`` and links: what it begins with says where it is. (A function's receiver is its module.)"""
    path = call.receiver if call.name.startswith("pathlib.") else None
    value = path if path is not None else call.first
    taints = sanitised(value.taints, _NORMAL)
    if value.prefix == "/":
        # Nothing is above the root: behind a folder it leads nowhere else, by itself anywhere.
        taints = merged(each._replace(safe=(each.safe | _NO_DOTS) - _BEHIND_ROOT) for each in taints)
    return Value(taints=taints, ext=value.ext, derived=("real", value), prefix=value.prefix)


def _common(machine: Machine, call: Call) -> Value:
    """``os.path.commonpath([base, path])``: equal to the base, it says that the path is inside."""
    for _, obj in machine.objects(call.first, call.state):
        for each in obj.elements():
            if each.taints and any("normal" in taint.safe for taint in each.taints):
                return Value(derived=("common", each))
    return UNKNOWN


def _common_text(machine: Machine, call: Call) -> Value:
    """``os.path.commonprefix([base, path])`` compares letters: of a base, only one that ends in a separator tells."""
    listed = [each for _, obj in machine.objects(call.first, call.state) for each in obj.elements()]
    folders = [each for each in listed if not each.taints]
    return UNKNOWN if not folders or any(open_ended(each) for each in folders) else _common(machine, call)


def _basename(machine: Machine, call: Call) -> Value:
    value = call.first
    return Value(taints=sanitised(value.taints, _LAST))


def _path(machine: Machine, call: Call) -> Value:
    found = _join_path(machine, call)
    same = ("same", call.first) if len(call.args) == 1 and call.first.taints else None
    return Value(taints=found.taints, prefix=found.prefix, ext=("pathlib.Path",), derived=same)


def _relative_to(machine: Machine, call: Call) -> Value:
    """``path.relative_to(base)`` raises if the path is elsewhere."""
    receiver = call.receiver
    if receiver is None:
        return UNKNOWN
    if any("normal" in taint.safe for taint in receiver.taints):
        contained(machine, call.node.func, receiver, call.state)
        return Value(taints=sanitised(receiver.taints, frozenset({"pathtraver"})), ext=("pathlib.Path",))
    return Value(taints=receiver.taints, ext=("pathlib.Path",))


MODEL = Model(
    functions=merge(
        through(
            [
                "os.fspath",
                "os.fsencode",
                "os.fsdecode",
                "os.path.normcase",
                "os.path.expanduser",
                "os.path.expandvars",
                "posixpath.normpath",
            ],
            "*",
        ),
        through(["os.path.dirname", "os.path.splitdrive", "ntpath.basename"], 0),
        cleanses(
            [
                "os.path.exists",
                "os.path.isfile",
                "os.path.isdir",
                "os.path.getsize",
                "os.path.isabs",
                "os.path.samefile",
                "os.path.islink",
            ]
        ),
        {
            "os.path.join": Function(hook=_join_path),
            "os.path.realpath": Function(hook=_real),
            "os.path.abspath": Function(hook=_real),
            "os.path.normpath": Function(hook=_real),
            "os.path.commonpath": Function(hook=_common),
            "os.path.commonprefix": Function(hook=_common_text),
            "os.path.basename": Function(hook=_basename),
            "os.path.splitext": Function(
                hook=lambda machine, call: machine.new(
                    call.state,
                    Obj(
                        "tuple",
                        {
                            0: Value(taints=call.first.taints, prefix=call.first.prefix),
                            1: Value(taints=call.first.taints, derived=("extension", call.first)),
                        },
                    ),
                )
            ),
            "os.path.split": Function(
                hook=lambda machine, call: machine.new(
                    call.state, Obj("tuple", {0: Value(taints=call.first.taints), 1: _basename(machine, call)})
                )
            ),
            "pathlib.Path": Function(hook=_path),
            "pathlib.Path.resolve": Function(hook=_real),
            "pathlib.Path.absolute": Function(through=("self",), returns="pathlib.Path"),
            "pathlib.Path.joinpath": Function(through=("self", "*"), returns="pathlib.Path"),
            "pathlib.Path.with_suffix": Function(through=("self",), returns="pathlib.Path"),
            "pathlib.Path.with_name": Function(through=("self", 0), returns="pathlib.Path"),
            "pathlib.Path.expanduser": Function(through=("self",), returns="pathlib.Path"),
            "pathlib.Path.as_posix": Function(through=("self",)),
            "pathlib.Path.relative_to": Function(hook=_relative_to),
        },
        returns({"pathlib.PurePath": "pathlib.Path"}),
    ),
    attributes={f"pathlib.Path.{name}": Attribute(safe=_LAST) for name in ("name", "stem", "suffix")},
    aliases={
        "posixpath": "os.path",
        "ntpath": "os.path",
        "pathlib.PosixPath": "pathlib.Path",
        "pathlib.PurePosixPath": "pathlib.Path",
        "pathlib.PurePath": "pathlib.Path",
        "anyio.Path": "pathlib.Path",
    },
)
