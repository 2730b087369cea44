"""Documents: any sequence of edits equals the same edits on a plain string, in every position encoding."""

from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path
from typing import Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lsprotocol import types

from suture.analyzers.errors import UserError
from suture.analyzers.findings import Range
from suture.analyzers.source import Encoding
from suture.server.documents import (
    MAX_SPLICES,
    Document,
    DocumentWorkspace,
    Splice,
    default_engine,
    difference,
    line_lengths,
    splice_between,
)

ENCODINGS: tuple[Encoding, ...] = ("utf-8", "utf-16", "utf-32")

pieces = st.sampled_from(
    [
        "a",
        "b c",
        "é",
        "ß",
        "漢",
        "😀",
        "\n",
        "\r\n",
        "\r",
        "\f",
        "\u2028",
        "\x1c",
        "\x85",
        "\t",
        "\u0301",
        "def f():\n",
        "",
    ]
)
texts = st.lists(pieces, max_size=12).map("".join)


def split(text: str) -> list[str]:
    """The lines of the specification, endings included."""
    starts = [0, *(match.end() for match in re.finditer(r"\r\n|\n|\r", text)), len(text)]
    return [text[a:b] for a, b in pairwise(starts)] if len(starts) > 2 else [text]


def units(text: str, encoding: Encoding) -> int:
    if encoding == "utf-32":
        return len(text)
    return len(text.encode("utf-8")) if encoding == "utf-8" else len(text.encode("utf-16-le")) // 2


def reference_offset(text: str, place: tuple[int, int], encoding: Encoding) -> int:
    """A slow, obvious offset: walk the line until the units are used up."""
    line, character = place
    lines = split(text)
    if line >= len(lines):
        return len(text)
    offset = sum(map(len, lines[:line]))
    for char in lines[line].rstrip("\r\n"):
        character -= units(char, encoding)
        if character < 0:
            break
        offset += 1
    return offset


positions = st.tuples(st.integers(0, 8), st.integers(0, 14))
edits = st.lists(st.tuples(positions, positions, texts), max_size=8)


class Recorder:
    """An engine that only checks that what it is told leads from text to text."""

    def __init__(self, path: str, data: bytes) -> None:
        self.data = data

    def edit(
        self,
        start: int,
        old_end: int,
        new_end: int,
        start_point: Any,
        old_end_point: Any,
        new_end_point: Any,
        data: bytes,
    ) -> None:
        assert self.data[:start] + data[start:new_end] + self.data[old_end:] == data
        assert start_point == point(self.data, start)
        assert old_end_point == point(self.data, old_end)
        assert new_end_point == point(data, new_end)
        for text, offset in ((self.data, start), (self.data, old_end), (data, new_end)):
            text[:offset].decode("utf-8")  # whole characters only
        self.data = data

    def findings(self) -> tuple[()]:
        return ()


def point(data: bytes, offset: int) -> tuple[int, int]:
    head = data[:offset]
    return head.count(b"\n"), len(head) - (head.rfind(b"\n") + 1)


def make(text: str, encoding: Encoding = "utf-16") -> Document:
    return Document("file:///t.py", text, 1, "python", encoding, cast("Any", Recorder))


def engine(document: Document) -> Recorder:
    return cast("Recorder", document.analysis)


@settings(max_examples=300, deadline=None)
@given(texts, edits, st.sampled_from(ENCODINGS), st.sets(st.integers(0, 8)))
def test_any_sequence_of_edits_equals_the_same_edits_on_a_string(
    text: str, changes: list[tuple[tuple[int, int], tuple[int, int], str]], encoding: Encoding, looks: set[int]
) -> None:
    document = make(text, encoding)
    assert engine(document).data == text.encode()
    for number, (start, end, new) in enumerate(changes):
        start, end = min(start, end), max(start, end)
        a, b = reference_offset(text, start, encoding), reference_offset(text, end, encoding)
        text = text[:a] + new + text[b:]
        document.splice(start, end, new)
        assert document.text == text
        assert list(document.lines) == split(text)
        assert [document.line_text(n) for n in range(document.line_count)] == [x.rstrip("\r\n") for x in split(text)]
        if number in looks:  # the engine is asked now and then, not after every edit
            assert engine(document).data == text.encode()
    assert engine(document).data == text.encode()


