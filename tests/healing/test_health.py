"""``suture health``: its figures by hand, what it says without data, and what others may collect, really collected."""

from __future__ import annotations

import gzip
import http.server
import json
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Iterator
from dataclasses import replace
from math import ceil
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest

from suture.analyzers.errors import UserError
from suture.analyzers.store import open_store, workspace_folder
from suture.healing.learning import book
from suture.healing.learning.measures import grouped, health_of, percentile, trust_of, windows
from suture.healing.learning.metrics import DEFINITIONS, metrics_of
from suture.healing.learning.pages import history_lines, history_page
from suture.healing.learning.ranking import Trial
from suture.healing.learning.records import Offer, Outcome, Record
from suture.healing.learning.shape import Shape
from suture.server.health_export import collector_url, loopback, prometheus_name

NOW = 1_800_000_000.0


def record(number: int, outcome: Outcome, *, confidence: float = 0.9, category: str = "name", tried: int = 2) -> Record:
    shape = Shape("python", category, "NameError", "name 'N' is not defined", "^ N")
    verified = outcome not in ("failed", "named")
    trials = tuple(
        Trial(shape, f"repair-{i}", "t", "f", "=e", 0.5, 0.5, verified and i == tried - 1) for i in range(tried)
    )
    offer = Offer(f"edit{number}", "repair-1", "use *len*", confidence, True, "exit 1 → 0", (tried - 1,))
    return Record(
        id=f"{number:04}",
        at=NOW - 3600 * number,
        source="command",
        shape=shape,
        fault="NameError: name 'lenn' is not defined",
        place="a.py:1",
        command="python a.py",
        trials=trials,
        offers=(offer,) if verified else (),
        chosen=0 if verified else -1,
        outcome=outcome,
        first_verified_ms=100.0 * number if verified else None,
        elapsed_ms=200.0 * number,
    )


SOME = (
    record(1, "applied", confidence=0.9),
    record(2, "taken_back", confidence=0.9, tried=4),
    record(3, "offered"),
    record(4, "failed", category="test", tried=5),
    record(30, "named", category="dependency", tried=0),
)


def test_the_figures_of_some_records_are_those_that_one_counts_by_hand() -> None:
    health = health_of(SOME)
    assert (health.attempts, health.named, health.successes, health.tried) == (4, 1, 3, 13)
    assert health.success_rate == 0.75
    assert health.tried_per_success == pytest.approx(8 / 3)
    assert health.edits_per_success == 1
    assert (health.first_verified_p50, health.first_verified_p95) == (200.0, 300.0)
    assert (health.applied, health.rejected, health.taken_back) == (1, 0, 1)
    assert health.taken_back_rate == 0.5
    assert (health.trust.count, health.trust.right) == (2, 1)
    assert health.trust.brier == pytest.approx((0.1**2 + 0.9**2) / 2)
    assert health.trust.ece == pytest.approx(0.4)
    assert [(each.low, each.count, each.right) for each in health.trust.bins] == [(0.8, 2, 0.5)]


def test_of_nothing_there_is_no_figure() -> None:
    health = health_of([])
    assert (health.attempts, health.success_rate, health.first_verified_p50, health.trust.ece) == (0, None, None, None)
    assert trust_of([record(1, "offered")]).count == 0


def test_windows_and_groups_divide_the_records() -> None:
    over = windows(SOME, NOW)
    assert [over[name].attempts + over[name].named for name in ("24 hours", "7 days", "all")] == [4, 5, 5]
    by = grouped(SOME, lambda each: each.shape.category)
    assert {name: each.attempts for name, each in by.items()} == {"name": 3, "test": 1, "dependency": 0}


@given(st.lists(st.floats(0, 1e6), min_size=1), st.sampled_from([0.5, 0.95]))
def test_a_percentile_is_one_of_the_values_and_that_share_is_not_above_it(values: list[float], share: float) -> None:
    found = percentile(values, share)
    assert found in values
    assert sum(each <= found for each in values) >= ceil(share * len(values))


