"""What a finding is recognised by when the code around it moves: its mark.

A mark has three parts, each a short hash. *Core*: the rule and the structure of the statement (or the head of the
compound statement) that the finding is on. *Scope*: the names of the definitions around it. *Near*: the structure of
the statements before and after it, of the heads above it, and of the parameters of its function.

Structure is the text without what people change freely: comments, layout, brackets, commas, the kind of quotes, and
the names of variables, which count by their first use in the statement. Names of attributes, called functions,
keywords and types stay, and so do literals: another command in the same call is another problem.

Two marks mean the same problem if their cores are equal and either their scopes are (the statement moved, or what is
around it was edited), or what is near them is and the old scope is gone (the function was renamed or moved).

Invariant: line numbers, paths and names of local variables are in no mark.
Invariant: no secret can be guessed from a mark: literals of a statement that handles one are left out.
It keeps no marks; see :mod:`.baseline` and the dismissals of the store.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from functools import cache
from hashlib import blake2b
from typing import NamedTuple

from tree_sitter import Node

from .definitions import definitions
from .findings import Finding
from .syntax import text_of


class Mark(NamedTuple):
    """See the module. ``near`` is empty where nothing is near: then it proves nothing."""

    core: str
    scope: str
    near: str

    def __str__(self) -> str:
        return ".".join(self)

    @classmethod
    def read(cls, text: str) -> Mark | None:
        """The mark that was printed as ``text``; None if it is something else."""
        return cls(*text.split(".")) if _PRINTED.fullmatch(text) else None


_PRINTED = re.compile(r"[0-9a-f]{16}\.[0-9a-f]{8}\.(?:[0-9a-f]{8})?")

_DEFINITIONS = frozenset({"function_definition", "class_definition"})
_CLAUSES = frozenset({"elif_clause", "else_clause", "except_clause", "finally_clause", "case_clause"})
_LAYOUT = frozenset({"(", ")", ",", "comment", "line_continuation", ":", ";", "string_end"})
_NUMBERS = frozenset({"integer", "float"})

#: A statement that speaks of one of these may hold a secret.
_SECRET = re.compile(
    rb"passw|passphrase|pwd|secret|token|credential|api_?key|private_?key|_key\b|\bkey\b|\bauth\b|\bsalt\b",
    re.IGNORECASE,
)

#: So may a literal that looks like nobody could remember it.
_RANDOM = re.compile(r"(?=\S*\d)(?=\S*[A-Za-z])[^\s/%{}.]{10,}")

#: Leaves of a neighbour that count: enough to tell it from others.
_NEAR_LEAVES = 60


def mark_of(finding: Finding, root: Node, data: bytes) -> Mark:
    """The mark of a finding in the tree ``root`` of ``data``."""
    return _mark(finding, _way(root, finding.range.line, finding.range.column), data)


def marks_of(findings: Iterable[Finding], root: Node, data: bytes) -> list[Mark]:
    return [mark_of(each, root, data) for each in findings]


def _way(root: Node, line: int, column: int) -> list[Node]:
    """The nodes from the root to the innermost statement, clause or definition at a place, that last; empty where
    there is only space between statements. Goes down once: a node's parent is found from the root each time."""
    leaf = root.descendant_for_point_range((line, column), (line, column))
    way: list[Node] = []
    found = 0
    node: Node | None = root if leaf is not None else None
    while node is not None:
        above = way[-1].type if way else ""
        way.append(node)
        if (
            node.type in _CLAUSES
            or node.type in _DEFINITIONS
            or (above in ("module", "block") and node.type != "block")
        ):
            found = len(way)
        elif node.type == "block":
            found = 0  # between the statements of a block, unless one of them comes
        if leaf is None or node.id == leaf.id:
            break
        node = node.child_with_descendant(leaf)
    return way[:found]


def _scope(way: Iterable[Node], data: bytes) -> str:
    """The dotted name of the definitions on a way, with the last one if it is one."""
    names = (node.child_by_field_name("name") for node in way if node.type in _DEFINITIONS)
    return ".".join(text_of(name, data) for name in names if name is not None)


def scopes(root: Node, data: bytes) -> frozenset[str]:
    """Hashes of the names of all definitions of a file, as they stand in marks."""
    return frozenset({_hash("", 4), *(_hash(each.name, 4) for each in definitions(root, data))})


def _mark(finding: Finding, way: list[Node], data: bytes) -> Mark:
    if not way:  # a blank line, a comment, the file as a whole
        return Mark(_hash(f"{finding.rule}\0", 8), _hash("", 4), "")
    statement = way[-1]
    called = _parameters(way, data)
    if statement.type in _DEFINITIONS and finding.kind != "too_many_params":
        structure = statement.type  # it is about the body, which is measured, not recognised; its name is the scope
    else:
        hidden = finding.kind == "secrets" or _handles_secret(statement, data)
        structure = " ".join(_structure(statement, data, called, hidden))
    core = _hash(f"{finding.rule}\0{structure}", 8)
    near = "\0".join(_near(way, data, called))
    return Mark(core, _hash(_scope(way, data), 4), _hash(near, 4) if near.strip("\0") else "")


