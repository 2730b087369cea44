"""Runs of the workspace's own commands, for the editor: one at a time for each root, their failures at their lines,
and edits for them ahead of being asked.

Invariant: nothing runs in a folder that is not trusted; whoever starts a run asks before.
Invariant: never two runs of one root at once: a newer one takes the place of the one that runs.
"""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

from ..analyzers.errors import Stale, SutureError, UserError
from .codec import edit_from_json, finding_from_json
from .failures import Failure, Mended, RunOf, identify, uri_of
from .heals import sandbox_params
from .reviews import Tracker, followed
from .session import Session
from .workers import Lane
from .working import Report

log = logging.getLogger(__name__)

Object = dict[str, Any]

#: The longest that mending all failures may take (seconds).
ALL_S = 300.0

#: Failures of a run that are mended ahead of being asked, and the pause before (seconds).
AHEAD, PAUSE_S = 3, 0.3

#: Seconds beyond its own limit that a run may take: opening the sandbox, reading its report.
MARGIN_S = 30.0


class Turns:
    """Who runs in each root. The newest comes first: the one that runs is cancelled, and waited for; but a patient one
    waits for what a person asked for."""

    def __init__(self) -> None:
        self._running: dict[Path, tuple[asyncio.Task[Any], bool]] = {}
        self._replaced: set[asyncio.Task[Any]] = set()

    @asynccontextmanager
    async def turn(self, root: Path, *, patient: bool = False) -> AsyncGenerator[None]:
        """Raises Stale in whoever was replaced."""
        task = asyncio.current_task()
        assert task is not None
        while (before := self._running.get(root)) is not None:
            running, is_patient = before
            if not patient or is_patient:
                self._replaced.add(running)
                running.cancel()
            await asyncio.wait([running])
        self._running[root] = (task, patient)
        try:
            yield
        except asyncio.CancelledError:
            if task in self._replaced:
                raise Stale("a newer run took the place of this one") from None
            raise
        finally:
            self._replaced.discard(task)
            del self._running[root]


def turns_of(session: Session) -> Turns:
    """The turns of a session; they live as long as it does."""
    attributes = vars(session)
    turns = attributes.get("_turns")
    if not isinstance(turns, Turns):
        turns = attributes["_turns"] = Turns()
    return turns


def root_of(session: Session, path: Path | None) -> Path:
    """The root that a run is about: that of a file, else the first one. Raises UserError without a folder."""
    if path is not None:
        return session.server.root_of(path)
    if not session.server.roots:
        raise UserError("no folder is open", "open the folder whose tests are to run")
    return session.server.roots[0]


def run_params(session: Session, root: Path, command: Sequence[str], seconds: float | None = None) -> Object:
    """What a worker needs to run a command of a root with the texts that are not saved."""
    settings = session.server.settings(root / "x.py")
    return {
        "root": str(root),
        "command": list(command),
        "files": session.unsaved(root),
        "timeout_s": seconds or settings.run.timeout_s,
        "heal_s": settings.run.heal_s(),
        **sandbox_params(session, root / "x.py"),
    }


async def run(
    session: Session,
    root: Path,
    command: Sequence[str],
    kind: str,
    report: Report,
    *,
    selected: Sequence[str] = (),
    seconds: float | None = None,
) -> Object:
    """Run a command and show what failed. Returns the worker's answer. Raises UserError for a command that is not
    there, Unavailable without a sandbox."""
    params = run_params(session, root, command, seconds)
    trackers = track(session, root)
    try:
        answer: Object = await session.workers.run(
            "run_workspace",
            params,
            timeout_s=params["timeout_s"] + MARGIN_S,
            on_event=lambda event: report(str(event.get("message", ""))),
        )
    finally:
        for uri, tracker in trackers.items():
            session.review(uri).leave(tracker)
    missing(command, answer, params)
    show(session, root, kind, answer, trackers, selected)
    return answer


def track(session: Session, root: Path) -> dict[str, Tracker]:
    """Note what is edited in the open documents of a root while it runs."""
    documents = [each for each in session.server.documents if session.where(each).is_relative_to(root)]
    return {each.uri: session.review(each.uri).track() for each in documents}


def missing(command: Sequence[str], answer: Mapping[str, Any], params: Mapping[str, Any]) -> None:
    """Raises UserError if the command itself, or what it is a module of, is not there."""
    fault = answer["fault"]
    message = str(fault["message"])
    if fault["path"] or answer["ok"]:
        return
    if "command not found" in message:
        raise UserError(message, f"install {command[0]}, or see `suture doctor`")
    module = command[2] if tuple(command[:2]) == ("python", "-m") and len(command) > 2 else ""
    if module and re.search(rf"No module named '?{re.escape(module)}\b", message):
        where = params["python"] or "the interpreter that runs Suture (the workspace has no .venv)"
        raise UserError(f"{module} is not installed for {where}", f"install {module} there")


