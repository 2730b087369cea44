"""The dashboard as HTML: a heading, figures in numbers, and a section for each part with its plot and its table.

Every plot has the table of its numbers beside it, which a screen reader reads and a keyboard opens. Without scripts the
page is whole but for the plots.

Invariant: every text that comes from a store is escaped here, and nothing of the page is fetched from anywhere but
where the page itself came from.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from html import escape
from importlib.resources import files
from typing import cast

from ...analyzers.findings import REVIEWERS, SEVERITIES, Json
from .figures import count_of, figures, when
from .gather import Dashboard

Cell = str | int | float | None

#: Rows of a table that are shown; all of them are in the stores, and the commands that list them are named.
ROWS = 40


def asset(name: str) -> str:
    """The text of a file beside this module: ``page.css`` or ``page.js``."""
    return (files(__package__ or "") / name).read_text("utf-8")


def plotly() -> str:
    """plotly.js as its Python package carries it (MIT licence)."""
    return (files("plotly") / "package_data" / "plotly.min.js").read_text("utf-8")


def render(shown: Dashboard, *, single: bool = False) -> str:
    """The page. ``single``: everything in this one text; else it asks for ``page.css``, ``plotly.js`` and ``page.js``
    beside it."""
    name = escape(shown.root.name or str(shown.root))
    data = json.dumps(figures(shown)).replace("</", "<\\/").replace("<!--", "<\\!--")
    if single:
        style = f"<style>{asset('page.css')}</style>"
        scripts = "".join(f"<script>{_inline(text)}</script>" for text in (plotly(), asset("page.js")))
    else:
        style = '<link rel="stylesheet" href="page.css">'
        scripts = '<script src="plotly.js" defer></script><script src="page.js" defer></script>'
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<link rel="icon" href="data:,">\n'
        f"<title>Suture: {name}</title>\n{style}\n</head>\n<body>\n"
        f'<a class="skip" href="#main">To the figures</a>\n{_header(shown, name)}\n'
        f'<main id="main">\n{"".join(_sections(shown))}</main>\n'
        f'<script type="application/json" id="figures">{data}</script>\n{scripts}\n</body>\n</html>\n'
    )


def _inline(script: str) -> str:
    return script.replace("</script", "<\\/script")


def _header(shown: Dashboard, name: str) -> str:
    return (
        f"<header><h1>{name}</h1>"
        f'<p class="path">{escape(str(shown.root))}</p>'
        f'<p><span id="read">read {when(shown.at)} UTC</span> '
        '<button type="button" id="again" hidden>Read again</button> '
        '<button type="button" id="scheme" hidden>Dark or light</button></p></header>'
    )


def _sections(shown: Dashboard) -> Iterable[str]:
    yield _tiles(shown)
    yield _section("findings", "Findings over time", _review_body(shown))
    yield _section("verdicts", "Verdict of the last review", _verdict_body(shown))
    yield _section("healing", "Healing", _healing_body(shown))
    yield _section("fuzzing", "Fuzzing", _fuzz_body(shown))
    yield _section("cost", "Cost and budget", _cost_body(shown))
    yield _section("proposals", "Proposals and their audit", _proposals_body(shown))
    yield _section("sent", "What left this machine", _sent_body(shown))


def _section(ident: str, title: str, body: str) -> str:
    return f'<section aria-labelledby="{ident}-title"><h2 id="{ident}-title">{title}</h2>\n{body}</section>\n'


def _plot(ident: str, label: str) -> str:
    said = f"{escape(label)}; the table below has the numbers"
    return f'<div class="plot" id="plot-{ident}" role="img" aria-label="{said}"></div>\n'


def _nothing(text: str) -> str:
    """What is said of a part that has no data, with how it comes to some; ``text`` may hold ``code``."""
    marked = re.sub(r"`(.*?)`", r"<code>\1</code>", escape(text))
    return f'<p class="none">{marked}</p>\n'


def _table(caption: str, heads: Sequence[str], rows: Sequence[Sequence[Cell]], *, opened: bool = False) -> str:
    more = f'<p class="none">{len(rows) - ROWS} older ones are not shown.</p>' if len(rows) > ROWS else ""
    head = "".join(f'<th scope="col">{escape(each)}</th>' for each in heads)
    body = "".join(f"<tr>{''.join(_cell(each) for each in row)}</tr>" for row in rows[:ROWS])
    return (
        f"<details{' open' if opened else ''}><summary>{escape(caption)}</summary>"
        f'<div class="wide" tabindex="0" role="region" aria-label="{escape(caption)}">'
        f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>{more}</details>\n"
    )


def _cell(value: Cell) -> str:
    if value is None:
        return '<td class="number">—</td>'
    if isinstance(value, str):
        return f"<td>{escape(value)}</td>"
    return f'<td class="number">{value:g}</td>' if isinstance(value, float) else f'<td class="number">{value}</td>'


# -- the parts -------------------------------------------------------------------------------------------------------


def _tiles(shown: Dashboard) -> str:
    last = shown.reviews[-1].data if shown.reviews else None
    overall = shown.health["all"] if shown.health else None
    rate = overall.success_rate if overall else None
    tiles = (
        ("findings", "—" if last is None else str(sum(count_of(last, each) for each in REVIEWERS)), "#findings-title"),
        ("of faults healed", "—" if rate is None else f"{rate:.0%}", "#healing-title"),
        ("until a verified edit", _ms(overall.first_verified_p50 if overall else None), "#healing-title"),
        ("counterexamples", str(sum(_count(each.data, "findings") for each in shown.fuzzed)), "#fuzzing-title"),
        ("spent in 30 days", _usd(shown.month_usd), "#cost-title"),
        ("bytes sent", f"{sum(each.bytes for each in shown.sent):,}", "#sent-title"),
    )
    listed = "".join(f'<li><a href="{to}"><b>{escape(value)}</b> {escape(name)}</a></li>' for name, value, to in tiles)
    return f'<ul class="tiles">{listed}</ul>\n'


def _review_body(shown: Dashboard) -> str:
    if not shown.reviews:
        return _nothing(
            "No review is remembered yet. `suture review .` reviews the workspace and remembers its counts."
        )
    rows = [
        (
            when(each.at),
            str(each.data.get("scope", "")),
            _count(each.data, "files"),
            *(count_of(each.data, reviewer) for reviewer in REVIEWERS),
        )
        for each in reversed(shown.reviews)
    ]
    return _plot("findings", "Findings over time by reviewer") + _table(
        "Reviews", ("at (UTC)", "files", *REVIEWERS), rows
    )


def _verdict_body(shown: Dashboard) -> str:
    if not shown.reviews:
        return _nothing("There is no verdict before a review.")
    data = shown.reviews[-1].data
    counts = cast("dict[str, dict[str, int]]", data.get("counts") or {})
    votes = cast("dict[str, dict[str, Json]]", data.get("votes") or {})
    rows: list[Sequence[Cell]] = []
    for reviewer in REVIEWERS:
        vote = votes.get(reviewer, {})
        weight = vote.get("weight")
        of = counts.get(reviewer, {})
        rows.append(
            (
                reviewer,
                str(vote.get("vote", "—")),
                float(weight) if isinstance(weight, (int, float)) else None,
                *(of.get(severity, 0) for severity in SEVERITIES),
            )
        )
    said = str(data.get("verdict") or "")
    return (f"<p>{escape(said)}</p>\n" if said else "") + _table(
        "Votes and findings by severity", ("reviewer", "vote", "weight", *SEVERITIES), rows, opened=True
    )


def _healing_body(shown: Dashboard) -> str:
    if not shown.health:
        return _nothing("Nothing was healed yet. `suture heal -- COMMAND` and the editor's quick fixes are remembered.")
    rows: list[Sequence[Cell]] = [
        (
            name,
            each.attempts,
            each.successes,
            None if each.success_rate is None else f"{each.success_rate:.0%}",
            _ms(each.first_verified_p50),
            _ms(each.first_verified_p95),
            each.applied,
            each.rejected + each.taken_back,
        )
        for name, each in shown.health.items()
    ]
    heads = ("in the last", "faults", "healed", "rate", "p50", "p95", "kept", "undone")
    last = [
        (
            when(each.at),
            each.fault,
            each.place,
            each.choice.title if each.choice else "",
            _words(each.outcome),
        )
        for each in reversed(shown.healed)
    ]
    return (
        _plot("healing", "Time until the first verified edit of each healing")
        + _table("How healing does", heads, rows, opened=True)
        + _table("Healings", ("at (UTC)", "fault", "where", "edit", "what became of it"), last)
    )


def _fuzz_body(shown: Dashboard) -> str:
    if not shown.fuzzed:
        return _nothing("Nothing was fuzzed yet. `suture fuzz PATH::NAME` and the editor's lenses are remembered.")
    rows = [
        (
            when(each.at),
            str(each.data.get("target", "")),
            _count(each.data, "executions"),
            _count(each.data, "branches"),
            _count(each.data, "findings"),
            str(each.data.get("status", "")),
        )
        for each in reversed(shown.fuzzed)
    ]
    heads = ("at (UTC)", "target", "executions", "branches", "counterexamples", "status")
    return _plot("fuzzing", "Branches that the newest run of each target reached") + _table("Runs", heads, rows)


def _cost_body(shown: Dashboard) -> str:
    limits = shown.limits
    meters = _meter("the last 24 hours", shown.day_usd, limits.day_usd) + _meter(
        "the last 30 days", shown.month_usd, limits.month_usd
    )
    if not shown.spent:
        return meters + _nothing("No model was called: nothing was spent.")
    rows = [(each.day, each.calls, round(each.usd, 6)) for each in reversed(shown.spent)]
    return (
        meters
        + _plot("cost", "US dollars spent a day")
        + _table("Days", ("day (UTC)", "calls", "US dollars"), rows)
        + _nothing("All workspaces of this user together; a model whose price is not known counts as 0.")
    )


def _meter(name: str, spent: float, limit: float) -> str:
    if limit <= 0:
        return f"<p>{escape(name)}: {_usd(spent)}; the limit is 0, so no model is called.</p>\n"
    ident = name.replace(" ", "-")
    return (
        f'<p><label for="{ident}">{escape(name)}: {_usd(spent)} of {_usd(limit)}</label> '
        f'<meter id="{ident}" min="0" max="{limit:g}" low="{limit / 2:g}" high="{limit * 0.8:g}" optimum="0" '
        f'value="{min(spent, limit):g}">{spent / limit:.0%}</meter></p>\n'
    )


def _proposals_body(shown: Dashboard) -> str:
    if not shown.made:
        return _nothing(
            "Nothing was generated yet; `suture generate PATH:LINE` and the editor's action are remembered."
        )
    rows = [
        (when(each.at), each.name, each.place, each.status, each.by, each.score, each.cost_usd, each.digest[:12])
        for each in shown.made
    ]
    heads = ("at (UTC)", "function", "where", "status", "by", "score", "US dollars", "SHA-256")
    body = _table("Proposals", heads, rows, opened=True)
    if shown.audited:
        entries = [(when(each.at), each.person, each.action, each.proposal, each.reason) for each in shown.audited]
        body += _table("Audit log", ("at (UTC)", "who", "did", "with", "because"), entries)
    return body + (f"<p>{escape(shown.chain)}</p>\n" if shown.chain else "")


def _sent_body(shown: Dashboard) -> str:
    if not shown.sent:
        return _nothing("Nothing has left this machine for this workspace.")
    rows = [
        (when(each.at), each.endpoint, each.model, each.bytes, each.why, ", ".join(each.files), each.masked)
        for each in shown.sent
    ]
    heads = ("at (UTC)", "to", "model", "bytes", "why", "text of", "secrets masked")
    return _plot("sent", "Bytes sent a day") + _table("Requests", heads, rows)


def _words(name: str) -> str:
    return name.replace("_", " ")


def _count(data: object, key: str) -> int:
    value = cast("dict[str, object]", data).get(key)
    return value if isinstance(value, int) else 0


def _ms(value: float | None) -> str:
    return "—" if value is None else f"{value:.0f} ms" if value < 1000 else f"{value / 1000:.1f} s"


def _usd(value: float) -> str:
    return f"${value:.2f}" if value >= 0.01 or value == 0 else f"${value:.4f}"
