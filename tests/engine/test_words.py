"""A rule that names words is asked about units that say one of them, in their text or in an import, and no others."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from suture.analyzers.engine import analyse
from suture.analyzers.findings import Finding
from suture.analyzers.rules import Rule
from suture.analyzers.syntax import Unit


def asked_about(text: str, *words: bytes, once: bool) -> list[str]:
    asked: list[str] = []

    def check(unit: Unit) -> Iterator[Finding]:
        asked.append(unit.name)
        yield from ()

    rule = Rule("told", "security", "crypto", "tells what it is asked about", "low", check, words=words)
    analyse("told.py", text, [rule], once=once)
    return sorted(asked)


FUNCTIONS = "def one():\n    load(1)\n\n\ndef two():\n    return 2\n"


@pytest.mark.parametrize("once", [False, True])
def test_only_units_that_say_a_word_are_asked_about(once: bool) -> None:
    assert asked_about(FUNCTIONS, b"dump", b"load", once=once) == ["one"]
    assert asked_about(FUNCTIONS, b"dump", once=once) == []
    assert asked_about(FUNCTIONS, once=once) == ["one", "two"]


@pytest.mark.parametrize("once", [False, True])
def test_what_an_import_says_every_unit_says(once: bool) -> None:
    assert asked_about(f"from yaml import safe_load as load\n{FUNCTIONS}", b"yaml", once=once) == ["", "one", "two"]
