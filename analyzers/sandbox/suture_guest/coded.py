"""What the host tells the guest, and short facts back, read and written without the modules that take as long to load
as the interpreter itself.

A configuration is JSON, or, where the same interpreter reads what it wrote, the interpreter's own form. Invariant: only
what Suture itself wrote is ever read here; a job's words go to the host as frames, and are JSON.
"""

from __future__ import annotations

import marshal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

#: What a configuration in the interpreter's own form begins with.
OWN = b"\x00"


def loads(data: bytes) -> Any:
    """A configuration of either form."""
    if data.startswith(OWN):
        return marshal.loads(data[len(OWN) :])
    import json

    return json.loads(data)


def dumps(value: Any) -> bytes:
    """A configuration for the same interpreter."""
    return OWN + marshal.dumps(value)


def plain(value: Mapping[str, Any]) -> bytes:
    """A flat object of numbers and plain words as JSON."""
    parts = [f'"{name}": {each if isinstance(each, int | float) else _quoted(each)}' for name, each in value.items()]
    return ("{" + ", ".join(parts) + "}").encode("ascii")


def _quoted(word: str) -> str:
    if not all(32 <= ord(each) < 127 and each not in '"\\' for each in word):
        raise ValueError(f"{word!r} is not a plain word")
    return f'"{word}"'
