"""Whole-tree review beside ``bandit -r`` in one run: ``python tests/benchmarks/review_speed.py FOLDER…``.

Each folder is copied, so that a line can be added to one of its files. In turn, so that a busy machine is busy for
all: bandit, a first review (cold), the same again (warm), and again after one file changed. Prints wall and processor
seconds, lines, the ratio to bandit for the same lines, and the greatest memory of a process. It never fails on a time.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

SUTURE = [sys.executable, "-P", "-c", "import sys; from suture.server.cli import main; sys.exit(main())", "review"]
BANDIT = [sys.executable, "-P", "-m", "bandit", "-q", "-r", "-f", "json"]


class Spent(NamedTuple):
    """Seconds by the clock and of processors, and the largest process in MiB (as far as the system says)."""

    wall: float
    cpu: float
    memory: float


def run(command: list[str], environment: dict[str, str]) -> Spent:
    """What a command costs, with all processes that it starts."""
    import resource

    began, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=False)
    wall, after = time.perf_counter() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode > 1:
        raise SystemExit(f"{command}: {done.stderr.decode()[-500:]}")
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Spent(wall, cpu, after.ru_maxrss / 1024)


def measure(folder: Path, jobs: int, scratch: Path) -> None:
    """Print the figures of one folder."""
    root = scratch / folder.name
    shutil.copytree(folder, root, ignore=shutil.ignore_patterns("__pycache__"))
    files = sorted(root.rglob("*.py"))
    lines = sum(path.read_bytes().count(b"\n") for path in files)
    environment = {**os.environ, "SUTURE_CACHE_DIR": str(scratch / "cache")}
    review = [*SUTURE, str(root), "--jobs", str(jobs), "--output-format", "json-lines"]
    bandit = run([*BANDIT, str(root)], environment)
    figures = {"cold": run(review, environment), "warm": run(review, environment)}
    with open(files[len(files) // 2], "a", encoding="utf-8") as file:
        file.write("\nx = 1\n")
    figures["one file changed"] = run(review, environment)
    load = os.getloadavg()[0]
    print(f"{folder.name}: {lines} lines, {len(files)} files, load {load:.1f}")
    print(f"  bandit -r         {bandit.wall:7.2f} s  {bandit.cpu:7.2f} cpu s")
    for name, spent in figures.items():
        print(
            f"  {name:16}  {spent.wall:7.2f} s  {spent.cpu:7.2f} cpu s  {spent.wall / bandit.wall:5.2f} of bandit"
            f"  {spent.wall * 400_000 / lines:6.2f} s per 400,000 lines  largest process so far {spent.memory:.0f} MiB"
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="+", type=Path, metavar="FOLDER")
    parser.add_argument("--jobs", type=int, default=2)
    options = parser.parse_args()
    for folder in options.folders:
        with tempfile.TemporaryDirectory() as scratch:
            measure(folder.resolve(), options.jobs, Path(scratch))


if __name__ == "__main__":
    main()
