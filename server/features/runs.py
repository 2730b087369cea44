"""The commands that run what the workspace holds: a file, its tests, a task; and those that mend what failed.

Invariant: a command that executes code asks for trust first; without it nothing is executed.
Invariant: whatever goes wrong on the way (no sandbox, no such command, no interpreter, cancelled) is said in one
sentence, with what to do.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pygls.uris import to_fs_path

from ...analyzers.errors import Stale, UserError
from ..applying import apply
from ..arguments import argument_of, inform, text_of
from ..asking import asking_params
from ..codec import edit_from_json
from ..documents import Document
from ..evidence import Page
from ..failures import APPLIED, Offer, RunOf, counted
from ..healed_texts import all_edit
from ..noting import applied, look_back
from ..pauses import Pauses
from ..run_commands import (
    PYTEST,
    command_of_tests,
    file_command,
    is_test_file,
    language_of,
    split_words,
)
from ..running import ALL_S, MARGIN_S, mend_ahead, missing, root_of, run, run_params, show, take, track, turns_of
from ..session import Session, session_of
from ..working import working
from .evidence import show as show_page

if TYPE_CHECKING:
    from ..app import SutureServer

Object = dict[str, Any]

Work = Callable[["Runs", Object], Awaitable[Any]]

#: The most characters of a command that a message shows.
SHOWN = 80

#: Seconds that finding the tests of a change may take.
AFFECTED_S = 60.0

#: Seconds without a keystroke before it is looked whether a repair was undone.
LOOK_BACK_S = 1.0


def register(server: SutureServer) -> None:
    runs = Runs(server)
    for name, work in COMMANDS.items():
        server.command(name)(_handler(runs, work))


def _handler(runs: Runs, work: Work) -> Callable[..., Awaitable[Any]]:
    async def handle(*arguments: Any) -> Any:
        return await work(runs, argument_of(arguments))

    return handle


class Runs:
    """What the runs of one server share: whose turn it is, and what is mended ahead."""

    def __init__(self, server: SutureServer) -> None:
        self.session: Session = session_of(server)
        self.turns = turns_of(self.session)
        self._ahead: asyncio.Task[Any] | None = None
        self.session.ran.connect(self.ended)
        self._pauses = Pauses(lambda uri: look_back(self.session, uri))
        server.changed.connect(self.changed)

    def changed(self, document: Document) -> None:
        self.stop_ahead()
        if document.uri in self.session.applied:
            self._pauses.begin(document.uri, LOOK_BACK_S)

    def ended(self, ended: RunOf) -> None:
        self.stop_ahead()
        if ended.kind != "text" and not ended.ok:
            self._ahead = self.session.server.spawn(mend_ahead(self.session, ended), "mend ahead")

    def stop_ahead(self, *_: object) -> None:
        """Someone types or runs something: what was mended ahead would be of an older text."""
        ahead, self._ahead = self._ahead, None
        if ahead is not None:
            ahead.cancel()

    async def run(
        self, root: Path, command: tuple[str, ...], kind: str, selected: tuple[str, ...] = (), title: str = ""
    ) -> Object:
        """Run with progress, one at a time; what came of it is said."""
        session = self.session
        session.server.trust.require(root, f"running {shown_as(command)}")
        self.stop_ahead()
        said = title or f"Running {shown_as(command)}"
        async with self.turns.turn(root), working(session.server, said, session.client.progress) as report:
            answer = await run(session, root, command, kind, report, selected=selected)
        inform(session, verdict(answer))
        return result(session, answer)


def shown_as(command: Sequence[str]) -> str:
    """A command in a message: pytest without the options that are always there; of a long one both ends."""
    text = " ".join(("pytest", *command[len(PYTEST) :]) if tuple(command[: len(PYTEST)]) == PYTEST else command)
    return text if len(text) <= SHOWN else f"{text[: SHOWN // 3]}…{text[-2 * SHOWN // 3 :]}"


def verdict(answer: Mapping[str, Any]) -> str:
    """What came of a run, in one sentence."""
    said = f"{shown_as(answer['command'])}: {counted(answer)}"
    fault = answer["fault"]
    if answer["ok"] or answer["failures"]:
        return said
    return f"{said}; {fault['exception'] or fault['category']}: {str(fault['message'])[:200]}"


def result(session: Session, answer: Mapping[str, Any]) -> Object:
    """What a command that ran something returns; the output is kept as a page."""
    output = str(answer["output"])
    page = f"# {' '.join(answer['command'])}\n\n{counted(answer)}\n\n````\n{output.rstrip()}\n````\n"
    session.pages.put("run-output", Page("The last run", page))
    shown = [(each["finding"], each["fault"]) for each in answer["failures"]]
    return {
        "ok": answer["ok"],
        "command": answer["command"],
        "status": answer["status"],
        "seconds": answer["seconds"],
        "tests": answer["tests"],
        "failures": [
            {
                "path": each["path"],
                "line": each["range"][0] + 1,
                "rule": each["rule"],
                "message": each["message"],
                "tests": list(fault["tests"]),
            }
            for each, fault in shown
        ],
        "message": verdict(answer),
    }


def path_in(session: Session, argument: Object) -> Path | None:
    """The file that a command speaks of, open or not."""
    if "uri" not in argument:
        return None
    uri = text_of(argument, "uri")
    document = session.server.opened_document(uri)
    if document is not None:
        return session.where(document)
    path = to_fs_path(uri)
    if not path:
        raise UserError(f"{uri} is not a file on this machine")
    return Path(path)


# -- running ---------------------------------------------------------------------------------------------------------


async def run_file(runs: Runs, argument: Object) -> Object:
    """``suture.run.file {uri}``: run one file, or compile it where it cannot run by itself."""
    path = path_in(runs.session, argument)
    if path is None:
        raise UserError("the argument needs 'uri'")
    root = root_of(runs.session, path)
    if is_test_file(path):
        return await run_tests(runs, argument)
    return await runs.run(root, file_command(root, path), "command")


async def run_tests(runs: Runs, argument: Object) -> Object:
    """``suture.run.tests {uri?, name?}``: one test, the tests of a file (of a module: those it affects), or all."""
    session = runs.session
    path = path_in(session, argument)
    root = root_of(session, path)
    name = str(argument.get("name") or "")
    if path is None:
        everything = command_of_tests(root, None, _main_language(root), pytest=pytest_in(session, root))
        return await runs.run(root, everything, "tests" if everything[0] == "python" else "command")
    session.server.trust.require(root, "running tests")
    language, pytest = language_of(path), pytest_in(session, root)
    if language == "python" and not is_test_file(path):
        files = await affected(session, root, [path])
        if not files:
            raise UserError(f"no test imports {path.name}", "run all tests instead: suture.run.tests without a file")
        return await runs.run(root, files_command(root, files, pytest=pytest), "tests", files)
    command = command_of_tests(root, path, language, name, pytest=pytest)
    selected = (command[-1],) if language == "python" and pytest else ()
    return await runs.run(root, command, "tests" if language == "python" else "command", selected)


async def run_task(runs: Runs, argument: Object) -> Object:
    """``suture.run.task {task}`` (a name of ``[tool.suture.tasks]``) or ``{command}`` (words, or such a name)."""
    session = runs.session
    given = argument.get("root")
    path = path_in(session, argument)
    root = Path(to_fs_path(given) or given) if isinstance(given, str) and given else root_of(session, path)
    tasks = session.server.settings(root / "x.py").tasks
    task = argument.get("task")
    if task is None:
        command = split_words(argument.get("command"))
        return await runs.run(root, tasks.get(command[0], command) if len(command) == 1 else command, "command")
    if task not in tasks:
        known = f"known: {', '.join(tasks)}" if tasks else "none is set in [tool.suture.tasks] of pyproject.toml"
        raise UserError(f"there is no task {task!r}", known)
    return await runs.run(root, tasks[task], "command", title=f"Running the task {task}")


def files_command(root: Path, files: tuple[str, ...], *, pytest: bool) -> tuple[str, ...]:
    """The command for several test files of Python, by relative path."""
    first = command_of_tests(root, root / files[0], "python", pytest=pytest)
    return (*first, *(command_of_tests(root, root / each, "python", pytest=pytest)[-1] for each in files[1:]))


async def affected(session: Session, root: Path, changed: list[Path]) -> tuple[str, ...]:
    """The test files that a change of these files may break, by relative path."""
    params = {"root": str(root), "files": session.unsaved(root), "changed": [str(each) for each in changed]}
    return tuple(await session.workers.run("affected_tests", params, timeout_s=AFFECTED_S))


def pytest_in(session: Session, root: Path) -> bool:
    """Is pytest there for the interpreter of a root? Suture's own has it."""
    python = run_params(session, root, ())["python"]
    return not python or any(Path(python).parent.parent.glob("lib/python3*/site-packages/pytest"))


