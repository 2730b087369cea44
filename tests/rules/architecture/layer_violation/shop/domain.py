from __future__ import annotations

from typing import TYPE_CHECKING

from . import helpers  # bad: layer-violation
from .storage import orders  # ok: layer-violation

if TYPE_CHECKING:
    from .views import show  # ok: layer-violation


class Order:
    def __init__(self, name: str) -> None:
        self.name = helpers.titled(name)

    def save(self, shown: show | None = None) -> None:
        orders.save(self)
