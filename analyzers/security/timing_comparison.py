"""A signature compared in a way that tells how much of it is right.

What it does: reports ``==`` and ``!=`` where one side is a digest of ``hmac`` made in the same function, and where a
secret, a token or a signature that comes in a header is compared with one that the program keeps. Marks against forged
requests (CSRF), which each visitor is given, and tests are left alone.

Why is this bad: the time of the answer tells how many characters were right, and so the signature can be guessed
piece by piece.

Example::

    if sent == hmac.new(key, body, "sha256").hexdigest(): ...

Use instead::

    if hmac.compare_digest(sent, expected): ...

References: https://cwe.mitre.org/data/definitions/208.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from tree_sitter import Node

from ..findings import Finding
from ..flow import flow_of, method_of
from ..rules import Rule
from ..syntax import Unit, descend
from ..tests_of import in_tests
from .written import report

_MAKING = ("hmac.new", "hmac.digest", "hmac.HMAC")
#: What says something of a signature, and holds nothing of it.
_TELLING = frozenset({"compare_digest", "len", "isinstance", "bool"})


def check(unit: Unit) -> Iterator[Finding]:
    if in_tests(unit.path):
        return
    for node in unit.index.get("comparison_operator", ()):
        signs = [each.type for each in node.children_by_field_name("operators")]
        sides = node.named_children
        if signs not in (["=="], ["!="]) or len(sides) != 2:
            continue
        if _is_sent_secret(unit, *sides) or _is_sent_secret(unit, *reversed(sides)):
            what, confidence = "what was sent", 0.6
        elif any(_is_mac(unit, each) for each in sides):
            what, confidence = "the signature", 0.85
        else:
            continue
        told = f"the time this takes tells how much of {what} was right"
        yield report(unit, RULE, node, told, confidence, "use hmac.compare_digest")


def _is_mac(unit: Unit, node: Node, depth: int = 0) -> bool:
    """Is a value made by ``hmac`` here?"""
    if node.type == "identifier" and depth < 4:
        bound = flow_of(unit).bindings.get(unit.text(node), ())
        return any(each.value is not None and _is_mac(unit, each.value, depth + 1) for each in bound)
    if node.type == "call" and unit.call_name(node).rpartition(".")[2] in _TELLING:
        return False
    if node.type in ("call", "attribute", "binary_operator", "string"):
        return any(
            unit.call_name(each) in _MAKING or _is_digest(unit, each, depth)
            for each in descend(node)
            if each.type == "call"
        )
    return False


def _is_digest(unit: Unit, call: Node, depth: int) -> bool:
    """``mac.hexdigest()`` of a name that ``hmac`` made."""
    called = method_of(unit, call)
    if called is None or called[1] not in ("digest", "hexdigest") or called[0].type != "identifier":
        return False
    return _is_mac(unit, called[0], depth)


def _is_sent_secret(unit: Unit, sent: Node, kept: Node) -> bool:
    """Is a secret that a header brings compared with one of the program's own?"""
    if sent.type not in _READ or kept.type not in _READ:
        return False
    said, known = _said(unit, sent), _said(unit, kept)
    if not _HEADER.search(said) or not _SECRET.search(said) or _FOR_EVERYBODY.search(f"{said} {known}"):
        return False
    return _SECRET.search(known) is not None and _HEADER.search(known) is None


#: What a value is read from: a name, or something that is asked for it.
_READ = frozenset({"identifier", "attribute", "subscript", "call"})
_HEADER = re.compile(r"\bheaders?\b|[gG]et_?[hH]eader|\bMETA\b")
_SECRET = re.compile(r"secret|token|signature|api[_-]?key|passw", re.IGNORECASE)
#: What is given to each visitor, or says which version of something there is.
_FOR_EVERYBODY = re.compile(r"c?[sx]rf|etag|nonce|content", re.IGNORECASE)


def _said(unit: Unit, node: Node) -> str:
    """The text of a value, with that of what it was bound to."""
    bound = flow_of(unit).bindings.get(unit.text(node), ()) if node.type == "identifier" else ()
    values = [unit.text(each.value) for each in bound if each.value is not None and each.how == "assign"]
    return " ".join((unit.text(node), *values))


RULE = Rule(
    name="timing-comparison",
    reviewer="security",
    kind="crypto",
    summary="A signature is compared in a time that tells about it",
    severity="medium",
    check=check,
    cwe=(208,),
    words=(b"hmac", b"eader", b"META"),
)
