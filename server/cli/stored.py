"""What the commands about stored proposals share: whose store is meant, and how a proposal is shown."""

from __future__ import annotations

import argparse
import time
from pathlib import Path
from typing import TYPE_CHECKING

from ...analyzers.errors import UserError

if TYPE_CHECKING:
    from rich.text import Text

    from ...analyzers.store import Store
    from ...codegen.artifacts.records import Stored


def add_root(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--root", type=Path, help="the project's folder (default: the current folder's)")


def add_proposal(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("proposal", metavar="ID", help="a proposal: its id, some end of it, or its function's name")
    add_root(parser)


def root_of(arguments: argparse.Namespace) -> Path:
    """The project that is meant. Raises UserError if the folder is none."""
    from ...analyzers.fuzzing.project import find_root

    given: Path | None = arguments.root
    if given is None:
        return find_root(Path.cwd() / "_")
    if not given.is_dir():
        raise UserError(f"{given} is not a folder")
    return given.absolute()


def opened(arguments: argparse.Namespace) -> tuple[Store, Path]:
    from ...analyzers.store import open_store

    root = root_of(arguments)
    return open_store(root), root


def when(at: float) -> str:
    return time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(at))


_STYLES = {"awaiting approval": "bold yellow", "approved": "bold cyan", "deployed": "green", "rejected": "red"}


def headline(stored: Stored) -> Text:
    """One line on a proposal."""
    from rich.text import Text

    by = stored.provenance.get("model") or stored.provenance.get("drafter", "")
    tested = (
        "" if stored.status == "rejected" else "tests passed, " if stored.result.get("verified") else "not verified, "
    )
    text = Text.assemble(
        (stored.id, "dim"),
        "  ",
        (f"{stored.status:<17}", _STYLES.get(stored.status, "")),
        (f"  {stored.name}", "bold"),
        f"  {stored.path}  by {by}, {tested}{when(stored.created)}",
    )
    if stored.reason:
        text.append(f"\n      {stored.reason.splitlines()[0]}", "dim")
    return text
