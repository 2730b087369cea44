"""Examples of calls in prose: ``slugify("A b!") -> "a-b"`` and its relatives.

Understood between call and result: ``->``, ``=>``, ``==``, ``→``, ``returns``, ``gives``, ``is`` and the doctest form
(``>>> f(1)`` with the result on the next line); ``raises ValueError`` (or ``-> ValueError``) for an exception.
Several examples may share a line. Arguments and results are literals.

Invariant: literals are read with :func:`ast.literal_eval`; nothing is evaluated.
"""

from __future__ import annotations

import ast
import builtins
import re
import warnings
from dataclasses import dataclass

_CALL = re.compile(r"(?<![\w.])((?:[A-Za-z_]\w*(?:\(\))?\.)*)([A-Za-z_]\w*)\(")
_ARROW = re.compile(r"`?\s*(?:->|=>|==|→|⇒|↦|\breturns?\b:?|\bgives\b|\byields\b|\bis\b|=(?!=))\s*`?", re.IGNORECASE)
_RAISES = re.compile(r"`?\s*(?:(?:->|=>|→)\s*)?(?:raises?|throws)\s+`?([A-Z]\w*)", re.IGNORECASE)
_PROMPT = re.compile(r"^\s*>>>\s?", re.MULTILINE)
_OPEN, _CLOSE = "([{", ")]}"


@dataclass(frozen=True, slots=True)
class Example:
    """One call and what it must give. ``raises`` is the name of an exception, or empty."""

    args: tuple[object, ...]
    kwargs: tuple[tuple[str, object], ...]
    expected: object
    raises: str = ""


@dataclass(frozen=True, slots=True)
class CallExample:
    """An example with the name that is called and its place in the text."""

    name: str
    receiver: str  # what stands before the dot: ``Cls()`` or empty
    example: Example
    start: int
    end: int


def find_calls(text: str) -> list[CallExample]:
    """Every example in ``text``, in order."""
    doctest = _PROMPT.search(text) is not None
    text = _PROMPT.sub(lambda match: " " * len(match.group()), text)
    found: list[CallExample] = []
    position = 0
    while True:
        call = _CALL.search(text, position)
        if call is None:
            return found
        position = call.end()
        close = _closing(text, call.end() - 1)
        if close is None:
            continue
        arguments = _arguments(text[call.end() : close])
        if arguments is None:
            continue
        result = _result(text, close + 1, doctest)
        if result is None:
            continue
        expected, raises, end = result
        example = Example(arguments[0], arguments[1], expected, raises)
        found.append(CallExample(call[2], call[1].rstrip("."), example, call.start(), end))
        position = end


def _closing(text: str, start: int) -> int | None:
    """Offset of the bracket that closes the one at ``start``, strings skipped."""
    depth, position = 0, start
    while position < len(text):
        char = text[position]
        if char in "\"'":
            end = _string_end(text, position)
            if end is None:
                return None
            position = end
            continue
        if char in _OPEN:
            depth += 1
        elif char in _CLOSE:
            depth -= 1
            if depth == 0:
                return position
        position += 1
    return None


def _string_end(text: str, start: int) -> int | None:
    quote = text[start : start + 3] if text[start : start + 3] in ('"""', "'''") else text[start]
    position = start + len(quote)
    while position < len(text):
        if text[position] == "\\":
            position += 2
        elif text.startswith(quote, position):
            return position + len(quote)
        else:
            position += 1
    return None


def _arguments(source: str) -> tuple[tuple[object, ...], tuple[tuple[str, object], ...]] | None:
    """The literal arguments of a call, or None if one of them is not a literal."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            call = ast.parse(f"f({source.strip()}\n)", mode="eval").body
    except (SyntaxError, ValueError):
        return None
    if not isinstance(call, ast.Call):
        return None
    try:
        args = tuple(_literal_node(each) for each in call.args)
        kwargs = tuple((each.arg or "", _literal_node(each.value)) for each in call.keywords)
    except ValueError:
        return None
    return None if any(not name for name, _ in kwargs) else (args, kwargs)


def _literal_node(node: ast.expr) -> object:
    try:
        value: object = ast.literal_eval(node)
    except (ValueError, TypeError, MemoryError, RecursionError) as error:
        raise ValueError("not a literal") from error
    return value


def _result(text: str, position: int, doctest: bool) -> tuple[object, str, int] | None:
    """(expected value, exception name, end offset) of what follows a call."""
    raised = _RAISES.match(text, position)
    if raised and _is_exception(raised[1]):
        return None, raised[1], raised.end()
    arrow = _ARROW.match(text, position)
    if arrow is None:
        newline = re.compile(r"[ \t]*\n[ \t]*").match(text, position)
        if not (doctest and newline):
            return None
        arrow = newline
    rest = text[arrow.end() :]
    exception = re.match(r"([A-Z]\w*)\b(?!\s*\()", rest)
    if exception and _is_exception(exception[1]):
        return None, exception[1], arrow.end() + exception.end()
    literal = _literal_prefix(rest)
    return None if literal is None else (literal[0], "", arrow.end() + literal[1])


def _is_exception(name: str) -> bool:
    value = getattr(builtins, name, None)
    return isinstance(value, type) and issubclass(value, BaseException)


def _literal_prefix(text: str) -> tuple[object, int] | None:
    """The literal at the start of ``text`` and its length.

    ``1, 2`` is a tuple if nothing but the line's end follows it; otherwise the comma separates examples."""
    whole = re.match(r"[^\n]*", text)
    line = whole.group().strip().rstrip(".;") if whole else ""
    if "," in line and (value := _literal(line.strip("`"))) is not None and not line.endswith(","):
        return value[0], len(whole.group()) if whole else 0
    end = _first_value_end(text)
    while end > 0:
        value = _literal(text[:end])
        if value is not None:
            return value[0], end
        shorter = text[:end].rstrip()
        end = len(shorter) - 1 if len(shorter) == end else len(shorter)
    return None


def _first_value_end(text: str) -> int:
    """Where the first value must have ended: a comma, semicolon or line end outside of brackets and strings."""
    position = 0
    while position < len(text) and position < 4000:
        char = text[position]
        if char in "\"'":
            end = _string_end(text, position)
            if end is None:
                return position
            position = end
            continue
        if char in _OPEN:
            close = _closing(text, position)
            if close is None:
                return position
            position = close + 1
            continue
        if char in ",;\n`" or char in _CLOSE:
            return position
        if char == "." and text[position + 1 : position + 2] in ("", " ", "\n"):
            return position  # the full stop of a sentence, not of a number
        position += 1
    return position


def _literal(source: str) -> tuple[object] | None:
    """A one-tuple with the value (which may itself be None), or None."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return (ast.literal_eval(re.sub(r"\s*\n\s*", " ", source.strip())),)
    except (SyntaxError, ValueError, TypeError, MemoryError, RecursionError):
        return None
