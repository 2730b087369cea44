"""How often the synthesiser offers the right function, a wrong one, or nothing.

``python tests/benchmarks/synthesis/run.py [--show] [NAME…]``; needs no key, no network and no sandbox: programs are
trees over closed components, written out and executed here only after they were rendered from that tree.

A task counts as right if the offered function also gives the hidden results. Only the ``held-out`` tasks say
how well it does on new ones: the others were looked at while the components and weights were chosen.
"""

from __future__ import annotations

import argparse
import re
import time
from dataclasses import dataclass
from pathlib import Path

from suture.codegen.drafters.synthesis import BUDGET_S, LEAST
from suture.codegen.specification import Specification, specify
from suture.codegen.synthesis.choose import synthesise
from suture.codegen.synthesis.render import render
from suture.codegen.valuetypes import same
from suture.codegen.writing import function_text


@dataclass(frozen=True)
class Task:
    name: str
    group: str
    spec: Specification
    hidden: Specification


@dataclass(frozen=True)
class Outcome:
    task: Task
    label: str  # right, wrong, unsure, none
    confidence: float
    seconds: float
    code: str


def tasks() -> list[Task]:
    text = (Path(__file__).parent / "tasks.txt").read_text("utf-8")
    found: list[Task] = []
    for block in re.split(r"^== ", text, flags=re.MULTILINE)[1:]:
        head, _, rest = block.partition("\n")
        comment, _, hidden = rest.partition("\nhidden ")
        name, group = head.split()
        found.append(Task(name, group, specify(comment), specify(hidden)))
    return found


def solve(task: Task, budget_s: float) -> Outcome:
    started = time.monotonic()
    found = synthesise(task.spec, budget_s=budget_s)
    seconds = time.monotonic() - started
    if found.expr is None:
        return Outcome(task, "none", 0.0, seconds, "")
    names = [each.name for each in task.spec.parameters]
    rendered = render(found.expr, names, (task.spec.name,))
    code = "\n".join((*rendered.imports, function_text(task.spec, rendered.lines)))
    right = holds(code, task.spec) and holds(code, task.hidden)
    label = ("right" if right else "wrong") if found.confidence >= LEAST else ("unsure" if right else "unsure-wrong")
    return Outcome(task, label, found.confidence, seconds, code)


def holds(code: str, spec: Specification) -> bool:
    scope: dict[str, object] = {}
    exec(compile(code, "synthesised", "exec"), scope)
    function = scope[spec.name]
    assert callable(function)
    try:
        return all(same(function(*each.args, **dict(each.kwargs)), each.expected) for each in spec.examples)
    except Exception:  # noqa: BLE001 - a wrong program may raise anything
        return False


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*")
    parser.add_argument("--show", action="store_true", help="print every outcome")
    parser.add_argument("--budget", type=float, default=BUDGET_S)
    arguments = parser.parse_args()
    outcomes: list[Outcome] = []
    for task in tasks():
        if arguments.names and task.name not in arguments.names:
            continue
        outcome = solve(task, arguments.budget)
        outcomes.append(outcome)
        if arguments.show:
            body = outcome.code.split('"""')[-1] if '"""' in outcome.code else outcome.code
            shown = " ; ".join(line.strip() for line in body.strip().split("\n") if line.strip())
            head = f"{outcome.label:12} {outcome.confidence:.2f} {outcome.seconds:5.2f}s {task.group:8}"
            print(f"{head} {task.name}: {shown}", flush=True)
    for group in ("tuned", "seen", "held-out"):
        mine = [each for each in outcomes if each.task.group == group]
        if not mine:
            continue
        labels = [each.label for each in mine]
        right, wrong = labels.count("right"), labels.count("wrong")
        times = sorted(each.seconds for each in mine)
        print(
            f"{group}: {len(mine)} tasks; offered {right + wrong}, right {right} ({right / max(right + wrong, 1):.0%})"
        )
        print(
            f"  refused {len(mine) - right - wrong}: unsure though right {labels.count('unsure')}, "
            f"unsure and wrong {labels.count('unsure-wrong')}, nothing found {labels.count('none')}"
        )
        print(f"  median {times[len(times) // 2]:.2f} s, slowest {times[-1]:.2f} s")


if __name__ == "__main__":
    main()
