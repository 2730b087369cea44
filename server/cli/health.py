"""``suture health``: how healing does in this workspace, from the records of what was healed and what became of it.

``--serve`` shows the same as Prometheus's text on this machine, ``--otlp`` sends it to a collector that is named.

Invariant: it only reads; a workspace in which nothing was healed is left without a store.
"""

from __future__ import annotations

import argparse
import re
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from ...analyzers.errors import UserError
from ...analyzers.findings import Json
from .main import Command
from .output import add_output_format, console, print_json, print_line

if TYPE_CHECKING:
    from rich.table import Table

    from ...healing.learning.measures import Health
    from ...healing.learning.records import Record

_UNITS = {"m": 60, "h": 3600, "d": 86_400, "w": 7 * 86_400}


def _arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--root", type=Path, default=None, help="the workspace (default: the current folder)")
    parser.add_argument("--since", default="", metavar="TIME", help="only the last 30m, 12h, 7d or 4w")
    parser.add_argument("--history", action="store_true", help="list the last healings instead")
    parser.add_argument(
        "--limit", type=int, default=20, metavar="N", help="healings that --history lists (default: 20)"
    )
    parser.add_argument(
        "--serve",
        nargs="?",
        const="",
        metavar="HOST:PORT",
        help="show the figures as Prometheus's text, on this machine only (default: 127.0.0.1:9464)",
    )
    parser.add_argument(
        "--otlp",
        nargs="?",
        const="",
        metavar="URL",
        help="send the figures to an OpenTelemetry collector, once (default: the one that OTEL_EXPORTER_OTLP_* names)",
    )
    add_output_format(parser)


def run(arguments: argparse.Namespace) -> int:
    root: Path = (arguments.root or Path.cwd()).resolve()
    if not root.is_dir():
        raise UserError(f"{root} is not a folder")
    age = _seconds(arguments.since) if arguments.since else None

    def records() -> tuple[Record, ...]:
        return _records(root, None if age is None else time.time() - age)

    if arguments.serve is not None:
        return _serve(arguments.serve, records)
    found = records()
    if arguments.otlp is not None:
        return _send(arguments.otlp, found)
    if arguments.history:
        return _history(found[: max(arguments.limit, 0)], arguments.output_format, root)
    return _figures(found, arguments.output_format, root, age)


def _seconds(text: str) -> float:
    match = re.fullmatch(r"(\d+(?:\.\d+)?)([mhdw])", text)
    if match is None:
        raise UserError(f"--since {text} is not a time", "for instance 30m, 12h, 7d or 4w")
    return float(match[1]) * _UNITS[match[2]]


def _records(root: Path, since: float | None) -> tuple[Record, ...]:
    from ...analyzers.store import DATABASE, open_store, workspace_folder
    from ...healing.learning.book import records

    if not (workspace_folder(root) / DATABASE).exists():
        return ()
    with open_store(root) as store:
        return records(store, since=since or 0.0)


# -- figures ---------------------------------------------------------------------------------------------------------


def _figures(records: Sequence[Record], output_format: str, root: Path, age: float | None) -> int:
    from ...healing.learning.measures import GROUPS, grouped, health_of, windows

    over = {"all": health_of(records)} if age is not None else windows(records, time.time())
    groups = {name: grouped(records, key) for name, key in GROUPS.items()}
    if output_format == "json":
        value: dict[str, Json] = {
            "root": str(root),
            "windows": _as_json(over),
            **{f"by_{name}": _as_json(each) for name, each in groups.items()},
        }
        print_json(value)
    elif output_format == "json-lines":
        for name, each in over.items():
            print_line({"window": name, **each.to_json()})
        for group, members in groups.items():
            for name, each in members.items():
                print_line({group: name, **each.to_json()})
    elif not records:
        when = "" if age is None else " in that time"
        console().print(f"No data: nothing was healed in {root}{when}.", markup=False)
        console().print(
            "  `suture heal -- COMMAND` and the editor's quick fixes are recorded as they happen.", style="dim"
        )
    else:
        _show(over, groups, root)
    return 0


def _as_json(each: Mapping[str, Health]) -> dict[str, Json]:
    return {name: health.to_json() for name, health in each.items()}


