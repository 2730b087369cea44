# pyright: basic
"""Slips that a person wrote into whole programs: text that was there → text that stands there instead.

A file of ``slips/*/`` is a working program, then ``-- checks --`` with an expression a line (or ``-- output --``: the
program is run as a script, and prints), then ``-- slip: name --``, the right text, ``-- becomes --``, the wrong text.
The healer is shown half of the checks, one that fails among them, as assertions of a script or as tests of pytest; all
of them judge. A script has nothing to show but its crash; its whole output judges.

A file that begins with ``-- file: PATH --`` is a package with its tests, which are shown; ``-- hidden --`` is a script
that judges. The class of a slip is that of the exception which the healer is shown: ``name``, ``syntax``, ``logic``
for an assertion, else ``runtime``.

The programs of ``slips/third_hidden``, ``fourth_hidden`` and ``fifth_hidden`` are set apart: their misses are not read
by who mends repairs; a family is scored at first contact and at the end of a piece of work, and is then no longer
unseen. The fifth family was written by someone who had not read the healer.

Invariant: a slip counts only if the healer is shown a failure: a script that prints something else is none.
"""

from __future__ import annotations

import json
import random
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .common import Program

_PART = re.compile(r"^-- (checks|output|hidden|becomes|slip: \w+|file: [\w./]+) --\n", re.MULTILINE)
_COMPARE = """\
import subprocess, sys
done = subprocess.run([sys.executable, "-B", "-E", "mod.py"], capture_output=True, text=True, timeout=5)
assert done.returncode == 0 and done.stdout == {wanted!r}
print("ALL-OK")
"""


@dataclass(frozen=True)
class Family:
    """A program as it is right, and (name, path of the broken file, its text) for each slip.

    ``way`` says what judges: ``checks``, ``output`` or ``hidden``.
    """

    name: str
    files: dict[str, str]
    way: str
    judge: str
    broken: tuple[tuple[str, str, str], ...]

    @property
    def module(self) -> Program | None:
        """The program, if it is one module with checks."""
        found = Program(self.name, self.files["mod.py"], tuple(self.judge.strip().split("\n"))) if self.alone else None
        return found if self.way == "checks" else None

    @property
    def alone(self) -> bool:
        return list(self.files) == ["mod.py"]


def read(path: Path) -> Family:
    first, *rest = _PART.split(path.read_text("utf-8"))
    files = {} if rest[0].startswith("file: ") else {"mod.py": first}
    way, judge, old = "", "", ""
    broken: list[tuple[str, str, str]] = []
    for head, text in zip(rest[::2], rest[1::2], strict=True):
        kind, _, name = head.partition(": ")
        if kind == "file":
            files[name] = text
        elif kind == "slip":
            old, slip = text.removesuffix("\n"), name
        elif kind == "becomes":
            places = [file for file, whole in files.items() if old in whole]
            if len(places) != 1 or files[places[0]].count(old) != 1:
                raise ValueError(f"{path.stem}: {slip} stands in {places}, or more than once")
            broken.append((slip, places[0], files[places[0]].replace(old, text.removesuffix("\n"))))
        else:
            way, judge = kind, text
    return Family(path.stem, files, way, judge, tuple(broken))


def cases(
    folder: Path,
    seed: int,
    measured: Callable[[Program], tuple[Program, list[str]]],
    check_text: Callable[[list[str]], str],
    run: Callable[[dict[str, str], str], tuple[bool, str]],
) -> Iterator[dict[str, Any]]:
    dice = random.Random(seed)
    for path in sorted(folder.glob("*.txt")):
        family = read(path)
        checks = measured(family.module)[1] if family.module else []
        wanted = _printed(family.files["mod.py"]) if family.way == "output" else ("", "")
        if family.way == "hidden" and not run(family.files, family.judge)[0]:
            raise ValueError(f"{path.stem} does not pass its own checks")
        for name, place, text in family.broken:
            files = {**family.files, place: text}
            if family.way == "output":
                hidden, command = _COMPARE.format(wanted=wanted[0]), ["python3", "mod.py"]
                stderr = _printed(text)[1]
            elif family.way == "hidden":
                hidden, command = family.judge, ["python3", "-m", "pytest", "-q"]
                stderr = _tested(files)
            else:
                failing = _failing(text, checks)
                shown = {*dice.sample(checks, (len(checks) + 1) // 2), *dice.sample(failing, min(len(failing), 1))}
                visible = [each for each in checks if each in shown]
                hidden = check_text(checks)
                stderr = run(files, check_text(visible))[1]
                if dice.random() < 0.4:
                    files["test_mod.py"], command = _tests(visible), ["python3", "-m", "pytest", "-q"]
                else:
                    files["check.py"], command = check_text(visible), ["python3", "check.py"]
            last = next((each for each in reversed(stderr.splitlines()) if "Warning" not in each), "")
            exception = last.partition(":")[0]
            if not re.fullmatch(r"[\w.]+", exception):
                print(f"{path.stem}/{name}: no case ({last[:60]})", file=sys.stderr)
                continue
            rows = zip(text.split("\n"), family.files[place].split("\n"), strict=False)
            yield {
                "id": f"{path.stem}-{name}", "operator": path.stem, "class": _class(exception), "task": path.stem,
                "requires": [], "files": files, "original": family.files[place], "hidden_check": hidden,
                "cmd": command, "fault_line": next((i for i, (a, b) in enumerate(rows, 1) if a != b), 0),
                "expect": exception, "split": folder.name,
                "error": {"type": exception, "message": last, "text": stderr},
            }  # fmt: skip


def _class(exception: str) -> str:
    name = exception.rpartition(".")[2]
    if name in ("NameError", "UnboundLocalError", "ImportError", "ModuleNotFoundError"):
        return "name"
    if name in ("SyntaxError", "IndentationError", "TabError"):
        return "syntax"
    return "logic" if name == "AssertionError" else "runtime"


def _tested(files: dict[str, str]) -> str:
    """The first error of a package's tests, its last line as a traceback ends."""
    with tempfile.TemporaryDirectory() as folder:
        for name, text in files.items():
            Path(folder, name).parent.mkdir(parents=True, exist_ok=True)
            Path(folder, name).write_text(text)
        done = subprocess.run(
            [sys.executable, "-m", "pytest", "-q", "-x", "--tb=native"], cwd=folder, capture_output=True, text=True
        )
    found = re.findall(r"^(?:E\s+)?((?:[a-z_]\w*\.)*[A-Z][a-z]\w*(?:: .*)?)$", done.stdout, re.MULTILINE)
    return found[-1] if found and done.returncode else ""


def _failing(text: str, checks: list[str]) -> list[str]:
    """The checks that do not hold; each is tried alone."""
    space = "import json, sys\nsys.path.insert(0, '.')\nfailing = []\nspace = {}\n"
    space += "try:\n    exec('import mod\\nfrom mod import *', space)\nexcept Exception:\n    pass\n"
    body = "for each in json.load(open('checks.json')):\n    try:\n        exec(each, space)\n"
    body += "    except BaseException:\n        failing.append(each)\nprint(json.dumps(failing))\n"
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "mod.py").write_text(text)
        Path(folder, "checks.json").write_text(json.dumps(checks))
        try:
            done = subprocess.run(
                [sys.executable, "-B", "-c", space + body], cwd=folder, capture_output=True, text=True, timeout=10
            )
        except subprocess.TimeoutExpired:
            return []
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
