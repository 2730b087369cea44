"""Measured growth: what a function costs on inputs of growing size, counted in the sandbox, and which line makes it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .api import compare_growth as compare_growth
    from .api import measure_growth as measure_growth
    from .judging import with_growth as with_growth
    from .values import Comparison as Comparison
    from .values import Growth as Growth
    from .values import LineGrowth as LineGrowth

_HOMES = {
    "compare_growth": "api",
    "measure_growth": "api",
    "with_growth": "judging",
    "Comparison": "values",
    "Growth": "values",
    "LineGrowth": "values",
}

__all__ = ["Comparison", "Growth", "LineGrowth", "compare_growth", "measure_growth", "with_growth"]


def __getattr__(name: str) -> Any:
    """The public names, imported when they are first used: the worker in the sandbox needs none of them."""
    if name not in _HOMES:
        raise AttributeError(name)
    from importlib import import_module

    return getattr(import_module(f".{_HOMES[name]}", __name__), name)
