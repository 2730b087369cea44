"""A signature compared in a way that tells how much of it is right.

What it does: reports ``==`` and ``!=`` where one side is a digest of ``hmac`` made in the same function. Tests are left
alone.

Why is this bad: the time of the answer tells how many characters were right, and so the signature can be guessed
piece by piece.

Example::

    if sent == hmac.new(key, body, "sha256").hexdigest(): ...

Use instead::

    if hmac.compare_digest(sent, expected): ...

References: https://cwe.mitre.org/data/definitions/208.html
"""

from __future__ import annotations

from collections.abc import Iterator

from tree_sitter import Node

from ..findings import Finding
from ..flow import flow_of
from ..rules import Rule
from ..syntax import Unit, descend
from ..tests_of import in_tests
from .written import report

_MAKING = ("hmac.new", "hmac.digest", "hmac.HMAC")


def check(unit: Unit) -> Iterator[Finding]:
    if in_tests(unit.path) or not unit.says(b"hmac"):
        return
    for node in unit.index.get("comparison_operator", ()):
        signs = [each.type for each in node.children_by_field_name("operators")]
        sides = node.named_children
        if signs in (["=="], ["!="]) and len(sides) == 2 and any(_is_mac(unit, each) for each in sides):
            yield report(
                unit,
                RULE,
                node,
                "the time this takes tells how much of the signature was right",
                0.85,
                "use hmac.compare_digest",
            )


def _is_mac(unit: Unit, node: Node, depth: int = 0) -> bool:
    """Is a value made by ``hmac`` here?"""
    if node.type == "identifier" and depth < 4:
        bound = flow_of(unit).bindings.get(unit.text(node), ())
        return any(each.value is not None and _is_mac(unit, each.value, depth + 1) for each in bound)
    if node.type in ("call", "attribute", "binary_operator"):
        return any(each.type == "call" and unit.call_name(each) in _MAKING for each in descend(node))
    return False


RULE = Rule(
    name="timing-comparison",
    reviewer="security",
    kind="crypto",
    summary="A signature is compared in a time that tells about it",
    severity="medium",
    check=check,
    cwe=(208,),
)