@given(st.lists(st.sampled_from(SOME)))
def test_metrics_agree_with_the_figures_and_counters_only_grow(records: list[Record]) -> None:
    health = health_of(records)
    metrics = {each.definition.name: each for each in metrics_of(records)}

    def total(name: str) -> float:
        return sum(each.value for each in metrics[name].points)

    assert [each.definition for each in metrics.values()] == list(DEFINITIONS)
    assert total("suture.heal.attempts") == health.attempts
    assert total("suture.heal.successes") == health.successes
    assert sum(sum(each.counts) for each in metrics["suture.heal.duration"].points) == health.attempts
    applied = {each.attributes[0][1]: each.value for each in metrics["suture.heal.decisions"].points}
    assert applied.get("applied", 0) == health.applied + health.taken_back
    after = {each.definition.name: each for each in metrics_of([*records, SOME[0]])}
    for name, metric in metrics.items():
        if metric.definition.kind == "counter":
            assert total(name) <= sum(each.value for each in after[name].points)


def test_the_history_tells_what_happened_and_is_safe_as_markdown() -> None:
    lines = history_lines(SOME[1])
    assert any("repair-0 ✘ (0.50)" in line and "repair-3 ✔" in line for line in lines)
    assert any(line.startswith("applied, then taken back; first verified after 200 ms") for line in lines)
    page = history_page(SOME)
    assert "use \\*len\\*" in page
    assert "No data" in history_page(())


# -- the command -----------------------------------------------------------------------------------------------------


