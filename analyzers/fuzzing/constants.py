"""Constants of the source under test, and facts in it that make some inputs more telling than others.

Read from the target and from what it names in its module, two steps deep; then from what lies around it.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, cast

from .boundaries import Hints
from .contract import Contract

#: Names that show that the code tells dates with a time zone from others.
_ZONES = frozenset(("tzinfo", "timezone", "astimezone", "utcoffset", "ZoneInfo", "utc", "UTC", "localize"))


def hints_of(node: ast.AST | None, top: Mapping[str, ast.AST], contract: Contract, examples: Iterable[Any]) -> Hints:
    """Constants of ``node`` and of what it names in the module (``top``: definitions and constants by name)."""
    found = _Found()
    names: set[str] = set()
    for tree in _reachable(node, top):
        names |= {each.id for each in ast.walk(tree) if isinstance(each, ast.Name)}
        names |= {each.attr for each in ast.walk(tree) if isinstance(each, ast.Attribute)}
        found.patterns.update(dict.fromkeys(_patterns(tree)))
        found.formats.update(dict.fromkeys(_formats(tree)))
        for value in _literals(tree):
            found.add(value)
    for example in examples:
        inner: Iterable[Any] = cast("list[Any]", example) if isinstance(example, list | tuple) else (example,)
        for value in inner:
            if isinstance(value, str | bytes):
                found.add(value[:40])
    return Hints(
        ints=tuple(list(found.ints)[:24]),
        floats=tuple(list(found.floats)[:12]),
        strings=tuple(list(found.strings)[:24]),
        blobs=tuple(list(found.blobs)[:12]),
        patterns=tuple(found.patterns),
        formats=tuple(found.formats),
        words=frozenset(names & _FORMAT_WORDS),
        special_floats=contract.special_floats or bool(names & {"isnan", "isinf", "isfinite"}),
        huge=contract.huge,
        deep=contract.any_depth,
        regex=bool(found.patterns) or "re" in names,
        zones=bool(names & _ZONES),
    )


#: Functions whose argument has a form of its own; :mod:`.formats` has examples of each.
_FORMAT_WORDS = frozenset(
    (
        *("loads", "fromisoformat", "urlparse", "urlsplit", "parse_qs", "fromhex", "unhexlify", "b64decode"),
        *("literal_eval", "fromstring", "ip_address", "ip_network", "IPv4Address", "UUID", "Decimal", "Fraction"),
        *("isdigit", "isdecimal", "isnumeric", "reader", "DictReader", "ElementTree", "hexdigits"),
    )
)


class _Found:
    """Constants by type, in source order, each once."""

    def __init__(self) -> None:
        self.ints: dict[int, None] = {}
        self.floats: dict[float, None] = {}
        self.strings: dict[str, None] = {}
        self.blobs: dict[bytes, None] = {}
        self.patterns: dict[str, None] = {}
        self.formats: dict[str, None] = {}

    def add(self, value: Any) -> None:
        if isinstance(value, bool):
            return
        if isinstance(value, int) and abs(value) < 10**18:
            self.ints.setdefault(value)
        elif isinstance(value, float):
            self.floats.setdefault(value)
        elif isinstance(value, str) and 0 < len(value) <= 40:
            self.strings.setdefault(value)
        elif isinstance(value, bytes) and 0 < len(value) <= 40:
            self.blobs.setdefault(value)


def _reachable(node: ast.AST | None, top: Mapping[str, ast.AST]) -> Iterator[ast.AST]:
    """The function, then what it names in the module, two steps deep."""
    queue: list[tuple[ast.AST, int]] = [(node, 0)] if node is not None else []
    seen: set[int] = set()
    while queue:
        tree, depth = queue.pop(0)
        if id(tree) in seen:
            continue
        seen.add(id(tree))
        yield tree
        if depth < 2:
            queue += [
                (top[each.id], depth + 1) for each in ast.walk(tree) if isinstance(each, ast.Name) and each.id in top
            ]


def _literals(tree: ast.AST) -> Iterator[Any]:
    """Constants in source order, without docstrings; short constant collections of letters letter by letter."""
    docstrings = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and id(node) not in docstrings:
            yield node.value
        elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
            value = node.operand.value if isinstance(node.operand, ast.Constant) else None
            if isinstance(value, int | float):
                yield -value


def _patterns(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.args:
            first = node.args[0].value if isinstance(node.args[0], ast.Constant) else None
            module = node.func.value.id if isinstance(node.func.value, ast.Name) else ""
            if module in ("re", "regex") and isinstance(first, str):
                yield first


def _formats(tree: ast.AST) -> Iterator[str]:
    """Formats of ``strptime``: constants with two directives or more."""
    for node in ast.walk(tree):
        value = node.value if isinstance(node, ast.Constant) else None
        if not isinstance(value, str) or value.count("%") < 2 or len(value) > 60:
            continue
        if {"%Y", "%H", "%m", "%d", "%y"} & {value[at : at + 2] for at in range(len(value))}:
            yield value