def show(
    session: Session,
    root: Path,
    kind: str,
    answer: Mapping[str, Any],
    trackers: Mapping[str, Tracker],
    selected: Sequence[str] = (),
) -> RunOf:
    """Take a worker's run: its failures become diagnostics, those that it covers and are no more, go."""
    ended = RunOf(
        root=str(root),
        command=tuple(answer["command"]),
        kind="tests" if kind == "tests" or answer["tests"] else "command",
        selected=tuple(selected),
        ok=bool(answer["ok"]),
        seconds=float(answer["seconds"]),
        tests=answer["tests"],
        output=str(answer["output"]),
    )
    take(session, ended, [each for each in answer["failures"] if each["finding"]], trackers)
    return ended


def take(
    session: Session, ended: RunOf, failures: Sequence[Mapping[str, Any]], trackers: Mapping[str, Tracker]
) -> list[Failure]:
    """Show the failures of a run (the worker's JSON of them) where their lines are by now."""
    found: list[Failure] = []
    for each in failures:
        finding = finding_from_json(each["finding"])
        uri = uri_of(finding.path)
        document = session.server.opened_document(uri)
        uri = document.uri if document is not None else uri
        line = _line(session, finding.path, finding.range.line)
        ident = identify(finding, line)
        edits = tuple(edit_from_json(edit) for edit in each["edits"]) if "edits" in each else None
        for placed in followed((finding,), trackers.get(uri, ())):
            found.append(Failure(ident, uri, placed, each["fault"], ended, edits))
    changed = session.failures.take(ended, found)
    for uri in changed:
        tell(session, uri)
    session.ran.emit(ended)
    return found


def _line(session: Session, path: str, line: int) -> str:
    try:
        text = session.lookup(path).text or ""
    except UserError:
        return ""
    lines = text.split("\n")
    return lines[line] if line < len(lines) else ""


def tell(session: Session, uri: str) -> None:
    """The failures of a file changed: have it shown."""
    document = session.server.opened_document(uri)
    if document is None:
        session.news_of_closed.emit(uri)
    else:
        session.review(uri).generation += 1
        session.news.emit(document)


# -- edits -----------------------------------------------------------------------------------------------------------


async def mend(session: Session, failure: Failure, *, lane: Lane = "interactive", priority: int = 0) -> Mended:
    """Edits for one failure, run on what the editor has now; kept. Raises SutureError, Stale if it passes by now."""
    if failure.edits is not None:
        return keep(session, failure, Mended(session.stamp(), failure.edits))
    root, stamp = Path(failure.run.root), session.stamp()
    session.server.trust.require(root, "healing")
    params: Object = {
        **run_params(session, root, failure.run.command),
        "test": failure.tests[0] if failure.tests else "",
        "tests": dict(failure.run.tests),
        "seconds": failure.run.seconds,
    }
    limit_s = session.server.settings(root / "x.py").run.heal_s(failure.run.seconds)
    params["heal_s"], longest_s = limit_s, 3 * limit_s + MARGIN_S
    answer = await session.workers.run("heal_failure", params, lane=lane, priority=priority, timeout_s=longest_s)
    edits = tuple(edit_from_json(each) for each in answer["edits"])
    if answer["fault"]["category"] == "none" and session.stamp() == stamp:
        if uri := session.failures.drop(failure.ident):
            tell(session, uri)
        raise Stale("it does not fail any more")
    note = "; ".join(answer["notes"]) or ("" if edits else "no repair is known")
    return keep(session, failure, Mended(stamp, edits, note))


def keep(session: Session, failure: Failure, mended: Mended) -> Mended:
    if session.failures.get(failure.ident) is not None:
        session.failures.mended[failure.ident] = mended
    return mended


async def mend_ahead(session: Session, ended: RunOf) -> None:
    """Mend the first failures of a run, until someone types."""
    await asyncio.sleep(PAUSE_S)
    stamp = session.stamp()
    failures = [each for each in session.failures.all() if each.run is ended]
    failures.sort(key=lambda each: session.server.opened_document(each.uri) is None)
    for failure in failures[:AHEAD]:
        if session.stamp() != stamp:
            return
        with suppress(Stale):
            try:
                await mend(session, failure, priority=5)
            except SutureError as error:
                log.info("no repair ahead: %s", error)
                return
