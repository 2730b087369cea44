"""What was raised on the way to a failure is a fault of its own, unless the program raised it on purpose."""

from __future__ import annotations

from pathlib import Path

import pytest

from suture.analyzers.sandbox.interface import Outcome
from suture.healing.fault import Fault
from suture.healing.hidden import hidden_faults
from suture.healing.logic.trial import Traced
from suture.healing.probe import Run
from suture.healing.workspace import Workspace

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
