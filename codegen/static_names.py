"""Whether an attribute of an imported module exists, found without running anything of the workspace or of the draft.

The standard library is asked itself, in this process: the modules of the interpreter that runs Suture, found where that
interpreter keeps them. What it does not have may be of another system (``os.getuid``): jedi's stubs are asked as well.
Other modules are read by jedi, and only plain source is believed: one that makes its names at run time
(``__getattr__``, ``globals()``, ``import *``, a compiled extension) may have any.

Invariant: silence is no verdict; what is said not to exist was looked for in a module that was found and read whole.
"""

from __future__ import annotations

import importlib
import importlib.util
import logging
import re
import sys
import sysconfig
import time
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

from ..analyzers.fuzzing.project import import_spot, search_path
from .proposal import GenerationRequest
from .signatures import ask_jedi, jedi_script

log = logging.getLogger(__name__)

#: Seconds for all of it: what is not known by then is not said.
SECONDS = 6.0
#: Modules of the standard library whose import does something.
_DOES_SOMETHING = frozenset({"antigravity", "this", "idlelib", "turtledemo", "turtle", "tkinter", "test", "lib2to3"})
_DYNAMIC = re.compile(
    r"def __getattr__|\bglobals\(\)|\bsys\.modules\b|^[ \t]*from[ \t]+\S+[ \t]+import[ \t]+\*|\bsetattr\(|lazy"
    r"|\b__dict__\b|\bexec\(",
    re.MULTILINE,
)


def missing_attribute(request: GenerationRequest, wanted: Sequence[tuple[str, str]]) -> str:
    """A sentence about the first ``(module, attributes with dots)`` that does not exist, or empty."""
    suspects = [(module, names) for module, names in wanted if names and not _standard_has(request, module, names)]
    if not suspects:
        return ""
    found: list[str] = []
    end = time.monotonic() + SECONDS

    def look() -> None:
        script = _script(request, suspects)
        for number, (module, names) in enumerate(suspects):
            if time.monotonic() > end or found:
                return
            said = _missing(script, 2 * number + 2, module, names)
            found.extend([said] if said else [])

    ask_jedi(look, end)
    return found[0] if found else ""


def _standard_has(request: GenerationRequest, module: str, names: str) -> bool:
    """Whether it is in the standard library, or may be: the workspace's Python can be a newer one."""
    top = module.partition(".")[0]
    if top not in sys.stdlib_module_names:
        return False
    if top in _DOES_SOMETHING or _newer(request.python):
        return True
    place: object = _standard(module)
    if place is None:
        return False
    path = module
    for name in names.split("."):
        if not isinstance(place, (ModuleType, type)):
            return True  # what an object has is decided when it is made
        inner = _standard(f"{path}.{name}") if isinstance(place, ModuleType) and not hasattr(place, name) else None
        if inner is None and not hasattr(place, name):
            return False
        place = inner or getattr(place, name)
        path = f"{path}.{name}"
    return True


def _standard(module: str) -> ModuleType | None:
    """The module of the standard library; None if there is none, or a file that is not Python's own comes first.

    To find a module its package is imported: that has to be Python's own as well."""
    package, _, name = module.rpartition(".")
    if name == "__main__" or (package and _standard(package) is None):
        return None
    try:
        spec = importlib.util.find_spec(module)
        origin = spec.origin if spec is not None else None
        own = origin in ("built-in", "frozen") or (origin is not None and _is_standard(Path(origin)))
        return importlib.import_module(module) if own else None
    except Exception as error:  # noqa: BLE001 - a module for another system says so in its own way
        log.debug("%s cannot be imported: %r", module, error)
        return None


def _newer(python: Path | None) -> bool:
    """Whether an interpreter may be newer than this one, as its environment's ``pyvenv.cfg`` or its name says."""
    if python is None:
        return False
    try:
        said = (python.parent.parent / "pyvenv.cfg").read_text("utf-8", "replace")
    except OSError:
        said = f"version = {python.resolve().name.removeprefix('python')}"
    found = re.search(r"version\w*\s*=\s*(\d+)\.(\d+)", said)
    return found is None or (int(found[1]), int(found[2])) > sys.version_info[:2]


def _script(request: GenerationRequest, suspects: Sequence[tuple[str, str]]) -> Any:
    root, path = request.root.resolve(), request.path.resolve()
    folders = search_path(root, import_spot(path))
    if request.python is not None:
        folders = [*folders, *request.python.parent.parent.glob("lib/python3*/site-packages")]
    lines = [line for module, names in suspects for line in (f"import {module}", f"{module}.{names}")]
    return jedi_script(root, path, "\n".join(lines) + "\n", folders)


def _missing(script: Any, line: int, module: str, names: str) -> str:
    """What of ``names`` is not there: the first part of which the owner was found and has no such name."""
    owner = module
    for name in names.split("."):
        here = f"{owner}.{name}"
        if not script.goto(line, len(here) - 1, follow_imports=False):
            owners: list[Any] = script.infer(line, len(owner) - 1)
            known = bool(owners) and all(_is_plain(each) for each in owners)
            return f"{owner} has no {name}" if known else ""
        owner = here
    return ""


def _is_plain(owner: Any) -> bool:
    """Whether all that a module or a class has stands in its text."""
    if owner.type not in ("module", "class") or owner.module_path is None:
        return False
    path = Path(owner.module_path)
    if path.suffix == ".pyi":
        return True
    try:
        text = path.read_text("utf-8", "replace")
    except OSError:
        return False
    # A class of elsewhere may get more by inheritance or a decorator; Python's own was asked itself before.
    return path.suffix == ".py" and (_is_standard(path) or (owner.type == "module" and not _DYNAMIC.search(text)))


def _is_standard(path: Path) -> bool:
    folder = Path(sysconfig.get_path("stdlib")).resolve()
    return path.resolve().is_relative_to(folder) and "site-packages" not in path.parts
