"""Documents, folders and files as the client tells of them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from suture.server.app import SutureServer
from suture.server.documents import Document

Make = Callable[..., Any]
Run = Callable[[Any], Any]

URI = "file:///w/a.py"


def change(*spans: tuple[int, int, int, int, str] | str) -> list[dict[str, Any]]:
    result: list[dict[str, Any]] = []
    for span in spans:
        if isinstance(span, str):
            result.append({"text": span})
        else:
            a, b, c, d, text = span
            where = {"start": {"line": a, "character": b}, "end": {"line": c, "character": d}}
            result.append({"range": where, "text": text})
    return result


def test_open_change_save_and_close_reach_document_and_listeners_in_order(harness: Make, run: Run) -> None:
    async def main() -> None:
        h = harness()
        await h.initialize()
        heard: list[Any] = []
        server: SutureServer = h.server

        def note(name: str) -> Callable[[Document], None]:
            return lambda document: heard.append((name, document.version, document.text))

        server.opened.connect(note("opened"))
        server.changed.connect(note("changed"))
        server.saved.connect(note("saved"))
        server.closed.connect(lambda uri: heard.append(("closed", uri, server.opened_document(uri))))
        h.open(URI, "x = 1\r\ny = 2\r\n")
        changes = change((0, 4, 0, 5, "10"), (1, 0, 2, 0, ""), (1, 0, 1, 0, "z\n"))
        h.notify("textDocument/didChange", {"textDocument": {"uri": URI, "version": 2}, "contentChanges": changes})
        whole = change("new", (0, 3, 0, 3, "er"))
        h.notify("textDocument/didChange", {"textDocument": {"uri": URI, "version": 3}, "contentChanges": whole})
        h.notify("textDocument/didSave", {"textDocument": {"uri": URI}})
        h.notify("textDocument/didClose", {"textDocument": {"uri": URI}})
        assert heard == [
            ("opened", 1, "x = 1\r\ny = 2\r\n"),
            ("changed", 2, "x = 10\r\nz\n"),
            ("changed", 3, "newer"),
            ("saved", 3, "newer"),
            ("closed", URI, None),
        ]

    run(main())


def test_two_spellings_of_a_uri_name_one_document(harness: Make, run: Run) -> None:
    async def main() -> None:
        h = harness()
        await h.initialize()
        h.open("file:///w/a%20b.py", "x")
        assert h.server.document("file:///w/a b.py").text == "x"

    run(main())


def test_a_change_of_a_document_that_is_not_open_is_ignored(
    harness: Make, run: Run, caplog: pytest.LogCaptureFixture
) -> None:
    async def main() -> None:
        h = harness()
        await h.initialize()
        before = len(h.sent)
        edits = change((0, 0, 0, 0, "x"))
        h.notify("textDocument/didChange", {"textDocument": {"uri": URI, "version": 2}, "contentChanges": edits})
        h.notify("textDocument/didClose", {"textDocument": {"uri": URI}})
        assert len(h.sent) == before
        assert "not open" in caplog.text

    run(main())


def test_a_lone_surrogate_in_a_message_kills_nothing(harness: Make, run: Run) -> None:
    async def main() -> None:
        h = harness()
        await h.initialize()
        h.server.protocol.receive(
            b'{"jsonrpc":"2.0","method":"textDocument/didOpen","params":{"textDocument":'
            b'{"uri":"file:///s.py","languageId":"python","version":1,"text":"x = \\"\\ud800\\"\\n"}}}'
        )
        assert h.server.document("file:///s.py").text == 'x = "\ufffd"\n'

    run(main())


def test_folders_come_and_go(harness: Make, run: Run, tmp_path: Path) -> None:
    async def main() -> None:
        h = harness()
        one, two = tmp_path / "one", tmp_path / "two"
        folders = [{"uri": one.as_uri(), "name": "one"}]
        await h.initialize(workspaceFolders=folders, rootUri=tmp_path.as_uri())
        heard: list[int] = []
        h.server.roots_changed.connect(lambda: heard.append(len(h.server.roots)))
        assert h.server.roots == (one,)
        assert h.server.root_of(two / "a.py") == two
        event = {"added": [{"uri": two.as_uri(), "name": "two"}], "removed": []}
        h.notify("workspace/didChangeWorkspaceFolders", {"event": event})
        assert h.server.roots == (one, two)
        event = {"added": [], "removed": folders}
        h.notify("workspace/didChangeWorkspaceFolders", {"event": event})
        assert h.server.roots == (two,)
        assert heard == [2, 1]

    run(main())


def test_watched_files_are_registered_where_the_client_can_and_their_changes_are_passed_on(
    harness: Make, run: Run, tmp_path: Path
) -> None:
    async def main() -> None:
        import asyncio

        h = harness()
        dynamic = {"dynamicRegistration": True}
        workspace = {"didChangeWatchedFiles": dynamic, "didChangeConfiguration": dynamic}
        await h.initialize(rootUri=tmp_path.as_uri(), capabilities={"workspace": workspace})
        h.notify("initialized", {})
        await asyncio.sleep(0.01)
        asked = next(each for each in h.sent if each.get("method") == "client/registerCapability")
        methods = {each["method"] for each in asked["params"]["registrations"]}
        assert methods == {"workspace/didChangeWatchedFiles", "workspace/didChangeConfiguration"}
        heard: list[str] = []
        server: SutureServer = h.server
        server.files_changed.connect(lambda changes: heard.extend(each.uri for each in changes))
        assert h.server.settings(tmp_path / "a.py").review.severity == "low"
        (tmp_path / "pyproject.toml").write_text("[tool.suture.review]\nseverity = 'high'\n")
        uri = (tmp_path / "pyproject.toml").as_uri()
        h.notify("workspace/didChangeWatchedFiles", {"changes": [{"uri": uri, "type": 1}]})
        assert heard == [uri]
        assert h.server.settings(tmp_path / "a.py").review.severity == "high"

    run(main())


def test_a_file_of_20000_lines_is_opened_and_edited_without_a_pause(harness: Make, run: Run) -> None:
    async def main() -> None:
        import time

        h = harness()
        await h.initialize()
        began = time.thread_time()
        h.open(URI, "def f(a, b):\n    return a + b  # é\n" * 10_000)
        opened = time.thread_time() - began
        times: list[float] = []
        for version in range(2, 40):
            began = time.thread_time()
            document = {"uri": URI, "version": version}
            edits = change((10_001, 4, 10_001, 4, "x"))
            h.notify("textDocument/didChange", {"textDocument": document, "contentChanges": edits})
            times.append(time.thread_time() - began)
        assert opened < 0.5
        assert sorted(times)[len(times) // 2] < 0.003

    run(main())
