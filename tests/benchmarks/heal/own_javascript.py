"""What Node proposes itself: nothing that could be applied."""

from __future__ import annotations

from pathlib import Path


def apply(folder: Path, command: list[str]) -> bool:
    """Node's hints are sentences."""
    return False
