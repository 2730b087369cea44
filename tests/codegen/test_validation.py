"""Every level of validation: what it lets pass, what it refuses and says, and what it cannot judge."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from suture.analyzers.fuzzing.api import Done, Event, FuzzFinding
from suture.analyzers.sandbox import Sandbox
from suture.analyzers.sandbox.interface import Job, Outcome
from suture.codegen.api import GenerationRequest
from suture.codegen.placement import place, read_imports
from suture.codegen.specification import specify
from suture.codegen.triggers.comment import comment_at
from suture.codegen.validation import Level, Subject, Validated, all_levels, failed, passed, score, validate
from suture.codegen.validation.level import Verdict
from suture.codegen.validation.levels import complexity, fuzz, patterns, telemetry, tests, types
from suture.codegen.writing import example_tests

Write = Callable[[str, str], Path]
Make = Callable[..., Subject]

COMMENT = "# Double a number. f(2) -> 4\n"
RIGHT = "def f(number: int) -> int:\n    return number * 2\n"


@pytest.fixture
def subject(workspace: Path, write: Write, sandbox: Sandbox) -> Make:
    def make(
        code: str = RIGHT,
        *imports: str,
        before: str = "",
        comment: str = COMMENT,
        by_model: bool = True,
        run: bool = False,
        tested: bool = True,
    ) -> Subject:
        text = before + comment
        path = write("app.py", text)
        target = comment_at(text, text.count("\n") - 1)
        assert target is not None
        spec = specify(target.text)
        lines = read_imports(imports)
        return Subject(
            GenerationRequest(workspace, path, text, target.first),
            place(text, target, code, lines),
            code,
            lines,
            spec,
            example_tests(spec, "app") if tested else "",
            example_tests(spec, "suture_isolated") if tested else "",
            by_model=by_model,
            sandbox=sandbox if run else None,
        )

    return make


def said(checked: Validated, level: str) -> tuple[str, str]:
    found = next(each for each in checked.results if each.name == level)
    return found.status, found.reason


def test_the_weights_are_a_hundred_and_every_level_says_what_it_checks() -> None:
    assert sum(each.weight for each in all_levels()) == 100
    assert [each.name for each in all_levels()] == [
        "syntax", "names", "complexity", "patterns", "style", "security", "performance", "architecture", "tests",
        "types", "telemetry", "fuzz",
    ]  # fmt: skip
    assert all(each.about for each in all_levels())


def test_a_right_draft_passes_all_that_applies_and_the_rest_says_why_not(
    subject: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    playing(monkeypatch, Done("f", 100, 2.0))
    checked = validate(subject(run=True))
    assert (checked.failed, checked.verified) == ("", True)
    assert {each.name: each.status for each in checked.results if each.status != "passed"} == {
        "types": "not run",
        "telemetry": "not run",
    }
    assert said(checked, "types") == ("not run", "the project configures no type checker")
    assert checked.score == 100.0


def test_without_a_sandbox_nothing_runs_and_the_score_is_lower(subject: Make) -> None:
    checked = validate(subject())
    assert said(checked, "tests") == ("not run", "no sandbox, or the workspace is not trusted")
    assert (checked.failed, checked.verified) == ("", False)
    assert 60 < checked.score < 70


def test_code_that_does_not_parse_is_judged_no_further(subject: Make) -> None:
    checked = validate(subject("def f(number)\n    return 2\n"))
    assert checked.failed == "syntax"
    assert said(checked, "fuzz") == ("not run", "the code does not parse")


def test_all_that_reads_as_wrong_goes_into_one_feedback(subject: Make) -> None:
    code = "def g(number):\n    try:\n        return numbr * eval(number)\n    except Exception:\n        pass\n"
    checked = validate(subject(code, run=True))
    assert [level for level, _ in checked.reasons] == ["names", "patterns", "style", "security"]
    assert said(checked, "tests") == ("not run", "names failed before")
    for part in ("no function called f; it defines g", "swallows Exception", "numbr", "eval"):
        assert part in checked.feedback


@pytest.mark.parametrize(
    ("code", "imports", "level", "part"),
    [
        ("def f(n):\n    return json.parse(n)\n", ["import json"], "names", "json has no parse"),
        ("def f(n):\n    return twice(n)\n", ["from mathx import twice"], "names", "no module called mathx"),
        ("def f(n):\n    return doubled(n)\n", [], "names", "doubled"),
        ("def f(n):\n    return os.path.size_of(n)\n", ["import os"], "names", "os.path has no size_of"),
        ("def f(n):\n    return date.parse(n)\n", ["from datetime import date"], "names", "datetime.date has no parse"),
        ("def f(n):\n    return Countr(n)\n", ["from collections import Countr"], "names", "no Countr"),
        ("def f(n):\n    return pickle.loads(n)\n", ["import pickle"], "security", "S301"),
        ("def f(n, seen=[]):\n    seen.append(n)\n    return n * 2\n", [], "patterns", "shared between calls"),
        ("def f(n):\n    global total\n    total = n\n    return n * 2\n", [], "patterns", "global total"),
    ],
)
def test_what_a_model_invents_or_should_not_do_is_refused(
    subject: Make, code: str, imports: list[str], level: str, part: str
) -> None:
    checked = validate(subject(code, *imports, run=level == "names", before="total = 0\n\n\n"))
    assert checked.failed == level
    assert part in checked.reason


def test_what_the_specification_asks_for_is_not_refused_as_dangerous(subject: Make) -> None:
    code = "def f(n):\n    return pickle.loads(n)\n"
    checked = validate(subject(code, "import pickle", comment="# Read a value with pickle. f(b'x') -> 4\n"))
    assert said(checked, "security")[0] == "passed"


@pytest.mark.parametrize(
    ("words", "call"), [("Evaluate a sum", "eval(n)"), ("Execute a query", "exec(n)"), ("Hash by sha1024", "sha1(n)")]
)
def test_a_word_that_only_begins_like_a_dangerous_call_allows_none(subject: Make, words: str, call: str) -> None:
    code = f"def f(n):\n    return {'hashlib.' if 'sha' in call else ''}{call}\n"
    checked = validate(subject(code, "import hashlib", comment=f"# {words}. f('1') -> 4\n"))
    assert said(checked, "security")[0] == "failed"


def test_a_function_over_the_maximum_complexity_is_refused(subject: Make) -> None:
    code = (
        "def f(n):\n"
        + "".join(f"    if n == {each}:\n        return {each * 2}\n" for each in range(4))
        + "    return 0\n"
    )
    given = subject(code)
    assert complexity.run(given).status == "passed"
    narrow = replace(given, request=replace(given.request, max_complexity=4))
    assert complexity.run(narrow).reason == "f has a cyclomatic complexity of 5, over the maximum of 4"
    twice = replace(narrow, code=f"{code}\n\nclass Other:\n    def f(self):\n        return 0\n")
    assert complexity.run(twice).status == "failed"


def test_the_habits_of_the_file_cost_and_are_told(subject: Make) -> None:
    function = 'def name{0}(text: str) -> str:\n    """Say it."""\n    return text\n\n\n'
    before = "".join(function.format(each) for each in range(3))
    verdict = patterns.run(subject("def f(number):\n    return number * 2\n", before=before))
    assert (verdict.status, len(verdict.hints)) == ("passed", 2)
    assert verdict.quality < 0.5
    assert patterns.run(subject("def f(number):\n    return number * 2\n")).quality == 1.0


def test_a_small_handler_of_everything_costs_and_one_around_all_refuses(subject: Make) -> None:
    handled = "        try:\n            made.append(int(n))\n        except:\n            pass\n"
    small = f"def f(ns):\n    made = []\n    for n in ns:\n{handled}    return [each * 2 + 1 - 1 for each in made]\n"
    assert patterns.run(subject(small)).status == "passed"
    whole = "def f(n):\n    try:\n        return n * 2\n    except Exception:\n        return None\n"
    assert patterns.run(subject(whole)).status == "failed"


def test_a_test_that_fails_is_told_in_pytests_words_and_a_hang_with_its_line(subject: Make) -> None:
    checked = validate(subject("def f(number: int) -> int:\n    return number + 1\n", run=True))
    assert checked.failed == "tests"
    assert "assert 3 == 4" in checked.reason
    assert said(checked, "fuzz")[1] == "tests failed before"


@pytest.mark.slow
def test_a_loop_without_an_end_is_stopped_where_it_was(subject: Make) -> None:
    verdict = tests.run(subject("def f(n):\n    while n:\n        n = n\n    return n\n", run=True))
    assert verdict.status == "failed"
    assert "did not end within 3.0 s: it was in f, line " in verdict.reason


def test_lines_that_no_test_reaches_cost_a_part_of_the_score(subject: Make) -> None:
    code = "def f(n):\n    if n > 100:\n        n = n + 0\n        return n * 2\n    return n * 2\n"
    verdict = tests.run(subject(code, run=True))
    assert (verdict.status, verdict.quality) == ("passed", 0.5)
    assert "no test reaches 2 of 4 lines" in verdict.hints[0]


def test_the_workspaces_own_tests_of_the_module_run_too(subject: Make, write: Write) -> None:
    write("tests/test_app.py", "from app import total\n\n\ndef test_total():\n    assert total(1) == 2\n")
    write("tests/test_other.py", "import json\n\n\ndef test_nothing():\n    assert False\n")
    given = subject(run=True, before="def total(n):\n    return n + 1\n\n\n")
    assert tests.existing(given) == ["tests/test_app.py"]
    verdict = tests.run(given)
    assert [each.kind for each in verdict.evidence] == ["tested", "tested"]
    broken = replace(
        given, placed=replace(given.placed, text=given.placed.text + "\ntotal = f\n\ndef total(n): return 7\n")
    )
    refused = tests.run(broken)
    assert refused.status == "failed"
    assert "a test of the workspace fails with it" in refused.reason


@pytest.mark.parametrize(("body", "verified"), [("assert app.f(2) == 4", True), ("f = app.g()\n    assert f", False)])
def test_own_tests_verify_only_what_they_reach(subject: Make, write: Write, body: str, verified: bool) -> None:
    write("tests/test_app.py", f"import app\n\n\ndef test_it():\n    {body}\n")
    verdict = tests.run(subject(run=True, tested=False, before="def g():\n    return 1\n\n\n"))
    assert (verdict.verified, verdict.status) == (verified, "passed" if verified else "not run")


def test_a_test_that_failed_before_is_not_held_against_the_draft(subject: Make, write: Write) -> None:
    write("tests/test_app.py", "import app\n\n\ndef test_never():\n    assert app is None\n")
    verdict = tests.run(subject(run=True))
    assert (verdict.status, verdict.verified) == ("passed", True)


def playing(monkeypatch: pytest.MonkeyPatch, *events: Event) -> None:
    """The fuzzer says this, whatever it is asked."""

    def played(*_: object, **__: object) -> Iterator[Event]:
        return iter(events)

    monkeypatch.setattr(fuzz, "fuzz", played)


def fuzzed(call: str, args: str, exception: str) -> FuzzFinding:
    kind = "crash" if exception else "hang"
    return FuzzFinding("app.py", "f", kind, args, "{}", call, exception, "", 1, True, "")


@pytest.mark.parametrize(
    ("found", "comment", "status"),
    [
        (fuzzed("f(51)", "(51,)", ""), COMMENT, "failed"),
        (fuzzed("f(51)", "(51,)", "UnboundLocalError"), COMMENT, "failed"),
        (fuzzed("f(-1)", "(-1,)", "RecursionError"), COMMENT, "passed"),
        (fuzzed("f(-1)", "(-1,)", "RecursionError"), "# Double a number. f(-2) -> -4\n", "failed"),
        (fuzzed("f(7)", "(7,)", "ZeroDivisionError"), COMMENT, "passed"),
    ],
)
def test_fuzzing_refuses_what_nobody_asks_for_and_tells_of_odd_inputs(
    subject: Make, monkeypatch: pytest.MonkeyPatch, found: FuzzFinding, comment: str, status: str
) -> None:
    playing(monkeypatch, found, Done("f", 100, 2.0, findings=1))
    verdict = fuzz.run(subject(run=True, comment=comment))
    assert verdict.status == status
    assert found.summary in (verdict.reason if status == "failed" else verdict.notes[0])


def test_a_busy_machine_gets_a_longer_run_before_anything_is_said(
    subject: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    budgets: list[object] = []

    def played(*_: object, **given: object) -> Iterator[Event]:
        budgets.append((given["budget_s"], given["seed"]))
        return iter([Done("f", 3 if len(budgets) == 1 else 70, 2.0)])

    monkeypatch.setattr(fuzz, "fuzz", played)
    verdict = fuzz.run(subject(run=True))
    assert budgets == [(2.0, 0), (8.0, 1)]
    assert verdict.evidence[0].data["inputs"] == 73


def test_fuzzing_that_tried_nothing_is_no_pass(subject: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    playing(monkeypatch, Done("f", 0, 2.0))
    assert fuzz.run(subject(run=True)).status == "not run"


# --- types -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "text", "checker"),
    [
        ("pyproject.toml", "[tool.pyright]\n", "pyright"),
        ("pyrightconfig.json", "{}", "pyright"),
        ("pyproject.toml", "[tool.mypy]\nstrict = true\n", "mypy"),
        ("mypy.ini", "[mypy]\n", "mypy"),
        ("setup.cfg", "[metadata]\n[mypy]\n", "mypy"),
        ("setup.cfg", "[metadata]\n", None),
    ],
)
def test_a_project_has_the_checker_that_it_configures(
    workspace: Path, name: str, text: str, checker: str | None
) -> None:
    (workspace / name).write_text(text)
    assert types.checker_of(workspace) == checker


@pytest.mark.slow
def test_pyright_judges_the_new_lines_only(subject: Make, workspace: Path) -> None:
    (workspace / "pyproject.toml").write_text("[tool.pyright]\ntypeCheckingMode = 'strict'\n")
    wrong = "def f(number: int) -> int:\n    return str(number * 2)\n"
    verdict = types.run(subject(wrong, run=True, before="x: int = ''\n\n\n"))
    assert verdict.status == "failed"
    assert "reportReturnType" in verdict.reason
    assert "line 2 of the code" in verdict.reason
    assert types.run(subject(run=True, before="x: int = ''\n\n\n")).status == "passed"


def test_mypy_that_is_not_installed_is_no_verdict(subject: Make, workspace: Path) -> None:
    (workspace / "mypy.ini").write_text("[mypy]\n")
    verdict = types.run(subject(run=True))
    assert verdict.status in ("not run", "passed")


def test_what_mypy_says_of_the_new_lines_refuses(subject: Make, workspace: Path) -> None:
    """The words are those of mypy 2.4 for these two files."""
    (workspace / "mypy.ini").write_text("[mypy]\nstrict = True\n")
    old = b"app.py:1: error: Incompatible types in assignment  [assignment]\n"
    new = b'app.py:6: error: Incompatible return value type (got "str", expected "int")  [return-value]\n'

    class Mypy:
        def __init__(self, said: bytes) -> None:
            self.said = said

        def run(self, job: Job, cancel: object = None) -> Outcome:
            assert job.argv[:3] == ("python", "-m", "mypy")
            return Outcome("exit", 1, self.said, b"", 1.0, "none")

    draft = subject(before="x: int = ''\n\n\n")
    wrong = types.run(replace(draft, sandbox=Mypy(old + new)))  # type: ignore[arg-type]
    assert wrong.status == "failed"
    assert '(got "str", expected "int") [return-value] (line 2 of the code)' in wrong.reason
    assert types.run(replace(draft, sandbox=Mypy(old))).status == "passed"  # type: ignore[arg-type]


# --- telemetry -------------------------------------------------------------------------------------------------------

DECLARED = """
[[tool.suture.telemetry.spans]]
functions = ["f*"]
name = "double *"
attributes = { "number" = "int", "kind" = "any" }
"""
EMITS = """def f(number: int) -> int:
    with trace.get_tracer(__name__).start_as_current_span("double it") as span:
        span.set_attribute("number", {0})
        span.set_attribute("kind", "even")
        return number * 2
