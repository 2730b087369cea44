"""What the crash looked like from inside: more than a traceback's text says, noted by :mod:`.probe`'s hook."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class ObservedFrame:
    """``local_types`` maps the frame's local names to the names of their types; ``self_names`` is what ``self`` has,
    noted for the innermost frame only."""

    path: str
    line: int
    local_types: Mapping[str, str] = field(default_factory=dict[str, str])
    self_names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Observation:
    """``owner_type`` and ``owner_names`` describe the object that had no such attribute (``dir`` of it);
    ``name`` is the name that was looked up, as the exception itself says."""

    exception: str
    name: str = ""
    owner_type: str = ""
    owner_names: tuple[str, ...] = ()
    frames: tuple[ObservedFrame, ...] = ()
