"""Texts in the forms that parsers expect, chosen by what the source names: dates, numbers, addresses, JSON, patterns.

Invariant: only examples; whether a text is in the domain is decided elsewhere (any text is, where text is).
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from typing import Any

_WHEN = (datetime.datetime(2000, 1, 1), datetime.datetime(2024, 2, 29, 23, 59, 59))
#: What a named function reads, with an example that is just wrong.
_BY_WORD: dict[str, tuple[str, ...]] = {
    "loads": ("{}", "[]", '{"a": 1}', "null", '"a"', "1", "{"),
    "fromisoformat": ("2024-02-29", "2000-01-01T12:30:00", "2000-01-01T00:00:00+00:00", "2023-02-29"),
    "urlparse": ("http://a/b?c=d#e", "http://a:80/", "//a", "a:b", "http://[::1]/"),
    "urlsplit": ("http://a/b?c=d#e", "http://a:80/", "//a", "http://a:x/"),
    "parse_qs": ("a=1&b=2", "a=1&a=2", "a", "a=&b"),
    "fromhex": ("00ff", "0", "FF"),
    "unhexlify": ("00ff", "0"),
    "hexdigits": ("ff", "0x1f", "#fff"),
    "b64decode": ("YQ==", "YQ", "===="),
    "literal_eval": ("1", "[1, 'a']", "{'a': 1}", "a"),
    "fromstring": ("<a/>", "<a b='1'>c</a>", "<a>"),
    "ip_address": ("1.2.3.4", "::1", "1.2.3.256"),
    "ip_network": ("10.0.0.0/8", "10.0.0.1/8"),
    "IPv4Address": ("1.2.3.4", "1.2.3"),
    "UUID": ("12345678-1234-5678-1234-567812345678", "1"),
    "Decimal": ("1", "1.50", "-0.1", "1e3", "NaN"),
    "Fraction": ("1/2", "-3/7", "1/0"),
    "isdigit": ("1", "²", "٣", "12a"),
    "isdecimal": ("1", "٣"),
    "isnumeric": ("1", "²", "½"),
    "reader": ("a,b\n1,2\n", "a\n", '"a,b",c\n', "a,b\n1\n"),
    "DictReader": ("a,b\n1,2\n", "a,b\n1\n", "a,b\n"),
}
_BY_SEPARATOR: dict[str, tuple[str, ...]] = {
    ".": ("1.2.3", "1.2.3.4", "1.2", "a.b.c"),
    ":": ("12:30", "1:02:03", "a:b", "::"),
    "-": ("2000-01-01", "2024-02-29", "1-2", "a-b-c"),
    "/": ("1/2", "a/b/c", "/a", "a/"),
    "=": ("a=b", "a=b=c", "=", "a="),
    "&": ("a=1&b=2", "a=1&", "&&"),
    "@": ("a@b.c", "@", "a@"),
    "#": ("#fff", "#ffffff", "#"),
    "%": ("10%", "%41", "%"),
    "+": ("1+2", "+1"),
    ",": ("1,2,3", "a,,b", ","),
    ";": ("a;b", ";"),
    "x": ("0x1f", "2x3"),
    "://": ("http://a/b", "://"),
    "v": ("v1.2.3",),
    "T": ("2000-01-01T12:30:00",),
}


def formatted(words: frozenset[str], separators: tuple[str, ...], formats: tuple[str, ...]) -> Iterator[str]:
    """Examples for the functions, separators and date formats of the source."""
    for form in formats:
        for when in _WHEN:
            yield when.strftime(form)
    for word in sorted(words):
        yield from _BY_WORD.get(word, ())
    for separator in separators:
        yield from _BY_SEPARATOR.get(separator, ())


def matching(pattern: str, limit: int = 6) -> Iterator[str]:
    """A few short texts in the form of a regular expression: as little as possible, then a little more of each part."""
    import re
    import warnings

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            from re import _parser as parser  # pyright: ignore[reportAttributeAccessIssue, reportUnknownVariableType]

            tree: Any = parser.parse(pattern)  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
        texts = [_written(tree, extra, choice) for extra in range(3) for choice in range(3)]
        compiled = re.compile(pattern)
    except (re.error, RecursionError, OverflowError, ImportError):
        return
    for each in list(dict.fromkeys(texts))[:limit]:
        if compiled.search(each):
            yield each


def _written(tree: Any, extra: int, choice: int, depth: int = 0) -> str:
    """One text for a parsed pattern; ``extra`` more of each repetition, the ``choice``-th of alternatives."""
    if depth > 30:
        return ""
    parts: list[str] = []
    for operator, argument in tree:
        name = str(operator)
        if name == "LITERAL":
            parts.append(chr(argument))
        elif name == "NOT_LITERAL":
            parts.append("b" if argument == ord("a") else "a")
        elif name == "ANY":
            parts.append("a")
        elif name == "IN":
            parts.append(_one_of(argument, choice))
        elif name in ("MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT"):
            low, high, inner = argument
            parts.append(_written(inner, extra, choice, depth + 1) * min(low + extra, int(high), low + 8, 40))
        elif name == "SUBPATTERN":
            parts.append(_written(argument[-1], extra, choice, depth + 1))
        elif name == "BRANCH":
            branches = argument[1]
            parts.append(_written(branches[choice % len(branches)], extra, choice, depth + 1))
        elif name == "ATOMIC_GROUP":
            parts.append(_written(argument, extra, choice, depth + 1))
    return "".join(parts)


def _one_of(members: Any, choice: int) -> str:
    options: list[str] = []
    negated = False
    for operator, argument in members:
        name = str(operator)
        if name == "NEGATE":
            negated = True
        elif name == "LITERAL":
            options.append(chr(argument))
        elif name == "RANGE":
            options += [chr(argument[0]), chr(argument[1])]
        elif name == "CATEGORY":
            category = str(argument)
            options.append("0" if "DIGIT" in category else " " if "SPACE" in category else "a")
    if negated:
        return next((each for each in "a0 _-\n~" if each not in options), "a")
    return options[choice % len(options)] if options else "a"
