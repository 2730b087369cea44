"""The commands that a person runs: review, heal, generate, fuzz. Each is one job in a worker, with progress.

Invariant: a command that executes code asks for trust first; without it nothing is executed.
Invariant: an edit is applied by the editor (``workspace/applyEdit``), so that it is one undo step, and only to the
text that it was made for.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lsprotocol import types
from pygls.uris import to_fs_path

from ...analyzers.errors import Stale, Unavailable, UserError
from ...analyzers.findings import Edit, Finding
from ..applying import apply
from ..children import child_environment
from ..codec import edit_from_json, finding_from_json
from ..current import analysed, shown
from ..documents import Document
from ..edits import titled
from ..evidence import Page, edit_page, report_page, verdict_line, verdict_page
from ..heals import best, heal, ready, sandbox_params
from ..lenses import targets
from ..reviewing import review_now
from ..reviews import STATIC, followed
from ..session import Session, session_of
from ..working import working
from .evidence import argument_of, show

if TYPE_CHECKING:
    from ..app import SutureServer

Object = dict[str, Any]

#: Seconds that fuzzing a function may take, and all the functions of a file together.
FUZZ_S, FUZZ_FILE_S = 10.0, 60.0

#: The longest that a job may take beyond its own budget, in seconds.
MARGIN_S = 60.0

GENERATE_S, HEAL_S = 300.0, 300.0


def register(server: SutureServer) -> None:
    session = session_of(server)
    for name, work in COMMANDS.items():
        server.command(name)(_handler(session, work))


def _handler(session: Session, work: Any) -> Any:
    async def handler(*arguments: Any) -> Any:
        return await work(session, argument_of(arguments))

    return handler


# -- arguments -------------------------------------------------------------------------------------------------------


def _text(argument: Mapping[str, Any], name: str) -> str:
    value = argument.get(name)
    if not isinstance(value, str) or not value:
        raise UserError(f"the argument needs {name!r}")
    return value


def _ident(argument: Mapping[str, Any]) -> str:
    """The finding that a command speaks of: by its identifier, or by the diagnostic that carries it."""
    value: Any = argument
    if "id" not in argument:
        for name in ("diagnostic", "data"):
            value = value.get(name) if isinstance(value, dict) else None  # pyright: ignore[reportUnknownVariableType, reportUnknownMemberType]
    return _text(value if isinstance(value, dict) else {}, "id")  # pyright: ignore[reportUnknownArgumentType]


def _document(session: Session, argument: Mapping[str, Any]) -> Document:
    """The document that a command speaks of; it must be open. Raises UserError."""
    uri = _text(argument, "uri")
    document = session.server.opened_document(uri)
    if document is None:
        raise UserError(f"{uri} is not open", "open the file first")
    if not analysed(session, document):
        raise UserError(
            f"{session.where(document).name} is not reviewed", "it is not Python, or reviewing is turned off"
        )
    return document


def _inform(session: Session, message: str) -> None:
    """Tell the person what came of the command that was asked for."""
    session.server.window_show_message(types.ShowMessageParams(types.MessageType.Info, f"Suture: {message}"))


# -- review ----------------------------------------------------------------------------------------------------------


async def review(session: Session, argument: Object) -> Object:
    """Review a document now and say the verdict."""
    document = _document(session, argument)
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
    _inform(session, f"{session.where(current).name}: {verdict_line(state.verdict)}")
    return {"verdict": state.verdict, "findings": [each.to_json() for each in shown(session, current).findings]}


# -- fuzz ------------------------------------------------------------------------------------------------------------


async def fuzz(session: Session, argument: Object) -> Object:
    """Look for a counterexample of one function; what is found becomes a diagnostic on its line."""
    document = _document(session, argument)
    name = _text(argument, "name")
    session.server.trust.require(session.where(document), f"fuzzing {name}")
    budget = argument.get("budget", FUZZ_S)
    if isinstance(budget, bool) or not isinstance(budget, int | float) or not 0 < budget <= 3600:
        raise UserError("budget is a number of seconds, at most 3600")
    result = await _fuzz_one(session, document, name, float(budget))
    _inform(session, _fuzz_summary(name, result))
    return result


async def fuzz_file(session: Session, argument: Object) -> Object:
    """Fuzz everything in a file that can be fuzzed, one after the other."""
    document = _document(session, argument)
    session.server.trust.require(session.where(document), "fuzzing")
    names = [each.name for each in targets(session, document) if each.kind != "method"]
    if not names:
        raise UserError(f"{session.where(document).name} has nothing that can be fuzzed")
    results: Object = {}
    for name in names:
        current = session.server.opened_document(document.uri)
        if current is None:
            raise Stale("the document was closed")
        results[name] = await _fuzz_one(session, current, name, max(1.0, FUZZ_FILE_S / len(names)))
    found = sum(len(each["findings"]) for each in results.values())
    _inform(session, f"fuzzed {len(names)} targets: {found or 'no'} counterexample{'s' if found != 1 else ''}")
    return results


async def _fuzz_one(session: Session, document: Document, name: str, budget_s: float) -> Object:
    snapshot = document.snapshot()
    path = session.where(snapshot)
    root = session.server.root_of(path)
    state = session.review(snapshot.uri)
    tracker = state.track()
    params = {
        "root": str(root),
        "path": str(session.where(snapshot)),
        "name": name,
        "text": snapshot.text,
        "budget_s": budget_s,
        **sandbox_params(session, path),
    }
    try:
        async with working(session.server, f"Fuzzing {name}", session.client.progress) as report:

            def heard(event: Mapping[str, Any]) -> None:
                if event.get("event") == "progress":
                    report(f"{event.get('executions', 0)} calls, {event.get('stage', '')}")
                elif event.get("event") == "finding":
                    report(f"found: {event.get('exception') or event.get('kind')}")

            result = await session.workers.run("fuzz", params, timeout_s=budget_s + MARGIN_S, on_event=heard)
    finally:
        state.leave(tracker)
    current = session.server.opened_document(snapshot.uri)
    if current is not None and session.review(snapshot.uri) is state:
        for found in result["findings"]:
            finding = finding_from_json(found["finding"])
            placed = followed((finding,), tracker)
            if placed:
                _keep(session, current, placed[0], found, str(root), name)
        session.news.emit(current)
    done: Object = result["done"] or {}
    return {**done, "findings": [each["event"] for each in result["findings"]]}


def _keep(session: Session, document: Document, finding: Finding, found: Object, root: str, name: str) -> None:
    line = min(finding.range.line, document.line_count - 1)
    base = finding.fingerprint(document.line_text(line))
    state = session.review(document.uri)
    # The same counterexample found again replaces itself; another one on the same line gets a name of its own.
    same = (key for key, each in state.found.items() if key.startswith(base) and each.message == finding.message)
    ident = next(same, None) or (base if base not in state.found else f"{base}.{len(state.found) + 1}")
    state.find(ident, finding)
    session.counterexamples[ident] = {
        "root": root,
        "name": name,
        "uri": document.uri,
        "test": found["test"],
        "test_path": found["test_path"],
    }
    session.remember(ident, finding)


def _fuzz_summary(name: str, result: Object) -> str:
    count, calls = len(result["findings"]), result.get("executions", 0)
    if count:
        return f"{name}: {count} counterexample{'s' if count > 1 else ''} in {calls} calls"
    if result.get("status") == "ok":
        return f"{name}: no counterexample in {calls} calls"
    reason = result.get("reason") or result.get("message") or result.get("status", "unknown")
    return f"{name} could not be fuzzed: {reason}"


async def keep_regression_test(session: Session, argument: Object) -> Object:
    """Write the test of a counterexample, through the editor."""
    kept = session.counterexamples.get(_text(argument, "id"))
    if kept is None:
        raise UserError("this counterexample is not known any more", "fuzz the function again")
    return await apply_test(session, kept)


async def apply_test(session: Session, kept: Object) -> Object:
    path = Path(kept["test_path"])
    base = session.lookup(str(path))
    title = f"Keep regression test for {kept['name']}"
    test: str = kept["test"]
    if base.text is None:
        created: list[Object] = [{"kind": "create", "uri": base.uri, "options": {"ignoreIfExists": True}}]
        if not (session.client.create_files and session.client.document_changes):
            raise UserError(f"this editor cannot create {path}", "create an empty file of that name and try again")
        place, text = {"line": 0, "character": 0}, test
    elif test.strip() in base.text:
        return {"applied": False, "path": str(path), "reason": "the test is there already"}
    else:
        created = []
        lines = base.text.split("\n")
        place = {"line": len(lines) - 1, "character": len(lines[-1].encode("utf-16-le", "surrogatepass")) // 2}
        gap = "" if not base.text.strip() else "\n\n" if base.text.endswith("\n") else "\n\n\n"
        text = gap + test
    edit: Object = {"range": {"start": place, "end": place}, "newText": text}
    if session.client.document_changes:
        document = {"uri": base.uri, "version": base.version}
        change: Object = {"documentChanges": [*created, {"textDocument": document, "edits": [edit]}]}
    else:
        change = {"changes": {base.uri: [edit]}}
    return {**await apply(session, change, title), "path": str(path)}


# -- heal ------------------------------------------------------------------------------------------------------------


async def heal_one(session: Session, argument: Object) -> Object:
    """Repair one finding: apply the best edit there is."""
    document = _document(session, argument)
    ident = _ident(argument)
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
    return await _apply_best(session, healed.edits, finding.message)


async def _heal_counterexample(session: Session, document: Document, ident: str) -> Object:
    kept = session.counterexamples[ident]
    root, test = Path(kept["root"]), Path(kept["test_path"])
    session.server.trust.require(session.where(document), "healing a counterexample")
    name = test.relative_to(root).as_posix() if test.is_relative_to(root) else test.name
    command = ["python", "-m", "pytest", "-q", name]
    report = await _heal_command(session, root, command, {name: kept["test"]})
    edits = tuple(edit_from_json(each) for each in report["edits"])
    applied = await _apply_best(session, edits, f"the counterexample of {kept['name']}")
    return {**applied, "report": report["report"]}


async def heal_command(session: Session, argument: Object) -> Object:
    """Run a failing command, and apply the best repair."""
    root = Path(to_fs_path(_text(argument, "root")) or argument["root"])
    command = argument.get("command")
    words = command.split() if isinstance(command, str) else command
    if not isinstance(words, list) or not words or not all(isinstance(each, str) for each in words):  # pyright: ignore[reportUnknownVariableType]
        raise UserError("the argument needs 'command', a list of words")
    session.server.trust.require(root, "running the command")
    report = await _heal_command(session, root, words, {})  # pyright: ignore[reportUnknownArgumentType]
    edits = tuple(edit_from_json(each) for each in report["edits"])
    if not edits:
        fault: Object = report["report"].get("fault") or {}
        _inform(session, f"no repair found; {fault.get('category', 'fault')}: {fault.get('message', '')}")
        return {"applied": False, "report": report["report"]}
    return {**await _apply_best(session, edits, " ".join(words)), "report": report["report"]}  # pyright: ignore[reportUnknownArgumentType]


async def _heal_command(session: Session, root: Path, command: list[str], files: Mapping[str, str]) -> Object:
    settings = session.server.settings(root / "x.py").sandbox
    params: Object = {
        "root": str(root),
        "command": command,
        "files": {**session.unsaved(root), **files},
        "timeout_s": settings.timeout_s,
        **sandbox_params(session, root / "x.py"),
    }
    title = f"Healing: {' '.join(command)}"
    async with working(session.server, title, session.client.progress) as report:
        answer = await session.workers.run(
            "heal_command", params, timeout_s=HEAL_S, on_event=lambda event: report(str(event.get("message", "")))
        )
    session.pages.put("report-heal", report_page(title, answer["report"]))
    return answer


async def _apply_best(session: Session, edits: tuple[Edit, ...], what: str) -> Object:
    edit = best(edits)
    if edit is None:
        _inform(session, f"no repair found for {what}")
        return {"applied": False, "reason": "no repair found"}
    session.pages.put("report-edit", edit_page(edit))
    return await apply_edit(session, edit)


async def apply_edit(session: Session, edit: Edit) -> Object:
    """Apply an edit through the editor, if its text is still the one that it was made for. Raises Stale."""
    from ..edits import workspace_edit

    change = workspace_edit(edit, session.lookup, session.client, session.server.roots)
    title = titled(edit) if edit.verified else f"{edit.title} (not run)"
    done = await apply(session, change, title)
    return {**done, "title": title, "verified": edit.verified, "evidence": [each.to_json() for each in edit.evidence]}


# -- generate --------------------------------------------------------------------------------------------------------


async def generate(session: Session, argument: Object) -> Object:
    """Write the function that a comment asks for, and apply it if it is offered."""
    document = _document(session, argument)
    line = argument.get("line")
    if isinstance(line, bool) or not isinstance(line, int) or line < 0:
        raise UserError("the argument needs 'line', a number from 0")
    snapshot = document.snapshot()
    path = session.where(snapshot)
    settings = session.server.settings(path)
    params: Object = {
        "root": str(session.server.root_of(path)),
        "path": str(session.where(snapshot)),
        "text": snapshot.text,
        "line": line,
        "include_tests": session.client.create_files and session.client.document_changes,
        "model": {
            "base_url": settings.model.base_url,
            "api_key": settings.model.api_key,
            "model": settings.model.model,
        },
        "budget": {
            "request_usd": settings.budget.request_usd,
            "day_usd": settings.budget.day_usd,
            "month_usd": settings.budget.month_usd,
        },
        **sandbox_params(session, path),
    }
    async with working(session.server, "Generating a function", session.client.progress) as report:
        answer = await session.workers.run(
            "generate", params, timeout_s=GENERATE_S, on_event=lambda event: report(str(event.get("message", "")))
        )
    proposal: Object = answer["proposal"]
    session.pages.put("report-generate", report_page("Generation", proposal))
    if proposal["status"] != "offered" or answer["edit"] is None:
        _inform(session, f"nothing is offered: {proposal.get('reason') or 'no reason given'}")
        return {"applied": False, "proposal": proposal}
    done = await apply_edit(session, edit_from_json(answer["edit"]))
    if done.get("applied") and proposal.get("id"):
        noted = session.workers.run("accept", {"root": params["root"], "id": proposal["id"]}, lane="analysis")
        session.server.spawn(noted, "note the accepted proposal")
    return {**done, "proposal": proposal}


# -- doctor ----------------------------------------------------------------------------------------------------------


async def doctor(session: Session, argument: Object) -> Object:
    """What works here and what does not, as a document."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-P",
        "-m",
        "suture",
        "doctor",
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        cwd=str(session.server.roots[0]) if session.server.roots else None,
        env={**child_environment(), "NO_COLOR": "1"},
        start_new_session=True,
    )
    session.server.children.add(process.pid)
    try:
        async with asyncio.timeout(MARGIN_S):
            out, errors = await process.communicate()
    except TimeoutError:
        raise Unavailable("suture doctor did not finish") from None
    finally:
        if process.returncode is None:
            process.kill()
        session.server.children.discard(process.pid)
    text = out.decode("utf-8", "replace") or errors.decode("utf-8", "replace")
    session.pages.put("doctor", Page("suture doctor", f"# suture doctor\n\n```\n{text.rstrip()}\n```\n"))
    return await show(session, "doctor")


COMMANDS = {
    "suture.review": review,
    "suture.fuzz": fuzz,
    "suture.fuzzFile": fuzz_file,
    "suture.keepRegressionTest": keep_regression_test,
    "suture.heal": heal_one,
    "suture.healCommand": heal_command,
    "suture.generate": generate,
    "suture.doctor": doctor,
}
