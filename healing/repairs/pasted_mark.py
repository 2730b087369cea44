"""What it does
    Removes what was pasted along with the code: prompts, the signs of a diff, Markdown fences, the markers of a merge
    conflict; makes a comment of prose that lost its ``#``.

Example
    ``>>> import re``, ```` ```python ````, ``<<<<<<< HEAD``

Use instead
    ``import re``

When it stays silent
    None of these stands at the start of a line near the fault, or the file does not parse without it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..fault import Fault
from ..grammar import Splice
from ..lexer import KEYWORDS
from ..repair import Context, Draft, Repair

Change = tuple[str, tuple[Splice, ...], float]
_PROMPT = re.compile(r"^(?:[ \t]*(?:>>>|\.\.\.)(?: |$)|\+(?=[ \t\w@#])|In \[\d+\]: ?|\$ )", re.MULTILINE)
_FENCE = re.compile(r"^[ \t]*(?:```|~~~)[\w+-]*[ \t]*(?:\r?\n|\Z)|[ \t]*```[ \t]*$", re.MULTILINE)
_CONFLICT = re.compile(
    r"^<{7}[^\n]*\n(?P<ours>(?:.*\n)*?)(?:\|{7}[^\n]*\n(?:.*\n)*?)?={7}[^\n]*\n(?P<theirs>(?:.*\n)*?)>{7}[^\n]*\n?",
    re.MULTILINE,
)
#: At least four words in a row, as in a sentence, and nothing that only code has.
_PROSE = re.compile(r"^(?=[^\n]*(?:\b[A-Za-z'-]+,? ){3}[A-Za-z'-]+)[ \t]*[^\s=\[\]{}@]+(?: [^=\[\]{}]*)?$")


def propose(fault: Fault, context: Context) -> Iterator[Draft]:
    if fault.category != "syntax":
        return
    yield from context.parsing([*_marks(context), *_conflicts(context), *_comments(context)], most=6)


def _marks(context: Context) -> Iterator[Change]:
    for pattern, title in ((_PROMPT, "Remove what is no code at the start of the line"), (_FENCE, "Remove the fence")):
        found = list(pattern.finditer(context.text))
        here = [each for each in found if abs(context.lines.position(each.start())[0] - context.fault.line) <= 1]
        if here or (found and pattern is _FENCE):
            every = tuple((each.start(), each.end(), "") for each in found)
            if len(found) > 1:
                yield title, every, 0.94
            for each in here:
                yield title, ((each.start(), each.end(), ""),), 0.95


def _conflicts(context: Context) -> Iterator[Change]:
    found = list(_CONFLICT.finditer(context.text))
    for side, prior in (("ours", 0.94), ("theirs", 0.9)):
        edits = tuple((each.start(), each.end(), each[side]) for each in found)
        if edits:
            yield f"Take {'our' if side == 'ours' else 'their'} side of the conflict", edits, prior


def _comments(context: Context) -> Iterator[Change]:
    """A line of prose, alone or with the ones below it, next to comments or not."""
    count = len(context.lines.starts)
    for row in (context.fault.line, context.fault.line - 1):
        if not 0 <= row < count or not _PROSE.match(context.lines.line(row)):
            continue
        words = re.findall(r"[A-Za-z']+", context.lines.line(row))
        if len(KEYWORDS & {*words}) > len(words) // 3 or re.search(r"\w\(|\.\w", context.lines.line(row)):
            continue
        near = [context.lines.line(each).lstrip()[:1] for each in (row - 1, row + 1) if 0 <= each < count]
        prior = 0.88 if "#" in near else 0.6
        edits: list[Splice] = []
        for each in range(row, min(row + 3, count)):
            line = context.lines.line(each)
            if not _PROSE.match(line) or line.lstrip().startswith("#"):
                break
            start = context.lines.starts[each] + len(line) - len(line.lstrip())
            edits.append((start, start, "# "))
            yield "Make a comment of it", tuple(edits), prior - 0.05 * (each - row)


REPAIR = Repair("pasted-mark", "Remove pasted prompts, fences and conflict markers", propose)
