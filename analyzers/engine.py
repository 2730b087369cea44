"""The keystroke engine: what is wrong with a file, kept up to date while it is typed in.

The text is parsed incrementally. Statements of the module and members of its classes are *pieces*: each is looked at
once and kept for as long as the parser keeps its node; after an edit only the pieces that the parser rebuilt are
looked at again, the others move with their lines. Static faults (syntax errors, undefined names) are ready when
:meth:`Engine.findings` returns; rules run piece by piece in :meth:`Engine.advance`, in slices of a few milliseconds,
and until a changed piece has been reviewed again its findings stay on the lines that the edit did not touch.

Invariant: no I/O, no process, no model, nothing that blocks; the result equals that of a fresh :func:`analyse`.
"""

from __future__ import annotations

import logging
import time
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from hashlib import blake2b
from operator import itemgetter
from typing import NamedTuple

from tree_sitter import Node, Tree, TreeCursor

from .findings import REVIEWERS, Evidence, Finding, Range
from .names import IMPLICIT, NOTHING, Names, Use, names_of
from .plugins import discover
from .rules import Rule
from .suppress import suppress
from .syntax import (
    ModuleFacts,
    Unit,
    code_points,
    descend,
    has_lone_cr,
    imports_of,
    literal_of,
    parse,
    units_of,
)
from .syntax_errors import SyntaxFault, faults_in, faults_of

log = logging.getLogger(__name__)

#: Only a text with one of these can hold a comment that silences a finding.
_SILENCING = (b"suture:", b"noqa", b"NOQA", b"nosec", b"NOSEC")

#: Time that looking for syntax errors may take at a keystroke (seconds); the rest is done in slices afterwards.
ERRORS_S = 0.008

Point = tuple[int, int]
Facts = tuple[tuple[str, str], ...]


@cache
def all_rules() -> tuple[Rule, ...]:
    """Every rule: the files of the three reviewers' folders, then installed plug-ins."""
    package = __package__ or ""
    found = [rule for name in REVIEWERS for rule in discover(f"{package}.{name}", "RULE", Rule, "suture.rules")]
    return tuple({rule.name: rule for rule in found}.values())


@dataclass(slots=True)
class _Piece:
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


@dataclass(slots=True)
class _Block:
    """A child of the module (or a run of children broken by one error): one piece, or those of a class."""

    start: int  # bytes
    end: int
    row: int
    pieces: list[_Piece]
    binds: frozenset[str]  # in the module
    suspects: frozenset[str] = frozenset()  # identifiers of a block that does not parse: it may have bound them
    inside: frozenset[str] = frozenset()  # what the class body binds, visible to its own statements
    parameters: frozenset[str] = frozenset()  # type parameters of the class, visible everywhere in it
    imports: tuple[tuple[str, str], ...] = ()
    literal: tuple[str, str] | None = None

    @property
    def broken(self) -> bool:
        return any(piece.broken for piece in self.pieces)

    @property
    def star(self) -> bool:
        return any(piece.names.star for piece in self.pieces)

    def loud(self) -> bool:
        """Whether a piece of it has anything to say."""
        return any(piece.errors or piece.undefined or piece.reviewed for piece in self.pieces)

    def findings(self, path: str) -> Iterator[Finding]:
        for piece in self.pieces:
            row = self.row + piece.row
            for fault in piece.errors:
                yield _syntax_error(path, fault, row)
            for use in piece.undefined:
                yield _undefined_name(path, use, row, piece.column)
            for finding in piece.reviewed:
                yield _placed(finding, row, piece.column)


@dataclass(slots=True)
class _Window:
    """All edits since the last refresh as one: bytes ``start:old_end`` became ``start:new_end``."""

    start: int
    old_end: int
    new_end: int
    rows: int = 0  # lines added

    def extend(self, start: int, old_end: int, new_end: int, rows: int) -> None:
        self.start = min(self.start, start)
        if old_end > self.new_end:
            self.old_end += old_end - self.new_end
            self.new_end = old_end
        self.new_end += new_end - old_end
        self.rows += rows


class Progress(NamedTuple):
    """What a slice of reviewing did: whether findings may have changed, and how many pieces are left."""

    changed: bool
    pending: int


def _placed(finding: Finding, row: int, column: int) -> Finding:
    """A finding that is relative to a piece, where the piece is."""
    if row == 0 and column == 0:
        return finding
    line, start, end_line, end = finding.range
    start += 0 if line else column
    end += 0 if end_line else column
    return finding.at(Range(line + row, start, end_line + row, end), row)


