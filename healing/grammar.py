"""Does a candidate text parse? Asked hundreds of times for one fault, so only the broken region is parsed each time.

The judge is the host's own compiler where it sees the fault that is to be repaired; where it does not, it is
tree-sitter. Statements that are only newer than the host are kept from it: LibCST vouches for them, and for the whole
of a candidate in such a file. Nothing is executed.
"""

from __future__ import annotations

import ast
import re
import sys
import warnings
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import islice

from tree_sitter import Node

from ..analyzers.source import line_starts
from ..analyzers.syntax import parse
from ..codegen.strict import strict
from .layout import Logical, logical_lines
from .lexer import COMPOUND

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


def line_behind(text: str, end: int, like: int, line: str) -> Splice:
    """The insertion of a line behind a statement that ends at ``end``, indented as the line that holds ``like``."""
    indent = re.match(r"[ \t]*", text[text.rfind("\n", 0, like) + 1 :])
    newline = "\r\n" if "\r\n" in text else "\n"
    return end, end, f"{newline}{indent[0] if indent else ''}{line}"


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


#: Where syntax can be newer than a host from 3.11 on, so that not every statement has to be looked at.
_MAYBE_NEWER = re.compile(r"(?i:\b[rb]?[ft][rb]?['\"])|\btype[ \t]+\w|\b(?:def|class)[ \t]+\w+[ \t]*\[")
_STAND_INS = {"if": "if 0", "elif": "elif 0", "while": "while 0", "class": "class _", "def": "def _()"}


@lru_cache(maxsize=8)
def readable(text: str, line: int) -> str:
    """``text`` at the same offsets without the statements that the host rejects only because they are newer, as LibCST
    accepts them: a shorter statement and blanks stand in their place. All of ``text`` if the statement on ``line``
    (0-based) is such a one: whoever reports a fault there does not know that syntax either."""
    if sys.version_info >= (3, 14) or not _MAYBE_NEWER.search(text):
        return text  # LibCST knows nothing newer than that
    hidden: list[Splice] = []
    for each in logical_lines(text):
        start, end = each.tokens[0].start, each.tokens[-1].end
        if not _MAYBE_NEWER.search(text, start, end) or not _newer(each, text[start:end]):
            continue
        if each.first <= line <= each.last:
            return text
        kept = _stand_in(each)
        if kept:
            rest = re.sub(r"[^\r\n]", " ", text[start + len(kept) : end])
            hidden.append((start, end, f"{kept}{rest[:-1]}:" if each.tokens[-1].text == ":" else kept + rest))
    return splice(text, hidden)


def vouched(text: str) -> bool:
    """Whether LibCST parses a text, or is not to be asked about one like it."""
    verdict = strict(text)
    return verdict.ok or not verdict.judged


def _newer(line: Logical, statement: str) -> bool:
    """Whether the host rejects a statement by itself, and LibCST does not."""
    before = "if 0: pass\n" if line.head == "elif" else ""
    alone = f"{before}{statement}{' pass' if line.tokens[-1].text == ':' else ''}\n"
    return not _parses(alone) and not tree_errors(alone) and strict(alone).ok


def _stand_in(line: Logical) -> str:
    if line.head not in COMPOUND:
        return "0"
    kept = _STAND_INS.get(line.head, "") if line.tokens[-1].text == ":" else ""
    return f"async {kept}" if kept and line.tokens[0].text == "async" else kept


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
        self.given = text
        self.text = readable(text, line)
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
        if low == 0:
            return 0  # nothing stands around the first line of a file
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
        """The whole file, once more, for a candidate whose region parses; tree-sitter must not see new errors, and
        LibCST none at all where the host does not know all of the syntax."""
        if self.text != self.given and not vouched(splice(self.given, splices)):
            return False
        text = splice(self.text, splices)
        if self.host_sees_it and self.region != (0, len(self.text)) and not compiles(text).ok:
            return False
        return tree_errors(text) <= self._tree_errors
