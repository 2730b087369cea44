"""Generation in the editor: it follows what is typed, is cancelled, and computes nothing ahead without trust."""

from __future__ import annotations

import asyncio
import contextlib
import time
from types import SimpleNamespace
from typing import Any

import pytest

from suture.codegen.triggers.target import Target
from suture.server import generation
from suture.server.answers import Ahead, Wish
from suture.server.generation import moved

Object = dict[str, Any]

CANCELLED = -32800

#: No program satisfies these; looking for one takes some seconds.
HARD = "# strange([3, 1, 2]) -> 77\n# strange([9, 4]) -> 1203\n# strange([5, 5, 5, 8]) -> -6\n# strange([]) -> 13\n"


@pytest.mark.parametrize(
    ("before", "after", "wish", "wanted"),
    [
        ("a\nb\nc\n", "x\na\nb\nc\n", Wish(1), Wish(2)),
        ("a\nb\nc\n", "b\nc\n", Wish(1, 2, "more"), Wish(0, 1, "more")),
        ("a\nb\nc\n", "a\nB\nc\n", Wish(1), None),
        ("a\nb\nc\n", "a\nb\n", Wish(1, 2, "more"), None),
        ("a\r\nb\r\n", "x\r\n\r\na\r\nb\r\n", Wish(1), Wish(3)),
        ("p\x0cq\nc\n", "p\nc\n", Wish(1), Wish(1)),
        ("a\na\na\n", "a\na\n", Wish(1), Wish(1)),
        ("a\nb\nc\nd\ne\n", "a\nc\nx\nb\ny\nd\ne\n", Wish(3), Wish(5)),
        ("a\nb\nc\nd\n", "a\nB\nc\nD\nd\n", Wish(2), Wish(2)),
        ("", "a\n", Wish(3), None),
    ],
)
def test_a_place_is_found_again_in_a_text_that_changed(
    before: str, after: str, wish: Wish, wanted: Wish | None
) -> None:
    assert moved(before, after, wish) == wanted


def test_it_tells_what_it_does_at_once_and_stops_when_it_is_cancelled(desk: Any, name: str) -> None:
    uri = desk.open(name, HARD)
    argument = {"uri": uri, "line": 0}
    number = desk.start("workspace/executeCommand", {"command": "suture.generate", "arguments": [argument]})

    def reported() -> bool:
        return any(
            each["method"] == "$/progress" and each["params"]["value"]["kind"] == "report"
            for each in desk.notifications
        )

    desk.until(reported)
    assert not desk.answered(number)
    desk.notify("$/cancelRequest", {"id": number})
    assert desk.outcome(number, 5) == CANCELLED
    assert desk.applied == []


@pytest.mark.parametrize("begun", [True, False])
def test_what_is_being_computed_for_the_same_place_is_waited_for_and_not_done_twice(
    begun: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = Target(0, 0, "", "half(4) -> 2")
    document: Any = SimpleNamespace(uri="file:///a.py")
    found: list[Any] = []

    def known(*_: object) -> Any:
        return found[0] if found else None

    def quietly(*_: object) -> contextlib.nullcontext[None]:
        return contextlib.nullcontext()

    monkeypatch.setattr(generation, "working", quietly)
    monkeypatch.setattr(generation, "ready", known)

    async def ask() -> Any:
        async def search() -> None:
            await asyncio.sleep(0)
            found.append("the answer")

        ahead = Ahead(task=asyncio.create_task(search()), wanted=(document.uri, target), begun=begun)
        session: Any = SimpleNamespace(ahead=ahead, server=None, client=SimpleNamespace(progress=False))
        return await generation.joined(session, document, target)

    assert asyncio.run(ask()) == ("the answer" if begun else None)


def test_names_of_other_cells_are_known_beside_one_that_may_bind_any() -> None:
    bound: list[Any] = [None, frozenset({"np", "load"}), frozenset({"np"})]
    cells = [SimpleNamespace(analysis=SimpleNamespace(bound=lambda names=names: names)) for names in bound]
    workspace = SimpleNamespace(cells_beside=lambda uri: cells)  # pyright: ignore[reportUnknownLambdaType]
    session: Any = SimpleNamespace(server=SimpleNamespace(workspace=workspace))
    assert generation.known_to(session, "cell") == ["*", "load", "np"]


def test_without_trust_nothing_is_computed_ahead_of_being_asked(editor: Any, rich: Object) -> None:
    editor.initialize(rich, trusted=False)
    uri = editor.open("main.py", "# double(2) -> 4\n# double(5) -> 10\n")
    place = {"textDocument": {"uri": uri}, "position": {"line": 1, "character": 19}, "context": {"triggerKind": 2}}
    assert editor.request("textDocument/inlineCompletion", place) == []
    time.sleep(1.0)  # longer than the pause before anything begins
    assert editor.request("textDocument/inlineCompletion", place) == []
    (offer,) = [each for each in editor.actions(uri, "double") if "Generate" in each["title"]]
    assert "edit" not in offer


@pytest.mark.slow
@pytest.mark.parametrize("previews", [True, False])
def test_what_is_known_already_still_comes_as_a_command_where_the_editor_shows_it_first(
    previews: bool, editor: Any, rich: Object
) -> None:
    rich["experimental"] = {"suture": {"preview": previews}}
    editor.initialize(rich)
    uri = editor.open("main.py", "# double(2) -> 4\n# double(5) -> 10\n")
    place = {"textDocument": {"uri": uri}, "position": {"line": 1, "character": 19}, "context": {"triggerKind": 2}}
    editor.request("textDocument/inlineCompletion", place)  # begins it ahead of being asked

    def known() -> Object | None:
        offers = [each for each in editor.actions(uri, "double") if "tests passed" in each["title"]]
        return offers[0] if offers else None

    offer = editor.until(known, 60)
    assert ("edit" in offer) is not previews
    assert (offer["command"]["command"] == "suture.generate") is previews
