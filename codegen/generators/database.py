"""Code that asks a database: parameters instead of text put together, connections that are closed, transactions that
end, locks in one order, migrations that work on tables with rows in them."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator

from ..context.index import Index
from ..context.pieces import Piece
from ..context.similar import calling_pieces
from ..drafter import Task
from ..validation.level import Level, Subject
from . import sql_trial
from .reading import Reading, Said, line_of, static_check
from .signs import Signs, fit_of
from .strategy import Fit, Strategy

_MODULES = frozenset(
    {"sqlite3", "sqlalchemy", "psycopg", "psycopg2", "asyncpg", "pymysql", "MySQLdb", "mysql.connector", "aiosqlite"}
    | {"duckdb", "django.db", "peewee", "databases", "alembic"}
)
_SIGNS = Signs(
    words=(
        (r"databases?|sqlite3?|postgres(?:ql)?|mysql|mariadb|sqlalchemy", 0.5),
        (r"sql|quer(?:y|ies)|cursors?|connections?", 0.3),
        (r"tables?|rows?|columns?|schemas?|foreign keys?|primary keys?", 0.3),
        (r"transactions?|commits?|rollbacks?|deadlocks?|isolation level", 0.4),
        (r"migrat\w+|alter table|create table", 0.5),
        (r"(?:insert|select|update|delete|upsert)s?\b.*\b(?:from|into|table|rows?|users?|records?)", 0.35),
    ),
    modules=_MODULES,
    types=((r"\b(?:sqlite3\.)?(?:Async)?Connection\b|\bCursor\b|\bEngine\b|\b(?:Async)?Session\b", 0.45),),
)

_EXECUTE = frozenset(
    {"execute", "executemany", "executescript", "fetch", "fetchrow", "fetchval", "read_sql", "raw", "text"}
)
_CONNECT = ("sqlite3.connect", "psycopg.connect", "psycopg2.connect", "pymysql.connect", "MySQLdb.connect",
            "mysql.connector.connect", "aiosqlite.connect", "asyncpg.connect", "duckdb.connect")  # fmt: skip
_SQL = re.compile(r"\s*(?:SELECT|INSERT|UPDATE|DELETE|REPLACE|WITH|CREATE|ALTER|DROP|MERGE)\b", re.IGNORECASE)
_WRITE = re.compile(r"\s*(?:INSERT|UPDATE|DELETE|REPLACE|MERGE)\b", re.IGNORECASE)


def fits(task: Task) -> Fit:
    return fit_of(task, _SIGNS)


def context(index: Index, path: str) -> Iterable[Piece]:
    """How this workspace asks its database."""
    return calling_pieces(index, ("execute", "executemany", "session.scalars", "objects.filter", "connect"), path)


# --- the check -------------------------------------------------------------------------------------------------------


def look(reading: Reading, subject: Subject) -> Said:
    statements = list(_statements(reading))
    faults: list[str] = []
    hints: list[str] = []
    for call, sql in statements:
        part = _dynamic(reading, sql)
        if part is not None:
            faults.append(
                f"the statement is put together from {part} ({line_of(call)}): pass values as parameters of execute()"
            )
    opened = list(_opened(reading))
    faults += [f"the connection is not closed if something fails ({line_of(each)}): use with or closing()"
               for each in opened if not _closed(reading, each)]  # fmt: skip
    hints += [f"sqlite3's with ends the transaction and does not close ({line_of(each)}): closing() does"
              for each in opened if _left_open(reading, each)]  # fmt: skip
    writes = [call for call, sql in statements if _WRITE.match(_text(reading, sql))]
    if writes and not _in_transaction(reading):
        if opened and len(writes) == 1:
            faults.append(f"what is written is never committed ({line_of(writes[0])})")
        elif len(writes) > 1:
            faults.append("several writes are not one transaction: if the second fails, the first stays half done")
    faults += _migration(reading)
    hints += _locks(reading, subject)
    looked_at = f"parameters and transactions of {len(statements)} statement{'s' * (len(statements) > 1)}"
    return Said(tuple(faults), tuple(hints), looked_at if statements or opened else "")


def _statements(reading: Reading) -> Iterator[tuple[ast.Call, ast.expr]]:
    for call in reading.calls():
        name = (
            call.func.attr
            if isinstance(call.func, ast.Attribute)
            else call.func.id
            if isinstance(call.func, ast.Name)
            else ""
        )
        if name not in _EXECUTE or not call.args:
            continue
        first = call.args[0]
        if name in ("fetch", "raw", "text") and not _SQL.match(_text(reading, first)):
            continue  # a name that means much else
        yield call, first


#: Names that are being looked at: one that grows (``sql = sql + …``) is judged by what else it is given.
_Seen = frozenset[str]


def _with(seen: _Seen, node: ast.expr) -> _Seen:
    return seen | {node.id} if isinstance(node, ast.Name) else seen


def _text(reading: Reading, sql: ast.expr, seen: _Seen = frozenset()) -> str:
    """What is known of a statement's text."""
    if isinstance(sql, ast.Name) and sql.id in seen:
        return ""
    seen = _with(seen, sql)
    for value in reading.values(sql):
        if isinstance(value, ast.Constant) and isinstance(value.value, str):
            return value.value
        if isinstance(value, ast.JoinedStr):
            return "".join(str(each.value) if isinstance(each, ast.Constant) else "?" for each in value.values)
        if isinstance(value, ast.BinOp):
            return _text(reading, value.left, seen)
        if isinstance(value, ast.Call) and isinstance(value.func, ast.Attribute):
            inner = value.func.value if value.func.attr in ("format", "strip", "join") else (value.args or [None])[0]
            if inner is not None:
                return _text(reading, inner, seen)
        if isinstance(value, ast.Call) and value.args:
            return _text(reading, value.args[0], seen)
    return ""


