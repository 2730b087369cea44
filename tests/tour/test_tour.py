"""The tour plays on a copy of a real package, and its exit status is that of the four jobs."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from suture.analyzers.errors import UserError
from suture.server.tour.package import make_playground

PACKAGE = {
    "__init__.py": "",
    "core.py": '"""A package of one\'s own."""\n\nimport math\n\n\ndef area(radius: float) -> float:\n'
    '    """Area of a disc."""\n    return math.pi * radius**2\n',
    "broken.py": "def f(:\n",
    "binary.py": "\0",
}


def write_package(folder: Path) -> Path:
    package = folder / "own"
    package.mkdir()
    for name, text in PACKAGE.items():
        (package / name).write_text(text, "utf-8")
    return package


def test_the_copy_leaves_the_original_alone_and_opens_a_module_with_an_import_to_lose(tmp_path: Path) -> None:
    package = write_package(tmp_path)
    ground = make_playground(package, tmp_path / "scratch")
    assert ground.module == tmp_path / "scratch" / "workspace" / "own" / "core.py"
    assert ground.removed == "import math\n"
    assert {each.name: each.read_text("utf-8") for each in package.iterdir()} == PACKAGE


def test_a_folder_without_anything_to_play_on_says_so(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(UserError, match="no module here"):
        make_playground(tmp_path / "empty", tmp_path / "scratch")
    with pytest.raises(UserError, match="is not a folder"):
        make_playground(tmp_path / "nowhere", tmp_path / "scratch2")


def play(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "suture", "tour", *arguments]
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=280, check=False)


@pytest.mark.slow
def test_the_plain_tour_does_all_four_jobs_with_evidence(tmp_path: Path) -> None:
    done = play("--output-format", "json", cwd=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    report = json.loads(done.stdout)
    assert report["jobs"] == {"review": True, "heal": True, "generate": True, "fuzz": True}
    for scene in report["scenes"][1:]:
        assert scene["evidence"], scene
        assert scene["milliseconds"] > 0
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_the_tour_of_a_package_of_ones_own_reads_well_and_changes_nothing(tmp_path: Path) -> None:
    package = write_package(tmp_path)
    done = play(str(package), cwd=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "All four jobs did their work" in done.stdout
    assert {each.name: each.read_text("utf-8") for each in package.iterdir()} == PACKAGE
