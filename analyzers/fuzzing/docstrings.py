"""What a docstring says of a parameter's type and range, in NumPy's, Google's and Sphinx's style.

Types named in words ("list of int", "float in [0, 1]", "{'a', 'b'}", "str or None", "callable") and example calls.

Invariant: only text is read. A phrase that is not understood says nothing; it never widens a domain.
"""

from __future__ import annotations

import ast
import re
import textwrap
from collections.abc import Callable, Iterator
from dataclasses import replace

from .annotations import callables
from .shapes import BOOL, BYTES, FLOAT, INT, NONE, STR, Alt, Anything, Lit, Map, Num, Seq, Shape, Text, Tup, alt, vague
from .standard import PATH, STANDARD, TEXT_FILE

#: A class by a word of the docstring; None where there is none.
Lookup = Callable[[str], Shape | None]

_WORDS: dict[str, Shape] = {
    **dict.fromkeys(("str", "string", "strings", "unicode", "text", "basestring"), STR),
    **dict.fromkeys(("int", "integer", "ints", "integers", "long"), INT),
    **dict.fromkeys(("float", "floats", "number", "numbers", "real", "numeric", "scalar", "double"), FLOAT),
    **dict.fromkeys(("bool", "boolean", "bools", "booleans"), BOOL),
    **dict.fromkeys(("bytes", "bytestring"), BYTES),
    **dict.fromkeys(("bytearray",), Text("bytearray")),
    **dict.fromkeys(("none", "null"), NONE),
    **dict.fromkeys(("complex",), Num("complex")),
    **dict.fromkeys(("callable", "function", "func"), callables()),
    **dict.fromkeys(("path", "path-like", "pathlike", "os.pathlike", "pathlib.path"), PATH),
    **dict.fromkeys(("file", "file-like", "stream", "filehandle", "fileobj"), TEXT_FILE),
    **dict.fromkeys(("date", "datetime.date"), STANDARD["datetime.date"]),
    **dict.fromkeys(("datetime", "datetime.datetime"), STANDARD["datetime.datetime"]),
    **dict.fromkeys(("timedelta", "datetime.timedelta"), STANDARD["datetime.timedelta"]),
    **dict.fromkeys(("decimal", "decimal.decimal"), STANDARD["decimal.Decimal"]),
}
_COLLECTIONS = {
    **dict.fromkeys(("list", "lists", "sequence", "iterable", "collection", "array", "vector", "container"), "list"),
    **dict.fromkeys(("array_like", "array-like", "arraylike", "list-like", "list_like"), "list"),
    **dict.fromkeys(("tuple", "tuples"), "tuple"),
    **dict.fromkeys(("set", "sets"), "set"),
    **dict.fromkeys(("frozenset",), "frozenset"),
    **dict.fromkeys(("iterator", "generator"), "iterator"),
}
_MAPPINGS = frozenset(("dict", "dictionary", "mapping", "dicts", "mappings", "dictionaries"))
_NUMBER = r"-?\d+(?:\.\d+)?(?:e-?\d+)?"
_LEAD_END = re.compile(
    r"(?i)[.;,\n]|\s(?:to|on|that|which|with|for|whose|where|giving|containing|used|by|in|from|as|at|is|are|it)\b"
)
_CHOICE = re.compile(r"\s*(?:str(?:ing)?[,:]?\s*)?(?:one of\s*)?(\{[^{}]*\}|\(\s*'[^()]*'\s*\)|\[\s*'[^\[\]]*'\s*\])")
_OPEN_ENDED = re.compile(r"(?i)\b(?:etc|any|object|arbitrary|mixed|unknown)\b|\.\.\.|…")
_ASIDES = re.compile(
    r"(?i)(?:[,;(]\s*|\s+)(?:optional|required|keyword[- ]only)\b\)?.*$|[,;(]?\s*\bdefaults?\b.*$|[,;]\s*shape\b.*$"
    r"|\(\s*shape\b.*?\)|`|\*\*"
)


def documented_shape(name: str, doc: str, lookup: Lookup) -> Shape | None:
    """The shape of parameter ``name`` where ``doc`` names its type in words that are understood."""
    escaped = re.escape(name)
    for pattern in (
        rf"(?m)^[ \t]*\*{{0,2}}{escaped}\s*\(([^()\n]*(?:\([^()\n]*\)[^()\n]*)*)\)\s*:",
        rf"(?m)^[ \t]*(?:\w+\s*,\s*)*{escaped}(?:\s*,\s*\w+)*\s*:[ \t]*(\S[^\n]*)$(?=\n[ \t]+|\n?\Z|\n\s*\n)",
        rf":type\s+{escaped}:\s*([^\n]+)",
        rf":param\s+([\w.\[\], |]+?)\s+{escaped}:",
    ):
        for match in re.finditer(pattern, doc):
            shape = type_in_words(match[1], lookup)
            if shape is not None:
                return _said_more(shape, doc[match.end() :], lookup) if vague(shape) else shape
    for match in re.finditer(
        rf"(?m)^[ \t]*[:*-]?[ \t]*`{{0,2}}{escaped}`{{0,2}}[ \t]*(?:[\u2013\u2014:-])[ \t]+(\w[^\n]*)$", doc
    ):
        shape = _leading(match[1], lookup)
        if shape is not None:
            return shape
    return None


