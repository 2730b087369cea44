"""Starts a real editor on a project, with a script, and reads what the script says: one line of JSON a step."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent
PLUGIN = HERE.parents[1] / "editors" / "neovim"

#: What a session said, by step.
Steps = dict[str, list[dict[str, Any]]]

PLAY_S = 400.0


def neovim() -> str:
    """The program, from ``NVIM_PROGRAM`` or ``PATH``; its absence is a failure, since only .ci/run plays this suite."""
    found = os.environ.get("NVIM_PROGRAM") or shutil.which("nvim")
    if found is None:
        pytest.fail(
            "nvim is missing: `.ci/run` installs it, or set NVIM_PROGRAM to Neovim 0.11 or newer", pytrace=False
        )
    return found


def play(command: Sequence[str], folder: Path, root: Path, opened: str, environ: Mapping[str, str]) -> Steps:
    """Run an editor in ``root``, on the file ``opened``; ``folder`` takes what it and the server leave behind."""
    homes = {f"XDG_{name}_HOME": str(folder / name.lower()) for name in ("CONFIG", "DATA", "STATE", "CACHE")}
    answer = subprocess.run(
        command,
        cwd=root,
        env={
            **os.environ,
            **homes,
            "SUTURE_FILE": str(root / opened),
            "SUTURE_ROOT": str(root),
            "SUTURE_CACHE_DIR": str(folder / "suture"),
            **environ,
        },
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=PLAY_S,
        check=False,
    )
    steps: Steps = {}
    for line in answer.stdout.splitlines():
        if line.startswith("{"):
            step = json.loads(line)
            steps.setdefault(step.pop("step"), []).append(step)
    assert "failed" not in steps, f"{steps['failed']}\nafter {list(steps)}\n{answer.stderr}"
    assert steps, f"the editor said nothing; on standard error:\n{answer.stderr}"
    assert answer.returncode == 0, f"the editor ended with {answer.returncode} after {list(steps)}\n{answer.stderr}"
    return steps


def play_neovim(
    folder: Path, root: Path, script: str, opened: str, program: Path, environ: Mapping[str, str] | None = None
) -> Steps:
    """A session of Neovim 0.11 with the plugin: ``neovim/SCRIPT.lua``."""
    given = {
        "SUTURE_PLAYER": str(HERE / "neovim" / "player.lua"),
        "SUTURE_PLUGIN": str(PLUGIN),
        "SUTURE_BIN": str(program),
        **(environ or {}),
    }
    command = [neovim(), "--headless", "-u", "NONE", "-l", str(HERE / "neovim" / f"{script}.lua")]
    return play(command, folder, root, opened, given)
