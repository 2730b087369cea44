"""The runner itself: what must fail a case does fail it. Played against a toy server of thirty lines."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path
from typing import Any

import pytest
from lsprotocol import types
from pygls.lsp.server import LanguageServer

from .archive import CaseError, Place, parse_case, strip_markers, with_goldens
from .editor import in_process
from .runner import CaseFailure, Player, write_files


def toy_server(source: str = "suture", stale: int = 0) -> LanguageServer:
    """Reports every ``jsn`` as an undefined name and offers ``json`` for it."""
    server = LanguageServer("toy", "1")

    def publish(uri: str) -> None:
        document = server.workspace.get_text_document(uri)
        found = [
            types.Diagnostic(
                _range(number, *match.span()), "undefined name 'jsn'", source=source, code="undefined-name"
            )
            for number, line in enumerate(document.source.split("\n"))
            for match in re.finditer("jsn", line)
        ]
        server.text_document_publish_diagnostics(types.PublishDiagnosticsParams(uri, found, document.version))

    def opened(params: types.DidOpenTextDocumentParams) -> None:
        publish(params.text_document.uri)

    def changed(params: types.DidChangeTextDocumentParams) -> None:
        publish(params.text_document.uri)

    def actions(params: types.CodeActionParams) -> list[types.CodeAction]:
        uri = params.text_document.uri
        version = (server.workspace.get_text_document(uri).version or 0) - stale
        document = types.OptionalVersionedTextDocumentIdentifier(uri=uri, version=version)
        edits = [types.TextEdit(each.range, "json") for each in params.context.diagnostics]
        change = types.WorkspaceEdit(document_changes=[types.TextDocumentEdit(document, edits)])
        return [types.CodeAction("Replace with json", edit=change)] if edits else []

    server.feature(types.TEXT_DOCUMENT_DID_OPEN)(opened)
    server.feature(types.TEXT_DOCUMENT_DID_CHANGE)(changed)
    server.feature(types.TEXT_DOCUMENT_CODE_ACTION)(actions)
    return server


def _range(line: int, start: int, end: int) -> types.Range:
    return types.Range(types.Position(line, start), types.Position(line, end))


def play(text: str, root: Path, update: bool = False, **toy: Any) -> Player:
    async def session() -> Player:
        case = parse_case(text)
        write_files(case, root)
        editor = await in_process(root, "vscode", toy_server(**toy))
        player = Player(case, editor, update)
        try:
            await player.play()
        finally:
            await editor.close()
        return player

    return asyncio.run(session())


GOOD = """A misspelt module is replaced.

-- setup --
timeout_s = 0.5
-- main.py --
import json
print(jsn)  #@ diag("jsn", "undefined name"), action("jsn", "Replace with json", result="healed")
-- @healed --
import json
print(json)
"""


def test_a_case_that_is_right_passes(tmp_path: Path) -> None:
    play(GOOD, tmp_path)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('print(jsn)  #@ diag("jsn", "undefined name"), ', "print(jsn)  #@ ", r'unexpected  main.py:2: diag\("jsn"'),
        ("import json\nprint(jsn)", "import json\njson  #@ diag('json', 'x')\nprint(jsn)", "missing     main.py:2"),
        ('diag("jsn"', 'diag("print(jsn"', "missing"),
        ('diag("jsn", "undefined name")', 'diag("jsn", "unbound")', "missing"),
        ('diag("jsn", "undefined name")', 'diag("jsn", rule="other")', "missing"),
        ("print(json)", "print( json )", "differs from @healed"),
        ('result="healed"', 'result="healed"), noaction("jsn", "Replace"', "offered all the same"),
        ("Replace with json", "Import json", "wanted one action with 'Import json'"),
        ("print(json)\n", 'print(json)  #@ diag("json", "undefined name")\n', "missing     main.py:2"),
    ],
)
def test_a_case_that_says_something_else_fails(tmp_path: Path, old: str, new: str, message: str) -> None:
    assert old in GOOD
    with pytest.raises(CaseFailure, match=message):
        play(GOOD.replace(old, new), tmp_path)


def test_a_diagnostic_of_another_source_is_unexpected(tmp_path: Path) -> None:
    with pytest.raises(CaseFailure, match="source 'other'"):
        play(GOOD, tmp_path, source="other")


def test_an_edit_for_an_older_version_fails(tmp_path: Path) -> None:
    with pytest.raises(CaseFailure, match=r"an edit for version 0 of main\.py, which is at 1"):
        play(GOOD, tmp_path, stale=1)


def test_typing_and_editing_are_checked_against_their_goldens(tmp_path: Path) -> None:
    case = """Keystrokes arrive one at a time.

