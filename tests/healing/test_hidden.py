"""What was raised on the way to a failure is a fault of its own, unless the program raised it on purpose."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from suture.analyzers.sandbox import Sandbox
from suture.analyzers.sandbox.interface import Outcome
from suture.healing.fault import Fault
from suture.healing.hidden import hidden_faults
from suture.healing.logic.trial import Program, Traced, trace
from suture.healing.probe import Run
from suture.healing.workspace import Workspace

Write = Callable[[Mapping[str, str | bytes]], Path]

FIRST = Run(
    Outcome("exit", 1, b"", b"", 0.1, "fake"),
    Fault("test", exception="AssertionError", path="test_mod.py", line=3, tests=("test_mod.py::test_f",)),
)


def traced(root: Path, *errors: tuple[str, int, str]) -> Traced:
    texts = tuple(
        f'Traceback (most recent call last):\n  File "{root / name}", line {line}, in f\n    x\n{said}\n'
        for name, line, said in errors
    )
    return Traced((), (), 0.1, texts)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("    return text.sizes", ["AttributeError"]),
        ("    raise AttributeError(text)", []),
        ("    if not text: raise AttributeError(text)", []),
        ("    assert text", []),
    ],
)
def test_what_is_raised_on_purpose_is_no_fault(tmp_path: Path, line: str, expected: list[str]) -> None:
    workspace = Workspace(tmp_path, {"mod.py": f"def f(text):\n{line}\n".encode()})
    hidden = traced(tmp_path, ("mod.py", 2, "AttributeError: 'str' object has no attribute 'sizes'"))
    found = hidden_faults(workspace, FIRST, hidden)
    assert [each.exception for each in found] == expected
    assert all(each.tests == FIRST.fault.tests for each in found)


def test_wrong_names_come_first_and_one_place_counts_once(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path, {"mod.py": b"def f(text):\n    a[1]\n    b\n"})
    index, name = ("mod.py", 2, "IndexError: list index out of range"), ("mod.py", 3, "NameError: name 'b' is not d")
    found = hidden_faults(workspace, FIRST, traced(tmp_path, index, index, name))
    assert [each.exception for each in found] == ["NameError", "IndexError"]
    assert hidden_faults(workspace, FIRST, None) == []


MOD = """\
class Hostile(Exception):
    def __str__(self):
        raise SystemExit("no text")

    def __eq__(self, other):
        raise SystemExit("no comparison")


def caught(act):
    try:
        act()
    except Exception:
        return 0


def long():
    raise KeyError("x" * 100_000)


def hostile():
    throw(Hostile())


def throw(error):
    raise error


def slip():
    [].item
"""


@pytest.mark.parametrize(
    ("name", "told"),
    [("slip", ["'list' object has no attribute 'item'"]), ("hostile", ["<exception str() failed>"]), ("long", [])],
)
def test_exceptions_that_cannot_be_printed_or_say_too_much_do_no_harm(
    write: Write, sandbox: Sandbox, name: str, told: list[str]
) -> None:
    root = write({"mod.py": MOD, "main.py": f"import mod\n\nassert mod.caught(mod.{name}) == 1\n"})
    found = trace(Workspace(root), Program("script", "main.py", ()), sandbox=sandbox, timeout_s=60)
    assert found is not None
    texts = [text.strip().split("\n")[-1] for text in found.hidden if "AssertionError" not in text]
    assert [text.partition(": ")[2] for text in texts] == told


def test_what_many_imports_catch_leaves_room_for_what_tests_do(write: Write, sandbox: Sandbox) -> None:
    mod = "try:\n    int('x')\nexcept ValueError:\n    pass\n" * 210
    mod += "\n\ndef f():\n    try:\n        return [].item\n    except AttributeError:\n        return 0\n"
    root = write({"mod.py": mod, "test_mod.py": "from mod import f\n\n\ndef test_f():\n    assert f() == 1\n"})
    found = trace(Workspace(root), Program("pytest", "pytest", ("-q",)), sandbox=sandbox, timeout_s=60)
    assert found is not None
    assert [text for text in found.hidden if "'list' object has no attribute 'item'" in text]
    assert not [text for text in found.hidden if "ValueError" in text]
