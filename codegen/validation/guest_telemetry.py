"""A pytest plug-in that runs in the workspace's own Python, in the sandbox: collects the spans that the tests cause.

Its text is copied into the job. Without OpenTelemetry's SDK it writes nothing.

Invariant: spans stay in memory; nothing is exported anywhere.
"""

from __future__ import annotations

import json
from typing import Any

_exporter: Any = None

try:
    from opentelemetry import trace
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import SimpleSpanProcessor
    from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

    _exporter = InMemorySpanExporter()
    _provider = TracerProvider()
    _provider.add_span_processor(SimpleSpanProcessor(_exporter))
    trace.set_tracer_provider(_provider)
except ImportError:
    pass  # then there are no spans to collect, and no file says so


def pytest_sessionfinish(session: object) -> None:
    if _exporter is None:
        return
    found: list[dict[str, Any]] = []
    for span in _exporter.get_finished_spans():
        attributes: dict[str, Any] = dict(span.attributes or {})
        kinds = {key: type(value).__name__ for key, value in attributes.items()}
        found.append({"name": span.name, "attributes": kinds})
    with open("suture_spans.json", "w") as out:
        json.dump(found, out)
