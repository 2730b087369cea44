"""What a person is shown of a counterexample: enough to see it again, plots where there is something to plot."""

from __future__ import annotations

import re
from typing import Any

import pytest

from suture.analyzers.findings import Edit, Evidence, Finding, Range
from suture.server.counterexamples import (
    Counterexample,
    counterexample_hover,
    counterexample_page,
    run_page,
    run_summary,
)
from suture.server.evidence import as_text, edit_page
from suture.server.reviews import Change, Found

EVENT: dict[str, Any] = {
    "target": "average",
    "kind": "crash",
    "args": "([],)",
    "kwargs": "{}",
    "call": "average([])",
    "exception": "ZeroDivisionError",
    "message": "division by zero",
    "shrunk": True,
    "seed": 7,
    "stage": "boundary",
    "versions": {"python": "3.11.7", "hypothesis": "6.170.15"},
    "source_hash": "8425b63f82b2fe02",
    "signature": "crash:ZeroDivisionError:5cc48ee5396b",
    "domain": {"values": "list[int] | None (annotated)"},
}
RUN: dict[str, Any] = {
    "status": "ok",
    "executions": 12_400,
    "seconds": 2.43,
    "branches": 31,
    "stages": {"boundary": 400, "generation": 12_000},
    "coverage": [[1, 3], [40, 12], [12_400, 31]],
    "first_ms": 120.0,
}


def known(**more: Any) -> Counterexample:
    return Counterexample(
        ident="fuzz-1",
        uri="file:///w/a.py",
        root="/w",
        path="/w/a.py",
        name="average",
        event={**EVENT, **more},
        test="def test_average() -> None:\n    average([])\n",
        test_path="/w/tests/test_fuzz_a_average.py",
    )


def finding(*evidence: Evidence, line: int = 2) -> Finding:
    return Finding(
        path="/w/a.py",
        range=Range(line, 4, line, 30),
        rule="fuzz-counterexample",
        kind="crash",
        message="average([]) raises ZeroDivisionError: division by zero",
        severity="high",
        confidence=0.9,
        evidence=evidence,
    )


def test_the_hover_holds_all_that_is_needed_to_see_it_again() -> None:
    text = counterexample_hover(finding(), known(), stale=False)
    for part in (
        "exception: `ZeroDivisionError: division by zero`",
        "input, shrunk: `average([])`",
        "seed 7, found by boundary",
        "versions: python 3.11.7, hypothesis 6.170.15",
        "source hash of `average`: `8425b63f82b2fe02`",
        "assumed `values`: list[int] | None (annotated)",
    ):
        assert part in text
    assert "edited since" not in text
    assert "edited since this failed" in counterexample_hover(finding(), known(), stale=True)


def test_the_page_shows_coverage_as_an_image_by_reference_and_as_a_table() -> None:
    body = counterexample_page(finding(), known(), RUN).body
    assert "12,400 executions in 2.4 s: boundary 400, generation 12,000; the first after 120 ms." in body
    assert "![Branches covered over executions][coverage]" in body
    assert "| 12,400 | 31 |" in body
    assert "| `values` | list[int] \\| None (annotated) |" in body  # a cell of a table
    assert "For `tests/test_fuzz_a_average.py`" in body
    last = body.rstrip().splitlines()[-1]
    assert re.fullmatch(r"\[coverage\]: data:image/svg\+xml;base64,[A-Za-z0-9+/=]+", last)


def test_the_page_as_text_has_the_tables_and_no_images() -> None:
    body = counterexample_page(finding(), known(), RUN).body
    text = as_text(body)
    assert "data:image" not in text
    assert "![" not in text
    assert "| 12,400 | 31 |" in text
    assert "\n\n\n" not in text


def test_measured_growth_is_plotted_too() -> None:
    table = [[100, 0.01], [200, 0.04], [400, 0.16]]
    measured = Evidence("measured", "0.16 s for 400 characters, and growing", {"table": table})
    body = counterexample_page(finding(measured), known(kind="hang", growth=table), None).body
    assert "![Seconds over the size of the input][growth]" in body
    assert "| 400 | 0.16 |" in body
    assert "[growth]: data:image/svg+xml;base64," in body


def test_a_run_without_a_finding_has_a_page_and_a_summary_of_its_own() -> None:
    assert run_summary(RUN, 0) == "no counterexample in 12,400 executions, 31 branches"
    assert run_summary(RUN, 2) == "2 counterexamples in 12,400 executions, 31 branches"
    assert run_summary({"status": "unsupported", "reason": "no annotations"}, 0) == "not fuzzed: no annotations"
    assert run_summary({**RUN, "executions": 0, "reason": "the budget ran out"}, 0) == (
        "nothing was tried: the budget ran out"
    )
    page = run_page("average", "/w/a.py", RUN, [])
    assert "### Coverage over executions" in page.body
    flat = run_page("average", "/w/a.py", {**RUN, "coverage": [[1, 0]]}, [])
    assert "Coverage over executions" not in flat.body


def test_a_counterexample_follows_its_line_and_is_stale_once_its_definition_is_edited() -> None:
    found = Found(finding(line=5), first=3, last=6)
    above = found.after(Change(0, -1, 2))
    assert (above.finding.range.line, above.first, above.last, above.stale) == (7, 5, 8, False)
    assert found.after(Change(7, 7, 4)) == found  # below it
    assert found.after(Change(7, 6, 1)) == found  # a line inserted right after its last one
    inside = found.after(Change(4, 3, 1))  # a line inserted in it, above the failing one
    assert (inside.finding.range.line, inside.last, inside.stale) == (6, 7, True)
    on_it = found.after(Change(5, 5, 0))
    assert (on_it.finding.range.line, on_it.stale) == (5, True)
    gone = found.after(Change(4, 6, -3))
    assert gone.stale
    assert gone.first <= gone.finding.range.line <= gone.last
    assert found.after(None).lost
    assert not found.after(None).visible


@pytest.mark.parametrize(
    ("sandbox", "said"), [("bubblewrap", "run in the sandbox"), ("bare-host", "run without a sandbox (bare-host)")]
)
def test_an_edit_that_was_run_on_the_bare_host_does_not_claim_a_sandbox(sandbox: str, said: str) -> None:
    run = Evidence("ran", "1 failed → 0 failed", {"sandbox": sandbox})
    assert said in edit_page(Edit("Import json", (), 0.9, evidence=(run,), verified=True)).body
