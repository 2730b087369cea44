"""Diagnostics against a real server process: current, versioned, by push or by pull, never stale."""

from __future__ import annotations

import json
import os
import signal
import time
from pathlib import Path
from typing import Any

import pytest

Object = dict[str, Any]

#: Two problems: one that the keystroke engine sees, one that only the slow engines see.
TEXT = (
    "from pysnmp.hlapi import CommunityData\n\n\ndef f():\n    return missing_name\n\n\n"
    "def g(s):\n    return CommunityData(s, mpModel=0)\n"
)


def messages(diagnostics: list[Object]) -> list[str]:
    return [each["message"] for each in diagnostics]


def slow(diagnostics: list[Object]) -> list[Object]:
    """What only an engine of another process sees."""
    return [each for each in diagnostics if each["code"].startswith("bandit:")]


def empty(diagnostics: list[Object]) -> bool:
    return not diagnostics


def broken(diagnostics: list[Object]) -> bool:
    return any(each["code"] == "syntax-error" for each in diagnostics)


def test_an_edit_is_answered_with_the_current_version_and_name(desk: Any, name: str) -> None:
    uri = desk.open(name, TEXT)
    assert any("missing_name" in each for each in messages(desk.diagnostics(uri, 1)))
    for number in range(5):
        old = desk.texts[uri].split("return ")[1].split("\n")[0]
        version = desk.change(uri, old, f"missing_{number}")
        found = desk.diagnostics(uri, version)
        assert f"undefined name 'missing_{number}'" in messages(found)
    versions = [each["version"] for each in desk.published[uri]]
    assert versions == sorted(versions)
    for each in desk.published[uri]:  # no publish says one version and speaks of another
        if each["version"] >= 2:
            assert any(f"missing_{each['version'] - 2}'" in text for text in messages(each["diagnostics"]))


def test_slow_engines_are_merged_in_on_idle_move_with_lines_and_go_with_their_line(desk: Any, name: str) -> None:
    uri = desk.open(name, TEXT)
    (before,) = slow(desk.diagnostics(uri, 1, slow))
    version = desk.change(
        uri, "from pysnmp.hlapi import CommunityData\n", "from pysnmp.hlapi import CommunityData\nx = 1\n"
    )
    (after,) = slow(desk.diagnostics(uri, version))
    assert after["range"]["start"]["line"] == before["range"]["start"]["line"] + 1
    assert after["data"] == before["data"]
    version = desk.change(uri, "mpModel=0", "mpModel=3")
    assert not slow(desk.diagnostics(uri, version))
    time.sleep(1.5)  # a review of the older text must not bring it back
    assert not slow(desk.published[uri][-1]["diagnostics"])


def test_a_burst_is_computed_for_its_newest_version_only(editor: Any, rich: Object) -> None:
    editor.initialize(rich)
    uri = editor.open("a.py", TEXT * 200)
    editor.diagnostics(uri, 1)
    time.sleep(0.3)
    seen = len(editor.published[uri])
    body = b""
    for number in range(2, 42):
        place = {"line": 0, "character": 0}
        params = {
            "textDocument": {"uri": uri, "version": number},
            "contentChanges": [{"range": {"start": place, "end": place}, "text": "x"}],
        }
        message = json.dumps({"jsonrpc": "2.0", "method": "textDocument/didChange", "params": params}).encode()
        body += b"Content-Length: %d\r\n\r\n%b" % (len(message), message)
    editor.process.stdin.write(body)
    editor.process.stdin.flush()
    editor.diagnostics(uri, 41)
    assert len(editor.published[uri]) - seen <= 6  # not forty
    assert editor.published[uri][-1]["version"] == 41


def test_closing_clears_what_was_pushed(desk: Any, name: str) -> None:
    uri = desk.open(name, TEXT)
    desk.diagnostics(uri, 1)
    desk.close(uri)
    desk.until(lambda: desk.published[uri][-1]["diagnostics"] == [])
    time.sleep(1.0)  # the review that was on its way must not bring anything back
    assert desk.published[uri][-1]["diagnostics"] == []


def test_a_client_that_pulls_is_never_pushed_to(editor: Any, pulling: Object) -> None:
    capabilities = editor.initialize(pulling)
    assert capabilities["diagnosticProvider"]["interFileDependencies"] is False
    uri = editor.open("a.py", TEXT)

    def pull(previous: str | None = None) -> Object:
        params: Object = {"textDocument": {"uri": uri}}
        if previous is not None:
            params["previousResultId"] = previous
        return editor.request("textDocument/diagnostic", params)

    first = pull()
    assert first["kind"] == "full"
    assert any("missing_name" in each for each in messages(first["items"]))
    editor.until(lambda: any(each["method"] == "workspace/diagnostic/refresh" for each in editor.requests))
    second = editor.until(lambda: slow(found["items"]) and found if (found := pull()) else None)
    assert pull(second["resultId"]) == {"kind": "unchanged", "resultId": second["resultId"]}
    editor.change(uri, "missing_name", "other_name")
    third = pull(second["resultId"])
    assert third["kind"] == "full"
    assert "undefined name 'other_name'" in messages(third["items"])
    editor.close(uri)
    assert not editor.published


