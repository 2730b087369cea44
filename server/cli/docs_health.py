"""The page of ``suture docs`` on how healing learns and is measured: priors, metrics, the fit of its confidence."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping
from typing import Any

from ...healing.learning import ranking
from ...healing.learning.confidence import FEW, table
from ...healing.learning.metrics import BOUNDS, DEFINITIONS
from ...healing.learning.records import WEIGHTS
from ..health_export import prometheus_name


def health_page() -> Iterator[tuple[str, object]]:
    """Paragraphs as ``("text", str)``, headings as ``("heading", str)``, tables as ``("table", (head, rows))``."""
    yield (
        "text",
        "Every healing is recorded in the workspace's store: the shape of the fault, the edits that were tried, "
        "the one that was chosen, its evidence, what became of it, and the times. `suture health` shows the "
        "figures, `suture health --history` the records. The user's own store, shared by all workspaces, holds "
        "hashes and counts only. `suture heal --no-learning` neither reads nor writes any of it; with `--batch` "
        "that is the default.",
    )
    yield "heading", "Priors"
    yield "text", inspect.cleandoc(ranking.__doc__ or "").partition("\n\n")[2].replace("``", "`")
    yield "text", "What the edits of the chosen candidate count for, by what became of it:"
    yield (
        "table",
        (
            ("outcome", "tries", "wins"),
            [(f"`{name}`", f"{tries:g}", f"{wins:g}") for name, (tries, wins) in WEIGHTS.items() if name != "named"],
        ),
    )
    yield "text", "Every other edit that was run and mended nothing counts as one try."
    yield "heading", "Confidence"
    yield (
        "text",
        "The confidence of an edit is the probability that it is right: that it passes checks which neither the "
        "healing nor the visible tests knew. It is a ridge logistic regression over the repair's own prior, the "
        "kind and amount of the evidence, the number of edits joined and of verified rivals, the size, and "
        "offsets of category, language and repair that are drawn to 0 where labels are few. Labels come from "
        "faults put into modules of the standard library and of Suture "
        "(`tests/benchmarks/calibration/heal_fit.py`); the measures are of cross-validation over the modules. A "
        f"repair with fewer than {FEW} labels says so in its `calibrated` evidence, and so does a language without"
        " any.",
    )
    yield "table", (("edits", "labels", "right", "ECE", "Brier"), list(_fits(table()["measures"])))
    yield "heading", "Metrics"
    yield (
        "text",
        "`suture health --serve` shows them as Prometheus's text on this machine (loopback only, "
        "`http://127.0.0.1:9464/metrics`); `suture health --otlp URL` sends them once to an OpenTelemetry "
        "collector by OTLP over HTTP (`pip install 'suture[telemetry]'`; without a URL to the one that "
        "`OTEL_EXPORTER_OTLP_*` names). Nothing is sent unless asked. All are totals over the records that are "
        "kept, in no attribute is text of a program.",
    )
    yield (
        "table",
        (
            ("metric", "in Prometheus", "kind", "unit", "attributes", "meaning"),
            [
                (
                    f"`{each.name}`",
                    f"`{prometheus_name(each.name, each.kind)}`",
                    each.kind,
                    f"`{each.unit}`",
                    ", ".join(f"`{name}`" for name in each.attributes) or "—",
                    each.description,
                )
                for each in DEFINITIONS
            ],
        ),
    )
    yield "text", "Durations have buckets up to " + ", ".join(f"{bound:g}" for bound in BOUNDS) + " s and above."


def _fits(measures: Mapping[str, Mapping[str, Any]]) -> Iterator[tuple[str, ...]]:
    for name, of in measures.items():
        for prefix, said in (("", f"{name}, all"), ("first_", f"{name}, offered first")):
            if of.get(f"{prefix}count"):
                numbers = (of[f"{prefix}count"], of[f"{prefix}right"])
                shares = (of[f"{prefix}ece"], of[f"{prefix}brier"])
                yield said, *(f"{each}" for each in numbers), *(f"{each:.3f}" for each in shares)
