"""A small language client over a real process, and a harness that talks to a server in this process."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Coroutine, Iterator
from pathlib import Path
from typing import Any

import pytest

from suture.server.app import SutureServer, create_server

Message = dict[str, Any]

#: A server with commands that the tests need, run by ``python -c``.
TEST_SERVER = """
import asyncio, os, subprocess, sys, threading, time
from suture.server import app, log, transport
from suture.server.cli import serve
log.configure_logging(int(os.environ.get("TEST_LOG", "30")))
fds = serve._take_stdio()
server = app.create_server(["sync"])

@server.command("test.sleep")
async def sleep(seconds: float):
    await asyncio.sleep(seconds)
    return "slept"

@server.command("test.threads")
async def threads(count: int, seconds: float):
    loop = asyncio.get_running_loop()
    for _ in range(count):
        loop.run_in_executor(None, time.sleep, seconds)
    return "busy"

@server.command("test.stubborn")
async def stubborn():
    for _ in range(100):
        try:
            await asyncio.sleep(0.1)
        except asyncio.CancelledError:
            pass

@server.command("test.print")
async def noisy():
    print("this must not reach the protocol")
    sys.stdout.write("nor this")
    os.write(1, b"nor that")
    subprocess.run([sys.executable, "-c", "print('nor what a child says')"])
    return sys.stdin.read()

@server.command("test.child")
async def child(how: str):
    code = "import time; time.sleep(60)"
    if how == "pdeathsig":
        call = f"die_with_parent({os.getpid()})"
        code = f"from suture.server.children import die_with_parent; {call}; print(flush=True); {code}"
    process = subprocess.Popen([sys.executable, "-c", code], start_new_session=True, stdout=subprocess.PIPE)
    if how == "pdeathsig":
        process.stdout.readline()
    else:
        server.children.add(process.pid)
    return process.pid

@server.command("test.hang")
async def hang():
    time.sleep(60)

