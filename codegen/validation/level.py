"""What a level of validation is: one file of ``levels/`` that looks at a draft in its place and gives a verdict.

A level passes, fails, or did not run and says why. Cheap ones look at text, others start a tool or use the sandbox;
:mod:`.pipeline` decides which run when. A strategy's own checks are levels too.

Invariant: a level changes nothing, and never raises for what the draft holds.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

from ...analyzers.findings import Evidence, Json
from ...analyzers.sandbox.interface import Sandbox
from ..placement import Import, Placed
from ..proposal import CancelCheck, GenerationRequest, Progress
from ..specification import Specification

#: In a subject's ``memo`` if the drafter gave the same code again with what was found before its eyes.
INSISTS = "insists"

Status = Literal["passed", "failed", "not run"]

#: What a level needs. ``text``: nothing, some milliseconds. ``tool``: a process of its own beside the others.
#: ``sandbox``: runs the draft; one after the other, and only if everything before passed.
Means = Literal["text", "tool", "sandbox"]


@dataclass(frozen=True, slots=True)
class Subject:
    """A draft in its place. ``code`` is at depth 0; ``placed`` the file with it, imports included.

    ``tests`` is the pytest file that goes along, ``isolated_tests`` the same for a module ``suture_isolated`` (for when
    the workspace's own module cannot be imported here). ``sandbox`` None: nothing runs. ``memo`` holds what levels of
    one subject share."""

    request: GenerationRequest
    placed: Placed
    code: str
    imports: tuple[Import, ...]
    spec: Specification | None = None
    tests: str = ""
    isolated_tests: str = ""
    class_name: str = ""
    in_function: bool = False
    by_model: bool = False
    sandbox: Sandbox | None = None
    cancel: CancelCheck | None = None
    on_progress: Progress | None = None
    tests_folder: str = ""  # relative to the root, for tests that rely on what is beside them
    memo: dict[str, Any] = field(default_factory=dict[str, Any], compare=False, repr=False)

    @property
    def target(self) -> str:
        """The function as the fuzzer names it: ``f`` or ``Class.f``; empty if it is not known."""
        name = self.spec.name if self.spec else ""
        return f"{self.class_name}.{name}" if self.class_name and name else name


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a level says. ``reason`` is a sentence for the person and for the model; empty if it passed.

    ``quality`` is the share of the level's weight that a pass earns, 0 to 1. ``applies`` is false if the level has
    nothing to say here (no checker in the project, no schema): then it does not count in the score. ``hints`` are
    facts that refuse nothing but are worth telling the model, should something else fail. ``verified``: tests ran and
    passed. ``broken``: the level itself failed, so nobody knows."""

    status: Status
    reason: str = ""
    evidence: tuple[Evidence, ...] = ()
    quality: float = 1.0
    applies: bool = True
    verified: bool = False
    notes: tuple[str, ...] = ()
    hints: tuple[str, ...] = ()
    progress: float = 0.0
    broken: bool = False


def passed(*evidence: Evidence, quality: float = 1.0, notes: tuple[str, ...] = (), verified: bool = False) -> Verdict:
    return Verdict("passed", "", evidence, quality, notes=notes, verified=verified)


def failed(reason: str, *evidence: Evidence, progress: float = 0.0) -> Verdict:
    """``progress`` in [0, 1): how much of the level was reached, for the feedback loop."""
    return Verdict("failed", reason, evidence, 0.0, progress=progress)


def not_run(reason: str, *, applies: bool = True, notes: tuple[str, ...] = ()) -> Verdict:
    """Not judged. ``applies`` false: there is nothing to judge here, and the score leaves the level out."""
    return Verdict("not run", reason, quality=0.0, applies=applies, notes=notes)


@dataclass(frozen=True, slots=True)
class Level:
    """``order`` sorts levels, cheapest first; ``weight`` is its share of the score (the built-in ones sum to 100).

    ``about`` says in a sentence what it checks. A level that does not ``gate`` lowers the score and refuses nothing."""

    name: str
    order: int
    weight: float
    run: Callable[[Subject], Verdict]
    means: Means = "text"
    gates: bool = True
    about: str = ""


@dataclass(frozen=True, slots=True)
class LevelResult:
    """A level's verdict as a proposal keeps it; ``reason`` also says why it was not run."""

    name: str
    status: Status
    reason: str
    weight: float
    quality: float
    applies: bool
    gates: bool = True
    seconds: float = 0.0

    def to_json(self) -> dict[str, Json]:
        return {
            "name": self.name,
            "status": self.status,
            "reason": self.reason,
            "weight": self.weight,
            "quality": round(self.quality, 3),
            "seconds": round(self.seconds, 3),
        }
