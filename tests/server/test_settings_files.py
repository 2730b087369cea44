"""A settings file that nobody opened still says what in it does not count."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

Make = Callable[..., Any]
Run = Callable[[Any], Any]


def published(h: Any) -> list[tuple[str, list[int]]]:
    """(file, lines) of every publish so far."""
    params = [each["params"] for each in h.sent if each.get("method") == "textDocument/publishDiagnostics"]
    return [
        (Path(each["uri"]).parent.name, [item["range"]["start"]["line"] for item in each["diagnostics"]])
        for each in params
    ]


def test_warnings_of_a_file_that_is_not_open_are_published_and_taken_back_when_it_is_opened_or_mended(
    harness: Make, run: Run, tmp_path: Path
) -> None:
    for name in ("root", "nested"):
        (tmp_path / name).mkdir()
    place = tmp_path / "root" / "pyproject.toml"
    place.write_text("[tool.suture.review]\n\nsevrity = 'x'\n")
    (tmp_path / "nested" / "pyproject.toml").write_bytes(b"[tool.suture\n")

    async def main() -> None:
        h = harness("sync", "settings_files")
        await h.initialize(rootUri=(tmp_path / "root").as_uri())
        h.notify("initialized", {})
        assert published(h) == [("root", [2])]
        h.open((tmp_path / "nested" / "a.py").as_uri(), "x = 1\n")
        assert published(h)[1:] == [("nested", [0])]
        h.open(place.as_uri(), place.read_text())
        assert published(h)[2:] == [("root", [])]
        place.write_text("[tool.suture.review]\nseverity = 'high'\n")
        h.notify("textDocument/didClose", {"textDocument": {"uri": place.as_uri()}})
        assert published(h)[3:] == []
        place.write_text("nonsense\n")
        h.notify("workspace/didChangeWatchedFiles", {"changes": [{"uri": place.as_uri(), "type": 2}]})
        assert published(h)[3:] == [("root", [0])]

    run(main())


def test_a_settings_file_that_is_not_text_is_one_warning_and_nobody_fails(
    harness: Make, run: Run, tmp_path: Path
) -> None:
    (tmp_path / "pyproject.toml").write_bytes(b"[tool.suture]\n\xff\xfe\0\0")

    async def main() -> None:
        h = harness("sync", "settings_files")
        await h.initialize(rootUri=tmp_path.as_uri())
        h.notify("initialized", {})
        assert [lines for _, lines in published(h)] == [[0]]
        message = h.sent[-1]["params"]["diagnostics"][0]["message"]
        assert "binary" in message
        assert "defaults" in message

    run(main())
