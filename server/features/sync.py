"""Text synchronisation, workspace folders, configuration, watched files and trust.

Documents change here, on arrival and in order; what follows from a change is for those who listen to the server's
signals. It computes no findings.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, cast

from lsprotocol import types
from pygls.exceptions import JsonRpcException
from pygls.uris import to_fs_path

from ...analyzers.errors import SutureError, Unavailable, UserError
from ..app import SutureServer

log = logging.getLogger(__name__)

#: Files whose change on disk changes settings or findings.
WATCHED = ("**/pyproject.toml", "**/*.py", "**/*.pyi")

TRUST_COMMAND = "suture.trustWorkspace"


def register(server: SutureServer) -> None:
    _register_documents(server)
    _register_workspace(server)
    _register_trust(server)


def _register_documents(server: SutureServer) -> None:
    @server.inline(types.TEXT_DOCUMENT_DID_OPEN)
    def did_open(params: types.DidOpenTextDocumentParams) -> None:
        server.workspace.put_text_document(params.text_document)
        uri = params.text_document.uri
        if _is_project(uri):
            server.forget_settings()
        server.opened.emit(server.document(uri))

    @server.inline(types.TEXT_DOCUMENT_DID_CHANGE)
    def did_change(params: types.DidChangeTextDocumentParams) -> None:
        uri = params.text_document.uri
        document = server.opened_document(uri)
        if document is None:
            log.warning("ignored a change of a document that is not open")
            return
        for change in params.content_changes:
            server.workspace.update_text_document(params.text_document, change)
        document.version = params.text_document.version
        if _is_project(uri):
            server.forget_settings()
        server.changed.emit(document)

    @server.inline(types.TEXT_DOCUMENT_DID_SAVE)
    def did_save(params: types.DidSaveTextDocumentParams) -> None:
        uri = params.text_document.uri
        if _is_project(uri):
            server.forget_settings()
        document = server.opened_document(uri)
        if document is not None:
            server.saved.emit(document)

    @server.inline(types.TEXT_DOCUMENT_DID_CLOSE)
    def did_close(params: types.DidCloseTextDocumentParams) -> None:
        uri = params.text_document.uri
        server.workspace.remove_text_document(uri)
        if _is_project(uri):
            server.forget_settings()
        server.closed.emit(uri)


def _is_project(uri: str) -> bool:
    return uri.endswith("/pyproject.toml")


def _register_workspace(server: SutureServer) -> None:
    shown: set[str] = set()

    def take(section: object, scope: str = "") -> None:
        tell(server.take_editor_settings(section, scope))

    def tell(problems: Iterable[str]) -> None:
        for message in problems:
            if message not in shown:  # the person's own mistake, told once
                shown.add(message)
                server.window_show_message(types.ShowMessageParams(types.MessageType.Warning, f"Suture: {message}"))

    async def pull_configuration() -> None:
        """Ask the client for `suture` in general and for every folder."""
        workspace = server.client_capabilities.workspace
        if workspace is None or not workspace.configuration:
            return
        scopes = ["", *(root.as_uri() for root in server.roots)]
        items = [types.ConfigurationItem(scope_uri=scope or None, section="suture") for scope in scopes]
        try:
            answers = await server.workspace_configuration_async(types.ConfigurationParams(items))
        except (JsonRpcException, SutureError) as error:
            log.warning("the client gave no configuration: %s", error)
            return
        for scope, section in zip(scopes, answers, strict=False):
            take(section, scope)
        server.forget_settings()

    async def recall_trust() -> None:
        try:
            changed = await asyncio.to_thread(server.trust.recall, server.roots)
        except SutureError as error:
            log.warning("it is not known which folders are trusted: %s", error)
            return
        if changed:
            server.forget_settings()
            server.trust_changed.emit()

    async def register_dynamic() -> None:
        workspace = server.client_capabilities.workspace
        registrations: list[types.Registration] = []
        if workspace and workspace.did_change_watched_files and workspace.did_change_watched_files.dynamic_registration:
            watchers = [types.FileSystemWatcher(glob_pattern=pattern) for pattern in WATCHED]
            options = types.DidChangeWatchedFilesRegistrationOptions(watchers)
            method = types.WORKSPACE_DID_CHANGE_WATCHED_FILES
            registrations.append(types.Registration("suture-files", method, options))
        if workspace and workspace.did_change_configuration and workspace.did_change_configuration.dynamic_registration:
            method = types.WORKSPACE_DID_CHANGE_CONFIGURATION
            registrations.append(types.Registration("suture-settings", method, {"section": "suture"}))
        if registrations:
            try:
                await server.client_register_capability_async(types.RegistrationParams(registrations))
            except (JsonRpcException, SutureError) as error:
                log.warning("the client watches no files for us: %s", error)

    @server.inline(types.INITIALIZED)
    def initialized(_: types.InitializedParams) -> None:
        tell(server.option_problems)
        server.spawn(register_dynamic(), "register capabilities")
        server.spawn(pull_configuration(), "configuration")
        server.spawn(recall_trust(), "trust")

    @server.inline(types.WORKSPACE_DID_CHANGE_CONFIGURATION)
    def did_change_configuration(params: types.DidChangeConfigurationParams) -> None:
        settings: Any = params.settings
        if isinstance(settings, Mapping):
            section = cast("Mapping[str, Any]", settings).get("suture")
            if section is not None:
                take(section)
        server.forget_settings()
        server.spawn(pull_configuration(), "configuration")

    @server.inline(types.WORKSPACE_DID_CHANGE_WORKSPACE_FOLDERS)
    def did_change_folders(params: types.DidChangeWorkspaceFoldersParams) -> None:
        for folder in params.event.removed:
            server.workspace.remove_folder(folder.uri)
            server.take_editor_settings(None, _scope(folder.uri))
        for folder in params.event.added:
            server.workspace.add_folder(folder)
        server.forget_settings()
        server.roots_changed.emit()
        server.spawn(pull_configuration(), "configuration")
        server.spawn(recall_trust(), "trust")

    @server.inline(types.WORKSPACE_DID_CHANGE_WATCHED_FILES)
    def did_change_files(params: types.DidChangeWatchedFilesParams) -> None:
        if any(_is_project(change.uri) for change in params.changes):
            server.forget_settings()
        server.files_changed.emit(tuple(params.changes))


def _scope(uri: str) -> str:
    path = to_fs_path(uri)
    return Path(path).as_uri() if path else uri


def _register_trust(server: SutureServer) -> None:
    @server.command(TRUST_COMMAND)
    async def trust_workspace(*arguments: Any) -> dict[str, Any]:  # pyright: ignore[reportUnusedFunction]
        """Trust one folder (the one of ``uri``, also as ``{"uri"}``) or all of the workspace's, for good."""
        given: Any = arguments[0] if arguments else None
        uri = cast("Mapping[str, Any]", given).get("uri") if isinstance(given, Mapping) else given
        if uri is not None and not isinstance(uri, str):
            raise UserError("suture.trustWorkspace takes a folder's URI, or nothing")
        folders = [server.root_of(to_fs_path(uri) or uri)] if uri else list(server.roots)
        if not folders:
            raise UserError("no folder is open", "open the folder that you want to trust")
        forgotten = ""
        for folder in folders:
            try:
                await asyncio.to_thread(server.trust.grant, folder)
            except Unavailable as error:
                forgotten = f"for this session only: {error}"
        server.forget_settings()
        server.trust_changed.emit()
        return {"trusted": [folder.as_posix() for folder in folders], "warning": forgotten}
