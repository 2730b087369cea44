"""What an editor's status item shows, and the documents that its palette opens."""

from __future__ import annotations

from typing import Any

from suture.analyzers.store import DATABASE

Object = dict[str, Any]


def test_the_status_names_trust_sandbox_model_and_costs(desk: Any) -> None:
    answer = desk.command("suture.status", {})
    assert set(answer) == {"version", "trusted", "sandbox", "model", "spent_today_usd", "day_usd", "sent_today"}
    assert isinstance(answer["trusted"], bool)
    assert bool(answer["sandbox"]["name"]) != ("nothing contains" in answer["sandbox"]["reason"])
    assert (answer["spent_today_usd"], answer["sent_today"]) == (0, 0)
    assert answer["day_usd"] > 0


def test_asking_how_things_stand_leaves_nothing_behind(editor: Any, rich: Object) -> None:
    editor.initialize(rich, trusted=False)
    editor.command("suture.status", {})
    assert not [*(editor.root.parent / "cache").rglob(DATABASE)]


def test_what_left_the_machine_is_a_document(desk: Any) -> None:
    shown = desk.command("suture.egress", {})
    assert shown["title"] == "What left this machine"
    assert "Nothing has left this machine for" in shown["text"]


def test_how_healing_does_is_a_document(desk: Any) -> None:
    shown = desk.command("suture.health", {})
    assert shown["text"].startswith("# How healing does here\n")
    assert "Traceback" not in shown["text"]


def test_the_editors_own_model_is_named_as_such(editor: Any, rich: Object) -> None:
    editor.initialize(rich, {"untrustedWorkspace": False, "editorModel": True})
    assert editor.command("suture.status", {})["model"]["provider"] == "you are asked first"
