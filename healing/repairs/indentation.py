"""What it does
    Moves a line, or a line and its block, to an indentation that makes the file parse; turns tabs that are mixed
    with spaces into spaces; gives an empty block a ``pass``.

Example
    A body that is not indented; one line a blank too far; ``return`` left at the margin.

Use instead
    The line at the indentation of its neighbours.

When it stays silent
    The file parses, or no indentation of the lines around the fault makes it parse.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise

from ..fault import Fault
from ..grammar import Splice, splice
from ..layout import Logical, logical_lines
from ..lexer import COMPOUND
from ..repair import Context, Draft, Repair

Change = tuple[str, tuple[Splice, ...], float]
_AFTER = re.compile(r"on line (\d+)$")


def propose(fault: Fault, context: Context) -> Iterator[Draft]:
    if fault.category != "syntax" or re.match(
        r"unterminated|'.' was never closed|unmatched|closing paren", fault.message
    ):
        return
    lines = logical_lines(context.text)
    if not lines:
        return
    yield from context.parsing([*_tabs(context, lines), *_moves(context, lines), *_empty(context, lines)])


def unit_of(lines: tuple[Logical, ...]) -> str:
    """The text of one indentation step: the most common one in the file."""
    steps: Counter[str] = Counter()
    for above, below in pairwise(lines):
        if len(below.indent) > len(above.indent) and below.indent.startswith(above.indent):
            steps[below.indent[len(above.indent) :]] += 1
    return steps.most_common(1)[0][0] if steps else "    "


def _tabs(context: Context, lines: tuple[Logical, ...]) -> Iterator[Change]:
    if not any("\t" in line.indent for line in lines) or not any(" " in line.indent for line in lines):
        return
    with_tabs = sum("\t" in line.indent for line in lines)
    with_blanks = sum(" " in line.indent for line in lines)
    for width, prior in ((4, 0.9), (2, 0.72), (8, 0.75)):
        edits = tuple(_reindent(context, line, line.indent.expandtabs(width)) for line in lines if "\t" in line.indent)
        yield f"Replace tabs by spaces ({width} each)", edits, prior - (0.1 if with_tabs > with_blanks else 0.0)
    unit = " " * (min((len(line.indent) for line in lines if line.indent.strip(" ") == "" and line.indent), default=4))
    edits = tuple(_reindent(context, line, line.indent.replace("\t", unit)) for line in lines if "\t" in line.indent)
    yield "Replace tabs by spaces", edits, 0.91 - (0.1 if with_tabs > with_blanks else 0.0)
    if with_tabs > with_blanks:
        edits = tuple(_reindent(context, line, line.indent.replace(unit, "\t")) for line in lines if " " in line.indent)
        yield "Replace spaces by tabs", edits, 0.92


def _moves(context: Context, lines: tuple[Logical, ...]) -> Iterator[Change]:
    """Candidates: the line of the fault, its neighbours above and below, and the header that the message names."""
    at = max((i for i, line in enumerate(lines) if line.first <= context.fault.line), default=0)
    chosen = {at: 0.0, at - 1: 0.04, at + 1: 0.12, at - 2: 0.1}
    named = _AFTER.search(context.fault.message)
    if named:
        header = max((i for i, line in enumerate(lines) if line.first <= int(named[1]) - 1), default=0)
        chosen[header] = min(chosen.get(header, 1.0), 0.05)
    if (
        "does not match any outer" in context.fault.message
    ):  # what fits nothing above may be right, and a line above not
        above = next((i for i in range(at - 1, -1, -1) if lines[i].width < lines[at].width), at)
        chosen[above] = min(chosen.get(above, 1.0), 0.02)
    unit = unit_of(lines)
    for index, malus in chosen.items():
        if 0 <= index < len(lines):
            yield from _move(context, lines, index, unit, malus)


def _move(context: Context, lines: tuple[Logical, ...], index: int, unit: str, malus: float) -> Iterator[Change]:
    line = lines[index]
    levels = _levels(lines, index, unit)
    expected = "expected an indented block" in context.fault.message
    for level in levels:
        if level == line.indent:
            continue
        deeper = len(level.expandtabs(8)) > line.width
        base = 0.85 - malus
        if expected and deeper and index and level == lines[index - 1].indent + unit:
            base += 0.07
        block = _block(lines, index)
        siblings = _siblings(lines, index)
        groups = [(block[:1], 0.0), (block, 0.02), (siblings, 0.06)]
        if expected and deeper and index and lines[index - 1].head == "class":
            groups.append((_members(lines, index), -0.01))
        for count, (group, less) in enumerate(groups):
            if count and len(group) <= 1:
                continue
            edits = tuple(_reindent(context, each, level + each.indent[len(line.indent) :]) for each in group)
            edits += tuple(_comments(context, group, line.indent, level))
            verdict = context.grammar.check(edits)
            if not verdict.ok and verdict.line <= max(context.fault.line, group[-1].last):
                continue  # what `parsing` would drop need not be looked at for its looks
            rough = _roughness(splice(context.text, edits), line.start)
            what = f"line {line.first + 1}" if len(group) == 1 else f"lines {line.first + 1} to {group[-1].last + 1}"
            verb = "Indent" if deeper else "Dedent"
            yield f"{verb} {what}", edits, max(base - less - 0.05 * rough, 0.05)


def _levels(lines: tuple[Logical, ...], index: int, unit: str) -> list[str]:
    """Indentations that a line may have: those of the lines above it up to the margin, one step in, and those of the
    lines below."""
    levels = {""}
    narrowest = 1 << 30
    for line in lines[max(0, index - 40) : index][::-1]:
        if line.width <= narrowest:
            levels.add(line.indent)
            narrowest = line.width
            if line.tokens[-1].text == ":" or line.head in COMPOUND:
                levels.add(line.indent + unit)
        if not line.indent:
            break
    if index:
        levels.add(lines[index - 1].indent + unit)
    for line in lines[index + 1 : index + 3]:
        levels.add(line.indent)
    return sorted(levels, key=len)


def _block(lines: tuple[Logical, ...], index: int) -> list[Logical]:
    """The line with the deeper ones below it."""
    found = [lines[index]]
    for line in lines[index + 1 :]:
        if line.width <= lines[index].width:
            break
        found.append(line)
    return found


def _siblings(lines: tuple[Logical, ...], index: int) -> list[Logical]:
    """The line with all following ones that are at least as deep, up to a definition at its own level."""
    found = [lines[index]]
    for line in lines[index + 1 :]:
        if line.width < lines[index].width or (line.width == lines[index].width and line.head in {"def", "class", "@"}):
            break
        found.append(line)
    return found


def _comments(context: Context, group: list[Logical], indent: str, level: str) -> Iterator[Splice]:
    """Lines between those of a group that hold only a comment go with them."""
    for above, below in pairwise(group):
        for row in range(above.last + 1, below.first):
            start, end = context.lines.bounds(row)
            text = context.text[start:end]
            if text.startswith(indent) and text.lstrip().startswith("#"):
                yield start, start + len(indent), level


def _members(lines: tuple[Logical, ...], index: int) -> list[Logical]:
    """The line with all that follow it up to the last method of a class whose body begins with it: the last definition
    at its level that has ``self`` or ``cls``, or stands between such ones."""
    width, last, inside = lines[index].width, index, False
    for number in range(index, len(lines)):
        line = lines[number]
        if line.width < width or (line.width == width and line.head == "class"):
            break
        if line.width == width:
            words = [token.text for token in line.tokens]
            inside = "def" in words[:2] and ("self" in words or "cls" in words)
        if inside:
            last = number
    return list(lines[index : last + 1])


def _roughness(text: str, start: int) -> int:
    """How irregular the indentation is around a place: steps inwards that differ from the usual one."""
    low, high = text.rfind("\n", 0, max(start - 2000, 0)) + 1, text.find("\n", start + 2000)
    near = logical_lines(text[low : high if high >= 0 else len(text)])
    unit = len(unit_of(near).expandtabs(8))
    rough = 0
    for above, below in pairwise(near):
        step = below.width - above.width
        if step > 0 and (step != unit or above.head not in COMPOUND):
            rough += 1
    return rough


def _empty(context: Context, lines: tuple[Logical, ...]) -> Iterator[Change]:
    if "expected an indented block" not in context.fault.message:
        return
    named = _AFTER.search(context.fault.message)
    row = int(named[1]) - 1 if named else context.fault.line - 1
    header = next((line for line in reversed(lines) if line.first <= row), None)
    if header is None:
        return
    end = header.tokens[-1].end
    newline = "\r\n" if "\r\n" in context.text else "\n"
    stop = context.lines.bounds(context.lines.position(end)[0])[1]
    yield "Insert `pass`", ((stop, stop, f"{newline}{header.indent}{unit_of(lines)}pass"),), 0.5


def _reindent(context: Context, line: Logical, indent: str) -> Splice:
    return (line.start, line.start + len(line.indent), indent)


REPAIR = Repair("indentation", "Move lines to the indentation that their block has", propose)
