"""Start, and edit → diagnostics, beside ``ruff server`` in one run: ``python tests/benchmarks/keystroke.py [FILE…]``.

An undefined name stands in a function near the middle of the file and grows by one letter an edit; an answer counts
when a publish names exactly the present name. Both servers are asked in turn, so that a busy machine is busy for both.
Prints the median and the 95th percentile in milliseconds and the ratio; it never fails on a time.
"""

from __future__ import annotations

import ast
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from importlib.util import find_spec
from pathlib import Path
from statistics import median, quantiles
from typing import Any, BinaryIO

from ruff import find_ruff_bin  # pyright: ignore[reportMissingTypeStubs]

EDITS, PAUSE_S, TIMEOUT_S = 40, 0.12, 30.0
SERVERS = {"suture": [sys.executable, "-m", "suture.server", "serve", "--stdio"], "ruff": [find_ruff_bin(), "server"]}


class Client:
    """One server and one open document."""

    def __init__(self, command: list[str], path: Path, line: int, column: int) -> None:
        began = time.perf_counter()
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, cwd=path.parent
        )
        self.uri, self.line, self.column, self.version = path.as_uri(), line, column, 1
        capabilities = {"textDocument": {"publishDiagnostics": {"versionSupport": True}}}
        self.send(
            1, "initialize", {"processId": os.getpid(), "rootUri": path.parent.as_uri(), "capabilities": capabilities}
        )
        while self.receive().get("id") != 1:
            continue
        self.start_ms = (time.perf_counter() - began) * 1000
        self.send(None, "initialized", {})
        item = {"uri": self.uri, "languageId": "python", "version": 1, "text": path.read_text("utf-8")}
        self.send(None, "textDocument/didOpen", {"textDocument": item})

    def pipes(self) -> tuple[BinaryIO, BinaryIO]:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        return self.process.stdin, self.process.stdout  # type: ignore[return-value]

    def send(self, ident: int | None, method: str, params: Any) -> None:
        message = {"jsonrpc": "2.0", "method": method, "params": params, **({"id": ident} if ident else {})}
        body = json.dumps(message).encode()
        stdin, _ = self.pipes()
        stdin.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)
        stdin.flush()

    def receive(self) -> dict[str, Any]:
        _, stdout = self.pipes()
        length = 0
        while (header := stdout.readline().strip()) or not length:
            if header.lower().startswith(b"content-length:"):
                length = int(header.split(b":")[1])
        message: dict[str, Any] = json.loads(stdout.read(length))
        if "id" in message and "method" in message:
            answer = json.dumps({"jsonrpc": "2.0", "id": message["id"], "result": None}).encode()
            stdin, _ = self.pipes()
            stdin.write(b"Content-Length: %d\r\n\r\n" % len(answer) + answer)
            stdin.flush()
        return message

    def until(self, name: str) -> float:
        """The moment at which a publish names ``name``."""
        wanted = re.compile(rf"\b{name}\b")
        deadline = time.perf_counter() + TIMEOUT_S
        while time.perf_counter() < deadline:
            message = self.receive()
            at = time.perf_counter()
            if message.get("method") != "textDocument/publishDiagnostics":
                continue
            if any(wanted.search(str(each["message"])) for each in message["params"]["diagnostics"]):
                return at
        raise TimeoutError(name)

    def type(self, letter: str) -> float:
        self.version += 1
        at = {"line": self.line, "character": self.column}
        self.column += 1
        began = time.perf_counter()
        document = {"uri": self.uri, "version": self.version}
        change = {"range": {"start": at, "end": at}, "text": letter}
        self.send(None, "textDocument/didChange", {"textDocument": document, "contentChanges": [change]})
        return began


def seed(text: str) -> tuple[str, int, int]:
    """The text with ``zzq`` on a line of its own in a function near the middle; its line and the column behind it."""
    lines = text.splitlines(keepends=True)
    statements = [
        each
        for function in ast.walk(ast.parse(text))
        if isinstance(function, ast.FunctionDef)
        for each in function.body[1:]
        if not isinstance(each, ast.FunctionDef | ast.ClassDef)
    ]
    nearest = min(statements, key=lambda each: abs(each.lineno - len(lines) // 2))
    indent = " " * nearest.col_offset
    lines.insert(nearest.lineno - 1, f"{indent}zzq\n")
    return "".join(lines), nearest.lineno - 1, len(indent) + 3


def main() -> None:
    origins = (find_spec("hypothesis.core"), find_spec("sqlalchemy.dialects.postgresql.base"))
    defaults = [Path(str(each.origin)) for each in origins if each is not None]
    for source in [Path(each) for each in sys.argv[1:]] or defaults:
        text, line, column = seed(source.read_text("utf-8"))
        times: dict[str, list[float]] = {name: [] for name in SERVERS}
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder).resolve() / source.name
            path.write_text(text, "utf-8")
            clients = {name: Client(command, path, line, column) for name, command in SERVERS.items()}
            starts = {server: client.start_ms for server, client in clients.items()}
            name = "zzq"
            for client in clients.values():
                client.until(name)
            for number in range(EDITS):
                name += "abcdefghij"[number % 10]
                for server, client in clients.items():
                    began = client.type(name[-1])
                    times[server].append((client.until(name) - began) * 1000)
                    time.sleep(PAUSE_S)
            for client in clients.values():
                client.process.kill()
        print(f"{source.name}, {text.count(chr(10)):,} lines, {EDITS} edits")
        for server, found in times.items():
            p50, p95 = median(found), quantiles(found, n=20)[-1]
            print(f"  {server:8} start {starts[server]:6.0f} ms   p50 {p50:6.1f} ms   p95 {p95:6.1f} ms")
        print(f"  ratio    p50 {median(times['suture']) / median(times['ruff']):6.2f}")


if __name__ == "__main__":
    main()
