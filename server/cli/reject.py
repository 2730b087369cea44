"""``suture reject ID --reason TEXT``: a person does not want a proposal; why is kept, and learned from.

Exit status: 0 rejected, 2 it cannot be (it was rejected or deployed before).
"""

from __future__ import annotations

import argparse

from .main import Command
from .output import console
from .stored import add_proposal, opened


def _arguments(parser: argparse.ArgumentParser) -> None:
    add_proposal(parser)
    parser.add_argument("--reason", required=True, metavar="TEXT", help="why, for the record")


def run(arguments: argparse.Namespace) -> int:
    from ...codegen.artifacts import book
    from ...codegen.artifacts.records import person
    from ...codegen.learning.outcome import rejected

    store, _ = opened(arguments)
    with store:
        stored = book.named(store, arguments.proposal)
        book.reject(store, stored.id, person(), arguments.reason)
        rejected(store, stored.id)
    console().print(f"rejected: {stored.name} ({stored.id})", markup=False)
    return 0


COMMAND = Command("reject", "reject a proposal, with the reason", _arguments, run)
