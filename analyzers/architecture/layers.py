"""Which layers a project declares, and which of them a module belongs to.

The declaration is the table ``[tool.suture.layers]`` of the nearest ``pyproject.toml`` with a ``[tool.suture]`` table,
from the top layer down; a caller who knows better (an editor whose settings win) gives it with :func:`layers_given`.

Invariant: a declaration that makes no sense declares nothing; saying so is the settings' business.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache, lru_cache
from pathlib import Path
from typing import cast

#: A layer's name → the patterns of its modules, the top layer first.
Layers = Mapping[str, Sequence[str]]

_given: ContextVar[Layers | None] = ContextVar("layers", default=None)


@contextmanager
def layers_given(layers: Layers | None) -> Generator[None]:
    """Within this context, every file's layers are these; None: what its project declares."""
    token = _given.set(layers)
    try:
        yield
    finally:
        _given.reset(token)


def layers_of(path: str) -> Layers:
    """The layers that hold for a file; empty if none are declared."""
    given = _given.get()
    return given if given is not None else _declared_above(Path(path).parent)


def layer_of(module: str, layers: Layers) -> str:
    """The layer whose pattern fits most of a dotted module name; empty if none does."""
    best, depth = "", 0
    for name, patterns in layers.items():
        for pattern in patterns:
            if pattern.count(".") + 1 > depth and _pattern(pattern).match(module):
                best, depth = name, pattern.count(".") + 1
    return best


@cache
def _pattern(pattern: str) -> re.Pattern[str]:
    """A dotted name and everything below it; ``*`` is one name, ``**`` any number of them."""
    wild = {"*": "[^.]+", "**": r"[^.]+(?:\.[^.]+)*"}
    names = (wild.get(part) or re.escape(part).replace(r"\*", "[^.]*") for part in pattern.strip(".").split("."))
    return re.compile(r"\.".join(names) + r"(?:\.|\Z)")


def _declared_above(folder: Path) -> Layers:
    for up in (folder, *folder.parents):
        file = up / "pyproject.toml"
        try:
            state = file.stat()
        except OSError:
            continue
        declared = _declared_in(file, state.st_mtime_ns, state.st_size)
        if declared is not None:
            return declared
    return {}


@lru_cache(maxsize=64)
def _declared_in(file: Path, _changed: int, _size: int) -> Layers | None:
    """What a ``pyproject.toml`` declares; None if it says nothing to Suture."""
    try:
        tool = tomllib.loads(file.read_text("utf-8")).get("tool")
    except (OSError, ValueError, RecursionError):
        return {}
    suture: object = cast("dict[str, object]", tool).get("suture") if isinstance(tool, dict) else None
    if suture is None:
        return None
    table: object = cast("dict[str, object]", suture).get("layers") if isinstance(suture, dict) else None
    if not isinstance(table, dict):
        return {}
    found: dict[str, tuple[str, ...]] = {}
    for name, patterns in cast("dict[str, object]", table).items():
        listed = cast("list[object]", patterns) if isinstance(patterns, list) else [patterns]
        if listed and all(isinstance(each, str) for each in listed):
            found[name] = tuple(cast("list[str]", listed))
    return found
