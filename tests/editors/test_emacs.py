"""A real Emacs with eglot: the documented snippet attaches, shows a diagnostic and applies a repair; undo works."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from .player import HERE, play

pytestmark = pytest.mark.slow


def test_eglot_attaches_and_applies(tmp_path: Path, suture_program: Path) -> None:
    emacs = shutil.which("emacs")
    if emacs is None:
        pytest.fail("emacs is missing: `.ci/run` installs it", pytrace=False)
    root = tmp_path / "project"
    root.mkdir()
    (root / "main.py").write_text("def load(text):\n    return json.loads(text)\n")
    command = [emacs, "--batch", "--load", str(HERE / "emacs.el")]
    given = {"SUTURE_BIN": str(suture_program), "HOME": str(tmp_path)}
    steps = play(command, tmp_path, root, "main.py", given)
    (found,) = steps["diagnostic"]
    assert "undefined name 'json'" in found["message"]
    assert found["line"] == 2
    (applied,) = steps["applied"]
    assert applied["text"].startswith("import json\n")
    assert applied["undone"] is True
