"""What a comment says: examples, name, parameters, types."""

from __future__ import annotations

import pytest

from suture.codegen.examples import find_calls
from suture.codegen.specification import specify
from suture.codegen.valuetypes import hint_of, same


def calls(text: str) -> list[tuple[object, ...]]:
    return [(each.name, each.example.args, each.example.raises or each.example.expected) for each in find_calls(text)]


EXAMPLES: list[tuple[str, list[tuple[object, ...]]]] = [
    ('slugify("A b!") -> "a-b"', [("slugify", ("A b!",), "a-b")]),
    ("f(1) -> 2, f(2) => 3; f(3) == 4.", [("f", (1,), 2), ("f", (2,), 3), ("f", (3,), 4)]),
    ("f(1) → 2", [("f", (1,), 2)]),
    ("swap(1, 2) -> 2, 1", [("swap", (1, 2), (2, 1))]),
    ("f(1) returns 2 and f(2) gives 3", [("f", (1,), 2), ("f", (2,), 3)]),
    ('f("") raises ValueError', [("f", ("",), "ValueError")]),
    ("f([]) -> ValueError", [("f", ([],), "ValueError")]),
    (">>> f(1)\n2\n>>> f(2)\n4", [("f", (1,), 2), ("f", (2,), 4)]),
    ("e.g. `f(1)` -> `2` (two)", [("f", (1,), 2)]),
    ("f(-1.5) -> 3. g is other", [("f", (-1.5,), 3)]),
    ("f([1, [2]],\n  (3,)) -> {'a': [1,\n 2]}", [("f", ([1, [2]], (3,)), {"a": [1, 2]})]),
    ('f("a, b; c -> d") -> ["a", "b"]', [("f", ("a, b; c -> d",), ["a", "b"])]),
    ('f("(") -> ")"', [("f", ("(",), ")")]),
    ("Cls().f(1) -> None", [("f", (1,), None)]),
    ("f(x) -> y", []),
    ("f(open('x')) -> 1", []),
    ("print(1)\n2", []),
    ("f(1", []),
    ('f("unclosed) -> 1', []),
    ("f() -> {1, 2}", [("f", (), {1, 2})]),
]


@pytest.mark.parametrize(("text", "expected"), EXAMPLES)
def test_examples_are_read_in_all_their_forms(text: str, expected: list[tuple[object, ...]]) -> None:
    assert calls(text) == expected


def test_keywords_of_an_example_name_parameters() -> None:
    spec = specify('Cut it. cut("abc", width=2) -> "ab"')
    assert [(each.name, each.hint) for each in spec.parameters] == [("text", "str"), ("width", "int")]
    assert spec.returns == "str"


def test_a_signature_in_the_text_gives_names_hints_and_defaults() -> None:
    spec = specify('slugify(text, sep: str = "-", *, strict=False) -> str: lower case. slugify("A b") -> "a-b"')
    assert [(each.name, each.hint, each.default, each.keyword_only) for each in spec.parameters] == [
        ("text", "str", "", False),
        ("sep", "str", "'-'", False),
        ("strict", "bool", "False", True),
    ]
    assert (spec.name, spec.returns, spec.description) == ("slugify", "str", "lower case.")


def test_prose_alone_gives_a_name_and_a_parameter() -> None:
    spec = specify("Return the number of vowels in a string")
    assert (spec.name, spec.name_given) == ("number_vowels_string", False)
    assert [each.name for each in spec.parameters] == ["text"]
    assert specify("Write a function called `tally` that counts words").name == "tally"


def test_the_description_is_the_prose_without_examples_labels_and_markers() -> None:
    spec = specify("TODO: Turn a title into a slug.\nExamples:\n  - f('A') -> 'a'\n  - f('B') -> 'b'")
    assert spec.description == "Turn a title into a slug."
    assert len(spec.examples) == 2


def test_contradicting_and_uneven_examples_are_a_problem() -> None:
    assert "contradict" in specify("f(1) -> 2, f(1) -> 3").problem
    assert "different numbers" in specify("f(1) -> 2, f(1, 2) -> 3").problem
    assert specify("f(1) -> 2, f(2) -> 3").problem == ""


def test_names_never_collide_or_shadow() -> None:
    spec = specify('text("a", "b", "c", "d") -> "x"')
    names = [each.name for each in spec.parameters]
    assert len(set(names)) == 4
    assert "text" not in names


HINTS: list[tuple[list[object], str]] = [
    ([1, 2], "int"),
    ([1, 2.5], "float"),
    ([True, False], "bool"),
    ([1, True], "bool | int"),
    (["a", None], "str | None"),
    ([[1], []], "list[int]"),
    ([[], []], "list[object]"),
    ([[1, [2]]], "list[int | list[int]]"),
    ([{"a": [1]}], "dict[str, list[int]]"),
    ([(1, "a"), (2, "b")], "tuple[int, str]"),
    ([(1,), (1, 2)], "tuple[int, ...]"),
    ([None], "None"),
    ([{1, 2}], "set[int]"),
]


@pytest.mark.parametrize(("values", "hint"), HINTS)
def test_hints_are_as_narrow_as_the_values_allow(values: list[object], hint: str) -> None:
    assert hint_of(values) == hint


def test_equality_knows_one_from_true_and_from_one_point_nought() -> None:
    assert same([1, {"a": (2,)}], [1, {"a": (2,)}])
    assert not same(1, True)
    assert not same(1, 1.0)
    assert not same([1], (1,))
    assert not same({1: "a"}, {True: "a"})
    assert same(0.1 + 0.2, 0.3)
    assert same(float("nan"), float("nan"))
