"""Runs the neighbours on the functions of the benchmark: Hypothesis's ghostwriter under pytest, CrossHair, HypoFuzz.

Each gets what its manual asks for, and a little more: exceptions that a docstring names are said to be allowed,
round trips and idempotence are asked for where that is the function's bug, CrossHair gets a postcondition, and a call
that still runs after three seconds counts as a hang that was found.

Invariant: they run in bubblewrap without network and write nowhere but in their scratch folder.
"""

from __future__ import annotations

import argparse
import ast
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, cast

from fuzz_cases import HERE, Case
from fuzz_judge import CONTAINED, Claim

PACKAGES = (
    "hypofuzz",
    "hypothesis<6.149",
    "crosshair-tool",
    "pytest",
    "pydantic",
)  # HypoFuzz 25.11 breaks on newer ones
NAMED = re.compile(r"\b(?:\w+\.)?\w*(?:Error|Exception)\b")
HANGS_AFTER_S = 3.0

Tool = Callable[[Case, Path, argparse.Namespace], tuple[list[Claim], str, int]]


def prepare(venv: Path) -> dict[str, Tool]:
    """The neighbours by name, installed into a virtual environment of their own if they are not there yet."""
    if not (venv / "bin" / "crosshair").exists():
        subprocess.run(["uv", "venv", "--quiet", "--clear", "--python", sys.executable, str(venv)], check=True)
        install = ["uv", "pip", "install", "--quiet", "--python", str(venv / "bin" / "python"), *PACKAGES]
        subprocess.run(install, check=True)
    programs = venv / "bin"

    def ghostwriter(case: Case, folder: Path, options: argparse.Namespace) -> tuple[list[Claim], str, int]:
        command = [str(programs / "python"), "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", "test_mod.py"]
        return run_ghostwritten(case, folder, options.budget, programs, command)

    def hypofuzz(case: Case, folder: Path, options: argparse.Namespace) -> tuple[list[Claim], str, int]:
        command = [str(programs / "hypothesis"), "fuzz", "--no-dashboard", "-n", "1", "--", "test_mod.py"]
        return run_ghostwritten(case, folder, options.budget, programs, command)

    def crosshair(case: Case, folder: Path, options: argparse.Namespace) -> tuple[list[Claim], str, int]:
        return run_crosshair(case, folder, options.budget, programs)

    return {"ghostwriter": ghostwriter, "CrossHair": crosshair, "HypoFuzz": hypofuzz}


def contained(scratch: Path, command: list[str], seconds: float) -> tuple[float, str, bool]:
    """Run a command over a scratch folder; gives when it began, what it printed and whether it came to its end."""
    wrapped = [*CONTAINED, "--bind", str(scratch), str(scratch), "--chdir", str(scratch)]
    wrapped += ["--setenv", "PYTHONPATH", str(scratch), "--setenv", "PYTHONDONTWRITEBYTECODE", "1", *command]
    with (scratch / "printed.txt").open("wb") as output:
        began = time.monotonic()
        process = subprocess.Popen(
            wrapped, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.DEVNULL, start_new_session=True
        )
        try:
            process.wait(seconds)
            ended = True
        except subprocess.TimeoutExpired:
            ended = False
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    return began, (scratch / "printed.txt").read_text("utf-8", "replace"), ended


def allowed(case: Case) -> list[str]:
    """Exceptions that the target's docstring names."""
    for node in ast.parse(case.buggy).body:
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)) and node.name == case.function:
            return sorted({*NAMED.findall(ast.get_docstring(node) or "")})
    return []


def scratch_of(folder: Path) -> Path:
    scratch = folder / "scratch"
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir()
    shutil.copy(folder / "buggy.py", scratch / "mod.py")
    return scratch


def run_ghostwritten(
    case: Case, folder: Path, seconds: float, programs: Path, command: list[str]
) -> tuple[list[Claim], str, int]:
    """Have Hypothesis write the test, and run it in the given way."""
    scratch = scratch_of(folder)
    write = [str(programs / "hypothesis"), "write"]
    for name in allowed(case):
        write += ["--except", f"mod.{name}" if f"class {name}" in case.buggy else name]
    if case.oracle == "P":
        write.append("--roundtrip" if case.pair else "--idempotent")
    write += [f"mod.{name}" for name in (case.function, case.pair) if name]
    _, text, ended = contained(scratch, write, 60.0)
    if not ended or "def test_" not in text:
        return [], "no test", 0
    (scratch / "test_mod.py").write_text(text, "utf-8")
    shutil.copy(HERE / "peer_conftest.py", scratch / "conftest.py")
    (scratch / "target.txt").write_text(case.function, "utf-8")
    began, _, ended = contained(scratch, command, seconds)
    return recorded(scratch, began, ended), "ok" if ended else "time is up", 0


