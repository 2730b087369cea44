"""Finds the place of a fault in the workspace: which frame is ours, and which columns its marks stand for.

A traceback prints its source lines stripped, so a mark's column is only known with the file at hand. What is not
installed and not in the workspace is told apart from what is misspelt here too, since that takes a look at both.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import cast

from ..analyzers.source import Encoding, LineIndex, column_of
from .data_files import in_data
from .distributions import distribution_of, provided
from .fault import Fault, Frame, Suggested
from .foreign import CHANGED, foreign_frame
from .grammar import compiles
from .javascript.modules import written_in
from .managers import declared_in, install_command
from .names import missing_module
from .spelling import closest
from .workspace import Workspace

#: Languages whose tools do not count columns in code points, and what they count instead.
_UNITS: Mapping[str, Encoding] = {"javascript": "utf-16", "typescript": "utf-16", "go": "utf-8"}


def locate(fault: Fault, workspace: Workspace, cwd: str = ".", *, foreign: bool = False) -> Fault:
    """The fault at its innermost frame inside the workspace, its path relative to the root; a fault without one
    keeps no place. Turns ``name`` into ``dependency`` where a distribution is what is missing. ``foreign`` faults come
    from another machine: see :mod:`.foreign`."""
    frames: list[Frame] = []
    units = _UNITS.get(fault.language)
    changed = False
    for frame in fault.frames or ((_place(fault),) if foreign and fault.path else ()):
        name = workspace.relative(frame.path, cwd)
        if name is not None and not name.startswith((".", "node_modules/")):
            frames.append(_marked(replace(frame, path=name), workspace, units))
            changed = frames[-1].line < frame.line
        elif foreign and (mapped := foreign_frame(frame, workspace)):
            frames.append(_marked(mapped, workspace, units))
            changed = mapped.line < 0
        elif fault.language == "javascript" and (source := written_in(workspace, frame.path)):
            frames.append(replace(frame, path=source, line=-1, text="", mark=None))
    cause = locate(fault.cause, workspace, cwd, foreign=foreign) if fault.cause else None
    if changed:
        fault = replace(fault, notes=(*fault.notes, CHANGED))
    found = replace(fault, frames=tuple(frames), path="", line=-1, column=-1, end_column=-1, cause=cause)
    if frames:
        last = frames[-1]
        column, end = last.mark or (-1, -1)
        found = replace(found, path=last.path, line=last.line, column=column, end_column=end)
    elif fault.path and (name := _relative(fault, workspace, cwd)):
        place = _there(Frame(name, fault.line, mark=(fault.column, fault.end_column)), workspace)
        column, end = (_converted(place, workspace, units) if units else place).mark or (-1, -1)
        found = replace(found, path=name, line=place.line, column=column, end_column=end)
    if fault.suggested or fault.others:
        found = replace(
            found,
            suggested=tuple(each for item in fault.suggested if (each := _suggested(item, workspace, cwd))),
            others=tuple(each for item in fault.others if (each := locate(item, workspace, cwd)).path),
        )
    return in_data(_dependency(_where_the_compiler_stops(found, workspace), workspace), workspace)


def _place(fault: Fault) -> Frame:
    """The place of a fault that no call led to."""
    return Frame(fault.path, fault.line, mark=(fault.column, fault.end_column) if fault.column >= 0 else None)


def _where_the_compiler_stops(fault: Fault, workspace: Workspace) -> Fault:
    """Old parsers stumble over an open bracket or string only lines below it, and know no line in a replacement
    field; the host's own compiler, where it stops above, is nearer to it. The line of a byte that is no UTF-8 is
    counted here, since not every version counts it right."""
    if fault.category != "syntax" or fault.language != "python" or not fault.path:
        return fault
    if fault.message.startswith("Non-UTF-8 code"):
        return replace(fault, line=_undecodable(workspace, fault.path, fault.line))
    text = workspace.text(fault.path)
    verdict = compiles(text) if text is not None else None
    if verdict is None or verdict.ok or verdict.line < 0 or 0 <= fault.line <= verdict.line:
        return fault
    return replace(fault, line=verdict.line, column=verdict.column, end_column=-1, message=verdict.message)


def _undecodable(workspace: Workspace, name: str, printed: int) -> int:
    data = workspace.files.get(name)
    try:
        data = data if data is not None else (workspace.root / name).read_bytes()
    except OSError:
        return printed
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        return data.count(b"\n", 0, error.start)
    return printed


def _relative(fault: Fault, workspace: Workspace, cwd: str) -> str | None:
    """The path in the workspace. A Go test's file is named below its package, whose path begins with the module's."""
    name = workspace.relative(fault.path, cwd)
    path = fault.path
    while name is None and fault.language == "go" and "/" in path and not path.startswith("/"):
        path = path.partition("/")[2]
        name = workspace.relative(path)
    return name


def _marked(frame: Frame, workspace: Workspace, units: Encoding | None) -> Frame:
    frame = _there(frame, workspace)
    return _converted(frame, workspace, units) if units else _placed(frame, workspace)


def _there(frame: Frame, workspace: Workspace) -> Frame:
    """The frame, without its line if the text has no such line: what was printed is older than the file."""
    text = workspace.text(frame.path)
    return replace(frame, line=-1, mark=None) if text is not None and frame.line > text.count("\n") else frame


def _converted(frame: Frame, workspace: Workspace, units: Encoding) -> Frame:
    """The frame with a mark in code points that was counted in other units."""
    text = workspace.text(frame.path)
    if frame.mark is None or text is None:
        return replace(frame, mark=None)
    lines = LineIndex(text)
    if not 0 <= frame.line < len(lines.starts):
        return replace(frame, mark=None)
    line = lines.line(frame.line)
    start, end = (column_of(line, each, units) if each >= 0 else -1 for each in frame.mark)
    return replace(frame, mark=(start, end))


def _suggested(item: Suggested, workspace: Workspace, cwd: str) -> Suggested | None:
    """The suggestion with paths relative to the root; None if it would change a file outside."""
    changes = [(workspace.relative(path, cwd), *rest) for path, *rest in item.changes]
    if any(change[0] is None for change in changes):
        return None
    return replace(item, changes=tuple(cast("tuple[tuple[str, tuple[int, int], tuple[int, int], str], ...]", changes)))


def _placed(frame: Frame, workspace: Workspace) -> Frame:
    """The frame with its mark in columns of the real line."""
    text = workspace.text(frame.path)
    if frame.mark is None or text is None:
        return replace(frame, mark=None)
    lines = LineIndex(text)
    if frame.line >= len(lines.starts):
        return replace(frame, mark=None)
    line = lines.line(frame.line)
    indent = line.find(frame.text) if frame.text else -1
    if indent < 0:
        return replace(frame, mark=None)
    return replace(frame, mark=(frame.mark[0] + indent, min(frame.mark[1] + indent, len(line))))


def _dependency(fault: Fault, workspace: Workspace) -> Fault:
    """``No module named x`` where nothing by that name is near: the person has to install something."""
    missing = missing_distribution(fault, workspace)
    if missing is None:
        return fault
    module = missing_module(fault)
    top, name = module.partition(".")[0], distribution_of(module)
    near = closest(top, workspace.standard | frozenset(workspace.modules) | workspace.installed, least=0.7)
    if near and name.replace("-", "_") == top and not declared_in(workspace, name):
        return fault
    return missing


def missing_distribution(fault: Fault, workspace: Workspace) -> Fault | None:
    """The fault as a missing distribution; None if its module is, or was, somebody else's: the workspace's own, of
    the standard library, or moved."""
    module = missing_module(fault)
    if not module or fault.category != "name":
        return None
    top = module.partition(".")[0]
    if top in workspace.modules or any(each.split(".")[0] == top for each in workspace.modules):
        return None
    from .repairs.misspelt_import import MOVED

    if module in MOVED or top in MOVED or top in workspace.standard:
        return None
    if any(each.endswith(f".{module}") for each in workspace.modules):
        return None
    name = distribution_of(module, provided(_environments(workspace)))
    notes = (f"the distribution {name} is not installed", f"to install it: {install_command(workspace, name)}")
    return replace(fault, category="dependency", notes=(*fault.notes, *notes))


def _environments(workspace: Workspace) -> list[Path]:
    """Folders whose metadata may know the module's distribution: of the workspace's interpreter, and Suture's own."""
    own = [Path(each) for each in sys.path if each.endswith(("site-packages", "dist-packages"))]
    python = workspace.python
    return [*own, *(python.parent.parent.glob("lib/python3*/site-packages") if python is not None else ())]