server.ends_process = True
os._exit(transport.serve_stdio(server, *fds))
"""


class Client:
    """Speaks to one server process. Requests of the server get ``answers[method]`` (default null)."""

    def __init__(self, argv: list[str], cwd: Path, env: dict[str, str]) -> None:
        self.process = subprocess.Popen(
            argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=cwd, env=env
        )
        self.answers: dict[str, Callable[[Any], Any]] = {}
        self.notifications: list[Message] = []
        self.requests: list[Message] = []
        self.errors = ""
        self._responses: dict[Any, queue.Queue[Message]] = {}
        self._ids = iter(range(1, 1_000_000))
        self._news = threading.Condition()
        self._threads = [threading.Thread(target=each, daemon=True) for each in (self._read, self._read_errors)]
        for thread in self._threads:
            thread.start()

    def write(self, data: bytes) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(data)
        self.process.stdin.flush()

    def send_body(self, body: bytes) -> None:
        self.write(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))

    def send(self, message: Message) -> None:
        self.send_body(json.dumps({"jsonrpc": "2.0", **message}).encode())

    def notify(self, method: str, params: Any = None) -> None:
        self.send({"method": method} if params is None else {"method": method, "params": params})

    def request(self, method: str, params: Any = None) -> int:
        ident = next(self._ids)
        self._responses[ident] = queue.Queue()
        message: Message = {"id": ident, "method": method}
        self.send(message if params is None else {**message, "params": params})
        return ident

    def response(self, ident: Any, timeout: float = 60.0) -> Message:
        """The whole response message."""
        return self._responses.setdefault(ident, queue.Queue()).get(timeout=timeout)

    def call(self, method: str, params: Any = None, timeout: float = 60.0) -> Any:
        """The result; an error response fails the test."""
        message = self.response(self.request(method, params), timeout)
        assert "error" not in message, message
        return message["result"]

    def error(self, method: str, params: Any = None) -> Message:
        return self.response(self.request(method, params))["error"]

    def command(self, name: str, *arguments: Any) -> int:
        return self.request("workspace/executeCommand", {"command": name, "arguments": list(arguments)})

    def initialize(self, **params: Any) -> Any:
        result = self.call("initialize", {"processId": None, "rootUri": None, "capabilities": {}, **params})
        self.notify("initialized", {})
        return result

    def wait_for(self, check: Callable[[], Any], timeout: float = 60.0) -> Any:
        """The first true value of ``check``, asked again whenever a message came."""
        end = time.monotonic() + timeout
        with self._news:
            while not (value := check()):
                assert self._news.wait(min(0.05, max(0.0, end - time.monotonic()))) or time.monotonic() < end, (
                    "nothing came in time"
                )
        return value

    def notified(self, method: str) -> list[Any]:
        return [each.get("params") for each in self.notifications if each["method"] == method]

    def exit_code(self, timeout: float = 30.0) -> int:
        return self.process.wait(timeout)

    def leave(self) -> int:
        self.call("shutdown")
        self.notify("exit")
        return self.exit_code()

    def stderr(self) -> str:
        """Everything on standard error, once the process has ended."""
        self.process.wait(60)
        self._threads[1].join(5)
        return self.errors

    def end(self) -> None:
        self.process.kill()
        self.process.wait()
        for thread in self._threads:
            thread.join(5)
        for stream in (self.process.stdin, self.process.stdout, self.process.stderr):
            if stream is not None:
                with contextlib.suppress(BrokenPipeError):
                    stream.close()

    def _read(self) -> None:
        stdout = self.process.stdout
        assert stdout is not None
        while True:
            length = None
            while (line := stdout.readline()) not in (b"\r\n", b""):
                name, _, value = line.partition(b":")
                assert name == b"Content-Length", line
                length = int(value)
            if length is None:
                return
            self._take(json.loads(stdout.read(length)))

    def _take(self, message: Message) -> None:
        with self._news:
            if "method" not in message:
                self._responses.setdefault(message["id"], queue.Queue()).put(message)
            elif "id" in message:
                self.requests.append(message)
                answer = self.answers.get(message["method"], lambda _: None)(message.get("params"))
                if answer is not NotImplemented:
                    self.send({"id": message["id"], "result": answer})
            else:
                self.notifications.append(message)
            self._news.notify_all()

    def _read_errors(self) -> None:
        assert self.process.stderr is not None
        for line in self.process.stderr:
            self.errors += line.decode("utf-8", "replace")


@pytest.fixture
def clean_env(tmp_path: Path) -> dict[str, str]:
    """An environment with no keys, a private cache, and byte code kept."""
    env = {name: value for name, value in os.environ.items() if "KEY" not in name and "PYTHONDONT" not in name}
    return {**env, "SUTURE_CACHE_DIR": str(tmp_path / "cache")}


@pytest.fixture
def start(tmp_path: Path, clean_env: dict[str, str]) -> Iterator[Callable[..., Client]]:
    """Starts ``suture serve`` with further arguments, or the test server (``start(test=True)``)."""
    clients: list[Client] = []

    def launch(*arguments: str, test: bool = False, env: dict[str, str] | None = None) -> Client:
        argv = [sys.executable, *(["-c", TEST_SERVER] if test else ["-m", "suture", *(arguments or ["serve"])])]
        client = Client(argv, tmp_path, {**clean_env, **(env or {})})
        clients.append(client)
        return client

    yield launch
    for client in clients:
        client.end()


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    """One initialized test server for the tests that leave it as they found it."""
    folder = tmp_path_factory.mktemp("shared")
    env = {name: value for name, value in os.environ.items() if "KEY" not in name and "PYTHONDONT" not in name}
    client = Client([sys.executable, "-c", TEST_SERVER], folder, {**env, "SUTURE_CACHE_DIR": str(folder / "cache")})
    client.initialize()
    yield client
    client.end()


class Harness:
    """A server in this process, without a transport: what it sends is kept in ``sent``."""

    def __init__(self, features: list[str]) -> None:
        self.server: SutureServer = create_server(features)
        self.sent: list[Message] = []
        self.server.protocol.connect(self)

    # The transport's side.
    def send(self, body: bytes) -> None:
        self.sent.append(json.loads(body))

    def receive(self, message: Any) -> None:
        self.server.protocol.receive(json.dumps(message).encode())

    def notify(self, method: str, params: Any = None) -> None:
        self.receive({"jsonrpc": "2.0", "method": method, "params": params})

    def request(self, ident: int | str, method: str, params: Any = None) -> None:
        message = {"jsonrpc": "2.0", "id": ident, "method": method}
        self.receive(message if params is None else {**message, "params": params})

    def answers(self, ident: Any) -> list[Message]:
        return [each for each in self.sent if "method" not in each and each.get("id") == ident]

    async def answer(self, ident: Any, timeout: float = 30.0) -> Message:
        async with asyncio.timeout(timeout):
            while not self.answers(ident):
                await asyncio.sleep(0.001)
        return self.answers(ident)[0]

    async def initialize(self, **params: Any) -> Message:
        self.server.start(asyncio.get_running_loop())
        self.request("init", "initialize", {"processId": None, "rootUri": None, "capabilities": {}, **params})
        return await self.answer("init")

    def open(self, uri: str, text: str, version: int = 1) -> None:
        item = {"uri": uri, "languageId": "python", "version": version, "text": text}
        self.notify("textDocument/didOpen", {"textDocument": item})


@pytest.fixture
def harness(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Harness]:
    """Makes a server in this process with the features named (default: synchronisation only)."""
    monkeypatch.setenv("SUTURE_CACHE_DIR", str(tmp_path / "cache"))

    def make(*features: str) -> Harness:
        return Harness(list(features or ("sync",)))

    return make


@pytest.fixture
def run() -> Callable[[Coroutine[Any, Any, Any]], Any]:
    """Runs a coroutine to its end in a loop of its own."""
    return asyncio.run
