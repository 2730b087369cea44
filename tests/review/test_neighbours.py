"""What the other files of a workspace say is used once all of them are known, and follows them."""

from __future__ import annotations

from pathlib import Path

import pytest

from suture.analyzers import neighbours as module
from suture.analyzers.findings import Finding
from suture.analyzers.neighbours import Neighbours
from suture.analyzers.review import program_rules, review_file

CYCLE = {
    "__init__.py": "",
    "a.py": "from .b import g\n\n\ndef f():\n    return g\n",
    "b.py": "from .a import f\n\n\ng = f\n",
}


@pytest.fixture
def package(tmp_path: Path) -> Path:
    folder = tmp_path / "package"
    folder.mkdir()
    for name, text in CYCLE.items():
        (folder / name).write_text(text, "utf-8")
    return folder


def cycles(known: Neighbours, path: Path, text: str | None = None) -> list[Finding]:
    review = review_file(path, text=text, reviewers=["architecture"], engines=False, neighbours=known)
    return [each for each in review.findings if each.rule == "import-cycle"]


def test_nothing_is_said_of_other_files_before_all_are_known(package: Path) -> None:
    known = Neighbours(package, program_rules())
    assert cycles(known, package / "a.py") == []
    steps = 1
    while not known.learn(0.0):  # one file at a time
        assert cycles(known, package / "a.py") == []
        steps += 1
    assert steps == len(CYCLE)
    assert len(cycles(known, package / "a.py")) == 1


def test_the_text_that_is_being_edited_counts_not_the_one_on_the_disk(package: Path) -> None:
    known = Neighbours(package, program_rules())
    assert known.learn(60.0)
    assert cycles(known, package / "a.py", "def f():\n    return 1\n") == []


def test_a_file_that_changed_or_went_is_known_as_it_is_now(package: Path) -> None:
    known = Neighbours(package, program_rules())
    known.learn(60.0)
    (package / "b.py").write_text("g = 1\n", "utf-8")
    known.learn(60.0)
    assert cycles(known, package / "a.py") == []
    (package / "b.py").write_text(CYCLE["b.py"], "utf-8")
    known.learn(60.0)
    assert len(cycles(known, package / "a.py")) == 1
    (package / "b.py").unlink()
    known.learn(60.0)
    assert cycles(known, package / "a.py") == []


def test_a_file_that_cannot_be_read_is_left_out(package: Path) -> None:
    (package / "c.py").write_bytes(b"\xff\xfe\x00 not python")
    known = Neighbours(package, program_rules())
    assert known.learn(60.0)
    assert len(cycles(known, package / "a.py")) == 1


def test_a_workspace_with_too_many_files_is_left_to_the_command(package: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_FILES", 2)
    known = Neighbours(package, program_rules())
    assert known.learn(60.0)
    assert known.too_many
    assert cycles(known, package / "a.py") == []
