"""A complex description is first turned into a list of requirements by the model, a simple one is not.

How complex it is, is counted in its words and shown with the proposal:

- a point for every 25 words beyond the first 25,
- one for every sentence or list item beyond the second,
- one for every condition (if, unless, when, otherwise, except, only, at most …), five at most,
- one for every parameter beyond the third,
- one less for every example, three at most: examples already say it.

From :data:`COMPLEX` points on a brief is asked for. It is one more call; its answer stands in the prompt beside the
description, which counts where they differ.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from .drafter import Task
from .governor import Means, ModelRequest, ask
from .prompting import asked
from .prompts import filled
from .specification import Specification

#: Points from which a description is called complex.
COMPLEX = 7
#: Tokens and characters that a brief may have.
_TOKENS, _CHARACTERS = 700, 3_000

_CONDITION = re.compile(
    r"\b(?:if|unless|when|whenever|otherwise|except|only|at (?:least|most)|until|must|never|always|but not|instead"
    r"|in (?:that|which) case|or else)\b",
    re.IGNORECASE,
)
_SENTENCE = re.compile(r"[.;!?](?:\s|$)|(?m:^\s*(?:[-*•]|\d+[.)])\s)")


@dataclass(frozen=True, slots=True)
class Complexity:
    points: int
    reasons: tuple[str, ...]

    @property
    def complex(self) -> bool:
        return self.points >= COMPLEX

    def __str__(self) -> str:
        return f"{self.points} of {COMPLEX} points: {', '.join(self.reasons) or 'short and plain'}"


@dataclass(frozen=True, slots=True)
class Brief:
    """``text`` is empty if none was asked for or none came; ``note`` says why, for the person."""

    text: str = ""
    note: str = ""
    cost_usd: float | None = 0.0


def complexity(spec: Specification) -> Complexity:
    """How complex a specification is."""
    words = len(spec.description.split())
    sentences = len(_SENTENCE.findall(spec.description + " "))
    conditions = min(len(_CONDITION.findall(spec.description)), 5)
    counted = (
        (max(0, words - 25) // 25, f"{words} words"),
        (max(0, sentences - 2), f"{sentences} sentences or items"),
        (conditions, f"{conditions} conditions"),
        (max(0, len(spec.parameters) - 3), f"{len(spec.parameters)} parameters"),
        (-min(len(spec.examples), 3), f"{len(spec.examples)} examples"),
    )
    return Complexity(sum(points for points, _ in counted), tuple(what for points, what in counted if points))


def brief_for(task: Task, means: Means) -> Brief:
    """The brief of a task, asked for once; what could not be had is done without. Raises Cancelled."""
    known = task.memo.get("brief")
    if isinstance(known, Brief):
        return Brief(known.text, known.note)  # it was paid for once
    found = _asked_for(task, means)
    task.memo["brief"] = found
    return found


def _asked_for(task: Task, means: Means) -> Brief:
    measured = complexity(task.spec)
    if not measured.complex:
        return Brief()
    parts = asked(task)
    values = {"signature": parts.signature, "description": parts.description, "examples": parts.examples}
    request = ModelRequest(
        ({"role": "user", "content": filled("meta", values)},),
        "prompt",
        f"plan {task.spec.name}",
        masked=parts.hide.count,
        max_tokens=_TOKENS,
    )
    reply = ask(request, means)
    text = getattr(reply, "text", "").strip()
    if not text or not re.search(r"(?im)^\W*requirements\b", text):
        return Brief("", f"the description is complex ({measured}), but no plan of it could be had", reply.cost_usd)
    masked = parts.hide(text[:_CHARACTERS])
    return Brief(masked, f"the description is complex ({measured}): it was made into a plan first", reply.cost_usd)
