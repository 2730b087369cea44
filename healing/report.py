"""What comes of a healing: the fault, and the edits that would mend it, with what speaks for each.

Invariant: an :class:`Edit` is ``verified`` only if the sandbox ran it.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from ..analyzers.findings import Edit, Evidence, FileEdit, Json, minimal_edit
from .fault import Fault
from .learning.confidence import Features, confidence_of, evidence_for
from .learning.ranking import Trial
from .learning.shape import Shape
from .modelling import REPAIR, Told
from .probe import Run
from .verify import State, evidence_of
from .workspace import Workspace, is_test


@dataclass(frozen=True, slots=True)
class Candidate:
    """An edit and the name of the repair (or repairs, joined by ``+``) that made it. ``texts`` are the whole new
    texts by path, ``diff`` the unified diffs. ``steps`` are the numbers of the report's trials that it is made of;
    ``features`` are what its confidence comes from."""

    edit: Edit
    repair: str
    texts: Mapping[str, str]
    diffs: Mapping[str, str]
    steps: tuple[int, ...] = ()
    features: Features | None = None


@dataclass(frozen=True, slots=True)
class HealReport:
    """What failed, what would mend it, and how long it took. Paths are absolute; ``first_verified_ms`` is None if no
    candidate was verified. ``trials`` are the drafts that were run, in their order, ``shape`` is what the fault is
    remembered under. ``model`` tells what asking a model came to."""

    root: Path
    command: tuple[str, ...]
    fault: Fault
    candidates: tuple[Candidate, ...]
    elapsed_ms: float
    first_verified_ms: float | None
    trials: tuple[Trial, ...] = ()
    shape: Shape | None = None
    model: Told = field(default_factory=Told)

    @property
    def best(self) -> Candidate | None:
        """The verified candidate to apply, if there is one."""
        return next((each for each in self.candidates if each.edit.verified), None)

    def to_json(self) -> dict[str, Json]:
        """The object of the command-line contract; paths are relative to the root, lines 1-based."""
        return {
            "command": list(self.command),
            "fault": {**self.fault.to_json(), "path": self.relative(self.fault.path) if self.fault.path else None},
            "candidates": [
                {
                    "title": each.edit.title,
                    "repair": each.repair,
                    "confidence": round(each.edit.confidence, 3),
                    "verified": each.edit.verified,
                    "evidence": [item.to_json() for item in each.edit.evidence],
                    "edits": [
                        {"path": self.relative(path), "diff": each.diffs[path], "new_text": text}
                        for path, text in each.texts.items()
                    ],
                }
                for each in self.candidates
            ],
            "elapsed_ms": round(self.elapsed_ms, 1),
            "first_verified_ms": None if self.first_verified_ms is None else round(self.first_verified_ms, 1),
            **({"model": self.model.to_json()} if self.model.calls else {}),
        }

    def relative(self, path: str) -> str:
        try:
            return Path(path).relative_to(self.root).as_posix()
        except ValueError:
            return path


def candidate_of(workspace: Workspace, command: tuple[str, ...], first: Run, state: State, rivals: int) -> Candidate:
    """A state of the search as an edit; ``first`` is the run that failed, ``rivals`` counts other verified states."""
    texts = {workspace.absolute(name): text for name, text in state.texts.items()}
    old = {name: workspace.text(name) or "" for name in state.texts}
    diffs = {workspace.absolute(name): diff_of(name, old[name], text) for name, text in state.texts.items()}
    edits: list[FileEdit] = []
    for name, text in state.texts.items():
        edits.append(minimal_edit(workspace.absolute(name), workspace.text(name) or "", text))
    evidence: tuple[Evidence, ...] = ()
    if state.run is not first:
        evidence = (evidence_of(command, first, state.run),)
    features = _features(workspace, first, state, tuple(edits), rivals)
    edit = Edit(
        title=state.title,
        files=tuple(edits),
        confidence=confidence_of(features),
        verified=state.solved,
        by_model=any(each.repair == REPAIR for each in state.drafts),
        evidence=(*evidence, *state.evidence, evidence_for(features)),
        source=state.repair,
    )
    return Candidate(edit, state.repair, texts, diffs, features=features)


def _features(workspace: Workspace, first: Run, state: State, edits: tuple[FileEdit, ...], rivals: int) -> Features:
    """What the confidence of a candidate comes from. A learned prior is no part of it."""
    product = 1.0
    for draft in state.drafts:
        product *= draft.built_in if draft.built_in >= 0 else draft.prior
    ran = state.run is not first
    return Features(
        category=first.fault.category,
        language=first.fault.language,
        repair=state.repair,
        prior=product ** (1 / max(len(state.drafts), 1)),
        verified=state.solved,
        tested=ran and bool(first.tests or state.run.tests),
        passed=len(state.run.passed) if ran else 0,
        left=len(state.run.failed) if ran else 0,
        steps=len(state.drafts),
        rivals=rivals,
        size=sum(each.end - each.start + len(each.text) for file in edits for each in file.replacements),
        edits_test=any(is_test(name) for name in state.texts),
    )


def absolute(fault: Fault, workspace: Workspace) -> Fault:
    """The fault with the absolute paths of what it names."""
    frames = tuple(replace(each, path=workspace.absolute(each.path)) for each in fault.frames)
    path = workspace.absolute(fault.path) if fault.path else ""
    cause = absolute(fault.cause, workspace) if fault.cause else None
    return replace(fault, path=path, frames=frames, cause=cause)


def diff_of(name: str, before: str, after: str) -> str:
    """The unified diff of two texts of a file."""
    lines = difflib.unified_diff(before.splitlines(True), after.splitlines(True), f"a/{name}", f"b/{name}")
    return "".join(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines)
