# pyright: basic
"""What the operators work on: a program with its tokens, its tree and the lines that its checks run.

An operator gives changed texts in any number; the generator takes one that really fails as its class says.
"""

from __future__ import annotations

import ast
import io
import random
import re
import tokenize
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import TypeVar

Node = TypeVar("Node", bound=ast.AST)


@dataclass(frozen=True)
class Tok:
    """A token with code-point offsets; ``line`` is 0-based."""

    kind: int
    text: str
    start: int
    end: int
    line: int


@dataclass(frozen=True)
class Program:
    """``checks`` are expressions over the module's names; ``run`` the lines (1-based) that they run."""

    name: str
    text: str
    checks: tuple[str, ...] = ()
    run: frozenset[int] = field(default_factory=frozenset[int])

    @cached_property
    def starts(self) -> list[int]:
        found = [0]
        for line in self.text.splitlines(keepends=True):
            found.append(found[-1] + len(line))
        return found

    @cached_property
    def lines(self) -> list[str]:
        return self.text.split("\n")

    @cached_property
    def tokens(self) -> list[Tok]:
        found: list[Tok] = []
        for each in tokenize.generate_tokens(io.StringIO(self.text).readline):
            start = self.starts[each.start[0] - 1] + each.start[1]
            end = self.starts[each.end[0] - 1] + each.end[1] if each.end[0] - 1 < len(self.starts) else len(self.text)
            found.append(Tok(each.exact_type, each.string, start, end, each.start[0] - 1))
        return found

    @cached_property
    def tree(self) -> ast.Module:
        tree = ast.parse(self.text)
        for parent in ast.walk(tree):
            for child in ast.iter_child_nodes(parent):
                child.parent = parent  # type: ignore[attr-defined]
        return tree

    def nodes(self, kind: type[Node]) -> Iterator[Node]:
        """Nodes of a kind on lines that the checks run."""
        for node in ast.walk(self.tree):
            if isinstance(node, kind) and (not self.run or getattr(node, "lineno", 0) in self.run):
                yield node

    def at(self, line: int, column: int) -> int:
        """Offset of the tree's (1-based line, byte column)."""
        text = self.lines[line - 1]
        if not text.isascii():
            column = len(text.encode()[:column].decode(errors="ignore"))
        return self.starts[line - 1] + column

    def span(self, node: ast.expr | ast.stmt) -> tuple[int, int]:
        return self.at(node.lineno, node.col_offset), self.at(node.end_lineno or 0, node.end_col_offset or 0)

    def source(self, node: ast.expr | ast.stmt) -> str:
        start, end = self.span(node)
        return self.text[start:end]

    def put(self, node: ast.expr | ast.stmt, new: str) -> str:
        start, end = self.span(node)
        return self.text[:start] + new + self.text[end:]

    def cut(self, start: int, end: int, new: str = "") -> str:
        return self.text[:start] + new + self.text[end:]

    def without(self, node: ast.stmt) -> str | None:
        """The text without a statement's lines; ``pass`` in its place if its block would be empty."""
        parent = up(node)
        first, last = self.starts[node.lineno - 1], self.starts[min(node.end_lineno or 0, len(self.starts) - 1)]
        if self.text[first : self.at(node.lineno, node.col_offset)].strip():
            return None
        alone = any(len(getattr(parent, name, ())) == 1 and getattr(parent, name)[0] is node for name in ("body",))
        indent = " " * node.col_offset
        return self.text[:first] + (f"{indent}pass\n" if alone else "") + self.text[last:]


def up(node: ast.AST) -> ast.AST | None:
    return getattr(node, "parent", None)


def inside(node: ast.AST, *kinds: type[ast.AST]) -> ast.AST | None:
    """The nearest node around of one of these kinds."""
    found = up(node)
    while found is not None and not isinstance(found, kinds):
        found = up(found)
    return found


Change = Callable[[Program, random.Random], Iterator[str]]


@dataclass(frozen=True)
class Operator:
    """``kind`` is the class of its faults: ``syntax``, ``name`` or ``runtime``."""

    name: str
    kind: str
    change: Change


OPERATORS: list[Operator] = []


def operator(kind: str) -> Callable[[Change], Change]:
    """Registers a function as an operator of a class, under its own name."""

    def register(change: Change) -> Change:
        OPERATORS.append(Operator(change.__name__, kind, change))  # type: ignore[attr-defined]
        return change

    return register


def shuffled(items: Iterator[Node] | list[Node], dice: random.Random) -> list[Node]:
    found = list(items)
    dice.shuffle(found)
    return found


_NEAR = {
    **dict(zip("abcdefghijklmnopqrstuvwxyz", "sqxsrdfgujknbmplwetryciazx", strict=True)),
    "_": "-",
}


def misspelt(word: str, dice: random.Random) -> str:
    """One slip of the keyboard: a letter lost, doubled, added, swapped with its neighbour, or its neighbour's key."""
    for _ in range(20):
        place = dice.randrange(len(word))
        kind = dice.choice(["drop", "double", "insert", "swap", "replace"])
        letter = word[place]
        if kind == "drop" and len(word) > 2:
            found = word[:place] + word[place + 1 :]
        elif kind == "double":
            found = word[:place] + letter + word[place:]
        elif kind == "insert":
            found = word[:place] + dice.choice("aeiounrst") + word[place:]
        elif kind == "swap" and place + 1 < len(word):
            found = word[:place] + word[place + 1] + letter + word[place + 2 :]
        elif kind == "replace" and _NEAR.get(letter.lower(), "-").isalpha():
            found = word[:place] + _NEAR[letter.lower()] + word[place + 1 :]
        else:
            continue
        if found != word and found.isidentifier():
            return found
    return word + "s"


def rewritten(kind: str, name: str, *rules: tuple[str, str]) -> None:
    """An operator of a kind that replaces one match of one pattern on a line that is run."""

    def change(program: Program, dice: random.Random) -> Iterator[str]:
        places = [
            (match, new)
            for pattern, new in rules
            for match in re.finditer(pattern, program.text)
            if not program.run or program.text.count("\n", 0, match.start()) + 1 in program.run
        ]
        dice.shuffle(places)
        for match, new in places:
            yield program.cut(match.start(), match.end(), match.expand(new))

    change.__name__ = name
    operator(kind)(change)
