"""What a failing test behind an edit says of it: it is excused only if it is shown to fail without the fault, too."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pytest

from suture.analyzers.sandbox import Outcome, Sandbox
from suture.healing.api import heal_command
from suture.healing.fault import NO_FAULT
from suture.healing.leftover import entered, excused, unexplained
from suture.healing.logic.spectrum import Case
from suture.healing.logic.trial import Traced
from suture.healing.probe import Run
from suture.healing.workspace import Workspace

Write = Callable[[Mapping[str, str | bytes]], Path]
PYTEST = ("python", "-m", "pytest", "-q", "-p", "no:cacheprovider")

BEFORE = (
    "N = 1\n\n\ndef half(n):\n    return n / \n\n\nclass Pair:\n    size = 2\n\n    def sum(self):\n        return 0\n"
)


def run(tests: Mapping[str, str], **ends: tuple[str, str, str]) -> Run:
    return Run(Outcome("exit", 1, b"", b"", 1.0, "none"), NO_FAULT, tests=tests, ends=ends)


@pytest.mark.parametrize(
    ("after", "lines"),
    [
        (BEFORE.replace("n / ", "n / 2"), {5}),
        (BEFORE.replace("return 0", "return 1"), {12}),
        (BEFORE.replace("n / ", "n").replace("N = 1", "N = 2"), None),  # every import runs it
        (BEFORE.replace("n / ", "n").replace("size = 2", "size = 3"), None),
        (BEFORE, None),  # it does not parse
    ],
)
def test_an_edit_is_entered_by_the_functions_that_hold_it(after: str, lines: set[int] | None) -> None:
    whole = BEFORE if "n / 2" in after or after == BEFORE else BEFORE.replace("n / ", "n")
    if "return 1" in after:
        after = after.replace("n / ", "n")
    assert entered(whole, after) == lines


def test_a_test_that_fails_as_it_did_is_explained_and_one_that_fails_elsewhere_is_not() -> None:
    place = ("/w/mod.py", "3", "ValueError")
    before = run({"a": "failed", "b": "failed", "c": "passed"}, a=place, b=place)
    assert unexplained(before, run({"a": "failed", "c": "passed"}, a=place)) == frozenset()
    assert unexplained(before, run({"a": "failed"}, a=("/w/mod.py", "4", "ValueError"))) == {"a"}
    assert unexplained(before, run({"a": "failed"}, a=("/w/mod.py", "4", "ValueError")), ["mod.py"]) == frozenset()
    assert unexplained(before, run({"b": "failed"}, b=("/w/mod.py", "3", "KeyError")), ["mod.py"]) == {"b"}
    assert unexplained(before, run({"new": "failed"}, new=place)) == {"new"}


@pytest.mark.parametrize(("ran", "told"), [({"mod.py": [5]}, False), ({"mod.py": [12]}, True), (None, False)])
def test_a_test_that_could_not_run_before_is_excused_if_it_never_enters_what_was_changed(
    ran: Mapping[str, Sequence[int]] | None, told: bool, write: Write
) -> None:
    workspace = Workspace(write({"mod.py": BEFORE}))
    before, after = run({"test_a.py": "failed"}), run({"test_a.py::test_a": "failed"})

    def traced(view: Workspace, tests: Sequence[str]) -> Traced | None:
        assert list(tests) == ["test_a.py::test_a"]
        return None if ran is None else Traced((Case("test_a.py::test_a", False, "", ran),), (), 0.1)

    assert excused(workspace, {"mod.py": BEFORE.replace("n / ", "n / 2")}, before, after, traced) is told


@pytest.mark.parametrize(("other", "verified"), [("mod.total([1, 2]) == 4", True), ("mod.half(4) == 3", False)])
def test_a_mended_syntax_error_is_verified_if_what_fails_behind_it_does_not_run_it(
    other: str, verified: bool, write: Write, sandbox: Sandbox
) -> None:
    files = {
        "mod.py": "def half(n):\n    return (n // 2\n\n\ndef total(items):\n    return sum(items)\n",
        "test_half.py": "import mod\n\n\ndef test_half():\n    assert mod.half(4) == 2\n",
        "test_other.py": f"import mod\n\n\ndef test_other():\n    assert {other}\n",
    }
    report = heal_command(write(files), PYTEST, sandbox=sandbox, timeout_s=20)
    assert (report.best is not None) is verified
    if report.best is not None:
        assert [*report.best.texts.values()] == [files["mod.py"].replace("(n // 2", "(n // 2)")]
