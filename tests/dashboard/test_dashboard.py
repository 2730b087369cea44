"""The dashboard says what the stores hold, only to who knows its address, and stays whole without scripts."""

from __future__ import annotations

import asyncio
import contextlib
import http.client
import re
import subprocess
import sys
import threading
from collections.abc import Generator
from html.parser import HTMLParser
from pathlib import Path
from typing import cast
from urllib.parse import SplitResult, urlsplit

import pytest

from suture.analyzers import history
from suture.analyzers.findings import Json
from suture.server.cli.main import main
from suture.server.dashboard.figures import figures
from suture.server.dashboard.gather import Dashboard, gather
from suture.server.dashboard.page import render
from suture.server.dashboard.serving import DashboardServer, dashboard_server

from .browser import Tab, browser
from .conftest import DAY, EVIL, NOW


def read(root: Path) -> Dashboard:
    return gather(root, clock=lambda: NOW)


# -- what it says ----------------------------------------------------------------------------------------------------


def test_a_workspace_that_nothing_is_known_of_gets_a_page_and_no_store(workspace: Path) -> None:
    page = render(read(workspace))
    assert "No review is remembered yet" in page
    assert "Nothing has left this machine" in page
    assert 'class="plot"' not in page
    assert not (workspace.parent / "cache").exists()


def test_everything_in_the_stores_is_on_the_page(used: Path) -> None:
    shown = read(used)
    assert (len(shown.reviews), len(shown.fuzzed), len(shown.healed), len(shown.sent)) == (30, 30, 25, 10)
    assert shown.month_usd == pytest.approx(sum(each.usd for each in shown.spent))
    assert {(each.name, each.status, each.score, each.by) for each in shown.made} == {
        ("slugify", "awaiting approval", 91.5, "small"),
        (EVIL, "rejected", 91.5, "small"),
    }
    assert [(each.action, each.reason) for each in shown.audited][:1] == [("rejected", "it has a better name")]
    assert shown.chain.startswith("The log of 7 entries is whole")
    assert set(figures(shown)) == {"findings", "healing", "fuzzing", "cost", "sent"}
    page = render(shown)
    for text in ("approved: two of three approve", "app.py::parse", "models.example", "Replace jsn by json", "slugify"):
        assert text in page


def test_a_plot_shows_the_numbers_of_its_table(used: Path) -> None:
    shown = read(used)
    traces = cast("list[dict[str, list[Json]]]", figures(shown)["findings"]["data"])
    assert [len(each["x"]) for each in traces] == [31, 31, 31]  # the last holds until now
    assert [each["y"][0] for each in traces] == [8, 5, 9]  # security, performance, architecture of the first day
    assert traces[0]["x"][0] == "2026-08-22 14:13:20"


def test_markup_in_a_store_is_text_on_the_page(used: Path) -> None:
    for single in (False, True):
        page = render(read(used), single=single)
        assert EVIL not in re.sub(r'<script type="application/json".*?</script>', "", page, flags=re.DOTALL)
        assert "&lt;img src=x onerror=alert(1)&gt;" in page
        data = re.search(r'<script type="application/json" id="figures">(.*?)</script>', page, re.DOTALL)
        assert data is not None
        assert data[1].endswith("}")  # what is in it did not end it


def test_every_table_has_heads_and_every_plot_a_name(used: Path) -> None:
    class Seen(HTMLParser):
        plots: list[str | None]
        heads: list[str | None]
        tables = 0

        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            given = dict(attrs)
            self.tables += tag == "table"
            if tag == "th":
                self.heads.append(given.get("scope"))
            if given.get("class") == "plot":
                self.plots.append(given.get("aria-label"))

    seen = Seen()
    seen.plots, seen.heads = [], []
    seen.feed(render(read(used)))
    assert seen.tables >= 7
    assert set(seen.heads) == {"col"}
    assert len(seen.plots) == 5
    assert all(seen.plots)


# -- whom it answers -------------------------------------------------------------------------------------------------


@pytest.fixture
def server(used: Path) -> Generator[DashboardServer]:
    with dashboard_server(used) as made:
        thread = threading.Thread(target=made.serve_forever)
        thread.start()
        yield made
        made.shutdown()
        thread.join()


def get(server: DashboardServer, path: str, method: str = "GET", **headers: str) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", server.server_port, timeout=10)
    with contextlib.closing(connection):
        connection.request(method, path, headers=headers)
        answer = connection.getresponse()
        return answer.status, answer.read()


def test_it_answers_only_to_the_token_and_the_host_of_this_machine(server: DashboardServer) -> None:
    home = urlsplit(server.url).path
    assert get(server, home)[0] == 200
    assert get(server, home + "page.css")[0] == 200
    assert get(server, home, "HEAD") == (200, b"")
    assert get(server, "/")[0] == 404
    assert get(server, "/guess/")[0] == 404
    assert get(server, home + "../gather.py")[0] == 404
    assert get(server, home, Host="evil.example")[0] == 421
    assert get(server, home, "POST")[0] == 501


def test_it_listens_on_loopback_only(server: DashboardServer) -> None:
    assert server.server_address[0] == "127.0.0.1"


