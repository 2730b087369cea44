"""What a person has already seen of a document's findings: dismissed ones are not shown, old ones are hints.

Invariant: at a keystroke only findings of rules that something is known of in this very file are looked at; where
nothing was dismissed and there is no baseline, nothing is computed.
Invariant: files are read when a session loads them (:func:`load_baseline`, the store), never here.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from ..analyzers.baseline import Baseline
from ..analyzers.findings import Finding
from ..analyzers.marks import Mark, mark_of, scopes
from ..analyzers.marks import recognised as same
from ..analyzers.select import STATIC
from .documents import Document
from .settings import ReviewSettings

if TYPE_CHECKING:
    from .session import Session

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Known:
    """Of one session. ``dismissed``: marks by path and rule; ``baselines``: by the file's path, None where it cannot
    be read (``problems`` says why)."""

    dismissed: dict[str, dict[str, list[Mark]]] = field(default_factory=dict[str, dict[str, "list[Mark]"]])
    baselines: dict[Path, Baseline | None] = field(default_factory=dict[Path, "Baseline | None"])
    problems: dict[Path, str] = field(default_factory=dict[Path, str])
    wanted: Callable[[Path], None] | None = None  # asked for a baseline that is not there yet

    def dismiss(self, path: str, rule: str, mark: Mark) -> None:
        self.dismissed.setdefault(path, {}).setdefault(rule, []).append(mark)


def recognised(
    session: Session, document: Document, findings: Sequence[Finding], settings: ReviewSettings
) -> tuple[list[Finding], frozenset[int]]:
    """The findings that were not dismissed, and which of them (by ``id``) the baseline knows."""
    known = session.known
    path = session.where(document)
    dismissed = known.dismissed.get(str(path), {})
    hidden = _same(document, findings, dismissed)
    kept = [each for index, each in enumerate(findings) if index not in hidden]
    if not settings.baseline:
        return kept, frozenset()
    baseline = baseline_of(session, path, settings.baseline)
    marks = baseline.of(path) if baseline is not None else ()
    if not marks:
        return kept, frozenset()
    found = _same(document, kept, dict.fromkeys({each.rule for each in kept}, marks))
    return kept, frozenset(id(kept[index]) for index in found)


def _same(document: Document, findings: Sequence[Finding], known: Mapping[str, Sequence[Mark]]) -> frozenset[int]:
    """Indexes of the findings that are known by rule and mark. A mark holds its rule, so lists may be shared."""
    asked = [index for index, each in enumerate(findings) if each.rule in known and each.rule not in STATIC]
    if not asked:
        return frozenset()
    root, data = document.analysis.tree.root_node, document.data
    marks = [mark_of(findings[index], root, data) for index in asked]
    listed = {id(each): each for each in known.values()}
    every = [mark for each in listed.values() for mark in each]
    existing: Callable[[], AbstractSet[str]] = cache(lambda: scopes(root, data))
    return frozenset(asked[number] for number in same(every, marks, existing))


def baseline_path(session: Session, path: Path, name: str) -> Path:
    """Where the baseline of a file is: relative to the settings that name it, else to the root."""
    project = session.server.project_of(path)
    folder = project.path.parent if project is not None else session.server.root_of(path)
    return folder / name


def baseline_of(session: Session, path: Path, name: str) -> Baseline | None:
    """The baseline that holds for a file; None until it was read. Asks for it at the first need."""
    known, file = session.known, baseline_path(session, path, name)
    if file not in known.baselines and known.wanted is not None:
        known.baselines[file] = None
        known.wanted(file)
    return known.baselines.get(file)
