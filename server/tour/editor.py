"""A small editor without a screen: opens, types, asks and applies, over a real server's standard input and output.

Invariant: it knows nothing of the server but the protocol; what it holds is what an editor would show.
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, cast

from cattrs import Converter
from lsprotocol import types
from pygls.lsp.client import LanguageClient
from pygls.protocol import default_converter
from pygls.uris import from_fs_path, to_fs_path

from ...analyzers.errors import Unavailable
from ...analyzers.source import LineIndex

Diagnostics = list[types.Diagnostic]


class Editor:
    """One client, one server process, the documents that are open and their diagnostics."""

    def __init__(self) -> None:
        self._client = LanguageClient("suture-tour", "1", converter_factory=_converter)
        self._arrived = asyncio.Condition()
        self._diagnostics: dict[str, tuple[int | None, Diagnostics]] = {}
        self._texts: dict[str, tuple[int, str]] = {}
        self.progress: list[str] = []
        self.capabilities: types.ServerCapabilities | None = None
        self._listen()

    def _listen(self) -> None:
        listen = cast("Callable[[str], Callable[[Any], Any]]", self._client.feature)

        @listen(types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)
        async def published(params: types.PublishDiagnosticsParams) -> None:  # pyright: ignore[reportUnusedFunction]
            async with self._arrived:
                self._diagnostics[params.uri] = (params.version, list(params.diagnostics))
                self._arrived.notify_all()

        @listen(types.WORKSPACE_APPLY_EDIT)
        async def apply(  # pyright: ignore[reportUnusedFunction]
            params: types.ApplyWorkspaceEditParams,
        ) -> types.ApplyWorkspaceEditResult:
            self.apply(params.edit)
            return types.ApplyWorkspaceEditResult(applied=True)

        @listen(types.WINDOW_WORK_DONE_PROGRESS_CREATE)
        async def token(  # pyright: ignore[reportUnusedFunction]
            params: types.WorkDoneProgressCreateParams,
        ) -> None:
            return None

        @listen(types.WINDOW_LOG_MESSAGE)
        async def logged(params: types.LogMessageParams) -> None:  # pyright: ignore[reportUnusedFunction]
            self.progress.append(params.message)

        @listen(types.WINDOW_SHOW_MESSAGE)
        async def shown(params: types.ShowMessageParams) -> None:  # pyright: ignore[reportUnusedFunction]
            self.progress.append(params.message)

        @listen(types.WINDOW_SHOW_DOCUMENT)
        async def show(  # pyright: ignore[reportUnusedFunction]
            params: types.ShowDocumentParams,
        ) -> types.ShowDocumentResult:
            return types.ShowDocumentResult(success=True)

        @listen(types.PROGRESS)
        async def progress(params: types.ProgressParams) -> None:  # pyright: ignore[reportUnusedFunction]
            value = cast("Any", params.value)
            message = (
                cast("dict[str, Any]", value).get("message")
                if isinstance(value, dict)
                else getattr(value, "message", None)
            )
            if message:
                self.progress.append(str(message))

    # -- life

    async def start(self, root: Path) -> float:
        """Start a server on ``root``, trusted; returns seconds to the answer of ``initialize``."""
        began = time.perf_counter()
        client: Any = self._client
        await client.start_io(sys.executable, "-P", "-m", "suture.server", "serve", "--stdio")
        result = await self.within(
            60,
            self._client.initialize_async(
                types.InitializeParams(
                    process_id=None,
                    root_uri=_uri(root),
                    workspace_folders=[types.WorkspaceFolder(uri=_uri(root), name=root.name)],
                    initialization_options={"untrustedWorkspace": False},
                    capabilities=_capabilities(),
                )
            ),
        )
        self.capabilities = result.capabilities
        self._client.initialized(types.InitializedParams())
        return time.perf_counter() - began

    async def stop(self) -> None:
        await self.within(10, self._client.shutdown_async(None))
        self._client.exit(None)
        await self.within(10, self._client.stop())

    async def within(self, seconds: float, work: Any) -> Any:
        """Await with a limit. Raises Unavailable when it is over."""
        try:
            return await asyncio.wait_for(work, seconds)
        except TimeoutError as error:
            raise Unavailable(f"the server gave no answer within {seconds:.0f} s", "suture doctor") from error

    # -- documents

    def text(self, path: Path) -> str:
        return self._texts[_uri(path)][1]

    def open(self, path: Path) -> None:
        text = path.read_bytes().decode("utf-8")
        self._texts[_uri(path)] = (1, text)
        item = types.TextDocumentItem(uri=_uri(path), language_id="python", version=1, text=text)
        self._client.text_document_did_open(types.DidOpenTextDocumentParams(text_document=item))

    def type(self, path: Path, start: int, end: int, new: str) -> float:
        """Replace code points ``start:end``; returns the moment at which the change was sent."""
        uri = _uri(path)
        version, text = self._texts[uri]
        index = LineIndex(text)
        change = types.TextDocumentContentChangePartial(
            range=types.Range(start=_position(index, start), end=_position(index, end)), text=new
        )
        self._texts[uri] = (version + 1, text[:start] + new + text[end:])
        identifier = types.VersionedTextDocumentIdentifier(uri=uri, version=version + 1)
        began = time.perf_counter()
        self._client.text_document_did_change(
            types.DidChangeTextDocumentParams(text_document=identifier, content_changes=[change])
        )
        return began

    def save(self, path: Path) -> None:
        path.write_bytes(self.text(path).encode("utf-8"))
        identifier = types.TextDocumentIdentifier(uri=_uri(path))
        self._client.text_document_did_save(types.DidSaveTextDocumentParams(text_document=identifier))

    def diagnostics(self, path: Path) -> Diagnostics:
        return self._diagnostics.get(_uri(path), (None, []))[1]

    async def until(self, path: Path, wanted: Callable[[Diagnostics], bool], seconds: float) -> Diagnostics:
        """Wait until the diagnostics of the current version are as ``wanted``."""
        uri = _uri(path)

        def current() -> bool:
            version, found = self._diagnostics.get(uri, (None, []))
            return version == self._texts[uri][0] and wanted(found)

        async def wait() -> Diagnostics:
            async with self._arrived:
                await self._arrived.wait_for(current)
                return self.diagnostics(path)

        return await self.within(seconds, wait())

    # -- questions

    async def actions(
        self, path: Path, at: types.Range, diagnostics: Sequence[types.Diagnostic]
    ) -> list[types.CodeAction]:
        found: list[Any] | None = await self.within(
            20,
            self._client.text_document_code_action_async(
                types.CodeActionParams(
                    text_document=types.TextDocumentIdentifier(uri=_uri(path)),
                    range=at,
                    context=types.CodeActionContext(diagnostics=list(diagnostics)),
                )
            ),
        )
        return [each for each in found or [] if isinstance(each, types.CodeAction)]

    async def resolve(self, action: types.CodeAction, seconds: float = 60) -> types.CodeAction:
        if action.edit is not None:
            return action
        return await self.within(seconds, self._client.code_action_resolve_async(action))

    async def hover(self, path: Path, position: types.Position) -> str:
        found = await self.within(
            20,
            self._client.text_document_hover_async(
                types.HoverParams(text_document=types.TextDocumentIdentifier(uri=_uri(path)), position=position)
            ),
        )
        return found.contents.value if found is not None and isinstance(found.contents, types.MarkupContent) else ""

    async def lenses(self, path: Path) -> list[types.CodeLens]:
        identifier = types.TextDocumentIdentifier(uri=_uri(path))
        parameters = types.CodeLensParams(text_document=identifier)
        return list(await self.within(20, self._client.text_document_code_lens_async(parameters)) or [])

    async def command(self, name: str, arguments: dict[str, Any], seconds: float) -> Any:
        return await self.within(
            seconds,
            self._client.workspace_execute_command_async(
                types.ExecuteCommandParams(command=name, arguments=[arguments])
            ),
        )

    # -- edits

    def apply(self, edit: types.WorkspaceEdit) -> list[Path]:
        """Apply to open documents by typing, to other files on disk; returns what was touched."""
        touched: list[Path] = []
        changes: list[Any] = list(edit.document_changes or [])
        for uri, edits in (edit.changes or {}).items():
            identifier = types.OptionalVersionedTextDocumentIdentifier(uri=uri)
            changes.append(types.TextDocumentEdit(text_document=identifier, edits=edits))
        for change in changes:
            if isinstance(change, types.CreateFile):
                path = _path(change.uri)
                path.parent.mkdir(parents=True, exist_ok=True)
                path.touch()
                touched.append(path)
            elif isinstance(change, types.TextDocumentEdit):
                touched.append(self._apply_to(change))
        return list(dict.fromkeys(touched))

    def _apply_to(self, change: types.TextDocumentEdit) -> Path:
        uri = change.text_document.uri
        path = _path(uri)
        opened = uri in self._texts
        text = self._texts[uri][1] if opened else path.read_bytes().decode("utf-8")
        index = LineIndex(text)
        edits = [
            (_offset(index, each.range.start), _offset(index, each.range.end), each.new_text)
            for each in change.edits
            if isinstance(each, (types.TextEdit, types.AnnotatedTextEdit))
        ]
        for start, end, new in sorted(edits, reverse=True):
            if opened:
                self.type(path, start, end, new)
            else:
                text = text[:start] + new + text[end:]
        if not opened:
            path.write_bytes(text.encode("utf-8"))
        return path


def _converter() -> Converter:
    """pygls' converter, with the difference between a command and an action that holds one told by its type."""
    converter = default_converter()
    either = types.Command | types.CodeAction

    def structure(value: Any, _: Any) -> types.Command | types.CodeAction:
        plain = isinstance(value.get("command"), str)
        return converter.structure(value, types.Command if plain else types.CodeAction)

    converter.register_structure_hook(either, structure)
    return converter


