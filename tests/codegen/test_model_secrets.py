"""What a model is shown of the code that it is to change, what must not come back from it, and its room to answer."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from suture.analyzers.store import open_store
from suture.codegen.api import generate
from suture.codegen.proposal import Budget, GenerationRequest, Proposal

Write = Callable[[str, str], Path]

KEY = "AKIAIOSFODNN7EXAMPLE"
SEND = f"def send(text: str) -> str:\n    key = '{KEY}'\n    return key + text\n"
TEST = "from app import cats\n\n\ndef test_cats():\n    assert cats('cat') == 1\n"


def fenced(code: str) -> str:
    return f"```python\n{code}```"


@pytest.fixture
def ask(workspace: Path, model_server: Any, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Proposal]:
    import suture.codegen.api as api
    from suture.codegen.drafters.model import DRAFTER

    monkeypatch.setattr(api, "drafters", lambda: (DRAFTER,))

    def run(path: Path, line: int, **options: Any) -> Proposal:
        request = GenerationRequest(workspace, path, path.read_text(), line, opinions=0, rounds=0, **options)
        return generate(request, sandbox=None, model=model_server.settings, budget=Budget.unlimited())

    return run


def test_a_secret_in_code_that_is_changed_is_not_sent_and_stays(
    ask: Callable[..., Proposal], model_server: Any, write: Write
) -> None:
    model_server.script(fenced(SEND.replace(KEY, "<masked>").replace("+ text", "+ text.strip()")))
    proposal = ask(write("app.py", SEND), 1, change="strip the text")
    assert KEY not in model_server.sent
    assert proposal.status == "offered", proposal.reason
    assert proposal.code == SEND.replace("+ text", "+ text.strip()")


def test_the_mask_of_a_secret_is_never_offered_in_its_place(
    ask: Callable[..., Proposal], model_server: Any, write: Write
) -> None:
    model_server.script(fenced(SEND.replace(KEY, "<masked>").replace("text\n", "'<masked>'\n")))
    proposal = ask(write("app.py", SEND), 1, change="strip the text")
    assert (proposal.status, proposal.edit) == ("refused", None)
    assert "the mask of a secret" in proposal.reason
    model_server.script(fenced("def send(text: str) -> str:\n    return text\n"))
    assert ask(write("app.py", SEND), 1, change="send no key").status == "offered"


def test_the_answer_has_room_for_the_code_that_it_writes_anew(
    ask: Callable[..., Proposal], model_server: Any, write: Write
) -> None:
    model_server.script("no")
    for lines in (10, 300, 3_000):
        body = "".join(f"    text = text + str({each})\n" for each in range(lines))
        refused = ask(write("app.py", f"def send(text: str) -> str:\n{body}    return text\n"), 1, change="strip it")
    assert next(each["max_tokens"] for each in model_server.requests) == 3_000
    assert 3_000 < model_server.requests[-1]["max_tokens"] <= 8_000
    assert "too long to be written anew" in refused.reason


@pytest.mark.parametrize("name", ["secrets.py", "build/app.py"])
def test_code_of_a_file_that_may_not_be_shown_is_not_sent_to_be_changed(
    ask: Callable[..., Proposal], model_server: Any, write: Write, name: str
) -> None:
    write(".gitignore", "build/\n")
    model_server.script(fenced(SEND))
    assert "is not shown it" in ask(write(name, SEND), 1, change="strip the text").reason
    assert model_server.requests == []


def test_tests_that_are_sent_are_on_the_record_and_ignored_ones_are_not_sent(
    ask: Callable[..., Proposal], model_server: Any, write: Write, workspace: Path
) -> None:
    write("app.py", "def dogs(text: str) -> int:\n    return text.count('dog')\n")
    path = write("test_app.py", TEST)
    model_server.script(fenced("def cats(text: str) -> int:\n    return text.count('cat')\n"))
    assert ask(path, 4).status == "offered"
    with open_store(workspace) as store:
        assert set(store.egress()[0].files) == {"app.py", "test_app.py"}
    write(".gitignore", "test_app.py\n")
    model_server.requests.clear()
    assert "is not shown it" in ask(path, 4).reason
    assert model_server.requests == []
