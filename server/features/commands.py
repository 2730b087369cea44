"""The commands that a person runs: review and heal. Each is one job in a worker, with progress.

Invariant: a command that executes code asks for trust first; without it nothing is executed.
Invariant: an edit is applied by the editor (``workspace/applyEdit``), so that it is one undo step, and only to the
text that it was made for.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pygls.uris import to_fs_path

from ...analyzers.errors import Stale, Unavailable, UserError
from ...analyzers.findings import Edit
from ..applying import apply
from ..arguments import document_of, handler, ident_of, inform, text_of
from ..asking import asking_params
from ..codec import edit_from_json
from ..current import shown
from ..documents import Document
from ..edits import titled
from ..evidence import edit_page, report_page, verdict_line, verdict_page
from ..failures import Offer, title_of
from ..heals import best, fault_json, heal, ready, sandbox_params
from ..noting import applied
from ..reviewing import review_now
from ..reviews import STATIC
from ..running import mend
from ..session import Session, session_of
from ..working import working

if TYPE_CHECKING:
    from ..app import SutureServer

Object = dict[str, Any]

HEAL_S = 300.0


def register(server: SutureServer) -> None:
    session = session_of(server)
    for name, work in COMMANDS.items():
        server.command(name)(handler(session, work))


# -- review ----------------------------------------------------------------------------------------------------------


async def review(session: Session, argument: Object) -> Object:
    """Review a document now and say the verdict."""
    document = document_of(session, argument)
    snapshot = document.snapshot()
    async with working(session.server, f"Reviewing {session.where(snapshot).name}", session.client.progress):
        problem = await review_now(session, document)
    current = session.server.opened_document(snapshot.uri)
    if current is None:
        raise Stale("the document was closed")
    state = session.review(current.uri)
    if problem or state.verdict is None:
        raise Unavailable(problem or state.failure or "the review did not finish", "try again")
    page = verdict_page(str(session.where(current)), state.verdict)
    session.pages.put(f"verdict-{state.serial}", page)
    inform(session, f"{session.where(current).name}: {verdict_line(state.verdict)}")
    return {"verdict": state.verdict, "findings": [each.to_json() for each in shown(session, current).findings]}


# -- heal ------------------------------------------------------------------------------------------------------------


async def heal_one(session: Session, argument: Object) -> Object:
    """Repair one finding: apply the best edit there is."""
    ident = ident_of(argument)
    if (failure := session.failures.get(ident)) is not None:
        async with working(session.server, f"Healing: {title_of(failure)}", session.client.progress):
            mended = session.failures.ready(ident, session.stamp()) or await mend(session, failure)
        done = await _apply_best(session, mended.edits, title_of(failure))
        if done["applied"] and (edit := best(mended.edits)) is not None:
            applied(session, Offer(failure.run.root, edit, "command", failure.fault))
        return done
    document = document_of(session, argument)
    if ident in session.counterexamples:
        return await _heal_counterexample(session, document, ident)
    now = shown(session, document)
    finding = next((each for name, each in zip(now.names, now.findings, strict=True) if name == ident), None)
    if finding is None:
        raise Stale("the problem is gone or its line was edited")
    if finding.rule not in STATIC:
        raise UserError(f"Suture has no repair for {finding.rule}")
    healed = ready(session, document, ident)
    if healed is None:
        async with working(session.server, f"Healing: {finding.message}", session.client.progress):
            healed = await heal(session, document.snapshot(), finding, lane="interactive")
    done = await _apply_best(session, healed.edits, finding.message)
    if done["applied"] and (edit := best(healed.edits)) is not None:
        root = str(session.server.root_of(session.where(document)))
        applied(session, Offer(root, edit, "finding", fault_json(finding)))
    return done


async def _heal_counterexample(session: Session, document: Document, ident: str) -> Object:
    kept = session.counterexamples[ident]
    root, test = Path(kept.root), Path(kept.test_path)
    session.server.trust.require(session.where(document), "healing a counterexample")
    name = test.relative_to(root).as_posix() if test.is_relative_to(root) else test.name
    command = ["python", "-m", "pytest", "-q", name]
    limit_s = session.server.settings(root / "x.py").sandbox.timeout_s
    report = await _heal_command(session, root, command, {name: kept.test}, limit_s)
    edits = tuple(edit_from_json(each) for each in report["edits"])
    applied = await _apply_best(session, edits, f"the counterexample of {kept.name}")
    return {**applied, "report": report["report"]}


async def heal_command(session: Session, argument: Object) -> Object:
    """Run a failing command, and apply the best repair."""
    root = Path(to_fs_path(text_of(argument, "root")) or argument["root"])
    command = argument.get("command")
    words = command.split() if isinstance(command, str) else command
    if not isinstance(words, list) or not words or not all(isinstance(each, str) for each in words):  # pyright: ignore[reportUnknownVariableType]
        raise UserError("the argument needs 'command', a list of words")
    session.server.trust.require(root, "running the command")
    limit_s = session.server.settings(root / "x.py").run.timeout_s  # a person's whole suite, not one function
    report = await _heal_command(session, root, words, {}, limit_s)  # pyright: ignore[reportUnknownArgumentType]
    edits = tuple(edit_from_json(each) for each in report["edits"])
    if not edits:
        fault: Object = report["report"].get("fault") or {}
        inform(session, f"no repair found; {fault.get('category', 'fault')}: {fault.get('message', '')}")
        return {"applied": False, "report": report["report"]}
    return {**await _apply_best(session, edits, " ".join(words)), "report": report["report"]}  # pyright: ignore[reportUnknownArgumentType]


async def _heal_command(
    session: Session, root: Path, command: list[str], files: Mapping[str, str], limit_s: float
) -> Object:
    params: Object = {
        "root": str(root),
        "command": command,
        "files": {**session.unsaved(root), **files},
        "timeout_s": limit_s,
        **sandbox_params(session, root / "x.py"),
        **asking_params(session, root / "x.py"),
    }
    title = f"Healing: {' '.join(command)}"
    longest = max(HEAL_S, 3 * limit_s)  # it runs before the edit and after it
    async with working(session.server, title, session.client.progress) as report:
        answer = await session.workers.run(
            "heal_command", params, timeout_s=longest, on_event=lambda event: report(str(event.get("message", "")))
        )
    session.pages.put("report-heal", report_page(title, answer["report"]))
    return answer


async def _apply_best(session: Session, edits: tuple[Edit, ...], what: str) -> Object:
    edit = best(edits)
    if edit is None:
        inform(session, f"no repair found for {what}")
        return {"applied": False, "reason": "no repair found"}
    session.pages.put("report-edit", edit_page(edit))
    return await apply_edit(session, edit)


async def apply_edit(session: Session, edit: Edit, about: Object | None = None) -> Object:
    """Apply an edit through the editor, if its text is still the one that it was made for. Raises Stale.

    ``about`` tells an editor that can show a preview what it is."""
    from ..edits import workspace_edit

    change = workspace_edit(edit, session.lookup, session.client, session.server.roots)
    title = titled(edit) if edit.verified else f"{edit.title} (not run)"
    done = await apply(session, change, title, about)
    return {**done, "title": title, "verified": edit.verified, "evidence": [each.to_json() for each in edit.evidence]}


COMMANDS = {
    "suture.review": review,
    "suture.heal": heal_one,
    "suture.healCommand": heal_command,
}
