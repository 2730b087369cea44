"""``suture heal -- COMMAND``: runs the command in the sandbox, finds what is wrong, offers edits that it has run.

Exit status: 0 nothing to heal, or a verified edit was found; 1 not healed; 2 usage; 3 the sandbox is missing.
``--batch`` reads ``{"id", "root", "command"}`` lines and answers one line each, from one warm process.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Generator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from ...analyzers.errors import SutureError, UserError
from ...analyzers.findings import Json
from .main import Command
from .output import add_output_format, console, print_json, print_line

if TYPE_CHECKING:
    from rich.text import Text

    from ...analyzers.sandbox.interface import Sandbox
    from ...healing.api import Candidate, HealReport
    from ...healing.fault import Fault
    from ...healing.learning import Memory
    from ...healing.modelling import Model


def _arguments(parser: argparse.ArgumentParser) -> None:
    parser.usage = "\n       ".join(
        (
            "suture heal [options] -- COMMAND …",
            "suture heal --batch",
            "suture heal --traceback FILE [-- COMMAND …]",
        )
    )
    parser.add_argument("argv", nargs=argparse.REMAINDER, metavar="COMMAND", help="the failing command, after --")
    parser.add_argument(
        "--timeout",
        type=float,
        default=10.0,
        metavar="S",
        help="limit of one run; the search may take twice as long",
    )
    parser.add_argument("--apply", action="store_true", help="write the best edit, if it is verified")
    parser.add_argument("--root", type=Path, default=None, help="the workspace (default: the current folder)")
    parser.add_argument("--python", type=Path, default=None, help="the interpreter that the command uses")
    parser.add_argument("--batch", action="store_true", help="one JSON case a line on standard input")
    parser.add_argument(
        "--traceback",
        metavar="FILE",
        default=None,
        help="heal what a text tells of: a traceback, a log, a test run (-: standard input); COMMAND reproduces it",
    )
    parser.add_argument(
        "--learning",
        action=argparse.BooleanOptionalAction,
        help="use what earlier healings taught, and remember this one (default: yes, but not with --batch)",
    )
    parser.add_argument("--no-model", action="store_true", help="no model is asked, whatever is configured")
    add_output_format(parser)


def run(arguments: argparse.Namespace) -> int:
    from ...analyzers.sandbox import open_sandbox

    command = [*arguments.argv]
    if command[:1] == ["--"]:
        command = command[1:]
    if arguments.timeout <= 0:
        raise UserError(f"--timeout {arguments.timeout:g} is not a positive number of seconds")
    if arguments.batch and arguments.traceback is not None:
        raise UserError("--batch and --traceback exclude each other")
    if not arguments.batch and arguments.traceback is None and not command:
        raise UserError("no command to heal", "for instance: suture heal -- python main.py")
    sandbox = open_sandbox()
    try:
        if arguments.batch:
            return _batch(sandbox, arguments.timeout, bool(arguments.learning))
        if arguments.traceback is not None:
            return _traceback(sandbox, command, arguments)
        return _one(sandbox, command, arguments)
    finally:
        sandbox.close()


def _one(sandbox: Sandbox, command: list[str], arguments: argparse.Namespace) -> int:
    here = Path.cwd()
    root: Path = (arguments.root or here).resolve()
    if not root.is_dir():
        raise UserError(f"{root} is not a folder")
    cwd = here.relative_to(root).as_posix() if here.is_relative_to(root) else "."
    _warn(root)
    people = arguments.output_format == "text"
    progress = console(stderr=True)
    waiting = progress.status("healing …") if people and progress.is_terminal else _Quiet()
    with _memory(root, arguments.learning is not False) as memory:
        with waiting as status, _model(root, arguments, status) as model:
            report = _healed(root, command, sandbox, arguments, cwd, status, memory, model)
        return _told(report, arguments, memory)


def _traceback(sandbox: Sandbox, command: list[str], arguments: argparse.Namespace) -> int:
    """Heal each fault of a text; the exit status is that of the worst."""
    from ...healing.learning import as_built
    from ...healing.traceback_heal import heal_traceback

    root: Path = (arguments.root or Path.cwd()).resolve()
    if not root.is_dir():
        raise UserError(f"{root} is not a folder")
    try:
        text = (
            sys.stdin.read() if arguments.traceback == "-" else Path(arguments.traceback).read_text("utf-8", "replace")
        )
    except OSError as error:
        raise UserError(f"{arguments.traceback} cannot be read: {error.strerror}") from error
    _warn(root)
    progress = console(stderr=True)
    waiting = progress.status("healing …") if progress.is_terminal else _Quiet()
    with _memory(root, arguments.learning is not False) as memory:
        with waiting as status, _model(root, arguments, status) as model:
            reports = heal_traceback(
                root,
                text,
                sandbox=sandbox,
                timeout_s=arguments.timeout,
                command=command,
                python=arguments.python,
                on_progress=lambda text: status.update(text),
                ranking=memory.ranking if memory is not None else as_built,
                model=model,
            )
        if not reports:
            raise UserError("no error was recognised in the text", "paste the whole of it, from its first line on")
        if arguments.output_format == "json":
            print_json({"reports": [report.to_json() for report in reports]})
            return max(int(report.best is None) for report in reports)
        return max(_told(report, arguments, memory) for report in reports)


def _warn(root: Path) -> None:
    """Say what is wrong with the project's own repair templates; the good ones are used."""
    from ...healing.templates import templates
    from ...healing.workspace import Workspace

    for problem in templates(Workspace(root))[1]:
        print(f"suture: {problem}", file=sys.stderr)


