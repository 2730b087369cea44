# pyright: basic
"""Slips that a person wrote into whole programs: text that was there → text that stands there instead.

A file of ``slips/*/`` is a working program, then ``-- checks --`` with an expression a line (or ``-- output --``: the
program is run as a script, and prints), then ``-- slip: name --``, the right text, ``-- becomes --``, the wrong text.
The healer is shown half of the checks, one that fails among them, as assertions of a script or as tests of pytest; all
of them judge. A script has nothing to show but its crash; its whole output judges.

The programs of ``slips/third_hidden`` are set apart: their misses are not read by who mends repairs; the family is
scored at first contact and at the end of a piece of work, and is then no longer unseen.

Invariant: a slip counts only if it ends the program with an exception that is no AssertionError.
"""

from __future__ import annotations

import json
import random
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from .common import Program

_PART = re.compile(r"^-- (checks|output|becomes|slip: \w+) --\n", re.MULTILINE)
_COMPARE = """\
import subprocess, sys
done = subprocess.run([sys.executable, "-B", "-E", "mod.py"], capture_output=True, text=True, timeout=5)
assert done.returncode == 0 and done.stdout == {wanted!r}
print("ALL-OK")
"""


def slips(path: Path) -> tuple[Program, bool, list[tuple[str, str]]]:
    """The program, whether it is a script, and (name, broken text) for each slip."""
    first, *rest = _PART.split(path.read_text("utf-8"))
    parts = list(zip(rest[::2], rest[1::2], strict=True))
    checks = tuple(parts[0][1].strip().split("\n")) if parts[0][0] == "checks" else ()
    found: list[tuple[str, str]] = []
    for (head, old), (_, new) in zip(parts[1::2], parts[2::2], strict=True):
        old, new = old.removesuffix("\n"), new.removesuffix("\n")
        if first.count(old) != 1:
            raise ValueError(f"{path.stem}: {head} stands {first.count(old)} times in the program")
        found.append((head.partition(": ")[2], first.replace(old, new)))
    return Program(path.stem, first, checks), parts[0][0] == "output", found


def cases(
    folder: Path,
    seed: int,
    measured: Callable[[Program], tuple[Program, list[str]]],
    check_text: Callable[[list[str]], str],
    run: Callable[[str, str], tuple[bool, str]],
) -> Iterator[dict[str, Any]]:
    dice = random.Random(seed)
    for path in sorted(folder.glob("*.txt")):
        program, script, broken = slips(path)
        checks = [] if script else measured(program)[1]
        wanted = _printed(program.text) if script else ("", "")
        for name, text in broken:
            if script:
                hidden, files, command = _COMPARE.format(wanted=wanted[0]), {"mod.py": text}, ["python3", "mod.py"]
                stderr = _printed(text)[1]
            else:
                failing = _failing(text, checks)
                shown = {*dice.sample(checks, (len(checks) + 1) // 2), *dice.sample(failing, min(len(failing), 1))}
                visible = [each for each in checks if each in shown]
                hidden = check_text(checks)
                stderr = run(text, check_text(visible))[1]
                if dice.random() < 0.4:
                    files, command = {"mod.py": text, "test_mod.py": _tests(visible)}, ["python3", "-m", "pytest", "-q"]
                else:
                    files, command = {"mod.py": text, "check.py": check_text(visible)}, ["python3", "check.py"]
            last = next((each for each in reversed(stderr.splitlines()) if "Warning" not in each), "")
            exception = last.partition(":")[0]
            if not re.fullmatch(r"[\w.]+", exception) or exception.endswith("AssertionError"):
                print(f"{path.stem}/{name}: no case ({last[:60]})", file=sys.stderr)
                continue
            rows = zip(text.split("\n"), program.lines, strict=False)
            yield {
                "id": f"{path.stem}-{name}", "operator": path.stem, "class": "runtime", "task": path.stem,
                "requires": [], "files": files, "original": program.text, "hidden_check": hidden, "cmd": command,
                "fault_line": next((i for i, (a, b) in enumerate(rows, 1) if a != b), 0), "expect": exception,
                "split": folder.name, "error": {"type": exception, "message": last, "text": stderr},
            }  # fmt: skip


def _failing(text: str, checks: list[str]) -> list[str]:
    """The checks that do not hold; each is tried alone."""
    space = "import json, sys\nsys.path.insert(0, '.')\nfailing = []\nspace = {}\n"
    space += "try:\n    exec('import mod\\nfrom mod import *', space)\nexcept Exception:\n    pass\n"
    body = "for each in json.load(open('checks.json')):\n    try:\n        exec(each, space)\n"
    body += "    except BaseException:\n        failing.append(each)\nprint(json.dumps(failing))\n"
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "mod.py").write_text(text)
        Path(folder, "checks.json").write_text(json.dumps(checks))
        done = subprocess.run([sys.executable, "-B", "-c", space + body], cwd=folder, capture_output=True, text=True)
    return json.loads(done.stdout.strip().rpartition("\n")[2])


def _tests(checks: list[str]) -> str:
    functions = [f"def test_{number}():\n    {each}\n" for number, each in enumerate(checks, 1)]
    return "\n\n".join(["import mod\nfrom mod import *\n", *functions])


def as_script(case: dict[str, Any]) -> dict[str, Any]:
    """The case with its tests as a script of assertions: a run costs a tenth, which is what a busy machine has."""
    tests = case["files"].get("test_mod.py")
    if tests is None:
        return case
    files = {"mod.py": case["files"]["mod.py"]}
    lines = re.findall(r"^    (assert .*)$", tests, re.MULTILINE)
    files["check.py"] = "\n".join(["import mod\nfrom mod import *", *lines, "print('ALL-OK')\n"])
    return {**case, "files": files, "cmd": ["python3", "check.py"]}


def _printed(text: str) -> tuple[str, str]:
    """What a program prints, and what it says when it ends in an exception."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "mod.py").write_text(text)
        done = subprocess.run(
            [sys.executable, "-B", "-E", "mod.py"], cwd=folder, capture_output=True, text=True, timeout=10
        )
    return done.stdout, done.stderr
