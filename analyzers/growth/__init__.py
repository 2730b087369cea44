"""Measured growth: what a function costs on inputs of growing size, counted in the sandbox, and which line makes it."""

from .api import compare_growth, measure_growth
from .judging import with_growth
from .values import Comparison, Growth, LineGrowth

__all__ = ["Comparison", "Growth", "LineGrowth", "compare_growth", "measure_growth", "with_growth"]
