"""A token that is believed without a check.

What it does: reports ``jwt.decode`` with ``verify=False``, ``verify_signature`` off, or ``none`` among its algorithms
(PyJWT, python-jose, Authlib), and ``jwt.encode`` with ``none``. Reading only the header of a token is fine.

Why is this bad: anybody writes the token that says who they are.

Example::

    claims = jwt.decode(token, options={"verify_signature": False})

Use instead::

    claims = jwt.decode(token, key, algorithms=["HS256"])

References: https://cwe.mitre.org/data/definitions/347.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from tree_sitter import Node

from ..findings import Finding
from ..rules import Rule
from ..syntax import Unit
from ..tests_of import in_tests
from .written import argument, behind_name, constant, report

_OFF = re.compile(r"""[\"']verify_signature[\"']\s*:\s*False""")
_PLAIN = re.compile(r"""^(?:\.get\(\s*|\[)[\"'](?:exp|iat|nbf|kid|alg|typ|iss|aud)[\"']""")
_NONE = re.compile(r"""[\"']none[\"']""", re.IGNORECASE)


def check(unit: Unit) -> Iterator[Finding]:
    calls = unit.index.get("call", ())
    for call in calls:
        name = unit.call_name(call)
        if not name.endswith(("jwt.decode", "jwt.encode", "jwt.JWT.decode", "jwt.api_jwt.decode", "jws.verify")):
            continue
        if in_tests(unit.path):
            continue
        algorithms = argument(unit, call, 2, "algorithms", "algorithm")
        options = argument(unit, call, -1, "options")
        shown = unit.text(behind_name(unit, options)) if options is not None else ""
        shown = unit.facts.literals.get(shown, shown)
        unchecked = constant(unit, argument(unit, call, -1, "verify")) is False or bool(_OFF.search(shown))
        if unchecked and "decode" in name:
            if _looked_at(unit, call):
                continue  # a look before the check, to know whose key it is, or until when to keep it
            said = "the signature of this token is not checked"
        elif algorithms is not None and _NONE.search(unit.text(algorithms)):
            said = "a token without a signature is accepted"
        else:
            continue
        yield report(unit, RULE, call, said, 0.85, "name the key and the algorithms that you use")


def _looked_at(unit: Unit, call: Node) -> bool:
    """Is nobody believed to be somebody by the token? (Only its issuer, its key's name or its times are read.)"""
    parent = call.parent
    if parent is None:
        return False
    if parent.type != "assignment":
        around = parent.parent if parent.type == "attribute" and parent.parent is not None else parent
        return bool(_PLAIN.match(unit.text(around)[len(unit.text(call)) :]))
    left = parent.child_by_field_name("left")
    name = unit.text(left) if left is not None else ""
    behind = unit.data[parent.end_byte : unit.node.end_byte].decode("utf-8", "replace")
    uses = list(re.finditer(rf"{re.escape(name)}", behind)) if name.isidentifier() else []
    return bool(uses) and all(_PLAIN.match(behind[each.end() :]) for each in uses)


RULE = Rule(
    name="jwt-not-verified",
    reviewer="security",
    kind="crypto",
    summary="A token is believed without a check of its signature",
    severity="high",
    check=check,
    cwe=(347,),
    words=(b"jwt", b"jws"),
)
