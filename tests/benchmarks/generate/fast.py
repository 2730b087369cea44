"""The same pipeline without what starts a process, for thousands of runs: levels that only read, and the examples or
the model's tests in this process. What is asked, compared, voted and offered is the real code.

Only for drafts of the simulated model, which are known not to harm; the full run decides.
"""

from __future__ import annotations

import ast
import importlib
import resource
from dataclasses import dataclass
from typing import Any, cast

import suture.codegen.rounds as rounds
from suture.analyzers.findings import Evidence, Json
from suture.codegen.specification import Specification, call_text
from suture.codegen.time_limit import limit, ready
from suture.codegen.validation import Subject, Validated, Verdict, all_levels, failed, not_run, passed
from suture.codegen.validation import opinions_worker as worker
from suture.codegen.validation.pipeline import _result  # pyright: ignore[reportPrivateUsage]

#: Bytes of memory that this process may use.
MEMORY = 4 << 30


@dataclass(frozen=True)
class Result:
    value: object
    reason: str = "exit"


class Here:
    """Stands in for a sandbox: runs its workers in this process."""

    def call(self, entry: str, payload: dict[str, object], **options: object) -> Result:
        del options
        module, _, function = entry.partition(":")
        try:
            return Result(getattr(importlib.import_module(module), function)(payload, _unheard))
        finally:
            ready()


def _unheard(message: Json) -> None:
    """Nobody listens to what a worker says before it ends."""


def use() -> None:
    """From now on drafts are judged in this process."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    ready()
    rounds.validate = _validate  # type: ignore[assignment]


def _validate(subject: Subject, extra: object = ()) -> Validated:
    verdicts: dict[str, tuple[Verdict, float]] = {}
    levels = [each for each in all_levels() if each.means == "text" or each.name == "tests"]
    for each in levels:
        verdict = _tests(subject) if each.name == "tests" else each.run(subject)
        verdicts[each.name] = (verdict, 0.0)
        if verdict.status == "failed":
            break
    return _result([each for each in levels if each.name in verdicts], verdicts)


def _tests(subject: Subject) -> Verdict:
    spec = subject.spec
    assert spec is not None
    if spec.examples:
        return _examples(subject, spec)
    if not subject.tests:
        return not_run("no tests")
    space: dict[str, Any] = {"__name__": "made"}
    tests = ast.parse(subject.tests)
    tests.body = [each for each in tests.body if not isinstance(each, (ast.ImportFrom, ast.Import))]
    names = [each.name for each in tests.body if isinstance(each, ast.FunctionDef)]
    try:
        with limit(5.0):
            exec(compile(subject.placed.text, "made.py", "exec", dont_inherit=True), space)
        exec(compile("import pytest", "tests.py", "exec"), space)
        exec(compile(tests, "tests.py", "exec"), space)
    except BaseException as error:  # noqa: BLE001 - a draft may end in any way
        return failed(f"a test failed: {type(error).__name__}: {error}")
    wrong: list[tuple[str, str]] = []
    for name in names:
        try:
            with limit(2.0):
                space[name]()
        except BaseException as error:  # noqa: BLE001 - a draft may end in any way
            wrong.append((name, f"{type(error).__name__}: {error}"))
    if wrong:
        gone: list[Json] = [name for name, _ in wrong]
        evidence = Evidence("tested", f"{len(wrong)} test(s) failed", {"failing": gone})
        return failed(f"a test failed: {wrong[0][1]}", evidence)
    return passed(Evidence("tested", f"{len(names)} tests passed", {"passed_after": len(names)}), verified=True)


def _examples(subject: Subject, spec: Specification) -> Verdict:
    inputs = [repr(each.args) for each in spec.examples]
    payload: dict[str, Json] = {
        "paths": [], "module": "made", "file": "made.py", "name": spec.name, "texts": [subject.placed.text],
        "inputs": [*inputs], "slow": 1,
    }  # fmt: skip
    (found,) = cast("list[list[str] | None]", worker.behaviours(payload, _unheard))
    if found is None:
        return failed("a test failed: Error: it could not be started")
    for each, outcome in zip(spec.examples, found, strict=True):
        fits = outcome.startswith("raises") if each.raises else outcome == f"= {worker.shown(each.expected)}"
        if not fits:
            return failed(f"a test failed: {spec.name}{call_text(each)}: {outcome.replace('slow', 'does not end')}")
    count = len(inputs)
    return passed(Evidence("tested", f"{count} tests passed", {"passed_after": count}), verified=True)