def test_a_client_that_does_not_pull_is_not_told_of_it(editor: Any, rich: Object) -> None:
    assert "diagnosticProvider" not in editor.initialize(rich)


def test_comments_silence_findings_at_typing_speed(desk: Any, name: str) -> None:
    uri = desk.open(name, "print(missing_name)\n")
    assert desk.diagnostics(uri, 1)
    version = desk.change(uri, "print(missing_name)", "print(missing_name)  # suture: ignore[undefined-name]")
    assert desk.diagnostics(uri, version, empty) == []
    version = desk.change(uri, "  # suture: ignore[undefined-name]", "")
    assert desk.diagnostics(uri, version)


def test_columns_are_in_the_editors_code_units(desk: Any, name: str) -> None:
    uri = desk.open(name, "s = '\U0001f600'; print(missing_name)\n")
    (found,) = desk.diagnostics(uri, 1)
    assert found["range"]["start"] == {"line": 0, "character": 16}
    assert found["severity"] == 1


def test_settings_are_respected_and_their_mistakes_are_shown_where_they_are(editor: Any, rich: Object) -> None:
    editor.initialize(rich)
    uri = editor.open("a.py", "print(missing_name)\n")
    assert editor.diagnostics(uri, 1)
    project = editor.open("pyproject.toml", "[tool.suture.review]\nenabled = false\nenalbed = 1\n", "toml")
    (warning,) = editor.diagnostics(project, 1)
    assert warning["range"]["start"]["line"] == 2
    assert "enalbed" in warning["message"]
    editor.until(lambda: editor.published[uri][-1]["diagnostics"] == [])
    editor.change(project, "false", "true")
    editor.until(lambda: editor.published[uri][-1]["diagnostics"] != [])


@pytest.mark.parametrize(
    ("text", "says"),
    [("x = 1\0\n", "binary"), ("#" * 9_000_000, "KiB")],
)
def test_a_file_that_cannot_be_analysed_says_so_once(desk: Any, name: str, text: str, says: str) -> None:
    uri = desk.open(name, text)
    (found,) = desk.diagnostics(uri, 1)
    assert says in found["message"]
    assert found["code"] == "not-analysed"


def test_an_unopened_file_that_cannot_be_read_is_reported_when_pulled(editor: Any, pulling: Object) -> None:
    editor.initialize(pulling)
    path = editor.root / "latin.py"
    path.write_bytes(b"x = '\xe9'\n")
    answer = editor.request("textDocument/diagnostic", {"textDocument": {"uri": path.as_uri()}})
    (found,) = answer["items"]
    assert "cannot be decoded" in found["message"]


def test_other_languages_are_left_alone(desk: Any, name: str) -> None:
    uri = desk.open(f"{name}.js", "missing_name(", "javascript")
    python = desk.open(f"b{name}", "missing_name\n")
    desk.diagnostics(python, 1)
    assert all(not each["diagnostics"] for each in desk.published[uri])


def test_syntax_errors_come_and_go_as_one_types(desk: Any, name: str) -> None:
    uri = desk.open(name, "def f():\n    return 1\n")
    desk.until(lambda: desk.published[uri])
    version = desk.change(uri, "f():", "f(")
    desk.diagnostics(uri, version, broken)
    version = desk.change(uri, "f(", "f():")
    assert desk.diagnostics(uri, version, empty) == []


@pytest.mark.slow
def test_a_worker_that_is_killed_does_not_stop_the_diagnostics(editor: Any, rich: Object) -> None:
    editor.initialize(rich)
    uri = editor.open("a.py", TEXT)
    editor.diagnostics(uri, 1, slow)
    for child in children_of(editor.process.pid):
        os.kill(child, signal.SIGKILL)
    version = editor.change(uri, "missing_name", "missing_again")
    editor.diagnostics(uri, version)
    version = editor.change(uri, "\n\n\ndef g", "\n\n\n\ndef g")
    assert slow(editor.diagnostics(uri, version, slow))


def children_of(pid: int) -> list[int]:
    return [
        int(child) for task in Path(f"/proc/{pid}/task").iterdir() for child in (task / "children").read_text().split()
    ]
