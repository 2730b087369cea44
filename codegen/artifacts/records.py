"""The frozen values of the records: a proposal with its provenance, an entry of the audit log, and their digests.

Invariant: a digest is the SHA-256 of one canonical text, so that anybody can compute it again from the row alone.
"""

from __future__ import annotations

import getpass
import hashlib
import os
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from ...analyzers.findings import Json
from ...analyzers.store import canonical

Status = Literal["proposed", "testing", "awaiting approval", "approved", "rejected", "deployed"]

#: Of a proposal: on what occasion its code ran.
Occasion = Literal["tests", "fuzz", "run"]


@dataclass(frozen=True, slots=True)
class Provenance:
    """How a proposal came about. Hashes are hexadecimal SHA-256; ``round`` counts the attempts of its drafter from 1;
    ``parents`` are the proposals that it was made from (the ones whose failures were the feedback)."""

    author: str  # who asked for it
    drafter: str
    model: str = ""
    endpoint: str = ""
    strategy: str = ""
    prompt_sha256: str = ""
    template_sha256: str = ""
    parents: tuple[str, ...] = ()
    round: int = 1
    specification: str = ""
    extra: Mapping[str, Json] | None = None  # what else the drafter has to say

    def to_json(self) -> dict[str, Json]:
        return {
            **(self.extra or {}),
            "author": self.author,
            "drafter": self.drafter,
            "model": self.model,
            "endpoint": self.endpoint,
            "strategy": self.strategy,
            "prompt_sha256": self.prompt_sha256,
            "template_sha256": self.template_sha256,
            "parents": list(self.parents),
            "round": self.round,
            "specification": self.specification,
        }


@dataclass(frozen=True, slots=True)
class Stored:
    """A proposal in the store. ``path`` is relative to the workspace where it lies in it; ``result`` what the checks
    said, and the edit (``{"edit", "evidence", "levels", …}``), empty until they have."""

    id: str
    generation: str
    created: float  # seconds since the epoch
    path: str
    name: str
    kind: str
    code: str
    tests: str
    code_sha256: str
    tests_sha256: str
    provenance: Mapping[str, Any]
    record_sha256: str
    status: Status
    result: Mapping[str, Any]
    result_sha256: str
    decided_by: str
    decided_at: float
    reason: str
    executions: Mapping[str, tuple[int, int]]  # occasion → (runs, failures)

    def to_json(self) -> dict[str, Json]:
        return {
            "id": self.id,
            "status": self.status,
            "created": self.created,
            "path": self.path,
            "name": self.name,
            "kind": self.kind,
            "code": self.code,
            "tests": self.tests,
            "code_sha256": self.code_sha256,
            "tests_sha256": self.tests_sha256,
            "provenance": dict(self.provenance),
            "generation": self.generation,
            "decided_by": self.decided_by,
            "reason": self.reason,
            "verified": bool(self.result.get("verified", False)),
            "confidence": self.result.get("confidence", 0.0),
            "executions": {name: {"runs": runs, "failures": bad} for name, (runs, bad) in self.executions.items()},
        }


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry of the audit log. ``content`` is the digest of what the action was about, ``digest`` that of the entry
    with the one before it."""

    seq: int
    at: float
    person: str
    action: str
    proposal: str
    content: str
    detail: Mapping[str, Json]
    previous: str
    digest: str

    def to_json(self) -> dict[str, Json]:
        return {
            "seq": self.seq,
            "at": self.at,
            "person": self.person,
            "action": self.action,
            "proposal": self.proposal,
            "content": self.content,
            "detail": dict(self.detail),
            "previous": self.previous,
            "digest": self.digest,
        }


def sha256(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def entry_digest(
    seq: int, at: float, person: str, action: str, proposal: str, content: str, detail: str, previous: str
) -> str:
    """``detail`` is the text of the column."""
    values: list[Json] = [seq, at, person, action, proposal, content, detail, previous]
    return sha256(canonical({"entry": values}))


def record_digest(row: Mapping[str, Any]) -> str:
    """Of what a proposal is: all columns that never change. ``row`` maps their names to their values."""
    names = (
        *("id", "generation", "created", "path", "name", "kind", "code_sha256", "tests_sha256"),
        "provenance",
    )
    return sha256(canonical({name: row[name] for name in names}))


def storable(text: str) -> str:
    """The text as every database can hold it: without NUL and lone surrogates, which no source that parses has."""
    return text.replace("\0", "\N{REPLACEMENT CHARACTER}").encode("utf-8", "replace").decode("utf-8")


def person(environ: Mapping[str, str] | None = None) -> str:
    """Who acts: ``SUTURE_PERSON``, or the account on this machine."""
    said = (os.environ if environ is None else environ).get("SUTURE_PERSON", "").strip()
    if said:
        return said
    try:
        account = getpass.getuser()
    except (OSError, KeyError):
        account = str(os.getuid()) if hasattr(os, "getuid") else "somebody"
    return f"{account}@{socket.gethostname()}"
