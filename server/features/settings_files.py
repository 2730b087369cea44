"""Warnings in a ``pyproject.toml`` that is not open: a setting that does not count must not be silent.

While the file is open its warnings come with its other diagnostics, by pull or push; here they are pushed, and taken
back the moment it is opened, so that no warning is ever shown twice.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from lsprotocol import types

from ...analyzers.errors import UserError
from ...analyzers.source import read_source
from ..app import SutureServer
from ..current import warning
from ..documents import Snapshot
from ..session import session_of
from ..settings import ProjectSettings

Object = dict[str, Any]


def register(server: SutureServer) -> None:
    published: dict[str, list[Object]] = {}

    def publish(uri: str, diagnostics: list[Object]) -> None:
        if published.get(uri, []) != diagnostics:
            published[uri] = diagnostics
            params = {"uri": uri, "diagnostics": diagnostics}
            server.notify_raw(types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS, params)

    def refresh(*_: object) -> None:
        wanted: dict[str, list[Object]] = {}
        for project in _projects(server):
            uri = project.path.as_uri()
            if project.warnings and server.opened_document(uri) is None:
                wanted[uri] = _diagnostics(server, project)
        for uri in {*published, *wanted}:
            publish(uri, wanted.get(uri, []))

    server.inline(types.INITIALIZED)(refresh)
    server.opened.connect(refresh)
    server.closed.connect(refresh)
    server.settings_changed.connect(refresh)
    server.roots_changed.connect(refresh)


def _projects(server: SutureServer) -> list[ProjectSettings]:
    """The settings files that hold for the roots and for the open documents."""
    places = [root / "pyproject.toml" for root in server.roots]
    places += [Path(each.path) for each in server.documents if each.uri.startswith("file:")]
    found = {project.path: project for place in places if (project := server.project_of(place)) is not None}
    return [found[path] for path in sorted(found)]


def _diagnostics(server: SutureServer, project: ProjectSettings) -> list[Object]:
    try:
        text = read_source(project.path).text
    except UserError:  # it went, or it is no text, which is what the warning says
        text = ""
    shot = Snapshot(project.path.as_uri(), str(project.path), None, text, server.workspace.encoding)
    return [warning(each, shot, session_of(server).client) for each in project.warnings]
