"""Code that has to be fast: measured against a version that is slow and easy to be sure of.

The model is asked for both. In the sandbox they run on the same inputs, which grow, and their operations are counted:
the proposal must give the same results and must not need more. Counts, not seconds: they are the same every time.
"""

from __future__ import annotations

import ast
import re

from ...analyzers.errors import SutureError
from ...analyzers.findings import Evidence, Json
from ...analyzers.growth import Comparison, compare_growth
from ..drafter import Task
from ..imports import import_changes, read_imports
from ..validation.level import Level, Subject, Verdict, failed, not_run, passed
from .signs import Signs, fit_of
from .strategy import Fit, Strategy

_SIGNS = Signs(
    words=(
        (r"fast(?:er)?|quick(?:ly)?|efficient(?:ly)?|performan(?:ce|t)|optimi[sz]e\w*|speed", 0.5),
        (r"linear time|constant time|o\([^)]*\)|logarithmic|sub-?quadratic|amorti[sz]ed", 0.6),
        (
            r"(?:large|huge|big|long) (?:list|input|file|text|sequence|data ?set|number)s?|millions? of|thousands of",
            0.5,
        ),
        (
            r"without (?:copying|loading|reading) (?:\w+ ){0,3}(?:all|everything|whole)|streaming|(?:one|single) pass",
            0.4,
        ),
        (r"hot (?:path|loop)|bottleneck|throughput|latency|memory[- ]efficient", 0.45),
    ),
    modules=frozenset({"numpy", "heapq", "bisect", "numba"}),
    module_weight=0.1,
)

#: Seconds for the measurement, and how many more operations than the naive version are no fault.
BUDGET_S, SLACK = 3.0, 1.1
#: Sizes below this say nothing about growth.
_SMALLEST = 16


def fits(task: Task) -> Fit:
    return fit_of(task, _SIGNS)


# --- the check -------------------------------------------------------------------------------------------------------


def measure(subject: Subject) -> Verdict:
    """The proposal against its naive version, in the sandbox."""
    naive = str(subject.memo.get("naive") or "")
    name = subject.spec.name if subject.spec is not None else ""
    if not naive:
        return not_run("there is no naive version to measure against", applies=False)
    if subject.sandbox is None:
        return not_run("not measured: no sandbox, or the workspace is not trusted")
    if subject.class_name or subject.in_function or not name:
        return not_run("only functions at the top of a module are measured against a naive version")
    before = with_naive(subject, naive, name)
    if before is None:
        return not_run("the naive version does not parse, or defines no function of its name")
    if subject.on_progress is not None:
        subject.on_progress("measuring it against a naive version")
    path = subject.request.path
    try:
        found = compare_growth(
            subject.request.root,
            path,
            name,
            before,
            subject.placed.text,
            sandbox=subject.sandbox,
            budget_s=BUDGET_S,
            python=subject.request.python,
            cancel=subject.cancel,
        )
    except (SutureError, OSError) as error:
        return not_run(f"it could not be measured: {error}")
    return judged(found)


def judged(found: Comparison) -> Verdict:
    """What a comparison says of the proposal (``after``) and its naive version (``before``)."""
    if found.status != "measured" or not found.table:
        return not_run(f"it could not be measured against the naive version: {found.reason}")
    size, naive_ops, own_ops = found.table[-1]
    rows: list[Json] = [[n, before, after] for n, before, after in found.table]
    data: dict[str, Json] = {"table": rows, "shape": found.shape, "same": found.same, "against": "a naive version"}
    said = f"at size {size:,}: {own_ops:,} operations, a naive version {naive_ops:,}"
    evidence = Evidence("measured", said, data)
    if not found.same:
        return failed("the fast version and the naive one do not give the same results", evidence, progress=0.3)
    if size < _SMALLEST:
        return not_run(f"inputs of size {size} at most could be made: too small to compare")
    if own_ops > SLACK * naive_ops:
        return failed(f"it is slower than a naive version: {said}", evidence, progress=0.6)
    return passed(evidence, quality=1.0 if own_ops < naive_ops else 0.7)


def with_naive(subject: Subject, naive: str, name: str) -> str | None:
    """The file with the naive version in the proposal's place; None if that cannot be done."""
    try:
        tree = ast.parse(naive)
    except (SyntaxError, ValueError):
        return None
    lines = naive.split("\n")
    taken: set[int] = set()
    imports: list[str] = []
    for node in tree.body:
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            imports.append(ast.unparse(node))
            taken |= set(range(node.lineno - 1, node.end_lineno or node.lineno))
    body = "\n".join(line for number, line in enumerate(lines) if number not in taken)
    body = re.sub(rf"\b{re.escape(name)}_naive\b", name, body)
    if not re.search(rf"(?m)^(?:async )?def {re.escape(name)}\b", body):
        return None
    placed = subject.placed
    text = placed.text.replace("\r\n", "\n").split("\n")
    after = "\n".join([*text[: placed.first], body.strip("\n"), *text[placed.last + 1 :]])
    try:
        changes = import_changes(after, read_imports(imports))
    except ValueError:
        return None
    for each in sorted(changes, key=lambda change: -change.start):
        after = after[: each.start] + each.text + after[each.end :]
    return after


STRATEGY = Strategy(
    "performance",
    "code that has to be fast",
    fits,
    "performance",
    checks=(
        Level(
            "measured", 75, 10.0, measure, "sandbox", about="no slower than a naive version, and with the same results"
        ),
    ),
    wants_naive=True,
)
