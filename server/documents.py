"""Open documents: UTF-8 bytes and the byte length of every line, spliced in place.

Invariant: an edit costs what the edit and its lines are long, not what the file is long (but for memory moves).
Invariant: a line ends at ``\\n``, ``\\r\\n`` or ``\\r`` only; positions past the end are clamped; a position inside a
character is the character's start; a position never lies between ``\\r`` and ``\\n``.
Invariant: a lone surrogate, which has no UTF-8 form, is kept as U+FFFD: as wide in every position encoding.
A document is live: take a :meth:`Document.snapshot` before an ``await``.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, cast
from urllib.parse import unquote

from lsprotocol import types
from pygls.uris import to_fs_path
from pygls.workspace import PositionCodec, TextDocument, Workspace

from ..analyzers.errors import UserError
from ..analyzers.findings import Range
from ..analyzers.source import Encoding, LineIndex, column_of, read_source, units_of

if TYPE_CHECKING:
    from ..analyzers.engine import Engine

_LINE_END = re.compile(rb"\r\n|\n|\r")
_SURROGATE = re.compile("[\ud800-\udfff]")

#: More changes than this in one go are given to the engine as one, found by comparing before and after.
MAX_SPLICES = 8

Point = tuple[int, int]


class Splice(NamedTuple):
    """One replacement in bytes, in tree-sitter's terms: points are (row, byte column), rows end at ``\\n`` only."""

    start_byte: int
    old_end_byte: int
    new_end_byte: int
    start_point: Point
    old_end_point: Point
    new_end_point: Point


EngineFactory = Callable[[str, bytes], "Engine"]


def default_engine(path: str, data: bytes) -> Engine:
    """The keystroke engine, imported when the first document is analysed."""
    from ..analyzers.engine import Engine

    return Engine(path, data)


def encode(text: str) -> bytes:
    """UTF-8, with U+FFFD for lone surrogates."""
    try:
        return text.encode("utf-8")
    except UnicodeEncodeError:
        joined = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        return _SURROGATE.sub("\ufffd", joined).encode("utf-8")


def line_lengths(data: bytes | bytearray) -> list[int]:
    """Byte lengths of the lines, line endings included; never empty; the last has no ending."""
    if b"\r" not in data:
        lengths = [len(line) + 1 for line in data.split(b"\n")]
        lengths[-1] -= 1
        return lengths
    ends = [match.end() for match in _LINE_END.finditer(data)]
    return [b - a for a, b in zip([0, *ends], [*ends, len(data)], strict=True)]


def difference(old: bytes, new: bytes) -> tuple[int, int, int]:
    """(start, old end, new end) of the smallest replacement of bytes; whole characters only."""
    limit = min(len(old), len(new))
    start = _common(limit, lambda a, b: old[a:b] == new[a:b])
    while start and start < limit and (old[start] & 0xC0 == 0x80 or new[start] & 0xC0 == 0x80):
        start -= 1
    n, m = len(old), len(new)
    tail = _common(limit - start, lambda a, b: old[n - b : n - a] == new[m - b : m - a])
    while tail and old[n - tail] & 0xC0 == 0x80:
        tail -= 1
    return start, n - tail, m - tail


def _common(limit: int, same: Callable[[int, int], bool]) -> int:
    """The largest ``k <= limit`` such that the first ``k`` are the same; ``same(a, b)`` compares ``a:b``."""
    low, high = 0, limit
    while low < high:
        middle = (low + high + 1) // 2
        if same(low, middle):
            low = middle
        else:
            high = middle - 1
    return low


class Positions:
    """Conversions between editor ranges (code points) and LSP ranges, for anything with lines.

    Both lines and columns are clamped. Subclasses give ``encoding``, ``line_count`` and ``line_text``."""

    __slots__ = ()

    encoding: Encoding

    @property
    def line_count(self) -> int:
        raise NotImplementedError

    def line_text(self, line: int) -> str:
        """Text of a line without its line ending."""
        raise NotImplementedError

    def lsp_position(self, line: int, column: int) -> dict[str, int]:
        """An LSP position from a line and a code-point column."""
        if line >= self.line_count:
            last = self.line_count - 1
            return {"line": last, "character": units_of(self.line_text(last), self.encoding)}
        if column == 0 or self.encoding == "utf-32":
            return {"line": line, "character": min(column, len(self.line_text(line)))}
        return {"line": line, "character": units_of(self.line_text(line)[:column], self.encoding)}

    def lsp_range(self, value: Range) -> dict[str, dict[str, int]]:
        """An LSP range as a plain dict."""
        if value.line == value.end_line < self.line_count:  # one look at the line is enough
            text, encoding = self.line_text(value.line), self.encoding
            return {
                "start": {"line": value.line, "character": units_of(text[: value.column], encoding)},
                "end": {"line": value.line, "character": units_of(text[: value.end_column], encoding)},
            }
        return {
            "start": self.lsp_position(value.line, value.column),
            "end": self.lsp_position(value.end_line, value.end_column),
        }

    def position_of(self, position: types.Position) -> tuple[int, int]:
        """(line, code-point column) of an LSP position."""
        if position.line >= self.line_count:
            last = self.line_count - 1
            return last, len(self.line_text(last))
        return position.line, column_of(self.line_text(position.line), position.character, self.encoding)

    def range_of(self, value: types.Range) -> Range:
        """An editor range from an LSP range."""
        return Range(*self.position_of(value.start), *self.position_of(value.end))


