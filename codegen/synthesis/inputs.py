"""What the search starts from: constants worth trying, probe inputs, and the words of the description.

Constants are a fixed list of the usual ones, and those that the examples and the description suggest: separators and
punctuation in them, numbers in the prose, the slope and intercept of numeric examples.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import cast

_PATTERNS: tuple[tuple[str, int, str], ...] = (
    (r"[^a-z0-9]+", 2, "slug"),
    (r"[^A-Za-z0-9]+", 2, "alphanumeric slug"),
    (r"\W+", 2, "words"),
    (r"\s+", 2, "whitespace spaces normalize collapse"),
    (r"\d+", 2, "digits digit numbers number"),
    (r"\D+", 2, "digits phone numbers"),
    (r"(?<!^)(?=[A-Z])", 2, "snake kebab camel"),
    (r"[A-Z]", 2, "uppercase capitals"),
    (r"[a-z]", 3, "lowercase"),
    (r"[aeiou]", 2, "vowels vowel"),
    (r"[aeiouAEIOU]", 2, "vowels vowel"),
    (r"[A-Za-z]+", 3, "words letters"),
    (r"\w+", 2, "words word tokens"),
    (r"[A-Z][a-z]*", 3, "camel words"),
    (r"-?\d+", 3, "integers numbers extract"),
    (r"-?\d+(?:\.\d+)?", 3, "floats numbers decimals"),
    (r"[^\w\s]", 2, "punctuation"),
    (r"[^A-Za-z]", 2, "letters"),
    (r"<[^>]+>", 2, "html tags tag"),
    (r"\([^)]*\)", 3, "parentheses brackets"),
    (r"[\w.+-]+@[\w-]+\.[\w.-]+", 2, "email emails addresses"),
    (r"https?://\S+", 2, "url urls links link"),
    (r"#(\w+)", 2, "hashtag hashtags tags"),
    (r"@(\w+)", 2, "mention mentions handles"),
    (r"[-_\s]+", 2, "separators camel kebab"),
    (r"\d(?=\d{4})", 3, "mask card credit"),
)

_NUMBERS_IN_WORDS = {"half": 2, "double": 2, "twice": 2, "triple": 3, "pairs": 2, "second": 2, "third": 3, "dozen": 12,
                     "percent": 100, "percentage": 100, "even": 2, "odd": 2, "seconds": 60, "minutes": 60}  # fmt: skip


#: Numbers that a word stands for by convention.
_IMPLIED = {"fizz": (3, 5, 15), "fizzbuzz": (3, 5, 15), "leap": (4, 100, 400)}


def hint_words(text: str) -> frozenset[str]:
    """Words of a description or name, in lower case; plurals, past forms and verbs in -ify cut to a stem as well."""
    words = {word.lower() for word in re.findall(r"[A-Za-z]+", re.sub(r"(?<=[a-z])(?=[A-Z])|_", " ", text))}
    for word in tuple(words):
        for ending, instead in (("ies", "y"), ("es", ""), ("s", ""), ("ing", ""), ("ed", ""), ("d", ""), ("ify", "")):
            if word.endswith(ending) and len(word) - len(ending) >= 3:
                words.add(word.removesuffix(ending) + instead)
    return frozenset(words)


def slots(
    inputs: Sequence[Sequence[object]], outputs: Sequence[object], prose: str, hints: frozenset[str]
) -> dict[str, list[tuple[object, int]]]:
    """Constants for each kind of slot with their costs."""
    seen_in = "".join(_texts(inputs))
    seen_out = "".join(_texts(outputs))
    quoted = [found[0] or found[1] for found in re.findall(r"\"([^\"]{1,12})\"|'([^']{1,12})'", prose)]
    numbers = {int(each) for each in re.findall(r"(?<![\w.])\d{1,6}(?![\w.])", prose)}
    numbers |= {value for word, value in _NUMBERS_IN_WORDS.items() if word in hints}
    punctuation = sorted({char for char in seen_in + seen_out if not char.isalnum()})
    added = sorted({char for char in set(seen_out) - set(seen_in) if not char.isalnum()})

    separators = dict[object, int]()
    for char in added:
        separators[char] = 1
    for text in quoted:
        separators.setdefault(text, 1)
    for char in punctuation:
        separators.setdefault(char, 1 if len(punctuation) <= 4 else 2)
    for text in (", ", ": ", " - "):
        if text in seen_in or text in seen_out:
            separators[text] = 1
    replacing = {**separators, "": 1}
    literal = dict(separators)
    for text in _common_parts(inputs, outputs):
        literal.setdefault(text, 2)
    for word in re.findall(r"\bletter ([a-z])\b", prose):
        literal[word] = 1
    integers = dict[object, int]({0: 1, 1: 1, 2: 1, 3: 2, 10: 2, 5: 3, 15: 4, 4: 3, 100: 4, 400: 5})
    integers.update(dict.fromkeys(numbers, 1))
    for word, implied in _IMPLIED.items():
        if word in hints:
            integers.update(dict.fromkeys(implied, 1))
    plain = {**integers, **_linear(inputs, outputs), 0.5: 3, 100: integers.get(100, 3)}
    chars = {"aeiou": 1 if hints & {"vowel"} else 3, "aeiouAEIOU": 1 if hints & {"vowel"} else 3}
    patterns = {text: (1 if set(words.split()) & hints else cost) for text, cost, words in _PATTERNS}
    patterns.update({rf"{re.escape(char)}+": 3 for char in punctuation[:6] if not char.isspace()})
    patterns.update({rf"[^{re.escape(char)}A-Za-z0-9]+": 4 for char in added[:2]})
    formats = {"b": 1 if hints & {"binary"} else 2, "x": 1 if hints & {"hex", "hexadecimal"} else 3, "o": 4, ",": 2,
               ".2f": 2, ".1f": 3, ",.2f": 3, ".0%": 3, ".1%": 3, "02d": 2, "03d": 3, "08b": 3, "X": 3}  # fmt: skip
    tables: dict[str, Mapping[object, int]] = {
        "@sep": separators | ({"": 2} if "replace" in hints or "remove" in hints else {}),
        "@joiner": {" ": 2, **separators, "": 1},
        "@str": literal,
        "@chars": {**chars, **{text: 1 for text in quoted if len(text) > 1}},
        "@pattern": {**patterns},
        "@replacement": {**replacing, " ": replacing.get(" ", 2)},
        "@num": plain,
        "@int": integers,
        "@count": {key: cost for key, cost in integers.items() if isinstance(key, int) and 0 < key <= 50},
        "@index": {0: 1, -1: 1, 1: 1, -2: 2, 2: 2},
        "@step": {2: 1, 3: 2, **{key: 1 for key in numbers if 1 < key < 20}},
        "@digits": {2: 1, 1: 1, 0: 2, 3: 2},
        "@base": {2: 1 if "binary" in hints else 2, 16: 1 if hints & {"hex", "hexadecimal"} else 2, 8: 3},
        "@format": {**formats},
        "@default": {0: 1, "": 2},
        "@key": {key: 1 for key in _keys(inputs)},
    }
    # 1 == True and 0 == False as dictionary keys; the tables hold no truth values, so nothing is lost.
    return {name: list(table.items()) for name, table in tables.items()}


def goal_constants(outputs: Sequence[object]) -> list[object]:
    """Results that may be constants of a branch: short texts, numbers that come more than once, truth values."""
    found: list[object] = []
    for value in outputs:
        marks = [repr(each) for each in outputs]
        repeated = marks.count(repr(value)) > 1
        short = (isinstance(value, str) and len(value) <= 16) or (isinstance(value, (int, float)) and repeated)
        if short and repr(value) not in {repr(each) for each in found}:
            found.append(value)
    return found[:8]


def probes(inputs: Sequence[Sequence[object]], limit: int = 4) -> list[tuple[object, ...]]:
    """Further inputs of the same shape: the examples' values crossed, joined, shortened; and an empty one.

    ``inputs`` are argument tuples, one per example. Deterministic."""
    rows = [tuple(each) for each in inputs]
    known = {repr(row) for row in rows}
    candidates: list[tuple[object, ...]] = []
    first, last = rows[0], rows[-1]
    candidates.append(tuple(_joined(a, b) for a, b in zip(last, first, strict=True)))
    candidates.append(tuple(_other(value, 1) for value in last))
    candidates.append(tuple(_other(value, 2) for value in first))
    candidates.append(tuple(_empty(value) if position == 0 else value for position, value in enumerate(first)))
    found: list[tuple[object, ...]] = []
    for row in candidates:
        if repr(row) not in known:
            known.add(repr(row))
            found.append(row)
    return found[:limit]


def _joined(a: object, b: object) -> object:
    match a, b:
        case str(), str():
            return f"{a} {b}" if " " in a + b else a + b
        case bool(), bool():
            return not a
        case int() | float(), int() | float():
            return a + b + (3 if isinstance(a, int) else 0.5)
        case list(), list():
            return [*cast("list[object]", a), *cast("list[object]", b)]
        case dict(), dict():
            return {**cast("dict[object, object]", b), **cast("dict[object, object]", a)}
        case _:
            return a


def _other(value: object, seed: int) -> object:
    """A different value of the same type."""
    match value:
        case bool():
            return not value
        case int():
            return value * (seed + 1) + 5 if seed == 1 else max(value - 1, 1)
        case float():
            return value * 1.5 + seed
        case str():
            half = len(value) // 2
            return value[half:] + ("Zq7" if seed == 1 else "") + value[:half].swapcase()
        case list():
            items = cast("list[object]", value)
            return [_other(each, seed) if seed == 1 else each for each in reversed(items)] + items[:1]
        case tuple():
            return tuple(_other(each, seed) for each in cast("tuple[object, ...]", value))
        case dict():
            mapping = cast("dict[object, object]", value)
            return {key: _other(each, seed) for key, each in reversed(mapping.items())}
        case _:
            return value


def _empty(value: object) -> object:
    match value:
        case bool():
            return value
        case int() | float():
            return type(value)(0)
        case str() | list() | dict() | set():
            return type(cast("list[object]", value))()
        case _:
            return value


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, each in cast("dict[object, object]", value).items():
            yield from _texts(key)
            yield from _texts(each)
    elif isinstance(value, (list, tuple, set, frozenset)):
        for each in cast("Sequence[object]", value):
            yield from _texts(each)


def _keys(value: object) -> Iterator[str]:
    """Texts that are keys of dictionaries somewhere in ``value``."""
    if isinstance(value, dict):
        mapping = cast("dict[object, object]", value)
        yield from (key for key in mapping if isinstance(key, str))
        yield from _keys(list(mapping.values()))
    elif isinstance(value, (list, tuple)):
        for each in cast("Sequence[object]", value):
            yield from _keys(each)


def _common_parts(inputs: Sequence[Sequence[object]], outputs: Sequence[object]) -> list[str]:
    """Words that every input text, or every output text, has in common: likely constants of the program."""
    found: list[str] = []
    given = [value for row in inputs for value in row if isinstance(value, str)]
    for column in (given, [value for value in outputs if isinstance(value, str)]):
        if len(column) < 2:
            continue
        shared = set(re.findall(r"\w+|\W+", column[0])).intersection(
            *(re.findall(r"\w+|\W+", each) for each in column[1:])
        )
        found += sorted(shared, key=len, reverse=True)[:3]
        for edge in (_shared_edge(column, False), _shared_edge(column, True)):
            if 0 < len(edge) <= 20:
                found.append(edge)
    for row in inputs:
        found += [value for value in row if isinstance(value, str) and len(value) == 1 and not value.isalnum()]
    added = [
        token
        for row, output in zip(inputs, outputs, strict=True)
        for text in _texts(output)
        for token in re.findall(r"[^\w\s]+|\w+", text)
        if not any(token in part for part in _texts(row))
    ]
    found += [token for token in dict.fromkeys(added) if added.count(token) > 1 and len(token) <= 12]
    return list(dict.fromkeys(found))[:8]


def _shared_edge(texts: Sequence[str], end: bool) -> str:
    shortest = min(texts, key=len)
    for length in range(len(shortest), 0, -1):
        part = shortest[-length:] if end else shortest[:length]
        if all(text.endswith(part) if end else text.startswith(part) for text in texts):
            return part
    return ""


def _linear(inputs: Sequence[Sequence[object]], outputs: Sequence[object]) -> dict[object, int]:
    """Slope and intercept of ``y = a x + b`` through the first two examples, if all lie on that line."""
    points = [
        (row[0], result)
        for row, result in zip(inputs, outputs, strict=True)
        if len(row) == 1 and _is_number(row[0]) and _is_number(result)
    ]
    if len(points) < 2 or len(points) < len(outputs):
        return {}
    (x0, y0), (x1, y1) = cast("list[tuple[float, float]]", points[:2])
    if x0 == x1:
        return {}
    slope = (y1 - y0) / (x1 - x0)
    shift = y0 - slope * x0
    found: dict[object, int] = {}
    for value in (slope, shift, 1 / slope if slope else 0.0, -shift, -shift / slope if slope else 0.0):
        rounded = round(value, 10)
        if rounded not in (0, 1, -1) and abs(rounded) < 1e9 and len(repr(rounded)) <= 7:
            found[int(rounded) if rounded == int(rounded) else rounded] = 1
    return found


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)
