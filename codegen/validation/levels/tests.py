"""Tests: those that go along with the draft, then the workspace's own ones that import its module; with coverage.

Own tests that fail without the draft too are not held against it. What a pass earns is the share of the new lines that
ran, and :data:`BY_MODEL` of it if a model wrote the tests itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from ....analyzers.files import python_files
from ....analyzers.findings import Evidence, Json
from ....analyzers.fuzzing.project import import_spot
from ....analyzers.source import SourceText
from ....analyzers.tests_of import in_tests
from ...imports import bound_names
from ..level import Level, Subject, Verdict, failed, not_run, passed
from ..running import WALL_S, Run, pytest_run, relative, run_generated

BY_MODEL = 0.7
#: The workspace's own tests that are run: the first ones by name, of files that are not large.
MOST_FILES, MOST_BYTES = 4, 200_000


def run(subject: Subject) -> Verdict:
    if subject.sandbox is None:
        why = "no sandbox, or the workspace is not trusted"
        return not_run(why, notes=(f"not run: {why}",))
    if subject.on_progress is not None:
        subject.on_progress("running the tests in the sandbox")
    if elsewhere := _bound_elsewhere(subject):
        why = f"it uses {', '.join(elsewhere)} of another cell, and a cell is run alone"
        return not_run(why, notes=(f"not run: {why}",))
    own = existing(subject)
    if not subject.tests and not own:
        why = "the comment has no examples to test against"
        return not_run(why, notes=(f"not run: {why}",))
    verdict = _generated(subject) if subject.tests else not_run("there are no examples")
    if verdict.status == "failed" or not own:
        return verdict
    return _with_existing(subject, verdict, own)


def _bound_elsewhere(subject: Subject) -> list[str]:
    """Names that the code takes from what is not in its own file."""
    if not subject.request.known:
        return []
    own = bound_names(subject.placed.text)[1]
    return sorted((set(re.findall(r"[^\W\d]\w*", subject.code)) & subject.request.known) - own)


def _generated(subject: Subject) -> Verdict:
    done = run_generated(subject)
    if done.ok:
        share = done.coverage
        quality = (1.0 if share is None else share) * (BY_MODEL if _by_model(subject) else 1.0)
        remark = f"on its own, as its module cannot be imported here ({done.isolated})" if done.isolated else ""
        what = f"{done.passed} test{'s' if done.passed > 1 else ''} passed in {done.outcome.seconds:.1f} s"
        missed = sorted(set(done.lines) - set(done.ran))
        hints = (f"no test reaches {len(missed)} of {len(done.lines)} lines",) if missed else ()
        if share is not None:
            what += f", {share:.0%} of the lines ran"
        evidence = Evidence("tested", f"{what} {remark}".strip(), _data(done))
        made = passed(evidence, quality=quality, verified=True, notes=(remark,) if remark else ())
        return Verdict(
            made.status, "; ".join(hints), made.evidence, quality, notes=made.notes, verified=True, hints=hints
        )
    if done.stopped:
        return failed(f"the tests did not end within {done.outcome.seconds:.0f} s")
    if done.memory:
        return failed(f"the tests used more memory than they may ({done.outcome.seconds:.0f} s): does it end?")
    if done.unable:
        why = (
            "stopped"
            if done.outcome.reason == "cancelled"
            else f"the tests could not start in the sandbox ({done.unable})"
        )
        return not_run(why, notes=(f"not run: {why}",))
    evidence = Evidence("tested", f"{done.failed} test(s) failed, {done.passed} passed", _data(done))
    reached = done.passed / (done.passed + done.failed)
    return failed(f"a test failed: {done.said or 'pytest says no more'}"[:800], evidence, progress=0.9 * reached)


def _by_model(subject: Subject) -> bool:
    return not (subject.spec and subject.spec.examples)


def _data(done: Run) -> dict[str, Json]:
    data: dict[str, Json] = {
        "failed_after": done.failed,
        "passed_after": done.passed,
        "seconds": round(done.outcome.seconds, 2),
        "sandbox": done.outcome.backend,
    }
    if done.failing:
        data["failing"] = list(done.failing)
    if done.coverage is not None:
        data["coverage"] = round(done.coverage, 3)
    return data


# --- the workspace's own tests ---------------------------------------------------------------------------------------


def existing(subject: Subject) -> list[str]:
    """The workspace's test files that import the draft's module, relative to the root."""
    inside = relative(subject)
    if not inside:
        return []
    module = import_spot(subject.request.path.resolve()).module
    names = "|".join(re.escape(each) for each in {module, module.rpartition(".")[2]})
    wanted = re.compile(rf"^[ \t]*(?:from[ \t]+(?:[\w.]*\.)?(?:{names})[ \t]+import|import[ \t]+.*\b(?:{names})\b|"
                        rf"from[ \t]+[\w.]+[ \t]+import[ \t]+.*\b(?:{names})\b)", re.MULTILINE)  # fmt: skip
    root = subject.request.root.resolve()
    return [path.relative_to(root).as_posix() for path in _test_files(root, wanted)][:MOST_FILES]


def _test_files(root: Path, wanted: re.Pattern[str]) -> Iterator[Path]:
    for path in (each.path for each in python_files([root])):
        name = path.name
        if not (name.startswith("test_") or name.endswith("_test.py")) and not in_tests(path.as_posix()):
            continue
        if name == "conftest.py":
            continue
        try:
            if path.stat().st_size <= MOST_BYTES and wanted.search(path.read_text("utf-8", "replace")):
                yield path
        except OSError:
            continue  # gone, or not readable: then pytest could not run it either


def _with_existing(subject: Subject, verdict: Verdict, own: list[str]) -> Verdict:
    """The verdict once the workspace's own tests have run too: they verify the draft if they reach its lines."""
    inside = relative(subject)
    lines = (str(subject.request.root.resolve() / inside), subject.placed.first + 1, subject.placed.last + 1)
    files = {inside: SourceText(subject.placed.text).encode()}
    done = pytest_run(subject, files, own, None if verdict.verified else lines, seconds=WALL_S)
    if done.ok or done.unable:
        if not done.ok:
            return verdict
        reached = bool(done.ran)
        evidence = Evidence("tested", f"{done.passed} tests of the workspace pass", _data(done))
        status = "passed" if verdict.verified or reached else verdict.status
        quality = verdict.quality if verdict.verified else (done.coverage or 0.0)
        return Verdict(
            status,
            verdict.reason if status != "passed" or verdict.verified else "",
            (*verdict.evidence, evidence),
            quality,
            verdict.applies,
            verdict.verified or reached,
            verdict.notes,
            verdict.hints,
        )
    before = pytest_run(subject, {inside: SourceText(subject.request.text).encode()}, own)
    if not before.ok and before.failed >= done.failed:
        return verdict  # they fail without it as well
    evidence = Evidence("tested", f"{done.failed} test(s) of the workspace fail with it", _data(done))
    return failed(f"a test of the workspace fails with it: {done.said}"[:800], evidence, progress=0.9)


LEVEL = Level(
    "tests",
    70,
    25,
    run,
    "sandbox",
    about="the examples or generated tests, and the workspace's own tests of the module, in the sandbox; a pass earns "
    "the share of the new lines that ran",
)
