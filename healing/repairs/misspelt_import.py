"""What it does
    Corrects the module or the name of an import: a misspelt module, a module that Python 3 renamed, a name that the
    module does not export but another one does, or that it exports under a similar name.

Example
    ``from collections import Iterable``, ``import jsn``, ``from shapes import aera``

Use instead
    ``from collections.abc import Iterable``, ``import json``, ``from shapes import area``

When it stays silent
    Nothing that can be imported is close: then it is a missing dependency, not a misspelling.
"""

from __future__ import annotations

import re
import sysconfig
from collections.abc import Iterator
from pathlib import Path

from ...analyzers.engine import analyse
from ..fault import Fault
from ..layout import logical_lines
from ..lexer import Token, lex
from ..names import missing_import_name, missing_module
from ..repair import Context, Draft, Repair
from ..spelling import closest
from ..standard import exporters, table
from .misspelt_name import rename_in

#: Modules of Python 2 → Python 3 (PEP 3108).
MOVED = {
    "ConfigParser": "configparser",
    "Queue": "queue",
    "SocketServer": "socketserver",
    "StringIO": "io",
    "cStringIO": "io",
    "cPickle": "pickle",
    "urllib2": "urllib.request",
    "urlparse": "urllib.parse",
    "httplib": "http.client",
    "Tkinter": "tkinter",
    "HTMLParser": "html.parser",
    "Cookie": "http.cookies",
    "__builtin__": "builtins",
    "thread": "_thread",
    "commands": "subprocess",
    "copy_reg": "copyreg",
    "repr": "reprlib",
    "xmlrpclib": "xmlrpc.client",
    "sets": "builtins",
}


def propose(fault: Fault, context: Context) -> Iterator[Draft]:
    if (found := missing_import_name(fault)) is not None:
        yield from _name(context, *found)
    elif module := missing_module(fault):
        yield from _module(context, module)


def _imports(context: Context) -> list[list[Token]]:
    """The import statements of the file, those on the line of the fault first."""
    found = [line for line in logical_lines(context.text) if line.head in {"from", "import"}]
    found.sort(key=lambda line: not line.first <= context.fault.line <= line.last)
    return [list(line.tokens) for line in found]


def _module(context: Context, module: str) -> Iterator[Draft]:
    workspace = context.workspace
    top, _, rest = module.partition(".")
    span = next((span for tokens in _imports(context) if (span := _span(tokens, module))), None)
    if span is None:
        return
    start, end = span
    pool = workspace.standard | workspace.installed | set(workspace.modules) | {"numpy"} & workspace.installed
    if not rest or top not in pool:
        unbound = _unbound(context.text) & pool
        near = dict(closest(top, {each for each in pool if not each.startswith("_")}, count=3, least=0.5))
        for meant in {**near, **dict.fromkeys(unbound, 0.0)}:
            bonus = 0.03 if meant in workspace.modules or meant in table() else 0.0
            prior = min(near.get(meant, 0.5) + bonus - 0.03, 0.95)
            if unbound:  # the file says which import it misses: a name that it uses and does not bind
                prior = max(prior, 0.9) if meant in unbound else prior - 0.3
            new = f"{meant}.{rest}" if rest else meant
            yield from _renamed(context, module, new, start, end, prior)
    else:
        inside = _submodules(top) | {
            each.removeprefix(f"{top}.") for each in (*workspace.modules, *table()) if each.startswith(f"{top}.")
        }
        for meant, score in closest(rest, inside, count=3, least=0.5):
            yield from _renamed(context, module, f"{top}.{meant}", start, end, score)
    if module in MOVED:
        yield from _renamed(context, module, MOVED[module], start, end, 0.9)
    elsewhere = [each for each in workspace.modules if each.endswith(f".{module}")]
    for each in elsewhere[:2]:
        yield context.edit(f"Import from `{each}`", [(start, end, each)], 0.8 / len(elsewhere))


def _submodules(package: str) -> set[str]:
    """The modules of a package of the standard library, by the names of their files."""
    folder = Path(sysconfig.get_path("stdlib"), package)
    return {path.stem for path in folder.glob("*.py") if not path.stem.startswith("_")}


def _unbound(text: str) -> set[str]:
    """Names that the file uses and binds nowhere."""
    found = analyse("", text, rules=()).findings
    return {str(each.evidence[0].data["name"]) for each in found if each.rule == "undefined-name"}


