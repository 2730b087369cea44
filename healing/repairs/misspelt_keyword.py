"""What it does
    Replaces a word that stands where a keyword should by the keyword it resembles, or by Python's word for the
    keyword of another language.

Example
    ``retrun total``, ``fn area(w, h):``, ``elsif x:``

Use instead
    ``return total``, ``def area(w, h):``, ``elif x:``

When it stays silent
    No word near the fault is a keyword's misspelling, or the file does not parse with it.
"""

from __future__ import annotations

from collections.abc import Iterator

from ..fault import Fault
from ..grammar import Splice
from ..layout import around
from ..lexer import KEYWORDS
from ..repair import Context, Draft, Repair
from ..spelling import closest

#: Keywords of other languages (JavaScript, Rust, Go, Ruby, PHP, C) for which Python has another word.
FOREIGN = {
    "fn": "def",
    "func": "def",
    "fun": "def",
    "function": "def",
    "sub": "def",
    "define": "def",
    "elsif": "elif",
    "elseif": "elif",
    "otherwise": "else",
    "foreach": "for",
    "catch": "except",
    "rescue": "except",
    "throw": "raise",
    "delete": "del",
    "import": "from",
    "include": "import",
    "require": "import",
    "until": "while",
    "struct": "class",
    "let": "",
    "var": "",
    "const": "",
    "then": "",
    "new": "",
    "of": "in",
    "unless": "if not",
}
_WORDS = frozenset(KEYWORDS | {"match", "case"})


def propose(fault: Fault, context: Context) -> Iterator[Draft]:
    if fault.category != "syntax":
        return
    changes: list[tuple[str, tuple[Splice, ...], float]] = []
    for away, line in enumerate(around(context.text, fault.line, before=1, after=1)):
        for index, token in enumerate(line.tokens):
            if token.kind != "name":
                continue
            first = 0.04 if index == 0 else 0.0
            if token.text in FOREIGN:
                meant = FOREIGN[token.text]
                end = token.end if meant else _past_blank(context.text, token.end)
                title = f"Replace `{token.text}` by `{meant}`" if meant else f"Remove `{token.text}`"
                changes.append((title, ((token.start, end, meant),), 0.86 + first - 0.05 * away))
            if token.text in _WORDS and token.text not in {"import", "from", "for", "is", "in"}:
                continue
            for meant, likeness in closest(token.text, _WORDS - {token.text}, count=3, least=0.4):
                prior = likeness + first - 0.05 * away
                changes.append((f"Replace `{token.text}` by `{meant}`", ((token.start, token.end, meant),), prior))
            for word in ("in", "if", "not", "import", "return", "for", "def", "class", "elif", "while", "and", "or"):
                # `returnx`, `ifx`: the blank is missing.
                if token.text.startswith(word) and len(token.text) > len(word):
                    place = token.start + len(word)
                    changes.append((f"Insert a blank after `{word}`", ((place, place, " "),), 0.6 - 0.05 * away))
    yield from context.parsing(changes)


def _past_blank(text: str, end: int) -> int:
    while text[end : end + 1] in (" ", "\t"):
        end += 1
    return end


REPAIR = Repair("misspelt-keyword", "Spell a keyword as Python does", propose)
