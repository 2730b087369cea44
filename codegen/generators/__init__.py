"""How code is asked for: one file a strategy, each with its context, its prompt and its checks; and which one is taken.

A strategy is chosen by what the specification and the file say (:mod:`.signs`) and by what came of earlier drafts of
this kind (:mod:`.choosing`); the reasons are shown with the proposal.
"""

from .choosing import Choice, chosen
from .strategy import Fit, Strategy

__all__ = ["Choice", "Fit", "Strategy", "chosen"]
