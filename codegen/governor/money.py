"""What a call may cost, set aside before it; what it did cost; and when to tell the person.

Tokens are counted high from the text (no tokenizer's vocabulary is at hand without a download), the answer as long as
it may become, prices as the installed table says. All processes of a user share one purse.
"""

from __future__ import annotations

import math
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field

from ...analyzers.store import Store, open_store
from ..prices import Usage, estimated_tokens, price
from ..proposal import Budget, ModelSettings
from ..provider import Prompt

#: Shares of a budget at which the person is told.
ALERTS = (0.5, 0.8, 1.0)

DAY_S, MONTH_S = 86_400.0, 30 * 86_400.0


@dataclass
class Bill:
    """One call: ``expected`` before, ``spent`` after (None: the price is not known), ``alerts`` that it set off."""

    expected: float | None
    spent: float | None = 0.0
    alerts: list[str] = field(default_factory=list[str])


def expected_cost(prompt: Prompt, settings: ModelSettings) -> float | None:
    """US dollars at most, or None if the price is not known."""
    tokens = estimated_tokens(*(each["content"] for each in prompt.messages))
    return price(Usage(tokens, prompt.max_tokens), settings.model, settings.base_url)


def why_not(expected: float | None, before: float, settings: ModelSettings, budget: Budget) -> str:
    """Why a call is over the budget of a request (``before``: what this request has cost so far); or empty."""
    if expected is None:
        if budget.allow_unknown_price:
            return ""
        return f"the price of {settings.model} is not known, and the budget allows known prices only"
    if expected + before > budget.request_usd:
        so_far = f" after ${before:.4f}" if before else ""
        return (
            f"a call of {settings.model} may cost ${expected:.4f}{so_far}, over the budget of "
            f"${budget.request_usd:.4f} a request"
        )
    return ""


@contextmanager
def paid(store: Store, settings: ModelSettings, expected: float | None, budget: Budget) -> Generator[Bill | None]:
    """Sets the cost aside, and settles what ``bill.spent`` says in the end. None: the day's or month's is spent."""
    with open_store(None, folder=store.folder) as purse:
        reserved = purse.reserve_spending(
            expected or 0.0, model=settings.model, day_usd=budget.day_usd, month_usd=budget.month_usd
        )
        if reserved is None:
            yield None
            return
        bill = Bill(expected)
        try:
            yield bill
        finally:
            purse.settle_spending(reserved, bill.spent or 0.0)
            if bill.spent:
                bill.alerts += _alerts(purse, bill.spent, budget)


def _alerts(purse: Store, last: float, budget: Budget) -> list[str]:
    said: list[str] = []
    for name, span, limit in (("day", DAY_S, budget.day_usd), ("month", MONTH_S, budget.month_usd)):
        if not 0 < limit < math.inf:
            continue
        after = purse.spent(span)
        little = 1e-9  # sums of cents are not exact
        passed = [each for each in ALERTS if (after - last) / limit + little < each <= after / limit + little]
        if passed:
            said.append(f"{passed[-1]:.0%} of the budget of the {name} is spent: ${after:.2f} of ${limit:.2f}")
    return said


@dataclass(frozen=True, slots=True)
class Spending:
    """US dollars of the last 24 hours and 30 days, and the limits."""

    day_usd: float
    month_usd: float
    budget: Budget

    @property
    def share(self) -> float:
        """The larger share of the two budgets, from 0; infinite if something was spent and nothing is allowed."""
        pairs = ((self.day_usd, self.budget.day_usd), (self.month_usd, self.budget.month_usd))
        return max((spent / limit if limit else (math.inf if spent else 0.0)) for spent, limit in pairs)


def spending(store: Store, budget: Budget) -> Spending:
    """What models have cost this user, for a status."""
    with open_store(None, folder=store.folder) as purse:
        return Spending(purse.spent(DAY_S), purse.spent(MONTH_S), budget)
