"""Which code somebody starts by hand, as far as the code itself says so: commands of a command line.

What takes long or hangs there keeps nobody waiting but the one who started it, and sees it. What a folder says of its
files is in :mod:`.places`.

Invariant: only what is written around a place counts, not who calls it.
"""

from __future__ import annotations

from tree_sitter import Node

from .syntax import Unit

#: Libraries that make commands of functions.
_LIBRARIES = frozenset({"asyncclick", "click", "cyclopts", "invoke", "rich_click", "typer"})
#: What their decorators are called, whatever they are attributes of (``@cli.command()``).
_DECORATORS = frozenset({"command", "task"})


def in_command(unit: Unit, node: Node) -> bool:
    """Is this in a function that such a library makes a command of?"""
    if not unit.says(*(each.encode() for each in _LIBRARIES)):
        return False
    current: Node | None = node
    while current is not None:
        if current.type == "decorated_definition" and any(
            _makes_command(unit, each) for each in current.children if each.type == "decorator"
        ):
            return True
        current = current.parent
    return False


def _makes_command(unit: Unit, decorator: Node) -> bool:
    inner = decorator.named_children[0]
    if inner.type == "call":
        inner = inner.child_by_field_name("function") or inner
    return unit.dotted(inner).rpartition(".")[2] in _DECORATORS
