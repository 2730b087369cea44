"""A small editor for tests: it keeps documents as an editor does and speaks to a server with pytest-lsp's client.

It is strict where real editors are forgiving: an edit for another version, a range outside the text, a popup, or a
diagnostic that is both pushed and pulled is an error. Its positions are computed here, not with the server's code.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any, cast
from urllib.parse import unquote, urlsplit

from cattrs import Converter
from lsprotocol import types
from lsprotocol.converters import get_converter
from pygls.protocol import default_converter
from pytest_lsp import LanguageClient, client_capabilities
from pytest_lsp.client import DEFAULT_CLIENT_FEATURES, register_lsp_features  # pyright: ignore[reportMissingTypeStubs]

from suture.server.app import SutureServer

from .archive import split_lines
from .notebooks import cell_uri, changed, notebook_of, opened

#: Capability sets of real editors. "vscode" is what vscode-languageclient 11 sends (pulls, is told to pull again, asks
#: for confirmation); the other two were recorded by pytest-lsp: an older VS Code takes pushed diagnostics, Neovim 0.11
#: pulls, counts in UTF-8 and cannot be told to pull again.
CLIENTS = {"vscode": "", "vscode-push": "visual-studio-code", "neovim": "neovim@v0.11.0"}


def capabilities(name: str) -> types.ClientCapabilities:
    if CLIENTS[name]:
        return client_capabilities(CLIENTS[name])
    recorded = Path(__file__).parent / "clients" / "vscode-languageclient_v11.0.0.json"
    return get_converter().structure(json.loads(recorded.read_text("utf-8")), types.ClientCapabilities)


#: Language identifiers by suffix, as editors send them.
LANGUAGES = {
    ".py": "python",
    ".pyi": "python",
    ".toml": "toml",
    ".rs": "rust",
    ".go": "go",
    ".js": "javascript",
    ".ts": "typescript",
}


class EditorError(AssertionError):
    """The server did what no editor should have to bear."""


@dataclass(slots=True)
class Document:
    uri: str
    path: Path
    text: str
    version: int
    opened: bool = False
    published: list[types.Diagnostic] | None = None
    published_version: int | None = None
    pulled: list[types.Diagnostic] = field(default_factory=list[types.Diagnostic])
    result_id: str | None = None
    notebook: str = ""  # the URI of the notebook that it is a cell of


def path_of(uri: str) -> Path:
    return Path(unquote(urlsplit(uri).path))


class Editor:
    """One session with one server. Use :func:`in_process` or :func:`over_stdio` to get one."""

    def __init__(self, client: LanguageClient, root: Path, name: str, close: Callable[[], Coroutine[Any, Any, None]]):
        self.client = client
        self.root = root
        self.name = name
        self.documents: dict[str, Document] = {}
        self.notebooks: dict[str, int] = {}  # their versions
        self.encoding = "utf-16"
        self.shown: list[str] = []
        self.popups: list[str] = []
        self.answers: list[str] = []
        self.problems: list[str] = []
        self.applied = 0  # workspace edits
        self.typed = ""  # what the person answers to ``suture/input``
        self._inverse: list[Callable[[], None]] = []  # of the last workspace edit
        self.pulls = False
        self.initialized = False
        self._close = close
        self.at_work: Callable[[], None] | None = None  # done when the server says that it begins to work, once
        self._refresh = False
        self._register()

    # -- what the server may ask of an editor

    def _register(self) -> None:
        features: dict[str, Any] = dict(DEFAULT_CLIENT_FEATURES)

        def publish(params: types.PublishDiagnosticsParams) -> None:
            document = self.documents.get(params.uri)
            if document is None:
                document = Document(params.uri, path_of(params.uri), "", 0)
                self.documents[params.uri] = document
            if document.opened and params.version is None and params.diagnostics:
                return  # of the file on disk, sent before the server heard that it is open
            document.published = list(params.diagnostics)
            document.published_version = params.version

        def apply(params: types.ApplyWorkspaceEditParams) -> types.ApplyWorkspaceEditResult:
            try:
                self.apply(params.edit)
            except EditorError as error:
                self.problems.append(str(error))
                return types.ApplyWorkspaceEditResult(applied=False, failure_reason=str(error))
            return types.ApplyWorkspaceEditResult(applied=True)

        def popup(params: types.ShowMessageParams) -> None:
            self.popups.append(f"{params.type.name}: {params.message}")

        def ask(params: types.ShowMessageRequestParams) -> types.MessageActionItem | None:
            self.popups.append(f"{params.type.name}: {params.message}")
            wanted = [each for each in params.actions or () if each.title in self.answers]
            return wanted[0] if wanted else None

        def show(params: types.ShowDocumentParams) -> types.ShowDocumentResult:
            self.shown.append(params.uri)
            return types.ShowDocumentResult(success=True)

        def type_in(_: Any) -> dict[str, Any]:
            return {"value": self.typed or None}

        def refresh(_: Any) -> None:
            self._refresh = True

        def work(params: types.WorkDoneProgressCreateParams) -> None:
            default_work(self.client, params)
            if (typed := self.at_work) is not None:
                self.at_work = None
                typed()

        def nothing(_: Any) -> None:
            return None

        default_work = features[types.WINDOW_WORK_DONE_PROGRESS_CREATE]
        features |= {
            types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS: publish,
            types.WORKSPACE_APPLY_EDIT: apply,
            types.WINDOW_SHOW_MESSAGE: popup,
            types.WINDOW_SHOW_MESSAGE_REQUEST: ask,
            types.WINDOW_SHOW_DOCUMENT: show,
            types.WORKSPACE_DIAGNOSTIC_REFRESH: refresh,
            types.WORKSPACE_CODE_LENS_REFRESH: nothing,
            types.CLIENT_REGISTER_CAPABILITY: nothing,
            types.WINDOW_WORK_DONE_PROGRESS_CREATE: work,
            "suture/input": type_in,
            types.CLIENT_UNREGISTER_CAPABILITY: nothing,
        }
        register_lsp_features(self.client, features)

    # -- the session

    async def initialize(self, options: dict[str, Any], settings: dict[str, Any]) -> types.InitializeResult:
        self.client.set_configuration({"suture": settings})
        result = await self.client.initialize_session(
            types.InitializeParams(
                process_id=os.getpid(),
                root_uri=self.root.as_uri(),
                workspace_folders=[types.WorkspaceFolder(uri=self.root.as_uri(), name=self.root.name)],
                capabilities=self._capabilities(),
                initialization_options=options,
            )
        )
        self.initialized = True
        self.encoding = result.capabilities.position_encoding or "utf-16"
        self.pulls = result.capabilities.diagnostic_provider is not None
        return result

    def _capabilities(self) -> types.ClientCapabilities:
        known = capabilities(self.name)
        if self.typed:
            known.experimental = {"suture": {"input": True}}
        return known

    async def close(self) -> None:
        """End the session as an editor does; without ``shutdown`` if it never began."""
        if self.initialized:
            await asyncio.wait_for(self.client.shutdown_async(None), 60)
        await self._close()

    # -- documents

    def uri(self, path: str) -> str:
        return cell_uri(self.root, path) if notebook_of(path) else (self.root / path).as_uri()

    def open(self, path: str, text: str) -> Document:
        uri = self.uri(path)
        document = Document(uri, self.root / path, text, 1, opened=True)
        if (early := self.documents.get(uri)) is not None:
            document.published = early.published
        self.documents[uri] = document
        language = LANGUAGES.get(Path(path).suffix, "plaintext")
        self.client.text_document_did_open(
            types.DidOpenTextDocumentParams(types.TextDocumentItem(uri, language, document.version, text))
        )
        return document

    def open_notebook(self, path: str, cells: Sequence[tuple[str, str]]) -> None:
        """Open a notebook with its cells (path, text)."""
        book = self.uri(path)
        self.notebooks[book] = 1
        for name, text in cells:
            uri = self.uri(name)
            self.documents[uri] = Document(uri, self.root / name, text, 1, opened=True, notebook=book)
        self.client.notebook_document_did_open(opened(book, [(self.uri(name), text) for name, text in cells]))

    def save(self, document: Document) -> None:
        self.client.text_document_did_save(
            types.DidSaveTextDocumentParams(types.TextDocumentIdentifier(document.uri), text=document.text)
        )

    def replace(self, document: Document, start: int, end: int, text: str) -> None:
        """Type ``text`` in place of the code points ``start:end``: one incremental change."""
        self._change(document, [(start, end, text)])

    def undo_step(self) -> Callable[[], None]:
        """Takes the last workspace edit back: one undo step. May be called once nothing was changed since."""
        steps = list(reversed(self._inverse))

        def undo() -> None:
            for each in steps:
                each()

        return undo

    def _change(self, document: Document, changes: list[tuple[int, int, str]]) -> None:
        """Disjoint changes, from the end of the text to its start, as one notification."""
        events: list[types.TextDocumentContentChangeEvent] = []
        for start, end, text in sorted(changes, reverse=True):
            where = types.Range(self.position(document.text, start), self.position(document.text, end))
            events.append(types.TextDocumentContentChangePartial(range=where, text=text))
            document.text = document.text[:start] + text + document.text[end:]
        document.version += 1
        identifier = types.VersionedTextDocumentIdentifier(document.version, document.uri)
        if document.notebook:
            version = self.notebooks[document.notebook] = self.notebooks[document.notebook] + 1
            book = types.VersionedNotebookDocumentIdentifier(version, document.notebook)
            self.client.notebook_document_did_change(changed(book, identifier, events))
            return
        self.client.text_document_did_change(types.DidChangeTextDocumentParams(identifier, events))

    def restore(self, document: Document, text: str) -> None:
        """One undo step back to ``text``."""
        if document.text == text:
            return
        start = 0
        while start < min(len(text), len(document.text)) and text[start] == document.text[start]:
            start += 1
        end = 0
        while end < min(len(text), len(document.text)) - start and text[-1 - end] == document.text[-1 - end]:
            end += 1
        if start and text[start - 1] == "\r":
            start -= 1
        if end and text[-end] == "\n":
            end -= 1
        self.replace(document, start, len(document.text) - end, text[start : len(text) - end])

    # -- positions

    def units(self, text: str) -> int:
        if self.encoding == "utf-32":
            return len(text)
        return len(text.encode("utf-8")) if self.encoding == "utf-8" else len(text.encode("utf-16-le")) // 2

    def position(self, text: str, offset: int) -> types.Position:
        lines = split_lines(text[:offset])
        if text[:offset].endswith("\r") and text[offset : offset + 1] == "\n":
            raise EditorError("a position between \\r and \\n")
        last = lines[-1] if lines else ""
        if not lines or last.endswith(("\n", "\r")):
            return types.Position(len(lines), 0)
        return types.Position(len(lines) - 1, self.units(last))

    def offset(self, text: str, position: types.Position) -> int:
        lines = split_lines(text)
        if position.line > len(lines) or (position.line == len(lines) and position.character):
            raise EditorError(f"line {position.line + 1} is outside the text of {len(lines)} lines")
        start = sum(len(line) for line in lines[: position.line])
        line = lines[position.line].rstrip("\r\n") if position.line < len(lines) else ""
        for column in range(len(line) + 1):
            if self.units(line[:column]) == position.character:
                return start + column
        raise EditorError(f"column {position.character} ({self.encoding}) is not a place in the line {line!r}")

    # -- workspace edits

    def apply(self, edit: types.WorkspaceEdit) -> None:
        """Apply as an editor would: versions must fit, ranges must be disjoint and inside the workspace."""
        capabilities = self.client.capabilities
        supported = capabilities and capabilities.workspace and capabilities.workspace.workspace_edit
        self.applied += 1
        self._inverse = []
        changes: list[Any] = list(edit.document_changes or ())
        if changes and not (supported and (supported.document_changes or supported.resource_operations)):
            raise EditorError("documentChanges sent to a client that has only changes")
        for uri, edits in (edit.changes or {}).items():
            changes.append(
                types.TextDocumentEdit(types.OptionalVersionedTextDocumentIdentifier(uri=uri, version=None), edits)
            )
        for change in changes:
            if isinstance(change, types.TextDocumentEdit):
                self._apply_text(change)
            elif isinstance(change, types.CreateFile):
                path = self._inside(change.uri)
                if path.exists() and not (
                    change.options and (change.options.overwrite or change.options.ignore_if_exists)
                ):
                    raise EditorError(f"created a file that exists: {path.name}")
                if not path.exists():
                    path.parent.mkdir(parents=True, exist_ok=True)
                    path.write_bytes(b"")
                    self._inverse.append(path.unlink)
            else:
                raise EditorError(f"a {change.kind} of files is nothing that Suture should do")

    def _inside(self, uri: str) -> Path:
        path = path_of(uri)
        if not path.is_relative_to(self.root):
            raise EditorError(f"an edit outside the workspace: {path}")
        return path

    def _apply_text(self, change: types.TextDocumentEdit) -> None:
        uri, version = change.text_document.uri, change.text_document.version
        path = self._inside(uri)
        document = self.documents.get(uri)
        if document is None or not document.opened:
            text = path.read_bytes().decode() if path.exists() else ""
            document = Document(uri, path, text, 0)
        elif version is not None and version != document.version:
            raise EditorError(f"an edit for version {version} of {path.name}, which is at {document.version}")
        spans: list[tuple[int, int, str]] = []
        for each in change.edits:
            if isinstance(each, types.SnippetTextEdit):
                raise EditorError("a snippet for a client that did not ask for one")
            start, end = self.offset(document.text, each.range.start), self.offset(document.text, each.range.end)
            spans.append((start, end, each.new_text))
        spans.sort()
        for (_, end, _), (start, _, _) in pairwise(spans):
            if start < end:
                raise EditorError(f"overlapping edits in {path.name}")
        inverse, moved = list[tuple[int, int, str]](), 0
        for start, end, new in spans:
            inverse.append((start + moved, start + moved + len(new), document.text[start:end]))
            moved += len(new) - (end - start)
        if document.opened:
            self._change(document, spans)
            self._inverse.append(lambda: self._change(document, inverse))
            return
        text = document.text
        self._inverse.append(lambda: _write(path, document.text) if path.exists() else None)
        for start, end, new in reversed(spans):
            text = text[:start] + new + text[end:]
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode())

    # -- diagnostics

    async def diagnostics(self, document: Document) -> list[types.Diagnostic] | None:
        """What is known of a document's present text, by pull or by push as the session has it; None: not yet."""
        if self.pulls and document.opened:
            pushed = document.published or []  # must be empty: else everything is shown twice
            return [*document.pulled, *pushed] if await self._pull(document) else None
        if document.opened and document.published_version != document.version:
            return None
        return document.published or []

    async def _pull(self, document: Document) -> bool:
        version = document.version
        try:
            report = await self.client.text_document_diagnostic_async(
                types.DocumentDiagnosticParams(
                    types.TextDocumentIdentifier(document.uri), previous_result_id=document.result_id
                )
            )
        except Exception as error:
            if getattr(error, "code", None) in (-32801, -32802):  # ContentModified, ServerCancelled: asked to retry
                return False
            raise
        if document.version != version:
            return False
        document.result_id = report.result_id
        if isinstance(report, types.RelatedFullDocumentDiagnosticReport):
            document.pulled = list(report.items)
        return True

    async def resolve(self, action: types.CodeAction) -> types.CodeAction:
        if action.edit is not None or action.data is None:
            return action
        return await self.client.code_action_resolve_async(action)

    async def actions(self, document: Document, start: int, end: int) -> list[types.CodeAction]:
        """The code actions of the lightbulb at a range, with the diagnostics that touch it as context."""
        where = types.Range(self.position(document.text, start), self.position(document.text, end))
        touching = [each for each in await self.diagnostics(document) or () if _touch(each.range, where)]
        answer = await self.client.text_document_code_action_async(
            types.CodeActionParams(
                types.TextDocumentIdentifier(document.uri),
                where,
                types.CodeActionContext(touching, trigger_kind=types.CodeActionTriggerKind.Invoked),
            )
        )
        return [each for each in answer or () if isinstance(each, types.CodeAction)]

    async def completions(self, document: Document, offset: int) -> list[types.InlineCompletionItem]:
        """What is offered at a place as one types."""
        answer = await self.client.text_document_inline_completion_async(
            types.InlineCompletionParams(
                types.InlineCompletionContext(types.InlineCompletionTriggerKind.Automatic),
                types.TextDocumentIdentifier(document.uri),
                self.position(document.text, offset),
            )
        )
        return list(answer.items if isinstance(answer, types.InlineCompletionList) else answer or ())

    async def shown_text(self, uri: str) -> str:
        """The text of a document that the server asked the editor to show."""
        if urlsplit(uri).scheme == "file":
            return path_of(uri).read_text("utf-8")
        result = await self.client.workspace_text_document_content_async(types.TextDocumentContentParams(uri=uri))
        return result.text


