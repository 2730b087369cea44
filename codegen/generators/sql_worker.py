"""Runs inside the sandbox: compiles SQL statements against a schema, in a database in memory.

``EXPLAIN`` makes SQLite compile a statement, which finds its tables and columns, and does not carry it out.

Invariant: called through ``Sandbox.call`` only; nothing but the schema's ``CREATE`` and ``ALTER`` is carried out.
"""

from __future__ import annotations

import contextlib
import re
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import cast

from ...analyzers.findings import Json

_SCHEMA = re.compile(r"\s*(?:CREATE\s+(?:TABLE|VIEW|UNIQUE|INDEX|TEMP\w*)|ALTER\s+TABLE)\b", re.IGNORECASE)
_LEADING = re.compile(r"(?:\s|--[^\n]*|/\*.*?(?:\*/|\Z))*", re.DOTALL)
_TABLE = re.compile(r"CREATE\s+TABLE\s+(?:IF\s+NOT\s+EXISTS\s+)?[\"'`\[]?(\w+)", re.IGNORECASE)
_USES = re.compile(r"uses (\d+)")


def tried(payload: Mapping[str, Json], emit: Callable[[Json], None]) -> Json:
    """``{"schema": [script], "statements": [text]}`` → ``{"tables": [name], "whole": bool, "answers": [...]}``.

    ``whole``: every statement of the schema was understood, and no table is made in two ways. An answer is
    ``{"fault", "takes"}``: what SQLite says against the statement (empty: nothing) and how many values it takes (-1: it
    cannot be told)."""
    del emit
    with contextlib.closing(sqlite3.connect(":memory:", isolation_level=None)) as database:
        whole = _made(database, cast("Sequence[str]", payload["schema"]))
        tables = [str(name) for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type <> 'index'")]
        answers: list[Json] = [_answer(database, each) for each in cast("Sequence[str]", payload["statements"])]
    return {"tables": [*tables], "whole": whole, "answers": answers}


def _made(database: sqlite3.Connection, scripts: Sequence[str]) -> bool:
    """Carry out what makes tables; others are left for a second try, since one may need another. Whether all could,
    and nothing is made twice in two ways."""
    left = [each for script in scripts for each in statements(script) if _SCHEMA.match(each)]
    known: dict[str, str] = {}
    one_way = True
    for each in left:
        table = _TABLE.match(each)
        if table is not None:
            written = " ".join(each[table.end() :].rstrip("; \t\r\n").split())
            one_way = known.setdefault(table[1].lower(), written) == written and one_way
    for _ in range(3):
        failed: list[str] = []
        for each in left:
            try:
                database.execute(each)
            except sqlite3.Error as error:
                failed += [] if "already exists" in str(error) or "duplicate column" in str(error) else [each]
        left = failed
    return one_way and not left


def statements(script: str) -> Iterator[str]:
    """The statements of a script, without comments before them."""
    waiting = ""
    for part in (*re.split(r"(?<=;)", script), None):
        waiting += part or ""
        if part is None or sqlite3.complete_statement(waiting):
            leading = _LEADING.match(waiting)
            statement = waiting[leading.end() :] if leading is not None else waiting
            if statement.strip("; \t\r\n"):
                yield statement
            waiting = ""


def _answer(database: sqlite3.Connection, text: str) -> Json:
    takes = 0
    for each in statements(text):
        try:
            database.execute(f"EXPLAIN {each}")
        except sqlite3.ProgrammingError as error:  # compiled; only the values are missing
            found = _USES.search(str(error))
            if found is None or takes < 0:
                takes = -1
            else:
                takes += int(found[1])
        except sqlite3.Error as error:
            if "already exists" not in str(error):  # the draft's own table, which the schema has too
                return {"fault": str(error), "takes": 0}
    return {"fault": "", "takes": takes}
