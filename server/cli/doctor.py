"""``suture doctor``: what works here and what does not, and the one command that would mend it."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from .main import Command
from .output import add_output_format, console, print_all

_MARKS = {"ok": "[green]✓[/]", "limited": "[yellow]•[/]", "missing": "[red]✗[/]"}


def _arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("root", nargs="*", type=Path, help="workspace roots to look at (default: the current folder)")
    add_output_format(parser)


def _run(arguments: argparse.Namespace) -> int:
    from ..doctor import examine, healthy

    roots = tuple(path.resolve() for path in arguments.root or [Path.cwd()])
    checks = list(examine(roots, os.environ))
    if arguments.output_format != "text":
        print_all([each.to_json() for each in checks], arguments.output_format)
        return 0 if healthy(checks) else 3
    from rich.markup import escape

    out = console()
    area = ""
    for check in checks:
        if check.area != area:
            area = check.area
            out.print(f"\n[bold]{escape(area)}[/]")
        out.print(f"  {_MARKS[check.state]} {escape(check.name)}  [dim]{escape(check.detail)}[/]")
        if check.mend:
            out.print(f"      [cyan]{escape(check.mend)}[/]")
    out.print()
    if healthy(checks):
        out.print("The four jobs work here.")
        return 0
    out.print("[red]Some of the four jobs do not work here; the lines marked ✗ say what would mend it.[/]")
    return 3


COMMAND = Command("doctor", "what works here, and the one command that mends what does not", _arguments, _run)
