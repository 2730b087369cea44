"""What it does
    Gives an object the property that its type asks for, from the variable of that name; gives a class the member of its
    interface that is misspelt in it; declares a field that the class sets; gives a field its first value.

Example
    ``return { message, level: "info" };`` where ``source`` is missing and is a parameter

Use instead
    ``return { message, level: "info", source };``

When it stays silent
    Nothing at hand has the property's name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ...fault import Fault
from ...javascript.scopes import class_members, visible
from ...javascript.syntax import Syntax, enclosing, walk
from ...repair import Context, Draft, Repair
from ...spelling import likeness

_MISSING = re.compile(
    r"Property '(?P<name>[\w$]+)' is missing in type '(?P<have>.+?)' but required in type '(?P<want>.+?)'"
)
_SEVERAL = re.compile(r"is missing the following properties from type '(?P<want>.+?)': (?P<names>[\w$, ]+)")
_UNSET = re.compile(r"Property '(?P<name>[\w$]+)' has no initializer")
_VALUES = {"string": '""', "number": "0", "boolean": "false", "bigint": "0n"}


def propose(fault: Fault, context: Context) -> Iterator[Draft]:
    syntax = Syntax(context.text, context.name)
    unset = _UNSET.search(fault.message)
    if unset:
        yield from _initialised(context, syntax, unset["name"])
        return
    match = _MISSING.search(fault.message) or _SEVERAL.search(fault.message)
    if match is None:
        return
    groups = match.groupdict()
    names = [groups["name"]] if groups.get("name") else [each.strip() for each in groups["names"].split(",")]
    if fault.code == "TS2420" or "incorrectly" in fault.message:
        yield from _renamed_member(context, syntax, names)
    else:
        yield from _completed(context, syntax, names)


def _completed(context: Context, syntax: Syntax, names: list[str]) -> Iterator[Draft]:
    node = _object(context, syntax)
    if node is None:
        return
    local = visible(syntax, context.offset)
    for child in node.named_children:
        key = child.child_by_field_name("key") if child.type == "pair" else child
        score = likeness(syntax.of(key), names[0]) if key is not None else 0.0
        if len(names) == 1 and key is not None and score >= 0.6:
            start, end = syntax.span(key)
            new = names[0] if child.type == "pair" else f"{names[0]}: {syntax.of(key)}"
            yield context.edit(f"Rename the property to `{names[0]}`", [(start, end, new)], score)
    if not all(each in local for each in names):
        return
    start, end = syntax.span(node)
    inner = context.text[start + 1 : end - 1].rstrip()
    place = start + 1 + len(inner)
    added = ", ".join(names)
    lines = "\n" in context.text[start:end]
    if lines:
        row = context.lines.position(syntax.span(node.named_children[-1])[0])[0] if node.named_children else 0
        line = context.lines.line(row)
        indent = line[: len(line) - len(line.lstrip())]
        comma = "" if inner.endswith((",", "{")) or not inner else ","
        new = comma + "".join(f"\n{indent}{each}," for each in names)
    else:
        new = f"{', ' if inner and not inner.endswith(',') else ' '}{added}" + ("" if inner else " ")
    yield context.edit(f"Add `{added}`", [(place, place, new)], 0.94)


def _object(context: Context, syntax: Syntax):
    """The object that lacks it: at the place, or what is returned or assigned there."""
    node = syntax.at(context.offset)
    found = enclosing(node, {"object"})
    if found is not None and syntax.span(found)[0] == context.offset:
        return found
    row = context.fault.line
    for each in walk(syntax.root):
        if each.type == "object" and context.lines.position(syntax.span(each)[0])[0] == row:
            return each
    return found


def _renamed_member(context: Context, syntax: Syntax, names: list[str]) -> Iterator[Draft]:
    node = enclosing(syntax.at(context.offset), {"class_declaration", "class"})
    body = node.child_by_field_name("body") if node is not None else None
    if body is None:
        return
    for wanted in names:
        for member in class_members(syntax, body):
            score = likeness(member, wanted)
            if score < 0.6:
                continue
            places = [match.span() for match in re.finditer(rf"\b{re.escape(member)}\b", context.text)]
            title = f"Rename `{member}` to `{wanted}`"
            yield context.edit(title, [(start, end, wanted) for start, end in places], score)


def _initialised(context: Context, syntax: Syntax, name: str) -> Iterator[Draft]:
    node = enclosing(syntax.at(context.offset), {"public_field_definition"})
    if node is None:
        return
    kind = node.child_by_field_name("type")
    wanted = syntax.of(kind).lstrip(": ") if kind is not None else ""
    end = syntax.span(node)[1]
    if wanted in _VALUES or wanted.endswith("[]"):
        value = _VALUES.get(wanted, "[]")
        yield context.edit(f"Begin with `{value}`", [(end, end, f" = {value}")], 0.9)
    elif match := re.match(r"(Map|Set|WeakMap|Array)<", wanted):
        yield context.edit(f"Begin with an empty {match[1]}", [(end, end, f" = new {match[1]}()")], 0.9)


REPAIR = Repair(
    "js-missing-member",
    "Give an object or a class the member that its type asks for",
    propose,
    languages=("typescript", "javascript"),
)
