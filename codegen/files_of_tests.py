"""Where the tests of a generated function are kept: a file of their own, or at the end of one that there is.

``tests/test_<function>.py`` or ``tests/test_<module>.py`` if one of them exists: what it imports is not repeated, and
nothing in it changes. Where a name there already means something else, the tests get a file of their own.

Invariant: only insertions; a test that is there is neither replaced nor written twice.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from ..analyzers.findings import FileEdit, Replacement, text_hash
from ..analyzers.fuzzing.project import import_spot
from .imports import Import, Module, read_imports
from .placement import reindented
from .proposal import GenerationRequest
from .triggers import definitions as defs
from .triggers.definitions import Parsed
from .triggers.locate import reader

_FOLDERS = ("tests", "test")


def edit_of_tests(request: GenerationRequest, name: str, tests: str) -> FileEdit | None:
    """The edit that adds ``tests`` (a whole pytest file) of the function ``name``; None if they are there already."""
    read = reader(request)
    for path in _places(request, name):
        text = read(path)
        if text is None:
            if path.exists():
                continue  # it cannot be read
            return FileEdit(path.as_posix(), "", (Replacement(0, 0, tests),))
        added = appended(text, tests)
        if added == ():
            return None
        if added is not None:
            return FileEdit(path.as_posix(), text_hash(text), added)
    return None


def _places(request: GenerationRequest, name: str) -> Iterator[Path]:
    """Files that may take the tests, the likeliest first."""
    root = request.root
    folder = next((root / each for each in _FOLDERS if (root / each).is_dir()), root / _FOLDERS[0])
    stem = re.sub(r"\W+", "_", import_spot(request.path).module.rpartition(".")[2])
    read = reader(request)
    own = folder / f"test_{name}.py"
    for path in (own, folder / f"test_{stem}.py"):
        if read(path) is not None:
            yield path
    yield from (each for each in (own, folder / f"test_{stem}_{name}.py") if read(each) is None)


def appended(text: str, tests: str) -> tuple[Replacement, ...] | None:
    """The insertions that add ``tests`` to ``text``: none if they are there, None if a name is in the way."""
    if not text.strip():
        return (Replacement(len(text), len(text), tests),)
    module, imports, body = Module(text), *_parts(tests)
    known, new = _definitions(text), _definitions(body)
    if any(known.get(name) == written for name, written in new.items()):
        return ()
    if set(known) & set(new):
        return None
    missing = [each for each in imports if module.bound.get(each.local) != each.origin]
    if any(each.local in module.names for each in missing):
        return None
    end = module.line_ending(0)
    first = next((each.first for each in module.statements), 0)
    changes = module.import_insertions(missing, first, end)
    length = len(text)
    there = len(re.findall(r"\r\n|\n|\r", text[len(text.rstrip()) :]))  # line ends at the end
    body = "\n" * max(0, 3 - there) + reindented(body, "", module.indent_unit())
    changes.append(Replacement(length, length, body.replace("\n", end)))
    return tuple(sorted(changes, key=lambda each: each.start))


def _parts(tests: str) -> tuple[tuple[Import, ...], str]:
    """The imports of a test file and what follows them; its docstring is left out."""
    parsed = Parsed.of(tests)
    imports: list[Import] = []
    position = 0
    for number, each in enumerate(parsed.root.named_children):
        if each.type in ("import_statement", "import_from_statement"):
            imports += read_imports([parsed.text(each)])
        elif each.type != "comment" and not (number == 0 and each.type == "expression_statement"):
            break
        position = each.end_byte
    return tuple(imports), parsed.data[position:].decode("utf-8", "surrogatepass").strip("\n") + "\n"


def _definitions(text: str) -> dict[str, str]:
    """Top-level functions and classes with their text, spaces and line ends aside."""
    parsed = Parsed.of(text)
    return {each.name: " ".join(parsed.text(each.node).split()) for each in defs.top_definitions(parsed)}
