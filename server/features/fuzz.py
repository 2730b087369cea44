"""The commands of fuzzing: search, keep a test, call something expected, write property tests.

Invariant: a command that executes code asks for trust first; without it nothing is executed.
Invariant: cancelling a command, or its progress, ends its job and what that runs in the sandbox.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...analyzers.errors import Stale, UserError
from ...analyzers.fuzzing.plots import number
from ..applying import apply
from ..arguments import document_of, handler, ident_of, inform, seconds_of, text_of
from ..codec import edit_from_json
from ..counterexamples import Counterexample, run_summary
from ..documents import path_of
from ..edits import workspace_edit
from ..evidence import edit_page, report_page
from ..fuzzing import MARGIN_S, search, tell
from ..heals import sandbox_params
from ..lenses import targets
from ..session import Session, session_of
from ..working import working

if TYPE_CHECKING:
    from ..app import SutureServer

Object = dict[str, Any]

#: Seconds that fuzzing a function may take, all the functions of a file together, and those of a workspace.
FUZZ_S, FUZZ_FILE_S, FUZZ_WORKSPACE_S = 10.0, 60.0, 300.0

#: Seconds for one target of a workspace: what was changed since the last commit, and everything else.
CHANGED_S, OTHER_S = 8.0, 2.0

#: The longest that writing property tests may take.
TESTS_S = 120.0


def register(server: SutureServer) -> None:
    session = session_of(server)
    for name, work in COMMANDS.items():
        server.command(name)(handler(session, work))


# -- searching -------------------------------------------------------------------------------------------------------


async def fuzz(session: Session, argument: Object) -> Object:
    """Look for a counterexample of one function; what is found becomes a diagnostic on its line."""
    document = document_of(session, argument)
    name = text_of(argument, "name")
    session.server.trust.require(session.where(document), f"fuzzing {name}")
    budget = seconds_of(argument, FUZZ_S)
    base = argument.get("base")
    title = f"Comparing {name} with {base}" if base else f"Fuzzing {name}"
    async with working(session.server, title, session.client.progress) as report:
        path = session.where(document)
        result = await search(session, document.uri, path, name, budget, report, str(base) if base else None)
    inform(session, f"{name}: {run_summary(result, len(result['findings']))}")
    return result


async def fuzz_file(session: Session, argument: Object) -> Object:
    """Fuzz everything in a file that can be fuzzed, one after the other."""
    document = document_of(session, argument)
    path = session.where(document)
    session.server.trust.require(path, "fuzzing")
    names = [each.name for each in targets(session, document) if each.kind != "method"]
    if not names:
        raise UserError(f"{path.name} has nothing that can be fuzzed")
    budget = max(1.0, seconds_of(argument, FUZZ_FILE_S) / len(names))
    results: Object = {}
    async with working(session.server, f"Fuzzing {path.name}", session.client.progress) as report:
        for place, name in enumerate(names, start=1):
            if session.server.opened_document(document.uri) is None:
                raise Stale("the document was closed")

            def said(message: str, lead: str = f"{name} ({place} of {len(names)}): ") -> None:
                report(lead + message)

            results[name] = await search(session, document.uri, path, name, budget, said)
    found = sum(len(each["findings"]) for each in results.values())
    inform(session, f"fuzzed {len(names)} targets: {found or 'no'} counterexample{'s' if found != 1 else ''}")
    return results


async def fuzz_workspace(session: Session, argument: Object) -> Object:
    """Fuzz the functions of a workspace within a budget: first those that differ from the last commit."""
    roots = _roots(session, argument)
    for root in roots:
        session.server.trust.require(root, "fuzzing the workspace")
    budget = seconds_of(argument, FUZZ_WORKSPACE_S)
    began = time.monotonic()
    fuzzed: list[Object] = []
    async with working(session.server, "Fuzzing the workspace", session.client.progress) as report:
        report("looking for functions")
        listed: list[Object] = []
        for root in roots:
            params = {"root": str(root)}
            listed += await session.workers.run("fuzz_collect", params, lane="analysis", timeout_s=MARGIN_S)
        listed.sort(key=lambda each: not each["changed"])  # stable: the riskiest of each half stay first
        for place, each in enumerate(listed, start=1):
            left = budget - (time.monotonic() - began)
            if left < 0.5:
                break
            path, name = Path(each["path"]), str(each["name"])

            def said(message: str, lead: str = f"{path.name}::{name} ({place} of {len(listed)}): ") -> None:
                report(lead + message)

            seconds = min(left, CHANGED_S if each["changed"] else OTHER_S)
            result = await search(session, path.as_uri(), path, name, seconds, said)
            fuzzed.append({"path": str(path), "name": name, "changed": each["changed"], **result})
    found = [{**event, "path": one["path"]} for one in fuzzed for event in one["findings"]]
    answer: Object = {
        "targets": len(listed),
        "fuzzed": len(fuzzed),
        "changed": sum(bool(each["changed"]) for each in fuzzed),
        "executions": sum(each.get("executions") or 0 for each in fuzzed),
        "findings": found,
        "not_fuzzed": [
            {"path": each["path"], "name": each["name"], "reason": each.get("reason", "")}
            for each in fuzzed
            if each.get("status") != "ok"
        ],
    }
    session.pages.put("fuzz-workspace", report_page("Fuzzing the workspace", answer))
    count = f"{len(found) or 'no'} counterexample{'s' if len(found) != 1 else ''}"
    inform(
        session, f"fuzzed {len(fuzzed)} of {len(listed)} targets: {count}, {number(answer['executions'])} executions"
    )
    return answer


def _roots(session: Session, argument: Mapping[str, Any]) -> list[Path]:
    """The folder that the argument names by its ``uri`` (or that of a file in it), or all of the workspace's."""
    roots = list(session.server.roots)
    if isinstance(argument.get("uri"), str):
        roots = [session.server.root_of(path_of(argument["uri"]))]
    if not roots:
        raise UserError("no folder is open", "open a folder first")
    return roots


