"""What every proposal goes through before a person sees it: parse, names, lint, review, tests.

The first check that fails refuses it and is named. Tests run in the sandbox; without one, or without examples, the
proposal may still be offered but is not verified, and says so.

Invariant: nothing of the workspace or of the proposal runs outside the sandbox.
"""

from __future__ import annotations

import ast
import json
import re
import sys
import warnings
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from ..analyzers.errors import Unavailable
from ..analyzers.findings import REVIEWERS, Evidence, Finding
from ..analyzers.fuzzing.project import import_spot, search_path
from .placement import Import, Placed
from .proposal import CancelCheck, GenerationRequest, Progress
from .resolving import invented
from .strict import Strict, host, strict, tool

if TYPE_CHECKING:
    from ..analyzers.sandbox.interface import Outcome, Sandbox

Check = Literal["parse", "names", "lint", "review", "tests", ""]

#: ruff's rules that refuse: errors, and what pyflakes is certain of. Others are style and only counted.
_LINT_REFUSES = re.compile(r"E9|F")

_TEST_SECONDS = 20.0


@dataclass(frozen=True, slots=True)
class Validated:
    """The evidence, and the check that refused with the reason; both empty strings if all passed.

    ``progress`` is how far it got (for the repair loop: more is better). ``verified``: tests ran and passed."""

    evidence: tuple[Evidence, ...]
    failed: Check = ""
    reason: str = ""
    verified: bool = False
    progress: float = 0.0
    notes: tuple[str, ...] = field(default=())


def validate(
    request: GenerationRequest,
    placed: Placed,
    code: str,
    tests: str,
    imports: Sequence[Import],
    *,
    sandbox: Sandbox | None,
    by_model: bool,
    isolated_tests: str = "",
    cancel: CancelCheck | None = None,
    on_progress: Progress | None = None,
) -> Validated:
    """Check the text after the edit. ``isolated_tests`` import the function from a module ``isolated`` instead, for
    when the workspace module cannot be imported here even without the edit."""
    evidence: list[Evidence] = []
    reason = _parse(code, placed, request.text, evidence)
    if reason:
        return Validated(tuple(evidence), "parse", reason)
    failed, reason = _review(request, placed, by_model, evidence)
    if reason:
        return Validated(tuple(evidence), failed, reason, progress=1.0 if failed == "names" else 3.0)
    reason = _lint(request, placed, evidence)
    if reason:
        return Validated(tuple(evidence), "lint", reason, progress=2.0)
    reason = invented(request, code, imports, sandbox, cancel) if by_model else ""
    if reason:
        return Validated(tuple(evidence), "names", reason, progress=2.5)
    if sandbox is None:
        note = "not run: no sandbox, or the workspace is not trusted"
        return Validated(tuple(evidence), progress=5.0, notes=(note,))
    if not tests:
        return Validated(tuple(evidence), progress=5.0, notes=("not run: the comment has no examples to test against",))
    if on_progress is not None:
        on_progress("running the tests in the sandbox")
    result = _test(request, placed, code, tests, isolated_tests, sandbox, cancel)
    evidence += result.evidence
    return Validated(tuple(evidence), result.failed, result.reason, result.verified, result.progress, result.notes)


# --- parse -----------------------------------------------------------------------------------------------------------


def _parse(code: str, placed: Placed, before: str, evidence: list[Evidence]) -> str:
    """LibCST's verdict on the whole file; on the new code alone if the file did not parse before either."""
    whole = strict(placed.text)
    parsers, scope, remark = [tool()], "file", ""
    if not whole.ok:
        alone = strict(code)
        if not alone.ok:
            at = f", line {alone.line} of the code" if alone.line else ""
            return f"the code does not parse ({tool()}: {alone.message}{at})"
        earlier = strict(before)
        if earlier.ok:
            return f"the file does not parse with the code in its place ({_where(whole)})"
        scope = "code"
        remark = "; of the code alone: " + (
            f"without it the file does not parse either ({_where(earlier)})"
            if earlier.judged
            else f"the file is not judged ({earlier.message})"
        )
    text = placed.text if scope == "file" else code
    stopped, complaint = _host_complaint(text)
    if not complaint:
        parsers.append(host())
    elif stopped == "parse":
        if sys.version_info >= (3, 14):  # LibCST knows no syntax that this one does not
            return f"{host()} does not parse the {scope}: {complaint}"
        remark += f"; {host()}, which runs Suture, does not know this syntax: {complaint}"
    elif scope == "code" or _host_complaint(before)[1] != complaint:
        return f"the {scope} does not compile: {complaint} ({host()})"
    evidence.append(
        Evidence("parsed", f"parses ({', '.join(parsers)}){remark}", {"parser": [*parsers], "scope": scope})
    )
    return ""


def _where(verdict: Strict) -> str:
    return f"{tool()}: {verdict.message}" + (f", line {verdict.line}" if verdict.line else "")


