"""A definition that is typed in is parsed by itself: what that gives equals a parse of the whole text."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from suture.analyzers import alone as alone_module
from suture.analyzers import engine as engine_module
from suture.analyzers.alone import LONGEST, SHORT
from suture.analyzers.engine import Engine, analyse
from suture.analyzers.pieces import Block, build_all
from suture.analyzers.syntax import parse

TEXT = (
    "import os\n\n\ndef first(a):\n    b = a\n    return b\n  # between\n\n\n@os.mark\nclass A:\n    limit = 1\n\n"
    "    def one(self):\n        self.seen = []\n        if self:\n            return 1\n        # ends\n"
    "      # odd\n    name = property(one)\n\n    @name.setter\n    def two(self, é='ü'):\n        return gone, é\n\n\n"
    "async def last():\n    return '''\n  long\n'''\n"
)
TYPED = ["", "x", "(", ")", ":", " ", "    ", "\\", "'", '"""', "# c", "; y = 1", "global z", "lambda: 0", "é", "\n"]


def point(data: bytes, byte: int) -> tuple[int, int]:
    return data.count(b"\n", 0, byte), byte - (data.rfind(b"\n", 0, byte) + 1)


class Typing:
    def __init__(self, text: str) -> None:
        self.data = text.encode()
        self.engine = Engine("m.py", self.data, rules=())
        self.engine.findings()

    def replace(self, start: int, end: int, new: bytes) -> None:
        data = self.data[:start] + new + self.data[end:]
        stop = start + len(new)
        self.engine.edit(start, end, stop, point(self.data, start), point(self.data, end), point(data, stop), data)
        self.data = data

    def blocks(self) -> list[Any]:
        return told(self.engine._blocks)  # pyright: ignore[reportPrivateUsage]


def told(blocks: list[Block]) -> list[Any]:
    """What is known of blocks, apart from what was found in them."""
    return [
        (each.start, each.end, each.row, each.binds, each.inside, each.own, each.imports, each.star,
         [(it.start, it.size, it.row, it.column, it.owner, it.names, it.uses, it.gives) for it in each.pieces])
        for each in blocks
    ]  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(st.lists(st.tuples(st.floats(0, 1), st.integers(0, 4), st.sampled_from(TYPED), st.booleans()), max_size=8))
def test_after_each_edit_the_pieces_are_those_of_a_fresh_parse(edits: list[tuple[float, int, str, bool]]) -> None:
    typing = Typing(TEXT)
    for where, length, new, wait in edits:
        source, before = typing.data.decode(), typing.data
        start = int(where * len(source))
        first, last = len(source[:start].encode()), len(source[: start + length].encode())
        typing.replace(first, last, new.encode())
        typing.engine.findings()
        while wait and typing.engine.advance(1.0).pending:
            continue
        root = parse(typing.data).root_node
        if root.has_error:  # where pieces begin then depends on how the parser came there: take it back
            typing.replace(first, first + len(new.encode()), before[first:last])
            typing.engine.findings()
            root = parse(typing.data).root_node
        assert typing.blocks() == told(build_all(root, typing.data).fresh)
        if wait:
            assert str(typing.engine.tree.root_node) == str(root)


LETTERS = ["a", "b", "_", "e", "", " ", "é", "1", "'", ".", "=", "(", "s"]
NAMES = (
    "def f(self, os, *, key=gone):\n    x = [os for os in gone if os.gone(gone=gone, k=os)]\n    # gone\n"
    "    def os_(x): return gone, x, (y := x), f'{gone}é', gone if gone else y\n    global z\n"
    "    try: gone\n    except NameErro: pass\n    for i in gone: é = gone; print (gone, i, é)\n    return z\n"
)


@settings(max_examples=400, deadline=None)
@given(st.lists(st.tuples(st.floats(0, 1), st.integers(0, 1), st.sampled_from(LETTERS)), min_size=1, max_size=6))
def test_a_name_that_is_typed_is_known_as_in_a_fresh_parse(edits: list[tuple[float, int, str]]) -> None:
    typing = Typing(NAMES)
    places = [match.span() for match in re.finditer(r"\w+", NAMES)]
    for where, length, new in edits:
        before = typing.data
        first, last = places[int(where * (len(places) - 1))]
        at = min(first + int(where * 997) % (last - first + 1), len(NAMES) - 1)
        start, stop = len(NAMES[:at].encode()), len(NAMES[: at + length].encode())
        typing.replace(start, stop, new.encode())
        typing.engine.findings()
        root = parse(typing.data).root_node
        if not root.has_error:
            assert typing.blocks() == told(build_all(root, typing.data).fresh)
        typing.replace(start, start + len(new.encode()), before[start:stop])
        typing.engine.findings()
        assert typing.blocks() == told(build_all(parse(before).root_node, before).fresh)