# -- what was found --------------------------------------------------------------------------------------------------


def _known(session: Session, argument: Mapping[str, Any]) -> Counterexample:
    known = session.counterexamples.get(ident_of(argument))
    if known is None:
        raise UserError("this counterexample is not known any more", "fuzz the function again")
    return known


async def keep_regression_test(session: Session, argument: Object) -> Object:
    """Write the test of a counterexample, through the editor."""
    known = _known(session, argument)
    return await add_text(session, Path(known.test_path), known.test, f"Add regression test for {known.name}")


async def add_text(session: Session, path: Path, test: str, title: str) -> Object:
    """Make ``test`` a new file, or put it at the end of the file that is there: one undo step."""
    base = session.lookup(str(path))
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


async def expect(session: Session, argument: Object) -> Object:
    """This is expected: document the exception, and never report it again, also after a restart."""
    document, known = document_of(session, argument), _known(session, argument)
    params = {
        "root": known.root,
        "path": known.path,
        "name": known.name,
        "signature": known.signature,
        "text": document.text,
        "exception": known.exception,
        "call": str(known.event.get("call", "")),
    }
    answer = await session.workers.run("fuzz_expect", params, lane="analysis", priority=-1)
    applied = False
    if answer["edit"] is not None and session.client.apply_edit:
        edit = edit_from_json(answer["edit"])
        change = workspace_edit(edit, session.lookup, session.client, session.server.roots)
        applied = bool((await apply(session, change, edit.title))["applied"])
    for ident, each in list(session.counterexamples.items()):
        if (each.uri, each.name, each.signature) == (known.uri, known.name, known.signature):
            session.review(document.uri).drop(ident)
    tell(session, document.uri)
    return {"expected": known.signature, "name": known.name, "documented": applied}


async def forget_expected(session: Session, argument: Object) -> Object:
    """Report again what was called expected of a function."""
    document, name = document_of(session, argument), text_of(argument, "name")
    path = session.where(document)
    params = {"root": str(session.server.root_of(path)), "path": str(path), "name": name}
    count = await session.workers.run("fuzz_forget", params, lane="analysis", priority=-1)
    said = "what was expected is reported again" if count else "nothing was called expected"
    inform(session, f"{name}: {said}")
    return {"forgotten": count}


# -- property tests --------------------------------------------------------------------------------------------------


async def write_property_tests(session: Session, argument: Object) -> Object:
    """Write a Hypothesis test file for a function; it was run before it is applied."""
    document, name = document_of(session, argument), text_of(argument, "name")
    path = session.where(document)
    session.server.trust.require(path, "running property tests")
    params: Object = {
        "root": str(session.server.root_of(path)),
        "path": str(path),
        "name": name,
        "text": document.text,
        **sandbox_params(session, path),
    }
    async with working(session.server, f"Property tests for {name}", session.client.progress) as report:
        answer = await session.workers.run(
            "property_tests", params, timeout_s=TESTS_S, on_event=lambda event: report(str(event.get("message", "")))
        )
    if answer["edit"] is None:
        inform(session, f"no property tests for {name}: {answer['reason']}")
        return {"applied": False, "path": answer["path"], "reason": answer["reason"]}
    edit = edit_from_json(answer["edit"])
    session.pages.put("report-edit", edit_page(edit))
    change = workspace_edit(edit, session.lookup, session.client, session.server.roots)
    done = await apply(session, change, edit.title)
    if answer["counterexample"]:
        inform(session, f"{name}: a property fails now, on {answer['counterexample']}; the file says so")
    return {
        **done,
        "path": answer["path"],
        "title": edit.title,
        "tests": answer["tests"],
        "counterexample": answer["counterexample"],
        "evidence": [each.to_json() for each in edit.evidence],
    }


COMMANDS = {
    "suture.fuzz": fuzz,
    "suture.fuzzFile": fuzz_file,
    "suture.fuzzWorkspace": fuzz_workspace,
    "suture.keepRegressionTest": keep_regression_test,
    "suture.expect": expect,
    "suture.forgetExpected": forget_expected,
    "suture.writePropertyTests": write_property_tests,
}