def _host_complaint(text: str) -> tuple[Literal["parse", "compile", ""], str]:
    """What the host's Python says against a text, and where it stopped: at its syntax, which may only be newer than the
    host, or after it (a ``return`` outside of a function)."""
    stage: Literal["parse", "compile"] = "parse"
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(text)
            stage = "compile"
            compile(tree, "<generated>", "exec", dont_inherit=True)
    except SyntaxError as error:
        return stage, error.msg or "invalid syntax"
    except (ValueError, RecursionError, MemoryError) as error:
        return stage, str(error) or type(error).__name__
    return "", ""


# --- review and names ------------------------------------------------------------------------------------------------


def _review(request: GenerationRequest, placed: Placed, by_model: bool, evidence: list[Evidence]) -> tuple[Check, str]:
    """The three reviewers on the new lines; what they said of the rest of the file is not the proposal's doing."""
    from ..analyzers.consensus import consensus
    from ..analyzers.review import review_file

    # With the rules over whole programs, on this one file: what a parameter decides is seen by them alone.
    review = review_file(request.path, reviewers=REVIEWERS, text=placed.text, engines=by_model)
    if review.error:
        return "review", f"it could not be reviewed: {review.error}"
    new = [each for each in review.findings if placed.first <= each.range.line <= placed.last]
    faults = [each for each in new if each.kind in ("undefined_name", "syntax")]
    if faults:
        return "names", _told(faults[0], placed)
    verdict = consensus(new, REVIEWERS)
    votes = {
        each.reviewer: {"vote": each.vote, "weight": each.weight, "findings": each.findings} for each in verdict.votes
    }
    evidence.append(Evidence("reviewed", f"reviewed: {verdict.summary()}", {"votes": votes, "score": verdict.score}))
    serious = [each for each in new if each.severity in ("critical", "high") and each.reviewer]
    if serious:
        return "review", _told(serious[0], placed)
    return "", ""


def _told(finding: Finding, placed: Placed) -> str:
    line = finding.range.line - placed.first + 1
    who = f"{finding.reviewer}, {finding.severity}: " if finding.reviewer else ""
    return f"{who}{finding.message} (line {line} of the code, {finding.rule})"


# --- lint ------------------------------------------------------------------------------------------------------------


def _lint(request: GenerationRequest, placed: Placed, evidence: list[Evidence]) -> str:
    try:
        findings = _ruff(request.path, placed.text)
    except Unavailable:
        return ""  # nothing is claimed: there is no "linted" evidence
    new = [each for each in findings if placed.first <= int(each["location"]["row"]) - 1 <= placed.last]
    serious = [each for each in new if _LINT_REFUSES.match(str(each.get("code") or "E9"))]
    if serious:
        first = serious[0]
        return (
            f"{first.get('code')}: {first['message']} (line {int(first['location']['row']) - placed.first} of the code)"
        )
    style = len(new)
    summary = "ruff: nothing found" if not style else f"ruff: {style} remark(s) on style"
    remarks = [f"{each.get('code')}: {each['message']}" for each in new][:10]
    evidence.append(Evidence("linted", summary, {"tool": "ruff", "after": style, "remarks": remarks}))
    return ""


def _ruff(path: Path, text: str) -> list[dict[str, Any]]:
    """ruff with the project's own settings; with its defaults if those cannot be read. Raises Unavailable."""
    import subprocess

    from ..analyzers.engines.ruff import binary

    for isolated in ((), ("--isolated",)):
        argv = [binary(), "check", "--no-cache", "--quiet", "--exit-zero", "--output-format=json", *isolated]
        cwd = path.parent if path.parent.is_dir() else None
        try:
            done = subprocess.run(
                [*argv, "--stdin-filename", str(path), "-"],
                input=text.encode("utf-8", "surrogatepass"),
                capture_output=True,
                timeout=30,
                check=False,
                cwd=cwd,
            )
            return json.loads(done.stdout) if done.stdout.strip() else []
        except (OSError, subprocess.TimeoutExpired) as error:
            raise Unavailable(f"ruff did not run: {error}") from error
        except ValueError:
            continue
    raise Unavailable("ruff's answer could not be read")


# --- tests -----------------------------------------------------------------------------------------------------------

_COUNTS = re.compile(r"(\d+) (passed|failed|errors?)")


