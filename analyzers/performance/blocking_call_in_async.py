"""Waiting in a way that stops the whole event loop.

What it does: reports calls in an ``async def`` that wait without giving the loop back: ``time.sleep``, ``requests``,
``urllib.request.urlopen``, ``subprocess.run`` and relatives, ``os.system``, ``input``. Functions nested in it that are
not ``async`` (for instance to be given to a thread) are left alone.

Why is this bad: while such a call waits, no other task runs: every other request of the server waits too.

Example::

    async def fetch(url):
        return requests.get(url).text

Use instead::

    async def fetch(client, url):
        return (await client.get(url)).text  # httpx.AsyncClient

References: https://docs.python.org/3/library/asyncio-dev.html#running-blocking-code
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from tree_sitter import Node

from ..findings import Evidence, Finding
from ..rules import Rule
from ..syntax import Unit
from .loops import step

_BLOCKING: Mapping[str, str] = {
    "time.sleep": "await asyncio.sleep",
    "urllib.request.urlopen": "use an asynchronous HTTP client",
    "os.system": "await asyncio.create_subprocess_shell",
    "os.wait": "await the process",
    "os.waitpid": "await the process",
    "input": "await asyncio.to_thread(input)",
    "socket.create_connection": "await asyncio.open_connection",
    **{
        f"subprocess.{name}": "await asyncio.create_subprocess_exec"
        for name in ("run", "call", "check_call", "check_output", "getoutput", "getstatusoutput")
    },
    **{
        f"{module}.{name}": "use httpx.AsyncClient or aiohttp"
        for module in ("requests", "httpx")
        for name in ("get", "post", "put", "patch", "delete", "head", "options", "request")
    },
}


def check(unit: Unit) -> Iterator[Finding]:
    if unit.kind != "function" or "async" not in unit.index:
        return
    stack: list[tuple[Node, Node | None]] = [(unit.node, None)]
    while stack:
        node, around = stack.pop()
        if node.type == "function_definition":
            around = node if node.children and node.children[0].type == "async" else None
        elif node.type == "lambda":
            around = None
        elif node.type == "call" and around is not None:
            name = unit.call_name(node)
            if name in _BLOCKING:
                yield _finding(unit, node, around, name)
        stack.extend((each, around) for each in reversed(node.named_children))


def _finding(unit: Unit, node: Node, around: Node, name: str) -> Finding:
    where = around.child_by_field_name("name")
    title = unit.text(where) if where is not None else "an async function"
    return unit.finding(
        RULE,
        node.child_by_field_name("function") or node,
        f"{name} stops the event loop while it waits",
        confidence=0.9,
        suggestion=_BLOCKING[name],
        evidence=(
            Evidence(
                "traced",
                f"called in async def {title}",
                {"path": [step(unit, where or around), step(unit, node)]},
            ),
        ),
    )


RULE = Rule(
    name="blocking-call-in-async",
    reviewer="performance",
    kind="blocking_async",
    summary="A call in an async function stops the event loop while it waits",
    severity="medium",
    check=check,
)
