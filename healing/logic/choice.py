"""Which of the changes that pass the tests is meant, and how sure is that?

Each survivor carries a weight (how likely such a slip is, times the suspicion of its line). On inputs near those of the
tests survivors agree or not; the one to offer is the one that is least likely to be wrong somewhere, by weight (the
least Bayes risk, as in Kumar and Byrne, 2004), and its confidence is the share of the weight that agrees with it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from .trial import Rivals

#: Weight of what nobody thought of: the right change is none of the survivors.
UNKNOWN = 0.25
#: Hidden cases that a change has to get right, for the risk: agreement on a share of inputs counts to this power.
CASES = 3
#: What is left of the weight of a change after which a function answers the same to all of at least so many inputs,
#: and others do not.
CONSTANT, INPUTS = 0.15, 3


@dataclass(frozen=True, slots=True)
class Choice:
    """A survivor (its position among the candidates) with its confidence, how many others do something else on some
    input, the first such input, and the share of the weight (``against``) of those that answer something else there."""

    index: int
    confidence: float
    rivals: int = 0
    differs: str = ""
    against: float = 0.0


def choose(weights: Mapping[int, float], rivals: Sequence[Rivals]) -> list[Choice]:
    """Survivors, the best first; of those that agree everywhere only the heaviest."""
    group = {index: each for each in rivals for index in each.members if index in each.answers}
    weights = {
        index: weight * (CONSTANT if index in group and _is_deaf(index, group[index]) else 1.0)
        for index, weight in weights.items()
    }
    total = sum(weights.values()) + UNKNOWN
    scored: list[tuple[float, float, Choice, tuple[str, ...] | None]] = []
    for index, weight in weights.items():
        mine = group.get(index)
        sure, others, differs, against = weight, 0, "", 0.0
        for other, its in weights.items():
            if other == index:
                continue
            shared, example = _agreement(index, other, group)
            sure += its * shared**CASES
            if shared < 1:
                others += 1
                differs = differs or example
                against += its if _answers_else(index, other, group) else 0.0
        key = mine.answers[index] if mine is not None else None
        crash = _crashes(index, mine) if mine is not None else 0.0
        choice = Choice(index, sure / total, others, differs, against / total)
        scored.append((choice.confidence * (1 - 0.5 * crash), weight, choice, key))
    scored.sort(key=lambda item: (-round(item[0], 6), -item[1]))
    found: list[Choice] = []
    seen: set[tuple[str, ...]] = set()
    for score, _, choice, key in scored:
        if key is not None:
            if key in seen:
                continue
            seen.add(key)
        found.append(replace(choice, confidence=min(score, 0.97)))
    return found


def _agreement(one: int, two: int, group: Mapping[int, Rivals]) -> tuple[float, str]:
    """The share of inputs on which two survivors answer alike, and an input on which they do not."""
    mine, its = group.get(one), group.get(two)
    if mine is None or its is None or mine is not its:
        return 0.0, ""  # changes of different functions, or of none that could be called
    pairs = list(zip(mine.inputs, mine.answers[one], mine.answers[two], strict=False))
    counted = [(text, a, b) for text, a, b in pairs if not (a.startswith("!") and b.startswith("!"))]
    if not counted:
        return 0.0, ""
    apart = next((text for text, a, b in counted if a != b), "")
    return sum(a == b for _, a, b in counted) / len(counted), apart


def _is_deaf(index: int, group: Rivals) -> bool:
    """Whether a survivor no longer looks at its input: it answers the same to all of them, and others do not."""

    def told(answers: Sequence[str]) -> set[str]:
        """What was answered; behind it stands what became of the arguments."""
        return {each.partition(";")[0] for each in answers if not each.startswith("!")}

    answers = group.answers[index]
    return (
        len(answers) >= INPUTS
        and len(told(answers)) == 1
        and any(len(told(each)) > 1 for each in group.answers.values())
    )


def _answers_else(one: int, two: int, group: Mapping[int, Rivals]) -> bool:
    """Whether a rival answers something else where it does not raise; one that was not compared may."""
    mine, its = group.get(one), group.get(two)
    if mine is None or its is None or mine is not its:
        return True
    pairs = zip(mine.answers[one], mine.answers[two], strict=False)
    return any(a != b and not b.startswith("!") for a, b in pairs)


def _crashes(index: int, group: Rivals) -> float:
    """The share of inputs on which this survivor raises something and another one does not."""
    answers = group.answers[index]
    fine = [
        place
        for place in range(len(answers))
        if any(not each[place].startswith("!") for each in group.answers.values() if place < len(each))
    ]
    return sum(answers[place].startswith("!") for place in fine) / len(fine) if fine else 0.0