@dataclass(frozen=True)
class Snapshot(Positions):
    """What a document was at one version: safe to keep across an ``await`` and to send to a worker."""

    uri: str
    path: str
    version: int | None
    text: str
    encoding: Encoding = "utf-16"  # pyright: ignore[reportIncompatibleVariableOverride]  # fixed once frozen

    @cached_property
    def index(self) -> LineIndex:
        return LineIndex(self.text)

    @property
    def python(self) -> str:
        """The text as Python sees it, of the same length."""
        return self.text

    @property
    def line_count(self) -> int:
        return len(self.index.starts)

    def line_text(self, line: int) -> str:
        return self.index.line(line)


class Document(TextDocument, Positions):
    """A text document that replaces pygls' own at its seams."""

    def __init__(
        self,
        uri: str,
        text: str,
        version: int | None = None,
        language_id: str | None = None,
        encoding: Encoding = "utf-16",
        engine: EngineFactory = default_engine,
    ) -> None:
        super().__init__(uri, "", version, language_id, position_codec=PositionCodec(encoding))
        self.encoding = encoding
        self.opened = version is not None
        self._engine_factory = engine
        self._load(encode(text))

    def _load(self, data: bytes) -> None:
        self._data: bytes | bytearray = data  # spliced in place while changes come that nobody looks at one by one
        self._lengths = line_lengths(data)
        self._anchor = (0, 0)
        self._lone_cr = _lone_returns(data)
        self._engine: Engine | None = None
        self._engine_data = b""  # the text that the engine has
        self._pending: list[tuple[Splice, bytes]] | None = []  # what it has not seen yet; None: compare the texts
        self._forget()

    def _forget(self) -> None:
        """Drop what was derived from the text of the last version."""
        self._text: str | None = None
        self._starts: list[int] | None = None

    # -- reading -------------------------------------------------------------------------------------------------

    @property
    def data(self) -> bytes:
        """The text in UTF-8."""
        if not isinstance(self._data, bytes):
            self._data = bytes(self._data)
        return self._data

    @property
    def text(self) -> str:
        if self._text is None:
            self._text = self._data.decode("utf-8")
        return self._text

    @property
    def source(self) -> str:
        return self.text

    @property
    def lines(self) -> Sequence[str]:
        return tuple(
            self._data[a : a + n].decode("utf-8") for a, n in zip(self._line_starts(), self._lengths, strict=True)
        )

    @property
    def line_count(self) -> int:
        return len(self._lengths)

    def line_text(self, line: int) -> str:
        return self._line_bytes(line).decode("utf-8")

    @property
    def python(self) -> str:
        """The text as Python sees it, of the same length."""
        return self.text

    def snapshot(self) -> Snapshot:
        return Snapshot(self.uri, self.path, self.version, self.text, self.encoding)

    @property
    def analysis(self) -> Engine:
        """The keystroke engine, brought up to this version."""
        if self._engine is None:
            self._engine = self._engine_factory(self.path, self.data)
        elif self._pending is None:
            splice = splice_between(self._engine_data, self.data)
            if splice is not None:
                self._engine.edit(*splice, self.data)
        else:
            for splice, data in self._pending:
                self._engine.edit(*splice, data)
        self._pending, self._engine_data = [], self.data
        return self._engine

    # -- positions -----------------------------------------------------------------------------------------------

    def offset(self, line: int, column: int) -> int:
        """Offset in code points of a line and a code-point column, both clamped."""
        if line >= self.line_count:
            return len(self.text)
        start = self.line_start(line)
        text = self.line_text(line)
        return self._code_points(start) + min(column, len(text))

    def position(self, offset: int) -> tuple[int, int]:
        """(line, code-point column) of an offset in code points, clamped."""
        text = self.text
        offset = max(0, min(offset, len(text)))
        byte = offset if len(text) == len(self._data) else len(text[:offset].encode("utf-8"))
        starts = self._line_starts()
        line = bisect_right(starts, byte) - 1
        column = len(self._data[starts[line] : byte].decode("utf-8"))
        return line, min(column, len(self.line_text(line)))

    def offset_at_position(self, client_position: types.Position) -> int:
        return self.offset(*self.position_of(client_position))

    def byte_at(self, line: int, units: int) -> tuple[int, int, int]:
        """(line, byte column, byte offset) of an LSP position, clamped."""
        if line >= self.line_count:
            line = self.line_count - 1
            column = self._lengths[line]
        else:
            column = _byte_column(self._line_bytes(line), units, self.encoding)
        return line, column, self.line_start(line) + column

    def _code_points(self, byte: int) -> int:
        head = self._data[:byte]
        return byte if head.isascii() else len(head.decode("utf-8"))

    def _line_bytes(self, line: int) -> bytes | bytearray:
        start = self.line_start(line)
        content = self._data[start : start + self._lengths[line]]
        if content.endswith(b"\r\n"):
            return content[:-2]
        return content[:-1] if content.endswith((b"\n", b"\r")) else content

    def line_start(self, line: int) -> int:
        """Byte offset of a line; near the last one asked for, only the lines between are added up."""
        if self._starts is not None:
            return self._starts[line]
        known, start = self._anchor
        if line >= known:
            start += sum(self._lengths[known:line])
        elif line < known - line:
            start = sum(self._lengths[:line])
        else:
            start -= sum(self._lengths[line:known])
        self._anchor = (line, start)
        return start

    def _line_starts(self) -> list[int]:
        if self._starts is None:
            self._starts = [0, *accumulate(self._lengths[:-1])]
        return self._starts

    # -- editing -------------------------------------------------------------------------------------------------

    def apply_change(self, change: types.TextDocumentContentChangeEvent) -> None:
        if isinstance(change, types.TextDocumentContentChangePartial):
            start, end = change.range.start, change.range.end
            self.splice((start.line, start.character), (end.line, end.character), change.text)
        else:
            self.replace(change.text)

    def replace(self, text: str) -> None:
        """A full-text change: only what differs reaches the engine."""
        data = encode(text)
        self._data = data
        self._lengths = line_lengths(data)
        self._lone_cr = _lone_returns(data)
        self._anchor = (0, 0)
        self._pending = None
        self._forget()

    def splice(self, start: tuple[int, int], end: tuple[int, int], text: str) -> Splice:
        """Replace an LSP range (line, code unit) by ``text``; what the engine has to know is kept and returned."""
        if end < start:
            start, end = end, start
        first, start_column, start_byte = self.byte_at(*start)
        last, end_column, end_byte = self.byte_at(*end)
        new = encode(text)

        # A line ending may join the line before (\r + \n) or break there, so that line is measured again as well.
        head = first - 1 if first else 0
        head_byte = self.line_start(head)
        tail_byte = self.line_start(last) + self._lengths[last]
        plain = self._lone_cr == 0 and b"\r" not in new
        start_point = (first, start_column) if plain else _point(self._data, start_byte)
        old_end_point = (last, end_column) if plain else _point(self._data, end_byte)
        old_returns = 0 if plain else _lone_returns(self._data[head_byte:tail_byte])

        if self._pending is None:  # one of many
            self._data = bytearray(self._data) if isinstance(self._data, bytes) else self._data
            self._data[start_byte:end_byte] = new
        else:
            view = memoryview(self._data)
            self._data = b"".join((view[:start_byte], new, view[end_byte:]))
        new_end_byte = start_byte + len(new)
        region = self._data[head_byte : tail_byte + new_end_byte - end_byte]
        lengths = line_lengths(region)
        if last + 1 < len(self._lengths):
            lengths.pop()  # the region ended with a line ending: what follows it is the next, untouched line
        self._lengths[head : last + 1] = lengths
        self._anchor = (head, head_byte)
        self._forget()
        if plain:
            rows = new.count(b"\n")
            new_end_point = (first + rows, len(new) - new.rfind(b"\n") - 1 if rows else start_column + len(new))
        else:
            self._lone_cr += _lone_returns(region) - old_returns
            new_end_point = _point(self._data, new_end_byte)
        splice = Splice(start_byte, end_byte, new_end_byte, start_point, old_end_point, new_end_point)
        if self._engine is not None and self._pending is not None:
            if len(self._pending) < MAX_SPLICES:
                self._pending.append((splice, self.data))
            else:
                self._pending = None
        return splice


