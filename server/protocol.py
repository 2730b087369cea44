"""JSON-RPC and the life cycle of the language server protocol, over pygls' types but not over its message loop.

A message comes in as bytes (:meth:`SutureProtocol.receive`) and is answered exactly once, whatever it holds: malformed
JSON, malformed parameters, a request too early or too late, a cancelled request, a failing handler.

Invariant: a handler is a coroutine function; each request is one asyncio task; cancelling the request cancels the task
and answers at once. Functions registered by :meth:`SutureProtocol.inline` run on arrival, in order, before any task.
Invariant: a request of :meth:`SutureProtocol.prompt` is answered on arrival, between the notifications before it and
behind it: the answer is about the text that the client had when it asked, and stands behind no task.
Invariant: nothing here logs parameters, results or message bodies.
Invariant: an internal error is never a popup.
"""

from __future__ import annotations

import asyncio
import contextlib
import enum
import itertools
import json
import logging
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Protocol, cast

from cattrs import transform_error
from lsprotocol import types
from pygls.capabilities import ServerCapabilitiesBuilder
from pygls.exceptions import JsonRpcException
from pygls.protocol import LanguageServerProtocol
from pygls.protocol.language_server import _prepare_command_arguments as prepare_arguments  # pyright: ignore
from pygls.uris import from_fs_path

from ..analyzers.errors import Unavailable
from ..analyzers.source import Encoding
from . import errors
from .documents import DocumentWorkspace
from .errors import InvalidParams, InvalidRequest, response_error
from .plain_params import READERS, UNUSUAL
from .progress_tokens import FreedProgress

if TYPE_CHECKING:
    from cattrs import Converter

    from .app import SutureServer

log = logging.getLogger(__name__)

MessageId = int | str
Handler = Callable[..., Awaitable[Any]]
Inline = Callable[[Any], None]
Prompt = Callable[[Any], Any]  # of parameters: the result, or a coroutine that gives it


class Sender(Protocol):
    """Where messages go: one JSON body at a time, framed by the transport. Never blocks."""

    def send(self, body: bytes) -> None: ...


@dataclass(frozen=True, slots=True)
class Written:
    """A result that is JSON already."""

    body: bytes


@dataclass(slots=True)
class _Asked:
    """A request of ours that the client has not answered yet."""

    method: str
    future: Future[Any]


