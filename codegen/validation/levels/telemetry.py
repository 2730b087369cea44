"""Telemetry: what the project declares that its functions emit, the new code emits.

The declaration stands in ``pyproject.toml``, a table for each kind of span::

    [[tool.suture.telemetry.spans]]
    functions = ["fetch_*", "Client.*"]      # names or methods that this holds for (shell patterns)
    name = "http.*"                          # what the span is called (a shell pattern; default: anything)
    attributes = { "http.url" = "str", "http.status_code" = "int", "peer" = "any" }

The tests of the draft run once more in the sandbox with OpenTelemetry's SDK and an in-memory exporter; each function
that the declaration names has to finish a span of that name with those attributes, of those types (``str``, ``bool``,
``int``, ``float`` or ``any``). What the project does not declare is not judged.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, cast

from ....analyzers.findings import Evidence, Json
from ..level import Level, Subject, Verdict, failed, not_run, passed
from ..running import run_generated

SPANS = "suture_spans.json"
_PLUGIN = "suture_telemetry"
_MOST_TOLD = 3
TYPES = frozenset({"str", "bool", "int", "float", "any"})


@dataclass(frozen=True, slots=True)
class Declared:
    """Which functions emit which span with which attributes (name → type)."""

    functions: tuple[str, ...]
    name: str = "*"
    attributes: Mapping[str, str] = field(default_factory=dict[str, str])

    def holds_for(self, function: str) -> bool:
        return any(fnmatchcase(function, each) for each in self.functions)


def run(subject: Subject) -> Verdict:
    declared = declaration(subject.request.root)
    if isinstance(declared, str):
        return not_run(declared)
    mine = [each for each in declared if each.holds_for(subject.target)]
    if not mine:
        why = "the project declares no telemetry" if not declared else f"nothing is declared for {subject.target}"
        return not_run(why, applies=False)
    if subject.sandbox is None:
        return not_run("no sandbox, or the workspace is not trusted")
    if not subject.tests:
        return not_run("there are no tests that call it")
    if subject.on_progress is not None:
        subject.on_progress("checking the spans that it emits")
    source = Path(__file__).parent.parent.joinpath("guest_telemetry.py").read_text("utf-8")
    done = run_generated(subject, plugins={_PLUGIN: source}, keep=(SPANS,))
    spans = _spans(done.outcome.files.get(SPANS, b""))
    if spans is None:
        return not_run(f"no spans could be collected ({done.unable or 'the SDK of OpenTelemetry is not installed'})")
    wrong = [said for each in mine for said in missing(each, spans)]
    if wrong:
        return failed("; ".join(wrong[:_MOST_TOLD]))
    names = sorted({str(each.get("name")) for each in spans})
    data: dict[str, Json] = {"spans": [*names[:10]], "count": len(spans)}
    return passed(Evidence("ran", f"telemetry: emits {', '.join(names[:3])} as declared", data))


def declaration(root: Path) -> tuple[Declared, ...] | str:
    """What ``pyproject.toml`` declares, or a sentence about what is wrong with it."""
    try:
        read: Any = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))
        return read_table(read.get("tool", {}).get("suture", {}).get("telemetry", {}))
    except OSError:
        return ()
    except (ValueError, AttributeError) as error:
        return f"pyproject.toml cannot be read: {error}"


def read_table(table: object) -> tuple[Declared, ...] | str:
    """The declarations of a ``[tool.suture.telemetry]`` table, or a sentence about what is wrong with it."""
    if not isinstance(table, dict) or set(cast("dict[str, Any]", table)) - {"spans"}:
        return "`telemetry` holds `[[tool.suture.telemetry.spans]]` tables and nothing else"
    spans: Any = cast("dict[str, Any]", table).get("spans", [])
    if not isinstance(spans, list):
        return "`telemetry.spans` has to be a list of tables"
    found: list[Declared] = []
    for number, each in enumerate(cast("list[Any]", spans), 1):
        try:
            attributes = {str(key): str(value) for key, value in each.get("attributes", {}).items()}
            functions = tuple(str(pattern) for pattern in each["functions"])
        except (AttributeError, KeyError, TypeError):
            return f"span {number} of `telemetry` needs `functions`, and `attributes` as a table"
        unknown = sorted(set(attributes.values()) - TYPES)
        if unknown:
            return f"span {number} of `telemetry` has an unknown type {unknown[0]} ({', '.join(sorted(TYPES))})"
        found.append(Declared(functions, str(each.get("name", "*")), attributes))
    return tuple(found)


def missing(declared: Declared, spans: Sequence[Mapping[str, Any]]) -> list[str]:
    """What a declaration asks for and the spans do not have, as sentences."""
    named = [each for each in spans if fnmatchcase(str(each.get("name")), declared.name)]
    if not named:
        others = ", ".join(sorted({str(each.get("name")) for each in spans})[:3])
        seen = f"; it emits {others}" if others else "; it emits none"
        return [f"it has to emit a span called {declared.name}{seen}"]
    wrong: list[str] = []
    for key, kind in declared.attributes.items():
        kinds = {cast("Mapping[str, str]", each.get("attributes", {})).get(key) for each in named}
        if None in kinds:
            wrong.append(f"its span {named[0].get('name')} lacks the attribute {key} ({kind})")
        elif kind != "any" and kinds != {kind}:
            other = ", ".join(sorted(each for each in kinds if each and each != kind))
            wrong.append(f"the attribute {key} has to be {kind}; it is {other}")
    return wrong


def _spans(data: bytes) -> list[Mapping[str, Any]] | None:
    try:
        read: Any = json.loads(data)
        return [each for each in read if isinstance(each, dict)]
    except (ValueError, TypeError):
        return None


LEVEL = Level(
    "telemetry",
    85,
    2,
    run,
    "sandbox",
    about="the spans and attributes that `[tool.suture.telemetry]` declares for it are emitted when its tests run",
)
