# ruff: noqa: E501 - tables read better in long lines
"""DB-API drivers, SQLAlchemy, peewee, pandas, asyncpg, MongoDB."""

from __future__ import annotations

import ast
import re

from ..taint.machine import Call, Machine
from ..taint.values import UNKNOWN, Value
from . import TYPED, WEB, Function, Model, Sink, cleanses, returns, sinks

_SQL = re.compile(
    r"^\W*(?:select|insert|update|delete|create|drop|alter|with|call|exec|pragma|replace|merge|truncate|grant|set|begin|vacuum|copy|show|explain|attach|from)\b",
    re.IGNORECASE,
)
_DATABASE = re.compile(
    r"(?:^|_)(?:cur|cursor|curs|c|conn|connection|con|cnx|db|database|session|engine|pool|tx|transaction|sql|store|s)\d*$",
    re.IGNORECASE,
)
_DRIVERS = (
    "sqlite3",
    "psycopg2",
    "psycopg",
    "pymysql",
    "MySQLdb",
    "mysql",
    "cx_Oracle",
    "oracledb",
    "pyodbc",
    "aiosqlite",
    "duckdb",
    "asyncpg",
    "aiomysql",
    "snowflake",
    "clickhouse_driver",
    "pymssql",
    "databases",
    "apsw",
    "sqlalchemy",
    "records",
    "trino",
    "aiopg",
)


def _is_query(call: Call) -> bool:
    """``x.execute(text)`` of an unknown x: by what the text begins with, or what x is called."""
    value = call.arg(0, "query", "sql", "operation", "statement")
    if value is None:
        return False
    if _SQL.match(value.prefix):
        return True
    node = call.node.func
    owner = node.value if isinstance(node, ast.Attribute) else None
    if isinstance(owner, ast.Call):
        owner = owner.func
    name = owner.id if isinstance(owner, ast.Name) else owner.attr if isinstance(owner, ast.Attribute) else ""
    return bool(_DATABASE.search(name))


_QUERY = Sink("sqli", (0, "query", "sql", "operation", "statement", "sql_script"), TYPED)
_GUESSED = Sink("sqli", (0, "query", "sql", "operation", "statement", "sql_script"), TYPED, "", _is_query)
_EXECUTE = (
    "execute",
    "executemany",
    "executescript",
    "fetch",
    "fetchrow",
    "fetchval",
    "fetch_all",
    "fetch_one",
    "fetch_val",
    "exec_driver_sql",
    "execute_sql",
    "iterate",
    "execute_fetchall",
    "copy_expert",
    "mogrify",
    "execute_async",
    "sql",
)


def _cursor(machine: Machine, call: Call) -> Value:
    return Value(ext=("sqlite3.Cursor",))


def _itself(machine: Machine, call: Call) -> Value:
    """A statement with more said of it is made of the same text."""
    return call.receiver or UNKNOWN


def _create(machine: Machine, call: Call) -> Value:
    """``Model.objects.create(**body)``: whoever sends the body decides which columns are set."""
    owner = call.node.func.value if isinstance(call.node.func, ast.Attribute) else None
    passes_on = isinstance(owner, ast.Call) and isinstance(owner.func, ast.Name) and owner.func.id == "super"
    if call.star is not None and call.star.taints and not passes_on:
        machine.at_sink(_MASS, call.star.taints, call.node)
    return UNKNOWN


def _update(machine: Machine, call: Call) -> Value | None:
    """``Model.objects.filter(…).update(**body)``; dictionaries are updated like that as well."""
    return _create(machine, call) if ".objects." in ast.unparse(call.node.func) else UNKNOWN


_MASS = Sink("massassign", (), WEB)
_COLLECTION = re.compile(
    r"(?:^|_)(?:users?|accounts?|coll(?:ection)?s?|docs?|items?|posts?|orders?|db|mongo\w*|events?|products?|sessions?|entries)$",
    re.IGNORECASE,
)


def _is_collection(call: Call) -> bool:
    """A find on something that looks like a collection of documents, or with operators in the filter."""
    node = call.node.func
    owner = node.value if isinstance(node, ast.Attribute) else None
    if isinstance(owner, ast.Subscript):
        return True
    name = owner.id if isinstance(owner, ast.Name) else owner.attr if isinstance(owner, ast.Attribute) else ""
    ext = call.receiver.ext if call.receiver is not None else ()
    return bool(_COLLECTION.search(name)) or any("mongo" in each or "motor" in each for each in ext)


_FIND = Sink("nosqli", (), WEB)
_WHERE = Sink("nosqlwhere", (), WEB)


def _find(machine: Machine, call: Call) -> Value:
    """``find(filter)``: values that may be operators, and code behind ``$where``."""
    wanted = call.arg(0, "filter")
    if wanted is not None and _is_collection(call):
        _look(machine, call, wanted, 0)
    return UNKNOWN


