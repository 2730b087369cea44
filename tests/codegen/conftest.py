"""A scripted model server that speaks the real wire protocol, a workspace, and one sandbox for the area."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from suture.codegen.proposal import ModelSettings


@dataclass
class Reply:
    """One answer of the server. ``mode`` is how it goes wrong, empty if it does not."""

    text: str = ""
    mode: str = ""  # slow | cut | malformed | status | hang | no-usage
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict[str, str])
    finish: str = "stop"
    delay_s: float = 0.0


@dataclass
class ModelServer:
    """Answers requests in the order of ``replies`` (the last one repeats) and keeps what it was asked."""

    base_url: str = ""
    replies: list[Reply] = field(default_factory=list[Reply])
    requests: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    headers: list[dict[str, str]] = field(default_factory=list[dict[str, str]])
    closed_early: threading.Event = field(default_factory=threading.Event)
    streaming: threading.Event = field(default_factory=threading.Event)
    closed_at: float = 0.0

    def script(self, *replies: Reply | str) -> None:
        self.replies = [Reply(each) if isinstance(each, str) else each for each in replies]

    @property
    def settings(self) -> ModelSettings:
        return ModelSettings(self.base_url, "sk-test-key-of-the-suite-0123456789", "scripted")

    @property
    def sent(self) -> str:
        """All text of all requests."""
        return json.dumps(self.requests)


def _handler(server: ModelServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, format: str, *args: object) -> None:
            return

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", "0")))
            server.requests.append(json.loads(body))
            server.headers.append({key.lower(): value for key, value in self.headers.items()})
            number = min(len(server.requests), len(server.replies)) - 1
            self._answer(server.replies[number])

        def _answer(self, reply: Reply) -> None:
            if reply.mode == "hang":
                self._wait(30.0)
                return
            if reply.status != 200:
                data = json.dumps({"error": {"message": reply.text or "scripted error", "type": "scripted"}}).encode()
                self.send_response(reply.status)
                for key, value in {**reply.headers, "content-length": str(len(data))}.items():
                    self.send_header(key, value)
                self.send_header("content-type", "application/json")
                self.end_headers()
                self.wfile.write(data)
                return
            self.send_response(200)
            self.send_header("content-type", "text/event-stream")
            self.send_header("transfer-encoding", "chunked")
            self.end_headers()
            try:
                self._stream(reply)
            except (BrokenPipeError, ConnectionResetError):
                server.closed_at = time.monotonic()
                server.closed_early.set()
                self.close_connection = True

        def _stream(self, reply: Reply) -> None:
            pieces = [reply.text[start : start + 7] for start in range(0, len(reply.text), 7)]
            for number, piece in enumerate(pieces):
                self._event({"choices": [{"index": 0, "delta": {"content": piece}, "finish_reason": None}]})
                server.streaming.set()
                time.sleep(reply.delay_s)
                if reply.mode == "cut" and number == len(pieces) // 2:
                    self.connection.shutdown(socket.SHUT_RDWR)
                    return
                if reply.mode == "malformed" and number == 1:
                    self._raw("data: {not json\n\n")
            self._event({"choices": [{"index": 0, "delta": {}, "finish_reason": reply.finish}]})
            if reply.mode != "no-usage":
                usage = {"prompt_tokens": 321, "completion_tokens": 45, "total_tokens": 366}
                self._event({"choices": [], "usage": usage})
            self._raw("data: [DONE]\n\n")
            self.wfile.write(b"0\r\n\r\n")

        def _event(self, value: dict[str, Any]) -> None:
            frame = {"id": "1", "object": "chat.completion.chunk", "created": 1, "model": "scripted", **value}
            self._raw(f"data: {json.dumps(frame)}\n\n")

        def _raw(self, text: str) -> None:
            data = text.encode()
            self.wfile.write(f"{len(data):x}\r\n".encode() + data + b"\r\n")
            self.wfile.flush()

        def _wait(self, seconds: float) -> None:
            """Until the client goes away, or the time is over."""
            self.connection.settimeout(seconds)
            server.streaming.set()
            try:
                gone = self.connection.recv(1) == b""
            except OSError:
                gone = True
            if gone:
                server.closed_at = time.monotonic()
                server.closed_early.set()
            self.close_connection = True

    return Handler


@pytest.fixture
def model_server() -> Iterator[ModelServer]:
    state = ModelServer()
    http = ThreadingHTTPServer(("127.0.0.1", 0), _handler(state))
    http.daemon_threads = True
    state.base_url = f"http://127.0.0.1:{http.server_address[1]}/v1"
    thread = threading.Thread(target=http.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield state
    http.shutdown()
    http.server_close()
    thread.join()


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty project; the store goes to a folder of this test."""
    monkeypatch.setenv("SUTURE_CACHE_DIR", str(tmp_path / "cache"))
    for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL", "OPENAI_MODEL", "SUTURE_MODEL"):
        monkeypatch.delenv(name, raising=False)
    root = tmp_path / "project"
    root.mkdir()
    (root / "pyproject.toml").write_text('[project]\nname = "demo"\n')
    return root


@pytest.fixture
def write(workspace: Path) -> Callable[[str, str], Path]:
    """``write("pkg/mod.py", "text")``: a file of the workspace."""

    def make(name: str, text: str) -> Path:
        path = workspace / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode())
        return path

    return make


@pytest.fixture
def reply() -> type[Reply]:
    return Reply
