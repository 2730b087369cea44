"""How much of what is offered is right: the whole pipeline with a simulated model. See README.md.

    python run.py [--bench cases.jsonl | --other] [--every N] [--seed N] [--python PATH] [--verbose]

A right answer counts as refused if what is offered in the end is not right, or nothing is.
Prints the share of offered functions that pass their hidden tests, of right answers that were refused, of faulty first
answers that feedback repaired, and how many offers import or call what does not exist.
"""

from __future__ import annotations

import argparse
import ast
import collections
import json
import os
import shlex
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import fast
from simulated import Simulated
from tasks import Task, bench_tasks, own_tasks

import suture.codegen.api as api
import suture.codegen.briefing as briefing
import suture.codegen.drafters.model as drafter
from suture.analyzers.sandbox import open_sandbox
from suture.codegen.proposal import Budget, GenerationRequest, ModelSettings, Proposal
from suture.codegen.trust import facts_of

#: Seconds of processor time that hidden tests may take.
CPU_S = 2


@dataclass(frozen=True)
class Outcome:
    task: str
    first_faulty: bool
    offered: bool
    right: bool
    invented: bool
    verified: bool
    drafts: int
    right_refused: int
    right_given: int
    seconds: float
    score: float
    reason: str
    faults: str
    confidence: float
    facts: dict[str, int]


@cache
def passes(hidden: str, code: str, python: str = sys.executable) -> bool:
    """Whether a module passes its hidden tests, in a process of its own."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "mod.py").write_text(code, "utf-8")
        Path(folder, "check.py").write_text(hidden, "utf-8")
        command = ["/bin/sh", "-c", f"ulimit -t {CPU_S}; exec {shlex.quote(python)} check.py"]
        try:  # processor time decides: the machine may be busy
            done = subprocess.run(command, cwd=folder, capture_output=True, timeout=50 * CPU_S, check=False)
        except subprocess.TimeoutExpired:
            return False
        return done.returncode == 0


def fails(task: Task, code: str, python: str) -> bool:
    """Whether an answer fails the hidden tests of its task."""
    try:
        return not passes(task.hidden, task.module(code), python)
    except SyntaxError:
        return True


@cache
def importable(module: str, python: str) -> bool:
    return subprocess.run([python, "-c", f"import {module}"], capture_output=True, check=False).returncode == 0


def invents(code: str, python: str) -> bool:
    for node in ast.walk(ast.parse(code)):
        names = [each.name for each in node.names] if isinstance(node, ast.Import) else []
        if isinstance(node, ast.ImportFrom) and node.module:
            names = [node.module]
        if not all(importable(each, python) for each in names):
            return True
    return False


def play(task: Task, seed: int, sandbox: object, verbose: bool, opinions: int, python: str) -> Outcome:
    model = Simulated({task.name: task}, lambda each, code: fails(each, code, python), seed)
    drafter.ask = briefing.ask = model.ask  # type: ignore[assignment]
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        (root / "pyproject.toml").write_text('[project]\nname = "demo"\n')
        path = root / "made.py"
        path.write_text(task.text)
        own = None if python == sys.executable else Path(python)
        proposal = api.generate(
            GenerationRequest(root, path, task.text, task.line, opinions=opinions, python=own),
            sandbox=sandbox,  # type: ignore[arg-type]
            model=ModelSettings("http://127.0.0.1:9/v1", "none", "simulated"),
            budget=Budget.unlimited(),
        )
    return judged(task, model, proposal, time.monotonic() - started, verbose, python)


def edited(task: Task, proposal: Proposal) -> str:
    """The file once the proposal is applied."""
    text = task.text
    for file in proposal.edit.files if proposal.edit is not None else ():
        if Path(file.path).name == "made.py":
            for each in sorted(file.replacements, key=lambda change: -change.start):
                text = text[: each.start] + each.text + text[each.end :]
    return text


def judged(task: Task, model: Simulated, proposal: Proposal, seconds: float, verbose: bool, python: str) -> Outcome:
    offered = proposal.status == "offered"
    code = proposal.code
    last = next((each for each in reversed(model.given) if same_function(each.code, code, task.name)), None)
    lasting = {"insecure", "swallowed"} & set(last.faults if last else ())
    right = offered and passes(task.hidden, edited(task, proposal), python) and not lasting
    mine = [each for each in model.given if each.sample == 0]
    rights = [each for each in mine if not each.faults]
    refused = rights if not (offered and right) else []
    made = Outcome(
        task.name,
        bool(mine and mine[0].faults),
        offered,
        right,
        offered and (invents(edited(task, proposal), python) or "invented" in (last.faults if last else ())),
        proposal.verified,
        len(model.given),
        len(refused),
        len(rights),
        seconds,
        proposal.score,
        proposal.reason,
        " > ".join("+".join(each.faults) or "right" for each in model.given),
        proposal.confidence,
        _facts(proposal, own_tests=any("written by the model, not by you" in each for each in proposal.notes)),
    )
    if verbose and (not right or made.right_refused):
        print(f"--- {task.name} ({task.source}): {made.faults}\n{proposal.status} {proposal.reason}\n{code}")
        for level in proposal.levels:
            if level["status"] != "passed":
                print("   ", level["name"], level["status"], level["reason"])
    return made


def _facts(proposal: Proposal, *, own_tests: bool) -> dict[str, int]:
    """What the confidence of a verified offer is made of."""
    if proposal.status != "offered" or not proposal.verified:
        return {}
    return asdict(facts_of(proposal.evidence, proposal.attempts, own_tests=own_tests))


def same_function(left: str, right: str, name: str) -> bool:
    """Whether two codes define ``name`` by the same statements: a stub's docstring and decorators are its own."""
    try:
        a, b = (_body(ast.parse(each), name) for each in (left, right))
    except SyntaxError:
        return False
    return bool(a) and a == b


