"""Real projects broken at random places, and what ``suture heal -- pytest`` makes of it.

``python projects.py [--places 20] [--seed 1] [--git] [--json FILE] [--keep FOLDER] [--only KIND]… [PROJECT==VERSION…]``

The projects' source distributions come from the package index; their own test suites judge. At each place one operator
of ``python_faults`` (syntax, names, runtime) or one slip of ``logic_faults`` breaks one module so that the suite fails.
Healing sees the broken tree and the command, nothing else; with ``--git`` the tree was committed before it was broken,
so that what changed since can be seen. *Right*: an edit was offered as verified, and over it the whole suite ends as it
did before the project was broken. *Same*: moreover, the module is the original, layout and comments aside. *Wrong*:
verified, but the suite does not end as before. *Refused*: nothing verified.
"""

from __future__ import annotations

import argparse
import ast
import json
import random
import re
import resource
import shutil
import statistics
import subprocess
import sys
import tarfile
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from logic_faults import slips
from python_faults import names, runtime, syntax
from python_faults.common import OPERATORS, Program

LOADED = (names, runtime, syntax)
PROJECTS = ("sqlparse==0.5.3", "toolz==1.1.0", "cachetools==6.2.1")
PYTEST = ["-p", "no:cacheprovider", "-p", "no:asyncio", "-o", "pythonpath=src ."]
COMMAND = ["python", "-m", "pytest", "-q", *PYTEST]
SUITE_S = 300
TRIES = 60


def unpacked(project: str, folder: Path) -> Path:
    """The source tree of a project, as its distribution has it."""
    pip = [
        sys.executable,
        "-m",
        "pip",
        "download",
        "-q",
        "--no-deps",
        "--no-binary",
        ":all:",
        "-d",
        str(folder),
        project,
    ]
    if subprocess.run([sys.executable, "-m", "pip", "--version"], capture_output=True, check=False).returncode:
        pip = ["pip", *pip[3:]]
    subprocess.run(pip, check=True, stdout=subprocess.DEVNULL)
    archive = next(folder.glob("*.tar.gz"))
    with tarfile.open(archive) as held:
        held.extractall(folder, filter="data")
    return next(each for each in folder.iterdir() if each.is_dir())


def outcomes(root: Path, *more: str) -> Counter[str]:
    """How the tests of a tree end: pytest's own summary, counted by word."""
    command = [sys.executable, *COMMAND[1:], *more]
    try:
        run = subprocess.run(command, cwd=root, capture_output=True, text=True, timeout=SUITE_S, check=False)
    except subprocess.TimeoutExpired:
        return Counter({"timeout": 1})
    last = run.stdout.strip().rpartition("\n")[2]
    found = Counter({word: int(number) for number, word in re.findall(r"(\d+) (\w+)", last.partition(" in ")[0])})
    for word in ("warning", "warnings"):
        found.pop(word, None)
    return found if found else Counter({"broken": 1})


def modules(root: Path) -> list[Path]:
    """Modules that are worth breaking: the project's own, not its tests."""
    skipped = {"tests", "test", "docs", "examples", "misc", "setup.py", "conftest.py", "build"}
    found = [each for each in sorted(root.rglob("*.py")) if not skipped & set(each.relative_to(root).parts)]
    found = [each for each in found if not each.name.startswith("test_") and not each.stem.endswith("_test")]
    return [each for each in found if len(each.read_text("utf-8").splitlines()) > 40]


def broken(text: str, kind: str, dice: random.Random) -> Iterator[tuple[str, str]]:
    """(operator, text): ways to break a module, at random places."""
    if kind == "logic":
        data = text.encode()
        found = list(slips(data, ast.parse(text)))
        dice.shuffle(found)
        for name, splices, _ in found:
            new = data
            for start, end, replacement in sorted(splices, reverse=True):
                new = new[:start] + replacement.encode() + new[end:]
            yield name, new.decode()
        return
    operators = [each for each in OPERATORS if each.kind == kind]
    dice.shuffle(operators)
    for operator in operators:
        for new in operator.change(Program("mod", text), dice):
            yield operator.name, new
            break


def break_one(root: Path, green: Counter[str], kind: str, dice: random.Random) -> tuple[Path, str, str] | None:
    """Breaks one module in place so that the suite fails: (module, operator, original text)."""
    candidates = modules(root)
    for _ in range(TRIES):
        path = dice.choice(candidates)
        text = path.read_text("utf-8")
        for name, new in broken(text, kind, dice):
            if new == text:
                continue
            path.write_text(new, "utf-8")
            if outcomes(root, "-x") != green and outcomes(root) != green:
                return path, name, text
            path.write_text(text, "utf-8")
            break
    return None


def heal(root: Path, timeout_s: float) -> dict[str, Any]:
    command = [sys.executable, "-m", "suture.server", "heal", "--output-format", "json", "--timeout", str(timeout_s)]
    run = subprocess.run([*command, "--", *COMMAND], cwd=root, capture_output=True, text=True, check=False)
    try:
        return json.loads(run.stdout)
    except ValueError:
        raise SystemExit(f"heal gave no answer: {run.stderr[-400:]}") from None


