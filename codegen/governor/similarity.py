"""How alike two specifications with their contexts are, for taking an earlier answer instead of asking again.

Cosine of word counts, a word being a name's part without its commonest endings; a count weighs 1 + its logarithm.
At :data:`THRESHOLD` about one word in six may be there or not; none may stand in another's place ("dogs" for "cats").
What decides what a function does must be the same: numbers, quoted texts, names with an underscore or called like a
function, and words that turn a meaning around ("not", "descending", "last" …).

A similar answer is never trusted: it is validated like any proposal.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Mapping

THRESHOLD = 0.92

_WORD = re.compile(r"[A-Za-z]+")
_FIRM = re.compile(r"""-?\d+(?:\.\d+)?|"[^"\n]*"|'[^'\n]*'|\b\w+_\w+\b|\b\w+(?=\()""")
_TURNS: frozenset[str] = frozenset(
    " ".join(
        (
            "not no never none without except unless only all any each every both neither first last before after",
            "above below under over min minimum max maximum least most smallest largest lowest highest ascending",
            "descending increasing decreasing reverse reversed sorted unsorted even odd positive negative inclusive",
            "exclusive including excluding upper lower uppercase lowercase left right start end prefix suffix true",
            "false raise raises return add remove insert delete encode decode encrypt decrypt async sync strict or and",
            "more less greater fewer earliest latest oldest newest",
        )
    ).split(" ")
)
_SAID = frozenset({"a", "an", "the", "of", "to", "in", "for", "with", "that", "which", "is", "are", "be", "this", "it"})


def features(text: str) -> dict[str, int]:
    """Counted words; those that must be equal begin with ``=``."""
    words = [each.lower() for each in _WORD.findall(re.sub(r"(?<=[a-z])(?=[A-Z])", " ", text))]
    counts = Counter(_stem(each) for each in words if each not in _SAID)
    firm = Counter(f"={each}" for each in _FIRM.findall(text))
    firm.update(f"={each}" for each in words if each in _TURNS)
    return dict(counts + firm)


def _stem(word: str) -> str:
    for ending in ("ing", "ed", "es", "s"):
        if word.endswith(ending) and len(word) > len(ending) + 3:
            word = word.removesuffix(ending)
            break
    if len(word) > 3 and word[-1] == word[-2] and word[-1] not in "ls":  # skipping, skipped
        word = word[:-1]
    return word.removesuffix("e") if len(word) > 3 else word


def similarity(one: Mapping[str, int], other: Mapping[str, int]) -> float:
    """0 to 1; 0 if anything differs that must be equal."""
    if {key: count for key, count in one.items() if key[0] == "="} != {
        key: count for key, count in other.items() if key[0] == "="
    }:
        return 0.0
    if Counter(one) - Counter(other) and Counter(other) - Counter(one):
        return 0.0
    dot = sum(_weight(count) * _weight(other[word]) for word, count in one.items() if word in other)
    size = _length(one) * _length(other)
    return dot / size if size else 0.0


def _weight(count: int) -> float:
    return 1.0 + math.log(count)


def _length(counts: Mapping[str, int]) -> float:
    return math.sqrt(sum(_weight(each) ** 2 for each in counts.values()))