class DocumentWorkspace(Workspace):
    """pygls' workspace with :class:`Document` at its seams."""

    def __init__(
        self,
        root_uri: str | None,
        folders: Sequence[types.WorkspaceFolder],
        encoding: Encoding,
        engine: EngineFactory = default_engine,
    ) -> None:
        self.encoding: Encoding = encoding
        self._engine_factory = engine
        super().__init__(root_uri, types.TextDocumentSyncKind.Incremental, folders, encoding)

    def _create_text_document(
        self, doc_uri: str, source: str | None = None, version: int | None = None, language_id: str | None = None
    ) -> Document:
        if source is None:
            source = read_source(path_of(doc_uri)).text
        return Document(doc_uri, source, version, language_id, self.encoding, self._engine_factory)

    def put_cell(self, cell: Document, notebook: str) -> None:
        """Open a cell of a notebook (its URI)."""
        self._text_documents[unquote(cell.uri)] = cell
        self._cell_in_notebook[unquote(cell.uri)] = unquote(notebook)

    def notebook_of(self, uri: str) -> str:
        """The URI of the notebook that a cell belongs to, unquoted; empty for other documents."""
        return cast("Mapping[str, str]", self._cell_in_notebook).get(unquote(uri), "")

    def cells_beside(self, uri: str) -> tuple[Document, ...]:
        """The other open cells of a cell's notebook; none for other documents."""
        notebook = self.notebook_of(uri)
        if not notebook:
            return ()
        return tuple(each for each in self.open_documents if self.notebook_of(each.uri) == notebook and each.uri != uri)

    def update_text_document(
        self, text_doc: types.VersionedTextDocumentIdentifier, change: types.TextDocumentContentChangeEvent
    ) -> None:
        document = self.opened(text_doc.uri)
        if document is None:
            raise UserError(f"{text_doc.uri} is not open")
        document.apply_change(change)
        document.version = text_doc.version

    def get_text_document(self, doc_uri: str) -> Document:
        """The open document, or one read from disk (PEP 263, byte order mark). Raises UserError if unreadable."""
        return self.opened(doc_uri) or self._create_text_document(doc_uri)

    def opened(self, uri: str) -> Document | None:
        """The document if the editor has it open."""
        return cast("Mapping[str, Document]", self.text_documents).get(unquote(uri))

    @property
    def open_documents(self) -> tuple[Document, ...]:
        return tuple(cast("Mapping[str, Document]", self.text_documents).values())

    @property
    def roots(self) -> tuple[Path, ...]:
        """The folders of the workspace, else its root, else nothing. Absolute paths."""
        uris = [folder.uri for folder in cast("Mapping[str, types.WorkspaceFolder]", self.folders).values()]
        if not uris and self.root_uri is not None:
            uris = [self.root_uri]
        return tuple(Path(path) for path in map(to_fs_path, uris) if path)

    def root_of(self, path: str | Path) -> Path | None:
        """The innermost root that holds ``path``; None if it lies outside all of them."""
        inside = [root for root in self.roots if Path(path).is_relative_to(root)]
        return max(inside, key=lambda root: len(root.parts), default=None)


