"""A model for cases: answers Chat Completions with the texts of the case's setup, in their order.

The last one repeats. What a model server may do wrong is tested in ``tests/codegen``; this one does nothing wrong."""

from __future__ import annotations

import contextlib
import itertools
import json
import threading
from collections.abc import Generator, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@contextlib.contextmanager
def scripted_model(replies: Sequence[str]) -> Generator[dict[str, str]]:
    """The environment that leads to it; empty without replies."""
    if not replies:
        yield {}
        return
    http = ThreadingHTTPServer(("127.0.0.1", 0), _handler(replies))
    http.daemon_threads = True
    thread = threading.Thread(target=http.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    url = f"http://127.0.0.1:{http.server_address[1]}/v1"
    try:
        yield {"OPENAI_BASE_URL": url, "OPENAI_API_KEY": "sk-test", "SUTURE_MODEL": "scripted"}
    finally:
        http.shutdown()
        http.server_close()
        thread.join()


def _handler(replies: Sequence[str]) -> type[BaseHTTPRequestHandler]:
    numbers = itertools.count()

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, format: str, *args: object) -> None:
            return

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers.get("content-length", "0")))
            text = replies[min(next(numbers), len(replies) - 1)]
            usage = {"prompt_tokens": 10, "completion_tokens": 10, "total_tokens": 20}
            events: list[dict[str, Any]] = [
                {"choices": [{"index": 0, "delta": {"content": text}, "finish_reason": None}]},
                {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]},
                {"choices": [], "usage": usage},
            ]
            self.send_response(200)
            self.send_header("content-type", "text/event-stream")
            self.end_headers()
            for each in events:
                frame = {"id": "1", "object": "chat.completion.chunk", "created": 1, "model": "scripted", **each}
                self.wfile.write(f"data: {json.dumps(frame)}\n\n".encode())
            self.wfile.write(b"data: [DONE]\n\n")

    return Handler
