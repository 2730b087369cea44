"""A scripted model server that speaks the real wire protocol, a workspace, and one sandbox for the area."""

from __future__ import annotations

import json
import os
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
    mode: str = ""  # cut | malformed | hang | no-usage | refusal
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict[str, str])
    finish: str = "stop"
    delay_s: float = 0.0


@dataclass
class ModelServer:
    """Answers requests in the order of ``replies`` (the last one repeats) and keeps what it was asked.

    It speaks Chat Completions, Responses and Anthropic's Messages, each by its path, and is a proxy that answers for
    every host. ``closed`` counts the connections that the client closed before an answer's end."""

    base_url: str = ""
    replies: list[Reply] = field(default_factory=list[Reply])
    requests: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    headers: list[dict[str, str]] = field(default_factory=list[dict[str, str]])
    paths: list[str] = field(default_factory=list[str])
    closed_early: threading.Event = field(default_factory=threading.Event)
    streaming: threading.Event = field(default_factory=threading.Event)
    closed: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def script(self, *replies: Reply | str) -> None:
        """What is answered from now on; what was asked before is forgotten."""
        self.replies = [Reply(each) if isinstance(each, str) else each for each in replies]
        for each in (self.requests, self.headers, self.paths):
            each.clear()

    @property
    def settings(self) -> ModelSettings:
        return self.of("openai-compatible")

    def of(self, provider: str, model: str = "scripted") -> ModelSettings:
        url = self.base_url.removesuffix("/v1") if provider == "anthropic" else self.base_url
        return ModelSettings(url, "sk-test-key-of-the-suite-0123456789", model, provider)

    @property
    def sent(self) -> str:
        """All text of all requests."""
        return json.dumps(self.requests)

    def gone(self) -> None:
        self.closed += 1
        self.closed_early.set()


Event = tuple[str, dict[str, Any]]  # the event's name (empty: none is sent), its data


def _pieces(reply: Reply) -> list[str]:
    return [reply.text[start : start + 7] for start in range(0, len(reply.text), 7)]


def _chat(reply: Reply) -> Iterator[Event]:
    def chunk(**values: Any) -> Event:
        return "", {"id": "1", "object": "chat.completion.chunk", "created": 1, "model": "scripted", **values}

    kind = "refusal" if reply.mode == "refusal" else "content"
    for piece in _pieces(reply):
        yield chunk(choices=[{"index": 0, "delta": {kind: piece}, "finish_reason": None}])
    yield chunk(choices=[{"index": 0, "delta": {}, "finish_reason": reply.finish}])
    if reply.mode != "no-usage":
        yield chunk(choices=[], usage={"prompt_tokens": 321, "completion_tokens": 45, "total_tokens": 366})
    yield "", {}


def _responses(reply: Reply) -> Iterator[Event]:
    kind = "refusal" if reply.mode == "refusal" else "output_text"
    numbers = iter(range(10_000))

    def event(name: str, **values: Any) -> Event:
        return f"response.{name}", {"type": f"response.{name}", "sequence_number": next(numbers), **values}

    place = {"item_id": "m", "output_index": 0, "content_index": 0}
    whole: dict[str, Any] = {"id": "r", "object": "response", "created_at": 1, "model": "scripted", "output": []}
    yield event("created", response={**whole, "status": "in_progress"})
    for piece in _pieces(reply):
        yield event(f"{kind}.delta", delta=piece, logprobs=[], **place)
    usage = {"input_tokens": 321, "output_tokens": 45, "total_tokens": 366}
    if reply.finish == "stop":
        yield event("completed", response={**whole, "status": "completed", "usage": usage})
    elif reply.finish == "failed":
        error = {"code": "server_error", "message": "scripted failure"}
        yield event("failed", response={**whole, "status": "failed", "error": error})
    else:
        reason = "max_output_tokens" if reply.finish == "length" else reply.finish
        details = {"status": "incomplete", "incomplete_details": {"reason": reason}, "usage": usage}
        yield event("incomplete", response={**whole, **details})


