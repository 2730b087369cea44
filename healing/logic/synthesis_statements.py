"""Statements that are missing: guards whose condition is synthesised from observed values, statements that stand
elsewhere in the file (the plastic surgery hypothesis, as in GenProg, Le Goues et al., 2012), a variable made anew of
itself by a function of the program.

A condition of a guard holds at an evaluation of a failing test and at none of a passing one; what is done then comes
from the other ways out of the function. Pairs with :mod:`.synthesis`, which looks at values and tries the edits.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tree_sitter import Node

from .mutations import Placed, with_breaks
from .statements import insert
from .tree import Function, Mutation, enclosing, is_load

#: Places, conditions of one place, ways out, and statements from elsewhere for one place.
GAPS, CONDITIONS, WAYS, BORROWED = 20, 5, 5, 10
_SIMPLE = ("expression_statement", "return_statement", "delete_statement", "raise_statement")
_BLOCKS = ("if_statement", "for_statement", "while_statement", "with_statement", "try_statement")
_LOOPS = ("for_statement", "while_statement")


@dataclass(frozen=True, slots=True)
class Gap:
    """The place before a statement."""

    path: str
    function: Function
    node: Node
    suspicion: float

    @property
    def text(self) -> str:
        return "None"


def gaps(path: str, function: Function, lines: Mapping[int, float]) -> Iterator[Gap]:
    """The places before the suspicious statements of a function."""
    for node in function.own:
        block = node.parent
        if (
            node.type not in (*_SIMPLE, *_BLOCKS)
            or block is None
            or block.type != "block"
            or not _starts(function, node)
        ):
            continue
        if node.type == "expression_statement" and node.named_children and node.named_children[0].type == "string":
            continue
        if (share := lines.get(node.start_point[0], 0.0)) > 0.0:
            yield Gap(path, function, node, share)


def _starts(function: Function, node: Node) -> bool:
    return not function.data[function.line_start(node) : node.start_byte].strip()


def guards(gap: Gap, classes: Sequence[Mapping[str, Any]]) -> Iterator[Placed]:
    """A way out before a statement, under each condition."""
    function = gap.function
    ways = list(_ways(gap))
    for rank, each in enumerate(classes[:CONDITIONS]):
        for number, way in enumerate(ways[:WAYS]):
            text = f"if {each['text']}:\n{function.unit}{way}"
            prior = min(1.2 * float(each["prior"]), 0.3) * 0.9**rank * 0.75**number
            yield _inserted(gap, text, prior)


def _ways(gap: Gap) -> Iterator[str]:
    """Ways out of the block: of the loop, then what the function returns elsewhere, then empty values."""
    function = gap.function
    if enclosing(gap.node, *_LOOPS) is not None:
        yield "continue"
    own = [function.text(each) for each in function.own if each.type == "return_statement"]
    plain = [each for each in own if len(each) < 40 and "\n" not in each]
    yield from dict.fromkeys(reversed(plain))
    if not own:
        yield "return"
        return
    for text in ("return None", "return 0", "return []", "return False", "return ''", "return {}"):
        if text not in plain:
            yield text


def borrowed(
    gap: Gap, everything: Sequence[tuple[str, frozenset[str], str]], outer: frozenset[str]
) -> Iterator[Placed]:
    """Statements that stand elsewhere in the file and whose names are known here; ``everything``: (text, names that it
    reads, the function)."""
    function, count = gap.function, 0
    here = frozenset(function.visible(gap.node)) | outer
    mine = function.text(gap.node.parent) if gap.node.parent is not None else ""
    for text, names, owner in everything:
        if names <= here and text not in mine and count < BORROWED:
            count += 1
            yield _inserted(gap, text, 0.16 if owner == function.name else 0.12)


def remade(gap: Gap, callables: Sequence[str]) -> Iterator[Placed]:
    """A parameter, made anew by a function of the program, before the first statement that reads it."""
    function = gap.function
    first = next((each for each in function.body.named_children if each.end_byte >= gap.node.start_byte), None)
    if first is None or first.id != gap.node.id:
        return
    words = set(re.findall(r"\w+", function.text(gap.node)))
    for name in function.parameters:
        if name in words and name not in ("self", "cls"):
            for rank, each in enumerate(callables[:12]):
                yield _inserted(gap, f"{name} = {each}({name})", 0.12 * 0.93**rank)


def simple_statements(functions: Sequence[Function]) -> list[tuple[str, frozenset[str], str]]:
    """Calls and assignments of a file that stand on a line for themselves: (text, names that are read, function)."""
    found: dict[str, tuple[str, frozenset[str], str]] = {}
    for function in functions:
        for node in function.own:
            if node.type != "expression_statement" or not function.alone(node) or not node.named_children:
                continue
            inner, text = node.named_children[0], function.text(node)
            left = inner.child_by_field_name("left")
            known = inner.type == "call" or (left is not None and left.type in ("attribute", "subscript"))
            if inner.type == "augmented_assignment":
                known = True
            if known and "\n" not in text and len(text) < 70:
                names = {function.text(each) for each in function.own if _inside(each, node) and is_load(each)}
                if inner.type == "augmented_assignment" and left is not None:
                    names.add(function.text(left).partition(".")[0].partition("[")[0])
                found.setdefault(text, (text, frozenset(names), function.name))
    return list(found.values())


def _inside(name: Node, node: Node) -> bool:
    return name.type == "identifier" and node.start_byte <= name.start_byte < node.end_byte


def _inserted(gap: Gap, text: str, prior: float) -> Placed:
    function = gap.function
    mutation = insert(
        function,
        function.line_start(gap.node),
        gap.node.start_point[0],
        function.indent(gap.node),
        text,
        prior,
        "synthesis",
    )
    mutation = Mutation(
        mutation.title, mutation.splices, mutation.line, prior, mutation.operator, prior * gap.suspicion
    )
    return Placed(gap.path, with_breaks(mutation) if b"\r\n" in function.data else mutation, function.chunk)
