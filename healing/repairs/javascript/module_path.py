"""What it does
    Mends the specifier of an import that leads nowhere: a missing or wrong extension, too many or too few ``../``, a
    misspelt file or folder, a missing ``./``, a misspelt module of Node.

Example
    ``import { slug } from "./text/slug";`` in an ES module

Use instead
    ``import { slug } from "./text/slug.mjs";``

When it stays silent
    No file of the workspace has such a name: a package has to be installed.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator

from ...fault import Fault
from ...javascript.modules import SUFFIXES, Imported, builtins, imports, is_module, resolve, source_files, specifier_of
from ...javascript.syntax import Syntax
from ...repair import Context, Draft, Repair
from ...spelling import closest, likeness

_CODES = frozenset(
    {"ERR_MODULE_NOT_FOUND", "MODULE_NOT_FOUND", "ERR_UNSUPPORTED_DIR_IMPORT", "ERR_UNKNOWN_BUILTIN_MODULE"}
)
_TYPESCRIPT = frozenset({"TS2307", "TS2834", "TS2835", "TS2792", "TS7016", "TS2732"})
_WHAT = re.compile(r"(?:Cannot find (?:module|package)|No such built-in module:|Directory import) '?(?P<what>[^'\s]+)")


def propose(fault: Fault, context: Context) -> Iterator[Draft]:
    if fault.code not in _CODES | _TYPESCRIPT and not fault.message.startswith("Cannot find module"):
        return
    found = _broken(fault, context)
    if found is None:
        return
    for new, prior in _specifiers(context, found):
        if new != found.specifier:
            title = f"Import from `{new}`"
            yield context.edit(title, [(found.start, found.end, new)], prior)


def _broken(fault: Fault, context: Context) -> Imported | None:
    """The import that the message speaks of: by its specifier, the path that it resolved to, or its line."""
    match = _WHAT.search(fault.message)
    what = match["what"] if match else ""
    every = list(imports(Syntax(context.text, context.name)))
    folder = posixpath.dirname(context.name)
    for each in every:
        own = posixpath.normpath(posixpath.join(folder, each.specifier))
        if what in (each.specifier, own, context.workspace.absolute(own)):
            return each
    return next((each for each in every if context.lines.position(each.start)[0] == fault.line), None)


def _specifiers(context: Context, found: Imported) -> Iterator[tuple[str, float]]:
    old, workspace = found.specifier, context.workspace
    if not old.startswith("."):
        modules = [*builtins()["modules"], "test"]
        plain = old.removeprefix("node:")
        for meant, score in closest(plain, modules, count=2, least=0.6):
            yield f"node:{meant}" if old.startswith("node:") else meant, score
        local = resolve(workspace, context.name, f"./{old}")
        if local:
            yield _named(context, found, local), 0.9
        return
    exact = resolve(workspace, context.name, old)
    if exact:
        yield _named(context, found, exact), 0.96
    wanted = [part for part in old.split("/") if part not in {".", ".."}]
    stem = posixpath.splitext(wanted[-1])[0] if wanted else ""
    for target in (*source_files(workspace), *workspace.source_files((".json",))):
        if target == context.name or target.endswith(".d.ts"):
            continue
        parts = target.split("/")
        name = posixpath.splitext(parts[-1])[0]
        if name == "index" and len(parts) > 1 and stem == parts[-2]:
            name, parts = parts[-2], parts[:-1]
        same = 1.0 if name == stem else likeness(stem, name)
        if same < 0.6:
            continue
        common = 0
        while common + 1 < min(len(parts), len(wanted)) and parts[-2 - common] == wanted[-2 - common]:
            common += 1
        folders = 0.02 * min(common, 3) - 0.02 * (len(wanted) - 1 - common)
        yield _named(context, found, target), min(0.9 * same + folders, 0.95)


def _named(context: Context, found: Imported, target: str) -> str:
    specifier = specifier_of(context.workspace, context.name, target)
    stem, suffix = posixpath.splitext(specifier)
    if suffix in SUFFIXES and (found.require or not is_module(context.workspace, context.name)):
        return specifier if posixpath.splitext(found.specifier)[1] in SUFFIXES else stem
    if not suffix and context.fault.code in {"TS2835", "TS2834", "ERR_MODULE_NOT_FOUND", "ERR_UNSUPPORTED_DIR_IMPORT"}:
        own = posixpath.splitext(target)[1]
        base = stem if posixpath.splitext(target)[0].endswith(posixpath.basename(stem)) else f"{stem}/index"
        return base + {".ts": ".js", ".tsx": ".js", ".mts": ".mjs", ".cts": ".cjs"}.get(own, own)
    return specifier


REPAIR = Repair(
    "js-module-path", "Mend the path or extension of an import", propose, languages=("javascript", "typescript")
)
