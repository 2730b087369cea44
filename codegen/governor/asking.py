"""One question to a model: settings, money, record, call, in this order.

Invariant: a reason not to call is a value with its sentence; only Cancelled is raised.
"""

from __future__ import annotations

from ...analyzers.errors import Cancelled, Unavailable
from ...analyzers.store import Store, open_store
from ..chat import Answer, Interrupted, complete
from ..drafter import Declined
from ..prices import Usage, estimated_tokens, price
from ..proposal import ModelSettings
from .request import Means, ModelRequest, Reply, shown_address

NO_MODEL = "no model is configured (OPENAI_API_KEY, or OPENAI_BASE_URL for a local server)"

#: How freely a model may choose its words, by what it is asked for.
TEMPERATURES = {"code": 0.2, "tests": 0.3, "prompt": 0.3, "repair": 0.2, "change": 0.2}


def ask(request: ModelRequest, means: Means) -> Reply | Declined:
    """The model's reply, or why there is none. Raises Cancelled."""
    if not means.models:
        return Declined(NO_MODEL)
    settings = means.models[0]
    if means.budget.never:
        return Declined("a model is configured, but the budget is 0: it is never called")
    if means.store is None:
        return Declined("the record of what leaves the machine cannot be written, so nothing is sent")
    if means.cancel():
        raise Cancelled
    tokens = estimated_tokens(*(each["content"] for each in request.messages))
    expected = price(Usage(tokens, request.max_tokens), settings.model, settings.base_url)
    budget = means.budget
    if expected is None and not budget.allow_unknown_price:
        return Declined(f"the price of {settings.model} is not known, and the budget allows known prices only")
    if expected is not None and expected > budget.request_usd:
        return Declined(
            f"a call of {settings.model} may cost ${expected:.4f}, over the budget of ${budget.request_usd:.4f} "
            "a request"
        )
    with open_store(None, folder=means.store.folder) as purse:
        reserved = purse.reserve_spending(
            expected or 0.0, model=settings.model, day_usd=budget.day_usd, month_usd=budget.month_usd
        )
        if reserved is None:
            return Declined("the budget of the day or month is spent; no model was called")
        spent: float | None = 0.0
        try:
            answer, usage = _call(request, settings, means, means.store)
            spent = price(usage, settings.model, settings.base_url)
        finally:
            purse.settle_spending(reserved, spent or 0.0)
    if isinstance(answer, Declined):
        return Declined(answer.reason, spent)
    notes = ("the price of this model is not known",) if expected is None else ()
    return Reply(
        answer.text,
        "openai-compatible",
        settings.model,
        shown_address(settings.base_url),
        spent,
        "",
        answer.complete,
        answer.stopped,
        usage,
        notes,
    )


def _call(
    request: ModelRequest, settings: ModelSettings, means: Means, store: Store
) -> tuple[Answer | Declined, Usage]:
    """The answer or why there is none, and the tokens that were used. Raises Cancelled."""
    body = "\n".join(each["content"] for each in request.messages).encode("utf-8", "surrogatepass")
    store.record_egress(
        endpoint=shown_address(settings.base_url),
        model=settings.model,
        body=body,
        why=request.why,
        files=request.files,
        masked=request.masked,
    )
    means.on_progress(f"asking {settings.model}")
    try:
        answer = complete(
            settings,
            request.messages,
            temperature=TEMPERATURES[request.purpose],
            max_tokens=request.max_tokens,
            cancel=means.cancel,
            on_progress=means.on_progress,
        )
    except Interrupted as error:
        if error.cancelled:
            raise Cancelled from error
        return Declined(str(error)), error.usage
    except Unavailable as error:
        return Declined(str(error)), Usage(0, 0)
    return answer, answer.usage
