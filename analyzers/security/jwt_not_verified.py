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

from ..findings import Finding
from ..rules import Rule
from ..syntax import Unit
from ..tests_of import in_tests
from .written import argument, constant, report

_OFF = re.compile(r"""[\"']verify_signature[\"']\s*:\s*False""")
_NONE = re.compile(r"""[\"']none[\"']""", re.IGNORECASE)


def check(unit: Unit) -> Iterator[Finding]:
    for call in unit.index.get("call", ()):
        name = unit.call_name(call)
        if not name.endswith(("jwt.decode", "jwt.encode", "jwt.JWT.decode", "jwt.api_jwt.decode", "jws.verify")):
            continue
        if in_tests(unit.path):
            continue
        algorithms = argument(unit, call, 2, "algorithms", "algorithm")
        options = argument(unit, call, -1, "options")
        shown = unit.text(options) if options is not None else ""
        shown = unit.facts.literals.get(shown, shown)
        unchecked = constant(unit, argument(unit, call, -1, "verify")) is False or bool(_OFF.search(shown))
        if unchecked and "decode" in name:
            said = "the signature of this token is not checked"
        elif algorithms is not None and _NONE.search(unit.text(algorithms)):
            said = "a token without a signature is accepted"
        else:
            continue
        yield report(unit, RULE, call, said, 0.85, "name the key and the algorithms that you use")


RULE = Rule(
    name="jwt-not-verified",
    reviewer="security",
    kind="crypto",
    summary="A token is believed without a check of its signature",
    severity="high",
    check=check,
    cwe=(347,),
)
