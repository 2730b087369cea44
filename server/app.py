"""The server object: documents, settings, trust, children, and the signals that features listen to.

Invariant: a feature is a module of :mod:`.features` with ``register(server)``; nothing lists them. Its handlers are
coroutine functions; a plain function as a handler is refused when it is registered, but by :meth:`SutureServer.prompt`.
"""

from __future__ import annotations

import asyncio
import importlib
import inspect
import logging
import os
import pkgutil
import re
import signal
import sys
import threading
import time
from collections.abc import Callable, Coroutine, Iterable, Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any, Generic, ParamSpec, cast

from lsprotocol import types
from pygls.lsp.server import LanguageServer

from ..analyzers.errors import UserError
from ..analyzers.source import MAX_BYTES, decode
from . import log as logs
from .children import Children
from .documents import Document, DocumentWorkspace, path_of
from .errors import response_error
from .protocol import Inline, Prompt, SutureProtocol
from .settings import ParsedSettings, ProjectFiles, ProjectSettings, Settings, parse, resolve
from .trust import Trust
from .watch import watch_process

log = logging.getLogger(__name__)

P = ParamSpec("P")

#: The scope of the settings in initializationOptions, weaker than all other settings of the editor.
OPTIONS = "initializationOptions"


class Signal(Generic[P]):
    """Something that happened. Listeners are plain, quick functions; one that fails is logged, the others still run."""

    def __init__(self) -> None:
        self._listeners: list[Callable[P, object]] = []

    def connect(self, listener: Callable[P, object]) -> Callable[P, object]:
        self._listeners.append(listener)
        return listener

    def emit(self, *args: P.args, **kwargs: P.kwargs) -> None:
        for listener in self._listeners:
            try:
                listener(*args, **kwargs)
            except Exception as error:  # noqa: BLE001 - one feature's fault must not keep the others from hearing
                response_error(error)


