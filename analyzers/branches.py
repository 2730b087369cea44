"""Branches that only another Python runs: what must hold for a place to be reached.

``if sys.version_info[0] == 2``, ``if six.PY2`` and relatives are decided here; of a plain name (``if PY2``) only
whoever knows the module can say what it is, so it is handed on as a fact. The oldest Python that is thought of is
:data:`OLDEST`. Nothing is executed, and conditions about anything else are not decided.
"""

from __future__ import annotations

import ast
import operator
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple, cast

from tree_sitter import Node

from .syntax import text_of

#: A name, and whether its value must be true.
Fact = tuple[str, bool]
#: What must hold; None: it never does.
Facts = frozenset[Fact] | None
#: By the id of a link of a chain and what is wanted of it: what it needs.
_Known = dict[tuple[int, bool], Facts]

#: The oldest Python that code is expected to run on.
OLDEST = (3, 9)

_NOTHING: frozenset[Fact] = frozenset()
#: How six and those who follow it name the Python that runs.
_MAJOR = re.compile(r"_?(?:IS_|is_)?(?:PY|py)([23])K?\Z")
_VERSION = re.compile(r"(?:(?:sys\.)?version_info|sys\.version)(?P<at>\.major|\[\s*(?:0|:\s*\d)\s*\])?\Z")
_SIGNS: Mapping[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "==": operator.eq,
    "!=": operator.ne,
}
_LEAVING = frozenset({"return_statement", "raise_statement", "continue_statement", "break_statement"})


class Reach(NamedTuple):
    """A range of bytes that is reached only if the facts hold."""

    start: int
    end: int
    facts: Facts


def constants_of(
    statement: Node, data: bytes, imports: Sequence[tuple[str, str]]
) -> tuple[tuple[str, bool | Fact], ...]:
    """Names that a statement of the module binds to what is known of the Python that runs, or to what another name
    says of it."""
    found: list[tuple[str, bool | Fact]] = []
    for name, target in imports:
        major = _MAJOR.match(target.rpartition(".")[2])
        if major is not None:
            found.append((name, major[1] == "3"))
    child = statement.children[0] if statement.type == "expression_statement" and statement.child_count == 1 else None
    if child is not None and child.type == "assignment":
        left, right = child.child_by_field_name("left"), child.child_by_field_name("right")
        if left is not None and right is not None and left.type == "identifier":
            true, false = needs(right, data, True), needs(right, data, False)
            if true is None or false is None:
                found.append((text_of(left, data), false is None))
            elif right.type in ("identifier", "not_operator") and len(true) == 1:
                found += [(text_of(left, data), fact) for fact in true]
    return tuple(found)


def reaches(branches: Sequence[Node], data: bytes) -> list[Reach]:
    """What ``if``, ``… if … else …``, ``and`` and ``or`` keep from being reached, by where it starts."""
    known: _Known = {}
    found = (each for node in branches for each in _reaches(node, data, known))
    return sorted((each for each in found if each.facts is None or each.facts), key=lambda each: each.start)


def needs(node: Node | None, data: bytes, wanted: bool, known: _Known | None = None) -> Facts:
    """What must hold for an expression to be true (or false); ``known`` is what is known of parts of chains."""
    if node is None:
        return _NOTHING
    if node.type == "parenthesized_expression":
        return needs(node.named_children[0], data, wanted) if node.named_child_count == 1 else _NOTHING
    if node.type == "identifier":
        return frozenset({(text_of(node, data), wanted)})
    if node.type == "not_operator":
        return needs(node.child_by_field_name("argument"), data, not wanted)
    if node.type == "boolean_operator":
        return _chained(node, data, wanted, {} if known is None else known)
    said: bool | None = None
    if node.type == "attribute":
        major = _MAJOR.match(text_of(node.child_by_field_name("attribute") or node, data))
        said = major[1] == "3" if major is not None else None
    elif node.type == "comparison_operator":
        said = _compared(node, data)
    return None if said is not None and said != wanted else _NOTHING


