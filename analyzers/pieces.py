"""Pieces of a file: what is known of each statement, and which of them an edit leaves as they are.

Statements of the module and members of its classes are *pieces*; the module's children are *blocks* of them. A piece is
placed relative to its block, and what it knows is placed relative to itself, so that it moves without being touched.

Invariant: which pieces survive an edit is decided by their place and text alone, never by a node's identity.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from copy import copy
from dataclasses import dataclass, field, replace
from operator import attrgetter
from typing import NamedTuple

from tree_sitter import Node, TreeCursor

from .attributes import agreed, declared, member_facts
from .branches import Fact, constants_of
from .findings import Evidence, Finding, Range
from .handed import handed
from .names import NOTHING, Names, Use, names_of
from .returned import parts_returned, returned
from .syntax import code_points, descend, imports_of, literal_of, text_of
from .syntax_errors import SyntaxFault

Facts = tuple[tuple[str, str], ...]


@dataclass(slots=True)
class Piece:
    """A statement of the module, the head of a class, or a member of a class.

    Its place is relative to its block, and what it holds is relative to itself: both move without being touched."""

    start: int  # bytes from the block's start
    size: int  # bytes
    row: int  # rows from the block's first row
    column: int  # code points from the start of the line
    owner: str = ""  # name of the class that it is a member of
    is_head: bool = False
    names: Names = NOTHING
    errors: tuple[SyntaxFault, ...] = ()
    broken: bool = False
    undefined: tuple[Use, ...] = ()
    reviewed: tuple[Finding, ...] = ()
    facts_used: Facts | None = None  # None: not reviewed yet
    checked: bool = False  # for what the error-tolerant parser lets pass
    spelled: Spelling = ()  # of a head
    uses: frozenset[str] = frozenset()  # attributes of self that a member mentions
    gives: Facts = ()  # the kinds of values that it gives to attributes of self
    _said: _Said | None = None

    def said(self, path: str, row: int) -> tuple[Finding, ...]:
        """What it has to say with its first line on ``row``; the very same objects as long as nothing changes."""
        said = self._said
        if (
            said is None
            or said.reviewed is not self.reviewed
            or (said.row, said.errors, said.undefined) != (row, self.errors, self.undefined)
        ):
            found = [syntax_error(path, fault, row) for fault in self.errors]
            found += [undefined_name(path, use, row, self.column) for use in self.undefined]
            found += [placed(finding, row, self.column) for finding in self.reviewed]
            said = self._said = _Said(row, self.errors, self.undefined, self.reviewed, tuple(found))
        return said.findings


class _Said(NamedTuple):
    """Findings of a piece, and what they were made of."""

    row: int
    errors: tuple[SyntaxFault, ...]
    undefined: tuple[Use, ...]
    reviewed: tuple[Finding, ...]
    findings: tuple[Finding, ...]


#: What adds to a mapping, behind its name.
_PUTS = rb"\s*(?:\.\s*(?:update|setdefault)\b|\[[^\]\n]*\]\s*=[^=])"
#: What adds to the module's names by way of their mapping, or hands it to others to add to; the latter counts only
#: outside of functions, which may be handed it just to read.
_FILLS_GLOBALS = re.compile(
    rb"globals\(\)"
    + _PUTS
    + rb"|\b(\w+)\s*=\s*globals\(\)\s*[\n;#][\s\S]*?\b\1"
    + _PUTS
    + rb"|\bsetattr\(\s*(?:sys\s*\.\s*)?modules\s*\[\s*__name__\s*\]"
)
_GIVES_GLOBALS = re.compile(rb"(?:[(,]|[(,]\s*\w+\s*=)\s*globals\(\)\s*[,)]|\b\w+\s*=\s*globals\(\)\s*$")


def _binds_unknown(statement: Node, data: bytes) -> bool:
    """Whether it adds names to the module that only running it would tell."""
    start, end = statement.start_byte, statement.end_byte
    if data.find(b"globals()", start, end) < 0 and data.find(b"__name__", start, end) < 0:
        return False
    if _FILLS_GLOBALS.search(data, start, end):
        return True
    return not defines(statement) and _GIVES_GLOBALS.search(data, start, end) is not None


#: The parts of a class's head: (rows below the class's first, byte column, text) of each.
Spelling = tuple[tuple[int, int, bytes], ...]


@dataclass(slots=True)
class Block:
    """A child of the module (or a run of children broken by one error): one piece, or those of a class."""

    start: int  # bytes
    end: int
    row: int
    pieces: list[Piece]
    binds: frozenset[str]  # in the module
    suspects: frozenset[str] = frozenset()  # identifiers of a block that does not parse: it may have bound them
    inside: frozenset[str] = frozenset()  # what the class body binds, visible to its own statements
    parameters: frozenset[str] = frozenset()  # type parameters of the class, visible everywhere in it
    imports: tuple[tuple[str, str], ...] = ()
    literal: tuple[str, str] | None = None
    constants: tuple[tuple[str, bool | Fact], ...] = ()  # what is known of the Python that runs, by name
    made: list[Piece] = field(default_factory=list[Piece])  # those of its pieces that were not there before
    broken: bool = field(init=False)
    star: bool = field(init=False)
    own: Facts = field(init=False)  # the attributes of a class's objects whose kind is known
    quiet: bool = False  # it is known to have nothing to say
    _loud: list[Piece] | None = None

    def __post_init__(self) -> None:
        self.broken = any(piece.broken for piece in self.pieces)
        self.star = any(piece.names.star for piece in self.pieces)
        self.own = agreed(piece.gives for piece in self.pieces) if len(self.pieces) > 1 else ()

    @property
    def is_class(self) -> bool:
        return self.pieces[0].is_head

    @property
    def returns(self) -> Facts:
        """What a function of the module returns and which others it hands lists to, if it is one and that is known."""
        if self.is_class or not self.pieces[0].gives:
            return ()
        return tuple(each for each in self.pieces[0].gives if "=" not in each[1])

    @property
    def loud(self) -> list[Piece]:
        """The pieces of it that have something to say; see :meth:`heard`."""
        if self._loud is None:
            self._loud = [each for each in self.pieces if each.errors or each.undefined or each.reviewed]
            self.quiet = not self._loud
        return self._loud

    def heard(self) -> None:
        """What a piece of it says has changed."""
        self._loud, self.quiet = None, False

    def typed_in(self, number: int, member: Piece, delta: int) -> Block:
        """The class with another member ``number`` that binds the same, longer by ``delta`` bytes but no rows."""
        for each in self.pieces[number + 1 :]:
            each.start += delta
        head = self.pieces[0]
        head = replace(head, size=head.size + delta, facts_used=None, reviewed=(), errors=(), undefined=())
        block = copy(self)  # what follows from all members is not computed anew
        block.end += delta
        block.pieces = [head, *self.pieces[1:number], member, *self.pieces[number + 1 :]]
        block.made = [head, member]
        block.heard()
        if (head.gives, member.gives) != (self.pieces[0].gives, self.pieces[number].gives):
            block.own = agreed(piece.gives for piece in block.pieces)
        if member.names.star != self.pieces[number].names.star:
            block.star = any(piece.names.star for piece in block.pieces)
        return block

    def findings(self, path: str, pieces: Sequence[Piece] | None = None) -> Iterator[Finding]:
        """What its pieces (or some of them) have to say, where it stands now."""
        for piece in self.loud if pieces is None else pieces:
            yield from piece.said(path, self.row + piece.row)


@dataclass(slots=True)
class Window:
    """All edits since the last refresh as one: bytes ``start:old_end`` became ``start:new_end``."""

    start: int
    old_end: int
    new_end: int
    rows: int = 0  # lines added
    #: Of a single edit, where that itself ends, before and after: the window holds the rest of the line as well.
    ends: tuple[int, int] | None = None

    def extend(self, start: int, old_end: int, new_end: int, rows: int) -> None:
        self.ends = None
        self.start = min(self.start, start)
        if old_end > self.new_end:
            self.old_end += old_end - self.new_end
            self.new_end = old_end
        self.new_end += new_end - old_end
        self.rows += rows


def placed(finding: Finding, row: int, column: int) -> Finding:
    """A finding that is relative to a piece, where the piece is."""
    if row == 0 and column == 0:
        return finding
    line, start, end_line, end = finding.range
    start += 0 if line else column
    end += 0 if end_line else column
    return finding.at(Range(line + row, start, end_line + row, end), row)


def relative(finding: Finding, row: int, column: int) -> Finding:
    """The inverse of :func:`placed`."""
    line, start, end_line, end = finding.range
    start -= column if line == row else 0
    end -= column if end_line == row else 0
    return finding.at(Range(line - row, start, end_line - row, end), -row)


def syntax_error(path: str, fault: SyntaxFault, row: int) -> Finding:
    return Finding(
        path=path,
        range=fault.range.shifted(row),
        rule="syntax-error",
        kind="syntax",
        message=fault.message,
        severity="critical",
        confidence=1.0,
        evidence=(Evidence("parsed", "the parser stopped here", {"parser": "tree-sitter-python"}),),
    )


def undefined_name(path: str, use: Use, row: int, column: int) -> Finding:
    start = use.column + (column if use.row == 0 else 0)
    line = row + use.row
    return Finding(
        path=path,
        range=Range(line, start, line, start + len(use.name)),
        rule="undefined-name",
        kind="undefined_name",
        message=f"undefined name '{use.name}'",
        severity="critical",
        confidence=0.97,
        evidence=(Evidence("parsed", f"no scope around this line binds '{use.name}'", {"name": use.name}),),
    )


class _Known(NamedTuple):
    """What old blocks may lend to new ones: class members by (start, size) in the new text, heads by their parts."""

    members: dict[tuple[int, int], Piece]
    heads: dict[Spelling, Piece]


class Rebuilt(NamedTuple):
    """The blocks of a new tree: old ones at the start, new ones, old ones (moved) at the end."""

    before: list[Block]
    fresh: list[Block]
    after: list[Block]


def build_all(root: Node, data: bytes) -> Rebuilt:
    """The blocks of a tree, all of them new."""
    groups = statements(root) if root.type == "module" else iter([[root]])
    return Rebuilt(
        [], [_build(nodes, data, _Known({}, {})) for nodes in groups if nodes[0].end_byte > nodes[0].start_byte], []
    )


def rebuild(root: Node, data: bytes, old: list[Block], window: Window) -> Rebuilt:
    """The blocks of a tree after the edits in ``window``: what ends before it or starts behind it has the same text as
    before, and is the same wherever the new tree has a statement at its place."""
    if root.type != "module":
        return build_all(root, data)
    before = old[: bisect_left(old, window.start, key=_end)]
    after = old[bisect_right(old, window.old_end, key=_start) :]
    delta = window.new_end - window.old_end
    fresh: list[Block] = []
    cursor = root.walk()
    if cursor.goto_first_child_for_byte(max(window.start - 1, 0)) is None and not cursor.goto_last_child():
        return Rebuilt([], [], [])
    _step_back(cursor, before)
    gone = old[len(before) : len(old) - len(after)]
    known = _Known(
        _members_by_place(gone, window, delta),
        {each.pieces[0].spelled: each.pieces[0] for each in gone if each.pieces[0].is_head},
    )
    run: list[Node] = []
    more = True
    while more and (node := cursor.node) is not None:
        more = cursor.goto_next_sibling()
        if _is_comment(node) or (before and node.start_byte < before[-1].end):
            continue
        if node.has_error:
            run.append(node)
            continue
        if run:
            fresh.append(_build(run, data, known))
            run = []
        number = bisect_left(after, node.start_byte - delta, key=_start)
        if number < len(after) and node.start_byte > window.new_end:
            block = after[number]
            if block.start + delta == node.start_byte and block.end + delta == node.end_byte and not block.broken:
                return Rebuilt(before, fresh, [_moved(each, delta, window.rows) for each in after[number:]])
        typed = _class_typed_in(node, data, gone[0], window, delta) if len(gone) == 1 else None
        fresh.append(typed or _build([node], data, known))
    if run:
        fresh.append(_build(run, data, known))
    return Rebuilt(before, fresh, [])


def _class_typed_in(statement: Node, data: bytes, old: Block, window: Window, delta: int) -> Block | None:
    """The block of a class of which only one member was edited, within its lines: nothing else is looked at again.

    None where that is not sure. Valid because a clean member of the same extent leaves the parser in the same state,
    so that the unchanged text behind it is parsed as before."""
    head = old.pieces[0]
    if (
        not head.is_head
        or old.broken
        or window.rows
        or (statement.start_byte, statement.end_byte)
        != (
            old.start,
            old.end + delta,
        )
    ):
        return None
    number = bisect_right(old.pieces, window.start - old.start, key=attrgetter("start")) - 1
    member = old.pieces[number]
    start = old.start + member.start
    if number < 1 or not start < window.start <= window.old_end < start + member.size:
        return None
    child = member_at(statement, start)
    if child is None or child.end_byte != start + member.size + delta or not defines(child):
        return None
    made = _piece([child], data, child, statement, owner=member.owner)
    if made.names.binds != member.names.binds or made.names.globals != member.names.globals:
        return None
    return old.typed_in(number, made, delta)


def member_at(statement: Node, start: int) -> Node | None:
    """The child of a class's body that starts at a byte."""
    definition = statement
    if statement.type == "decorated_definition":
        definition = statement.child_by_field_name("definition") or statement
    body = definition.child_by_field_name("body")
    if body is None:
        return None
    cursor = body.walk()
    cursor.goto_first_child_for_byte(start)
    child = cursor.node
    return child if child is not None and child.start_byte == start and not child.has_error else None


