"""What it does
    Writes ``this.`` before a member of the class around it that is used like a variable; writes the arrow function, or
    the bound one, where ``this`` was lost in a callback.

Example
    ``deposit(amount) { validate(amount); }``

Use instead
    ``deposit(amount) { this.validate(amount); }``

When it stays silent
    The class has no such member, or ``this`` is what it should be.
"""

from __future__ import annotations

from collections.abc import Iterator

from ...fault import Fault
from ...javascript.lexer import code
from ...javascript.names import here, read_of_nothing, undefined_name
from ...javascript.scopes import members
from ...javascript.syntax import Syntax, enclosing
from ...repair import Context, Draft, Repair
from ...spelling import likeness


def propose(fault: Fault, context: Context) -> Iterator[Draft]:
    name = undefined_name(fault)
    if name:
        for token in here(context, name)[:1]:
            syntax = Syntax(context.text, context.name)
            found = members(syntax, token.start)
            for member in found:
                score = 0.95 if member.lstrip("#") == name else likeness(name, member) - 0.15
                if score >= 0.6:
                    yield context.edit(f"Write `this.{member}`", [(token.start, token.end, f"this.{member}")], score)
                    every = [
                        each for each in code(context.text) if each.text == name and _bare(context.text, each.start)
                    ]
                    inside = [each for each in every if member in members(syntax, each.start)]
                    if len(inside) > 1:
                        edits = [(each.start, each.end, f"this.{member}") for each in inside]
                        yield context.edit(f"Write `this.{member}` everywhere", edits, score - 0.05)
    elif read_of_nothing(fault) is not None or fault.code in {"TS2683", "TS7041"}:
        yield from _lost(context)


def _bare(text: str, offset: int) -> bool:
    return not text[:offset].rstrip().endswith((".", "function"))


def _lost(context: Context) -> Iterator[Draft]:
    """``this`` on the line of the fault, inside of a ``function`` that is an argument."""
    syntax = Syntax(context.text, context.name)
    for token in here(context, "this")[:2]:
        node = enclosing(syntax.at(token.start), {"function_expression"})
        if node is None or node.parent is None or node.parent.type != "arguments":
            continue
        parameters, body = node.child_by_field_name("parameters"), node.child_by_field_name("body")
        if parameters is None or body is None:
            continue
        start, end = syntax.span(node)[0], syntax.span(parameters)[0]
        head = "async " if node.children[0].type == "async" else ""
        after = syntax.span(parameters)[1]
        edits = [(start, end, head), (after, after, " =>")]
        yield context.edit("Use an arrow function, which keeps `this`", edits, 0.93)
    for frame in reversed(context.fault.frames[:-1]):
        text = context.workspace.text(frame.path)
        method = context.fault.frames[-1].function.rpartition(".")[2]
        if text is None or frame.path != context.name or not method:
            continue
        for token in code(text):
            row = context.lines.position(token.start)[0]
            if token.text == method and abs(row - frame.line) <= 2:
                follows = text[token.end : token.end + 1]
                owner = text[: token.start].rstrip(".").split()[-1].split("(")[-1] if token.start else ""
                if follows in {")", ",", ";"} and owner.isidentifier():
                    title = f"Bind `{method}` to `{owner}`"
                    yield context.edit(title, [(token.end, token.end, f".bind({owner})")], 0.85)


REPAIR = Repair(
    "js-missing-this",
    "Write this. before a member, and keep this in callbacks",
    propose,
    languages=("javascript", "typescript"),
)