def _show(over: Mapping[str, Health], groups: Mapping[str, Mapping[str, Health]], root: Path) -> None:
    out = console()
    out.print(f"Healing in {root}", style="bold", markup=False)
    out.print(_table("over", over))
    for name, members in groups.items():
        out.print(_table(f"by {name}", members))
    out.print(
        "  tried: edits run for a success; p50, p95: until the first verified one; undone: rejected or taken back;\n"
        "  error: of the confidence, over the edits that were kept or undone",
        style="dim",
    )
    trust = over["all"].trust
    if trust.ece is None or trust.brier is None:
        out.print(
            f"Confidence: no data; nobody has kept, rejected or taken back any of the {over['all'].successes} edits."
        )
        return
    few = ", too few to say much" if trust.count < 30 else ""
    out.print(
        f"Confidence: {trust.right} of {trust.count} judged edits were kept{few}; calibration error {trust.ece:.3f}, "
        f"Brier {trust.brier:.3f}."
    )
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="dim")
    for head in ("  confidence", "edits", "said", "kept"):
        table.add_column(head, justify="right")
    for each in trust.bins:
        table.add_row(f"{each.low:.1f} to {each.high:.1f}", str(each.count), f"{each.said:.0%}", f"{each.right:.0%}")
    out.print(table)


_HEADS = ("faults", "healed", "rate", "tried", "p50 ms", "p95 ms", "kept", "undone", "error", "of")


def _table(title: str, members: Mapping[str, Health]) -> Table:
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="dim", padding=(0, 1, 0, 0))
    table.add_column(f"  {title}", min_width=14)
    for head in _HEADS:
        table.add_column(head, justify="right")
    for name, each in members.items():
        table.add_row(
            f"  {name}",
            str(each.attempts),
            str(each.successes),
            _percent(each.success_rate),
            _number(each.tried_per_success),
            _number(each.first_verified_p50, 0),
            _number(each.first_verified_p95, 0),
            str(each.applied),
            str(each.rejected + each.taken_back),
            _number(each.trust.ece, 2),
            str(each.trust.count),
        )
    return table


def _percent(value: float | None) -> str:
    return "—" if value is None else f"{value:.0%}"


def _number(value: float | None, digits: int = 1) -> str:
    return "—" if value is None else f"{value:.{digits}f}"


# -- history ---------------------------------------------------------------------------------------------------------


def _history(records: Sequence[Record], output_format: str, root: Path) -> int:
    from ...healing.learning.pages import record_to_report

    values = [record_to_report(each) for each in records]
    if output_format == "json":
        print_json(values)
    elif output_format == "json-lines":
        for value in values:
            print_line(value)
    elif not records:
        console().print(f"No data: nothing was healed in {root}.", markup=False)
    else:
        from ...healing.learning.pages import history_lines

        out = console()
        for each in records:
            head, *rest = history_lines(each)
            out.print(head, markup=False, style="bold")
            for line in rest:
                out.print(f"  {line}", markup=False)
    return 0


# -- for others to collect -------------------------------------------------------------------------------------------


def _serve(address: str, records: Callable[[], Sequence[Record]]) -> int:
    from prometheus_client import start_http_server

    from ..health_export import loopback, registry_of

    host, port = loopback(address)
    try:
        server, thread = cast("tuple[Any, threading.Thread]", start_http_server(port, host, registry_of(records)))
    except OSError as error:
        raise UserError(f"{host}:{port} cannot be listened on: {error.strerror}", "name another port") from error
    shown = f"[{host}]" if ":" in host else host
    console(stderr=True).print(f"http://{shown}:{server.server_port}/metrics (Ctrl-C ends it)", markup=False)
    try:
        thread.join()
    except KeyboardInterrupt:
        server.shutdown()
        server.server_close()
    return 0


def _send(asked: str, records: Sequence[Record]) -> int:
    from ..health_export import collector_url, send

    url = collector_url(asked)
    if not records:
        console(stderr=True).print("No data: nothing was sent.")
        return 0
    points = send(records, url, time.time())
    console(stderr=True).print(f"{points} points sent to {url}", markup=False)
    return 0


COMMAND = Command("health", "how healing does here: success, times, what was taken back, calibration", _arguments, run)
