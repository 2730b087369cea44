"""Confidence, recalibrated on what people kept: Platt's curve with offsets for strategy and model, drawn to 0.

The curve and its fit are :mod:`...analyzers.confidence.model`; here a *label* is an offer that was applied and kept
or edited (right), or that was rejected, undone or rewritten (wrong). Kept is not the same as right: it is what can be
known here, and the evidence says so.

Invariant: with fewer than :data:`FEWEST` outcomes, or of one sort only, a confidence is left as it is.
Invariant: fitted when an outcome changes, not when code is offered.
"""

from __future__ import annotations

import json
import logging
from typing import TYPE_CHECKING, Any

from ...analyzers.confidence.model import Curve, Label, fit
from ...analyzers.findings import Evidence, Json
from ...analyzers.store import Store, canonical

if TYPE_CHECKING:
    from ..drafter import Draft, Task

log = logging.getLogger(__name__)

#: Outcomes that a curve needs; below, chance says more than they do.
FEWEST = 20

#: The newest outcomes count; older ones may be of other models and other prompts.
MOST = 400

#: Of outcomes behind a strategy or a model, so many before the evidence names them as its own.
FEW = 10

_NAME = "confidence"
_RIGHT, _WRONG = ("kept", "edited"), ("gone", "rejected")


def refit(store: Store) -> None:
    """Fit the curve on the outcomes there are, and keep it; nothing with too few."""
    from ...analyzers import store_tables as t

    store = store.shared
    c = t.generations.c
    query = t.generations.select().where((c.outcome.in_((*_RIGHT, *_WRONG))) & (c.confidence > 0))
    with store.reading() as connection:
        rows = list(connection.execute(query.order_by(c.at.desc()).limit(MOST)))
    labels = [
        Label(row.model or row.provider, row.strategy, row.confidence, row.outcome in _RIGHT, row.path) for row in rows
    ]
    if len(labels) < FEWEST or len({each.right for each in labels}) < 2:
        return
    curve = fit(labels)
    samples: dict[str, Json] = {}
    for each in labels:
        for name in {f"rule:{each.rule}", f"kind:{each.kind}"}:
            count = samples.get(name, 0)
            samples[name] = (count if isinstance(count, int) else 0) + 1
    value: dict[str, Json] = {
        "intercept": curve.intercept,
        "slope": curve.slope,
        "kinds": dict(curve.kinds),
        "rules": dict(curve.rules),
        "samples": samples,
        "labels": len(labels),
        "right": sum(each.right for each in labels),
    }
    with store.writing() as connection:
        connection.execute(t.learned.delete().where(t.learned.c.name == _NAME))
        connection.execute(t.learned.insert().values(name=_NAME, value=canonical(value), updated=store.clock()))


def of_draft(task: Task, drafter: str, draft: Draft, confidence: float) -> tuple[float, tuple[Evidence, ...]]:
    """The confidence of a draft that passed its checks, recalibrated; as it is if the store cannot say."""
    try:
        found, evidence = recalibrated(
            task.store, draft.record.get("strategy", ""), draft.record.get("model", "") or drafter, confidence
        )
    except Exception as error:  # noqa: BLE001 - a store that fails must not take the answer away
        log.warning("the confidence is not recalibrated: %s", error)
        return confidence, ()
    return found, () if evidence is None else (evidence,)


def raw(confidence: float, evidence: tuple[Evidence, ...]) -> float:
    """The confidence before it was recalibrated: what the next curve is fitted on."""
    said = next((each.data.get("raw") for each in evidence if each.kind == "calibrated"), None)
    return float(said) if isinstance(said, int | float) else confidence


def recalibrated(store: Store | None, strategy: str, model: str, confidence: float) -> tuple[float, Evidence | None]:
    """The probability that a person keeps an offer of this confidence, and the evidence for it.

    ``model`` is the model's name, or the drafter's where there is none. Unchanged, with no evidence, while there are
    too few outcomes."""
    from ...analyzers import store_tables as t

    if store is None or confidence <= 0:
        return confidence, None
    with store.shared.reading() as connection:
        row = connection.execute(t.learned.select().where(t.learned.c.name == _NAME)).first()
    if row is None:
        return confidence, None
    value: dict[str, Any] = json.loads(row.value)
    curve = Curve(value["intercept"], value["slope"], value["kinds"], value["rules"])
    probability = round(curve.probability(model, strategy, confidence), 3)
    own = int(value["samples"].get(f"rule:{model}", 0))
    basis = f"{own} of them by {model}" if own >= FEW else f"few of them ({own}) by {model}, drawn to all"
    said = f"{probability:.0%} likely to be kept, from {value['labels']} offers here that people kept or undid, {basis}"
    data: dict[str, Json] = {
        "probability": probability,
        "sample": own,
        "labels": value["labels"],
        "raw": round(confidence, 3),
    }
    return probability, Evidence("calibrated", said, data)
