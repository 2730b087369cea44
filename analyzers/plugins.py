"""Discovery: one file is one rule, repair, provider or toolchain; nothing central lists them.

Built-in ones are the modules of a package that define a given attribute; third parties add theirs by entry points
(``suture.rules``, ``suture.repairs``, ``suture.providers``, ``suture.toolchains``), loaded only from the environment
that Suture itself is installed in, never from the workspace. ``SUTURE_NO_PLUGINS=1`` turns entry points off.
"""

from __future__ import annotations

import importlib
import logging
import os
import pkgutil
from collections.abc import Iterator
from importlib.metadata import entry_points
from typing import TypeVar

log = logging.getLogger(__name__)

T = TypeVar("T")


def discover(package: str, attribute: str, kind: type[T], group: str = "", *, subpackages: bool = False) -> Iterator[T]:
    """Every ``attribute`` of type ``kind`` in the modules of ``package`` (and, if asked, of the packages in it), then
    of the entry points of ``group``.

    Sorted by module name, so that the order never depends on the file system. A broken third-party plug-in is
    logged and left out; a broken built-in one is an error.
    """
    root = importlib.import_module(package)
    for info in sorted(pkgutil.iter_modules(root.__path__), key=lambda each: each.name):
        if info.ispkg and subpackages:
            yield from discover(f"{package}.{info.name}", attribute, kind, subpackages=True)
            continue
        value = getattr(importlib.import_module(f"{package}.{info.name}"), attribute, None)
        if isinstance(value, kind):
            yield value
    if not group or os.environ.get("SUTURE_NO_PLUGINS"):
        return
    for entry in sorted(entry_points(group=group), key=lambda each: each.name):
        try:
            value = entry.load()
        except Exception as error:  # noqa: BLE001 - a plug-in may raise anything; it must not take Suture down
            log.warning("plug-in %s of %s could not be loaded: %s", entry.name, group, error)
            continue
        if isinstance(value, kind):
            yield value
        else:
            log.warning("plug-in %s of %s is a %s, not a %s", entry.name, group, type(value).__name__, kind.__name__)
