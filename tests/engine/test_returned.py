"""What a function or method returns is known where it is called, and follows the edits of either."""

from __future__ import annotations

import pytest

from suture.analyzers.engine import Engine
from suture.analyzers.returned import kind_of_value, parts_returned, returned

from .test_class_attributes import found, replaced

MODULE = """def rows_of(text):
    rows = []
    for line in text.splitlines():
        rows.append(line.split())
    return rows


def same(first, second):
    known = rows_of(first)
    return [row for row in second if row in known]


class Catalogue:
    def names(self):
        return [each.name for each in self.entries]

    def read(self, lines):
        names = self.names()
        return [line for line in lines if line in names]
"""


def test_a_list_that_is_returned_is_a_list_where_it_is_asked_for() -> None:
    assert found(Engine("m.py", MODULE.encode())) == [("membership-in-list", 9), ("membership-in-list", 18)]


@pytest.mark.parametrize(
    ("old", "new", "gone"),
    [
        ("    return rows\n", "    return frozenset(rows)\n", ("membership-in-list", 9)),
        ("def rows_of(text):", "def rows_in(text):", ("membership-in-list", 9)),
        ("return [each.name for each in self.entries]", "return {*self.entries}", ("membership-in-list", 18)),
        ("    def names(self):", "    def names(self) -> set[str]:", ("membership-in-list", 18)),
    ],
)
def test_an_edit_of_what_is_returned_is_seen_where_it_is_used(old: str, new: str, gone: tuple[str, int]) -> None:
    engine = Engine("m.py", MODULE.encode())
    before = found(engine)
    text = replaced(engine, MODULE, old, new)
    after = [each for each in found(engine) if each[0] == "membership-in-list"]
    assert after == [each for each in before if each != gone]
    replaced(engine, text, new, old)
    assert found(engine) == before


@pytest.mark.parametrize(
    ("text", "known"),
    [
        ("def f(a):\n    return [x for x in a]\n", (("f()", "list"),)),
        ("def f(a):\n    return [\n        [y for y in x]\n        for x in a\n    ]\n", (("f()", "list"),)),
        ("def f(a) -> dict[str, int]:\n    return a\n", (("f()", "dict"),)),
        ("def f(a):\n    if a:\n        return None\n    return sorted(a)\n", (("f()", "list"),)),
        ("@property\ndef f(self):\n    return list(self.a)\n", (("f", "list"),)),
        ("def f(a):\n    b = set(a)\n    return b\n", (("f()", "set"),)),
        ("def f(a):\n    b = []\n    b = g(b)[0]\n    return b\n", ()),
        ("def f(a):\n    if a:\n        return []\n    return [x for x in a]\n", (("f()", "list"),)),
        ("def f(a):\n    if a:\n        return []\n    return set(a)\n", ()),
        ("def f(a):\n    return [] if a else None\n", ()),
        ("def f(a):\n    return []\n", ()),
        ("def f(a):\n    return [x for x in a] and a\n", ()),
        ("def f(a):\n    if a:\n        return set(a)\n    return list(a)\n", ()),
        ("def f(a): return [x for x in a]\n", (("f()", "list"),)),
        ('def f(a):\n    """F.\n\n    :return: all of them\n    """\n    return [x for x in a]\n', (("f()", "list"),)),
        ("def f(a):\n    if a: return sorted(a)\n    elif a is None: return set()\n    return list(a)\n", ()),
        ("def f(a):\n    if a[1:]: return set(a)\n    return list(a)\n", ()),
        ("def f(a):\n    try:\n        return sorted(a)\n    except KeyError: return set(a)\n", ()),
        ("def f(a):\n    with a.lock: return set(a)\n    return list(a)\n", ()),
        ("def f(a):\n    if a:\n        b = 1; return set(a)\n    return list(a)\n", ()),
        ("def f(a):\n    b = list(a)\n    if a: b = set(a)\n    return b\n", ()),
        ("def f(a):\n    b = list(a)\n    if not b: b = []\n    return b\n", (("f()", "list"),)),
        ("def f(a):\n    b = list(a)\n    c, b = a\n    return b\n", ()),
        ("def f(a):\n    b = list(a)\n    c = b = set(a)\n    return b\n", ()),
        ("def f(a):\n    b = list(a)\n    g(a, b=set(a))\n    return b\n", (("f()", "list"),)),
        ("def f(a):\n    yield a\n    return [1, 2]\n", ()),
        ("async def f(a):\n    return [x for x in a]\n", ()),
        ("def f(a):\n    def g():\n        return [x for x in a]\n    return g\n", ()),
    ],
)
def test_only_what_is_told_plainly_is_known(text: str, known: tuple[tuple[str, str], ...]) -> None:
    assert returned(text.encode()) == known


