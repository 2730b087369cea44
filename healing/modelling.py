"""Whom a healing may ask if nothing else helps, and what that came to.

Apart from :mod:`.model_repair`, which does the asking, so that a healing without a model loads none of it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ..analyzers.findings import Json

if TYPE_CHECKING:
    from ..codegen.governor import Means

#: The name of this source of edits, in reports and in what is learned.
REPAIR = "model"
#: Calls of one healing, and seconds for all of it.
ROUNDS, SECONDS = 3, 90.0


@dataclass(frozen=True, slots=True)
class Model:
    """``means`` hold the models, the budget and the record of what leaves the machine. ``rounds`` limits the calls."""

    means: Means
    rounds: int = ROUNDS
    seconds: float = SECONDS


@dataclass(slots=True)
class Told:
    """What asking has cost (None: a price is not known), how often it was asked, and remarks for the person."""

    cost_usd: float | None = 0.0
    calls: int = 0
    notes: list[str] = field(default_factory=list[str])

    def to_json(self) -> dict[str, Json]:
        return {"cost_usd": self.cost_usd, "calls": self.calls, "notes": list(dict.fromkeys(self.notes))}

    def paid(self, usd: float | None) -> None:
        self.cost_usd = None if usd is None or self.cost_usd is None else self.cost_usd + usd
