"""What a person has seen and does not want to see again: dismissed findings, and those of a baseline.

Both are recognised by their marks (:mod:`...analyzers.marks`), so they survive restarts, moved lines and renamed
variables. Dismissals are in the workspace's store, a baseline is a file that the settings name.

Invariant: nothing waits for the store or the disk; both are read on a thread, at the first document of a folder and
when a document is opened or saved. A folder in which nothing was dismissed and that has no baseline costs nothing.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...analyzers.baseline import Baseline, read_baseline
from ...analyzers.errors import Stale, SutureError, UserError
from ...analyzers.findings import Finding
from ...analyzers.marks import Mark, mark_of
from ..arguments import argument_of, inform
from ..current import shown
from ..documents import Document
from ..reviews import STATIC
from ..session import Session, session_of

if TYPE_CHECKING:
    from ...analyzers.store import Dismissal
    from ..app import SutureServer

log = logging.getLogger(__name__)

Object = dict[str, Any]

DISMISS = "suture.dismiss"
RESTORE = "suture.restoreDismissed"


def register(server: SutureServer) -> None:
    session = session_of(server)
    recalled: set[Path] = set()
    times: dict[Path, float] = {}

    def want(path: Path) -> None:
        server.spawn(_load(session, path, times), "baseline")

    session.known.wanted = want

    @server.opened.connect
    def recall(document: Document) -> None:  # pyright: ignore[reportUnusedFunction]
        root = server.root_of(session.where(document))
        if root not in recalled and session.reviewable(document):
            recalled.add(root)
            server.spawn(_recall(session, root), "dismissals")
        look_again(document)

    @server.saved.connect
    def look_again(document: Document) -> None:
        for path in session.known.baselines:
            server.spawn(_load(session, path, times), "baseline")

    @server.command(DISMISS)
    async def dismiss(*arguments: Any) -> Object:  # pyright: ignore[reportUnusedFunction]
        argument = argument_of(arguments)
        document = server.opened_document(str(argument.get("uri", "")))
        if document is None:
            raise UserError("suture.dismiss needs {uri, id} of an open document")
        reason = str(argument.get("reason") or "")
        return await _dismiss(session, document, str(argument.get("id", "")), reason)

    @server.command(RESTORE)
    async def restore(*arguments: Any) -> Object:  # pyright: ignore[reportUnusedFunction]
        document = server.opened_document(str(argument_of(arguments).get("uri", "")))
        if document is None:
            raise UserError("suture.restoreDismissed needs {uri} of an open document")
        return await _restore(session, document)


# -- dismissals ------------------------------------------------------------------------------------------------------


async def _recall(session: Session, root: Path) -> None:
    def read() -> tuple[Dismissal, ...]:
        from ...analyzers.store import open_store, workspace_folder

        if not workspace_folder(root).exists():
            return ()
        with open_store(root) as store:
            return store.dismissals()

    try:
        found = await asyncio.to_thread(read)
    except SutureError as error:
        log.warning("it is not known what was dismissed in %s: %s", root.name, error)
        return
    marks = [(each, Mark.read(each.fingerprint.partition("@")[0])) for each in found]
    for each, mark in marks:
        if mark is not None:  # one of an earlier version says nothing about today's findings
            session.known.dismiss(each.path, each.rule, mark)
    if any(mark is not None for _, mark in marks):
        session.server.settings_changed.emit()


async def _dismiss(session: Session, document: Document, ident: str, reason: str) -> Object:
    finding = _finding(session, document, ident)
    if ident in session.counterexamples:
        raise UserError("a counterexample is not dismissed", "call it expected with suture.expect, or heal it")
    if finding.rule in STATIC:
        raise UserError("an error cannot be dismissed", f"silence it with `# suture: ignore[{finding.rule}]`")
    path = session.where(document)
    root = session.server.root_of(path)
    mark = mark_of(finding, document.analysis.tree.root_node, document.data)
    number = session.known.dismissed.get(str(path), {}).get(finding.rule, []).count(mark)
    fingerprint = _fingerprint(mark, path, number)
    session.known.dismiss(str(path), finding.rule, mark)
    session.server.settings_changed.emit()

    def write() -> None:
        from ...analyzers.store import open_store

        with open_store(root) as store:
            store.dismiss(fingerprint, rule=finding.rule, path=str(path), reason=reason)

    await asyncio.to_thread(write)
    return {"dismissed": fingerprint}


def _finding(session: Session, document: Document, ident: str) -> Finding:
    now = shown(session, document)
    finding = next((each for name, each in zip(now.names, now.findings, strict=True) if name == ident), None)
    if finding is None:
        raise Stale("the problem is gone or its line was edited")
    return finding


def _fingerprint(mark: Mark, path: Path, number: int) -> str:
    """The name of a dismissal in the store: equal statements of one function are dismissed one by one."""
    return f"{mark}@{hashlib.sha256(str(path).encode()).hexdigest()[:12]}.{number}"


async def _restore(session: Session, document: Document) -> Object:
    """Show what was dismissed in this file again."""
    path = session.where(document)
    root = session.server.root_of(path)
    session.known.dismissed.pop(str(path), None)
    session.server.settings_changed.emit()

    def forget() -> int:
        from ...analyzers.store import open_store

        with open_store(root) as store:
            return sum(store.restore(each.fingerprint) for each in store.dismissals() if each.path == str(path))

    count = await asyncio.to_thread(forget)
    inform(session, f"{count} dismissed finding{'' if count == 1 else 's'} of {path.name} can be seen again")
    return {"restored": count}


# -- baselines -------------------------------------------------------------------------------------------------------


async def _load(session: Session, path: Path, times: dict[Path, float]) -> None:
    """Read a baseline that is new or has changed."""

    def read() -> tuple[float, Baseline | None, str]:
        try:
            changed = path.stat().st_mtime
        except OSError:
            return 0.0, None, f"the baseline {path} cannot be read: it is not there"
        if times.get(path) == changed:
            return changed, session.known.baselines.get(path), session.known.problems.get(path, "")
        try:
            return changed, read_baseline(path), ""
        except UserError as error:
            return changed, None, str(error)

    before = session.known.baselines.get(path)
    times[path], baseline, problem = await asyncio.to_thread(read)
    session.known.baselines[path] = baseline
    if problem and session.known.problems.get(path) != problem:
        session.server.say(problem)
    session.known.problems[path] = problem
    if baseline is not before:
        session.server.settings_changed.emit()
