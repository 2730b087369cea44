"""Nesting is taken away by leaving early, where the same statements then run in the same order."""

from __future__ import annotations

import textwrap
from collections.abc import Callable

import libcst as cst
import pytest

from suture.analyzers.findings import Finding
from suture.healing.improvements.leave_early import negated, rewrite

Flagged = Callable[[str, str, str], Finding]


def flattened(text: str, flagged: Flagged) -> str:
    """The function after the rewrite; empty if there is none."""
    source = textwrap.dedent(text).lstrip("\n")
    found = list(rewrite(source, flagged(source, "f", "deep-nesting")))
    return found[0].text if found else ""


def test_conditions_that_end_a_loop_become_continue(flagged: Flagged) -> None:
    text = """
        def f(rows):
            for row in rows:
                # Only those that count.
                if row.a:
                    if row.b is None:  # not set
                        if row.c in rows:
                            print(row)
                            print(row)
    """
    assert flattened(text, flagged) == textwrap.dedent(
        """
        def f(rows):
            for row in rows:
                # Only those that count.
                if not row.a:
                    continue
                if row.b is not None:  # not set
                    continue
                if row.c in rows:
                    print(row)
                    print(row)
        """
    ).lstrip("\n")


def test_conditions_that_end_a_function_become_return(flagged: Flagged) -> None:
    text = """
        def f(a, b):
            if a:
                with a:
                    if b < 1 or a:
                        for each in b:
                            print(each)
    """
    assert flattened(text, flagged) == textwrap.dedent(
        """
        def f(a, b):
            if not a:
                return
            with a:
                if not (b < 1 or a):
                    return
                for each in b:
                    print(each)
        """
    ).lstrip("\n")


def test_a_function_that_returns_values_says_that_it_returns_none(flagged: Flagged) -> None:
    text = "def f(a):\n    if a:\n        for each in a:\n            return each\n"
    assert "    if not a:\n        return None\n" in flattened(text, flagged)


def test_an_else_that_only_leaves_goes_first(flagged: Flagged) -> None:
    text = """
        def f(a):
            if a:
                for each in a:
                    print(each)
            else:
                # Nothing to do.
                raise ValueError(a)
            return 1
    """
    assert flattened(text, flagged) == textwrap.dedent(
        """
        def f(a):
            if not a:
                # Nothing to do.
                raise ValueError(a)
            for each in a:
                print(each)
            return 1
        """
    ).lstrip("\n")


def test_an_else_behind_a_branch_that_leaves_is_dissolved(flagged: Flagged) -> None:
    text = """
        def f(a):
            if not a:
                return 0
            else:
                for each in a:
                    print(each)
            return 1
    """
    assert flattened(text, flagged) == textwrap.dedent(
        """
        def f(a):
            if not a:
                return 0
            for each in a:
                print(each)
            return 1
        """
    ).lstrip("\n")


def test_conditions_inside_each_other_are_joined_where_nothing_can_be_left(flagged: Flagged) -> None:
    text = """
        def f(a, b):
            if a:
                if b or a:
                    for each in b:
                        print(each)
            return 1
    """
    assert "    if a and (b or a):\n        for each in b:\n" in flattened(text, flagged)


@pytest.mark.parametrize(
    ("why", "body"),
    [
        ("something follows it", "if a:\n    for each in a:\n        print(each)\nprint(1)"),
        ("the else goes on", "if a:\n    for each in a:\n        print(each)\nelse:\n    print(2)\nprint(1)"),
        (
            "leaving a try skips its else",
            "try:\n    if a:\n        for each in a:\n            print(each)\nexcept E: pass\nelse:\n    print(1)",
        ),
        ("a comment ends the block", "if a:\n    for each in a:\n        print(each)\n    # the end\n"),
        ("there is an elif", "if a:\n    for each in a:\n        print(each)\nelif b:\n    print(2)"),
    ],
)  # fmt: skip
def test_nothing_is_turned_around_if(flagged: Flagged, why: str, body: str) -> None:
    source = "def f(a, b=None):\n" + textwrap.indent(body, "    ") + "\n"
    assert flattened(source, flagged) == "", why


def test_what_is_flat_stays_as_it_is(flagged: Flagged) -> None:
    head = "def f(rows):\n    for row in rows:\n        if row.a:\n"
    text = f"{head}            if row.b:\n                if row.c:\n                    print(row)\n"
    once = flattened(text, flagged)
    assert once
    assert flattened(once, flagged) == ""


@pytest.mark.parametrize(
    ("test", "opposite"),
    [
        ("a == b", "a != b"),
        ("a not in b", "a in b"),
        ("a is None", "a is not None"),
        ("not a", "a"),
        ("a < b", "not a < b"),
        ("a and b", "not (a and b)"),
        ("a == b == c", "not a == b == c"),
        ("(a or b)", "not (a or b)"),
        ("(a := b)", "not (a := b)"),
        ("a if b else c", "not (a if b else c)"),
    ],
)
def test_a_condition_is_negated_in_plain_words(test: str, opposite: str) -> None:
    assert cst.Module([]).code_for_node(negated(cst.parse_expression(test))) == opposite
