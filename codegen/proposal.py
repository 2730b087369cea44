"""The frozen values of code generation: what is asked for, with which means, and what came of it.

Invariant: a refusal is a Proposal with its reason and the evidence so far, never an exception.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from ..analyzers.findings import Edit, Evidence, Json

CancelCheck = Callable[[], bool]
#: Called with a short sentence about what happens now; long lines of a model's stream are not passed on.
Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class GenerationRequest:
    """Write the function that the comment at ``line`` (0-based) of ``text`` asks for.

    ``text`` is the document as the editor has it; ``path`` need not exist. ``specification`` replaces the words of the
    comment. ``include_tests`` adds ``tests/test_<name>.py`` to the edit if there is no such file yet. ``python`` is the
    interpreter that the workspace's code runs on (default: the one that runs Suture).

    ``code_type`` names a strategy of ``generators/`` (empty: chosen from the specification). ``max_complexity`` is the
    largest cyclomatic complexity of a function, ``rounds`` how often a draft that failed goes back with what failed,
    ``opinions`` how many further independent drafts a model is asked for where the tests leave a draft's behaviour
    open (0: none)."""

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


@dataclass(frozen=True, slots=True)
class ModelSettings:
    """An OpenAI-compatible endpoint. ``api_key`` is never shown, logged or stored."""

    base_url: str
    api_key: str = field(repr=False)
    model: str

    @staticmethod
    def from_environment(environ: Mapping[str, str]) -> ModelSettings | None:
        """From ``OPENAI_API_KEY``, ``OPENAI_BASE_URL`` and ``SUTURE_MODEL`` (or ``OPENAI_MODEL``).

        None without a key and without an address: then nothing is ever sent. A local server (an address and no key)
        needs no key. Only the environment is asked, never a file of the workspace."""
        key = environ.get("OPENAI_API_KEY", "").strip()
        url = environ.get("OPENAI_BASE_URL", "").strip()
        if not key and not url:
            return None
        model = environ.get("SUTURE_MODEL", "").strip() or environ.get("OPENAI_MODEL", "").strip() or "gpt-4o-mini"
        return ModelSettings(url or "https://api.openai.com/v1", key or "none", model)


@dataclass(frozen=True, slots=True)
class Budget:
    """Limits in US dollars, checked before each call. 0 means: never call a model.

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
