"""SQL is compiled by SQLite against the workspace's schema: what it cannot compile refuses."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from suture.analyzers.sandbox import Sandbox
from suture.codegen.answers import split_imports
from suture.codegen.generators import sql_trial
from suture.codegen.generators.sql_worker import statements
from suture.codegen.generators.sql_worker import tried as compiled
from suture.codegen.placement import place
from suture.codegen.proposal import GenerationRequest
from suture.codegen.specification import specify
from suture.codegen.triggers.target import Target
from suture.codegen.validation.level import Subject

Write = Callable[[str, str], Path]

SCHEMA = """-- users; and where they live
CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT NOT NULL, city_id INTEGER REFERENCES cities (id));
CREATE TABLE cities (id INTEGER PRIMARY KEY, name TEXT);
"""
USE = "import sqlite3\n\n\ndef f(c: sqlite3.Connection, x: int) -> object:\n    return c.execute({0}).fetchall()\n"


def answers(*texts: str, schema: str = SCHEMA) -> list[tuple[str, int]]:
    found = compiled({"schema": [schema], "statements": [*texts]}, lambda _: None)
    assert isinstance(found, dict)
    return [(each["fault"], each["takes"]) for each in found["answers"]]  # type: ignore[index,union-attr,call-overload]


def test_a_statement_is_compiled_and_not_carried_out() -> None:
    assert answers("DROP TABLE users", "SELECT name FROM users", "ATTACH '/tmp/x.db' AS x") == [("", 0)] * 3
    assert answers("SELECT * FROM users WHERE id = ? AND name = ?", "DELETE FROM users WHERE id = :id") == [
        ("", 2),
        ("", 1),
    ]
    (fault, _), (column, _), (table, _) = answers("SELEC 1", "SELECT nme FROM users", "SELECT 1 FROM user")
    assert "syntax error" in fault
    assert (column, table) == ("no such column: nme", "no such table: user")


def test_tables_that_need_others_and_what_is_made_twice_are_no_trouble() -> None:
    view = "CREATE VIEW v AS SELECT name FROM later; CREATE TABLE later (name TEXT); CREATE TABLE later (name TEXT);"
    assert answers("SELECT name FROM v", "CREATE TABLE later (name TEXT)", schema=view) == [("", 0), ("", 0)]
    assert list(statements("SELECT ';'; SELECT 2")) == ["SELECT ';';", "SELECT 2"]


def test_what_looks_like_a_comment_in_a_text_is_none() -> None:
    assert answers("SELECT id FROM users WHERE name = 'a--b' OR name LIKE '/*%'", "-- one\nSELECT 1; -- two") == [
        ("", 0),
        ("", 0),
    ]
    assert list(statements("-- a; b\nSELECT 1 /* ; */; /* c */ -- d")) == ["SELECT 1 /* ; */;"]


@pytest.mark.parametrize(
    ("schema", "whole"),
    [
        (SCHEMA, True),
        (SCHEMA + SCHEMA.replace("TABLE", "TABLE IF NOT EXISTS"), True),
        (SCHEMA + "ALTER TABLE users ADD COLUMN age INTEGER;", True),
        (SCHEMA + "CREATE TABLE users (nme TEXT);", False),
        (SCHEMA + "ALTER TABLE elsewhere ADD COLUMN nme TEXT;", False),
    ],
)
def test_a_schema_that_is_not_one_is_known_as_such(schema: str, whole: bool) -> None:
    found = compiled({"schema": [schema], "statements": []}, lambda _: None)
    assert isinstance(found, dict)
    assert found["whole"] is whole


@pytest.mark.parametrize(
    ("call", "status", "said"),
    [
        ("'SELECT name FROM users WHERE id = ?', (x,)", "passed", ""),
        ("'SELECT nme FROM users'", "failed", "no such column: nme (line 2 of the code)"),
        ("'SELECT name FROM user'", "failed", "no such table: user; there is users"),
        ("'SELECT name FROM orders'", "passed", "no such table: orders"),  # it may be made elsewhere
        ("'SELECT name FROM users WHERE id = ?'", "failed", "takes 1 value and is given 0"),
        ("'SELECT name FROM users WHERE id = ?', (x, 1)", "failed", "takes 1 value and is given 2"),
        ("'SELECT name FROM users WHERE id = :id', {'id': x}", "passed", ""),
        ("'SELECT name FROM users WHERE id IN (' + ', '.join('?' * x) + ')'", "not run", "whose text is known"),
    ],
)
def test_what_sqlite_cannot_compile_refuses(
    workspace: Path, write: Write, sandbox: Sandbox, call: str, status: str, said: str
) -> None:
    write("schema.sql", SCHEMA)
    text = "# f(c, x): ask\n"
    code, imports = split_imports(USE.format(call))
    target = Target(0, 0, "", "f(c, x): ask")
    request = GenerationRequest(workspace, write("app.py", text), text, 0)
    placed = place(text, target, code, imports)
    subject = Subject(request, placed, code, imports, specify(target.text), by_model=True, sandbox=sandbox)
    verdict = sql_trial.tried(subject)
    assert (verdict.status, said in verdict.reason) == (status, True), verdict.reason
    if status == "passed" and not said:
        assert verdict.evidence[0].data["tables"] == ["users", "cities"]


def test_a_column_that_a_migration_adds_or_another_schema_has_is_no_fault(
    workspace: Path, write: Write, sandbox: Sandbox
) -> None:
    write("schema.sql", SCHEMA)
    text = "# f(c, x): ask\n"
    code, imports = split_imports(USE.format("'SELECT nme FROM users'"))
    request = GenerationRequest(workspace, write("app.py", text), text, 0)
    placed = place(text, Target(0, 0, "", "f(c, x): ask"), code, imports)
    subject = Subject(request, placed, code, imports, by_model=True, sandbox=sandbox)
    write("tests/other.sql", "CREATE TABLE users (nme TEXT);\n")
    remarked = sql_trial.tried(subject)
    assert (remarked.status, "no such column: nme" in remarked.reason) == ("passed", True)
    (workspace / "tests" / "other.sql").unlink()
    write("env/pyvenv.cfg", "")
    for folder in ("env/lib", "node_modules/a"):
        write(f"{folder}/other.sql", "CREATE TABLE users (nme TEXT);\n")
    assert sql_trial.tried(subject).status == "failed"  # these are not the workspace's
    write("later.sql", "ALTER TABLE users ADD COLUMN nme TEXT;\n")
    added = sql_trial.tried(subject)
    assert (added.status, added.reason) == ("passed", "")


def test_a_schema_in_a_python_file_counts_and_other_dialects_are_left_alone(
    workspace: Path, write: Write, sandbox: Sandbox
) -> None:
    write("models.py", f"SCHEMA = '''{SCHEMA.partition(chr(10))[2]}'''\n")
    for module, status in (("sqlite3", "failed"), ("psycopg", "not run")):
        text = "# f(c, x): ask\n"
        code, imports = split_imports(USE.replace("sqlite3", module).format("'SELECT nme FROM users'"))
        request = GenerationRequest(workspace, write("app.py", text), text, 0)
        placed = place(text, Target(0, 0, "", "f(c, x): ask"), code, imports)
        subject = Subject(request, placed, code, imports, by_model=True, sandbox=sandbox)
        assert sql_trial.tried(subject).status == status


def test_a_schema_is_found_behind_many_other_files(workspace: Path, write: Write) -> None:
    for number in range(70):
        write(f"a{number}.py", "x = 1\n")
        write(f"queries/q{number}.sql", "SELECT 1;\n")
    write("zz/schema.sql", SCHEMA)
    request = GenerationRequest(workspace, write("app.py", ""), "", 0)
    subject = Subject(request, place("", Target(0, 0, "", ""), "x = 1\n", ()), "x = 1\n", ())
    assert list(sql_trial._schema(subject)) == [SCHEMA]  # pyright: ignore[reportPrivateUsage]