def _said_more(shape: Shape, text: str, lookup: Lookup) -> Shape:
    """A plain ``list`` whose description begins with "list of positive integers"."""
    said = _leading(text.lstrip(" \t\n:"), lookup)
    same = isinstance(said, Seq) and isinstance(shape, Seq) and said.kind == shape.kind
    return said if said is not None and (same or (isinstance(said, Map) and isinstance(shape, Map))) else shape


def _leading(text: str, lookup: Lookup) -> Shape | None:
    """The type that a description begins with: "dictionary on which to operate"."""
    phrase = _LEAD_END.split(text, maxsplit=1)[0].strip()
    first = re.match(r"(?i)(?:(?:an?|the|non-?empty|sorted)\s+)*([\w-]+)", phrase)
    if first is None or len(phrase.split()) > 6:
        return None
    word = first[1].lower()
    if word not in _WORDS and word not in _COLLECTIONS and word not in _MAPPINGS:
        return None
    return type_in_words(phrase, lookup)


def type_in_words(text: str, lookup: Lookup) -> Shape | None:
    """The shape that a phrase such as ``int > 0`` or ``list of str, optional`` means."""
    choice = _CHOICE.match(text)
    if choice is not None:
        return _choices(choice[1])
    if re.match(r"\s*'[^']*'(?:\s*(?:,|\||or)\s*'[^']*')+", text):
        return _choices("{" + ",".join(re.findall(r"'[^']*'", text)) + "}")
    text = _ASIDES.sub("", text.strip()).strip().rstrip(".,;:")
    if not text or len(text) > 120 or _OPEN_ENDED.search(text):
        return None
    low, high, text = _range(text)
    shapes: list[Shape] = []
    for part in _alternatives(text):
        shape = _phrase(part, lookup)
        if shape is None:
            return None
        shapes.append(shape)
    return _limited(alt(*shapes), low, high) if shapes else None


def _choices(text: str) -> Shape | None:
    try:
        values = ast.literal_eval(text if not text.startswith("{") else f"[{text[1:-1]}]")
    except (ValueError, SyntaxError):
        return None
    plain = [each for each in values if isinstance(each, str | int | float | bool | None)]
    return Lit(tuple(dict.fromkeys(plain))) if plain and len(plain) == len(values) else None


def _range(text: str) -> tuple[float | None, float | None, str]:
    """Bounds said in the phrase, and the phrase without them."""
    low = high = None
    within = re.search(
        rf"(?i)[,(]?\s*\b(?:in|between|from|within)\s*(?:the\s+)?(?:range\s*|interval\s*)?(?P<o>[\[(]?)\s*(?P<low>{_NUMBER})"
        rf"\s*(?:,|and|to|\.\.+|-)\s*(?P<high>{_NUMBER})\s*(?P<c>[\])]?)\)?",
        text,
    ) or re.search(rf"(?P<low>{_NUMBER})\s*(?P<o><=?)\s*\w+\s*(?P<c><=?)\s*(?P<high>{_NUMBER})", text)
    if within is not None:
        low, high = float(within["low"]), float(within["high"])
        low += 1e-6 if within["o"] in ("(", "<") else 0
        high -= 1e-6 if within["c"] in (")", "<") and within["o"] else 0
        return low, high, text.replace(within[0], " ").strip(" ,(")
    for match in re.finditer(rf"(>=|<=|>|<|≥|≤)\s*({_NUMBER})", text):
        value = float(match[2])
        if match[1] in (">", ">=", "≥"):
            low = value + (1e-6 if match[1] == ">" else 0)
        else:
            high = value - (1e-6 if match[1] == "<" else 0)
        text = text.replace(match[0], " ")
    if re.search(r"(?i)\bnon-?\s?negative\b", text):
        low = 0
    elif re.search(r"(?i)\b(?:strictly\s+)?positive\b|\bnatural\b", text):
        low = 1e-6
    text = re.sub(r"(?i)\b(?:non-?\s?negative|strictly|positive|natural)\b", " ", text)
    return low, high, text.strip(" ,(")


def _limited(shape: Shape, low: float | None, high: float | None) -> Shape:
    if isinstance(shape, Alt):
        return alt(*[_limited(each, low, high) for each in shape.options])
    if isinstance(shape, Seq):
        return replace(shape, item=_limited(shape.item, low, high))
    if not isinstance(shape, Num) or shape.kind not in ("int", "float"):
        return shape
    if shape.kind == "int":
        import math

        low = None if low is None else math.ceil(low)
        high = None if high is None else math.floor(high)
    return replace(shape, low=low, high=high)


