"""Text that somebody else decides, put into a query.

What it does: follows values of requests and of the command line into the text of queries (DB-API drivers,
SQLAlchemy's ``text``, Django's ``raw`` and ``extra``, pandas). Values that are passed as parameters are harmless, and
so are numbers, quoted identifiers and values checked against known ones.

Why is this bad: a value such as ``' OR 1=1 --`` changes what the query means.

Example::

    cursor.execute(f"SELECT * FROM users WHERE name = '{name}'")

Use instead::

    cursor.execute("SELECT * FROM users WHERE name = ?", (name,))

References: https://cwe.mitre.org/data/definitions/89.html,
https://docs.python.org/3/library/sqlite3.html#sqlite3-placeholders
"""

from __future__ import annotations

from .taint.report import taint_rules

RULE, PROGRAM_RULE = taint_rules(
    module=__name__,
    name="sql-injection",
    kind="sqli",
    summary="SQL is made of text that somebody else decides",
    severity="high",
    cwe=(89,),
    sinks=("sqli",),
    says="a query is put together with '{what}'",
    suggestion="leave a placeholder in the query and pass the value as a parameter",
    confidence=0.92,
)