@pytest.mark.parametrize("place", ["b = a", "if self", "return gone", "long"])
def test_the_whole_text_is_not_parsed_at_a_keystroke_in_a_definition(
    place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    typing = Typing(TEXT)
    parsed: list[bytes] = []
    monkeypatch.setattr(engine_module, "parse", lambda data, old: parsed.append(data) or parse(data, old))  # pyright: ignore
    at = typing.data.index(place.encode()) + len(place)
    typing.replace(at, at, b"x")
    typing.engine.findings()
    assert parsed == []
    assert typing.engine.tree.root_node.text == typing.data
    assert parsed == [typing.data]


MARKED = (
    "# suture: ignore[undefined-name]\nprint(gone)\n\n\n"
    "def one(a):\n    b = gone  # noqa\n    return gone, '# noqa'\n\n\n"
    'def two(a):\n    b = """\n    # suture: ignore """, gone\n    return gone  # noqa: F821\n'
)


def test_comments_that_silence_are_told_from_strings_without_the_whole_text(monkeypatch: pytest.MonkeyPatch) -> None:
    typing = Typing(MARKED)
    parsed: list[bytes] = []
    monkeypatch.setattr(engine_module, "parse", lambda data, old: parsed.append(data) or parse(data, old))  # pyright: ignore
    for old, new, whole in (
        (b"return gone,", b"return gonex,", 0),
        (b"'# noqa'", b"'# noqa' # noqa", 0),
        (b"gone  # noqa", b"gone + '# noqa'", 0),
        (b'b = "', b'b = gone, "', 1),  # two definitions: the whole text is parsed
        (b'ignore "', b'ignore"', 1),
    ):
        at = typing.data.index(old)
        typing.replace(at, at + len(old), new)
        found = typing.engine.findings()
        assert found == analyse("m.py", typing.data.decode(), ()).findings
        assert len(parsed) == whole


def test_a_long_definition_is_parsed_by_itself_from_the_second_edit_on(monkeypatch: pytest.MonkeyPatch) -> None:
    body = "    print(1)\n" * (SHORT // 10)
    assert SHORT < len(body) < LONGEST
    typing = Typing(f"x = 1\n\n\ndef f():\n{body}\n\nprint(x)\n")
    parsed: list[bytes] = []
    monkeypatch.setattr(engine_module, "parse", lambda data, old: parsed.append(data) or parse(data, old))  # pyright: ignore
    at = typing.data.index(b"print(1") + 7
    for _ in range(3):
        typing.replace(at, at, b"1")
        typing.engine.findings()
        while typing.engine.advance(1.0).pending:
            continue
    whole = len(parsed)
    typing.replace(at, at, b"1")
    typing.engine.findings()
    assert len(parsed) == whole
    assert typing.blocks() == told(build_all(parse(typing.data).root_node, typing.data).fresh)


def test_a_slice_that_is_used_up_leaves_the_definition_to_the_next() -> None:
    typing = Typing("def f():\n" + "    print(1)\n" * (SHORT // 10))
    assert not typing.engine.advance(1.0).pending
    at = typing.data.index(b"print(1") + 7
    typing.replace(at, at, b"1\n")
    done = [typing.engine.advance(0) for _ in range(3)]
    assert [each.pending for each in done] == [1, 0, 0]
    parsed: list[bytes] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(alone_module, "parse", lambda data, old=None: parsed.append(old) or parse(data, old))  # pyright: ignore
        typing.replace(at, at, b"1")
        typing.engine.findings()
    assert [each is not None for each in parsed] == [True]


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(["b = a", "if self", "return gone", "long"]), st.floats(0, 1))
def test_what_stands_around_a_place_is_known_without_the_whole_text(place: str, where: float) -> None:
    typing = Typing(TEXT)
    at = typing.data.index(place.encode()) + len(place)
    typing.replace(at, at, b"x")
    byte = int(where * (len(typing.data) - 1))
    near = typing.engine.around(byte)
    inside = near.root.descendant_for_byte_range(byte + near.bytes, byte + near.bytes)
    whole = parse(typing.data).root_node.descendant_for_byte_range(byte, byte)
    assert inside is not None
    assert whole is not None
    assert (inside.type, inside.start_byte - near.bytes, inside.start_point.row - near.rows, inside.text) == (
        whole.type,
        whole.start_byte,
        whole.start_point.row,
        whole.text,
    )


@pytest.mark.parametrize("new", [b"", b"x"])
def test_a_line_ending_that_an_edit_cuts_in_two_is_seen(new: bytes) -> None:
    typing = Typing("import os\r\n\r\n\r\ndef first(a):\r\n    if a:\r\n        return 1\r\n\r\n\r\nx = 1\r\n")
    at = typing.data.index(b"\nx = 1") if new else typing.data.index(b"\n        return")
    typing.replace(at, at + (not new), new)
    typing.engine.findings()
    assert typing.blocks() == told(build_all(parse(typing.data).root_node, typing.data).fresh)
    typing.replace(at, at + len(new), b"" if new else b"\n")
    typing.engine.findings()
    assert typing.blocks() == told(build_all(parse(typing.data).root_node, typing.data).fresh)
