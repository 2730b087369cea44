"""What it does
    Tries small changes of the tokens around the place where the parser gave up: a bracket, comma, colon, semicolon,
    quote or keyword put in, left out or exchanged; a block closed where the indentation says that it ends. Offered is
    what parses, nearest and most usual first.

Example
    ``const port = { host: "a" port: 80 };``

Use instead
    ``const port = { host: "a", port: 80 };``

When it stays silent
    No such change lets the file parse, or brings its first error further down.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from ...fault import Fault
from ...javascript.lexer import KEYWORDS, Token, lex
from ...javascript.modules import builtins
from ...javascript.search import Change, parsing
from ...javascript.syntax import Syntax
from ...repair import Context, Draft, Repair
from ...spelling import closest

#: Words of other languages → JavaScript's. A missing entry is for the keyword search.
FOREIGN = {
    "elif": "else if",
    "elsif": "else if",
    "elseif": "else if",
    "def": "function",
    "func": "function",
    "fn": "function",
    "fun": "function",
    "and": "&&",
    "or": "||",
    "not": "!",
    "None": "null",
    "nil": "null",
    "True": "true",
    "False": "false",
    "except": "catch",
    "foreach": "for",
    "unless": "if (!",
    "pass": "",
    "then": "",
}
_PAIRS = {"(": ")", "[": "]", "{": "}"}
_CLOSERS = {closer: opener for opener, closer in _PAIRS.items()}
#: How far from the place of the error tokens are changed, in tokens.
BEFORE, AFTER = 12, 3
_EXPECTED = re.compile(r"^'(?P<token>[^\w\s]+)' expected|missing (?P<missing>[)\]}]) after")


def propose(fault: Fault, context: Context) -> Iterator[Draft]:
    if fault.category != "syntax" or "outside a module" in fault.message or "reserved word" in fault.message:
        return
    yield from parsing(context, _changes(fault, context))


def _changes(fault: Fault, context: Context) -> Iterator[Change]:
    tokens = [token for token in lex(context.text) if token.kind != "comment"]
    if not tokens:
        return
    for offset in _places(fault, context, tokens):
        at = next((i for i, token in enumerate(tokens) if token.end > offset), len(tokens))
        yield from _words(tokens, at)
        yield from _inserted(fault, context, tokens, at)
        yield from _exchanged(tokens, at)
        yield from _split(tokens, at)
    yield from _blocks(context, tokens)
    yield from _thrown(context, tokens)


def _thrown(context: Context, tokens: list[Token]) -> Iterator[Change]:
    """What is thrown, on the line of ``throw``: the language ends the statement where the line ends."""
    for one, two in pairwise(tokens):
        if one.text == "throw" and "\n" in context.text[one.end : two.start]:
            noted = context.text[one.end : two.start].strip()  # a comment stays where it is
            moved = ((one.start, two.start - len(context.text[one.end : two.start].lstrip(" \t")), ""),)
            put = (*moved, (two.start, two.start, "throw ")) if noted else ((one.end, two.start, " "),)
            yield "Throw it on one line", put, 0.97


def _places(fault: Fault, context: Context, tokens: list[Token]) -> list[int]:
    """Where the tool stopped, and where the grammar's own first error is."""
    first = Syntax(context.text, context.name).verdict().first
    place = context.offset if fault.line >= 0 and fault.column >= 0 else tokens[-1].end
    return list(dict.fromkeys([place, first] if first >= 0 else [place]))


def _words(tokens: list[Token], at: int) -> Iterator[Change]:
    """Words of other languages, misspelt keywords, and names that were given a space."""
    for index in range(max(at - BEFORE, 0), min(at + AFTER, len(tokens))):
        token, cost = tokens[index], 0.02 * abs(index - at)
        if token.text in FOREIGN:
            new = FOREIGN[token.text]
            end = token.end
            if new in {"!", ""} and index + 1 < len(tokens):
                end = tokens[index + 1].start if new == "!" else token.end
            yield f"Write `{new}` for `{token.text}`", ((token.start, end, new),), 0.96 - cost
        if token.kind == "name" and token.text.isalpha():
            for meant, score in closest(token.text, KEYWORDS, count=2, least=0.6):
                yield f"Replace `{token.text}` by `{meant}`", ((token.start, token.end, meant),), score - cost
        if token.text == "else" and index + 1 < len(tokens) and tokens[index + 1].text == "(":
            yield "Write `else if`", ((token.start, token.end, "else if"),), 0.9 - cost


def _inserted(fault: Fault, context: Context, tokens: list[Token], at: int) -> Iterator[Change]:
    """A token put in at a border, nearest to the error first; those at the end of a line before others."""
    expected = _EXPECTED.search(fault.message)
    wanted = (expected["token"] or expected["missing"]) if expected else ""
    for index in range(max(at - BEFORE, 0), min(at + AFTER, len(tokens)) + 1):
        place = tokens[index - 1].end if index else tokens[0].start
        last = tokens[index - 1] if index else None
        following = tokens[index] if index < len(tokens) else None
        cost = 0.025 * abs(index - at)
        line_end = following is None or "\n" in context.text[place : following.start]
        for new, prior in _insertable(last, following, line_end):
            boost = 0.06 if new.strip() == wanted else 0.0
            yield f"Add `{new.strip()}`", ((place, place, new),), min(prior - cost + boost, 0.97)


