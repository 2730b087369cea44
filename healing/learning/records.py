"""What is remembered of one healing, and what it counts for in the priors.

Invariant: a record is plain data that goes to JSON and back unchanged. It holds names of repairs, hashes of edits, the
message of the fault and its place, as the person saw them; no text of a file.
Invariant: the counts of a store are the sum of :func:`contributions` over its records: an outcome that changes takes
back what the former one counted for.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

from ...analyzers.findings import Edit
from ..fault import Fault
from .ranking import NOTHING, Tally, Trial
from .shape import Shape, shape_of

if TYPE_CHECKING:
    from ..api import HealReport

#: ``named``: a fault that no edit of the code would mend (a missing distribution, a flaky test); ``failed``: none of
#: the edits that were tried was verified; ``offered``: one was shown (for ``verified`` see the candidates); then what
#: the person did with it. ``taken_back``: it was applied, and undone or edited away.
Outcome = Literal["named", "failed", "offered", "applied", "rejected", "taken_back"]
Source = Literal["command", "finding"]

#: What the steps of the chosen candidate count for: (tries, wins). Somebody who takes an edit says more than a run,
#: and who takes it back says most.
WEIGHTS: Mapping[Outcome, tuple[float, float]] = {
    "named": (0, 0),
    "failed": (1, 0),
    "offered": (1, 1),
    "applied": (2, 2),
    "rejected": (2, 0),
    "taken_back": (3, 0),
}

#: Categories of faults that are named rather than healed.
NAMED = frozenset({"dependency", "flaky", "hang", "config"})


@dataclass(frozen=True, slots=True)
class Offer:
    """A candidate as it was shown. ``edit`` is :func:`edit_key`; ``steps`` are the numbers of the trials that it is
    made of."""

    edit: str
    repair: str
    title: str
    confidence: float
    verified: bool
    evidence: str
    steps: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Record:
    """One healing. ``at`` is in seconds since the epoch, ``place`` relative to the root (``a.py:3``), ``chosen`` the
    number of the candidate that the outcome is about, -1 for none. Times are in milliseconds."""

    id: str
    at: float
    source: Source
    shape: Shape
    fault: str
    place: str
    command: str
    trials: tuple[Trial, ...]
    offers: tuple[Offer, ...]
    chosen: int
    outcome: Outcome
    first_verified_ms: float | None
    elapsed_ms: float

    @property
    def choice(self) -> Offer | None:
        return self.offers[self.chosen] if 0 <= self.chosen < len(self.offers) else None

    @property
    def verified(self) -> bool:
        """Whether an edit was offered that the sandbox had run."""
        return any(each.verified for each in self.offers)

    @property
    def right(self) -> bool | None:
        """What the person's deeds say of the choice: kept (true), rejected or taken back (false), nothing (None)."""
        return {"applied": True, "rejected": False, "taken_back": False}.get(self.outcome)


Contributions = dict[tuple[str, str, str], Tally]


def record_of(report: HealReport, *, at: float, ident: str) -> Record:
    """The record of a healing, as offered."""
    fault = report.fault
    offers = tuple(offer_of(each.edit, each.steps) for each in report.candidates)
    chosen = next((number for number, each in enumerate(offers) if each.verified), -1)
    outcome: Outcome = "offered" if chosen >= 0 else "named" if fault.category in NAMED else "failed"
    where = f"{report.relative(fault.path)}:{fault.line + 1}" if fault.path else ""
    return Record(
        id=ident,
        at=at,
        source="command",
        shape=report.shape or shape_of(fault, None),
        fault=said(fault),
        place=where,
        command=" ".join(report.command)[:200],
        trials=report.trials,
        offers=offers,
        chosen=chosen,
        outcome=outcome,
        first_verified_ms=report.first_verified_ms,
        elapsed_ms=report.elapsed_ms,
    )


def said(fault: Fault) -> str:
    """A fault in one line, for people."""
    line = fault.message.split("\n", 1)[0][:200]
    return f"{fault.exception or fault.code or fault.category}: {line}".rstrip(": ")


def offer_of(edit: Edit, steps: Sequence[int]) -> Offer:
    evidence = edit.evidence[0].summary if edit.evidence else ""
    return Offer(
        edit_key(edit), edit.source, edit.title[:200], edit.confidence, edit.verified, evidence[:200], tuple(steps)
    )


def edit_key(edit: Edit) -> str:
    """The name of an edit: of what it changes in which text."""
    parts = [(each.path, each.base, [(r.start, r.end, r.text) for r in each.replacements]) for each in edit.files]
    return hashlib.sha256(json.dumps(sorted(parts)).encode("utf-8", "surrogatepass")).hexdigest()[:24]


def with_outcome(record: Record, outcome: Outcome, edit: str = "") -> Record:
    """The record after a deed; ``edit`` says which candidate it was about (none named: the chosen one)."""
    chosen = next((number for number, each in enumerate(record.offers) if each.edit == edit), record.chosen)
    if outcome == "rejected" and record.outcome in ("applied", "taken_back"):
        outcome = "taken_back"
    return replace(record, outcome=outcome, chosen=chosen)


def contributions(record: Record) -> Contributions:
    """What a record counts for: (key of the shape, repair, form or exact key of the edit) → tries and wins.

    The steps of the choice count by the outcome. What was run and led to nothing verified was tried in vain, even if it
    got past the fault. What was verified too, or is part of something verified, says nothing, unless the person took
    another one than the best."""
    found: Contributions = {}
    chosen = set(record.choice.steps) if record.choice else set[int]()
    others = {step for each in record.offers if each.verified for step in each.steps} - chosen
    passed_over = record.outcome == "applied" and record.chosen > 0
    for number, trial in enumerate(record.trials):
        if number in chosen:
            tries, wins = WEIGHTS[record.outcome]
        elif number in others or trial.verified:
            tries, wins = (1.0, 0.0) if passed_over and trial.verified else (0.0, 0.0)
        else:
            tries, wins = 1.0, 0.0
        if tries:
            for edit in (trial.form, trial.exact):
                key = (trial.shape.key, trial.repair, edit)
                found[key] = found.get(key, NOTHING).plus(tries, wins)
    return found


def change(old: Contributions, new: Contributions) -> Contributions:
    """What has to be added to the counts when a record's contributions change from ``old`` to ``new``."""
    found: Contributions = {}
    for key in {*old, *new}:
        before, after = old.get(key, NOTHING), new.get(key, NOTHING)
        delta = Tally(after.tries - before.tries, after.wins - before.wins)
        if delta != NOTHING:
            found[key] = delta
    return found


def record_to_json(record: Record) -> str:
    """Canonical JSON of everything but ``id``, ``at`` and ``outcome``, which have columns of their own."""
    value = asdict(record)
    for name in ("id", "at", "outcome"):
        del value[name]
    return json.dumps(value, sort_keys=True, separators=(",", ":"))


def record_from_json(ident: str, at: float, outcome: Outcome, data: str) -> Record:
    value: dict[str, Any] = json.loads(data)
    trials: list[dict[str, Any]] = value.pop("trials")
    offers: list[dict[str, Any]] = value.pop("offers")
    return Record(
        id=ident,
        at=at,
        outcome=outcome,
        shape=Shape(**value.pop("shape")),
        trials=tuple(Trial(shape=Shape(**each.pop("shape")), **each) for each in trials),
        offers=tuple(Offer(steps=tuple(each.pop("steps")), **each) for each in offers),
        **value,
    )
