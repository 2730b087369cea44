"""Fits the confidence of edits that heal (``healing/learning/table.json``) on faults put into working code.

    python heal_fit.py --kept FILE [--collect N] [--seed S] [--only MODULE]… [--write]

``--collect N`` breaks each module of :mod:`heal_faults` in N places, heals it as a batch would (nothing learned),
judges every candidate by checks that the healing did not see, and appends one line a candidate to FILE; cases that are
in FILE already are passed over, so that it can be stopped and gone on with. Without it FILE is read as it is.

Verified candidates and others have a curve each: ridge logistic regression, fitted by Newton's steps one weight after
the other, which for this convex function ends at its only minimum. ``one``, the numbers of the evidence and the offsets
of category, language and repair are penalised as by so many labels against them (``PENALTY``).

The measures are of cross-validation over the modules: no probability was said by a curve that had seen a fault of the
same module. Expected calibration error and Brier score are those of ``analyzers/confidence/model.py``; *first* are the
edits that are offered first. The blind bench of healing (other programs, other operators) is the held-out check: its
scorer prints the same measures of what ``suture heal`` says there.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import fsum
from pathlib import Path
from typing import Any

from heal_faults import SUBJECTS, Case, cases, right, subject

from suture.analyzers.confidence.model import Label, Quality, clipped, quality, sigmoid
from suture.analyzers.sandbox import open_sandbox
from suture.analyzers.sandbox.interface import Sandbox
from suture.healing.api import heal_command
from suture.healing.learning import confidence
from suture.healing.learning.confidence import Curve, Features, features_to_numbers

TABLE = Path(confidence.__file__).with_name("table.json")

#: How strongly a weight is drawn to its start, by the kind of its feature.
PENALTY = {"one": 0.05, "category": 1.0, "language": 4.0, "repair": 2.0}
OTHERS = 2.0
#: Where weights start: the prior as it is, all else at nothing.
START = {"prior": 1.0}


@dataclass(frozen=True)
class Labelled:
    """A candidate that was judged. ``first``: it was the one to be offered."""

    features: Features
    right: bool
    group: str
    case: str
    first: bool


def collect(kept: Path, count: int, seed: int, only: Sequence[str]) -> None:
    done = {json.loads(line)["case"] for line in kept.read_text("utf-8").splitlines()} if kept.exists() else set[str]()
    sandbox = open_sandbox()
    try:
        with kept.open("a", encoding="utf-8") as file:
            for module in only or SUBJECTS:
                for case in cases(subject(module), count, seed):
                    name = f"{seed}/{case.id}"
                    if name in done:
                        continue
                    for line in judged(case, sandbox):
                        file.write(json.dumps({"case": name, "group": module, "class": case.group, **line}) + "\n")
                    file.flush()
    finally:
        sandbox.close()


def judged(case: Case, sandbox: Sandbox) -> Iterable[dict[str, Any]]:
    """A line for each candidate; one without features if there is none."""
    with tempfile.TemporaryDirectory() as folder:
        for name, text in case.files.items():
            (Path(folder) / name).write_text(text, "utf-8")
        report = heal_command(Path(folder), case.command, sandbox=sandbox, timeout_s=10)
        if not report.candidates:
            yield {"features": None, "fault": report.fault.category}
        for number, each in enumerate(report.candidates):
            assert each.features is not None
            texts = {report.relative(path): text for path, text in each.texts.items()}
            good = set(texts) == {case.name} and right(case, texts[case.name])
            yield {"features": each.features.to_json(), "right": good, "first": number == 0, "title": each.edit.title}


def read(kept: Path) -> list[Labelled]:
    lines = [json.loads(line) for line in kept.read_text("utf-8").splitlines()]
    found = [
        Labelled(Features(**each["features"]), each["right"], each["group"], each["case"], each["first"])
        for each in lines
        if each["features"] is not None
    ]
    return sorted(found, key=lambda each: (each.case, each.features.repair, each.features.size, not each.first))


def fit(labels: Sequence[Labelled], sweeps: int = 400) -> Curve:
    rows = [(features_to_numbers(each.features), each.right) for each in labels]
    names = sorted({name for row, _ in rows for name in row})
    holding = {name: [(i, row[name]) for i, (row, _) in enumerate(rows) if row.get(name)] for name in names}
    weights = {name: START.get(name, 0.0) for name in names}
    scores = [fsum(weights[name] * x for name, x in row.items()) for row, _ in rows]
    for _ in range(sweeps):
        longest = 0.0
        for name in names:
            penalty = PENALTY.get(name.partition(":")[0], OTHERS)
            slope, bend = penalty * (START.get(name, 0.0) - weights[name]), penalty
            for i, x in holding[name]:
                p = sigmoid(scores[i])
                slope += (rows[i][1] - p) * x
                bend += p * (1 - p) * x * x
            step = max(-1.0, min(1.0, slope / bend))
            if name == "prior":  # a higher prior is never a lower probability
                step = max(step, -weights[name])
            weights[name] += step
            longest = max(longest, abs(step))
            for i, x in holding[name]:
                scores[i] += step * x
        if longest < 1e-6:
            break
    samples: Counter[str] = Counter(all=len(rows))
    for row, _ in rows:
        samples.update(name for name in row if ":" in name)
    return Curve({name: round(weights[name], 4) for name in names}, dict(sorted(samples.items())))


def cross_validated(labels: Sequence[Labelled], folds: int = 8) -> list[float]:
    """For each label the probability by a curve that has seen none of its module."""
    groups = sorted({each.group for each in labels})
    said = [0.0] * len(labels)
    for fold in range(min(folds, len(groups))):
        out = set(groups[fold::folds])
        curve = fit([each for each in labels if each.group not in out])
        for number, each in enumerate(labels):
            if each.group in out:
                said[number] = clipped(curve.probability(each.features))
    return said


def measured(labels: Sequence[Labelled], said: Sequence[float]) -> Quality:
    return quality([Label("", "", 0.0, each.right, each.group) for each in labels], said)


def fitted(labels: Sequence[Labelled]) -> tuple[Curve, dict[str, float]]:
    said = cross_validated(labels)
    measures: dict[str, float] = {}
    for name, chosen in (("", range(len(labels))), ("first_", [i for i, each in enumerate(labels) if each.first])):
        found = measured([labels[i] for i in chosen], [said[i] for i in chosen])
        share = [labels[i].right for i in chosen]
        measures |= {f"{name}count": found.count, f"{name}right": sum(share)}
        measures |= {f"{name}ece": round(found.ece, 4), f"{name}brier": round(found.brier, 4)}
    return fit(labels), measures


def show(labels: Sequence[Labelled]) -> None:
    """Shares that are right by category and repair, and what the order by confidence would choose."""
    by_name: dict[str, list[bool]] = defaultdict(list)
    for each in labels:
        by_name[f"category {each.features.category}"].append(each.right)
        by_name[f"repair {each.features.repair}"].append(each.right)
    for name, values in sorted(by_name.items(), key=lambda item: (item[0].split()[0], -len(item[1]))):
        print(f"  {name:50} {sum(values):4} of {len(values):4}")
    said = cross_validated(labels)
    best: dict[str, tuple[float, bool]] = {}
    for value, each in zip(said, labels, strict=True):
        best[each.case] = max(best.get(each.case, (0.0, False)), (value, each.right))
    now = [each.right for each in labels if each.first]
    print(f"  first is right: {sum(now)} of {len(now)}; by confidence: {sum(good for _, good in best.values())}")


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--kept", type=Path, required=True, help="judged candidates, one JSON object a line")
    parser.add_argument("--collect", type=int, default=0, metavar="N", help="faults of each module to heal and judge")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", action="append", default=[], help="a module of heal_faults")
    parser.add_argument("--write", action="store_true", help="write the table of the package")
    options = parser.parse_args()
    os.environ.setdefault("PYTHONHASHSEED", "0")
    if options.collect:
        collect(options.kept, options.collect, options.seed, options.only)
    labels = read(options.kept)
    content: dict[str, Any] = {"curves": {}, "measures": {}}
    for name, verified in (("verified", True), ("unverified", False)):
        chosen = [each for each in labels if each.features.verified is verified]
        curve, measures = fitted(chosen)
        content["curves"][name] = {"weights": curve.weights, "samples": curve.samples}
        content["measures"][name] = measures
        print(name, json.dumps(measures))
        show(chosen)
    if options.write:
        TABLE.write_text(json.dumps(content, indent=1, sort_keys=True) + "\n", "utf-8")
        print(f"{TABLE.name} is written")


if __name__ == "__main__":
    main()
