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
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from hashlib import blake2b
from operator import attrgetter
from typing import NamedTuple

from tree_sitter import Node, Tree

from .alone import Alone, Around, around, prepared, typed_in
from .findings import REVIEWERS, Finding
from .handed import together
from .host import host_reads
from .names import IMPLICIT
from .pieces import (
    Block,
    Facts,
    Piece,
    Window,
    build_all,
    rebuild,
    relative,
    syntax_error,
    untouched,
)
from .plugins import discover
from .rules import Rule
from .supposed import looked_through
from .suppress import loud, marks_in, suppress
from .syntax import ModuleFacts, Unit, has_lone_cr, look_through, may_ask, parse, parsed, units_of
from .syntax_errors import SyntaxFault, faults_in, faults_of

log = logging.getLogger(__name__)

#: Time that looking for syntax errors may take at a keystroke (seconds); the rest is done in slices afterwards.
ERRORS_S = 0.008

#: Reviews of longer pieces (bytes) are not remembered: a class of this length changes with each letter typed in it.
LONG = 100_000

Point = tuple[int, int]


@cache
def all_rules() -> tuple[Rule, ...]:
    """Every rule: the files of the three reviewers' folders, then installed plug-ins."""
    package = __package__ or ""
    found = [rule for name in REVIEWERS for rule in discover(f"{package}.{name}", "RULE", Rule, "suture.rules")]
    return tuple({rule.name: rule for rule in found}.values())


class Progress(NamedTuple):
    """What a slice of reviewing did: whether findings may have changed, and how many pieces are left."""

    changed: bool
    pending: int


