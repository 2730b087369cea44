"""Fuzzing against a real server process: streamed, cancelled, remembered, re-checked; nothing runs without trust."""

from __future__ import annotations

import subprocess
import time
from pathlib import Path
from typing import Any

import pytest

Object = dict[str, Any]

AVERAGE = """def average(values: list[int]) -> float:
    \"\"\"The mean of the values.\"\"\"
    return sum(values) / len(values)
"""

#: Keeps a search busy for as long as it may run.
FINE = """def double(value: int) -> int:
    \"\"\"Twice the value.\"\"\"
    return value + value
"""


def counterexamples(diagnostics: list[Object]) -> list[Object]:
    return [each for each in diagnostics if each["code"] == "fuzz-counterexample"]


def latest(editor: Any, uri: str) -> list[Object]:
    """The counterexamples that are shown now."""
    return counterexamples(editor.published[uri][-1]["diagnostics"]) if editor.published[uri] else []


def reports(editor: Any) -> list[Object]:
    return [each["params"] for each in editor.notifications if each["method"] == "$/progress"]


def messages(editor: Any) -> list[str]:
    return [str(each["value"].get("message", "")) for each in reports(editor)]


def start(editor: Any, command: str, argument: Object) -> int:
    return editor.start("workspace/executeCommand", {"command": command, "arguments": [argument]})


def descendants(pid: int) -> set[int]:
    found: set[int] = set()
    todo = [pid]
    while todo:
        for task in Path(f"/proc/{todo.pop()}/task").glob("*/children"):
            try:
                children = [int(each) for each in task.read_text().split()]
            except OSError:
                continue  # the thread has ended
            todo += [each for each in children if each not in found]
            found.update(children)
    return found


def test_a_counterexample_is_shown_while_the_search_still_runs(editor: Any, rich: Object) -> None:
    editor.initialize(rich)
    uri = editor.open("a.py", AVERAGE)
    request = start(editor, "suture.fuzz", {"uri": uri, "name": "average", "budget": 10})
    editor.until(lambda: latest(editor, uri))
    assert not editor.answered(request)
    result = editor.finish(request)
    assert [each["exception"] for each in result["findings"]] == ["ZeroDivisionError"]
    page = editor.command("suture.showEvidence", {"id": result["evidence"]})["text"]
    assert "1 counterexample in " in page


def test_progress_says_how_far_the_search_is(editor: Any, rich: Object) -> None:
    editor.initialize(rich)
    uri = editor.open("a.py", FINE)
    editor.command("suture.fuzz", {"uri": uri, "name": "double", "budget": 4})
    said = [each for each in messages(editor) if "executions" in each]
    assert said
    count, *rest = said[-1].split(", ")
    assert int(count.removesuffix(" executions").replace(",", "")) > 0 or len(said) == 1
    assert any(each.endswith("/s") for line in said for each in line.split(", "))
    assert any("boundary" in line or "generation" in line for line in said), said
    assert rest


@pytest.mark.parametrize("way", ["progress", pytest.param("request", marks=pytest.mark.slow)])
def test_a_cancelled_search_answers_at_once_and_leaves_nothing_running(
    editor: Any, rich: Object, way: str, best_of: Any
) -> None:
    editor.initialize(rich)
    uri = editor.open("a.py", FINE)
    editor.command("suture.fuzz", {"uri": uri, "name": "double", "budget": 3})  # what stays warm is there now
    warm = descendants(editor.process.pid)
    left: list[float] = []

    def took() -> float:
        count = len(editor.notifications)
        request = start(editor, "suture.fuzz", {"uri": uri, "name": "double", "budget": 60})

        def busy() -> Object | None:
            news = [each["params"] for each in editor.notifications[count:] if each["method"] == "$/progress"]
            running = [each for each in news if "executions" in str(each["value"].get("message"))]
            return running[-1] if len(running) > 1 else None

        token = editor.until(busy)["token"]
        editor.until(lambda: descendants(editor.process.pid) - warm)
        begin = time.monotonic()
        if way == "request":
            editor.notify("$/cancelRequest", {"id": request})
        else:
            editor.notify("window/workDoneProgress/cancel", {"token": token})
        with pytest.raises(Exception, match="cancel") as raised:
            editor.finish(request)
        ended = time.monotonic()
        assert raised.value.code == -32800  # type: ignore[attr-defined]
        editor.until(lambda: len(descendants(editor.process.pid)) <= len(warm), 30)  # half of what was asked for
        left.append(time.monotonic() - begin)
        return ended - begin

    assert best_of(took, 0.5) < 0.5
    assert min(left) < 5
    count = len(editor.notifications)
    time.sleep(0.5)
    assert not [each for each in messages(editor)[count:] if "executions" in each]
    assert editor.command("suture.fuzz", {"uri": uri, "name": "double", "budget": 0.5})["status"] == "ok"


