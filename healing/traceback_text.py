"""Faults in text that somebody pasted (placeholder, grows below)."""

from __future__ import annotations

from .fault import Fault
from .toolchain import diagnose


def faults_in(text: str) -> tuple[Fault, ...]:
    found = diagnose(text, text, ())
    return (found,) if found else ()
