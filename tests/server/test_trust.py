"""Trust: untrusted until somebody says otherwise, and never by accident."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from suture.analyzers.errors import UserError
from suture.server.errors import InvalidParams
from suture.server.trust import Trust

Make = Callable[..., Any]
Run = Callable[[Any], Any]


def test_the_default_is_untrusted_and_what_would_run_says_what_to_do(tmp_path: Path) -> None:
    trust = Trust(tmp_path)
    trust.declare(None)
    trust.declare({})
    assert not trust.trusted(tmp_path)
    with pytest.raises(UserError, match=r"running the tests would execute code.*suture\.trustWorkspace"):
        trust.require(tmp_path, "running the tests")


def test_the_client_can_trust_for_the_session(tmp_path: Path) -> None:
    trust = Trust(tmp_path)
    trust.declare({"untrustedWorkspace": False})
    assert trust.trusted(tmp_path)
    trust.require(tmp_path, "anything")


@pytest.mark.parametrize("value", ["false", 0, 1, None, [], {}])
def test_a_value_that_is_not_a_boolean_fails_initialize(value: Any, harness: Make, run: Run) -> None:
    with pytest.raises(InvalidParams, match="must be true or false"):
        Trust().declare({"untrustedWorkspace": value})

    async def main() -> None:
        h = harness()
        answer = await h.initialize(initializationOptions={"untrustedWorkspace": value})
        assert answer["error"]["code"] == -32602
        assert "untrustedWorkspace" in answer["error"]["message"]
        h.request(2, "initialize", {"processId": None, "capabilities": {}})  # and may be tried again
        assert "result" in await h.answer(2)

    run(main())


def test_options_that_are_no_object_fail_initialize() -> None:
    with pytest.raises(InvalidParams, match="must be an object"):
        Trust().declare(["untrustedWorkspace"])


def test_what_the_person_trusts_is_remembered_for_that_folder_only(tmp_path: Path) -> None:
    mine, other, store = tmp_path / "mine", tmp_path / "other", tmp_path / "store"
    for folder in (mine, other):
        folder.mkdir()
    Trust(store).grant(mine)
    again = Trust(store)
    assert not again.trusted(mine)
    assert again.recall([mine, other])
    assert again.trusted(mine / "deep" / "a.py")
    assert not again.trusted(other)
    assert not again.recall([mine, other])


def test_an_explicit_untrusted_outweighs_what_was_remembered(tmp_path: Path) -> None:
    Trust(tmp_path / "store").grant(tmp_path)
    again = Trust(tmp_path / "store")
    again.declare({"untrustedWorkspace": True})
    assert not again.recall([tmp_path])
    assert not again.trusted(tmp_path)


def test_a_link_out_of_a_trusted_folder_leads_to_what_is_not_trusted(tmp_path: Path) -> None:
    inside, outside = tmp_path / "inside", tmp_path / "outside"
    inside.mkdir()
    outside.mkdir()
    (inside / "link").symlink_to(outside)
    trust = Trust(tmp_path / "store")
    trust.grant(inside)
    assert trust.trusted(inside / "a.py")
    assert not trust.trusted(inside / "link" / "a.py")
    assert not trust.trusted(inside / ".." / "outside")


def test_the_command_trusts_the_open_folders_and_tells_the_features(harness: Make, run: Run, tmp_path: Path) -> None:
    async def main() -> None:
        h = harness()
        await h.initialize(rootUri=tmp_path.as_uri())
        heard: list[str] = []
        h.server.trust_changed.connect(lambda: heard.append("trust"))
        assert not h.server.trust.trusted(tmp_path)
        h.request(2, "workspace/executeCommand", {"command": "suture.trustWorkspace"})
        assert (await h.answer(2))["result"]["trusted"] == [tmp_path.as_posix()]
        assert h.server.trust.trusted(tmp_path / "a.py")
        assert heard == ["trust"]

        later = harness()
        await later.initialize(rootUri=tmp_path.as_uri())
        later.notify("initialized", {})
        async with asyncio.timeout(5):
            while not later.server.trust.trusted(tmp_path):
                await asyncio.sleep(0.01)

    run(main())


def test_the_command_without_a_folder_says_so(harness: Make, run: Run) -> None:
    async def main() -> None:
        h = harness()
        await h.initialize()
        h.request(2, "workspace/executeCommand", {"command": "suture.trustWorkspace", "arguments": []})
        assert "no folder is open" in (await h.answer(2))["error"]["message"]

    run(main())
