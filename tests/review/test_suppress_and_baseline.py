"""What a person has dismissed stays dismissed, and nothing else does."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from suture.analyzers.baseline import fingerprints, new_findings, read_baseline, write_baseline
from suture.analyzers.errors import UserError
from suture.analyzers.findings import Finding, Range
from suture.analyzers.review import review_file, review_text
from suture.analyzers.suppress import suppress


def finding(
    line: int, rule: str = "shell-injection", kind: str = "cmdi", reviewer: str = "security", path: str = "/p/a.py"
) -> Finding:
    return Finding(path, Range(line, 0, line, 10), rule, kind, "m", "high", 0.9, reviewer)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "comment",
    [
        "# noqa",
        "# noqa: S602",
        "# noqa:S605, E501",
        "# nosec",
        "# nosec B602",
        "# nosec: B605,B101",
        "# suture: ignore",
        "# suture: ignore[shell-injection]",
        "# suture: ignore[weak-hash, cmdi]",
        "# why  # suture: ignore[security]",
    ],
)
def test_a_comment_that_names_the_finding_silences_it(comment: str) -> None:
    assert suppress([finding(1)], f"import os\nos.system(x)  {comment}\n") == ()


@pytest.mark.parametrize(
    "comment",
    [
        "# noqa: E501",
        "# nosec B303",
        "# suture: ignore[weak-hash]",
        "# suture: ignore[]",
        "# noqalike",
        "# type: ignore",
        "# pylint: disable=all",
        "'# noqa'",
        "f('# suture: ignore')",
    ],
)
def test_a_comment_about_something_else_or_a_string_silences_nothing(comment: str) -> None:
    assert len(suppress([finding(1)], f"import os\nos.system(x); {comment}\n")) == 1


def test_nosec_is_for_the_security_reviewer_only() -> None:
    listed = [finding(0), finding(0, "list-shift-in-loop", "list_shift", "performance")]
    assert [each.rule for each in suppress(listed, "x.pop(0)  # nosec\n")] == ["list-shift-in-loop"]


def test_codes_of_other_tools_silence_our_rule_for_the_same_problem() -> None:
    text = "def f():  # noqa: C901, PLR0913\n"
    listed = [
        finding(0, "complex-function", "complexity", "architecture"),
        finding(0, "too-many-parameters", "too_many_params", "architecture"),
        finding(0, "god-class", "god_class", "architecture"),
    ]
    assert [each.rule for each in suppress(listed, text)] == ["god-class"]


def test_a_comment_alone_on_a_line_speaks_of_the_next_line_of_code() -> None:
    text = "# suture: ignore[shell-injection]\n# because the input is ours\n\nos.system(x)\nos.system(y)\n"
    assert [each.range.line for each in suppress([finding(3), finding(4)], text)] == [4]


def test_a_comment_on_the_last_line_of_a_statement_counts() -> None:
    long = Finding("/p/a.py", Range(0, 0, 2, 1), "shell-injection", "cmdi", "m", "high", 0.9, "security")
    assert suppress([long], "os.system(\n  x\n)  # noqa: S605\n") == ()


def test_a_file_can_be_silenced_as_a_whole() -> None:
    assert suppress([finding(2)], "# suture: ignore-file[cmdi]\n\nos.system(x)\n") == ()
    assert suppress([finding(2)], "# ruff: noqa\n\nos.system(x)\n") == ()
    assert len(suppress([finding(2)], "# ruff: noqa: E501\n\nos.system(x)\n")) == 1


def test_a_syntax_error_cannot_be_silenced() -> None:
    error = Finding("/p/a.py", Range(0, 0, 0, 3), "syntax-error", "syntax", "m", "critical", 1.0)
    assert suppress([error], "def  # noqa\n") == (error,)


def test_columns_and_comments_behind_other_scripts_are_found() -> None:
    assert suppress([finding(1)], "# ünï\nos.system('é' + x)  # noqa: S605\n") == ()


SOURCE = "import os\n\n\ndef run(x):\n    os.system('ls ' + x)\n"


def review(text: str, path: Path) -> tuple[tuple[Finding, ...], dict[int, str]]:
    done = review_text(path, text, reviewers=("security",), run=())
    return done.findings, dict(done.lines)


def test_a_baseline_hides_what_it_knows_wherever_it_moves_and_nothing_else(tmp_path: Path) -> None:
    path, store = tmp_path / "a.py", tmp_path / "baseline.json"
    findings, lines = review(SOURCE, path)
    assert findings
    assert write_baseline(store, fingerprints(findings, lines, tmp_path)) == len(findings)
    baseline = read_baseline(store)
    assert new_findings(findings, lines, baseline) == ()
    moved = review("# a new first line\n" + SOURCE, path)
    assert new_findings(*moved, baseline) == ()
    twice = review(SOURCE + SOURCE.replace("run", "again"), path)
    assert [each.range.line for each in new_findings(*twice, baseline)] == [9]
    elsewhere = review(SOURCE, tmp_path / "b.py")
    assert len(new_findings(*elsewhere, baseline)) == len(findings)


def test_a_baseline_is_the_same_in_another_checkout(tmp_path: Path) -> None:
    marks: list[list[str]] = []
    for name in ("one", "two"):
        folder = tmp_path / name
        findings, lines = review(SOURCE, folder / "a.py")
        marks.append(fingerprints(findings, lines, folder))
    assert marks[0] == marks[1]


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"suture-baseline": 1, "findings": ["x"]}', "\0"])
def test_a_file_that_is_no_baseline_is_a_clear_error(tmp_path: Path, content: str) -> None:
    path = tmp_path / "b.json"
    path.write_text(content)
    with pytest.raises(UserError, match="baseline"):
        read_baseline(path)


def test_a_missing_baseline_is_a_clear_error(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="cannot be read"):
        read_baseline(tmp_path / "none.json")


def test_a_baseline_holds_no_secret(tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    path.write_text('PASSWORD = "k9!vT2#qLm"\n')
    done = review_file(path, engines=False)
    assert [each.kind for each in done.findings] == ["secrets"]
    store = tmp_path / "b.json"
    write_baseline(store, fingerprints(done.findings, done.lines, tmp_path))
    path.write_text('PASSWORD = "other!vT2#q"\n')
    again = review_file(path, engines=False)
    # The fingerprint does not depend on the value, so the value cannot be guessed from it.
    assert fingerprints(again.findings, again.lines, tmp_path) == list(json.loads(store.read_text())["findings"])
