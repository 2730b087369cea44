"""What a warm sandbox can be asked without any other part of Suture: to answer, and to run a snippet."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


def echo(payload: Any, emit: Callable[[Any], None]) -> Any:
    """Give the payload back: to see that a warm sandbox works, and how fast."""
    return payload


def execute(payload: Any, emit: Callable[[Any], None]) -> Any:
    """Run the source text ``payload["code"]`` here, inside; the answer is what it binds to ``answer``.

    The code sees ``emit`` for messages on the way. The workspace's root is the current folder and importable."""
    import sys

    sys.path.insert(0, "")
    scope: dict[str, Any] = {"__name__": "__snippet__", "emit": emit}
    exec(compile(payload["code"], "<snippet>", "exec"), scope)
    return scope.get("answer")
