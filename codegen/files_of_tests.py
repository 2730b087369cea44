"""Where the tests of a generated function are kept: a file of their own, or at the end of one that there is.

``tests/test_<function>.py`` or ``tests/test_<module>.py`` if one of them exists, or the latter in a folder below: what
it imports is not repeated, and nothing in it changes. Where a name there already means something else, the tests get a
file of their own. A project that keeps tests beside its modules, or in a folder of each package, goes on doing so.

Invariant: only insertions; a test that is there is neither replaced nor written twice.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from itertools import islice
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
#: Folders below the one of the tests that are looked into.
MOST_FOLDERS = 200


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
    stem = re.sub(r"\W+", "_", import_spot(request.path).module.rpartition(".")[2])
    folder, last = _folder(request)
    read = reader(request)

    def called(what: str) -> Path:
        return folder / (f"{what}_test.py" if last else f"test_{what}.py")

    there = [called(name), called(stem), *_below(folder, called(stem).name)]
    yield from (each for each in dict.fromkeys(there) if read(each) is not None)
    yield from (each for each in (called(name), called(f"{stem}_{name}")) if read(each) is None)


def _folder(request: GenerationRequest) -> tuple[Path, bool]:
    """Where the tests of a module stand, and whether their names end with ``_test``: in the project's folder of tests,
    else in the one of the module's package, else beside the module if the tests of others do."""
    root, beside = request.root, request.path.parent
    for up in (root, beside):
        for each in _FOLDERS:
            if (up / each).is_dir():
                return up / each, False
    if beside.is_dir() and beside.is_relative_to(root):
        if any(beside.glob("test_*.py")):
            return beside, False
        if any(beside.glob("*_test.py")):
            return beside, True
    return root / _FOLDERS[0], False


def _below(folder: Path, name: str) -> list[Path]:
    """The file of that name in a folder below, if there is just one."""
    found = [*islice((each / name for each in islice(_folders(folder), MOST_FOLDERS) if (each / name).is_file()), 2)]
    return found if len(found) == 1 else []


def _folders(folder: Path) -> Iterator[Path]:
    waiting = [folder]
    while waiting:
        with suppress(OSError):
            inner = sorted(each for each in waiting.pop().iterdir() if each.is_dir() and each.name[0] not in "._")
            yield from inner
            waiting += inner


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
    written = reindented(body, "", module.indent_unit())
    guard = main_guard(module)
    if guard is not None:
        changes.append(Replacement(guard, guard, (written + "\n" * 2).replace("\n", end)))
    else:
        length = len(text)
        there = len(re.findall(r"\r\n|\n|\r", text[len(text.rstrip()) :]))  # line ends at the end
        changes.append(Replacement(length, length, ("\n" * max(0, 3 - there) + written).replace("\n", end)))
    return tuple(sorted(changes, key=lambda each: each.start))


def main_guard(module: Module) -> int | None:
    """Where ``if __name__ == "__main__":`` starts, if that is a module's last statement: it ends the program."""
    last = module.statements[-1] if module.statements else None
    if last is None or not re.match(r"if\b.*\b__name__\b.*__main__", module.index.line(last.first)):
        return None
    return module.index.starts[last.first]


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
