"""Code lenses: the reviewers' verdict on the file, "Fuzz" on what can be fuzzed and what the last search came to, "Run"
and "Heal" on tests with their last outcome.

Invariant: from what is known already; a verdict that is older than the text says so, a search that is older is gone.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from lsprotocol import types
from pygls.exceptions import JsonRpcException

from ...analyzers.fuzzing.targets import FuzzTarget
from ...analyzers.growth.kinds import MEASURABLE
from ..counterexamples import run_summary
from ..current import analysed, shown
from ..documents import Document
from ..evidence import verdict_line, verdict_page
from ..failures import RunOf
from ..fuzzing import run_ident
from ..growth import known, page_ident, summary
from ..lenses import extent, targets
from ..notebooks import Cell
from ..session import Session, session_of
from ..tests_in import tests_in

if TYPE_CHECKING:
    from ..app import SutureServer

Object = dict[str, Any]


def register(server: SutureServer) -> None:
    session = session_of(server)

    @server.feature(types.TEXT_DOCUMENT_CODE_LENS, types.CodeLensOptions(resolve_provider=False))
    async def code_lens(params: types.CodeLensParams) -> list[Object]:  # pyright: ignore[reportUnusedFunction]
        document = server.opened_document(params.text_document.uri)
        if document is None or not analysed(session, document):
            return []
        return lenses(session, document)

    shown_verdicts: dict[str, str] = {}

    @session.reviewed.connect
    def refresh(document: Document) -> None:  # pyright: ignore[reportUnusedFunction]
        verdict = verdict_on(session, document)
        line = verdict_line(verdict) if verdict is not None else ""
        if session.client.refresh_lenses and shown_verdicts.get(document.uri) != line:
            shown_verdicts[document.uri] = line
            server.spawn(ask(), "refresh lenses")

    @session.ran.connect
    def refresh_outcomes(_: RunOf) -> None:  # pyright: ignore[reportUnusedFunction]
        if session.client.refresh_lenses:
            server.spawn(ask(), "refresh lenses")

    @session.fuzzed.connect
    def refresh_runs(uri: str) -> None:  # pyright: ignore[reportUnusedFunction]
        if session.client.refresh_lenses and server.opened_document(uri) is not None:
            server.spawn(ask(), "refresh lenses")

    async def ask() -> None:
        with contextlib.suppress(JsonRpcException):
            await server.protocol.send_request_async(types.WORKSPACE_CODE_LENS_REFRESH)

    @server.closed.connect
    def forget(uri: str) -> None:  # pyright: ignore[reportUnusedFunction]
        shown_verdicts.pop(uri, None)


def lenses(session: Session, document: Document) -> list[Object]:
    """The verdict first, then one lens for each target, and one more for a search of this very text."""
    found: list[Object] = []
    verdict = verdict_on(session, document)
    if verdict is not None:
        ident = f"verdict-{session.review(document.uri).serial}"
        session.pages.put(ident, verdict_page(str(session.where(document)), verdict))
        title = f"Suture: {verdict_line(verdict)}"
        found.append(_lens(0, title, "suture.showEvidence", {"id": ident}))
    found += test_lenses(session, document)
    slow = measurable_lines(session, document)
    for target in targets(session, document):
        argument = {"uri": document.uri, "name": target.name}
        found.append(_lens(target.line, f"Fuzz {target.name}", "suture.fuzz", argument))
        found += growth_lenses(session, document, target, slow)
        run = session.runs.get((document.uri, target.name))
        if run is not None and run["version"] == document.version:
            ident = {"id": run_ident(document.uri, target.name)}
            found.append(_lens(target.line, run_summary(run, run["found"]), "suture.showEvidence", ident))
    return found


def verdict_on(session: Session, document: Document) -> Mapping[str, Any] | None:
    """The verdict that is shown above a document, if any. A cell has one only if something was found in it."""
    if isinstance(document, Cell) and not shown(session, document).findings:
        return None
    return session.review(document.uri).verdict


def test_lenses(session: Session, document: Document) -> Iterator[Object]:
    """ "Run" on each test, with what became of it when it was last run; "Heal" on one that failed."""
    path = session.where(document)
    root = session.server.root_of(path)
    for test in tests_in(session, document):
        ident = f"{path.relative_to(root).as_posix()}::{test.name}" if path.is_relative_to(root) else ""
        outcome = session.failures.outcome(str(root), ident)
        title = f"Run {test.name.rpartition('::')[2]}" + (f" ({outcome})" if outcome else "")
        yield _lens(test.line, title, "suture.run.tests", {"uri": document.uri, "name": test.name})
        if outcome == "failed":
            argument = {"uri": document.uri, "test": ident}
            yield _lens(test.line, f"Heal {test.name.rpartition('::')[2]}", "suture.healAll", argument)


def measurable_lines(session: Session, document: Document) -> list[int]:
    """Lines of shown findings that a measurement can confirm or take away."""
    return [each.range.line for each in shown(session, document).findings if each.kind in MEASURABLE]


def growth_lenses(session: Session, document: Document, target: FuzzTarget, slow: list[int]) -> Iterator[Object]:
    """What was measured of a function as it reads now; an offer to measure one that a performance finding is about."""
    if target.kind == "class":
        return
    growth = known(session, document, target.name)
    if growth is not None:
        yield _lens(target.line, summary(growth), "suture.showEvidence", {"id": page_ident(document.uri, target.name)})
    elif any(target.line <= line <= extent(document, target.line) for line in slow):
        argument = {"uri": document.uri, "name": target.name}
        yield _lens(target.line, f"Measure growth of {target.name}", "suture.measure.growth", argument)


def _lens(line: int, title: str, command: str, argument: Object) -> Object:
    place = {"line": line, "character": 0}
    return {
        "range": {"start": place, "end": place},
        "command": {"title": title, "command": command, "arguments": [argument]},
    }
