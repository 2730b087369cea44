"""The worker's answer, checked: the function under test shares its process, so it may have written it.

Invariant: what passes here has the types that the rest relies on, and rows of equal length.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

_STATUS = ("ok", "unsupported", "environment")


def measured(answer: object) -> dict[str, Any] | None:
    """An answer of ``measure``; None if it has not the form of one."""
    value = _object(answer)
    if value is None or value["status"] != "ok":
        return value
    sites, kinds, recipes = value.get("sites"), value.get("kinds"), value.get("recipes")
    if not isinstance(sites, list) or not _texts(kinds) or not isinstance(recipes, list):
        return None
    count = len(cast("list[Any]", sites))
    if len(cast("list[Any]", kinds)) != count or not all(map(_site, cast("list[Any]", sites))):
        return None
    if not all(_recipe(each, count) for each in cast("list[Any]", recipes)):
        return None
    if not _pairs(value.get("seconds")) or not isinstance(value.get("certain", False), bool):
        return None
    return {**value, "certain": bool(value.get("certain", False))}


def compared(answer: object) -> dict[str, Any] | None:
    """An answer of ``compare``; None if it has not the form of one."""
    value = _object(answer)
    if value is None or value["status"] != "ok":
        return value
    rows = [value.get(each) for each in ("sizes", "before", "after")]
    if not all(map(_counts, rows)) or len({len(cast("list[int]", each)) for each in rows}) != 1 or not rows[0]:
        return None
    seconds = value.get("seconds")
    if not isinstance(seconds, list) or len(cast("list[Any]", seconds)) != 2:
        return None
    if not all(isinstance(each, int | float) for each in cast("list[Any]", seconds)):
        return None
    if not isinstance(value.get("timed"), int) or not isinstance(value.get("same"), bool):
        return None
    return value if isinstance(value.get("title"), str) else None


def _object(answer: object) -> dict[str, Any] | None:
    if not isinstance(answer, dict):
        return None
    value = cast("dict[str, Any]", answer)
    if value.get("status") not in _STATUS or not isinstance(value.get("reason", ""), str):
        return None
    return {**value, "reason": value.get("reason", "")}


def _site(value: object) -> bool:
    if not isinstance(value, list) or len(cast("list[Any]", value)) != 10:
        return False
    place, line, form, function, text, consumes, invariant, loops, column, end = cast("list[Any]", value)
    return (
        _counts([place, line, column, end])
        and _texts([form, function, text])
        and isinstance(consumes, bool)
        and isinstance(invariant, bool)
        and _counts(loops)
    )


def _recipe(value: object, sites: int) -> bool:
    if not isinstance(value, dict):
        return False
    recipe = cast("Mapping[str, Any]", value)
    sizes = recipe.get("sizes")
    if not isinstance(recipe.get("title"), str) or not _counts(sizes) or not _counts(recipe.get("outputs")):
        return False
    if not isinstance(recipe.get("numbers"), bool) or not isinstance(recipe.get("alone"), bool):
        return False
    length = len(cast("list[int]", sizes))
    if len(recipe["outputs"]) != length:
        return False
    for key, least in (("runs", 0), ("costs", 0), ("lengths", -1)):
        rows = recipe.get(key)
        if not isinstance(rows, list) or len(cast("list[Any]", rows)) != sites:
            return False
        if not all(_counts(row, least) and len(row) == length for row in cast("list[Any]", rows)):
            return False
    return True


def _counts(value: object, least: int = 0) -> bool:
    return isinstance(value, list) and all(type(each) is int and each >= least for each in cast("list[Any]", value))


def _texts(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(each, str) for each in cast("list[Any]", value))


def _pairs(value: object) -> bool:
    return isinstance(value, list) and all(
        isinstance(each, list)
        and len(cast("list[Any]", each)) == 2
        and all(isinstance(part, int | float) for part in cast("list[Any]", each))
        for each in cast("list[Any]", value)
    )
