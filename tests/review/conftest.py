"""Reviews of these tests keep what they cache to themselves."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def own_cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The cache folder of this test; not below its ``tmp_path``, which it may review."""
    folder = tmp_path_factory.mktemp("cache")
    monkeypatch.setenv("SUTURE_CACHE_DIR", str(folder))
    return folder
