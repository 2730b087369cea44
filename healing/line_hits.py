"""Which lines of a function were run, and how often in one call: by tracing, inside the sandbox.

Only the frames of the function's own code (with what is nested in it) are traced line by line.
Invariant: a trace function that was there before is put back after each call.
"""

from __future__ import annotations

import ast
import contextlib
import inspect
import sys
from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from types import CodeType, FrameType
from typing import Any


@dataclass
class Lines:
    """``changed`` are the lines of interest; ``in_loop``: one of them lies in a loop. The rest is what was seen."""

    codes: frozenset[CodeType]
    changed: frozenset[int]
    in_loop: bool
    total: dict[int, int] = field(default_factory=dict[int, int])  # line → calls that ran it
    _now: dict[int, int] = field(default_factory=dict[int, int])

    def begin(self) -> None:
        """A new input."""
        self._now.clear()

    def end(self) -> bool:
        """The input counts; whether it ran a line that none before it did."""
        fresh = False
        for line in self._now:
            fresh = fresh or line not in self.total
            self.total[line] = self.total.get(line, 0) + 1
        return fresh

    @property
    def changed_hit(self) -> bool:
        return any(line in self.changed for line in self._now)

    @property
    def hit_again(self) -> bool:
        return any(count > 1 and line in self.changed for line, count in self._now.items())

    def missed(self, least: int) -> list[int]:
        """Changed lines that fewer than ``least`` inputs ran."""
        return sorted(line for line in self.changed if self.total.get(line, 0) < least)

    @contextlib.contextmanager
    def watching(self) -> Generator[None]:
        before = sys.gettrace()
        sys.settrace(self._enter)
        try:
            yield
        finally:
            sys.settrace(before)

    def _enter(self, frame: FrameType, _event: str, _argument: Any) -> Any:
        return self._line if frame.f_code in self.codes else None

    def _line(self, frame: FrameType, event: str, _argument: Any) -> Any:
        if event == "line":
            self._now[frame.f_lineno] = self._now.get(frame.f_lineno, 0) + 1
        return self._line


def lines_of(function: Callable[..., Any]) -> tuple[frozenset[CodeType], frozenset[int]]:
    """The code objects of a function with what is nested in it, and the lines of its body that can be run."""
    inner: Any = inspect.unwrap(function)
    inner = getattr(inner, "__func__", inner)
    code = getattr(inner, "__code__", None)
    if not isinstance(code, CodeType):
        return frozenset(), frozenset()
    stack, codes, lines = [code], list[CodeType](), set[int]()
    while stack:
        each = stack.pop()
        codes.append(each)
        first = each.co_firstlineno
        lines.update(line for _, _, line in each.co_lines() if line is not None and (line != first or each is not code))
        stack.extend(part for part in each.co_consts if isinstance(part, CodeType))
    return frozenset(codes), frozenset(lines)


def loop_lines(tree: ast.Module) -> frozenset[int]:
    """Lines of the bodies of loops."""
    found: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.For | ast.AsyncFor | ast.While):
            found.update(range(node.body[0].lineno, (node.body[-1].end_lineno or node.body[-1].lineno) + 1))
    return frozenset(found)
