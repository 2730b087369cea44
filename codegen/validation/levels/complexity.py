"""Complexity: the cyclomatic complexity (McCabe 1976) of each new function is at most the request's maximum.

Counted as ruff (C901) does: one, and one more for each branch, loop, handler and case.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ....analyzers.findings import Evidence
from ..level import Level, Subject, Verdict, failed, not_run, passed

_ONE = (ast.If, ast.For, ast.AsyncFor, ast.While, ast.ExceptHandler)


def run(subject: Subject) -> Verdict:
    try:
        tree = ast.parse(subject.code)
    except (SyntaxError, ValueError, RecursionError):
        return not_run("the host's Python does not read this syntax")
    counts = list(complexities(tree))
    if not counts:
        return not_run("there is no function", applies=False)
    most = subject.request.max_complexity
    name, count = max(counts, key=lambda each: each[1])
    evidence = Evidence(
        "counted",
        f"complexity {count} of at most {most}",
        {"metric": "cyclomatic complexity", "value": count, "threshold": most},
    )
    if count > most:
        return failed(f"{name} has a cyclomatic complexity of {count}, over the maximum of {most}", evidence)
    return passed(evidence)


def complexities(tree: ast.AST) -> Iterator[tuple[str, int]]:
    """(name, complexity) of every function; what is nested counts for itself and for what holds it."""
    for node in ast.walk(tree):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield node.name, 1 + sum(_cost(each) for each in ast.walk(node) if each is not node)


def _cost(node: ast.AST) -> int:
    return len(node.cases) if isinstance(node, ast.Match) else int(isinstance(node, _ONE))


LEVEL = Level(
    "complexity",
    25,
    5,
    run,
    about="the cyclomatic complexity of each new function is at most the request's `max_complexity`",
)
