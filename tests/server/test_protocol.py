"""The life of a request, in process: every message is answered once, whatever it holds."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from lsprotocol import types

from suture.analyzers.errors import Bug, Cancelled, Stale, Unavailable, UserError
from suture.server.documents import Document
from suture.server.errors import ServerCancelled
from suture.server.protocol import Written

Make = Callable[..., Any]
Run = Callable[[Any], Any]


def position(line: int = 0, character: int = 0) -> dict[str, Any]:
    return {"textDocument": {"uri": "file:///a.py"}, "position": {"line": line, "character": character}}


def test_a_request_before_initialize_is_told_so_and_is_not_executed(harness: Make, run: Run) -> None:
    async def main() -> None:
        h = harness()
        ran: list[str] = []

        @h.server.command("test.run")
        async def command() -> None:
            ran.append("ran")

        h.request(1, "workspace/executeCommand", {"command": "test.run"})
        h.request(2, "shutdown")
        assert [(await h.answer(ident))["error"]["code"] for ident in (1, 2)] == [-32002, -32002]
        assert not ran

    run(main())


def test_a_notification_before_initialize_is_ignored(harness: Make, run: Run) -> None:
    async def main() -> None:
        h = harness()
        h.open("file:///a.py", "x = 1\n")
        await h.initialize()
        assert h.server.documents == ()

    run(main())


def test_a_second_initialize_is_refused(harness: Make, run: Run) -> None:
    async def main() -> None:
        h = harness()
        await h.initialize()
        h.request(2, "initialize", {"processId": None, "capabilities": {}})
        assert (await h.answer(2))["error"]["code"] == -32600

    run(main())


def test_an_initialize_that_is_malformed_is_told_so_and_may_be_tried_again(harness: Make, run: Run) -> None:
    async def main() -> None:
        h = harness()
        malformed: list[Any] = [None, {}, {"capabilities": 5}, {"capabilities": {}, "processId": "x"}]
        for ident, params in enumerate(malformed):
            h.receive({"jsonrpc": "2.0", "id": ident, "method": "initialize", "params": params})
            assert (await h.answer(ident))["error"]["code"] == -32602
        assert "result" in await h.initialize()

    run(main())


def test_requests_after_shutdown_are_refused_but_answers_to_our_own_are_taken(harness: Make, run: Run) -> None:
    async def main() -> None:
        h = harness()
        await h.initialize()
        asked = h.server.protocol.send_request("workspace/applyEdit", {"edit": {}})
        h.request(2, "shutdown")
        assert (await h.answer(2))["result"] is None
        h.request(3, "textDocument/hover", position())
        assert (await h.answer(3))["error"]["code"] == -32600
        h.receive({"jsonrpc": "2.0", "id": h.sent[-3]["id"], "result": {"applied": True}})
        assert asked.result(1).applied is True

    run(main())


@pytest.mark.parametrize(
    ("method", "params", "where"),
    [
        ("textDocument/hover", None, "params"),
        ("textDocument/hover", {}, "$.params.text_document"),
        (
            "textDocument/hover",
            {"textDocument": {"uri": "file:///a"}, "position": {"line": -1, "character": 0}},
            "$.params.position",
        ),
        ("textDocument/hover", [1, 2], "params"),
        ("workspace/executeCommand", {"arguments": []}, "$.params.command"),
        ("workspace/executeCommand", {"command": "no.such.command"}, "no.such.command"),
        ("workspace/executeCommand", {"command": "test.add", "arguments": [1]}, "Expected 2 arguments, got 1"),
        ("workspace/executeCommand", {"command": "test.add", "arguments": [1, "secret"]}, "test.add"),
    ],
)
def test_malformed_parameters_are_answered_with_invalid_params(
    harness: Make, run: Run, method: str, params: Any, where: str
) -> None:
    async def main() -> None:
        h = harness()

        @h.server.feature("textDocument/hover")
        async def hover(_: types.HoverParams) -> None:
            return None

        @h.server.command("test.add")
        async def add(a: int, b: int) -> int:
            return a + b

        await h.initialize()
        h.receive({"jsonrpc": "2.0", "id": 5, "method": method, "params": params})
        error = (await h.answer(5))["error"]
        assert error["code"] == -32602
        assert where in error["message"]
        assert "secret" not in error["message"]
        assert not [each for each in h.sent if each.get("method", "").startswith("window/")]

    run(main())


@pytest.mark.parametrize(
    ("message", "code"),
    [
        ([], -32600),
        ([{"jsonrpc": "2.0", "id": 1, "method": "shutdown"}], -32600),
        (5, -32600),
        (None, -32600),
        ({}, -32600),
        ({"jsonrpc": "2.0", "id": 1}, -32600),
        ({"jsonrpc": "2.0", "id": 1, "method": 7}, -32600),
        ({"jsonrpc": "2.0", "id": None, "method": "textDocument/hover"}, -32600),
        ({"jsonrpc": "2.0", "id": {}, "method": "textDocument/hover"}, -32600),
        ({"jsonrpc": "2.0", "id": True, "method": "textDocument/hover"}, -32600),
        ({"jsonrpc": "1.0", "id": 1, "method": "textDocument/hover"}, -32600),
        ({"id": 1, "method": "textDocument/hover"}, -32600),
        ({"jsonrpc": "2.0", "id": 1, "method": "no/such"}, -32601),
        ({"jsonrpc": "2.0", "id": 1, "method": "$/no/such"}, -32601),
    ],
)
def test_a_message_that_is_not_a_request_of_the_protocol_gets_its_code(
    harness: Make, run: Run, message: Any, code: int
) -> None:
    async def main() -> None:
        h = harness()
        await h.initialize()
        h.receive(message)
        assert h.sent[-1]["error"]["code"] == code
        h.request(9, "shutdown")
        assert (await h.answer(9))["result"] is None

    run(main())


def test_an_id_that_is_still_being_served_is_refused(harness: Make, run: Run) -> None:
    async def main() -> None:
        h = harness()
        go = asyncio.Event()

        @h.server.command("test.wait")
        async def wait() -> str:
            await go.wait()
            return "done"

        await h.initialize()
        h.request(7, "workspace/executeCommand", {"command": "test.wait"})
        h.request(7, "workspace/executeCommand", {"command": "test.wait"})
        assert (await h.answer(7))["error"]["code"] == -32600
        go.set()
        await asyncio.sleep(0.01)
        assert [each.get("result") for each in h.answers(7)] == [None, "done"]

    run(main())


@pytest.mark.parametrize("identifier", [3, "three"])
def test_cancelling_a_request_cancels_its_task_and_answers_exactly_once(
    harness: Make, run: Run, identifier: int | str
) -> None:
    async def main() -> None:
        h = harness()
        ends: list[str] = []

        @h.server.command("test.wait")
        async def wait() -> str:
            try:
                await asyncio.sleep(60)
            except asyncio.CancelledError:
                ends.append("cancelled")
                raise
            return "never"

        await h.initialize()
        h.request(identifier, "workspace/executeCommand", {"command": "test.wait"})
        await asyncio.sleep(0)
        h.notify("$/cancelRequest", {"id": identifier})
        assert h.answers(identifier)[0]["error"]["code"] == -32800
        await asyncio.sleep(0.01)
        assert ends == ["cancelled"]
        assert len(h.answers(identifier)) == 1

    run(main())


def test_cancelling_before_the_handler_ran_or_after_the_answer_is_harmless(
    harness: Make, run: Run, recwarn: pytest.WarningsRecorder
) -> None:
    async def main() -> None:
        h = harness()

        @h.server.command("test.quick")
        async def quick() -> int:
            return 1

        @h.server.feature(types.TEXT_DOCUMENT_HOVER)
        async def hover(params: types.HoverParams) -> None:
            return None

        await h.initialize()
        h.request(1, "workspace/executeCommand", {"command": "test.quick"})
        h.notify("$/cancelRequest", {"id": 1})
        h.request(3, "textDocument/hover", position())
        h.notify("$/cancelRequest", {"id": 3})
        h.request(2, "workspace/executeCommand", {"command": "test.quick"})
        await h.answer(2)
        odd: list[Any] = [2, 77, None, {}, "x"]
        for ident in odd:
            h.notify("$/cancelRequest", {"id": ident})
        h.notify("$/cancelRequest")
        await asyncio.sleep(0.01)
        assert [each["error"]["code"] for ident in (1, 3) for each in h.answers(ident)] == [-32800, -32800]
        assert len(h.answers(2)) == 1

    run(main())
    assert not [each for each in recwarn if "never awaited" in str(each.message)]


@pytest.mark.parametrize(
    ("error", "code", "data"),
    [
        (UserError("not trusted", "trust it"), -32803, {"hint": "trust it"}),
        (Unavailable("no sandbox", "install it", 3.0), -32803, {"hint": "install it", "retryAfter": 3.0}),
        (Stale("moved"), -32801, None),
        (Cancelled(), -32800, None),
        (ServerCancelled(), -32802, {"retriggerRequest": True}),
        (ServerCancelled(retrigger=False), -32802, {"retriggerRequest": False}),
    ],
)
def test_each_error_has_its_code_and_its_hint(harness: Make, run: Run, error: Exception, code: int, data: Any) -> None:
    async def main() -> None:
        h = harness()

        @h.server.command("test.fail")
        async def fail() -> None:
            raise error

        await h.initialize()
        h.request(1, "workspace/executeCommand", {"command": "test.fail"})
        answer = (await h.answer(1))["error"]
        assert (answer["code"], answer.get("data"), answer["message"]) == (code, data, str(error))

    run(main())


@pytest.mark.parametrize("error", [ZeroDivisionError("secret"), Bug("lost the thread"), RecursionError()])
def test_an_internal_error_is_answered_with_an_id_that_the_log_holds_and_is_no_popup(
    harness: Make, run: Run, caplog: pytest.LogCaptureFixture, error: Exception
) -> None:
    async def main() -> None:
        h = harness()

        @h.server.command("test.fail")
        async def fail() -> None:
            raise error

        await h.initialize()
        h.request(1, "workspace/executeCommand", {"command": "test.fail"})
        answer = (await h.answer(1))["error"]
        assert answer["code"] == -32603
        assert "secret" not in answer["message"]
        assert "Traceback" not in str(answer)
        assert answer["data"]["id"] in answer["message"]
        assert answer["data"]["id"] in caplog.text
        assert not [each for each in h.sent if each.get("method") == "window/showMessage"]

    run(main())


def test_a_result_that_is_not_json_is_an_internal_error_not_silence(harness: Make, run: Run) -> None:
    async def main() -> None:
        h = harness()

        @h.server.command("test.odd")
        async def odd() -> object:
            return object()

        await h.initialize()
        h.request(1, "workspace/executeCommand", {"command": "test.odd"})
        assert (await h.answer(1))["error"]["code"] == -32603

    run(main())


def test_a_failing_notification_handler_is_logged_and_the_others_still_run(
    harness: Make, run: Run, caplog: pytest.LogCaptureFixture
) -> None:
    async def main() -> None:
        h = harness()
        heard: list[int | None] = []

        @h.server.feature("textDocument/didSave")
        async def saved(_: types.DidSaveTextDocumentParams) -> None:
            raise ValueError("in the coroutine")

        @h.server.opened.connect
        def broken(_: Any) -> None:
            raise ValueError("in the listener")

        @h.server.opened.connect
        def listener(document: Document) -> None:
            heard.append(document.version)

        await h.initialize()
        h.open("file:///a.py", "x = 1\n")
        h.notify("textDocument/didSave", {"textDocument": {"uri": "file:///a.py"}})
        h.notify("textDocument/didChange", {"textDocument": 5})
        await asyncio.sleep(0.01)
        assert heard == [1]
        assert "in the listener" in caplog.text
        assert "in the coroutine" in caplog.text
        assert not [each for each in h.sent if each.get("method", "").startswith("window/")]

    run(main())


def test_a_late_or_repeated_answer_to_a_cancelled_request_of_ours_is_ignored_silently(
    harness: Make, run: Run, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)

    async def main() -> None:
        h = harness()
        await h.initialize()
        edit = types.ApplyWorkspaceEditParams(types.WorkspaceEdit())
        asking = asyncio.ensure_future(h.server.workspace_apply_edit_async(edit))
        await asyncio.sleep(0)
        ident = h.sent[-1]["id"]
        asking.cancel()
        await asyncio.sleep(0.01)
        assert h.sent[-1] == {"jsonrpc": "2.0", "method": "$/cancelRequest", "params": {"id": ident}}
        before = len(h.sent)
        for message in ({"result": {"applied": True}}, {"error": {"code": -32800, "message": "x"}}, {"error": 5}):
            h.receive({"jsonrpc": "2.0", "id": ident, **message})
        assert len(h.sent) == before
        assert not caplog.records

    run(main())


@pytest.mark.parametrize(
    ("answer", "fails"),
    [
        ({"result": {"applied": True}}, None),
        ({"result": "nonsense"}, "is invalid"),
        ({"error": {"code": 5, "message": "not today"}}, "not today"),
        ({"error": "broken"}, "^$"),
    ],
)
def test_the_client_s_answer_reaches_who_asked(harness: Make, run: Run, answer: Any, fails: str | None) -> None:
    async def main() -> None:
        h = harness()
        await h.initialize()
        edit = types.ApplyWorkspaceEditParams(types.WorkspaceEdit())
        asking = asyncio.ensure_future(h.server.workspace_apply_edit_async(edit))
        await asyncio.sleep(0)
        h.receive({"jsonrpc": "2.0", "id": h.sent[-1]["id"], **answer})
        if fails is None:
            assert (await asking).applied is True
        else:
            with pytest.raises(Exception, match=fails):
                await asking

    run(main())


def test_progress_tokens_are_freed_when_the_work_ends(harness: Make, run: Run) -> None:
    async def main() -> None:
        h = harness()
        await h.initialize()
        progress = h.server.work_done_progress
        for number in range(50):
            creating = asyncio.ensure_future(progress.create_async(f"token-{number}"))
            await asyncio.sleep(0)
            h.receive({"jsonrpc": "2.0", "id": h.sent[-1]["id"], "result": None})
            await creating
            progress.begin(f"token-{number}", types.WorkDoneProgressBegin("work"))
            progress.end(f"token-{number}", types.WorkDoneProgressEnd())
        assert progress.tokens == {}

    run(main())


def test_cancelling_the_progress_of_a_request_cancels_the_request(harness: Make, run: Run) -> None:
    async def main() -> None:
        h = harness()

        @h.server.command("test.wait")
        async def wait() -> None:
            h.server.work_done_progress.begin("mine", types.WorkDoneProgressBegin("waiting"))
            await asyncio.sleep(60)

        await h.initialize()
        h.request(1, "workspace/executeCommand", {"command": "test.wait", "workDoneToken": "mine"})
        await asyncio.sleep(0.01)
        h.notify("window/workDoneProgress/cancel", {"token": "mine"})
        h.notify("window/workDoneProgress/cancel", {"token": "unknown"})
        assert (await h.answer(1))["error"]["code"] == -32800
        await asyncio.sleep(0.01)
        assert h.server.work_done_progress.tokens == {}

    run(main())


def test_a_handler_must_be_a_coroutine_function(harness: Make) -> None:
    def plain(_: Any) -> None:
        return None

    h = harness()
    with pytest.raises(TypeError, match="coroutine"):
        h.server.feature("textDocument/hover")(plain)
    with pytest.raises(TypeError, match="coroutine"):
        h.server.command("test.sync")(plain)


def test_results_and_notifications_may_be_plain_json_or_finished_bytes(harness: Make, run: Run) -> None:
    async def main() -> None:
        h = harness()
        lens = types.CodeLens(types.Range(types.Position(1, 2), types.Position(1, 3)))

        @h.server.feature("textDocument/codeLens")
        async def lenses(_: types.CodeLensParams) -> Any:
            plain = {"range": {"start": {"line": 0, "character": 0}, "end": {"line": 0, "character": 1}}}
            return [plain, lens, {"kind": types.MarkupKind.Markdown, "path": Path("/a/b"), "of": frozenset({1})}]

        await h.initialize()
        h.request(1, "textDocument/codeLens", {"textDocument": {"uri": "file:///a.py"}})
        result = (await h.answer(1))["result"]
        assert result[1] == {"range": {"start": {"line": 1, "character": 2}, "end": {"line": 1, "character": 3}}}
        assert result[2] == {"kind": "markdown", "path": "/a/b", "of": [1]}

        @h.server.feature("textDocument/hover")
        async def hover(_: types.HoverParams) -> Written:
            return Written(b'{"contents":"done"}')

        place = {"textDocument": {"uri": "file:///a.py"}, "position": {"line": 0, "character": 0}}
        h.request("two", "textDocument/hover", place)
        assert (await h.answer("two"))["result"] == {"contents": "done"}
        h.server.notify_raw("suture/test", b'{"lone":"\\ud800"}')
        h.server.notify_raw("suture/test", {"lone": "\ud800", "list": (1, 2)})
        assert h.sent[-2]["params"] == {"lone": "\ud800"}
        assert h.sent[-1]["params"] == {"lone": "\ud800", "list": [1, 2]}

    run(main())


def test_notifications_are_applied_before_the_next_request_runs(harness: Make, run: Run) -> None:
    async def main() -> None:
        h = harness()

        @h.server.feature("textDocument/hover")
        async def hover(params: types.HoverParams) -> Any:
            return {"contents": h.server.document(params.text_document.uri).text}

        await h.initialize()
        h.open("file:///a.py", "")
        for version in range(2, 50):
            change = [
                {"range": {"start": {"line": 0, "character": 0}, "end": {"line": 0, "character": 0}}, "text": "x"}
            ]
            document = {"uri": "file:///a.py", "version": version}
            h.notify("textDocument/didChange", {"textDocument": document, "contentChanges": change})
        h.request(1, "textDocument/hover", position())
        assert (await h.answer(1))["result"]["contents"] == "x" * 48

    run(main())


@pytest.mark.parametrize(
    ("offered", "chosen"),
    [
        (None, "utf-16"),
        ([], "utf-16"),
        (["utf-16", "utf-8"], "utf-16"),
        (["utf-8", "utf-16"], "utf-8"),
        (["utf-32", "utf-8"], "utf-32"),
        (["utf-7", "utf-8"], "utf-8"),
        (["utf-7"], "utf-16"),
    ],
)
def test_the_client_s_first_position_encoding_that_we_know_is_taken(
    harness: Make, run: Run, offered: list[str] | None, chosen: str
) -> None:
    async def main() -> None:
        h = harness()
        general = {} if offered is None else {"general": {"positionEncodings": offered}}
        answer = await h.initialize(capabilities=general)
        assert answer["result"]["capabilities"]["positionEncoding"] == chosen
        assert h.server.workspace.encoding == chosen

    run(main())
