"""What it does
    Mends the syntax around the place where the parser gave up: a block is closed where the indentation says that it
    ends; a token is put in, left out or exchanged. Words of other languages become Rust's.

Example
    ``if n % 2 == 0 { found.push(n);`` and the loop's ``}`` below it.

Use instead
    A ``}`` of its own for the ``if``.

When it stays silent
    No such change lets the file parse, or brings its first error further down.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ...compiled import rust
from ...compiled.tokens import Change, foreign, parsing, usual
from ...fault import Fault
from ...repair import Context, Draft, Repair

#: Lines above the place that may hold a text that nothing ends.
FAR = 60
_INSERTED = (
    (";", 0.9),
    (",", 0.88),
    (")", 0.86),
    ("}", 0.7),
    ("]", 0.8),
    (" {", 0.85),
    (" =>", 0.8),
    (":", 0.72),
    (" =", 0.7),
    ("(", 0.7),
    ("!", 0.6),
    (">", 0.7),
    ('"', 0.75),
    (" ->", 0.6),
)
#: Words of other languages → Rust's.
FOREIGN = {"def": "fn", "func": "fn", "function": "fn", "var": "let mut", "elif": "else if", "elseif": "else if",
           "null": "None", "nil": "None", "True": "true", "False": "false", "and": "&&", "or": "||", "not": "!",
           "switch": "match", "class": "struct", "interface": "trait", "import": "use", "===": "==", "++": "+= 1",
           "public": "pub", "int": "i32", "string": "String", "foreach": "for", "until": "while !"}  # fmt: skip


def propose(fault: Fault, context: Context) -> Iterator[Draft]:
    if fault.category == "syntax":
        yield from parsing(context, "rust", _changes(context))


def _changes(context: Context) -> Iterator[Change]:
    tree = rust.tree_of(context.text)
    yield from foreign(context, tree, FOREIGN)
    yield from usual(context, tree, _INSERTED)
    yield from _closed(context)


def _closed(context: Context) -> Iterator[Change]:
    """A text closed on the line where it was begun: what stands in quotes from there on is what stood between them."""
    message = " ".join((context.fault.message, *(each.message for each in context.fault.others)))
    if not re.search(r"unterminated double quote|prefix `.*` is unknown|unknown prefix", message):
        return
    for row in range(context.fault.line, max(context.fault.line - FAR, -1), -1):
        start, end = context.lines.bounds(row)
        line = context.text[start:end]
        if len(re.findall(r'(?<![\\\'])"', line.partition("//")[0])) % 2 == 0:
            continue
        begin = line.rfind('"')
        for rank, stop in enumerate(re.finditer(r"\s*[,);\]}]|$", line[begin + 1 :])):
            place = start + begin + 1 + stop.start()
            yield "Close the text", ((place, place, '"'),), 0.95 - 0.01 * rank
        return


REPAIR = Repair("rust-token", "Mend the syntax where the parser gave up", propose, languages=("rust",))
