"""Notebooks of cases: ``-- book.ipynb#1 --`` is the first cell of ``book.ipynb``.

On disk a notebook is one file with all of its cells; in the editor each cell is a document with a version of its own,
which changes by ``notebookDocument/didChange``.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from lsprotocol import types

from .archive import Section


def notebook_of(path: str) -> str:
    """The notebook that a section's path names a cell of; empty if it is a file of its own."""
    name, mark, number = path.partition("#")
    return name if mark and name.endswith(".ipynb") and number.isdigit() else ""


def cell_uri(root: Path, path: str) -> str:
    """The URI that VS Code gives a cell."""
    name, _, number = path.partition("#")
    return f"vscode-notebook-cell:{(root / name).as_posix()}#W{number}"


def notebooks(files: Mapping[str, Section]) -> dict[str, list[Section]]:
    """The cells of each notebook of a case, in their order."""
    found: dict[str, list[Section]] = {}
    for path, section in files.items():
        if name := notebook_of(path):
            found.setdefault(name, []).append(section)
    return found


def on_disk(cells: list[Section]) -> bytes:
    """A notebook as Jupyter saves it."""
    written: list[dict[str, object]] = [
        {
            "cell_type": "code",
            "execution_count": None,
            "id": str(number),
            "metadata": {},
            "outputs": [],
            "source": each.text.splitlines(keepends=True),
        }
        for number, each in enumerate(cells, 1)
    ]
    book: dict[str, object] = {"cells": written, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    return (json.dumps(book, indent=1, ensure_ascii=False) + "\n").encode()


def opened(uri: str, cells: list[tuple[str, str]]) -> types.DidOpenNotebookDocumentParams:
    """What an editor sends when a notebook is opened; ``cells`` are URIs and texts."""
    kinds = [types.NotebookCell(types.NotebookCellKind.Code, each) for each, _ in cells]
    items = [types.TextDocumentItem(each, "python", 1, text) for each, text in cells]
    return types.DidOpenNotebookDocumentParams(types.NotebookDocument(uri, "jupyter-notebook", 1, kinds), items)


def changed(
    notebook: types.VersionedNotebookDocumentIdentifier,
    cell: types.VersionedTextDocumentIdentifier,
    events: list[types.TextDocumentContentChangeEvent],
) -> types.DidChangeNotebookDocumentParams:
    """What an editor sends when the text of a cell changes."""
    content = types.NotebookDocumentCellContentChanges(cell, events)
    return types.DidChangeNotebookDocumentParams(
        notebook, types.NotebookDocumentChangeEvent(cells=types.NotebookDocumentCellChanges(text_content=[content]))
    )
