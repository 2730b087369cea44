"""Dismissed findings stay away, old ones are hints, what a cap hides is counted, and a change is judged as a whole."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any
from urllib.parse import urlparse
from urllib.request import url2pathname

import pytest

from suture.analyzers.engine import all_rules
from suture.analyzers.engines.checks import CHECKS
from suture.analyzers.engines.ruff import RULES
from suture.analyzers.findings import Finding, Range
from suture.analyzers.growth.judging import RULE as MEASURED
from suture.analyzers.review import program_rules
from suture.analyzers.suppress import UNKNOWN, UNUSED
from suture.server import rule_docs
from suture.server.cli.main import main
from suture.server.client import Client
from suture.server.documents import Snapshot
from suture.server.reviews import diagnostic

Object = dict[str, Any]

TEXT = "import tempfile\n\n\ndef name():\n    return tempfile.mktemp()\n"
HINT = 4


def root(editor: Any) -> Path:
    """The folder that the editor's documents lie in."""
    return Path(editor.root)


def codes(editor: Any, uri: str) -> list[str]:
    return [each["code"] for each in editor.published[uri][-1]["diagnostics"]]


def test_a_dismissed_finding_stays_away_when_its_line_is_renamed_and_a_new_one_beside_it_shows(
    editor: Any, another: Any, rich: Object
) -> None:
    text = "import tempfile\n\n\ndef name(folder):\n    path = tempfile.mktemp(dir=folder)\n    return path\n"
    editor.initialize(rich)
    uri = editor.open("a.py", text)
    (found,) = editor.diagnostics(uri, 1)
    editor.command("suture.dismiss", {"uri": uri, "id": found["data"]["id"], "reason": "only in tests"})
    editor.until(lambda: codes(editor, uri) == [])
    editor.stop()
    another.initialize(rich)
    moved = "X = 1\n" + text.replace("path", "place").replace("folder", "where")
    uri = another.open("a.py", moved + "\n\ndef more():\n    return tempfile.mktemp()\n")
    another.until(lambda: another.published[uri] and len(codes(another, uri)) == 1)
    (shown,) = another.published[uri][-1]["diagnostics"]
    assert shown["range"]["start"]["line"] == 10
    another.command("suture.restoreDismissed", {"uri": uri})
    another.until(lambda: len(codes(another, uri)) == 2)


def test_what_a_baseline_knows_is_a_hint_and_what_it_does_not_is_shown(editor: Any, rich: Object) -> None:
    folder = root(editor)
    (folder / "a.py").write_text(TEXT)
    assert main(["review", str(folder / "a.py"), "--baseline", str(folder / "old.json"), "--write-baseline"]) == 0
    (folder / "pyproject.toml").write_text('[tool.suture.review]\nbaseline = "old.json"\n')
    editor.initialize(rich)
    more = TEXT + "\n\ndef more():\n    return tempfile.mktemp(prefix='x')\n"
    uri = editor.open("a.py", "X = 1\n" + more)
    editor.until(
        lambda: (
            editor.published[uri]
            and sorted(
                (each["range"]["start"]["line"], each["severity"] == HINT)
                for each in editor.published[uri][-1]["diagnostics"]
            )
            == [(5, True), (9, False)]
        )
    )


def test_what_a_baseline_knows_is_a_hint_in_an_action_that_comes_before_the_diagnostics(
    editor: Any, pulling: Object
) -> None:
    folder = root(editor)
    (folder / "a.py").write_text(TEXT)
    assert main(["review", str(folder / "a.py"), "--baseline", str(folder / "old.json"), "--write-baseline"]) == 0
    (folder / "pyproject.toml").write_text('[tool.suture.review]\nbaseline = "old.json"\n')
    editor.initialize(pulling)
    uri = editor.open("a.py", TEXT)
    about = {"textDocument": {"uri": uri}}

    def told() -> list[int]:
        return [each["severity"] for each in editor.request("textDocument/diagnostic", about)["items"]]

    editor.until(lambda: told() == [HINT])
    editor.change(uri, "import", "X = 1\nimport")
    editor.start("textDocument/diagnostic", about)
    found = [each for action in editor.actions(uri, "mktemp") for each in action.get("diagnostics", ())]
    assert {each["severity"] for each in found} == {HINT}


def test_the_settings_of_the_project_leave_old_findings_out_on_the_command_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a.py").write_text(TEXT)
    assert main(["review", str(tmp_path), "--baseline", str(tmp_path / "old.json"), "--write-baseline"]) == 0
    (tmp_path / "pyproject.toml").write_text('[tool.suture.review]\nbaseline = "old.json"\n')
    assert main(["review", str(tmp_path)]) == 0
    (tmp_path / "a.py").write_text(TEXT + "\n\ndef more():\n    return tempfile.mktemp(prefix='x')\n")
    capsys.readouterr()
    assert main(["review", str(tmp_path), "--output-format", "json"]) == 1
    assert [each["line"] for each in json.loads(capsys.readouterr().out)] == [9]


