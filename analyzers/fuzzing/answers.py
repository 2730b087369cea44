"""The worker's answer, checked: the function under test shares its process, so it may have written it.

Invariant: what passes here has the types that the host relies on. It proves nothing more; findings come from replays.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

_STATUS = ("ok", "unsupported", "environment")
_CANDIDATE = ("args", "kwargs", "kind", "exception", "message", "signature")
_KINDS = ("crash", "hang", "mutation", "property", "regression")
_TEXTS = ("stage", "reason", "certainty", "inverse")
_COUNTS = ("executions", "position", "branches", "tried_first")
_NAMES = ("domain", "flavours", "versions")


def checked(answer: object) -> dict[str, Any] | None:
    """The answer, if it has the form of one; None if not."""
    if not isinstance(answer, dict):
        return None
    value = cast("dict[str, Any]", answer)
    if value.get("status") not in _STATUS or not _fields(value):
        return None
    stages: object = value.get("stages", {})
    if not isinstance(stages, dict) or not all(map(_count, cast("dict[str, object]", stages).values())):
        return None
    points, inputs = value.get("coverage", []), value.get("inputs", [])
    if not _rows(points, int) or not _rows(inputs, str):
        return None
    candidate = value.get("candidate")
    return value if candidate is None or candidate_checked(candidate) is not None else None


def candidate_checked(candidate: object) -> dict[str, Any] | None:
    """A candidate, if it has the form of one."""
    if not isinstance(candidate, dict):
        return None
    value = cast("dict[str, Any]", candidate)
    if not all(isinstance(value.get(key), str) for key in _CANDIDATE) or value["kind"] not in _KINDS:
        return None
    if not _count(value.get("line", 0)) or not isinstance(value.get("confidence", 0.0), int | float):
        return None
    growth: object = value.get("growth", [])
    return value if _rows(growth, int, float) and isinstance(value.get("expected", ""), str) else None


def _fields(value: Mapping[str, Any]) -> bool:
    return (
        all(isinstance(value.get(key, ""), str) for key in _TEXTS)
        and all(_count(value.get(key, 0)) or value.get(key) == -1 for key in _COUNTS)
        and all(_names(value.get(key, {})) for key in _NAMES)
    )


def _count(value: object) -> bool:
    return type(value) is int and value >= 0


def _names(value: object) -> bool:
    if not isinstance(value, dict):
        return False
    return all(isinstance(each, str) for each in cast("dict[str, object]", value).values())


def _rows(value: object, *kinds: type) -> bool:
    """Whether it is a list of pairs of these types."""
    if not isinstance(value, list):
        return False
    rows = cast("list[object]", value)
    return all(
        isinstance(row, list | tuple)
        and len(cast("list[object]", row)) == 2
        and all(isinstance(each, kinds) for each in cast("list[object]", row))
        for row in rows
    )
