"""``suture approve ID``: a person takes a proposal. ``suture deploy`` then writes it into its file.

Exit status: 0 approved, 2 it cannot be (it does not await approval, was altered, or changes a signature).
"""

from __future__ import annotations

import argparse

from .main import Command
from .output import console
from .stored import add_proposal, opened


def _arguments(parser: argparse.ArgumentParser) -> None:
    add_proposal(parser)


def run(arguments: argparse.Namespace) -> int:
    from ...codegen.artifacts import book, deploy
    from ...codegen.artifacts.records import person

    store, root = opened(arguments)
    with store:
        stored = book.named(store, arguments.proposal)
        deploy.approve(store, root, stored.id, person())
    console().print(f"approved: {stored.name} ({stored.id}); `suture deploy {stored.id}` writes it", markup=False)
    return 0


COMMAND = Command("approve", "approve a proposal, so that it may be deployed", _arguments, run)
