"""The same guarantees for a normal user as for root: the whole area once more, as the other one.

What a normal user cannot reach (an interpreter, packages or a checkout in root's home) is copied for the purpose."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

import suture.analyzers

NOBODY = 65534
#: This one, and the engine's: whether a user may ask it is up to the machine.
OTHER = ("test_users.py", "test_docker.py")


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that belongs to nobody; pytest's own may be entered only by the user who runs it."""
    made = Path(tempfile.mkdtemp(prefix="suture-user-"))
    yield made
    shutil.rmtree(made)


def reachable(path: Path) -> bool:
    """Whether a normal user can read it."""
    command = ["test", "-r", str(path), "-a", "-x", str(path)]
    return subprocess.run(command, user=NOBODY, group=NOBODY, extra_groups=[], check=False).returncode == 0


def interpreter(folder: Path) -> Path:
    """An interpreter of this version that a normal user can run: the system's, this one, or a copy of this one."""
    name = f"python{sys.version_info.major}.{sys.version_info.minor}"
    own = Path(sys.base_prefix) / "bin" / name
    for each in (own, Path("/usr/local/bin", name), Path("/usr/bin", name)):
        if each.exists() and reachable(each.resolve()):
            return each
    copied(Path(sys.base_prefix), folder / "python")
    return folder / "python" / "bin" / name


def copied(source: Path, target: Path, *names: str) -> Path:
    """A copy without tests' data; only ``names`` of it, if there are any. With bytecode: no job could keep what it has
    to compile, and each one that runs pytest would begin with that."""
    unwanted = shutil.ignore_patterns("test", "idlelib", "*.a", "node_modules")
    target.mkdir(parents=True, exist_ok=True)
    for name in names or sorted(os.listdir(source)):
        if (source / name).is_dir():
            shutil.copytree(source / name, target / name, symlinks=True, ignore=unwanted, dirs_exist_ok=True)
        else:
            shutil.copy2(source / name, target / name, follow_symlinks=False)
    return target


def told(output: str) -> str:
    """Which of the tests inside failed and why, in short: whatever else is cut off."""
    lines = output.splitlines()
    failed = [each for each in lines if each.startswith(("FAILED ", "ERROR "))]
    reasons = [each[:300] for each in lines if each.startswith("E  ")]
    return "\n".join(["these failed as a normal user:", *failed[:20], *reasons[:30], "", ""])


def test_what_failed_as_a_normal_user_is_told_first() -> None:
    output = (
        "....F\n    code\nE   assert 1 == 2\nx.py:3: AssertionError\nFAILED x.py::test_x - assert 1 == 2\n1 failed\n"
    )
    assert told(output).split("\n")[1:3] == ["FAILED x.py::test_x - assert 1 == 2", "E   assert 1 == 2"]


@pytest.mark.slow
def test_every_guarantee_holds_when_a_normal_user_runs_suture(folder: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("the rest of the suite is running as a normal user already")
    folder.chmod(0o755)
    python = interpreter(folder)
    checkout = Path(suture.analyzers.__file__).resolve().parents[1]
    packages = Path(pytest.__file__).parents[1]
    if not reachable(packages / "pytest"):
        packages = copied(packages, folder / "packages")
    if not (reachable(checkout / "analyzers") and reachable(checkout / "tests")):
        names = ("analyzers", "codegen", "healing", "server", ".src", "pyproject.toml", "tests/sandbox")
        (folder / "checkout" / "tests").mkdir(parents=True)
        shutil.copy2(checkout / "tests" / "conftest.py", folder / "checkout" / "tests")
        checkout = copied(checkout, folder / "checkout", *names)
    site = folder / "base" / "lib" / f"python{sys.version_info.major}.{sys.version_info.minor}" / "site-packages"
    site.parent.mkdir(parents=True)
    site.symlink_to(packages)
    subprocess.run(["chown", "-hR", f"{NOBODY}:{NOBODY}", str(folder)], check=True)
    tests = sorted(each for each in (checkout / "tests" / "sandbox").glob("test_*.py") if each.name not in OTHER)
    done = subprocess.run(
        [
            str(python),
            "-m",
            "pytest",
            "-q",
            "-p",
            "no:cacheprovider",
            f"--basetemp={folder}/t",
            "-m",
            "slow or not slow",
        ]
        + [str(each) for each in tests],
        cwd=checkout,
        env={
            "HOME": str(folder),
            "PYTHONUSERBASE": str(folder / "base"),
            "PYTHONPATH": str(checkout / ".src"),
            "PATH": os.environ["PATH"],
            "CI": "true",
        },
        user=NOBODY,
        group=NOBODY,
        extra_groups=[],
        capture_output=True,
        text=True,
        timeout=1800,
        check=False,
    )
    assert done.returncode == 0, told(done.stdout) + done.stdout[-6000:] + done.stderr[-2000:]
    assert " passed" in done.stdout.splitlines()[-1]
    assert "skipped" not in done.stdout.splitlines()[-1] or os.uname().machine != "x86_64", done.stdout[-2000:]