def _dynamic(reading: Reading, sql: ast.expr, seen: _Seen = frozenset()) -> str | None:
    """The part of a statement that is not fixed text, in words; None if all of it is."""
    if isinstance(sql, ast.Name) and sql.id in seen:
        return None
    seen = _with(seen, sql)
    for value in reading.values(sql):
        if isinstance(value, ast.JoinedStr):
            for each in value.values:
                if isinstance(each, ast.FormattedValue) and not _harmless(reading, each.value, seen):
                    return f"{{{ast.unparse(each.value)}}}"
        elif isinstance(value, ast.BinOp) and isinstance(value.op, ast.Mod):
            if not _harmless(reading, value.right, seen):
                return f"% {ast.unparse(value.right)}"
        elif isinstance(value, ast.BinOp) and isinstance(value.op, ast.Add):
            for side in (value.left, value.right):
                if not _harmless(reading, side, seen):
                    found = _dynamic(reading, side, seen)
                    return found or ast.unparse(side)
        elif isinstance(value, ast.Call) and isinstance(value.func, ast.Attribute) and value.func.attr == "format":
            loose = [
                each
                for each in (*value.args, *(key.value for key in value.keywords))
                if not _harmless(reading, each, seen)
            ]
            if loose:
                return f"format({ast.unparse(loose[0])})"
        elif isinstance(value, ast.Call) and reading.dotted(value.func).endswith("text") and value.args:
            return _dynamic(reading, value.args[0], seen)
    return None


def _harmless(reading: Reading, node: ast.expr, seen: _Seen = frozenset(), depth: int = 4) -> bool:
    """Whether a part can only be text that the code itself holds: constants, and ``", ".join("?" for …)``."""
    if depth == 0:
        return False
    if isinstance(node, ast.Constant):
        return True
    if isinstance(node, (ast.Tuple, ast.List)):
        return all(_harmless(reading, each, seen, depth - 1) for each in node.elts)
    if isinstance(node, ast.JoinedStr):
        return all(
            isinstance(each, ast.Constant)
            or (isinstance(each, ast.FormattedValue) and _harmless(reading, each.value, seen, depth - 1))
            for each in node.values
        )
    if isinstance(node, ast.BinOp):
        if isinstance(node.op, ast.Mult):  # "?" * n, ["?"] * n
            return _harmless(reading, node.left, seen, depth - 1) or _harmless(reading, node.right, seen, depth - 1)
        return _harmless(reading, node.left, seen, depth - 1) and _harmless(reading, node.right, seen, depth - 1)
    if isinstance(node, ast.IfExp):
        return _harmless(reading, node.body, seen, depth - 1) and _harmless(reading, node.orelse, seen, depth - 1)
    if isinstance(node, ast.Subscript):  # a fixed table of the code: COLUMNS[name]
        return isinstance(node.value, ast.Name) and any(
            isinstance(each, ast.Dict) and all(_harmless(reading, item, seen, depth - 1) for item in each.values)
            for each in reading.assigned.get(node.value.id, ())
        )
    if (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in ("join", "rstrip", "strip")
    ):
        inner = node.args[0] if node.func.attr == "join" and node.args else node.func.value
        if isinstance(inner, (ast.GeneratorExp, ast.ListComp)):
            return _harmless(reading, inner.elt, seen, depth - 1)
        return _harmless(reading, inner, seen, depth - 1)
    if isinstance(node, ast.Call) and reading.dotted(node.func) in ("len", "int"):
        return True
    if isinstance(node, ast.Name):
        if node.id in seen:
            return _all_is_known(reading, node.id)
        seen = _with(seen, node)
        given = reading.assigned.get(node.id, [])
        return (bool(given) and all(_harmless(reading, each, seen, depth - 1) for each in given)) or node.id.isupper()
    return False


