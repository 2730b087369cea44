"""The same guarantees for a normal user as for root: the suite once more, as the other one."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

NOBODY = 65534


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that belongs to nobody; pytest's own may be entered only by the user who runs it."""
    made = Path(tempfile.mkdtemp(prefix="suture-user-"))
    yield made
    shutil.rmtree(made)


def readable_interpreter() -> str | None:
    """An interpreter of this version that every user can run."""
    name = f"python{sys.version_info.major}.{sys.version_info.minor}"
    for each in (f"/usr/bin/{name}", f"/usr/local/bin/{name}"):
        if os.path.exists(each) and not os.path.realpath(each).startswith(os.path.expanduser("~root/")):
            return each
    return None


@pytest.mark.slow
def test_every_guarantee_holds_when_a_normal_user_runs_suture(folder: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("the rest of the suite is running as a normal user already")
    python = readable_interpreter()
    tests = Path(__file__).parent
    if python is None:
        pytest.skip("there is no interpreter of this version that a normal user can run")
    packages = folder / "base" / "lib" / os.path.basename(python) / "site-packages"
    packages.parent.mkdir(parents=True)
    packages.symlink_to(Path(pytest.__file__).parents[1])
    for each in (folder, *folder.rglob("*")):
        os.chown(each, NOBODY, NOBODY, follow_symlinks=False)
    os.chmod(folder, 0o755)
    command = [python, "-m", "pytest", "-q", "-p", "no:cacheprovider", f"--basetemp={folder}/t", "-m", "not slow"]
    done = subprocess.run(
        [*command, *map(str, (tests / "test_containment.py", tests / "test_call.py", tests / "test_run.py"))],
        cwd=tests.parents[1],
        env={"HOME": str(folder), "PYTHONUSERBASE": str(folder / "base"), "PATH": os.environ["PATH"]},
        user=NOBODY,
        group=NOBODY,
        extra_groups=[],
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    if "Permission denied" in done.stderr and not done.stdout:
        pytest.skip(f"a normal user cannot read this checkout: {done.stderr.strip().splitlines()[-1]}")
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
