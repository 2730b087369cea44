"""Which backend is used, why one is not, and what is said then."""

from __future__ import annotations

import pytest

from suture.analyzers.errors import Unavailable
from suture.analyzers.sandbox import describe, opening
from suture.analyzers.sandbox.backend import Entrance


def test_at_least_one_backend_contains_code_here() -> None:
    assert [each.name for each in describe() if each.available]


def test_every_backend_that_cannot_be_used_says_why() -> None:
    assert all(each.reason for each in describe())
    assert {"sandbox-exec", "windows", "docker"} <= {each.name for each in describe() if not each.available}


def test_where_nothing_contains_code_nothing_is_run(monkeypatch: pytest.MonkeyPatch) -> None:
    for backend in opening.BACKENDS:
        monkeypatch.setattr(backend, "missing", lambda: "taken away by this test")
    with pytest.raises(Unavailable, match="no workspace code is run") as caught:
        opening.open_sandbox()
    assert "bubblewrap" in caught.value.hint
    assert all(not each.available for each in describe())


def test_a_backend_that_cannot_make_its_walls_is_not_available(monkeypatch: pytest.MonkeyPatch) -> None:
    def nowhere(*_: object) -> Entrance:
        return Entrance(("/bin/false",))

    backend = opening.NAMESPACES
    monkeypatch.setattr(backend, "entrance", nowhere)
    opening._trial.cache_clear()  # pyright: ignore[reportPrivateUsage]
    try:
        assert "trial run" in opening.status(backend).reason
        assert not opening.status(backend).available
    finally:
        opening._trial.cache_clear()  # pyright: ignore[reportPrivateUsage]
