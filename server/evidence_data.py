"""The recorded data of a piece of evidence or of a report as Markdown for people: lists, code and tables of facts.

Invariant: nothing is left out but what is empty; what has no better form is shown as JSON.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import PurePath
from typing import Any, cast

Object = Mapping[str, Any]

#: A text that is longer stands in a block of its own.
SHORT = 120

#: Names of values that are source code.
_CODE = frozenset({"code", "tests", "test", "source", "new_text", "before", "after"})


def rendered(data: Object) -> str:
    """Facts first, a line each; then what takes more room, under its name."""
    facts: list[str] = []
    blocks: list[str] = []
    for name, value in data.items():
        label = name.replace("_", " ")
        if value in (None, "", [], {}, ()):
            continue
        if (line := _fact(value)) is not None:
            facts.append(f"- {label}: {line}")
        else:
            blocks.append(f"{label}:\n\n{_block(name, value)}")
    return "\n\n".join([*(["\n".join(facts)] if facts else []), *blocks])


def _fact(value: Any) -> str | None:
    """A value that fits on a line, or None."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        return f"{value:g}" if isinstance(value, float) else str(value)
    if isinstance(value, str):
        return _inline(value) if len(value) <= SHORT and "\n" not in value else None
    items = _items(value)
    if items is not None and all(isinstance(each, str | int | float) for each in items):
        line = ", ".join(_fact(each) or "" for each in items)
        return line if "" not in map(_fact, items) and len(line) <= 2 * SHORT else None
    return None


def _inline(text: str) -> str:
    fence = "``" if "`" in text else "`"
    return f"{fence} {text} {fence}" if "`" in text else f"{fence}{text}{fence}"


def _block(name: str, value: Any) -> str:
    if isinstance(value, str):
        return fenced(value, "python" if name in _CODE else "diff" if name == "diff" else "text")
    objects = _objects(value)
    if objects and all({"path", "line"} <= set(each) for each in objects):
        return "\n".join(f"{number}. {_place(each)}" for number, each in enumerate(objects, 1))
    if objects and all({"kind", "summary"} <= set(each) for each in objects):
        return "\n".join(f"- **{each['kind']}**: {each['summary']}" for each in objects)
    if objects and (table := _table(objects)):
        return table
    return fenced(json.dumps(value, indent=2, ensure_ascii=False, default=str), "json")


def _place(each: Object) -> str:
    """``auth.py:148`` and what stands there."""
    said = each.get("text") or each.get("message") or ""
    where = f"`{PurePath(str(each['path'])).name}:{each['line']}`"
    return f"{where} {_inline(str(said).strip())}" if said else where


def _table(objects: Sequence[Object]) -> str:
    """Rows of short values under the same names; empty if they are not that."""
    names = list(objects[0])
    if len(objects) < 2 or len(names) > 6 or any(list(each) != names for each in objects):
        return ""
    rows: list[str] = []
    for each in objects:
        cells = ["" if value is None or value == "" else _fact(value) for value in each.values()]
        if None in cells:
            return ""
        rows.append("| " + " | ".join(str(cell).replace("|", "\\|") for cell in cells) + " |")
    return "\n".join([f"| {' | '.join(names)} |", "|" + "---|" * len(names), *rows])


def fenced(text: str, language: str) -> str:
    """A block of Markdown that the text itself cannot end."""
    fence = "```"
    while fence in text:
        fence += "`"
    return f"{fence}{language}\n{text.rstrip()}\n{fence}"


def _items(value: Any) -> list[Any] | None:
    return list(cast("Sequence[Any]", value)) if isinstance(value, list | tuple) else None


def _objects(value: Any) -> list[Object]:
    """The mappings of a list of mappings; of anything else none."""
    return list(_mappings(value)) if all(isinstance(each, Mapping) for each in _items(value) or [None]) else []


def _mappings(value: Any) -> Iterator[Object]:
    for each in _items(value) or []:
        yield cast("Object", each)