def test_what_failed_before_a_restart_is_tried_again_when_the_file_is_opened(
    editor: Any, another: Any, rich: Object
) -> None:
    editor.initialize(rich)
    uri = editor.open("a.py", AVERAGE)
    editor.command("suture.fuzz", {"uri": uri, "name": "average", "budget": 12})
    editor.stop()
    another.initialize(rich)
    uri = another.open("a.py", f"import os\n\n\n{AVERAGE}")
    (found,) = another.until(lambda: latest(another, uri))
    assert found["range"]["start"]["line"] == 5
    assert "average([]) raises ZeroDivisionError" in found["message"]
    assert [each["title"] for each in another.actions(uri, "return sum") if "regression test" in each["title"]]
    another.change(uri, "len(values)", "max(1, len(values))")
    another.until(lambda: not latest(another, uri))
    logged = [each["params"]["message"] for each in another.notifications if each["method"] == "window/logMessage"]
    assert any("average([]) raises ZeroDivisionError: no longer fails" in each for each in logged)


@pytest.mark.slow
def test_what_is_expected_is_not_reported_after_a_restart_either(editor: Any, another: Any, rich: Object) -> None:
    editor.initialize(rich)
    uri = editor.open("a.py", AVERAGE)
    editor.command("suture.fuzz", {"uri": uri, "name": "average", "budget": 12})
    (found,) = editor.until(lambda: latest(editor, uri))
    result = editor.command("suture.expect", {"uri": uri, "id": found["data"]["id"]})
    assert result["documented"] is True
    (change,) = editor.applied[-1]["edit"]["documentChanges"]
    assert ":raises ZeroDivisionError: for input such as ``average([])``" in change["edits"][0]["newText"]
    editor.until(lambda: not latest(editor, uri))
    editor.stop()
    another.initialize(rich)
    uri = another.open("a.py", AVERAGE)  # without the documentation: it is remembered all the same
    result = another.command("suture.fuzz", {"uri": uri, "name": "average", "budget": 1.5})
    assert result["findings"] == []
    assert latest(another, uri) == []


def test_without_trust_nothing_is_executed_and_nothing_of_earlier_sessions_is_tried(
    editor: Any, another: Any, rich: Object
) -> None:
    editor.initialize(rich)
    uri = editor.open("a.py", AVERAGE)
    editor.command("suture.fuzz", {"uri": uri, "name": "average", "budget": 12})
    editor.stop()
    another.initialize(rich, trusted=False)
    canary = another.root / "ran"
    uri = another.open("a.py", f"open({str(canary)!r}, 'w')\n\n\n{AVERAGE}")
    for command, argument in (
        ("suture.fuzz", {"uri": uri, "name": "average"}),
        ("suture.fuzzFile", {"uri": uri}),
        ("suture.fuzzWorkspace", {}),
        ("suture.writePropertyTests", {"uri": uri, "name": "average"}),
        ("suture.recheck", {"uri": uri}),
    ):
        with pytest.raises(Exception, match="trustWorkspace"):
            another.command(command, argument)
    another.notify("textDocument/didSave", {"textDocument": {"uri": uri}})
    time.sleep(1.5)
    assert latest(another, uri) == []
    assert not canary.exists()
    another.command("suture.trustWorkspace")  # the person trusts it: now it is tried
    another.until(lambda: latest(another, uri))


def commit(root: Path) -> None:
    for words in (["init", "-q"], ["add", "."], ["commit", "-q", "-m", "one"]):
        settings = ["-c", "user.name=t", "-c", "user.email=t@example.org"]
        subprocess.run(["git", *settings, *words], cwd=root, check=True, capture_output=True)


