"""The extension, built and packaged once for the tests that need it; and where the real editors are.

A missing editor is a failure and not a skip: only ``.ci/run`` plays these tests, and it installs what they need.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
from dataclasses import dataclass
from pathlib import Path

import pytest

EXTENSION = Path(__file__).parents[2] / "editors" / "vscode"
WANTED_BY = "`.ci/run` installs it"


@dataclass(frozen=True)
class Kit:
    """A real VS Code for a headless browser: folders and programs."""

    node: str
    server: Path  # the script that starts code-server
    modules: Path  # the folder with playwright-core
    chromium: str
    package: Path  # a folder with an installed `requests`, the package that the session works in


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the extension's folder, with its packages, its bundle and ``suture.vsix``."""
    npm = shutil.which("npm")
    if npm is None:
        pytest.fail(f"npm is missing: {WANTED_BY}", pytrace=False)
    copy = tmp_path_factory.mktemp("extension") / "vscode"
    shutil.copytree(EXTENSION, copy, ignore=shutil.ignore_patterns("node_modules", "out", "*.vsix", "server"))
    for command in (["ci", "--ignore-scripts", "--no-audit", "--no-fund"], ["run", "package"]):
        answer = subprocess.run(
            [npm, *command],
            cwd=copy,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=600,
            check=False,
        )
        assert answer.returncode == 0, answer.stdout[-3000:] + answer.stderr[-3000:]
    return copy


@pytest.fixture(scope="session")
def kit() -> Kit:
    """From ``SUTURE_VSCODE`` (see ``.ci/run``): a folder with code-server, playwright-core and requests."""
    folder, node = os.environ.get("SUTURE_VSCODE"), shutil.which("node")
    chromium = os.environ.get("SUTURE_CHROMIUM") or shutil.which("chromium")
    if folder is None or node is None or chromium is None:
        missing = [
            name for name, value in (("SUTURE_VSCODE", folder), ("node", node), ("chromium", chromium)) if value is None
        ]
        pytest.fail(f"{', '.join(missing)} is missing: {WANTED_BY}", pytrace=False)
    modules = Path(folder) / "node_modules"
    return Kit(
        node,
        modules / "code-server" / "out" / "node" / "entry.js",
        modules,
        chromium,
        Path(folder) / "requests-2.32.3",
    )


@pytest.fixture(scope="session")
def suture_program() -> Path:
    """The program of this environment."""
    program = Path(sysconfig.get_path("scripts")) / ("suture.exe" if sys.platform == "win32" else "suture")
    assert program.exists(), f"{program} is missing: the package is not installed in this environment"
    return program