class SutureProtocol(LanguageServerProtocol):
    """See the module. ``state`` only ever moves to the right: new → running → shutdown."""

    _server: SutureServer  # pyright: ignore[reportIncompatibleVariableOverride] - made for this server only
    fm: Any  # pygls' registry is not typed

    def __init__(self, server: SutureServer, converter: Converter) -> None:
        self.state: Literal["new", "running", "shutdown"] = "new"
        self._sender: Sender | None = None
        self._requests: dict[MessageId, asyncio.Task[None]] = {}
        self._tokens: dict[types.ProgressToken, MessageId] = {}
        self._asked: dict[str, _Asked] = {}
        self._numbers = itertools.count(1)
        self._background: set[asyncio.Task[Any]] = set()
        self._inline: dict[str, list[Inline]] = {}
        self._prompt: dict[str, Prompt] = {}
        self._encoder = json.JSONEncoder(default=self._serialize_message, separators=(",", ":"))
        self.capability_hooks: list[Callable[[types.ServerCapabilities], None]] = []
        super().__init__(server, converter)
        self.progress: FreedProgress = FreedProgress(self)
        self.inline(types.WINDOW_WORK_DONE_PROGRESS_CANCEL)(self._cancel_progress)

    # -- registration --------------------------------------------------------------------------------------------

    def inline(self, method: str) -> Callable[[Inline], Inline]:
        """Registers a plain function for a notification, run on arrival and in order. It must be quick."""

        def register(function: Inline) -> Inline:
            self._inline.setdefault(method, []).append(function)
            return function

        return register

    def prompt(self, method: str) -> Callable[[Prompt], Prompt]:
        """Registers a plain function that answers a request on arrival, from what is known. It must be quick; what is
        not gives a coroutine, which is then served as that of a handler."""

        def register(function: Prompt) -> Prompt:
            self._prompt[method] = function
            return function

        return register

    # -- in ------------------------------------------------------------------------------------------------------

    def receive(self, body: bytes | str) -> None:
        """One message, as the transport read it. Never raises."""
        try:
            message = json.loads(body)
        except (ValueError, RecursionError):
            self.refuse("the message is not valid JSON")
            return
        try:
            self._dispatch(message)
        except Exception as error:  # noqa: BLE001 - the reader must go on, whatever a message does
            errors.unforeseen(error)

    def refuse(self, reason: str, code: int = errors.PARSE_ERROR) -> None:
        """Answer something whose id cannot be known."""
        log.warning("refused a message: %s", reason)
        self._reply_error(None, {"code": code, "message": reason})

    def _dispatch(self, message: Any) -> None:
        if not isinstance(message, dict):
            self.refuse("a message is a JSON object; batches are not part of the protocol", errors.INVALID_REQUEST)
            return
        message = cast("dict[str, Any]", message)
        method, ident = message.get("method"), message.get("id")
        if method is None and "id" in message and ("result" in message or "error" in message):
            self._answered(ident, message)
        elif not isinstance(method, str):
            self._reply_error(_valid_id(ident), {"code": errors.INVALID_REQUEST, "message": "`method` is missing"})
        elif "id" not in message:
            self._notification(method, message)
        elif _valid_id(ident) is None:
            self.refuse("the id of a request is a string or an integer", errors.INVALID_REQUEST)
        else:
            self._request(ident, method, message)

    def _request(self, ident: MessageId, method: str, message: dict[str, Any]) -> None:
        try:
            self._check_state(method, message)
            if ident in self._requests:
                raise InvalidRequest(f"a request with the id {ident!r} is still being served")
            params = self._params(method, message)
            if (prompt := self._prompt.get(method)) is not None:
                work = prompt(params)
                if not isinstance(work, Coroutine):
                    self._reply(ident, work)
                    return
            else:
                work = self._work(method, params)
        except Exception as error:  # noqa: BLE001 - whatever is wrong with a request, it gets an answer
            self._reply_error(ident, response_error(error))
            return
        token = getattr(params, "work_done_token", None)
        coroutine = cast("Coroutine[Any, Any, Any]", work)
        task = asyncio.get_running_loop().create_task(self._serve(ident, coroutine, token), name=method)
        task.add_done_callback(lambda _: coroutine.close())  # a task cancelled before its first step never awaits it
        self._requests[ident] = task
        if token is not None:
            self._tokens[token] = ident

    def _check_state(self, method: str, message: Mapping[str, Any]) -> None:
        if message.get("jsonrpc") != "2.0":
            raise InvalidRequest('`jsonrpc` must be "2.0"')
        if self.state == "new" and method != types.INITIALIZE:
            raise JsonRpcException("the server is not initialized yet", errors.SERVER_NOT_INITIALIZED)
        if self.state == "running" and method == types.INITIALIZE:
            raise InvalidRequest("the server is already initialized")
        if self.state == "shutdown":
            raise InvalidRequest("the server is shutting down")

    def _work(self, method: str, params: Any) -> Coroutine[Any, Any, Any]:
        """The coroutine that answers a request. What changes state happens here, on arrival."""
        handler = cast("Handler | None", self.fm.features.get(method))
        if method == types.INITIALIZE:
            return self._after(self._initialize(params), handler, params)
        if method == types.SHUTDOWN:
            self._shut_down()
            return self._after(lambda: None, handler, params)
        if method == types.WORKSPACE_EXECUTE_COMMAND:
            return self._command(params)
        if handler is None:
            raise JsonRpcException(f"{method} is not supported", errors.METHOD_NOT_FOUND)
        made = handler(params)
        return cast("Coroutine[Any, Any, Any]", made) if isinstance(made, Coroutine) else _await(made)

    async def _after(self, result: Callable[[], Any], handler: Handler | None, params: Any) -> Any:
        if handler is not None:
            await handler(params)
        return result()

    async def _serve(self, ident: MessageId, work: Coroutine[Any, Any, Any], token: types.ProgressToken | None) -> None:
        try:
            result = await work
        except asyncio.CancelledError as error:
            self._finish(ident, token, error=error)
        except Exception as error:  # noqa: BLE001 - the client hears of every failure
            self._finish(ident, token, error=error)
        else:
            self._finish(ident, token, result=result)

    def _finish(
        self,
        ident: MessageId,
        token: types.ProgressToken | None,
        *,
        result: Any = None,
        error: BaseException | None = None,
    ) -> None:
        if token is not None and self._tokens.get(token) == ident:
            del self._tokens[token]
            self.progress.tokens.pop(token, None)
        if self._requests.get(ident) is not asyncio.current_task():
            return  # answered already: it was cancelled
        del self._requests[ident]
        if error is None:
            try:
                self._reply(ident, result)
                return
            except (TypeError, ValueError, RecursionError) as unserialisable:
                error = unserialisable
        self._reply_error(ident, response_error(error))

    def _reply(self, ident: MessageId, result: Any) -> None:
        """Raises TypeError or ValueError, and sends nothing, if the result cannot be JSON."""
        if isinstance(result, Written):
            self.send_bytes(b'{"jsonrpc":"2.0","id":%b,"result":%b}' % (json.dumps(ident).encode(), result.body))
        else:
            self._send({"jsonrpc": "2.0", "id": ident, "result": result})

    def _cancel(self, ident: Any) -> None:
        """Answer a request with "cancelled" at once; its task cleans up behind the answer."""
        task = self._requests.get(ident) if isinstance(ident, (int, str)) else None
        if task is None:
            return  # it was answered while the cancellation was on its way
        del self._requests[ident]
        self._reply_error(ident, response_error(asyncio.CancelledError()))
        self.keep(task)
        task.cancel()

    def _cancel_progress(self, params: types.WorkDoneProgressCancelParams) -> None:
        if (future := self.progress.tokens.get(params.token)) is not None:
            future.cancel()
        if (ident := self._tokens.get(params.token)) is not None:
            self._cancel(ident)

    def _notification(self, method: str, message: dict[str, Any]) -> None:
        if method == types.EXIT:
            self._server.stop(0 if self.state == "shutdown" else 1)
            return
        if self.state != "running":
            log.debug("ignored %s: the server is %s", method, self.state)
            return
        if method == types.CANCEL_REQUEST:
            params: Any = message.get("params")
            self._cancel(cast("dict[str, Any]", params).get("id") if isinstance(params, dict) else None)
            return
        functions = self._inline.get(method, ())
        handler = cast("Handler | None", self.fm.features.get(method))
        if not functions and handler is None:
            log.debug("ignored %s: nothing handles it", method)
            return
        try:
            params = self._params(method, message)
        except InvalidParams as error:
            log.warning("ignored %s: %s", method, error)
            return
        self.arrived(method, params)
        if handler is not None:
            self.spawn(handler(params), method)

    def arrived(self, method: str, params: Any) -> None:
        """Hand a notification to the functions of :meth:`inline`, in order."""
        for function in self._inline.get(method, ()):
            try:
                function(params)
            except Exception as error:  # noqa: BLE001 - one function's fault must not keep the next from running
                response_error(error)

    def _params(self, method: str, message: dict[str, Any]) -> Any:
        """Typed parameters; plain JSON for a method that the protocol does not know. Raises InvalidParams."""
        if (read := READERS.get(method)) is not None:
            with contextlib.suppress(*UNUSUAL):  # the converter says what is wrong
                if (params := read(message["params"])) is not None:
                    return params
        kind = self.get_message_type(method)
        if kind is None:
            return message.get("params")
        try:
            return getattr(self._converter.structure(message, kind), "params", None)
        except Exception as error:
            raise InvalidParams(f"invalid parameters of {method}: {_what_is_wrong(error)}") from error

    # -- life cycle ----------------------------------------------------------------------------------------------

    def _initialize(self, params: types.InitializeParams) -> Callable[[], types.InitializeResult]:
        """Raises InvalidParams for options that cannot be honoured; the client may then try again."""
        self._server.configure(params)
        self.client_capabilities = params.capabilities
        encoding = ServerCapabilitiesBuilder.choose_position_encoding(params.capabilities)
        root_uri = params.root_uri or (from_fs_path(params.root_path) if params.root_path else None)
        self._workspace = DocumentWorkspace(root_uri, params.workspace_folders or [], _encoding(encoding))
        self.state = "running"
        self._server.watch_client(params.process_id)

        def result() -> types.InitializeResult:
            # After the user's handler, which may have registered more.
            self.server_capabilities = ServerCapabilitiesBuilder(
                params.capabilities,
                {*self.fm.features, *self.fm.builtin_features, *self._inline},
                self.fm.feature_options,
                list(self.fm.commands),
                self._server.text_document_sync_kind,
                self._server.notebook_document_sync,
                encoding,
            ).build()
            for hook in self.capability_hooks:
                hook(self.server_capabilities)
            return types.InitializeResult(self.server_capabilities, self.server_info)

        return result

    @property
    def workspace(self) -> DocumentWorkspace:
        return cast("DocumentWorkspace", super().workspace)

    def _shut_down(self) -> None:
        self.state = "shutdown"
        self._shutdown = True
        for ident, task in tuple(self._requests.items()):
            if task.get_name() != types.INITIALIZE:  # answered even if the client was in a hurry
                self._cancel(ident)

    async def close(self, grace_s: float) -> None:
        """Cancel what still runs and give it ``grace_s`` seconds to clean up. It is not waited for beyond that."""
        tasks = {*self._requests.values(), *self._background} - {asyncio.current_task()}
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks, timeout=grace_s)

    def spawn(self, work: Awaitable[Any], name: str) -> asyncio.Task[Any]:
        """Run a coroutine beside the requests. A failure is logged; nobody waits for it."""
        task = self.keep(asyncio.get_running_loop().create_task(_logged(work), name=name))
        if isinstance(work, Coroutine):
            task.add_done_callback(lambda _: work.close())  # it may have been cancelled before it began
        return task

    def keep(self, task: asyncio.Task[Any]) -> asyncio.Task[Any]:
        self._background.add(task)
        task.add_done_callback(self._background.discard)
        return task

    # -- commands ------------------------------------------------------------------------------------------------

    async def _command(self, params: types.ExecuteCommandParams) -> Any:
        handler = cast("Handler | None", self.fm.commands.get(params.command))
        if handler is None:
            raise InvalidParams(f"there is no command {params.command!r}")
        try:
            arguments, named = prepare_arguments(handler, params, self._converter)
        except Exception as error:
            raise InvalidParams(f"invalid arguments of {params.command}: {_what_is_wrong(error)}") from error
        return await handler(*arguments, **named)

    # -- out -----------------------------------------------------------------------------------------------------

    def connect(self, sender: Sender) -> None:
        self._sender = sender

    def _send(self, message: Mapping[str, Any]) -> None:
        """Raises TypeError or ValueError if the message cannot be JSON; a broken connection is not an error here."""
        self.send_bytes(self.to_json(message))

    def to_json(self, message: Any) -> bytes:
        """Raises TypeError or ValueError for what cannot be JSON."""
        return self._encoder.encode(message).encode("ascii")

    def send_bytes(self, body: bytes) -> None:
        """Send a finished message."""
        if self._sender is None:
            log.debug("nothing is connected; a message was dropped")
            return
        self._sender.send(body)

    def _send_data(self, data: Any) -> None:
        self._send(cast("Mapping[str, Any]", data if isinstance(data, dict) else self._serialize_message(data)))

    def _serialize_message(self, data: Any) -> Any:
        if hasattr(data, "__attrs_attrs__"):
            return self._converter.unstructure(data)
        if isinstance(data, enum.Enum):
            return data.value
        if isinstance(data, Path):
            return data.as_posix()
        if isinstance(data, (set, frozenset)):
            return sorted(cast("set[Any]", data))
        if isinstance(data, Mapping):
            return dict(cast("Mapping[str, Any]", data))
        raise TypeError(f"{type(data).__name__} is not JSON")

    def _reply_error(self, ident: MessageId | None, error: Mapping[str, Any]) -> None:
        self._send({"jsonrpc": "2.0", "id": ident, "error": error})

    def notify(self, method: str, params: Any | None = None) -> None:
        """A notification. ``params`` may be lsprotocol's objects or plain JSON, which is several times faster."""
        message = {"jsonrpc": "2.0", "method": method}
        self._send(message if params is None else {**message, "params": params})

    def notify_raw(self, method: str, params: bytes | Mapping[str, Any]) -> None:
        """A notification whose ``params`` are finished JSON (bytes) or plain JSON (a mapping)."""
        if isinstance(params, bytes):
            self.send_bytes(b'{"jsonrpc":"2.0","method":%b,"params":%b}' % (json.dumps(method).encode(), params))
        else:
            self.notify(method, params)

    def send_request(
        self,
        method: str,
        params: Any | None = None,
        callback: Callable[[Any], None] | None = None,
        msg_id: MessageId | None = None,
    ) -> Future[Any]:
        """Ask the client. The future fails with JsonRpcException if the client answers with an error."""
        ident = str(msg_id) if msg_id is not None else f"suture-{next(self._numbers)}"
        future: Future[Any] = Future()
        self._asked[ident] = _Asked(method, future)
        if callback is not None:
            future.add_done_callback(lambda done: _call_back(done, callback))
        message: dict[str, Any] = {"jsonrpc": "2.0", "id": ident, "method": method}
        self._send(message if params is None else {**message, "params": params})
        return future

    async def send_request_async(  # pyright: ignore[reportIncompatibleMethodOverride] - still to be awaited
        self, method: str, params: Any | None = None, msg_id: MessageId | None = None
    ) -> Any:
        """Ask the client and wait. If the caller is cancelled, the client is told and its late answer ignored."""
        ident = str(msg_id) if msg_id is not None else f"suture-{next(self._numbers)}"
        future = self.send_request(method, params, msg_id=ident)
        try:
            return await asyncio.wrap_future(future)
        except asyncio.CancelledError:
            if self._asked.pop(ident, None) is not None:
                self.notify(types.CANCEL_REQUEST, {"id": ident})
            raise

    def _answered(self, ident: Any, message: dict[str, Any]) -> None:
        """The client's answer to a request of ours, in any state."""
        asked = self._asked.pop(str(ident), None)
        if asked is None:
            log.debug("ignored an answer to a request that nobody waits for")
            return
        with contextlib.suppress(Exception):  # the future was cancelled meanwhile
            if "error" in message:
                error: Any = message["error"]
                fields = cast("dict[str, Any]", error) if isinstance(error, dict) else {}
                code = fields.get("code")
                asked.future.set_exception(
                    JsonRpcException(
                        str(fields.get("message", "")), code if isinstance(code, int) else None, fields.get("data")
                    )
                )
                return
            try:
                asked.future.set_result(self._result(asked.method, message))
            except Exception as wrong:  # noqa: BLE001 - whatever cattrs raises, the caller must hear of it
                problem = _what_is_wrong(wrong)
                asked.future.set_exception(Unavailable(f"the editor's answer to {asked.method} is invalid: {problem}"))

    def _result(self, method: str, message: dict[str, Any]) -> Any:
        kind = self.get_result_type(method)
        return message.get("result") if kind is None else self._converter.structure(message, kind).result


