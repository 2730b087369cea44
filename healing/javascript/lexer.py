"""The tokens of JavaScript and TypeScript with their offsets, on broken text too: the parts add up to the text.

Invariant: lexing never fails. A string or template that is not closed is one token of kind ``broken``; a string's ends
with its line, a template's with the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

Kind = Literal["name", "keyword", "number", "string", "template", "regex", "comment", "operator", "broken", "unknown"]

_WORDS = (
    "await break case catch class const continue debugger default delete do else export extends false finally for "
    "function if import in instanceof let new null return static super switch this throw true try typeof undefined "
    "var void while with yield async of"
)
KEYWORDS = frozenset(_WORDS.split())
#: Words after which a slash begins a regular expression, and no division.
_BEFORE = "return typeof case in of delete void throw new else do await yield instanceof"
_BEFORE_VALUE = frozenset(_BEFORE.split())

_TOKEN = re.compile(
    r"(?P<space>\s+)"
    r"|(?P<comment>//[^\n]*|/\*.*?(?:\*/|\Z)|\A#![^\n]*)"
    r"|(?P<name>[#@]?[^\W\d][\w$]*|\$[\w$]*|#[\w$]+)"
    r"|(?P<number>0[xXbBoO][\da-fA-F_]+n?|(?:\d[\d_]*\.?[\d_]*|\.\d[\d_]*)(?:[eE][+-]?\d+)?n?)"
    r"|(?P<string>\"(?:[^\"\\\n]|\\.)*\"|'(?:[^'\\\n]|\\.)*')"
    r"|(?P<broken>[\"'](?:[^\\\n]|\\.)*)"
    r"|(?P<operator>>>>=|\.\.\.|===|!==|\*\*=|<<=|>>=|>>>|&&=|\|\|=|\?\?=|=>|==|!=|<=|>=|&&|\|\||\?\?|\?\.(?!\d)|\+\+|--"
    r"|\+=|-=|\*=|/=|%=|&=|\|=|\^=|<<|>>|\*\*|[{}()\[\];,<>+\-*/%&|^!~?:=.])",
    re.DOTALL,
)
_REGEX = re.compile(r"/(?![*/])(?:[^/\\\[\n]|\\.|\[(?:[^\]\\\n]|\\.)*\])+/[a-z]*")


@dataclass(frozen=True, slots=True)
class Token:
    """Text from ``start`` to ``end`` (offsets in code points)."""

    kind: Kind
    text: str
    start: int
    end: int


def lex(text: str) -> list[Token]:
    """All tokens but white space, in order."""
    return list(_tokens(text))


def code(text: str) -> list[Token]:
    """The tokens without comments."""
    return [token for token in _tokens(text) if token.kind != "comment"]


def _tokens(text: str) -> Iterator[Token]:
    position, last = 0, None
    while position < len(text):
        token = _next(text, position, last)
        if token is not None:
            yield token
            if token.kind != "comment":
                last = token
        position = token.end if token is not None else _space_end(text, position)


def _space_end(text: str, position: int) -> int:
    while position < len(text) and text[position].isspace():
        position += 1
    return position


def _next(text: str, position: int, last: Token | None) -> Token | None:
    if text[position].isspace():
        return None
    if text[position] == "`":
        end, closed = _template_end(text, position)
        return Token("template" if closed else "broken", text[position:end], position, end)
    if text[position] == "/" and _value_may_follow(last) and (match := _REGEX.match(text, position)):
        return Token("regex", match[0], position, match.end())
    match = _TOKEN.match(text, position)
    if match is None:
        return Token("unknown", text[position], position, position + 1)
    kind: Kind = match.lastgroup  # type: ignore[assignment]
    if kind == "name" and match[0] in KEYWORDS:
        kind = "keyword"
    return Token(kind, match[0], position, match.end())


def _value_may_follow(last: Token | None) -> bool:
    if last is None:
        return True
    if last.kind == "keyword":
        return last.text in _BEFORE_VALUE
    return last.kind == "operator" and last.text not in {")", "]", "}", "++", "--"}


def _template_end(text: str, start: int) -> tuple[int, bool]:
    """The end of a template literal, its ``${…}`` parts with nested ones included, and whether it is closed."""
    position, depth = start + 1, 0
    while position < len(text):
        char = text[position]
        if char == "\\":
            position += 2
            continue
        if depth == 0 and char == "`":
            return position + 1, True
        if char == "$" and text[position + 1 : position + 2] == "{" and depth == 0:
            depth, position = 1, position + 2
            continue
        if depth:
            if char == "`":
                position, closed = _template_end(text, position)
                if not closed:
                    return len(text), False
                continue
            depth += (char == "{") - (char == "}")
        position += 1
    return len(text), False
