"""Improvements: rewrites that cure a reviewer's finding, and that are offered only when they are proven.

One file is one improvement; it defines ``IMPROVEMENT = Improvement(…)``. Its module docstring is its documentation, in
these sections::

    What it does / Before / After / Safe because

Its cases are ``tests/improvements/<improvement>/``: texts to rewrite with what comes out and which evidence it has, and
texts in which the rewrite would change the behaviour and must not be offered.

Invariant: a rewrite is pure. It sees a text and a finding and starts nothing; whether what it proposes behaves the
same (and is faster) is for :mod:`..proving` to find out, and what is not proven is not offered.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from ...analyzers.findings import Edit, FileEdit, Finding, Replacement, minimal_edit
from ...analyzers.fuzzing.project import placed
from ...analyzers.plugins import discover
from ..trial import BUDGET_S, Trial

if TYPE_CHECKING:
    from ...analyzers.sandbox.interface import CancelCheck, Sandbox
    from ..proving import Proof

log = logging.getLogger(__name__)

#: Rewrites that are tried for one finding.
MAX_REWRITES = 3


@dataclass(frozen=True, slots=True)
class Rewrite:
    """A proposed change, not yet run. ``text`` is the whole new text of the finding's file, ``files`` (relative POSIX
    path → whole new text) those of further ones. ``functions`` are the qualified names (``Class.method``) whose
    behaviour must be the same before and after. ``unshared``: what it changes is the value of a variable that cannot
    be changed in place, so nobody else can see it half done."""

    title: str
    text: str
    functions: tuple[str, ...]
    files: Mapping[str, str] = field(default_factory=dict[str, str])
    unshared: bool = False


#: What :func:`..proving.prove` is.
Prover = Callable[[Trial, Rewrite], "Proof"]


@dataclass(frozen=True, slots=True)
class Improvement:
    """``rules`` are names of rules, or kinds of findings, that it cures; ``rewrite`` yields proposals, the best first,
    for the text of a file and a finding in it. ``speeds_up``: it is only worth having if it is measurably faster.
    ``prove`` takes the place of :func:`..proving.prove` for a rewrite that is proven in another way."""

    name: str
    rules: tuple[str, ...]
    summary: str
    rewrite: Callable[[str, Finding], Iterator[Rewrite]]
    speeds_up: bool
    since: str = "0.1.0"
    prove: Prover | None = None


@cache
def improvements() -> tuple[Improvement, ...]:
    """All improvements, built-in ones first."""
    return tuple(discover(__package__ or "", "IMPROVEMENT", Improvement, "suture.improvements"))


def improvable(finding: Finding) -> bool:
    """Whether some improvement is about this kind of finding."""
    return any(_cures(each, finding) for each in improvements())


def rewrites(text: str, finding: Finding) -> Iterator[tuple[Improvement, Rewrite]]:
    """What could be done about a finding, not yet proven, without what changes nothing or repeats a proposal."""
    seen = {text}
    for improvement in improvements():
        if not _cures(improvement, finding):
            continue
        for each in improvement.rewrite(text, finding):
            if each.text not in seen or each.files:
                seen.add(each.text)
                yield improvement, each


def improve(
    root: Path,
    path: Path,
    text: str,
    finding: Finding,
    *,
    sandbox: Sandbox,
    python: Path | None = None,
    budget_s: float = BUDGET_S,
    files: Mapping[str, bytes] | None = None,
    cancel: CancelCheck | None = None,
    tests: bool = True,
    on_refused: Callable[[str, str], None] | None = None,
) -> Iterator[Edit]:
    """Proven edits for a finding in ``text``, each as soon as it is proven; nothing for one that cannot be.

    ``files`` (relative POSIX path → bytes) are unsaved texts of other files; ``on_refused`` is told the title and the
    reason of a rewrite that is not proven. Raises Cancelled and Unavailable."""
    from ..proving import prove

    root, path = placed(root, path)
    base = Trial(
        root, path, text, sandbox, budget_s=budget_s, python=python, files=files or {}, cancel=cancel, tests=tests
    )
    for tried, (improvement, rewrite) in enumerate(rewrites(text, finding)):
        if tried >= MAX_REWRITES:
            return
        proof = (improvement.prove or prove)(replace(base, speeds_up=improvement.speeds_up), rewrite)
        if not proof.ok:
            log.info("%s:%d %s: not offered: %s", path, finding.range.line + 1, improvement.name, proof.reason)
            if on_refused is not None:
                on_refused(rewrite.title, proof.reason)
            continue
        changed = [minimal_edit(str(path), text, rewrite.text)]
        changed += [_file_edit(root, name, new) for name, new in rewrite.files.items()]
        yield Edit(
            title=rewrite.title,
            files=tuple(changed),
            confidence=0.9,
            verified=True,
            evidence=proof.evidence,
            source=improvement.name,
        )


def _file_edit(root: Path, name: str, new: str) -> FileEdit:
    from ...analyzers.source import read_source

    place = root / name
    if not place.is_file():
        return FileEdit(str(place), "", (Replacement(0, 0, new),))
    return minimal_edit(str(place), read_source(place).text, new)


def _cures(improvement: Improvement, finding: Finding) -> bool:
    return finding.rule in improvement.rules or finding.kind in improvement.rules