def _valid_id(value: Any) -> MessageId | None:
    return value if isinstance(value, (int, str)) and not isinstance(value, bool) else None


def _encoding(value: Any) -> Encoding:
    name = str(getattr(value, "value", value))
    return "utf-8" if name == "utf-8" else "utf-32" if name == "utf-32" else "utf-16"


def _what_is_wrong(error: BaseException) -> str:
    """Where parameters are malformed, without their values."""
    if isinstance(error, TypeError):
        return str(error)
    try:
        problems = transform_error(error, format_exception=_problem)
    except Exception:  # noqa: BLE001 - only the wording is lost
        problems = []
    return "; ".join(problems[:3]) or type(error).__name__


def _problem(error: BaseException, kind: type | None) -> str:
    if isinstance(error, KeyError):
        return "required field missing"
    name = getattr(kind, "__name__", None)
    return f"invalid value, expected {name}" if name else "invalid value"


async def _await(work: Awaitable[Any]) -> Any:
    return await work


async def _logged(work: Awaitable[Any]) -> Any:
    try:
        return await work
    except Exception as error:  # noqa: BLE001 - nobody waits for it: the log is the only place
        response_error(error)


def _call_back(done: Future[Any], callback: Callable[[Any], None]) -> None:
    if not done.cancelled() and done.exception() is None:
        callback(done.result())
