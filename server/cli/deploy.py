"""``suture deploy ID``: write an approved proposal into its file, all of it or nothing.

Exit status: 0 written, 2 it may not be (not approved, altered, changes a signature), 3 its file has changed since.
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
        written = deploy.deploy(store, root, stored.id, person())
    for path in written:
        console().print(f"written: {path}", markup=False)
    return 0


COMMAND = Command("deploy", "write an approved proposal into its file", _arguments, run)
