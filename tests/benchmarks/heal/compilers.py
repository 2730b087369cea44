"""Broken Rust, Go, TypeScript and JavaScript programs, healed and judged by the real compilers, beside what the
compilers propose themselves: ``python tests/benchmarks/heal/compilers.py [LANGUAGE…] [--only TEXT] [--json FILE]``.

The programs were written from the compilers' lists of errors before any repair was; those whose names begin with a
letter later, to see what the repairs do on first contact: ``u`` to ``y`` of errors that came to mind, ``z`` of error
codes that were drawn by lot from the compilers' own lists, ``p`` and ``q`` of such, of analyzers' names, of panics and
of slips in tests (seed 20261122), parted by lot into ``p``, whose misses were read, and ``q``, which only counted;
``r`` and ``s`` of codes and messages drawn once more (seed 20261124), written before anything was mended for either.
*healed*: Suture's best offer was
verified. *right*: over it the program's hidden check passes. *wrong*: verified, and the check fails. *own*: the same
check after the compiler's own machine-applicable changes alone, applied until there are none; *own+*: after its first
proposal of whatever certainty as well. Milliseconds are those until the first verified edit; nothing fails on a time.

Format of a program: a sentence, then sections. ``-- command --`` fails, one line of words; ``-- PATH --`` is a file;
``-- hidden: PATH --`` is laid over the healed files for the check only; ``-- check --`` is a line for ``bash`` (if
missing: the command); ``-- output --`` is what the check must print, exactly.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from statistics import median

import own_typescript

from suture.analyzers.sandbox import Sandbox, open_sandbox
from suture.healing.api import heal_command
from suture.healing.fault import Fault, Suggested
from suture.healing.probe import run_command
from suture.healing.repair import Context
from suture.healing.repairs.compiler_suggestion import propose
from suture.healing.workspace import Workspace

HERE = Path(__file__).parent
LANGUAGES = ("rust", "go", "typescript", "javascript")
_HEADER = re.compile(r"^-- (.+) --\n", re.MULTILINE)
TIMEOUT_S, CHECK_S, ROUNDS = 20.0, 120.0, 12


@dataclass(frozen=True, slots=True)
class Program:
    name: str
    command: tuple[str, ...]
    files: Mapping[str, str]
    hidden: Mapping[str, str]
    check: str
    output: str | None


@dataclass(frozen=True, slots=True)
class Result:
    language: str
    name: str
    healed: bool
    right: bool
    own: bool
    own_any: bool
    category: str
    code: str
    repair: str
    title: str
    milliseconds: float | None
    elapsed_ms: float


def read(path: Path) -> Program:
    parts = _HEADER.split(path.read_text("utf-8"))
    sections = {name: text for name, text in zip(parts[1::2], parts[2::2], strict=True)}
    command = sections.pop("command").strip()
    check = sections.pop("check", command).strip()
    output = sections.pop("output", None)
    hidden = {name[7:].strip(): sections.pop(name) for name in list(sections) if name.startswith("hidden:")}
    return Program(path.stem, tuple(shlex.split(command)), sections, hidden, check, output)


def lay(files: Mapping[str, str], folder: Path) -> None:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")


class CheckTimeoutError(Exception):
    """The hidden check did not end in time, on a busy machine: it tells nothing of the edit."""


def passes(program: Program, files: Mapping[str, str], keep: Path) -> bool:
    """Whether the program with these files passes its hidden check, on the bare host: the programs are ours. Raises
    CheckTimeoutError if the check does not end twice."""
    for attempt in (1, 2):
        try:
            return _passes(program, files, keep, CHECK_S * attempt)
        except subprocess.TimeoutExpired:
            continue
    raise CheckTimeoutError(program.name)


def _passes(program: Program, files: Mapping[str, str], keep: Path, limit_s: float) -> bool:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        lay({**files, **program.hidden}, folder)
        prepare(folder)
        environment = {**os.environ, "CARGO_TARGET_DIR": str(keep / "target"), "GOCACHE": str(keep / "gocache")}
        done = subprocess.run(
            ["bash", "-c", program.check],
            cwd=folder,
            capture_output=True,
            text=True,
            timeout=limit_s,
            stdin=subprocess.DEVNULL,
            env={**environment, "CARGO_NET_OFFLINE": "true", "GOFLAGS": "-mod=mod", "GOPROXY": "off"},
        )
        said = program.output is None or done.stdout.strip() == program.output.strip()
        return done.returncode == 0 and said


def prepare(folder: Path) -> None:
    """``typescript`` beside a program that has a ``tsconfig.json``, from the folder that SUTURE_TYPESCRIPT names."""
    if (folder / "tsconfig.json").exists():
        own_typescript.prepare(folder)


def own(program: Program, sandbox: Sandbox, folder: Path, *, unsure: bool) -> dict[str, str] | None:
    """The files after the compiler's own proposals: the sure ones, all that the run printed, round by round;
    ``unsure``: where there is none of these, the first one. TypeScript does not say which it is sure of: there it is
    its first fix once, or again until there is none. None if nothing was proposed."""
    if (folder / "tsconfig.json").exists():
        fixed = _fixed(program, ROUNDS if unsure else 1)
        return fixed if fixed != program.files else None
    texts = dict(program.files)
    for _ in range(ROUNDS):
        view = Workspace(folder).with_texts(texts)
        run = run_command(view, program.command, sandbox=sandbox, timeout_s=TIMEOUT_S)
        if run.ok:
            break
        errors = [run.fault, *run.fault.others]
        sure = [(fault, each) for fault in errors for each in fault.suggested if each.sure]
        some = [(fault, each) for fault in errors for each in fault.suggested]
        chosen = (sure or (some if unsure else []))[:1]
        changed = _apply(view, *chosen[0]) if chosen else None
        if not changed:
            break
        texts.update(changed)
    return texts if texts != program.files else None


def _fixed(program: Program, rounds: int) -> dict[str, str]:
    """The files after the TypeScript service's first fixes."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        lay(program.files, folder)
        prepare(folder)
        for _ in range(rounds):
            if not own_typescript.apply(folder, list(program.command)):
                break
        return {each: (folder / each).read_text("utf-8") for each in program.files}