def _memory(root: Path, learning: bool) -> AbstractContextManager[Memory | None]:
    from ...healing.learning import open_memory

    return open_memory(root) if learning else nullcontext()


def _healed(
    root: Path,
    command: list[str],
    sandbox: Sandbox,
    arguments: argparse.Namespace,
    cwd: str,
    status: Any,
    memory: Memory | None,
    model: Model | None,
) -> HealReport:
    from ...healing.api import heal_command
    from ...healing.learning import as_built

    return heal_command(
        root,
        command,
        sandbox=sandbox,
        timeout_s=arguments.timeout,
        python=arguments.python,
        cwd=cwd,
        on_progress=lambda text: status.update(text),
        ranking=memory.ranking if memory is not None else as_built,
        model=model,
    )


@contextmanager
def _model(root: Path, arguments: argparse.Namespace, status: Any) -> Generator[Model | None]:
    """The model that is asked if nothing else helps; None if none is configured or wanted."""
    from .generate import budget_of, models_of

    found = () if arguments.no_model else models_of(root / "x.py")
    if not found:
        yield None
        return
    from ...analyzers.store import open_store
    from ...codegen.governor import Means
    from ...healing.modelling import Model

    with open_store(root) as store:
        yield Model(Means(found, budget_of(root / "x.py"), store, lambda: False, lambda text: status.update(text)))


def _told(report: HealReport, arguments: argparse.Namespace, memory: Memory | None) -> int:
    """Write the report's best edit if that was asked for, print the report, and remember both."""
    people = arguments.output_format == "text"
    applied = bool(arguments.apply and report.best is not None)
    excerpt = _excerpt(report) if people else []
    if report.best is not None and applied:
        apply(report.best)
    if people:
        _show(report, applied, excerpt)
    elif arguments.output_format == "json":
        print_json(report.to_json())
    else:
        print_line(report.to_json())
    if memory is not None:
        ident = memory.record(report)
        if report.best is not None and applied:
            memory.outcome(ident, "applied", report.best.edit)
    return 0 if report.fault.category == "none" or report.best is not None else 1


class _Quiet:
    """Stands in for a progress line where there is no terminal."""

    def __enter__(self) -> _Quiet:
        return self

    def __exit__(self, *_: object) -> None:
        return None

    def update(self, text: str) -> None:
        del text


def apply(candidate: Candidate) -> None:
    """Write a verified candidate: only what it replaces changes, in the file's own encoding. Each file is replaced
    as a whole, so that a crash leaves the old or the new one. Raises UserError if a file changed in the meantime."""
    from ...analyzers.source import read_source

    if not candidate.edit.verified:
        raise UserError("the edit was not verified; it is not written")
    ready: list[tuple[Path, bytes]] = []
    for edit in candidate.edit.files:
        source = read_source(Path(edit.path))
        try:
            ready.append((Path(edit.path), source.encode(edit.apply(source.text))))
        except (ValueError, UnicodeEncodeError) as error:
            raise UserError(f"{edit.path} cannot be written: {error}", "nothing was changed") from error
    for path, data in ready:
        target = path.resolve()
        temporary = target.with_name(f".{target.name}.{os.getpid()}.suture")
        temporary.write_bytes(data)
        temporary.chmod(target.stat().st_mode & 0o7777)
        temporary.replace(target)


def _show(report: HealReport, applied: bool, excerpt: list[Text]) -> None:
    from rich.text import Text

    out = console()
    fault = report.fault
    seconds = f"{report.elapsed_ms / 1000:.1f} s"
    if fault.category == "none":
        out.print(f"`{' '.join(report.command)}` works: nothing to heal ({seconds}).", style="green", markup=False)
        return
    place = report.relative(fault.path) + (f":{fault.line + 1}" if fault.line >= 0 else "")
    head = Text.assemble(
        (f"{fault.exception or fault.category}", "bold red"),
        f": {fault.message.split(chr(10))[0]}",
        (f"  [{fault.category}]", "dim"),
    )
    out.print(head)
    if place:
        out.print(Text(f"  {place}", "cyan"))
        for line in excerpt:
            out.print(line)
    for note in fault.notes:
        out.print(f"  note: {note}", style="yellow", markup=False)
    if report.model.calls:
        spent = "of unknown price" if report.model.cost_usd is None else f"${report.model.cost_usd:.4f}"
        out.print(Text(f"  model: asked {report.model.calls} time(s), {spent}", "dim"))
    for note in dict.fromkeys(report.model.notes):
        out.print(f"  model: {note}", style="yellow", markup=False)
    best = report.best or (report.candidates[0] if report.candidates else None)
    if best is None:
        out.print(Text(_without_edit(fault), "yellow"))
        out.print(Text(f"  {seconds}", "dim"))
        return
    out.print()
    mark = ("✔ verified", "bold green") if best.edit.verified else ("? not verified", "bold yellow")
    out.print(Text.assemble(mark, f"  {best.edit.title}"))
    for evidence in best.edit.evidence:
        where = f"  (sandbox: {evidence.data['sandbox']})" if "sandbox" in evidence.data else ""
        out.print(Text(f"  {evidence.kind}: {evidence.summary}{where}", "dim"))
    for diff in best.diffs.values():
        _colour(out, diff)
    others = [each for each in report.candidates if each is not best]
    if others:
        verified = sum(each.edit.verified for each in others)
        out.print(
            Text(f"  {len(others)} more candidate(s), {verified} verified: --output-format json shows them", "dim")
        )
    if applied:
        out.print(Text("  written", "green"))
    elif best.edit.verified:
        out.print(Text("  --apply writes it", "dim"))
    out.print(Text(f"  {seconds}", "dim"))


