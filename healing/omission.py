"""What a change leaves out of a Go, Rust, JavaScript or TypeScript program: what compiles without it says nothing.

A statement that is left out as a whole is not looked at: that is how a name that nothing uses is put right.

Invariant: pure, and parsing never fails; of a file in no language that is known, only the values are counted.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from difflib import SequenceMatcher
from pathlib import PurePosixPath

from tree_sitter import Node

from ..analyzers.source import same_ends
from .compiled.syntax import parse
from .javascript.syntax import Syntax
from .workspace import Workspace

_VALUE = re.compile(r"""\"(?:[^\"\\\n]|\\.)*\"|\b\d[\w.]*""")
_NAMES = frozenset({"identifier", "self", "this"})
_SCRIPTS = frozenset({".js", ".mjs", ".cjs", ".jsx", ".ts", ".mts", ".cts", ".tsx"})


def omits(workspace: Workspace, texts: Mapping[str, str]) -> bool:
    """Whether new texts of files lack a number or a text that the program holds, or an operand that it reads."""
    return any(_omits(name, workspace.text(name) or "", text) for name, text in texts.items())


def _omits(name: str, old: str, new: str) -> bool:
    if Counter(_VALUE.findall(old)) - Counter(_VALUE.findall(new)):
        return True
    before, after = _root(name, old), _root(name, new)
    if before is None or after is None:
        return False
    one, two = old.split("\n"), new.split("\n")
    head, tail = same_ends(one, two)
    changed = SequenceMatcher(None, one[head : len(one) - tail], two[head : len(two) - tail], autojunk=False)
    for kind, start, end, first, last in changed.get_opcodes():
        if kind != "replace":
            continue
        read, operands = _read(before, head + start, head + end)
        left, _ = _read(after, head + first, head + last)
        lost = Counter({each: count for each, count in (read - left).items() if each in operands})
        if left and lost.total() > (left - read).total():  # what another name stands for is not left out
            return True
    return False


def _root(name: str, text: str) -> Node | None:
    suffix = PurePosixPath(name).suffix
    if suffix in (".go", ".rs"):
        return parse(text, "go" if suffix == ".go" else "rust").root
    return Syntax(text, name).root if suffix in _SCRIPTS else None


def _read(root: Node, first: int, end: int) -> tuple[Counter[bytes], set[bytes]]:
    """The names in rows (0-based, the end excluded), as often as they are read, and those that are operands. What a
    conversion is called is none."""
    names: Counter[bytes] = Counter()
    operands: set[bytes] = set()
    waiting = [(root, False)]
    while waiting:
        node, operand = waiting.pop()
        if node.end_point[0] < first or node.start_point[0] >= end:
            continue
        if node.type in _NAMES:
            names[node.text or b""] += 1
            if operand:
                operands.add(node.text or b"")
        if (changed := _changed(node)) is not None:
            waiting.append((changed, operand))  # `a += b` reads `a`
        called = node.child_by_field_name("function")
        arguments = node.child_by_field_name("arguments")
        within = operand or node.type == "binary_expression"
        waiting.extend(
            (each, within and not (each == called and arguments is not None and arguments.named_child_count > 0))
            for each in node.children
        )
    return names, operands


def _changed(node: Node) -> Node | None:
    """What a statement both reads and sets."""
    sets = node.type in ("compound_assignment_expr", "augmented_assignment_expression") or (
        node.type == "assignment_statement"
        and any(each.type.endswith("=") and len(each.type) > 1 for each in node.children)
    )
    return node.child_by_field_name("left") if sets else None
