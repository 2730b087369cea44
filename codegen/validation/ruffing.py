"""ruff on a text that need not be on disk."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ...analyzers.errors import Unavailable


def ruff(path: Path, text: str, options: Sequence[str] = ()) -> list[dict[str, Any]]:
    """ruff's findings with the project's own settings and ``options``; with its defaults if those settings cannot be
    read. Raises Unavailable."""
    from ...analyzers.engines.ruff import binary

    for isolated in ((), ("--isolated",)):
        argv = [binary(), "check", "--no-cache", "--quiet", "--exit-zero", "--output-format=json", *options]
        argv += [each for each in isolated if each not in options]
        cwd = path.parent if path.parent.is_dir() else None
        try:
            done = subprocess.run(
                [*argv, "--stdin-filename", str(path), "-"],
                input=text.encode("utf-8", "surrogatepass"),
                capture_output=True,
                timeout=30,
                check=False,
                cwd=cwd,
            )
            return json.loads(done.stdout) if done.stdout.strip() else []
        except (OSError, subprocess.TimeoutExpired) as error:
            raise Unavailable(f"ruff did not run: {error}") from error
        except ValueError:
            continue
    raise Unavailable("ruff's answer could not be read")


def told(found: dict[str, Any], first: int) -> str:
    """A finding with its line in the code that starts at ``first`` (0-based)."""
    return f"{found.get('code')}: {found['message']} (line {int(found['location']['row']) - first} of the code)"
