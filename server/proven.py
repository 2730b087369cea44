"""Proven improvements of what a document's reviewers found, kept for as long as their definition is as it was proven.

Invariant: an edit is offered for the very text it was proven on, or for one that differs only outside of the definition
and of the places it changes; there it is moved along. Anything else forgets it.
Invariant: nothing here waits, starts anything or runs anything.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from ..analyzers.findings import Edit, FileEdit, Replacement, text_hash
from ..healing.improvements.titles import proof_of
from .codec import edit_from_json
from .documents import Document

#: Findings of one document whose proofs, or failures, are kept.
KEPT = 200


@dataclass(frozen=True, slots=True)
class Proven:
    """What is known of one finding: proven edits (none: it was tried, and nothing could be proven), the text they apply
    to, and the offsets of the definition in it."""

    version: int | None
    text: str
    start: int
    end: int
    edits: tuple[Edit, ...]
    refused: tuple[str, ...] = ()

    def moved(self, text: str, version: int | None) -> Proven | None:
        """The same for another text; None if what changed touches the definition, or a place of an edit."""
        if text == self.text:
            return replace(self, version=version)
        first, last = _changed(self.text, text)
        shift = len(text) - len(self.text)

        def place(start: int, end: int) -> tuple[int, int] | None:
            if end < first or (end <= first and start < end):
                return start, end
            return (start + shift, end + shift) if start >= last else None

        span = place(self.start, self.end)
        edits = [_moved(each, text, place) for each in self.edits]
        if span is None or any(each is None for each in edits):
            return None
        return Proven(version, text, *span, tuple(each for each in edits if each is not None), self.refused)


def _moved(edit: Edit, text: str, place: Any) -> Edit | None:
    """An edit of one file for another text of it; edits of several files are not moved."""
    if len(edit.files) != 1:
        return None
    file = edit.files[0]
    moved: list[Replacement] = []
    for each in file.replacements:
        at = place(each.start, each.end)
        if at is None:
            return None
        moved.append(Replacement(at[0], at[1], each.text))
    return replace(edit, files=(FileEdit(file.path, text_hash(text), tuple(moved)),))


def _changed(old: str, new: str) -> tuple[int, int]:
    """The part of the old text that is not the same at the start, or at the end, of the new one."""
    shorter = min(len(old), len(new))
    first = _common(lambda size: old[:size] == new[:size], shorter)
    last = _common(lambda size: old[len(old) - size :] == new[len(new) - size :], shorter - first)
    return first, len(old) - last


def _common(same: Callable[[int], bool], most: int) -> int:
    """The largest size up to ``most`` that is the same, by halving."""
    low, high = 0, most
    while low < high:
        middle = (low + high + 1) // 2
        if same(middle):
            low = middle
        else:
            high = middle - 1
    return low


@dataclass
class Proofs:
    """What is known of all open documents: (uri, identifier of the finding) → its proof."""

    _known: dict[tuple[str, str], Proven] = field(default_factory=dict[tuple[str, str], Proven])

    def get(self, document: Document, ident: str) -> Proven | None:
        """The proof for the document's text of now; None if nothing is known of it."""
        known = self._known.get((document.uri, ident))
        if known is None or known.version == document.version:
            return known
        moved = known.moved(document.text, document.version)
        if moved is None:
            del self._known[document.uri, ident]
        else:
            self._known[document.uri, ident] = moved
        return moved

    def put(self, uri: str, ident: str, proven: Proven) -> None:
        self._known[uri, ident] = proven
        own = [key for key in self._known if key[0] == uri]
        for key in own[: max(0, len(own) - KEPT)]:
            del self._known[key]

    def forget(self, uri: str = "") -> None:
        """Everything about a document; about all of them without one."""
        for key in [key for key in self._known if not uri or key[0] == uri]:
            del self._known[key]


def read_answer(answer: Any, text: str, version: int | None) -> Proven:
    """The answer of the worker's job."""
    start, end = answer["span"]
    edits = tuple(edit_from_json(each) for each in answer["edits"])
    return Proven(version, text, start, end, edits, tuple(answer["refused"]))


def titled(edit: Edit) -> str:
    """The edit's title with what was proven: results first, then speed."""
    said = proof_of(edit)
    return f"{edit.title} — {said}" if said else edit.title


def offers(proven: Proven | None) -> Iterator[Edit]:
    """The edits that may be offered: proven ones only."""
    yield from (each for each in proven.edits if each.verified) if proven is not None else ()
