"""The job of a worker process that proves an improvement of one finding.

Invariant: workspace code runs in the sandbox only, and only for a folder that the server calls trusted; without a
sandbox there is no proof, and so no edit.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..analyzers.findings import Json
from .codec import edit_to_json, finding_from_json

if TYPE_CHECKING:
    from .jobs import Context

Params = Mapping[str, Any]


def improve(params: Params, context: Context) -> Json:
    """Proven edits of one finding. Parameters: root, path, text, finding, files, verify, backend, python.

    ``{"edits", "span", "refused"}``: the span is that of the definition that the proof is about, as offsets."""
    from ..healing.improvements import improvable
    from ..healing.improvements import improve as prove
    from .jobs import encoded, interpreter

    finding, text = finding_from_json(params["finding"]), params["text"]
    sandbox = context.sandbox_if_any(params) if improvable(finding) else None
    if sandbox is None:
        return {"edits": [], "span": [0, len(text)], "refused": []}
    refused: list[Json] = []
    edits = prove(
        Path(params["root"]),
        Path(params["path"]),
        text,
        finding,
        sandbox=sandbox,
        python=interpreter(params),
        files=encoded(params),
        cancel=context.cancelled,
        on_refused=lambda title, reason: refused.append(f"{title}: {reason}"),
    )
    return {
        "edits": [edit_to_json(each) for each in edits],
        "span": list(_span(text, finding.range.line)),
        "refused": refused,
    }


def _span(text: str, line: int) -> tuple[int, int]:
    """Offsets of the top-level statement that a line lies in; the whole text where there is none."""
    from ..analyzers.source import LineIndex
    from ..analyzers.syntax import parse

    index = LineIndex(text)
    for node in parse(text.encode("utf-8", "surrogatepass")).root_node.children:
        first, last = node.start_point.row, node.end_point.row
        if first <= line <= last:
            return index.starts[first], index.starts[last + 1] if last + 1 < len(index.starts) else len(text)
    return 0, len(text)
