"""Runs the fuzzing worker over a snippet: in a plain child process (quick), or through the sandbox (end to end)."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from suture.analyzers.fuzzing.project import import_spot, search_path

_CHILD = """
import json, sys
from suture.analyzers.fuzzing.worker import run
for line in sys.stdin:
    print(json.dumps(run(json.loads(line), lambda message: None)), flush=True)
"""

Search = Callable[..., dict[str, Any]]


@pytest.fixture(scope="session")
def _worker() -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-c", _CHILD]
    child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    yield child
    assert child.stdin is not None
    child.stdin.close()
    child.wait(10)


@pytest.fixture
def search(_worker: subprocess.Popen[str], tmp_path: Path, request: pytest.FixtureRequest) -> Search:
    """``search(code, name, budget_s=…)``: the worker's answer for a target of a module with this code."""
    count = 0

    def run(code: str, name: str, budget_s: float = 0.6, **more: Any) -> dict[str, Any]:
        nonlocal count
        count += 1
        module = f"snippet_{abs(hash(request.node.nodeid)) % 10**9}_{count}"
        path = tmp_path / f"{module}.py"
        path.write_text(code, encoding="utf-8")
        payload: dict[str, Any] = {
            "path": str(path),
            "module": module,
            "search": [str(each) for each in search_path(tmp_path, import_spot(path))],
            "root": str(tmp_path),
            "name": name,
            "source": code,
            "budget_s": budget_s,
            **more,
        }
        assert _worker.stdin is not None
        assert _worker.stdout is not None
        _worker.stdin.write(json.dumps(payload) + "\n")
        _worker.stdin.flush()
        return json.loads(_worker.stdout.readline())

    return run
