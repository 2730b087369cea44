"""Standard input and output, TCP and WebSocket: bytes in, messages out, and the way out of the process.

Invariant: reading and writing never block the event loop and never wait for a worker. Where the loop can wait for stdin
it reads it itself, which saves each message two changes of thread; else stdin has a thread of its own.
Invariant: whatever the peer sends, the decoder gives either a message or a reason, and finds the next message.
Invariant: TCP and WebSocket listen on loopback unless told otherwise, serve one client, and do not serve browsers:
a request line of HTTP or an Origin header ends the connection.
"""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import logging
import os
import re
import select
import socket
import sys
import threading
from collections import deque
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..analyzers.errors import Unavailable, UserError

if TYPE_CHECKING:
    from .app import SutureServer

log = logging.getLogger(__name__)

#: The largest message that is read (bytes); a larger one is skipped and refused.
MAX_MESSAGE = 128 * 1024 * 1024

#: The largest block of headers (bytes).
MAX_HEADERS = 16 * 1024

#: What may wait for the event loop (bytes) before reading pauses.
MAX_INBOX = 256 * 1024 * 1024

#: What may wait for a client that does not read (bytes) before it is taken for dead.
MAX_BACKLOG = 512 * 1024 * 1024

#: Seconds that running tasks have to clean up on the way out.
GRACE_S = 0.3

_USUAL = re.compile(rb"Content-Length: (\d{1,18})\r\n\r\n")  # the headers of nearly every message
_LENGTH = re.compile(rb"content-length[ \t]*:", re.IGNORECASE)
_HTTP = re.compile(rb"[A-Z]+ \S+ HTTP/\d")
_CHUNK = 65536
_PIPE_BUF = 4096


@dataclass(frozen=True, slots=True)
class Refused:
    """Bytes that were not a message, and why."""

    reason: str
    fatal: bool = False


class Decoder:
    """Splits a byte stream into message bodies, and finds its way back after rubbish."""

    def __init__(self, max_message: int = MAX_MESSAGE) -> None:
        self._buffer = bytearray()
        self._max = max_message
        self._body: int | None = None  # length of the body that is being read
        self._skip = 0  # bytes of an oversized body still to be thrown away
        self._lost = False  # between messages, looking for the next Content-Length

    def feed(self, data: bytes) -> Iterator[bytes | Refused]:
        """Bodies and refusals that ``data`` completes, in order."""
        self._buffer += data
        while self._buffer or self._body == 0:
            if self._skip:
                gone = min(self._skip, len(self._buffer))
                del self._buffer[:gone]
                self._skip -= gone
            elif self._body is not None:
                if len(self._buffer) < self._body:
                    return
                body = bytes(self._buffer[: self._body])
                del self._buffer[: self._body]
                self._body = None
                yield body
            else:
                refused = self._headers()
                if refused is not None:
                    yield refused
                elif self._body is None and not self._skip:
                    return

    def _headers(self) -> Refused | None:
        """Read a block of headers. Without progress and without a refusal, more bytes are needed."""
        if self._lost and not self._found_again():
            return None
        usual = _USUAL.match(self._buffer)
        if usual is not None:
            length, end = int(usual[1]), usual.end()
            del usual  # it holds on to the buffer
            return self._begin(length, end)
        end = self._buffer.find(b"\r\n\r\n")
        if end < 0:
            if _HTTP.match(self._buffer):
                return self._lose("this is not a web server", fatal=True)
            line = self._buffer.partition(b"\n")[0]
            if (len(line) < len(self._buffer) and b":" not in line) or len(self._buffer) > MAX_HEADERS:
                return self._lose("a message starts with headers")
            return None
        block = bytes(self._buffer[:end])
        if _HTTP.match(block):
            return self._lose("this is not a web server", fatal=True)
        lines = block.split(b"\r\n")
        lengths = [value.strip() for name, _, value in (line.partition(b":") for line in lines)
                   if name.strip().lower() == b"content-length"]  # fmt: skip
        if len(lengths) != 1 or not re.fullmatch(rb"\d{1,18}", lengths[0]) or any(b":" not in line for line in lines):
            return self._lose("the headers need exactly one valid Content-Length")
        return self._begin(int(lengths[0]), end + 4)

    def _begin(self, length: int, headers: int) -> Refused | None:
        """A body of so many bytes begins behind so many of headers."""
        del self._buffer[:headers]
        if length > self._max:
            self._skip = length
            return Refused(f"a message of {length} bytes is too large (limit {self._max})")
        self._body = length
        return None

    def _lose(self, reason: str, fatal: bool = False) -> Refused:
        """Give up what stands at the front; the next Content-Length further on starts a message again."""
        here = _LENGTH.match(self._buffer)
        del self._buffer[: here.end() if here else 1]
        self._lost = True
        return Refused(reason, fatal)

    def _found_again(self) -> bool:
        found = _LENGTH.search(self._buffer)
        if found is None:
            del self._buffer[:-32]  # a header may be cut in the middle
            return False
        del self._buffer[: found.start()]
        self._lost = False
        return True


