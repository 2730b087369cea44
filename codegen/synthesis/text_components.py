"""Components on text."""
# ruff: noqa: E501
# pyright: reportUnknownLambdaType=false, reportUnknownArgumentType=false, reportUnknownMemberType=false
# pyright: reportUnknownVariableType=false
# A table: a row a line, and meanings that take whatever the patterns beside them let through.

from __future__ import annotations

import re
from collections.abc import Callable

from .components import ADD, COMPARE, MAX_LENGTH, MULTIPLY, component

_camel = re.compile(r"[-_\s]+(\w)")


def _padded(pad: Callable[..., str]) -> Callable[..., str]:
    """Padding to a width that was found on the way must stay small."""

    def bounded(text: str, width: int, *fill: str) -> str:
        if width > MAX_LENGTH:
            raise OverflowError("too wide to try")
        return pad(text, width, *fill)

    return bounded


_zfill, _ljust, _rjust, _center = map(_padded, (str.zfill, str.ljust, str.rjust, str.center))

TEXT = (
    component("lower", "str", lambda s: s.lower(), "{0a}.lower()", words="lower lowercase slug snake kebab insensitive"),
    component("upper", "str", lambda s: s.upper(), "{0a}.upper()", cost=2, words="acronym abbreviation initial upper uppercase initials acronym capital"),
    component("title", "str", lambda s: s.title(), "{0a}.title()", words="title", cost=4),
    component("capitalize", "str", lambda s: s.capitalize(), "{0a}.capitalize()",
              words="capitalize capitalise title pascal camel sentence"),
    component("swapcase", "str", lambda s: s.swapcase(), "{0a}.swapcase()", words="swap invert toggle", cost=5),
    component("strip", "str", lambda s: s.strip(), "{0a}.strip()", words="strip trim whitespace clean"),
    component("strip_chars", "str @sep", lambda s, c: s.strip(c), "{0a}.strip({1})", words="strip trim slug"),
    component("lstrip_chars", "str @sep", lambda s, c: s.lstrip(c), "{0a}.lstrip({1})", cost=3, words="leading"),
    component("rstrip_chars", "str @sep", lambda s, c: s.rstrip(c), "{0a}.rstrip({1})", cost=3, words="trailing"),
    component("split", "str", lambda s: s.split(), "{0a}.split()", words="word words split initials acronym abbreviation sentence", element="word"),
    component("split_sep", "str @sep", lambda s, c: s.split(c), "{0a}.split({1})", element="part",
              words="split parse separated comma csv query field fields"),
    component("split_once", "str @sep", lambda s, c: s.split(c, 1), "{0a}.split({1}, 1)", cost=4, element="part",
              words="first pair key"),
    component("split_pair", "str @sep", lambda s, c: _pair(s.split(c, 1)), "tuple({0a}.split({1}, 1))", cost=4,
              lazy="{0a}.split({1}, 1)", words="pair pairs key query config"),
    component("after_last", "str @sep", lambda s, c: s.rpartition(c)[2], "{0a}.rpartition({1})[2]", cost=4,
              words="last extension suffix file domain base"),
    component("before_last", "str @sep", lambda s, c: s.rpartition(c)[0], "{0a}.rpartition({1})[0]", cost=6,
              words="without extension stem parent"),
    component("after_first", "str @sep", lambda s, c: s.partition(c)[2], "{0a}.partition({1})[2]", cost=4,
              words="after domain rest"),
    component("before_first", "str @sep", lambda s, c: s.partition(c)[0], "{0a}.partition({1})[0]", cost=4,
              words="before user prefix until"),
    component("splitlines", "str", lambda s: s.splitlines(), "{0a}.splitlines()", words="line lines", element="line",
              cost=3),
    component("join", "@joiner list[str]", lambda c, items: c.join(items), "{0a}.join({1i})", words="join"),
    component("replace", "str @sep @sep", lambda s, a, b: s.replace(a, b), "{0a}.replace({1}, {2})",
              words="replace remove delete swap substitute"),
    component("removeprefix", "str @str", lambda s, a: s.removeprefix(a), "{0a}.removeprefix({1})", cost=4,
              words="prefix"),
    component("removesuffix", "str @str", lambda s, a: s.removesuffix(a), "{0a}.removesuffix({1})", cost=4,
              words="suffix extension"),
    component("concat", "str str", lambda a, b: a + b, "{0s} + {1m}", strength=ADD, words="concatenate append prefix"),
    component("join_number", "num str", lambda a, b: f"{a}{b}", "str({0}) + {1m}", strength=ADD, cost=4,
              words="encode rle run numbered"),
    component("number_join", "str num", lambda a, b: f"{a}{b}", "{0s} + str({1})", strength=ADD, cost=4,
              words="encode rle run numbered"),
    component("append", "str @str", lambda a, b: a + b, "{0s} + {1m}", strength=ADD, words="append add suffix end"),
    component("prepend", "@str str", lambda a, b: a + b, "{0s} + {1m}", strength=ADD, words="prepend prefix hello greet"),
    component("repeat", "str int", lambda s, n: s * n if len(s) * n <= MAX_LENGTH else None, "{0m} * {1u}",
              strength=MULTIPLY, words="repeat times multiply mask"),
    component("repeat_char", "@sep int", lambda s, n: s * n if n <= MAX_LENGTH else None, "{0m} * {1u}", strength=MULTIPLY,
              words="repeat pad mask hide indent", cost=4),
    component("zfill", "str int", _zfill, "{0a}.zfill({1})", cost=3, words="pad zero zeros fill"),
    component("zfill_k", "str @int", _zfill, "{0a}.zfill({1})", cost=3, words="pad zero zeros fill"),
    component("ljust", "str int @sep", _ljust, "{0a}.ljust({1}, {2})", cost=4, words="pad right left"),
    component("rjust", "str int @sep", _rjust, "{0a}.rjust({1}, {2})", cost=4, words="pad left right"),
    component("center", "str int @sep", _center, "{0a}.center({1}, {2})", cost=5,
              words="center centre"),
    component("count", "str @str", lambda s, c: s.count(c), "{0a}.count({1})", words="count occurrences times"),
    component("count_str", "str str", lambda s, c: s.count(c) if c else None, "{0a}.count({1})", cost=3,
              words="count occurrences times"),
    component("find", "str @str", lambda s, c: s.find(c), "{0a}.find({1})", cost=4, words="find index position"),
    component("startswith", "str @str", lambda s, c: s.startswith(c), "{0a}.startswith({1})", cost=3,
              words="start starts prefix begins"),
    component("startswith_str", "str str", lambda s, c: s.startswith(c), "{0a}.startswith({1})", cost=3,
              words="start starts prefix begins"),
    component("endswith", "str @str", lambda s, c: s.endswith(c), "{0a}.endswith({1})", cost=3, words="end ends suffix"),
    component("endswith_str", "str str", lambda s, c: s.endswith(c), "{0a}.endswith({1})", cost=3, words="end ends suffix"),
    component("contains_str", "str str", lambda c, s: c in s, "{0c} in {1c}", strength=COMPARE, cost=3,
              words="contains contain in substring"),
    component("contains_chars", "str @chars", lambda c, s: len(c) == 1 and c in s, "{0c} in {1c}", strength=COMPARE,
              words="vowel vowels consonant consonants punctuation bracket brackets"),
    component("contains", "@str str", lambda c, s: c in s, "{0c} in {1c}", strength=COMPARE, cost=3,
              words="contains contain has"),
    component("isdigit", "str", lambda s: s.isdigit(), "{0a}.isdigit()", words="digit digits numeric number numbers"),
    component("isalpha", "str", lambda s: s.isalpha(), "{0a}.isalpha()", words="letter letters alphabetic"),
    component("isalnum", "str", lambda s: s.isalnum(), "{0a}.isalnum()",
              words="alphanumeric palindrome punctuation letters slug"),
    component("isupper", "str", lambda s: s.isupper(), "{0a}.isupper()", words="upper uppercase capital capitals"),
    component("islower", "str", lambda s: s.islower(), "{0a}.islower()", words="lower lowercase", cost=4),
    component("isspace", "str", lambda s: s.isspace(), "{0a}.isspace()", words="space spaces whitespace", cost=4),
    component("sub", "str @pattern @replacement", lambda s, p, r: re.sub(p, r, s), "re.sub({1}, {2}, {0})",
              cost=3, imports="import re", words="slug snake kebab replace remove keep only collapse normalize whitespace tags mask"),
    component("findall", "str @pattern", lambda s, p: re.findall(p, s), "re.findall({1}, {0})", cost=3,
              imports="import re", words="extract find all numbers words emails hashtags tokens", element="match"),
    component("resplit", "str @pattern", lambda s, p: re.split(p, s), "re.split({1}, {0})", cost=5,
              imports="import re", words="split tokens", element="part"),
    component("camel", "str", lambda s: _camel.sub(lambda m: m[1].upper(), s),
              're.sub(r"[-_\\s]+(\\w)", lambda match: match[1].upper(), {0})', cost=5, imports="import re",
              words="camel pascal camelcase"),
    component("to_str", "num", str, "str({0})", words="string digits digit text format"),
    component("to_int", "str", int, "int({0})", words="int integer number digit digits sum parse binary"),
    component("to_float", "str", float, "float({0})", words="float number decimal price", cost=3),
    component("from_base", "str @base", int, "int({0}, {1})", cost=3, words="binary hex hexadecimal octal base"),
    component("ord", "str", ord, "ord({0})", cost=3, words="code ord ascii shift caesar"),
    component("chr", "int", lambda n: chr(n) if 0 <= n < 0x11000 else None, "chr({0})", cost=3,
              words="char chr ascii shift caesar letter"),
    component("format", "num @format", format, "format({0}, {1})", cost=3,
              words="format binary hex money currency thousands decimal decimals percent pad zero price hexadecimal"),
)  # fmt: skip


def _pair(parts: list[str]) -> tuple[str, str]:
    first, second = parts
    return first, second
