import pandas
from flask import request
from sqlalchemy import text

TABLE = "users"
COLUMNS = {"name": "name", "age": "age"}


def formatted(cursor):
    name = request.args["name"]
    cursor.execute(f"SELECT * FROM users WHERE name = '{name}'")  # bad: sql-injection


def concatenated(cursor):
    name = request.args["name"]
    query = "SELECT * FROM users WHERE name = '" + name + "'"
    cursor.execute(query)  # bad: sql-injection


def percent(cursor):
    cursor.execute("DELETE FROM users WHERE id = %s" % request.args["id"])  # bad: sql-injection


def alchemy(connection):
    name = request.args["name"]
    connection.execute(text(f"SELECT id FROM users WHERE name = '{name}'"))  # bad: sql-injection


def frame(connection):
    name = request.args["name"]
    return pandas.read_sql("SELECT * FROM {} ".format(name) + "WHERE id > 1", connection)  # bad: sql-injection


def conditional(cursor, age):
    name = request.args["name"]
    query = "SELECT * FROM users WHERE 1 = 1"
    if age:
        query += f" AND name = '{name}'"
    cursor.execute(query)  # bad: sql-injection


def parameters(cursor):
    name = request.args["name"]
    cursor.execute("SELECT * FROM users WHERE name = ?", (name,))  # ok: sql-injection


def placeholders(cursor):
    names = request.args.getlist("name")
    marks = ",".join("?" * len(names))
    cursor.execute(f"SELECT * FROM users WHERE name IN ({marks})", names)  # ok: sql-injection
    marks = ",".join("?" for _ in names)
    cursor.execute("SELECT * FROM users WHERE name IN (%s)" % marks, names)  # ok: sql-injection


def constant(cursor):
    cursor.execute(f"SELECT * FROM {TABLE}")  # ok: sql-injection


def number(cursor):
    limit = request.args["limit"]
    cursor.execute(f"SELECT * FROM users LIMIT {int(limit)}")  # ok: sql-injection


def column(cursor):
    wanted = request.args["order"]
    order = COLUMNS.get(wanted, "name")
    cursor.execute(f"SELECT * FROM users ORDER BY {order}")  # ok: sql-injection


def checked(cursor):
    wanted = request.args["order"]
    if wanted not in COLUMNS:
        return
    cursor.execute(f"SELECT * FROM users ORDER BY {wanted}")  # ok: sql-injection


def parameter(cursor, name):
    cursor.execute(f"SELECT * FROM users WHERE name = '{name}'")  # ok: sql-injection


def not_sql(worker):
    name = request.args["name"]
    worker.execute(f"task {name}")  # ok: sql-injection
