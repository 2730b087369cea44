"""What the features of one server share: its client, its workers, and what is known of each open document.

Invariant: one :class:`Session` for each server, made on first use; nothing is started by making it.
"""

from __future__ import annotations

import asyncio
import itertools
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from ..analyzers.errors import UserError
from ..analyzers.findings import Edit, Finding
from ..analyzers.source import read_source
from .answers import Ahead
from .app import Signal, SutureServer
from .client import Client
from .counterexamples import Counterexample, counterexample_page
from .documents import Document, Snapshot
from .edits import Base
from .evidence import Pages, edit_page, finding_page
from .failures import Failures, Offer, RunOf
from .first_imports import Imported
from .growth import Measurements
from .known import Known
from .proven import Proofs
from .reviews import Review
from .workers import Workers

#: Suffixes of files that are reviewed; a document without one is reviewed if the editor calls it Python.
SUFFIXES = (".py", ".pyi", ".pyw")


@dataclass(frozen=True, slots=True)
class Healed:
    """Repairs of one finding, computed on one text. ``cut_off``: none passed, and a run took too long to say."""

    version: int | None
    edits: tuple[Edit, ...]
    cut_off: bool = False


@dataclass
class Session:
    """Shared by the features of one server."""

    server: SutureServer
    workers: Workers
    pages: Pages = field(default_factory=Pages)
    reviews: dict[str, Review] = field(default_factory=dict[str, Review])
    healed: dict[tuple[str, str], Healed] = field(default_factory=dict[tuple[str, str], Healed])
    quick: dict[str, tuple[int | None, dict[str, Healed]]] = field(  # by URI: the version, and repairs not run
        default_factory=dict[str, "tuple[int | None, dict[str, Healed]]"]
    )
    counterexamples: dict[str, Counterexample] = field(default_factory=dict[str, Counterexample])
    runs: dict[tuple[str, str], Mapping[str, Any]] = field(  # the last fuzzing of a target: (uri, name) → Done
        default_factory=dict[tuple[str, str], "Mapping[str, Any]"]
    )
    #: Counterexamples of files that are not open, by URI.
    closed_findings: dict[str, dict[str, Finding]] = field(default_factory=dict[str, dict[str, Finding]])
    failures: Failures = field(default_factory=Failures)  # of the last runs
    applied: dict[str, tuple[float, str, Offer]] = field(  # by URI: when, the hash of the text before, and what
        default_factory=dict[str, tuple[float, str, Offer]]
    )
    #: Applied proposals that are not in the records yet: whoever reads these waits for them.
    noting: set[asyncio.Task[Any]] = field(default_factory=set["asyncio.Task[Any]"])
    generated_in: set[Path] = field(default_factory=set[Path])  # roots into which code was generated since the start
    known: Known = field(default_factory=Known)  # what was dismissed, and what a baseline knows
    surveyed: set[Path] = field(default_factory=set[Path])  # roots whose files the worker is learning
    ahead: Ahead = field(default_factory=Ahead)  # generated, or being generated
    proofs: Proofs = field(default_factory=Proofs)  # of improvements
    measurements: Measurements = field(default_factory=Measurements)  # how functions grow
    imported: Imported = field(default_factory=Imported)  # what came of modules that were imported first
    ran: Signal[[RunOf]] = field(default_factory=lambda: Signal[[RunOf]]())  # a run ended, and is shown
    news: Signal[[Document]] = field(default_factory=lambda: Signal[[Document]]())  # its diagnostics changed
    news_of_closed: Signal[[str]] = field(default_factory=lambda: Signal[[str]]())  # a URI in closed_findings
    fuzzed: Signal[[str]] = field(default_factory=lambda: Signal[[str]]())  # a search of something in this URI ended
    reviewed: Signal[[Document]] = field(default_factory=lambda: Signal[[Document]]())
    _serials: itertools.count[int] = field(default_factory=itertools.count)
    _repositories: dict[Path, bool] = field(default_factory=dict[Path, bool])
    _client: Client | None = None

    @property
    def client(self) -> Client:
        """What the client can do; only after ``initialize``."""
        if self._client is None:
            self._client = Client.of(self.server.client_capabilities, self.server.workspace.encoding)
        return self._client

    # -- documents

    def stamp(self) -> dict[str, int | None]:
        """The versions of all open documents: what a run sees of them."""
        return {document.uri: document.version for document in self.server.documents}

    def where(self, document: Document | Snapshot) -> Path:
        """The document's absolute path; of one that has no file yet, the place where it might be saved."""
        if os.path.isabs(document.path):
            return _path(document.path)
        folder = self.server.roots[0] if self.server.roots else Path(os.path.abspath(os.sep))
        return folder / Path(document.path or "untitled").with_suffix(".py").name

    def in_repository(self, document: Document) -> bool:
        """Does the document's root lie in a git repository? Looked up once for each root."""
        root = self.server.root_of(self.where(document))
        if root not in self._repositories:
            self._repositories[root] = any((each / ".git").exists() for each in (root, *root.parents))
        return self._repositories[root]

    def reviewable(self, document: Document) -> bool:
        """Is this a Python file?"""
        return document.language_id == "python" or document.path.endswith(SUFFIXES)

    def review(self, uri: str) -> Review:
        """The state of an open document."""
        key = unquote(uri)
        found = self.reviews.get(key)
        if found is None:
            found = self.reviews[key] = Review(uri, next(self._serials))
        return found

    def forget(self, uri: str) -> None:
        """The document was closed."""
        uri = unquote(uri)
        self.reviews.pop(uri, None)
        for key in [key for key in self.healed if key[0] == uri]:
            del self.healed[key]
        self.ahead.forget(uri)
        for key in [key for key in self.quick if unquote(key) == uri]:
            del self.quick[key]

    def lookup(self, path: str) -> Base:
        """The current text of a path: the editor's if it is open there, else the disk's."""
        for document in self.server.documents:
            if str(self.where(document)) == path:
                return Base(document.uri, document.text, document.version)
        uri = Path(path).as_uri()
        try:
            return Base(uri, read_source(Path(path)).text, None)
        except UserError:
            if Path(path).exists():
                raise
            return Base(uri, None, None)

    def unsaved(self, root: Path, besides: str = "") -> dict[str, str]:
        """Texts of the open documents below a folder, by relative path: what a run must see instead of the disk.

        ``besides`` is a document that is not wanted."""
        files: dict[str, str] = {}
        for document in self.server.documents:
            path = self.where(document)
            if path.is_relative_to(root) and str(path) != besides:
                files[path.relative_to(root).as_posix()] = document.text
        return files

    # -- evidence

    def remember(self, ident: str, value: Finding | Edit) -> str:
        """Keep the evidence of a finding or an edit so that it can be shown."""
        if isinstance(value, Edit):
            return self.pages.put(ident, lambda: edit_page(value))
        known = self.counterexamples.get(ident)
        if known is None:
            return self.pages.put(ident, lambda: finding_page(value, self.server.roots))
        run = self.runs.get((known.uri, known.name))
        return self.pages.put(ident, lambda: counterexample_page(value, known, run))


@lru_cache(maxsize=256)
def _path(text: str) -> Path:
    return Path(text)


def session_of(server: SutureServer) -> Session:
    """The server's session; it lives as long as the server."""
    attributes = vars(server)
    session = attributes.get("_session")
    if not isinstance(session, Session):
        session = attributes["_session"] = Session(server, Workers(server.children))
        server.stopping.connect(session.workers.close)
    return session
