"""What it does
    Replaces a name that Go does not know by one that it knows there: a local variable, a name of the package or of the
    package before the dot, a field or method of the type, one that differs in case only (exported or not) first.

Example
    ``out.WriteSting(word)``

Use instead
    ``out.WriteString(word)``

When it stays silent
    Nothing known there is spelt alike.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ...compiled import go
from ...compiled.syntax import find
from ...fault import Fault
from ...repair import Context, Draft, Repair
from ...spelling import closest

_UNDEFINED = re.compile(r"^undefined: (?P<name>[\w.]+)(?: \(but have (?P<have>\w+)\))?")
_MEMBER = re.compile(
    r"^(?P<owner>.+)\.(?P<name>\w+) undefined \(type (?P<type>.+?) has no field or method \w+"
    r"(?:, but does have (?:field |method )?(?P<have>\w+))?"
)
_FIELD = re.compile(
    r"^unknown field '?(?P<name>\w+)'? in struct literal(?: of type (?P<type>[\w.]+))?"
    r"(?:, but does have (?P<have>\w+))?"
)
_UNEXPORTED = re.compile(
    r"^(?:cannot refer to unexported (?:name|function) (?P<whole>\w+\.\w+)"
    r"|name (?P<name>\w+) not exported by package (?P<package>\w+))"
)
BUILT_IN = (
    *("append", "cap", "close", "copy", "delete", "len", "make", "max", "min", "new", "panic", "print", "println"),
    *("bool", "byte", "error", "float64", "int", "int64", "rune", "string", "false", "nil", "true"),
)


def propose(fault: Fault, context: Context) -> Iterator[Draft]:
    if fault.category != "compile" or fault.line < 0:
        return
    name, have, names = _wanted(fault, context)
    if not name:
        return
    for start in _places(context, name):
        for new, score in [(have, 0.98)] if have else closest(name, names, least=0.35):
            yield context.edit(f"Replace `{name}` by `{new}`", [(start, start + len(name), new)], 0.96 * score)


def _wanted(fault: Fault, context: Context) -> tuple[str, str, set[str]]:
    """The unknown name, the one that the compiler names beside it, the names that are known there."""
    if match := _MEMBER.search(fault.message):
        return match["name"], match["have"] or "", _members(context, match["type"])
    if match := _FIELD.search(fault.message):
        known = go.structs(context.workspace, context.name)
        fields = known.get(match["type"] or "") or tuple(each for one in known.values() for each in one)
        return match["name"], match["have"] or "", {field for field, _ in fields}
    if match := _UNEXPORTED.search(fault.message):
        package, _, name = (match["whole"] or f"{match['package']}.{match['name']}").partition(".")
        return name, "", _exports(context, package)
    match = _UNDEFINED.search(fault.message)
    if match is None:
        return "", "", set()
    package, dot, member = match["name"].partition(".")
    if dot:
        return member, match["have"] or "", _exports(context, package)
    tree = go.tree_of(context.text)
    known = {*go.locals_at(tree, context.offset), *go.declared(context.workspace, context.name), *BUILT_IN}
    return package, "", {*known, *go.imports(tree)} - {package}


def _exports(context: Context, package: str) -> set[str]:
    path = go.imports(go.tree_of(context.text)).get(package, "")
    return set(go.package_exports(context.workspace, path)) if path else set()


def _members(context: Context, kind: str) -> set[str]:
    """Fields and methods of a type; of a type of another package, whatever that package exports."""
    kind = kind.lstrip("*").partition("[")[0]
    package, dot, _ = kind.partition(".")
    if dot:
        return _exports(context, package)
    fields = {field for field, _ in go.structs(context.workspace, context.name).get(kind, ())}
    methods = {
        tree.field(node, "name")
        for _, tree, node in go.functions(context.workspace, context.name)
        if node.type == "method_declaration" and go.receiver_type(tree, node).lstrip("*") == kind
    }
    for file in go.package_files(context.workspace, context.name):
        tree = go.tree_of(context.workspace.text(file) or "")
        for spec in find(tree.root, "type_spec"):
            if tree.field(spec, "name") == kind:
                methods |= {tree.field(each, "name") for each in find(spec, "method_elem", "method_spec")}
    return fields | methods


def _places(context: Context, name: str) -> Iterator[int]:
    """Where the name stands on the line, at the column first."""
    start, end = context.lines.bounds(context.fault.line)
    found = [m.start() for m in re.finditer(rf"\b{re.escape(name)}\b", context.text[start:end])]
    column = max(context.fault.column, 0)
    yield from (start + each for each in sorted(found, key=lambda each: (each < column, abs(each - column)))[:1])


REPAIR = Repair("go-misspelt-name", "Replace a misspelt name by one that is known there", propose, languages=("go",))
