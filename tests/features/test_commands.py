"""The commands of the four jobs against a real server process: trust, progress, cancel, undoable results."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
import threading
import time
import urllib.error
import urllib.request
import venv
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from suture.analyzers.store import open_store
from suture.codegen.artifacts.book import proposals
from suture.server.features import commands

Object = dict[str, Any]

AVERAGE = """def average(values: list[int]) -> float:
    \"\"\"The mean of the values.\"\"\"
    total = sum(values)
    return total / len(values)
"""

#: Keeps a fuzz campaign busy for as long as it may run.
FINE = """def double(value: int) -> int:
    \"\"\"Twice the value.\"\"\"
    return value + value
"""


def counterexamples(diagnostics: list[Object]) -> list[Object]:
    return [each for each in diagnostics if each["code"] == "fuzz-counterexample"]


def no_counterexamples(diagnostics: list[Object]) -> bool:
    return not counterexamples(diagnostics)


def alive(pid: int) -> bool:
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False
    return stat[stat.rindex(")") + 2] != "Z"


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


def test_a_counterexample_becomes_a_diagnostic_with_a_regression_test(desk: Any, name: str) -> None:
    module = f"m{name}"
    uri = desk.open(module, AVERAGE)
    result = desk.command("suture.fuzz", {"uri": uri, "name": "average", "budget": 8})
    assert result["status"] == "ok"
    assert result["findings"][0]["exception"] == "ZeroDivisionError"
    (found,) = desk.diagnostics(uri, 1, counterexamples)
    assert found["range"]["start"]["line"] == 3
    assert "average([])" in found["message"]
    assert any(each["method"] == "$/progress" for each in desk.notifications)

    titles = [each["title"] for each in desk.actions(uri, "return total")]
    assert any(each.startswith("Add regression test") for each in titles)
    assert any(each.startswith("Heal this") for each in titles)
    assert not any(each.startswith("Ignore") for each in titles)

    kept = desk.command("suture.keepRegressionTest", {"id": found["data"]["id"]})
    assert kept["applied"] is True
    create, fill = desk.applied[-1]["edit"]["documentChanges"]
    assert create["kind"] == "create"
    test = Path(kept["path"])
    assert not test.exists(), "the editor writes the file, so that it can be undone"
    test.parent.mkdir(exist_ok=True)
    test.write_text(fill["edits"][0]["newText"])
    again = desk.command("suture.keepRegressionTest", {"id": found["data"]["id"]})
    assert again == {"applied": False, "path": str(test), "reason": "the test is there already"}

    version = desk.change(uri, "def average", "\n\ndef average")  # it moves with its line
    (moved,) = [each for each in desk.diagnostics(uri, version) if each["code"] == "fuzz-counterexample"]
    assert moved["range"]["start"]["line"] == 5
    assert moved["data"] == found["data"]
    version = desk.change(uri, "total / len(values)", "total / max(1, len(values))")
    (stale,) = desk.diagnostics(uri, version, counterexamples)  # it says so at once, and is tried again by itself
    assert stale["message"].startswith("stale: ")
    assert desk.diagnostics(uri, version, no_counterexamples) is not None


def test_in_an_untrusted_folder_nothing_is_executed_and_the_answer_says_how_to_trust(editor: Any, rich: Object) -> None:
    editor.initialize(rich, trusted=False)
    canary = editor.root / "ran"
    uri = editor.open("a.py", f"open({str(canary)!r}, 'w')\n\n\n{AVERAGE}")
    for command, argument in (
        ("suture.fuzz", {"uri": uri, "name": "average"}),
        ("suture.fuzzFile", {"uri": uri}),
        ("suture.healCommand", {"root": editor.root.as_uri(), "command": ["python", "a.py"]}),
    ):
        with pytest.raises(Exception, match="trustWorkspace"):
            editor.command(command, argument)
    assert not canary.exists()


def test_healing_a_command_applies_a_verified_edit(desk: Any, name: str) -> None:
    module = f"m{name}"
    uri = desk.open(module, "import os\n\nprint(jsom.dumps({}))\n".replace("jsom", "json"))
    result = desk.command("suture.healCommand", {"root": desk.root.as_uri(), "command": ["python", module]})
    assert result["applied"] is True
    assert result["verified"] is True
    assert result["report"]["fault"]["category"] == "name"
    (document,) = desk.applied[-1]["edit"]["documentChanges"]
    assert document["textDocument"] == {"uri": uri, "version": 1}
    assert "import json" in document["edits"][0]["newText"]


def test_healing_sees_what_is_not_saved(desk: Any, name: str) -> None:
    module = f"m{name}"
    uri = desk.open(module, "print('fine')\n")
    version = desk.change(uri, "print('fine')", "print(math.pi)")
    result = desk.command("suture.healCommand", {"root": desk.root.as_uri(), "command": ["python", module]})
    assert result["applied"] is True
    assert desk.applied[-1]["edit"]["documentChanges"][0]["textDocument"]["version"] == version


def test_an_edit_is_not_applied_to_a_text_that_moved_while_it_was_computed(desk: Any, name: str) -> None:
    uri = desk.open(name, "print(math.pi)\n")
    (found,) = desk.diagnostics(uri, 1)
    argument = {"uri": uri, "id": found["data"]["id"]}
    count = len(desk.applied)
    request = desk.start("workspace/executeCommand", {"command": "suture.heal", "arguments": [argument]})
    timer = threading.Timer(0.03, lambda: desk.change(uri, "print", "\nprint"))
    timer.start()
    code = desk.outcome(request)
    timer.join()
    assert code in (None, -32801)
    if code is None:  # the change came first: then the work was done on the newer text
        assert desk.applied[-1]["edit"]["documentChanges"][0]["textDocument"]["version"] == desk.versions[uri]
    else:
        assert len(desk.applied) == count


@pytest.mark.slow
def test_each_root_runs_on_its_own_interpreter(editor: Any, rich: Object) -> None:
    for number, folder in enumerate(("one", "two")):
        made = editor.root / folder / ".venv"
        venv.create(made, with_pip=False, symlinks=True)
        packages = made / "lib" / f"python3.{sys.version_info.minor}" / "site-packages"
        (packages / f"only_{folder}.py").write_text(f"VALUE = {number}\n")
    roots = [editor.root / "one", editor.root / "two"]
    editor.request(
        "initialize",
        {
            "processId": os.getpid(),
            "workspaceFolders": [{"uri": each.as_uri(), "name": each.name} for each in roots],
            "initializationOptions": {"untrustedWorkspace": False},
            "capabilities": rich,
        },
    )
    editor.notify("initialized", {})
    for root in roots:
        (root / "main.py").write_text(f"import only_{root.name}\nprint(only_{root.name}.VALUE, undefined_here)\n")
        result = editor.command("suture.healCommand", {"root": root.as_uri(), "command": ["python", "main.py"]})
        assert result["report"]["fault"]["message"] == "name 'undefined_here' is not defined"


INITIALS = """import os

