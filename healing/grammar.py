"""Does a candidate text parse? Asked hundreds of times for one fault, so only the broken region is parsed each time.

The judge is the host's own compiler where it sees the fault that is to be repaired; where it does not (the file is
for another version of Python), it is tree-sitter. Nothing is executed.
"""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from tree_sitter import Node

from ..analyzers.source import line_starts
from ..analyzers.syntax import parse

#: (start, end, replacement) on code points of the original text; sorted and disjoint.
Splice = tuple[int, int, str]

_BOUNDARY = re.compile(r"^(?!(?:else|elif|except|finally|case)\b)[^\W\d]|^@", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Verdict:
    """``line`` is where the first remaining error is (0-based), -1 if none. ``warnings`` counts what the compiler
    finds odd, such as a call on a literal."""

    ok: bool
    line: int = -1
    message: str = ""
    warnings: int = 0


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
            return Verdict(False, (error.lineno or 1) - 1, error.msg or "")
        except (ValueError, RecursionError, MemoryError, OverflowError) as error:
            return Verdict(False, 0, str(error))
    return Verdict(True, warnings=len(caught))


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
    """Judges candidate splices against one broken text whose fault is on ``line`` (0-based)."""

    def __init__(self, text: str, line: int) -> None:
        self.text = text
        self.line = line
        self._starts = line_starts(text)

    @cached_property
    def region(self) -> tuple[int, int]:
        """Offsets of the top-level statements around the fault; what is outside parses by itself."""
        text, starts = self.text, self._starts
        here = starts[min(max(self.line, 0), len(starts) - 1)]
        after = starts[self.line + 1] if self.line + 1 < len(starts) else len(text)
        boundaries = [match.start() for match in _BOUNDARY.finditer(text)]
        low = 0
        # The statement before the fault is part of the region: its end is often where the slip is.
        for start in [each for each in boundaries if each <= here][-2:-8:-1]:
            if _parses(text[:start]):
                low = start
                break
        high = len(text)
        for start in [each for each in boundaries if each >= after][1:5]:
            if _parses(text[start:]):
                high = start
                break
        return low, high

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
        verdict = compiles(splice(self.text[low:high], local))
        if not verdict.ok:
            first = sum(1 for start in self._starts if start < low)
            return Verdict(False, verdict.line + first, verdict.message)
        return verdict

    def confirm(self, splices: Sequence[Splice]) -> bool:
        """The whole file, once more, for a candidate whose region parses; tree-sitter must not see new errors."""
        text = splice(self.text, splices)
        if self.host_sees_it and self.region != (0, len(self.text)) and not compiles(text).ok:
            return False
        return tree_errors(text) <= self._tree_errors
