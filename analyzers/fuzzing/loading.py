"""Imports the module under test, inside the sandbox, by the name its project imports it by.

Invariant: only the worker calls this. A module of the workspace wins over one of the same name that Suture itself
has loaded; a file whose name is a standard module's (``random.py``) is loaded under another name instead.
"""

from __future__ import annotations

import importlib
import importlib.util
import sys
import types
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType


class CannotLoad(Exception):
    """The module does not import here; the text says why."""


def load(path: str, name: str, search: Sequence[str]) -> ModuleType:
    """The module of file ``path``, imported as ``name`` with ``search`` first on ``sys.path``. Raises CannotLoad."""
    sys.path[:0] = [each for each in search if each not in sys.path]
    top = name.partition(".")[0]
    if top in sys.stdlib_module_names:
        return _from_file(path, f"_suture_target_{top}")
    if not _is_ours(sys.modules.get(top), search):
        for each in [each for each in sys.modules if each == top or each.startswith(f"{top}.")]:
            del sys.modules[each]
    importlib.invalidate_caches()
    try:
        module = importlib.import_module(name)
    except BaseException as error:
        raise CannotLoad(f"importing {name} raises {type(error).__name__}: {error}") from error
    if not _same_file(getattr(module, "__file__", None), path):
        return _from_file(path, name)
    return module


def load_text(text: str, like: ModuleType) -> ModuleType:
    """Another version of a module, from its text, in the same package; not put into ``sys.modules``."""
    module = types.ModuleType(like.__name__)
    module.__file__ = like.__file__
    module.__package__ = like.__package__
    try:
        exec(compile(text, like.__file__ or "<base>", "exec", dont_inherit=True), module.__dict__)
    except BaseException as error:
        raise CannotLoad(f"the base version raises {type(error).__name__}: {error}") from error
    return module


def _from_file(path: str, name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise CannotLoad(f"{path} is not a Python module")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except BaseException as error:
        raise CannotLoad(f"importing {path} raises {type(error).__name__}: {error}") from error
    return module


def _is_ours(module: ModuleType | None, search: Sequence[str]) -> bool:
    if module is None:
        return True
    file = getattr(module, "__file__", None)
    if file is None:
        return False
    return any(Path(file).is_relative_to(folder) for folder in search) and "site-packages" not in file


def _same_file(found: str | None, path: str) -> bool:
    return found is not None and Path(found).resolve() == Path(path).resolve()
