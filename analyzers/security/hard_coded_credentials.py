"""A password or key written in the source.

What it does: reports literals that have the form of a known credential (private keys, tokens of well-known services),
and literals given to names such as ``password`` or ``api_key`` that look like a secret and not like a placeholder, a
prompt, a field's name or a message. Tests only report keys of services that nobody seems to have made up. A class
that writes down an address beside the key is a client of that service, and the key probably the one that the service
gives to all of them: a hint, unless it is a password or a key to sign with. The value is never shown.

Why is this bad: whoever can read the source, its history or a package built from it has the credential.

Example::

    connect(user="app", password="k9!vT2#qLm")

Use instead::

    connect(user="app", password=os.environ["APP_PASSWORD"])

References: https://cwe.mitre.org/data/definitions/798.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from tree_sitter import Node

from ..findings import Evidence, Finding
from ..flow import arguments_of
from ..places import is_test_code
from ..rules import Rule
from ..syntax import Unit
from .credentials import LOCAL, entropy, hints, known_form, looks_secret, names_credential
from .written import around


def check(unit: Unit) -> Iterator[Finding]:
    strings = unit.index.get("string")
    if not strings:
        return
    # Where no name speaks of a credential, only known forms can be one.
    tests = is_test_code(unit.path)
    code = unit.data[unit.node.start_byte : unit.node.end_byte]
    unnamed = tests or not names_credential(code)
    if unnamed and not hints(code):
        return
    told: set[str] = set()
    for node in strings:
        value = _value(unit, node)
        if value is None or len(value) < 6:
            continue
        what, name, confidence = known_form(value), "", 0.95
        if not what and not unnamed:
            name = _given_to(unit, node)
            confidence = looks_secret(name, value)
            what = f"the value of '{name}'" if confidence else ""
        if not what or value in told or (what in LOCAL and (tests or _SHOWN.search(around(unit, node)))):
            continue  # one credential is one problem, however often it is written in a definition
        told.add(value)
        found = unit.finding(
            RULE,
            node,
            f"{what} is written in the source (value hidden)",
            confidence=confidence,
            suggestion="read it from the environment or a secret store, and change it, for it is in the history",
            evidence=(_evidence(unit, node, name, value),),
        )
        # A provider's key opens the account for whoever reads it; nothing else has to be found out.
        if name:
            yield replace(found, severity="low") if _is_of_a_client(unit, node, name) else found
        else:
            yield found if what in LOCAL else replace(found, severity="critical")


#: Position of the key, by function.
_KEYED = {
    "jwt.encode": 1, "jwt.decode": 1, "jose.jwt.encode": 1, "jose.jwt.decode": 1, "hmac.new": 0, "hmac.digest": 0,
    "itsdangerous.Signer": 0, "itsdangerous.TimestampSigner": 0, "itsdangerous.URLSafeSerializer": 0,
    "itsdangerous.URLSafeTimedSerializer": 0, "cryptography.fernet.Fernet": 0,
    "requests.auth.HTTPBasicAuth": 1, "requests.auth.HTTPDigestAuth": 1, "httpx.BasicAuth": 1, "aiohttp.BasicAuth": 1,
}  # fmt: skip


def _is_of_a_client(unit: Unit, node: Node, name: str) -> bool:
    """Is this a key of a class, and is the address of what it is for written beside it?"""
    if unit.kind != "class" or _OWN.search(name) or node.parent is None or node.parent.type != "assignment":
        return False
    body = unit.node.child_by_field_name("body")
    for statement in body.named_children if body is not None else ():
        inner = statement.named_children[0] if statement.named_children else None
        right = inner.child_by_field_name("right") if inner is not None and inner.type == "assignment" else None
        if right is not None and right.type == "string" and _ADDRESS.match(_value(unit, right) or ""):
            return True
    return False


#: What a program signs and encrypts with itself, or what opens an account: no service gives the same one to everybody.
_OWN = re.compile(r"pass|secret_?key|sign|encrypt|private|jwt|hmac|(?:access|account)_?key", re.IGNORECASE)
#: The address of another machine.
_ADDRESS = re.compile(r"(?:https?|wss?)://(?!localhost|127\.|0\.0\.)")


#: Names of what tells people how something is written.
_SHOWN = re.compile(r"example|sample|placeholder|help_?text|usage|docs?(?:_|\b)|documentation", re.IGNORECASE)


def _value(unit: Unit, node: Node) -> str | None:
    """The text of a plain literal; None for an f-string or a docstring."""
    if any(each.type == "interpolation" for each in node.named_children):
        return None
    if node.parent is not None and node.parent.type == "expression_statement":
        return None
    return "".join(unit.text(each) for each in node.named_children if each.type == "string_content")


def _given_to(unit: Unit, node: Node) -> str:
    """The name that a literal is assigned to, passed as, or the key that it is stored under."""
    parent = node.parent
    if parent is None:
        return ""
    kind = parent.type
    target: Node | None = None
    if kind == "assignment":
        target = parent.child_by_field_name("left")
    elif kind == "keyword_argument" or kind in ("default_parameter", "typed_default_parameter"):
        target = parent.child_by_field_name("name")
    elif kind == "pair":
        target = parent.child_by_field_name("key")
        if target == node or (target is not None and _is_sample(unit, parent, unit.text(target))):
            return ""
    elif kind == "comparison_operator" and len(parent.named_children) == 2:
        operators = parent.children_by_field_name("operators")
        if operators and operators[0].type in ("==", "!="):
            target = next((each for each in parent.named_children if each != node), None)
            # A parser compares its tokens with literals; only passwords and keys are compared with secrets.
            if target is not None and "token" in unit.text(target).lower():
                return ""
    elif kind == "tuple" and parent.named_children[1:] == [node] and parent.parent is not None:
        # ``auth=(user, password)``
        name = parent.parent.child_by_field_name("name") if parent.parent.type == "keyword_argument" else None
        return "password" if name is not None and unit.text(name) == "auth" else ""
    elif kind == "argument_list" and parent.parent is not None:
        # The place of a key in functions that everybody knows.
        place = _KEYED.get(unit.call_name(parent.parent))
        return "secret_key" if place is not None and arguments_of(parent.parent)[place : place + 1] == [node] else ""
    if target is None:
        return ""
    if target.type == "subscript":
        target = target.child_by_field_name("subscript") or target
    if target.type == "attribute":
        target = target.child_by_field_name("attribute") or target
    return unit.text(target).strip("\"'")


def _is_sample(unit: Unit, pair: Node, key: str) -> bool:
    """Is a pair a part of an address (``reverse(…, kwargs={…})``), or of one of several rows of made-up data?"""
    owner = pair.parent.parent if pair.parent is not None else None
    if owner is None:
        return False
    if owner.type == "keyword_argument":
        name = owner.child_by_field_name("name")
        return name is not None and unit.text(name) in ("kwargs", "url_kwargs")
    if owner.type != "list" or "pass" in key.lower():
        return False
    return sum(each.type == "dictionary" and key in unit.text(each) for each in owner.named_children) > 1


def _evidence(unit: Unit, node: Node, name: str, value: str) -> Evidence:
    place = unit.range(node)
    where = {
        "path": unit.path,
        "line": place.line + 1,
        "column": place.column + 1,
        "text": f"{name or 'a literal'} = ****",
    }
    return Evidence(
        "traced", f"a literal of {len(value)} characters, {entropy(value):.1f} bits each", {"path": [where]}
    )


RULE = Rule(
    name="hard-coded-credentials",
    reviewer="security",
    kind="secrets",
    summary="A credential is written in the source",
    severity="high",
    check=check,
    cwe=(798,),
)