@pytest.mark.parametrize(
    ("value", "known"),
    [
        ("self.names", "=self.names"),
        ("self.names[1:]", "=self.names"),
        ("self.names[1]", ""),
        ("self.names[:-1]", "=self.names"),
        ("self.names[int(a[1:])]", ""),
        ("self.names['a:b']", ""),
        ("sorted(a) if a else set(b) if b else list(c)", ""),
        ("sorted(a) + b if a else set(b)", ""),
        ("self.names()", "=self.names()"),
        ("self.names().first", ""),
        ("super().names() + [None]", "=super.names()"),
        ("files.read(path)", "=files.read()"),
        ("[each for each in a] + b", "list"),
        ("sorted(a)[:10]", "list"),
        ("sorted(a)[0]", ""),
        ("sorted(a) if a else None", "list"),
        ("sorted(a) if a else tuple(b)", "list"),
        ("sorted(a) if a else set(b)", ""),
        ("read(a) if a else []", "=read()|list"),
        ("read(a) or []", "=read()|list"),
        ("read(a) and b", ""),
        ("[a, b]", ""),
        ("[*a, b]", "list"),
        ("[a, b] + c", "list"),
        ("[a, b] if a else sorted(c)", "list"),
        ("a.tolist()", "list"),
        ("collections.Counter(a)", "dict"),
        ("names", ""),
    ],
)
def test_what_is_given_on_is_a_reference(value: str, known: str) -> None:
    assert kind_of_value(value) == known


def test_none_says_nothing_of_what_else_a_name_is_given() -> None:
    text = "def f(a):\n    rows = None\n    if a:\n        rows = [x for x in a]\n    return rows\n"
    assert returned(text.encode()) == (("f()", "list"),)


CHAINED = """class Store:
    def __init__(self, rows: list[str], marks):
        self.rows = rows
        self.marks = marks
        self.sorted = self.put_in_order()

    def put_in_order(self):
        return sorted(self.marks)

    def all_rows(self):
        return self.rows

    def missing(self, asked):
        return [each for each in asked if each not in self.all_rows()]

    def unmarked(self, asked):
        return [each for each in asked if each not in self.marks]

    def places(self, asked):
        return [each for each in asked if each in self.sorted]
"""


def test_an_attribute_is_followed_to_what_gives_it_its_value() -> None:
    assert found(Engine("m.py", CHAINED.encode())) == [("membership-in-list", 13), ("membership-in-list", 19)]


@pytest.mark.parametrize(
    ("text", "known"),
    [
        ("def f(a):\n    return [x for x in a], len(a)\n", (("f()[]", "list,"),)),
        (
            "def f(a):\n    rows = []\n    if a:\n        return rows, {}\n    return [], {}\n",
            (("f()[]", "list,dict"),),
        ),
        ("def f(a):\n    return ([], a)\n", (("f()[]", "list,"),)),
        ("def f(a):\n    b, c = [], {}\n    return b, c\n", (("f()[]", "list,dict"),)),
        ("def f(a):\n    b, c = g(a)\n    b = []\n    return b, c\n", ()),
        ("def f(a):\n    if a:\n        return [], {}\n    return [], {}, a\n", ()),
        ("def f(a):\n    return len(a), a\n", ()),
        ("def f(a):\n    yield [], {}\n    return [], {}\n", ()),
        ("def f(a):\n    return [x for x in a]\n", ()),
    ],
)
def test_what_is_returned_together_is_told_part_by_part(text: str, known: tuple[tuple[str, str], ...]) -> None:
    assert parts_returned(text.encode()) == known


def test_an_edit_of_what_is_returned_together_is_seen_where_it_is_used() -> None:
    module = """def two(rows):
    return [row.name for row in rows], len(rows)


def known(rows, others):
    names, count = two(rows)
    return [each for each in others if each in names]
"""
    engine = Engine("m.py", module.encode())
    assert found(engine) == [("membership-in-list", 6)]
    text = replaced(engine, module, "[row.name for row in rows]", "{row.name for row in rows}")
    assert found(engine) == []
    replaced(engine, text, "{row.name for row in rows}", "[row.name for row in rows]")
    assert found(engine) == [("membership-in-list", 6)]
