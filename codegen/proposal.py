"""The frozen values of code generation: what is asked for, with which means, and what came of it.

Invariant: a refusal is a Proposal with its reason and the evidence so far, never an exception.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit, urlunsplit

from ..analyzers.findings import Edit, Evidence, Json

CancelCheck = Callable[[], bool]
#: Called with a short sentence about what happens now; long lines of a model's stream are not passed on.
Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class GenerationRequest:
    """Write what the comment, stub or failing test at ``line`` (0-based) of ``text`` asks for; or, with ``change``
    (an instruction), change the definition that holds the lines ``line`` to ``end_line`` (inclusive).

    ``text`` is the document as the editor has it; ``path`` need not exist. ``specification`` replaces the words of the
    comment. ``include_tests`` adds the tests to the edit, to a file of the project's tests. ``python`` is the
    interpreter that the workspace's code runs on (default: the one that runs Suture). ``files`` are the texts of other
    files as the editor has them, by absolute path; the disk has the rest.

    ``code_type`` names a strategy of ``generators/`` (empty: chosen from the specification). ``max_complexity`` is the
    largest cyclomatic complexity of a function, ``rounds`` how often a draft that failed goes back with what failed,
    ``opinions`` how many further independent drafts a model is asked for where the tests leave a draft's behaviour
    open (0: none).

    ``known`` are names that code elsewhere binds for this one (other cells of a notebook); ``*`` among them: it binds
    others, too, and it cannot be told which."""

    root: Path
    path: Path
    text: str
    line: int
    specification: str = ""
    include_tests: bool = True
    include_type_hints: bool = True
    python: Path | None = None
    code_type: str = ""
    max_complexity: int = 15
    rounds: int = 3
    opinions: int = 2
    change: str = ""
    end_line: int | None = None
    files: Mapping[str, str] = field(default_factory=dict[str, str])
    known: frozenset[str] = frozenset()

    def is_known(self, name: str) -> bool:
        """Whether code elsewhere binds a name for this one, or may do so."""
        return "*" in self.known or name in self.known


#: Asks the editor's own model: (request, what to do with each piece of text, is it cancelled?) → the whole answer.
EditorChannel = Callable[[Mapping[str, Json], Callable[[str], None], CancelCheck], Mapping[str, Json]]


@dataclass(frozen=True, slots=True)
class ModelSettings:
    """A model of a provider (a name of ``providers/``). ``api_key`` is never shown, logged or stored.

    ``base_url`` is where it is asked; the editor's own model has a ``channel`` instead."""

    base_url: str
    api_key: str = field(repr=False)
    model: str
    provider: str = "openai-compatible"
    channel: EditorChannel | None = field(default=None, repr=False, compare=False)

    @property
    def address(self) -> str:
        """``base_url`` for people and records."""
        return shown_address(self.base_url)


def shown_address(base_url: str) -> str:
    """An endpoint without credentials or query."""
    parts = urlsplit(base_url)
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))


@dataclass(frozen=True, slots=True)
class Budget:
    """Limits in US dollars, checked before each call. 0 means: never call a model. ``request_usd`` bounds all calls for
    one proposal together: rounds, plans, tests and further opinions.

    ``allow_unknown_price`` says whether a model that the price table does not know may be called (a local one is free
    and unknown; a hosted one may not be); its calls count as 0 and say so."""

    request_usd: float = 0.10
    day_usd: float = 1.0
    month_usd: float = 10.0
    allow_unknown_price: bool = True

    @property
    def never(self) -> bool:
        return min(self.request_usd, self.day_usd, self.month_usd) <= 0

    @staticmethod
    def unlimited() -> Budget:
        return Budget(math.inf, math.inf, math.inf)


@dataclass(frozen=True, slots=True)
class Proposal:
    """What is offered, or refused and why (``reason``). ``notes`` are remarks on what is offered.

    ``code`` is the function alone, at the depth of the comment's scope but not indented; ``tests`` the text of a pytest
    file; ``imports`` the import lines that the edit adds. ``confidence`` is a probability estimate from 0 to 1.
    ``verified`` is true only if tests ran in the sandbox and passed. ``failed_check`` names the check that refused it
    (a level of :mod:`.validation`; empty if none did). ``levels`` is what each level said, ``score`` their weighted sum
    from 0 to 100. ``id`` is its record in the store."""

    status: Literal["offered", "refused"]
    reason: str = ""
    code: str = ""
    tests: str = ""
    imports: tuple[str, ...] = ()
    confidence: float = 0.0
    evidence: tuple[Evidence, ...] = ()
    cost_usd: float | None = 0.0  # None: the price of the model is not known
    provider: str = ""
    attempts: int = 0
    edit: Edit | None = None
    name: str = ""
    verified: bool = False
    failed_check: str = ""
    id: str = ""
    notes: tuple[str, ...] = ()
    score: float = 0.0
    levels: tuple[Mapping[str, Json], ...] = ()

    def to_json(self) -> dict[str, Json]:
        """The object of the command-line contract, and what else is known."""
        return {
            "status": self.status,
            "reason": self.reason,
            "notes": list(self.notes),
            "name": self.name,
            "code": self.code,
            "tests": self.tests,
            "imports": list(self.imports),
            "confidence": round(self.confidence, 3),
            "verified": self.verified,
            "evidence": [each.to_json() for each in self.evidence],
            "cost_usd": self.cost_usd,
            "provider": self.provider,
            "attempts": self.attempts,
            "failed_check": self.failed_check,
            "score": self.score,
            "levels": [dict(each) for each in self.levels],
            "id": self.id,
        }
