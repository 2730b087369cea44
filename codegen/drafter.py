"""What a drafter is: one file of ``drafters/`` that turns a task into a draft, or says why it cannot.

Local ones come first and cost nothing; the one that asks a model goes through :mod:`.governor`. What is drafted is
validated by :mod:`.validation`, whoever made it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from ..analyzers.findings import Evidence
from ..analyzers.sandbox.interface import Sandbox
from ..analyzers.store import Store
from .placement import Import
from .proposal import Budget, CancelCheck, GenerationRequest, ModelSettings, Progress
from .specification import Specification
from .triggers.target import Target
from .validation.level import Level


@dataclass(frozen=True, slots=True)
class Task:
    """One request with the means to answer it. ``store`` is the workspace's; None if it cannot be used."""

    request: GenerationRequest
    target: Target
    spec: Specification
    sandbox: Sandbox | None
    models: tuple[ModelSettings, ...]
    budget: Budget
    store: Store | None
    cancel: CancelCheck
    on_progress: Progress
    #: Which draft is wanted: 0 the usual one, 1 and more a further opinion, made without a look at the others.
    sample: int = 0
    #: What a drafter has worked out for this request, kept between its rounds.
    memo: dict[str, Any] = field(default_factory=dict[str, Any], compare=False, repr=False)
    #: The id of this generation in the records; its drafts are kept under it.
    generation: str = ""
    #: A draft that was made before and is checked again; then no drafter is asked.
    given: Draft | None = None

    @property
    def model(self) -> ModelSettings | None:
        """The model that is asked first."""
        return self.models[0] if self.models else None


@dataclass(frozen=True, slots=True)
class Feedback:
    """An earlier draft of this drafter and the first level that refused it; ``reason`` is all that a model is told,
    ``reasons`` the same by level."""

    code: str
    check: str
    reason: str
    reasons: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Draft:
    """Code that has not been checked. ``code`` is at depth 0, four spaces a level, without imports.

    ``tests`` are those that the drafter wrote itself, used where the comment has no examples."""

    code: str
    imports: tuple[Import, ...]
    confidence: float
    tests: str = ""
    by_model: bool = False
    notes: tuple[str, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    cost_usd: float | None = 0.0
    record: dict[str, str] = field(default_factory=dict[str, str])  # for the store: model, prompt hash
    #: Further code that came along, by what it is for: ``naive``, a slow version that is easy to be sure of.
    extras: dict[str, str] = field(default_factory=dict[str, str])
    #: Other complete candidates of the same answer, the likelier first; they cost nothing more.
    alternatives: tuple[Draft, ...] = ()
    #: Levels of validation that the strategy behind it adds.
    checks: tuple[Level, ...] = ()


@dataclass(frozen=True, slots=True)
class Declined:
    """A drafter has nothing to offer. ``reason`` is a sentence for people, or empty if it does not concern them.

    ``cost_usd`` is what finding that out has cost; ``reply`` names the model's answer that was of no use."""

    reason: str = ""
    cost_usd: float | None = 0.0
    reply: str = ""


@dataclass(frozen=True, slots=True)
class Drafter:
    """``order`` sorts drafters, lowest first; ``rounds`` is how often it may try again with feedback."""

    name: str
    order: int
    propose: Callable[[Task, tuple[Feedback, ...]], Draft | Declined]
    rounds: int = 1
