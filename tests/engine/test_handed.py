"""What callers in a module hand to a function is known in it, and follows the edits of the callers."""

from __future__ import annotations

import pytest

from suture.analyzers.engine import Engine
from suture.analyzers.handed import handed

from .test_class_attributes import found, replaced

MODULE = """def unknown(words, listed):
    return [word for word in words if word not in listed]


def first(files, words):
    names = [file.name for file in files]
    return unknown(words, names)


def second(files, words):
    names = sorted(files)
    return unknown(words, listed=names)


class Files:
    def without(self, words, listed):
        return [word for word in words if word not in listed]

    def review(self, files, words):
        names = [file.name for file in files]
        return self.without(words, names)
"""
FUNCTION, METHOD = ("membership-in-list", 1), ("membership-in-list", 16)


def test_a_list_that_is_handed_on_is_a_list_there() -> None:
    assert found(Engine("m.py", MODULE.encode())) == [FUNCTION, METHOD]


@pytest.mark.parametrize(
    ("edits", "gone"),
    [
        ([("names = sorted(files)", "names = frozenset(files)")], None),
        (
            [
                ("names = sorted(files)", "names = frozenset(files)"),
                ("names = [file.name for file in files]\n    return unknown", "names = {*files}\n    return unknown"),
            ],
            FUNCTION,
        ),
        ([("return self.without(words, names)", "return self.without(names, words)")], METHOD),
        ([("def unknown(", "def known(")], FUNCTION),
    ],
)
def test_an_edit_of_a_caller_is_seen_in_what_it_calls(
    edits: list[tuple[str, str]], gone: tuple[str, int] | None
) -> None:
    engine = Engine("m.py", MODULE.encode())
    assert [each for each in found(engine) if each[0] == "membership-in-list"] == [FUNCTION, METHOD]
    text = MODULE
    for old, new in edits:
        text = replaced(engine, text, old, new)
    after = [each for each in found(engine) if each[0] == "membership-in-list"]
    assert after == [each for each in (FUNCTION, METHOD) if each != gone]
    for old, new in reversed(edits):
        text = replaced(engine, text, new, old)
    assert found(engine) == [FUNCTION, METHOD]


@pytest.mark.parametrize(
    ("text", "known"),
    [
        ("def f(a):\n    b = [x for x in a]\n    g(1, b)\n", (("g(", "1"),)),
        ("def f(a):\n    b = [x for x in a]\n    g(h(1, 2), [3, 4], b)\n    g(k=b)\n", (("g(", "2 k"),)),
        ("def f(a):\n    b = []\n    for x in a:\n        b.append(x)\n    g(b)\n", (("g(", "0"),)),
        ("def f(a):\n    b = [1, 2]\n    g(b)\n", ()),
        ("def f(a):\n    b = [x for x in a]\n    b = set(b)\n    g(b)\n", ()),
        ("def f(a):\n    b = [x for x in a]\n    g(*a, b)\n", ()),
        ("def f(a):\n    b = [x for x in a]\n    o.g(b)\n    g(b[0], b + a)\n", ()),
    ],
)
def test_only_a_list_that_follows_the_input_is_told(text: str, known: tuple[tuple[str, str], ...]) -> None:
    assert handed(text.encode(), own=False) == known