-- main.py crlf --
x = "é😀"
y = 1  #@ type("1", " + jsn", result="typed"), edit("y = 1", "jsn()", result="edited")
-- @typed --
x = "é😀"
y = 1 + jsn  #@ diag("jsn", "undefined name")
-- @edited --
x = "é😀"
jsn()  #@ diag("jsn", "undefined name")
"""
    play(case, tmp_path)


def test_a_change_without_a_result_is_a_badly_written_case(tmp_path: Path) -> None:
    with pytest.raises(CaseError, match="say what with result"):
        play('Typing changes the text.\n\n-- main.py --\nx = 1  #@ type("1", "2")\n', tmp_path)


def test_updating_writes_what_came_out(tmp_path: Path) -> None:
    wrong = GOOD.replace("print(json)", "print(nothing)")
    player = play(wrong, tmp_path, update=True)
    assert with_goldens(wrong, player.found) == GOOD
    assert with_goldens(GOOD.split("-- @healed")[0], player.found) == GOOD


def test_an_updated_golden_keeps_the_markers_of_lines_that_stay() -> None:
    text = 'A case.\n\n-- a.py --\nx\n-- @g --\nold\ny  #@ diag("y", "m")\n'
    assert with_goldens(text, {("g", ""): "new\ny\n"}).endswith("-- @g --\nnew\ny\n#@ diag('y', 'm')\n")


def test_reading_and_writing_an_archive_gives_the_same_bytes() -> None:
    odd = "A case.\n\n-- a.py crlf bom --\n\tx = '\x0c\u2028'\n\n-- b.py no-eol --\n-- @g a.py --\n\ny\n"
    assert with_goldens(odd, {}) == odd


def test_markers_are_taken_out_before_anything_sees_them() -> None:
    text, markers = strip_markers("a(\n  b  #@ diag(\"b\", 'm')\n  #@ noaction('b')\nc  # kept\n")
    assert text == "a(\n  b\nc  # kept\n"
    assert [(each.verb, each.line, each.place) for each in markers] == [
        ("diag", 1, Place("exact", "b")),
        ("noaction", 1, Place("exact", "b")),
    ]


@pytest.mark.parametrize(
    ("place", "span"),
    [
        (Place("exact", "ab"), (2, 4)),
        (Place("nth", "ab", 2), (5, 7)),
        (Place("after", "ab"), (4, 4)),
        (Place("before", "ab"), (2, 2)),
        (Place("eol"), (8, 8)),
        (Place("line"), (2, 7)),
    ],
)
def test_places_are_found_by_text(place: Place, span: tuple[int, int]) -> None:
    assert place.find("  ab ab ") == span


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("no sentence\n-- a.py --\n", "starts with a sentence"),
        ("A case.\n", "needs a file"),
        ("A case.\n-- a.py blue --\n", "attributes are"),
        ("A case.\n-- a.py --\nx  #@ look('x')\n", "a marker is one of"),
        ("A case.\n-- a.py --\nx  #@ diag(3)\n", "a place is"),
        ("A case.\n-- a.py --\nx  #@ diag('x'\n", "cannot read the marker"),
        ("A case.\n-- setup --\nspeed = 3\n-- a.py --\n", "setup knows"),
    ],
)
def test_a_badly_written_case_says_what_to_change(text: str, message: str) -> None:
    with pytest.raises(CaseError, match=message):
        parse_case(text)