def _near(way: list[Node], data: bytes, called: AbstractSet[bytes]) -> Iterator[str]:
    statement, above = way[-1], way[:-1]
    outer = above.pop() if above and above[-1].type == "decorated_definition" else statement
    scope = _scope(above, data)
    for neighbour in (_beside(outer, before=True), _beside(outer, before=False)):
        yield "" if neighbour is None else _shortened(neighbour, data, called, scope)
    for node in reversed(above):
        if node.type in _DEFINITIONS or node.type == "module":
            if node.type == "function_definition" and statement.type not in _DEFINITIONS:
                parameters = node.child_by_field_name("parameters")
                yield " ".join(_structure(parameters, data, called, hidden=True)) if parameters is not None else ""
            return
        if node.type != "block":
            yield _shortened(node, data, called, scope)


def _beside(node: Node, before: bool) -> Node | None:
    while True:
        sibling = node.prev_named_sibling if before else node.next_named_sibling
        if sibling is None or sibling.type != "comment":
            return sibling
        node = sibling


def _shortened(node: Node, data: bytes, called: AbstractSet[bytes], scope: str) -> str:
    if node.type == "decorated_definition":
        node = node.child_by_field_name("definition") or node
    if node.type in _DEFINITIONS:
        return f"{node.type} {scope} {_scope((node,), data)}"
    leaves: list[str] = []
    for leaf in _structure(node, data, called, hidden=True):
        leaves.append(leaf)
        if len(leaves) == _NEAR_LEAVES:
            break
    return " ".join(leaves)


def _structure(node: Node, data: bytes, called: AbstractSet[bytes], hidden: bool) -> Iterator[str]:
    """The leaves of a statement (of a compound one, of its head) without what may change freely."""
    names: dict[bytes, int] = {}
    yield node.type
    stack = [(child, node) for child in reversed(node.children)]
    while stack:
        leaf, parent = stack.pop()
        kind = leaf.type
        if kind == "block" or kind in _CLAUSES or kind in _LAYOUT:
            continue
        if kind == "string_content":
            text = text_of(leaf, data)
            yield "text" if hidden or _RANDOM.search(text) else f"text {text}"
        elif kind == "string_start":
            yield text_of(leaf, data).rstrip("'\"").lower()
        elif kind == "identifier":
            text = data[leaf.start_byte : leaf.end_byte]
            if _is_named(leaf, parent, text, called):
                yield text.decode("utf-8", "replace")
            else:
                yield f"${names.setdefault(text, len(names))}"
        elif leaf.child_count:
            stack += ((child, leaf) for child in reversed(leaf.children))
        elif kind in _NUMBERS:
            yield "number" if hidden else text_of(leaf, data)
        else:
            yield kind


def _is_named(identifier: Node, parent: Node, text: bytes, parameters: AbstractSet[bytes]) -> bool:
    """Does the name itself matter, rather than that it is the same as elsewhere?"""
    if text[:1].isupper():
        return True
    if parent.type in ("attribute", "call", "keyword_argument"):
        field = {"attribute": "attribute", "call": "function", "keyword_argument": "name"}[parent.type]
        mine = parent.child_by_field_name(field)
        if mine is not None and mine.start_byte == identifier.start_byte:
            return parent.type != "call" or text not in parameters
        return False
    return parent.type in ("type", "dotted_name", "aliased_import", "decorator")


def _parameters(way: Iterable[Node], data: bytes) -> frozenset[bytes]:
    """Names of the parameters of the functions on a way: called ones are variables, too."""
    names: set[bytes] = set()
    for node in way:
        if node.type == "function_definition" and (given := node.child_by_field_name("parameters")) is not None:
            for each in given.named_children:
                if each.type == "identifier":
                    name = each
                else:
                    name = each.child_by_field_name("name") or (each.named_children or [each])[0]
                names.add(data[name.start_byte : name.end_byte])
    return frozenset(names)


def _handles_secret(statement: Node, data: bytes) -> bool:
    body = statement.child_by_field_name("body")
    end = body.start_byte if body is not None else statement.end_byte
    return _SECRET.search(data, statement.start_byte, end) is not None


def _hash(text: str, size: int) -> str:
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=size).hexdigest()


# -- recognising -------------------------------------------------------------------------------------------------


def recognised(
    known: Sequence[Mark], current: Sequence[Mark], existing: Callable[[], AbstractSet[str]]
) -> dict[int, int]:
    """Which of the ``current`` findings of a file are ``known``: indexes of both, each used once.

    Of several that might be meant, the most alike is. ``existing`` gives the scopes that the file has now (asked for
    only where it matters): what was said of a function that is still there is not said of another."""
    there = cache(existing)
    by_core: dict[str, list[int]] = {}
    for number, mark in enumerate(known):
        by_core.setdefault(mark.core, []).append(number)
    pairs: list[tuple[int, int, int]] = []
    for number, mark in enumerate(current):
        for other in by_core.get(mark.core, ()):
            alike = _alike(known[other], mark, there)
            if alike:
                pairs.append((-alike, number, other))
    result: dict[int, int] = {}
    used: set[int] = set()
    for _, number, other in sorted(pairs):
        if number not in result and other not in used:
            result[number] = other
            used.add(other)
    return result


def _alike(known: Mark, now: Mark, existing: Callable[[], AbstractSet[str]]) -> int:
    near = bool(now.near) and known.near == now.near
    if known.scope == now.scope:
        return 3 if near else 2
    return 1 if near and known.scope not in existing() else 0