@pytest.mark.slow
def test_a_function_is_compared_with_the_last_commit_and_so_is_a_recheck(editor: Any, rich: Object) -> None:
    text = "def weigh(n: int) -> int:\n    return n * 3 + 1\n"
    (editor.root / "a.py").write_text(text)
    commit(editor.root)
    editor.initialize(rich)
    uri = editor.open("a.py", text.replace("n * 3", "n * 4"))
    (offer,) = [each for each in editor.actions(uri, "def weigh") if each["title"].startswith("Compare")]
    assert offer["title"] == "Compare weigh with the last commit"
    argument = {**offer["command"]["arguments"][0], "budget": 12}
    result = editor.command(offer["command"]["command"], argument)
    assert [each["kind"] for each in result["findings"]] == ["regression"]
    editor.until(lambda: latest(editor, uri))
    editor.notify("textDocument/didSave", {"textDocument": {"uri": uri}})
    time.sleep(2)
    assert latest(editor, uri)  # it still differs
    editor.change(uri, "n * 4", "n * 3")
    editor.until(lambda: not latest(editor, uri))


@pytest.mark.slow
def test_mending_a_helper_is_noticed_on_save(editor: Any, rich: Object) -> None:
    editor.initialize(rich)
    text = f"def count(values: list[int]) -> int:\n    return len(values)\n\n\n{AVERAGE}".replace("/ len(", "/ count(")
    uri = editor.open("a.py", text)
    editor.command("suture.fuzz", {"uri": uri, "name": "average", "budget": 12})
    editor.until(lambda: latest(editor, uri))
    editor.change(uri, "return len(values)", "return max(1, len(values))")
    time.sleep(1.5)
    assert latest(editor, uri)  # its own definition is as it was
    editor.notify("textDocument/didSave", {"textDocument": {"uri": uri}})
    editor.until(lambda: not latest(editor, uri))


@pytest.mark.slow
def test_the_workspace_is_fuzzed_with_what_was_changed_first(editor: Any, rich: Object) -> None:
    (editor.root / "old.py").write_text(AVERAGE.replace("average", "old_average"))
    (editor.root / "new.py").write_text(AVERAGE.replace("average", "new_average").replace("len(values)", "3"))
    commit(editor.root)
    (editor.root / "new.py").write_text(AVERAGE.replace("average", "new_average"))
    editor.initialize(rich)
    result = editor.command("suture.fuzzWorkspace", {"budget": 30}, seconds=120)
    assert (result["targets"], result["fuzzed"], result["changed"]) == (2, 2, 1)
    assert [each["target"] for each in result["findings"]] == ["new_average", "old_average"]
    uri = (editor.root / "new.py").as_uri()
    assert latest(editor, uri), "a file that is not open shows it too"
    uri = editor.open("new.py", AVERAGE.replace("average", "new_average"))
    editor.until(lambda: [each for each in editor.published[uri] if not each["diagnostics"]])
    (found,) = editor.until(lambda: latest(editor, uri))
    assert found["data"]["id"].startswith("fuzz-")


@pytest.mark.slow
def test_property_tests_are_run_and_then_applied_by_the_editor(editor: Any, rich: Object) -> None:
    editor.initialize(rich)
    uri = editor.open("a.py", FINE)
    (offer,) = [each for each in editor.actions(uri, "def double") if each["title"].startswith("Write property")]
    assert offer["kind"].startswith("refactor")
    result = editor.command(offer["command"]["command"], *offer["command"]["arguments"])
    assert result["applied"] is True
    (evidence,) = result["evidence"]
    assert (evidence["kind"], evidence["passed_after"], evidence["failed_after"]) == ("tested", 1, 0)
    create, fill = editor.applied[-1]["edit"]["documentChanges"]
    assert create["kind"] == "create"
    assert "def test_double_returns_int(value):" in fill["edits"][0]["newText"]
    assert not Path(result["path"]).exists()


@pytest.mark.parametrize(
    ("command", "argument", "says"),
    [
        ("suture.expect", {"uri": "$URI", "id": "x"}, "not known"),
        ("suture.recheck", {"uri": "$URI", "id": "x"}, "not known"),
        ("suture.forgetExpected", {"uri": "$URI"}, "needs 'name'"),
        ("suture.writePropertyTests", {"uri": "$URI", "name": "nothing"}, "no function nothing"),
        ("suture.fuzz", {"uri": "$URI", "name": "f", "budget": -1}, "budget"),
        ("suture.fuzzWorkspace", {"budget": "long"}, "budget"),
    ],
)
def test_a_command_called_wrongly_says_what_it_needs(desk: Any, command: str, argument: Object, says: str) -> None:
    uri = desk.open("wrongly.py", FINE)
    given = {key: uri if value == "$URI" else value for key, value in argument.items()}
    with pytest.raises(Exception, match=says):
        desk.command(command, given)
