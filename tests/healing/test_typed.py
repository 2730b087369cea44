"""Edits along the way of a value that failed: where they are looked for, and which come first."""

from __future__ import annotations

from pathlib import Path

import pytest

from suture.healing.fault import Fault, Frame
from suture.healing.observation import Observation, ObservedFrame
from suture.healing.repair import Context
from suture.healing.typed.candidates import merged, typed_edits
from suture.healing.workspace import Workspace


def context(root: Path, text: str, line: int, exception: str, message: str, types: dict[str, str]) -> Context:
    """The crash of ``mod.py`` at a line (0-based), the last of the calls, with the types of its names."""
    (root / "mod.py").write_text(text)
    path = str(root / "mod.py")
    frames = (Frame("mod.py", line, ""),)
    fault = Fault("type", exception=exception, message=message, path="mod.py", line=line, frames=frames)
    seen = Observation(exception, frames=(ObservedFrame(path, line, types),))
    return Context(Workspace(root), "mod.py", text, fault, seen)


def made(found: Context) -> list[str]:
    """What the text becomes, the likeliest first."""
    data = found.text.encode()
    return [each.text(data).decode() for each in typed_edits(found)]


CASES = {
    "a value passed to the function of the file that is there for it": (
        "def at(text):\n    return int(text)\n\n\ndef ends(start):\n    start = start\n    return start + 1\n",
        (6, "TypeError", 'can only concatenate str (not "int") to str', {"start": "str"}),
        ("start = start\n", "start = at(start)\n"),
    ),
    "an attribute that the object was seen to have": (
        "def cost(job):\n    return 2 * job\n",
        (1, "TypeError", "unsupported operand", {"job": "Job", "job.price": "int"}),
        ("2 * job", "2 * job.price"),
    ),
    "the start of a table that is asked for with what it is given elsewhere": (
        "def count(names):\n    found = dict.fromkeys(names)\n    found[names[0]] += 1\n    return found\n",
        (2, "TypeError", "unsupported operand type(s) for +=: 'NoneType' and 'int'", {"found": "dict"}),
        ("fromkeys(names)", "fromkeys(names, 0)"),
    ),
    "a question that is asked first, answered as elsewhere in the function": (
        "def first(rows, deep):\n    if not deep:\n        return []\n    return rows[0]\n",
        (3, "IndexError", "list index out of range", {"rows": "list"}),
        ("    return rows[0]", "    if not rows:\n        return []\n    return rows[0]"),
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_is_tried(name: str, tmp_path: Path) -> None:
    text, (line, exception, message, types), (old, new) = CASES[name]
    assert text.replace(old, new) in made(context(tmp_path, text, line, exception, message, types))


def test_a_name_of_the_type_that_failed_comes_after_one_of_another_type(tmp_path: Path) -> None:
    text = "def f(label, other, count):\n    return 1 + label\n"
    types = {"label": "str", "other": "str", "count": "int"}
    found = made(context(tmp_path, text, 1, "TypeError", "unsupported operand type(s) for +", types))
    assert found.index(text.replace("+ label", "+ count")) < found.index(text.replace("+ label", "+ other"))


def test_a_file_of_checks_is_not_changed(tmp_path: Path) -> None:
    text = "rows = {}\nassert rows['a'] == 1\n"
    (tmp_path / "test_mod.py").write_text(text)
    frames = (Frame("test_mod.py", 1, ""),)
    fault = Fault("runtime", exception="KeyError", message="'a'", path="test_mod.py", line=1, frames=frames)
    assert not typed_edits(Context(Workspace(tmp_path), "test_mod.py", text, fault))


def test_of_the_same_change_the_heavier_one_is_kept(tmp_path: Path) -> None:
    text = "def cost(job):\n    return 2 * job\n"
    found = typed_edits(context(tmp_path, text, 1, "TypeError", "", {"job": "Job", "job.price": "int"}))
    assert merged(found, found) == found
