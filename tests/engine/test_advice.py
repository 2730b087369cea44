"""What a finding of size says to do: it names the part to begin with, where there is one."""

from __future__ import annotations

from pathlib import Path

import pytest

from suture.analyzers.findings import Finding
from suture.analyzers.review import review_text


def findings(text: str, rule: str) -> list[Finding]:
    found = review_text(Path("/p/shop.py"), text, reviewers=("architecture",), run=()).findings
    return [each for each in found if each.rule == rule]


def arms(count: int, indent: str) -> str:
    return "".join(
        f"{indent}if order.field_{n} > {n}:\n{indent}    order.use(order.field_{n})\n{indent}    total += order.n\n"
        for n in range(count)
    )


def test_a_long_function_is_told_with_the_block_that_holds_most_of_it() -> None:
    loop = f"    for order in sorted(\n        orders\n    ):\n{arms(12, ' ' * 8)}"
    text = f"def run(orders, order, total):\n{arms(10, ' ' * 4)}{loop}    return total\n"
    (found,) = findings(text, "long-function")
    assert found.suggestion == "make a function of 'for order in sorted( orders )', which holds 37 statements"
    (block,) = found.related
    assert text.split("\n")[block.range.line].strip() == "for order in sorted("
    assert "return total" in text.split("\n")[block.range.end_line + 1]


@pytest.mark.parametrize(
    ("head", "said"),
    [
        ('for order in text.split("#"):', 'for order in text.split("#")'),
        ("for order in orders:  # each: of all", "for order in orders"),
        ("for order in [  # some\n        orders,\n    ]:", "for order in [ orders, ]"),
    ],
)
def test_the_head_of_a_block_is_quoted_without_comments_and_with_its_texts(head: str, said: str) -> None:
    text = f"def run(orders, order, total):\n{arms(10, ' ' * 4)}    {head}\n{arms(12, ' ' * 8)}    return total\n"
    (found,) = findings(text, "long-function")
    assert (found.suggestion or "").startswith(f"make a function of '{said}', which holds")


@pytest.mark.parametrize(
    "text",
    [
        f"def run(order, total):\n{arms(22, ' ' * 4)}    return total\n",
        f"def run(orders, total):\n    for order in orders:\n{arms(22, ' ' * 8)}    return total\n",
    ],
)
def test_a_long_function_without_such_a_block_is_told_without_one(text: str) -> None:
    """Step after step, or all of it in one loop."""
    (found,) = findings(text, "long-function")
    assert found.suggestion == "split it at its natural steps: no block holds much of it"
    assert found.related == ()


@pytest.mark.parametrize(
    ("parameters", "said"),
    [
        ("a, tap_side, b, tap_step, c, tap_min: int, d, tap_max", "make one value of tap_side, tap_step and 2 more"),
        ("a, tap_side, b, tap_step, c, tap_min, d, e, f=1", "make one value of tap_side, tap_step and tap_min; make"),
        ("a, tap_side, b, tap_step, c, tap_min, d, e", "make one value of tap_side, tap_step and tap_min"),
        ("a_kv, b_kv, c_kv, d_kv, e, f, g, h", "group values that belong together"),  # a unit is no thing
        (", ".join(f"o{n}={n}" for n in range(17)), "put a * in front of the options"),
    ],
)
def test_parameters_of_one_thing_are_named_as_what_could_be_one_value(parameters: str, said: str) -> None:
    (found,) = findings(f"def draw({parameters}):\n    return 1\n", "too-many-parameters")
    assert found.suggestion.startswith(said)


def test_options_that_a_function_does_not_have_are_not_advised_about() -> None:
    (found,) = findings("def draw(a, tap_side, b, tap_step, c, tap_min, d, e):\n    return 1\n", "too-many-parameters")
    assert found.suggestion == "make one value of tap_side, tap_step and tap_min"
    (found,) = findings("def draw(a, b, c, d, e, f, g, h):\n    return 1\n", "too-many-parameters")
    assert found.suggestion == "group values that belong together"
