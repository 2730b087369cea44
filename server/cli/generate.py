"""``suture generate PATH:LINE``: writes what the comment, the stub or the failing test on a line asks for, checked and
tested; ``suture generate PATH:LINE-LINE --change "…"`` changes the function or class that holds the lines.

Exit status: 0 offered (and written with ``--apply``), 1 refused, 2 usage. The environment configures a model
(``OPENAI_API_KEY``, ``OPENAI_BASE_URL``, ``SUTURE_MODEL``); without one nothing leaves the machine.
"""

from __future__ import annotations

import argparse
import os
import re
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from ...analyzers.errors import Unavailable, UserError
from ..settings import saved_settings
from .main import Command
from .output import add_output_format, console, print_json, print_line

if TYPE_CHECKING:
    from ...analyzers.findings import Evidence
    from ...analyzers.sandbox.interface import Sandbox
    from ...codegen.proposal import Budget, ModelSettings, Proposal


def _arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "place",
        metavar="PATH:LINE[-LINE]",
        help="a file and the line (from 1) of a comment, a stub or a failing test; with --change a selection",
    )
    parser.add_argument("--change", default="", metavar="TEXT", help="what is to change in the function or class there")
    parser.add_argument("--apply", action="store_true", help="write it (and its tests) if it is offered")
    parser.add_argument("--root", type=Path, help="the project's folder (default: found from the file)")
    parser.add_argument("--python", type=Path, help="the interpreter that the project runs on")
    parser.add_argument("--spec", default="", metavar="TEXT", help="a specification instead of the comment's words")
    parser.add_argument(
        "--code-type",
        default="",
        metavar="NAME",
        help="what kind of code it is (general, api, database, security, performance); default: seen from the words",
    )
    parser.add_argument("--no-tests", action="store_true", help="do not add a test file")
    parser.add_argument("--no-type-hints", action="store_true", help="write no type hints")
    parser.add_argument("--no-model", action="store_true", help="reuse and synthesis only, whatever is configured")
    add_output_format(parser)


def run(arguments: argparse.Namespace) -> int:
    from ...analyzers.fuzzing.project import find_root
    from ...analyzers.source import read_source
    from ...codegen.api import GenerationRequest, generate
    from ...codegen.generators.choosing import known_code_type

    path, line, end_line = _place(arguments.place)
    if end_line is not None and not arguments.change:
        raise UserError("a selection needs to be told what is to change", 'add --change "it also accepts None"')
    root: Path = (arguments.root or find_root(path)).absolute()
    source = read_source(path)
    people = arguments.output_format == "text"
    request = GenerationRequest(
        root=root,
        path=path,
        text=source.text,
        line=line,
        specification=arguments.spec,
        include_tests=not arguments.no_tests,
        code_type=known_code_type(arguments.code_type),
        include_type_hints=not arguments.no_type_hints,
        python=arguments.python,
        change=arguments.change,
        end_line=end_line,
        **asdict(saved_settings(path).generate),
    )
    sandbox = _sandbox()
    progress = console(stderr=True)
    try:
        with progress.status("generating …") as status:
            proposal = generate(
                request,
                sandbox=sandbox,
                model=() if arguments.no_model else models_of(path),
                budget=budget_of(path),
                on_progress=(lambda text: status.update(text)) if people else None,
            )
    finally:
        if sandbox is not None:
            sandbox.close()
    written: list[Path] = []
    if arguments.apply and proposal.edit is not None:
        written = _apply(root, proposal)
    if people:
        _show(proposal, root, written)
    elif arguments.output_format == "json":
        print_json(proposal.to_json())
    else:
        print_line(proposal.to_json())
    return 0 if proposal.status == "offered" else 1


def _place(text: str) -> tuple[Path, int, int | None]:
    """(file, line, last line of a selection or None), lines 0-based."""
    found = re.fullmatch(r"(.+):(\d+)(?:-(\d+))?", text)
    first, last = (int(found[2]), int(found[3] or found[2])) if found else (0, 0)
    if found is None or not 1 <= first <= last:
        raise UserError(f"{text!r} is not a place", "give a file and a line, for instance: suture generate app.py:12")
    path = Path(found[1]).absolute()
    if not path.is_file():
        raise UserError(f"{found[1]} is not a file")
    return path, first - 1, last - 1 if found[3] else None


