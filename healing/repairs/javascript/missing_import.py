"""What it does
    Imports a name that is used and not defined: an export of another module of the workspace, a module of Node, or one
    of its functions; in the form (``import`` or ``require``) and with the quotes that the file uses.

Example
    ``const { dir } = path.parse(file);`` without an import of ``path``

Use instead
    ``import path from "node:path";``

When it stays silent
    Nothing exports that name.
"""

from __future__ import annotations

from collections.abc import Iterator

from ...fault import Fault
from ...grammar import Splice
from ...javascript.modules import TYPESCRIPT, builtins, exporters, exports, is_module, source_files, specifier_of
from ...javascript.modules import imports as imports_of
from ...javascript.names import here, undefined_name
from ...javascript.scopes import visible
from ...javascript.syntax import Syntax
from ...repair import Context, Draft, Repair
from ...workspace import is_test

#: Names that a program seldom means by Node's function of that name.
_COMMON = frozenset(
    {"open", "close", "test", "exec", "stat", "watch", "write", "read", "get", "format", "parse", "resolve"}
)


def propose(fault: Fault, context: Context) -> Iterator[Draft]:
    name = undefined_name(fault)
    if not name or not here(context, name):
        return
    for target, kind in exporters(context.workspace, name):
        if target != context.name:
            specifier = specifier_of(context.workspace, context.name, target)
            malus = 0.03 * specifier.count("../")
            yield _draft(context, name, specifier, default=False, typed=kind == "type", prior=0.96 - malus)
    for target in source_files(context.workspace)[:400]:
        text = context.workspace.text(target) or ""
        if target == context.name or is_test(target) or not ("default" in text or "module.exports" in text):
            continue
        if exports(Syntax(text, target)).get("default") == name:
            specifier = specifier_of(context.workspace, context.name, target)
            yield _draft(context, name, specifier, default=True, typed=False, prior=0.93)
    modules = builtins()["modules"]
    if name in modules:
        yield _draft(context, name, f"node:{name}", default=True, typed=False, prior=0.94)
    prior = 0.6 if name in _COMMON else 0.92
    for module in sorted((each for each in modules if name in modules[each]), key=lambda each: ("/" in each, each))[:4]:
        asynchronous = "/promises" in module and f"await {name}" not in context.text
        cost = 0.2 if asynchronous else -0.02 if "/promises" in module else 0.0
        yield _draft(context, name, f"node:{module}", default=False, typed=False, prior=prior - cost)


def _draft(context: Context, name: str, specifier: str, *, default: bool, typed: bool, prior: float) -> Draft:
    return context.edit(
        f"Import `{name}` from `{specifier}`", [edit(context, name, specifier, default=default, typed=typed)], prior
    )


def edit(context: Context, name: str, specifier: str, *, default: bool, typed: bool = False) -> Splice:
    """The change that imports a name: into an import of the same module, or as a line of its own below the others."""
    syntax = Syntax(context.text, context.name)
    found = list(imports_of(syntax))
    module = context.name.endswith(TYPESCRIPT) or is_module(context.workspace, context.name)
    if not default:
        for each in found:
            statement = context.text[each.statement[0] : each.statement[1]]
            if each.specifier == specifier and not each.require and statement.startswith("import {"):
                brace = each.statement[0] + statement.index("}")
                before = context.text[:brace].rstrip()
                comma = "" if before.endswith((",", "{")) else ","
                return (len(before), brace, f"{comma} {name} ")
    quote = "'" if context.text.count("'") > context.text.count('"') else '"'
    names = name if default else f"{{ {name} }}"
    if module:
        line = f"import {'type ' if typed else ''}{names} from {quote}{specifier}{quote}"
    else:
        line = f"const {names} = require({quote}{specifier}{quote})"
    line += ";" if ";" in context.text or not context.text.strip() else ""
    tops = [each for each in found if _at_top(syntax, each.statement[0])]
    if tops:
        place = context.lines.bounds(context.lines.position(tops[-1].statement[1])[0])[1]
        return (place, place, f"\n{line}")
    first = context.lines.starts[1] if context.text.startswith("#!") and len(context.lines.starts) > 1 else 0
    prologue = '"use strict";\n'
    first += len(prologue) if context.text.startswith(prologue, first) else 0
    return (first, first, f"{line}\n")


def _at_top(syntax: Syntax, offset: int) -> bool:
    node = syntax.at(offset)
    while node.parent is not None and node.parent.parent is not None:
        node = node.parent
    return node.type in {"import_statement", "lexical_declaration", "variable_declaration", "expression_statement"}


def is_free(context: Context, name: str) -> bool:
    """Whether the file does not declare a name already."""
    return name not in visible(Syntax(context.text, context.name), 0)


REPAIR = Repair(
    "js-missing-import",
    "Import a name from the module that exports it",
    propose,
    languages=("javascript", "typescript"),
)
