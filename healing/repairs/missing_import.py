"""What it does
    Imports an undefined name: a module, or the function, class or constant that a module of the standard library,
    of the workspace or of the installed packages exports. Knows the usual aliases (``np``, ``pd``, ``plt``), and brings
    along what else the file uses of the same module of the standard library.

Example
    ``Counter(words)`` without an import

Use instead
    ``from collections import Counter``

When it stays silent
    Nothing that can be imported has this name, or the attribute that is used shows that something else is meant.
"""

from __future__ import annotations

import builtins
from collections.abc import Iterator

from ..fault import Fault
from ..imports import import_splice
from ..lexer import Token
from ..names import attribute_chain, here, is_called, undefined_name, uses
from ..repair import Context, Draft, Repair
from ..scopes import identifiers, visible
from ..standard import TOO_COMMON, exporters, table

_BUILTINS = frozenset(dir(builtins))
ALIASES = {
    "np": "numpy",
    "pd": "pandas",
    "plt": "matplotlib.pyplot",
    "sns": "seaborn",
    "tf": "tensorflow",
    "sp": "scipy",
    "nx": "networkx",
    "sa": "sqlalchemy",
    "st": "streamlit",
    "dt": "datetime",
    "ET": "xml.etree.ElementTree",
    "mp": "multiprocessing",
    "tk": "tkinter",
    "pa": "pyarrow",
    "xr": "xarray",
    "pl": "polars",
}


def propose(fault: Fault, context: Context) -> Iterator[Draft]:
    name = undefined_name(fault)
    if not name or fault.exception != "NameError":
        return
    token = next(iter(here(context, name)), None) or next(iter(uses(context, name)), None)
    seen: set[str] = set()
    for statement, prior in sorted(_statements(context, name, token), key=lambda item: -item[1]):
        if statement not in seen:
            seen.add(statement)
            if others := _as_well(context, name, statement):
                whole = f"{statement.rpartition(' ')[0]} {', '.join(sorted([name, *others]))}"
                yield context.edit(f"Add `{whole}`", [import_splice(context.text, whole)], min(prior + 0.02, 0.97))
            yield context.edit(f"Add `{statement}`", [import_splice(context.text, statement)], prior)


def _as_well(context: Context, name: str, statement: str) -> list[str]:
    """What the file uses besides of the module that ``from … import name`` imports from, and nothing binds."""
    words = statement.split()
    if words[0] != "from" or " as " in statement:
        return []
    exported = frozenset(table().get(words[1], ())) - {name} - TOO_COMMON - _BUILTINS
    found: dict[str, None] = {}
    for other, start in identifiers(context.text):
        if other in exported and other not in found and context.text[start - 1 : start] != ".":
            behind = context.text[start + len(other) :].lstrip(" \t")[:2]
            if (not behind.startswith("=") or behind == "==") and other not in visible(context.text, start):
                found[other] = None
    return list(found)


def _statements(context: Context, name: str, token: Token | None) -> Iterator[tuple[str, float]]:
    workspace = context.workspace
    attribute = attribute_chain(context.text, token) if token else ""
    called = bool(token) and is_called(context.text, token) if token else False
    own = workspace.module_name(context.name)
    if name in workspace.modules and name != own:
        exported = workspace.names_of(workspace.modules[name])
        fits = not attribute or attribute in exported
        yield f"import {name}", 0.93 if attribute and fits else 0.5 if fits else 0.2
    if name in workspace.standard and not name.startswith("_"):
        known = table().get(name)
        fits = known is None or not attribute or attribute in known
        if attribute:
            yield f"import {name}", 0.96 if fits else 0.25
        elif not called:
            yield f"import {name}", 0.6
    elif name in workspace.installed:
        yield f"import {name}", 0.85 if attribute else 0.5
    if name in ALIASES:
        origin = ALIASES[name]
        top = origin.partition(".")[0]
        if top in workspace.installed or top in workspace.standard:
            yield f"import {origin} as {name}", 0.93 if attribute else 0.6
    for module in workspace.exports.get(name, ()):
        if module != own:
            # A file of the same package is nearer than the package itself, which may only pass the name on.
            near = bool(own) and "." in module and module.rpartition(".")[0] == own.rpartition(".")[0]
            yield f"from {module} import {name}", 0.93 if near else 0.9 / len(workspace.exports[name]) ** 0.5
    for rank, module in enumerate(exporters().get(name, ())):
        prior = (0.92 if len(name) > 3 else 0.85) - 0.12 * rank
        if name in TOO_COMMON or (name.islower() and not called and not attribute):
            prior -= 0.25
        if attribute and name in workspace.standard and attribute in table().get(name, ()):
            prior -= 0.4
        yield f"from {module} import {name}", max(prior, 0.1)
    public = name.lstrip("_")
    if public and public != name:  # `_re`, `_namedtuple`: a module keeps what it imports to itself
        if public in workspace.standard and attribute:
            yield f"import {public} as {name}", 0.85
        for module in exporters().get(public, ())[:2]:
            yield f"from {module} import {public} as {name}", 0.8 if called or attribute else 0.5


REPAIR = Repair("missing-import", "Import an undefined name from where it is defined", propose)
