"""The metrics of healing for others to collect: Prometheus's text on this machine, OTLP over HTTP to a named collector.

Invariant: nothing leaves the machine unless a person named where to; the text endpoint listens on loopback only.
Invariant: counters go on where they were: what is exported are totals over the store, begun at its first record, and
not the doings of the exporting process.
"""

from __future__ import annotations

import ipaddress
import logging
import os
from collections.abc import Callable, Iterator, Sequence
from importlib.metadata import version
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from ..analyzers.errors import Unavailable, UserError
from ..healing.learning.metrics import BOUNDS, Metric, metrics_of
from ..healing.learning.records import Record

if TYPE_CHECKING:
    from prometheus_client import CollectorRegistry
    from prometheus_client import Metric as PrometheusMetric

#: The port that OpenTelemetry's Prometheus exporters listen on by default.
PORT = 9464

#: Seconds that a collector may take.
TIMEOUT_S = 10

#: Environment variables that name a collector, as the specification of OpenTelemetry has them, the first set one wins.
ENDPOINTS = ("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")

PATH = "/v1/metrics"


def loopback(address: str) -> tuple[str, int]:
    """Host and port of ``[HOST][:PORT]``. Raises UserError for any host but this machine itself."""
    host, separator, port = address.rpartition(":") if not address.endswith("]") else (address, "", "")
    if not separator and address.isdigit():
        host, port = "", address
    elif not separator:
        host, port = address, ""
    host = host.strip("[]") or "127.0.0.1"
    try:
        inside = host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        inside = False
    if not inside:
        raise UserError(f"{host} is not this machine: figures are served on loopback only", "use 127.0.0.1:PORT")
    if port and not (port.isdigit() and int(port) < 65_536):
        raise UserError(f"{port!r} is not a port", f"use {host}:{PORT}")
    return ("127.0.0.1" if host == "localhost" else host), int(port) if port else PORT


class _Collector:
    """Asks for the records at every scrape."""

    def __init__(self, records: Callable[[], Sequence[Record]]) -> None:
        self._records = records

    def collect(self) -> Iterator[PrometheusMetric]:
        for metric in metrics_of(self._records()):
            yield prometheus_family(metric)


def registry_of(records: Callable[[], Sequence[Record]]) -> CollectorRegistry:
    """A registry with the metrics of these records and nothing of the process."""
    from prometheus_client import CollectorRegistry

    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Collector(records))  # type: ignore[arg-type]
    return registry


def prometheus_family(metric: Metric) -> PrometheusMetric:
    """A metric in Prometheus's words: underscores for dots, the unit at the end of the name, ``_total`` by its type."""
    from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily

    definition = metric.definition
    name, labels = _underscored(definition.name), [_underscored(each) for each in definition.attributes]
    if definition.kind == "histogram":
        family = HistogramMetricFamily(name, definition.description, labels=labels, unit="seconds")
        for point in metric.points:
            buckets, total = list[tuple[str, float]](), 0
            for bound, count in zip((*map(str, BOUNDS), "+Inf"), point.counts, strict=True):
                total += count
                buckets.append((bound, total))
            family.add_metric([value for _, value in point.attributes], buckets, point.value)
        return family
    kind = CounterMetricFamily if definition.kind == "counter" else GaugeMetricFamily
    plain = kind(name, definition.description, labels=labels)
    for point in metric.points:
        plain.add_metric([value for _, value in point.attributes], point.value)
    return plain


def prometheus_name(metric: str, kind: str) -> str:
    """The name under which a metric is found in Prometheus's text."""
    return _underscored(metric) + {"counter": "_total", "histogram": "_seconds"}.get(kind, "")


def _underscored(name: str) -> str:
    return name.replace(".", "_")


def collector_url(asked: str) -> str:
    """Where to send: the URL that was asked for, or that of the environment. A URL without a path gets OTLP's own.

    Raises UserError if there is none or it is no http(s) URL."""
    url, whole = asked, True
    for name in ENDPOINTS:
        if not url and os.environ.get(name):
            url, whole = os.environ[name], name == ENDPOINTS[0]
    if not url:
        raise UserError("no collector is named", f"suture health --otlp http://127.0.0.1:4318, or set {ENDPOINTS[1]}")
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise UserError(f"{url} is not an http(s) URL", "for instance http://127.0.0.1:4318")
    if whole and parts.path not in ("", "/"):
        return url
    return url.rstrip("/") + PATH if not url.rstrip("/").endswith(PATH) else url


def send(records: Sequence[Record], url: str, now: float) -> int:
    """Send the metrics to an OTLP collector; returns how many points were sent. Raises Unavailable if it did not take
    them, or the extra ``telemetry`` is not installed."""
    try:
        from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
        from opentelemetry.sdk.metrics.export import MetricExportResult
    except ImportError as error:
        raise Unavailable("OpenTelemetry is not installed", "pip install 'suture[telemetry]'") from error
    metrics = [each for each in metrics_of(records) if each.points]
    logging.getLogger("opentelemetry").setLevel(logging.CRITICAL)  # what went wrong is raised below, once
    exporter: Any = OTLPMetricExporter(endpoint=url, timeout=TIMEOUT_S)
    try:
        result = exporter.export(_data(metrics, records, now), timeout_millis=TIMEOUT_S * 1000)
    finally:
        exporter.shutdown()
    if result is not MetricExportResult.SUCCESS:
        raise Unavailable(f"{url} did not take the metrics", "is a collector listening there, with OTLP over HTTP?")
    return sum(len(each.points) for each in metrics)


def _data(metrics: Sequence[Metric], records: Sequence[Record], now: float) -> Any:
    from opentelemetry.sdk.metrics import export
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.util.instrumentation import InstrumentationScope

    release = version("suture")
    start, time = _nanoseconds(min((each.at for each in records), default=now)), _nanoseconds(now)
    made = [
        export.Metric(
            each.definition.name, each.definition.description, each.definition.unit, _points(each, start, time)
        )
        for each in metrics
    ]
    scope = export.ScopeMetrics(InstrumentationScope("suture.heal", release), made, "")
    resource = Resource.create({"service.name": "suture", "service.version": release})
    return export.MetricsData([export.ResourceMetrics(resource, [scope], "")])


def _points(metric: Metric, start: int, time: int) -> Any:
    from opentelemetry.sdk.metrics import export

    cumulative = export.AggregationTemporality.CUMULATIVE
    if metric.definition.kind == "histogram":
        spread = [
            export.HistogramDataPoint(
                attributes=dict(each.attributes),
                start_time_unix_nano=start,
                time_unix_nano=time,
                count=sum(each.counts),
                sum=each.value,
                bucket_counts=list(each.counts),
                explicit_bounds=list(BOUNDS),
                min=each.least,
                max=each.most,
            )
            for each in metric.points
        ]
        return export.Histogram(spread, cumulative)
    points = [
        export.NumberDataPoint(
            attributes=dict(each.attributes),
            start_time_unix_nano=start,
            time_unix_nano=time,
            value=int(each.value) if metric.definition.kind == "counter" else float(each.value),
        )
        for each in metric.points
    ]
    return export.Sum(points, cumulative, True) if metric.definition.kind == "counter" else export.Gauge(points)


def _nanoseconds(seconds: float) -> int:
    return int(seconds * 1_000_000_000)