def _span(tokens: list[Token], module: str) -> tuple[int, int] | None:
    """Where a statement names a module; a relative import's dots stay."""
    parts = module.split(".")
    for wanted in (parts, parts[-1:]):
        length = 2 * len(wanted) - 1
        for index in range(len(tokens) - length + 1):
            said = "".join(token.text for token in tokens[index : index + length])
            if index and said == ".".join(wanted) and tokens[index].kind == "name":
                return tokens[index].start, tokens[index + length - 1].end
    return None


def _renamed(context: Context, old: str, new: str, start: int, end: int, prior: float) -> Iterator[Draft]:
    plain = re.search(rf"^[ \t]*import[ \t]+{re.escape(old)}[ \t]*(?:#.*)?$", context.text, re.MULTILINE)
    title = f"Import `{new}` instead of `{old}`"
    if plain is None:
        yield context.edit(title, [(start, end, new)], prior)
        return
    # `import jsn` binds the name that the rest of the file uses: keep that name if it is used as typed.
    used = [token for token in lex(context.text) if token.kind == "name" and token.text == old and token.start != start]
    if not used:
        yield context.edit(title, [(start, end, new)], prior)
    elif "." in new or not re.search(rf"\b{re.escape(new)}\b", context.text):
        yield context.edit(f"{title}, as `{old}`", [(start, end, f"{new} as {old}")], prior)
    else:
        yield context.edit(title, [(start, end, new)], prior)
        yield context.edit(f"{title}, as `{old}`", [(start, end, f"{new} as {old}")], prior - 0.1)


def _name(context: Context, module: str, name: str) -> Iterator[Draft]:
    tokens = next(
        (each for each in _imports(context) if each[0].text == "from" and any(token.text == name for token in each)),
        None,
    )
    if tokens is None:
        return
    token = next(each for each in reversed(tokens) if each.text == name)
    file = context.workspace.modules.get(module)
    exported = set(context.workspace.names_of(file)) if file else set(table().get(module, ()))
    if not file and context.observed is not None and context.observed.name == module:
        exported |= set(context.observed.owner_names)
    submodules = {each.rpartition(".")[2] for each in context.workspace.modules if each.startswith(f"{module}.")}
    for meant, score in closest(name, exported | submodules, count=4):
        every = [each for each in lex(context.text) if each.kind == "name" and each.text == name]
        known = any(each.kind == "name" and each.text == meant for each in lex(context.text))
        edits = [(each.start, each.end, meant) for each in every]
        if known:
            yield context.edit(f"Import `{meant}` instead of `{name}`", [(token.start, token.end, meant)], score)
        yield context.edit(f"Rename `{name}` to `{meant}`", edits, score - (0.05 if known else 0.0))
        alias = f"{meant} as {name}"
        if len(every) > 1:
            yield context.edit(f"Import `{alias}`", [(token.start, token.end, alias)], score - 0.15)
    if file:
        yield from rename_in(context, file, name, malus=0.02)
    alone = len([each for each in tokens if each.kind == "name"]) == 4 or tokens[-2].text == "import"
    packages = [each.rpartition(".")[0] for each in context.workspace.modules if each.endswith(f".{name}")]
    places = [*packages, *context.workspace.exports.get(name, ()), *exporters().get(name, ())]
    # What moved tends to have moved to a part of the same package.
    near = sorted((each for each in places if each != module), key=lambda each: not each.startswith(f"{module}."))
    for rank, place in enumerate(near[:3]):
        if alone:
            edits = [(tokens[1].start, next(t for t in tokens if t.text == "import").start - 1, place)]
            yield context.edit(f"Import `{name}` from `{place}`", edits, 0.9 - 0.1 * rank)
        else:
            yield _moved_out(context, tokens, token, place, name, 0.88 - 0.1 * rank)


def _moved_out(context: Context, tokens: list[Token], token: Token, place: str, name: str, prior: float) -> Draft:
    """Takes one name out of ``from x import a, b`` and imports it from elsewhere on a line of its own."""
    index = tokens.index(token)
    newline = "\r\n" if "\r\n" in context.text else "\n"
    if tokens[index - 1].text == ",":
        cut = (tokens[index - 1].start, token.end, "")
    else:
        cut = (token.start, tokens[index + 2].start if index + 2 < len(tokens) else token.end, "")
    end = context.lines.bounds(context.lines.position(tokens[-1].end)[0])[1]
    add = (end, end, f"{newline}from {place} import {name}")
    return context.edit(f"Import `{name}` from `{place}`", [cut, add], prior)


REPAIR = Repair("misspelt-import", "Correct the module or the name of an import", propose)
