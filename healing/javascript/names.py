"""What a fault of Node or TypeScript says about names: the one that is not there, its owner, and where it stands.

The words are those of V8 (Node 18 to 24) and of TypeScript 4 and 5.
"""

from __future__ import annotations

import re

from ..fault import Fault
from ..repair import Context
from .lexer import Token, code

_UNDEFINED = re.compile(r"^(?P<name>[\w$]+) is not defined")
_TS_UNDEFINED = re.compile(
    r"(?:Cannot find (?:name|namespace)|No value exists in scope for the shorthand property) '(?P<name>[\w$]+)'"
)
_NOT_CALLABLE = re.compile(r"^(?P<owner>.*?)(?:\.|\?\.)(?P<name>#?[\w$]+) is not a (?:function|constructor)")
_NOT_A_FUNCTION = re.compile(r"^(?P<name>[\w$]+) is not a function")
_TS_PROPERTY = re.compile(
    r"Property '(?P<name>#?[\w$]+)' does not exist on type '(?P<owner>.+?)'(?:\.|$)", re.MULTILINE
)
_TS_EXCESS = re.compile(r"'(?P<name>[\w$]+)' does not exist in type '(?P<owner>.+?)'")
_READING = re.compile(
    r"^Cannot (?:read|set) properties of (?P<what>undefined|null) \((?:reading|setting) '(?P<name>[^']+)'\)"
)
_HINT = re.compile(r"Did you mean (?:to write |the instance member |the static member |to use )?X\?")


def undefined_name(fault: Fault) -> str:
    """The name of a ReferenceError, or of TS2304 and its like; empty for anything else."""
    if fault.exception == "ReferenceError":
        match = _UNDEFINED.search(fault.message)
        return match["name"] if match and "ES module scope" not in fault.message else ""
    match = _TS_UNDEFINED.search(fault.message) if fault.code.startswith("TS") else None
    return match["name"] if match else ""


def missing_property(fault: Fault) -> tuple[str, str] | None:
    """(owner as written or its type, property) of ``x.f is not a function``, TS2339, TS2551, TS2561 and their like."""
    if fault.exception == "TypeError":
        match = _NOT_CALLABLE.search(fault.message)
    elif fault.code.startswith("TS"):
        match = _TS_PROPERTY.search(fault.message) or _TS_EXCESS.search(fault.message)
    else:
        match = None
    return (match["owner"], match["name"]) if match else None


def not_a_function(fault: Fault) -> str:
    """The plain name that was called and is no function."""
    match = _NOT_A_FUNCTION.search(fault.message) if fault.exception == "TypeError" else None
    return match["name"] if match else ""


def read_of_nothing(fault: Fault) -> tuple[str, str] | None:
    """(``undefined`` or ``null``, property) of ``Cannot read properties of undefined``."""
    match = _READING.search(fault.message) if fault.exception == "TypeError" else None
    return (match["what"], match["name"]) if match else None


def hint(fault: Fault) -> str:
    """The compiler's own suggestion."""
    match = _HINT.search(fault.message)
    return match["name"].rpartition(".")[2] if match else ""


def here(context: Context, name: str, attribute: bool = False) -> list[Token]:
    """Tokens of ``name`` near the fault, the marked one first; ``attribute``: only those after a dot."""
    lines, fault = context.lines, context.fault
    tokens = code(context.text)
    found: list[Token] = []
    for index, token in enumerate(tokens):
        if token.kind not in {"name", "keyword"} or token.text != name:
            continue
        before = tokens[index - 1].text if index else ""
        if (before in {".", "?."}) == attribute:
            found.append(token)
    if fault.line < 0:
        return found
    near = [each for each in found if 0 <= lines.position(each.start)[0] - fault.line <= 12]
    return sorted(near, key=lambda each: (abs(each.start - context.offset) if fault.column >= 0 else 0, each.start))


def at(context: Context) -> tuple[list[Token], int]:
    """The file's tokens without comments, and the index of the one at the fault."""
    tokens = code(context.text)
    offset = context.offset
    return tokens, next((i for i, token in enumerate(tokens) if token.end > offset), max(len(tokens) - 1, 0))
