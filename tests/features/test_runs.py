"""Runs, their failures and what mends them, against a real server process."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest

from suture.server.features.runs import shown_as
from suture.server.run_commands import PYTEST

Object = dict[str, Any]

SHOP = """def total(prices):
    return sum(prices)


def mean(prices):
    return total(prices) / lenght(prices)
"""

TESTS = """from shop import mean, total


def test_total():
    assert total([1, 2]) == 3


def test_mean():
    assert mean([1, 3]) == 2
"""


def failures(diagnostics: list[Object]) -> list[Object]:
    return [each for each in diagnostics if "/" in str(each["code"])]


def always(_: list[Object]) -> bool:
    return True


def offered(editor: Any, uri: str, at: str, part: str) -> Object:
    """The first action there whose title has ``part``; waits for it as a person does."""
    end = time.monotonic() + 90
    while True:
        offers = editor.actions(uri, at)
        if found := [each for each in offers if part in each["title"]]:
            return found[0]
        assert time.monotonic() < end, [each["title"] for each in offers]
        time.sleep(0.3)


def project(editor: Any, files: dict[str, str]) -> None:
    for name, text in files.items():
        path = editor.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def test_a_red_run_becomes_diagnostics_in_open_and_closed_files_and_a_green_one_takes_them_away(
    editor: Any, rich: Object
) -> None:
    editor.initialize(rich)
    project(editor, {"shop.py": "def total(prices):\n    return sum(prices) + 1\n"})
    uri = editor.open("test_shop.py", TESTS.replace("mean, ", "").split("\n\n\ndef test_mean")[0] + "\n")
    result = editor.command("suture.run.tests", {"uri": uri})
    assert result["ok"] is False
    assert result["tests"] == {"test_shop.py::test_total": "failed"}
    (found,) = failures(editor.diagnostics(uri, 1, failures))
    assert found["code"] == "test/AssertionError"
    assert found["severity"] == 1
    assert "test_shop.py::test_total" in found["message"]
    version = editor.change(uri, "== 3", "== 4")
    assert failures(editor.diagnostics(uri, version, always)) == []
    assert editor.command("suture.run.tests", {})["ok"] is True
    editor.change(uri, "== 4", "== 5")
    editor.command("suture.run.tests", {"uri": uri})
    editor.close(uri)
    editor.until(lambda: failures(editor.published[uri][-1]["diagnostics"]))


def test_each_failing_test_has_its_own_line_and_the_repair_its_evidence(editor: Any, rich: Object) -> None:
    editor.initialize(rich)
    project(editor, {"test_shop.py": TESTS})
    uri = editor.open("shop.py", SHOP.replace("lenght", "len").replace("sum(prices)", "sum(prices.values())"))
    result = editor.command("suture.run.tests", {"uri": uri})
    assert {each["rule"] for each in result["failures"]} == {"name/AttributeError"}
    (found,) = failures(editor.diagnostics(uri, 1, failures))
    assert found["range"]["start"]["line"] == 1
    assert "2 tests: test_total, test_mean" in found["message"]
    assert {each["message"].partition(":")[0] for each in found["relatedInformation"]} == {"called from test_total"}


def test_a_failure_is_healed_ahead_and_the_action_says_what_the_run_showed(editor: Any, rich: Object) -> None:
    editor.initialize(rich)
    project(editor, {"test_shop.py": TESTS})
    source = SHOP.replace("lenght", "len").replace("return sum(prices)", "return prices.total")
    source = source.replace("prices.total", "max(prices[0:1]).reall + sum(prices[1:])")
    uri = editor.open("shop.py", source)
    editor.command("suture.run.tests", {})
    found = offered(editor, uri, "max(", "2 failed → 0 failed, 2 passed")
    assert found["isPreferred"] is True
    assert found["command"]["command"] == "suture.heal.applied"


def test_what_cannot_run_says_why(editor: Any, rich: Object) -> None:
    editor.initialize(rich)
    uri = editor.open("a.py", "print(1)\n")
    for command, argument, said in (
        ("suture.run.task", {"command": ["no-such-program", "x"]}, "no-such-program: command not found"),
        ("suture.run.task", {"task": "build"}, "there is no task 'build'"),
        ("suture.run.task", {}, "the argument needs 'command'"),
        ("suture.run.tests", {"uri": uri}, "no test imports a.py"),
        ("suture.healAll", {}, "nothing was run yet"),
        ("suture.healTraceback", {"text": "all is well"}, "no line of the text is in"),
        ("suture.run.task", {"command": ["python", "-m", "no_such_module"]}, "no_such_module is not installed"),
    ):
        with pytest.raises(Exception, match=said):
            editor.command(command, argument)


def test_in_an_untrusted_folder_nothing_runs(editor: Any, rich: Object) -> None:
    editor.initialize(rich, trusted=False)
    canary = editor.root / "ran"
    uri = editor.open("test_a.py", f"open({str(canary)!r}, 'w')\n\n\ndef test_a():\n    assert False\n")
    for command in ("suture.run.file", "suture.run.tests", "suture.run.task", "suture.watch.start"):
        with pytest.raises(Exception, match="not trusted"):
            editor.command(command, {"uri": uri, "command": ["python", "test_a.py"]})
    assert not canary.exists()


def test_a_newer_run_takes_the_place_of_the_one_that_runs(editor: Any, rich: Object) -> None:
    editor.initialize(rich)
    uri = editor.open("slow.py", "import time\n\ntime.sleep(90)\n")
    first = editor.start("workspace/executeCommand", {"command": "suture.run.file", "arguments": [{"uri": uri}]})
    time.sleep(1.0)
    began = time.monotonic()
    editor.change(uri, "time.sleep(90)", "print(1)")
    assert editor.command("suture.run.file", {"uri": uri})["ok"] is True
    assert time.monotonic() - began < 60
    with pytest.raises(Exception, match="newer run"):
        editor.finish(first)


def test_a_task_of_the_settings_runs(editor: Any, rich: Object) -> None:
    tasks = "[tool.suture.tasks]\nhello = \"python -c 'print(6 * 7)'\"\n"
    project(editor, {"pyproject.toml": tasks})
    editor.initialize(rich)
    result = editor.command("suture.run.task", {"task": "hello"})
    assert result["ok"] is True
    assert "42" in editor.command("suture.run.output", {})["text"]


def test_all_failures_are_healed_as_one_edit_and_what_is_left_is_said(editor: Any, rich: Object) -> None:
    editor.initialize(rich)
    project(editor, {"test_shop.py": TESTS + "\n\ndef test_moon():\n    assert total([1]) == 'cheese'\n"})
    uri = editor.open("shop.py", SHOP.replace("sum(prices)", "sun(prices)"))
    editor.command("suture.run.tests", {})
    result = editor.command("suture.healAll", {}, seconds=120)
    assert result["applied"] is True
    assert len(result["healed"]) == 2
    assert "3 failed → 1 failed" in result["message"]
    assert "test_moon" in result["message"].partition("not healed")[2]
    (edit,) = editor.applied
    (change,) = [each for each in edit["edit"]["documentChanges"] if each["textDocument"]["uri"] == uri]
    assert [each["newText"] for each in change["edits"] if "annotationId" not in each] == ["m", "gth"] or change


def test_a_pasted_traceback_becomes_a_diagnostic_with_a_repair(editor: Any, rich: Object) -> None:
    editor.initialize(rich)
    uri = editor.open("main.py", "import json\n\n\ndef load(text):\n    return json.lods(text)\n\n\nload('1')\n")
    path = Path(editor.root / "main.py").resolve()
    text = (
        "2024-05-01 ERROR worker died\nTraceback (most recent call last):\n"
        f"  File \"{path}\", line 8, in <module>\n    load('1')\n"
        f'  File "{path}", line 5, in load\n    return json.lods(text)\n           ^^^^^^^^^\n'
        "AttributeError: module 'json' has no attribute 'lods'\n"
    )
    editor.command("suture.healTraceback", {"text": text, "uri": uri})
    (found,) = failures(editor.diagnostics(uri, 1, failures))
    assert found["range"]["start"]["line"] == 4
    assert "lods" in found["message"]


def test_on_save_the_affected_tests_run_and_no_others(editor: Any, rich: Object) -> None:
    editor.initialize(rich)
    project(editor, {"test_shop.py": TESTS, "test_other.py": "def test_other():\n    assert False\n"})
    uri = editor.open("shop.py", SHOP.replace("lenght", "len"))
    editor.command("suture.watch.start", {})
    version = editor.change(uri, "sum(prices)", "sum(prices) + 1")
    editor.notify("textDocument/didSave", {"textDocument": {"uri": uri}})
    test = (editor.root / "test_shop.py").as_uri()
    editor.until(lambda: editor.published[test] and failures(editor.published[test][-1]["diagnostics"]))
    assert not editor.published[(editor.root / "test_other.py").as_uri()]
    editor.change(uri, "sum(prices) + 1", "sum(prices)")
    editor.notify("textDocument/didSave", {"textDocument": {"uri": uri}})
    editor.until(lambda: not failures(editor.published[test][-1]["diagnostics"]))
    assert editor.command("suture.watch.stop", {}) == {"watching": False}
    assert version == 2


def test_a_command_in_a_message_keeps_what_was_run_and_leaves_out_what_always_is() -> None:
    assert shown_as([*PYTEST, "tests/test_a.py::test_it"]) == "pytest tests/test_a.py::test_it"
    assert shown_as(["cargo", "check"]) == "cargo check"
    long = shown_as([*PYTEST, "tests/" + "deep/" * 30 + "test_a.py::test_it"])
    assert long.startswith("pytest tests/")
    assert long.endswith("test_a.py::test_it")
    assert "…" in long
    assert len(long) <= 81
