"""Of the changes after which the tests pass the likely one is told first, and one that still looks at its input."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from suture.healing.logic.choice import choose
from suture.healing.logic.mutations import mutations
from suture.healing.logic.trial import Rivals
from suture.healing.workspace import Workspace


def test_a_survivor_that_no_longer_looks_at_its_input_is_less_likely() -> None:
    answers = {0: ("=True", "=True", "=True", "=True"), 1: ("=True", "=False", "=True", "=False")}
    rivals = Rivals((0, 1), ("n=1", "n=2", "n=3", "n=4"), ("=False", "=True", "=False", "=False"), answers)
    first, other = choose({0: 0.8, 1: 0.6}, [rivals])
    assert (first.index, other.index) == (1, 0)
    assert other.confidence < first.confidence
    same = replace(rivals, answers={0: answers[0]})
    assert choose({0: 0.8}, [same])[0].confidence > 0.6, "if none looks, nothing speaks against one"


def weights(text: str) -> dict[str, float]:
    """Title → weight of each mutation, all lines being suspicious."""
    workspace = Workspace(Path("/nowhere"), {"m.py": text.encode()})
    suspicion = {("m.py", line): 1.0 for line in range(text.count("\n") + 1)}
    return {each.mutation.title: each.mutation.weight for each in mutations(workspace, suspicion)}


def test_a_return_that_ends_every_loop_at_once_is_likelier_than_a_bound_beyond_the_end() -> None:
    text = (
        "def f(a):\n    found = []\n    for i in range(len(a)):\n        if a[i]:\n            found.append(i)\n"
        "        return found\n"
    )
    told = weights(text)
    moved = told["Take return found out of the block"]
    assert moved > told["Use len(a) - 1 instead of len(a)"] > told["Use len(a) + 1 instead of len(a)"]
