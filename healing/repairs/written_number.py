"""What it does
    Reads a number as it is written in the text that could not be read: without the marks of thousands, a currency or
    a unit, in another base, or with a fraction that is cut off.

Example
    ``float("1,234.50")``, ``int("0x1f")``, ``float("12%")``

Use instead
    ``float("1,234.50".replace(",", ""))``, ``int("0x1f", 16)``, ``float("12%".rstrip("%"))``

When it stays silent
    The message tells no text, or one in which there is no number.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from tree_sitter import Node

from ..fault import Fault
from ..origins import Site, arguments_of, callee, field_of, mendable
from ..repair import Context, Draft, Repair

_TEXT = re.compile(r"^(?:could not convert string to float|invalid literal for int\(\) with base \d+): (['\"])(.*)\1$")

#: Digits of base 16. Without the prefix it may be a word, or another number with a letter behind it.
_HEXADECIMAL = re.compile(r"^(?:(0[xX])[0-9a-fA-F]+|[0-9a-fA-F]*[a-fA-F][0-9a-fA-F]*)$")
#: Units that stand for a factor: without them it is another number, which only a check can tell to be meant.
_FACTORS = frozenset("%‰kKMGTmµn") | {"Ki", "Mi", "Gi", "Ti", "KB", "kB", "MB", "GB", "TB", "KiB", "MiB", "GiB", "TiB"}


def propose(fault: Fault, context: Context) -> Iterator[Draft]:
    match = _TEXT.match(fault.message)
    if fault.exception.rpartition(".")[2] != "ValueError" or match is None:
        return
    ways = list(_ways(match[2]))
    for site in mendable(context)[:2]:
        for function, value in _readers(site):
            malus = 0.05 * site.away
            text = site.code(value)
            inner = text if value.type in {"identifier", "attribute", "subscript", "call", "string"} else f"({text})"
            for way, prior in ways:
                yield site.put(f"Read `{text[:30]}` as it is written", value, way.format(inner), prior - malus)
            if site.code(function) == "int" and (hexadecimal := _HEXADECIMAL.match(match[2])):
                end = site.span(value)[1]
                prior = 0.9 if hexadecimal[1] else 0.7
                yield site.edit(f"Read `{text[:30]}` in base 16", [(end, end, ", 16")], prior - malus)
            if site.code(function) == "int" and re.fullmatch(r"0[bB][01]+|0[oO][0-7]+", match[2]):
                end = site.span(value)[1]
                yield site.edit(f"Read `{text[:30]}` by its prefix", [(end, end, ", 0")], 0.9 - malus)


def _readers(site: Site) -> Iterator[tuple[Node, Node]]:
    """(``int`` or ``float``, what it reads) on a line; the item, where they are mapped over a container."""
    for call in site.nodes("call"):
        function, given = field_of(call, "function"), arguments_of(call)
        if function is not None and callee(call) in {"int", "float"} and len(given) == 1:
            yield function, given[0]


def _ways(text: str) -> Iterator[tuple[str, float]]:
    """How to leave out of a text what is no part of its number, the surest first."""
    bare = text.strip()
    if re.fullmatch(r"[-+]?\d{1,3}(?:,\d{3})+(?:\.\d+)?", bare):
        yield '{}.replace(",", "")', 0.94
    elif re.fullmatch(r"[-+]?\d{1,3}(?:\.\d{3})+,\d+", bare):
        yield '{}.replace(".", "").replace(",", ".")', 0.93
    elif re.fullmatch(r"[-+]?\d{1,3}(?:([ '\u2019])\d{3})(?:\1\d{3})*(?:[.]\d+)?", bare):
        mark = re.sub(r"[-+\d.]", "", bare)[:1]
        yield f'{{}}.replace("{mark}", "")', 0.92
    elif match := re.fullmatch(r"([^\d\s.+-]{1,3})\s*[-+]?[\d.]+", bare):
        yield f"{{}}.lstrip({_quoted(match[1])})", 0.9
        yield f"{{}}.removeprefix({_quoted(match[1])})", 0.86
    elif match := re.fullmatch(r"[-+]?[\d.]+(\s*)([^\d\s.][^\d.]{0,5})", bare):
        sure = 0.9 if match[2] not in _FACTORS else 0.74
        yield f"{{}}.rstrip({_quoted(match[2])})", sure
        yield f"{{}}.removesuffix({_quoted(match[1] + match[2])})", sure - 0.02
        if match[1]:
            yield "{}.split()[0]", sure - 0.01


def _quoted(text: str) -> str:
    return f'"{text}"' if '"' not in text and "\\" not in text else repr(text)


REPAIR = Repair("written-number", "Read a number as its text is written", propose)
