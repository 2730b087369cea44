"""Every repair against its fixtures, found one to one."""

from __future__ import annotations

import json
import sys
import traceback
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from suture.healing.fault import Fault, Suggested
from suture.healing.foreign import CHANGED
from suture.healing.locate import locate
from suture.healing.repair import Context, Draft, Repair, repairs
from suture.healing.toolchain import diagnose
from suture.healing.workspace import Workspace

FOLDER = Path(__file__).parent.parent / "repairs"
CASES = sorted(FOLDER.glob("*/*.txt"))
NAMES = [repair.name for repair in repairs()]

Read = Callable[[Path], Any]


def _ident(path: Path) -> str:
    return f"{path.parent.name}/{path.stem}"


def test_every_repair_has_a_folder_of_fixtures_and_every_folder_a_repair() -> None:
    assert sorted(path.name for path in FOLDER.iterdir() if path.is_dir()) == sorted(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_a_repair_has_cases_for_what_it_mends_and_for_what_it_leaves_alone(name: str) -> None:
    assert list((FOLDER / name).glob("bad_*.txt"))
    assert list((FOLDER / name).glob("ok_*.txt"))


@pytest.mark.parametrize("name", NAMES)
def test_a_repair_documents_what_it_does(name: str) -> None:
    repair = next(each for each in repairs() if each.name == name)
    module = sys.modules[repair.propose.__module__]
    headings = [line for line in (module.__doc__ or "").split("\n") if line and not line.startswith(" ")]
    assert headings == ["What it does", "Example", "Use instead", "When it stays silent"]


def _compile_error(text: str) -> str:
    try:
        compile(text, "main.py", "exec", dont_inherit=True)
    except SyntaxError as error:
        return "".join(traceback.format_exception_only(type(error), error))
    raise AssertionError("the fixture has no fault section, and its main.py compiles")


def _suggested(text: str) -> Iterator[Suggested]:
    """What a compiler proposed: ``[{"title", "changes": [[path, [line, column], [line, column], text]], "sure"}]``."""
    for each in json.loads(text):
        changes = tuple((path, tuple(start), tuple(end), new) for path, start, end, new in each["changes"])
        yield Suggested(each["title"], changes, each.get("sure", False))


def _case(path: Path, read: Read, root: Path, moved: int = 0) -> tuple[Any, Repair, Context]:
    fixture = read(path)
    assert fixture.why, "a fixture begins with a sentence that says why it exists"
    workspace = Workspace(root, {name: text.encode() for name, text in fixture.files.items()})
    output = fixture.sections.get("fault") or _compile_error(fixture.files["main.py"])
    command = fixture.sections.get("command", "python main.py").split()
    found = diagnose(output, "", command) or diagnose("", output, command)
    assert found is not None
    found = replace(found, suggested=(*found.suggested, *_suggested(fixture.sections.get("suggested", "[]"))))
    if moved:
        frames = tuple(replace(each, line=each.line + moved) for each in found.frames)
        found = replace(found, line=found.line + moved, frames=frames)
    fault: Fault = locate(found, workspace)
    text = workspace.text(fault.path)
    assert text is not None, f"the fault is not in the workspace: {fault}"
    repair = next(each for each in repairs() if each.name == path.parent.name)
    return fixture, repair, Context(workspace, fault.path, text, fault)


def _drafts(path: Path, read: Read, root: Path) -> tuple[Any, list[Draft]]:
    fixture, repair, context = _case(path, read, root)
    drafts = list(repair.propose(context.fault, context))
    return fixture, sorted(drafts, key=lambda draft: -draft.prior)


@pytest.mark.parametrize("path", [p for p in CASES if p.name.startswith("bad_")], ids=_ident)
def test_the_best_proposal_is_what_the_fixture_expects(path: Path, read_fixture: Read, tmp_path: Path) -> None:
    fixture, drafts = _drafts(path, read_fixture, tmp_path)
    assert drafts, "no proposal"
    assert dict(drafts[0].texts) == fixture.expected, drafts[0].title


@pytest.mark.parametrize("path", [p for p in CASES if p.name.startswith("ok_")], ids=_ident)
def test_the_repair_stays_silent(path: Path, read_fixture: Read, tmp_path: Path) -> None:
    _, drafts = _drafts(path, read_fixture, tmp_path)
    assert [draft.title for draft in drafts] == []


@pytest.mark.parametrize("name", NAMES)
def test_no_repair_stumbles_over_a_place_that_the_text_does_not_have(
    name: str, read_fixture: Read, tmp_path: Path
) -> None:
    """A traceback that was pasted may be older than the file."""
    for path in (FOLDER / name).glob("bad_*.txt"):
        _, repair, context = _case(path, read_fixture, tmp_path, 500)
        list(repair.propose(context.fault, context))
        if context.fault.frames:
            assert CHANGED in context.fault.notes
