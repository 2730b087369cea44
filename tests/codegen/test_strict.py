"""LibCST as the strict parser of what is generated, whichever Python runs Suture."""

from __future__ import annotations

from pathlib import Path

import pytest

from suture.analyzers.findings import Evidence
from suture.codegen.placement import place
from suture.codegen.proposal import GenerationRequest
from suture.codegen.strict import strict, tool
from suture.codegen.triggers.comment import comment_at
from suture.codegen.validation import Subject, Validated, validate

COMMENT = '# f("x") -> "y"\n'
CODE = 'def f(text: str) -> str:\n    return "y"\n'


def validated(before: str, code: str = CODE) -> Validated:
    comment = comment_at(before, before[: before.index("# f(")].count("\n"))
    assert comment is not None
    placed = place(before, comment, code, ())
    request = GenerationRequest(Path("/nowhere"), Path("/nowhere/m.py"), before, comment.first)
    return validate(Subject(request, placed, code, ()))


def parsed(result: Validated) -> Evidence:
    return next(each for each in result.evidence if each.kind == "parsed")


def test_the_whole_file_is_judged_and_the_evidence_names_libcst_and_its_version() -> None:
    evidence = parsed(validated(COMMENT))
    assert tool() in evidence.summary
    assert tool().split(" ")[1][0].isdigit()
    assert evidence.data["scope"] == "file"


def test_newer_syntax_than_the_hosts_is_no_reason_to_refuse() -> None:
    newer = 'type Pair[T] = tuple[T, T]\nx = {"a": 1}\ny = f"{x["a"]}"\n\n\n'
    result = validated(newer + COMMENT)
    assert result.failed == ""
    assert tool() in parsed(result).summary


def test_what_tree_sitter_tolerates_is_refused() -> None:
    result = validated(COMMENT, "def f(a=1, b):\n    return a\n")
    assert (result.failed, tool() in result.reason) == ("syntax", True)


def test_what_only_a_compiler_sees_is_refused_too() -> None:
    result = validated(COMMENT, f"{CODE}\n\nreturn 1\n")
    assert result.failed == "syntax"
    assert "'return' outside function" in result.reason


def test_in_a_file_that_was_broken_before_the_code_is_judged_alone_and_that_is_said() -> None:
    broken = f"{COMMENT}\n\ndef other(:\n    pass\n"
    evidence = parsed(validated(broken))
    assert evidence.data["scope"] == "code"
    assert "code alone" in evidence.summary
    assert validated(broken, "def f(a=1, b):\n    return a\n").failed == "syntax"


@pytest.mark.parametrize("text", ["(" * 20_000 + ")" * 20_000, "(" * 20_000, "x = " + "not " * 20_000 + "1\n"])
def test_nesting_that_would_end_the_process_is_not_given_to_libcst(text: str) -> None:
    verdict = strict(text)
    assert not verdict.ok
    assert not verdict.judged


@pytest.mark.parametrize(
    "text", ["x = '\ud800'\n", "# coding: latin-1\r\nx = 'é'\r", "\x0cx = 1\n", "x = " + "a + " * 200 + "1\n"]
)
def test_odd_but_valid_texts_pass(text: str) -> None:
    assert strict(text).ok
