"""The job of a worker process that measures growth.

Invariant: workspace code runs in the sandbox only, and only in jobs that the server starts for a trusted folder.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..analyzers.findings import Json

if TYPE_CHECKING:
    from .jobs import Context

Params = Mapping[str, Any]


def measure_growth(params: Params, context: Context) -> Json:
    """How a function grows. Parameters: root, path, name, text, budget_s, backend, python."""
    from ..analyzers.growth import measure_growth as measure

    growth = measure(
        Path(params["root"]),
        Path(params["path"]),
        params["name"],
        sandbox=context.sandbox(params),
        text=params["text"],
        budget_s=params["budget_s"],
        python=Path(params["python"]) if params.get("python") else None,
        cancel=context.cancelled,
    )
    return growth.to_json()
