"""What a state knows of a value once something was found out of it: under all its names, and in what holds it.

Deliberately not here: which test finds out what (:mod:`.guards`)."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

from .machine import Machine
from .values import SAME, State, Taint, Value, merged, sanitised


def root(value: Value) -> Value:
    """The value before guards narrowed it and names were given to it."""
    while value.derived is not None and value.derived[0] in SAME:
        value = value.derived[1]
    return value


def reading(owner: Value, key: str, state: State) -> str:
    """The name under which a part of something that does not change between two readings is kept; empty for others."""
    base = root(owner)
    for name, value in state.env.items():
        if name[:1] == "@" and (value is owner or root(value) is base):
            return f"{name}[{key}]"
    return ""


def part_of(owner: Value, key: str | int, node: ast.AST, state: State) -> str:
    """The name under which what is under a key is kept: of what a library is asked for, and of any mapping."""
    found = reading(owner, repr(key), state)
    if found or owner.refs or owner.ext or not isinstance(key, str):
        return found
    name = f"@{getattr(node, 'lineno', 0)}.{getattr(node, 'col_offset', 0)}"
    state.env[name] = owner
    return f"{name}[{key!r}]"


def written_to(owner: Value, state: State, part: str = "[") -> None:
    """Something is put into a mapping (under one key: ``['key']``) of which parts may have been looked at: they are not
    known to be the same. (Of an argument, the caller is told by ``!name[…``, which any of several ways may leave.)"""
    base = root(owner)
    for name in [name for name, each in state.env.items() if name[:1] == "@" and root(each) is base]:
        for each in [each for each in state.env if each.startswith(f"{name}{part}")]:
            del state.env[each]
        if name[:2] == "@=":
            state.env[f"!{name[2:]}{part}"] = Value()


def narrow(state: State, value: Value, change: Callable[[Value], tuple[Taint, ...]]) -> None:
    """Changes the taints of a value under all its names."""
    if not value.taints and not value.refs:
        return
    base = root(value)
    for name, each in list(state.env.items()):
        if each is value or root(each) is base:
            state.env[name] = replace(each, taints=change(each), derived=_narrowed(each))
    for number, obj in list(state.heap.items()):
        for key, each in obj.fields.items():
            if each.taints and (each is value or root(each) is base):
                obj = obj.put(key, replace(each, taints=change(each), derived=_narrowed(each)))
                state.heap[number] = obj


#: What an archive holds.
MEMBER = "archive.member"
_UNPACKING = frozenset({"zipslip", "pathtraver"})


def contained(machine: Machine, node: ast.expr, value: Value, state: State) -> None:
    """A path was seen to lie inside a folder: so do other paths that are put together of the same values."""
    inside = cleansed(frozenset({"pathtraver"}))
    narrow(state, value, inside)
    if value.derived is not None and value.derived[0] == "real":
        narrow(state, value.derived[1], inside)
    if not isinstance(node, ast.Name):
        for name in names_in(node):
            found = state.env.get(name)
            if found is not None and found.taints:
                narrow(state, found, cleansed(_UNPACKING))
    origins = {taint.origin for taint in value.taints}
    for each in list(state.env.values()):
        if MEMBER in each.ext and origins & {taint.origin for taint in each.taints}:
            narrow(state, each, cleansed(_UNPACKING))
            archive = next((one for one in state.env.values() if _is_archive(one, origins)), None)
            if archive is not None:
                narrow(state, archive, cleansed(frozenset({"zipslip"})))


def _is_archive(value: Value, origins: set[Any]) -> bool:
    own = any(each.endswith(("TarFile", "ZipFile")) for each in value.ext)
    return own and bool(origins & {taint.origin for taint in value.taints})


def none_unchecked(source: Value, state: State) -> None:
    """Behind a loop over the members of an archive that was never entered, there is nothing to unpack."""
    owner = source.derived[1] if source.derived is not None and source.derived[0] == "members" else source
    if any(each.endswith(("TarFile", "ZipFile")) for each in owner.ext):
        narrow(state, owner, cleansed(frozenset({"zipslip"})))


def _narrowed(value: Value) -> tuple[str, Value]:
    return value.derived if value.derived is not None and value.derived[0] not in SAME else ("narrowed", value)


def cleansed(kinds: frozenset[str]) -> Callable[[Value], tuple[Taint, ...]]:
    return lambda value: sanitised(value.taints, kinds)


def with_taints(taints: tuple[Taint, ...]) -> Callable[[Value], tuple[Taint, ...]]:
    """A function's verdict: what is left of each origin."""

    def change(value: Value) -> tuple[Taint, ...]:
        kept: list[Taint] = []
        for taint in value.taints:
            same = [each for each in taints if each.origin == taint.origin]
            kept += [taint._replace(safe=taint.safe | each.safe) for each in same]
        return merged(kept)

    return change


def names_in(node: ast.AST) -> Iterable[str]:
    """Names that an expression reads."""
    known: frozenset[str] | None = node.__dict__.get("names_in")  # asked each time that the expression is run
    if known is None:
        known = frozenset(each.id for each in ast.walk(node) if isinstance(each, ast.Name))
        node.__dict__["names_in"] = known
    return known
