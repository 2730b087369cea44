"""Small word lists, written as text."""

from __future__ import annotations


def words_of(text: str) -> frozenset[str]:
    """The words of ``text``, separated by white space."""
    return frozenset(text.split())