def _moved(block: Block, delta: int, rows: int) -> Block:
    block.start += delta
    block.end += delta
    block.row += rows
    return block


def _members_by_place(blocks: Sequence[Block], window: Window, delta: int) -> dict[tuple[int, int], Piece]:
    """Untouched class members of the blocks that are built anew, by (start, size) in the new text."""
    found: dict[tuple[int, int], Piece] = {}
    for block in blocks:
        for piece in block.pieces[1:]:
            start = block.start + piece.start
            if start + piece.size < window.start:
                found[start, piece.size] = piece
            elif start > window.old_end:
                found[start + delta, piece.size] = piece
    return found


def _build(nodes: list[Node], data: bytes, known: _Known) -> Block:
    statement = nodes[0]
    definition = statement
    if statement.type == "decorated_definition":
        definition = statement.child_by_field_name("definition") or statement
    if len(nodes) == 1 and definition.type == "class_definition":
        body = definition.child_by_field_name("body")
        if body is not None:
            return _build_class(statement, definition, body, data, known)
    start, end = statement.start_byte, nodes[-1].end_byte
    piece = _piece(nodes, data, statement, statement)
    if _binds_unknown(statement, data):
        piece.names = replace(piece.names, star=True)  # as if all were imported: nobody knows which names it binds
    binds = piece.names.binds | piece.names.globals
    suspects = _identifiers(nodes, data) if piece.broken else frozenset[str]()
    imports = tuple(pair for node in _import_statements(statement) for pair in imports_of(node, data))
    literal = literal_of(statement, data)
    constants = constants_of(statement, data, imports)
    row = statement.start_point[0]
    return Block(
        start, end, row, [piece], binds, suspects, imports=imports, literal=literal, constants=constants, made=[piece]
    )


