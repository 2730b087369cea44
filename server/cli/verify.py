"""``suture verify``: is the audit log whole, and is every proposal what was recorded? If not, which record is another.

Exit status: 0 all is as recorded, 1 something was altered.
"""

from __future__ import annotations

import argparse

from .main import Command
from .output import add_output_format, console, print_json, print_line
from .stored import add_root, opened


def _arguments(parser: argparse.ArgumentParser) -> None:
    add_root(parser)
    add_output_format(parser)


def run(arguments: argparse.Namespace) -> int:
    from ...codegen.artifacts.verify import verify

    store, _ = opened(arguments)
    with store:
        found = verify(store)
        address = store.shared.address
    status = 1 if found.alterations else 0
    if arguments.output_format == "json":
        print_json({**found.to_json(), "store": address})
        return status
    if arguments.output_format == "json-lines":
        print_line({**found.to_json(), "store": address})
        return status
    out = console()
    out.print(f"{found.entries} entries, {found.proposals} proposals in {address}", markup=False, soft_wrap=True)
    for each in found.alterations:
        out.print(f"✘ {each.record}: {each.what}", markup=False, style="bold red", soft_wrap=True)
    if not found.alterations:
        out.print("✔ everything is what was recorded", style="bold green")
        if found.head:
            out.print(f"  last entry {found.head}", style="dim", soft_wrap=True)
    return status


COMMAND = Command("verify", "check the audit log's chain and every proposal's digests", _arguments, run)