def test_a_store_that_cannot_be_read_is_said_and_ends_nothing(
    server: DashboardServer, used: Path, tmp_path: Path
) -> None:
    import sqlite3

    for path in tmp_path.glob("cache/workspaces/*/store.sqlite3"):
        with contextlib.closing(sqlite3.connect(path)) as database:
            database.execute("PRAGMA user_version = 999")
    status, text = get(server, urlsplit(server.url).path)
    assert (status, b"newer Suture" in text) == (503, True)


# -- the command -----------------------------------------------------------------------------------------------------


def test_the_command_writes_one_file_that_needs_nothing_else(used: Path, tmp_path: Path) -> None:
    target = tmp_path / "page.html"
    assert main(["dashboard", str(used), "--output", str(target)]) == 0
    text = target.read_text("utf-8")
    assert "plotly.js v" in text
    assert not re.search(r'<(?:script|link|img)[^>]*(?:src|href)="(?!data:)', text)


def test_the_command_serves_until_its_input_ends(used: Path) -> None:
    command = [sys.executable, "-m", "suture", "dashboard", str(used), "--no-open", "--until-input-ends"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        address: SplitResult = urlsplit(str(process.stdout.readline(), "ascii").strip())
        assert address.hostname == "127.0.0.1"
        connection = http.client.HTTPConnection("127.0.0.1", address.port or 0, timeout=10)
        with contextlib.closing(connection):
            connection.request("GET", address.path)
            assert b"Suture: shop" in connection.getresponse().read()
        process.stdin.close()
        assert process.wait(20) == 0


@pytest.mark.parametrize("arguments", [["nowhere"], [".", "--port", "70000"], [".", "--output", "no/such/place.html"]])
def test_a_mistake_is_a_usage_error(
    arguments: list[str], workspace: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(workspace)
    assert main(["dashboard", *arguments]) == 2
    assert capsys.readouterr().err.startswith("suture: ")


# -- in a browser ----------------------------------------------------------------------------------------------------


async def _drawn(tab: Tab) -> None:
    await tab.until("document.querySelectorAll('.plot .main-svg').length >= 5")


async def _watch(chromium: str, server: DashboardServer, tmp_path: Path) -> None:
    async with browser(chromium, tmp_path / "profile") as tab:
        await tab.open(server.url)
        await _drawn(tab)
        assert tab.complaints == []
        outside = [each for each in tab.requests if not each.startswith((server.url, "data:", "blob:"))]
        assert outside == []

        light = await tab.ask("getComputedStyle(document.body).backgroundColor")
        await tab.send("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": "dark"}])
        dark = await tab.until(f"(b => b !== {light!r} && b)(getComputedStyle(document.body).backgroundColor)")
        assert (light, dark) == ("rgb(255, 255, 255)", "rgb(22, 24, 29)")
        ink = await tab.until("document.querySelector('.plot .ytick text')?.style.fill")
        assert ink == "rgb(230, 232, 236)"
        await tab.photograph(tmp_path / "dark.png")

        await tab.send("Emulation.setDeviceMetricsOverride", width=360, height=740, deviceScaleFactor=2, mobile=True)
        await tab.until("document.documentElement.scrollWidth <= 360")
        await tab.until(
            "[...document.querySelectorAll('.tiles a')].every((each) => each.scrollWidth <= each.clientWidth)"
        )
        await tab.photograph(tmp_path / "phone.png")

        seen: list[str] = []
        for _ in range(60):
            await tab.press("Tab", 9)
            seen.append(await tab.ask("document.activeElement.tagName + ' ' + document.activeElement.innerText"))
            if seen[-1].startswith("SUMMARY Runs"):
                break
        assert seen[0] == "A To the figures"
        assert any(each.startswith("BUTTON Read again") for each in seen)
        assert seen[-1].startswith("SUMMARY Runs")
        assert not await tab.ask("document.activeElement.parentElement.open")
        await tab.press("Enter", 13, "\r")
        assert await tab.until("document.activeElement.parentElement.open")


@pytest.mark.slow
def test_it_is_drawn_in_both_schemes_fits_a_phone_and_needs_no_mouse(
    chromium: str, server: DashboardServer, tmp_path: Path
) -> None:
    asyncio.run(_watch(chromium, server, tmp_path))


@pytest.mark.slow
def test_it_reads_again_and_says_when_it_has_ended(
    chromium: str, server: DashboardServer, used: Path, tmp_path: Path
) -> None:
    async def watch() -> None:
        async with browser(chromium, tmp_path / "profile") as tab:
            await tab.open(server.url)
            await _drawn(tab)
            history.tell(used, "fuzz", {"target": "app.py::fresh"}, clock=lambda: NOW + DAY)
            await tab.ask("document.getElementById('again').click()")
            await tab.until("document.body.textContent.includes('app.py::fresh')")
            await _drawn(tab)
            server.shutdown()
            server.server_close()
            await tab.ask("document.getElementById('again').click()")
            await tab.until("document.getElementById('again').textContent.includes('has ended')")

    asyncio.run(watch())