def _body(tree: ast.Module, name: str) -> list[str]:
    for node in ast.walk(tree):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)) and node.name == name:
            kept = node.body[1:] if ast.get_docstring(node) is not None else node.body
            return [ast.dump(each) for each in kept]
    return []


def share(count: int, whole: int) -> str:
    return f"{count}/{whole} = {100 * count / whole:.1f} %" if whole else "0/0"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bench", type=Path, help="cases.jsonl of a heal bench, whose programs are tasks too")
    parser.add_argument("--every", type=int, default=1, help="play every Nth task only")
    parser.add_argument("--from", type=int, default=0, dest="first")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--opinions", type=int, default=2)
    parser.add_argument("--only", default="")
    parser.add_argument("--other", action="store_true", help="the tasks of other kinds, and no others")
    parser.add_argument(
        "--python", default=sys.executable, help="what the code runs on; --other needs httpx and pytest"
    )
    parser.add_argument("--fast", action="store_true", help="judge drafts in this process (see fast.py)")
    parser.add_argument("--record", type=Path, help="append the evidence of each offer, and whether it is right")
    parser.add_argument("--verbose", action="store_true")
    options = parser.parse_args()
    own = own_tasks("tasks/other" if options.other else "tasks")
    tasks = own + (bench_tasks(options.bench) if options.bench else [])
    tasks = [each for each in tasks[options.first :: options.every] if not options.only or each.name == options.only]
    api.drafters = lambda: (drafter.DRAFTER,)  # type: ignore[assignment]
    outcomes: list[Outcome] = []
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # what was played until then is told
    with tempfile.TemporaryDirectory() as cache_folder:
        os.environ["SUTURE_CACHE_DIR"] = cache_folder
        if options.fast:
            fast.use()
        sandbox = fast.Here() if options.fast else open_sandbox()
        try:
            for task in tasks:
                outcome = play(task, options.seed, sandbox, options.verbose, options.opinions, options.python)
                outcomes.append(outcome)
                if options.record and outcome.facts:
                    with options.record.open("a", encoding="utf-8") as file:
                        file.write(json.dumps({"task": task.name, "right": outcome.right, **outcome.facts}) + "\n")
                mark = "right" if outcome.right else "WRONG" if outcome.offered else "refused"
                print(
                    f"{mark:8}{outcome.seconds:5.1f} s {outcome.score:5.1f}  {task.name}: {outcome.faults}", flush=True
                )
        except KeyboardInterrupt:
            print(f"\nstopped: {len(outcomes)} of {len(tasks)} tasks were played")
        finally:
            if not isinstance(sandbox, fast.Here):
                sandbox.close()
    if outcomes:
        report(outcomes)
    return 0


def report(outcomes: list[Outcome]) -> None:
    offered = [each for each in outcomes if each.offered]
    faulty = [each for each in outcomes if each.first_faulty]
    verified = [each for each in offered if each.verified]
    print(f"\ntasks                               {len(outcomes)}, first answer faulty in {len(faulty)}")
    print(f"offered and right                   {share(sum(each.right for each in offered), len(offered))}")
    print(f"  of those verified                 {share(sum(each.right for each in verified), len(verified))}")
    rights = sum(each.right_given for each in outcomes)
    print(f"right answers refused               {share(sum(each.right_refused for each in outcomes), rights)}")
    print(f"faulty first answers repaired       {share(sum(each.right for each in faulty), len(faulty))}")
    print(f"offers that invent an API           {sum(each.invented for each in offered)}")
    drafts = collections.Counter(each.drafts for each in outcomes)
    print(f"answers asked for, of the model     {dict(sorted(drafts.items()))}")
    print("confidence of what is offered       how much of it is right")
    for low, high in ((0.0, 0.5), (0.5, 0.7), (0.7, 0.8), (0.8, 0.9), (0.9, 0.95), (0.95, 1.01)):
        some = [each for each in offered if low <= each.confidence < high]
        if some:
            mean = sum(each.confidence for each in some) / len(some)
            right = sum(each.right for each in some)
            print(f"  from {low:.2f} to {min(high, 1):.2f}, mean {mean:.2f}      {share(right, len(some))}")
    seconds = sorted(each.seconds for each in outcomes)
    print(f"seconds                             median {seconds[len(seconds) // 2]:.1f}, most {seconds[-1]:.1f}")


if __name__ == "__main__":
    sys.exit(main())
