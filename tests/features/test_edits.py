"""Edits become workspace edits: versioned, annotated if not run, inside the workspace, on the right text only."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from suture.analyzers.errors import Stale, UserError
from suture.analyzers.findings import Edit, Evidence, FileEdit, Replacement, minimal_edit
from suture.server.client import Client
from suture.server.edits import UNVERIFIED, Base, action, titled, workspace_edit

TEXT = "x = '\U0001f600é'; y = 1\r\nz = y\r\n"
FULL = Client(document_changes=True, annotations=True, create_files=True, preferred=True, llm_tag=True)


@pytest.fixture
def path(tmp_path: Path) -> str:
    return str(tmp_path / "a.py")


def verified(*files: FileEdit) -> Edit:
    proof = Evidence("ran", "ran: 1 failed → 0 failed, 0.4 s", {})
    return Edit("Import json", files, 0.9, verified=True, evidence=(proof,))


def base_of(path: str, text: str | None = TEXT) -> Base:
    return Base(Path(path).as_uri(), text, 7 if text is not None else None)


def test_columns_are_counted_in_the_editors_encoding(path: str) -> None:
    edit = verified(minimal_edit(path, TEXT, TEXT.replace("y = 1", "yy = 1")))
    for encoding, column in (("utf-16", 12), ("utf-8", 15), ("utf-32", 11)):
        change = workspace_edit(edit, lambda _: base_of(path), replace(FULL, encoding=encoding))  # type: ignore[arg-type]
        (document,) = change["documentChanges"]
        assert document["textDocument"] == {"uri": Path(path).as_uri(), "version": 7}
        (one,) = document["edits"]
        assert one["range"]["start"] == one["range"]["end"] == {"line": 0, "character": column}
        assert one["newText"] == "y"


def test_an_edit_for_another_text_is_stale(path: str) -> None:
    edit = verified(minimal_edit(path, TEXT, TEXT + "q\r\n"))
    with pytest.raises(Stale):
        workspace_edit(edit, lambda _: base_of(path, TEXT + " "), FULL)
    with pytest.raises(Stale):
        workspace_edit(edit, lambda _: base_of(path, None), FULL)


def test_nothing_outside_the_workspace_is_edited(path: str, tmp_path: Path) -> None:
    inside, outside = tmp_path / "w", tmp_path / "a.py"
    inside.mkdir()
    outside.write_text(TEXT)
    (inside / "link.py").symlink_to(outside)
    for name in (str(outside), str(inside / "link.py"), str(inside / ".." / "a.py")):
        edit = verified(minimal_edit(name, TEXT, ""))
        with pytest.raises(UserError, match="outside the workspace"):
            workspace_edit(edit, lambda _: base_of(path), FULL, [inside])


def test_an_edit_that_was_not_run_asks_for_confirmation_and_is_never_preferred(path: str) -> None:
    edit = replace(verified(minimal_edit(path, TEXT, "")), verified=False, by_model=True)
    change = workspace_edit(edit, lambda _: base_of(path), FULL)
    assert change["changeAnnotations"][UNVERIFIED]["needsConfirmation"] is True
    assert all(each["annotationId"] == UNVERIFIED for each in change["documentChanges"][0]["edits"])
    offer = action(edit, change, FULL, kind="quickfix", diagnostics=[], preferred=True)
    assert "isPreferred" not in offer
    assert offer["tags"] == [1]
    assert offer["title"] == "Import json"


def test_a_verified_edit_names_its_evidence_and_may_be_preferred(path: str) -> None:
    edit = verified(minimal_edit(path, TEXT, ""))
    change = workspace_edit(edit, lambda _: base_of(path), FULL)
    assert "changeAnnotations" not in change
    assert titled(edit) == "Import json — ran: 1 failed → 0 failed, 0.4 s"
    assert action(edit, change, FULL, kind="quickfix", diagnostics=[], preferred=True)["isPreferred"] is True
    assert "isPreferred" not in action(edit, change, Client(), kind="quickfix", diagnostics=[], preferred=True)


def test_a_plain_client_gets_plain_changes(path: str) -> None:
    edit = verified(minimal_edit(path, TEXT, TEXT + "q\r\n"))
    assert list(workspace_edit(edit, lambda _: base_of(path), Client())["changes"]) == [Path(path).as_uri()]


def test_a_new_file_is_created_where_the_client_can_and_refused_where_not(path: str) -> None:
    edit = verified(FileEdit(path, "", (Replacement(0, 0, "import os\n"),)))
    create, fill = workspace_edit(edit, lambda _: base_of(path, None), FULL)["documentChanges"]
    assert create["kind"] == "create"
    assert fill["edits"][0]["newText"] == "import os\n"
    with pytest.raises(UserError, match="cannot create"):
        workspace_edit(edit, lambda _: base_of(path, None), Client())
    with pytest.raises(Stale, match="exists by now"):
        workspace_edit(edit, lambda _: base_of(path, "x"), FULL)
