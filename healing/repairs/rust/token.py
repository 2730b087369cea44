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

from collections.abc import Iterator

from ...compiled import rust
from ...compiled.tokens import Change, foreign, parsing, usual
from ...fault import Fault
from ...repair import Context, Draft, Repair

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


REPAIR = Repair("rust-token", "Mend the syntax where the parser gave up", propose, languages=("rust",))
