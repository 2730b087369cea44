"""A session cookie that travels in the clear or that scripts can read.

What it does: reports ``set_cookie`` of a cookie that holds a session or token (by its name or value) without
``secure`` or ``httponly``, and settings that switch these off (``SESSION_COOKIE_SECURE = False`` and the like).

Why is this bad: whoever listens on the way, or injects a script, has the session.

Example::

    response.set_cookie("session", token)

Use instead::

    response.set_cookie("session", token, secure=True, httponly=True, samesite="Lax")

References: https://cwe.mitre.org/data/definitions/614.html, https://cwe.mitre.org/data/definitions/1004.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from tree_sitter import Node

from ..findings import Finding
from ..flow import arguments_of
from ..rules import Rule
from ..syntax import Unit
from ..tests_of import in_tests
from .written import argument, constant, method_name, report, settings, spread

_SETTINGS = frozenset(
    {
        "SESSION_COOKIE_SECURE",
        "SESSION_COOKIE_HTTPONLY",
        "CSRF_COOKIE_SECURE",
        "REMEMBER_COOKIE_SECURE",
        "REMEMBER_COOKIE_HTTPONLY",
    }
)
_SESSION = re.compile(r"sess|^sid$|token|auth|jwt|login|remember|csrf|identity|credential", re.IGNORECASE)
_CURE = "pass secure=True, httponly=True and samesite"


def check(unit: Unit) -> Iterator[Finding]:
    if in_tests(unit.path):
        return
    for call in unit.index.get("call", ()):
        if method_name(unit, call) in ("set_cookie", "set_signed_cookie") and not spread(call):
            said = _missing(unit, call)
            if said:
                yield report(unit, RULE, call, said, 0.75, _CURE)
    for name, value, node in settings(unit):
        if name in _SETTINGS and constant(unit, value) is False:
            yield report(unit, RULE, node, f"{name} is off", 0.8, "switch it on outside development")


def _missing(unit: Unit, call: Node) -> str:
    secure, http_only = (constant(unit, argument(unit, call, -1, name)) for name in ("secure", "httponly"))
    given = [argument(unit, call, -1, name) is not None for name in ("secure", "httponly")]
    listed = arguments_of(call)
    key, value = argument(unit, call, 0, "key", "name"), argument(unit, call, 1, "value")
    if len(listed) > 4:
        return ""
    name = constant(unit, key)
    words = f"{name if isinstance(name, str) else ''} {unit.text(value) if value is not None else ''}"
    if not any(_SESSION.search(word) for word in re.findall(r"\w+", words)):
        return ""
    if secure is False or not given[0]:
        return "this cookie is sent in the clear too"
    if http_only is False or not given[1]:
        return "scripts can read this cookie"
    return ""


RULE = Rule(
    name="insecure-cookie",
    reviewer="security",
    kind="securecookie",
    summary="A session cookie can be read by others",
    severity="medium",
    check=check,
    cwe=(614, 1004),
    words=(b"_cookie", b"_COOKIE_", b"onfig", b"ONFIG"),
)
