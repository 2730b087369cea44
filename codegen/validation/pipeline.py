"""Runs the levels on a draft, cheapest first, and keeps what each of them said.

Code that does not parse is judged no further. Otherwise every level that only reads text runs, so that feedback names
all that is wrong at once, with the tools (ruff, pyright) beside it; the sandbox is used only if the text passed, one
level after the other, up to the first that fails.

Invariant: every level is in the result, with its reason if it did not pass; what a level that may refuse could not
judge is not verified. Nothing of the workspace or of the draft
runs outside of the sandbox.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import cache

from ...analyzers.errors import Cancelled, SutureError
from ...analyzers.findings import Evidence
from ...analyzers.plugins import discover
from .level import Level, LevelResult, Subject, Verdict, not_run
from .scoring import score

log = logging.getLogger(__name__)

TOOLS_AT_ONCE = 2


@dataclass(frozen=True, slots=True)
class Validated:
    """The evidence and every level's result. ``failed`` is the first level that refused, empty if none did;
    ``reason`` what it said, ``reasons`` what all said that refused, as (level, reason).

    ``verified``: tests ran and passed. ``hints`` refuse nothing and are worth telling the model. ``score`` is 0 to
    100."""

    evidence: tuple[Evidence, ...]
    results: tuple[LevelResult, ...]
    failed: str = ""
    reason: str = ""
    reasons: tuple[tuple[str, str], ...] = ()
    verified: bool = False
    notes: tuple[str, ...] = ()
    hints: tuple[str, ...] = ()
    score: float = 0.0

    @property
    def feedback(self) -> str:
        """What a model is told: each level that refused with its evidence, then the hints."""
        several = len(self.reasons) > 1
        lines = [f"{level}: {reason}" if several else reason for level, reason in self.reasons]
        return "\n".join([*lines, *(f"also: {each}" for each in self.hints)])


@cache
def all_levels() -> tuple[Level, ...]:
    """The built-in levels in their order: the files of ``levels/``."""
    found = discover(f"{__package__}.levels", "LEVEL", Level)
    return tuple(sorted(found, key=lambda each: (each.order, each.name)))


def validate(subject: Subject, extra: Sequence[Level] = ()) -> Validated:
    """Judge a draft by all levels and ``extra`` ones (a strategy's own checks). Raises Cancelled."""
    ordered = sorted((*all_levels(), *extra), key=lambda each: (each.order, each.name))
    verdicts: dict[str, tuple[Verdict, float]] = {}
    first, *others = ordered
    verdicts[first.name] = _timed(first, subject)
    if verdicts[first.name][0].status == "failed":
        for each in others:
            verdicts[each.name] = (not_run("the code does not parse"), 0.0)
        return _result(ordered, verdicts)
    with ThreadPoolExecutor(TOOLS_AT_ONCE, "suture-level") as pool:
        beside = {each.name: pool.submit(_timed, each, subject) for each in others if each.means == "tool"}
        for each in (level for level in others if level.means == "text"):
            verdicts[each.name] = _timed(each, subject)
        _finished(beside, verdicts)
        stopped = _refused(ordered, verdicts)
        for each in (level for level in others if level.means == "sandbox"):
            if stopped:
                verdicts[each.name] = (not_run(f"{stopped} failed before"), 0.0)
                continue
            verdicts[each.name] = _timed(each, subject)
            _finished(beside, verdicts)
            stopped = _refused(ordered, verdicts)
        for name, future in beside.items():
            verdicts[name] = future.result()
    return _result(ordered, verdicts)


def refused_by_text(subject: Subject, extra: Sequence[Level] = ()) -> str:
    """The first level that refuses a draft and only reads it, empty if none does: milliseconds. Raises Cancelled."""
    for each in sorted((*all_levels(), *extra), key=lambda each: (each.order, each.name)):
        if each.means == "text" and each.gates and _timed(each, subject)[0].status == "failed":
            return each.name
    return ""


def _finished(beside: dict[str, Future[tuple[Verdict, float]]], verdicts: dict[str, tuple[Verdict, float]]) -> None:
    for name, future in beside.items():
        if future.done():
            verdicts[name] = future.result()


def _refused(ordered: Sequence[Level], verdicts: dict[str, tuple[Verdict, float]]) -> str:
    """The first level that refused so far, or empty."""
    return next(
        (each.name for each in ordered if each.gates and each.name in verdicts
         and verdicts[each.name][0].status == "failed"), "")  # fmt: skip


def _timed(level: Level, subject: Subject) -> tuple[Verdict, float]:
    if subject.cancel is not None and subject.cancel():
        raise Cancelled
    started = time.monotonic()
    try:
        verdict = level.run(subject)
    except Cancelled:
        raise
    except SutureError as error:
        verdict = not_run(str(error))
    except Exception as error:
        log.exception("the level %s failed on %s", level.name, subject.request.path)
        reason = f"the level itself failed ({type(error).__name__}: {error})"
        note = f"{level.name} was not judged, so this is not verified: {reason}"
        verdict = replace(not_run(reason, notes=(note,)), broken=True)
    return verdict, time.monotonic() - started


def _unjudged(ordered: Sequence[Level], verdicts: dict[str, tuple[Verdict, float]]) -> bool:
    """Whether a level that may refuse broke: what it would have said is not known."""
    return any(each.gates and verdicts[each.name][0].broken for each in ordered)


def _result(ordered: Sequence[Level], verdicts: dict[str, tuple[Verdict, float]]) -> Validated:
    results: list[LevelResult] = []
    reasons: list[tuple[str, str]] = []
    for each in ordered:
        verdict, seconds = verdicts[each.name]
        results.append(
            LevelResult(
                each.name,
                verdict.status,
                verdict.reason,
                each.weight,
                verdict.quality,
                verdict.applies,
                each.gates,
                seconds,
            )
        )
        if verdict.status == "failed" and each.gates:
            reasons.append((each.name, verdict.reason))
    said = [verdicts[each.name][0] for each in ordered]
    failed, reason = reasons[0] if reasons else ("", "")
    return Validated(
        evidence=tuple(item for verdict in said for item in verdict.evidence),
        results=tuple(results),
        failed=failed,
        reason=reason,
        reasons=tuple(reasons),
        verified=not reasons and any(verdict.verified for verdict in said) and not _unjudged(ordered, verdicts),
        notes=tuple(dict.fromkeys(note for verdict in said for note in verdict.notes)),
        hints=tuple(dict.fromkeys(hint for verdict in said for hint in verdict.hints)),
        score=score(results),
    )
