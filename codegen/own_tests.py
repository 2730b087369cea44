"""Tests that a model wrote itself, where nobody gave an example: how they are put into a file, and when one of them is
the one that is wrong.

A model that gives the same code again, with a failing test of its own before its eyes, says that the test is wrong.
That alone decides nothing. If an independent draft fails the very same tests and passes the others, two drafts stand
against the test, and it is left out.

Invariant: tests of a person (examples, a failing test, those of the workspace) are never left out.
"""

from __future__ import annotations

import ast
from collections.abc import Collection

from .drafter import Draft, Task
from .validation import Validated

#: More tests than this share of them that fail are no slip of a test.
MOST_WRONG = 0.5


def file_of(task: Task, draft: Draft, module: str) -> str:
    """The draft's tests as a pytest file of the module; empty if there are none."""
    if not draft.tests:
        return ""
    name = task.target.class_name.partition(".")[0] or task.spec.name
    return f"import pytest  # noqa: F401\n\nfrom {module} import {name}\n\n\n{draft.tests}"


def written_by_model(task: Task, draft: Draft) -> bool:
    return bool(draft.by_model and draft.tests and not task.spec.examples and not task.target.tests)


def failing(checked: Validated) -> frozenset[str]:
    """The tests that failed, if they are all that refused it."""
    if checked.failed != "tests":
        return frozenset()
    for each in checked.evidence:
        names = each.data.get("failing") if each.kind == "tested" else None
        if isinstance(names, list):
            return frozenset(str(name) for name in names)
    return frozenset()


def may_be_wrong(tests: str, names: Collection[str]) -> bool:
    """Whether so few of the tests failed that it may be the tests."""
    return 0 < len(names) <= MOST_WRONG * len(_functions(tests))


def without(tests: str, names: Collection[str]) -> str:
    """The source of tests without those functions."""
    lines = tests.split("\n")
    gone: set[int] = set()
    for each in _functions(tests):
        if each.name in names:
            first = min([each.lineno, *(part.lineno for part in each.decorator_list)])
            gone |= set(range(first - 1, each.end_lineno or each.lineno))
    return "\n".join(line for number, line in enumerate(lines) if number not in gone).strip("\n") + "\n"


def _functions(tests: str) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
    try:
        tree = ast.parse(tests)
    except (SyntaxError, ValueError, RecursionError):
        return []
    found = [each for each in tree.body if isinstance(each, (ast.FunctionDef, ast.AsyncFunctionDef))]
    return [each for each in found if each.name.startswith("test")]
