"""What a toolchain is: one file under ``diagnosis/`` that turns what a tool printed into a :class:`Fault`.

Invariant: diagnosis is a pure function of the text. It reads no file and starts nothing, so that a log from
elsewhere can be diagnosed too; :mod:`.locate` then finds the place in the workspace.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from ..analyzers.plugins import discover
from .fault import Fault


@dataclass(frozen=True, slots=True)
class Toolchain:
    """``diagnose(stdout, stderr, command)`` gives None if the output is not of this toolchain. Higher ``priority``
    is asked first: a test runner before the language that it runs. ``outcomes``, with the same arguments, says what
    became of each test (id → ``passed``, ``failed`` or ``skipped``); empty where the output does not tell. ``every``
    gives every failure of the output in its order, where that is more than ``diagnose`` and its ``others``."""

    name: str
    diagnose: Callable[[str, str, Sequence[str]], Fault | None]
    priority: int = 0
    outcomes: Callable[[str, str, Sequence[str]], Mapping[str, str]] | None = None
    every: Callable[[str, str, Sequence[str]], Iterable[Fault]] | None = None


def last_of(every: Callable[[str, str, Sequence[str]], Iterable[Fault]]) -> Callable[..., Fault | None]:
    """The ``diagnose`` of a toolchain whose last failure is what ended the program."""

    def diagnose(stdout: str, stderr: str, command: Sequence[str]) -> Fault | None:
        found = [*every(stdout, stderr, command)]
        return found[-1] if found else None

    return diagnose


@cache
def toolchains() -> tuple[Toolchain, ...]:
    """All toolchains, most special first."""
    found = discover(f"{__package__}.diagnosis", "TOOLCHAIN", Toolchain, "suture.toolchains")
    return tuple(sorted(found, key=lambda each: -each.priority))


def diagnose(stdout: str, stderr: str, command: Sequence[str]) -> Fault | None:
    """The fault that the first toolchain recognises, or None."""
    for toolchain in toolchains():
        fault = toolchain.diagnose(stdout, stderr, command)
        if fault is not None:
            return fault
    return None


def outcomes(stdout: str, stderr: str, command: Sequence[str]) -> Mapping[str, str]:
    """What became of each test, as the first toolchain says that can tell."""
    for toolchain in toolchains():
        if toolchain.outcomes is not None and (found := toolchain.outcomes(stdout, stderr, command)):
            return found
    return {}
