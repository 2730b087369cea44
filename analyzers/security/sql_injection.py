"""SQL put together from values.

What it does: reports queries (``execute``, ``executemany``, ``executescript``, ``text``, ``raw``, ``read_sql`` …)
whose SQL text is formatted, joined or concatenated with values that are not written in the source. Placeholders such
as ``",".join("?" * n)``, numbers, constants and names checked against known ones are safe, and so are values given as
parameters. The finding shows where the text was built.

Why is this bad: a value such as ``' OR 1=1 --`` becomes part of the query.

Example::

    cursor.execute(f"SELECT * FROM users WHERE name = '{name}'")

Use instead::

    cursor.execute("SELECT * FROM users WHERE name = ?", (name,))

References: https://cwe.mitre.org/data/definitions/89.html, https://peps.python.org/pep-0249/#paramstyle
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from tree_sitter import Node

from ..findings import Finding
from ..flow import arguments_of, keyword_of, method_of
from ..rules import Rule
from ..syntax import Unit, descend
from .flow import CONFIDENCE, Origin, Trace, Tracer

_METHODS = frozenset(
    {
        "execute",
        "executemany",
        "executescript",
        "raw",
        "fetch",
        "fetchrow",
        "fetchval",
        "fetch_all",
        "fetch_one",
        "query",
    }
)
_FUNCTIONS = frozenset(
    {
        "sqlalchemy.text",
        "sqlalchemy.sql.text",
        "pandas.read_sql",
        "pandas.read_sql_query",
        "django.db.models.expressions.RawSQL",
    }
)
_SQL = re.compile(
    r"\b(?:select\b.*\bfrom|insert\s+into|replace\s+into|update\b.*\bset|delete\s+from|create\s+(?:table|view|index|database|user)"
    r"|drop\s+\w+|alter\s+\w+|where\b.*(?:=|<|>|\blike\b|\bin\b)|order\s+by|truncate\s|pragma\s|attach\s|grant\s|call\s|exec\s)",
    re.IGNORECASE | re.DOTALL,
)


def check(unit: Unit) -> Iterator[Finding]:
    calls = unit.index.get("call")
    if not calls:
        return
    tracer: Tracer | None = None
    for call in calls:
        query = _query(unit, call)
        if query is None or (query.type in ("integer", "string") and not query.named_children):
            continue
        tracer = tracer or Tracer(unit, _cleanses)
        trace = tracer.trace(query)
        if trace.origin <= Origin.PROGRAM or not trace.built or not _is_sql(tracer, trace, query):
            continue
        yield tracer.finding(
            RULE,
            call,
            trace,
            "a query is put together with '{what}'",
            confidence=CONFIDENCE[trace.origin],
            suggestion="leave a placeholder in the query and pass the value as a parameter",
        )


def _query(unit: Unit, call: Node) -> Node | None:
    name = unit.call_name(call)
    listed = arguments_of(call)
    first = listed[0] if listed else keyword_of(unit, call, "sql") or keyword_of(unit, call, "query")
    if name in _FUNCTIONS:
        return first
    called = method_of(unit, call)
    if called is None or called[1] not in _METHODS:
        return None
    if first is not None and first.type == "call" and unit.call_name(first) in _FUNCTIONS:
        return None  # reported there
    return first


def _cleanses(name: str) -> bool:
    """Quoting of identifiers and literals by the driver."""
    return name.rpartition(".")[2] in (
        "quote_ident",
        "quote_identifier",
        "Identifier",
        "Literal",
        "literal",
        "mogrify",
        "quote_name",
    )


def _is_sql(tracer: Tracer, trace: Trace, query: Node) -> bool:
    """Does any written part of the text look like SQL?"""
    unit = tracer.unit
    texts = [
        unit.text(part) for step in (query, *trace.steps) for part in descend(step) if part.type == "string_content"
    ]
    for name in [each for each in descend(query) if each.type == "identifier"]:
        for bound in tracer.flow.bindings.get(unit.text(name), ()):
            if bound.value is not None:
                texts += [unit.text(part) for part in descend(bound.value) if part.type == "string_content"]
        texts.append(unit.facts.literals.get(unit.text(name), ""))
    return bool(_SQL.search(" ".join(texts)))


RULE = Rule(
    name="sql-injection",
    reviewer="security",
    kind="sqli",
    summary="SQL is put together from other values",
    severity="high",
    check=check,
    cwe=(89,),
)
