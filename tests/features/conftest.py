"""A small language client over stdio: enough of an editor to drive a real ``suture serve`` process."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

Object = dict[str, Any]

#: What a capable editor says (like VS Code, shortened).
RICH: Object = {
    "general": {"positionEncodings": ["utf-16"]},
    "window": {"workDoneProgress": True, "showDocument": {"support": True}},
    "workspace": {
        "applyEdit": True,
        "diagnostics": {"refreshSupport": True},
        "codeLens": {"refreshSupport": True},
        "workspaceEdit": {
            "documentChanges": True,
            "resourceOperations": ["create", "rename", "delete"],
            "changeAnnotationSupport": {"groupsOnLabel": True},
        },
    },
    "textDocument": {
        "synchronization": {"didSave": True},
        "publishDiagnostics": {
            "relatedInformation": True,
            "versionSupport": True,
            "codeDescriptionSupport": True,
            "dataSupport": True,
            "tagSupport": {"valueSet": [1, 2]},
        },
        "hover": {"contentFormat": ["markdown", "plaintext"]},
        "codeAction": {
            "codeActionLiteralSupport": {"codeActionKind": {"valueSet": ["", "quickfix", "refactor", "source"]}},
            "resolveSupport": {"properties": ["edit"]},
            "dataSupport": True,
            "isPreferredSupport": True,
            "tagSupport": {"valueSet": [1]},
        },
    },
}


class Refused(Exception):
    """The server answered a request with an error."""

    def __init__(self, error: Object) -> None:
        super().__init__(error.get("message", ""))
        self.code: int = error["code"]
        self.data: Any = error.get("data")


class Editor:
    """One server process and one client. Every wait has an end."""

    def __init__(self, root: Path, environ: Mapping[str, str]) -> None:
        self.root = root
        self.process = subprocess.Popen(
            [sys.executable, "-m", "suture", "serve", "--stdio"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=root,
            env=dict(environ),
            start_new_session=True,
        )
        self.published: dict[str, list[Object]] = defaultdict(list)
        self.notifications: list[Object] = []
        self.requests: list[Object] = []
        self.applied: list[Object] = []
        self.versions: dict[str, int] = {}
        self.texts: dict[str, str] = {}
        self.stderr: list[str] = []
        self.answer: Callable[[Object], Any] = lambda message: None
        self._answers: dict[int, Object] = {}
        self._news = threading.Condition()
        self._number = 0
        for target in (self._read, self._errors):
            threading.Thread(target=target, daemon=True).start()

    # -- plumbing

    def _read(self) -> None:
        stream = self.process.stdout
        assert stream is not None
        while True:
            length = 0
            while (header := stream.readline()) not in (b"\r\n", b""):
                name, _, value = header.partition(b":")
                if name.lower() == b"content-length":
                    length = int(value)
            if not header:
                return
            message = json.loads(stream.read(length))
            with self._news:
                self._take(message)
                self._news.notify_all()

    def _take(self, message: Object) -> None:
        method = message.get("method")
        if method is None:
            self._answers[message["id"]] = message
        elif "id" in message:
            self.requests.append(message)
            result = self.answer(message)
            if method == "workspace/applyEdit" and result is None:
                self.applied.append(message["params"])
                result = {"applied": True}
            elif method == "window/showDocument" and result is None:
                result = {"success": True}
            elif method == "workspace/configuration" and result is None:
                result = [None for _ in message["params"]["items"]]
            self.send({"id": message["id"], "result": result})
        elif method == "textDocument/publishDiagnostics":
            self.published[message["params"]["uri"]].append(message["params"])
        else:
            self.notifications.append(message)

    def _errors(self) -> None:
        assert self.process.stderr is not None
        for line in self.process.stderr:
            self.stderr.append(line.decode("utf-8", "replace").rstrip())

    def send(self, message: Object) -> None:
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        assert self.process.stdin is not None
        self.process.stdin.write(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))
        self.process.stdin.flush()

    def until(self, what: Callable[[], Any], seconds: float = 60.0) -> Any:
        """Wait until ``what()`` is true, and return it."""
        end = time.monotonic() + seconds
        with self._news:
            while True:
                value = what()
                if value:
                    return value
                left = end - time.monotonic()
                if left <= 0 or self.process.poll() is not None:
                    raise AssertionError("waited in vain; the server says: " + "\n".join(self.stderr[-15:]))
                self._news.wait(min(left, 0.2))

    def notify(self, method: str, params: Object) -> None:
        self.send({"method": method, "params": params})

    def start(self, method: str, params: Any) -> int:
        """Send a request and do not wait."""
        self._number += 1
        self.send({"id": self._number, "method": method, "params": params})
        return self._number

    def finish(self, number: int, seconds: float = 90.0) -> Any:
        """The result of a request. Raises Refused for an error."""
        message = self.until(lambda: self._answers.get(number), seconds)
        if "error" in message:
            raise Refused(message["error"])
        return message["result"]

    def answered(self, number: int) -> bool:
        """Has the request been answered by now?"""
        return number in self._answers

    def outcome(self, number: int, seconds: float = 90.0) -> int | None:
        """The error code of an answer; None if it is a result."""
        message = self.until(lambda: self._answers.get(number), seconds)
        return message["error"]["code"] if "error" in message else None

    def request(self, method: str, params: Any, seconds: float = 90.0) -> Any:
        return self.finish(self.start(method, params), seconds)

    def command(self, name: str, *arguments: Any, seconds: float = 120.0) -> Any:
        return self.request("workspace/executeCommand", {"command": name, "arguments": list(arguments)}, seconds)

    # -- an editor's acts

    def initialize(self, capabilities: Object, options: Object | None = None, trusted: bool = True) -> Object:
        result = self.request(
            "initialize",
            {
                "processId": os.getpid(),
                "rootUri": self.root.as_uri(),
                "workspaceFolders": [{"uri": self.root.as_uri(), "name": "w"}],
                "initializationOptions": {"untrustedWorkspace": not trusted, **(options or {})},
                "capabilities": capabilities,
            },
        )
        self.notify("initialized", {})
        return result["capabilities"]

    def open(self, name: str, text: str, language: str = "python") -> str:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode("utf-8", "surrogatepass"))
        uri = path.as_uri()
        self.versions[uri], self.texts[uri] = 1, text
        item = {"uri": uri, "languageId": language, "version": 1, "text": text}
        self.notify("textDocument/didOpen", {"textDocument": item})
        return uri

    def change(self, uri: str, old: str, new: str) -> int:
        """Replace the first ``old`` by ``new``, as one incremental change. ASCII before it on its line."""
        text = self.texts[uri]
        start = text.index(old)
        self.texts[uri] = text[:start] + new + text[start + len(old) :]
        self.versions[uri] += 1
        place = {"start": place_of(text, start), "end": place_of(text, start + len(old))}
        document = {"uri": uri, "version": self.versions[uri]}
        self.notify(
            "textDocument/didChange", {"textDocument": document, "contentChanges": [{"range": place, "text": new}]}
        )
        return self.versions[uri]

    def close(self, uri: str) -> None:
        self.notify("textDocument/didClose", {"textDocument": {"uri": uri}})

    def diagnostics(self, uri: str, version: int, where: Callable[[list[Object]], Any] = bool) -> list[Object]:
        """The first published diagnostics of ``version`` for which ``where`` holds."""

        def found() -> tuple[list[Object]] | None:
            for each in self.published[uri]:
                if each.get("version") == version and where(each["diagnostics"]):
                    return (each["diagnostics"],)
            return None

        return self.until(found)[0]

    def actions(self, uri: str, at: str, **context: Any) -> list[Object]:
        """Code actions at the first occurrence of ``at``."""
        text = self.texts[uri]
        start = text.index(at)
        return self.request(
            "textDocument/codeAction",
            {
                "textDocument": {"uri": uri},
                "range": {"start": place_of(text, start), "end": place_of(text, start + len(at))},
                "context": {"diagnostics": [], **context},
            },
        )

    def stop(self) -> None:
        """Leave as an editor does; kill what is left of the server's session."""
        if self.process.returncode is not None and self.process.stdin is not None and self.process.stdin.closed:
            return  # stopped before
        try:
            self.request("shutdown", None, 5)
            self.notify("exit", {})
            self.process.wait(5)
        except (AssertionError, OSError, subprocess.TimeoutExpired, Refused):
            pass
        finally:
            if self.process.poll() is None:
                os.killpg(self.process.pid, signal.SIGKILL)
                self.process.wait(5)
            for stream in (self.process.stdin, self.process.stdout, self.process.stderr):
                assert stream is not None
                try:
                    stream.close()
                except OSError:
                    continue


