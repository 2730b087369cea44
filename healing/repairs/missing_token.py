"""What it does
    Inserts one token near the fault: a comma between two items, ``in`` of a loop, an operator, an equals sign, the
    brackets of a call or definition. The last resort among the syntax repairs, with the least weight.

Example
    ``for char text:``, ``point = (1 2)``, ``def main:``

Use instead
    ``for char in text:``, ``point = (1, 2)``, ``def main():``

When it stays silent
    No single token makes the file parse.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from ..fault import Fault
from ..grammar import Splice
from ..layout import around
from ..lexer import CLOSERS, KEYWORDS, OPENERS, Token, lex
from ..repair import Context, Draft, Repair

Change = tuple[str, tuple[Splice, ...], float]

#: Tokens of a statement that are looked at.
MOST = 120
_COMPARISONS = frozenset({"==", "!=", "in", "not in", "<", ">", "<=", ">=", "is", "is not"})
#: What begins a definition is no part of its name.
_HEADS = frozenset({"def", "class", "async", "lambda"})
#: Where an operand of ``and`` and ``or`` ends.
_BORDERS = frozenset({"and", "or", "if", "elif", "else", "while", "return", "assert", ",", ":", "=", ":=", "not"})
_LOGIC = frozenset({"and", "or"})
_OPERATORS = (*sorted(_COMPARISONS), "+", "-", "*", "/", "//", "%", "and", "or", "|", "&")


def propose(fault: Fault, context: Context) -> Iterator[Draft]:
    if fault.category != "syntax":
        return
    changes: list[Change] = []
    gap = False
    for away, line in enumerate(around(context.text, fault.line, before=1)):
        if any(token.kind == "open-string" for token in line.tokens):
            continue  # no token closes a string
        items, begin = _near(context, line.tokens)
        changes += ((title, edit, prior - 0.08 * away) for title, edit, prior in _insertions(context, items, begin))
        left_out = list(_left_out(context, items))
        changes += left_out
        gap = gap or bool(left_out)
    yield from context.parsing(changes, most=16 if gap else 6)


def _near(context: Context, items: tuple[Token, ...]) -> tuple[tuple[Token, ...], int]:
    """Of a long statement (a table) the tokens around the fault; how many are left out before them."""
    if len(items) <= MOST:
        return items, 0
    middle = sum(token.start <= context.offset for token in items)
    begin = max(0, min(middle - MOST // 2, len(items) - MOST))
    return items[begin : begin + MOST], begin


def _insertions(context: Context, items: tuple[Token, ...], begin: int) -> Iterator[Change]:
    comma_hint = "comma" in context.fault.message
    yield from _lambda(items)
    if not begin:
        yield from _name_of_words(items)
    head = items[0].text if items and not begin else ""
    for index, token in enumerate(items, begin):
        following = items[index + 1 - begin] if index + 1 - begin < len(items) else None
        place = token.end
        operand = _ends_operand(token)
        starts = following is not None and _starts_operand(following)
        near = 0.05 if abs(place - context.offset) <= 3 else 0.0
        if operand and starts:
            words = [each.text for each in items[: index + 1 - begin]]
            if "for" in words and "in" not in words[words.index("for") :]:
                yield "Insert `in`", ((place, place, " in"),), 0.9
            twins = following is not None and following.text == token.text
            yield (
                "Insert `,`",
                ((place, place, ","),),
                (0.85 if comma_hint and twins else 0.72 if comma_hint else 0.62) + near,
            )
            if head in {"except", "with", "import", "from"} and index > 0:
                yield "Insert `as`", ((place, place, " as"),), 0.9 if head != "from" else 0.7
            if head == "from" and index <= 3:
                yield "Insert `import`", ((place, place, " import"),), 0.92
            if following is not None:
                yield from _joined(context, token, following, imported=head == "from")
            yield "Insert `.`", ((place, following.start if following else place, "."),), 0.4 + near
            if index == 0 and token.kind == "name" and len(items) > 2 and items[2].text in {"=", "+=", ":"}:
                # `auto total = 0`: a declaration of another language.
                yield f"Remove `{token.text}`", ((token.start, following.start if following else place, ""),), 0.9
            if token.kind == "name" and following is not None and following.kind == "name":
                after = items[index + 2 - begin].text if index + 2 - begin < len(items) else ""
                if following.text[:1].isupper() or after == "(":
                    yield f"Remove `{token.text}`", ((token.start, following.start, ""),), 0.45
            yield "Insert `=`", ((place, place, " ="),), (0.6 if index == 0 else 0.45) + near
            yield "Insert `:`", ((place, place, ":"),), 0.5 + near
            if index == 0 and len(items) == 2:
                for word, prior in (("+=", 0.52), ("-=", 0.46), ("*=", 0.4)):
                    yield f"Insert `{word}`", ((place, place, f" {word}"),), prior + near
            for word in ("==", "+", "and", "or", "if", "else", "as", "import", "in", "is", "*"):
                yield f"Insert `{word}`", ((place, place, f" {word}"),), 0.42 + near
        if token.kind == "name" and head in {"def", "class"} and index == 1 and head == "def":
            yield "Insert `()`", ((place, place, "()"),), 0.88
        if following is not None and token.kind == "op" and following.kind == "op" and token.text not in OPENERS:
            yield "Remove a stray token", ((following.start, following.end, ""),), 0.5 + near
        if token.kind in ("op", "other") or (following is not None and following.text == token.text):
            twin = following is not None and following.text == token.text
            sure = twin and (token.kind == "op" or token.text in KEYWORDS)
            header = token.text in {";", ",", "."} and following is not None and following.text == ":"
            weight = 0.9 if header else 0.86 if sure else 0.42
            # The second of two: without the first one its line would begin further to the right.
            gone = (token.end, following.end) if twin and following is not None else (token.start, token.end)
            yield f"Remove `{token.text}`", ((*gone, ""),), weight + near
        elif index > begin and token.kind == "name" and near:
            yield f"Remove `{token.text}`", ((items[index - 1 - begin].end, token.end, ""),), 0.25
        if token.kind == "op" and token.text in {".", ";", ":"} and index:
            yield f"Replace `{token.text}` by `,`", ((token.start, token.end, ","),), 0.45 + near


def _left_out(context: Context, items: tuple[Token, ...]) -> Iterator[Change]:
    """Two blanks between two operands: an operator stood there. Which one, the run will tell; those that the text uses
    often come first."""
    condition = bool({"if", "elif", "while", "and", "or", "assert", "not"} & {each.text for each in items})
    for one, two in pairwise(items):
        between = context.text[one.end : two.start]
        if len(between) < 2 or between.strip(" ") or not (_ends_operand(one) and _starts_operand(two)):
            continue
        place = items.index(two)
        sides = _operand(items[place - 1 :: -1], "([{"), _operand(items[place:], ")]}")
        likely = _likely_word(sides) if all(_compares(each) for each in sides) else ""
        for word in _OPERATORS:
            often = min(len(re.findall(rf" {re.escape(word)} ", context.text)), 40) / 400
            fits = word in _LOGIC if likely else condition == (word in _COMPARISONS)
            prior = 0.76 if word == likely else (0.63 if fits else 0.5) + often
            yield f"Insert `{word}`", ((one.end, two.start, f" {word} "),), prior


def _operand(tokens: Sequence[Token], ends: str) -> list[Token]:
    """The tokens up to the next ``and``, ``or``, border or bracket that closes what they are in."""
    found: list[Token] = []
    depth = 0
    for token in tokens:
        depth += (token.text in OPENERS) - (token.text in CLOSERS) if token.kind == "op" else 0
        outside = depth == (-1 if ends[0] == ")" else 1) and token.text in ends
        if outside or (depth == 0 and token.text in _BORDERS and not _is_not_in(token, tokens)):
            break
        found.append(token)
    return found


def _is_not_in(token: Token, tokens: Sequence[Token]) -> bool:
    """Whether a ``not`` is that of ``not in``."""
    place = tokens.index(token)
    return token.text == "not" and "in" in {each.text for each in tokens[max(place - 1, 0) : place + 2]}


def _compares(tokens: Sequence[Token]) -> bool:
    return any(each.text in _COMPARISONS for each in tokens)


def _likely_word(sides: tuple[list[Token], list[Token]]) -> str:
    """Which word stands between two comparisons. ``key not in table or table[key] …``, ``item is None or item.size …``:
    what follows asks what the first part says is there."""
    left, right = ({each.text for each in side} for side in sides)
    absent = ("not" in left and "in" in left) or ("is" in left and "None" in left and "not" not in left)
    names = {each.text for each in sides[0] if each.kind == "name" and each.text not in KEYWORDS}
    return "or" if absent and names & right else "and"


def _joined(context: Context, left: Token, right: Token, *, imported: bool) -> Iterator[Change]:
    """Two words that are one name elsewhere in the file, or one that is ``imported`` from the workspace: ``to postfix``
    for ``to_postfix``."""
    if left.kind != "name" or right.kind != "name":
        return
    known = {token.text for token in lex(context.text) if token.kind == "name"}
    for glue in ("_", ""):
        word = f"{left.text}{glue}{right.text}"
        if word in known or (imported and word in context.workspace.exports):
            yield f"Join to `{word}`", ((left.end, right.start, glue),), 0.95


def _name_of_words(items: tuple[Token, ...]) -> Iterator[Change]:
    """``def do-add(…)``, ``def do add(…)``: the name of a function in several words."""
    words = [each.text for each in items]
    start = words.index("def") + 1 if "def" in words[:2] else len(items)
    end = next((at for at in range(start, len(items)) if items[at].text == "("), start)
    parts = items[start:end]
    if any(each.kind != "name" and each.text != "-" for each in parts) or _HEADS & {each.text for each in parts}:
        return
    names = [each for each in parts if each.kind == "name"]
    if len(names) > 1 and parts[0] is names[0] and parts[-1] is names[-1]:
        edits = tuple((one.end, two.start, "_") for one, two in pairwise(names))
        yield f"Write `{'_'.join(each.text for each in names)}`", edits, 0.95


def _lambda(items: tuple[Token, ...]) -> Iterator[Change]:
    """A colon inside of an expression may be that of a ``lambda``."""
    for index, token in enumerate(items[:-1]):
        if token.text != ":":
            continue
        for start in range(index, max(index - 8, 0), -1):
            before = items[start - 1]
            if before.text in {"(", ",", "=", "return", "[", ":", "yield"}:
                place = items[start].start
                prior = 0.86 if before.text == "return" or start == index else 0.6
                if before.text == "," and not _in_brackets(items[:start]):
                    prior = 0.4  # a statement is seldom a row of values with a function among them
                yield "Insert `lambda`", ((place, place, "lambda" if items[start].text == ":" else "lambda "),), prior
                if before.text != ",":
                    break


def _in_brackets(before: Sequence[Token]) -> bool:
    return sum((each.text in OPENERS) - (each.text in CLOSERS) for each in before if each.kind == "op") > 0


def _ends_operand(token: Token) -> bool:
    return (
        token.kind in ("number", "string")
        or token.text in {")", "]", "}"}
        or (token.kind == "name" and token.text not in KEYWORDS - {"True", "False", "None"})
    )


def _starts_operand(token: Token) -> bool:
    return (
        token.kind in ("number", "string")
        or token.text in OPENERS
        or (token.kind == "name" and token.text not in KEYWORDS - {"True", "False", "None", "not", "lambda"})
    )


REPAIR = Repair("missing-token", "Insert or remove the one token that keeps the file from parsing", propose)
