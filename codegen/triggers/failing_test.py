"""A test for a function that does not exist yet: the function is written into the module that the test has it from.

    from shop.prices import with_tax        # shop/prices.py has no with_tax

    def test_tax_is_added():
        assert with_tax(100, rate=20) == 120

On the import, or anywhere in a test that uses the name. The tests that use it are the specification: comparisons with
literals are its examples, and all of them are run.

Invariant: only files of the workspace are read, as text, and one of them at most for each module that a line names.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from tree_sitter import Node

from ...analyzers.errors import UserError
from ...analyzers.fuzzing.project import import_spot, search_path
from ...analyzers.source import read_source
from ...analyzers.syntax import descend
from ..examples import find_calls
from . import definitions as defs
from .definitions import Definition, Parsed
from .target import Target

#: Gives the text of a file as the editor has it; None if there is none.
Read = Callable[[Path], str | None]

_TEST_FILE = re.compile(r"(?:test_.*|.*_test|tests)\.py", re.IGNORECASE)
_TOP_NAME = (
    r"(?m)^[ \t]{{0,8}}(?:(?:async[ \t]+)?def|class)[ \t]+{0}\b"
    r"|^[ \t]{{0,8}}{0}[ \t]*(?::[^=\r\n]+)?=(?!=)|^[ \t]*(?:from\b.*)?import\b.*\b{0}\b"
)


@dataclass(frozen=True, slots=True)
class Imported:
    """What a test calls: ``local`` in its own words (``with_tax`` or ``prices.with_tax``)."""

    name: str
    local: str
    module: str
    path: Path
    text: str  # of the module


def read_file(path: Path) -> str | None:
    """The text of a file on disk."""
    try:
        return read_source(path).text if path.is_file() else None
    except UserError:
        return None


def is_test_file(path: Path) -> bool:
    return _TEST_FILE.fullmatch(path.name) is not None


def failing_test_at(text: str, line: int, path: Path, root: Path, read: Read = read_file) -> Target | None:
    """The function that the test or import at ``line`` (0-based) waits for."""
    return failing_test_in(Parsed.of(text), line, path, root, read) if is_test_file(path) else None


def failing_test_in(parsed: Parsed, line: int, path: Path, root: Path, read: Read = read_file) -> Target | None:
    """:func:`failing_test_at` of the text of a test file whose tree is there."""
    if not 0 <= line < parsed.lines.line_count:
        return None
    scope = _scope(parsed, line)
    if scope is None:
        return None
    for name in _wanted(parsed, scope, path, root, read):
        return _target(parsed, name, path)
    return None


def _scope(parsed: Parsed, line: int) -> Node | None:
    """The import statement or the test that the line is in."""
    around = list(defs.definitions_around(parsed, line))
    if around:
        return around[-1].whole
    for each in parsed.root.named_children:
        if each.type in ("import_from_statement", "import_statement") and _on(each, line):
            return each
    return None


def _on(node: Node, line: int) -> bool:
    return defs.first_line(node) <= line <= defs.last_line(node)


# --- what is missing -------------------------------------------------------------------------------------------------


def _wanted(parsed: Parsed, scope: Node, path: Path, root: Path, read: Read) -> Iterator[Imported]:
    """Names that the scope uses and the module that they come from does not have."""
    used = _used(parsed, scope)
    for statement in parsed.root.named_children:
        if statement.type == "import_from_statement":
            yield from _from(parsed, statement, scope, used, path, root, read)
        elif statement.type == "import_statement":
            yield from _plain(parsed, statement, used, path, root, read)


def _used(parsed: Parsed, scope: Node) -> list[tuple[str, str]]:
    """``(object or "", name)`` of what is called in the scope, in order."""
    found: list[tuple[str, str]] = []
    for each in descend(scope):
        if each.type != "call":
            continue
        function = each.child_by_field_name("function")
        if function is None:
            continue
        if function.type == "identifier":
            found.append(("", parsed.text(function)))
        elif function.type == "attribute":
            head, tail = function.child_by_field_name("object"), function.child_by_field_name("attribute")
            if head is not None and tail is not None:
                found.append((parsed.text(head), parsed.text(tail)))
    return found


def _from(
    parsed: Parsed, statement: Node, scope: Node, used: list[tuple[str, str]], path: Path, root: Path, read: Read
) -> Iterator[Imported]:
    source = statement.child_by_field_name("module_name")
    if source is None:
        return
    module = "".join(parsed.text(source).split())
    file: Path | None = None
    for item in statement.children_by_field_name("name"):
        original = (item.child_by_field_name("name") if item.type == "aliased_import" else item) or item
        alias = item.child_by_field_name("alias") if item.type == "aliased_import" else None
        name, local = parsed.text(original), parsed.text(alias if alias is not None else original)
        asked = scope.id == statement.id or ("", local) in used
        if asked:
            file = file or module_file(module, path, root, read)
            if file is not None and (found := _lacking(file, name, local, module, read)) is not None:
                if not _submodule(file, name):
                    yield found
                continue
        for head, tail in used:  # `from shop import prices`, `prices.with_tax(…)`
            if head == local:
                inner = module_file(f"{module}{'' if module.endswith('.') else '.'}{name}", path, root, read)
                found = _lacking(inner, tail, f"{local}.{tail}", module, read) if inner is not None else None
                if found is not None:
                    yield found


def _plain(
    parsed: Parsed, statement: Node, used: list[tuple[str, str]], path: Path, root: Path, read: Read
) -> Iterator[Imported]:
    for item in statement.children_by_field_name("name"):
        original = (item.child_by_field_name("name") if item.type == "aliased_import" else item) or item
        alias = item.child_by_field_name("alias") if item.type == "aliased_import" else None
        module, local = parsed.text(original), parsed.text(alias if alias is not None else original)
        for head, tail in used:
            if head == local:
                file = module_file(module, path, root, read)
                found = _lacking(file, tail, f"{local}.{tail}", module, read) if file is not None else None
                if found is not None:
                    yield found


def _lacking(file: Path, name: str, local: str, module: str, read: Read) -> Imported | None:
    """The name if its module does not have it. A module with a star import or ``__getattr__`` may have anything."""
    text = read(file)
    if text is None or re.search(r"(?m)^from\b.*\bimport[ \t]*\*|^def[ \t]+__getattr__\b", text):
        return None
    if not name.isidentifier() or re.search(_TOP_NAME.format(re.escape(name)), text):
        return None
    return Imported(name, local, module, file, text)


def _submodule(file: Path, name: str) -> bool:
    if file.name != "__init__.py":
        return False
    return (file.parent / f"{name}.py").exists() or (file.parent / name).is_dir()


def module_file(module: str, path: Path, root: Path, read: Read = read_file) -> Path | None:
    """The file of the workspace that a module's name means, seen from ``path``; None for what is installed."""
    spot = import_spot(path)
    if module.startswith("."):
        folder = path.parent
        for _ in range(len(module) - len(module.lstrip(".")) - 1):
            folder = folder.parent
        folders, parts = [folder], [each for each in module.lstrip(".").split(".") if each]
    else:
        folders, parts = [*search_path(root, spot)], module.split(".")
    for folder in folders:
        base = folder.joinpath(*parts)
        for file in (base.with_suffix(".py"), base / "__init__.py") if parts else (base / "__init__.py",):
            if (root in file.parents) and read(file) is not None:
                return file
    return None