def frame(body: bytes) -> bytes:
    return b"Content-Length: %d\r\n\r\n" % len(body) + body


class FileSender:
    """Writes framed messages to a file descriptor from any thread, without ever blocking the caller.

    What the pipe takes at once is written at once, which is the fastest; the rest goes to a thread."""

    def __init__(self, fd: int, on_broken: Callable[[], None]) -> None:
        self._fd = fd
        self._on_broken = on_broken
        self._lock = threading.Condition()
        self._backlog: deque[memoryview] = deque()
        self._waiting = 0
        self._thread: threading.Thread | None = None
        self._broken = False
        self._poll = _poll(fd)

    def send(self, body: bytes) -> None:
        data = memoryview(frame(body))
        with self._lock:
            if self._broken:
                return
            if not self._backlog:
                data = self._write_now(data)
                if not data:
                    return
            self._backlog.append(data)
            self._waiting += len(data)
            if self._waiting > MAX_BACKLOG:
                log.error("the client does not read; giving it up")
                self._fail()
                return
            if self._thread is None:
                self._thread = threading.Thread(target=self._drain, name="suture-writer", daemon=True)
                self._thread.start()
            self._lock.notify_all()

    def flush(self, timeout_s: float) -> None:
        """Wait until everything is written, at most ``timeout_s`` seconds."""
        with self._lock:
            self._lock.wait_for(lambda: self._broken or not self._backlog, timeout_s)

    def _write_now(self, data: memoryview) -> memoryview:
        """Write while the descriptor takes at least PIPE_BUF bytes without blocking; what is left."""
        try:
            while data and self._writable():
                data = data[os.write(self._fd, data[:_PIPE_BUF]) :]
        except OSError:
            self._fail()
            return memoryview(b"")
        return data

    def _writable(self) -> bool:
        return self._poll is not None and any(events & select.POLLOUT for _, events in self._poll.poll(0))

    def _drain(self) -> None:
        while True:
            with self._lock:
                self._lock.wait_for(lambda: bool(self._backlog) or self._broken)
                if self._broken:
                    return
                data = self._backlog[0]
            try:
                while data:
                    data = data[os.write(self._fd, data) :]
            except OSError:
                with self._lock:
                    self._fail()
                return
            with self._lock:
                self._waiting -= len(self._backlog.popleft())
                self._lock.notify_all()

    def _fail(self) -> None:
        self._broken = True
        self._backlog.clear()
        self._lock.notify_all()
        self._on_broken()


def _poll(fd: int) -> select.poll | None:
    """What tells whether a descriptor can be written to; None where there is nothing of the kind."""
    if sys.platform == "win32":
        return None
    poll = select.poll()
    poll.register(fd, select.POLLOUT)
    return poll


def serve_stdio(server: SutureServer, stdin: int, stdout: int) -> int:
    """Serve one client over two file descriptors until it leaves; the exit status."""

    async def main() -> int:
        loop = asyncio.get_running_loop()
        stopped = server.start(loop)
        sender = FileSender(stdout, lambda: _from_thread(loop, server.client_gone))
        server.protocol.connect(sender)
        reading = _LoopReader(stdin, server, loop).start() if sys.platform == "linux" else False
        if not reading:
            threading.Thread(target=_read, args=(stdin, server, loop), name="suture-reader", daemon=True).start()
        code = await stopped
        await server.protocol.close(GRACE_S)
        sender.flush(GRACE_S)
        return code

    return _run(server, main)


