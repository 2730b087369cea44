"""Notebooks: their Python cells are opened, changed and closed as documents, and everything else follows from that.

A change of a cell's text takes the way of any document's change; a change of what the cells bind makes the others of
the notebook look again at their names.

Invariant: a text document's own way is not touched; what is done here is done for notebooks only.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import TYPE_CHECKING
from urllib.parse import unquote

from lsprotocol import types

from ..documents import Document
from ..notebooks import Cell, cell_path
from ..session import Session, session_of

if TYPE_CHECKING:
    from ..app import SutureServer

log = logging.getLogger(__name__)

PYTHON = "python"


def register(server: SutureServer) -> None:
    session = session_of(server)
    notebooks = _Notebooks(session)
    server.inline(types.NOTEBOOK_DOCUMENT_DID_OPEN)(notebooks.opened)
    server.inline(types.NOTEBOOK_DOCUMENT_DID_CHANGE)(notebooks.changed)
    server.inline(types.NOTEBOOK_DOCUMENT_DID_SAVE)(notebooks.saved)
    server.inline(types.NOTEBOOK_DOCUMENT_DID_CLOSE)(notebooks.closed)
    server.changed.connect(notebooks.cell_changed)


class _Notebooks:
    """What the cells of each notebook bind, so that only news are told."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.server = session.server
        self._bound: dict[str, frozenset[str] | None] = {}  # by the cell's URI

    def opened(self, params: types.DidOpenNotebookDocumentParams) -> None:
        self._open(params.notebook_document.uri, params.cell_text_documents)

    def _open(self, notebook: str, items: Sequence[types.TextDocumentItem]) -> None:
        workspace = self.server.workspace
        cells: list[Document] = []
        for item in items:
            if item.language_id != PYTHON:
                continue
            cell = Cell(item.uri, item.text, item.version, item.language_id, workspace.encoding)
            cell.path = cell_path(item.uri, notebook)
            workspace.put_cell(cell, notebook)
            cells.append(cell)
        for cell in cells:
            self.server.opened.emit(cell)
        if news := [cell for cell in cells if self._binds_others(cell)]:  # of all at once: a notebook may have hundreds
            last = news[-1]
            self._look_again((*workspace.cells_beside(last.uri), *([last] if len(news) > 1 else [])))

    def changed(self, params: types.DidChangeNotebookDocumentParams) -> None:
        cells = params.change.cells
        if cells is None:
            return
        if cells.structure is not None:
            for gone in cells.structure.did_close or ():
                self._close(gone.uri)
            self._open(params.notebook_document.uri, cells.structure.did_open or ())
        for text in cells.text_content or ():
            if self.server.opened_document(text.document.uri) is None:
                log.warning("ignored a change of a cell that is not open")
                continue
            change = types.DidChangeTextDocumentParams(text.document, text.changes)
            self.server.protocol.arrived(types.TEXT_DOCUMENT_DID_CHANGE, change)

    def saved(self, params: types.DidSaveNotebookDocumentParams) -> None:
        notebook = unquote(params.notebook_document.uri)
        for document in self.server.documents:
            if self.server.workspace.notebook_of(document.uri) == notebook:
                self.server.saved.emit(document)

    def closed(self, params: types.DidCloseNotebookDocumentParams) -> None:
        for cell in params.cell_text_documents:
            self._bound.pop(unquote(cell.uri), None)  # nobody is left to look again
        for cell in params.cell_text_documents:
            self._close(cell.uri)

    def _close(self, uri: str) -> None:
        document = self.server.opened_document(uri)
        if document is None:
            return
        beside = self.server.workspace.cells_beside(uri)
        self.server.workspace.remove_text_document(uri)
        self.server.closed.emit(uri)
        if self._bound.pop(unquote(uri), frozenset()) != frozenset():
            self._look_again(beside)

    def cell_changed(self, cell: Document) -> None:
        """The other cells look at their names again if this one binds others than before."""
        workspace = self.server.workspace
        if workspace.notebook_of(cell.uri) and self._binds_others(cell):
            self._look_again(workspace.cells_beside(cell.uri))

    def _binds_others(self, cell: Document) -> bool:
        """Whether it binds other names than when it was last asked."""
        before, bound = self._bound.get(unquote(cell.uri), frozenset()), cell.analysis.bound()
        self._bound[unquote(cell.uri)] = bound
        return bound != before

    def _look_again(self, cells: Sequence[Document]) -> None:
        for each in cells:
            self.session.review(each.uri).renew()
            self.session.news.emit(each)