def health(root: Path, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    import os

    command = [sys.executable, "-m", "suture", "health", *words]
    variables = {**os.environ, **environment}
    return subprocess.run(command, cwd=root, env=variables, capture_output=True, text=True, timeout=60, check=False)


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SUTURE_CACHE_DIR", str(tmp_path / "cache"))
    for name in ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT"):
        monkeypatch.delenv(name, raising=False)
    folder = tmp_path / "project"
    folder.mkdir()
    return folder


@pytest.fixture
def filled(root: Path) -> Path:
    import time

    with open_store(root) as store:
        for each in SOME:
            book.add(store, replace(each, at=each.at - NOW + time.time()))
    return root


def test_without_data_it_says_so_and_makes_no_store(root: Path) -> None:
    for words in ((), ("--history",), ("--since", "7d")):
        done = health(root, *words)
        assert done.returncode == 0, done.stderr
        assert done.stdout.startswith("No data: nothing was healed in ")
    assert not workspace_folder(root).exists()
    assert json.loads(health(root, "--output-format", "json").stdout)["windows"]["all"]["success_rate"] is None


def test_figures_and_history_in_every_format(filled: Path) -> None:
    text = health(filled).stdout
    assert "75%" in text
    assert "1 of 2 judged edits were kept, too few to say much; calibration error 0.400" in text
    value = json.loads(health(filled, "--output-format", "json").stdout)
    assert value["windows"]["24 hours"]["attempts"] == 4
    assert value["windows"]["7 days"]["named"] == 1
    assert value["by_category"]["name"]["taken_back"] == 1
    lines = [json.loads(line) for line in health(filled, "--output-format", "json-lines").stdout.splitlines()]
    assert {"window", "category", "language", "repair"} == {name for each in lines for name in list(each)[:1]}
    assert (
        json.loads(health(filled, "--since", "90m", "--output-format", "json").stdout)["windows"]["all"]["attempts"]
        == 1
    )
    listed = json.loads(health(filled, "--history", "--limit", "2", "--output-format", "json").stdout)
    assert [each["outcome"] for each in listed] == ["applied", "taken_back"]
    assert "tried: repair-0" in health(filled, "--history").stdout


@pytest.mark.parametrize("address", ["0.0.0.0:9464", "192.168.1.5", "[::]:80", "example.org:80", "127.0.0.1:x"])
def test_it_serves_on_no_other_address_than_loopback(root: Path, address: str) -> None:
    done = health(root, "--serve", address)
    assert done.returncode == 2
    assert "suture: " in done.stderr


def test_addresses_are_read_as_people_write_them() -> None:
    assert loopback("") == ("127.0.0.1", 9464)
    assert loopback("localhost:0") == ("127.0.0.1", 0)
    assert loopback("8000") == ("127.0.0.1", 8000)
    assert loopback("127.0.0.2") == ("127.0.0.2", 9464)
    assert loopback("[::1]:81") == ("::1", 81)
    assert loopback("[::1]") == ("::1", 9464)


def test_prometheus_reads_what_is_served(filled: Path) -> None:
    from prometheus_client.parser import text_string_to_metric_families

    process = subprocess.Popen(
        [sys.executable, "-m", "suture", "health", "--serve", "127.0.0.1:0"],
        cwd=filled,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stderr is not None
        url = process.stderr.readline().split()[0]
        with urllib.request.urlopen(url, timeout=20) as answer:
            text = answer.read().decode()
    finally:
        process.terminate()
        process.wait(20)
    families = {each.name: each for each in text_string_to_metric_families(text)}
    attempts = {tuple(sample.labels.values()): sample.value for sample in families["suture_heal_attempts"].samples}
    assert attempts[("name", "python", "command")] == 3
    assert prometheus_name("suture.heal.attempts", "counter") in text
    buckets = [each for each in families["suture_heal_duration_seconds"].samples if each.labels.get("le") == "+Inf"]
    assert sum(each.value for each in buckets) == 4
    assert "python_info" not in text, "nothing of the process itself"
    assert "lenn" not in text


class Collector(http.server.BaseHTTPRequestHandler):
    """Takes OTLP over HTTP as a collector does: protobuf, maybe gzipped, at its path."""

    taken: list[tuple[str, ExportMetricsServiceRequest]]

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.headers.get("Content-Encoding") == "gzip":
            body = gzip.decompress(body)
        ok = self.path.endswith("/v1/metrics") and self.headers["Content-Type"] == "application/x-protobuf"
        if ok:
            type(self).taken.append((self.path, ExportMetricsServiceRequest.FromString(body)))
        self.send_response(200 if ok else 404)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        del format, args


@pytest.fixture
def collector() -> Iterator[tuple[str, list[tuple[str, ExportMetricsServiceRequest]]]]:
    Collector.taken = []
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Collector)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", Collector.taken
    server.shutdown()
    server.server_close()


def test_a_collector_is_sent_totals_that_begin_with_the_first_record(
    filled: Path, collector: tuple[str, list[tuple[str, ExportMetricsServiceRequest]]]
) -> None:
    url, taken = collector
    assert "points sent" in health(filled, "--otlp", url).stderr
    assert health(filled, "--otlp", OTEL_EXPORTER_OTLP_ENDPOINT=f"{url}/base/").returncode == 0
    (first, request), (second, again) = taken
    assert (first, second) == ("/v1/metrics", "/base/v1/metrics")
    (resource,) = request.resource_metrics
    names = {each.key: each.value.string_value for each in resource.resource.attributes}
    assert names["service.name"] == "suture"
    metrics = {each.name: each for each in resource.scope_metrics[0].metrics}
    attempts = metrics["suture.heal.attempts"]
    assert (attempts.unit, attempts.sum.is_monotonic) == ("{attempt}", True)
    assert sum(point.as_int for point in attempts.sum.data_points) == 4
    duration = metrics["suture.heal.duration"].histogram.data_points
    assert sum(point.count for point in duration) == 4
    assert all(len(point.bucket_counts) == len(point.explicit_bounds) + 1 for point in duration)
    later = {each.name: each for each in again.resource_metrics[0].scope_metrics[0].metrics}["suture.heal.attempts"]
    starts = {point.start_time_unix_nano for each in (attempts, later) for point in each.sum.data_points}
    assert len(starts) == 1, "the second export goes on where the first was"
    assert b"lenn" not in request.SerializeToString()


def test_nothing_is_sent_where_nobody_said_where_to(filled: Path) -> None:
    done = health(filled, "--otlp")
    assert done.returncode == 2
    assert "no collector is named" in done.stderr


def test_a_url_without_a_path_gets_that_of_otlp(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT"):
        monkeypatch.delenv(name, raising=False)
    assert collector_url("http://c:4318") == "http://c:4318/v1/metrics"
    assert collector_url("http://c:4318/other") == "http://c:4318/other"
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://e:1/x")
    assert collector_url("") == "http://e:1/x/v1/metrics"
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", "http://m:1/y")
    assert collector_url("") == "http://m:1/y"
    with pytest.raises(UserError, match="http"):
        collector_url("c:4318")
