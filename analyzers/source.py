"""A file's text and its lines: decoding (PEP 263, byte order mark), line starts, offset conversion.

Invariant: no position is ever computed with ``str.splitlines``; lines end at ``\\n``, ``\\r\\n`` and ``\\r`` only,
as in LSP. A form feed or U+2028 does not end a line.
"""

from __future__ import annotations

import codecs
import io
import re
import tokenize
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate, count
from operator import add
from pathlib import Path
from typing import Literal

from .errors import UserError

Encoding = Literal["utf-8", "utf-16", "utf-32"]

#: Larger files are reported, not analysed (bytes).
MAX_BYTES = 8 * 1024 * 1024

#: What ends a line, here and in the protocol.
LINE_END = re.compile(r"\r\n|\n|\r")
_WORD = re.compile(r"\w+")

#: A string literal, or the part of one that is on a line.
LITERAL = re.compile(r"""(?P<quote>\"\"\"|'''|"|')(?:\\.|(?!(?P=quote)).)*(?:(?P=quote)|$)""")


@dataclass(frozen=True, slots=True)
class SourceText:
    """Decoded text with what is needed to write it back byte for byte."""

    text: str
    encoding: str = "utf-8"
    bom: bool = False

    def encode(self, text: str | None = None) -> bytes:
        """The bytes of ``text`` (default: this text) in this file's encoding, with its byte order mark."""
        body = (self.text if text is None else text).encode(self.encoding)
        return codecs.BOM_UTF8 + body if self.bom else body


def decode(data: bytes, name: str = "file") -> SourceText:
    """Decode as Python would (PEP 263), keeping line endings. Raises UserError if that is impossible."""
    if len(data) > MAX_BYTES:
        raise UserError(f"{name} is {len(data) // 1024} KiB; files over {MAX_BYTES // 1024} KiB are not analysed")
    if b"\0" in data[:8192] and not data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise UserError(f"{name} is binary (it contains null bytes), not Python source")
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
    except SyntaxError as error:
        raise UserError(f"{name} cannot be decoded: {error.msg}", "declare its encoding in line 1 or 2") from error
    bom = encoding == "utf-8-sig"
    if bom:
        data, encoding = data[len(codecs.BOM_UTF8) :], "utf-8"
    try:
        text = data.decode(encoding)
    except (UnicodeDecodeError, LookupError) as error:
        raise UserError(f"{name} is not valid {encoding}: {error}", "declare its encoding in line 1 or 2") from error
    return SourceText(text, encoding, bom)


def read_source(path: Path, name: str = "") -> SourceText:
    """Read and decode a file. Raises UserError with a reason a person can act on, which calls the file ``name`` (its
    path, if not given: whoever shows the path beside the reason says "the file")."""
    name = name or str(path)
    try:
        if path.stat().st_size > MAX_BYTES:
            raise UserError(
                f"{name} is {path.stat().st_size // 1024} KiB; files over {MAX_BYTES // 1024} KiB are not analysed"
            )
        data = path.read_bytes()
    except OSError as error:
        raise UserError(f"{name} cannot be read: {error.strerror or error}") from error
    return decode(data, name)


def same_ends(old: Sequence[str], new: Sequence[str]) -> tuple[int, int]:
    """How many items (lines, or the characters of a text) both begin with and, of the rest, both end with."""
    limit = min(len(old), len(new))
    head = next((at for at in range(limit) if old[at] != new[at]), limit)
    tail = next((at for at in range(limit - head) if old[-1 - at] != new[-1 - at]), limit - head)
    return head, tail


@lru_cache(maxsize=1)
def words_once(text: str) -> str:
    """The words of a text, one time each, on lines: a part of a word is found in them much faster than in the text.
    The last answer is kept, for a file is looked at by one part after the other."""
    return "\n".join(set(_WORD.findall(text)))


def line_starts(text: str) -> list[int]:
    """Offsets at which lines start; the first is 0."""
    if "\r" not in text:  # several times faster than the expression
        lengths = [*map(len, text.split("\n"))]
        lengths.pop()
        return [0, *map(add, accumulate(lengths), count(1))]
    return [0, *(match.end() for match in LINE_END.finditer(text))]


class LineIndex:
    """Positions of one text. Lines are looked for at the first question; columns are converted for one line only."""

    __slots__ = ("_starts", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self._starts: list[int] | None = None

    @property
    def starts(self) -> list[int]:
        """Offsets at which the lines start."""
        if self._starts is None:
            self._starts = line_starts(self.text)
        return self._starts

    def position(self, offset: int) -> tuple[int, int]:
        """(line, code-point column), both 0-based."""
        line = bisect_right(self.starts, offset) - 1
        return line, offset - self.starts[line]

    def offset(self, line: int, column: int) -> int:
        """Offset of a code-point column; lines and columns past the end are clamped, as LSP asks."""
        if line >= len(self.starts):
            return len(self.text)
        start, end = self.bounds(line)
        return min(start + column, end)

    def bounds(self, line: int) -> tuple[int, int]:
        """Start and end offset of a line without its line ending."""
        start = self.starts[line]
        if line + 1 == len(self.starts):
            return start, len(self.text)
        end = self.starts[line + 1]
        if self.text.endswith("\r\n", start, end):
            return start, end - 2
        return start, end - 1

    def line(self, line: int) -> str:
        """Text of a line without its line ending."""
        start, end = self.bounds(line)
        return self.text[start:end]


def units_of(text: str, encoding: Encoding) -> int:
    """How many code units ``text`` has in an LSP position encoding."""
    if encoding == "utf-32" or text.isascii():
        return len(text)
    if encoding == "utf-8":
        return len(text.encode("utf-8", "surrogatepass"))
    return len(text) + sum(char > "\uffff" for char in text)


def column_of(line: str, units: int, encoding: Encoding) -> int:
    """Code-point column of a code-unit column in ``line``; clamped; inside a character it rounds down."""
    if encoding == "utf-32" or line.isascii():
        return min(units, len(line))
    if encoding == "utf-8":
        return len(line.encode("utf-8", "surrogatepass")[:units].decode("utf-8", "ignore"))
    seen = 0
    for column, char in enumerate(line):
        seen += 2 if char > "\uffff" else 1
        if seen > units:
            return column
    return len(line)