"""


@pytest.mark.parametrize(
    ("code", "status", "part"),
    [
        (EMITS.format("number"), "passed", ""),
        (EMITS.format("str(number)"), "failed", "the attribute number has to be int; it is str"),
        (EMITS.replace('"kind"', '"sort"').format("number"), "failed", "lacks the attribute kind (any)"),
        (EMITS.replace("double it", "other").format("number"), "failed", "a span called double *; it emits other"),
        (RIGHT, "failed", "it emits none"),
    ],
)
def test_generated_code_emits_what_the_project_declares(
    subject: Make, workspace: Path, code: str, status: str, part: str
) -> None:
    (workspace / "pyproject.toml").write_text(DECLARED)
    verdict = telemetry.run(subject(code, "from opentelemetry import trace", run=True))
    assert verdict.status == status
    assert part in verdict.reason


def test_a_wrong_declaration_is_said_and_an_absent_one_does_not_count(subject: Make, workspace: Path) -> None:
    assert not telemetry.run(subject(run=True)).applies
    (workspace / "pyproject.toml").write_text(DECLARED.replace('"int"', '"number"'))
    assert "unknown type number" in telemetry.run(subject(run=True)).reason
    assert "needs `functions`" in str(telemetry.read_table({"spans": [{"name": "x"}]}))
    assert "nothing else" in str(telemetry.read_table({"span": []}))


# --- the pipeline ----------------------------------------------------------------------------------------------------


def test_a_strategys_own_check_is_a_level_like_any_other(subject: Make) -> None:
    strict = Level("retries", 65, 5, lambda _: failed("it never retries"), about="it retries")
    checked = validate(subject(), (strict,))
    assert (checked.failed, checked.reason) == ("retries", "it never retries")
    assert said(checked, "retries")[0] == "failed"
    easy = Level("retries", 65, 5, lambda _: failed("it never retries"), gates=False)
    assert validate(subject(), (easy,)).failed == ""
    assert validate(subject(), (easy,)).score < validate(subject()).score


def test_a_level_that_breaks_is_not_run_and_takes_nothing_down(subject: Make) -> None:
    def broken(_: Subject) -> object:
        raise RuntimeError("oops")

    checked = validate(subject(), (Level("broken", 65, 5, broken),))  # type: ignore[arg-type]
    assert said(checked, "broken") == ("not run", "the level itself failed (RuntimeError: oops)")


def test_what_a_broken_level_could_not_judge_is_not_verified(subject: Make) -> None:
    def broken(_: Subject) -> Verdict:
        raise RuntimeError("oops")

    ran = Level("ran", 65, 5, lambda _: passed(verified=True))
    assert validate(subject(), (ran,)).verified
    checked = validate(subject(), (ran, Level("broken", 66, 5, broken)))
    assert (checked.failed, checked.verified) == ("", False)
    assert any("broken was not judged" in each for each in checked.notes)
    assert validate(subject(), (ran, Level("broken", 66, 5, broken, gates=False))).verified


def test_the_score_is_the_weighted_sum_of_what_applies(subject: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    playing(monkeypatch, Done("f", 100, 2.0))
    half = Level("half", 65, 100, lambda _: passed(quality=0.5))
    results = validate(subject(run=True), (half,)).results
    applying = [each for each in results if each.applies]
    assert score(applying) == score(results)
    whole = sum(each.weight for each in applying)
    assert score(results) == round(100 * (whole - 50) / whole, 1)


@pytest.mark.parametrize(("files", "status"), [({"suture_began": b""}, "failed"), ({}, "not run")])
def test_tests_that_use_up_the_memory_refuse_and_a_start_that_does_is_no_verdict(
    subject: Make, files: dict[str, bytes], status: str
) -> None:
    class Full:
        def run(self, job: Job, cancel: object = None) -> Outcome:
            assert "suture_began" in job.keep
            return Outcome("memory", None, b"", b"", 1.0, "none", files)

    one = replace(subject(), sandbox=Full(), isolated_tests="")  # type: ignore[arg-type]
    assert tests.run(one).status == status
