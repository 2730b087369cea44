"""What it does
    Replaces an undefined name by the name in scope that it resembles: a local, a parameter, a global, a builtin.
    Where the definition is the odd one out — it is used nowhere, the undefined name several times — the definition
    is renamed instead. Knows what builtins of Python 2 are called today.

Example
    ``return totl`` in a function that computes ``total``

Use instead
    ``return total``

When it stays silent
    No name in scope is close.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ..fault import Fault
from ..lexer import KEYWORDS
from ..names import here, hint, undefined_name, uses
from ..repair import Context, Draft, Repair
from ..scopes import scopes_at, visible
from ..spelling import closest, likeness
from ..workspace import is_test

#: So many letters at its beginning tell which of the names that nothing uses is meant.
PREFIX = 4
#: Builtins of Python 2 → what does the same today.
RENAMED = {
    "xrange": "range",
    "unicode": "str",
    "raw_input": "input",
    "unichr": "chr",
    "long": "int",
    "basestring": "str",
    "file": "open",
    "izip": "zip",
    "imap": "map",
    "ifilter": "filter",
    "null": "None",
    "nil": "None",
    "undefined": "None",
    "true": "True",
    "false": "False",
    "TRUE": "True",
    "FALSE": "False",
    "this": "self",
    "string": "str",
    "boolean": "bool",
    "println": "print",
    "len_": "len",
    "length": "len",
}


def propose(fault: Fault, context: Context) -> Iterator[Draft]:
    name = undefined_name(fault)
    if not name:
        return
    yield from _replace_use(context, name)
    yield from _rename_definition(context, name)


def _builtin_names() -> frozenset[str]:
    import builtins

    return frozenset(each for each in dir(builtins) if not each.startswith("_"))


def _replace_use(context: Context, name: str) -> Iterator[Draft]:
    tokens = here(context, name)
    if not tokens:
        return
    token = tokens[0]
    depth = visible(context.text, token.start)
    builtins = _builtin_names()
    pool = {each for each in depth if each != name} | builtins | {"self"} & set(depth)
    for module in _star_imports(context):
        pool |= set(context.workspace.names_of(module))
    suggested = hint(context.fault)
    counts = {each: len(uses(context, each)) for each, _ in closest(name, pool, count=6)}
    for meant, score in closest(name, pool, count=6):
        if meant in KEYWORDS and meant not in {"None", "True", "False"}:
            continue
        prior = score - 0.03 * min(depth.get(meant, 4), 4) + (0.04 if meant == suggested else 0.0)
        if counts[meant] <= 0 and meant not in builtins:
            prior -= 0.05
        if name in depth:
            prior -= 0.1  # the name is bound here: its first binding is missing rather than misspelt at this use
        every = [each for each in uses(context, name) if depth.get(name) is None]
        edits = tuple((each.start, each.end, meant) for each in every or tokens[:1])
        yield context.edit(f"Rename `{name}` to `{meant}`", edits, min(max(prior, 0.02), 0.97))
        if len(edits) > 1:
            yield context.edit(
                f"Rename this `{name}` to `{meant}`", [(token.start, token.end, meant)], max(prior - 0.05, 0.02)
            )
    for meant in _left_over(context, name, depth):
        edits = tuple((each.start, each.end, meant) for each in uses(context, name))
        yield context.edit(f"Rename `{name}` to `{meant}`", edits, 0.8)
    if name in RENAMED and (RENAMED[name] in builtins or RENAMED[name] in depth):
        meant = RENAMED[name]
        edits = tuple((each.start, each.end, meant) for each in uses(context, name))
        yield context.edit(f"Rename `{name}` to `{meant}`", edits, 0.94)


def _left_over(context: Context, name: str, known: Iterable[str]) -> Iterator[str]:
    """Names that are imported, used nowhere, and begin as the undefined one does: ``namedlist`` for ``namedtuple``."""
    for meant in sorted(known):
        begin = meant.strip("_").casefold()[:PREFIX]
        if len(begin) == PREFIX and name.strip("_").casefold().startswith(begin) and not likeness(name, meant):
            found = uses(context, meant)
            line = context.lines.line(context.lines.position(found[0].start)[0]) if len(found) == 1 else ""
            if "import" in line:
                yield meant


def _star_imports(context: Context) -> Iterator[str]:
    import re

    for match in re.finditer(r"^[ \t]*from[ \t]+([\w.]+)[ \t]+import[ \t]*\*", context.text, re.MULTILINE):
        module = context.workspace.modules.get(match[1])
        if module:
            yield module


def _rename_definition(context: Context, name: str) -> Iterator[Draft]:
    """The undefined name is right and its definition, in this file or in one that is star-imported, is misspelt."""
    tokens = here(context, name)
    wanted = len(uses(context, name))
    if tokens:
        for scope in scopes_at(context.text, tokens[0].start):
            for defined in scope.names:
                score = likeness(name, defined)
                if score < 0.4 or defined == "self":
                    continue
                found = uses(context, defined)
                if len(found) > 1:
                    continue
                edits = tuple((each.start, each.end, name) for each in found)
                prior = score - (0.02 if wanted > 1 else 0.12)
                yield context.edit(f"Rename `{defined}` to `{name}` where it is bound", edits, max(prior, 0.02))
    for module in _star_imports(context):
        yield from rename_in(context, module, name)


def rename_in(context: Context, module: str, name: str, malus: float = 0.0) -> Iterator[Draft]:
    """Drafts that rename a definition of another file of the workspace to ``name``, with all its uses there."""
    text = context.workspace.text(module)
    if text is None or is_test(module):
        return
    from ..grammar import splice
    from ..lexer import lex

    known = context.workspace.names_of(module)
    close = closest(name, known, count=3)
    if not close and len(known) == 1:
        close = [(known[0], 0.35)]
    for defined, score in close:
        if any(token.text == defined for token in lex(context.text)):
            continue  # the file of the fault uses it under this name too
        edits = tuple(
            (each.start, each.end, name) for each in lex(text) if each.kind == "name" and each.text == defined
        )
        title = f"Rename `{defined}` to `{name}` in {module}"
        yield Draft(title, {module: splice(text, edits)}, max(score - 0.01 - malus, 0.02))


REPAIR = Repair("misspelt-name", "Replace an undefined name by the one in scope that it resembles", propose)
