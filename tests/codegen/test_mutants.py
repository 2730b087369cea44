"""Small changes of a draft: each is one, each parses, and there are not too many."""

from __future__ import annotations

import ast

from suture.codegen.validation.mutants import MOST, mutants

CODE = """def pick(items: list[int], n: int) -> list[int]:
    if not items:
        return []
    return [each + 1 for each in items[n:] if each > 2 and each != n for _ in range(n)]
"""


def test_each_kind_of_change_is_made_once_and_alone() -> None:
    made = mutants(CODE, most=100)
    original = ast.unparse(ast.parse(CODE)) + "\n"
    assert original not in made
    for change in ("if False:", "if +items:", "each >= 2", "each == n", "> 2 or each", "each - 1", "items[n + 1:]",
                   "range(n - 1)", "each > 3", "each + 2"):  # fmt: skip
        assert sum(change in each for each in made) == 1, change
    assert any(" if " not in each.split("return [each")[1] for each in made)
    assert len(made) == len(set(made))


def test_of_many_those_that_are_spread_over_the_code_are_taken() -> None:
    made = mutants("def f(x):\n" + "".join(f"    x += {each}\n" for each in range(100)) + "    return x\n")
    assert len(made) == MOST
    assert any("x += 1\n    x += 1\n" in each or "x -= 0\n" in each for each in made)
    assert mutants("def f(:\n") == []
