"""The one way to a model: everything that must hold before, during and after a call of one.

``ask(request, means)`` gives a reply or why there is none. Before a call: the person's settings, the budget, the record
of what leaves the machine. It knows nothing about code: what is asked and what becomes of the answer is the caller's.

Invariant: nothing is sent that is not on the record first, and no money is spent that was not set aside first.
"""

from ..drafter import Declined
from ..proposal import shown_address
from .asking import NO_MODEL, ask, warm
from .money import Spending, spending
from .replies import forget
from .request import Means, ModelRequest, Purpose, Purse, Reply, Timing

__all__ = [
    "NO_MODEL",
    "Declined",
    "Means",
    "ModelRequest",
    "Purpose",
    "Purse",
    "Reply",
    "Spending",
    "Timing",
    "ask",
    "forget",
    "shown_address",
    "spending",
    "warm",
]
