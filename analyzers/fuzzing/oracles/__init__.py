"""What counts as a bug: one file per oracle. Everything unsure is not one: a false alarm costs more than a miss.

An oracle of single calls is a module here with ``prepare(facts) -> Oracle | None``: asked once per target whether it
has anything to say, then per call. It is found by being there. Exceptions, hangs, defaults, return types and the base
version are judged on every call; the others on a share (they call the target again).

Invariant: an oracle only reads its trial; what it calls runs under the runner's limits.
"""

from __future__ import annotations

import functools
import importlib
import pkgutil
from collections.abc import Callable

from .verdict import Facts, Oracle

__all__ = ["prepare_all"]


@functools.cache
def _makers() -> tuple[Callable[[Facts], Oracle | None], ...]:
    names = sorted(each.name for each in pkgutil.iter_modules(__path__))
    modules = [importlib.import_module(f"{__name__}.{name}") for name in names]
    return tuple(module.prepare for module in modules if hasattr(module, "prepare"))


def prepare_all(facts: Facts) -> tuple[Oracle, ...]:
    """The oracles that apply to a target."""
    return tuple(oracle for make in _makers() if (oracle := make(facts)) is not None)
