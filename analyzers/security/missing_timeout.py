"""Waiting for another machine without an end.

What it does: reports requests with ``requests`` (its functions, and sessions made in the same function) and
``urllib.request.urlopen`` that give no ``timeout``, for they have none of their own, and ``timeout=None`` given to any
of these or to ``httpx``. Tests, examples and scripts are left alone, and so are calls whose keywords come from
elsewhere (``**options``).

Why is this bad: a server that accepts the connection and then says nothing holds the thread for ever. Some of those,
and the whole program waits.

Example::

    requests.get(url)

Use instead::

    requests.get(url, timeout=10)

References: https://cwe.mitre.org/data/definitions/1088.html
"""

from __future__ import annotations

from collections.abc import Iterator

from tree_sitter import Node

from ..findings import Finding
from ..flow import arguments_of, flow_of, keyword_of, method_of
from ..places import is_beside
from ..rules import Rule
from ..syntax import Unit
from .written import evidence

_VERBS = frozenset({"get", "post", "put", "patch", "delete", "head", "options", "request"})
_SESSIONS = frozenset({"requests.Session", "requests.session", "requests.sessions.Session"})
#: The position of ``timeout`` among the arguments of what waits for ever without it.
_OPENS = {"urllib.request.urlopen": 2}


def check(unit: Unit) -> Iterator[Finding]:
    calls = unit.index.get("call", ())
    modules = {each.partition(".")[0] for each in unit.facts.imports.values()}
    if not calls or modules.isdisjoint(("requests", "urllib", "httpx")) or is_beside(unit.path):
        return
    for call in calls:
        what = _asks(unit, call)
        if not what or any(each.type == "dictionary_splat" for each in _given(call)):
            continue
        timeout = keyword_of(unit, call, "timeout")
        missing = timeout is None and len(arguments_of(call)) <= _OPENS.get(what, 99) and not what.startswith("httpx.")
        if missing or (timeout is not None and timeout.type == "none"):
            yield unit.finding(
                RULE,
                call.child_by_field_name("function") or call,
                f"{what} waits without end for a server that does not answer",
                confidence=0.95,
                suggestion="pass a timeout in seconds",
                evidence=(evidence(unit, call),),
            )


def _given(call: Node) -> list[Node]:
    listed = call.child_by_field_name("arguments")
    return listed.named_children if listed is not None else []


def _asks(unit: Unit, call: Node) -> str:
    """What asks a server here: a dotted name, the session's class for its methods; empty for anything else."""
    name = unit.call_name(call)
    module, _, last = name.rpartition(".")
    if name in _OPENS or (module in ("requests", "requests.api", "httpx") and last in _VERBS):
        return name
    called = method_of(unit, call)
    if called is None or called[1] not in _VERBS:
        return ""
    owner = called[0]
    if owner.type == "call":
        return f"{unit.call_name(owner)}.{called[1]}" if unit.call_name(owner) in _SESSIONS else ""
    if owner.type != "identifier" or unit.kind != "function":
        return ""
    makers = {_maker(unit, each.value) for each in flow_of(unit).reaching(owner)}
    return f"requests.Session.{called[1]}" if makers and makers <= _SESSIONS else ""


def _maker(unit: Unit, value: Node | None) -> str:
    return unit.call_name(value) if value is not None and value.type == "call" else ""


RULE = Rule(
    name="missing-timeout",
    reviewer="security",
    kind="timeout",
    summary="A request waits without end for a server that does not answer",
    severity="medium",
    check=check,
    cwe=(1088,),
)