def _relative(finding: Finding, row: int, column: int) -> Finding:
    """The inverse of :func:`_placed`."""
    line, start, end_line, end = finding.range
    start -= column if line == row else 0
    end -= column if end_line == row else 0
    return finding.at(Range(line - row, start, end_line - row, end), -row)


def _syntax_error(path: str, fault: SyntaxFault, row: int) -> Finding:
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


def _undefined_name(path: str, use: Use, row: int, column: int) -> Finding:
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


class Engine:
    """The state of one open file. Not thread-safe; cheap to create and to drop."""

    #: How many reviews of texts seen before are kept (undo, a line moved to and fro).
    MEMO = 2048

    def __init__(self, path: str, data: bytes, rules: Sequence[Rule] | None = None) -> None:
        self.path = path
        self._rules = rules
        self._data = data
        self._tree: Tree | None = None
        self._stale = True
        self._window: _Window | None = None
        self._edits: list[tuple[int, int, int]] = []  # (first row, last row, rows added) since the last refresh
        self._blocks: list[_Block] = []
        self._loud: list[_Block] | None = None
        self._errors: tuple[SyntaxFault, ...] = ()
        self._errors_known = True
        self._broken = False
        self._edited_at = 0
        self._binding_counts: Counter[str] = Counter()
        self._stars = 0
        self._facts = ModuleFacts()
        self._pending: list[tuple[_Block, _Piece]] = []
        self._carried: list[Finding] = []
        self._memo: dict[tuple[bytes, int, str, Facts, bool], tuple[tuple[Finding, ...], tuple[SyntaxFault, ...]]] = {}

    def edit(
        self,
        start_byte: int,
        old_end_byte: int,
        new_end_byte: int,
        start_point: Point,
        old_end_point: Point,
        new_end_point: Point,
        data: bytes,
    ) -> None:
        """Note one edit; points are (row, byte column), ``data`` is the whole text after it. Cheap: the work is done
        when findings are asked for, once for all edits since."""
        if self._tree is not None:
            self._tree.edit(start_byte, old_end_byte, new_end_byte, start_point, old_end_point, new_end_point)
        edit = (start_point[0], old_end_point[0], new_end_point[0] - old_end_point[0])
        self._edits.append(edit)
        # What follows on the line moves sideways: it belongs to the window.
        line_end = data.find(b"\n", new_end_byte)
        rest = (line_end if line_end >= 0 else len(data)) - new_end_byte
        if self._window is None:
            self._window = _Window(start_byte, old_end_byte + rest, new_end_byte + rest, edit[2])
        else:
            self._window.extend(start_byte, old_end_byte + rest, new_end_byte + rest, edit[2])
        self._carried = [moved for each in self._carried if (moved := _untouched(each, (edit,))) is not None]
        self._data = data
        self._stale = True

    def replace_all(self, data: bytes) -> None:
        """The whole text was replaced: nothing is carried over but reviews of pieces that it repeats."""
        self._tree, self._data, self._stale, self._window = None, data, True, None
        self._edits, self._blocks, self._pending, self._carried = [], [], [], []
        self._binding_counts.clear()
        self._stars = 0

    @property
    def tree(self) -> Tree:
        """The tree of the current text."""
        self.refresh()
        assert self._tree is not None
        return self._tree

    @property
    def facts(self) -> ModuleFacts:
        """What the module says of itself: imports and constants."""
        self.refresh()
        return self._facts

    @property
    def pending(self) -> int:
        """How many pieces the rules have not looked at since they changed."""
        self.refresh()
        return len(self._pending) + (not self._errors_known)

    def findings(self) -> tuple[Finding, ...]:
        """What is known now, in source order: static faults of this very text, and the rules' findings so far.

        Comments that silence a finding are honoured (:mod:`.suppress`)."""
        self.refresh()
        if self._loud is None:
            self._loud = [block for block in self._blocks if block.loud()]
        found = [_syntax_error(self.path, fault, 0) for fault in self._errors]
        found += [each for block in self._loud for each in block.findings(self.path)]
        found += self._carried
        found.sort(key=lambda each: (each.range, each.rule))
        if found and any(word in self._data for word in _SILENCING):
            text = self._data.decode("utf-8", "surrogatepass")
            return suppress(found, text, self.tree.root_node)
        return tuple(found)

    # -- static faults

    def refresh(self) -> None:
        """Bring pieces and static faults up to date with the text."""
        if not self._stale:
            return
        data, window, old = self._data, self._window, self._blocks
        incremental = self._tree is not None and window is not None and not has_lone_cr(data)
        tree = parse(data, self._tree if incremental else None)
        before, after, delta = [], [], 0
        if incremental and window is not None:
            # What ends before the window or starts behind it has the same text as before; it is the same piece
            # wherever the new tree has a statement at its place.
            before = old[: bisect_left(old, window.start, key=_end)]
            after = old[bisect_right(old, window.old_end, key=_start) :]
            delta = window.new_end - window.old_end
        fresh: list[_Block] = []
        reused = self._rebuild(tree, data, window, before, after, delta, fresh)
        kept_before, kept_after = reused
        removed = old[len(kept_before) : len(old) - len(kept_after)]
        self._carry(removed, fresh)
        for block in kept_after:
            block.start += delta
            block.end += delta
            block.row += window.rows if window is not None else 0
        self._blocks = [*kept_before, *fresh, *kept_after]
        self._tree, self._stale, self._window, self._edits, self._loud = tree, False, None, [], None
        self._resolve(removed, fresh)
        was_broken, self._broken = self._broken, any(block.broken for block in self._blocks)
        if was_broken and not self._broken:
            for block in self._blocks:
                for piece in block.pieces:
                    if not piece.checked:
                        piece.facts_used = None
        self._plan_review(removed, self._blocks if was_broken and not self._broken else fresh)
        self._edited_at = window.start if window is not None else 0
        self._find_errors(ERRORS_S)

    def _find_errors(self, budget_s: float) -> bool:
        """Where the pieces that do not parse are wrong; returns whether that changed what is known."""
        assert self._tree is not None
        broken = [(block.start, block.end) for block in self._blocks if block.broken]
        before = self._errors
        if broken:
            found = faults_in(self._data, broken, self._tree.root_node, self._edited_at, budget_s)
            self._errors, self._errors_known = found
        else:
            self._errors, self._errors_known = (), True
        return before != self._errors

    def _rebuild(
        self,
        tree: Tree,
        data: bytes,
        window: _Window | None,
        before: list[_Block],
        after: list[_Block],
        delta: int,
        fresh: list[_Block],
    ) -> tuple[list[_Block], list[_Block]]:
        """Fills ``fresh`` with the blocks between; returns how much of the old ends can stay."""
        root = tree.root_node
        if root.type != "module" or window is None:
            groups = _statements(root) if root.type == "module" else iter([[root]])
            fresh += [self._build(nodes, data, {}) for nodes in groups if nodes[0].end_byte > nodes[0].start_byte]
            return [], []
        cursor = root.walk()
        if cursor.goto_first_child_for_byte(max(window.start - 1, 0)) is None and not cursor.goto_last_child():
            return [], []
        _step_back(cursor, before)
        members = self._members_by_place(before, after, window, delta)
        starts = {block.start + delta: number for number, block in enumerate(after)}
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
                fresh.append(self._build(run, data, members))
                run = []
            number = starts.get(node.start_byte)
            if number is not None and node.start_byte > window.new_end:
                block = after[number]
                if block.end + delta == node.end_byte and not any(piece.broken for piece in block.pieces):
                    return before, after[number:]
            fresh.append(self._build([node], data, members))
        if run:
            fresh.append(self._build(run, data, members))
        return before, []

    def _members_by_place(
        self, before: list[_Block], after: list[_Block], window: _Window, delta: int
    ) -> dict[tuple[int, int], _Piece]:
        """Untouched class members of the blocks that are built anew, by (start, size) in the new text."""
        found: dict[tuple[int, int], _Piece] = {}
        for block in self._blocks[len(before) : len(self._blocks) - len(after)]:
            for piece in block.pieces[1:]:
                start = block.start + piece.start
                if start + piece.size < window.start:
                    found[start, piece.size] = piece
                elif start > window.old_end:
                    found[start + delta, piece.size] = piece
        return found

    def _build(self, nodes: list[Node], data: bytes, members: dict[tuple[int, int], _Piece]) -> _Block:
        statement = nodes[0]
        definition = statement
        if statement.type == "decorated_definition":
            definition = statement.child_by_field_name("definition") or statement
        if len(nodes) == 1 and definition.type == "class_definition":
            body = definition.child_by_field_name("body")
            if body is not None:
                return self._build_class(statement, definition, body, data, members)
        start, end = statement.start_byte, nodes[-1].end_byte
        piece = self._piece(nodes, data, statement, statement)
        binds = piece.names.binds | piece.names.globals
        suspects = _identifiers(nodes, data) if piece.broken else frozenset[str]()
        imports = tuple(pair for node in _import_statements(statement) for pair in imports_of(node, data))
        literal = literal_of(statement, data)
        return _Block(start, end, statement.start_point[0], [piece], binds, suspects, imports=imports, literal=literal)

    def _build_class(
        self,
        statement: Node,
        definition: Node,
        body: Node,
        data: bytes,
        old_members: dict[tuple[int, int], _Piece],
    ) -> _Block:
        name_node = definition.child_by_field_name("name")
        name = _text(name_node, data) if name_node is not None else ""
        parameters = definition.child_by_field_name("type_parameters")
        bound_parameters = _identifiers([parameters], data) if parameters is not None else frozenset[str]()
        head_nodes = [child for child in statement.children if child.type == "decorator"]
        head_nodes += [child for child in definition.children if child.type in ("argument_list", "ERROR")]
        members: list[_Piece] = []
        for group in _statements(body):
            child = group[0]
            if len(group) == 1 and not child.has_error and not _defines(child):
                head_nodes.append(child)
                continue
            piece = old_members.get((child.start_byte, group[-1].end_byte - child.start_byte))
            if piece is not None and piece.owner == name and piece.broken == child.has_error:
                piece.start = child.start_byte - statement.start_byte
                piece.row = child.start_point[0] - statement.start_point[0]
            else:
                piece = self._piece(group, data, child, statement, owner=name)
            members.append(piece)
        head = self._piece(head_nodes, data, statement, statement, owner=name, is_head=True)
        # An error between the parts that were looked at (behind a decorator, before a member) is the head's.
        head.broken = head.broken or (statement.has_error and not any(piece.broken for piece in members))
        inside = head.names.binds.union(*(piece.names.binds for piece in members))
        binds = frozenset({name} if name else ()).union(*(p.names.globals for p in members), head.names.globals)
        suspects = _identifiers([statement], data) if statement.has_error else frozenset[str]()
        start, end, row = statement.start_byte, statement.end_byte, statement.start_point[0]
        return _Block(start, end, row, [head, *members], binds, suspects, inside, bound_parameters)

    def _piece(
        self, nodes: list[Node], data: bytes, origin: Node, block: Node, owner: str = "", is_head: bool = False
    ) -> _Piece:
        row, byte_column = origin.start_point
        column = code_points(data[origin.start_byte - byte_column : origin.start_byte])
        end = origin.end_byte if is_head else nodes[-1].end_byte
        piece = _Piece(
            start=origin.start_byte - block.start_byte,
            size=end - origin.start_byte,
            row=row - block.start_point[0],
            column=column,
            owner=owner,
            is_head=is_head,
            names=names_of(nodes, data, origin),
            broken=any(node.has_error for node in nodes),
        )
        return piece

    def _carry(self, removed: list[_Block], fresh: list[_Block]) -> None:
        """Findings of pieces that went away stay on the lines that no edit touched, until their successors are
        reviewed (or mended, where they do not parse at the moment)."""
        kept = {id(piece) for block in fresh for piece in block.pieces}
        for block in removed:
            gone = replace(block, pieces=[piece for piece in block.pieces if id(piece) not in kept])
            for finding in gone.findings(self.path):
                moved = _untouched(finding, self._edits) if finding.rule != "syntax-error" else None
                if moved is not None:
                    self._carried.append(moved)

    def _resolve(self, removed: list[_Block], fresh: list[_Block]) -> None:
        """Which free names nobody binds: for new pieces, and for all where the module's bindings changed."""
        counts = self._binding_counts
        # What does not parse may hide bindings; it does not bind what was known to be unbound.
        unbound = {use.name for block in removed for piece in block.pieces for use in piece.undefined}
        unbound |= {str(each.evidence[0].data["name"]) for each in self._carried if each.rule == "undefined-name"}
        for block in fresh:
            if block.suspects:
                block.binds = block.binds.union(block.suspects - unbound, *(each.binds for each in removed))
        touched = frozenset[str]().union(*(block.binds for block in (*removed, *fresh)))
        before = {name for name in touched if counts[name] > 0}
        had_star = self._stars > 0
        for block in removed:
            counts.subtract(block.binds)
            self._stars -= block.star
        for block in fresh:
            counts.update(block.binds)
            self._stars += block.star
        after = {name for name in touched if counts[name] > 0}
        for name in touched - after:
            del counts[name]
        changed = before ^ after
        for block in self._blocks if had_star != (self._stars > 0) else fresh:
            self._resolve_block(block)
        if changed:
            for block in self._blocks:
                if any(use.name in changed for piece in block.pieces for use in piece.names.free):
                    self._resolve_block(block)
        self._carried = [
            each
            for each in self._carried
            if each.rule != "undefined-name" or str(each.evidence[0].data["name"]) not in counts
        ]

    def _resolve_block(self, block: _Block) -> None:
        counts = self._binding_counts
        for piece in block.pieces:
            if self._stars or piece.broken:
                piece.undefined = ()
                continue
            piece.undefined = tuple(
                use
                for use in piece.names.free
                if use.name not in counts
                and use.name not in block.parameters
                and (use.deep or use.name not in block.inside)
            )

    # -- rules

    def _plan_review(self, removed: list[_Block], fresh: list[_Block]) -> None:
        """Which pieces the rules have to look at: new ones, and those whose imports or constants changed."""
        planned = fresh
        if any(block.imports or block.literal for block in (*removed, *fresh)):
            self._facts = self._module_facts()
            planned = self._blocks
            for block in self._blocks:
                for piece in block.pieces:
                    if piece.facts_used is not None and piece.facts_used != self._facts_used(piece):
                        piece.facts_used = None
        gone = {id(block) for block in removed}
        waiting = [] if planned is self._blocks else [each for each in self._pending if id(each[0]) not in gone]
        new = [(block, p) for block in planned for p in block.pieces if p.facts_used is None and not p.broken]
        self._pending = new + waiting
        self._drop_superseded()

    def _module_facts(self) -> ModuleFacts:
        imports: dict[str, str] = {}
        literals: dict[str, str] = {}
        for block in self._blocks:
            imports.update(block.imports)
            if block.literal and self._binding_counts[block.literal[0]] == 1:
                literals[block.literal[0]] = block.literal[1]
        return ModuleFacts(imports, literals)

    def _facts_used(self, piece: _Piece) -> Facts:
        imports, literals = self._facts.imports, self._facts.literals
        names = piece.names.free_names | (IMPLICIT & imports.keys())
        return tuple(
            sorted(
                [(name, imports[name]) for name in names if name in imports]
                + [(name, literals[name]) for name in names if name in literals]
            )
        )

    def advance(self, budget_s: float = 0.005) -> Progress:
        """Let the rules look at changed pieces for about ``budget_s`` seconds (at least one piece)."""
        self.refresh()
        deadline = time.perf_counter() + budget_s
        changed = False if self._errors_known else self._find_errors(max(budget_s, ERRORS_S))
        while self._pending:
            block, piece = self._pending.pop(0)
            before = piece.reviewed, piece.errors
            self._review(block, piece)
            self._loud = None
            changed = changed or before != (piece.reviewed, piece.errors) or bool(self._carried)
            if time.perf_counter() > deadline:
                break
        self._drop_superseded()
        return Progress(changed, len(self._pending) + (not self._errors_known))

    def _drop_superseded(self) -> None:
        """Carried findings go when the piece they lie in has been reviewed (undefined names: when it parses)."""
        if not self._carried:
            return
        places = sorted(
            ((block.row + piece.row, piece) for block in self._blocks for piece in block.pieces), key=itemgetter(0)
        )
        rows = [row for row, _ in places]
        kept: list[Finding] = []
        for finding in self._carried:
            at = bisect_right(rows, finding.range.line) - 1
            if at < 0:
                continue
            piece = places[at][1]
            if piece.broken or (piece.facts_used is None and finding.rule != "undefined-name"):
                kept.append(finding)
        self._carried = kept

    def _review(self, block: _Block, piece: _Piece) -> None:
        node = self._node(block.start + piece.start, piece.size)
        if node is None:
            piece.facts_used = ()
            piece.reviewed = ()
            return
        facts_used = self._facts_used(piece)
        text = self._data[node.start_byte : node.end_byte]
        memo_key = (
            blake2b(text, digest_size=16, salt=b"head" if piece.is_head else b"").digest(),
            piece.column,
            piece.owner,
            facts_used,
            self._broken,
        )
        piece.checked = not self._broken
        known = self._memo.get(memo_key)
        if known is None:
            units = units_of(self.path, node, self._data, self._facts, "" if piece.is_head else _prefix(piece))
            found = [each for unit in _own(units, piece) for each in self._check(unit)]
            # What the error-tolerant parser lets pass: Python 2 statements, a missing block.
            # Not while another piece is broken: that parser may have cut this one out of it.
            errors = (
                () if piece.is_head or not piece.checked else faults_of(node, self._data, in_class=bool(piece.owner))
            )
            known = tuple(_relative(each, block.row + piece.row, piece.column) for each in found), errors
            if len(self._memo) >= self.MEMO:
                self._memo.pop(next(iter(self._memo)))
            self._memo[memo_key] = known
        piece.reviewed, piece.errors = known
        piece.facts_used = facts_used

    def _check(self, unit: Unit) -> Iterator[Finding]:
        for rule in self._rules if self._rules is not None else all_rules():
            try:
                yield from tuple(rule.check(unit))
            except Exception:  # a rule must never take the editor's diagnostics down
                log.exception("rule %s failed on %s of %s", rule.name, unit.name or unit.kind, self.path)

    def _node(self, start: int, size: int) -> Node | None:
        """The outermost statement at this place in the current tree."""
        assert self._tree is not None
        node = self._tree.root_node.descendant_for_byte_range(start, start)
        found: Node | None = None
        while node is not None and node.start_byte == start and node.type != "module" and node.type != "block":
            if node.end_byte == start + size:
                found = node
            node = node.parent
        return found