# --- the target ------------------------------------------------------------------------------------------------------


def _target(parsed: Parsed, wanted: Imported, path: Path) -> Target:
    module = Parsed.of(wanted.text)
    line = _end_of_module(module)
    kept = [each for each in defs.top_definitions(parsed) if _uses(parsed, each.whole, wanted)]
    return Target(
        first=line,
        last=line,
        indent="",
        text=_words(parsed, kept, wanted),
        kind="failing_test",
        name=wanted.name,
        path=wanted.path,
        tests=_tests(parsed, kept, wanted),
        tests_path=path,
    )


def _end_of_module(module: Parsed) -> int:
    """The last line of what a module says, ``if __name__ == "__main__"`` left out; -1 for an empty one."""
    last = said = -1  # with and without comments
    for each in module.root.named_children:
        if each.type == "if_statement" and "__main__" in module.text(each) and "__name__" in module.text(each):
            return said
        last = defs.last_line(each)
        said = said if each.type == "comment" else last
    return last


def _uses(parsed: Parsed, node: Node, wanted: Imported) -> bool:
    head, _, _ = wanted.local.rpartition(".")
    return any(found == (head, wanted.local.rpartition(".")[2]) for found in _used(parsed, node)) or (
        not head and re.search(rf"\b{re.escape(wanted.local)}\b", parsed.text(node)) is not None
    )


