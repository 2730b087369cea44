"""Whom a job's model settings lead to: a key goes to the provider that the person has it for, and to no other."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from suture.server.model_jobs import models, why_none

KEYS = ("OPENAI_API_KEY", "OPENAI_BASE_URL", "ANTHROPIC_API_KEY", "GEMINI_API_KEY", "SUTURE_PROVIDER")


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in KEYS:
        monkeypatch.delenv(name, raising=False)


def asked(**chosen: str) -> dict[str, Any]:
    """Parameters with the key of an editor that belongs to ``key_provider``."""
    return {"model": {"provider": "", "model": "", "base_url": "", "api_key": "hush", "editor": False, **chosen}}


@pytest.mark.parametrize("chosen", ["gemini", "anthropic", "gemini, anthropic"])
def test_a_provider_that_the_workspace_chose_gets_no_key_of_the_editor(chosen: str) -> None:
    params = asked(provider=chosen, key_provider="openai")
    assert models(params) == ()
    assert "is for openai: it is not sent to another provider" in why_none(params)


def test_nor_does_a_key_of_the_environment_go_to_the_editor_s_address(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANTHROPIC_API_KEY", "own")
    (model,) = models(asked(provider="anthropic", base_url="http://localhost:1/v1", key_provider="openai"))
    assert (model.base_url, model.api_key) == ("https://api.anthropic.com", "own")


@pytest.mark.parametrize("owner", ["openai", "anthropic", "gemini"])
def test_the_provider_that_the_key_is_for_is_asked(owner: str) -> None:
    (model,) = models(asked(provider=owner, key_provider=owner))
    assert (model.provider, model.api_key) == (owner, "hush")
    assert why_none(asked(key_provider=owner)) == ""


@pytest.mark.parametrize("chosen", ["local", "editor", "local, editor", "openai-compatible"])
def test_a_key_is_no_reason_where_it_would_change_nothing(chosen: str) -> None:
    params = asked(provider=chosen, key_provider="openai")
    assert (models(params), why_none(params)) == ((), "")


def test_the_key_for_a_plug_in_goes_to_no_other_provider() -> None:
    assert models(asked(key_provider="mis-tral")) == ()
    assert "is for mis-tral" in why_none(asked(provider="openai", key_provider="mis-tral"))


def test_a_person_is_told_why_the_key_is_not_sent(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    from suture.server.jobs import Context, generate

    monkeypatch.setenv("SUTURE_CACHE_DIR", str(tmp_path / "cache"))
    text = "# A function initials that returns the initials of a name.\n"
    params: dict[str, Any] = {
        **asked(provider="gemini", key_provider="openai"),
        "root": str(tmp_path),
        "path": str(tmp_path / "a.py"),
        "text": text,
        "line": 0,
        "include_tests": False,
        "budget": {"request_usd": 1.0, "day_usd": 1.0, "month_usd": 1.0},
        "verify": False,
    }
    answered: Any = generate(params, Context(lambda message: None))
    assert answered["proposal"]["status"] == "refused"
    assert "the key in your editor's settings is for openai" in " ".join(answered["proposal"]["reason"].split())
