"""What becomes of the quick fixes of real findings: ``python tests/benchmarks/first_fix/proofs.py ROOT… [--sample N]``.

Each ROOT is the folder of one package. Its performance and architecture findings are collected, a sample is drawn by
lot, and for each of it the fix is asked for as the editor asks: proven in the sandbox, or refused with a reason. What
is offered is applied and reviewed again. One JSON object per finding goes to ``--out``; the shares are printed, with
the processor time that the worker and the processes it waited for took. With ``--growth`` the function around each
finding is measured instead. Nothing is asserted: whether an edit is right is for a person to read.
"""

from __future__ import annotations

import argparse
import difflib
import json
import os
import random
import resource
import time
from collections import Counter
from collections.abc import Iterator
from itertools import zip_longest
from pathlib import Path
from typing import Any

from suture.analyzers.definitions import definitions, function_at
from suture.analyzers.findings import Finding
from suture.analyzers.growth import measure_growth, with_growth
from suture.analyzers.growth.kinds import MEASURABLE
from suture.analyzers.review import review_file
from suture.analyzers.sandbox import open_sandbox
from suture.analyzers.sandbox.interface import Sandbox
from suture.analyzers.source import read_source
from suture.analyzers.syntax import parse
from suture.healing.improvements import improvable, improve, rewrites

REVIEWERS = ("performance", "architecture")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("roots", type=Path, nargs="+")
    parser.add_argument("--sample", type=int, default=70)
    parser.add_argument("--reviewer", default="", help="performance or architecture (default: both)")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--python", type=Path, help="an interpreter that has what the packages import")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--again", type=Path, help="what --out was: the same findings once more")
    parser.add_argument("--growth", action="store_true")
    parser.add_argument("--static", action="store_true", help="only whether there is a proposal")
    options = parser.parse_args()
    again = [json.loads(line) for line in options.again.read_text("utf-8").splitlines()] if options.again else []
    wanted = {(each["path"], each["line"], each["rule"]) for each in again}
    found: list[list[tuple[Path, Finding]]] = []
    for root in options.roots:
        here = [(root.resolve(), each) for each in findings_of(root.resolve(), {each[0] for each in wanted})]
        here = [each for each in here if not wanted or key_of(*each) in wanted]
        here = [each for each in here if options.reviewer in ("", each[1].reviewer)]
        here = [each for each in here if not options.growth or each[1].kind in MEASURABLE]
        random.Random(options.seed).shuffle(here)
        found.append(here)
    drawn = [each for turn in zip_longest(*found) for each in turn if each is not None][: options.sample]
    drawn.sort(key=lambda each: (str(each[0]), each[1].path, each[1].range.line))
    sandbox = open_sandbox()
    told: Counter[str] = Counter()
    try:
        with options.out.open("w", encoding="utf-8") as out:
            for root, finding in drawn:
                begin, wall = cpu(), time.monotonic()
                if options.growth:
                    answer = grown(root, finding, sandbox, options.python)
                else:
                    answer = fixed(root, finding, sandbox, options.python, static=options.static)
                answer |= {"cpu_s": round(cpu() - begin, 2), "wall_s": round(time.monotonic() - wall, 2)}
                told[answer["status"]] += 1
                told["all"] += 1
                print(json.dumps(answer), file=out, flush=True)
    finally:
        sandbox.close()
    print(
        f"{sum(map(len, found))} findings, {len(drawn)} drawn, load {os.getloadavg()[0]:.1f}, processor {cpu():.0f} s"
    )
    for status, count in told.most_common():
        print(f"  {status:28} {count:4}")


def cpu() -> float:
    used = (resource.getrusage(each) for each in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(each.ru_utime + each.ru_stime for each in used)


def findings_of(root: Path, only: set[str]) -> Iterator[Finding]:
    for path in sorted(root.rglob("*.py")):
        if only and str(path.relative_to(root.parent)) not in only:
            continue
        yield from review_file(path, reviewers=REVIEWERS, engines=False).findings


def key_of(root: Path, finding: Finding) -> tuple[str, int, str]:
    return str(Path(finding.path).relative_to(root.parent)), finding.range.line + 1, finding.rule


def fixed(root: Path, finding: Finding, sandbox: Sandbox, python: Path | None, *, static: bool) -> dict[str, Any]:
    path = Path(finding.path)
    text = read_source(path).text
    answer = place_of(root, finding, text)
    if not improvable(finding):
        return {**answer, "status": "no improvement for the kind"}
    proposed = [each.title for _, each in rewrites(text, finding)]
    if not proposed:
        return {**answer, "status": "no rewrite"}
    if static:
        return {**answer, "status": "proposed", "titles": proposed}
    refused: list[tuple[str, str]] = []
    edit = next(
        iter(improve(root, path, text, finding, sandbox=sandbox, python=python,
                     on_refused=lambda title, reason: refused.append((title, reason)))),
        None,
    )  # fmt: skip
    answer |= {"titles": proposed, "refused": refused}
    if edit is None:
        return {**answer, "status": "not proven"}
    mine = next(each for each in edit.files if Path(each.path) == path)
    after = mine.apply(text)
    before_kinds, after_kinds = (Counter(kinds(path, each)) for each in (text, after))
    return {
        **answer,
        "status": "proven",
        "title": edit.title,
        "source": edit.source,
        "evidence": [each.to_json() for each in edit.evidence],
        "gone": sorted((before_kinds - after_kinds).elements()),
        "come": sorted((after_kinds - before_kinds).elements()),
        "diff": "".join(difflib.unified_diff(text.splitlines(True), after.splitlines(True), n=6)),
    }


def kinds(path: Path, text: str) -> list[str]:
    return [each.rule for each in review_file(path, reviewers=REVIEWERS, text=text, engines=False).findings]


def place_of(root: Path, finding: Finding, text: str) -> dict[str, Any]:
    line = finding.range.line
    return {
        "path": str(Path(finding.path).relative_to(root.parent)),
        "line": line + 1,
        "rule": finding.rule,
        "kind": finding.kind,
        "code": text.splitlines()[line].strip(),
        "message": finding.message,
    }


def grown(root: Path, finding: Finding, sandbox: Sandbox, python: Path | None) -> dict[str, Any]:
    path = Path(finding.path)
    text = read_source(path).text
    answer = place_of(root, finding, text)
    data = text.encode("utf-8", "surrogatepass")
    around = function_at(definitions(parse(data).root_node, data), finding.range.line)
    if around is None:
        return {**answer, "status": "outside of a function"}
    growth = measure_growth(root, path, around.name, sandbox=sandbox, python=python)
    answer |= {"function": around.name, "reason": growth.reason}
    if growth.status != "measured":
        return {**answer, "status": f"not measured: {growth.status}"}
    judged = [each for each in with_growth([finding], [growth]) if each.rule == finding.rule]
    verdict = "removed" if not judged else "raised" if judged[0].evidence != finding.evidence else "left as it is"
    return {**answer, "status": verdict, "growth": growth.to_json()}


if __name__ == "__main__":
    main()
