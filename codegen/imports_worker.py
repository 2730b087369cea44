"""Runs inside the sandbox: which imports, and which attributes of imported modules, do not exist.

Invariant: called through ``Sandbox.call`` only; importing a module runs its code.
"""

from __future__ import annotations

import contextlib
import importlib
import io
import sys
from collections.abc import Callable, Mapping, Sequence
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
    if not attribute or hasattr(loaded, attribute):
        return ""
    try:
        importlib.import_module(f"{module}.{attribute}")
    except ModuleNotFoundError:
        return f"{module} has no {attribute}"
    except BaseException:  # noqa: BLE001 - as above
        return ""
    return ""
