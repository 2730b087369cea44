from __future__ import annotations

from typing import TYPE_CHECKING

import shop  # ok: import-cycle

if TYPE_CHECKING:
    from .taxes import Tax  # ok: import-cycle


def total(order) -> Tax:
    return shop.taxes.of(order)
