"""Annotations are workflow commands as GitHub reads them: what would end a field or a line is escaped."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from suture.server.cli.main import main
from suture.server.cli.review_output import annotation

COMMAND = re.compile(r"::(error|warning|notice) ([^:]*(?:=[^,:]*)?(?:,[^,:]*)*)::(.*)")


def unescaped(text: str) -> str:
    """As the runner reads it."""
    for code, char in (("%3A", ":"), ("%2C", ","), ("%0D", "\r"), ("%0A", "\n"), ("%25", "%")):
        text = text.replace(code, char)
    return text


def read(line: str) -> tuple[str, dict[str, str], str]:
    found = COMMAND.fullmatch(line)
    assert found is not None, line
    fields = dict(pair.split("=", 1) for pair in found[2].split(","))
    return found[1], {name: unescaped(value) for name, value in fields.items()}, unescaped(found[3])


def value(path: str, message: str, suggestion: str = "", severity: str = "high", end_line: int = 3) -> str:
    finding = {
        "path": path,
        "message": message,
        "suggestion": suggestion,
        "severity": severity,
        "rule": "a-rule",
        "line": 3,
        "end_line": end_line,
        "column": 5,
        "end_column": 9,
    }
    return annotation(finding)


texts = st.text(st.characters(codec="utf-8"), max_size=20)


@given(texts, texts, texts, st.sampled_from(["critical", "high", "medium", "low"]))
def test_an_annotation_is_one_line_that_reads_back_as_it_was(
    path: str, message: str, suggestion: str, severity: str
) -> None:
    line = value(path, message, suggestion, severity)
    assert "\n" not in line
    assert "\r" not in line
    level, fields, text = read(line)
    assert level == {"critical": "error", "high": "error", "medium": "warning", "low": "notice"}[severity]
    assert fields["file"] == path
    assert text == message + (f"\nTry: {suggestion}" if suggestion else "")
    assert (fields["line"], fields["endLine"], fields["col"], fields["endColumn"]) == ("3", "3", "5", "9")


def test_columns_are_left_out_where_lines_differ_for_github_ignores_them_there() -> None:
    _, fields, _ = read(value("a.py", "m", end_line=7))
    assert "col" not in fields
    assert fields["endLine"] == "7"


def test_the_command_prints_nothing_else_to_standard_output(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("a%b, c:d.py").write_text("import tempfile\nprint(tempfile.mktemp())\n")
    Path("binary.py").write_bytes(b"\0" * 50)
    main(["review", ".", "--output-format", "github"])
    read_back = [read(line) for line in capsys.readouterr().out.splitlines()]
    assert [fields["file"] for _, fields, _ in read_back] == ["a%b, c:d.py", "binary.py"]
    assert read_back[1][1]["title"] == "not analysed"
