"""The frozen values of asking a model: what is asked, with which means, and what came back."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from ...analyzers.findings import Json
from ...analyzers.store import Store
from ..prices import Usage
from ..proposal import Budget, CancelCheck, ModelSettings, Progress
from ..provider import Message

NO_TOKENS = Usage(0, 0)

Purpose = Literal["code", "tests", "prompt", "repair", "change"]

#: How freely a model may choose its words, by what it is asked for.
TEMPERATURES: Mapping[Purpose, float] = {"code": 0.2, "tests": 0.3, "prompt": 0.3, "repair": 0.2, "change": 0.2}

#: A further opinion on the same question is meant to differ.
FREELY = 0.8


@dataclass(frozen=True, slots=True)
class ModelRequest:
    """``why`` and ``files`` go on the record of what left the machine; ``masked`` counts the secrets taken out.

    ``schema`` asks for an object of that JSON schema where the provider can hold the model to it. ``urgent``: a person
    waits for it. ``similar_to`` is the text by which an earlier answer may be taken for this one (empty: only an
    answer to exactly these messages). ``sample`` from 1 asks the same question once more, for another answer."""

    messages: tuple[Message, ...]
    purpose: Purpose
    why: str
    files: tuple[str, ...] = ()
    masked: int = 0
    max_tokens: int = 2_000
    schema: Mapping[str, Json] | None = None
    urgent: bool = True
    similar_to: str = ""
    sample: int = 0

    @property
    def temperature(self) -> float:
        return FREELY if self.sample else TEMPERATURES[self.purpose]


@dataclass(frozen=True, slots=True)
class Reply:
    """What a model said. ``cost_usd`` None: its price is not known. ``cached`` says that it was not asked again.

    ``complete`` is false if it stopped at the token limit or a filter; ``stopped`` is the provider's word for why.
    ``key`` names the answer in the cache (see ``forget``). ``notes`` are for the person: who was skipped, what of the
    budget is spent, that the answer is an earlier one."""

    text: str
    provider: str
    model: str
    endpoint: str
    cost_usd: float | None
    cached: Literal["", "exact", "similar"] = ""
    complete: bool = True
    stopped: str = "stop"
    usage: Usage = NO_TOKENS
    notes: tuple[str, ...] = ()
    key: str = ""


@dataclass(frozen=True, slots=True)
class Timing:
    """Time and chance as parameters. ``patience`` is how many seconds may be spent on waiting for a provider, for an
    urgent request and for one in the background."""

    clock: Callable[[], float] = time.time
    sleep: Callable[[float], None] = time.sleep
    jitter: Callable[[], float] = random.random
    patience: tuple[float, float] = (6.0, 60.0)


_TIMING = Timing()


@dataclass(slots=True)
class Purse:
    """What all questions of one request have cost so far, in US dollars; the budget of a request bounds their sum."""

    usd: float = 0.0
    unknown: bool = False  # whether one of them was asked of a model whose price is not known

    @property
    def known_usd(self) -> float | None:
        return None if self.unknown else self.usd


@dataclass(frozen=True, slots=True)
class Means:
    """What may be used to answer: models in the order of preference, the budget, the workspace's record (None: it
    cannot be written, so nothing is sent), and the person's patience. ``purse`` is shared by a request's questions."""

    models: tuple[ModelSettings, ...]
    budget: Budget
    store: Store | None
    cancel: CancelCheck
    on_progress: Progress
    timing: Timing = _TIMING
    purse: Purse = field(default_factory=Purse)
