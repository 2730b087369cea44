"""A broken or a fast hash where it has to protect something.

What it does: reports PBKDF2 with few rounds or a fixed salt, fast hashes in Django's ``PASSWORD_HASHERS``, MD5, SHA-1
and MD4 (``hashlib.md5``, ``hashlib.new("md5")``, ``hmac.new(…, "md5")``), and any fast hash of a password.
``usedforsecurity=False`` says that it is a checksum and is believed, and so are names such as ``etag``, ``checksum``
and ``cache_key`` around the call.

Why is this bad: collisions for MD5 and SHA-1 are cheap; a password hashed once with any fast hash is guessed at
billions of tries a second.

Example::

    digest = hashlib.md5(password.encode()).hexdigest()

Use instead::

    digest = hashlib.scrypt(password.encode(), salt=salt, n=2**14, r=8, p=1)

References: https://cwe.mitre.org/data/definitions/327.html, https://cwe.mitre.org/data/definitions/328.html,
https://docs.python.org/3/library/hashlib.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from tree_sitter import Node

from ..findings import Finding
from ..flow import arguments_of, flow_of, keyword_of
from ..rules import Rule
from ..syntax import Unit
from ..tests_of import in_tests
from .written import UNKNOWN, argument, constant, evidence

_BROKEN = frozenset({"md5", "sha1", "md4", "sha"})
_FAST = _BROKEN | {"sha224", "sha256", "sha384", "sha512", "sha3_256", "sha3_512", "blake2b", "blake2s"}
_PASSWORD = re.compile(r"passw|passphrase|pwd|\bpin\b|_pin\b", re.IGNORECASE)
_SECURITY = re.compile(
    r"passw|pwd|secret|token|sign|auth|credential|api_?key|session|csrf|hmac|verify|otp", re.IGNORECASE
)
_CHECKSUM = re.compile(
    r"etag|check_?sum|cache|finger_?print|dedup|(?:file|content|data)_?(?:hash|md5|sha)|chunk|bucket|shard|partition|colou?r"
    r"|avatar|slug|uniq|asset|key_for|git|blob|filename|file_?name",
    re.IGNORECASE,
)


#: Hashes of passlib that are guessed through quickly, or that everybody reads.
_QUICK = re.compile(
    r"passlib\.hash\.(?:(?:ldap_|hex_|django_)?(?:salted_)?(?:(?:md5|sha1)(?:_crypt)?|md4|sha256|sha512)|apr_md5_crypt"
    r"|des_crypt|bsdi_crypt|bigcrypt|crypt16|lmhash|nthash|mysql323|mysql41|plaintext)\.(?:hash|encrypt)"
)


def check(unit: Unit) -> Iterator[Finding]:
    for call in unit.index.get("call", ()):
        stretched = _stretched(unit, call)
        if stretched:
            yield _report(unit, call, stretched, 0.8)
            continue
        if _QUICK.fullmatch(unit.call_name(call)) and not in_tests(unit.path):
            yield _report(unit, call, "new passwords are hashed with a fast hash", 0.85)
            continue
        algorithm = _algorithm(unit, call)
        if algorithm not in _FAST:
            continue
        declared = keyword_of(unit, call, "usedforsecurity")
        if declared is not None and declared.type == "false":
            continue
        found = _judge(unit, call, algorithm)
        if found is None:
            continue
        message, confidence = found
        yield _report(unit, call, message, confidence)
    for node in unit.index.get("list", ()):
        yield from _hashers(unit, node)


def _report(unit: Unit, node: Node, message: str, confidence: float) -> Finding:
    return unit.finding(
        RULE,
        node,
        message,
        confidence=confidence,
        suggestion="use scrypt or argon2 for passwords, SHA-256 elsewhere, or say usedforsecurity=False",
        evidence=(evidence(unit, node),),
    )


#: OWASP's password storage cheat sheet asks for 600,000 rounds of PBKDF2 with SHA-256, 210,000 with SHA-512.
ROUNDS = 100_000


def _stretched(unit: Unit, call: Node) -> str:
    """What is wrong with a derivation of a key from a password."""
    name = unit.call_name(call)
    if name == "hashlib.pbkdf2_hmac" or name.endswith(".PBKDF2HMAC"):
        salt, rounds = argument(unit, call, 2, "salt"), constant(unit, argument(unit, call, 3, "iterations"))
    elif name in ("hashlib.scrypt", "Crypto.Protocol.KDF.scrypt"):
        salt, rounds = argument(unit, call, 1, "salt"), UNKNOWN
    else:
        return ""
    if isinstance(rounds, int) and rounds < ROUNDS:
        return f"{rounds} rounds are guessed through quickly"
    if isinstance(constant(unit, salt), bytes | str):
        return "the salt is the same for everybody"
    return ""


_HASHERS = (
    "MD5PasswordHasher",
    "SHA1PasswordHasher",
    "CryptPasswordHasher",
    "UnsaltedMD5PasswordHasher",
    "UnsaltedSHA1PasswordHasher",
)


def _hashers(unit: Unit, node: Node) -> Iterator[Finding]:
    """``PASSWORD_HASHERS`` of Django whose first entry, which makes new hashes, is a fast one."""
    parent = node.parent
    left = parent.child_by_field_name("left") if parent is not None and parent.type == "assignment" else None
    if left is None or unit.text(left) != "PASSWORD_HASHERS" or in_tests(unit.path):
        return
    first = next((each for each in node.named_children if each.type == "string"), None)
    if first is not None and unit.text(first).strip("\"'").rpartition(".")[2] in _HASHERS:
        yield _report(unit, first, "new passwords are hashed with a fast hash", 0.85)


def _algorithm(unit: Unit, call: Node) -> str:
    name = unit.call_name(call)
    module, _, function = name.rpartition(".")
    listed = arguments_of(call)
    chosen: Node | None = None
    if module == "hashlib" and function != "new":
        return function.lower()
    if name == "hashlib.new":
        chosen = listed[0] if listed else keyword_of(unit, call, "name")
    elif name in ("hmac.new", "hmac.digest"):
        chosen = (
            listed[2] if len(listed) > 2 else keyword_of(unit, call, "digestmod") or keyword_of(unit, call, "digest")
        )
    elif name.startswith(("Crypto.Hash.", "Cryptodome.Hash.")) and function == "new":
        return module.rpartition(".")[2].lower()
    elif name.startswith("cryptography.hazmat.primitives.hashes."):
        return function.lower()
    if chosen is None:
        return ""
    value = constant(unit, chosen)
    text = value if isinstance(value, str) else _both(unit, chosen) or unit.text(chosen)
    return text.strip("\"'").rpartition(".")[2].lower().replace("-", "")


def _both(unit: Unit, chosen: Node) -> str:
    """The one constant that all assignments of a name say, whichever is taken."""
    bound = flow_of(unit).bindings.get(unit.text(chosen), ())
    found: set[object] = set()
    for each in bound:
        value = each.value
        sides = (
            [value.named_children[0], value.named_children[-1]]
            if value is not None and value.type == "conditional_expression"
            else [value]
        )
        found |= {constant(unit, side) for side in sides}
    only = found.pop() if len(found) == 1 else None
    return only if isinstance(only, str) else ""


def _judge(unit: Unit, call: Node, algorithm: str) -> tuple[str, float] | None:
    """(message, confidence) by what the call hashes and what the function is about."""
    listed = arguments_of(call)
    hashed = " ".join(unit.text(each) for each in listed)
    keyed = unit.call_name(call).startswith("hmac.") and algorithm not in _BROKEN
    if _PASSWORD.search(hashed) and not keyed:
        return f"a password is hashed with {algorithm}, which is made to be fast", 0.9
    if algorithm not in _BROKEN or (unit.call_name(call).startswith("hmac.") and algorithm in ("sha1", "sha")):
        return None  # collisions of SHA-1 do not forge an HMAC (RFC 6194)
    around = f"{_statement(unit, call)} {unit.name}"
    if _SECURITY.search(around):
        return f"{algorithm} protects something here, and is broken", 0.8
    if _CHECKSUM.search(around):
        return None
    return f"{algorithm} is broken where somebody may choose what is hashed", 0.4


def _statement(unit: Unit, call: Node) -> str:
    """The text of the statement around a call, at most a few lines."""
    node: Node = call
    while node.parent is not None and not node.type.endswith("_statement") and node.parent.id != unit.node.id:
        node = node.parent
    return unit.text(node)[:400]


RULE = Rule(
    name="weak-hash",
    reviewer="security",
    kind="hash",
    summary="A broken or fast hash protects something",
    severity="medium",
    check=check,
    cwe=(327, 328, 916),
    words=(b"hashlib", b"hmac", b"rypto", b"PBKDF2HMAC", b"PASSWORD_HASHERS", b"passlib"),
)