def _build_class(
    statement: Node,
    definition: Node,
    body: Node,
    data: bytes,
    known: _Known,
) -> Block:
    name_node = definition.child_by_field_name("name")
    name = text_of(name_node, data) if name_node is not None else ""
    parameters = definition.child_by_field_name("type_parameters")
    bound_parameters = _identifiers([parameters], data) if parameters is not None else frozenset[str]()
    head_nodes = [child for child in statement.children if child.type == "decorator"]
    head_nodes += [child for child in definition.children if child.type in ("argument_list", "ERROR")]
    members: list[Piece] = []
    made: list[Piece] = []
    for group in statements(body):
        child = group[0]
        if len(group) == 1 and not child.has_error and not defines(child):
            head_nodes.append(child)
            continue
        piece = known.members.get((child.start_byte, group[-1].end_byte - child.start_byte))
        if piece is not None and piece.owner == name and piece.broken == child.has_error:
            piece.start = child.start_byte - statement.start_byte
            piece.row = child.start_point[0] - statement.start_point[0]
        else:
            piece = _piece(group, data, child, statement, owner=name)
            made.append(piece)
        members.append(piece)
    head = _head(head_nodes, data, statement, name, known)
    # An error between the parts that were looked at (behind a decorator, before a member) is the head's.
    head.broken = head.broken or (statement.has_error and not any(piece.broken for piece in members))
    inside = head.names.binds.union(*(piece.names.binds for piece in members))
    binds = frozenset({name} if name else ()).union(*(p.names.globals for p in members), head.names.globals)
    suspects = _identifiers([statement], data) if statement.has_error else frozenset[str]()
    start, end, row = statement.start_byte, statement.end_byte, statement.start_point[0]
    return Block(start, end, row, [head, *members], binds, suspects, inside, bound_parameters, made=[head, *made])