def _test(
    request: GenerationRequest,
    placed: Placed,
    code: str,
    tests: str,
    isolated_tests: str,
    sandbox: Sandbox,
    cancel: CancelCheck | None,
) -> Validated:
    root = request.root.resolve()
    name = "suture_generated_test.py"
    try:
        relative = request.path.resolve().relative_to(root).as_posix()
    except ValueError:
        relative = ""
    if relative:
        from ..analyzers.source import SourceText

        source = SourceText(placed.text)
        outcome = _pytest(request, sandbox, {relative: source.encode(), name: tests.encode()}, name, cancel)
        passed, failed = _counted(outcome)
        if outcome.ok and passed:
            return _passed(outcome, passed, "")
        if outcome.reason == "exit" and failed and outcome.exit_code == 1:
            return _failure(outcome, passed, failed)
        if outcome.reason == "timeout":
            return _stopped(outcome)
        if outcome.reason == "cancelled" or not isolated_tests:
            return _unable(outcome)
        reason = _last_error(outcome)
    else:
        reason = "the file is outside of the workspace"
    module = "".join(f"{each}\n" for each in placed.imports) + "\n\n" + code
    files = {"isolated/suture_isolated.py": module.encode(), f"isolated/{name}": isolated_tests.encode()}
    outcome = _pytest(request, sandbox, files, f"isolated/{name}", cancel, isolated=True)
    passed, failed = _counted(outcome)
    if outcome.ok and passed:
        return _passed(outcome, passed, f"on its own, as its module cannot be imported here ({reason})")
    if outcome.reason == "exit" and failed and outcome.exit_code == 1:
        return _failure(outcome, passed, failed)
    return _stopped(outcome) if outcome.reason == "timeout" else _unable(outcome)


def _pytest(
    request: GenerationRequest,
    sandbox: Sandbox,
    files: dict[str, bytes],
    test: str,
    cancel: CancelCheck | None,
    *,
    isolated: bool = False,
) -> Outcome:
    from ..analyzers.sandbox.interface import Job, Limits

    root = request.root.resolve()
    folders = [root / "isolated"] if isolated else search_path(root, import_spot(request.path))
    options = [
        "-q",
        "-x",
        "--no-header",
        "--tb=short",
        "-p",
        "no:cacheprovider",
        "-p",
        "no:warnings",
        "--rootdir",
        str(root),
    ]
    if isolated:
        options += ["-c", "/dev/null", "--noconftest"]
    job = Job(
        argv=("python", "-m", "pytest", *options, "-o", "addopts=", test),
        root=root,
        files=files,
        env={
            "PYTHONPATH": ":".join(map(str, folders)),
            "PYTHONDONTWRITEBYTECODE": "1",
            "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
        },
        limits=Limits(wall_s=_TEST_SECONDS, cpu_s=_TEST_SECONDS),
        python=request.python,
    )
    return sandbox.run(job, cancel)


def _text(outcome: Outcome) -> str:
    return outcome.stdout.decode("utf-8", "replace")


def _counted(outcome: Outcome) -> tuple[int, int]:
    counts = {kind.rstrip("s"): int(number) for number, kind in _COUNTS.findall(_text(outcome))}
    return counts.get("passed", 0), counts.get("failed", 0)


def _passed(outcome: Outcome, passed: int, remark: str) -> Validated:
    what = f"{passed} test{'s' if passed > 1 else ''} passed in {outcome.seconds:.1f} s"
    data = {"failed_after": 0, "passed_after": passed, "seconds": round(outcome.seconds, 2), "sandbox": outcome.backend}
    evidence = Evidence("tested", f"{what} {remark}".strip(), data)
    return Validated((evidence,), verified=True, progress=10.0, notes=(remark,) if remark else ())


def _failure(outcome: Outcome, passed: int, failed: int) -> Validated:
    lines = [line.strip() for line in _text(outcome).split("\n")]
    shown = [line for line in lines if line.startswith("E ")][:6]
    said = "; ".join(re.sub(r"^E\s+", "", line) for line in shown) or _last_error(outcome)
    data = {
        "failed_after": failed,
        "passed_after": passed,
        "seconds": round(outcome.seconds, 2),
        "sandbox": outcome.backend,
    }
    evidence = Evidence("tested", f"{failed} test(s) failed, {passed} passed", data)
    return Validated((evidence,), "tests", f"a test failed: {said}"[:600], progress=4.0 + passed / (passed + failed))


def _stopped(outcome: Outcome) -> Validated:
    return Validated((), "tests", f"the tests did not end within {outcome.seconds:.0f} s", progress=4.0)


def _unable(outcome: Outcome) -> Validated:
    """The tests could not be run at all: that is no verdict on the code."""
    if outcome.reason == "cancelled":
        return Validated((), "tests", "stopped", progress=0.0)
    note = f"not run: the tests could not start in the sandbox ({_last_error(outcome)})"
    return Validated((), progress=5.0, notes=(note,))


def _last_error(outcome: Outcome) -> str:
    text = _text(outcome) + "\n" + outcome.stderr.decode("utf-8", "replace")
    lines = text.split("\n")
    errors = [line for line in lines if re.match(r"E\s+\w*(?:Error|Exception)\b", line)] or [
        line for line in lines if re.match(r"\w*(?:Error|Exception)\b", line)
    ]
    chosen: Sequence[str] = errors or [line for line in lines if line.strip()] or [outcome.reason]
    return re.sub(r"^E\s+", "", chosen[0 if errors else -1]).strip()[:200]
