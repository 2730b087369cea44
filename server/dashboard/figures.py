"""The figures of the dashboard, in the words of plotly.js: traces and layouts as plain JSON.

A colour is the name of one of the page's (``security``, ``good`` …), which the page turns into the colour of its
scheme, light or dark. They are those of Okabe and Ito (2008), which people who see few colours can tell apart; lines
differ in their dashes as well.

Invariant: pure functions of what was gathered; a figure that nothing stands behind is None.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace
from typing import cast

from ...analyzers.findings import REVIEWERS, Json
from .gather import Dashboard

Figure = dict[str, Json]

DASHES: Mapping[str, str] = {"security": "solid", "performance": "dash", "architecture": "dot"}

#: Lines of a figure at most: the newest of what could be drawn.
MOST_LINES = 6


def figures(shown: Dashboard) -> dict[str, Figure]:
    """Every figure that there is something for, by the name of its section."""
    made = {
        "findings": _findings(shown),
        "healing": _healing(shown),
        "fuzzing": _fuzzing(shown),
        "cost": _cost(shown),
        "sent": _sent(shown),
    }
    return {name: figure for name, figure in made.items() if figure is not None}


def when(at: float) -> str:
    """A moment for a person and for plotly: UTC, to the second."""
    return time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(at))


def count_of(data: Mapping[str, Json], reviewer: str) -> int:
    """The findings of one reviewer in a review event."""
    counts = cast("Mapping[str, Mapping[str, int]]", data.get("counts") or {})
    return sum(counts.get(reviewer, {}).values())


def _findings(shown: Dashboard) -> Figure | None:
    """Reviews of what the last one was of, up to now: one that found the same as the last is not remembered."""
    if not shown.reviews:
        return None
    last = shown.reviews[-1]
    alike = [each for each in shown.reviews if each.data.get("scope") == last.data.get("scope")]
    alike.append(replace(last, at=max(shown.at, last.at)))
    times = [when(each.at) for each in alike]
    traces: list[Json] = [
        {
            "type": "scatter",
            "mode": "lines+markers",
            "name": reviewer,
            "x": [*times],
            "y": [count_of(each.data, reviewer) for each in alike],
            "line": {"color": reviewer, "dash": DASHES[reviewer], "shape": "hv"},
        }
        for reviewer in REVIEWERS
    ]
    return _figure(traces, "findings", rangemode="tozero")


def _healing(shown: Dashboard) -> Figure | None:
    points = [each for each in shown.healed if each.first_verified_ms is not None]
    if not points:
        return None
    traces: list[Json] = []
    names = {"applied": "good", "taken_back": "bad", "rejected": "bad", "offered": "performance"}
    symbols = {"applied": "circle", "taken_back": "x", "rejected": "x", "offered": "circle-open"}
    for outcome, colour in names.items():
        some = [each for each in points if each.outcome == outcome]
        if some:
            traces.append(
                {
                    "type": "scatter",
                    "mode": "markers",
                    "name": outcome.replace("_", " "),
                    "x": [when(each.at) for each in some],
                    "y": [each.first_verified_ms for each in some],
                    "text": [each.fault for each in some],
                    "hovertemplate": "%{text}<br>%{y:.0f} ms<extra></extra>",
                    "marker": {"color": colour, "symbol": symbols[outcome], "size": 9},
                }
            )
    return _figure(traces, "ms until the first verified edit", type="log")


def _fuzzing(shown: Dashboard) -> Figure | None:
    newest: dict[str, list[list[int]]] = {}
    for each in reversed(shown.fuzzed):
        points = cast("list[list[int]]", each.data.get("coverage") or [])
        target = str(each.data.get("target", ""))
        if points and target not in newest and len(newest) < MOST_LINES:
            newest[target] = points
    if not newest:
        return None
    colours = ("security", "performance", "architecture", "good", "bad", "plain")
    dashes = ("solid", "dash", "dot", "dashdot", "longdash", "longdashdot")
    traces: list[Json] = [
        {
            "type": "scatter",
            "mode": "lines",
            "name": target,
            "x": [at for at, _ in points],
            "y": [reached for _, reached in points],
            "line": {"color": colour, "dash": dash, "shape": "hv"},
        }
        for (target, points), colour, dash in zip(newest.items(), colours, dashes, strict=False)
    ]
    figure = _figure(traces, "branches reached", rangemode="tozero")
    cast("dict[str, Json]", figure["layout"])["xaxis"] = {"title": {"text": "executions"}, "type": "log"}
    return figure


def _cost(shown: Dashboard) -> Figure | None:
    if not shown.spent:
        return None
    days = [each.day for each in shown.spent]
    bars: Json = {
        "type": "bar",
        "name": "spent",
        "x": [*days],
        "y": [round(each.usd, 6) for each in shown.spent],
        "marker": {"color": "performance"},
    }
    traces: list[Json] = [bars]
    if max(each.usd for each in shown.spent) > shown.limits.day_usd / 5:  # far above the bars it would only shrink them
        traces.append(
            {
                "type": "scatter",
                "mode": "lines",
                "name": "limit of a day",
                "x": [*days],
                "y": [shown.limits.day_usd for _ in days],
                "line": {"color": "bad", "dash": "dash"},
            }
        )
    figure = _figure(traces, "US dollars", rangemode="tozero")
    cast("dict[str, Json]", figure["layout"])["xaxis"] = {"type": "category"}
    return figure


def _sent(shown: Dashboard) -> Figure | None:
    if not shown.sent:
        return None
    totals: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for each in shown.sent:
        totals[each.endpoint][when(each.at)[:10]] += each.bytes
    days = sorted({day for of in totals.values() for day in of})
    colours = ("security", "performance", "architecture", "good", "bad", "plain")
    traces: list[Json] = [
        {
            "type": "bar",
            "name": endpoint,
            "x": [*days],
            "y": [of.get(day, 0) for day in days],
            "marker": {"color": colours[number % len(colours)]},
        }
        for number, (endpoint, of) in enumerate(sorted(totals.items()))
    ]
    figure = _figure(traces, "bytes sent", rangemode="tozero")
    cast("dict[str, Json]", figure["layout"]).update({"barmode": "stack", "xaxis": {"type": "category"}})
    return figure


def _figure(traces: list[Json], title: str, **axis: Json) -> Figure:
    return {"data": traces, "layout": {"yaxis": {"title": {"text": title}, **axis}}}
