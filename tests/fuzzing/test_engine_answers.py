"""An answer of the worker may have been written by the function under test: it is looked at before it is used."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from suture.analyzers.fuzzing.answers import candidate_checked, checked

CANDIDATE: dict[str, Any] = {
    "args": "(0,)",
    "kwargs": "{}",
    "kind": "crash",
    "exception": "ValueError",
    "message": "",
    "signature": "crash:ValueError:1",
    "line": 1,
    "confidence": 0.9,
    "growth": [[17, 0.1]],
}
ANSWER: dict[str, Any] = {
    "status": "ok",
    "stage": "boundary",
    "executions": 3,
    "position": -1,
    "branches": 2,
    "coverage": [[1, 2]],
    "inputs": [["(0,)", "{}"]],
    "stages": {"boundary": 3},
    "domain": {"n": "int"},
    "candidate": CANDIDATE,
}
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


def test_an_answer_passes() -> None:
    assert checked(ANSWER) is ANSWER
    assert candidate_checked(CANDIDATE) is CANDIDATE
    assert checked({"status": "unsupported", "reason": "why"}) is not None


@pytest.mark.parametrize("key", [key for key in ANSWER if key != "candidate"])
def test_an_answer_with_something_else_in_a_field_does_not(key: str) -> None:
    assert checked({**ANSWER, key: [object()]}) is None


@pytest.mark.parametrize("key", CANDIDATE)
def test_a_candidate_with_something_else_in_a_field_does_not(key: str) -> None:
    assert checked({**ANSWER, "candidate": {**CANDIDATE, key: [object()]}}) is None


@given(JSON)
def test_any_json_is_either_refused_or_has_a_status(value: Any) -> None:
    found = checked(value)
    assert found is None or found["status"] in ("ok", "unsupported", "environment")


@given(st.sampled_from([*ANSWER]), JSON)
def test_no_field_makes_the_check_itself_fail(key: str, value: Any) -> None:
    checked({**ANSWER, key: value})
    candidate_checked({**CANDIDATE, "line": value, "growth": value})
