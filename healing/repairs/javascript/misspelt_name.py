"""What it does
    Replaces a name that is not defined by the one in scope, or of the language, that it resembles; a word of another
    language by JavaScript's.

Example
    ``shown.slice(0, widht - 1)``

Use instead
    ``shown.slice(0, width - 1)``

When it stays silent
    Nothing that can be used there is close.
"""

from __future__ import annotations

from collections.abc import Iterator

from ...fault import Fault
from ...javascript.lexer import KEYWORDS, code
from ...javascript.modules import builtins
from ...javascript.names import here, hint, undefined_name
from ...javascript.scopes import declarations, visible
from ...javascript.syntax import Syntax
from ...repair import Context, Draft, Repair
from ...spelling import closest

#: Words of other languages → JavaScript's.
FOREIGN = {
    "None": "null",
    "nil": "null",
    "True": "true",
    "False": "false",
    "print": "console.log",
    "println": "console.log",
    "echo": "console.log",
    "self": "this",
    "str": "String",
    "int": "parseInt",
    "float": "parseFloat",
}


def propose(fault: Fault, context: Context) -> Iterator[Draft]:
    name = undefined_name(fault)
    tokens = here(context, name) if name else []
    if not tokens:
        return
    token = tokens[0]
    if name in FOREIGN:
        yield context.edit(f"Write `{FOREIGN[name]}`", [(token.start, token.end, FOREIGN[name])], 0.9)
    syntax = Syntax(context.text, context.name)
    local = visible(syntax, token.start)
    local.pop(name, None)
    names = {each: 0.02 for each in local} | {each: 0.0 for each in builtins()["globals"] if each not in local}
    names |= dict.fromkeys(["module", "exports", "require", "__dirname", "__filename"], 0.01)
    names |= dict.fromkeys(KEYWORDS - {"of", "as"}, 0.0)
    suggested = hint(fault)
    if suggested:
        names[suggested] = 0.05
    for meant, score in closest(name, names, count=4):
        prior = min(score + names[meant], 0.97)
        yield context.edit(f"Replace `{name}` by `{meant}`", [(token.start, token.end, meant)], prior)
        every = [each for each in code(context.text) if each.text == name and each.kind == "name"]
        if len(every) > 1:
            edits = [(each.start, each.end, meant) for each in every]
            yield context.edit(f"Replace every `{name}` by `{meant}`", edits, prior - 0.03)
    yield from _declaration(context, syntax, name, set(local))


def _declaration(context: Context, syntax: Syntax, name: str, local: set[str]) -> Iterator[Draft]:
    """The use is right and the declaration is misspelt, if nothing else uses that."""
    for declared, node in declarations(syntax):
        if declared not in local:
            continue
        for _, score in closest(name, [declared], least=0.6):
            words = [each.text for each in code(context.text)]
            if words.count(declared) == 1:
                start, end = syntax.span(node)
                title = f"Rename `{declared}` to `{name}` where it is declared"
                # Two uses agree on the name: it is the declaration that is the slip.
                yield context.edit(title, [(start, end, name)], score + (0.03 if words.count(name) > 1 else -0.05))


REPAIR = Repair(
    "js-misspelt-name",
    "Replace a name by the one in scope that it resembles",
    propose,
    languages=("javascript", "typescript"),
)
