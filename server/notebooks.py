"""Cells of notebooks as documents: what Python sees of one, where it would be saved, and what the others bind.

A cell is a document of its own, with its own version; edits go to the cell that they were made for. Names that another
cell of the notebook binds are known in all of them, whatever the order in which they are run. Lines for the shell and
for magic (``%time``, ``!ls``) are not Python and are left out; a cell that begins with ``%%`` is left out as a whole.

Invariant: what is left out keeps its length, so every position is that of the cell as the editor has it.
"""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from .documents import Document, Snapshot, splice_between

if TYPE_CHECKING:
    from ..analyzers.engine import Engine

_MAGIC = re.compile(rb"^([ \t]*)((?:%{1,2}[A-Za-z]|[!?])[^\r\n]*|[\w.]+\?{1,2}[ \t]*)(?=\r?$)", re.MULTILINE)
_CELL_MAGIC = re.compile(rb"\s*%%[A-Za-z!]")
_OTHER = re.compile(rb"[^\r\n]+")

#: VS Code's names of cells: a letter, the cell's own number, ``s``, and the scheme in base 64.
_VSCODE = re.compile(r"^([A-Z][0-9a-z]{1,7})s[\w+/-]{4,}=*$", re.ASCII)


def cell_path(uri: str, notebook_uri: str) -> str:
    """Where the cell would be if it were a file: beside its notebook, with a name that can be imported."""
    notebook = PurePosixPath(unquote(urlsplit(notebook_uri).path))
    fragment = urlsplit(uri).fragment or urlsplit(uri).path.rpartition("/")[2]
    fragment = _VSCODE.sub(r"\1", unquote(fragment))  # people read this name in what was run
    name = re.sub(r"\W+", "_", f"cell_{notebook.stem}_{fragment}")
    return str(notebook.with_name(f"{name}.py"))


def python_of(data: bytes) -> bytes:
    """A cell's text as Python sees it, of the same length."""
    if _CELL_MAGIC.match(data):
        return _OTHER.sub(lambda match: b"#" + b" " * (len(match.group()) - 1), data)
    return _MAGIC.sub(_left_out, data) if b"%" in data or b"!" in data or b"?" in data else data


def _left_out(match: re.Match[bytes]) -> bytes:
    """A comment; where the line is indented, and may be all that its block holds, a statement that does nothing."""
    indent, line = match[1], match[2]
    if not indent or len(line) < 3:
        return indent + b"#" + line[1:]
    return indent + (b"..." + b"#" * (len(line) > 3) + line[4:])


class CellSnapshot(Snapshot):
    """What a cell was at one version."""

    @property
    def python(self) -> str:
        return python_of(self.text.encode("utf-8")).decode("utf-8")


class Cell(Document):
    """One code cell of a notebook."""

    @property
    def data_as_python(self) -> bytes:
        return python_of(self.data)

    @property
    def python(self) -> str:
        return self.data_as_python.decode("utf-8")

    def snapshot(self) -> Snapshot:
        return CellSnapshot(self.uri, self.path, self.version, self.text, self.encoding)

    @property
    def analysis(self) -> Engine:
        """The engine, brought up to what Python sees of this version; cells are small, so texts are compared."""
        data = self.data_as_python
        if self._engine is None:
            self._engine = self._engine_factory(self.path, data)
        elif (splice := splice_between(self._engine_data, data)) is not None:
            self._engine.edit(*splice, data)
        self._pending, self._engine_data = [], data
        return self._engine