def test_a_cap_shows_what_matters_most_and_counts_the_rest_in_one_hint(editor: Any, rich: Object) -> None:
    (root(editor) / "pyproject.toml").write_text("[tool.suture.review]\nmax-findings-per-file = 2\n")
    editor.initialize(rich)
    uri = editor.open("a.py", "import tempfile\n" + "tempfile.mktemp()\n" * 5)
    editor.until(lambda: editor.published[uri] and len(codes(editor, uri)) == 3)
    (hint,) = [each for each in editor.published[uri][-1]["diagnostics"] if each["code"] == "more-findings"]
    assert hint["severity"] == HINT
    assert "3 more findings are hidden" in hint["message"]


def test_the_code_of_a_diagnostic_links_to_the_page_of_its_rule(editor: Any, rich: Object) -> None:
    editor.initialize(rich)
    uri = editor.open("a.py", TEXT)

    def links() -> list[str]:
        listed: list[Object] = editor.published[uri][-1]["diagnostics"] if editor.published[uri] else []
        return [each.get("codeDescription", {}).get("href", "") for each in listed]

    editor.until(lambda: any(link.startswith("file:") for link in links()))
    found: Object = editor.published[uri][-1]["diagnostics"][0]
    link: str = found["codeDescription"]["href"]
    page = Path(url2pathname(urlparse(link).path))
    assert page.name == f"{found['code']}.md"
    assert "**What it does**" in page.read_text()


def test_what_is_no_rule_of_a_reviewer_has_a_page_too(editor: Any, rich: Object) -> None:
    (root(editor) / "pyproject.toml").write_text("[tool.suture.review]\nmax-findings-per-file = 1\nno-such-key = 1\n")
    editor.initialize(rich)
    uri = editor.open("a.py", "missing_name\nother_name\n")
    binary = editor.open("b.py", "x = '\0'\n")
    settings = (root(editor) / "pyproject.toml").as_uri()

    def pages() -> dict[str, str]:
        last = [editor.published[each][-1]["diagnostics"] for each in (uri, binary, settings) if editor.published[each]]
        links: dict[str, str] = {
            each["code"]: each.get("codeDescription", {}).get("href", "") for some in last for each in some
        }
        return {code: Path(url2pathname(urlparse(link).path)).name for code, link in links.items()}

    wanted = {each: f"{each}.md" for each in ("undefined-name", "more-findings", "not-analysed", "settings")}
    editor.until(lambda: pages() == wanted)


def test_every_code_has_a_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rule_docs, "_written", {})
    rule_docs.write_pages(tmp_path)
    codes = {rule.name for rule in (*program_rules(), *all_rules())}
    codes |= {"syntax-error", "undefined-name", "fuzz-counterexample", MEASURED, UNUSED, UNKNOWN}
    codes |= {f"bandit:B{number}" for number in CHECKS} | {f"ruff:S{number}" for number in CHECKS}
    codes |= {f"ruff:{code}" for code in (*RULES, "F821", "F823", "invalid-syntax")}
    for code in codes:
        page = Path(url2pathname(urlparse(rule_docs.href(code)).path))
        assert page.stem == code.partition(":")[0]
        assert page.read_text("utf-8").startswith(f"# {page.stem}\n")
    client, lines = Client(code_description=True), Snapshot("file:///p/a.py", "/p/a.py", None, "f()\n", "utf-16")
    failure = Finding("/p/a.py", Range(0, 0, 0, 3), "runtime/ValueError", "failure", "m", "critical", 1.0)
    assert diagnostic(failure, lines, client)["codeDescription"]["href"].endswith(f"/{rule_docs.FAILURE}.md")
    assert rule_docs.href("a-rule-that-nobody-wrote") == ""


def test_the_change_is_reviewed_with_what_is_not_saved(editor: Any, rich: Object) -> None:
    folder = root(editor)
    (folder / "a.py").write_text(TEXT)
    (folder / "b.py").write_text("x = 1\n")
    identity = ["-c", "user.name=n", "-c", "user.email=n@example.org"]
    for words in (["init", "-q"], ["add", "."], [*identity, "commit", "-qm", "one"]):
        subprocess.run(["git", *words], cwd=folder, check=True)
    editor.initialize(rich)
    uri = editor.open("b.py", "import os\n\n\ndef run(x):\n    os.system('ls ' + x)\n")
    answer = editor.command("suture.reviewChange", {"uri": uri, "revision": "HEAD"})
    assert [(each["name"], len(each["new"])) for each in answer["changes"]] == [("b.py", 1)]
    assert [vote["reviewer"] for vote in answer["verdict"]["votes"]] == ["security", "performance", "architecture"]
    page = editor.command("suture.showEvidence", {"id": "report-change"})
    assert "os.system" in page["text"] or "a shell runs" in page["text"]
    assert "| security |" in page["text"]


def test_the_change_of_a_folder_that_is_not_trusted_or_in_no_repository_is_not_asked_for(
    editor: Any, another: Any, rich: Object
) -> None:
    editor.initialize(rich, trusted=False)
    uri = editor.open("a.py", TEXT)
    with pytest.raises(Exception, match="trust"):
        editor.command("suture.reviewChange", {"uri": uri})
    editor.stop()
    another.initialize(rich)
    uri = another.open("a.py", TEXT)
    with pytest.raises(Exception, match="git repository"):
        another.command("suture.reviewChange", {"uri": uri})