def path_of(uri: str) -> Path:
    """The path of a ``file:`` URI. Raises UserError for another scheme."""
    path = to_fs_path(uri) if uri.startswith("file:") else None
    if path is None:
        raise UserError(f"{uri} is not a file on this machine")
    return Path(path)


def splice_between(old: bytes, new: bytes) -> Splice | None:
    """The one replacement that leads from ``old`` to ``new``; None if they are the same."""
    start, old_end, new_end = difference(old, new)
    if start == old_end == new_end:
        return None
    points = (_point(old, start), _point(old, old_end), _point(new, new_end))
    return Splice(start, old_end, new_end, *points)


def _point(data: bytes | bytearray, byte: int) -> Point:
    """Tree-sitter's point of a byte: rows end at ``\\n`` only."""
    return data.count(b"\n", 0, byte), byte - (data.rfind(b"\n", 0, byte) + 1)


def _lone_returns(data: bytes | bytearray) -> int:
    return data.count(b"\r") - data.count(b"\r\n")


def _byte_column(line: bytes | bytearray, units: int, encoding: Encoding) -> int:
    """Byte column of a code-unit column in a line without its ending; clamped, rounded down to a character."""
    if line.isascii():
        return min(units, len(line))
    text = line.decode("utf-8")
    return len(text[: column_of(text, units, encoding)].encode("utf-8"))
