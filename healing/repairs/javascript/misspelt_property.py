"""What it does
    Replaces a property or method that is not there by the one that it resembles: of the type that the compiler names,
    of the class or object in the workspace, of the language's own types; a method of another language by its name here.

Example
    ``rows.fliter((row) => row.active)``, ``words.append("a")``

Use instead
    ``rows.filter((row) => row.active)``, ``words.push("a")``

When it stays silent
    No property is close.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ...fault import Fault
from ...javascript.lexer import code
from ...javascript.modules import builtins, imports, resolve, source_files
from ...javascript.names import here, hint, missing_property
from ...javascript.scopes import properties
from ...javascript.syntax import Syntax
from ...repair import Context, Draft, Repair
from ...spelling import closest

#: Methods of other languages' lists, dictionaries and texts → what does the same here.
FOREIGN = {
    "append": ("push", "add"),
    "add": ("push",),
    "remove": ("delete",),
    "contains": ("includes", "has"),
    "has_key": ("has",),
    "containsKey": ("has",),
    "put": ("set",),
    "insert": ("set",),
    "upper": ("toUpperCase",),
    "lower": ("toLowerCase",),
    "strip": ("trim",),
    "lstrip": ("trimStart",),
    "rstrip": ("trimEnd",),
    "startswith": ("startsWith",),
    "endswith": ("endsWith",),
    "extend": ("concat",),
    "select": ("filter",),
    "where": ("filter",),
    "any": ("some",),
    "all": ("every",),
    "find_index": ("findIndex",),
    "len": ("length",),
    "size": ("length",),
    "count": ("length",),
    "to_string": ("toString",),
    "format": ("toString",),
    "each": ("forEach",),
    "first": ("at(0)",),
    "items": ("entries",),
}


def propose(fault: Fault, context: Context) -> Iterator[Draft]:
    found = missing_property(fault)
    if found is None:
        return
    owner, name = found
    tokens = here(context, name, attribute=True) or (here(context, name) if fault.code.startswith("TS") else [])
    if not tokens:
        return
    token = tokens[0]
    for place, meant in enumerate(FOREIGN.get(name, ())):
        after = re.match(r"\(\s*\)", context.text[token.end :]) if meant == "length" else None
        end = token.end + (after.end() if after else 0)
        yield context.edit(f"Write `.{meant}`", [(token.start, end, meant)], 0.88 - 0.04 * place)
    names = _names(context, owner, name)
    suggested = hint(fault)
    if suggested:
        names[suggested] = 0.06
    for meant, score in closest(name, names, count=4):
        prior = min(score + names[meant], 0.97)
        if prior >= 0.5:
            yield context.edit(f"Rename `{name}` to `{meant}`", [(token.start, token.end, meant)], prior)
            every = [each for each in code(context.text) if each.text == name and each.kind == "name"]
            if len(every) > 1:
                edits = [(each.start, each.end, meant) for each in every]
                yield context.edit(f"Rename every `{name}` to `{meant}`", edits, prior - 0.05)
    yield from _definition(context, name)


def _names(context: Context, owner: str, name: str) -> dict[str, float]:
    """Property → how much likelier than its likeness says it is."""
    known = builtins()
    if context.observed is not None and context.observed.owner_names:
        return dict.fromkeys(context.observed.owner_names, 0.03)
    if owner in known["statics"]:
        return dict.fromkeys(known["statics"][owner], 0.03)
    found: dict[str, float] = {each: 0.0 for names in known["members"].values() for each in names}
    syntax = Syntax(context.text, context.name)
    found.update(dict.fromkeys(properties(syntax) - {name}, 0.01))
    for each in imports(syntax):
        target = resolve(context.workspace, context.name, each.specifier)
        text = context.workspace.text(target) if target and not target.endswith(".json") else None
        if target and text:
            found.update(dict.fromkeys(properties(Syntax(text, target)) - {name}, 0.0))
        bound = context.text[each.statement[0] : each.start]
        module = known["modules"].get(each.specifier.removeprefix("node:"))
        if module and re.search(rf"\b{re.escape(owner)}\b", bound + _line_of(context, each.statement[0])):
            return dict.fromkeys(module, 0.03)
    return found


def _line_of(context: Context, offset: int) -> str:
    return context.lines.line(context.lines.position(offset)[0])


def _definition(context: Context, name: str) -> Iterator[Draft]:
    """The use is right and the definition is misspelt: a property that is defined once and used nowhere."""
    for target in source_files(context.workspace)[:100]:
        text = context.workspace.text(target) or ""
        for match in re.finditer(r"^module\.(?!exports\b)(\w+)[ \t]*=(?!=)", text, re.MULTILINE):
            if name in text and closest(match[1], ["exports"], least=0.6):
                new = f"{text[: match.start(1)]}exports{text[match.end(1) :]}"
                yield Draft("Write `module.exports`", {target: new}, 0.95)
        for declared in properties(Syntax(text, target)):
            for _, score in closest(name, [declared], least=0.75):
                places = [each for each in code(text) if each.text == declared and each.kind == "name"]
                if len(places) == 1:
                    (place,) = places
                    new = f"{text[: place.start]}{name}{text[place.end :]}"
                    title = f"Rename `{declared}` to `{name}` where it is defined"
                    yield Draft(title, {target: new}, score - 0.08)


REPAIR = Repair(
    "js-misspelt-property",
    "Replace a property by the one that it resembles",
    propose,
    languages=("javascript", "typescript"),
)
