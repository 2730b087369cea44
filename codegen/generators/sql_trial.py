"""SQL that is tried for real: every statement of the draft whose text is known is compiled by SQLite in the sandbox,
against the schema of the workspace (``*.sql`` files, and ``CREATE TABLE`` or ``ALTER TABLE`` in texts of Python files).

A statement that is no SQL, a column that its table does not have, and a wrong number of values refuse. A table that is
not known refuses only if it looks like one that is; it may be made elsewhere. Where the schema was not understood as a
whole, or has a table in two ways, a column is no reason to refuse.

Invariant: only for code that uses SQLite, since others speak other dialects; no statement is carried out.
"""

from __future__ import annotations

import ast
import difflib
import os
import re
from collections.abc import Iterable, Iterator
from itertools import chain, islice
from pathlib import Path
from typing import cast

from ...analyzers.errors import Unavailable
from ...analyzers.files import SKIPPED, is_ignored, python_files
from ...analyzers.findings import Evidence, Json
from ...analyzers.sandbox.interface import Limits
from ..validation.level import Level, Subject, Verdict, failed, not_run, passed
from .reading import Reading, line_of, module_imports, read

#: Files that make tables and are read for a schema, files that are looked into for that, and bytes of one of them.
MOST_FILES, MOST_LOOKED_INTO, MOST_BYTES = 60, 5_000, 500_000
_MODULES = ("sqlite3", "aiosqlite")
_CALLS = frozenset({"execute", "executemany", "executescript"})
_MAKES = re.compile(r"\b(?:CREATE\s+(?:TEMP\w*\s+)?|ALTER\s+)TABLE\b", re.IGNORECASE)
_MAKES_BYTES = re.compile(_MAKES.pattern.encode(), re.IGNORECASE)
_OF_COLUMNS = re.compile(r"no such column|has no column|has \d+ columns? but")
_NO_TABLE = re.compile(r"no such table: (?:\w+\.)?(\w+)")


def tried(subject: Subject) -> Verdict:
    reading = read(subject.code, (*module_imports(subject), *subject.imports))
    if reading is None:
        return not_run("this Python does not parse the code")
    asked = list(_asked(reading))
    if not asked or not _uses_sqlite(subject, reading):
        return not_run("there is no SQL for SQLite whose text is known", applies=False)
    if subject.sandbox is None:
        return not_run("no sandbox, or the workspace is not trusted")
    schema = list(_schema(subject))
    payload: dict[str, Json] = {"schema": [*schema], "statements": [text for _, text in asked]}
    try:
        result = subject.sandbox.call(
            "suture.codegen.generators.sql_worker:tried",
            payload,
            root=subject.request.root.resolve(),
            limits=Limits(wall_s=20.0, cpu_s=10.0),
            cancel=subject.cancel,
        )
    except Unavailable as error:
        return not_run(str(error))
    if result.reason != "exit" or not isinstance(result.value, dict):
        return not_run(f"SQLite did not answer in the sandbox ({result.reason})")
    tables = [str(each) for each in cast("list[Json]", result.value["tables"])]
    answers = cast("list[dict[str, Json]]", result.value["answers"])
    faults: list[str] = []
    hints: list[str] = []
    for (call, _), answer in zip(asked, answers, strict=True):
        fault, hint = _judged(call, answer, tables, whole=result.value["whole"] is True)
        faults += [f"SQLite: {fault} ({line_of(call)})"] if fault else []
        hints += [f"SQLite: {hint} ({line_of(call)})"] if hint else []
    if faults:
        return failed("; ".join(dict.fromkeys(faults)))
    count = f"{len(asked)} statement{'s' * (len(asked) > 1)}"
    against = f"against {len(tables)} tables of the workspace" if tables else "no schema was found"
    evidence = Evidence("ran", f"SQLite compiles {count}, {against}", {"statements": len(asked), "tables": [*tables]})
    made = passed(evidence, quality=1.0 if tables and not hints else 0.6)
    return Verdict(made.status, "; ".join(hints), made.evidence, made.quality, hints=tuple(hints))