def _alternatives(text: str) -> Iterator[str]:
    """``a, b or c``; commas inside brackets and the "of" phrase stay."""
    depth, start = 0, 0
    for match in re.finditer(r"[\[({]|[\])}]|\s+or\s+|\s*\|\s*|,\s*(?=\w)", text):
        token = match[0]
        if token in "[({":
            depth += 1
        elif token in "])}":
            depth -= 1
        elif not depth:
            yield text[start : match.start()]
            start = match.end()
    yield text[start:]


def _phrase(text: str, lookup: Lookup) -> Shape | None:
    text = re.sub(r"(?i)^(?:(?:an?|the|or|some|single|optional|valid|input|given|nested)\s+)+", "", text.strip())
    lowered = text.lower()
    if lowered in _WORDS:
        return _WORDS[lowered]
    if not text:
        return None
    several = re.match(r"(?i)(?:(?:non-?empty|sorted)\s+)?([\w-]+)\s*(?:of|\[|\()\s*(.*?)[\])]?$", text)
    if several is not None and several[1].lower() in _COLLECTIONS:
        return _collection(_COLLECTIONS[several[1].lower()], several[2], lookup, text)
    if lowered in _COLLECTIONS:
        return Seq(_COLLECTIONS[lowered], Anything())
    if several is not None and several[1].lower() in _MAPPINGS:
        return _mapping(several[2], lookup)
    if lowered in _MAPPINGS:
        return Map(STR, Anything())
    optional = re.match(r"(?i)optional\[(.*)\]$", text)
    if optional is not None:
        inner = _phrase(optional[1], lookup)
        return alt(inner, NONE) if inner is not None else None
    words = lowered.split()
    if len(words) <= 3 and words[-1] in ("object", "instance", "value", "string", "number", "integer"):
        return _WORDS.get(words[-1]) or _phrase(" ".join(words[:-1]), lookup)
    return lookup(text)


def _collection(kind: str, inner: str, lookup: Lookup, text: str) -> Shape | None:
    if inner.startswith("(") and inner.count("(") > inner.count(")"):
        inner = inner[1:]  # its end is gone already
    parts = list(_alternatives(inner))
    if kind == "tuple" and len(parts) > 1 and " or " not in inner:
        items = [_phrase(each, lookup) for each in parts if each.strip() != "..."]
        known = tuple([each for each in items if each is not None])
        if len(known) < len(items):
            return None
        return Seq("tuple", known[0]) if "..." in inner else Tup(known)
    item = type_in_words(inner, lookup)
    size = 1 if re.match(r"(?i)non-?empty", text) else 0
    return Seq(kind, item, size, ordered=text.lower().startswith("sorted")) if item is not None else None


def _mapping(inner: str, lookup: Lookup) -> Shape | None:
    parts = re.split(r"\s*(?:,|:|->|=>|\bto\b|\bmapping\b)\s*", inner.strip("[]() "))
    if len(parts) != 2:
        return None
    key, value = _phrase(parts[0], lookup), _phrase(parts[1], lookup)
    return Map(key, value) if key is not None and value is not None else None


def snippets(name: str, doc: str) -> Iterator[ast.AST]:
    """Parsed doctests, and calls of ``name`` in the prose."""
    for match in re.finditer(r"(?m)^[ \t]*>>> ?(.*(?:\n\s*\.\.\. .*)*)", doc):
        try:
            yield ast.parse(textwrap.dedent(re.sub(r"\n\s*\.\.\. ?", "\n", match[1])))
        except SyntaxError:
            continue
    for match in re.finditer(rf"\b{re.escape(name)}\((?:[^()\n]|\([^()\n]*\))*\)", doc):
        try:
            yield ast.parse(match[0], mode="eval")
        except SyntaxError:
            continue


_DEMAND = re.compile(
    r"(?i)\b(?:must|should|assum\w+|requires?|expects?|needs?|precondition|has to|have to|given|input)\b|\ba sorted\b"
)


def sorted_parameters(doc: str, parameters: tuple[str, ...]) -> frozenset[str]:
    """Parameters that must be sorted: the clause names them; of one parameter, "must be sorted" is enough."""
    found: set[str] = set()
    for clause in re.split(r"[.;]\s|\n\s*\n", doc):
        if re.search(r"(?i)\b(?:pre-?)?sorted\b|\bascending\b", clause) and _DEMAND.search(clause):
            named = {each for each in parameters if re.search(rf"\b{re.escape(each)}\b", clause)}
            found |= named or (set(parameters) if len(parameters) == 1 else set())
    return frozenset(found)
