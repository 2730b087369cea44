"""What ``go vet`` itself would change: it says so only if it is asked for JSON, and then ends well whatever it found.

Of one analyzer's reports, the fixes of the same words are one draft: what is wrong in three places is mended in three.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, cast

from ..grammar import splice
from ..repair import Draft
from ..workspace import Workspace

#: Priors of the first fix of a report and of those after it.
FIRST, STEP = 0.74, 0.1


def fixes(printed: str, workspace: Workspace) -> Iterator[Draft]:
    """Drafts of the fixes in what ``go vet -json`` printed, which is one object a package between other lines."""
    edits: dict[tuple[int, str], set[tuple[str, int, int, str]]] = {}
    for report in _reports(printed):
        for rank, fix in enumerate(cast(list[dict[str, Any]], report.get("suggested_fixes") or [])):
            places = edits.setdefault((rank, str(fix["message"])), set())
            for each in cast(list[dict[str, Any]], fix["edits"]):
                places.add((str(each["filename"]), int(each["start"]), int(each["end"]), str(each["new"])))
    for (rank, message), places in edits.items():
        texts = _texts(places, workspace)
        if texts:
            yield Draft(message, texts, FIRST - STEP * rank, repair="go-vet-fix")


def _reports(printed: str) -> Iterator[dict[str, Any]]:
    decoder = json.JSONDecoder()
    at = printed.find("{\n")
    while at >= 0:
        try:
            found, end = decoder.raw_decode(printed, at)
        except ValueError:
            end = at + 1
        else:
            for package in cast(dict[str, Any], found).values():
                for reports in cast(dict[str, Any], package).values():
                    yield from cast(list[dict[str, Any]], reports) if isinstance(reports, list) else ()
        at = printed.find("{\n", end)


def _texts(places: set[tuple[str, int, int, str]], workspace: Workspace) -> dict[str, str]:
    """The new texts; empty if a place is outside of the workspace. Go counts bytes."""
    found: dict[str, list[tuple[int, int, str]]] = {}
    for path, start, end, new in sorted(places):
        name = workspace.relative(path)
        text = workspace.text(name) if name is not None else None
        if name is None or text is None:
            return {}
        data = text.encode("utf-8", "surrogatepass")
        first, last = (len(data[:each].decode("utf-8", "surrogatepass")) for each in (start, end))
        found.setdefault(name, []).append((first, last, new))
    return {name: splice(workspace.text(name) or "", tuple(each)) for name, each in found.items()}
