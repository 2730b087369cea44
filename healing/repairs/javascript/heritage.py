"""What it does
    Writes ``extends`` where a class is implemented whose members are meant to be inherited, and ``this`` where
    ``super`` asks for a member that the base class only declares.

Example
    ``class Counting implements Store``, which calls ``super.get(key)``

Use instead
    ``class Counting extends Store``

When it stays silent
    The class extends another one already; the compiler complains of a member of another kind;
    a method asks ``super`` for the one that it overrides itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ...fault import Fault
from ...javascript.syntax import Syntax, enclosing
from ...repair import Context, Draft, Repair

_MEANT = re.compile(r"Did you mean to extend '(?P<base>[\w$.]+)")
#: A member asked of 'super' that only the class itself has.
_OF_SUPER = frozenset({"TS2513", "TS2340", "TS2855"})


def propose(fault: Fault, context: Context) -> Iterator[Draft]:
    match = _MEANT.search(fault.message)
    if match is not None:
        yield from _extended(context, match["base"])
    elif fault.code in _OF_SUPER and fault.line >= 0:
        start, end = context.lines.bounds(fault.line)
        syntax = Syntax(context.text, context.name)
        method = enclosing(syntax.at(context.offset), {"method_definition"})
        label = method.child_by_field_name("name") if method is not None else None
        within = syntax.of(label) if label is not None else ""  # by way of 'this' it would call itself
        before = [each for each in re.finditer(r"\bsuper(?=\s*\.)", context.text[start:end])]
        for each in before:
            asked = re.compile(r"\s*\.\s*([\w$#]+)").match(context.text, start + each.end())
            if start + each.start() <= context.offset and (asked is None or asked[1] != within):
                prior = 0.9 if each is before[-1] else 0.6
                yield context.edit("Ask the object itself", [(start + each.start(), start + each.end(), "this")], prior)


def _extended(context: Context, base: str) -> Iterator[Draft]:
    syntax = Syntax(context.text, context.name)
    holder = enclosing(syntax.at(context.offset), {"class_declaration", "class", "abstract_class_declaration"})
    body = holder.child_by_field_name("body") if holder is not None else None
    if holder is None or body is None:
        return
    start, end = syntax.span(holder)[0], syntax.span(body)[0]
    head = context.text[start:end]
    clause = re.search(rf"\bimplements\s+(?P<first>[^{{]*?)\b{re.escape(base)}\b(?P<arguments><[^{{]*?>)?", head)
    if clause is None or re.search(r"\bextends\b", head):
        return
    rest = re.sub(r"^\s*,\s*|\s*,\s*$", "", clause["first"].strip() + head[clause.end() :].rstrip())
    new = f"extends {base}{clause['arguments'] or ''}" + (f" implements {rest.strip(', ')}" if rest else "")
    yield context.edit(f"Extend `{base}`", [(start + clause.start(), start + len(head.rstrip()), new)], 0.93)


REPAIR = Repair("ts-heritage", "Extend what is implemented by mistake", propose, languages=("typescript",))
