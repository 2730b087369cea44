"""Stored proposals from the palette: what waits for a person, what they decide, and what the records then say."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from suture.analyzers.findings import Edit, FileEdit, Replacement, text_hash
from suture.analyzers.store import open_store
from suture.codegen.artifacts import book
from suture.codegen.artifacts.audit import entries
from suture.codegen.artifacts.files import edit_to_record
from suture.codegen.artifacts.records import Provenance
from suture.codegen.learning.history import generations

TEXT = "# twice a number\n"
CODE = "\n\ndef double(value: int) -> int:\n    return 2 * value\n"


def offer(desk: Any, name: str, uri: str) -> str:
    """A proposal for a file that is open, as a generation would have left it."""
    path = desk.root / name
    files = (FileEdit(str(path), text_hash(TEXT), (Replacement(len(TEXT), len(TEXT), CODE),)),)
    edit = edit_to_record(Edit("Generate double", files, 0.8, verified=True), desk.root, {str(path): TEXT})
    with open_store(desk.root, folder=desk.root.parent / "cache") as store:
        made = Provenance("ada", "model")
        ident = book.propose(store, path=name, name="double", kind="c", code=CODE, tests="", provenance=made)
        book.test(store, ident)
        book.passed(store, ident, {"edit": edit, "verified": True})
    return ident


def wait(what: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not what():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def status(root: Path, ident: str) -> str:
    with open_store(root, folder=root.parent / "cache") as store:
        found = book.proposal(store, ident)
    assert found is not None
    return found.status


def test_what_waits_is_listed_approved_and_applied_by_the_editor(desk: Any, name: str) -> None:
    uri = desk.open(name, TEXT)
    ident = offer(desk, name, uri)
    assert [each["id"] for each in desk.command("suture.proposals", {"list": True})] == [ident]
    with pytest.raises(Exception, match="not approved"):
        desk.command("suture.deploy", {"id": ident})
    count = len(desk.applied)
    assert desk.command("suture.approve", {"id": ident})["approved"] is True
    assert (status(desk.root, ident), len(desk.applied)) == ("approved", count)
    assert desk.command("suture.deploy", {})["applied"] is True
    (change,) = desk.applied[-1]["edit"]["documentChanges"]
    assert change["textDocument"] == {"uri": uri, "version": 1}
    assert "def double" in change["edits"][0]["newText"]
    wait(lambda: status(desk.root, ident) == "deployed")
    found = desk.command("suture.verify", {})
    assert (found["ok"], found["alterations"]) == (True, [])


def test_a_rejection_from_the_palette_has_its_reason(desk: Any, name: str) -> None:
    uri = desk.open(name, TEXT)
    ident = offer(desk, name, uri)
    with pytest.raises(Exception, match="reason"):
        desk.command("suture.reject", {"id": ident})
    desk.command("suture.reject", {"id": ident, "reason": "no such|\nthing"})
    assert status(desk.root, ident) == "rejected"
    assert "| no such/ thing |" in desk.command("suture.audit", {})["text"]
    with pytest.raises(Exception, match="no such"):
        desk.command("suture.approve", {"id": ident, "deploy": True})
    assert desk.command("suture.proposals", {"list": True, "status": "rejected"})[0]["title"] == "double"


INITIALS = '# initials("ada lovelace") -> "AL"\n# initials("grace hopper") -> "GH"\n# initials("x") -> "X"\n'


def test_saving_tells_what_became_of_what_was_generated(desk: Any, name: str) -> None:
    uri = desk.open(name, INITIALS)
    result = desk.command("suture.generate", {"uri": uri, "line": 0})
    assert result["applied"] is True
    ident = result["proposal"]["id"]
    wait(lambda: status(desk.root, ident) == "deployed")

    def outcome() -> str:
        with open_store(desk.root, folder=desk.root.parent / "cache") as store:
            return next(each.outcome for each in generations(store) if each.proposal == ident)

    for text, expected in ((INITIALS + result["proposal"]["code"], "kept"), (INITIALS, "gone")):
        (desk.root / name).write_text(text)
        version = desk.versions[uri] = desk.versions[uri] + 1
        change = {"textDocument": {"uri": uri, "version": version}, "contentChanges": [{"text": text}]}
        desk.notify("textDocument/didChange", change)
        desk.notify("textDocument/didSave", {"textDocument": {"uri": uri}})
        wait(lambda expected=expected: outcome() == expected)


def test_a_preview_that_is_declined_is_no_approval(desk: Any, name: str) -> None:
    uri = desk.open(name, INITIALS)

    def declined(message: dict[str, Any]) -> Any:
        return {"applied": False, "failureReason": "declined"} if message["method"] == "workspace/applyEdit" else None

    before, desk.answer = desk.answer, declined
    try:
        result = desk.command("suture.generate", {"uri": uri, "line": 0})
    finally:
        desk.answer = before
    ident = result["proposal"]["id"]
    assert (result["applied"], result["reason"], status(desk.root, ident)) == (False, "declined", "awaiting approval")
    with open_store(desk.root, folder=desk.root.parent / "cache") as store:
        assert "approved" not in [each.action for each in entries(store, proposal=ident)]
    assert desk.command("suture.approve", {"id": ident, "deploy": True})["applied"] is True
    wait(lambda: status(desk.root, ident) == "deployed")
