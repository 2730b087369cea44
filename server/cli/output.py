"""How commands print: ``text`` for people (colour where the terminal has it), ``json``, ``json-lines``.

Invariant: standard output carries results only; progress and errors go to standard error.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

from ...analyzers.findings import Json

if TYPE_CHECKING:
    from rich.console import Console

Format = Literal["text", "json", "json-lines", "sarif", "github"]


def add_output_format(parser: argparse.ArgumentParser, *extra: str) -> None:
    """Adds ``--output-format``; ``extra`` are formats that only this command knows."""
    choices = ("text", "json", "json-lines", *extra)
    parser.add_argument("--output-format", choices=choices, default="text", help="how to print (default: text)")


def print_json(value: Json) -> None:
    """One JSON document, indented."""
    print(_written(value, indent=2))


def print_line(value: Json) -> None:
    """One object of a JSON-lines stream, flushed at once."""
    print(_written(value), flush=True)


def _written(value: Json, indent: int | None = None) -> str:
    """JSON that any stream takes: a byte of a file name that is no UTF-8 is escaped, as JSON escapes it."""
    return json.dumps(value, indent=indent, ensure_ascii=False).encode("utf-8", "backslashreplace").decode("utf-8")


def print_all(values: Sequence[Json], output_format: str) -> None:
    if output_format == "json":
        print_json(list(values))
    else:
        for value in values:
            print_line(value)


def console(stderr: bool = False) -> Console:
    """A rich console; plain text when the stream is not a terminal or NO_COLOR is set."""
    from rich.console import Console

    return Console(stderr=stderr, highlight=False, soft_wrap=True, file=sys.stderr if stderr else sys.stdout)
