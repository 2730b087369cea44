"""Imports one module as the first one of a program, and writes down what came of it: the whole text runs as
``python -c TEXT MODULE FILE`` in the sandbox, by the workspace's interpreter (Python 3.8 or later), over its files.

Invariant: before the import nothing is loaded that an interpreter has not loaded by itself; afterwards nothing is,
as the workspace may have modules of the same names.
"""

import os
import sys

name, answer = sys.argv[1:3]
executed: "set[str]" = set()


def note(event: str, args: "tuple[object, ...]") -> None:
    if event == "exec":
        executed.add(str(getattr(args[0], "co_filename", "")))


def told(error: BaseException) -> "dict[str, object]":
    """An exception in plain values, with the innermost place that is in a file."""
    place, step = ("", 0), error.__traceback__
    while step is not None:
        file = step.tb_frame.f_code.co_filename
        if not file.startswith("<"):
            place = (file, step.tb_lineno)
        step = step.tb_next
    missing = getattr(error, "name", None)
    kind = [each.__name__ for each in type(error).__mro__]
    return {"kind": kind, "message": str(error)[:500], "place": place, "name": missing if type(missing) is str else ""}


sys.addaudithook(note)
chain: "list[dict[str, object]]" = []
found = ""
try:
    __import__(name)
except BaseException as raised:  # noqa: BLE001 - whatever the module raises is the answer
    error = raised
    while error is not None and len(chain) < 8:
        chain.append(told(error))
        error = error.__cause__
else:
    found = getattr(sys.modules.get(name), "__file__", None) or ""
files = sorted(each for each in executed if each.endswith(".py"))
with open(answer, "w", encoding="utf-8", errors="surrogateescape") as out:
    out.write(repr({"chain": chain, "file": str(found), "files": files, "python": sys.version.partition(" ")[0]}))
os._exit(0)  # threads that the module began must not keep it
