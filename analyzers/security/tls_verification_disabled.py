"""TLS without checking who is at the other end.

What it does: reports ``verify=False`` (requests, httpx and their sessions), ``ssl=False`` (aiohttp), contexts from
``ssl._create_unverified_context``, ``verify_mode = ssl.CERT_NONE``, ``check_hostname = False`` and
``cert_reqs="CERT_NONE"``. It is a hint where somebody chose it: behind a test of an option about it, or in what is
named after it (``insecure_transport``), for whoever asks for that gets it; and so is a request that sends nothing and
of whose answer only the status is used, to see whether a server is up.

Why is this bad: anybody on the way can answer instead of the server, read everything and change everything.

Example::

    requests.get(url, verify=False)

Use instead::

    requests.get(url, verify="/etc/ssl/private-ca.pem")

References: https://cwe.mitre.org/data/definitions/295.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from tree_sitter import Node

from ..findings import Finding
from ..flow import keyword_of, method_of
from ..rules import Rule
from ..syntax import Unit
from .written import behind_name, evidence, function_name

_VERBS = frozenset({"get", "post", "put", "patch", "delete", "head", "options", "request", "send", "stream"})
_CLIENTS = frozenset({"Client", "AsyncClient", "Session", "HTTPTransport", "AsyncHTTPTransport"})
_MODULES = ("requests", "httpx", "aiohttp", "urllib3", "niquests")


def check(unit: Unit) -> Iterator[Finding]:
    for call in unit.index.get("call", ()):
        found = _in_call(unit, call)
        if found is not None:
            reported = _report(unit, *found)
            lightly = _only_asks_whether_up(unit, call) or _is_chosen(unit, call)
            yield replace(reported, severity="low") if lightly else reported
    for assignment in unit.index.get("assignment", ()):
        found = _in_assignment(unit, assignment)
        if found is not None:
            reported = _report(unit, *found)
            yield replace(reported, severity="low") if _is_chosen(unit, assignment) else reported


def _is_chosen(unit: Unit, node: Node) -> bool:
    """Did somebody ask for this: by an option that is tested around it, or by the name of what it is in?"""
    if _WITHOUT.search(function_name(node, unit)):
        return True
    inner, current = node, node.parent
    while current is not None and inner.id != unit.node.id:
        if current.type in ("if_statement", "elif_clause", "conditional_expression"):
            asked = (
                current.named_children[1]
                if current.type == "conditional_expression"
                else current.child_by_field_name("condition")
            )
            if asked is not None and inner.id != asked.id and _ABOUT.search(unit.text(asked)):
                return True
        if current.type == "assignment":
            left = current.child_by_field_name("left")
            if left is not None and inner.id != left.id and _WITHOUT.search(unit.text(left)):
                return True
        inner, current = current, current.parent
    return False


#: Words of options about this, and names of what does without it.
_ABOUT = re.compile(
    r"verif|insecure|secure|trust|self_?signed|cert|ignore_\w*(?:ssl|tls)|skip_\w*(?:ssl|tls)", re.IGNORECASE
)
_WITHOUT = re.compile(
    r"insecure|unverif|(?:no|not|dont|skip|without|disable)_?(?:(?:ssl|tls|cert)_?)?verif|self_?signed"
    r"|(?:ignor\w*|skip|disable|no)_?(?:ssl|tls|cert)",
    re.IGNORECASE,
)


def _in_call(unit: Unit, call: Node) -> tuple[Node, str, float] | None:
    name = unit.call_name(call)
    if name in ("ssl._create_unverified_context", "ssl._create_stdlib_context"):
        return call, "this context accepts every certificate", 0.95
    listed = call.child_by_field_name("arguments")
    if listed is None or not any(each.type == "keyword_argument" for each in listed.named_children):
        return None
    verify = keyword_of(unit, call, "verify")
    verify = behind_name(unit, verify) if verify is not None else None
    known = name.partition(".")[0] in _MODULES
    if verify is not None and verify.type == "false":
        called = method_of(unit, call)
        if known or (called is not None and called[1] in _VERBS) or name.rpartition(".")[2] in _CLIENTS:
            return call, "the server's certificate is not checked", 0.95 if known else 0.8
    required = keyword_of(unit, call, "cert_reqs")
    if required is not None and unit.text(required).strip("\"'").rpartition(".")[2] == "CERT_NONE":
        return call, "the server's certificate is not checked", 0.9
    tls = keyword_of(unit, call, "ssl") or keyword_of(unit, call, "verify_ssl")
    modules = {each.partition(".")[0] for each in unit.facts.imports.values()}
    if tls is not None and tls.type == "false" and "aiohttp" in modules:
        called = method_of(unit, call)
        if called is not None and (called[1] in _VERBS or called[1] in ("TCPConnector", "ws_connect")):
            return call, "the server's certificate is not checked", 0.85
    return None


#: Arguments of a request that send something, or somebody's rights.
_SENT = ("data", "json", "files", "headers", "cookies", "auth", "cert", "params", "content")
#: What of an answer says whether there is somebody, and nothing of what was said.
_STATUS = frozenset({"ok", "status_code", "is_success", "status", "reason", "elapsed"})


def _only_asks_whether_up(unit: Unit, call: Node) -> bool:
    """``requests.get(url, verify=False).ok``: whoever answers is told nothing, and nothing is believed."""
    called, parent = method_of(unit, call), call.parent
    if called is None or called[1] not in ("get", "head", "options") or parent is None or parent.type != "attribute":
        return False
    asked = parent.child_by_field_name("attribute")
    if asked is None or unit.text(asked) not in _STATUS:
        return False
    return all(keyword_of(unit, call, each) is None for each in _SENT)


def _in_assignment(unit: Unit, node: Node) -> tuple[Node, str, float] | None:
    left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
    if left is None or right is None or left.type != "attribute":
        return None
    target, value = unit.text(left), unit.text(right)
    name = target.rpartition(".")[2]
    if name == "verify_mode" and value.rpartition(".")[2] == "CERT_NONE":
        return node, "this context accepts every certificate", 0.9
    if name == "check_hostname" and right.type == "false":
        return node, "the certificate may be that of any host", 0.8
    if (
        name == "verify"
        and right.type == "false"
        and any(each.partition(".")[0] in _MODULES for each in unit.facts.imports.values())
    ):
        return node, "certificates are not checked for this session", 0.8
    if unit.facts.resolve(target) == "ssl._create_default_https_context":
        return node, "every HTTPS connection of the program accepts every certificate", 0.95
    return None


def _report(unit: Unit, node: Node, message: str, confidence: float) -> Finding:
    return unit.finding(
        RULE,
        node,
        message,
        confidence=confidence,
        suggestion="leave verification on; for a private CA give its certificate",
        evidence=(evidence(unit, node),),
    )


RULE = Rule(
    name="tls-verification-disabled",
    reviewer="security",
    kind="crypto",
    summary="A TLS connection does not check who is at the other end",
    severity="high",
    check=check,
    cwe=(295,),
    words=(b"verify", b"cert_reqs", b"ssl", b"check_hostname"),
)
