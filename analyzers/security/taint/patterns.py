"""What a text that matches a regular expression cannot hold.

Works on the parse of the standard library's own parser for regular expressions: the set of characters that a pattern
lets through decides for which kinds of sinks a full match is harmless.

Invariant: a pattern that is not understood proves nothing.
"""

from __future__ import annotations

import re
import warnings
from functools import lru_cache
from re import _parser as parser  # pyright: ignore[reportAttributeAccessIssue, reportUnknownVariableType]
from typing import Any

#: Characters that mean something to an interpreter; a text without them is data.
DANGEROUS: dict[str, frozenset[str]] = {
    "cmdi": frozenset(";|&$`<>\n(){}'\"\\*? !#~"),
    "sqli": frozenset("'\"\\;() `"),
    "codeinj": frozenset("()'\"_[\\"),
    "xss": frozenset("<>\"'"),
    "pathtraver": frozenset("/\\"),
    "ldapi": frozenset("*()\\\0"),
    "xpathi": frozenset("'\"[]"),
    "loginj": frozenset("\n\r"),
    "respsplit": frozenset("\n\r"),
    "redirect": frozenset("/\\:"),
    "ssrf": frozenset("/:@."),
    "dos": frozenset("*+?({"),
    "deserialization": frozenset("{[(!"),
    "trustbound": frozenset("'\"<>"),
}
_ASCII = frozenset(chr(code) for code in range(128))
_CLASSES = {
    "CATEGORY_DIGIT": frozenset("0123456789"),
    "CATEGORY_SPACE": frozenset(" \t\n\r\f\v"),
    "CATEGORY_WORD": frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_"),
}


def _category(name: str) -> frozenset[str]:
    return _ASCII - _CLASSES[name.replace("NOT_", "")] if "NOT_" in name else _CLASSES[name]


def _letters(tree: Any) -> frozenset[str]:
    """Every character that a match may hold."""
    found: set[str] = set()
    for operation, argument in tree:
        name = str(operation)
        if name == "LITERAL":
            found.add(chr(argument))
        elif name == "NOT_LITERAL":
            found |= _ASCII - {chr(argument)}
        elif name == "ANY":
            found |= _ASCII - {"\n"}
        elif name == "IN":
            found |= _set(argument)
        elif name == "BRANCH":
            for each in argument[1]:
                found |= _letters(each)
        elif name in ("MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT"):
            found |= _letters(argument[2])
        elif name == "SUBPATTERN":
            found |= _letters(argument[3])
        elif name == "ATOMIC_GROUP":
            found |= _letters(argument)
        elif name == "CATEGORY":
            found |= _category(str(argument))
        elif name not in ("AT", "ASSERT", "ASSERT_NOT", "GROUPREF", "GROUPREF_EXISTS"):
            return _ASCII
    return frozenset(found)


def _set(items: Any) -> frozenset[str]:
    found: set[str] = set()
    negated = False
    for operation, argument in items:
        name = str(operation)
        if name == "NEGATE":
            negated = True
        elif name == "LITERAL":
            found.add(chr(argument))
        elif name == "RANGE":
            found |= {chr(code) for code in range(argument[0], min(argument[1], 0x2000) + 1)}
        elif name == "CATEGORY":
            found |= _category(str(argument))
    return _ASCII - found if negated else frozenset(found)


def kinds_without(letters: frozenset[str]) -> frozenset[str]:
    """The kinds of sinks that a text of these letters is harmless for."""
    return frozenset(kind for kind, dangerous in DANGEROUS.items() if not letters & dangerous)


def harmless_without(removed: frozenset[str]) -> frozenset[str]:
    """The kinds of sinks that a text is harmless for that holds none of these letters."""
    return kinds_without(_ASCII - removed)


@lru_cache(maxsize=512)
def _parsed(pattern: str, flags: int) -> Any:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return parser.parse(pattern, flags)  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
    except (re.error, RecursionError, OverflowError, ValueError):
        return None


@lru_cache(maxsize=512)
def harmless_if_matched(pattern: str, how: str) -> frozenset[str]:
    """The kinds of sinks that a text is harmless for if ``how`` (``fullmatch``, ``match``, ``search``) finds
    ``pattern`` in it."""
    tree = _parsed(pattern, 0)
    if tree is None:
        return frozenset()
    items = list(tree)
    # Flags such as MULTILINE in the pattern change what ``^`` and ``$`` mean.
    if tree.state.flags & re.MULTILINE:
        return frozenset()
    starts = bool(items) and str(items[0][0]) == "AT" and "BEGINNING" in str(items[0][1])
    ends = bool(items) and str(items[-1][0]) == "AT" and "END" in str(items[-1][1])
    if any(str(each[0]) == "BRANCH" for each in items) and (starts or ends) and len(items) == 1:
        return frozenset()
    if how != "fullmatch" and not (ends and (starts or how == "match")):
        return frozenset()
    letters = _letters(items)
    kinds = set(kinds_without(letters))
    literal = _tail(items[:-1] if ends else items)
    if re.search(r"\.[a-z]{2,}/?$", literal) and not letters & frozenset("/@\\"):
        kinds |= {"ssrf"}
    head = items[1:] if starts else items
    if (
        len(head) > 1
        and str(head[0][0]) == "LITERAL"
        and chr(head[0][1]) == "/"
        and not _letters(head[1:2]) & frozenset("/\\")
    ):
        kinds |= {"redirect"}
    if not letters & frozenset(".\\"):
        kinds |= {"-dots"}
    return frozenset(kinds)


def _tail(items: Any) -> str:
    """The literal text at the end of a pattern."""
    text = ""
    for operation, argument in reversed(list(items)):
        if str(operation) != "LITERAL":
            break
        text = chr(argument) + text
    return text


@lru_cache(maxsize=512)
def harmless_group(pattern: str, group: int | str) -> frozenset[str]:
    """The kinds of sinks that a group of any match is harmless for."""
    tree = _parsed(pattern, 0)
    if tree is None:
        return frozenset()
    if group == 0:
        return kinds_without(_letters(tree))
    number = tree.state.groupdict.get(group) if isinstance(group, str) else group
    found = _find(tree, number)
    return kinds_without(_letters(found)) if found is not None else frozenset()


def _find(tree: Any, number: Any) -> Any:
    for operation, argument in tree:
        name = str(operation)
        inner: list[Any] = []
        if name == "SUBPATTERN":
            if argument[0] == number:
                return argument[3]
            inner = [argument[3]]
        elif name in ("MAX_REPEAT", "MIN_REPEAT"):
            inner = [argument[2]]
        elif name == "BRANCH":
            inner = list(argument[1])
        for each in inner:
            found = _find(each, number)
            if found is not None:
                return found
    return None


@lru_cache(maxsize=256)
def harmless_after_removal(pattern: str, replacement: str) -> frozenset[str]:
    """What a text is harmless for after ``re.sub(pattern, replacement, text)`` with a set of removed characters."""
    tree = _parsed(pattern, 0)
    if tree is None:
        return frozenset()
    items = list(tree)
    if len(items) != 1:
        return frozenset()
    operation, argument = items[0]
    name = str(operation)
    if name in ("MAX_REPEAT", "MIN_REPEAT") and argument[0] <= 1:
        inner = list(argument[2])
        if len(inner) != 1:
            return frozenset()
        operation, argument = inner[0]
        name = str(operation)
    if name not in ("IN", "LITERAL", "NOT_LITERAL", "CATEGORY"):
        return frozenset()
    removed = _letters([(operation, argument)])
    return kinds_without((_ASCII - removed) | set(replacement))