def _main_language(root: Path) -> Any:
    """What the tests of a workspace are written in, by its manifest."""
    for name, language in (("Cargo.toml", "rust"), ("go.mod", "go"), ("package.json", "javascript")):
        if (root / name).is_file() and not (root / "pyproject.toml").is_file():
            return language
    return "python"


# -- mending ---------------------------------------------------------------------------------------------------------


async def heal_all(runs: Runs, argument: Object) -> Object:
    """``suture.healAll {uri?, test?}``: mend the failures of the last run, one after the other, as one edit.

    With ``test`` (a test's id, of the file's root) only that one. What was verified is applied together; what was not,
    asks for confirmation where the editor can ask."""
    session = runs.session
    last, path = session.failures.last, path_in(session, argument)
    only = str(argument.get("test") or "")
    root = root_of(session, path) if only or last is None else Path(last.root)
    if only:
        command = command_of_tests(root, root / only.partition("::")[0], "python", pytest=pytest_in(session, root))
        kind, selected = "tests", (command[-1],)
    elif last is None:
        raise UserError("nothing was run yet", "run the tests first: suture.run.tests")
    else:
        command, kind, selected = last.command, last.kind, last.selected
    session.server.trust.require(root, "healing")
    runs.stop_ahead()
    versions, trackers = session.stamp(), track(session, root)
    params: Object = {
        **run_params(session, root, command),
        **asking_params(session, root / "x.py"),
        "only": only,
        "budget_s": ALL_S - 60,
        "unverified": session.client.annotations and session.client.document_changes,
    }
    title = f"Healing {only or 'all failures'}"
    try:
        async with runs.turns.turn(root), working(session.server, title, session.client.progress) as report:
            answer: Object = await session.workers.run(
                "heal_all",
                params,
                timeout_s=ALL_S + MARGIN_S,
                on_event=lambda event: report(str(event.get("message", ""))),
            )
    finally:
        for uri, tracker in trackers.items():
            session.review(uri).leave(tracker)
    missing(command, answer["before"], params)
    steps: list[Object] = answer["steps"]
    healed = [each for each in steps if each["healed"]]
    left = [each for each in steps if not each["healed"]]
    session.pages.put("heal-all", heal_page(command, answer))
    summary = summed_up(answer)
    if not answer["texts"] and not answer["doubtful"]:
        inform(session, summary)
        return {"applied": False, "healed": [], "left": left, "message": summary}
    if any(session.stamp().get(uri, version) != version for uri, version in versions.items()):
        raise Stale("what was healed was edited meanwhile", "heal again")
    change = all_edit(answer, session)
    done = await apply(session, change, f"Heal {len(healed)} of {len(steps)} failures")
    for each in healed:
        applied(session, Offer(str(root), edit_from_json(each["edit"]), "command", answer["before"]["fault"]))
    show(session, root, kind, answer["after"], {}, selected)
    inform(session, summary)
    return {**done, "healed": [each["title"] for each in healed], "left": left, "message": summary}


