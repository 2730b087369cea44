"""Edit → ready quick fix, through a real server over its pipes: ``python tests/benchmarks/quick_fix.py [FILE]``.

A static fault is typed into the middle of the file as one change (a missing colon, an open bracket, a misspelt name, a
module that is not imported), the quick fix is asked for until an action brings an edit that mends it, and the change is
taken back. Prints the median and the 95th percentile in milliseconds by kind of fault, from ``didChange`` to the answer
that holds the edit; it never fails on a time. Default: the standard library's argparse.py of this Python.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median, quantiles
from typing import Any, NamedTuple

ROUNDS, POLL_S, LIMIT_S = 12, 0.003, 10.0


class Fault(NamedTuple):
    """One replacement that breaks a line, and what the quick fix is called."""

    kind: str
    line: int
    start: int
    end: int
    text: str
    title: str


class Client:
    """One server and one open document; diagnostics come by push."""

    def __init__(self, path: Path) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-P", "-m", "suture", "serve", "--stdio"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=path.parent,
            env={**os.environ, "SUTURE_CACHE_DIR": str(path.parent / ".cache")},
        )
        self.uri, self.version, self.number = path.as_uri(), 1, 0
        action = {
            "codeActionLiteralSupport": {"codeActionKind": {"valueSet": ["quickfix"]}},
            "resolveSupport": {"properties": ["edit"]},
            "dataSupport": True,
        }
        capabilities = {"textDocument": {"codeAction": action, "publishDiagnostics": {"versionSupport": True}}}
        root = path.parent.as_uri()
        self.request("initialize", {"processId": os.getpid(), "rootUri": root, "capabilities": capabilities})
        self.send({"method": "initialized", "params": {}})
        item = {"uri": self.uri, "languageId": "python", "version": 1, "text": path.read_text("utf-8")}
        self.send({"method": "textDocument/didOpen", "params": {"textDocument": item}})

    def send(self, message: dict[str, Any]) -> None:
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        assert self.process.stdin is not None
        self.process.stdin.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)
        self.process.stdin.flush()

    def request(self, method: str, params: Any) -> Any:
        self.number += 1
        self.send({"id": self.number, "method": method, "params": params})
        while True:
            message = self.receive()
            if message.get("id") == self.number and "method" not in message:
                return message.get("result")
            if "id" in message and "method" in message:
                self.send({"id": message["id"], "result": None})

    def receive(self) -> dict[str, Any]:
        assert self.process.stdout is not None
        length = 0
        while (header := self.process.stdout.readline().strip()) or not length:
            if header.lower().startswith(b"content-length:"):
                length = int(header.split(b":")[1])
        return json.loads(self.process.stdout.read(length))

    def change(self, line: int, start: int, end: int, text: str) -> None:
        self.version += 1
        place = {"start": {"line": line, "character": start}, "end": {"line": line, "character": end}}
        document = {"uri": self.uri, "version": self.version}
        changes = [{"range": place, "text": text}]
        self.send({"method": "textDocument/didChange", "params": {"textDocument": document, "contentChanges": changes}})

    def until_fixed(self, fault: Fault) -> str:
        """The title of the first action that brings an edit."""
        deadline = time.perf_counter() + LIMIT_S
        line = {"start": {"line": fault.line, "character": 0}, "end": {"line": fault.line, "character": 200}}
        params: dict[str, Any] = {"textDocument": {"uri": self.uri}, "range": line, "context": {"diagnostics": []}}
        while time.perf_counter() < deadline:
            for each in self.request("textDocument/codeAction", params) or ():
                if each.get("edit") and re.search(fault.title, each["title"]):
                    return str(each["title"])
            time.sleep(POLL_S)
        raise TimeoutError(f"no quick fix for {fault}")


def faults(text: str) -> Iterator[Fault]:
    """Faults of four kinds at lines around the middle, :data:`ROUNDS` of each."""
    lines = text.split("\n")
    order = sorted(range(len(lines)), key=lambda number: abs(number - len(lines) // 2))
    kinds = {
        "missing colon": r"^\s+(?:if|for|while) \w.*[\w)](:)$",
        "open bracket": r"^\s+[\w.]+ = [\w.]+\([\w., ]+(\))$",
        "misspelt name": r"^\s+[\w.]+ = .*\b(namespace|action|option_string|arg_count|self)\b",
    }
    for kind, pattern in kinds.items():
        hits = [(number, match) for number in order if (match := re.match(pattern, lines[number]))]
        for number, match in hits[:ROUNDS]:
            start, end = match.span(1)
            if kind == "misspelt name":
                swapped = match[1][:2] + match[1][3:4] + match[1][2:3] + match[1][4:]
                yield Fault(kind, number, start, end, swapped, "Rename|Replace")
            else:
                yield Fault(kind, number, start, end, "", ":|\\)")
    hits = [number for number in order if re.match(r"^\s+return \w+$", lines[number])]
    modules = ("json", "fnmatch", "itertools", "functools", "tempfile", "decimal", "fractions", "statistics", "heapq")
    for number, module in zip(hits, modules, strict=False):
        indent = len(lines[number]) - len(lines[number].lstrip())
        yield Fault("missing import", number, indent, indent, f"{module}.x; ", "import")


def main() -> None:
    given = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(argparse.__file__)
    text = given.read_text("utf-8")
    times: dict[str, list[float]] = {}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder).resolve() / f"copy_of_{given.name}"
        path.write_text(text, "utf-8")
        client = Client(path)
        time.sleep(3.0)  # a person reads before typing; the worker starts meanwhile
        lines = text.split("\n")
        for fault in faults(text):
            began = time.perf_counter()
            client.change(fault.line, fault.start, fault.end, fault.text)
            try:
                client.until_fixed(fault)
                times.setdefault(fault.kind, []).append((time.perf_counter() - began) * 1000)
            except TimeoutError:
                print(f"  no quick fix: {fault.kind}, line {fault.line + 1}: {lines[fault.line].strip()}")
            kept = lines[fault.line][fault.start : fault.end]
            client.change(fault.line, fault.start, fault.start + len(fault.text), kept)
            time.sleep(0.15)
        client.process.kill()
    print(f"{given.name}, {text.count(chr(10)):,} lines, load {os.getloadavg()[0]:.1f}")
    times["all"] = [each for found in times.values() for each in found]
    for kind, found in times.items():
        p95 = quantiles(found, n=20)[-1] if len(found) > 1 else found[0]
        print(f"  {kind:15} {len(found):3}  p50 {median(found):6.1f} ms   p95 {p95:6.1f} ms")


if __name__ == "__main__":
    main()
