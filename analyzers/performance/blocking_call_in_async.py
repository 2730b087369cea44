"""Waiting in a way that stops the whole event loop.

What it does: reports calls in an ``async def`` that wait without giving the loop back: ``time.sleep``, ``requests``,
``urllib.request.urlopen``, ``subprocess.run`` and relatives, ``os.system``, ``input``, name look-ups, copies of whole
folders, and the blocking methods of an object made in the same function (``requests.Session().get``,
``Popen(…).wait``, ``Thread(…).join``). Functions nested in it that are not ``async`` (for instance to be given to a
thread) are left alone; in what runs before or after all other tasks (``lifespan``, ``shutdown``) it is a hint, and
so is a folder that is put away: when an object is closed, behind what it was needed for (``finally``), or whatever
comes of it (``ignore_errors``).

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

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace

from tree_sitter import Node

from ..findings import Evidence, Finding
from ..flow import Binding, arguments_of, flow_of, keyword_of, method_of
from ..rules import Rule
from ..syntax import Unit
from .loops import step

_HTTP = "use httpx.AsyncClient or aiohttp"
_THREAD = "await asyncio.to_thread(…)"
_VERBS = ("get", "post", "put", "patch", "delete", "head", "options", "request")

_BLOCKING: Mapping[str, str] = {
    "time.sleep": "await asyncio.sleep",
    "urllib.request.urlopen": "use an asynchronous HTTP client",
    "urllib.request.urlretrieve": "use an asynchronous HTTP client",
    "os.system": "await asyncio.create_subprocess_shell",
    "os.popen": "await asyncio.create_subprocess_shell",
    "os.wait": "await the process",
    "os.waitpid": "await the process",
    "input": "await asyncio.to_thread(input)",
    "select.select": "let the loop watch the descriptors",
    "socket.create_connection": "await asyncio.open_connection",
    "socket.gethostbyname": "await loop.getaddrinfo",
    "socket.gethostbyaddr": "await loop.getnameinfo",
    "socket.getaddrinfo": "await loop.getaddrinfo",
    "concurrent.futures.wait": "await asyncio.wrap_future",
    **{
        f"subprocess.{name}": "await asyncio.create_subprocess_exec"
        for name in ("run", "call", "check_call", "check_output", "getoutput", "getstatusoutput")
    },
    **{f"shutil.{name}": _THREAD for name in ("copytree", "rmtree", "make_archive", "unpack_archive")},
    **{f"{module}.connect": "use an asynchronous driver" for module in ("psycopg2", "pymysql", "MySQLdb")},
    **{name: _THREAD for name in ("smtplib.SMTP", "smtplib.SMTP_SSL", "ftplib.FTP", "imaplib.IMAP4")},
    **{f"{module}.{name}": _HTTP for module in ("requests", "httpx") for name in _VERBS},
}

#: What blocks on an object made by these calls: (methods, what to use instead).
_MADE: Mapping[str, tuple[tuple[str, ...], str]] = {
    "requests.Session": (_VERBS, _HTTP),
    "requests.session": (_VERBS, _HTTP),
    "httpx.Client": (_VERBS, _HTTP),
    "urllib3.PoolManager": (("request", "urlopen"), _HTTP),
    "subprocess.Popen": (("wait", "communicate"), "await asyncio.create_subprocess_exec"),
    "threading.Thread": (("join",), _THREAD),
    "queue.Queue": (("get",), "use asyncio.Queue"),
    "threading.Event": (("wait",), "use asyncio.Event"),
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
            if name in _BLOCKING and not _yields_only(unit, node, name):
                yield _finding(unit, node, around, name, _BLOCKING[name])
            elif "." in name or not name:
                made, cure = _on_object(unit, node)
                if cure:
                    yield _finding(unit, node, around, made, cure)
        stack.extend((each, around) for each in reversed(node.named_children))


def _yields_only(unit: Unit, call: Node, name: str) -> bool:
    """``time.sleep(0)`` gives way to other threads, and ``os.waitpid(pid, os.WNOHANG)`` asks: neither waits."""
    given = [unit.text(each) for each in arguments_of(call)]
    return (name == "time.sleep" and given == ["0"]) or (name.startswith("os.wait") and "WNOHANG" in "".join(given))


def _on_object(unit: Unit, call: Node) -> tuple[str, str]:
    """(what blocks, what to use instead) for a method of an object that was made in the same function."""
    called = method_of(unit, call)
    if called is None or not any(called[1] in methods for methods, _ in _MADE.values()):
        return "", ""
    parent = call.parent
    if parent is not None and parent.type == "await":
        return "", ""
    owner, method = called
    maker = unit.call_name(owner) if owner.type == "call" else ""
    if owner.type == "identifier":
        makers = {_maker(unit, each) for each in flow_of(unit).reaching(owner)}
        maker = makers.pop() if len(makers) == 1 else ""
    methods, cure = _MADE.get(maker, ((), ""))
    if method not in methods or (method == "get" and maker == "queue.Queue" and _returns_at_once(unit, call)):
        return "", ""
    return f"{maker}.{method}", cure


def _maker(unit: Unit, binding: Binding) -> str:
    """The call that made what is bound: ``x = C()``, ``with C() as x:``."""
    if binding.how == "assign" and binding.value is not None and binding.value.type == "call":
        return unit.call_name(binding.value)
    first = binding.node.named_children[0] if binding.node.type == "as_pattern" else None
    return unit.call_name(first) if first is not None and first.type == "call" else ""


def _returns_at_once(unit: Unit, call: Node) -> bool:
    block = keyword_of(unit, call, "block")
    return bool(arguments_of(call)) or (block is not None and unit.text(block) == "False")


def _finding(unit: Unit, node: Node, around: Node, name: str, cure: str) -> Finding:
    where = around.child_by_field_name("name")
    title = unit.text(where) if where is not None else "an async function"
    found = unit.finding(
        RULE,
        node.child_by_field_name("function") or node,
        f"{name} stops the event loop while it waits",
        confidence=0.9,
        suggestion=cure,
        evidence=(
            Evidence(
                "traced",
                f"called in async def {title}",
                {"path": [step(unit, where or around), step(unit, node)]},
            ),
        ),
    )
    plain = title.strip("_")
    lightly = plain in _ALONE or (plain in _LEAVING and name.startswith("shutil."))
    lightly = lightly or (name == "shutil.rmtree" and _puts_away(unit, node, around))
    return replace(found, severity="low") if lightly else found


def _puts_away(unit: Unit, call: Node, around: Node) -> bool:
    """Is a folder removed that was needed for a moment: behind what needed it, or not minding whether that works?"""
    ignored = keyword_of(unit, call, "ignore_errors")
    if ignored is not None and unit.text(ignored) == "True":
        return True
    if any(_MOMENTARY.search(unit.text(each)) for each in arguments_of(call)[:1]):
        return True
    current = call.parent
    while current is not None and current != around:
        if current.type in ("finally_clause", "except_clause"):
            return True
        current = current.parent
    return False


#: Names of folders that are made for a moment.
_MOMENTARY = re.compile(r"(?<![a-z])(?:te?mp|temporary|scratch)(?![a-z])|te?mp_?(?:dir|folder|path)", re.IGNORECASE)
#: Functions that run before there are other tasks, or when there are none any more.
_ALONE = frozenset({"lifespan", "startup", "shutdown", "on_startup", "on_shutdown", "startup_event", "shutdown_event"})
#: Functions that put away what one object had for itself: a small folder, once.
_LEAVING = frozenset({"close", "aclose", "aexit", "cleanup", "clean_up", "teardown", "tear_down", "dispose"})


RULE = Rule(
    name="blocking-call-in-async",
    reviewer="performance",
    kind="blocking_async",
    summary="A call in an async function stops the event loop while it waits",
    severity="medium",
    check=check,
)