def _all_is_known(reading: Reading, name: str) -> bool:
    """Whether a name has no value but those that it is given by assignments: it is no parameter, no loop's variable."""
    nodes = list(ast.walk(reading.tree))
    bound = sum(isinstance(each, ast.Name) and each.id == name and isinstance(each.ctx, ast.Store) for each in nodes)
    given = any(isinstance(each, ast.arg) and each.arg == name for each in nodes)
    return not given and 0 < bound == len(reading.assigned.get(name, ()))


def _opened(reading: Reading) -> Iterator[ast.Call]:
    for call in reading.calls():
        if reading.dotted(call.func) in _CONNECT:
            yield call


def _closed(reading: Reading, call: ast.Call) -> bool:
    """Whether a connection is closed however the function ends, or handed on to who will."""
    for around in reading.around(call):
        if isinstance(around, (ast.Return, ast.Yield, ast.YieldFrom)):
            return True
        if isinstance(around, ast.withitem):
            return True
        if isinstance(around, (ast.Assign, ast.AnnAssign)):
            targets = around.targets if isinstance(around, ast.Assign) else [around.target]
            if any(isinstance(each, ast.Attribute) for each in targets):
                return True  # the object keeps it
            names = {each.id for each in targets if isinstance(each, ast.Name)}
            return _closed_by_name(reading, names)
    return False


def _left_open(reading: Reading, call: ast.Call) -> bool:
    """``with sqlite3.connect(…)``: sqlite3's own context manager ends the transaction, and closes nothing."""
    return reading.dotted(call.func) == "sqlite3.connect" and isinstance(reading.parents.get(call), ast.withitem)


def _closed_by_name(reading: Reading, names: set[str]) -> bool:
    for node in ast.walk(reading.tree):
        if isinstance(node, (ast.Return, ast.Yield)) and isinstance(node.value, ast.Name) and node.value.id in names:
            return True
        if isinstance(node, ast.Try):
            for each in node.finalbody:
                if any(isinstance(part, ast.Name) and part.id in names for part in ast.walk(each)):
                    return True
        if isinstance(node, (ast.With, ast.AsyncWith)):
            for item in node.items:
                expression = item.context_expr
                if isinstance(expression, ast.Call) and any(
                    isinstance(each, ast.Name) and each.id in names for each in expression.args
                ):
                    return True  # closing(connection)
                if isinstance(expression, ast.Name) and expression.id in names:
                    return True
    return False


def _in_transaction(reading: Reading) -> bool:
    """Whether the code ends a transaction: a with over a connection, ``begin``, ``atomic``, or a commit."""
    for node in ast.walk(reading.tree):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr in ("commit", "begin", "transaction", "atomic", "begin_nested")
        ):
            return True
        if isinstance(node, (ast.With, ast.AsyncWith)):
            for item in node.items:
                dotted = reading.dotted(item.context_expr)
                called = reading.dotted(item.context_expr.func) if isinstance(item.context_expr, ast.Call) else ""
                if (dotted and not called) or called in _CONNECT or called.endswith("atomic"):
                    return True
    return any(each.arg in ("isolation_level", "autocommit") for call in reading.calls() for each in call.keywords)


def _migration(reading: Reading) -> Iterator[str]:
    for text in reading.texts():
        if re.search(r"\bADD\s+(?:COLUMN\s+)?\w+[^,;]*\bNOT\s+NULL\b", text, re.I) and not re.search(
            r"\bDEFAULT\b", text, re.I
        ):
            yield "a new column that is NOT NULL needs a DEFAULT: the table may have rows"
        if re.search(r"\bDROP\s+(?:TABLE|COLUMN|INDEX)\s+(?!IF\s+EXISTS)", text, re.I):
            yield "a migration that drops something fails when it is run twice: DROP … IF EXISTS"


def _locks(reading: Reading, subject: Subject) -> Iterator[str]:
    texts = " ".join(reading.texts())
    loops = any(isinstance(node, (ast.For, ast.AsyncFor)) for node in ast.walk(reading.tree))
    ordered = re.search(r"ORDER\s+BY", texts, re.I) or any(
        reading.dotted(each.func) == "sorted" for each in reading.calls()
    )
    if re.search(r"FOR\s+UPDATE", texts, re.I) and loops and not ordered:
        yield "rows are locked in the order in which they come: sort them, or two callers may wait for each other"
    words = subject.spec.text.lower() if subject.spec is not None else ""
    if "deadlock" in words and not ordered and not any(isinstance(node, ast.Try) for node in ast.walk(reading.tree)):
        yield "deadlocks are asked about: neither an order of locks nor another attempt is there"


STRATEGY = Strategy(
    "database",
    "code that asks a database",
    fits,
    "database",
    context,
    (
        Level(
            "queries",
            45,
            10.0,
            static_check(look),
            about="statements take parameters, connections close, transactions end",
        ),
        sql_trial.LEVEL,
    ),
)