class SutureServer(LanguageServer):
    """See the module. Made by :func:`create_server`."""

    protocol: SutureProtocol  # pyright: ignore[reportIncompatibleVariableOverride] - set once, by our __init__

    def __init__(self) -> None:
        super().__init__(  # pyright: ignore[reportUnknownMemberType] - pygls passes *args on
            "suture",
            version("suture"),
            text_document_sync_kind=types.TextDocumentSyncKind.Incremental,
            protocol_cls=SutureProtocol,
        )
        self.children = Children()
        self.trust = Trust()
        self.opened: Signal[[Document]] = Signal()
        self.changed: Signal[[Document]] = Signal()
        self.saved: Signal[[Document]] = Signal()
        self.closed: Signal[[str]] = Signal()  # the document's URI
        self.settings_changed: Signal[[]] = Signal()
        self.trust_changed: Signal[[]] = Signal()
        self.roots_changed: Signal[[]] = Signal()
        self.files_changed: Signal[[tuple[types.FileEvent, ...]]] = Signal()
        self.stopping: Signal[[]] = Signal()  # the process is about to end; be quick
        self._projects = ProjectFiles(self._read_project)
        self._editor: dict[str, ParsedSettings] = {}  # by scope: OPTIONS, "" for all, else the URI of a folder
        #: What is wrong with the settings in initializationOptions, to be told once the client listens.
        self.option_problems: tuple[str, ...] = ()
        self.offers_model = False  # the client answers ``suture/model``
        self.editor_model = False  # … and nobody said that none may be asked
        self._settings: dict[Path, Settings] = {}
        self._stopped: asyncio.Future[int] | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    # -- registration --------------------------------------------------------------------------------------------

    def feature(self, feature_name: str, options: Any | None = None) -> Callable[[Any], Any]:
        """Registers a coroutine function for a method of the protocol."""
        return self._only_coroutines(super().feature(feature_name, options), feature_name)

    def prompt(self, method: str, options: Any | None = None) -> Callable[[Prompt], Prompt]:
        """Registers a plain function that answers a request on arrival, before any coroutine: only for what is known
        already and asked for often. It must be quick; what is not is a coroutine that it gives."""
        register = super().feature(method, options)

        def take(function: Prompt) -> Prompt:
            if inspect.iscoroutinefunction(function):
                raise TypeError(f"what answers {method} on arrival must be a plain function: it cannot await anything")
            register(function)
            return self.protocol.prompt(method)(function)

        return take

    def command(self, command_name: str) -> Callable[[Any], Any]:
        """Registers a coroutine function for ``workspace/executeCommand``."""
        return self._only_coroutines(super().command(command_name), command_name)

    def inline(self, method: str) -> Callable[[Inline], Inline]:
        """Registers a plain function for a notification: run on arrival, in order, before any coroutine."""
        return self.protocol.inline(method)

    def on_capabilities(self, hook: Callable[[types.ServerCapabilities], None]) -> None:
        """``hook`` may change the capabilities before they are announced."""
        self.protocol.capability_hooks.append(hook)

    @staticmethod
    def _only_coroutines(register: Callable[[Any], Any], name: str) -> Callable[[Any], Any]:
        def check(function: Any) -> Any:
            if not inspect.iscoroutinefunction(function):
                raise TypeError(f"the handler of {name} must be a coroutine function: a plain one blocks the server")
            return register(function)

        return check

    # -- documents -----------------------------------------------------------------------------------------------

    @property
    def workspace(self) -> DocumentWorkspace:
        return self.protocol.workspace

    def document(self, uri: str) -> Document:
        """The open document, or one read from disk. Raises UserError if it cannot be read as text."""
        return self.workspace.get_text_document(uri)

    def opened_document(self, uri: str) -> Document | None:
        """The document if the editor has it open."""
        return self.workspace.opened(uri)

    @property
    def documents(self) -> tuple[Document, ...]:
        """The open documents."""
        return self.workspace.open_documents

    @property
    def roots(self) -> tuple[Path, ...]:
        """The workspace's folders."""
        return self.workspace.roots

    def root_of(self, path: str | Path) -> Path:
        """The innermost workspace folder of ``path``; its own folder if it lies outside all of them."""
        return self.workspace.root_of(path) or Path(path).parent

    # -- settings ------------------------------------------------------------------------------------------------

    def settings(self, where: str | Path) -> Settings:
        """The settings of a file (a URI or a path). Cheap: everything is kept until something changes."""
        path = where if isinstance(where, Path) else Path(self._path(where))
        if path not in self._settings:
            if len(self._settings) > 4096:
                self._settings.clear()
            root = self.workspace.root_of(path)
            scopes = (OPTIONS, "", root.as_uri() if root else None)
            editor = [self._editor[scope] for scope in scopes if scope in self._editor]
            self._settings[path] = resolve(
                path, self._projects.nearest(path), editor, trusted=self.trust.trusted(root or path.parent)
            )
        return self._settings[path]

    def project_settings(self, pyproject: Path) -> ProjectSettings | None:
        """What ``pyproject`` sets, with its warnings as findings; None if it says nothing to Suture."""
        return self._projects.load(pyproject)

    def project_of(self, path: Path) -> ProjectSettings | None:
        """The settings file that holds for ``path``."""
        return self._projects.nearest(path)

    def take_editor_settings(self, section: object, scope: str = "") -> tuple[str, ...]:
        """The editor's ``suture`` section for one folder (its URI) or all; what is wrong with it, for the person."""
        if section is None:
            self._editor.pop(scope, None)
            return ()
        if not isinstance(section, Mapping):
            return ("the setting `suture` must be an object",)
        parsed = parse(cast("Mapping[str, Any]", section), editor=True)
        self._editor[scope] = parsed
        return tuple(f"suture.{'.'.join(problem.key)}: {problem.message}" for problem in parsed.problems)

    def forget_settings(self) -> None:
        """Something that settings depend on changed: files, folders, trust or the editor's settings."""
        self._projects.forget()
        self._settings.clear()
        if self.protocol.state == "running":
            self.settings_changed.emit()

    def _path(self, uri: str) -> str:
        try:
            return str(path_of(uri)) if re.match(r"[A-Za-z][\w+.-]+:", uri) else uri  # C:\\… is a path
        except UserError:
            return os.path.join(str(self.roots[0]) if self.roots else os.sep, "untitled.py")

    def _read_project(self, path: Path) -> str | None:
        document = self.workspace.opened(path.as_uri())
        if document is not None:
            return document.text
        try:
            with path.open("rb") as file:
                return decode(file.read(MAX_BYTES)).text
        except OSError:
            return None

    # -- sending and running -------------------------------------------------------------------------------------

    def notify_raw(self, method: str, params: bytes | Mapping[str, Any]) -> None:
        """A notification from finished JSON (bytes) or plain JSON, past the converter."""
        self.protocol.notify_raw(method, params)

    def spawn(self, work: Coroutine[Any, Any, Any], name: str) -> asyncio.Task[Any]:
        """Run a coroutine beside the requests; a failure is logged, it ends with the server."""
        return self.protocol.spawn(work, name)

    def say(self, message: str, kind: types.MessageType = types.MessageType.Log) -> None:
        """A line in the editor's output channel (not a popup)."""
        self.notify_raw(types.WINDOW_LOG_MESSAGE, {"type": int(kind), "message": message})

    def report_server_error(self, error: Exception, source: Any) -> None:
        """pygls would open a popup here."""
        log.error("%s: %s", getattr(source, "__name__", source), error)

    # -- life ----------------------------------------------------------------------------------------------------

    @property
    def text_document_sync_kind(self) -> types.TextDocumentSyncKind:
        return types.TextDocumentSyncKind.Incremental

    @property
    def notebook_document_sync(self) -> types.NotebookDocumentSyncOptions | None:
        cells = types.NotebookDocumentFilterWithCells(cells=[types.NotebookCellLanguage("python")], notebook="*")
        return types.NotebookDocumentSyncOptions([cells])

    def configure(self, params: types.InitializeParams) -> None:
        """Take the client's options. Raises InvalidParams for what must not be guessed."""
        self.trust.declare(params.initialization_options)
        options = cast("Mapping[str, Any] | None", params.initialization_options) or {}
        self.offers_model = self.editor_model = options.get("editorModel") is True
        self.option_problems = self.take_editor_settings(options.get("settings"), OPTIONS)

    def start(self, loop: asyncio.AbstractEventLoop) -> asyncio.Future[int]:
        """Called by the transport, on the loop; the future gives the exit status."""
        self._loop = loop
        self._stopped = loop.create_future()
        logs.silence_talkative()
        loop.set_exception_handler(_unhandled)
        if sys.platform != "win32" and threading.current_thread() is threading.main_thread():
            for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
                loop.add_signal_handler(number, self.stop, 128 + number)
        return self._stopped

    def stop(self, code: int) -> None:
        """Leave, with this exit status. The first one counts."""
        if self._stopped is not None and not self._stopped.done():
            self.stopping.emit()
            self.children.kill_all(strays=self.ends_process)
            self._stopped.set_result(code)

    def client_gone(self) -> None:
        """The connection or the client's process ended."""
        self.stop(0 if self.protocol.state == "shutdown" else 1)

    def watch_client(self, pid: int | None) -> None:
        """Leave when the client's process does."""
        loop = self._loop
        if pid is None or loop is None:
            return

        def gone() -> None:
            try:
                loop.call_soon_threadsafe(self.client_gone)
            except RuntimeError:
                return  # the loop is closed: we are leaving already
            self.hard_exit_after(1.0)

        watch_process(pid, gone)

    def hard_exit_after(self, seconds: float) -> None:
        """From a thread: if the loop has not let the process end by then, end it."""
        if self.ends_process:
            time.sleep(seconds)
            self.children.kill_all(strays=self.ends_process)
            os._exit(1)

    #: Whether this server has the process to itself (the command line sets it).
    ends_process = False


def _unhandled(_: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """What asyncio could give to nobody: a callback or a forgotten task that failed."""
    error = context.get("exception")
    if isinstance(error, BaseException):
        response_error(error)
    else:
        log.warning("%s", context.get("message"))


def create_server(features: Iterable[str] | None = None) -> SutureServer:
    """A server with every feature of :mod:`.features` registered (or only those named, for tests)."""
    logs.silence_talkative()
    server = SutureServer()
    package = importlib.import_module(".features", __package__)
    # `sync` first: whoever listens to a change must find the document changed.
    names = sorted(
        (info.name for info in pkgutil.iter_modules(package.__path__)), key=lambda name: (name != "sync", name)
    )
    for name in names:
        if features is None or name in features:
            importlib.import_module(f"{package.__name__}.{name}").register(server)
    return server
