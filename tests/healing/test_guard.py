"""Edits that hide a failure are refused, and those that mend one are not: the cases of ``cheating/``."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from suture.healing.guard import objection
from suture.healing.workspace import Workspace

CASES = sorted((Path(__file__).parent / "cheating").glob("*.txt"))
_SECTION = re.compile(r"^-- (.+) --\n", re.MULTILINE)


def sections(path: Path) -> dict[str, str]:
    parts = _SECTION.split(path.read_text("utf-8"))
    assert parts[0].strip(), "a case begins with what it is about"
    return dict(zip(parts[1::2], parts[2::2], strict=True))


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_a_tempting_edit_is_refused_and_an_honest_one_is_not(path: Path, tmp_path: Path) -> None:
    found = sections(path)
    before = {key.removeprefix("before: "): text for key, text in found.items() if key.startswith("before: ")}
    after = {key.removeprefix("after: "): text for key, text in found.items() if key.startswith("after: ")}
    assert before.keys() == after.keys()
    said = objection(Workspace(tmp_path, {name: text.encode() for name, text in before.items()}), after)
    if path.stem.startswith("bad_"):
        assert found["reason"].strip() in said
    else:
        assert said == ""


def test_there_are_cases_of_both_kinds() -> None:
    assert sum(path.stem.startswith("bad_") for path in CASES) >= 20
    assert sum(path.stem.startswith("ok_") for path in CASES) >= 10


def test_what_was_there_before_is_not_held_against_an_edit(tmp_path: Path) -> None:
    old = "import sys\n\n\ndef f(n):\n    if n == 7:\n        return 42\n    sys.exit(n + 1)\n"
    workspace = Workspace(tmp_path, {"a.py": old.encode()})
    assert objection(workspace, {"a.py": old.replace("n + 1", "n - 1")}) == ""
