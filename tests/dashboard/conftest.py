"""A workspace with something of everything in its stores."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from suture.analyzers import history
from suture.analyzers.findings import Json
from suture.analyzers.store import Store, open_store
from suture.codegen.artifacts import book
from suture.codegen.artifacts.records import Provenance
from suture.healing.learning.book import add
from suture.healing.learning.ranking import Trial
from suture.healing.learning.records import Offer, Outcome, Record
from suture.healing.learning.shape import Shape

from .browser import program

NOW = 1_790_000_000.0
DAY = 86_400.0

#: Text that would be markup if it were not escaped.
EVIL = "<img src=x onerror=alert(1)></script>"


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty workspace with a cache folder of its own."""
    monkeypatch.setenv("SUTURE_CACHE_DIR", str(tmp_path / "cache"))
    root = tmp_path / "shop"
    root.mkdir()
    return root


@pytest.fixture
def used(workspace: Path) -> Path:
    """The same after a month of use."""
    now = NOW - 30 * DAY

    def clock() -> float:
        return now

    with open_store(workspace, clock=clock) as store, open_store(None, clock=clock) as purse:
        for day in range(30):
            now = NOW - (30 - day) * DAY
            _review(store, day, now)
            _fuzz(store, day, now)
            if day % 3 == 0:
                store.record_egress(
                    endpoint="https://models.example/v1",
                    model="small",
                    body=b"x" * (900 + 40 * day),
                    why=f"generate f{day}",
                    files=("app.py",),
                    masked=day % 2,
                )
                reserved = purse.reserve_spending(0.01, model="small", day_usd=5, month_usd=50)
                assert reserved is not None
                purse.settle_spending(reserved, 0.002 * (day % 7 + 1))
        _healings(store)
        _proposals(store)
    return workspace


def _proposals(store: Store) -> None:
    came = Provenance(author="ada", drafter="model", model="small", prompt_sha256="ab" * 32)
    for name in ("slugify", EVIL):
        ident = book.propose(
            store, path="app.py", name=name, kind="comment", code="def f(): ...\n", tests="", provenance=came
        )
        book.test(store, ident)
        book.passed(store, ident, {"score": 91.5, "cost_usd": 0.004})
    book.reject(store, ident, "ada", "it has a better name")


def _review(store: Store, day: int, now: float) -> None:
    counts: Json = {
        "security": {"high": max(0, 6 - day // 4), "medium": 2},
        "performance": {"medium": 5 + day % 3},
        "architecture": {"low": 9 - day // 5},
    }
    votes: Json = {
        "security": {"vote": "comment" if day < 24 else "approve", "weight": 0.7},
        "performance": {"vote": "comment", "weight": 0.5},
        "architecture": {"vote": "approve", "weight": 0.9},
    }
    verdict = "approved: two of three approve, none rejects"
    history.keep(
        store.path,
        "review",
        {"scope": ".", "files": 40 + day, "counts": counts, "votes": votes, "verdict": verdict},
        at=now,
    )


def _fuzz(store: Store, day: int, now: float) -> None:
    coverage: Json = [[10, 2], [100 + day, 5], [1000, 7 + day % 4], [8000, 12]]
    history.keep(
        store.path,
        "fuzz",
        {
            "target": f"app.py::{'parse' if day % 2 else 'render'}",
            "executions": 8000,
            "branches": 12,
            "findings": int(day % 10 == 0),
            "seconds": 9.8,
            "status": "ok",
            "coverage": coverage,
        },
        at=now,
    )


def _healings(store: Store) -> None:
    outcomes: tuple[Outcome, ...] = ("applied", "offered", "applied", "taken_back", "failed")
    for number in range(25):
        outcome = outcomes[number % 5]
        verified = outcome != "failed"
        shape = Shape("python", "name", "NameError", "name is not defined", "")
        trial = Trial(shape, "names", "Replace jsn by json", "form", "exact", 0.5, 0.5, verified)
        offer = Offer(f"edit{number}", "names", "Replace jsn by json", 0.9, True, "1 failed → 0 failed", (0,))
        add(
            store,
            Record(
                id=f"heal{number:03}",
                at=NOW - (25 - number) * DAY,
                source="command",
                shape=shape,
                fault=f"NameError: name 'jsn' is not defined {EVIL if number == 24 else ''}",
                place="app.py:3",
                command="pytest -q",
                trials=(trial,),
                offers=(offer,) if verified else (),
                chosen=0 if verified else -1,
                outcome=outcome,
                first_verified_ms=180.0 + 37 * (number % 9) if verified else None,
                elapsed_ms=900.0,
            ),
        )


@pytest.fixture
def chromium() -> str:
    """The program of a Chromium; CI must have one."""
    found = program()
    if found is None:
        assert not os.environ.get("CI"), "CI has no Chromium: .ci/run installs it"
        pytest.skip("no Chromium here (apt install chromium)")
    return found
