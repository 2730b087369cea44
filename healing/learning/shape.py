"""What makes two faults alike, and two edits alike: their shapes, in which no path, name or value of anybody's code is.

The shape of a fault is its language, its category, its exception or code, its message with what is particular taken
out, and the kinds of the tokens around its place. ``NameError: name 'lenght' is not defined`` at ``return lenght(x)``
is ``name 'N' is not defined`` at ``return N ( N )``. Words of the languages and of their standard types stay, since
``'NoneType' object …`` and ``'int' object …`` are different faults.

An edit has two keys: its *form*, the tokens taken out and put in with the same abstraction, and its *exact* key, a
hash of the very text that it takes out and puts in.

Invariant: pure functions of a fault and of text; what leaves this module is a template of words of the languages, or
a hash.
"""

from __future__ import annotations

import builtins
import hashlib
import json
import keyword
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from ..fault import Fault

#: Tokens on either side of the place of a fault that belong to its shape.
AROUND = 6
#: Longest message template, in characters, and longest edit that is compared token by token.
MESSAGE, EDIT = 200, 4_000

_TOKEN = re.compile(
    r"""(?P<string>(?:[rbfuRBFU]{0,2})(?:'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\.|[^`\\])*`))"""
    r"""|(?P<number>\d[\w.]*)|(?P<word>[^\W\d]\w*)"""
    r"""|(?P<op>==|!=|<=|>=|=>|->|:=|::|&&|\|\||\*\*|//|[^\w\s])|(?P<line>\n)"""
)
_QUOTED = re.compile(r"'([^'\n]*)'|\"([^\"\n]*)\"|`([^`\n]*)`|\u2018([^\u2019\n]*)\u2019|\u201c([^\u201d\n]*)\u201d")
_PATH = re.compile(r"(?:[A-Za-z]:)?(?:[\w.~-]*[/\\])+[\w.-]+")
_ADDRESS = re.compile(r"\b0x[0-9a-fA-F]+\b")
_NUMBER = re.compile(r"(?<![\w])-?\d[\d_.,]*(?:[eE][-+]?\d+)?\b")
_CALLED = re.compile(r"[\w.<>]+(?=\()")
_DOTTED = re.compile(r"\b\w*(?:\.\w+)+\b|\b\w*_\w*\b|\b[a-z]+[A-Z]\w*\b")

#: Words of the languages and of what is always there in them.
_LANGUAGES = """
self cls NoneType function method module generator coroutine builtin_function_or_method ellipsis
dict_keys dict_values dict_items
const let var new this typeof instanceof void delete export default extends implements interface type undefined null
true false string number boolean object any never unknown Promise Array Object Map Set
fn mut impl pub struct enum trait use mod match ref move where dyn crate unsafe loop Some Ok Err Option Result Vec
String Box usize u8 u16 u32 u64 i8 i16 i32 i64 f32 f64 str char iter clone
func package range chan select go defer map make append nil error byte rune int64 fmt switch case
"""

#: Words that are the languages' own. A name that happens to be one of them is taken for it, which does no harm.
WORDS = frozenset([*keyword.kwlist, *keyword.softkwlist, *dir(builtins), *_LANGUAGES.split()])

#: Exceptions of standard libraries that are no builtins of Python.
_EXCEPTIONS = """
JSONDecodeError TOMLDecodeError FrozenInstanceError InvalidOperation StatisticsError PatternError InvalidStateError
ReferenceError RangeError EvalError URIError AggregateError ERR_MODULE_NOT_FOUND MODULE_NOT_FOUND panic
"""
_ERRORS = frozenset(_EXCEPTIONS.split())


@dataclass(frozen=True, slots=True)
class Shape:
    """The shape of a fault in words; :attr:`key` is what it is stored under."""

    language: str
    category: str
    exception: str
    message: str
    syntax: str

    @property
    def key(self) -> str:
        parts = (self.language, self.category, self.exception, self.message, self.syntax)
        return _hash(json.dumps(parts, ensure_ascii=False))


def shape_of(fault: Fault, text: str | None) -> Shape:
    """The shape of a fault; ``text`` is the file that it is in, where there is one. The fault's path may be anything:
    it is not looked at."""
    line = _line(text, fault.line) if text is not None and fault.line >= 0 else ""
    name = fault.code or fault.exception.rpartition(".")[2]
    if not _standard(name):
        name = "N"
    return Shape(
        fault.language, fault.category, name, template(fault.message, fault.category), _syntax(line, fault.column)
    )