def place_of(text: str, offset: int) -> Object:
    """The position of an offset, in UTF-16 code units."""
    line = text.count("\n", 0, offset)
    column = text[text.rfind("\n", 0, offset) + 1 : offset]
    return {"line": line, "character": len(column.encode("utf-16-le", "surrogatepass")) // 2}


def _editor(root: Path) -> Editor:
    """A server process for the workspace in ``root``; not yet initialized."""
    workspace = root / "workspace"
    workspace.mkdir(exist_ok=True)
    environ = {name: value for name, value in os.environ.items() if not name.startswith(("OPENAI", "ANTHROPIC"))}
    environ |= {"SUTURE_CACHE_DIR": str(root / "cache"), "SUTURE_NO_PLUGINS": "1"}
    return Editor(workspace, environ)


@pytest.fixture
def editor(tmp_path: Path) -> Iterator[Editor]:
    """A server of the test's own; not yet initialized."""
    made = _editor(tmp_path)
    yield made
    made.stop()


@pytest.fixture
def another(tmp_path: Path) -> Iterator[Editor]:
    """A second server for the same workspace and the same cache folder."""
    made = _editor(tmp_path)
    yield made
    made.stop()


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Editor]:
    """One server for the tests of a module, trusted, by push; each test uses files of its own."""
    made = _editor(tmp_path_factory.mktemp("desk"))
    made.initialize(RICH)
    yield made
    made.stop()


@pytest.fixture
def name(request: pytest.FixtureRequest) -> str:
    """A file name of the test's own."""
    return f"{abs(hash(request.node.name)):x}.py"


@pytest.fixture
def rich() -> Object:
    """A capable editor that takes diagnostics by push."""
    return json.loads(json.dumps(RICH))


@pytest.fixture
def pulling(rich: Object) -> Object:
    """The same, by pull."""
    rich["textDocument"]["diagnostic"] = {"dynamicRegistration": False, "relatedDocumentSupport": False}
    return rich