def _judged(call: ast.Call, answer: dict[str, Json], tables: list[str], *, whole: bool) -> tuple[str, str]:
    """(what refuses, what is a remark)."""
    fault = str(answer["fault"])
    unknown = _NO_TABLE.search(fault)
    if unknown is not None:
        near = difflib.get_close_matches(unknown[1].lower(), [each.lower() for each in tables], 1, 0.75)
        return (f"{fault}; there is {near[0]}", "") if near else ("", fault if tables else "")
    if fault:
        return ("", fault) if not whole and _OF_COLUMNS.search(fault) else (fault, "")
    given = _given(call)
    takes = cast(int, answer["takes"])
    if given is not None and takes >= 0 and given != takes:
        return f"the statement takes {takes} value{'s' * (takes != 1)} and is given {given}", ""
    return "", ""


def _given(call: ast.Call) -> int | None:
    """How many values a call gives; None if that cannot be told."""
    name = call.func.attr if isinstance(call.func, ast.Attribute) else ""
    if name != "execute" or call.keywords or any(isinstance(each, ast.Starred) for each in call.args):
        return None
    if len(call.args) == 1:
        return 0
    values = call.args[1]
    if not isinstance(values, (ast.Tuple, ast.List)) or any(isinstance(each, ast.Starred) for each in values.elts):
        return None
    return len(values.elts)


def _asked(reading: Reading) -> Iterator[tuple[ast.Call, str]]:
    """The calls that ask the database, with the text of the statement if all of it is known."""
    for call in reading.calls():
        if not (isinstance(call.func, ast.Attribute) and call.func.attr in _CALLS and call.args):
            continue
        known = [each for each in reading.values(call.args[0]) if not isinstance(each, ast.Name)]
        if len(known) == 1 and isinstance(known[0], ast.Constant) and isinstance(known[0].value, str):
            yield call, known[0].value


def _uses_sqlite(subject: Subject, reading: Reading) -> bool:
    origins = set(reading.origins.values()) | {each.origin for each in module_imports(subject)}
    return any(each.partition(".")[0] in _MODULES for each in origins)


def _schema(subject: Subject) -> Iterator[str]:
    """Scripts that make tables: those of the file itself, of SQL files, and of other Python files."""
    yield from _in_python(subject.placed.text)
    root = subject.request.root.resolve()
    own = subject.request.path.resolve()
    python = (each.path for each in python_files([root]) if each.path.resolve() != own)
    made = (
        (path, data.decode("utf-8", "replace"))
        for path, data in _contents(islice(chain(_sql_files(root), python), MOST_LOOKED_INTO))
        if _MAKES_BYTES.search(data)
    )
    for path, text in islice(made, MOST_FILES):
        yield from (text,) if path.suffix == ".sql" else _in_python(text)


def _contents(paths: Iterable[Path]) -> Iterator[tuple[Path, bytes]]:
    for path in paths:
        try:
            if path.stat().st_size <= MOST_BYTES:
                yield path, path.read_bytes()
        except OSError:
            continue  # gone meanwhile


def _sql_files(root: Path) -> Iterator[Path]:
    """Those of the workspace itself; folders that hold other people's code are not even listed."""
    for folder, inner, names in os.walk(root):
        inner[:] = sorted(
            each
            for each in inner
            if each not in SKIPPED and not os.path.exists(os.path.join(folder, each, "pyvenv.cfg"))
        )
        for name in sorted(names):
            path = Path(folder, name)
            if path.suffix == ".sql" and not is_ignored(path, root):
                yield path


def _in_python(text: str) -> Iterator[str]:
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError):
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and _MAKES.match(node.value.lstrip()):
            yield node.value


LEVEL = Level(
    "statements",
    60,
    8.0,
    tried,
    "sandbox",
    about="SQLite compiles every statement whose text is known against the schema of the workspace, in the sandbox",
)
