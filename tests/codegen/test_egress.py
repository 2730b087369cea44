"""What leaves the machine, seen by a recording proxy and by an audit of every connection of the process."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from suture.analyzers.store import open_store
from suture.server.cli.main import main

Write = Callable[[str, str], Path]

SPLINES = "# Reticulate the splines of a text. reticulate('ab') -> 'a~b'\n"
GOOD = "```python\ndef reticulate(text: str) -> str:\n    return '~'.join(text)\n```"

_watching: list[list[str]] = []


def _audit(event: str, arguments: tuple[Any, ...]) -> None:
    if event in ("socket.connect", "socket.getaddrinfo", "socket.sendto") and _watching:
        _watching[-1].append(f"{event} {arguments[-1] if event == 'socket.connect' else arguments[:2]}")


sys.addaudithook(_audit)


@pytest.fixture
def connections() -> Iterator[list[str]]:
    """Every attempt of this process to reach another one by network."""
    seen: list[str] = []
    _watching.append(seen)
    yield seen
    _watching.remove(seen)


@pytest.fixture
def proxy(model_server: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A proxy that all requests of this process and its children go through."""
    address = model_server.base_url.removesuffix("/v1")
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, address)
        monkeypatch.setenv(name.lower(), address)
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    model_server.script(GOOD)
    return model_server


def configure(monkeypatch: pytest.MonkeyPatch, host: str) -> None:
    """A model at an address of its own, so that the client is made under this test's proxy."""
    monkeypatch.setenv("OPENAI_BASE_URL", f"http://{host}.example.test/v1")
    monkeypatch.setenv("OPENAI_API_KEY", "sk-test-key-of-the-suite-0123456789")
    monkeypatch.setenv("SUTURE_MODEL", "gpt-4o")


def test_with_no_provider_configured_nothing_leaves_the_machine(
    workspace: Path, write: Write, proxy: Any, connections: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    (workspace / "pyproject.toml").write_text('[tool.suture.model]\nprovider = "openai"\nmodel = "gpt-4o"\n')
    digits = "# Sum of the digits. digit_sum(123) -> 6, digit_sum(99) -> 18, digit_sum(4010) -> 5\n"
    path = write("app.py", f"{SPLINES}\n\n{digits}")
    assert main(["generate", f"{path}:1"]) == 1
    assert "no model is configured" in capsys.readouterr().out
    assert main(["generate", f"{path}:4"]) == 0
    main(["review", str(path)])
    main(["doctor"])
    assert main(["egress", str(workspace)]) == 0
    assert "Nothing has left" in capsys.readouterr().out
    assert proxy.paths == []
    assert connections == []


def test_what_a_configured_provider_is_sent_goes_through_the_proxy_and_is_on_the_record(
    workspace: Path,
    write: Write,
    proxy: Any,
    connections: list[str],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    configure(monkeypatch, "recorded")
    path = write("app.py", SPLINES)
    assert main(["generate", f"{path}:1", "--output-format", "json"]) == 0
    proposal = json.loads(capsys.readouterr().out)
    assert "reticulate" in proposal["code"]
    assert proposal["cost_usd"] > 0
    assert proxy.paths == ["http://recorded.example.test/v1/chat/completions"] * len(proxy.requests)
    assert connections  # so the first test would have seen one
    assert main(["egress", str(workspace), "--output-format", "json"]) == 0
    entries = json.loads(capsys.readouterr().out)
    texts = ["\n".join(each["content"] for each in request["messages"]) for request in proxy.requests]
    assert sorted(each["bytes"] for each in entries) == sorted(len(each.encode()) for each in texts)
    assert {each["endpoint"] for each in entries} == {"http://recorded.example.test/v1"}


SECRETS = {
    "AWS": "AKIAQYLPMN5HHHFPZAM2",
    "GitHub": "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",
    "Stripe": "sk_" + "live_4eC39HqLyjWDarjtT1zdp7dc",
    "Slack": "xoxb-2394872398-kjsdhfkjhsdf",
    "OpenAI": "sk-proj-aB3dE5fG7hJ9kL1mN3pQ5rS7tU9vW1xY",
    "plain": "korrekt-pferd-batterie-99",
    "hex": "3f786850e387550fdab836ed7e6dc881de23001b",
    "url": "tr0ub4dor",
    "jwt": "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.dozjgNryP4J3jVmNHl0w5N",
}


def test_secrets_planted_in_the_workspace_are_in_no_request(
    workspace: Path, write: Write, proxy: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    configure(monkeypatch, "secrets")
    wrong = GOOD.replace("'~'.join(text)", "token + text")
    proxy.script(wrong, wrong.replace("token", "key"), GOOD)
    write(".env", "".join(f"{name}_TOKEN={value}\n" for name, value in SECRETS.items()))
    write(".gitignore", "local.py\n")
    write("local.py", f"def reticulate_all(texts):\n    '''{SECRETS['AWS']}'''\n")
    write("notes.md", " ".join(SECRETS.values()))
    write(
        "helpers.py",
        f"def reticulated(text, password={SECRETS['plain']!r}):\n"
        f"    '''Reticulate the splines of a text with {SECRETS['GitHub']}.'''\n"
        f"    return text + {SECRETS['OpenAI']!r}\n",
    )
    write("tests/test_helpers.py", f"from helpers import reticulated\n\ndef test_it():\n    k = {SECRETS['jwt']!r}\n")
    text = (
        f"'''Splines. The key is {SECRETS['Slack']}.'''\n"
        "import helpers\nfrom helpers import reticulated\n\n"
        f"API_KEY = {SECRETS['Stripe']!r}\nTYPE: str = {SECRETS['hex']!r}\n"
        f"DSN = 'postgres://ada:{SECRETS['url']}@db/x'\n\n"
        f"def spline(text: str, token: str = {SECRETS['plain']!r}) -> str:\n"
        f"    '''One spline of {SECRETS['AWS']}.'''\n    return reticulated(text, {SECRETS['hex']!r})\n\n\n"
        f"{SPLINES}# The password is {SECRETS['plain']}, password={SECRETS['plain']!r}; {SECRETS['GitHub']}\n"
    )
    path = write("app.py", text)
    line = text.split("\n").index(SPLINES.strip()) + 1
    main(["generate", f"{path}:{line}"])
    assert len(proxy.requests) > 1  # a feedback round is looked at as well
    assert [name for name, value in SECRETS.items() if value in proxy.sent] == []
    assert "def spline(text: str, token: str=" in proxy.sent.replace(" = ", "=")
    with open_store(workspace) as store:
        assert all(each.masked for each in store.egress())
        files = {name for each in store.egress() for name in each.files}
    assert not files & {".env", "local.py", "notes.md"}


def test_the_budget_refuses_before_the_call(
    workspace: Path,
    write: Write,
    proxy: Any,
    connections: list[str],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    configure(monkeypatch, "budget")
    (workspace / "pyproject.toml").write_text("[tool.suture.budget]\nrequest-usd = 0.0001\n")
    path = write("app.py", SPLINES)
    assert main(["generate", f"{path}:1"]) == 1
    assert "over the budget" in capsys.readouterr().out
    assert proxy.paths == []
    assert connections == []
    assert main(["egress", str(workspace)]) == 0
    assert "Nothing has left" in capsys.readouterr().out
