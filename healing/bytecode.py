"""Lets pytest start fast in the sandbox: its bytecode is written once, outside.

An installer that does not compile (uv) and a sandbox that sees the environment read-only would make every run of
pytest compile it anew: 2.6 s instead of 0.5 s. So pytest is started once, in an empty folder, with the permission to
write bytecode beside its modules, as any ordinary run of it would.

Invariant: only for the environment that Suture itself runs in. Nothing of a workspace is seen, let alone run.
"""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path


@cache
def ensure_pytest_bytecode() -> None:
    """Once in a process, and only if pytest was never compiled here. A read-only environment stays as it is."""
    found = importlib.util.find_spec("_pytest")
    if found is None or found.origin is None or Path(importlib.util.cache_from_source(found.origin)).exists():
        return
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("PYTHON", "PYTEST"))}
    with tempfile.TemporaryDirectory(prefix="suture-") as empty:
        Path(empty, "test_empty.py").write_text("def test_nothing():\n    pass\n", encoding="utf-8")
        command = [sys.executable, "-I", "-m", "pytest", "-q", "-p", "no:cacheprovider", "."]
        subprocess.run(command, cwd=empty, env=environment, capture_output=True, timeout=60, check=False)