def _head(nodes: list[Node], data: bytes, statement: Node, owner: str, known: _Known) -> Piece:
    """The piece of a class without its members; its names are looked up again only if one of its parts changed."""
    row, byte_column = statement.start_point
    spelled = tuple(
        (each.start_point[0] - row, each.start_point[1], data[each.start_byte : each.end_byte]) for each in nodes
    )
    twin = known.heads.get(spelled)
    return Piece(
        start=0,
        size=statement.end_byte - statement.start_byte,
        row=0,
        column=code_points(data[statement.start_byte - byte_column : statement.start_byte]),
        owner=owner,
        is_head=True,
        names=names_of(nodes, data, statement) if twin is None or twin.broken else twin.names,
        broken=any(node.has_error for node in nodes),
        spelled=spelled,
        gives=declared(text for _, _, text in spelled),
    )


def _piece(nodes: list[Node], data: bytes, origin: Node, block: Node, owner: str = "") -> Piece:
    row, byte_column = origin.start_point
    uses, gives = facts_of(data[origin.start_byte : nodes[-1].end_byte], origin, owner)
    return Piece(
        start=origin.start_byte - block.start_byte,
        size=nodes[-1].end_byte - origin.start_byte,
        row=row - block.start_point[0],
        column=code_points(data[origin.start_byte - byte_column : origin.start_byte]),
        owner=owner,
        names=names_of(nodes, data, origin),
        broken=any(node.has_error for node in nodes),
        uses=uses,
        gives=gives,
    )


