"""Waiting for another machine without an end.

What it does: reports requests with ``requests`` (its functions, and sessions made in the same function) and
``urllib.request.urlopen`` that give no ``timeout``, for they have none of their own, and ``timeout=None`` given to any
of these or to ``httpx``. It is a hint in a command that somebody starts by hand, and sees that it hangs. Tests,
examples and scripts are left alone, and so are calls whose arguments come from elsewhere (``**options``) and sessions
that may have got a timeout of their own: an adapter that is not the library's, a method that was replaced, or that
were given to somebody else before.

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
from dataclasses import replace

from tree_sitter import Node

from ..by_hand import in_command
from ..findings import Finding
from ..flow import arguments_of, flow_of, keyword_of, method_of
from ..places import is_beside, is_by_hand
from ..rules import Rule
from ..syntax import Unit
from .written import evidence

_VERBS = frozenset({"get", "post", "put", "patch", "delete", "head", "options", "request"})
_SESSIONS = frozenset({"requests.Session", "requests.session", "requests.sessions.Session"})
_SESSION = "requests.Session"
_OPENS = "urllib.request.urlopen"
#: The position of ``timeout`` among the arguments, where it has one.
_POSITIONS = {_OPENS: 2, f"{_SESSION}.request": 8}
#: What can be mounted on a session and brings no timeout.
_ADAPTERS = frozenset({"requests.adapters.HTTPAdapter"})
_SPREAD = ("dictionary_splat", "list_splat")


def check(unit: Unit) -> Iterator[Finding]:
    calls = unit.index.get("call", ())
    modules = {each.partition(".")[0] for each in unit.facts.imports.values()}
    if not calls or modules.isdisjoint(("requests", "urllib", "httpx")) or is_beside(unit.path):
        return
    for call in calls:
        what = _asks(unit, call)
        if not what or any(each.type in _SPREAD for each in _given(call)):
            continue
        timeout = keyword_of(unit, call, "timeout")
        missing = (
            timeout is None and len(arguments_of(call)) <= _POSITIONS.get(what, 99) and not what.startswith("httpx.")
        )
        if missing or (timeout is not None and timeout.type == "none"):
            found = unit.finding(
                RULE,
                call.child_by_field_name("function") or call,
                f"{what} waits without end for a server that does not answer",
                confidence=0.95,
                suggestion="pass a timeout in seconds",
                evidence=(evidence(unit, call),),
            )
            by_hand = is_by_hand(unit.path) or in_command(unit, call)
            yield replace(found, severity="low") if by_hand else found


def _given(call: Node) -> list[Node]:
    listed = call.child_by_field_name("arguments")
    return listed.named_children if listed is not None else []


def _asks(unit: Unit, call: Node) -> str:
    """What asks a server here: a dotted name, the session's class for its methods; empty for anything else."""
    name = unit.call_name(call)
    module, _, last = name.rpartition(".")
    if name == _OPENS or (module in ("requests", "requests.api", "httpx") and last in _VERBS):
        return name
    called = method_of(unit, call)
    if called is None or called[1] not in _VERBS:
        return ""
    owner = called[0]
    if owner.type == "call":
        return f"{_SESSION}.{called[1]}" if unit.call_name(owner) in _SESSIONS else ""
    if owner.type != "identifier" or unit.kind != "function":
        return ""
    made = _made_by(unit, owner, _SESSIONS) and not _is_changed(unit, unit.text(owner))
    return f"{_SESSION}.{called[1]}" if made else ""


def _made_by(unit: Unit, node: Node, makers: frozenset[str]) -> bool:
    """Is a value, or whatever a name may stand for, made by a call of one of these?"""
    if node.type == "call":
        return unit.call_name(node) in makers
    bound = flow_of(unit).reaching(node) if node.type == "identifier" else ()
    values = [each.node.named_children[0] if each.node.type == "as_pattern" else each.value for each in bound]
    return bool(values) and all(
        each is not None and each.type == "call" and unit.call_name(each) in makers for each in values
    )


def _is_changed(unit: Unit, session: str) -> bool:
    """May a session wait otherwise than it was made to?"""
    for call in unit.index.get("call", ()):
        given = [each.child_by_field_name("value") or each for each in _given(call)]
        if any(each.type == "identifier" and unit.text(each) == session for each in given):
            return True
        called = method_of(unit, call)
        mounts = called is not None and called[1] == "mount" and unit.text(called[0]) == session
        if mounts and not (len(given) == 2 and _made_by(unit, given[1], _ADAPTERS)):
            return True
    targets = [each.child_by_field_name("left") for each in unit.index.get("assignment", ())]
    replaced = {f"{session}.{method}" for method in (*_VERBS, "send")}
    return any(each is not None and unit.text(each) in replaced for each in targets)


RULE = Rule(
    name="missing-timeout",
    reviewer="security",
    kind="timeout",
    summary="A request waits without end for a server that does not answer",
    severity="medium",
    check=check,
    cwe=(1088,),
    words=(b"requests", b"urllib", b"httpx"),
)
