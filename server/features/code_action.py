"""Code actions, from what is already known: repairs computed ahead, or an action that computes them when chosen.

Invariant: nothing here waits for a worker but ``codeAction/resolve``; the lightbulb is instant.
Invariant: only an edit that was run is ever preferred; one that was not asks for confirmation.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, cast

from lsprotocol import types

from ...analyzers.errors import Stale, SutureError
from ...analyzers.findings import Finding, Range
from ..current import analysed, shown
from ..documents import Document
from ..edits import action, simple_edit, workspace_edit
from ..failures import Failure, Mended, Offer, title_of
from ..first_imports import untried
from ..heals import UNTRUSTED, best, fault_json, heal, heal_ahead, ready
from ..ignores import ignore_edit
from ..lenses import targets
from ..noting import offered
from ..quick import Quick, quick_fixes
from ..reviews import STATIC, Shown
from ..running import mend
from ..seen import awaited, seen
from ..session import Session, session_of
from .generation import generation
from .improvements import improving

if TYPE_CHECKING:
    from ..app import SutureServer

Object = dict[str, Any]

QUICKFIX, FUZZ, TESTS = "quickfix", "refactor.suture.fuzz", "refactor.suture.tests"

_DEFINITION = re.compile(r"\s*(?:async\s+def|def|class)\b")


def register(server: SutureServer) -> None:
    session = session_of(server)
    options = types.CodeActionOptions(
        code_action_kinds=[types.CodeActionKind.QuickFix, types.CodeActionKind.RefactorRewrite, FUZZ, TESTS],
        resolve_provider=True,
    )

    @server.prompt(types.TEXT_DOCUMENT_CODE_ACTION, options)
    def code_action(params: types.CodeActionParams) -> list[Object]:  # pyright: ignore[reportUnusedFunction]
        document = server.opened_document(params.text_document.uri)
        if document is None or not (analysed(session, document) or session.failures.of(document.uri)):
            return []
        wanted = [str(getattr(kind, "value", kind)) for kind in params.context.only or ()]
        by_hand = params.context.trigger_kind != types.CodeActionTriggerKind.Automatic
        named = _named(params.context.diagnostics)
        offers = actions(session, document, document.range_of(params.range), named, by_hand=by_hand)
        return [each for each in offers if not wanted or any(_is_kind(each["kind"], kind) for kind in wanted)]

    @server.feature(types.CODE_ACTION_RESOLVE)
    async def resolve(params: types.CodeAction) -> Object | types.CodeAction:  # pyright: ignore[reportUnusedFunction]
        return await resolved(session, params)

    Quick(session)

    @session.reviewed.connect
    def ahead(document: Document) -> None:  # pyright: ignore[reportUnusedFunction]
        server.spawn(heal_ahead(session, document), "heal ahead")

    @server.trust_changed.connect
    def trusted() -> None:  # pyright: ignore[reportUnusedFunction]
        session.healed.clear()
        for document in server.documents:
            ahead(document)


def _named(diagnostics: Any) -> set[str]:
    """Identifiers of the diagnostics that the client asks about."""
    names: set[str] = set()
    for each in diagnostics:
        data = each.data
        ident = cast("Object", data).get("id") if isinstance(data, dict) else getattr(data, "id", None)
        if isinstance(ident, str):
            names.add(ident)
    return names


def _is_kind(kind: str, wanted: str) -> bool:
    return not wanted or kind == wanted or kind.startswith(f"{wanted}.")


def actions(
    session: Session, document: Document, at: Range, asked: set[str], *, by_hand: bool = True
) -> Iterator[Object]:
    """Everything that can be offered at a range, the best first. To a client that asks by itself while it waits for
    the diagnostics of this text, what can be done about those that it has, and all that asks for no diagnostics."""
    hasty = not by_hand and awaited(session, document)
    places = seen(session, document, asked, lambda place: _touch(place, at)) if hasty else None
    if places is None:
        now = shown(session, document)
        places = [
            (name, finding, diagnostic)
            for name, finding, diagnostic in zip(now.names, now.findings, now.diagnostics, strict=False)
            if name in asked or _touch(finding.range, at)
        ]
    for name, finding, diagnostic in places:
        if (failure := session.failures.get(name)) is not None:
            yield from mending(session, document, failure, diagnostic)
            continue
        yield from repairs(session, document, name, finding, diagnostic)
        yield from improving(session, document, name, finding, diagnostic)
    if analysed(session, document):
        yield from generation(session, document, at)
        yield from fuzzing(session, document, at.line)
    for name, finding, diagnostic in places:
        if session.failures.get(name) is not None:
            continue
        known = name in session.counterexamples
        if not known:
            yield from ignoring(session, document, finding, diagnostic)
        if finding.rule not in STATIC and not known:
            argument = {"uri": document.uri, "id": name}
            yield _command(f"Dismiss this {finding.rule}", QUICKFIX, "suture.dismiss", argument, diagnostic)
        if first := untried(session, finding):
            title = f"Import {first[0]} first, in the sandbox"
            yield _command(title, QUICKFIX, "suture.measure.imports", {"uri": document.uri, "id": name}, diagnostic)
        session.remember(name, finding)
        yield _command(f"Show evidence for {finding.rule}", QUICKFIX, "suture.showEvidence", {"id": name}, diagnostic)


def _touch(a: Range, b: Range) -> bool:
    return a[:2] <= b[2:] and b[:2] <= a[2:]


def _command(title: str, kind: str, name: str, argument: Object, diagnostic: Object | None = None) -> Object:
    result: Object = {
        "title": title,
        "kind": kind,
        "command": {"title": title, "command": name, "arguments": [argument]},
    }
    if diagnostic is not None:
        result["diagnostics"] = [diagnostic]
    return result


def repairs(session: Session, document: Document, name: str, finding: Finding, diagnostic: Object) -> Iterator[Object]:
    """Repairs of one finding: those computed ahead, or one action that computes them."""
    if name in session.counterexamples:
        yield from counterexample(session, document, name, diagnostic)
        return
    if finding.rule not in STATIC:
        return
    healed = ready(session, document, name) or quick_fixes(session, document, name)
    if healed is None:
        title = f"Heal: {finding.message}"
        if session.client.resolve_edit:
            data = {"suture": "heal", "uri": document.uri, "version": document.version, "id": name}
            yield {"title": title, "kind": QUICKFIX, "diagnostics": [diagnostic], "data": data}
        else:
            yield _command(title, QUICKFIX, "suture.heal", {"uri": document.uri, "id": name}, diagnostic)
        return
    preferred = next((each for each in healed.edits if each.verified), None)
    for edit in healed.edits:
        try:
            change = workspace_edit(edit, session.lookup, session.client, session.server.roots)
        except SutureError:
            continue  # a further file of it moved: it is computed again on the next idle
        offer = action(
            edit, change, session.client, kind=QUICKFIX, diagnostics=[diagnostic], preferred=edit is preferred
        )
        if not edit.verified:
            trusted = session.server.trust.trusted(session.where(document))
            checked = "parses" if finding.rule == "syntax-error" else "the name is known"
            offer["title"] += f" ({checked}, not run)" if trusted else f" ({UNTRUSTED})"
        root = str(session.server.root_of(session.where(document)))
        yield offered(session, Offer(root, edit, "finding", fault_json(finding)), offer)


def mending(session: Session, document: Document, failure: Failure, diagnostic: Object) -> Iterator[Object]:
    """What mends a failure of the last run: edits with their evidence, or one action that looks for them."""
    mended = session.failures.ready(failure.ident, session.stamp())
    trusted = session.server.trust.trusted(failure.run.root)
    if mended is None and failure.edits is not None:
        mended = Mended({}, failure.edits)
    if mended is None and trusted:
        title = f"Heal: {title_of(failure)}"
        if session.client.resolve_edit:
            data = {"suture": "heal-failure", "uri": document.uri, "id": failure.ident}
            yield {"title": title, "kind": QUICKFIX, "diagnostics": [diagnostic], "data": data}
        else:
            yield _command(title, QUICKFIX, "suture.heal", {"uri": document.uri, "id": failure.ident}, diagnostic)
    edits = mended.edits if mended is not None else ()
    preferred = next((each for each in edits if each.verified), None)
    for edit in edits:
        try:
            change = workspace_edit(edit, session.lookup, session.client, session.server.roots)
        except SutureError:
            continue  # its file moved: it is computed again when asked for
        offer = action(
            edit, change, session.client, kind=QUICKFIX, diagnostics=[diagnostic], preferred=edit is preferred
        )
        if not edit.verified:
            offer["title"] += " (not verified)" if trusted else f" ({UNTRUSTED})"
        yield offered(session, Offer(failure.run.root, edit, "command", failure.fault), offer)
    if failure.run.kind != "text":
        argument = {"uri": document.uri}
        yield _command("Heal all failures of the last run", QUICKFIX, "suture.healAll", argument, diagnostic)
        yield _command("Show what the last run printed", QUICKFIX, "suture.run.output", {}, diagnostic)


def counterexample(session: Session, document: Document, name: str, diagnostic: Object) -> Iterator[Object]:
    """What can be done about an input that broke a function; while it is stale, only to try it again."""
    known, found = session.counterexamples[name], session.review(document.uri).found.get(name)
    argument: Object = {"uri": document.uri, "id": name}
    if found is not None and found.stale:
        yield _command(f"Try again: {known.summary}", QUICKFIX, "suture.recheck", argument, diagnostic)
    else:
        keep = f"Add regression test: {known.summary}"
        yield _command(keep, QUICKFIX, "suture.keepRegressionTest", {"id": name}, diagnostic)
        yield _command(f"Heal this: {known.summary}", QUICKFIX, "suture.heal", argument, diagnostic)
    document_it = f", document {known.exception}" if known.exception else ""
    expected = f"This is expected{document_it}: {known.summary}"
    yield _command(expected, QUICKFIX, "suture.expect", argument, diagnostic)


def fuzzing(session: Session, document: Document, line: int) -> Iterator[Object]:
    """On the line of a definition."""
    if line < document.line_count and _DEFINITION.match(document.line_text(line)):
        for target in targets(session, document):
            if target.line == line:
                argument = {"uri": document.uri, "name": target.name}
                yield _command(f"Fuzz {target.name}", FUZZ, "suture.fuzz", argument)
                if session.in_repository(document):
                    title = f"Compare {target.name} with the last commit"
                    yield _command(title, FUZZ, "suture.fuzz", {**argument, "base": "HEAD"})
                if target.kind != "class":
                    title = f"Write property tests for {target.name}"
                    yield _command(title, TESTS, "suture.writePropertyTests", argument)


def ignoring(session: Session, document: Document, finding: Finding, diagnostic: Object) -> Iterator[Object]:
    """A comment that silences the finding, where one can stand."""
    change = ignore_edit(document, finding)
    if change is not None:
        yield {
            "title": f"Ignore {finding.rule} here",
            "kind": QUICKFIX,
            "diagnostics": [diagnostic],
            "edit": simple_edit(document.uri, document.version, [change], session.client),
        }


async def resolved(session: Session, params: types.CodeAction) -> Object | types.CodeAction:
    """Computes the edit of an action that was offered without one. Raises Stale if the text moved meanwhile."""
    data: Any = params.data
    offer: Object = {"title": params.title, "data": data}
    if params.kind is not None:
        offer["kind"] = params.kind
    if params.diagnostics:
        offer["diagnostics"] = params.diagnostics
    if isinstance(data, dict) and cast("Object", data).get("suture") == "heal-failure":
        return await _resolved_failure(session, offer, str(cast("Object", data).get("id")))
    if not isinstance(data, dict) or cast("Object", data).get("suture") != "heal":
        return params
    uri, ident = str(cast("Object", data).get("uri")), str(cast("Object", data).get("id"))
    document = session.server.opened_document(uri)
    if document is None:
        raise Stale("the document was closed")
    finding = _find(shown(session, document), ident)
    if finding is None:
        raise Stale("the problem is gone or its line was edited")
    healed = ready(session, document, ident)
    if healed is None:
        snapshot = document.snapshot()
        healed = await heal(session, snapshot, finding, lane="interactive")
        document = session.server.opened_document(uri)
        if document is None or document.version != snapshot.version:
            raise Stale("the document changed while the repair was computed")
        session.healed[snapshot.uri, ident] = healed
    edit = best(healed.edits)
    if edit is None:
        session.server.say(f"Suture knows no repair for: {finding.message}", types.MessageType.Info)
        return offer
    offer["edit"] = workspace_edit(edit, session.lookup, session.client, session.server.roots)
    root = str(session.server.root_of(session.where(document)))
    return offered(session, Offer(root, edit, "finding", fault_json(finding)), offer)


async def _resolved_failure(session: Session, offer: Object, ident: str) -> Object:
    """The best edit for a failure; Stale if someone typed meanwhile."""
    failure = session.failures.get(ident)
    if failure is None:
        raise Stale("the failure is gone or its line was edited")
    mended = session.failures.ready(ident, session.stamp()) or await mend(session, failure)
    if dict(mended.stamp) != session.stamp():
        raise Stale("a document changed while the repair was computed")
    edit = best(mended.edits)
    if edit is None:
        session.server.say(f"Suture knows no repair for: {title_of(failure)}: {mended.note}", types.MessageType.Info)
        return offer
    offer["edit"] = workspace_edit(edit, session.lookup, session.client, session.server.roots)
    return offered(session, Offer(failure.run.root, edit, "command", failure.fault), offer)


def _find(now: Shown, ident: str) -> Finding | None:
    return next((each for name, each in zip(now.names, now.findings, strict=True) if name == ident), None)
