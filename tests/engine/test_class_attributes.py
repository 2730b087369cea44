"""What a class gives to ``self.name`` in one member is known in the others, and follows the edits."""

from __future__ import annotations

import pytest

from suture.analyzers.attributes import agreed, own_attributes
from suture.analyzers.engine import Engine, analyse

CLASS = """class Crawler:
    rows: list[str]

    def __init__(self):
        self.waiting = []
        self.data = b""

    def run(self, rows, stream):
        for row in rows:
            if row in self.waiting:
                print(row)
            if row in self.rows:
                print(row)
            self.data += stream.read()
"""


def found(engine: Engine) -> list[tuple[str, int]]:
    while engine.advance(1.0).pending:
        continue
    return [(each.rule, each.range.line) for each in engine.findings()]


def replaced(engine: Engine, text: str, old: str, new: str) -> str:
    """Replace ``old`` in the engine's text, as an editor would."""
    start = text.index(old)
    after = text[:start] + new + text[start + len(old) :]
    points: list[tuple[int, int]] = []
    for source, end in ((text, start), (text, start + len(old)), (after, start + len(new))):
        lines = source[:end].split("\n")
        points.append((len(lines) - 1, len(lines[-1])))
    engine.edit(start, start + len(old), start + len(new), points[0], points[1], points[2], after.encode())
    return after


def test_a_list_made_in_one_method_is_a_list_in_the_others() -> None:
    assert found(Engine("m.py", CLASS.encode())) == [
        ("membership-in-list", 9),
        ("membership-in-list", 11),
        ("text-built-in-loop", 13),
    ]


@pytest.mark.parametrize(
    ("old", "new", "gone"),
    [
        ("self.waiting = []", "self.waiting = make()", ("membership-in-list", 9)),
        ("rows: list[str]", "rows: set[str]", ("membership-in-list", 11)),
        ('self.data = b""', "self.data = bytearray()", ("text-built-in-loop", 13)),
    ],
)
def test_an_edit_in_one_member_is_seen_in_the_others(old: str, new: str, gone: tuple[str, int]) -> None:
    engine = Engine("m.py", CLASS.encode())
    before = found(engine)
    text = replaced(engine, CLASS, old, new)
    after = found(engine)
    assert set(before) - set(after) == {gone}
    assert engine.findings() == analyse("m.py", text).findings
    text = replaced(engine, text, new, old)
    assert found(engine) == before


def test_an_attribute_that_is_given_different_things_is_not_known() -> None:
    text = CLASS.replace("self.waiting = []", "self.waiting = []\n        self.waiting = {1}")
    assert found(Engine("m.py", text.encode())) == [("membership-in-list", 12), ("text-built-in-loop", 14)]


@pytest.mark.parametrize(
    ("texts", "known"),
    [
        (("def a(self, x):\n    self.x = x\n",), {}),
        (("def a(self, x):\n    self.x = x\n", "def b(self):\n    self.x.append(1)\n"), {"x": "list"}),
        (("def a(self, x):\n    self.x = x\n", "def b(self):\n    self.x = []\n"), {"x": "list"}),
        (("def a(self, x={}):\n    self.x = x\n", "def b(self):\n    self.x = []\n"), {}),
        (("def a(self, x):\n    x = f(x)\n    self.x = x\n", "def b(self):\n    self.x.append(1)\n"), {}),
        (("def a(self, x=None):\n    self.x = x or []\n",), {"x": "list"}),
        (("def a(self, x=None):\n    self.x = x if x is not None else {}\n",), {"x": "dict"}),
        (("def a(self, x=None):\n    self.x = set() if x is None else x\n",), {"x": "set"}),
        (("def a(self, x):\n    self.x = [\n        y\n        for y in x\n    ]\n",), {"x": "list"}),
        (("def a(self):\n    # self.x = {}\n    self.x = []\n",), {"x": "list"}),
        (("def a(self):\n    self.x = defaultdict(list)\n",), {"x": "dict", "x[]": "list"}),
        (("def a(self):\n    self.x = {}\n", "def b(self):\n    self.x[1] = []\n"), {"x": "dict", "x[]": "list"}),
        (("def a(self):\n    self.x = defaultdict(list)\n", "def b(self):\n    self.x[1] = set()\n"), {"x": "dict"}),
        (("def b(self):\n    self.x.append(1)\n",), {}),
    ],
)
def test_what_a_class_says_of_an_attribute(texts: tuple[str, ...], known: dict[str, str]) -> None:
    assert dict(agreed(own_attributes(each.encode())[1] for each in texts)) == known
