"""Files that everybody may change.

What it does: reports modes with write rights for others given to ``chmod``, ``mkdir``, ``makedirs``, ``mkfifo`` or
``os.open``, and ``os.umask(0)``, also through a name or a default. A default that is the called function's own, as in
``def make(path, mode=0o777): os.mkdir(path, mode)``, changes nothing and is left alone.

Why is this bad: another user of the machine changes what the program trusts.

Example::

    os.chmod(path, 0o777)

Use instead::

    os.chmod(path, 0o640)

References: https://cwe.mitre.org/data/definitions/732.html
"""

from __future__ import annotations

from collections.abc import Iterator

from tree_sitter import Node

from ..findings import Finding
from ..rules import Rule
from ..syntax import Unit
from .written import argument, constant, method_name, report

#: Position of the mode, by function.
_MODES = {"os.chmod": 1, "os.fchmod": 1, "os.lchmod": 1, "os.mkdir": 1, "os.makedirs": 1, "os.mkfifo": 1, "os.open": 2}
#: What these take if they are given no mode; the process's mask still applies.
_DEFAULTS = {"mkdir": 0o777, "makedirs": 0o777, "touch": 0o666, "mkfifo": 0o666, "open": 0o777}
_METHODS = {"chmod": 0, "lchmod": 0, "mkdir": 0, "touch": 0, "fchmod": 1}


def check(unit: Unit) -> Iterator[Finding]:
    for call in unit.index.get("call", ()):
        name = unit.call_name(call)
        if name == "os.umask":
            value = constant(unit, argument(unit, call, 0))
            if type(value) is int and not value & 0o002:
                sure = 0.4 if _put_back(unit, call) else 0.75
                yield report(unit, RULE, call, "from here on new files may be changed by everybody", sure, "use 0o077")
            continue
        method = method_name(unit, call)
        position = _MODES.get(name, _METHODS.get(method) if not name.startswith("os.") else None)
        if position is None:
            continue
        given = argument(unit, call, position, "mode")
        mode = constant(unit, given)
        if (
            given is not None
            and given.type == "identifier"
            and mode == _DEFAULTS.get(name.rpartition(".")[2] or method)
        ):
            continue
        if type(mode) is int and mode & 0o002 and not mode & 0o1000:
            yield report(
                unit, RULE, call, f"everybody may change this (mode {mode:#o})", 0.85, "give rights to the owner only"
            )


def _put_back(unit: Unit, call: Node) -> bool:
    """``mask = os.umask(0)`` and at once ``os.umask(mask)``: only other threads see the open mask."""
    parent = call.parent
    statement = parent.parent if parent is not None and parent.type == "assignment" else None
    following = statement.next_named_sibling if statement is not None else None
    left = parent.child_by_field_name("left") if parent is not None and statement is not None else None
    return following is not None and left is not None and unit.text(following) == f"os.umask({unit.text(left)})"


RULE = Rule(
    name="permissive-mode",
    reviewer="security",
    kind="perm",
    summary="Everybody on the machine may change a file",
    severity="medium",
    check=check,
    cwe=(732,),
    words=(b"umask", b"chmod", b"mkdir", b"makedirs", b"mkfifo", b"open", b"touch"),
)
