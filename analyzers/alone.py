"""The definition that is typed in, parsed by itself: a keystroke then costs what the definition is long, not the file.

The text of the function (or of the member of a class) and what lies between it and the next piece is parsed as a file
of its own. The tree of the whole text is brought up to date later, by whoever asks for it.

Invariant: it answers only where a parse of the whole text gives the same definition: the edit lies behind its first
byte and within its extent, all around it parses, and by itself it parses as one definition of the very extent. The
parser then comes to it, and leaves it, in the state that it would be in otherwise. Where that is not sure, the answer
is None.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass
from operator import attrgetter
from typing import NamedTuple

from tree_sitter import Node, Tree

from .names import Names, names_of, renamed
from .pieces import Block, Piece, Window, defines, facts_of, member_at
from .syntax import code_points, parse

#: A definition that was not typed in before is parsed at the keystroke if it is no longer than this (bytes).
SHORT = 2_500
#: None is parsed by itself that is longer than this (bytes).
LONGEST = 40_000

#: What makes something else of a name than a name by standing beside it.
_JOINS = re.compile(rb"[\w\"'\x80-\xff\\]")

_CLASS = b"class _:\n"
_DEFINES = (b"def ", b"class ", b"async ", b"@")


@dataclass(slots=True)
class Alone:
    """A definition by itself. ``start`` and ``end`` are its bytes in the file, ``row`` its first row there; ``lead`` is
    what stands before it in ``text``."""

    start: int
    end: int
    row: int
    lead: bytes
    text: bytes
    tree: Tree


class Typed(NamedTuple):
    """What became of the block number ``at``."""

    at: int
    block: Block
    alone: Alone


class Around(NamedTuple):
    """A tree of a part of a file, or of all of it: byte ``n`` of the file is byte ``n + bytes`` of ``text``, rows
    likewise."""

    root: Node
    text: bytes
    bytes: int = 0
    rows: int = 0


class _Place(NamedTuple):
    at: int  # of the block
    number: int  # of the piece in it
    row: int
    start: int  # bytes of the file, as those that follow
    end: int
    next: int  # where the next piece begins


def typed_in(blocks: list[Block], data: bytes, window: Window, known: Alone | None) -> Typed | None:
    """The block after the edits in ``window``, if they lie in one definition of it. ``blocks`` are those of before;
    none of them is broken. ``known``: what this said the last time, if nothing was edited since."""
    if window.rows:
        return None
    place = _place(blocks, window.start, len(data) - window.new_end + window.old_end)
    if place is None or not place.start < window.start <= window.old_end <= place.end:
        return None
    delta = window.new_end - window.old_end
    text = _text(data, place, delta)
    if text is None:
        return None
    lead, body = text
    same = known is not None and (known.start, known.lead) == (place.start, lead)
    shift = len(lead) - place.start
    if known is not None and same:
        tree = known.tree
        tree.edit(
            window.start + shift,
            window.old_end + shift,
            window.new_end + shift,
            _point(known.text, window.start + shift),
            _point(known.text, window.old_end + shift),
            _point(body, window.new_end + shift),
        )
        tree = parse(body, tree)
    elif len(body) <= SHORT:
        tree = parse(body)
    else:
        return None
    node = _definition(tree.root_node, len(lead))
    if node is None or node.end_byte != len(lead) + place.end - place.start + delta:
        return None
    names = (
        _renamed(blocks[place.at].pieces[place.number].names, node, known.text, body, window, shift)
        if (known is not None and same)
        else None
    )
    block = _block(blocks[place.at], place, node, body, delta, names)
    if block is None:
        return None
    return Typed(place.at, block, Alone(place.start, place.end + delta, place.row, lead, body, tree))


def around(alone: Alone, byte: int) -> Around | None:
    """The definition by itself, if a byte of the file lies in it."""
    if not alone.start <= byte < alone.end:
        return None
    shift, rows = len(alone.lead) - alone.start, alone.lead.count(b"\n") - alone.row
    return Around(alone.tree.root_node, alone.text, shift, rows)


def prepared(blocks: list[Block], data: bytes, byte: int) -> Alone | None:
    """The definition at a byte by itself, for the next edit."""
    place = _place(blocks, byte, len(data))
    text = _text(data, place, 0) if place is not None and place.start < byte < place.end else None
    if place is None or text is None:
        return None
    lead, body = text
    return Alone(place.start, place.end, place.row, lead, body, parse(body))


def _place(blocks: list[Block], byte: int, size: int) -> _Place | None:
    """The piece before a byte; ``size`` is that of the text."""
    at = bisect_right(blocks, byte, key=attrgetter("start")) - 1
    if at < 0:
        return None
    block = blocks[at]
    number = bisect_right(block.pieces, byte - block.start, key=attrgetter("start")) - 1 if block.is_class else 0
    if block.is_class and number < 1:
        return None
    piece = block.pieces[number]
    start = block.start + piece.start
    if number + 1 < len(block.pieces):
        following = block.start + block.pieces[number + 1].start
    else:
        following = blocks[at + 1].start if at + 1 < len(blocks) else size
    return _Place(at, number, block.row + piece.row, start, start + piece.size, following)


def _text(data: bytes, place: _Place, delta: int) -> tuple[bytes, bytes] | None:
    """What is to be parsed, and what of it stands before the definition. What follows the definition up to the next
    piece is part of it, and a statement where that begins: where a definition ends depends on how both are indented."""
    if place.next - place.start > LONGEST or not data.startswith(_DEFINES, place.start):
        return None
    line = data.rfind(b"\n", 0, place.start) + 1
    indent = data[line : place.start]
    if indent.strip(b" \t") or bool(indent) != bool(place.number):
        return None
    lead = _CLASS + indent if place.number else b""
    end = place.next + delta
    return lead, b"%b%b%b" % (lead, data[place.start : end], b"pass\n" if end < len(data) else b"")


def _definition(root: Node, start: int) -> Node | None:
    """The definition that begins at a byte, if the whole text is in order."""
    if root.has_error or not root.named_child_count:
        return None
    outer = root.named_child(0)
    node = outer if start == 0 else member_at(outer, start)
    return node if node is not None and node.start_byte == start and defines(node) else None


def _renamed(names: Names, node: Node, before: bytes, after: bytes, window: Window, shift: int) -> Names | None:
    """The names of the definition, if all that changed is one identifier in it."""
    if window.ends is None:
        return None
    start, old_end, new_end = window.start + shift, window.ends[0] + shift, window.ends[1] + shift
    first = min(start, max(new_end - 1, 0))
    found = node.descendant_for_byte_range(first, max(new_end, first + 1))
    if found is None or found.type != "identifier" or found.end_byte < new_end or found.start_byte > start:
        return None
    at, end = found.start_byte, found.end_byte
    old, new = before[at : end - new_end + old_end], after[at:end]
    around = after[at - 1 : at] + after[end : end + 1]
    if not (old.isascii() and new.isascii() and old.decode().isidentifier()) or _JOINS.search(around):
        return None
    row, column = found.start_point
    line = max(at - column, node.start_byte)
    return renamed(names, row - node.start_point.row, code_points(after[line:at]), old.decode(), new.decode())


def _block(old: Block, place: _Place, node: Node, data: bytes, delta: int, names: Names | None) -> Block | None:
    before = old.pieces[place.number]
    uses, gives = facts_of(data[node.start_byte : node.end_byte], node, before.owner)
    names = names or names_of([node], data, node)
    made = Piece(before.start, before.size + delta, before.row, before.column, before.owner, names=names,
                 uses=uses, gives=gives)  # fmt: skip
    if not old.is_class:
        return Block(old.start, old.end + delta, old.row, [made], names.binds | names.globals, made=[made])
    if (names.binds, names.globals) != (before.names.binds, before.names.globals):
        return None
    return old.typed_in(place.number, made, delta)


def _point(text: bytes, byte: int) -> tuple[int, int]:
    return text.count(b"\n", 0, byte), byte - (text.rfind(b"\n", 0, byte) + 1)
