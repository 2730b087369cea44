"""What Helix says of itself, as its source (helix-lsp/src/client.rs) makes it, is enough: a diagnostic is pushed, the
repair that was run is resolved and applied, a function is fuzzed. Helix itself is not played: its program is in no
package registry that the tests use.
"""

from __future__ import annotations

import asyncio
import tomllib
from pathlib import Path
from typing import Any

import pytest
from lsprotocol import types
from pygls.protocol import default_converter

from suture.server.tour import editor as clients
from suture.server.tour.editor import Editor

from .test_snippets import blocks

HELIX: dict[str, Any] = {
    "general": {"positionEncodings": ["utf-8", "utf-32", "utf-16"]},
    "window": {"workDoneProgress": True},
    "workspace": {
        "applyEdit": True,
        "configuration": True,
        "didChangeConfiguration": {"dynamicRegistration": False},
        "didChangeWatchedFiles": {"dynamicRegistration": True, "relativePatternSupport": False},
        "executeCommand": {"dynamicRegistration": False},
        "workspaceEdit": {
            "documentChanges": True,
            "failureHandling": "abort",
            "normalizesLineEndings": False,
            "resourceOperations": ["create", "rename", "delete"],
        },
        "workspaceFolders": True,
    },
    "textDocument": {
        "codeAction": {
            "codeActionLiteralSupport": {"codeActionKind": {"valueSet": ["", "quickfix", "refactor", "source"]}},
            "dataSupport": True,
            "disabledSupport": True,
            "isPreferredSupport": True,
            "resolveSupport": {"properties": ["edit", "command"]},
        },
        "hover": {"contentFormat": ["markdown"]},
        "publishDiagnostics": {"tagSupport": {"valueSet": [1, 2]}, "versionSupport": True},
    },
}

SOURCE = '''"""Prices — in euros."""


def load(text):
    return json.loads(text)


def average(prices: list[float]) -> float:
    return sum(prices) / len(prices)
'''
PATIENCE_S = 90.0


def capabilities() -> types.ClientCapabilities:
    return default_converter().structure(HELIX, types.ClientCapabilities)


def test_the_snippet_says_what_the_client_here_says() -> None:
    (helix,) = map(tomllib.loads, blocks("toml"))
    assert helix["language-server"]["suture"]["config"] == {"untrustedWorkspace": False}


@pytest.mark.slow
@pytest.mark.asyncio
async def test_helix_is_told_enough_to_repair_and_to_fuzz(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SUTURE_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setattr(clients, "_capabilities", capabilities)
    root = tmp_path.resolve() / "project"
    root.mkdir()
    path = root / "prices.py"
    path.write_text(SOURCE, "utf-8")
    helix = Editor()
    await helix.start(root)
    try:
        helix.open(path)
        found = await helix.until(path, lambda each: bool(each), PATIENCE_S)
        assert [each.message for each in found] == ["undefined name 'json'"]
        assert found[0].range.start == types.Position(line=4, character=11)
        offered: list[types.CodeAction] = []
        async with asyncio.timeout(PATIENCE_S):
            while not (offered := [each for each in offered if "→" in each.title]):
                await asyncio.sleep(0.05)
                offered = await helix.actions(path, found[0].range, found)
        resolved = await helix.resolve(offered[0], PATIENCE_S)
        assert resolved.edit is not None
        helix.apply(resolved.edit)
        assert helix.text(path) == SOURCE.replace('euros."""\n\n\n', 'euros."""\n\nimport json\n\n\n')
        await helix.until(path, lambda each: not each, PATIENCE_S)
        await helix.command("suture.fuzz", {"uri": path.as_uri(), "name": "average"}, PATIENCE_S)
        crashed = await helix.until(path, lambda each: bool(each), PATIENCE_S)
        assert "ZeroDivisionError" in str(crashed[0].message)
    finally:
        await helix.stop()