class Engine:
    """The state of one open file. Not thread-safe; cheap to create and to drop."""

    #: How many reviews of texts seen before are kept (undo, a line moved to and fro).
    MEMO = 2048

    def __init__(self, path: str, data: bytes, rules: Sequence[Rule] | None = None) -> None:
        self.path = path
        self._rules = rules
        self.host_reads_it = False  # the host's parser has nothing against the whole text, so neither against a piece
        self.once = False  # no text like it will follow: what is made of its pieces need not be remembered
        self._data = data
        self._marks = marks_in(data, 0, len(data), 0)  # where comments may silence something
        self._lone_cr: bool | None = None if b"\r" in data else False  # None: to be looked for
        self._tree: Tree | None = None
        self._tree_behind = False  # it was edited, but not parsed again
        self._typed_elsewhere = False  # since, and in more than one definition
        self._alone: Alone | None = None  # the definition that is typed in
        self._stale = True
        self._window: Window | None = None
        self._edits: list[tuple[int, int, int]] = []  # (first row, last row, rows added) since the last refresh
        self._blocks: list[Block] = []
        self._loud: list[Block] | None = None
        self._errors: tuple[SyntaxFault, ...] = ()
        self._errors_known = True
        self._broken = False
        self._broken_blocks = 0
        self._edited_at = 0
        self._binding_counts: Counter[str] = Counter()
        self._stars = 0
        self._constants: dict[str, bool] = {}  # what is known of the Python that runs
        self._facts = ModuleFacts()
        self._implicit: frozenset[str] = frozenset()  # names of the language that the module imports
        self._pending: list[tuple[Block, Piece]] = []
        self.complete = False  # have the rules been through the whole text once?
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
        if self._has_lone_cr():
            self._tree = None  # its rows are others than those of the points
        elif self._tree is not None:
            self._tree.edit(start_byte, old_end_byte, new_end_byte, start_point, old_end_point, new_end_point)
        if self._lone_cr or b"\r" in data[max(start_byte - 1, 0) : new_end_byte]:  # what follows it may be gone
            self._lone_cr = None
        edit = (start_point[0], old_end_point[0], new_end_point[0] - old_end_point[0])
        self._edits.append(edit)
        # What follows on the line moves sideways: it belongs to the window.
        line_end = data.find(b"\n", new_end_byte)
        line_end = line_end if line_end >= 0 else len(data)
        rest = line_end - new_end_byte
        line_start = start_byte - start_point[1]
        self._move_marks(line_start, old_end_byte + rest, edit[2], new_end_byte - old_end_byte, data, line_end, edit[0])
        if self._window is None:
            ends = old_end_byte, new_end_byte
            self._window = Window(start_byte, old_end_byte + rest, new_end_byte + rest, edit[2], ends)
        else:
            self._window.extend(start_byte, old_end_byte + rest, new_end_byte + rest, edit[2])
        self._carried = [moved for each in self._carried if (moved := untouched(each, (edit,))) is not None]
        self._data = data
        self._stale = True
        self.host_reads_it = False

    def bound(self) -> frozenset[str] | None:
        """The names that the text binds at its top level; None if a star import may bind any."""
        self.refresh()
        return None if self._stars else frozenset(name for name, count in self._binding_counts.items() if count > 0)

    def _move_marks(self, start: int, old_end: int, rows: int, delta: int, data: bytes, new_end: int, row: int) -> None:
        """Marks of the lines from byte ``start`` that were edited are looked for again, those behind them move."""
        before = [each for each in self._marks if each.byte < start]
        after = [each.moved(delta, rows) if delta or rows else each for each in self._marks if each.byte >= old_end]
        self._marks = [*before, *marks_in(data, start, new_end, row), *after]

    def replace_all(self, data: bytes) -> None:
        """The whole text was replaced: nothing is carried over but reviews of pieces that it repeats."""
        self._tree, self._data, self._stale, self._window = None, data, True, None
        self._lone_cr, self._tree_behind, self._typed_elsewhere, self._alone = None, False, False, None
        self.host_reads_it = False
        self._marks = marks_in(data, 0, len(data), 0)
        self._edits, self._blocks, self._pending, self._carried = [], [], [], []
        self._broken_blocks = 0
        self._binding_counts.clear()
        self._constants = {}
        self._stars = 0
        self.complete = False

    @property
    def tree(self) -> Tree:
        """The tree of the current text."""
        self.refresh()
        assert self._tree is not None
        if self._tree_behind:
            self._tree, self._tree_behind = parse(self._data, self._tree), False
            self._typed_elsewhere = False
        return self._tree

    def around(self, byte: int) -> Around:
        """The definition around a byte that is being typed in by itself, else the whole text: for whoever asks what
        stands there right after an edit. Nodes above that definition are not those of the file."""
        self.refresh()
        alone = around(self._alone, byte) if self._tree_behind and self._alone is not None else None
        return alone or Around(self.tree.root_node, self._data)

    def _in_comment(self, byte: int) -> bool:
        """Whether a byte lies in a comment. Where only one definition was typed in since the whole text was parsed, the
        tree of before says so of all that is outside of it."""
        near = around(self._alone, byte) if self._tree_behind and self._alone is not None else None
        tree = self._tree if self._tree is not None and not self._typed_elsewhere else self.tree
        root, at = (near.root, byte + near.bytes) if near is not None else (tree.root_node, byte)
        node = root.descendant_for_byte_range(at, at + 1)
        return node is not None and node.type == "comment"

    def _has_lone_cr(self) -> bool:
        if self._lone_cr is None:
            self._lone_cr = has_lone_cr(self._data)
        return self._lone_cr

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

    def findings(self, *, silenced: bool = False) -> tuple[Finding, ...]:
        """What is known now, in source order: static faults of this very text, and the rules' findings so far.

        Comments that silence a finding are honoured (:mod:`.suppress`), unless the ``silenced`` are wanted, too."""
        self.refresh()
        if self._loud is None:
            self._loud = [block for block in self._blocks if not block.quiet and block.loud]
        found = [syntax_error(self.path, fault, 0) for fault in self._errors]
        found += [each for block in self._loud for each in block.findings(self.path)]
        found += self._carried
        found.sort(key=lambda each: (each.range, each.rule))
        if found and self._marks and not silenced:
            if self._has_lone_cr():
                return suppress(found, self._data.decode("utf-8", "surrogatepass"), self.tree.root_node)
            return loud(found, self._data, self._in_comment, self._marks)
        return tuple(found)

    def blocks(self) -> Sequence[Block]:
        """What is known of each statement of the module."""
        self.refresh()
        return self._blocks

    # -- static faults

    def refresh(self) -> None:
        """Bring pieces and static faults up to date with the text."""
        if not self._stale:
            return
        data, window, old = self._data, self._window, self._blocks
        incremental = self._tree is not None and window is not None and not self._has_lone_cr()
        if incremental and window is not None and not self._broken and self._typed_in(window):
            return
        self._alone = None
        tree = parse(data, self._tree) if incremental else parsed(data)
        root = tree.root_node
        rebuilt = rebuild(root, data, old, window) if incremental and window is not None else build_all(root, data)
        fresh = rebuilt.fresh
        removed = old[len(rebuilt.before) : len(old) - len(rebuilt.after)]
        self._carry(removed, fresh)
        self._blocks = [*rebuilt.before, *fresh, *rebuilt.after]
        self._tree, self._tree_behind, self._typed_elsewhere, self._edits = tree, False, False, []
        self._stale, self._window, self._loud = False, None, None
        self._resolve(removed, fresh)
        was_broken = self._broken
        self._broken_blocks += sum(block.broken for block in fresh) - sum(block.broken for block in removed)
        self._broken = self._broken_blocks > 0
        if was_broken and not self._broken:
            for block in self._blocks:
                for piece in block.pieces:
                    if not piece.checked:
                        piece.facts_used = None
        self._plan_review(removed, self._blocks if was_broken and not self._broken else fresh)
        self._edited_at = window.start if window is not None else 0
        self._find_errors(ERRORS_S)

    def _typed_in(self, window: Window) -> bool:
        """If the edit lies in one definition, look at that alone. Says whether it was so."""
        typed = typed_in(self._blocks, self._data, window, self._alone)
        if typed is None:
            return False
        removed, fresh = [self._blocks[typed.at]], [typed.block]
        self._carry(removed, fresh)
        delta = window.new_end - window.old_end
        self._blocks[typed.at] = typed.block
        for block in self._blocks[typed.at + 1 :]:
            block.start += delta
            block.end += delta
        before = self._alone.start if self._alone is not None else typed.alone.start
        self._typed_elsewhere = self._tree_behind and (self._typed_elsewhere or before != typed.alone.start)
        self._alone, self._tree_behind, self._edits = typed.alone, True, []
        self._stale, self._window, self._loud = False, None, None
        self._resolve(removed, fresh)
        self._plan_review(removed, fresh)
        self._edited_at = window.start
        return True

    def _find_errors(self, budget_s: float) -> bool:
        """Where the pieces that do not parse are wrong; returns whether that changed what is known."""
        assert self._tree is not None
        broken = [(block.start, block.end) for block in self._blocks if block.broken] if self._broken else []
        before = self._errors
        if broken:
            found = faults_in(self._data, broken, self._tree.root_node, self._edited_at, budget_s)
            self._errors, self._errors_known = found
        else:
            self._errors, self._errors_known = (), True
        return before != self._errors

    def _carry(self, removed: list[Block], fresh: list[Block]) -> None:
        """Findings of pieces that went away stay on the lines that no edit touched, until their successors are
        reviewed (or mended, where they do not parse at the moment)."""
        loud = [(block, block.loud) for block in removed if block.loud]
        some = {id(piece) for _, pieces in loud for piece in pieces}
        gone = some.difference(id(piece) for block in fresh for piece in block.pieces) if some else some
        for block, pieces in loud:
            for finding in block.findings(self.path, [each for each in pieces if id(each) in gone]):
                moved = untouched(finding, self._edits) if finding.rule != "syntax-error" else None
                if moved is not None:
                    self._carried.append(moved)

    def _resolve(self, removed: list[Block], fresh: list[Block]) -> None:
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
        if self._folded(touched, removed, fresh) or had_star != (self._stars > 0):
            for block in self._blocks:
                self._resolve_block(block)
        else:
            for block in fresh:  # members that stayed in a class that binds the same see what they saw
                if all(_alike(each, block) for each in removed):
                    self._resolve_block(block, block.made)
                    continue
                twins = [each for each in removed if _alike(each, block)]
                stayed = {id(piece) for each in twins for piece in each.pieces}
                self._resolve_block(block, [each for each in block.pieces if id(each) not in stayed])
        if changed:
            for block in self._blocks:
                if any(use.name in changed for piece in block.pieces for use in piece.names.free):
                    self._resolve_block(block)
        self._carried = [
            each
            for each in self._carried
            if each.rule != "undefined-name" or str(each.evidence[0].data["name"]) not in counts
        ]

    def _folded(self, touched: frozenset[str], removed: Sequence[Block], fresh: Sequence[Block]) -> bool:
        """Looks again at what the module knows of the Python that runs it; did that change?"""
        if touched.isdisjoint(self._constants) and not any(block.constants for block in (*removed, *fresh)):
            return False
        before, self._constants = self._constants, {}
        for block in self._blocks:
            for name, value in block.constants:
                known = self._constants.get(value[0]) if isinstance(value, tuple) else value
                if known is not None and self._binding_counts[name] == 1:
                    self._constants[name] = known == value[1] if isinstance(value, tuple) else known
        return before != self._constants

    def _resolve_block(self, block: Block, pieces: Sequence[Piece] | None = None) -> None:
        counts = self._binding_counts
        block.heard()
        for piece in block.pieces if pieces is None else pieces:
            if self._stars or piece.broken:
                piece.undefined = ()
                continue
            piece.undefined = tuple(
                use
                for use in piece.names.free
                if use.name not in counts
                and use.name not in block.parameters
                and (use.deep or use.name not in block.inside)
                and all(self._constants.get(name, wanted) == wanted for name, wanted in use.only)
            )

    # -- rules

    def _plan_review(self, removed: list[Block], fresh: list[Block]) -> None:
        """Which pieces the rules have to look at: new ones, and those whose imports or constants changed."""
        planned = fresh
        plain = not any(block.imports or block.literal for block in (*removed, *fresh))
        if not plain or _returns(removed) != _returns(fresh):
            self._facts = self._module_facts()
            self._implicit = IMPLICIT & self._facts.imports.keys()
            planned = self._blocks
            for block in self._blocks:
                for piece in block.pieces:
                    if piece.facts_used is not None and piece.facts_used != self._facts_used(block, piece):
                        piece.facts_used = None
        else:
            before = {block.pieces[0].owner: block.own for block in removed if block.own}
            for block in fresh:
                if block.own == before.get(block.pieces[0].owner, ()):
                    continue  # the class says the same of its attributes: members that stayed see what they saw
                for piece in block.pieces:
                    if piece.facts_used is not None and piece.facts_used != self._facts_used(block, piece):
                        piece.facts_used = None
        gone = {id(block) for block in removed}
        waiting = [] if planned is self._blocks else [each for each in self._pending if id(each[0]) not in gone]
        new = [(block, p) for block in planned for p in block.pieces if p.facts_used is None and not p.broken]
        new.sort(key=lambda each: each[1].is_head)  # a class as a whole can wait for the method that is typed in
        self._pending = new + waiting
        self._drop_superseded()

    def _module_facts(self) -> ModuleFacts:
        imports: dict[str, str] = {}
        literals: dict[str, str] = {}
        for block in self._blocks:
            imports.update(block.imports)
            if block.literal and self._binding_counts[block.literal[0]] == 1:
                literals[block.literal[0]] = block.literal[1]
        returns: dict[str, str] = {}
        for name, kind in _returns(self._blocks):
            if self._binding_counts[name.partition("(")[0]] == 1:
                returns[name] = together(returns.get(name, ""), kind) if name.endswith("(") else kind
        return ModuleFacts(imports, literals, returns=returns)

    def _facts_used(self, block: Block, piece: Piece) -> Facts:
        imports, literals, returns = self._facts.imports, self._facts.literals, self._facts.returns
        names = piece.names.free_names | self._implicit
        return tuple(
            sorted(
                [(name, imports[name]) for name in names & imports.keys()]
                + [(name, literals[name]) for name in names & literals.keys()]
                + (
                    [
                        (said, returns[said])
                        for name in names
                        for said in (f"{name}()", f"{name}()[]")
                        if said in returns
                    ]
                    if returns
                    else []
                )
                + (
                    [(f"{name}(", returns[f"{name}("]) for name in block.binds if f"{name}(" in returns]
                    if returns
                    else []
                )
                + [(f"self.{name}", kind) for name, kind in block.own if name in piece.uses]
            )
        )

    def advance(self, budget_s: float = 0.005) -> Progress:
        """Let the rules look at changed pieces for about ``budget_s`` seconds (at least one piece)."""
        self.refresh()
        deadline = time.perf_counter() + budget_s
        changed = False if self._errors_known else self._find_errors(max(budget_s, ERRORS_S))
        reviewed = bool(self._pending)
        while self._pending:
            block, piece = self._pending.pop(0)
            before = piece.reviewed, piece.errors
            self._review(block, piece)
            block.heard()
            self._loud = None
            changed = changed or before != (piece.reviewed, piece.errors) or bool(self._carried)
            if time.perf_counter() > deadline:
                break
        self._drop_superseded()
        due = not (self._pending or self._alone or self._broken or self._has_lone_cr()) and self._edited_at > 0
        late = due and reviewed and time.perf_counter() > deadline  # a long definition is parsed in a slice of its own
        if due and not late:
            self._alone = prepared(self._blocks, self._data, self._edited_at)
        self.complete = self.complete or not self._pending
        return Progress(changed, len(self._pending) + (not self._errors_known) + late)

    def _drop_superseded(self) -> None:
        """Carried findings go when the piece they lie in has been reviewed (undefined names: when it parses)."""
        if not self._carried:
            return
        kept: list[Finding] = []
        for finding in self._carried:
            piece = self._piece_at(finding.range.line)
            if piece is None:
                continue
            if piece.broken or (piece.facts_used is None and finding.rule != "undefined-name"):
                kept.append(finding)
        self._carried = kept

    def _piece_at(self, row: int) -> Piece | None:
        """The last piece that begins on or before a row."""
        at = bisect_right(self._blocks, row, key=attrgetter("row")) - 1
        if at < 0:
            return None
        block = self._blocks[at]
        inside = bisect_right(block.pieces, row - block.row, key=attrgetter("row")) - 1
        return block.pieces[max(inside, 0)]

    def _review(self, block: Block, piece: Piece) -> None:
        node = self._node(block.start + piece.start, piece.size)
        if node is None:
            piece.facts_used = ()
            piece.reviewed = ()
            return
        facts_used = () if self.once else self._facts_used(block, piece)
        memo_key = None
        if piece.size <= LONG and not self.once:
            text = self._data[node.start_byte : node.end_byte]
            digest = blake2b(text, digest_size=16, salt=b"head" if piece.is_head else b"").digest()
            memo_key = (digest, piece.column, piece.owner, facts_used, self._broken)
        piece.checked = not self._broken
        known = self._memo.get(memo_key) if memo_key is not None else None
        if known is None:
            facts = self._facts
            if block.own and piece.uses:
                facts = ModuleFacts(facts.imports, facts.literals, dict(block.own), facts.returns)
            units = units_of(self.path, node, self._data, facts, "" if piece.is_head else _prefix(piece))
            found = [each for unit in _own(units, piece) for each in self._check(unit)]
            # What the error-tolerant parser lets pass: Python 2 statements, a missing block.
            # Not while another piece is broken: that parser may have cut this one out of it.
            unasked = self.host_reads_it or piece.is_head or not piece.checked
            errors = () if unasked else faults_of(node, self._data)
            known = tuple(relative(each, block.row + piece.row, piece.column) for each in found), errors
            if memo_key is not None:
                if len(self._memo) >= self.MEMO:
                    self._memo.pop(next(iter(self._memo)))
                self._memo[memo_key] = known
        piece.reviewed, piece.errors = known
        piece.facts_used = facts_used

    def _check(self, unit: Unit) -> Iterator[Finding]:
        asked: dict[Callable[[Unit], bool], bool] = {}
        for rule in self._rules if self._rules is not None else all_rules():
            try:
                if rule.words and not unit.says(*rule.words):
                    continue
                if rule.where is not None:
                    if rule.where not in asked:
                        asked[rule.where] = rule.where(unit)
                    if not asked[rule.where]:
                        continue
                yield from tuple(rule.check(unit))
            except Exception:  # a rule must never take the editor's diagnostics down
                log.exception("rule %s failed on %s of %s", rule.name, unit.name or unit.kind, self.path)

    def _node(self, start: int, size: int) -> Node | None:
        """The outermost statement at this place in the current tree."""
        node = self.tree.root_node.descendant_for_byte_range(start, start)
        found: Node | None = None
        while node is not None and node.start_byte == start and node.type != "module" and node.type != "block":
            if node.end_byte == start + size:
                found = node
            node = node.parent
        return found


