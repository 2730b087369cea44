"""Does a candidate text parse? Asked hundreds of times for one fault, so only the broken region is parsed each time.

The judge is the host's own compiler where it sees the fault that is to be repaired; where it does not (the file is
for another version of Python), it is tree-sitter. Nothing is executed.
"""

from __future__ import annotations

import ast
import re
import warnings
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice

from tree_sitter import Node

from ..analyzers.source import line_starts
from ..analyzers.syntax import parse

#: (start, end, replacement) on code points of the original text; sorted and disjoint.
Splice = tuple[int, int, str]

_DEFINITION = re.compile(r"^([ \t]*)(?:async[ \t]+def|def|class)\b", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Verdict:
    """``line`` is where the first remaining error is (0-based), -1 if none. ``warnings`` counts what the compiler
    finds odd, such as a call on a literal."""

    ok: bool
    line: int = -1
    message: str = ""
    warnings: int = 0
    column: int = -1


def splice(text: str, splices: Sequence[Splice]) -> str:
    parts: list[str] = []
    position = 0
    for start, end, replacement in sorted(splices):
        parts += (text[position:start], replacement)
        position = end
    return "".join((*parts, text[position:]))


def compiles(text: str) -> Verdict:
    """The host compiler's view of a text."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            compile(text, "<candidate>", "exec", dont_inherit=True)
        except SyntaxError as error:
            return Verdict(False, (error.lineno or 1) - 1, error.msg or "", column=max((error.offset or 1) - 1, 0))
        except (ValueError, RecursionError, MemoryError, OverflowError) as error:
            return Verdict(False, 0, str(error))
    return Verdict(True, warnings=len(caught))


def _wrapped(lines: str, level: int) -> str:
    """Indented lines as the body of a statement, one line further down."""
    return f"if 1:\n{lines}" if level else lines


def _parses(text: str) -> bool:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True


def tree_errors(text: str) -> int:
    """How many error and missing nodes tree-sitter has for a text."""
    root = parse(text.encode("utf-8", "surrogatepass")).root_node
    count, stack = 0, [root]
    while stack:
        node: Node = stack.pop()
        if node.is_error or node.is_missing:
            count += 1
        if node.has_error:
            stack.extend(node.children)
    return count


class Grammar:
    """Judges candidate splices against one broken text whose fault is on ``line`` (0-based); ``whole``: by parsing all
    of it each time."""

    def __init__(self, text: str, line: int, whole: bool = False) -> None:
        self.text = text
        self.whole = whole
        self.line = line
        self._starts = line_starts(text)

    @cached_property
    def region(self) -> tuple[int, int]:
        """Offsets of the lines that hold the fault and by themselves show it: the definitions around it, at the
        deepest level of indentation at which the rest of the file parses without them."""
        if self.whole:
            return 0, len(self.text)
        here = self._starts[min(max(self.line, 0), len(self._starts) - 1)]
        lines = [match for match in _DEFINITION.finditer(self.text) if match.start() <= here]
        line = self.text[here:]
        indent = len(line) - len(line.lstrip(" \t"))
        levels = sorted({len(match[1]) for match in lines[-12:] if len(match[1]) <= indent}, reverse=True)
        for level in levels:
            region = self._region(level, here)
            if region is not None:
                return region
        return 0, len(self.text)

    def _region(self, level: int, here: int) -> tuple[int, int] | None:
        """The definition at a level of indentation that holds the fault, with the one before it, since the end of
        what precedes is often where the slip is."""
        text = self.text
        shallower = re.compile(rf"^[ \t]{{0,{level - 1}}}(?![ \t])[^\s#)\]}}]", re.MULTILINE) if level else None
        starts = [match for match in _DEFINITION.finditer(text) if len(match[1]) == level and match.start() <= here]
        if not starts:
            return None
        after = re.compile(rf"^[ \t]{{0,{level}}}(?![ \t])(?![)\]}}#\r\n]|else|elif|except|finally)\S", re.MULTILINE)
        following = self._starts[self.line + 1] if self.line + 1 < len(self._starts) else len(text)
        ends = [match.start() for match in islice(after.finditer(text, following), 3)]
        for low in [match.start() for match in starts[-2:]]:
            low = self._with_decorators(low)
            for high in [*ends, len(text)]:
                indent = text[low : low + level] if level else ""
                rest = f"{text[:low]}{indent}pass\n{text[high:]}"
                if shallower is not None and shallower.search(text, low, high):
                    continue
                shown = compiles(_wrapped(text[low:high], level))
                row = shown.line + bisect_left(self._starts, low) - (1 if level else 0)
                if not shown.ok and row == self.original.line and shown.message == self.original.message:
                    # The rest is parsed only once the cheap test says that this is the place.
                    return (low, high) if _parses(rest) else None
        return None

    def _with_decorators(self, low: int) -> int:
        while match := re.compile(r"^[ \t]*@[^\r\n]*(?:\r\n|\n|\r)\Z", re.MULTILINE).search(
            self.text, max(self.text.rfind("\n", 0, max(low - 1, 0)) + 1, 0), low
        ):
            low = match.start()
        return low

    @cached_property
    def _level(self) -> int:
        low, high = self.region
        head = self.text[low:high]
        return len(head) - len(head.lstrip(" \t"))

    @cached_property
    def original(self) -> Verdict:
        return compiles(self.text)

    @cached_property
    def host_sees_it(self) -> bool:
        """Whether the host's compiler reports a fault at or near the place that the failing run reported."""
        return not self.original.ok and abs(self.original.line - self.line) <= 3

    @cached_property
    def _tree_errors(self) -> int:
        return tree_errors(self.text)

    def check(self, splices: Sequence[Splice]) -> Verdict:
        low, high = self.region
        if not self.host_sees_it:
            errors = tree_errors(splice(self.text, splices))
            if errors == 0 or errors < self._tree_errors:
                return Verdict(True)
            return Verdict(False, self.line, "invalid syntax")
        if any(start < low or end > high for start, end, _ in splices):
            return compiles(splice(self.text, splices))
        local = [(start - low, end - low, replacement) for start, end, replacement in splices]
        verdict = compiles(_wrapped(splice(self.text[low:high], local), self._level))
        if not verdict.ok:
            first = bisect_left(self._starts, low) - (1 if self._level else 0)
            return Verdict(False, verdict.line + first, verdict.message)
        return verdict

    def confirm(self, splices: Sequence[Splice]) -> bool:
        """The whole file, once more, for a candidate whose region parses; tree-sitter must not see new errors."""
        text = splice(self.text, splices)
        if self.host_sees_it and self.region != (0, len(self.text)) and not compiles(text).ok:
            return False
        return tree_errors(text) <= self._tree_errors