def _prefix(piece: _Piece) -> str:
    return f"{piece.owner}." if piece.owner else ""


def _own(units: Iterator[Unit], piece: _Piece) -> Iterator[Unit]:
    """A class's head reviews only the class itself; its members are pieces of their own."""
    if piece.is_head:
        yield next(units)
    else:
        yield from units


def _untouched(finding: Finding, edits: Sequence[tuple[int, int, int]]) -> Finding | None:
    """The finding where its lines are after the edits; None if one of them touched its lines."""
    for first, last, delta in edits:
        if finding.range.line > last:
            finding = finding.shifted(delta)
        elif finding.range.end_line >= first:
            return None
    return finding


def _statements(parent: Node) -> Iterator[list[Node]]:
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


def _step_back(cursor: TreeCursor, before: list[_Block]) -> None:
    """Moves back to the first statement that is not as it was: behind the last of ``before`` that the new tree still
    has, clean, at its place. Those that it has not are removed from ``before``: an edit can break what precedes it."""
    while (node := cursor.node) is not None:
        if not node.has_error and not _is_comment(node):
            while before and before[-1].start > node.start_byte:
                before.pop()
            if before and before[-1].start == node.start_byte:
                if before[-1].end == node.end_byte and not any(piece.broken for piece in before[-1].pieces):
                    cursor.goto_next_sibling()
                    return
                before.pop()
        if not cursor.goto_previous_sibling():
            before.clear()
            return


def _is_comment(node: Node) -> bool:
    return node.type in ("comment", "line_continuation", ";")


def _start(block: _Block) -> int:
    return block.start


def _end(block: _Block) -> int:
    return block.end


def _defines(node: Node) -> bool:
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
    return frozenset(_text(each, data) for node in nodes for each in descend(node) if each.type == "identifier")


def _text(node: Node, data: bytes) -> str:
    return data[node.start_byte : node.end_byte].decode("utf-8", "replace")


class Analysis(NamedTuple):
    """A whole file looked at once: its findings in source order and the units that rules saw."""

    findings: tuple[Finding, ...]
    units: tuple[Unit, ...]


def analyse(path: str, text: str, rules: Sequence[Rule] | None = None) -> Analysis:
    """Static faults and rule findings of a text, from scratch. Never raises for what the text holds."""
    data = text.encode("utf-8", "surrogatepass")
    engine = Engine(path, data, rules)
    while engine.advance(1.0).pending:
        continue
    tree = engine.tree
    facts = engine.facts
    units = tuple(unit for nodes in _statements(tree.root_node) for unit in units_of(path, nodes[0], data, facts))
    return Analysis(engine.findings(), units)
