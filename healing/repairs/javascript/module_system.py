"""What it does
    Mends a mixture of ES modules and CommonJS: turns ``require`` into imports in an ES module, and imports into
    ``require`` in a CommonJS file; says in ``package.json`` that the files are modules where they are written so;
    gives ``__dirname`` and ``exports`` what stands for them in a module; says of a JSON import that it is one.

Example
    ``const path = require("node:path");`` in a package of ``"type": "module"``

Use instead
    ``import path from "node:path";``

When it stays silent
    The form of the imports fits the kind of the file.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ...fault import Fault
from ...grammar import Splice
from ...javascript.modules import builtins, exports, imports, package_json, resolve, source_files
from ...javascript.syntax import Syntax
from ...repair import Context, Draft, Repair

_REQUIRE = re.compile(
    r"^(?P<kind>const|let|var)[ \t]+(?P<names>\{[^}]*\}|[\w$]+)[ \t]*="
    r"[ \t]*require\((?P<quote>['\"`])(?P<from>[^'\"`]+)(?P=quote)\)"
    r"(?P<member>\.[\w$]+)?",
    re.MULTILINE,
)
_IMPORT = re.compile(
    r"^import[ \t]+(?:(?P<default>[\w$]+)[ \t]*,?[ \t]*)?"
    r"(?:\*[ \t]*as[ \t]+(?P<all>[\w$]+)[ \t]*)?(?P<names>\{[^}]*\})?"
    r"[ \t]*from[ \t]*(?P<quote>['\"])(?P<from>[^'\"]+)(?P=quote)",
    re.MULTILINE,
)
_JSON = re.compile(r'Module "(?:file://)?(?P<path>[^"]+)" needs an import (?:attribute|assertion)')
_TYPE = re.compile(r'("type"\s*:\s*)"commonjs"')


def propose(fault: Fault, context: Context) -> Iterator[Draft]:
    if fault.exception == "ReferenceError" and "ES module scope" in fault.message:
        yield from _to_module(fault, context)
    elif "outside a module" in fault.message or fault.message.startswith("Unexpected token 'export'"):
        yield from _declared_module(context)
        yield from _to_common(context)
    elif fault.code in {"ERR_IMPORT_ASSERTION_TYPE_MISSING", "ERR_IMPORT_ATTRIBUTE_MISSING"}:
        yield from _json(fault, context)
    elif fault.code == "ERR_REQUIRE_ESM":
        yield from _to_module(fault, context)


def _to_module(fault: Fault, context: Context) -> Iterator[Draft]:
    text, name = context.text, fault.message.partition(" ")[0]
    if name in {"__dirname", "__filename"}:
        new = "import.meta.dirname" if name == "__dirname" else "import.meta.filename"
        url = 'new URL(".", import.meta.url).pathname' if name == "__dirname" else "new URL(import.meta.url).pathname"
        places = [match.span() for match in re.finditer(rf"\b{name}\b", text)]
        yield context.edit(f"Write `{new}`", [(start, end, new) for start, end in places], 0.9)
        yield context.edit(f"Write `{url}`", [(start, end, url) for start, end in places], 0.85)
        return
    edits: list[Splice] = []
    for match in _REQUIRE.finditer(text):
        edits.append((match.start(), match.end(), _import_of(context, match)))
    edits += _exports(text)
    if edits:
        yield context.edit("Import and export as a module does", edits, 0.95)
    if "require" in text:
        line = 'import { createRequire } from "node:module";\nconst require = createRequire(import.meta.url);\n'
        yield context.edit("Make a `require` for this module", [(0, 0, line)], 0.6)


def _import_of(context: Context, match: re.Match[str]) -> str:
    names, source, quote = match["names"], match["from"], match["quote"].replace("`", '"')
    if names.startswith("{"):
        names = re.sub(r"([\w$]+)\s*:\s*([\w$]+)", r"\1 as \2", names)
    elif match["member"]:
        member = match["member"][1:]
        names = f"{{ {member} }}" if member == names else f"{{ {member} as {names} }}"
    else:
        target = resolve(context.workspace, context.name, source)
        found = exports(Syntax(context.workspace.text(target) or "", target)) if target else {"default": ""}
        plain = source.removeprefix("node:") in builtins()["modules"] or not target
        names = names if plain or "default" in found or not found else f"* as {names}"
    return f"import {names} from {quote}{source}{quote}"


def _exports(text: str) -> Iterator[Splice]:
    for match in re.finditer(r"^module\.exports[ \t]*=[ \t]*(\{[\w$,\s]*\});?", text, re.MULTILINE):
        yield (match.start(), match.end(), f"export {match[1]};")
    for match in re.finditer(r"^module\.exports[ \t]*=[ \t]*(?=[^{\s=])", text, re.MULTILINE):
        yield (match.start(), match.end(), "export default ")
    for match in re.finditer(r"^(?:module\.)?exports\.([\w$]+)[ \t]*=[ \t]*(?!=)", text, re.MULTILINE):
        yield (match.start(), match.end(), f"export const {match[1]} = ")


def _declared_module(context: Context) -> Iterator[Draft]:
    """The package becomes one of modules, if no file of it is written in CommonJS."""
    path, content = package_json(context.workspace, context.name)
    if not path:
        return
    text = context.workspace.text(path) or ""
    prior = 0.93
    for name in source_files(context.workspace)[:200]:
        own = context.workspace.text(name) or ""
        if name.endswith(".js") and re.search(r"\brequire\(|\bmodule\.exports\b", own):
            prior = 0.4
    if content.get("type") == "commonjs":
        new = _TYPE.sub(r'\1"module"', text)
    else:
        new = text.replace("{", '{\n  "type": "module",', 1)
    yield Draft(f'Say `"type": "module"` in `{path}`', {path: new}, prior)


def _to_common(context: Context) -> Iterator[Draft]:
    edits: list[Splice] = []
    for match in _IMPORT.finditer(context.text):
        quote, source = match["quote"], match["from"]
        call = f"require({quote}{source}{quote})"
        parts = [f"const {match['default'] or match['all']} = {call}"] if match["default"] or match["all"] else []
        if match["names"]:
            parts.append(f"const {re.sub(r' as ', ': ', match['names'])} = {call}")
        edits.append((match.start(), match.end(), "; ".join(parts)))
    for match in re.finditer(r"^export[ \t]+default[ \t]+", context.text, re.MULTILINE):
        edits.append((match.start(), match.end(), "module.exports = "))
    names: list[str] = []
    for match in re.finditer(
        r"^export[ \t]+(?=(?:async[ \t]+)?(?:function\*?|class|const|let|var)[ \t]+([\w$]+))", context.text, re.M
    ):
        edits.append((match.start(), match.end(), ""))
        names.append(match[1])
    if names:
        edits.append((len(context.text), len(context.text), f"\nmodule.exports = {{ {', '.join(names)} }};\n"))
    if edits and not re.search(r"^await\b", context.text, re.MULTILINE):
        yield context.edit("Import and export as CommonJS does", edits, 0.85)


def _json(fault: Fault, context: Context) -> Iterator[Draft]:
    match = _JSON.search(fault.message)
    wanted = context.workspace.relative(match["path"]) if match else context.name
    word = "with"
    for name in source_files(context.workspace):
        text = context.workspace.text(name) or ""
        for each in imports(Syntax(text, name)):
            if each.require or resolve(context.workspace, name, each.specifier) != wanted:
                continue
            end = each.end + 1
            if not text[each.statement[0] : each.statement[1]].startswith(("import ", "export ")):
                continue
            new = f'{text[:end]} {word} {{ type: "json" }}{text[end:]}'
            yield Draft("Say that the import is JSON", {name: new}, 0.95)


REPAIR = Repair(
    "js-module-system",
    "Mend a mixture of ES modules and CommonJS",
    propose,
    languages=("javascript", "typescript"),
)
