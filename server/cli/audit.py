"""``suture audit``: who did what to which proposal, in the order of the log. Exit status 0.

``suture verify`` says whether the log and the proposals are what was recorded.
"""

from __future__ import annotations

import argparse

from .main import Command
from .output import add_output_format, console, print_all
from .stored import add_root, opened, when

#: Of so many proposals, the newest, the function's name is shown.
MOST_NAMES = 2000


def _arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("proposal", metavar="ID", nargs="?", default="", help="only the entries about this one")
    parser.add_argument("--limit", type=int, default=0, metavar="N", help="the newest N entries (default: all)")
    add_root(parser)
    add_output_format(parser)


def run(arguments: argparse.Namespace) -> int:
    from ...codegen.artifacts import book
    from ...codegen.artifacts.audit import entries

    store, root = opened(arguments)
    with store:
        ident = book.named(store, arguments.proposal).id if arguments.proposal else ""
        found = entries(store, proposal=ident, limit=max(0, arguments.limit))
        listed = arguments.output_format == "text" and book.proposals(store, limit=MOST_NAMES)
        names = {each.id: each.name for each in listed or ()}
    if arguments.output_format != "text":
        print_all([each.to_json() for each in found], arguments.output_format)
        return 0
    out = console()
    if not found:
        out.print(f"The audit log of {root} is empty.", markup=False)
    for each in found:
        why = each.detail.get("reason") or each.detail.get("why") or ""
        what = f"{each.proposal}  {names.get(each.proposal, '')}".rstrip()
        line = f"{each.seq:>5}  {when(each.at)}  {each.action:<17}  {what}  by {each.person}"
        out.print(line + (f"  ({str(why).splitlines()[0]})" if why else ""), markup=False, soft_wrap=True)
    return 0


COMMAND = Command("audit", "list who did what to which proposal", _arguments, run)
