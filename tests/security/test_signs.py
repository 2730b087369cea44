"""Signs of a source: the text that is looked for first is in every match of its pattern."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from suture.analyzers.plugins import discover
from suture.analyzers.security import models
from suture.analyzers.security.models import Model, fast, word_of
from suture.analyzers.security.taint import analysis
from suture.analyzers.security.taint.analysis import machine_for
from suture.analyzers.security.taint.program import Program

HINTS = [hint for model in discover(models.__name__, "MODEL", Model) for hint in model.hints]


@pytest.mark.parametrize("hint", HINTS)
@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_a_match_of_a_hint_holds_its_word(hint: str, data: st.DataObject) -> None:
    word = word_of(hint)
    assert word
    assert word in data.draw(st.from_regex(hint))


@pytest.mark.parametrize("hint", HINTS)
@settings(max_examples=15, deadline=None)
@given(data=st.data())
def test_a_hint_that_is_searched_fast_is_the_same(hint: str, data: st.DataObject) -> None:
    match = data.draw(st.from_regex(hint, fullmatch=True))
    text = "".join(data.draw(st.lists(st.sampled_from([match, "a", "_", " ", ".", "\n"]), min_size=1)))
    found = [each.span() for each in fast(hint).finditer(text)]
    assert found == [each.span() for each in re.finditer(hint, text)]


@pytest.mark.parametrize("hint", [r"\bcolou?r\b", r"\bcol[o]+ur", r"\bco*", r"\bcolours?\b"])
def test_an_optional_letter_is_none_that_a_match_begins_with(hint: str) -> None:
    assert fast(hint).search("a colour") is not None


@pytest.mark.parametrize(
    ("hint", "word"),
    [(r"\bget_\w*argument", "argument"), (r"\bos\.(?:system|popen)\b", "os."), (r"@\w*\.?(?:a|b)\b", "@")],
)
def test_the_word_of_a_hint(hint: str, word: str) -> None:
    assert word_of(hint) == word


@settings(max_examples=60, deadline=None)
@given(st.from_regex(analysis._COMMANDS))  # pyright: ignore[reportPrivateUsage]
def test_what_puts_a_command_together_holds_one_of_its_words(text: str) -> None:
    assert any(each in text for each in analysis._COMMAND_WORDS)  # pyright: ignore[reportPrivateUsage]


def test_the_text_of_a_function_is_its_own_whatever_ends_the_lines() -> None:
    for end in ("\n", "\r\n", "\r"):
        text = end.join(["import os", "def first(x):", "    return x", "def second(y):", "    os.system(y)", ""])
        program = Program(["/p/a.py"], lambda _, text=text: text)
        machine = machine_for(program)
        module = program.module("/p/a.py")
        assert module is not None
        program.load(machine, module)
        words = [set(re.findall(r"\w+", each.text)) for each in module.functions]
        assert words == [{"def", "first", "x", "return"}, {"def", "second", "y", "os", "system"}]
        for function, found in zip(module.functions, words, strict=True):
            assert frozenset().union(*function.names()) <= found