def _without_edit(fault: Fault) -> str:
    """Why there is nothing to offer."""
    from difflib import get_close_matches

    name, _, told = fault.message.partition(": ")
    if fault.category != "dependency" or told != "command not found":
        return _NO_EDIT.get(fault.category, "No edit found that would mend it.")
    programs: set[str] = set()
    for folder in os.get_exec_path():
        with suppress(OSError):
            programs.update(os.listdir(folder))
    near = get_close_matches(name, sorted(programs), 1, 0.75)
    return "There is no such program" + (f"; is `{near[0]}` meant?" if near else ".")


_NO_EDIT: Mapping[str, str] = {
    "dependency": "Something has to be installed; no edit of the code would mend that.",
    "flaky": "The command does not fail alike each time; an edit could not be verified.",
    "hang": "The command did not end in time; no edit was found after which it does.",
    "config": "A data or settings file is at fault; there is no repair for that yet.",
    "test": "An assertion fails; no edit was found that makes it hold.",
}


def _excerpt(report: HealReport) -> list[Text]:
    """The lines around the fault as they are now, the place marked."""
    from rich.text import Text

    from ...analyzers.source import LineIndex, read_source

    fault = report.fault
    try:
        lines = LineIndex(read_source(Path(fault.path)).text) if fault.path else None
    except SutureError:
        return []
    found: list[Text] = []
    if lines is None:
        return found
    for row in range(max(fault.line - 1, 0), min(fault.line + 2, len(lines.starts))):
        text = lines.line(row).expandtabs(4)
        found.append(Text.assemble((f"  {row + 1:>5} │ ", "dim"), (text, "bold" if row == fault.line else "")))
        if row == fault.line and fault.column >= 0:
            width = max(fault.end_column - fault.column, 1)
            before = len(lines.line(row)[: fault.column].expandtabs(4))
            found.append(Text.assemble(("        │ ", "dim"), " " * before, ("^" * width, "red")))
    return found


def _colour(out: Any, diff: str) -> None:
    from rich.text import Text

    styles = {"+": "green", "-": "red", "@": "cyan"}
    for line in diff.rstrip("\n").split("\n"):
        style = "bold" if line.startswith(("+++", "---")) else styles.get(line[:1], "")
        out.print(Text(f"  {line}", style))


def _batch(sandbox: Sandbox, timeout_s: float, learning: bool) -> int:
    """Answers every line, an error included, in order; ends with the input.

    Without ``learning`` no case knows of another, nor of what this user healed before."""
    failed = False
    for line in sys.stdin:
        if not line.strip():
            continue
        answer = _case(sandbox, line, timeout_s, learning)
        failed = failed or "error" in answer
        print_line(answer)
    return 3 if failed else 0


def _case(sandbox: Sandbox, line: str, timeout_s: float, learning: bool) -> dict[str, Json]:
    from ...healing.api import heal_command
    from ...healing.learning import as_built

    started = time.monotonic()
    ident: Json = None
    try:
        value: object = json.loads(line)
        if not isinstance(value, dict):
            raise UserError("a case is a JSON object with id, root and command")
        case = cast(dict[str, Any], value)
        ident = case.get("id")
        command = case.get("command")
        if not isinstance(case.get("root"), str) or not isinstance(command, list) or not command:
            raise UserError("a case needs root (a folder) and command (a list of words)")
        root = Path(case["root"])
        if not root.is_dir():
            raise UserError(f"{root} is not a folder")
        limit = float(case.get("timeout", timeout_s))
        words = [str(word) for word in cast(list[object], command)]
        with _memory(root, learning) as memory:
            ranking = memory.ranking if memory is not None else as_built
            report = heal_command(root, words, sandbox=sandbox, timeout_s=limit, ranking=ranking)
            if memory is not None:
                memory.record(report)
        return {"id": ident, **report.to_json()}
    except (ValueError, SutureError) as error:
        elapsed = round((time.monotonic() - started) * 1000, 1)
        return {"id": ident, "error": str(error), "elapsed_ms": elapsed}


COMMAND = Command("heal", "repair what a failing command is about, verified in the sandbox", _arguments, run)