@settings(max_examples=200, deadline=None)
@given(texts, st.sampled_from(ENCODINGS), st.data())
def test_positions_go_to_offsets_and_back(text: str, encoding: Encoding, data: st.DataObject) -> None:
    document = make(text, encoding)
    offset = data.draw(st.integers(0, len(text)))
    line, column = document.position(offset)
    inside = text[offset - 1 : offset + 1] == "\r\n"
    assert document.offset(line, column) == offset - inside
    there = document.lsp_position(line, column)
    assert document.position_of(types.Position(**there)) == (line, column)
    assert reference_offset(text, (there["line"], there["character"]), encoding) == offset - inside
    shot = document.snapshot()
    assert shot.lsp_position(line, column) == there
    assert shot.index.offset(line, column) == offset - inside


@settings(max_examples=200, deadline=None)
@given(texts, st.integers(0, 12), st.integers(0, 30), st.sampled_from(ENCODINGS))
def test_a_position_anywhere_is_clamped_into_the_text(text: str, line: int, character: int, encoding: Encoding) -> None:
    document = make(text, encoding)
    position = types.Position(line, character)
    assert document.offset_at_position(position) == reference_offset(text, (line, character), encoding)
    shot = document.snapshot()
    assert shot.position_of(position) == document.position_of(position)
    assert shot.range_of(types.Range(position, position)) == document.range_of(types.Range(position, position))


@settings(max_examples=200, deadline=None)
@given(texts, texts)
def test_the_difference_of_two_texts_is_one_replacement_of_whole_characters(old: str, new: str) -> None:
    a, b = old.encode(), new.encode()
    start, old_end, new_end = difference(a, b)
    assert a[:start] + b[start:new_end] + a[old_end:] == b
    for data, offset in ((a, start), (a, old_end), (b, new_end)):
        data[:offset].decode()
    assert (splice_between(a, b) is None) == (a == b)


def test_a_full_text_change_tells_the_engine_only_what_differs() -> None:
    document = make("a = 1\nb = 2\nc = 3\n")
    seen: list[Splice] = []
    recorder = engine(document)
    original = recorder.edit

    def spy(*args: Any) -> None:
        seen.append(Splice(*args[:-1]))
        original(*args)

    recorder.edit = spy  # type: ignore[method-assign]
    document.apply_change(types.TextDocumentContentChangeWholeDocument("a = 1\nb = 22\nc = 3\n"))
    assert engine(document).data == document.data
    assert [(each.start_byte, each.old_end_byte, each.new_end_byte) for each in seen] == [(11, 11, 12)]


def test_many_edits_in_one_go_reach_the_engine_as_one() -> None:
    document = make("x\n" * 100)
    recorder = engine(document)
    calls: list[int] = []
    original = recorder.edit
    recorder.edit = lambda *args: (calls.append(1), original(*args))[1]  # type: ignore[method-assign]
    for line in range(100):
        document.splice((line, 0), (line, 1), "yy")
    assert engine(document).data == b"yy\n" * 100
    assert len(calls) == 1


def test_texts_that_were_given_out_stay_as_they_are_while_many_edits_are_spliced_in_place() -> None:
    document = Document("file:///w/a.py", "é = 1\n" * 3, 1, "python")
    document.analysis.findings()
    given = [document.data]
    for number in range(3 * MAX_SPLICES):
        document.splice((1, 0), (1, 1), "éx"[number % 2] * 2)
        if number % 10 == 9:
            given.append(document.data)
    assert given[0] == "é = 1\n".encode() * 3
    assert {type(each) for each in given} == {bytes}
    assert given[1] != given[2] != document.data
    assert document.text == f"é = 1\n{document.line_text(1)}\né = 1\n"
    assert document.analysis.bound() == default_engine("a.py", document.data).bound()


