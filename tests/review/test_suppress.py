"""A comment silences what it names and nothing else; one that silences nothing says so."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from suture.analyzers.findings import Finding, Range, Related
from suture.analyzers.review import FileReview, review_file
from suture.analyzers.suppress import UNKNOWN, UNUSED, suppress


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


def test_a_comment_without_names_or_a_reason_does_not_take_the_next_line_for_its_reason() -> None:
    assert suppress([finding(1)], "# suture: ignore\nos.system(x)\n") == ()
    assert suppress([finding(2)], "# suture: ignore\nx = 1\nos.system(x)\n") == (finding(2),)


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


def test_a_comment_on_a_step_speaks_of_its_own_finding_where_it_has_one() -> None:
    text = "def f():\n    run(arg)  # noqa: S605\n    run(more + arg)\n"
    second = replace(finding(2), related=(Related("/p/a.py", Range(1, 8, 1, 11), "arg"),))
    assert suppress([second], text) == ()
    assert suppress([finding(1), second], text) == (second,)


def test_the_same_source_in_two_lines_is_silenced_line_by_line(tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    path.write_text(
        "import os\nfrom flask import request\n\n\ndef f():\n"
        '    os.system(request.args["a"])  # noqa: S605\n'
        '    os.system("ls " + request.args["b"])\n',
        "utf-8",
    )
    assert [each.range.line for each in review_file(path).findings if each.kind == "cmdi"] == [6]


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


def test_a_comment_of_bandit_inside_of_a_call_counts_unless_its_line_has_a_finding_of_its_own() -> None:
    text = "run(\n    command,\n    shell=True,  # nosec\n    check=True,\n)\n"
    whole = replace(finding(0), range=Range(0, 0, 4, 1))
    assert suppress([whole], text) == ()
    assert suppress([whole], text.replace("nosec", "noqa")) == (whole,)
    assert suppress([whole, finding(2)], text) == (whole,)
    other = replace(whole, reviewer="performance")
    assert suppress([other], text) == (other,)


def test_a_file_can_be_silenced_as_a_whole() -> None:
    assert suppress([finding(2)], "# suture: ignore-file[cmdi]\n\nos.system(x)\n") == ()
    assert suppress([finding(2)], "# ruff: noqa\n\nos.system(x)\n") == ()
    assert len(suppress([finding(2)], "# ruff: noqa: E501\n\nos.system(x)\n")) == 1


def test_a_syntax_error_cannot_be_silenced() -> None:
    error = Finding("/p/a.py", Range(0, 0, 0, 3), "syntax-error", "syntax", "m", "critical", 1.0)
    assert suppress([error], "def  # noqa\n") == (error,)


def test_columns_and_comments_behind_other_scripts_are_found() -> None:
    assert suppress([finding(1)], "# ünï\nos.system('é' + x)  # noqa: S605\n") == ()


HOLE = "import os\n\n\ndef run(x):\n    os.system('ls ' + x)%s\n"


def review(text: str, *, reviewers: tuple[str, ...] = ("security", "performance", "architecture")) -> FileReview:
    return review_file(Path("/p/a.py"), reviewers=reviewers, text=text, engines=False)  # type: ignore[arg-type]


def test_a_silenced_finding_is_kept_apart_with_the_reason_that_was_given() -> None:
    done = review(HOLE % "  # suture: ignore[shell-injection] only we call this")
    assert done.findings == ()
    assert [(each.finding.rule, each.reason) for each in done.silenced] == [("shell-injection", "only we call this")]
    assert done.verdict.label == "approve"


@pytest.mark.parametrize(
    ("comment", "rule", "says"),
    [
        ("# suture: ignore[list-shift-in-loop]", UNUSED, "`list-shift-in-loop`"),
        ("# suture: ignore[shell-injection, list-shift-in-loop] ours", UNUSED, "`list-shift-in-loop`"),
        ("# suture: ignore[weak-hsh]", UNKNOWN, "did you mean `weak-hash`"),
        ("# suture: ignore[no such rule at all]", UNKNOWN, "no rule or kind"),
    ],
)
def test_a_name_that_silences_nothing_is_a_hint_on_its_comment(comment: str, rule: str, says: str) -> None:
    text = HOLE % f"  {comment}"
    hints = [each for each in review(text).findings if each.kind == "suppression"]
    assert {each.rule for each in hints} == {rule}
    assert any(says in each.message for each in hints)
    for hint in hints:
        assert (hint.severity, hint.reviewer) == ("low", "")
        line = text.split("\n")[hint.range.line]
        assert line[hint.range.column : hint.range.end_column] == comment


@pytest.mark.parametrize(
    "comment",
    [
        "# suture: ignore[shell-injection]",
        "# suture: ignore[cmdi] a kind",
        "# suture: ignore[security]",
        "# suture: ignore",
        "# noqa: S602, E501",
        "# nosec",
        "# suture: ignore[shell-injection, S605] with a code of another tool",
        "# suture: ignore[duplicate-code] that only a look at all files can judge",
    ],
)
def test_a_comment_that_is_used_or_that_nobody_can_judge_is_no_hint(comment: str) -> None:
    assert not [each for each in review(HOLE % f"  {comment}").findings if each.kind == "suppression"]


def test_a_comment_is_not_called_unused_by_a_reviewer_who_was_not_asked() -> None:
    text = "x = [1]  # suture: ignore[list-shift-in-loop]\n"
    assert [each.rule for each in review(text).findings] == [UNUSED]
    assert review(text, reviewers=("security",)).findings == ()
    blanket = "x = [1]  # suture: ignore\n"
    assert [each.rule for each in review(blanket).findings] == [UNUSED]
    assert review(blanket, reviewers=("security",)).findings == ()


def test_a_hint_about_a_comment_can_be_silenced_itself() -> None:
    text = "x = [1]  # suture: ignore[list-shift-in-loop, unused-suppression] kept for the next version\n"
    assert review(text).findings == ()


def test_a_comment_above_and_one_for_the_file_are_judged_by_what_they_speak_of() -> None:
    above = HOLE.replace("    os", "    # suture: ignore[cmdi]\n    os") % ""
    assert review(above).findings == ()
    whole = "# suture: ignore-file[list-shift-in-loop]\n" + HOLE % ""
    assert sorted(each.rule for each in review(whole).findings) == ["shell-injection", UNUSED]
