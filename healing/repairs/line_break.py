"""What it does
    Joins a statement that was broken over two lines without brackets, and breaks two statements that stand on one.

Example
    ``total =`` and ``sum(values)`` on the next line; ``x = 1 y = 2``

Use instead
    ``total = sum(values)``; ``x = 1`` and ``y = 2`` on two lines

When it stays silent
    No other place of the line's end makes the file parse.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from ..fault import Fault
from ..grammar import Splice
from ..layout import Logical, logical_lines
from ..lexer import CLOSERS, KEYWORDS, OPENERS, STATEMENTS
from ..repair import Context, Draft, Repair

Change = tuple[str, tuple[Splice, ...], float]
_INFIX = frozenset(
    (
        *("+", "-", "*", "/", "//", "%", "**", "==", "!=", "<", ">", "<=", ">=", "=", "+=", "-=", "*=", "|", "&", "->"),
        *("and", "or", "in", "not", "is", ".", ",", "if", "else", "return", "for", "from", "import", "as", "await"),
    )
)
_BLOCKS = frozenset(["except", "else", "elif", "finally"])


def propose(fault: Fault, context: Context) -> Iterator[Draft]:
    if fault.category != "syntax":
        return
    lines = logical_lines(context.text)
    at = max((i for i, line in enumerate(lines) if line.first <= fault.line), default=0)
    changes = [*_joined(lines, at), *_broken(context, lines, at)]
    yield from context.parsing(changes, most=6)


def _joined(lines: tuple[Logical, ...], at: int) -> Iterator[Change]:
    for index in (at - 1, at, at - 2):
        if not 0 <= index < len(lines) - 1:
            continue
        above, below = lines[index], lines[index + 1]
        last, first = above.tokens[-1], below.tokens[0]
        prior = 0.5
        if last.text in _INFIX and not (last.text == "else" or (last.text == "return" and first.text in STATEMENTS)):
            prior = 0.94
        elif first.kind == "op" and first.text in _INFIX | {")", "]", "}"}:
            prior = 0.9
        elif first.text in {"and", "or", "in", "is", "if", "else", "as"} and below.tokens[-1].text != ":":
            prior = 0.88
        elif first.text in STATEMENTS or below.first - above.last > 1:
            continue
        if _counted(above):
            continue
        glue = "" if last.text in {".", "("} or first.text in {".", ",", ")", "]", "}", "("} else " "
        yield "Join the two lines", ((last.end, first.start, glue),), prior


def _counted(line: Logical) -> bool:
    """Whether a line ends as ``i++`` does, which is whole in other languages."""
    signs = line.tokens[-2:]
    return (
        len(line.tokens) > 2
        and [each.text for each in signs] in (["+", "+"], ["-", "-"])
        and signs[0].end == signs[1].start
    )


def _broken(context: Context, lines: tuple[Logical, ...], at: int) -> Iterator[Change]:
    newline = "\r\n" if "\r\n" in context.text else "\n"
    for index, malus in ((at, 0.0), (at - 1, 0.05)):
        if not 0 <= index < len(lines):
            continue
        line = lines[index]
        outer = _outer(lines, index)
        depth = 0
        for left, right in pairwise(line.tokens):
            depth += (left.text in OPENERS) - (left.text in CLOSERS) if left.kind == "op" else 0
            if depth > 0:
                continue
            if left.kind == "op" and left.text not in {")", "]", "}", ":"}:
                continue
            if left.text in KEYWORDS - {"pass", "break", "continue", "return", "True", "False", "None"}:
                continue
            starts = right.text in STATEMENTS
            if right.kind == "op" and right.text != "@":
                continue
            gap = context.text[left.end : right.start]
            assigned = right.kind == "name" and context.text[right.end : right.end + 3].lstrip()[:1] == "="
            called = right.kind == "name" and context.text[right.end : right.end + 1] in {".", "("}
            prior = 0.86 if starts else 0.8 if assigned else 0.62 if called else 0.4
            if not gap and left.text != ":":
                prior -= 0.3
            for rank, indent in enumerate([line.indent, *outer]):
                bonus = 0.04 if right.text in _BLOCKS and rank else 0.0
                edit = (left.end, right.start, f"{newline}{indent}")
                yield "Break the line", (edit,), prior + bonus - malus - 0.03 * rank
            if left.text == ":" and line.tokens[-1].text == ":":
                yield "Break the line", ((left.end, right.start, f"{newline}{line.indent}    "),), prior - malus


def _outer(lines: tuple[Logical, ...], index: int) -> list[str]:
    """The indentations of the blocks around a line, inner ones first, and that of the next line."""
    found: list[str] = []
    width = lines[index].width
    for line in reversed(lines[max(0, index - 60) : index]):
        if line.width < width:
            found.append(line.indent)
            width = line.width
    if lines[index].tokens[-1].text == ":" or index + 1 >= len(lines):
        return found[:3]
    return list(dict.fromkeys([lines[index + 1].indent, *found]))[:3]


REPAIR = Repair("line-break", "Join a broken statement, break two joined ones", propose)
