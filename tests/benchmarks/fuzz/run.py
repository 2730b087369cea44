"""Bugs found and false alarms of ``suture fuzz`` on functions with one known bug and on correct ones:
``python tests/benchmarks/fuzz/run.py [--variant noann] [--base] [--peers] [--only ID,…]``.

Prints one table: found within 2 and 10 seconds, by oracle and by half; false alarms; size of the counterexamples. With
``--peers`` the same functions go to Hypothesis's ghostwriter, CrossHair and HypoFuzz in the same run, judged alike.

On a busy machine ``--patient`` gives each function as much more time as a bare loop needs there at that moment, and
divides the times by the same factor.

Invariant: never fails on a time. Judged and fuzzed code runs contained only; the fixed version is out of a fuzzer's
sight unless ``--base`` asks for it; no run sees what an earlier one has stored.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from statistics import median
from typing import Any, cast

from fuzz_cases import HERE, Case, read_cases, text_of
from fuzz_judge import Claim, judge

GRACE_S, JUDGED = 6.0, 4
SPIN_S, MOST_PATIENT = 0.3, 8.0
SILENT = "B"  # seen only by comparison with another version


@dataclass
class Outcome:
    """What one tool did on one case."""

    case: str
    oracle: str
    odd: bool
    found_s: float | None = None
    size: int | None = None
    claim: str = ""
    false: list[str] = field(default_factory=list[str])
    unclear: list[str] = field(default_factory=list[str])
    status: str = ""
    executions: int = 0
    wall_s: float = 0.0
    slowdown: float = 1.0


def place(case: Case, variant: str, folder: Path) -> Path:
    """Write the two versions for the judge; gives the folder in which only the buggy one stands, as ``mod.py``."""
    workspace = folder / "workspace"
    workspace.mkdir()
    (folder / "buggy.py").write_text(text_of(case.buggy, variant), "utf-8")
    (workspace / "mod.py").write_text(text_of(case.buggy, variant), "utf-8")
    (folder / "fixed.py").write_text(text_of(case.fixed or case.buggy, variant), "utf-8")
    return workspace


def run_suture(case: Case, folder: Path, options: argparse.Namespace) -> tuple[list[Claim], str, int]:
    workspace = folder / "workspace"
    command = [options.suture, "fuzz", f"{workspace / 'mod.py'}::{case.function}", "--output-format", "json-lines"]
    command += ["--budget", f"{options.budget}s", "--seed", str(options.seed)]
    if options.base:
        shutil.copy(folder / "fixed.py", workspace / "base.py")
        command += ["--base", str(workspace / "base.py")]
    environment = {**os.environ, "SUTURE_CACHE_DIR": str(folder / "cache")}
    began = time.monotonic()
    process = subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd=workspace,
        env=environment,
        start_new_session=True,
    )
    claims: list[Claim] = []
    last: dict[str, Any] = {}

    def read() -> None:
        for line in process.stdout or ():
            try:
                event = cast("dict[str, Any]", json.loads(line))
            except ValueError:
                continue
            if event.get("event") == "finding":
                what = f"{event.get('kind')} {event.get('exception')}"
                args, kwargs = str(event.get("args", "()")), str(event.get("kwargs") or "{}")
                claims.append(Claim(time.monotonic() - began, args, kwargs, what))
            elif event.get("event") == "done":
                last.update(event)

    reader = threading.Thread(target=read, daemon=True)
    reader.start()
    try:
        process.wait(options.budget + GRACE_S * (options.budget / 10 if options.patient else 1))
    except subprocess.TimeoutExpired:
        last["status"] = "overran"
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    reader.join(2)
    return claims, str(last.get("status", f"exit {process.returncode}")), int(last.get("executions", 0))


Tool = Callable[[Case, Path, argparse.Namespace], tuple[list[Claim], str, int]]


def slowdown() -> float:
    """Wall time that a bare loop takes now in proportion to its processor time."""
    began, until = time.monotonic(), time.process_time() + SPIN_S
    while time.process_time() < until:
        pass
    return min(max((time.monotonic() - began) / SPIN_S, 1.0), MOST_PATIENT)


def measure(tool: Tool, case: Case, variant: str, options: argparse.Namespace) -> Outcome:
    outcome = Outcome(case.id, case.oracle, case.odd)
    if options.patient:
        outcome.slowdown = round(slowdown(), 2)
        options = argparse.Namespace(**{**vars(options), "budget": round(options.budget * outcome.slowdown, 1)})
    folder = Path(tempfile.mkdtemp(prefix="case-", dir=options.work))
    try:
        place(case, variant, folder)
        began = time.monotonic()
        claims, outcome.status, outcome.executions = tool(case, folder, options)
        outcome.wall_s = round(time.monotonic() - began, 2)
        for claim in claims[:JUDGED]:
            if claim.args is None:
                verdict, why = ("false" if case.fixed is None else "unclear"), "the tool names no input"
            else:
                verdict, why = judge(case, folder, claim.args, claim.kwargs)
            text = f"{claim.args} {claim.kwargs} {claim.what}: {why}"[:400]
            if verdict == "true" and outcome.found_s is None:
                outcome.found_s, outcome.claim = round(claim.after_s / outcome.slowdown, 2), text
                outcome.size = len(claim.args or "") if "b64decode" not in (claim.args or "") else None
            elif verdict == "false":
                outcome.false.append(text)
            elif verdict == "unclear":
                outcome.unclear.append(text)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return outcome


def within(outcomes: Sequence[Outcome], seconds: float) -> str:
    return f"{sum(o.found_s is not None and o.found_s <= seconds for o in outcomes)}/{len(outcomes)}"


def row(name: str, outcomes: Sequence[Outcome], budget: float) -> str:
    bugs = [o for o in outcomes if o.oracle != "OK"]
    correct = [o for o in outcomes if o.oracle == "OK"]
    sizes = [o.size for o in bugs if o.size is not None]
    alarms = f"{sum(bool(o.false) for o in correct)}/{len(correct)}"
    elsewhere = f"{sum(bool(o.false) for o in bugs)}/{len(bugs)}"
    size = f"{median(sizes):g}" if sizes else "-"
    return f"{name:<22}{within(bugs, 2):>8}{within(bugs, budget):>9}{alarms:>13}{elsewhere:>13}{size:>8}"


def table(by_tool: dict[str, list[Outcome]], budget: float) -> str:
    """One line a tool, then those of the first tool by oracle and by half."""
    lines = [f"{'':<22}{'<= 2 s':>8}{f'<= {budget:g} s':>9}{'false: ok':>13}{'false: bugs':>13}{'size':>8}"]
    lines += [row(name, outcomes, budget) for name, outcomes in by_tool.items()]
    for name, outcomes in by_tool.items():
        loud = [o for o in outcomes if o.oracle != SILENT]
        if any(o.oracle != "OK" for o in loud) and len(loud) < len(outcomes):
            lines.append(row(f"{name}, no base needed"[:22], loud, budget))
    name, outcomes = next(iter(by_tool.items()))
    lines.append(f"-- {name}")
    for oracle in sorted({o.oracle for o in outcomes} - {"OK"}):
        lines.append(row(f"  oracle {oracle}", [o for o in outcomes if o.oracle == oracle], budget))
    for odd in (True, False):
        lines.append(row(f"  {'odd' if odd else 'even'} numbers", [o for o in outcomes if o.odd is odd], budget))
    return "\n".join(lines)


def check_triggers(cases: Sequence[Case], work: Path) -> int:
    """Every trigger of every bug must be a true finding, in each variant; gives how many are not."""
    bad = count = 0
    for case in cases:
        for variant in case.variants:
            folder = Path(tempfile.mkdtemp(prefix="case-", dir=work))
            place(case, variant, folder)
            for trigger in case.triggers or ((None,) if case.fixed else ()):
                count += 1
                verdict, why = judge(case, folder, trigger) if trigger else ("unclear", "no trigger")
                if verdict != "true":
                    bad += 1
                    print(f"{case.id} {variant} {trigger}: {verdict}, {why}")
            shutil.rmtree(folder, ignore_errors=True)
    print(f"{count} triggers, {bad} do not tell the versions apart")
    return bad


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="bugs found and false alarms of `suture fuzz`")
    parser.add_argument("--functions", type=Path, default=HERE / "functions")
    parser.add_argument("--suture", default=str(Path(sys.executable).with_name("suture")))
    parser.add_argument("--variant", choices=("ann", "noann"), default="ann")
    parser.add_argument("--budget", type=float, default=10.0, help="seconds for one function")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--base", action="store_true", help="let suture compare with the fixed version")
    parser.add_argument("--peers", action="store_true", help="run the neighbours on the same functions too")
    parser.add_argument("--no-suture", action="store_true", help="only the neighbours")
    parser.add_argument("--patient", action="store_true", help="count in seconds of an idle machine")
    parser.add_argument("--only", default="", help="comma separated beginnings of names")
    parser.add_argument("--oracles", default="", help="only these letters, OK for the correct ones")
    parser.add_argument("--every", type=int, default=1, help="only each n-th function")
    parser.add_argument("--check", action="store_true", help="only check that the triggers tell the versions apart")
    parser.add_argument("--out", type=Path, help="write the outcomes to this file as JSON")
    return parser.parse_args()


def main() -> int:
    options = parse()
    cache = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "suture-bench"
    cache.mkdir(parents=True, exist_ok=True)
    wanted = tuple(name for name in str(options.only).split(",") if name)
    oracles = {letter for letter in str(options.oracles).split(",") if letter}
    cases = [
        case
        for case in read_cases(options.functions)
        if options.variant in case.variants
        and (not wanted or case.id.startswith(wanted))
        and (not oracles or case.oracle in oracles)
    ][:: options.every]
    with tempfile.TemporaryDirectory(prefix="work-", dir=cache) as work:
        options.work = Path(work)
        if options.check:
            return 1 if check_triggers(cases, options.work) else 0
        tools: dict[str, Tool] = {} if options.no_suture else {"suture": run_suture}
        if options.peers:
            from fuzz_peers import prepare

            tools |= prepare(cache / "peers")
        results: dict[str, list[Outcome]] = {name: [] for name in tools}
        for case in cases:
            for name, tool in tools.items():
                outcome = measure(tool, case, options.variant, options)
                results[name].append(outcome)
                found = f"found {outcome.found_s} s, size {outcome.size or '-'}" if outcome.found_s is not None else "-"
                alarm = f"FALSE {outcome.false[0]}" if outcome.false else ""
                doubt = f"unclear {outcome.unclear[0]}" if outcome.unclear else ""
                print(f"{case.id:<22}{name:<14}{found:<24}{outcome.status:<12}{alarm}{doubt}", flush=True)
                if options.out:
                    data = {name: [asdict(o) for o in outcomes] for name, outcomes in results.items()}
                    options.out.write_text(json.dumps(data, indent=1), "utf-8")
    print(f"load {os.getloadavg()[0]:.1f}, variant {options.variant}, {'with' if options.base else 'without'} base")
    if options.patient:
        factors = [outcome.slowdown for outcomes in results.values() for outcome in outcomes]
        print(f"times divided by how much slower than idle the machine was: {median(factors):.1f} in the middle")
    print(table(results, options.budget))
    return 0


if __name__ == "__main__":
    sys.exit(main())