def _alike(old: Block, new: Block) -> bool:
    """Whether the members of two classes see the same names of their class."""
    return (old.inside, old.parameters) == (new.inside, new.parameters)


def _returns(blocks: Sequence[Block]) -> list[tuple[str, str]]:
    """What functions of the module return, where it is known."""
    return [each for block in blocks for each in block.returns]


def _prefix(piece: Piece) -> str:
    return f"{piece.owner}." if piece.owner else ""


def _own(units: Iterator[Unit], piece: Piece) -> Iterator[Unit]:
    """A class's head reviews only the class itself; its members are pieces of their own."""
    if piece.is_head:
        yield next(units)
    else:
        yield from units


class Analysis(NamedTuple):
    """A whole file looked at once: its findings in source order."""

    findings: tuple[Finding, ...]


def analyse(
    path: str, text: str, rules: Sequence[Rule] | None = None, *, silenced: bool = False, once: bool = False
) -> Analysis:
    """Static faults and rule findings of a text, from scratch; with ``silenced`` also what its comments silence.
    ``once``: no text like it will follow, so that its pieces need not be remembered one by one.

    Never raises for what the text holds."""
    data = text.encode("utf-8", "surrogatepass")
    if once:
        look_through(data, text)
        rules = may_ask(all_rules() if rules is None else rules, data)
    engine = Engine(path, data, rules)
    engine.once = once
    engine.host_reads_it = once and host_reads(text)
    while engine.advance(1.0).pending:
        continue
    if once:
        looked_through(path, data, engine.blocks())
    return Analysis(engine.findings(silenced=silenced))
