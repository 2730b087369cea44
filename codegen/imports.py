"""Where imports are kept in a file, and what one more adds to them.

An import that the file has is not repeated; one more name from a module that a plain ``from m import a`` line names
joins that line; others go where isort would put them: into the group of their kind, in order, or into a new group
after the docstring and ``__future__``.

Invariant: only insertions.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import takewhile

from tree_sitter import Node

from ..analyzers.findings import Replacement
from ..analyzers.source import LineIndex
from ..analyzers.syntax import descend, imports_of, parse, text_of

_IMPORT = re.compile(r"(?:from\s+(?P<module>[.\w]+)\s+)?import\s+(?P<name>[.\w]+)(?:\s+as\s+(?P<alias>\w+))?\s*$")

#: What a comment at the top of a file says of all of it: a licence, or orders to tools.
_NOTICE = re.compile(
    r"copyright|©|\(c\)\s|licen[sc]e|spdx-|\bauthors?:|^#\s*(?:ruff|mypy|pyright|pylint|flake8|isort|type|fmt):",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Import:
    """``import name``, ``import name as alias`` or ``from module import name``; one name each."""

    name: str
    module: str = ""
    alias: str = ""

    @property
    def local(self) -> str:
        return self.alias or (self.name if self.module else self.name.partition(".")[0])

    @property
    def origin(self) -> str:
        if not self.module:
            return self.name if self.alias else self.local
        return f"{self.module}{'' if self.module.endswith('.') else '.'}{self.name}"

    @property
    def line(self) -> str:
        alias = f" as {self.alias}" if self.alias else ""
        return f"from {self.module} import {self.name}{alias}" if self.module else f"import {self.name}{alias}"

    @property
    def key(self) -> tuple[bool, str, str]:
        """Plain imports first, then by module, as isort sorts."""
        return bool(self.module), (self.module or self.name).lower(), self.name.lower()


def read_imports(lines: Iterable[str]) -> tuple[Import, ...]:
    """Import lines, split into one name each. Raises ValueError for anything else (a star, brackets)."""
    found: list[Import] = []
    for line in lines:
        text = line.strip().replace("(", " ").replace(")", " ").rstrip(", ")
        head, _, names = text.partition("import ")
        for name in names.split(","):
            match = _IMPORT.match(f"{head}import {name.strip()}")
            if match is None:
                raise ValueError(f"not an import: {line.strip()}")
            found.append(Import(match["name"], match["module"] or "", match["alias"] or ""))
    return tuple(dict.fromkeys(found))


def in_the_files_way(text: str, imports: Sequence[Import], module: str) -> tuple[Import, ...]:
    """Imports of the module's own package as a file that imports relatively would write them. ``module`` is the full
    name of the file (``shop.prices``, ``shop.__init__``)."""
    package = module.split(".")[:-1]
    if not package or not any(each.startswith(".") for each in Module(text).bound.values()):
        return tuple(imports)
    return tuple(_relative(each, package) for each in imports)


def _relative(wanted: Import, package: Sequence[str]) -> Import:
    parts = wanted.module.split(".")
    pairs = zip(parts, package, strict=False)
    shared = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))
    if not shared:
        return wanted
    return replace(wanted, module="." * (len(package) - shared + 1) + ".".join(parts[shared:]))


def import_changes(text: str, imports: Sequence[Import]) -> list[Replacement]:
    """The insertions that add imports, where imports are kept, to a text that has none of these names yet."""
    module = Module(text)
    missing = [each for each in imports if module.bound.get(each.local) != each.origin]
    if not missing:
        return []
    first = next((each.first for each in module.statements), 0)
    return module.import_insertions(missing, first, module.line_ending(first))


def bound_names(text: str) -> tuple[dict[str, str], set[str]]:
    """(local name → origin of what a module imports, all names that it binds at its top level)."""
    module = Module(text)
    return module.bound, module.names


@dataclass(frozen=True, slots=True)
class _Statement:
    """A top-level statement with its lines (0-based, ``last`` inclusive)."""

    node: Node
    first: int
    last: int
    imports: tuple[tuple[str, str], ...]

    @property
    def is_import(self) -> bool:
        return self.node.type in ("import_statement", "import_from_statement", "future_import_statement")


class Module:
    """What placement needs to know of a text: its imports, its names, its line ending and its indentation."""

    def __init__(self, text: str) -> None:
        self.index = LineIndex(text)
        self.data = text.encode("utf-8", "surrogatepass")
        root = parse(self.data).root_node
        self.statements = [self._statement(node) for node in root.children if node.type != "comment"]
        self.bound = {local: origin for each in self.statements for local, origin in each.imports}
        for local, origin in self._guarded():
            self.bound.setdefault(local, origin)
        self.names = set(self.bound) | _top_names(text)

    def _statement(self, node: Node) -> _Statement:
        first = self.index.position(self._offset(node.start_byte))[0]
        last = self.index.position(max(self._offset(node.end_byte) - 1, 0))[0]
        found = tuple(imports_of(node, self.data)) if node.type in ("import_statement", "import_from_statement") else ()
        return _Statement(node, first, last, found)

    def _guarded(self) -> Iterator[tuple[str, str]]:
        """Imports of ``try`` and ``if`` at the top level; those that only a type checker sees bind nothing."""
        for each in self.statements:
            condition = each.node.child_by_field_name("condition")
            if each.node.type == "try_statement" or (
                condition is not None and "TYPE_CHECKING" not in text_of(condition, self.data)
            ):
                for node in descend(each.node, frozenset({"function_definition", "class_definition"})):
                    if node.type in ("import_statement", "import_from_statement"):
                        yield from imports_of(node, self.data)

    def _offset(self, byte: int) -> int:
        return len(self.data[:byte].decode("utf-8", "surrogatepass"))

    def line_ending(self, line: int) -> str:
        """The line ending of ``line``, or the first one of the file."""
        for number in (line, 0):
            if number + 1 < len(self.index.starts):
                return self.index.text[self.index.bounds(number)[1] : self.index.starts[number + 1]]
        return "\n"

    def indent_unit(self) -> str:
        """A tab if any line starts with one, else the commonest step of two to eight spaces, else four."""
        if re.search(r"(?m)^\t", self.index.text):
            return "\t"
        steps = re.findall(r"(?m)^[^ \t\r\n#].*:[ \t]*(?:#[^\r\n]*)?\r?\n( {2,8})(?=[^\s#])", self.index.text)
        return max(sorted(set(steps), key=len), key=steps.count) if steps else "    "

    # --- imports -------------------------------------------------------------------------------------------------

    def import_insertions(self, imports: Sequence[Import], above: int, end: str) -> list[Replacement]:
        header = self._header()
        groups = _groups(header)
        pending: dict[int, list[tuple[Import, str, str]]] = {}  # offset → (import, before, after)
        insertions: list[Replacement] = []
        for each in sorted(imports, key=lambda item: item.key):
            joined = self._join(header, each)
            if joined is not None:
                insertions.append(joined)
                continue
            line, before, after = self._import_place(groups, each, above)
            offset = self.index.starts[line] if line < len(self.index.starts) else len(self.index.text)
            pending.setdefault(offset, []).append((each, before, after))
        for offset, entries in pending.items():
            lines = end.join(each.line for each, _, _ in entries) + end
            before, after = entries[0][1], entries[-1][2]
            if offset and self.index.text[offset - 1] not in "\r\n":
                lines = end + lines  # after a last line without a line ending
            insertions.append(Replacement(offset, offset, before.replace("\n", end) + lines + after.replace("\n", end)))
        return insertions

    def _header(self) -> list[_Statement]:
        """The imports before anything else of substance; a docstring and guarded imports do not end them."""
        found: list[_Statement] = []
        for number, each in enumerate(self.statements):
            docstring = (
                number == 0 and each.node.type == "expression_statement" and each.node.children[0].type == "string"
            )
            if each.is_import:
                found.append(each)
            elif not docstring and each.node.type not in ("try_statement", "if_statement"):
                break
        return found

    def _join(self, header: Sequence[_Statement], wanted: Import) -> Replacement | None:
        """``, name`` on a plain one-line ``from module import …``, in its place in the order."""
        if not wanted.module:
            return None
        for each in header:
            line = self.index.line(each.first)
            match = re.fullmatch(
                rf"from {re.escape(wanted.module)} import ((?:\w+(?: as \w+)?)(?:, \w+(?: as \w+)?)*)", line
            )
            if match is None or each.first != each.last or len(line) + len(wanted.name) > 110:
                continue
            names = match[1].split(", ")
            written = wanted.name + (f" as {wanted.alias}" if wanted.alias else "")
            start = self.index.starts[each.first] + match.start(1)
            for name in names:
                if _name_key(name) > _name_key(written):
                    return Replacement(start, start, f"{written}, ")
                start += len(name) + 2
            return Replacement(start - 2, start - 2, f", {written}")
        return None

    def _import_place(self, groups: Sequence[Sequence[_Statement]], wanted: Import, above: int) -> tuple[int, str, str]:
        """(line to insert before, text before, text after)."""
        kind = _kind(wanted.module or wanted.name)
        same = next((group for group in groups if self._group_kind(group) == kind), None)
        if same is not None:
            after = [each for each in same if self._key(each) <= wanted.key]
            return (after[-1].last + 1 if after else same[0].first), "", ""
        ordered = [group for group in groups if self._group_kind(group) != -1]
        later = next((group for group in ordered if self._group_kind(group) > kind), None)
        if later is not None:
            return later[0].first, "", "\n"
        if groups:
            return groups[-1][-1].last + 1, "\n", ""
        return self._first_import_place(above)

    def _first_import_place(self, above: int) -> tuple[int, str, str]:
        """There is no import yet: after the docstring, or after a licence and such at the top."""
        line = 0
        if self.statements:
            first = self.statements[0]
            if first.node.type == "expression_statement" and first.node.children[0].type == "string":
                line = first.last + 1
        if line == 0:
            line = self._below_comments(0, above)
            while (more := self._below_comments(line + 1, above)) > line + 1 and self._is_notice(line + 1, more):
                line = more
            if line == above:
                line = _leading(self.index, above)
        blank = line < len(self.index.starts) and not self.index.line(line).strip()
        before = "\n" if line else ""
        if line and blank and line + 1 < len(self.index.starts):
            return line + 1, "", "" if self._blank(line + 1) else self._apart(line + 1)
        return line, before, "" if self._blank(line) else self._apart(line)

    def _apart(self, line: int) -> str:
        """Blank lines between the first import and a line: two before a definition or a comment, else one."""
        written = self.index.line(line) if line < len(self.index.starts) else ""
        return "\n\n" if re.match(r"#|@|def\b|async\b|class\b|$", written) else "\n"

    def _below_comments(self, line: int, above: int) -> int:
        while line < min(len(self.index.starts), above) and self.index.line(line).startswith("#"):
            line += 1
        return line

    def _is_notice(self, line: int, end: int) -> bool:
        """Whether a block of comments, with a blank line below, is about the whole file."""
        return self._blank(end) and any(_NOTICE.search(self.index.line(each)) for each in range(line, end))

    def _blank(self, line: int) -> bool:
        return line < len(self.index.starts) and not self.index.line(line).strip()

    def _group_kind(self, group: Sequence[_Statement]) -> int:
        """What most imports of a group are; -1 for ``__future__``."""
        kinds = [_kind(self._module_of(each)) for each in group]
        return max(set(kinds), key=kinds.count)

    def _module_of(self, statement: _Statement) -> str:
        if statement.node.type == "future_import_statement":
            return "__future__"
        names = self.data[statement.node.start_byte : statement.node.end_byte].decode("utf-8", "replace").split()
        return names[1].rstrip(",") if len(names) > 1 else ""

    def _key(self, statement: _Statement) -> tuple[bool, str, str]:
        is_from = statement.node.type != "import_statement"
        return is_from, self._module_of(statement).lower(), ""


def _top_names(text: str) -> set[str]:
    found = re.findall(r"(?m)^(?:(?:async[ \t]+)?def|class)[ \t]+(\w+)|^(\w+)[ \t]*(?::[^=\r\n]+)?=(?!=)", text)
    return {name for pair in found for name in pair if name}


def _leading(index: LineIndex, limit: int) -> int:
    """Lines at the top that must stay there: ``#!`` and the coding line."""
    line = 0
    while line < min(limit, 2) and re.match(r"#!|#.*coding[:=]", index.line(line)):
        line += 1
    return line


def _groups(header: Sequence[_Statement]) -> list[list[_Statement]]:
    """Runs of imports without a blank line between them."""
    groups: list[list[_Statement]] = []
    for each in header:
        if groups and each.first <= groups[-1][-1].last + 1:
            groups[-1].append(each)
        else:
            groups.append([each])
    return groups


def _kind(module: str) -> int:
    """-1 ``__future__``, 0 standard library, 1 third party (or unknown), 2 relative."""
    head = module.partition(".")[0]
    if head == "__future__":
        return -1
    if not head:
        return 2
    return 0 if head in sys.stdlib_module_names else 1


def _name_key(name: str) -> tuple[int, str]:
    """isort's order of names: CONSTANTS, Classes, functions."""
    head = name.split(" ")[0]
    return (0 if head.isupper() and len(head) > 1 else 1 if head[:1].isupper() else 2), head.lower()
