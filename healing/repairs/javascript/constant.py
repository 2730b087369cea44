"""What it does
    Declares with ``let`` what is assigned again; leaves out the second declaration of a name.

Example
    ``const best = ""; … best = word;``

Use instead
    ``let best = ""; … best = word;``

When it stays silent
    The name is imported, or its declaration is not in the file.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ...fault import Fault
from ...javascript.names import at, here
from ...javascript.scopes import visible
from ...javascript.syntax import Syntax, enclosing
from ...repair import Context, Draft, Repair

_TWICE = re.compile(
    r"Identifier '(?P<name>[\w$]+)' has already been declared|redeclare block-scoped variable '(?P<ts>[\w$]+)'"
)


def propose(fault: Fault, context: Context) -> Iterator[Draft]:
    twice = _TWICE.search(fault.message)
    if twice:
        yield from _second(context, twice["name"] or twice["ts"])
    elif "Assignment to constant variable" in fault.message or fault.code == "TS2588":
        yield from _variable(context)


def _variable(context: Context) -> Iterator[Draft]:
    tokens, index = at(context)
    syntax = Syntax(context.text, context.name)
    names = [tokens[index]] + [each for each in tokens[max(index - 2, 0) : index] if each.kind == "name"]
    for token in names:
        node = visible(syntax, token.start).get(token.text)
        statement = enclosing(node, {"lexical_declaration", "for_in_statement"})
        word = next((each for each in statement.children if each.type == "const"), None) if statement else None
        if word is not None:
            yield context.edit(f"Declare `{token.text}` with `let`", [(*syntax.span(word), "let")], 0.95)
            return


def _second(context: Context, name: str) -> Iterator[Draft]:
    """The declaration at the fault becomes an assignment."""
    for token in here(context, name)[:1]:
        before = re.search(r"\b(?:let|const|var)\s+$", context.text[: token.start])
        assigned = re.match(r"\s*=(?!=)", context.text[token.end :])
        if before and assigned:
            yield context.edit(f"Assign to `{name}`", [(before.start(), token.start, "")], 0.85)


REPAIR = Repair(
    "js-constant", "Declare with let what is assigned again", propose, languages=("javascript", "typescript")
)
