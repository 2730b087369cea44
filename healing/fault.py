"""What went wrong in a run: the one value that every diagnosis gives and every repair reads.

Lines and columns are 0-based here and 1-based in :meth:`Fault.to_json`, as everywhere in Suture.

Invariant: a fault is plain data about a run that happened; it holds no file content beyond the lines that the
toolchain printed, and nothing here reads a file.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from ..analyzers.findings import Json

#: The categories of the command-line contract.
Category = Literal[
    "syntax", "name", "dependency", "type", "runtime", "test", "hang", "flaky", "config", "compile", "none"
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Frame:
    """One call of a traceback, outermost first in a fault. ``text`` is the source line as printed, stripped;
    ``mark`` is the marked part of it, (start, end) in ``text``, where the toolchain marked one."""

    path: str
    line: int
    function: str = ""
    text: str = ""
    mark: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class Suggested:
    """A change that a compiler itself proposes. ``changes`` are (path, (line, column), (line, column), new text), in
    code points; ``sure`` if the compiler calls it safe to apply by a machine."""

    title: str
    changes: tuple[tuple[str, tuple[int, int], tuple[int, int], str], ...]
    sure: bool = False


@dataclass(frozen=True, slots=True)
class Fault:
    """A failure, its place and the calls that led there.

    ``path`` is empty and ``line`` -1 where no place is known. ``column`` and ``end_column`` are -1 where only the line
    is known. ``cause`` is the exception that this one was raised from or during the handling of. ``tests`` are the
    ids of the failing tests, the one described here first. ``code`` is the compiler's name of the error (``E0425``,
    ``TS2304``), ``suggested`` what it would change; ``others`` are the further errors of the same compiler run, in the
    order in which it printed them.
    """

    category: Category
    language: str = "python"
    exception: str = ""
    message: str = ""
    path: str = ""
    line: int = -1
    column: int = -1
    end_column: int = -1
    frames: tuple[Frame, ...] = ()
    cause: Fault | None = None
    tests: tuple[str, ...] = ()
    notes: tuple[str, ...] = field(default=())
    code: str = ""
    suggested: tuple[Suggested, ...] = ()
    others: tuple[Fault, ...] = ()

    def same_as(self, other: Fault) -> bool:
        """Whether both describe one failure: same kind, same place, same words."""
        return (self.category, self.exception, self.message, self.path, self.line) == (
            other.category,
            other.exception,
            other.message,
            other.path,
            other.line,
        )

    def to_json(self) -> dict[str, Json]:
        """The ``fault`` object of the command-line contract."""
        return {
            "category": self.category,
            "language": self.language,
            "exception": self.exception,
            "path": self.path,
            "line": self.line + 1 if self.line >= 0 else None,
            "column": self.column + 1 if self.column >= 0 else None,
            "message": self.message,
            "tests": list(self.tests),
            "notes": list(self.notes),
        }


NO_FAULT = Fault("none", language="")