def recorded(scratch: Path, began: float, ended: bool) -> list[Claim]:
    """One claim for each exception of each test: when it was first seen, with its last (smallest) input."""
    first: dict[tuple[str, str], float] = {}
    last: dict[tuple[str, str], tuple[str, str]] = {}
    claims = scratch / "claims.jsonl"
    for line in claims.read_text("utf-8").splitlines() if claims.exists() else ():
        with suppress(ValueError):  # the last line may be cut off
            record = cast("dict[str, Any]", json.loads(line))
            key = (str(record["test"]), str(record["exception"]))
            first.setdefault(key, float(record["at"]) - began)
            last[key] = (str(record["args"]), str(record["kwargs"]))
    found = [Claim(first[key], *last[key], f"{key[1]} in {key[0]}") for key in first]
    current = scratch / "current.json"
    if not ended and current.exists():
        with suppress(ValueError):
            record = cast("dict[str, Any]", json.loads(current.read_bytes().rstrip(b"\0 ")))
            if record["running"] and time.monotonic() - float(record["at"]) > HANGS_AFTER_S:
                after = float(record["at"]) - began + HANGS_AFTER_S
                found.append(Claim(after, str(record["args"]), str(record["kwargs"]), "hang"))
    return found


def with_contracts(case: Case) -> tuple[str, int]:
    """The program with a postcondition in the docstring of each function that is to be checked, and their number."""
    tree = ast.parse(case.buggy)
    raises = allowed(case)
    count = 0

    def add(node: ast.FunctionDef | ast.AsyncFunctionDef, condition: str) -> None:
        nonlocal count
        count += 1
        doc = "".join([f"{ast.get_docstring(node) or ''}\n\n", f"post: {condition}\n"])
        doc += f"raises: {', '.join(raises)}\n" if raises else ""
        if ast.get_docstring(node) is not None:
            del node.body[0]
        node.body.insert(0, ast.Expr(ast.Constant(doc)))

    for node in tree.body:
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and node.name == case.function:
            first = node.args.args[0].arg if node.args.args else "None"
            same = f"{case.function}(__return__) == __return__"
            condition = f"{case.pair}(__return__) == {first}" if case.pair else same if case.oracle == "P" else "True"
            add(node, condition)
        elif isinstance(node, ast.ClassDef) and node.name == case.function:
            for item in node.body:
                if isinstance(item, ast.FunctionDef) and not item.name.startswith("_"):
                    add(item, "True")
    return ast.unparse(ast.fix_missing_locations(tree)), count


def run_crosshair(case: Case, folder: Path, seconds: float, programs: Path) -> tuple[list[Claim], str, int]:
    scratch = scratch_of(folder)
    text, count = with_contracts(case)
    (scratch / "mod.py").write_text(text, "utf-8")
    each = f"--per_condition_timeout={seconds / max(count, 1):.1f}"
    command = [str(programs / "crosshair"), "check", f"mod.{case.function}", each, "--analysis_kind=PEP316"]
    began, printed, ended = contained(scratch, command, seconds + 5)
    after = min(time.monotonic() - began, seconds)  # it prints when it is through
    claims = [said(line, case, after) for line in printed.splitlines() if ": error: " in line]
    return claims, "ok" if ended else "time is up", 0


def said(line: str, case: Case, after: float) -> Claim:
    """The input that a line of CrossHair's output names."""
    what = line.partition(": error: ")[2][:120]
    match = re.search(r"when calling (.*)$", line)
    text = match[1] if match else ""
    while text:
        with suppress(SyntaxError):
            call = ast.parse(text, mode="eval").body
            if isinstance(call, ast.Call):
                return Claim(after, *arguments(call, case), what)
        text = text[:-1].rpartition(")")[0] + ")" if ")" in text[:-1] else ""
    return Claim(after, None, "{}", what)


def arguments(call: ast.Call, case: Case) -> tuple[str | None, str]:
    args = [ast.unparse(argument) for argument in call.args]
    kwargs = "{" + ", ".join(f"{word.arg!r}: {ast.unparse(word.value)}" for word in call.keywords) + "}"
    if not case.stateful:
        return f"({''.join(argument + ', ' for argument in args)})", kwargs
    maker = call.args[0] if call.args else None
    if not isinstance(call.func, ast.Attribute) or not isinstance(maker, ast.Call):
        return None, "{}"
    made = "".join(f"{ast.unparse(argument)}, " for argument in maker.args)
    given = "".join(f"{argument}, " for argument in args[1:])
    return f"[('__init__', ({made})), ({call.func.attr!r}, ({given}))]", "{}"
