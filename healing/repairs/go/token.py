"""What it does
    Mends the syntax around the place where the parser gave up: a brace on a line of its own goes up to its head, the
    last line of a literal gets its comma, a block is closed where the indentation says that it ends; a token is put
    in, left out or exchanged. Words of other languages become Go's.

Example
    ``"https": 443`` as the last line of a literal, without a comma.

Use instead
    ``"https": 443,``

When it stays silent
    No such change lets the file parse, or brings its first error further down.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ...compiled import go
from ...compiled.tokens import Change, foreign, parsing, usual
from ...fault import Fault
from ...repair import Context, Draft, Repair

_INSERTED = (
    (",", 0.9),
    (")", 0.88),
    ("}", 0.7),
    ("]", 0.8),
    (" {", 0.85),
    (":", 0.7),
    ("(", 0.7),
    (" :=", 0.65),
    (" =", 0.6),
    ('"', 0.75),
    ("()", 0.7),
)
#: A line break that Go ends a statement at, before what belongs to it.
_BREAKS = re.compile(r"(?<=[\w)\]}])[ \t]*(?://[^\n]*)?\n\s*(?=\{|else\b)")
#: Words of other languages → Go's.
FOREIGN = {"while": "for", "elif": "else if", "elseif": "else if", "fn": "func", "def": "func", "function": "func",
           "let": "var", "None": "nil", "null": "nil", "True": "true", "False": "false", "and": "&&", "or": "||",
           "not": "!", "===": "==", "foreach": "for", "until": "for !"}  # fmt: skip


#: A loop's three clauses with commas between them.
_COMMAS = re.compile(
    r"(?m)^[ \t]*for [^,;{\n]+(?:=|:=)[^,;{\n]+(?P<one>,)[^,;{\n]+(?P<two>,)[^,;{\n]+(?:\+\+|--|[-+*]=[^{\n]+)\s*\{"
)
#: A counter that is changed where its value is used.
_AS_VALUE = re.compile(
    r"(?m)^(?P<indent>[ \t]*)(?P<before>return |[\w.]+(?: :?=|\[) ?)(?P<name>[\w.]+)(?P<sign>\+\+|--)(?P<after>.*)$"
)


def _counted(match: re.Match[str]) -> Iterator[Change]:
    """The value first, then the change, as where such a thing is an expression."""
    name, indent, after = match["name"], match["indent"], match["after"]
    change = f"{name}{match['sign']}"
    if match["before"] == "return ":
        new = f"{indent}value := {name}\n{indent}{change}\n{indent}return value{after}"
        yield "Change it after the value is taken", ((match.start(), match.end(), new),), 0.9
    else:
        new = f"{indent}{match['before']}{name}{after}\n{indent}{change}"
        yield "Change it after the value is taken", ((match.start(), match.end(), new),), 0.9


def propose(fault: Fault, context: Context) -> Iterator[Draft]:
    if fault.category == "syntax":
        yield from parsing(context, "go", _changes(fault, context))


def _changes(fault: Fault, context: Context) -> Iterator[Change]:
    tree = go.tree_of(context.text)
    for match in _BREAKS.finditer(context.text):
        near = abs(context.lines.position(match.start())[0] - fault.line) <= 1
        if "//" not in match[0]:
            yield (
                "Join the lines: Go ends a statement there",
                ((match.start(), match.end(), " "),),
                0.97 - 0.3 * (not near),
            )
    yield from foreign(context, tree, FOREIGN)
    for match in _COMMAS.finditer(context.text):
        if abs(context.lines.position(match.start())[0] - fault.line) <= 1:
            commas = tuple((match.start(each), match.end(each), ";") for each in ("one", "two"))
            yield "Part the clauses by semicolons", commas, 0.97
    for match in _AS_VALUE.finditer(context.text):
        if context.lines.position(match.start())[0] == fault.line:
            yield from _counted(match)
    if match := re.search(r"cannot use (?:assignment )?(\w+) :?= .* as value", fault.message):
        start, end = context.lines.bounds(fault.line)
        place = context.text.find("=", start, end)
        if place >= 0 and match:
            yield "Compare with `==`", ((place, place + 1, "=="),), 0.96
    yield from usual(context, tree, _INSERTED)


REPAIR = Repair("go-token", "Mend the syntax where the parser gave up", propose, languages=("go",))