def _uri(path: Path) -> str:
    uri = from_fs_path(str(path))
    assert uri is not None
    return uri


def _path(uri: str) -> Path:
    path = to_fs_path(uri)
    assert path is not None
    return Path(path)


def _position(index: LineIndex, offset: int) -> types.Position:
    line, column = index.position(offset)
    return types.Position(line=line, character=column)


def _offset(index: LineIndex, position: types.Position) -> int:
    return index.offset(position.line, position.character)


def _capabilities() -> types.ClientCapabilities:
    kinds = [types.CodeActionKind.QuickFix, types.CodeActionKind.Refactor, types.CodeActionKind.Source]
    return types.ClientCapabilities(
        general=types.GeneralClientCapabilities(position_encodings=[types.PositionEncodingKind.Utf32]),
        window=types.WindowClientCapabilities(
            work_done_progress=True, show_document=types.ShowDocumentClientCapabilities(support=True)
        ),
        workspace=types.WorkspaceClientCapabilities(
            apply_edit=True,
            workspace_edit=types.WorkspaceEditClientCapabilities(
                document_changes=True, resource_operations=[types.ResourceOperationKind.Create]
            ),
        ),
        text_document=types.TextDocumentClientCapabilities(
            publish_diagnostics=types.PublishDiagnosticsClientCapabilities(
                version_support=True, data_support=True, related_information=True
            ),
            hover=types.HoverClientCapabilities(content_format=[types.MarkupKind.Markdown]),
            code_action=types.CodeActionClientCapabilities(
                code_action_literal_support=types.ClientCodeActionLiteralOptions(
                    code_action_kind=types.ClientCodeActionKindOptions(value_set=kinds)
                ),
                resolve_support=types.ClientCodeActionResolveOptions(properties=["edit"]),
                data_support=True,
                is_preferred_support=True,
            ),
        ),
    )
