"""Asking the database from an asynchronous function with a session that waits.

What it does: reports, once for each ``async def``, a query of SQLAlchemy's synchronous session that is asked there:
``session.query(Order)….first()``, which only that session has, and ``session.execute(select(…)).scalars()`` without an
``await``, which only that session answers. What stands in a lambda or in a function of its own that is not ``async``
(given to a thread, or to ``run_sync``) is left alone, and so are queries that are only put together. Among what matters
most it is told once for a project: whether its sessions wait is decided in one place.

Why is this bad: while the database works, no other task runs: one slow query stops every other request of the server.
A plain ``def`` is run in a thread by FastAPI and Starlette, and stops nobody.

Example::

    @app.get("/orders/{number}")
    async def order(number: int, session: Session = Depends(get_session)):
        return session.query(Order).filter_by(number=number).first()

Use instead::

    @app.get("/orders/{number}")
    def order(number: int, session: Session = Depends(get_session)):
        return session.query(Order).filter_by(number=number).first()

References: https://fastapi.tiangolo.com/async/, https://docs.sqlalchemy.org/en/20/orm/extensions/asyncio.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from tree_sitter import Node

from ..findings import Evidence, Finding
from ..flow import arguments_of, method_of
from ..rules import Rule
from ..syntax import Unit
from .loops import step
from .query_in_loop import SESSION, chain_of

#: What asks the database, at the end of a query that was put together.
_ASKS = frozenset(
    {"first", "all", "one", "one_or_none", "scalar", "count", "get", "delete", "update", "paginate", "yield_per"}
)
#: What a result has, and a coroutine does not.
_OF_RESULTS = frozenset(
    {"scalars", "scalar", "scalar_one", "scalar_one_or_none", "first", "all", "one", "one_or_none", "mappings"}
    | {"fetchone", "fetchall", "unique", "rowcount", "lastrowid", "returned_defaults"}
)
#: Functions that wait for what they are given, or begin it: a coroutine.
_AWAITING = frozenset({"gather", "create_task", "ensure_future", "wait_for", "shield", "start_soon", "as_completed"})
#: Something of a model: ``Order``, ``models.Order.number``, ``func.count()``.
_MODEL = re.compile(r"(?:^|\.)[A-Z]\w*[a-z]\w*|^(?:sa\.|sqlalchemy\.)?func\.")


def check(unit: Unit) -> Iterator[Finding]:
    if unit.kind != "function" or "async" not in unit.index:
        return
    told: set[int] = set()
    for call in unit.index.get("call", ()):
        called = method_of(unit, call)
        if called is None or called[1] not in ("query", "execute") or not SESSION.search(unit.text(called[0])):
            continue
        around = _asynchronous(call)
        if around is None or around.id in told or not _asks(unit, call, called[1]):
            continue
        told.add(around.id)
        yield _finding(unit, call, around)


def _asynchronous(node: Node) -> Node | None:
    """The innermost function around a node, if it is asynchronous."""
    current = node.parent
    while current is not None and current.type not in ("function_definition", "lambda"):
        current = current.parent
    if current is None or current.type == "lambda" or current.children[0].type != "async":
        return None
    return current


def _asks(unit: Unit, call: Node, method: str) -> bool:
    """Is the database asked here, by a session that waits for it?"""
    chain = chain_of(call)
    if any(each.parent is not None and each.parent.type == "await" for each in chain) or _is_awaited(unit, chain[-1]):
        return False
    if method == "execute":
        above = call.parent
        name = above.child_by_field_name("attribute") if above is not None and above.type == "attribute" else None
        return name is not None and unit.text(name) in _OF_RESULTS
    if not any(each.type != "string" and _MODEL.search(unit.text(each)) for each in arguments_of(call)[:1]):
        return False
    methods = {called[1] for each in chain if (called := method_of(unit, each)) is not None}
    parent = chain[-1].parent
    if not methods.isdisjoint(_ASKS):
        return True
    loop = parent if parent is not None and parent.type in ("for_statement", "for_in_clause") else None
    return loop is not None and loop.child_by_field_name("right") == chain[-1]


def _is_awaited(unit: Unit, query: Node) -> bool:
    """Is the answer waited for by ``async for``, by its name, or by what it is given to? Another library's, then."""
    above = query.parent
    if above is not None and above.type in ("for_statement", "for_in_clause"):
        return above.children[0].type == "async"
    if above is not None and above.type == "assignment":
        name = above.child_by_field_name("left")
        return name is not None and any(
            unit.text(value) == unit.text(name)
            for each in unit.index.get("await", ())
            if each.start_byte > query.end_byte
            for value in each.named_children
        )
    while above is not None and above.type in ("argument_list", "list", "tuple", "list_splat"):
        above = above.parent
    return above is not None and above.type == "call" and unit.call_name(above).rpartition(".")[2] in _AWAITING


def _finding(unit: Unit, call: Node, around: Node) -> Finding:
    where = around.child_by_field_name("name") or around
    function = call.child_by_field_name("function") or call
    return unit.finding(
        RULE,
        function,
        f"{unit.text(function)[:60]} stops the event loop while the database works",
        confidence=0.8,
        suggestion="make it a plain def, which the framework runs in a thread, or use an AsyncSession",
        evidence=(
            Evidence(
                "traced",
                f"asked in async def {unit.text(where)}",
                {"path": [step(unit, where), step(unit, call)]},
            ),
        ),
    )


RULE = Rule(
    name="blocking-query-in-async",
    reviewer="performance",
    kind="blocking_async",
    summary="A query in an async function stops the event loop while the database works",
    severity="medium",
    check=check,
)
