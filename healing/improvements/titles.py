"""What the title of a proven edit says. Light: the server imports it, and LibCST with it would cost half a second."""

from __future__ import annotations

from ...analyzers.findings import Edit


def proof_of(edit: Edit) -> str:
    """What an edit's title says of its proof: the inputs, and how much faster at which size."""
    told = {each.kind: each.summary for each in reversed(edit.evidence)}
    said = [told[kind] for kind in ("equivalent", "measured") if kind in told]
    if not said:
        said = [told[kind] for kind in ("tested", "ran") if kind in told][:1]
    return ", ".join(said)
