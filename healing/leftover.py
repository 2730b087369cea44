"""Tests that still fail behind an edit: is it shown that they would fail without the fault, too?

Where a fault kept tests from being run, nobody knows what they do without it. One that fails behind the edit speaks
against the edit, unless it failed in the same way before, or never enters a function that the edit changed: then it
ends as it does whatever is written there.

Invariant: what is not shown is not excused. An edit outside of functions (of a module's own lines, of a class) is run
by every test that imports it, and excuses none.
"""

from __future__ import annotations

import ast
import warnings
from collections.abc import Callable, Collection, Mapping, Sequence

from .last_commit import hunks
from .logic.trial import Traced
from .probe import Run
from .workspace import Workspace

#: Failing tests that are looked at; of more it is not asked.
MOST = 60


def unexplained(before: Run, after: Run, changed: Collection[str] = ()) -> frozenset[str]:
    """The tests that fail after an edit and did not fail in the same way before: at the same line, which may have moved
    in a file that was ``changed``, of the same exception. Where nothing tells how tests fail, those that failed count
    as explained."""
    told = bool(before.ends or after.ends)

    def alike(name: str) -> bool:
        was, now = before.ends.get(name), after.ends.get(name)
        if name not in before.failed or was is None or now is None:
            return name in before.failed and not told
        moved = any(was[0] == each or was[0].endswith(f"/{each}") for each in changed)
        return (was[0], was[2]) == (now[0], now[2]) and (moved or was[1] == now[1])

    return frozenset(name for name in after.failed if not alike(name))


def excused(
    workspace: Workspace,
    texts: Mapping[str, str],
    before: Run,
    after: Run,
    traced: Callable[[Workspace, Sequence[str]], Traced | None],
) -> bool:
    """Whether each test that fails behind the edit ``texts`` is shown to fail without the fault too. ``traced`` runs
    some tests of a workspace and tells what each ran; None where that cannot be."""
    left = unexplained(before, after, texts)
    if not left:
        return True
    if len(left) > MOST:
        return False
    places: dict[str, set[int]] = {}
    for name, text in texts.items():
        inside = entered(workspace.text(name) or "", text)
        if inside is None:
            return False
        places[name] = inside
    seen = traced(workspace.with_texts(texts), sorted(left))
    if seen is None:
        return False
    ran = {each.id: each for each in seen.tests}
    return all(
        name in ran and not any(own & set(ran[name].lines.get(path, ())) for path, own in places.items())
        for name in left
    )


def entered(before: str, after: str) -> set[int] | None:
    """The lines (1-based, of the text after) of all functions that an edit changed something in; None if it changed
    something outside of them."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(after)
    except (SyntaxError, ValueError, RecursionError):
        return None
    bodies = [range(each.body[0].lineno, (each.end_lineno or each.lineno) + 1) for each in _outermost(tree)]
    found: set[int] = set()
    for each in hunks("", before, after):
        # Where lines are gone, those on both sides are looked at.
        lines = range(each.start + 1, each.end + 1) or range(each.start, each.start + 2)
        for line in lines:
            body = next((own for own in bodies if line in own), None)
            if body is None:
                return None
            found.update(body)
    return found


def _outermost(node: ast.AST) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
    """The functions that are in no other one."""
    found: list[ast.FunctionDef | ast.AsyncFunctionDef] = []
    for each in ast.iter_child_nodes(node):
        if isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef):
            found.append(each)
        elif not isinstance(each, ast.expr):
            found += _outermost(each)
    return found
