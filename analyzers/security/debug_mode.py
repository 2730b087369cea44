"""Debugging that is left on.

What it does: reports ``DEBUG = True`` in a module of Django settings (one that also names ``INSTALLED_APPS``,
``ROOT_URLCONF``, ``ALLOWED_HOSTS`` and the like), and ``debug=True`` given to ``run`` of Flask or to an application
of Starlette, ``use_debugger=True`` given to ``run_simple`` of Werkzeug. Modules for development or tests, by their
name, are left alone.

Why is this bad: a page of an error shows code, settings and values, or runs what a visitor types.

Example::

    DEBUG = True

Use instead::

    DEBUG = os.environ.get("DEBUG") == "1"

References: https://cwe.mitre.org/data/definitions/489.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from tree_sitter import Node

from ..findings import Finding
from ..rules import Rule
from ..syntax import Unit
from ..tests_of import in_tests
from .written import argument, constant, report, settings

_SETTINGS = re.compile(r"^(?:settings|config|conf|prod\w*|production|base|common|defaults?)$")
_WORDS = (b"DEBUG", b"onfig", b"ONFIG", b"fastapi", b"starlette", b"tornado", b"run_simple")
_DEVELOPMENT = re.compile(r"dev|local|test|example|sample", re.IGNORECASE)


def check(unit: Unit) -> Iterator[Finding]:
    if in_tests(unit.path):
        return
    parts = unit.path.removesuffix(".py").split("/")
    is_settings = bool(_SETTINGS.match(parts[-1]) or (len(parts) > 1 and parts[-2] == "settings"))
    for name, value, node in settings(unit):
        written = node.child_by_field_name("left") if node.type == "assignment" else None
        direct = written is not None and written.type == "identifier" and unit.kind == "module"
        if name != "DEBUG" or constant(unit, value) is not True or _DEVELOPMENT.search(parts[-1]):
            continue
        if not direct or is_settings:
            yield report(unit, RULE, node, "debugging is on", 0.7, "read it from the environment, off by default")
    for call in unit.index.get("call", ()):
        name = unit.call_name(call)
        known = name in ("fastapi.FastAPI", "starlette.applications.Starlette", "tornado.web.Application")
        if known and constant(unit, argument(unit, call, -1, "debug")) is True:
            yield report(unit, RULE, call, "debugging is on", 0.75, "read it from the environment, off by default")
        elif name == "werkzeug.serving.run_simple" and _runs_debugger(unit, call):
            said = "the debugger runs what a visitor types"
            yield report(unit, RULE, call, said, 0.75, "switch it on from the environment, off by default")


def _runs_debugger(unit: Unit, call: Node) -> bool:
    """``run_simple(host, port, app, use_reloader, use_debugger)``"""
    return constant(unit, argument(unit, call, 4, "use_debugger")) is True


RULE = Rule(
    name="debug-mode",
    reviewer="security",
    kind="errinfo",
    summary="Debugging is left on",
    severity="medium",
    check=check,
    cwe=(489,),
    words=_WORDS,
)