def template(message: str, category: str = "") -> str:
    """The first line of a message without what is particular to one program.

    Names are what is quoted, called, dotted, or spelt like one; in assertions every word that is not the language's."""
    line = message.strip().split("\n", 1)[0][: 2 * MESSAGE]
    if category == "test":
        return " ".join(_abstract(line))[:MESSAGE]
    line = _QUOTED.sub(lambda match: f"'{_quoted(next(each for each in match.groups() if each is not None))}'", line)
    line = _ADDRESS.sub("0", _PATH.sub("P", line))
    line = _CALLED.sub(lambda match: match.group() if match.group() in WORDS else "N", line)
    line = _DOTTED.sub(lambda match: match.group() if match.group() in WORDS else "N", line)
    return _NUMBER.sub("0", line)[:MESSAGE]


def form_of(changes: Iterable[tuple[str, str]]) -> str:
    """The form of an edit: what each of its files loses and gains, (old text, new text), names and values left out.
    A hash: forms are compared, never read."""
    parts: list[str] = []
    for old, new in changes:
        gone, come = difference(old, new)
        parts.append(" ".join(_abstract(gone[:EDIT])) + " → " + " ".join(_abstract(come[:EDIT])))
    return _hash("\n".join(sorted(parts)))


def exact_of(changes: Iterable[tuple[str, str]]) -> str:
    """A hash of the very text that an edit takes out and puts in, wherever that is."""
    return _hash(json.dumps(sorted(difference(old, new) for old, new in changes)))


def changes_of(old: Mapping[str, str], new: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """(old, new) of the files in ``new`` that differ; a file that was not there had no text."""
    return tuple((old.get(name, ""), text) for name, text in sorted(new.items()) if old.get(name, "") != text)


def difference(old: str, new: str) -> tuple[str, str]:
    """What is left of two texts without their common start and end, grown to whole words."""
    start = 0
    shorter = min(len(old), len(new))
    while start < shorter and old[start] == new[start]:
        start += 1
    end = 0
    while end < shorter - start and old[-1 - end] == new[-1 - end]:
        end += 1
    while start and _inner(old[start - 1]) and (_inner(old[start : start + 1]) or _inner(new[start : start + 1])):
        start -= 1
    while end and _inner(old[len(old) - end]) and (_ends(old, end) or _ends(new, end)):
        end -= 1
    return old[start : len(old) - end], new[start : len(new) - end]


def _inner(char: str) -> bool:
    return char == "_" or char.isalnum()


def _ends(text: str, end: int) -> bool:
    return len(text) > end and _inner(text[len(text) - end - 1])


def _standard(name: str) -> bool:
    """A name of the language or of a compiler's list (``KeyError``, ``E0425``, ``TS2304``), not of somebody's code."""
    return name in WORDS or name in _ERRORS or not name or bool(re.fullmatch(r"[A-Z]{1,3}\d{2,5}", name))


def _quoted(inside: str) -> str:
    words = re.findall(r"\w+", inside)
    if not words or all(word in WORDS for word in words):
        return inside
    return "0" if re.fullmatch(r"[-+]?[\d._]+", inside) else "N"


def _line(text: str, number: int) -> str:
    lines = text.split("\n")
    return lines[number].rstrip("\r") if number < len(lines) else ""


def _syntax(line: str, column: int) -> str:
    """The kinds of the tokens around a column, the place marked; of a whole line where the column is not known."""
    found = list(_tokens(line))
    if column < 0:
        return " ".join(kind for _, kind in found[: 2 * AROUND])
    at = next((number for number, (end, _) in enumerate(found) if end > column), len(found))
    before = [kind for _, kind in found[max(0, at - AROUND) : at]]
    after = [kind for _, kind in found[at : at + AROUND]]
    return " ".join([*before, "^", *after])


def _tokens(text: str) -> Iterator[tuple[int, str]]:
    for match in _TOKEN.finditer(text):
        group = match.lastgroup
        if group == "string":
            kind = "S"
        elif group == "number":
            kind = "0"
        elif group == "word":
            kind = match.group() if match.group() in WORDS else "N"
        else:
            kind = "\\n" if group == "line" else match.group()
        yield match.end(), kind


def _abstract(text: str) -> list[str]:
    return [kind for _, kind in _tokens(text)]


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:20]