class _LoopReader:
    """Reads a pipe or a socket on the loop, as much at a time as there is. What the loop has not come to yet stays with
    the client. A thread waits for the other end to be closed, so that a loop that hangs then does not keep the process.
    """

    def __init__(self, fd: int, server: SutureServer, loop: asyncio.AbstractEventLoop) -> None:
        self._fd, self._server, self._loop = fd, server, loop
        self._decoder = Decoder()

    def start(self) -> bool:
        """False where the loop cannot wait for the descriptor: a regular file."""
        try:
            self._loop.add_reader(self._fd, self._ready)
        except (OSError, NotImplementedError):
            return False
        threading.Thread(target=self._watch, name="suture-reader", daemon=True).start()
        return True

    def _ready(self) -> None:
        try:
            data = os.read(self._fd, _CHUNK)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            self._loop.remove_reader(self._fd)
            self._server.client_gone()
            return
        protocol = self._server.protocol
        for item in self._decoder.feed(data):
            if isinstance(item, bytes):
                protocol.receive(item)
            else:
                protocol.refuse(item.reason)

    def _watch(self) -> None:
        poll = select.poll()
        poll.register(self._fd, select.POLLRDHUP)
        poll.poll()
        self._server.hard_exit_after(1.5)


class _Inbox:
    """Messages on their way from the reader thread to the loop. A client that sends faster than the loop can follow
    is made to wait, so that what is unread stays in its own memory."""

    def __init__(self, server: SutureServer, loop: asyncio.AbstractEventLoop) -> None:
        self._receive = server.protocol.receive
        self._loop = loop
        self._changed = threading.Condition()
        self._waiting = 0  # bytes that the loop has not seen yet

    def put(self, body: bytes) -> None:
        with self._changed:
            self._changed.wait_for(lambda: self._waiting < MAX_INBOX)
            self._waiting += len(body)
        _from_thread(self._loop, self._deliver, body)

    def _deliver(self, body: bytes) -> None:
        self._receive(body)
        with self._changed:
            self._waiting -= len(body)
            self._changed.notify()


def _read(fd: int, server: SutureServer, loop: asyncio.AbstractEventLoop) -> None:
    """The reader thread: every message is handed to the loop in the order it came."""
    decoder, inbox = Decoder(), _Inbox(server, loop)
    while True:
        try:
            data = os.read(fd, _CHUNK)
        except OSError:
            data = b""
        if not data:
            break
        for item in decoder.feed(data):
            if isinstance(item, bytes):
                inbox.put(item)
            else:
                _from_thread(loop, server.protocol.refuse, item.reason)
    _from_thread(loop, server.client_gone)
    server.hard_exit_after(1.5)


def _from_thread(loop: asyncio.AbstractEventLoop, function: Callable[..., Any], *arguments: Any) -> None:
    try:
        loop.call_soon_threadsafe(function, *arguments)
    except RuntimeError:
        log.debug("the loop is closed; %s was not called", getattr(function, "__name__", "a function"))


class StreamSender:
    """Frames onto an asyncio stream, which buffers."""

    def __init__(self, writer: asyncio.StreamWriter) -> None:
        self._writer = writer

    def send(self, body: bytes) -> None:
        if not self._writer.is_closing():
            self._writer.write(frame(body))


def serve_tcp(server: SutureServer, host: str, port: int, *, anywhere: bool = False) -> int:
    """Listen, serve one client until it leaves; the exit status. Says where on standard error."""
    check_host(host, anywhere)

    async def main() -> int:
        stopped = server.start(asyncio.get_running_loop())
        taken = False
        writers: list[asyncio.StreamWriter] = []

        async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            nonlocal taken
            if taken:
                log.warning("refused a second client")
                writer.close()
                return
            taken = True
            writers[:] = [writer]
            server.protocol.connect(StreamSender(writer))
            if await _read_stream(server, reader):
                server.client_gone()
            else:  # a web page tried; wait for the real client
                writer.close()
                taken = False

        listener = await asyncio.start_server(connected, host, port)
        _announce("tcp", listener.sockets)
        code = await stopped
        await server.protocol.close(GRACE_S)
        for writer in writers:  # what was answered last must reach the client
            writer.close()
            with contextlib.suppress(OSError, TimeoutError):
                await asyncio.wait_for(writer.wait_closed(), GRACE_S)
        listener.close()
        return code

    return _run(server, main)


