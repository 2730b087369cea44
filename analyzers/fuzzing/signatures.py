"""One bug's name. Shared by the host and the worker, so it imports nothing but the standard library."""

from __future__ import annotations

import hashlib


def signature(kind: str, exception: str, line: int, text: str) -> str:
    """Stable while lines move: the kind, the exception and what is written on the 1-based ``line`` of ``text``.

    A hang has no line of its own (the clock stops it anywhere), so a target has one hang."""
    if kind == "hang":
        return "hang:Hang"
    lines = text.split("\n")
    written = lines[line - 1].strip() if 0 < line <= len(lines) else ""
    mark = hashlib.sha256(written.encode("utf-8", "surrogatepass")).hexdigest()[:12]
    return f"{kind}:{exception}:{mark}"
