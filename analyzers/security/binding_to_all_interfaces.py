"""A server that listens on every network of the machine.

What it does: reports ``bind(("0.0.0.0", port))`` and servers that are started with ``host="0.0.0.0"`` (also ``""`` in
``bind`` and ``"::"``), where the address is written at the call or comes from one constant. Addresses in lists, in
comparisons and in messages are not reported.

Why is this bad: what was meant for this machine or its own network answers everybody who can reach it.

Example::

    sock.bind(("0.0.0.0", 9000))

Use instead::

    sock.bind((settings.host, 9000))  # 127.0.0.1 unless somebody says otherwise

References: https://cwe.mitre.org/data/definitions/605.html
"""

from __future__ import annotations

from collections.abc import Iterator

from tree_sitter import Node

from ..findings import Finding
from ..rules import Rule
from ..syntax import Unit
from ..tests_of import in_tests
from .written import argument, constant, method_name, report, settings

_EVERYWHERE = ("0.0.0.0", "::", "[::]")
#: Position of the host, by function; -1: by keyword only.
_SERVERS = {
    "uvicorn.run": -1, "aiohttp.web.run_app": -1, "waitress.serve": -1, "hypercorn.run": -1, "asyncio.start_server": 1,
    "werkzeug.serving.run_simple": 0, "wsgiref.simple_server.make_server": 0,
    "bottle.run": -1, "sanic.Sanic.run": -1, "uvicorn.Config": -1,
}  # fmt: skip
_PAIRED = ("HTTPServer", "ThreadingHTTPServer", "TCPServer", "UDPServer", "ThreadingTCPServer", "SimpleXMLRPCServer")


#: Settings of a server that name its address (CherryPy).
_HOSTS = ("server.socket_host", "socket_host")
_SAYS, _CURE = "every network of the machine can connect here", "bind to 127.0.0.1"
_WORDS = (
    b"socket_host", b"bind", b"HTTPServer", b"TCPServer", b"UDPServer", b"make_server", b"run", b"serve", b"listen",
    b"uvicorn",
)  # fmt: skip


def check(unit: Unit) -> Iterator[Finding]:
    if in_tests(unit.path):
        return
    for call in unit.index.get("call", ()):
        address = _address(unit, call)
        if address is None:
            continue
        where = constant(unit, address)
        paired = method_name(unit, call) == "bind" and where == ""
        if where in _EVERYWHERE or paired:
            yield report(unit, RULE, call, _SAYS, 0.7, _CURE)
    for name, value, node in settings(unit) if unit.says(b"socket_host") else ():
        if name in _HOSTS and constant(unit, value) in _EVERYWHERE:
            yield report(unit, RULE, node, _SAYS, 0.7, _CURE)


def _address(unit: Unit, call: Node) -> Node | None:
    """The expression that says on which address a call listens."""
    name, method = unit.call_name(call), method_name(unit, call)
    if method == "bind" or name.rpartition(".")[2] in _PAIRED:
        pair = argument(unit, call, 0)
        return pair.named_children[0] if pair is not None and pair.type == "tuple" and pair.named_children else None
    if name in _SERVERS:
        return argument(unit, call, _SERVERS[name], "host", "hostname")
    if method in ("run", "create_server", "serve", "start_server", "listen"):
        return argument(unit, call, -1, "host", "address")
    return None


RULE = Rule(
    name="binding-to-all-interfaces",
    reviewer="security",
    kind="bind",
    summary="A server listens on every network",
    severity="low",
    check=check,
    cwe=(605,),
    words=_WORDS,
)
