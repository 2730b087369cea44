"""A lexer that never fails: Python's tokens, and what is broken as tokens of their own.

The standard ``tokenize`` stops at the first fault and follows the version of the host; this one gives tokens for any
text, so that repairs can be searched token by token. It knows nothing of indentation or of f-string fields.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

Kind = Literal["name", "number", "string", "open-string", "op", "comment", "newline", "space", "other"]

KEYWORDS = frozenset(
    [
        "False",
        "None",
        "True",
        "and",
        "as",
        "assert",
        "async",
        "await",
        "break",
        "class",
        "continue",
        "def",
        "del",
        "elif",
        "else",
        "except",
        "finally",
        "for",
        "from",
        "global",
        "if",
        "import",
        "in",
        "is",
        "lambda",
        "nonlocal",
        "not",
        "or",
        "pass",
        "raise",
        "return",
        "try",
        "while",
        "with",
        "yield",
    ]
)
#: Statements that a colon ends.
COMPOUND = frozenset(
    ["if", "elif", "else", "for", "while", "try", "except", "finally", "with", "def", "class", "async", "match", "case"]
)
#: Keywords that only a statement starts with.
STATEMENTS = frozenset(
    (
        *("def", "class", "return", "import", "from", "while", "with", "try", "except", "finally", "elif", "raise"),
        *("assert", "pass", "break", "continue", "global", "nonlocal", "del", "if", "for", "else", "async"),
    )
)
OPENERS = {"(": ")", "[": "]", "{": "}"}
CLOSERS = {close: open for open, close in OPENERS.items()}

_TOKEN = re.compile(
    r"""
    (?P<newline>\r\n|\n|\r)
  | (?P<space>[ \t\f]+|\\(?:\r\n|\n|\r))
  | (?P<comment>\#[^\r\n]*)
  | (?P<string>(?i:[rbuft]{0,2})(?:\"\"\"(?:[^\\]|\\[\s\S])*?\"\"\"|'''(?:[^\\]|\\[\s\S])*?'''
        |"(?!"")(?:[^"\\\r\n]|\\(?:\r\n|[\s\S]))*"|'(?!'')(?:[^'\\\r\n]|\\(?:\r\n|[\s\S]))*'|""(?!")|''(?!')))
  | (?P<triple>(?i:[rbuft]{0,2})(?:\"\"\"|''')[\s\S]*)
  | (?P<open>(?i:[rbuft]{0,2})(?:"[^\r\n]*|'[^\r\n]*))
  | (?P<number>(?:0[xXoObB][\da-fA-F_]+|(?:\d[\d_]*\.?[\d_]*|\.\d[\d_]*)(?:[eE][+-]?\d+)?)[jJlL]?)
  | (?P<name>[^\W\d]\w*)
  | (?P<op>\*\*=|//=|>>=|<<=|\.\.\.|!=|->|:=|\+=|-=|\*=|/=|%=|&=|\|=|\^=|@=|==|<=|>=|<<|>>|\*\*|//
        |[-+*/%@&|^~<>()\[\]{},:.;=])
  | (?P<other>[\s\S])
    """,
    re.VERBOSE,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Token:
    """``start`` and ``end`` are code-point offsets into the text that was lexed."""

    kind: Kind
    text: str
    start: int
    end: int


def lex(text: str, start: int = 0, end: int | None = None) -> tuple[Token, ...]:
    """The tokens of ``text[start:end]``; their texts joined are that text exactly."""
    if start == 0 and end is None:
        return _lexed(text)
    return _lex(text, start, len(text) if end is None else end)


@lru_cache(maxsize=16)
def _lexed(text: str) -> tuple[Token, ...]:
    return _lex(text, 0, len(text))


def _lex(text: str, start: int, end: int) -> tuple[Token, ...]:
    found: list[Token] = []
    for match in _TOKEN.finditer(text, start, end):
        group = match.lastgroup or "other"
        kind: Kind = "open-string" if group in ("triple", "open") else group  # type: ignore[assignment]
        found.append(Token(kind, match.group(), match.start(), match.end()))
    return tuple(found)


@dataclass(frozen=True, slots=True)
class Brackets:
    """What does not pair up. ``mismatched`` are (opener, closer) of different kinds that face each other."""

    unclosed: tuple[Token, ...]
    unopened: tuple[Token, ...]
    mismatched: tuple[tuple[Token, Token], ...]


def brackets(tokens: Sequence[Token]) -> Brackets:
    stack: list[Token] = []
    unopened: list[Token] = []
    mismatched: list[tuple[Token, Token]] = []
    for token in tokens:
        if token.kind != "op":
            continue
        if token.text in OPENERS:
            stack.append(token)
        elif token.text in CLOSERS:
            if not stack:
                unopened.append(token)
            elif stack[-1].text == CLOSERS[token.text]:
                stack.pop()
            else:
                mismatched.append((stack.pop(), token))
    return Brackets(tuple(stack), tuple(unopened), tuple(mismatched))