@pytest.mark.parametrize("text", ["\ud800", "a\udfffb\n", "\ud83d\ude00", "x = '\ud800'\n"])
def test_a_lone_surrogate_becomes_a_replacement_character_of_the_same_width(text: str) -> None:
    document = make(text)
    assert units(document.text, "utf-16") == len(text.encode("utf-16-le", "surrogatepass")) // 2
    document.splice((0, 0), (0, 0), text)
    document.text.encode("utf-8")
    document.snapshot()


def test_a_reversed_range_is_taken_the_right_way_round() -> None:
    document = make("abcdef")
    document.splice((0, 4), (0, 1), "-")
    assert document.text == "a-ef"


def test_an_edit_costs_what_it_is_long_not_what_the_file_is_long() -> None:
    import time

    def best(lines: int) -> float:
        document = make("    value = compute(argument)  # a comment\n" * lines)
        times: list[float] = []
        for _ in range(50):
            began = time.perf_counter()
            document.splice((lines // 2, 5), (lines // 2, 5), "x")
            times.append(time.perf_counter() - began)
        return min(times)

    assert best(100_000) < 0.003
    assert best(100_000) < 60 * best(100) + 0.001  # a thousand times the text


def test_a_snapshot_does_not_change_with_its_document() -> None:
    document = make("one\n")
    before = document.snapshot()
    document.splice((0, 0), (0, 3), "two")
    document.version = 2
    assert (before.text, before.version) == ("one\n", 1)
    assert document.snapshot().text == "two\n"


def test_ranges_of_findings_become_ranges_of_the_editor() -> None:
    document = make("😀 = 1\n")
    assert document.lsp_range(Range(0, 0, 0, 1)) == {
        "start": {"line": 0, "character": 0},
        "end": {"line": 0, "character": 2},
    }
    assert document.lsp_range(Range(7, 3, 9, 9))["end"] == {"line": 1, "character": 0}


def test_line_lengths_are_those_of_the_specification() -> None:
    assert line_lengths(b"") == [0]
    assert line_lengths(b"a\n") == [2, 0]
    assert line_lengths(b"a\r\nb\rc\x0c\n") == [3, 2, 3, 0]


def workspace(tmp_path: Path) -> DocumentWorkspace:
    folders = [types.WorkspaceFolder(path.as_uri(), path.name) for path in (tmp_path, tmp_path / "inner")]
    return DocumentWorkspace(None, folders, "utf-16")


def test_a_file_that_is_not_open_is_read_as_python_reads_it(tmp_path: Path) -> None:
    path = tmp_path / "latin.py"
    path.write_bytes(b"# coding: latin-1\r\nx = '\xe9'\r\n")
    document = workspace(tmp_path).get_text_document(path.as_uri())
    assert document.text == "# coding: latin-1\r\nx = 'é'\r\n"
    assert not document.opened


@pytest.mark.parametrize("content", [b"\0\1\2binary", b"x = '\xff'\n", None])
def test_a_file_that_cannot_be_read_says_why(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "odd.py"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(UserError, match=r"odd\.py"):
        workspace(tmp_path).get_text_document(path.as_uri())


def test_a_document_that_is_no_file_must_be_open(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="not a file"):
        workspace(tmp_path).get_text_document("untitled:Untitled-1")


def test_the_innermost_root_holds_a_file(tmp_path: Path) -> None:
    place = workspace(tmp_path)
    assert place.root_of(tmp_path / "inner" / "a.py") == tmp_path / "inner"
    assert place.root_of(tmp_path / "a.py") == tmp_path
    assert place.root_of("/elsewhere/a.py") is None
