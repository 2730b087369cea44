"""Runs inside the sandbox: which imports, and which attributes of imported modules, do not exist.

Invariant: called through ``Sandbox.call`` only; importing a module runs its code.
"""

from __future__ import annotations

import contextlib
import importlib
import io
import sys
from collections.abc import Callable, Mapping, Sequence
from types import ModuleType
from typing import cast

from ..analyzers.findings import Json


def unresolved(payload: Mapping[str, Json], emit: Callable[[Json], None]) -> Json:
    """``{"paths", "imports": [[module, attribute]]}`` → the pairs that do not resolve, with the reason.

    A module that exists but fails to import is not counted: that is its own trouble, not an invention."""
    for path in reversed(cast("Sequence[str]", payload["paths"])):
        sys.path.insert(0, path)
    missing: list[Json] = []
    quiet = io.StringIO()
    with contextlib.redirect_stdout(quiet), contextlib.redirect_stderr(quiet):
        for module, attribute in cast("Sequence[tuple[str, str]]", payload["imports"]):
            reason = _problem(module, attribute)
            if reason:
                missing.append([module, attribute, reason])
    emit({"checked": len(cast("Sequence[Json]", payload["imports"]))})
    return missing


def _problem(module: str, attribute: str) -> str:
    try:
        loaded = importlib.import_module(module)
    except ModuleNotFoundError as error:
        parts = (error.name or "").split(".")
        invented = module.split(".")[: len(parts)] == parts
        return f"there is no module called {error.name}" if invented else ""
    except BaseException:  # noqa: BLE001 - importing runs code that may end in any way
        return ""
    place: object = loaded
    path = module
    for name in attribute.split(".") if attribute else ():
        if not isinstance(place, (ModuleType, type)):
            return ""  # what an object has is decided when it is made
        if not _has(place, name):
            if isinstance(place, type) or not _is_module(f"{path}.{name}"):
                return f"{path} has no {name}"
            place = sys.modules.get(f"{path}.{name}", place)
        else:
            place = getattr(place, name)
        path = f"{path}.{name}"
    return ""


def _has(place: object, name: str) -> bool:
    try:
        return hasattr(place, name)
    except BaseException:  # noqa: BLE001 - a module's __getattr__ runs code that may end in any way
        return True


def _is_module(name: str) -> bool:
    try:
        importlib.import_module(name)
    except ModuleNotFoundError:
        return False
    except BaseException:  # noqa: BLE001 - it exists, and fails
        return True
    return True
