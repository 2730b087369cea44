"""One review of a document by the slow engines, in a worker.

Invariant: findings are moved along with what is typed while the review runs; those of edited lines are dropped.
"""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path

from ..analyzers.errors import SutureError
from .codec import finding_from_json
from .documents import Document
from .reviews import STATIC, followed
from .session import Session

log = logging.getLogger(__name__)

#: The longest that a review may take, in seconds.
REVIEW_S = 60.0

#: Seconds that the worker looks at other files at a stretch, and then leaves to others.
SLICE_S = 0.5


async def review_now(session: Session, document: Document) -> str:
    """Review the document's current text, and say what came of it by the session's signals.

    Returns why there was no review; empty if there was one."""
    snapshot = document.snapshot()
    review = session.review(snapshot.uri)
    tracker = review.track()
    settings = session.server.settings(session.where(snapshot))
    root = session.server.workspace.root_of(session.where(snapshot))
    params = {
        "root": str(root or ""),
        "path": str(session.where(snapshot)),
        "text": document.python,
        "reviewers": list(settings.review.reviewers),
        "layers": {name: list(patterns) for name, patterns in settings.layers.items()},
    }
    problem, result = "", None
    try:
        result = await session.workers.run("review", params, lane="analysis", timeout_s=REVIEW_S)
    except SutureError as error:
        problem = str(error)
        log.warning("no review of %s: %s", session.where(snapshot).name, problem)
    finally:
        review.leave(tracker)
    current = session.server.opened_document(snapshot.uri)
    if current is None or session.review(snapshot.uri) is not review:
        return "the document was closed"  # or closed and opened again
    if result is not None:
        found = (finding_from_json(each) for each in result["findings"])
        news = review.take(followed((each for each in found if each.rule not in STATIC), tracker))
        if review.judge(result["verdict"], snapshot.version, result["error"]) or news:
            session.news.emit(current)
        if root is not None and result["alone"] and root not in session.surveyed:
            session.server.spawn(survey(session, root), "survey")
    session.reviewed.emit(current)
    return problem


async def survey(session: Session, root: Path) -> None:
    """Let the worker learn the files below a root, a slice at a time, and review again what is open of them."""
    session.surveyed.add(root)
    try:
        while not await session.workers.run(
            "survey", {"root": str(root), "budget_s": SLICE_S}, lane="analysis", priority=2, timeout_s=REVIEW_S
        ):
            await asyncio.sleep(SLICE_S)
    except SutureError as error:
        log.warning("the files of %s are not known to each other: %s", root.name, error)
        return  # and not tried again before the server starts anew
    session.surveyed.discard(root)
    for document in session.server.documents:
        if session.reviewable(document) and session.server.workspace.root_of(session.where(document)) == root:
            await review_now(session, document)
