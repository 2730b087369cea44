"""Types of values during the search, as short texts, and the patterns that components ask for.

``str int float bool none bytes``, ``list[int]``, ``set[str]``, ``dict[str,int]``, ``tuple[str,int]``; ``?`` stands for
the elements of an empty collection and agrees with everything, ``any`` for mixed ones.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache
from typing import cast

_NUMBERS = ("int", "float")
_HASHABLE = ("str", "int", "float", "bool", "tuple", "none", "?")
_SIMPLE = (str, int, bool, float)
_ORDERED = ("str", "int", "float", "tuple", "?")


def type_of(value: object) -> str:
    """The type of one value."""
    if value is None:
        return "none"
    if isinstance(value, (str, int, float, bytes)):
        return type(value).__name__
    if isinstance(value, dict):
        mapping = cast("dict[object, object]", value)
        return f"dict[{merged(map(type_of, mapping))},{merged(map(type_of, mapping.values()))}]"
    if isinstance(value, tuple):
        items = cast("tuple[object, ...]", value)
        return f"tuple[{','.join(map(type_of, items))}]" if 0 < len(items) <= 4 else "tuple[?]"
    if isinstance(value, (list, set, frozenset)):
        items = cast("Iterable[object]", value)
        head = "list" if isinstance(value, list) else "set"
        kinds = set(map(type, items))
        if len(kinds) == 1:
            kind = next(iter(kinds))
            if kind in _SIMPLE:
                return f"{head}[{kind.__name__}]"
        return f"{head}[{merged(map(type_of, items))}]"
    return "any"


def merged(types: Iterable[str]) -> str:
    """One type for several: equal ones stay, ``?`` gives way, int and float are float, others are ``any``."""
    result = "?"
    for each in types:
        result = _merge(result, each)
        if result == "any":
            break
    return result


@cache
def _merge(left: str, right: str) -> str:
    if left == right or right == "?":
        return left
    if left == "?":
        return right
    if {left, right} == {"int", "float"}:
        return "float"
    head, other = left.partition("["), right.partition("[")
    if head[0] != other[0] or not head[1] or not other[1]:
        return "any"
    a, b = split_parameters(left), split_parameters(right)
    if len(a) != len(b):
        return f"{head[0]}[any]"
    return f"{head[0]}[{','.join(_merge(x, y) for x, y in zip(a, b, strict=True))}]"


@cache
def split_parameters(text: str) -> tuple[str, ...]:
    """``dict[str,list[int]]`` → ``("str", "list[int]")``."""
    inner, parts, depth, start = text[text.index("[") + 1 : -1], list[str](), 0, 0
    for position, char in enumerate(inner):
        depth += (char == "[") - (char == "]")
        if char == "," and depth == 0:
            parts.append(inner[start:position])
            start = position + 1
    return (*parts, inner[start:])


@cache
def element_of(kind: str) -> str:
    """The type of what iterating gives."""
    if kind == "str":
        return "str"
    if "[" not in kind:
        return "any"
    parts = split_parameters(kind)
    return merged(parts) if kind.startswith("tuple") else parts[0]


@cache
def matches(pattern: str, kind: str) -> bool:
    """Whether a value of type ``kind`` may stand where ``pattern`` is asked for."""
    head = kind.partition("[")[0]
    match pattern:
        case "any":
            return True
        case "num":
            return kind in _NUMBERS
        case "scalar":
            return kind in ("str", "int", "float", "bool")
        case "key":
            return head in _HASHABLE
        case "seq":
            return head in ("str", "list", "tuple")
        case "iter":
            return head in ("str", "list") or (head == "tuple" and len(split_parameters(kind)) != 2)
        case "items":  # a sequence that is not a text; the order of a set is nobody's business
            return head in ("list", "tuple")
        case "sized":
            return head in ("str", "list", "dict", "set", "tuple")
        case "list" | "dict" | "set" | "tuple":
            return head == pattern
        case _:
            pass
    if not pattern.startswith("list["):
        return kind == pattern
    if head != "list":
        return False
    element, wanted = element_of(kind), pattern[5:-1]
    return _element_matches(wanted, element)


def _element_matches(wanted: str, element: str) -> bool:
    head = element.partition("[")[0]
    match wanted:
        case "num":
            return element in (*_NUMBERS, "?")
        case "key":
            return head in _HASHABLE
        case "ord":
            return head in _ORDERED
        case "list" | "tuple" | "dict":
            return head == wanted
        case "pair":
            return head == "tuple" and len(split_parameters(element)) == 2
        case "items":
            return head in ("list", "tuple")
        case _:
            return element in (wanted, "?")


def vector_type(values: Sequence[object]) -> str:
    """The common type of a program's values on all inputs."""
    kind = type(values[0]) if values else None
    if kind in (str, int, bool, float) and all(type(value) is kind for value in values):
        return cast(type, kind).__name__
    return merged(map(type_of, values))