def _write(path: Path, text: str) -> None:
    path.write_bytes(text.encode())


def _touch(one: types.Range, other: types.Range) -> bool:
    def key(position: types.Position) -> tuple[int, int]:
        return position.line, position.character

    return key(one.start) <= key(other.end) and key(other.start) <= key(one.end)


class _Outbox:
    """Hands each finished message body to the other side, in order, on the next turn of the loop."""

    def __init__(self, receive: Callable[[bytes], None]) -> None:
        self._receive = receive

    def send(self, body: bytes) -> None:
        asyncio.get_running_loop().call_soon(self._receive, body)

    write = send

    def close(self) -> None:
        """There is nothing to close."""


def _client() -> LanguageClient:
    return LanguageClient(converter_factory=_converter)


def _converter() -> Converter:
    """lsprotocol takes every code action that has a command for a bare Command, and drops the rest of it."""
    converter = default_converter()

    def structure(value: dict[str, Any], _: Any) -> types.Command | types.CodeAction:
        bare = isinstance(value.get("command"), str)
        return converter.structure(value, types.Command if bare else types.CodeAction)

    converter.register_structure_hook(types.Command | types.CodeAction, structure)
    return converter


def _receiver(protocol: Any) -> Callable[[bytes], None]:
    """Takes a message body as pygls' own reader would."""

    def receive(body: bytes) -> None:
        protocol.handle_message(json.loads(body, object_hook=protocol.structure_message))

    return getattr(protocol, "receive", receive)


