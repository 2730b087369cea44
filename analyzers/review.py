"""The three reviewers on a file: own rules, engines, merge, suppression, verdict.

Many files are reviewed by :mod:`.review_tree`.

Invariant: a file that was asked for is answered for: reviewed, or with the reason why not. A file that breaks a
reviewer breaks nothing but its own answer.
Invariant: no workspace code runs, no configuration of the workspace is read.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from .cache import Looked, ReviewCache
from .confidence.table import calibrated
from .consensus import Verdict, consensus
from .engine import all_rules, analyse
from .engines import Engine, Unreadable
from .engines import engines as all_engines
from .engines.checks import with_context
from .errors import SutureError, Unavailable
from .findings import REVIEWERS, Finding, Reviewer
from .merge import merge
from .neighbours import Neighbours
from .plugins import discover
from .rules import ProgramRule
from .source import LITERAL, LineIndex, read_source
from .suppress import UNKNOWN, UNUSED, Judged, Silenced, silence

log = logging.getLogger(__name__)

#: Engines that only the security reviewer listens to.
_SECURITY_ONLY = frozenset({"bandit"})

#: Why a file that recursion could not follow was not reviewed.
TOO_DEEP = "nested too deeply to be analysed"


@dataclass(frozen=True, slots=True)
class FileReview:
    """What was found in a file. ``error`` says why it could not be reviewed (then there are no findings);
    ``notes`` say which engine did not look at it and why. ``lines`` holds the text of the lines on which findings
    start, by 0-based number, with secrets masked. ``silenced`` are the findings that comments silence."""

    path: Path
    findings: tuple[Finding, ...]
    verdict: Verdict
    error: str = ""
    notes: tuple[str, ...] = ()
    lines: Mapping[int, str] = field(default_factory=dict[int, str])
    silenced: tuple[Silenced, ...] = ()


def failed(path: Path, reason: str) -> FileReview:
    """The answer for a file that could not be reviewed."""
    return FileReview(path, (), consensus(()), error=reason)


def review_file(
    path: Path,
    *,
    reviewers: Sequence[Reviewer] = REVIEWERS,
    text: str | None = None,
    engines: bool = True,
    cache: ReviewCache | None = None,
    neighbours: Neighbours | None = None,
) -> FileReview:
    """Review one file; ``text`` instead of what is on disk if given (an unsaved document). Never raises for what the
    file holds: a file that cannot be read comes back with ``error``. ``cache`` answers for a text seen before;
    ``neighbours`` know the other files of the workspace, for the rules that are about several."""
    path = Path(os.path.abspath(path))
    if text is None:
        try:
            text = read_source(path, "the file").text
        except SutureError as error:
            return failed(path, str(error))
    name = path.as_posix()
    more: list[Finding] = []
    for rule in program_rules():
        if rule.reviewer in reviewers:
            try:
                extract = rule.extract(name, text)
                if neighbours is not None and neighbours.asks(rule):
                    more += neighbours.check(rule, name, extract)
                else:
                    more += rule.check({name: extract})
            except Exception:  # one rule must not cost the file its review
                log.exception("rule %s failed on %s", rule.name, path)
    run = engines_for(reviewers) if engines else ()
    return review_text(path, text, reviewers=reviewers, run=run, more=more, cache=cache)


def review_text(
    path: Path,
    text: str,
    *,
    reviewers: Sequence[Reviewer],
    run: Sequence[Engine],
    more: Iterable[Finding] = (),
    cache: ReviewCache | None = None,
) -> FileReview:
    """Review a text. ``run`` are the engines to ask, ``more`` findings of whole-program rules."""
    name, asked = path.as_posix(), [each.name for each in run]
    looked = cache.get(name, text, reviewers, asked) if cache else None
    if looked is None:
        try:
            looked = look_at(name, text, run)
        except RecursionError:
            return failed(path, TOO_DEEP)
        if cache:
            cache.put(name, text, reviewers, asked, looked)
    return judged(path, text, looked, reviewers, more)


def look_at(name: str, text: str, run: Sequence[Engine]) -> Looked:
    """What rules and engines say of a text, as it is.

    Raises RecursionError where the text is nested too deeply."""
    said: list[Finding] = []
    refused: list[Unavailable] = []

    def ask(engines: Iterable[Engine]) -> None:
        for engine in engines:
            try:
                said.extend(engine.run(name, text))
            except Unavailable as unavailable:
                refused.append(unavailable)

    # Engines of this process come before the rules, to which what the host's parser makes of the text is then known.
    ask(each for each in run if not each.apart)
    found = [*analyse(name, text, silenced=True, once=True).findings]
    ask(each for each in run if each.apart)
    found += with_context(said, text)
    notes: list[str] = []
    if not any(each.kind == "syntax" for each in found):
        notes = [f"{unavailable}; the other checks ran" for unavailable in refused]
    lasting = all(isinstance(each, Unreadable) for each in refused)
    return Looked(tuple(found), tuple(notes), lasting)


def judged(
    path: Path,
    text: str,
    looked: Looked,
    reviewers: Sequence[Reviewer],
    more: Iterable[Finding] = (),
    whole: bool = False,
) -> FileReview:
    """The review that comes of what was said of a text, together with ``more``; ``whole``: rules over all files had
    all files before them."""
    wanted = merge(each for each in (*looked.findings, *more) if each.reviewer in ("", *reviewers))
    everybody = set(reviewers) >= set(REVIEWERS) and not looked.notes
    comments = Judged(path.as_posix(), rule_names, lambda: _asked(tuple(reviewers), whole), everybody)
    kept, silenced = silence(wanted, text, judged=None if looked.notes else comments)
    findings = calibrated(kept)
    verdict, lines = consensus(findings, reviewers), _lines_of(findings, text)
    return FileReview(path, findings, verdict, notes=looked.notes, lines=lines, silenced=silenced)


@cache
def rule_names() -> frozenset[str]:
    """The names of all rules, and of the kinds of problem that rules and engines find."""
    from .engines.checks import CHECKS
    from .engines.ruff import RULES

    names = {name for rule in (*all_rules(), *program_rules()) for name in (rule.name, rule.kind)}
    return frozenset(
        {*names, *REVIEWERS, UNUSED, UNKNOWN, *(each.kind for each in (*CHECKS.values(), *RULES.values()))}
    )


@cache
def _asked(reviewers: tuple[Reviewer, ...], whole: bool) -> frozenset[str]:
    """The rules that had every chance to find something: of these reviewers, and over all files only if there were."""
    elsewhere = set[str]() if whole else {rule.name for rule in program_rules()}
    return frozenset(each.name for each in all_rules() if each.reviewer in reviewers) - elsewhere


def engines_for(reviewers: Sequence[Reviewer]) -> tuple[Engine, ...]:
    """The engines that these reviewers listen to."""
    return tuple(each for each in all_engines() if "security" in reviewers or each.name not in _SECURITY_ONLY)


@cache
def program_rules() -> tuple[ProgramRule, ...]:
    """Every rule over all files of a review."""
    package = __package__ or ""
    return tuple(rule for name in REVIEWERS for rule in discover(f"{package}.{name}", "PROGRAM_RULE", ProgramRule))


def masked(line: str) -> str:
    """The line with the content of its string literals hidden."""
    return LITERAL.sub(lambda match: f"{match['quote']}****{match['quote']}", line)


def _lines_of(findings: Sequence[Finding], text: str) -> dict[int, str]:
    if not findings:
        return {}
    index = LineIndex(text)
    hidden = {
        line for each in findings if each.kind == "secrets" for line in range(each.range.line, each.range.end_line + 1)
    }
    lines: dict[int, str] = {}
    for number in {each.range.line for each in findings}:
        if number < len(index.starts):
            line = index.line(number)
            lines[number] = masked(line) if number in hidden else line
    return lines
