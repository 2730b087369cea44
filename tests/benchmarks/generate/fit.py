"""Fits the confidence of generated code (``codegen/trust.py``) on recorded offers of the simulated model.

    python run.py --fast --record offers.jsonl --seed N …     # several seeds, with 0, 1 and 2 opinions
    python fit.py offers.jsonl [--held-out others.jsonl]

The ``offers.jsonl`` beside this file is what the weights in use were fitted on.

Prints the weights, and the expected calibration error and the Brier score in cross-validation over the tasks: no
probability comes from a curve that has seen an offer of the same task. ``--held-out`` measures what ``trust.py`` says
of offers of other runs.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from dataclasses import dataclass
from math import fsum
from pathlib import Path

from suture.analyzers.confidence.model import Label, quality, sigmoid, solved
from suture.codegen.trust import FEATURES, Facts, curve, features, probability

#: What can only speak for code, and what only against it: a weight of the other sign is chance.
SIGNS = {"agreement": 1, "against": -1, "open": -1, "repairs": -1, "own tests": -1, "insisted": -1}
#: What is believed of a weight before any offer was seen: few offers are contested, and they say little of it.
PRIOR = {"agreement": 0.7, "against": -0.7, "insisted": -0.7}
#: How strongly a weight is drawn to that, else to 0: as much as so many offers speak against it; the first is free.
PENALTY, FOLDS = 1.0, 10


@dataclass(frozen=True)
class Offer:
    task: str
    right: bool
    facts: Facts


def read(paths: Sequence[Path]) -> list[Offer]:
    found: list[Offer] = []
    for path in paths:
        for line in path.read_text("utf-8").splitlines():
            value = json.loads(line)
            task, right = value.pop("task"), value.pop("right")
            found.append(Offer(task, right, Facts(**value)))
    return found


def fitted(offers: Sequence[Offer], steps: int = 60) -> list[float]:
    """Newton's method on the penalised likelihood."""
    rows = [(features(each.facts), each.right) for each in offers]
    size = len(FEATURES)
    prior = [PRIOR.get(name, 0.0) for name, _ in FEATURES]
    value = list(prior)
    for _ in range(steps):
        drawn = [PENALTY * (wanted - each) for wanted, each in zip(prior, value, strict=True)]
        gradient = [0.0, *drawn[1:]]
        curvature = [[(PENALTY if i else 1e-6) if i == j else 0.0 for j in range(size)] for i in range(size)]
        for row, right in rows:
            p = sigmoid(fsum(a * b for a, b in zip(value, row, strict=True)))
            for i, x in enumerate(row):
                gradient[i] += (right - p) * x
                for j, y in enumerate(row):
                    curvature[i][j] += p * (1 - p) * x * y
        step = solved(curvature, gradient)
        longest = max(abs(each) for each in step)
        value = [each + move / max(1.0, longest) for each, move in zip(value, step, strict=True)]
        named = zip(value, FEATURES, strict=True)
        value = [each if each * SIGNS.get(name, each) >= 0 else 0.0 for each, (name, _) in named]
        if longest < 1e-9:
            break
    return value


def measured(offers: Sequence[Offer], said: Sequence[float]) -> str:
    labels = [Label("", "", value, each.right, each.task) for value, each in zip(said, offers, strict=True)]
    found = quality(labels, said)
    right = sum(each.right for each in offers)
    return f"ECE {found.ece:.3f}, Brier {found.brier:.3f}, of {found.count} offers, {right} of them right"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("offers", type=Path, nargs="+")
    parser.add_argument("--held-out", type=Path, nargs="*", default=())
    options = parser.parse_args()
    offers = read(options.offers)
    weights = fitted(offers)
    print("WEIGHTS =", tuple(round(each, 2) for each in weights))
    tasks = sorted({each.task for each in offers})
    said = [0.0] * len(offers)
    for fold in range(FOLDS):
        own = set(tasks[fold::FOLDS])
        weights = fitted([each for each in offers if each.task not in own])
        for number, each in enumerate(offers):
            if each.task in own:
                said[number] = curve(each.facts, weights)
    print("in cross-validation:", measured(offers, said))
    for low, high in ((0.0, 0.5), (0.5, 0.7), (0.7, 0.8), (0.8, 0.9), (0.9, 0.95), (0.95, 1.01)):
        some = [(value, each.right) for value, each in zip(said, offers, strict=True) if low <= value < high]
        if some:
            mean = sum(value for value, _ in some) / len(some)
            print(f"  from {low:.2f}: mean {mean:.3f}, {sum(right for _, right in some)} of {len(some)} right")
    if options.held_out:
        others = read(options.held_out)
        print("held out:", measured(others, [probability(each.facts) for each in others]))


if __name__ == "__main__":
    main()
