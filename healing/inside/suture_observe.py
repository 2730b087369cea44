# pyright: basic
# ruff: noqa: BLE001
"""Turns an exception into plain data: where it was raised, among which local types, and what its owner's names are."""

import json
import os
import traceback

MAX_NAMES = 2000
MAX_FRAMES = 60


def observe(error):
    """JSON-ready facts of an exception. Calls nothing of the program under test but ``dir``."""
    found = {"exception": type(error).__name__, "name": "", "owner_type": "", "owner_names": [], "frames": []}
    name = getattr(error, "name", None)
    if isinstance(name, str):
        found["name"] = name
    if isinstance(error, AttributeError) and hasattr(error, "obj"):
        found["owner_type"] = type(error.obj).__name__
        found["owner_names"] = _names(error.obj)
    step = error.__traceback__
    frames = []
    while step is not None:
        kinds = {key: type(value).__name__ for key, value in list(step.tb_frame.f_locals.items())[:100]}
        frame = {"path": step.tb_frame.f_code.co_filename, "line": step.tb_lineno - 1, "local_types": kinds}
        if step.tb_next is None and "self" in step.tb_frame.f_locals:
            frame["self_names"] = _names(step.tb_frame.f_locals["self"])
        frames.append(frame)
        step = step.tb_next
    found["frames"] = frames[-MAX_FRAMES:]
    return found


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
