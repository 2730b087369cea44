"""Repairs of static faults, computed in a worker ahead of the lightbulb and kept for the version they were made for.

Invariant: an edit is offered only for the very version whose text it was computed and run on.
Invariant: in a folder that is not trusted nothing runs; what is offered there was never run, and says so.
"""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from ..analyzers.errors import SutureError, Unavailable
from ..analyzers.findings import Edit, Finding, text_hash
from .codec import edit_from_json, finding_to_json
from .current import shown
from .doctor import interpreter_of
from .documents import Document, Snapshot
from .reviews import STATIC
from .session import Healed, Session
from .workers import Lane

log = logging.getLogger(__name__)

#: How many faults of a file are repaired ahead of being asked for.
AHEAD = 6

#: Seconds without a keystroke, after a review, before repairs are computed ahead: a run costs more than a look.
PAUSE_S = 0.5

#: The longest that one repair, and one run of it, may take, in seconds.
HEAL_S, CHECK_S = 60.0, 5.0

#: Where that was too short, the machine is busy: it is tried again after these pauses (seconds), with more time for a
#: run, as long as nobody types.
AGAIN_S, PATIENT_CHECK_S = (2.0, 10.0), 10.0

#: What the title of an edit says that could not be run because of where it would run.
UNTRUSTED = "not run: the folder is not trusted"


def sandbox_params(session: Session, path: Path) -> dict[str, Any]:
    """What a job needs to open the sandbox for a file: whether it may, which one, and with which interpreter.

    The interpreter is that of the file's own root; of a folder that is not trusted it is not even looked for."""
    settings = session.server.settings(path).sandbox
    if not session.server.trust.trusted(path):
        return {"verify": False, "backend": settings.backend, "python": ""}
    found = interpreter_of(session.server.root_of(path), os.environ)
    return {"verify": True, "backend": settings.backend, "python": str(found[0]) if found is not None else ""}


def finding_params(session: Session, snapshot: Snapshot, finding: Finding) -> dict[str, Any]:
    """What a job needs that mends one finding of a text: both, the unsaved texts around it, and the sandbox."""
    path = session.where(snapshot)
    root = session.server.root_of(path)
    return {
        "root": str(root),
        "path": str(path),
        "text": snapshot.python,
        "finding": finding_to_json(finding),
        "files": session.unsaved(root, besides=str(path)),
        **sandbox_params(session, path),
    }


def fault_json(finding: Finding) -> dict[str, Any]:
    """A static fault in the words of a failing run, for the records."""
    syntax = finding.rule == "syntax-error"
    return {
        "category": "syntax" if syntax else "name",
        "language": "python",
        "exception": "SyntaxError" if syntax else "NameError",
        "message": finding.message,
        "path": finding.path,
        "line": finding.range.line,
        "column": finding.range.column,
        "end_column": finding.range.end_column if finding.range.end_line == finding.range.line else -1,
        "tests": [],
        "notes": [],
        "code": "",
    }


async def heal(
    session: Session,
    snapshot: Snapshot,
    finding: Finding,
    *,
    lane: Lane,
    priority: int = 0,
    check_s: float = CHECK_S,
) -> Healed:
    """The repairs of one static fault on this text, each run for ``check_s`` at most. Raises SutureError if the worker
    cannot say."""
    params = finding_params(session, snapshot, finding) | {"timeout_s": check_s}
    answer = await session.workers.run("heal_finding", params, lane=lane, priority=priority, timeout_s=HEAL_S)
    edits = tuple(rebased(edit_from_json(each), snapshot) for each in answer["edits"])
    if not params["verify"]:
        edits = tuple(replace(each, verified=False) for each in edits)
    return Healed(snapshot.version, edits, answer["cut_off"] and not any(each.verified for each in edits))


def rebased(edit: Edit, snapshot: Snapshot | Document) -> Edit:
    """An edit of what Python sees of a text, as one of the text itself: every offset is the same in both."""
    if snapshot.python == snapshot.text:
        return edit
    seen, base = text_hash(snapshot.python), text_hash(snapshot.text)
    files = tuple(replace(each, base=base) if each.base == seen else each for each in edit.files)
    return replace(edit, files=files)


def ready(session: Session, document: Document, ident: str) -> Healed | None:
    """Repairs that were computed for the document as it is now."""
    healed = session.healed.get((document.uri, ident))
    return healed if healed is not None and healed.version == document.version else None


async def heal_ahead(session: Session, document: Document) -> None:
    """Compute the repairs of the document's static faults, once the person has paused, until someone types."""
    version = document.version
    await asyncio.sleep(PAUSE_S)
    if not _is_still(session, document, version):
        return
    faults = list(zip(*shown_faults(session, document), strict=True))
    faults = [(name, finding) for name, finding in faults if ready(session, document, name) is None][:AHEAD]
    faults = await _healed_ahead(session, document, faults, CHECK_S)
    for pause in AGAIN_S:
        if not faults:
            return
        await asyncio.sleep(pause)
        if not _is_still(session, document, version):
            return
        faults = await _healed_ahead(session, document, faults, PATIENT_CHECK_S)


def _is_still(session: Session, document: Document, version: int | None) -> bool:
    return session.server.opened_document(document.uri) is document and document.version == version


async def _healed_ahead(
    session: Session, document: Document, faults: Sequence[tuple[str, Finding]], check_s: float
) -> list[tuple[str, Finding]]:
    """Those of the faults that the time was too short for; none once someone typed."""
    snapshot = document.snapshot()
    left: list[tuple[str, Finding]] = []
    for name, finding in faults:
        known = ready(session, document, name)
        if known is not None and not known.cut_off:
            continue  # somebody asked for it meanwhile
        healed = None
        try:
            healed = await heal(session, snapshot, finding, lane="analysis", priority=1, check_s=check_s)
        except Unavailable as error:
            log.info("no repair ahead for %s yet: %s", finding.rule, error)
            left.append((name, finding))
        except SutureError as error:
            log.info("no repair ahead for %s: %s", finding.rule, error)
        if not _is_still(session, document, snapshot.version):
            return []
        if healed is not None:
            session.healed[snapshot.uri, name] = healed
            if healed.cut_off:
                left.append((name, finding))
    return left


def shown_faults(session: Session, document: Document) -> tuple[list[str], list[Finding]]:
    """Identifiers and findings of the static faults that the editor shows."""
    now = shown(session, document)
    pairs = [(name, each) for name, each in zip(now.names, now.findings, strict=True) if each.rule in STATIC]
    return [name for name, _ in pairs], [each for _, each in pairs]


def best(edits: tuple[Edit, ...]) -> Edit | None:
    """The edit to apply if there must be one: verified before not, then as they were ranked."""
    return min(edits, key=lambda each: not each.verified, default=None)
