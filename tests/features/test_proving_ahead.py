"""Improvements proven ahead: one finding after the other, and nothing else waits for them."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest

from suture.analyzers.errors import Unavailable
from suture.analyzers.findings import Finding, Range
from suture.server.features import improvements
from suture.server.features.improvements import PROVE_S, Improvements
from suture.server.proven import Proofs


class Desk:
    """A session with one open document. ``slow`` names the findings whose proof takes longer than the first limit."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, names: str, slow: str) -> None:
        snapshot = SimpleNamespace(uri="file:///a.py", version=1, text="")
        self.document: Any = SimpleNamespace(uri="file:///a.py", version=1, text="", snapshot=lambda: snapshot)
        self.slow, self.proofs = slow, Proofs()
        self.asked: list[tuple[str, str, float]] = []
        found = [
            Finding("a.py", Range(0, 0, 0, 1), name, "k", "", "low", 0.9, reviewer="performance") for name in names
        ]

        def shown(*_: object) -> Any:
            return SimpleNamespace(names=list(names), findings=found)

        def params(_session: object, _snapshot: object, finding: Finding) -> dict[str, str]:
            return {"name": finding.rule}

        monkeypatch.setattr(improvements, "shown", shown)
        monkeypatch.setattr(improvements, "finding_params", params)
        improving: Any = Improvements.__new__(Improvements)
        improving.proofs = self.proofs
        improving.server = SimpleNamespace(opened_document=lambda _uri: self.document)  # pyright: ignore[reportUnknownLambdaType]
        improving.session = SimpleNamespace(
            proofs=self.proofs, counterexamples={}, workers=SimpleNamespace(run=self.run)
        )
        asyncio.run(improving._prove(self.document))

    async def run(self, job: str, params: dict[str, str], *, lane: str, timeout_s: float) -> Any:
        name = params["name"]
        self.asked.append((lane, name, timeout_s))
        if name in self.slow and timeout_s < max(PROVE_S):
            raise Unavailable("it took too long")
        return {"edits": [], "span": [0, 0], "refused": []}


def test_a_proof_that_takes_long_is_tried_again_when_the_others_had_their_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    desk = Desk(monkeypatch, "abc", slow="a")
    first, last = PROVE_S
    assert desk.asked == [*(("proofs", name, first) for name in "abc"), ("proofs", "a", last)]
    assert all(desk.proofs.get(desk.document, name) is not None for name in "abc")


def test_what_is_proven_is_not_proven_again(monkeypatch: pytest.MonkeyPatch) -> None:
    assert [name for _, name, _ in Desk(monkeypatch, "abc", slow="").asked] == ["a", "b", "c"]