def _insertable(last: Token | None, following: Token | None, line_end: bool) -> Iterator[tuple[str, float]]:
    value = last is not None and (last.kind not in {"operator", "keyword"} or last.text in {")", "]", "}"})
    starts = following is not None and following.text not in {")", "]", "}", ",", ";", ".", ":"}
    if value:
        yield ")", 0.9 if line_end or (following and following.text in ";,{)]}=>") else 0.78
        yield "]", 0.85
        yield ",", 0.9 if starts else 0.5
        yield ":" if line_end else ": ", 0.75
        yield " =", 0.7
        yield " =>", 0.72
        yield ";", 0.7 if line_end else 0.6
        yield "}", 0.7
        yield " {", 0.85 if line_end else 0.7
        yield " +", 0.6
    yield "(", 0.75
    yield "[", 0.65
    yield " {" if value else "{", 0.6
    if last is not None and last.text in {"(", ","}:
        yield "{ ", 0.55


def _exchanged(tokens: list[Token], at: int) -> Iterator[Change]:
    """A token left out, or one bracket for another."""
    for index in range(max(at - 4, 0), min(at + 2, len(tokens))):
        token, cost = tokens[index], 0.03 * abs(index - at)
        if token.kind == "operator" or token.kind == "unknown":
            doubled = index > 0 and tokens[index - 1].text == token.text
            if token.text != "=" or _is_stray(tokens, index):  # what parses without it no longer assigns
                yield f"Remove `{token.text}`", ((token.start, token.end, ""),), (0.85 if doubled else 0.76) - cost
        for other in ("(", "[", "{") if token.text in _PAIRS else (")", "]", "}") if token.text in _CLOSERS else ():
            if other != token.text:
                yield f"Replace `{token.text}` by `{other}`", ((token.start, token.end, other),), 0.82 - cost
        if token.text == "=":
            for other in ("===", ":", "=>"):
                yield f"Write `{other}`", ((token.start, token.end, other),), 0.7 - cost
        if token.text == ":":
            yield "Write `=`", ((token.start, token.end, " ="),), 0.66 - cost
            yield "Open a block", ((token.start, token.end, " {"),), 0.6 - cost
        if token.text in {";", ","}:
            other = "," if token.text == ";" else ";"
            yield f"Replace `{token.text}` by `{other}`", ((token.start, token.end, other),), 0.8 - cost


def _is_stray(tokens: list[Token], index: int) -> bool:
    """Whether what stands beside a sign says that it is one too many."""
    beside = [tokens[each] for each in (index - 1, index + 1) if 0 <= each < len(tokens)]
    one = [each for each in beside if each.kind in ("operator", "keyword") and each.text not in (")", "]", "}")]
    return len(beside) < 2 or any(each.text not in _PAIRS or each is beside[0] for each in one)


def _split(tokens: list[Token], at: int) -> Iterator[Change]:
    """Two names that a lost bracket has joined: both are used elsewhere, or the first is the language's."""
    known = {token.text for token in tokens if token.kind in {"name", "keyword"}}
    members = {each for names in (*builtins()["members"].values(), *builtins()["statics"].values()) for each in names}
    for index in range(max(at - BEFORE, 0), min(at + AFTER, len(tokens))):
        token, cost = tokens[index], 0.02 * abs(index - at)
        if token.kind != "name":
            continue
        for cut in range(1, len(token.text)):
            first, second = token.text[:cut], token.text[cut:]
            if second not in known or not (first in known or first in members):
                continue
            place = token.start + cut
            for new, prior in (("(", 0.93), ("[", 0.92), (" ", 0.85), (".", 0.8)):
                yield f"Write `{first}{new}{second}`", ((place, place, new),), prior - cost


def _blocks(context: Context, tokens: list[Token]) -> Iterator[Change]:
    """Close a bracket before the first line that is indented no further than the line that opened it; leave out a
    closing one that nothing opened."""
    lines = context.lines
    open_: list[Token] = []
    unmatched: list[Token] = []
    for token in tokens:
        if token.kind != "operator":
            continue
        if token.text in _PAIRS:
            open_.append(token)
        elif token.text in _CLOSERS:
            if open_ and open_[-1].text == _CLOSERS[token.text]:
                open_.pop()
            else:
                unmatched.append(token)
    for token in unmatched[:3]:
        yield f"Remove `{token.text}`", ((token.start, token.end, ""),), 0.8
    braces = [each for each in tokens if each.text == "{" and lines.position(each.end) == _line_end(context, each.end)]
    if not open_:
        return
    for token in [*open_, *(each for each in braces[-30:] if each not in open_)]:
        row = lines.position(token.start)[0]
        indent = _indent(lines.line(row))
        closer, malus = _PAIRS[token.text], 0.0 if token in open_ else 0.04
        for other in range(row + 1, len(lines.starts)):
            line = lines.line(other)
            if not line.strip() or _indent(line) > indent:
                continue
            if _indent(line) == indent and line.lstrip().startswith((closer, ")", "]")):
                break
            previous = other - 1
            while previous > row and not lines.line(previous).strip():
                previous -= 1
            start = lines.bounds(previous)[1]
            new = f"\n{' ' * indent}{closer}"
            yield f"Close the block with `{closer}`", ((start, start, new),), 0.94 - malus
            break
    last = tokens[-1].end
    end = "".join(_PAIRS[token.text] for token in reversed(open_))
    yield f"Add `{end}` at the end", ((last, last, ("\n" if end[0] == "}" else "") + end),), 0.7


def _line_end(context: Context, offset: int) -> tuple[int, int]:
    row = context.lines.position(offset)[0]
    return row, len(context.lines.line(row).rstrip())


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


REPAIR = Repair(
    "js-token",
    "Put in, leave out or exchange the token at which the parser gave up",
    propose,
    languages=("javascript", "typescript"),
)
