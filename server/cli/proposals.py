"""``suture proposals [ID]``: what was generated here and where it stands; with an id, all that is recorded of it.

Exit status 0, whether there is something or not. Nothing is changed by asking.
"""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, get_args

from .main import Command
from .output import add_output_format, console, print_all, print_json, print_line
from .stored import add_root, headline, opened, when

if TYPE_CHECKING:
    from ...codegen.artifacts.records import Entry, Stored


def _arguments(parser: argparse.ArgumentParser) -> None:
    from ...codegen.artifacts.records import Status

    parser.add_argument("proposal", metavar="ID", nargs="?", default="", help="all that is recorded of this one")
    parser.add_argument("--status", choices=get_args(Status), help="only those that stand there")
    parser.add_argument("--limit", type=int, default=50, metavar="N", help="the newest N (default: 50)")
    add_root(parser)
    add_output_format(parser)


def run(arguments: argparse.Namespace) -> int:
    from ...codegen.artifacts import book
    from ...codegen.artifacts.audit import entries

    store, root = opened(arguments)
    with store:
        if arguments.proposal:
            stored = book.named(store, arguments.proposal)
            return _one(stored, entries(store, proposal=stored.id), arguments.output_format)
        found = book.proposals(store, status=arguments.status, limit=max(1, arguments.limit))
    if arguments.output_format != "text":
        print_all([each.to_json() for each in found], arguments.output_format)
        return 0
    out = console()
    if not found:
        what = f"{arguments.status} " if arguments.status else ""
        out.print(f"No proposal {what}for {root}.", markup=False)
    for each in found:
        out.print(headline(each))
    if any(each.status == "awaiting approval" for each in found):
        out.print("A draft that was refused stands below the one that took its place.", style="dim")
        out.print(
            "Next: suture proposals ID (code and record), suture approve ID, suture reject ID --reason …", style="dim"
        )
    return 0


def _one(stored: Stored, log: tuple[Entry, ...], output_format: str) -> int:
    value = {**stored.to_json(), "result": dict(stored.result), "audit": [each.to_json() for each in log]}
    if output_format == "json":
        print_json(value)
        return 0
    if output_format == "json-lines":
        print_line(value)
        return 0
    from rich.syntax import Syntax
    from rich.text import Text

    out = console()
    out.print(headline(stored))
    for name, said in stored.provenance.items():
        if said and name not in ("specification", "round"):
            out.print(Text(f"  {name}: {', '.join(said) if isinstance(said, list) else said}", "dim"))  # pyright: ignore[reportUnknownArgumentType]
    out.print(Text(f"  code sha256 {stored.code_sha256}\n  tests sha256 {stored.tests_sha256}", "dim"))
    for occasion, (runs, failures) in stored.executions.items():
        out.print(Text(f"  {occasion}: ran {runs} times, {failures} failed", "dim"))
    out.print(Syntax(stored.code, "python", background_color="default") if out.is_terminal else Text(stored.code))
    for each in log:
        out.print(Text(f"  {when(each.at)}  {each.action}  by {each.person}"))
    return 0


COMMAND = Command("proposals", "list what was generated here and where it stands", _arguments, run)
