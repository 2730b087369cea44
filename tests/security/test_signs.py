"""Signs of a source: the text that is looked for first is in every match of its pattern."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from suture.analyzers.security.models import knowledge, word_of

HINTS = [(word, pattern) for sign in knowledge().signs for word, pattern in sign.hints]


@pytest.mark.parametrize(("word", "pattern"), HINTS, ids=[word for word, _ in HINTS])
@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_a_match_of_a_hint_holds_its_word(word: str, pattern: object, data: st.DataObject) -> None:
    assert word
    assert word in data.draw(st.from_regex(pattern))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("hint", "word"),
    [(r"\bget_\w*argument", "argument"), (r"\bos\.(?:system|popen)\b", "os."), (r"@\w*\.?(?:a|b)\b", "@")],
)
def test_the_word_of_a_hint(hint: str, word: str) -> None:
    assert word_of(hint) == word
