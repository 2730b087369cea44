"""Texts and numbers of which only some are meant: templates, keys of a closed table, names of encodings, counts.

A text that the body uses as a template (``form % value``, ``form.format(…)``, a pattern given to ``re``) is written in
a small language; a text that is looked up in a constant table of the module is one of its keys. Any other text proves
nothing but that the caller made a mistake.

Invariant: a domain only becomes smaller here, and where nothing is known of the small language it stays as it is.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import replace
from types import ModuleType
from typing import Any

from .plans import Plan
from .shapes import NONE, Alt, Lit, Num, Seq, Shape, Text, admits, alt
from .variables import Var

#: What is valid in the language of a template, by how it is used.
_TEMPLATES: dict[str, tuple[str, ...]] = {
    "percent": ("%s",),
    "format": ("{}", "{0}", "a"),
    "spec": ("", ">10", "<5"),
    "time": ("%Y-%m-%d", "%H:%M:%S", "%d.%m.%y", ""),
    "pattern": ("a", "", r"\d+", "(a)|b", "[a-z]+", "^a", "."),
}
#: Names that stand for one of a few words, whatever else is known.
_VOCABULARIES: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(("encoding", "codec", "charset"), ("utf-8", "ascii", "latin-1", "utf-16")),
    **dict.fromkeys(("errors",), ("strict", "replace", "ignore")),
}
_COUNTS = frozenset(
    (
        *(
            "len",
            "length",
            "size",
            "width",
            "height",
            "count",
            "bins",
            "depth",
            "limit",
            "capacity",
            "quantity",
            "rows",
        ),
        *("cols", "columns", "digits", "ndigits", "precision", "places", "maxlen", "maxsize", "retries", "attempts"),
        *("workers", "chunksize", "indent", "padding", "copies"),
    )
)
_MAX_KEYS = 24


def narrowed(
    shape: Shape, name: str, variable: Var, known: tuple[Plan, ...], module: ModuleType, closed: bool
) -> Shape:
    """``shape`` of parameter ``name`` without what its uses rule out. ``known``: its default and examples. ``closed``:
    a key that is not in its table is the caller's mistake."""
    root = variable.root
    if isinstance(shape, Alt):
        return alt(*[narrowed(each, name, variable, known, module, closed) for each in shape.options])
    if isinstance(shape, Text) and shape.kind == "str":
        return _text(shape, name, root, known, module, closed)
    if isinstance(shape, Num) and shape.kind == "int" and "width" in root.uses:
        return replace(shape, low=max(0, shape.low or 0), high=min(20, 20 if shape.high is None else shape.high))
    if isinstance(shape, Seq) and root.item is not None:
        return replace(shape, item=narrowed(shape.item, "", root.item, (), module, closed))
    return shape


def _text(shape: Text, name: str, root: Var, known: tuple[Plan, ...], module: ModuleType, closed: bool) -> Shape:
    given = tuple(dict.fromkeys(each for each in known if isinstance(each, str)))
    words = _VOCABULARIES.get(name)
    if words is not None:
        return Lit(tuple(dict.fromkeys((*given, *words))))
    use = next((each for each in _TEMPLATES if each in root.uses), None)
    if use is not None:
        return Lit(given or _TEMPLATES[use])
    if closed and root.tables:
        keys = tuple(key for table, change in root.tables for key in _keys(module, table, change))
        keys = tuple(key for key in dict.fromkeys(keys) if admits(shape, key))
        return Lit(keys[:_MAX_KEYS]) if keys else shape
    return shape


def _keys(module: ModuleType, table: str, change: str) -> list[str]:
    """Texts that lead to an entry of a constant table: its keys, or what ``upper`` and the like make into one."""
    found: Any = getattr(module, table, None)
    names: list[Any] = []
    if isinstance(found, enum.EnumType):
        names = list(found.__members__)
    elif isinstance(found, Mapping):
        names = list(found)  # pyright: ignore[reportUnknownArgumentType]
    texts = [each for each in names if isinstance(each, str)]
    if not change:
        return texts
    varied = [form for each in texts for form in (each.lower(), each, each.upper(), f" {each}")]
    return [each for each in varied if getattr(str, change)(each) in texts]


def counted(shape: Shape, name: str) -> Shape:
    """A number that is called like a count is not negative: said of what is guessed only."""
    words = set(name.lower().strip("_").split("_"))
    if not words & _COUNTS and not name.lower().startswith(("num_", "n_", "max_", "min_")):
        return shape
    if isinstance(shape, Alt):
        return alt(*[each if each == NONE else counted(each, name) for each in shape.options])
    if isinstance(shape, Num) and shape.kind in ("int", "float") and shape.low is None:
        return replace(shape, low=0)
    return shape


def only_converted(variable: Var) -> bool:
    """Whether all that is known is that it goes into ``int()`` or ``float()``."""
    votes = variable.root.votes
    return bool(votes["convertible"]) and not any(count for kind, count in votes.items() if kind != "convertible")
