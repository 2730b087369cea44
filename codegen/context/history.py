"""The subjects of the last commits that touched a file: what it has been about lately.

Invariant: git is asked for what it stores, with hooks, watchers, signatures and everything that a repository's
settings could start switched off; names and addresses of people are not read.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

from .pieces import Piece

#: Commits that are shown, and seconds that git may take.
MOST, SECONDS = 4, 1.5

_GIT = (
    *(
        "git",
        "--no-optional-locks",
        "--literal-pathspecs",
        "-c",
        "core.fsmonitor=false",
        "-c",
        "core.hooksPath=/dev/null",
    ),
    *("-c", "core.pager=cat", "-c", "log.showSignature=false", "-c", "log.mailmap=false", "-c", "core.quotePath=false"),
)


def history_pieces(root: Path, path: Path) -> Iterator[Piece]:
    """A piece for each of the last commits of ``path``; none outside of a repository or without git."""
    for number, subject in enumerate(subjects(root, path)):
        yield Piece("history", subject if len(subject) <= 160 else f"{subject[:159]}…", 0.3 - 0.02 * number)


def subjects(root: Path, path: Path) -> tuple[str, ...]:
    """First lines of the messages of the last commits that changed ``path``, newest first."""
    if not any((folder / ".git").exists() for folder in (root, *root.parents)):
        return ()
    environment = {key: value for key, value in os.environ.items() if not key.startswith("GIT_")}
    environment |= {"GIT_TERMINAL_PROMPT": "0", "GIT_OPTIONAL_LOCKS": "0", "GIT_NO_LAZY_FETCH": "1"}
    try:
        done = subprocess.run(
            [*_GIT, "log", f"-{MOST}", "--no-merges", "--no-show-signature", "--format=%s", "--", str(path.resolve())],
            cwd=root,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return ()
    lines = done.stdout.decode("utf-8", "replace").splitlines() if done.returncode == 0 else []
    return tuple(line.strip() for line in lines if line.strip())
