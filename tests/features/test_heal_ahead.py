"""Repairs computed ahead on a busy machine: what was cut off is tried again while nobody types, and not for ever."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest

from suture.analyzers.errors import Unavailable
from suture.analyzers.findings import Edit, Finding, Range
from suture.server import heals
from suture.server.codec import edit_to_json
from suture.server.heals import AGAIN_S, AHEAD, heal_ahead

VERIFIED, UNVERIFIED = Edit("mend", (), 0.9, verified=True), Edit("mend", (), 0.5)


class Desk:
    """A session with one open document with ``faults`` faults. ``answers`` are what the worker says, the last for ever:
    "cut off", "run", an error, or "typed" if somebody types before it is cut off."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *answers: object, faults: int = 1) -> None:
        snapshot = SimpleNamespace(uri="file:///a.py", version=1, text="", python="")
        self.document: Any = SimpleNamespace(uri="file:///a.py", version=1, snapshot=lambda: snapshot)
        self.answers, self.asked = list(answers), list[float]()
        self.session: Any = SimpleNamespace(
            healed={},
            workers=SimpleNamespace(run=self.run),
            server=SimpleNamespace(opened_document=lambda _uri: self.document),  # pyright: ignore[reportUnknownLambdaType]
        )
        finding = Finding("a.py", Range(0, 0, 0, 1), "undefined-name", "undefined-name", "", "high", 0.9)

        def shown_faults(*_: object) -> object:
            return [str(each) for each in range(faults)], [finding] * faults

        def params(*_: object) -> dict[str, Any]:
            return {"verify": True}

        monkeypatch.setattr(heals, "shown_faults", shown_faults)
        monkeypatch.setattr(heals, "finding_params", params)
        monkeypatch.setattr(heals, "PAUSE_S", 0.0)
        monkeypatch.setattr(heals, "AGAIN_S", (0.0,) * len(AGAIN_S))
        asyncio.run(heal_ahead(self.session, self.document))

    async def run(self, job: str, params: dict[str, Any], **_: object) -> Any:
        self.asked.append(params["timeout_s"])
        said = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if said == "typed":
            self.document.version += 1
        if isinstance(said, Exception):
            raise said
        edit = VERIFIED if said == "run" else UNVERIFIED
        return {"edits": [edit_to_json(edit)], "cut_off": said != "run"}

    @property
    def verified(self) -> list[bool]:
        return [each.edits[0].verified for each in self.session.healed.values()]


@pytest.mark.parametrize("first", ["cut off", Unavailable("the worker took too long")])
def test_what_was_cut_off_is_tried_again_with_more_time(first: object, monkeypatch: pytest.MonkeyPatch) -> None:
    desk = Desk(monkeypatch, first, "run")
    assert desk.verified == [True]
    assert len(desk.asked) == 2
    assert desk.asked[0] < desk.asked[1]


def test_on_a_machine_that_stays_busy_it_ends_and_the_edit_is_not_called_run(monkeypatch: pytest.MonkeyPatch) -> None:
    desk = Desk(monkeypatch, "cut off", faults=AHEAD + 3)
    assert desk.verified == [False] * AHEAD
    assert len(desk.asked) == AHEAD * (1 + len(AGAIN_S))


def test_what_was_run_is_not_run_again_for_one_that_was_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    desk = Desk(monkeypatch, "run", "cut off", "run", faults=2)
    assert desk.verified == [True, True]
    assert len(desk.asked) == 3


def test_typing_ends_it(monkeypatch: pytest.MonkeyPatch) -> None:
    desk = Desk(monkeypatch, "cut off", "typed", "run")
    assert len(desk.asked) == 2
    assert desk.verified == [False]
