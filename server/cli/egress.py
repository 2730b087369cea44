"""``suture egress``: what left the machine, when, where to, how many bytes and why.

Reads the record of a workspace's store; nothing is sent by asking. Exit status 0, whether something left or not.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from ...analyzers.errors import UserError
from .main import Command
from .output import add_output_format, console, print_all


def _arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("path", nargs="?", type=Path, default=None, help="a workspace (default: the current folder's)")
    parser.add_argument("--limit", type=int, default=1000, metavar="N", help="the newest N requests (default: 1000)")
    add_output_format(parser)


def run(arguments: argparse.Namespace) -> int:
    from ...analyzers.fuzzing.project import find_root
    from ...analyzers.store import open_store

    if arguments.limit < 1:
        raise UserError(f"--limit {arguments.limit} is not a positive number")
    path: Path = (arguments.path or Path.cwd()).absolute()
    if not path.exists():
        raise UserError(f"{path} does not exist")
    root = path if path.is_dir() and arguments.path is not None else find_root(path / "_" if path.is_dir() else path)
    with open_store(root) as store:
        entries = store.egress(limit=arguments.limit)
        with open_store(None, folder=store.folder) as purse:
            day, month = purse.spent(86_400.0), purse.spent(30 * 86_400.0)
    if arguments.output_format != "text":
        print_all([each.to_json() for each in entries], arguments.output_format)
        return 0
    out = console()
    if not entries:
        out.print(f"Nothing has left this machine for {root}.", markup=False)
        return 0
    for each in reversed(entries):
        shown = each.to_json()
        files = f", from {', '.join(each.files)}" if each.files else ""
        masked = f", {each.masked} secret(s) masked" if each.masked else ""
        out.print(
            f"{shown['at']}  {each.bytes:>7} bytes → {each.endpoint} ({each.model})  {each.why}{files}{masked}",
            markup=False,
        )
    total = sum(each.bytes for each in entries)
    out.print(f"{len(entries)} request(s), {total} bytes in all for {root}.", markup=False)
    out.print(
        f"Models cost you ${day:.4f} in the last 24 hours and ${month:.4f} in 30 days, all workspaces.", markup=False
    )
    return 0


COMMAND = Command("egress", "list what left this machine for a model: when, where to, how much, why", _arguments, run)
