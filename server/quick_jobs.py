"""The job behind quick fixes at typing speed. Its process has a lane of its own, so that it waits for nobody.

Invariant: nothing runs and no sandbox is opened: texts are read and parsed.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..analyzers.findings import Json
from .codec import edit_to_json, finding_from_json

if TYPE_CHECKING:
    from ..healing.quick import QuickRepairs
    from ..healing.workspace import Workspace
    from .jobs import Context

Params = Mapping[str, Any]

#: Seconds that what is known of the files of a root is believed.
FRESH_S = 20.0

_KNOWN: dict[str, tuple[float, Workspace]] = {}
_REPAIRS: list[QuickRepairs] = []


def quick_heal(params: Params, context: Context) -> Json:
    """Edits for static faults of a text. Parameters: root, path, text, findings, files, python. With no findings the
    text is only parsed, for the next call."""
    from ..healing.quick import QuickRepairs

    if not _REPAIRS:
        _REPAIRS.append(QuickRepairs())
    findings = [finding_from_json(each) for each in params["findings"]]
    path = Path(params["path"])
    if not findings:
        _REPAIRS[0].look_at(path, params["text"])
        _REPAIRS[0].warm(_workspace(params))
        return []
    found = _REPAIRS[0].edits(_workspace(params), path, params["text"], findings)
    return [[edit_to_json(edit) for edit in edits] for edits in found]


def _workspace(params: Params) -> Workspace:
    from ..healing.workspace import Workspace

    root = params["root"]
    since, known = _KNOWN.get(root, (0.0, None))
    if known is None or time.monotonic() - since > FRESH_S:
        known = Workspace(Path(root), None, Path(params["python"]) if params.get("python") else None)
        _KNOWN.clear()
        _KNOWN[root] = (time.monotonic(), known)
    return known
