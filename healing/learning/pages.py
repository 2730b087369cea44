"""A record of a healing for people: a few lines in a terminal, a page in the editor, an object for programs."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from .records import Record

if TYPE_CHECKING:
    from ...analyzers.findings import Json

_SAID = {
    "named": "named; no edit would mend it",
    "failed": "not healed",
    "offered": "offered",
    "applied": "applied",
    "rejected": "rejected",
    "taken_back": "applied, then taken back",
}


def history_lines(record: Record) -> list[str]:
    """The record in a few lines: fault, what was tried, the choice, its evidence, the outcome, the times."""
    when = time.strftime("%Y-%m-%d %H:%M", time.localtime(record.at))
    place = f"  {record.place}" if record.place else ""
    lines = [f"{when}  {record.fault}{place}"]
    if record.command:
        lines.append(f"$ {record.command}")
    tried = ", ".join(f"{each.repair} {'✔' if each.verified else '✘'} ({each.prior:.2f})" for each in record.trials[:8])
    if tried:
        more = f" and {len(record.trials) - 8} more" if len(record.trials) > 8 else ""
        lines.append(f"tried: {tried}{more}")
    choice = record.choice
    if choice is not None:
        mark = "verified" if choice.verified else "not verified"
        lines.append(f"chosen: {choice.title} [{choice.repair}, {mark}, {choice.confidence:.0%}]")
        if choice.evidence:
            lines.append(f"evidence: {choice.evidence}")
    lines.append(f"{_SAID[record.outcome]}; {_times(record)}")
    return lines


def _times(record: Record) -> str:
    total = f"{record.elapsed_ms:.0f} ms in all"
    return (
        total
        if record.first_verified_ms is None
        else f"first verified after {record.first_verified_ms:.0f} ms, {total}"
    )


def history_page(records: Sequence[Record]) -> str:
    """The records as Markdown, newest first as they come."""
    return "\n\n".join(_page(records)) + "\n"


def _page(records: Sequence[Record]) -> Iterator[str]:
    yield "# What was healed here"
    if not records:
        yield "No data: nothing was healed in this workspace yet."
    for record in records:
        head, *rest = history_lines(record)
        yield f"## {_escaped(head)}"
        yield "\n".join(f"- {_escaped(line)}" for line in rest)


def _escaped(text: str) -> str:
    return "".join(f"\\{char}" if char in "\\`*_{}[]<>#|~" else char for char in text)


def record_to_report(record: Record) -> dict[str, Json]:
    """The record as an object of the command line."""
    choice = record.choice
    return {
        "id": record.id,
        "at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(record.at)),
        "source": record.source,
        "command": record.command,
        "fault": record.fault,
        "place": record.place,
        "shape": {
            "key": record.shape.key,
            "language": record.shape.language,
            "category": record.shape.category,
            "exception": record.shape.exception,
            "message": record.shape.message,
            "syntax": record.shape.syntax,
        },
        "tried": [
            {
                "repair": each.repair,
                "title": each.title,
                "prior": round(each.prior, 3),
                "built_in": round(each.built_in, 3),
                "verified": each.verified,
            }
            for each in record.trials
        ],
        "candidates": [
            {
                "repair": each.repair,
                "title": each.title,
                "confidence": round(each.confidence, 3),
                "verified": each.verified,
                "evidence": each.evidence,
            }
            for each in record.offers
        ],
        "chosen": None if choice is None else record.chosen,
        "outcome": record.outcome,
        "first_verified_ms": None if record.first_verified_ms is None else round(record.first_verified_ms, 1),
        "elapsed_ms": round(record.elapsed_ms, 1),
    }
