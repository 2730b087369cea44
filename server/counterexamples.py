"""What is known of a counterexample beside its diagnostic, and how it is shown to people.

Invariant: everything shown was recorded when the input failed; nothing is run or looked up to show it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from ..analyzers.findings import Evidence, Finding
from ..analyzers.fuzzing.plots import data_uri, line_chart, number, table
from .evidence import Page, evidence_parts

#: How many characters of an input a hover shows.
HOVER_INPUT = 400


@dataclass(frozen=True, slots=True)
class Counterexample:
    """An input that broke a target. ``event`` is the finding as fuzzing told it (``FuzzFinding.to_json``); ``base`` the
    revision with which the target was compared, if it was."""

    ident: str
    uri: str
    root: str
    path: str
    name: str
    event: Mapping[str, Any]
    test: str
    test_path: str
    base: str = ""

    @property
    def signature(self) -> str:
        return str(self.event.get("signature", ""))

    @property
    def exception(self) -> str:
        """The exception of a crash; empty for any other kind."""
        return str(self.event.get("exception", "")) if self.event.get("kind") == "crash" else ""

    @property
    def source_hash(self) -> str:
        return str(self.event.get("source_hash", ""))

    @property
    def summary(self) -> str:
        """The call and what it did, in a few words."""
        call = str(self.event.get("call", self.name))
        call = call if len(call) <= 60 else call[:59] + "…"
        return f"{call} raises {self.exception}" if self.exception else call


def identify(path: str, event: Mapping[str, Any]) -> str:
    """The same for the same bug of the same target, wherever its lines are, also after a restart."""
    basis = "\0".join(("fuzz", path, str(event.get("target", "")), str(event.get("signature", ""))))
    return "fuzz-" + hashlib.sha256(basis.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def counterexample_hover(finding: Finding, known: Counterexample, stale: bool) -> str:
    """What broke it, with all that is needed to see it again."""
    event = known.event
    lines = [f"**{finding.message}** (`{finding.rule}`, {finding.severity}, {finding.confidence:.0%})", ""]
    if stale:
        lines += ["The function was edited since this failed; it is tried again by itself.", ""]
    lines += [f"- {each}" for each in facts(event, HOVER_INPUT)]
    for name, assumed in _domain(event).items():
        lines.append(f"- assumed `{name}`: {assumed}")
    if finding.suggestion:
        lines.append(f"\n{finding.suggestion}")
    return "\n".join(lines)


def facts(event: Mapping[str, Any], limit: int = 100_000) -> list[str]:
    """The exception, the input and what reproduces them, a line each."""
    given = str(event.get("call", ""))
    given = given if len(given) <= limit else given[: limit - 1] + "…"
    found: list[str] = []
    if event.get("exception"):
        message = f": {event['message']}" if event.get("message") else ""
        found.append(
            f"exception: `{event['exception']}{message}`" if event.get("kind") == "crash" else f"{message[2:]}"
        )
    found.append(f"input{', shrunk' if event.get('shrunk') else ''}: `{given}`")
    if event.get("stage") == "replay":  # what found it first was not written down
        found.append("from an earlier search; it failed again now")
    else:
        found.append(f"seed {event.get('seed', 0)}" + (f", found by {event['stage']}" if event.get("stage") else ""))
    versions = cast("Mapping[str, str]", event.get("versions") or {})
    if versions:
        found.append("versions: " + ", ".join(f"{name} {version}" for name, version in versions.items()))
    if event.get("source_hash"):
        found.append(f"source hash of `{event.get('target', '')}`: `{event['source_hash']}`")
    return [each for each in found if each]


def _domain(event: Mapping[str, Any]) -> Mapping[str, str]:
    return cast("Mapping[str, str]", event.get("domain") or {})


def counterexample_page(finding: Finding, known: Counterexample, run: Mapping[str, Any] | None) -> Page:
    """Everything known about a counterexample, with the plots of the run that found it."""
    event = known.event
    where = f"{finding.path}:{finding.range.line + 1}"
    parts = [f"# {finding.message}", "\n".join(f"- {each}" for each in (f"where: `{where}`", *facts(event)))]
    if finding.suggestion:
        parts.append(f"**What to do.** {finding.suggestion}")
    domain = _domain(event)
    if domain:
        rows = [f"| `{name}` | {_cell(assumed)} |" for name, assumed in domain.items()]
        parts.append("\n".join(["## Assumed domain", "", "| parameter | values |", "|---|---|", *rows]))
    images: dict[str, str] = {}
    parts += _growth(finding.evidence, event, images)
    if run is not None:
        parts += run_parts(run, images)
    parts += evidence_parts(finding.evidence)
    parts.append(f"## Regression test\n\nFor `{_shown(known)}`:\n\n```python\n{known.test.rstrip()}\n```")
    return Page(finding.message, "\n\n".join([*parts, *_images(images)]) + "\n")


def run_page(name: str, path: str, run: Mapping[str, Any], findings: Sequence[Mapping[str, Any]]) -> Page:
    """One fuzzing of a target, also one that found nothing."""
    title = f"Fuzzed {name}: {run_summary(run, len(findings))}"
    images: dict[str, str] = {}
    parts = [f"# {title}", f"- file: `{path}`"]
    parts += [f"- counterexample: `{each.get('call', '')}` {each.get('exception', '')}" for each in findings]
    domain = cast("Mapping[str, str]", run.get("domain") or {})
    if domain:
        rows = [f"| `{key}` | {_cell(assumed)} |" for key, assumed in domain.items()]
        parts.append("\n".join(["## Assumed domain", "", "| parameter | values |", "|---|---|", *rows]))
    parts += run_parts(run, images)
    return Page(title, "\n\n".join([*parts, *_images(images)]) + "\n")


def run_summary(run: Mapping[str, Any], count: int) -> str:
    """``no counterexample in 12,400 executions, 31 branches``; why, if it could not be fuzzed."""
    if not count and run.get("status") != "ok":
        return f"not fuzzed: {run.get('reason') or run.get('status', 'unknown')}"
    if not count and not run.get("executions"):
        return f"nothing was tried{': ' if run.get('reason') else ''}{run.get('reason') or ''}"
    found = f"{count} counterexample{'s' if count > 1 else ''}" if count else "no counterexample"
    branches = int(run.get("branches") or 0)
    return f"{found} in {number(run.get('executions') or 0)} executions" + (
        f", {number(branches)} branch{'es' if branches > 1 else ''}" if branches else ""
    )


def run_parts(run: Mapping[str, Any], images: dict[str, str]) -> list[str]:
    """How far a search went: executions by stage, and branches over executions as a plot and a table."""
    seconds = float(run.get("seconds") or 0)
    parts = [f"## The search\n\n{number(run.get('executions') or 0)} executions in {seconds:.1f} s"]
    stages = cast("Mapping[str, int]", run.get("stages") or {})
    if stages:
        parts[0] += ": " + ", ".join(f"{name} {number(count)}" for name, count in stages.items())
    if run.get("first_ms"):
        parts[0] += f"; the first after {number(round(float(run['first_ms'])))} ms"
    parts[0] += "."
    points = _pairs(run.get("coverage"))
    if len(points) > 1 and any(count for _, count in points):
        images["coverage"] = line_chart(
            points, title="Branches covered over executions", x="executions", y="branches covered"
        )
        parts.append("### Coverage over executions\n\n![Branches covered over executions][coverage]")
        parts.append(table(points, x="executions", y="branches"))
    return parts


def _growth(evidence: Sequence[Evidence], event: Mapping[str, Any], images: dict[str, str]) -> list[str]:
    measured = next((each.data.get("table") for each in evidence if each.kind == "measured"), None)
    points = _pairs(measured or event.get("growth"))
    if len(points) < 2:
        return []
    images["growth"] = line_chart(points, title="Seconds over the size of the input", x="n", y="seconds")
    shown = table(points, x="n", y="seconds")
    return ["## Growth\n\n![Seconds over the size of the input][growth]", shown]


def _pairs(value: Any) -> list[tuple[float, float]]:
    if not isinstance(value, Sequence):
        return []
    rows = cast("Sequence[Sequence[float]]", value)
    return [(float(row[0]), float(row[1])) for row in rows if len(row) == 2]


def _images(images: Mapping[str, str]) -> list[str]:
    """At the very end, by reference: whoever reads the document as text is not met by them on the way."""
    return [f"[{name}]: {data_uri(svg)}" for name, svg in images.items()]


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def _shown(known: Counterexample) -> str:
    path = Path(known.test_path)
    return path.relative_to(known.root).as_posix() if path.is_relative_to(known.root) else str(path)
