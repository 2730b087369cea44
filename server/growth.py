"""Measured growth for the editor: what is known of the functions of open documents, and what it does to findings.

A measurement belongs to the text of its function. It moves with it, is not shown while the function reads otherwise,
and is there again when an edit is taken back.

Invariant: looking at findings runs nothing; :func:`measure` does, and whoever calls it asks for trust before.
"""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ..analyzers.findings import Finding
from ..analyzers.fuzzing.targets import definition
from .evidence import Page

if TYPE_CHECKING:
    from ..analyzers.growth.values import Growth
    from .documents import Document
    from .session import Session
    from .workers import Lane

#: Measurements that are kept; the oldest go first.
KEPT = 512
#: The longest that a job may take beyond its own budget, in seconds.
MARGIN_S = 30.0


@dataclass
class Measurements:
    """By file, function and text of the function: its growth. ``names`` are the measured functions of a file."""

    growths: OrderedDict[tuple[str, str, str], Growth] = field(
        default_factory=lambda: OrderedDict[tuple[str, str, str], "Growth"]()
    )
    names: dict[str, set[str]] = field(default_factory=dict[str, set[str]])

    def keep(self, path: str, digest: str, growth: Growth) -> None:
        self.growths[path, growth.name, digest] = growth
        self.names.setdefault(path, set()).add(growth.name)
        while len(self.growths) > KEPT:
            self.growths.popitem(last=False)


def digest_of(document: Document, name: str) -> tuple[str, int] | None:
    """A name for the text of a definition, and its first line (0-based); None where there is no such definition."""
    whole = definition(document.analysis.tree.root_node, name)
    if whole is None:
        return None
    return hashlib.sha256(whole.text or b"").hexdigest()[:16], whole.start_point.row


def known(session: Session, document: Document, name: str) -> Growth | None:
    """The growth of a function as it reads now, at the place where it is now."""
    kept = session.measurements
    path = str(session.where(document))
    if name not in kept.names.get(path, ()):
        return None
    now = digest_of(document, name)
    growth = kept.growths.get((path, name, now[0])) if now is not None else None
    return growth.shifted(now[1] + 1 - growth.first) if growth is not None and now is not None else None


def judged(session: Session, document: Document, findings: Sequence[Finding]) -> Sequence[Finding]:
    """The findings after what was measured in the document; the same ones where nothing was."""
    names = session.measurements.names.get(str(session.where(document)))
    if not names:
        return findings
    from ..analyzers.growth import with_growth

    growths = [each for each in (known(session, document, name) for name in sorted(names)) if each is not None]
    return with_growth(findings, growths) if growths else findings


async def measure(
    session: Session, document: Document, name: str, budget_s: float, *, lane: Lane = "interactive", priority: int = 0
) -> Growth:
    """Measure a function of the document's text of now, and keep what comes out."""
    from ..analyzers.growth.values import Growth
    from .heals import sandbox_params  # which shows findings, and so needs this module first

    path, now = session.where(document), digest_of(document, name)
    params: dict[str, Any] = {
        "root": str(session.server.root_of(path)),
        "path": str(path),
        "name": name,
        "text": document.text,
        "budget_s": budget_s,
        **sandbox_params(session, path),
    }
    answer: Mapping[str, Any] = await session.workers.run(
        "measure_growth", params, lane=lane, priority=priority, timeout_s=budget_s + MARGIN_S
    )
    growth = Growth.from_json(answer)
    if now is not None:
        session.measurements.keep(str(path), now[0], growth)
        review = session.review(document.uri)
        review.generation += 1
        session.pages.put(page_ident(document.uri, name), growth_page(growth))
        if session.server.opened_document(document.uri) is document:
            session.news.emit(document)
            session.fuzzed.emit(document.uri)  # what is written above the function changed
    return growth


def page_ident(uri: str, name: str) -> str:
    """The evidence document of a function's last measurement."""
    return f"growth-{name}-{uri.rpartition('/')[2]}"


def summary(growth: Growth) -> str:
    """``parse grows as n^2.0, by line 12``, or why it is not known."""
    from ..analyzers.growth.values import growth_text

    if growth.status != "measured":
        return f"growth not measured: {growth.reason}"
    guilty = ", ".join(str(each.line) for each in growth.guilty)
    by = f", by line{'s' if ',' in guilty else ''} {guilty}" if guilty else ""
    return f"costs {growth_text(growth.exponent)}{by}"


def growth_page(growth: Growth) -> Page:
    """Everything that was measured, as tables."""
    title = f"{growth.name}: {summary(growth)}"
    parts = [f"# {title}"]
    if growth.status != "measured":
        return Page(title, "\n\n".join([*parts, f"- {growth.status}: {growth.reason}"]) + "\n")
    known_types = "annotated or documented" if growth.certain else "inferred, in part"
    facts = [
        f"- inputs: {growth.shape} (worst of {growth.shapes} kinds); parameter types {known_types}",
        f"- exponent {growth.exponent:g} by least squares on the tail, R² {growth.quality:.3f}",
        f"- size of the result grows with exponent {growth.output:g}",
        f"- took {growth.seconds:.1f} s, in the sandbox",
    ]
    if growth.unseen:
        facts.append(f"- time grows faster than what was counted (exponent {growth.time_exponent:g}): look there")
    parts.append("\n".join(facts))
    parts.append("\n".join(["| n | operations |", "|---:|---:|", *(f"| {n:,} | {ops:,} |" for n, ops in growth.table)]))
    rows = [
        f"| {each.line} | {each.exponent:g} | {each.reached:g} | {each.share:.0%} | "
        f"{'**' + each.kind + '**' if each.guilty else each.kind} |"
        for each in growth.lines
        if each.share >= 0.005 or each.guilty
    ]
    parts += [
        "## Lines",
        "\n".join(["| line | exponent | reached | share | kind |", "|---:|---:|---:|---:|---|", *rows]),
    ]
    if growth.timed:
        rows = [f"| {n:,} | {seconds * 1000:.3g} |" for n, seconds in growth.timed]
        parts += ["## Processor time", "\n".join(["| n | ms |", "|---:|---:|", *rows])]
    return Page(title, "\n\n".join(parts) + "\n")
