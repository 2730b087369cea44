# pyright: basic
# ruff: noqa: BLE001
"""Turns an exception into plain data: where it was raised, among which local types, and what its owner's names are."""

import json
import os
import sys
import traceback

MAX_NAMES = 2000
MAX_FRAMES = 60
#: Attributes of one object, and kinds of one frame, that are told.
MAX_ATTRIBUTES = 40
MAX_KINDS = 400


def observe(error):
    """JSON-ready facts of an exception. Calls nothing of the program under test but ``dir``."""
    found = {"exception": type(error).__name__, "name": "", "owner_type": "", "owner_names": [], "frames": []}
    name = getattr(error, "name", None)
    if isinstance(name, str):
        found["name"] = name
    if isinstance(error, AttributeError) and hasattr(error, "obj"):
        found["owner_type"] = type(error.obj).__name__
        found["owner_names"] = _names(error.obj)
    elif isinstance(error, ImportError) and str(error).startswith("cannot import name") and name in sys.modules:
        found["owner_type"] = "module"
        found["owner_names"] = _names(sys.modules[name])
    step = error.__traceback__
    frames = []
    while step is not None:
        kinds = _kinds(step.tb_frame.f_locals, "site-packages" not in step.tb_frame.f_code.co_filename)
        frame = {"path": step.tb_frame.f_code.co_filename, "line": step.tb_lineno - 1, "local_types": kinds}
        if step.tb_next is None and "self" in step.tb_frame.f_locals:
            frame["self_names"] = _names(step.tb_frame.f_locals["self"])
        frames.append(frame)
        step = step.tb_next
    found["frames"] = frames[-MAX_FRAMES:]
    return found


def _kinds(names, deep):
    """The types of a frame's values by their names, of their attributes (``self.rows``, if ``deep``), and of the first
    item of each (``self.rows[]``; of a table's first value)."""
    kinds = {}
    for key, value in list(names.items())[:100]:
        _tell(kinds, key, value)
    for key, value in list(names.items())[:100] if deep else ():
        for name, each in _attributes(value):
            _tell(kinds, f"{key}.{name}", each)
    return kinds


def _tell(kinds, key, value):
    kind = type(value)
    if len(kinds) >= MAX_KINDS:
        return
    kinds[key] = kind.__name__
    if kind in (list, tuple, set, frozenset, dict) and value:
        items = dict.values(value) if kind is dict else value
        kinds[f"{key}[]"] = type(next(iter(items))).__name__


def _attributes(value):
    """What an object of the program keeps by names, looked up past all that the program may have defined."""
    if type(value).__flags__ & 512 and not issubclass(type(value), type):  # a class that was written in Python
        try:
            kept = object.__getattribute__(value, "__dict__")
        except Exception:  # a class without one, or with a property by this name
            return []
        if type(kept) is dict:
            return [(name, each) for name, each in list(kept.items())[:MAX_ATTRIBUTES] if type(name) is str]
    return []


def _names(value):
    try:
        return [each for each in dir(value) if isinstance(each, str)][:MAX_NAMES]
    except Exception:  # a __dir__ of the program may raise anything
        return []


def text_of(error):
    """The traceback as the interpreter itself would print it."""
    return "".join(traceback.format_exception(type(error), error, error.__traceback__))


def write(record):
    """Appends one line to the report; a report that cannot be written changes nothing of the run."""
    path = os.environ.get("SUTURE_REPORT")
    if not path:
        return
    try:
        with open(path, "a", encoding="utf-8", errors="backslashreplace") as stream:
            stream.write(json.dumps(record) + "\n")
    except (OSError, TypeError, ValueError):
        return
