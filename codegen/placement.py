"""Where the new code goes: below its comment, into its stub, to the end of its module, or in place of a selection.

A comment stays; its function takes the comment's depth. A stub keeps everything but its placeholder. The file's own
indentation and line endings are used. What the code imports goes where imports are kept (:mod:`.imports`); a name that
the module already binds to something else is imported in the function.

Invariant: every code point outside of the placeholder or the selected definition stays where it was relative to its
neighbours.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ..analyzers.findings import Replacement, minimal_edit
from ..analyzers.source import LineIndex, line_starts
from ..analyzers.syntax import parse
from .conforming import body_of
from .imports import Import, Module, in_the_files_way, read_imports
from .triggers import definitions as defs
from .triggers.definitions import Parsed, frozen_lines
from .triggers.stub import placeholder
from .triggers.target import Target

__all__ = ["Import", "Placed", "place", "read_imports", "reindented"]


@dataclass(frozen=True, slots=True)
class Placed:
    """The insertions, the text after them, and the lines (0-based, ``last`` inclusive) that the function has there."""

    replacements: tuple[Replacement, ...]
    text: str
    first: int
    last: int
    imports: tuple[str, ...]


def place(text: str, target: Target, code: str, imports: Sequence[Import], name: str = "") -> Placed:
    """Put ``code`` (one definition or more, at depth 0, lines end in ``\\n``) where ``target`` wants it.

    ``name`` is the module's, in full, if imports may be written relatively to it.
    For a stub ``code`` is the whole definition as :func:`.conforming.conformed` gives it."""
    module = Module(text)
    imports = in_the_files_way(text, imports, name)
    end = module.line_ending(max(target.first, 0))
    missing = [each for each in imports if module.bound.get(each.local) != each.origin]
    local = [each for each in missing if each.local in module.names]
    outer = [each for each in missing if each not in local]
    body = _with_local_imports(code, local)
    changes = module.import_insertions(outer, max(target.first, 0), end)
    if target.kind == "stub":
        own, anchor = _stub_changes(text, target, body, module, end)
    elif target.kind == "selection":
        own = [_selection_change(text, target, body, module, end)]
        anchor = own[0].start
    else:
        insertion = _function_insertion(module, target, body, end)
        own = [insertion]
        anchor = insertion.start
    changes += own
    ordered = sorted(changes, key=lambda each: (each.start, each.end))
    after = _applied(text, ordered)
    lead = 0 if target.replaces else len(own[0].text) - len(own[0].text.lstrip("\r\n"))
    start = anchor + lead + sum(len(each.text) for each in changes if each not in own and each.start <= anchor)
    first = len(line_starts(after[:start])) - 1
    last = first + body.rstrip("\n").count("\n")
    if target.replaces:
        last = max((each.last for each in _named(after, first, target.name)), default=first)
    if target.kind == "selection":  # what stays the same is not touched
        ordered = list(minimal_edit("", text, after).replacements)
    return Placed(tuple(ordered), after, first, last, tuple(each.line for each in outer))


def _applied(text: str, ordered: Sequence[Replacement]) -> str:
    parts, position = list[str](), 0
    for each in ordered:
        parts += (text[position : each.start], each.text)
        position = each.end
    return "".join((*parts, text[position:]))


def _named(text: str, first: int, name: str) -> Iterator[defs.Definition]:
    """The definition of that name at or below a line: what the code brings along stands above it."""
    parsed = Parsed.of(text)
    for line in range(first, parsed.lines.line_count):
        found = [each for each in defs.definitions_around(parsed, line) if each.name == name and each.first >= first]
        if found:
            yield found[-1]
            return


# --- stubs and selections ---------------------------------------------------------------------------------------------


def _stub_changes(text: str, target: Target, code: str, module: Module, end: str) -> tuple[list[Replacement], int]:
    """(the placeholder's replacement and what the code brings along, where the definition starts)."""
    parsed = Parsed.of(text)
    definition = next(each for each in defs.definitions_around(parsed, target.first) if each.name == target.name)
    drafted = Parsed.of(code)
    written = [each for each in defs.top_definitions(drafted) if each.name == target.name][-1]
    unit = unit_of(parsed, definition, module)
    body = reindented(body_of(drafted, written), target.indent, unit).rstrip("\n").replace("\n", end)
    start = module.index.starts[definition.first]
    changes: list[Replacement] = []
    helpers = drafted.text(drafted.root)[: len(drafted.data[: written.whole.start_byte].decode())].rstrip("\n")
    if helpers:
        helpers = reindented(helpers, target.indent, unit).replace("\n", end)
        changes.append(Replacement(start, start, helpers + end * 3))
    inner = defs.statements(definition.node)
    described = defs.docstring_node(definition.node)
    if not inner or placeholder(parsed, inner[-1]):
        stub = inner[-1] if inner else definition.node
        a, b = parsed.offset(stub.start_byte), parsed.offset(stub.end_byte)
        line_end = module.index.bounds(module.index.position(b)[0])[1]
        if text[b:line_end].lstrip(" \t").startswith("#"):
            b = line_end  # a remark on the placeholder
        line_start = module.index.starts[module.index.position(a)[0]]
        if text[line_start:a].strip():  # on the line of the header, or of the docstring
            kept = len(text[line_start:a].rstrip(" \t;"))
            changes.append(Replacement(line_start + kept, b, end + body))
        else:
            changes.append(Replacement(line_start, b, body))
    elif described is not None:
        b = parsed.offset(described.end_byte)
        changes.append(Replacement(b, b, end + body))
    return changes, start


def unit_of(parsed: Parsed, definition: defs.Definition, module: Module) -> str:
    """One level of indentation: as the definition's own body has it, or as the file has."""
    inner = defs.statements(definition.node)
    if inner and defs.first_line(inner[0]) > defs.first_line(definition.node):
        line = parsed.lines.line_text(defs.first_line(inner[0]))
        unit = line[: len(line) - len(line.lstrip(" \t"))].removeprefix(definition.indent)
        if unit:
            return unit
    return module.indent_unit()


def _selection_change(text: str, target: Target, code: str, module: Module, end: str) -> Replacement:
    start, stop = module.index.starts[target.first], module.index.bounds(target.last)[1]
    written = reindented(code, target.indent, module.indent_unit()).rstrip("\n").replace("\n", end)
    return Replacement(start, stop, written)


# --- new functions ----------------------------------------------------------------------------------------------------


def _function_insertion(module: Module, target: Target, code: str, end: str) -> Replacement:
    index, indent = module.index, target.indent.replace("\f", "")
    unit = _step_to(index, target.first, indent) or module.indent_unit()
    written = reindented(code, indent, unit).rstrip("\n").replace("\n", end)
    apart = end * 2 if target.kind == "failing_test" and target.last >= 0 else ""  # from what is above
    if target.last + 1 >= len(index.starts):  # the last line, without a line ending
        start = len(index.text)
        return Replacement(start, start, f"{end}{apart}{written}" if index.text else f"{written}{end}")
    start = index.starts[target.last + 1]
    blank, following = 0, target.last + 1
    while following < len(index.starts) and not index.line(following).strip():
        blank, following = blank + 1, following + 1
    last = following >= len(index.starts)
    wanted = 0 if last else (1 if indent else 2)
    next_line = "" if last else index.line(following)
    if len(next_line) - len(next_line.lstrip()) < len(indent):
        wanted = min(wanted, blank)  # the block ends here: whoever follows keeps the distance it has
    return Replacement(start, start, apart + written + end * (1 + max(0, wanted - blank)))


def _step_to(index: LineIndex, line: int, indent: str) -> str:
    """The indentation of a line over the block that it stands in; empty at the top level, or if it cannot be told."""
    for number in range(line - 1, -1, -1) if indent else ():
        above = index.line(number)
        body = above.lstrip(" \t\f")
        outer = above[: len(above) - len(body)].replace("\f", "")
        if body and body[0] not in "#)]}" and len(outer) < len(indent) and indent.startswith(outer):
            return indent.removeprefix(outer)
    return ""


def reindented(code: str, indent: str, unit: str) -> str:
    """``code`` (four spaces a level) at ``indent`` with the file's unit; the inside of texts is left alone, but for
    docstrings, which move with their function."""
    frozen = frozen_lines(code)
    result: list[str] = []
    for number, line in enumerate(code.split("\n")):
        if number in frozen or not line.strip():
            result.append(line if number in frozen else "")
            continue
        body = line.lstrip(" ")
        levels, rest = divmod(len(line) - len(body), 4)
        result.append(indent + unit * levels + " " * rest + body)
    return "\n".join(result)


def _with_local_imports(code: str, imports: Sequence[Import]) -> str:
    """``code`` with imports as the first statements of its last function, after the docstring."""
    if not imports:
        return code
    data = code.encode()
    functions = [
        each for each in parse(data).root_node.children if each.type in ("function_definition", "decorated_definition")
    ]
    if not functions:
        return code
    node = functions[-1].child_by_field_name("definition") or functions[-1]
    body = node.child_by_field_name("body")
    if body is None or not body.children:
        return code
    first = body.children[0]
    if first.type == "expression_statement" and first.children[0].type == "string" and len(body.children) > 1:
        first = body.children[1]
    position = data.rfind(b"\n", 0, first.start_byte) + 1
    indent = " " * first.start_point.column
    lines = "".join(f"{indent}{each.line}\n" for each in imports)
    return (data[:position] + lines.encode() + data[position:]).decode()
