"""The job of a worker process that reviews a change.

Invariant: git is asked, which may run filters that the repository names: the server starts this for a trusted folder.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..analyzers.findings import Json
from .codec import finding_to_json

if TYPE_CHECKING:
    from .jobs import Context

Params = Mapping[str, Any]


def review_change(params: Params, context: Context) -> Json:
    """What a change brings. Parameters: path (in the repository), revision, files (unsaved texts by path)."""
    from ..analyzers.cache import open_cache
    from ..analyzers.change import review_change as review
    from ..analyzers.errors import Cancelled
    from ..analyzers.revisions import revision
    from .cli.review_change import summary
    from .cli.review_settings import Chosen

    def progress(done: int, total: int, path: Path) -> None:
        if context.cancelled():
            raise Cancelled
        context.event({"message": f"{done} of {total}: {path.name}"})

    warnings: list[str] = []
    chosen = Chosen(None, warnings.append)
    change = review(
        revision(Path(params["path"]), params["revision"]),
        cache=open_cache(),
        on_progress=progress,
        keep=chosen.keep,
        unsaved={Path(path): text for path, text in params["files"].items()},
    )
    return {
        **summary(change),
        "notes": [*change.notes, *warnings],
        "changes": [
            {
                "path": str(each.file.path),
                "name": each.file.name,
                "status": each.file.status,
                "error": each.review.error,
                "new": [finding_to_json(each.review.findings[index]) for index in sorted(each.new)],
                "old": [finding_to_json(each.review.findings[index]) for index in sorted(each.touched)],
                "functions": [
                    {"name": function.name, "line": function.line, "verdict": function.verdict.to_json()}
                    for function in each.functions
                    if function.new or function.old
                ],
            }
            for each in change.files
        ],
    }
