"""What it does
    Makes an import fit what its module exports: a misspelt name, a default import of a named export and the other way
    round, the name of the module where everything is wanted; exports what the module defines and does not export.

Example
    ``import Queue from "./queue.mjs";`` where the module says ``export class Queue``

Use instead
    ``import { Queue } from "./queue.mjs";``

When it stays silent
    The module is not of the workspace or of Node, or has nothing of that kind.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from tree_sitter import Node

from ...fault import Fault
from ...grammar import splice
from ...javascript.modules import builtins, exports, resolve
from ...javascript.scopes import declarations
from ...javascript.syntax import Syntax, enclosing, walk
from ...repair import Context, Draft, Repair
from ...spelling import closest

_ESM = re.compile(r"The requested module '(?P<module>[^']+)' (?:does not provide an export named|is a CommonJS module)")
_NAME = re.compile(r"export named '(?P<name>[^']+)'|Named export '(?P<named>[^']+)' not found")
_TS = re.compile(r"has no (?:exported member|default export|exported member named)(?: named)?(?: '(?P<name>[\w$]+)')?")
_CODES = frozenset({"TS2305", "TS2724", "TS1192", "TS2613", "TS2614", "TS2459", "TS2460", "TS1259"})


def propose(fault: Fault, context: Context) -> Iterator[Draft]:
    name = _wanted(fault)
    if not name:
        return
    syntax = Syntax(context.text, context.name)
    statement = _statement(fault, context, syntax)
    if statement is None:
        return
    source = statement.child_by_field_name("source")
    specifier = syntax.of(source)[1:-1] if source is not None else ""
    target = resolve(context.workspace, context.name, specifier)
    text = context.workspace.text(target) if target else None
    module = Syntax(text, target) if target and text is not None else None
    found = exports(module) if module else _builtin(specifier)
    if name == "default":
        yield from _named_for_default(context, syntax, statement, found)
        return
    token = next((each for each in walk(statement) if each.type == "identifier" and syntax.of(each) == name), None)
    if token is None:
        return
    start, end = syntax.span(token)
    alias = token.parent is not None and token.parent.child_by_field_name("alias") is not None
    used = len(re.findall(rf"\b{re.escape(name)}\b", context.text))
    for meant, score in closest(name, [each for each in found if each != "default"], count=3):
        if alias or used == 1:
            yield context.edit(f"Import `{meant}`", [(start, end, meant)], score)
            continue
        edits = [(start, end, f"{meant} as {name}")]
        every = [
            (m.start(), m.end(), meant) for m in re.finditer(rf"(?<![\w$.]){re.escape(name)}(?![\w$])", context.text)
        ]
        yield context.edit(f"Replace every `{name}` by `{meant}`", every, score)
        yield context.edit(f"Import `{meant}` as `{name}`", edits, score - 0.1)
    if "default" in found and (found["default"] == name or not found.keys() - {"default"}):
        yield from _default_for_named(context, syntax, statement, name)
    if module is not None and target and name not in found:
        yield from _export_it(target, module, name)


def _wanted(fault: Fault) -> str:
    match = _NAME.search(fault.message)
    if match:
        return match["name"] or match["named"]
    if fault.code in _CODES:
        if fault.code in {"TS1192", "TS2613", "TS1259"}:
            return "default"
        named = re.search(r"(?:member|export) '(?P<name>[\w$]+)'|member named '(?P<other>[\w$]+)'", fault.message)
        declares = re.search(r"declares '(?P<name>[\w$]+)' locally", fault.message)
        return (named["name"] or named["other"]) if named else declares["name"] if declares else ""
    return ""


def _statement(fault: Fault, context: Context, syntax: Syntax) -> Node | None:
    if fault.line >= 0 and (node := enclosing(syntax.at(context.offset), {"import_statement", "export_statement"})):
        return node
    match = _ESM.search(fault.message)
    for node in syntax.root.children:
        source = node.child_by_field_name("source")
        if match and source is not None and syntax.of(source)[1:-1] == match["module"]:
            return node
    return None


def _builtin(specifier: str) -> dict[str, str]:
    return dict.fromkeys(builtins()["modules"].get(specifier.removeprefix("node:"), ()), "value")


def _named_for_default(context: Context, syntax: Syntax, statement: Node, found: dict[str, str]) -> Iterator[Draft]:
    clause = next((each for each in statement.named_children if each.type == "import_clause"), None)
    name = next((each for each in clause.named_children if each.type == "identifier"), None) if clause else None
    if clause is None or name is None:
        return
    local, (start, end) = syntax.of(name), syntax.span(name)
    named = next((each for each in clause.named_children if each.type == "named_imports"), None)
    wanted: list[tuple[str, float]] = [(local, 0.96)] if local in found else []
    wanted += [(f"{meant} as {local}", score) for meant, score in closest(local, found, count=2, least=0.6)]
    for new, prior in wanted:
        if named is not None:
            inner = syntax.span(named)[0] + 1
            edits = [(start, syntax.span(named)[0], ""), (inner, inner, f" {new},")]
        else:
            edits = [(start, end, f"{{ {new} }}")]
        yield context.edit(f"Import `{new}` by its name", edits, prior)
    if named is None and found:
        uses = re.findall(rf"\b{re.escape(local)}\.(\w+)", context.text)
        prior = 0.94 if uses and all(each in found for each in uses) else 0.5
        yield context.edit("Import the module as a whole", [(start, end, f"* as {local}")], prior)


def _default_for_named(context: Context, syntax: Syntax, statement: Node, name: str) -> Iterator[Draft]:
    named = next((each for each in walk(statement) if each.type == "named_imports"), None)
    if named is None:
        return
    start, end = syntax.span(named)
    others = [syntax.of(each) for each in named.named_children if syntax.of(each) != name]
    new = name + (f", {{ {', '.join(others)} }}" if others else "")
    yield context.edit(f"Import `{name}` as the default", [(start, end, new)], 0.93)


def _export_it(target: str, module: Syntax, name: str) -> Iterator[Draft]:
    for declared, node in declarations(module):
        kinds = {"function_declaration", "class_declaration", "lexical_declaration", "variable_declaration"}
        statement = enclosing(node, kinds | {"generator_function_declaration", "interface_declaration"})
        if declared == name and statement is not None and statement.parent == module.root:
            start = module.span(statement)[0]
            text = splice(module.text, ((start, start, "export "),))
            yield Draft(f"Export `{name}` from `{target}`", {target: text}, 0.93)
            return


REPAIR = Repair(
    "js-import-shape",
    "Make an import fit what its module exports",
    propose,
    languages=("javascript", "typescript"),
)
