"""The job of a worker process that imports modules first.

Invariant: workspace code runs in the sandbox only, and only in jobs that the server starts for a trusted folder.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..analyzers.findings import Json
from .codec import finding_from_json

if TYPE_CHECKING:
    from ..analyzers.first_imports.kept import FirstImports
    from .jobs import Context

Params = Mapping[str, Any]


def import_first(params: Params, context: Context) -> Json:
    """What came of modules that are said to fail. Parameters: root, findings, files, verify, backend, python."""
    from ..analyzers.first_imports.reviewing import tried
    from .jobs import encoded, interpreter

    root = Path(params["root"])
    found = tried(
        [finding_from_json(each) for each in params["findings"]],
        sandbox=lambda: context.sandbox(params),
        kept=_kept(),
        python=interpreter(params),
        files={str(root / name): data for name, data in encoded(params).items()},
        cancel=context.cancelled,
    )
    return [each.to_json() for each in found.values()]


@cache
def _kept() -> FirstImports:
    """What this process knows; on disk it is kept by the command line and the server alike."""
    from ..analyzers.first_imports.kept import open_kept

    return open_kept()
