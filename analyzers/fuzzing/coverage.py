"""Which branches of the target's project were reached: nearly free after the first time each of them is taken.

Python 3.12 and newer tell by ``sys.monitoring``, for the project's code objects only: a line is told once, a branch
until both ways were seen (or one way a thousand times). On 3.11 the functions of the target's module carry marks
(:mod:`.instrument`): a store into an array per branch.

Invariant: tracebacks, line numbers and ``inspect.getsource`` of the target are the same with and without.
"""

from __future__ import annotations

import os
import sys
from types import CodeType, ModuleType
from typing import Any

from .instrument import code_objects, functions, monitoring, with_marks

#: A branch that went one way so often is not watched any more; its other side still has lines of its own.
_OFTEN = 1000
_MOST_MODULES = 40


class Coverage:
    """Nothing is known: what a target without readable source gets."""

    branches = 0

    def fresh(self) -> bool:
        """Whether something new was reached since the last time this was asked."""
        return False

    def stop(self) -> None:
        """Watches no longer (in a process that has other things to do)."""


class _Marks(Coverage):
    def __init__(self, module: ModuleType, source: str) -> None:
        self._rewritten, self._hits = with_marks(module, source)
        self._rewritten.install()

    def fresh(self) -> bool:
        count = self._hits.count(1)
        if count == self.branches:
            return False
        self.branches = count
        return True

    def stop(self) -> None:
        self._rewritten.remove()


class _Events(Coverage):
    """By ``sys.monitoring``. ``branches`` counts those of the target's own file, and its functions."""

    def __init__(self, module: ModuleType, root: str, tool: int) -> None:
        tools: Any = monitoring()
        self._disable: Any = tools.DISABLE
        self._new = False
        self._ways: dict[tuple[int, int], list[int]] = {}  # (code, offset) → destinations, how often in a row
        self._own: set[int] = set()
        self._entered: set[int] = set()
        self._codes: list[CodeType] = []  # kept alive: they are known by their id
        self._tool = tool
        tools.use_tool_id(tool, "suture")
        events = tools.events
        sides = getattr(events, "BRANCH_LEFT", 0) | getattr(events, "BRANCH_RIGHT", 0)
        if sides:  # 3.14: each way can be switched off by itself
            tools.register_callback(tool, events.BRANCH_LEFT, self._side)
            tools.register_callback(tool, events.BRANCH_RIGHT, self._side)
        else:
            tools.register_callback(tool, events.BRANCH, self._branch)
        tools.register_callback(tool, events.LINE, self._line)
        wanted = events.LINE | (sides or events.BRANCH)
        for each in _project_modules(module, root):
            for function in functions(each):
                for code in code_objects(function.__code__):
                    self._codes.append(code)
                    if each is module:
                        self._own.add(id(code))
                    tools.set_local_events(tool, code, wanted)

    def fresh(self) -> bool:
        new, self._new = self._new, False
        return new

    def stop(self) -> None:
        monitoring().free_tool_id(self._tool)

    def _line(self, code: CodeType, _line: int) -> Any:
        self._new = True
        if id(code) not in self._entered:
            self._entered.add(id(code))
            self.branches += id(code) in self._own
        return self._disable

    def _side(self, code: CodeType, _offset: int, _destination: int) -> Any:
        self._new = True
        if id(code) in self._own:
            self.branches += 1
        return self._disable

    def _branch(self, code: CodeType, offset: int, destination: int) -> Any:
        key = (id(code), offset)
        ways = self._ways.get(key)
        if ways is None:
            self._ways[key] = [destination, 1]
        elif ways[0] == destination:
            ways[1] += 1
            return self._disable if ways[1] > _OFTEN else None
        self._new = True
        if key[0] in self._own:
            self.branches += 1
        return self._disable if ways is not None else None


def _project_modules(module: ModuleType, root: str) -> list[ModuleType]:
    """The target's module and those of its project that it has loaded."""
    inside = root.rstrip(os.sep) + os.sep
    found = [module]
    for each in [*sys.modules.values()]:
        file = getattr(each, "__file__", None)
        if each is module or not isinstance(file, str) or not file.startswith(inside):
            continue
        if not {"site-packages", ".venv", "venv"} & set(file.split(os.sep)) and len(found) < _MOST_MODULES:
            found.append(each)
    return found


def watch(module: ModuleType, source: str, root: str) -> Coverage:
    """Starts to watch a loaded module."""
    tools = monitoring()
    free = [number for number in (4, 3, 1) if tools.get_tool(number) is None] if tools is not None else []
    if free:  # three are for everybody; a project that uses them all up (or has one of its own) leaves the marks
        return _Events(module, root, free[0])
    try:
        return _Marks(module, source)
    except (SyntaxError, ValueError, RecursionError):
        return Coverage()