def facts_of(text: bytes, origin: Node, owner: str) -> tuple[frozenset[str], Facts]:
    """What a piece mentions of ``self`` and says of it; of a function of the module, what it returns, and
    which others it hands lists to."""
    if owner:
        return member_facts(text)
    return frozenset(), (*returned(text), *parts_returned(text), *handed(text, own=False)) if defines(origin) else ()


def untouched(finding: Finding, edits: Sequence[tuple[int, int, int]]) -> Finding | None:
    """The finding where its lines are after the edits; None if one of them touched its lines."""
    for first, last, delta in edits:
        if finding.range.line > last:
            finding = finding.shifted(delta)
        elif finding.range.end_line >= first:
            return None
    return finding


def statements(parent: Node) -> Iterator[list[Node]]:
    """The statements of a block, comments and semicolons left out; a run of adjacent broken ones is one."""
    run: list[Node] = []
    for child in parent.children:
        if _is_comment(child):
            continue
        if child.has_error:
            run.append(child)
            continue
        if run:
            yield run
            run = []
        yield [child]
    if run:
        yield run


def _step_back(cursor: TreeCursor, before: list[Block]) -> None:
    """Moves back to the first statement that is not as it was: behind the last of ``before`` that the new tree still
    has, clean, at its place. Those that it has not are removed from ``before``: an edit can break what precedes it."""
    while (node := cursor.node) is not None:
        if not node.has_error and not _is_comment(node):
            while before and before[-1].start > node.start_byte:
                before.pop()
            if before and before[-1].start == node.start_byte:
                if before[-1].end == node.end_byte and not before[-1].broken:
                    cursor.goto_next_sibling()
                    return
                before.pop()
        if not cursor.goto_previous_sibling():
            before.clear()
            return


def _is_comment(node: Node) -> bool:
    return node.type in ("comment", "line_continuation", ";")


def _start(block: Block) -> int:
    return block.start


def _end(block: Block) -> int:
    return block.end


def defines(node: Node) -> bool:
    """Is it a statement that defines a function or a class?"""
    return node.type in ("function_definition", "class_definition", "decorated_definition")


def _import_statements(statement: Node) -> Iterator[Node]:
    """Imports of a module statement, also those in its ``if`` and ``try`` blocks, not those in functions."""
    if statement.type in ("import_statement", "import_from_statement"):
        yield statement
    elif statement.type in ("if_statement", "try_statement", "with_statement"):
        for node in descend(statement, frozenset({"function_definition", "class_definition", "expression_statement"})):
            if node.type in ("import_statement", "import_from_statement"):
                yield node


def _identifiers(nodes: Sequence[Node], data: bytes) -> frozenset[str]:
    return frozenset(text_of(each, data) for node in nodes for each in descend(node) if each.type == "identifier")
