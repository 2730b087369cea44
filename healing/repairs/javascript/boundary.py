"""What it does
    For a failing test, tries the small changes that mend most slips of a boundary or an operator: rounding the other
    way, one more or less, ``<`` for ``<=``, ``&&`` for ``||``, ``+`` for ``-``, in the functions that the test calls,
    those of its failing lines first.

Example
    ``return Math.floor(items / size);`` where a test wants the last, short page too

Use instead
    ``return Math.ceil(items / size);``

When it stays silent
    No test failed, or nothing of the workspace is imported by it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ...fault import Fault
from ...grammar import splice
from ...javascript.lexer import Token, code
from ...javascript.modules import imports, resolve
from ...javascript.syntax import FUNCTIONS, Syntax, walk
from ...repair import Context, Draft, Repair
from ...workspace import is_test

_OPERATORS = {
    "<": ("<=", ">"),
    "<=": ("<", ">="),
    ">": (">=", "<"),
    ">=": (">", "<="),
    "===": ("!==",),
    "!==": ("===",),
    "==": ("===", "!="),
    "&&": ("||",),
    "||": ("&&", "??"),
    "+": ("-",),
    "-": ("+",),
    "*": ("/",),
    "/": ("*",),
    "%": ("/",),
    "+=": ("-=", "="),
    "-=": ("+=",),
    "++": ("--",),
    "--": ("++",),
}
_WORDS = {
    "floor": ("ceil", "round"),
    "ceil": ("floor", "round"),
    "round": ("floor", "ceil"),
    "min": ("max",),
    "max": ("min",),
    "some": ("every",),
    "every": ("some",),
    "true": ("false",),
    "false": ("true",),
    "shift": ("pop",),
    "pop": ("shift",),
    "push": ("unshift",),
    "keys": ("values",),
    "values": ("keys",),
    "toUpperCase": ("toLowerCase",),
    "toLowerCase": ("toUpperCase",),
    "indexOf": ("lastIndexOf",),
    "break": ("continue",),
}


def propose(fault: Fault, context: Context) -> Iterator[Draft]:
    if fault.category != "test" or not is_test(context.name):
        return
    syntax = Syntax(context.text, context.name)
    start = context.lines.offset(fault.line, 0) if fault.line >= 0 else 0
    test = context.text[start : start + 400].partition("\n});")[0]
    for each in imports(syntax):
        target = resolve(context.workspace, context.name, each.specifier)
        text = context.workspace.text(target) if target else None
        if target and text and not is_test(target) and not target.endswith(".json"):
            yield from _mutations(target, Syntax(text, target), test)


def _mutations(target: str, module: Syntax, test: str) -> Iterator[Draft]:
    for token in code(module.text):
        for new, prior in _others(token):
            name = _function(module, token.start)
            called = bool(name) and re.search(rf"\b{re.escape(name)}\b", test) is not None
            text = splice(module.text, ((token.start, token.end, new),))
            title = f"Write `{new}` for `{token.text}` in `{name or target}`"
            yield Draft(title, {target: text}, prior + (0.2 if called else 0.0))


def _others(token: Token) -> Iterator[tuple[str, float]]:
    if token.kind == "operator":
        yield from ((new, 0.6 - 0.08 * place) for place, new in enumerate(_OPERATORS.get(token.text, ())))
    elif token.kind in {"name", "keyword"}:
        yield from ((new, 0.58 - 0.05 * place) for place, new in enumerate(_WORDS.get(token.text, ())))
    elif token.kind == "number" and token.text.isdigit():
        value = int(token.text)
        yield str(value + 1), 0.52
        if value:
            yield str(value - 1), 0.54


def _function(module: Syntax, offset: int) -> str:
    """Name of the innermost named function around a place."""
    best = ""
    for node in walk(module.root):
        start, end = module.span(node)
        if node.type in FUNCTIONS and start <= offset < end:
            name = node.child_by_field_name("name")
            if name is None and node.parent is not None:
                name = node.parent.child_by_field_name("name")
            best = module.of(name) if name is not None else best
    return best


REPAIR = Repair(
    "js-boundary",
    "Mend a slip of a boundary or an operator that a test shows",
    propose,
    languages=("javascript", "typescript"),
)
