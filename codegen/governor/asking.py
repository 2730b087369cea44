"""One question to the models that are configured, in their order: cache, money, turn, record, call.

What fails for a moment (429, a server's error, a stream that breaks off) is tried again after a pause with jitter; what
goes on failing is left for the next model, and skipped for a while. The reply says who gave it and who was skipped.

Invariant: a reason not to call is a value with its sentence; only Cancelled is raised.
Invariant: every message is masked here once more, whoever wrote it; the record says what was sent after that.
"""

from __future__ import annotations

import hashlib
import importlib
import math
import uuid
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from ...analyzers.errors import Cancelled, Unavailable
from ...analyzers.store import Store, cache_folder
from .. import chat
from ..chat import Answer, complete
from ..drafter import Declined
from ..prices import Usage, price
from ..proposal import ModelSettings
from ..provider import Failed, Message, Prompt, providers
from ..redaction import mask
from . import limiter, money, replies
from .request import Means, ModelRequest, Reply
from .shelf import Shelf, open_shelf

if TYPE_CHECKING:
    from tenacity import RetryCallState

NO_MODEL = "no model is configured (OPENAI_API_KEY, ANTHROPIC_API_KEY, GEMINI_API_KEY, or OPENAI_BASE_URL)"

#: What is worth another try with the same model, and how many tries there are in all.
TRIES: Mapping[str, int] = {"server": 3, "rate": 3, "unreachable": 2, "broken": 2}

_POLL_S = 0.04


def ask(request: ModelRequest, means: Means) -> Reply | Declined:
    """The first model's reply that there is, or why there is none. Raises Cancelled."""
    if not means.models:
        return Declined(NO_MODEL)
    if means.budget.never:
        return Declined("a model is configured, but the budget is 0: it is never called")
    if means.store is None:
        return Declined("the record of what leaves the machine cannot be written, so nothing is sent")
    request = _masked(request)
    turn = _Turn(request, means, means.store, open_shelf(means.store.folder))
    turn.check_cancelled()
    kept = turn.from_cache()
    if kept is not None:
        return kept
    for number, settings in enumerate(means.models):
        if number:
            means.on_progress(f"{turn.reasons[-1]}; asking {settings.model} instead")
        reply = turn.from_model(settings)
        if reply is not None:
            return reply
    return Declined("; ".join(dict.fromkeys(turn.reasons)), turn.cost)


def warm(models: Iterable[ModelSettings], store_folder: Path | None = None) -> None:
    """Load ahead what the first request would wait for: the SDK, prices, libraries, the cache. Sends nothing."""
    for module in ("pybreaker", "tenacity"):
        importlib.import_module(module)
    found = tuple(models)
    chat.warm(found)
    for each in found:
        price(Usage(1, 1), each.model, each.base_url)
    open_shelf(store_folder or cache_folder()).get("warm")


def _masked(request: ModelRequest) -> ModelRequest:
    count = 0
    messages: list[Message] = []
    for each in request.messages:
        text, found = mask(each["content"])
        count += found
        messages.append({**each, "content": text})
    return replace(request, messages=tuple(messages), masked=request.masked + count)


