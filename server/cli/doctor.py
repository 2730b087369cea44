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
    choice = parser.add_mutually_exclusive_group()
    choice.add_argument(
        "--allow-bare-host",
        metavar="FOLDER",
        type=Path,
        help="where nothing contains code, run that of this workspace on the bare host (remembered; it contains"
        " NOTHING)",
    )
    choice.add_argument("--forbid-bare-host", metavar="FOLDER", type=Path, help="take that choice back")
    add_output_format(parser)


def _choose(arguments: argparse.Namespace) -> int:
    """Remember or revoke the choice of the bare host. Nothing that lies in a workspace can make it."""
    from ...analyzers.sandbox import bare, describe

    out = console()
    if arguments.forbid_bare_host is not None:
        folder = arguments.forbid_bare_host.resolve()
        was = bare.forbid(folder)
        out.print(f"{folder}: {'its code does not run on the bare host any more' if was else 'it was not allowed'}")
        return 0
    folder = arguments.allow_bare_host.resolve()
    bare.allow(folder)
    contained = next((each.name for each in describe() if each.available and each.contains), None)
    if contained:
        out.print(f"{folder}: remembered, and not used as long as {contained} works here.")
    else:
        out.print(f"{folder}: its code now runs on the bare host. Nothing is contained: it can do what you can do.")
    out.print(f"To revoke: suture doctor --forbid-bare-host {folder}")
    return 0


def _run(arguments: argparse.Namespace) -> int:
    from ..doctor import examine, healthy

    if arguments.allow_bare_host is not None or arguments.forbid_bare_host is not None:
        return _choose(arguments)
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