def _chained(node: Node, data: bytes, wanted: bool, known: _Known) -> Facts:
    """The same of ``… and … or …``: a chain grows to the left, and may be longer than calls can be nested."""
    links: list[Node] = []
    first: Node | None = node
    while first is not None and first.type == "boolean_operator" and (first.id, wanted) not in known:
        links.append(first)
        first = first.child_by_field_name("left")
    left = needs(first, data, wanted) if first is None or (first.id, wanted) not in known else known[first.id, wanted]
    for link in reversed(links):
        right = needs(link.child_by_field_name("right"), data, wanted)
        if _is_and(link) == wanted:
            left = _both(left, right)
        else:
            left = right if left is None else left if right is None else left & right
        known[link.id, wanted] = left
    return left


def _reaches(node: Node, data: bytes, known: _Known) -> Iterator[Reach]:
    if node.type == "boolean_operator":
        left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
        if right is not None:
            yield _reach(right, needs(left, data, _is_and(node), known))
    elif node.type == "conditional_expression" and node.named_child_count == 3:
        body, condition, other = node.named_children
        yield _reach(body, needs(condition, data, True))
        yield _reach(other, needs(condition, data, False))
    elif node.type == "if_statement":
        yield from _of_if(node, data)


def _of_if(node: Node, data: bytes) -> Iterator[Reach]:
    before = needs(node.child_by_field_name("condition"), data, False)
    body = node.child_by_field_name("consequence")
    if body is not None:
        yield _reach(body, needs(node.child_by_field_name("condition"), data, True))
    others = node.children_by_field_name("alternative")
    for other in others:
        yield _reach(other, before)
        if other.type == "elif_clause":
            condition, then = other.child_by_field_name("condition"), other.child_by_field_name("consequence")
            if then is not None:
                yield _reach(then, needs(condition, data, True))
            before = _both(before, needs(condition, data, False))
    around = node.parent
    last = body.named_children[-1] if body is not None and body.named_child_count else None
    if not others and last is not None and last.type in _LEAVING and around is not None and around.type == "block":
        yield Reach(node.end_byte, around.end_byte, before)


def _reach(node: Node, facts: Facts) -> Reach:
    return Reach(node.start_byte, node.end_byte, facts)


def _both(left: Facts, right: Facts) -> Facts:
    return None if left is None or right is None else left | right


def _is_and(node: Node) -> bool:
    sign = node.child_by_field_name("operator")
    return sign is not None and sign.type == "and"


def _compared(node: Node, data: bytes) -> bool | None:
    """What a comparison of the version of Python with a literal is on every version that is thought of."""
    signs = [each.type for each in node.children_by_field_name("operators")]
    if len(signs) != 1 or signs[0] not in _SIGNS or node.named_child_count != 2:
        return None
    left, right = node.named_children
    asked = _VERSION.match(text_of(left, data))
    if asked is None or right.type not in ("integer", "tuple", "string"):
        return None
    try:
        bound: object = ast.literal_eval(text_of(right, data))
        numbers = _numbers(bound)
    except ValueError:
        return None
    at = asked["at"] or ""
    if not numbers or isinstance(bound, int) != (
        at == ".major" or (at[:1] == "[" and ":" not in at and "info" in asked[0])
    ):
        return None
    size = int(at.strip("[]: ")) if ":" in at else 1 if at else len(OLDEST)
    return _on_all(signs[0], numbers, OLDEST[:size], exact=size == 1)


def _numbers(bound: object) -> tuple[int, ...]:
    """The version that a literal means: ``3``, ``(3, 9)`` or ``"3.9"``. Raises ValueError if it means none."""
    if isinstance(bound, int):
        return (bound,)
    if isinstance(bound, str):
        return tuple(map(int, bound.split(".")))
    parts = cast("tuple[object, ...]", bound) if isinstance(bound, tuple) else ()
    return tuple(each for each in parts if isinstance(each, int))


def _on_all(sign: str, bound: tuple[int, ...], oldest: tuple[int, ...], *, exact: bool) -> bool | None:
    """``version sign bound`` for all versions from the oldest on; ``exact``: there is only the one."""
    if exact:
        return _SIGNS[sign](oldest, bound)
    if sign in ("==", "!="):
        return sign == "!=" if bound[:1] != oldest[:1] else None
    if sign in ("<", ">="):
        return sign == ">=" if bound <= oldest else None
    return sign == ">" if bound < oldest else None