def _apply(view: Workspace, fault: Fault, suggested: Suggested) -> dict[str, str]:
    alone = replace(fault, suggested=(suggested,))
    context = Context(view, fault.path, view.text(fault.path) or "", alone)
    for draft in propose(alone, context):
        return dict(draft.texts)
    return {}


def play(language: str, path: Path, sandbox: Sandbox, keep: Path, *, peers: bool) -> Result:
    program = read(path)
    with tempfile.TemporaryDirectory(prefix="program") as name:
        folder = Path(name)
        lay(program.files, folder)
        prepare(folder)
        report = heal_command(folder, program.command, sandbox=sandbox, timeout_s=TIMEOUT_S)
        best = report.best
        files = dict(program.files)
        if best is not None:
            files.update({os.path.relpath(each, folder.resolve()): text for each, text in best.texts.items()})
        alone = anyhow = False
        if peers:
            sure, some = (own(program, sandbox, folder, unsure=each) for each in (False, True))
            alone = sure is not None and passes(program, sure, keep)
            anyhow = some is not None and (alone if some == sure else passes(program, some, keep))
        return Result(
            language,
            program.name,
            best is not None,
            best is not None and passes(program, files, keep),
            alone,
            anyhow,
            report.fault.category,
            report.fault.code,
            best.repair if best else "",
            best.edit.title if best else report.fault.message.split("\n")[0][:80],
            report.first_verified_ms,
            report.elapsed_ms,
        )


def table(results: list[Result]) -> Iterator[str]:
    yield f"{'language':<12} programs  healed  right  wrong   own  own+   p50 ms   p95 ms"
    for language in dict.fromkeys(each.language for each in results):
        mine = [each for each in results if each.language == language]
        times = sorted(each.milliseconds for each in mine if each.milliseconds is not None)
        healed, right = sum(each.healed for each in mine), sum(each.right for each in mine)
        p50 = f"{median(times):.0f}" if times else "-"
        p95 = f"{times[min(len(times) - 1, int(len(times) * 0.95))]:.0f}" if times else "-"
        yield (
            f"{language:<12}{len(mine):>9}{healed:>8}{right:>7}{healed - right:>7}"
            f"{sum(each.own for each in mine):>6}{sum(each.own_any for each in mine):>6}{p50:>9}{p95:>9}"
        )


def main() -> None:
    parser = argparse.ArgumentParser(description="broken programs, healed and judged by the real compilers")
    parser.add_argument("languages", nargs="*", default=list(LANGUAGES), metavar="LANGUAGE")
    parser.add_argument("--only", default="", metavar="TEXT", help="programs whose name holds this")
    parser.add_argument("--no-own", action="store_true", help="leave out the compilers' own proposals")
    parser.add_argument("--json", type=Path, metavar="FILE")
    arguments = parser.parse_args()
    needs = {"rust": "rustc", "go": "go", "typescript": "node", "javascript": "node"}
    results: list[Result] = []
    keep = Path(tempfile.mkdtemp(prefix="compilers"))
    try:
        with contextlib.closing(open_sandbox()) as sandbox:
            for language in arguments.languages:
                if shutil.which(needs[language]) is None:
                    print(f"{language}: {needs[language]} is not on PATH", file=sys.stderr)
                    continue
                for path in sorted((HERE / language).glob("*.txt")):
                    if arguments.only not in path.stem:
                        continue
                    try:
                        result = play(language, path, sandbox, keep, peers=not arguments.no_own)
                    except CheckTimeoutError:
                        print(f"{language} {path.stem:<36} not judged: its check did not end", file=sys.stderr)
                        continue
                    results.append(result)
                    mark = "right" if result.right else "WRONG" if result.healed else "-"
                    shown = f"{result.milliseconds:.0f} ms" if result.milliseconds else ""
                    print(f"{language} {result.name:<36} {mark:<6}{shown:>9}  {result.repair}: {result.title}")
    finally:
        shutil.rmtree(keep, ignore_errors=True)
    print("\n".join(table(results)))
    if arguments.json:
        arguments.json.write_text(json.dumps([asdict(each) for each in results], indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
