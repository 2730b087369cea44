"""What a prompt's context is made of, and how it is fitted into a number of tokens.

A piece is a few lines about one thing, with what it is worth. The dearest that fit are taken, whatever their kind;
within the prompt they stand by kind, in the order of :data:`KINDS`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from ..redaction import mask

#: Kinds of pieces in the order of the prompt, with their headings.
KINDS = {
    "scope": "Imports and signatures of the file it goes into",
    "imported": "What is imported",
    "type": "Types of the workspace that are mentioned",
    "caller": "How it is called",
    "similar": "Functions of the workspace that do something similar (texts are left out)",
    "strategy": "How this workspace does such things (texts are left out)",
    "convention": "Conventions of this project",
    "history": "Last changes of the file",
    "avoid": "What reviewers have found here; do not add more of it",
}
#: Kinds that are code; the others are sentences.
CODE = frozenset({"scope", "imported", "type", "caller", "similar", "strategy"})
#: Tokens of context if nobody says otherwise.
TOKENS = 2_400
#: Bytes that one token has at least, on average over code and English.
_BYTES_PER_TOKEN = 2.7


@dataclass(frozen=True, slots=True)
class Piece:
    """``text`` about one thing; ``worth`` from 0 to 1 says what to keep if not all fits; ``path`` is the workspace file
    that it shows something of, empty if none. ``cut``: its first lines alone are of use too."""

    kind: str
    text: str
    worth: float
    path: str = ""
    cut: bool = False


@dataclass(frozen=True, slots=True)
class Context:
    """Masked text, the workspace file that it is for (empty if nothing is shown), how many secrets were masked, all
    workspace files that something is shown of, the pieces of the text, how many more did not fit, and its tokens."""

    text: str
    path: str
    masked: int
    files: tuple[str, ...] = ()
    pieces: tuple[Piece, ...] = ()
    left_out: int = 0
    tokens: int = 0


def tokens_of(text: str) -> int:
    """Tokens of a text, estimated high."""
    return int(len(text.encode("utf-8", "surrogatepass")) / _BYTES_PER_TOKEN) + 1


def packed(pieces: Iterable[Piece], path: str, tokens: int = TOKENS) -> Context:
    """The pieces that are worth most within ``tokens``, masked, by kind."""
    masked = 0
    left = tokens
    kept: list[Piece] = []
    left_out = 0
    offered = [each for each in pieces if each.text.strip()]
    for each in sorted(offered, key=lambda piece: -piece.worth):
        text, count = mask(each.text)
        cost = tokens_of(text) + 2
        if cost > left and each.cut:
            text, cost = _first_lines(text, left - 4), left
        if not text or cost > left:
            left_out += 1
            continue
        left -= cost
        masked += count
        kept.append(replace(each, text=text))
    files = dict.fromkeys([path, *(each.path for each in kept if each.path)]) if path else ()
    text = _written(kept)
    return Context(text, path, masked, tuple(files), tuple(kept), left_out, tokens_of(text))


def _first_lines(text: str, tokens: int) -> str:
    kept: list[str] = []
    for line in text.split("\n"):
        tokens -= tokens_of(line)
        if tokens < 0:
            return "\n".join([*kept, "# …"]) if kept else ""
        kept.append(line)
    return text


def _written(pieces: Sequence[Piece]) -> str:
    parts: list[str] = []
    for kind, heading in KINDS.items():
        texts = list(dict.fromkeys(each.text.rstrip() for each in pieces if each.kind == kind))
        if not texts:
            continue
        if kind in CODE:
            body = "\n\n".join(texts) if kind in ("similar", "strategy", "type") else "\n".join(texts)
            parts.append(f"{heading}:\n```python\n{body}\n```")
        else:
            parts.append("\n".join([f"{heading}:", *(f"- {each}" for each in texts)]))
    return "\n\n".join(parts)