@dataclass
class _Turn:
    """One ask: what it has cost, and why models did not answer."""

    request: ModelRequest
    means: Means
    store: Store
    shelf: Shelf
    spent: float = 0.0
    unknown: bool = False
    waited: float = 0.0
    reasons: list[str] = field(default_factory=list[str])
    notes: list[str] = field(default_factory=list[str])

    @property
    def cost(self) -> float | None:
        return None if self.unknown else self.spent

    def check_cancelled(self) -> None:
        if self.means.cancel():
            raise Cancelled

    # --- the cache ---

    def from_cache(self) -> Reply | None:
        for settings in self.means.models:
            key = replies.key_of(self.request, settings, self.request.temperature)
            answer = replies.exact(self.shelf, key)
            if answer is not None:
                note = f"the answer of {answer.model} to the same question was used again"
                return _reply(settings, answer, 0.0, key, "exact", (note,))
        if self.request.sample:
            return None
        for settings in self.means.models:
            found = replies.similar(self.shelf, self.request, settings)
            if found is not None:
                key, answer, alike = found
                note = f"the answer of {answer.model} to a similar question was used again ({alike:.0%} alike)"
                return _reply(settings, answer, 0.0, key, "similar", (note,))
        return None

    # --- a model ---

    def from_model(self, settings: ModelSettings) -> Reply | None:
        """The model's reply; None and a reason more if it gave none. Raises Cancelled."""
        import pybreaker
        from sqlalchemy.exc import SQLAlchemyError

        from .breaker import breaker, skipped_for

        name = _identity(settings)
        seconds = skipped_for(self.shelf, name, self.means.timing.clock())
        if seconds:
            self.reasons.append(f"{settings.model} is skipped for {seconds:.0f} s more, for it kept failing")
            return None
        try:
            with breaker(self.shelf, name).calling():
                answer = self._patiently(settings, name)
        except pybreaker.CircuitBreakerError:
            self.reasons.append(f"{settings.model} is skipped for a while, for it kept failing")
            return None
        except Failed as error:
            if error.kind == "cancelled":
                raise Cancelled from error
            self.reasons.append(str(error))
            return None
        except (Unavailable, SQLAlchemyError) as error:
            said = str(getattr(error, "orig", None) or error)
            self.reasons.append(f"what is spent and sent cannot be recorded ({said}), so {settings.model} is not asked")
            return None
        if isinstance(answer, str):
            self.reasons.append(answer)
            return None
        key = replies.key_of(self.request, settings, self.request.temperature)
        replies.keep(self.shelf, key, self.request, settings, answer)
        notes = [f"{each}; {settings.model} answered instead" for each in dict.fromkeys(self.reasons)]
        if self.unknown:
            notes.append("the price of this model is not known")
        return _reply(settings, answer, self.cost, key, "", (*notes, *self.notes))

    def _patiently(self, settings: ModelSettings, name: str) -> Answer | str:
        """An answer, or why it is not asked for. Tries again what may pass. Raises Failed, Cancelled."""
        import tenacity

        patience = self.means.timing.patience[not self.request.urgent]

        def again(state: RetryCallState) -> bool:
            error = state.outcome.exception() if state.outcome is not None else None
            if not isinstance(error, Failed) or state.attempt_number >= TRIES.get(error.kind, 1):
                return False
            return self.waited + (error.retry_after or 0.0) <= patience

        def pause(state: RetryCallState) -> float:
            error = state.outcome.exception() if state.outcome is not None else None
            least = error.retry_after if isinstance(error, Failed) and error.retry_after is not None else 0.0
            return least + 0.25 * 2 ** (state.attempt_number - 1) * (0.5 + self.means.timing.jitter())

        retrying = tenacity.Retrying(retry=again, wait=pause, sleep=self._sleep, stop=tenacity.stop_never, reraise=True)
        return retrying(self._once, settings, name)

    def _once(self, settings: ModelSettings, name: str) -> Answer | str:
        provider = providers().get(settings.provider)
        prompt = Prompt(
            self.request.messages,
            self.request.temperature,
            self.request.max_tokens,
            self.request.schema if provider is not None and provider.structured(settings) else None,
            {
                "purpose": self.request.purpose,
                "why": self.request.why,
                "files": list(self.request.files),
                "urgent": self.request.urgent,
            },
        )
        expected = money.expected_cost(prompt, settings)
        reason = money.why_not(expected, self.means.purse.usd, settings, self.means.budget)
        if reason:
            return reason
        with self._turn_of(name):
            with money.paid(self.store, settings, expected, self.means.budget) as bill:
                if bill is None:
                    return "the budget of the day or month is spent; no model was called"
                answer: Answer | None = None
                try:
                    answer = self._call(settings, prompt)
                    bill.spent = price(answer.usage, settings.model, settings.base_url)
                except Failed as error:
                    bill.spent = price(error.usage, settings.model, settings.base_url)
                    self._learn(name, error)
                    raise
                finally:
                    self.unknown = self.unknown or bill.spent is None
                    self.spent += bill.spent or 0.0
                    self.means.purse.usd += bill.spent or 0.0
                    self.means.purse.unknown |= bill.spent is None
            for alert in bill.alerts:
                self.notes.append(alert)
                self.means.on_progress(alert)
        self.shelf.change(_rates(name), limiter.succeeded)
        return answer

    def _call(self, settings: ModelSettings, prompt: Prompt) -> Answer:
        self.check_cancelled()
        body = "\n".join(each["content"] for each in prompt.messages).encode("utf-8", "surrogatepass")
        self.store.record_egress(
            endpoint=settings.address,
            model=settings.model,
            body=body,
            why=self.request.why,
            files=self.request.files,
            masked=self.request.masked,
        )
        self.means.on_progress(f"asking {settings.model}")
        return complete(settings, prompt, cancel=self.means.cancel, on_progress=self.means.on_progress)

    # --- its turn ---

    def _turn_of(self, name: str) -> _Flight:
        """Waits until a request may be sent. Raises Failed if that is longer than anybody wants to wait."""
        ident, timing = uuid.uuid4().hex, self.means.timing
        patience = timing.patience[not self.request.urgent]
        while True:
            seconds = self.shelf.change(
                _rates(name), lambda state: limiter.enter(state, ident, timing.clock(), urgent=self.request.urgent)
            )
            if not seconds:
                return _Flight(lambda: self.shelf.change(_rates(name), lambda state: limiter.leave(state, ident)))
            if self.waited + seconds > patience:
                raise Failed(
                    "rate",
                    "requests that are under way, or the rate that was learned, leave no room",
                    f"try again in {math.ceil(seconds)} s",
                )
            self._sleep(min(seconds, 0.25))

    def _learn(self, name: str, error: Failed) -> None:
        if error.kind == "rate":
            now = self.means.timing.clock()
            self.shelf.change(_rates(name), lambda state: limiter.limited(state, now, error.retry_after))

    def _sleep(self, seconds: float) -> None:
        """A pause that ends when the person stops it. Raises Cancelled."""
        self.waited += seconds
        left = seconds
        while left > 0:
            self.check_cancelled()
            self.means.timing.sleep(min(left, _POLL_S))
            left -= _POLL_S
        self.check_cancelled()


@dataclass(frozen=True, slots=True)
class _Flight:
    leave: Callable[[], None]

    def __enter__(self) -> None:
        return

    def __exit__(self, *_: object) -> None:
        self.leave()


def _identity(settings: ModelSettings) -> str:
    """Names a provider's account and model on the shelf; another key is another account."""
    text = "\0".join((settings.provider, settings.base_url, settings.model, settings.api_key))
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _rates(name: str) -> str:
    return f"rate {name}"


def _reply(
    settings: ModelSettings, answer: Answer, cost: float | None, key: str, cached: str, notes: tuple[str, ...]
) -> Reply:
    return Reply(
        answer.text,
        settings.provider,
        answer.model,
        settings.address,
        cost,
        "exact" if cached == "exact" else "similar" if cached else "",
        answer.complete,
        answer.stopped,
        answer.usage,
        notes,
        key,
    )