def _tests(parsed: Parsed, kept: list[Definition], wanted: Imported) -> str:
    """The test file without the tests of other things, and without the names that wait for other functions."""
    keep = {each.whole.id for each in kept}
    cuts: list[tuple[int, int, str]] = []
    for each in defs.top_definitions(parsed):
        if each.name.startswith(("test", "Test")) and each.whole.id not in keep:
            cuts.append((each.whole.start_byte, each.whole.end_byte, ""))
    for statement in parsed.root.named_children:
        if statement.type == "import_from_statement":
            cuts += _without_others(parsed, statement, wanted)
    parts: list[str] = []
    position = 0
    for start, end, instead in sorted(cuts):
        parts += (parsed.data[position:start].decode("utf-8", "replace"), instead)
        position = end
    parts.append(parsed.data[position:].decode("utf-8", "replace"))
    return re.sub(r"\r\n|\r", "\n", "".join(parts))


def _without_others(parsed: Parsed, statement: Node, wanted: Imported) -> Iterator[tuple[int, int, str]]:
    """``from m import f, g`` without the ``g`` that ``m`` does not have either."""
    source = statement.child_by_field_name("module_name")
    if source is None or "".join(parsed.text(source).split()) != wanted.module:
        return
    names = [" ".join(parsed.text(each).split()) for each in statement.children_by_field_name("name")]
    heads = [each.split(" ")[0] for each in names]
    there = [
        name
        for head, name in zip(heads, names, strict=True)
        if head == wanted.name or re.search(_TOP_NAME.format(re.escape(head)), wanted.text)
    ]
    if there and len(there) < len(names):
        yield statement.start_byte, statement.end_byte, f"from {wanted.module} import {', '.join(there)}"


def _words(parsed: Parsed, kept: list[Definition], wanted: Imported) -> str:
    """Examples that the tests hold, one a line; without any, what the tests are called."""
    examples: list[str] = []
    for each in kept:
        examples += _examples(parsed, each.whole, wanted)
    if examples:
        return "\n".join(_one_shape(list(dict.fromkeys(examples))))
    names = [re.sub(r"_+", " ", each.name).strip() for each in kept]
    return f"A function called {wanted.name}" + (f" that passes: {'; '.join(names)}" if names else "")


def _one_shape(examples: list[str]) -> list[str]:
    """Examples that call it in the commonest way only: one function's examples have one shape."""
    shapes: dict[tuple[int, tuple[str, ...]], list[str]] = {}
    for each in examples:
        for call in find_calls(each):
            key = (len(call.example.args), tuple(sorted(name for name, _ in call.example.kwargs)))
            shapes.setdefault(key, []).append(each)
    return max(shapes.values(), key=len) if shapes else examples


def _examples(parsed: Parsed, test: Node, wanted: Imported) -> Iterator[str]:
    """``f(1) -> 2`` of ``assert f(1) == 2``, of ``pytest.raises`` and of parameters that are literals."""
    tables = list(_tables(parsed, test))
    for node in descend(test):
        if node.type == "assert_statement":
            yield from _asserted(parsed, node, wanted, tables)
        elif node.type == "with_statement":
            yield from _raised(parsed, node, wanted)


