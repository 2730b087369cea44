"""Which comments ask for a function."""

from __future__ import annotations

import pytest

from suture.codegen.triggers.comment import comment_at, why_not


def find(text: str, marker: str = "|"):
    """``comment_at`` on the line that holds the marker, which is taken out."""
    line = text[: text.index(marker)].count("\n")
    return comment_at(text.replace(marker, ""), line)


@pytest.mark.parametrize(
    "text",
    [
        "# |Return the initials of a name\n",
        "# |returns the number of vowels in a string\n\nx = 1\n",
        '# |slugify("A b!") -> "a-b"\n',
        '# |slugify("A b!") -> "a-b"\nprint(1)\n',
        "#|Sort words by length\n",
        "# TODO: |write a function that parses ISO dates\n",
        "# |A function that adds two numbers\n",
        "# |True if the year is a leap year\n",
        "# |Given a list of words, count them\n",
        "# Something about slugs.\n# |slugify('x') == 'x'\n",
        "# Turn a title into a slug.\n#\n# |Examples:\n#   slugify('A b') => 'a-b'\n",
        "# |>>> double(2)\n# 4\n",
        "# |slugify(text: str) -> str: lower case, words joined by hyphens\n",
        "# |Everything that stands in a queue. async def drain(queue: Queue) -> list[object]\n",
        "# |The median of the ages; ValueError if there is nobody.\n# median_age(people: list[Person]) -> float\n",
    ],
)
def test_a_description_or_an_example_asks_for_a_function(text: str) -> None:
    assert find(text) is not None


@pytest.mark.parametrize(
    "text",
    [
        "#!/usr/bin/env |python\n",
        "# -*- coding: utf-8 -*-|\n",
        "# type: ignore|\n",
        "# noqa: F401|\n",
        "# pylint: disable=all|\n",
        "# Copyright |2026 The authors. Return the favour.\n",
        "# SPDX-License-Identifier: MIT|\n",
        "# --- helpers ---------|\n",
        "# Constants|\n",
        "# helpers for parsing|\n",
        "# The old def load(path) was slow|\n",
        "# Slow since load(path) -> bytes copies|, see below\n",
        "# x = foo(3)|\n",
        "# return foo(bar)|\n",
        "# for each in items:|\n",
        "# import os|\n# import sys\n",
        "# print(total)|\n",
        "# Return the user's name|\nname = user.name\n",
        "# Return the user's name|\ndef name(user):\n    return user.name\n",
        '# slugify("A b!") -> "a-b"|\ndef slugify(text):\n    return text\n',
        "# Return|\n",
        "x = 1  # Return the initials of a name|\n",
        '"""\n# Return the initials of a name|\n"""\n',
        "def f():\n    # Compute the sum of the squares|\n\n    return 1\n",
        "|\n",
        "x = '# Return the initials of a name|'\n",
    ],
)
def test_pragmas_headers_code_and_comments_on_code_do_not(text: str) -> None:
    assert find(text) is None


def test_a_block_is_found_from_each_of_its_lines() -> None:
    text = "x = 1\n\n# Turn a title into a slug.\n#\n# slugify('A') -> 'a'\n\ny = 2\n"
    found = [comment_at(text, line) for line in range(7)]
    assert [each is not None for each in found] == [False, False, True, True, True, False, False]
    assert found[2] == found[4]
    assert found[2] is not None
    assert found[2].text == "Turn a title into a slug.\n\nslugify('A') -> 'a'"


def test_a_comment_in_a_class_makes_a_method_whatever_the_header_looks_like() -> None:
    plain = find("class A:\n    # |f(1) -> 2\n")
    spread = find("class A(\n    Base,\n    metaclass=M,\n):\n    x = 1\n\n    # |f(1) -> 2\n")
    tabs = find("class A:\n\tx = 1\n\t# |f(1) -> 2\n")
    after_text = find('class A:\n    """Doc\nat column 0\n    """\n\n    # |f(1) -> 2\n')
    for each in (plain, spread, tabs, after_text):
        assert each is not None
        assert (each.class_name, each.in_function) == ("A", False)


def test_a_comment_in_a_function_needs_an_example() -> None:
    found = find("class A:\n    def g(self):\n        # |f(1) -> 2\n        pass\n")
    assert found is not None
    assert (found.class_name, found.in_function) == ("", True)


def test_carriage_returns_and_form_feeds_do_not_move_lines() -> None:
    text = "x = 1\r\n\x0c\r\n# Return the initials of a name\r\n\r\n"
    found = comment_at(text, 2)
    assert found is not None
    assert (found.first, found.last, found.text) == (2, 2, "Return the initials of a name")
    assert comment_at(text, 99) is None
    assert comment_at("", 0) is None


def test_a_refusal_says_what_is_wrong_with_the_line() -> None:
    assert "no comment" in why_not("x = 1\n", 0)
    assert "definition below" in why_not("# Return it all\ndef f(): ...\n", 0)
    assert "example" in why_not("# Constants\n", 0)
