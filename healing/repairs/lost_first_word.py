"""What it does
    Puts the word back that a statement starts with, at the indentation of its neighbours: ``def``, ``class``, ``if``,
    ``for``, ``while``, ``with``, ``import``, ``from``; ``else``, ``try``, ``finally`` before a colon alone.

Example
    `` split(text, comments=False):`` above an indented body

Use instead
    ``def split(text, comments=False):``

When it stays silent
    The line starts with a keyword, or the file does not parse with any of these words.
"""

from __future__ import annotations

import builtins
from collections.abc import Iterator
from dataclasses import replace

from ..fault import Fault
from ..grammar import Splice
from ..layout import Logical, logical_lines
from ..lexer import KEYWORDS
from ..repair import Context, Draft, Repair

Change = tuple[str, tuple[Splice, ...], float]


def propose(fault: Fault, context: Context) -> Iterator[Draft]:
    if fault.category != "syntax":
        return
    lines = logical_lines(context.text)
    at = max((i for i, line in enumerate(lines) if line.first <= fault.line), default=0)
    changes: list[Change] = []
    for index, malus in ((at, 0.0), (at - 1, 0.02), (at - 2, 0.05), (at + 1, 0.06)):
        if 0 <= index < len(lines):
            changes += ((title, edit, prior - malus) for title, edit, prior in _changes(lines, index))
    # The definition cannot be told from the rest of the file without its first word.
    whole = context.whole or "inden" in context.fault.message
    yield from replace(context, whole=whole).parsing(changes, most=6)


def _changes(lines: tuple[Logical, ...], index: int) -> Iterator[Change]:
    line = lines[index]
    first = line.tokens[0]
    if first.text in KEYWORDS - {"None", "True", "False", "not", "lambda", "await"} or first.text == "@":
        return
    for word, prior in _words(lines, index):
        for rank, indent in enumerate(_indents(lines, index)):
            edit = (line.start, first.start, f"{indent}{word}{'' if first.text == ':' else ' '}")
            yield f"Insert `{word}`", (edit,), prior - 0.03 * rank


def _words(lines: tuple[Logical, ...], index: int) -> Iterator[tuple[str, float]]:
    line = lines[index]
    words = [token.text for token in line.tokens]
    below = lines[index + 1] if index + 1 < len(lines) else None
    if words == [":"]:
        yield from _bare(lines, index)
    elif words[-1] == ":":
        opens = below is not None and below.width > 0
        call = len(words) > 2 and words[1] == "("
        if "in" in words and words[0] != "(" and words.index("in") <= 6 and "(" not in words[: words.index("in")]:
            yield "for", 0.9
        if call and words[-2] in {")", "None", "str", "int", "]", "bool"} and opens:
            plain = all(token.kind in {"name", "op", "number", "string"} for token in line.tokens[2:-2])
            title = words[0][:1].isupper()
            receiver = words[2:3] in (["self"], ["cls"])
            known = hasattr(builtins, words[0]) or "." in words[2:-2]
            yield "def", 0.93 if receiver else 0.87 if plain and not title and not known else 0.5
            yield "class", 0.86 if title and line.indent.strip() == "" else 0.4
        elif len(words) == 2 and words[0][:1].isupper():
            yield "class", 0.9
        if "as" in words:
            yield "with", 0.88
            yield "except", 0.6
        yield "if", 0.82
        yield "while", 0.72
        yield "elif", 0.6
        yield "with", 0.5
    elif "import" in words:
        yield "from", 0.92
    elif all(token.kind == "name" or token.text in {",", ".", "as"} for token in line.tokens):
        near = [each.head for each in (*lines[max(0, index - 2) : index], *lines[index + 1 : index + 3])]
        yield "import", 0.93 if {"import", "from"} & set(near) else 0.6
    elif "=" not in words:
        yield "return", 0.4


def _bare(lines: tuple[Logical, ...], index: int) -> Iterator[tuple[str, float]]:
    """A colon alone: what its neighbours of the same indentation leave to it."""
    width = lines[index].width
    above = next((each.head for each in lines[index - 1 :: -1] if each.width <= width), "") if index else ""
    behind = next((each.head for each in lines[index + 1 :] if each.width <= width), "")
    after_try = above in {"try", "except"}
    yield "else", 0.5 if after_try else 0.92
    yield "try", 0.93 if behind in {"except", "finally"} and not after_try else 0.3
    yield "finally", 0.85 if after_try else 0.3
    yield "except Exception", 0.7 if after_try else 0.3


def _indents(lines: tuple[Logical, ...], index: int) -> list[str]:
    """Its own indentation without the blank that the word left, those of the neighbours, one step less of each."""
    own = lines[index].indent
    found = [own[:-1]] if own.endswith(" ") and len(own) % 2 else []
    below = lines[index + 1].indent if index + 1 < len(lines) else ""
    if lines[index].tokens[-1].text == ":" and below:
        found.append(below[:-4])
    found += [lines[index - 1].indent] if index else []
    found += [below, own]
    if index and lines[index - 1].tokens[-1].text == ":":
        found.append(lines[index - 1].indent + "    ")
    return list(dict.fromkeys(found))[:4]


REPAIR = Repair("lost-first-word", "Put the word back that a statement starts with", propose)