def _call(parsed: Parsed, node: Node | None, wanted: Imported) -> str:
    """``(1, 2)`` of a call of the function; empty for anything else."""
    if node is None or node.type != "call":
        return ""
    function, given = node.child_by_field_name("function"), node.child_by_field_name("arguments")
    if function is None or given is None or parsed.text(function) != wanted.local:
        return ""
    return _one_line(parsed.text(given))


def _one_line(text: str) -> str:
    return re.sub(r"\s*[\r\n]\s*", " ", text)


def _asserted(
    parsed: Parsed, node: Node, wanted: Imported, tables: list[tuple[list[str], list[list[str]]]]
) -> Iterator[str]:
    compared = node.named_children[0] if node.named_children else None
    if compared is None:
        return
    if compared.type != "comparison_operator":
        negated = compared.type == "not_operator"
        given = _call(parsed, compared.named_children[0] if negated else compared, wanted)
        if given:
            yield f"{wanted.name}{given} -> {not negated}"
        return
    if len(compared.named_children) != 2 or not any(each.type in ("==", "is") for each in compared.children):
        return
    left, right = compared.named_children
    given, expected = _call(parsed, left, wanted), _one_line(parsed.text(right))
    if not given:
        given, expected = _call(parsed, right, wanted), _one_line(parsed.text(left))
    if given:
        approximate = re.fullmatch(r"(?:pytest\.)?approx\((.*)\)", expected)
        expected = approximate[1] if approximate else expected
        rows = [_filled(given, expected, names, row) for names, table in tables for row in table]
        for each in [row for row in rows if row is not None] or [(given, expected)]:
            yield f"{wanted.name}{each[0]} -> {each[1]}"


def _filled(given: str, expected: str, names: list[str], row: list[str]) -> tuple[str, str] | None:
    if len(names) != len(row):
        return None
    values = dict(zip(names, row, strict=True))
    pattern = re.compile(rf"\b({'|'.join(map(re.escape, names))})\b(?!\s*=[^=])")
    if not pattern.search(given) and not pattern.search(expected):
        return None

    def value(match: re.Match[str]) -> str:
        return values[match[1]]

    return pattern.sub(value, given), pattern.sub(value, expected)


def _tables(parsed: Parsed, test: Node) -> Iterator[tuple[list[str], list[list[str]]]]:
    """Names and rows of each ``pytest.mark.parametrize`` with literal rows."""
    for each in descend(test):
        if each.type != "call":
            continue
        function, given = each.child_by_field_name("function"), each.child_by_field_name("arguments")
        if function is None or given is None or not parsed.text(function).endswith("parametrize"):
            continue
        parts = [part for part in given.named_children if part.type != "comment"]
        if len(parts) < 2:
            continue
        names = re.findall(r"\w+", re.sub(r"[\"'()\[\]]", " ", parsed.text(parts[0])))
        rows = [row for row in parts[1].named_children if row.type != "comment"]
        yield (
            names,
            [
                [_one_line(parsed.text(cell)) for cell in row.named_children if cell.type != "comment"]
                if len(names) > 1
                else [_one_line(parsed.text(row))]
                for row in rows
            ],
        )


def _raised(parsed: Parsed, node: Node, wanted: Imported) -> Iterator[str]:
    """``with pytest.raises(ValueError): f("x")``"""
    body = node.child_by_field_name("body")
    head = parsed.data[node.start_byte : body.start_byte if body is not None else node.end_byte].decode()
    raised = re.search(r"\braises\(\s*(\w+)", head)
    if raised is None or body is None:
        return
    for each in descend(body):
        given = _call(parsed, each, wanted)
        if given:
            yield f"{wanted.name}{given} raises {raised[1]}"
