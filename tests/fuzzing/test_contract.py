from __future__ import annotations

import pytest

from suture.analyzers.fuzzing.contract import read_contract


@pytest.mark.parametrize(
    "doc",
    [
        "Raises ValueError for negative n.",
        "Half of n.\n\n:raises ValueError: if n is odd",
        "Half of n.\n\nRaises:\n    ValueError: if n is odd.\n",
        "Half of n.\n\nRaises\n------\nValueError\n    If n is odd.\n",
        "Half of n, raising `ValueError` if it is odd.",
        "Half of an even n (ValueError otherwise).",
    ],
)
def test_an_exception_named_in_any_style_is_documented(doc: str) -> None:
    contract = read_contract(doc, ("n",))
    assert contract.documents(ValueError)
    assert contract.documents(UnicodeDecodeError)
    assert not contract.documents(KeyError)


def test_an_exception_that_is_ruled_out_is_not_documented() -> None:
    assert not read_contract("Never raises ValueError.").documents(ValueError)


@pytest.mark.parametrize(
    "doc",
    [
        "Mean of values; 0.0 for an empty list.",
        "Parse it, or None if it is malformed.",
        "'-' when it cannot be represented.",
        "Returns -1 if the name is unknown.",
        "If the list is empty, returns None.",
        "Zero-length input gives ''; when empty, it is 0.",
    ],
)
def test_a_value_for_awkward_input_is_a_promise(doc: str) -> None:
    assert read_contract(doc).promises


@pytest.mark.parametrize("doc", ["Mean of values.", "Convert text to int.", "The n-th item of the list.", ""])
def test_a_plain_description_promises_nothing(doc: str) -> None:
    assert not read_contract(doc).promises


def test_only_some_promises_are_about_input_of_the_wrong_form() -> None:
    assert read_contract("None for anything else.").copes
    assert not read_contract("0.0 for fewer than two values.").copes


def test_preconditions_become_bounds() -> None:
    contract = read_contract("Requires x in 0..1e6 and 1 <= n <= 100.", ("x", "n"))
    assert contract.precondition
    found = {(each.name, each.low, each.high) for each in contract.bounds}
    assert ("x", 0.0, 1e6) in found
    assert ("n", 1.0, None) in found
    assert ("n", None, 100.0) in found


@pytest.mark.parametrize(
    ("doc", "alone"),
    [
        ("Does not modify its argument.", True),
        ("data is left unchanged.", True),
        ("Return a copy of data.", True),
        ("Sort values in place.", False),
        ("The list is modified.", False),
        ("Sum of values.", False),
    ],
)
def test_what_is_said_about_arguments_is_understood(doc: str, alone: bool) -> None:
    assert read_contract(doc).left_alone is alone


def test_an_equation_names_the_inverse() -> None:
    assert read_contract("Escape; unescape(escape(s)) == s.").equation == ("unescape", "escape")
