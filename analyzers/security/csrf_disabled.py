"""A view that changes something for any page that asks.

What it does: reports ``csrf_exempt`` (as a decorator, in ``method_decorator``, ``csrf.exempt`` of Flask-WTF) and
``WTF_CSRF_ENABLED = False``. Views that only answer GET are left alone, and so are those that check a signature or a
token of their own.

Why is this bad: another site can send the form in the name of whoever is logged in.

Example::

    @csrf_exempt
    def pay(request): ...

Use instead::

    @csrf_protect
    def pay(request): ...

References: https://cwe.mitre.org/data/definitions/352.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from tree_sitter import Node

from ..findings import Finding
from ..rules import Rule
from ..syntax import Unit
from ..tests_of import in_tests
from .written import constant, report, settings

_READS = re.compile(rb"require_(?:GET|safe)\b|require_http_methods\(\s*\[\s*[\"'](?:GET|HEAD)[\"']\s*\]")
_OWN_CHECK = re.compile(
    rb"signature|hmac|compare_digest|webhook|construct_event|Authorization|api_?key|verify_token|token_required",
    re.IGNORECASE,
)
_CURE = "leave the check on, or check a signature of the request yourself"


def check(unit: Unit) -> Iterator[Finding]:
    if in_tests(unit.path):
        return
    definition = unit.node.parent
    if unit.kind != "module" and definition is not None and definition.type == "decorated_definition":
        yield from _decorated(unit, definition)
    if unit.says(b"csrf") and any(each.startswith(("flask_wtf", "wtforms")) for each in unit.facts.imports.values()):
        yield from _form_without(unit)
    if not unit.says(b"CSRF", b"onfig", b"ONFIG"):
        return
    for name, value, node in settings(unit):
        if name == "WTF_CSRF_CHECK_DEFAULT" and any("CSRFProtect" in each for each in unit.facts.imports.values()):
            continue  # views are protected one by one
        if name in ("WTF_CSRF_ENABLED", "CSRF_ENABLED", "WTF_CSRF_CHECK_DEFAULT") and constant(unit, value) is False:
            yield report(unit, RULE, node, f"{name} is off", 0.85, _CURE)


def _form_without(unit: Unit) -> Iterator[Finding]:
    """``class Meta: csrf = False`` of a form of WTForms."""
    for node in unit.index.get("assignment", ()):
        left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
        named = left is not None and unit.text(left) in ("csrf", "csrf_enabled")
        if not named or right is None or constant(unit, right) is not False:
            continue
        around = node.parent
        while around is not None and around.type != "class_definition":
            around = around.parent
        name = around.child_by_field_name("name") if around is not None else None
        if name is not None and unit.text(name) == "Meta":
            yield report(unit, RULE, node, "this form does not check where a request comes from", 0.7, _CURE)


def _decorated(unit: Unit, definition: Node) -> Iterator[Finding]:
    text = unit.data[definition.start_byte : definition.end_byte]
    for decorator in definition.children:
        if decorator.type != "decorator":
            continue
        spelled = unit.text(decorator)
        off = re.search(r"\bcsrf_exempt\b|\bcsrf\w*\.exempt\b", spelled)
        if off and not _READS.search(text) and not _OWN_CHECK.search(text):
            yield report(unit, RULE, decorator, "any page can make a browser send this request", 0.6, _CURE)


RULE = Rule(
    name="csrf-disabled",
    reviewer="security",
    kind="csrf",
    summary="A view does not check where a request comes from",
    severity="low",
    check=check,
    cwe=(352,),
)