# initials("ada lovelace") -> "AL"
# initials("grace brewster hopper") -> "GBH"
# initials("x") -> "X"
"""


def test_a_comment_with_examples_becomes_a_function_that_was_tested(desk: Any, name: str) -> None:
    module = f"m{name}"
    uri = desk.open(module, INITIALS)
    (offer,) = [each for each in desk.actions(uri, "# initials") if each["title"].startswith("Generate")]
    result = desk.command(offer["command"]["command"], *offer["command"]["arguments"])
    assert result["applied"] is True
    assert result["verified"] is True
    assert "tests passed" in result["title"]
    changes = desk.applied[-1]["edit"]["documentChanges"]
    assert changes[0]["textDocument"] == {"uri": uri, "version": 1}
    assert changes[0]["edits"][0]["newText"].startswith("def initials(")
    assert result["proposal"]["cost_usd"] == 0
    with open_store(desk.root, folder=desk.root.parent / "cache") as store:
        deadline = time.monotonic() + 20
        while [each.status for each in proposals(store, path=module)] != ["deployed"]:
            assert time.monotonic() < deadline, proposals(store)
            time.sleep(0.05)


@pytest.mark.slow
def test_in_an_untrusted_folder_a_generated_function_is_not_run_and_asks_first(editor: Any, rich: Object) -> None:
    editor.initialize(rich, trusted=False)
    uri = editor.open("a.py", INITIALS)
    result = editor.command("suture.generate", {"uri": uri, "line": 2})
    if result["applied"]:
        assert result["verified"] is False
        (annotation,) = editor.applied[-1]["edit"]["changeAnnotations"].values()
        assert annotation["needsConfirmation"] is True
    else:
        assert result["proposal"]["status"] == "refused"


def test_what_was_dismissed_stays_dismissed_after_a_restart_on_moved_lines(
    editor: Any, another: Any, rich: Object
) -> None:
    text = "import tempfile\n\nprint(tempfile.mktemp())\n"
    editor.initialize(rich)
    uri = editor.open("a.py", text)
    (found,) = editor.diagnostics(uri, 1)
    assert [each["title"] for each in editor.actions(uri, "mktemp") if each["title"].startswith("Dismiss")]
    editor.command("suture.dismiss", {"uri": uri, "id": found["data"]["id"]})
    editor.until(lambda: editor.published[uri][-1]["diagnostics"] == [])
    editor.stop()
    another.initialize(rich)
    uri = another.open("a.py", f"\n\n\n{text}print(missing_name)\n")
    another.until(lambda: another.published[uri])
    another.command("suture.review", {"uri": uri})
    assert [each["message"] for each in another.published[uri][-1]["diagnostics"]] == ["undefined name 'missing_name'"]


def test_review_says_the_verdict_of_the_three_reviewers(desk: Any, name: str) -> None:
    uri = desk.open(name, "import tempfile\n\nprint(tempfile.mktemp())\n")
    result = desk.command("suture.review", {"uri": uri})
    assert [each["reviewer"] for each in result["verdict"]["votes"]] == ["security", "performance", "architecture"]
    assert result["findings"]


@pytest.mark.parametrize(
    ("command", "argument", "says"),
    [
        ("suture.fuzz", {}, "needs 'uri'"),
        ("suture.fuzz", {"uri": "file:///nowhere.py", "name": "f"}, "not open"),
        ("suture.heal", {"uri": "file:///nowhere.py", "id": "x"}, "not open"),
        ("suture.keepRegressionTest", {"id": "x"}, "not known"),
        ("suture.showEvidence", {"id": "x"}, "no evidence"),
        ("suture.showEvidence", {}, "needs"),
        ("suture.healCommand", {"root": "/", "command": []}, "list of words"),
        ("suture.review", "nonsense", "an object"),
    ],
)
def test_a_command_called_wrongly_says_what_it_needs(desk: Any, command: str, argument: Any, says: str) -> None:
    with pytest.raises(Exception, match=says) as raised:
        desk.command(command, argument)
    assert raised.value.code in (-32602, -32803)  # type: ignore[attr-defined]


def test_a_document_without_a_file_is_reviewed_too(desk: Any) -> None:
    uri = "untitled:Untitled-1"
    item = {"uri": uri, "languageId": "python", "version": 1, "text": "print(missing_name)\n"}
    desk.notify("textDocument/didOpen", {"textDocument": item})
    (found,) = desk.diagnostics(uri, 1)
    assert found["message"] == "undefined name 'missing_name'"
    desk.texts[uri] = item["text"]
    assert desk.actions(uri, "missing_name")


def test_nothing_outlives_a_server_that_is_killed_while_it_works(editor: Any, rich: Object) -> None:
    editor.initialize(rich)
    uri = editor.open("a.py", FINE)
    argument = {"uri": uri, "name": "double", "budget": 30}
    editor.start("workspace/executeCommand", {"command": "suture.fuzz", "arguments": [argument]})
    editor.until(lambda: [each for each in editor.notifications if "executions" in str(each.get("params"))])
    family = descendants(editor.process.pid)
    assert family
    os.kill(editor.process.pid, signal.SIGKILL)
    end = time.monotonic() + 2
    while time.monotonic() < end and any(alive(each) for each in family):
        time.sleep(0.02)
    assert not [each for each in family if alive(each)]


def test_the_dashboard_is_one_process_that_ends_with_the_server(editor: Any, rich: Object) -> None:
    editor.initialize(rich, trusted=False)  # it only reads
    first = editor.command("suture.dashboard", {"root": editor.root.as_uri(), "quiet": True})
    again = editor.command("suture.dashboard", {"quiet": True})
    assert first == again == {"url": first["url"], "root": str(editor.root)}
    with urllib.request.urlopen(first["url"], timeout=10) as answer:
        assert f"<title>Suture: {editor.root.name}</title>" in answer.read().decode()
    editor.stop()
    with pytest.raises(urllib.error.URLError):
        urllib.request.urlopen(first["url"], timeout=10)


def test_two_wishes_for_the_dashboard_at_once_start_one_process(editor: Any, rich: Object) -> None:
    editor.initialize(rich, trusted=False)
    asked = {"command": "suture.dashboard", "arguments": [{"quiet": True}]}
    first, second = (editor.start("workspace/executeCommand", asked) for _ in range(2))
    assert editor.finish(first, 30) == editor.finish(second, 30)


@pytest.mark.parametrize(("limit_s", "longest"), [(60.0, 300.0), (600.0, 1800.0)])
def test_a_command_that_may_run_long_may_be_healed_long(
    limit_s: float, longest: float, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    given: Object = {}

    async def run(job: str, params: Object, *, timeout_s: float, on_event: object) -> Object:
        given.update(job=job, limit_s=params["timeout_s"], timeout_s=timeout_s)
        return {"edits": [], "report": {}}

    def nothing(*_: object) -> Object:
        return {}

    def quietly(*_: object) -> contextlib.nullcontext[None]:
        return contextlib.nullcontext()

    for name, instead in {"working": quietly, "sandbox_params": nothing, "asking_params": nothing}.items():
        monkeypatch.setattr(commands, name, instead)
    monkeypatch.setattr(commands, "report_page", nothing)
    session: Any = SimpleNamespace(
        unsaved=nothing,
        server=None,
        client=SimpleNamespace(progress=False),
        workers=SimpleNamespace(run=run),
        pages=SimpleNamespace(put=nothing),
    )
    asyncio.run(commands._heal_command(session, tmp_path, ["pytest"], {}, limit_s))  # pyright: ignore[reportPrivateUsage]
    assert given == {"job": "heal_command", "limit_s": limit_s, "timeout_s": longest}