def _messages(reply: Reply) -> Iterator[Event]:
    def event(name: str, **values: Any) -> Event:
        return name, {"type": name, **values}

    usage = {"input_tokens": 321, "output_tokens": 1}
    message: dict[str, Any] = {"id": "m", "type": "message", "role": "assistant", "model": "scripted", "content": []}
    message |= {"usage": usage, "stop_reason": None, "stop_sequence": None}
    yield event("message_start", message=message)
    yield event("content_block_start", index=0, content_block={"type": "text", "text": ""})
    for piece in _pieces(reply):
        yield event("content_block_delta", index=0, delta={"type": "text_delta", "text": piece})
    yield event("content_block_stop", index=0)
    why = {"stop": "end_turn", "length": "max_tokens"}.get(reply.finish, reply.finish)
    why = "refusal" if reply.mode == "refusal" else why
    yield event("message_delta", delta={"stop_reason": why, "stop_sequence": None}, usage={"output_tokens": 45})
    yield event("message_stop")


_SPOKEN: dict[str, Callable[[Reply], Iterator[Event]]] = {
    "/chat/completions": _chat,
    "/responses": _responses,
    "/messages": _messages,
}


def _handler(server: ModelServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def log_message(self, format: str, *args: object) -> None:
            return

        def do_CONNECT(self) -> None:
            with server.lock:
                server.paths.append(self.path)
            self.send_error(502, "this proxy only records")

        do_GET = do_CONNECT

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", "0")))
            with server.lock:
                server.requests.append(json.loads(body))
                server.headers.append({key.lower(): value for key, value in self.headers.items()})
                server.paths.append(self.path)
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
                server.gone()
                self.close_connection = True

        def _stream(self, reply: Reply) -> None:
            spoken = next(speak for path, speak in _SPOKEN.items() if self.path.split("?")[0].endswith(path))
            events = list(spoken(reply))
            for number, (name, data) in enumerate(events):
                text = json.dumps(data) if data else "[DONE]"
                self._raw(f"event: {name}\ndata: {text}\n\n" if name else f"data: {text}\n\n")
                server.streaming.set()
                time.sleep(reply.delay_s)
                if reply.mode == "cut" and number == len(events) // 2:
                    self.connection.shutdown(socket.SHUT_RDWR)
                    return
                if reply.mode == "malformed" and number == 2:
                    self._raw(f"event: {name}\ndata: {{not json\n\n" if name else "data: {not json\n\n")
            self.wfile.write(b"0\r\n\r\n")

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
                server.gone()
            self.close_connection = True

    return Handler


@dataclass
class Models:
    """Makes scripted servers; all are stopped at the end."""

    made: list[tuple[ThreadingHTTPServer, threading.Thread]] = field(
        default_factory=list[tuple[ThreadingHTTPServer, threading.Thread]]
    )

    def start(self, *replies: Reply | str) -> ModelServer:
        state = ModelServer()
        http = ThreadingHTTPServer(("127.0.0.1", 0), _handler(state))
        http.daemon_threads = True
        state.base_url = f"http://127.0.0.1:{http.server_address[1]}/v1"
        thread = threading.Thread(target=http.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        self.made.append((http, thread))
        state.script(*replies)
        return state

    def stop(self) -> None:
        for http, thread in self.made:
            http.shutdown()
            http.server_close()
            thread.join()


@pytest.fixture
def model_servers() -> Iterator[Models]:
    made = Models()
    yield made
    made.stop()


@pytest.fixture
def model_server(model_servers: Models) -> ModelServer:
    return model_servers.start()


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty project; the store goes to a folder of this test."""
    monkeypatch.setenv("SUTURE_CACHE_DIR", str(tmp_path / "cache"))
    for name in [each for each in os.environ if each.startswith(("OPENAI_", "ANTHROPIC_", "GEMINI_", "SUTURE_MODEL"))]:
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