def _look(machine: Machine, call: Call, value: Value, depth: int) -> None:
    machine.at_sink(_FIND, value.taints, call.node)
    for _, obj in machine.objects(value, call.state) if depth < 4 else ():
        for key, each in obj.fields.items():
            if key == "$where":
                machine.at_sink(_WHERE, each.taints, call.node)
            elif key not in ("$eq", "$regex"):
                _look(machine, call, each, depth + 1)
        if obj.rest is not None:
            _look(machine, call, obj.rest, depth + 1)


MODEL = Model(
    functions={
        **{f"sqlite3.{owner}.{name}": Function(sinks=(_QUERY,), returns="sqlite3.Cursor") for owner in ("Connection", "Cursor") for name in _EXECUTE},
        **{f"*.{name}": Function(sinks=(_GUESSED,)) for name in _EXECUTE},
        "sqlite3.Connection.cursor": Function(returns="sqlite3.Cursor"),
        "*.cursor": Function(hook=_cursor),
        **returns({f"{module}.connect": "sqlite3.Connection" for module in _DRIVERS}),
        "sqlite3.Cursor.fetchone": Function(), "sqlite3.Cursor.fetchall": Function(), "sqlite3.Cursor.fetchmany": Function(),
        **sinks("sqli", TYPED, {
            "sqlalchemy.DDL": (0,), "sqlalchemy.literal_column": (0,), "sqlalchemy.sql.expression.TextClause": (0,),
            "pandas.read_sql": (0, "sql"), "pandas.read_sql_query": (0, "sql"), "peewee.SQL": (0,), "polars.read_database": (0,),
            "*.order_by_raw": (0,), "tortoise.Tortoise.execute_query": (0,), "tortoise.expressions.RawSQL": (0,), "pony.orm.raw_sql": (0,),
            "psycopg2.extras.execute_values": (1,), "psycopg2.extras.execute_batch": (1,), "duckdb.query": (0,), "duckdb.sql": (0,),
        }),
        **sinks("codeinj", WEB, {f"redis.Redis.{name}": (0, "script") for name in ("eval", "register_script", "script_load")}),
        "sqlalchemy.text": Function(through=(0, "text"), sinks=(Sink("sqli", (0, "text"), TYPED),), returns="sqlalchemy.TextClause"),
        **{f"sqlalchemy.TextClause.{name}": Function(hook=_itself) for name in ("bindparams", "columns", "execution_options")},
        **cleanses(["psycopg2.extensions.quote_ident", "psycopg2.sql.Identifier", "psycopg2.sql.Literal", "psycopg.sql.Identifier", "psycopg.sql.Literal", "pymysql.converters.escape_string", "*.quote_name", "*.quote_ident", "*.escape_string", "sqlalchemy.sql.quoted_name", "sqlalchemy.bindparam"], "sqli"),
        **{f"{name}.sql.SQL": Function(through=(0,), returns="psycopg2.sql.SQL") for name in ("psycopg2", "psycopg")},
        **{f"psycopg2.sql.SQL.{name}": Function(through=("self", "*", "**"), returns="psycopg2.sql.SQL") for name in ("format", "join")},
        **{f"*.{name}": Function(hook=_find) for name in ("find", "find_one", "find_one_and_update", "find_one_and_delete", "find_one_and_replace", "delete_one", "delete_many", "update_one", "update_many", "replace_one", "count_documents", "aggregate")},
        "*.create": Function(hook=_create),
        "*.update_or_create": Function(hook=_create),
        "*.get_or_create": Function(hook=_create),
        "*.update": Function(hook=_update),
        "*.bulk_create": Function(),
    },
    aliases={
        **{f"{module}.{name}": f"sqlite3.{name}" for module in _DRIVERS if module != "sqlite3" for name in ("Connection", "Cursor")},
        **{f"redis.{name}": "redis.Redis" for name in ("StrictRedis", "RedisCluster", "asyncio.Redis", "client.Redis", "cluster.RedisCluster")},
        "sqlmodel.text": "sqlalchemy.text", "sqlalchemy.sql.text": "sqlalchemy.text", "sqlalchemy.sql.expression.text": "sqlalchemy.text", "sqlalchemy.schema.DDL": "sqlalchemy.DDL",
        "sqlalchemy.sql.literal_column": "sqlalchemy.literal_column", "psycopg2.extensions.connection": "sqlite3.Connection", "psycopg2.extensions.cursor": "sqlite3.Cursor",
        "sqlalchemy.engine.Connection": "sqlite3.Connection", "psycopg.AsyncConnection.connect": "sqlite3.connect", "psycopg.Connection.connect": "sqlite3.connect", "mysql.connector.connect": "sqlite3.connect",
    },
)  # fmt: skip
