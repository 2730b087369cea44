"""What this person last saw of an audit log, beside the store and not in it.

A chain of digests shows that an entry was altered or taken out, not that its end was cut off or that all of it was
written anew. The number and digest of the last entry seen, in a file of the person's own, show that too; in a team
each member holds one.

Invariant: the file is replaced as a whole; of a killed process it may be behind the log, never ahead of it. (A machine
that lost its power may have lost the log's last entries and not the file; then the check says which are gone.)
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
from pathlib import Path
from typing import Any, cast

from ...analyzers.store import Store
from .records import Entry, sha256

log = logging.getLogger(__name__)


def place(store: Store) -> Path:
    """The file for a store: beside the person's own database, one for each address."""
    return store.path.with_name(f"audit-{sha256(store.address)[:12]}.json")


def set_down(store: Store, entry: Entry) -> None:
    """Remember that the log reaches to this entry; that it cannot be remembered is said, and no more."""
    path = place(store)
    temporary = path.with_name(f"{path.name}.{os.getpid()}.{entry.seq}")
    try:
        known = seen(store)
        if known is not None and known[0] >= entry.seq:
            return
        temporary.write_text(json.dumps({"seq": entry.seq, "digest": entry.digest}), "utf-8")
        temporary.replace(path)
    except OSError as error:
        log.warning("the end of the audit log is not remembered: %s", error)
        with contextlib.suppress(OSError):
            temporary.unlink()


def seen(store: Store) -> tuple[int, str] | None:
    """(number, digest) of the last entry seen, or None if none was."""
    try:
        value: Any = json.loads(place(store).read_text("utf-8"))
        found = cast("dict[str, Any]", value)
        return int(found["seq"]), str(found["digest"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
