"""First imports for the editor: what came of importing modules first, and what it does to the findings of cycles.

An answer belongs to the texts of the files that were executed. It is dropped as soon as one of them is edited, and
there again after the next pause, from the worker's memory where the texts are what they were.

Invariant: looking at findings runs nothing; :func:`measure` does, and whoever calls it asks for trust before.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ..analyzers.findings import Finding
from .codec import finding_to_json

if TYPE_CHECKING:
    from ..analyzers.first_imports.values import Claim, FirstImport
    from .documents import Document
    from .session import Session
    from .workers import Lane

#: The rule whose findings say what fails as the first import (named here, so that nothing is loaded to look for it).
RULE = "import-cycle"
#: The longest that trying the modules of a document's cycles may take, in seconds.
LONGEST_S = 180.0


@dataclass
class Imported:
    """What came of first imports, by the path of the module, for the texts of now."""

    results: dict[str, FirstImport] = field(default_factory=lambda: dict[str, "FirstImport"]())

    def forget(self, path: str) -> bool:
        """Drop what a file had a part in; was there anything?"""
        gone = [name for name, each in self.results.items() if name == path or any(path == it for it, _ in each.files)]
        for name in gone:
            del self.results[name]
        return bool(gone)


def imported(session: Session, findings: Sequence[Finding]) -> Sequence[Finding]:
    """The findings after the imports that were tried; the same ones where none was."""
    if not session.imported.results or all(each.rule != RULE for each in findings):
        return findings
    from ..analyzers.first_imports.judging import with_first_imports

    return with_first_imports(findings, session.imported.results)


def claimed(findings: Iterable[Finding]) -> list[Finding]:
    """The findings that say that a module fails as the first import."""
    cycles = [each for each in findings if each.rule == RULE]
    return [each for each in cycles if claims(each)]


def claims(finding: Finding) -> tuple[Claim, ...]:
    """What a finding says of first imports."""
    from ..analyzers.first_imports.values import claims_of

    return claims_of(finding)


def untried(session: Session, finding: Finding) -> list[str]:
    """The modules that a finding says cannot be imported first, and of which nobody knows; none once one is known to
    fail."""
    if finding.rule != RULE:
        return []
    known = session.imported.results
    said = claims(finding)
    if any(each.path in known and known[each.path].status == "fails" for each in said):
        return []
    return [each.entry for each in said if each.path not in known]


async def measure(
    session: Session, document: Document, findings: Sequence[Finding], *, lane: Lane, priority: int
) -> list[FirstImport]:
    """Import first what the findings of a document say fails so, and keep what comes of it."""
    from ..analyzers.first_imports.values import FirstImport
    from .heals import sandbox_params  # which shows findings, and so needs this module first

    path, stamp = session.where(document), session.stamp()
    root = session.server.root_of(path)
    params: dict[str, Any] = {
        "root": str(root),
        "findings": [finding_to_json(each) for each in findings],
        "files": session.unsaved(root),
        **sandbox_params(session, path),
    }
    answer: list[dict[str, Any]] = await session.workers.run(
        "import_first", params, lane=lane, priority=priority, timeout_s=LONGEST_S
    )
    results = [FirstImport.from_json(each) for each in answer]
    moved = _moved(session, stamp)
    for each in results:
        if not moved.intersection([each.path, *(name for name, _ in each.files)]):
            session.imported.results[each.path] = each
    review = session.review(document.uri)
    review.generation += 1
    if session.server.opened_document(document.uri) is document:
        session.news.emit(document)
    return results


def _moved(session: Session, stamp: dict[str, int | None]) -> set[str]:
    """The files that were edited since."""
    edited = [each for each in session.server.documents if each.uri in stamp and stamp[each.uri] != each.version]
    return {str(session.where(each)) for each in edited}


def summary(results: Sequence[FirstImport]) -> str:
    """What came of imports, in a line."""
    said = {"fails": "fails as the first import", "works": "works as the first import"}
    return "; ".join(
        f"'import {each.entry}' {said[each.status]}"
        if each.status in said
        else f"'import {each.entry}' could not be tried: {each.reason}"
        for each in results
    )
