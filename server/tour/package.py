"""A copy of a real package to play on, and the faults that are seeded into it.

Invariant: the original is read only; everything happens in a temporary copy.
"""

from __future__ import annotations

import ast
import importlib.util
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from ...analyzers.engine import analyse
from ...analyzers.errors import UserError
from ...analyzers.source import read_source

#: The package of the plain tour: small, typed, imported by the test runner that Suture depends on.
DEFAULT = "packaging"

#: What a copy leaves behind.
_LEFT = shutil.ignore_patterns(
    ".git", ".hg", ".venv", "venv", "node_modules", "__pycache__", ".tox", ".nox", ".*_cache", "*.pyc", "build", "dist"
)

#: A copy larger than this is refused (bytes): the tour is for a package, not for a home folder.
MAX_BYTES = 200 * 1024 * 1024

REVIEWED = '''

def fetch_for_tour(name: str) -> int:
    """Fetch a distribution by name."""
    import subprocess

    return subprocess.call(f"pip download {name}", shell=True)
'''

FUZZED = '''

def share_for_tour(parts: list[int]) -> float:
    """The first part's share of the whole."""
    return parts[0] / sum(parts)
'''

GENERATED = """

# slugify_for_tour("Hello, World!") -> "hello-world"
# slugify_for_tour("A b!") -> "a-b"
"""

#: A function with a misspelt name, and a test of it that fails.
BROKEN = '''"""Seeded by the tour: the sum of squares, with a misspelt name."""


def sum_of_squares(numbers: list[int]) -> int:
    result = 0
    for number in numbers:
        result += number * number
    return reslut
'''
BROKEN_TEST = """from tour_squares import sum_of_squares


def test_sum_of_squares():
    assert sum_of_squares([1, 2, 3]) == 14


def test_sum_of_nothing():
    assert sum_of_squares([]) == 0
"""


@dataclass(frozen=True, slots=True)
class Playground:
    """A copy to play on: its root, the module that is opened, and the import line that will go missing."""

    name: str
    root: Path
    module: Path
    removed: str
    files: int
    lines: int


def make_playground(source: Path | None, scratch: Path) -> Playground:
    """Copy a package (default: :data:`DEFAULT`) into ``scratch`` and choose a module to open.

    Raises UserError if there is nothing to play on."""
    if source is None:
        found = importlib.util.find_spec(DEFAULT)
        if found is None or not found.submodule_search_locations:
            raise UserError(f"the package {DEFAULT} is not installed", "name a folder: suture tour PATH")
        source, label = Path(found.submodule_search_locations[0]), f"{DEFAULT} {version(DEFAULT)}"
    else:
        source = source.resolve()
        label = source.name
    if not source.is_dir():
        raise UserError(f"{source} is not a folder", "name the folder of a package: suture tour PATH")
    size = sum(path.stat().st_size for path in source.rglob("*") if path.is_file() and ".git" not in path.parts)
    if size > MAX_BYTES:
        raise UserError(f"{source} is {size // 2**20} MiB", f"the tour copies at most {MAX_BYTES // 2**20} MiB")
    root = scratch / "workspace"
    shutil.copytree(source, root / source.name, ignore=_LEFT, symlinks=True)
    files = [path for path in sorted(root.rglob("*.py")) if path.is_file()]
    texts = {path: text for path in files if (text := _readable(path)) is not None}
    module, removed = _choose(texts)
    return Playground(label, root, module, removed, len(files), sum(text.count("\n") for text in texts.values()))


def _readable(path: Path) -> str | None:
    try:
        found = read_source(path)
    except UserError:
        return None
    return found.text if found.encoding == "utf-8" and not found.bom else None


def _choose(texts: dict[Path, str]) -> tuple[Path, str]:
    """The module nearest to 300 lines that uses an ``import`` of the standard library and has no static fault."""
    ranked = sorted(texts.items(), key=lambda item: (abs(item[1].count("\n") - 300), str(item[0])))
    for path, text in ranked:
        for line in _removable_imports(text):
            without = text.replace(line, "", 1)
            faults = [each for each in analyse(str(path), text, rules=()).findings]
            if faults:
                break
            missing = analyse(str(path), without, rules=()).findings
            if missing and all(each.rule == "undefined-name" for each in missing):
                return path, line
    raise UserError("no module here uses an import of the standard library", "try the plain tour: suture tour")


def _removable_imports(text: str) -> Iterator[str]:
    """Lines ``import name`` at module level, of top-level modules of the standard library."""
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError):
        return
    for node in tree.body:
        if isinstance(node, ast.Import) and len(node.names) == 1 and node.names[0].asname is None:
            name = node.names[0].name
            line = f"import {name}\n"
            if name in sys.stdlib_module_names and f"\n{line}" in text and text.count(line) == 1:
                yield line