def _sandbox() -> Sandbox | None:
    from ...analyzers.sandbox import open_sandbox

    try:
        return open_sandbox()
    except Unavailable as error:
        print(f"suture: {error}; the proposal is not tested", file=sys.stderr)
        return None


def models_of(path: Path) -> tuple[ModelSettings, ...]:
    """The models that the environment configures; none if the project of ``path`` says ``local``."""
    from ...codegen.provider import configured

    chosen = saved_settings(path).model
    return configured(os.environ, first=chosen.provider, model=chosen.model)


def budget_of(path: Path) -> Budget:
    """The budget that the project of ``path`` sets."""
    from ...codegen.proposal import Budget

    limits = saved_settings(path).budget
    return Budget(limits.request_usd, limits.day_usd, limits.month_usd)


# --- writing ---------------------------------------------------------------------------------------------------------


def _apply(root: Path, proposal: Proposal) -> list[Path]:
    """``--apply`` is the person's approval: the proposal goes the way of any other."""
    from ...analyzers.store import open_store
    from ...codegen.artifacts import deploy
    from ...codegen.artifacts.records import person

    if not proposal.id:
        raise Unavailable("the proposal has no record, so it cannot be approved and applied", "run `suture doctor`")
    with open_store(root) as store:
        deploy.approve(store, root, proposal.id, person())
        return deploy.deploy(store, root, proposal.id, person())


# --- showing ---------------------------------------------------------------------------------------------------------


def _said(evidence: Evidence) -> str:
    """``kind: summary``; a summary that begins with its kind says it once."""
    return evidence.summary if evidence.summary.startswith(evidence.kind) else f"{evidence.kind}: {evidence.summary}"


def _places(proposal: Proposal, root: Path) -> str:
    """The files that would be written: ``it to app.py, its tests to tests/test_f.py``."""
    files = [Path(each.path) for each in proposal.edit.files] if proposal.edit is not None else []
    names = [each.relative_to(root).as_posix() if each.is_relative_to(root) else str(each) for each in files]
    return "it to " + ", its tests to ".join(names) if names else "it"


def _show(proposal: Proposal, root: Path, written: list[Path]) -> None:
    from rich.syntax import Syntax
    from rich.text import Text

    out = console()
    if proposal.status == "refused":
        out.print(Text.assemble(("refused", "bold red"), f"  {proposal.name}" if proposal.name else ""))
        for reason in proposal.reason.split("\n"):
            out.print(Text(f"  {reason}"))
        for evidence in proposal.evidence:
            out.print(Text(f"  {_said(evidence)}", "dim"))
        return
    mark = ("✔ verified", "bold green") if proposal.verified else ("? not verified", "bold yellow")
    cost = (
        "price unknown" if proposal.cost_usd is None else f"${proposal.cost_usd:.4f}" if proposal.cost_usd else "free"
    )
    out.print(
        Text.assemble(
            mark,
            f"  {proposal.name}",
            (f"  by {proposal.provider}, confidence {proposal.confidence:.2f}, {cost}", "dim"),
        )
    )
    for evidence in proposal.evidence:
        out.print(Text(f"  {_said(evidence)}", "dim"))
    for note in proposal.notes:
        out.print(Text(f"  note: {note}", "dim"))
    code = "".join(f"{each}\n" for each in proposal.imports) + ("\n\n" if proposal.imports else "") + proposal.code
    if out.is_terminal:
        out.print(Syntax(code, "python", background_color="default"))
    else:
        out.print(Text(code))
    for path in written:
        out.print(Text(f"written: {path}", "green"))
    if not written:
        out.print(Text(f"--apply writes {_places(proposal, root)}", "dim"))


COMMAND = Command(
    "generate",
    "write what a comment, a stub or a test asks for, or change a selection; checked",
    _arguments,
    run,
)