def summed_up(answer: Mapping[str, Any]) -> str:
    """``healed 2 of 3: 3 failed → 1 failed; not healed: test_c (no repair is known)``."""
    steps: list[Object] = answer["steps"]
    healed = sum(bool(each["healed"]) for each in steps)
    if not steps:
        return "nothing fails" if answer["before"]["ok"] else "nothing was healed: " + verdict(answer["before"])
    parts = [f"healed {healed} of {len(steps)}: {answer['failed_before']} failed → {answer['failed_after']} failed"]
    left = [f"{_what(each)} ({each['why']})" for each in steps if not each["healed"]]
    if left:
        parts.append(f"not healed: {', '.join(left[:4])}{' …' if len(left) > 4 else ''}")
    if answer["out_of_time"]:
        parts.append("the time was up")
    return "; ".join(parts)


def _what(step: Mapping[str, Any]) -> str:
    return str(step["tests"][0]) if step["tests"] else str(step["message"]).split("\n")[0][:80]


def heal_page(command: tuple[str, ...], answer: Mapping[str, Any]) -> Page:
    """What "Heal all" did, as a document."""
    lines = [f"# Healing {' '.join(command)}", summed_up(answer), "| failure | what became of it |", "|---|---|"]
    for each in answer["steps"]:
        came = f"**{each['title']}**" if each["healed"] else f"not healed: {each['why']}"
        lines.append(f"| {_what(each).replace('|', chr(92) + '|')} | {came} |")
    return Page("Heal all failures", "\n\n".join(lines[:2]) + "\n\n" + "\n".join(lines[2:]) + "\n")