async def in_process(root: Path, name: str, server: Any) -> Editor:
    """A session with a server object of this process. What passes between the two is JSON all the same."""
    client = _client()
    client.protocol.set_writer(cast(Any, _Outbox(_receiver(server.protocol))), include_headers=False)
    outbox = _Outbox(_receiver(client.protocol))
    if isinstance(server, SutureServer):
        server.start(asyncio.get_running_loop())
        server.protocol.connect(outbox)
    else:
        server.protocol.set_writer(outbox, include_headers=False)

    async def close() -> None:
        if isinstance(server, SutureServer):
            server.stop(0)
            for _ in range(2):  # what was cancelled may have begun something on its way out
                await server.protocol.close(1.0)

    return Editor(client, root, name, close)


async def over_stdio(root: Path, name: str, environment: dict[str, str], command: Sequence[str] = ()) -> Editor:
    """A session with a real server in a child process. The server must end by itself after ``exit``."""
    client = _client()
    argv = list(command) or [sys.executable, "-P", "-m", "suture", "serve", "--stdio"]
    start = cast(Callable[..., Coroutine[Any, Any, None]], client.start_io)  # pyright: ignore[reportUnknownMemberType]
    await start(*argv, env={**os.environ, **environment}, cwd=str(root))

    async def close() -> None:
        client.exit(None)
        await asyncio.wait_for(client.stop(), 60)

    return Editor(client, root, name, close)