async def _read_stream(server: SutureServer, reader: asyncio.StreamReader) -> bool:
    """Read until the end of the stream; false if the peer is not a language client."""
    decoder = Decoder()
    while True:
        try:
            data = await reader.read(_CHUNK)
        except OSError:
            return True
        if not data:
            return True
        for item in decoder.feed(data):
            if isinstance(item, bytes):
                server.protocol.receive(item)
            elif item.fatal:
                log.warning("refused a connection: %s", item.reason)
                return False
            else:
                server.protocol.refuse(item.reason)


def serve_websocket(server: SutureServer, host: str, port: int, *, anywhere: bool = False) -> int:
    """Listen, serve one WebSocket client until it leaves; the exit status. One text frame is one message."""
    check_host(host, anywhere)
    from websockets.asyncio.server import ServerConnection, serve
    from websockets.exceptions import ConnectionClosed

    async def main() -> int:
        stopped = server.start(asyncio.get_running_loop())
        taken = False
        outgoing: asyncio.Queue[bytes] = asyncio.Queue()

        async def connected(connection: ServerConnection) -> None:
            nonlocal taken
            if taken:
                await connection.close(1013, "one client only")
                return
            taken = True
            server.protocol.connect(_QueueSender(outgoing))
            writer = server.spawn(_write_websocket(connection, outgoing), "websocket writer")
            try:
                async for message in connection:
                    server.protocol.receive(message)
            except ConnectionClosed:
                log.debug("the connection broke")
            finally:
                writer.cancel()
                server.client_gone()

        # `origins=[None]`: only clients without an Origin header, that is no web page.
        async with serve(connected, host, port, origins=[None], max_size=MAX_MESSAGE, compression=None) as listener:
            _announce("ws", listener.sockets)
            code = await stopped
            with contextlib.suppress(TimeoutError):  # what was answered last must reach the client
                await asyncio.wait_for(outgoing.join(), GRACE_S)
            await server.protocol.close(GRACE_S)
            return code

    return _run(server, main)


class _QueueSender:
    def __init__(self, queue: asyncio.Queue[bytes]) -> None:
        self._queue = queue

    def send(self, body: bytes) -> None:
        self._queue.put_nowait(body)


async def _write_websocket(connection: Any, queue: asyncio.Queue[bytes]) -> None:
    while True:
        await connection.send((await queue.get()).decode("ascii"))
        queue.task_done()


def parse_address(text: str) -> tuple[str, int]:
    """``HOST:PORT``, ``[V6]:PORT`` or ``:PORT``. Raises UserError."""
    host, colon, port = text.rpartition(":")
    if not colon or not port.isdigit() or int(port) > 65535:
        raise UserError(f"{text!r} is not an address", "write HOST:PORT, for instance 127.0.0.1:2087")
    return host.strip("[]") or "127.0.0.1", int(port)


def check_host(host: str, anywhere: bool) -> None:
    """Raises UserError for an address that other machines reach, unless ``anywhere``."""
    if anywhere or host == "localhost":
        return
    try:
        loopback = ipaddress.ip_address(host).is_loopback
    except ValueError:
        loopback = False
    if not loopback:
        raise UserError(
            f"{host} may be reached by other machines, and the protocol has no password",
            "listen on 127.0.0.1, or add --allow-remote if you know what reaches it",
        )


def _announce(scheme: str, sockets: Any) -> None:
    for each in sockets:
        name: Any = each.getsockname()
        host = f"[{name[0]}]" if each.family == socket.AF_INET6 else name[0]
        print(f"suture: listening on {scheme}://{host}:{name[1]}", file=sys.stderr, flush=True)


def _run(server: SutureServer, main: Callable[[], Awaitable[int]]) -> int:
    """Run ``main`` to its end. Nothing that still runs afterwards, thread or child, is waited for."""
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    try:
        return loop.run_until_complete(main())
    except OSError as error:
        raise Unavailable(f"cannot listen: {error.strerror or error}", "choose another port") from error
    finally:
        server.children.kill_all(strays=server.ends_process)