def processor_s() -> float:
    """Processor seconds of every process that was started and has ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def shape(text: str) -> str:
    try:
        return ast.dump(ast.parse(text))
    except SyntaxError:
        return text


def commit(root: Path) -> None:
    name = ("-c", "user.name=bench", "-c", "user.email=bench@example.com", "-c", "commit.gpgsign=false")
    for words in (("init", "-q"), ("add", "-A"), (*name, "commit", "-q", "-m", "as it was")):
        subprocess.run(("git", *words), cwd=root, check=True, stdout=subprocess.DEVNULL)


def one(
    original: Path,
    green: Counter[str],
    kind: str,
    seed: str,
    timeout_s: float,
    *,
    committed: bool = False,
    keep: Path | None = None,
) -> dict[str, Any] | None:
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / original.name
        shutil.copytree(original, root)
        if committed:
            commit(root)
        made = break_one(root, green, kind, random.Random(seed))
        if made is None:
            return None
        path, operator, text = made
        began, used = time.perf_counter(), processor_s()
        report = heal(root, timeout_s)
        seconds, used = time.perf_counter() - began, processor_s() - used
        best = next((each for each in report["candidates"] if each["verified"]), None)
        row: dict[str, Any] = {
            "project": original.name,
            "kind": kind,
            "operator": operator,
            "path": path.relative_to(root).as_posix(),
            "seconds": round(seconds, 2),
            "processor_s": round(used, 2),
            "first_ms": report["first_verified_ms"],
            "fault": report["fault"]["category"],
            "title": best["title"] if best else "",
            "confidence": best["confidence"] if best else 0.0,
        }
        if keep is not None:
            kept = keep / "-".join(seed.replace("==", "-").split())
            shutil.copytree(root, kept, dirs_exist_ok=True)
            (kept / "original.txt").write_text(f"{row['path']}\n{text}", "utf-8")
            (kept / "report.json").write_text(json.dumps(report, indent=1), "utf-8")
        if best is None:
            return {**row, "result": "refused"}
        for edit in best["edits"]:
            (root / edit["path"]).write_text(edit["new_text"], "utf-8")
        right = outcomes(root) == green
        same = right and shape(path.read_text("utf-8")) == shape(text)
        return {**row, "result": "right" if right else "wrong", "same": same}


def show(rows: list[dict[str, Any]]) -> None:
    """A table by project, and by kind."""
    for by in ("project", "kind"):
        print(f"{by:24} broken  right   same  wrong refused   median s   p95 s")
        for name in sorted({row[by] for row in rows}):
            own = [row for row in rows if row[by] == name]
            count = Counter(row["result"] for row in own)
            seconds = sorted(row["seconds"] for row in own)
            same = sum(bool(row.get("same")) for row in own)
            print(
                f"{name:24} {len(own):6} {count['right']:6} {same:6} {count['wrong']:6} {count['refused']:7} "
                f"{statistics.median(seconds):10.1f} {seconds[int(len(seconds) * 0.95)]:7.1f}"
            )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("projects", nargs="*", default=list(PROJECTS))
    parser.add_argument("--places", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--git", action="store_true", help="commit each tree before it is broken")
    parser.add_argument("--timeout", type=float, default=60)
    parser.add_argument("--only", action="append", choices=("syntax", "name", "runtime", "logic"))
    parser.add_argument("--json", type=Path)
    parser.add_argument("--keep", type=Path, help="a folder for the broken trees and what was said of them")
    arguments = parser.parse_args()
    kinds = arguments.only or ["syntax", "name", "runtime", "logic"]
    rows: list[dict[str, Any]] = []
    for project in arguments.projects:
        with tempfile.TemporaryDirectory() as folder:
            root = unpacked(project, Path(folder))
            green = outcomes(root)
            print(f"{project}: {dict(green)}", flush=True)
            if set(green) - {"passed", "skipped", "xfailed", "xpassed"}:
                raise SystemExit(f"the suite of {project} is not green here")
            for number in range(arguments.places):
                kind = kinds[number % len(kinds)]
                row = one(
                    root,
                    green,
                    kind,
                    f"{project} {arguments.seed} {number}",
                    arguments.timeout,
                    committed=arguments.git,
                    keep=arguments.keep,
                )
                if row is None:
                    print(f"  {number}: no way found to break it ({kind})", flush=True)
                    continue
                rows.append(row)
                told = f"{row['operator']} in {row['path']}: {row['result']}, "
                told += f"{row['seconds']} s ({row['processor_s']} s of processor), {row['title']}"
                print(f"  {number} {kind}: {told}", flush=True)
                if arguments.json:
                    arguments.json.write_text("".join(f"{json.dumps(each)}\n" for each in rows), "utf-8")
    show(rows)


if __name__ == "__main__":
    main()