async def heal_traceback(runs: Runs, argument: Object) -> Object:
    """``suture.healTraceback {text, uri?}``: the faults of a pasted text at their lines, with edits for them."""
    session = runs.session
    text = text_of(argument, "text")
    root = root_of(session, path_in(session, argument))
    trackers = track(session, root)
    params: Object = {
        **run_params(session, root, ()),
        **asking_params(session, root / "x.py"),
        "text": text,
    }
    try:
        async with working(session.server, "Reading the traceback", session.client.progress) as report:
            answer: list[Object] = await session.workers.run(
                "heal_text",
                params,
                timeout_s=ALL_S,
                on_event=lambda event: report(str(event.get("message", ""))),
            )
    finally:
        for uri, tracker in trackers.items():
            session.review(uri).leave(tracker)
    placed = [each for each in answer if each["finding"]]
    if not placed:
        said = f": {answer[0]['message']}" if answer else ""
        raise UserError(f"no line of the text is in {root.name}{said}", "paste the whole traceback or compiler error")
    ended = RunOf(str(root), ("traceback",), "text", ok=False, output=text)
    found = take(session, ended, placed, trackers)
    mended = sum(bool(each.edits) for each in found)
    where = "" if params["verify"] else "; the folder is not trusted, so nothing was run"
    faults = "1 fault" if len(found) == 1 else f"{len(found)} faults"
    message = f"{faults} of the text in this workspace, {mended} with a repair{where}"
    inform(session, message)
    return {
        "failures": [
            {"path": each.finding.path, "line": each.finding.range.line + 1, "message": each.finding.message}
            for each in found
        ],
        "edits": [edit.title for each in found for edit in each.edits or ()],
        "message": message,
    }


async def heal_applied(runs: Runs, argument: Object) -> Object:
    """Told by a code action whose edit was applied; not for people."""
    offer = runs.session.failures.offers.get(text_of(argument, "id"))
    if offer is not None:
        applied(runs.session, offer)
    return {"noted": offer is not None}


async def heal_history(runs: Runs, argument: Object) -> Object:
    """``suture.heal.history``: what was healed in this workspace, as a document."""
    session = runs.session
    root = root_of(session, path_in(session, argument))
    body = await session.workers.run("heal_history", {"root": str(root)}, lane="analysis")
    session.pages.put("heal-history", Page("What was healed", str(body)))
    return await show_page(session, "heal-history")


async def show_output(runs: Runs, argument: Object) -> Object:
    """``suture.run.output``: what the last run printed, as a document."""
    if runs.session.failures.last is None:
        raise UserError("nothing was run yet")
    return await show_page(runs.session, "run-output")


COMMANDS: Mapping[str, Work] = {
    "suture.run.file": run_file,
    "suture.run.tests": run_tests,
    "suture.run.task": run_task,
    "suture.run.output": show_output,
    "suture.healAll": heal_all,
    "suture.healTraceback": heal_traceback,
    "suture.heal.history": heal_history,
    APPLIED: heal_applied,
}
