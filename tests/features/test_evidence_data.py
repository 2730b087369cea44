"""The data of evidence for people: each form it takes, and that nothing but what is empty is left out."""

from __future__ import annotations

import pytest

from suture.server.evidence_data import rendered


def test_facts_stand_on_lines_and_what_is_empty_is_left_out() -> None:
    text = rendered({"exit_before": 1, "command": "pytest -q", "ok": True, "seconds": 0.25, "note": "", "more": []})
    assert text == "- exit before: 1\n- command: `pytest -q`\n- ok: yes\n- seconds: 0.25"


def test_a_path_is_a_numbered_list_of_places() -> None:
    text = rendered({"path": [{"path": "/a/b.py", "line": 3, "text": " x = input() "}, {"path": "/a/c.py", "line": 9}]})
    assert text == "path:\n\n1. `b.py:3` `x = input()`\n2. `c.py:9`"


def test_code_is_fenced_also_if_it_holds_a_fence() -> None:
    text = rendered({"code": 'def f():\n    """```"""\n'})
    assert text == 'code:\n\n````python\ndef f():\n    """```"""\n````'


def test_rows_of_the_same_names_are_a_table() -> None:
    text = rendered({"costs": [{"n": 10, "cost": 20.0}, {"n": 40, "cost": 320.0}]})
    assert text == "costs:\n\n| n | cost |\n|---|---|\n| 10 | 20 |\n| 40 | 320 |"


def test_evidence_of_a_report_is_a_list() -> None:
    assert rendered({"evidence": [{"kind": "ran", "summary": "exit 1 → 0"}]}).endswith("- **ran**: exit 1 → 0")


@pytest.mark.parametrize("value", [{"a": {"b": [1]}}, {"a": [[1, 2], [3]]}, {"a": [{"x": 1}, {"y": 2}]}])
def test_anything_else_is_json(value: dict[str, object]) -> None:
    assert "```json\n" in rendered(value)


def test_a_backtick_in_a_short_text_does_not_end_its_code() -> None:
    assert rendered({"said": "use `x`"}) == "- said: `` use `x` ``"
