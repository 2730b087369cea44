"""A cipher or a mode that does not hide what it should.

What it does: reports DES, 3DES, RC2, RC4, Blowfish, CAST and IDEA, the mode ECB, an initialisation vector or nonce
that is written in the source, and old versions of TLS and SSL (``PROTOCOL_TLSv1``, ``minimum_version = TLSv1_1``).

Why is this bad: ECB shows which blocks are equal, a fixed vector which messages begin alike, and the old ciphers are
broken.

Example::

    AES.new(key, AES.MODE_ECB)

Use instead::

    AES.new(key, AES.MODE_GCM)

References: https://cwe.mitre.org/data/definitions/327.html, https://cwe.mitre.org/data/definitions/329.html
"""

from __future__ import annotations

from collections.abc import Iterator

from tree_sitter import Node

from ..findings import Finding
from ..flow import method_of
from ..rules import Rule
from ..syntax import Unit
from .written import argument, behind_name, constant, report

_CIPHERS = frozenset(
    {"DES", "DES3", "ARC2", "ARC4", "Blowfish", "CAST", "RC2", "RC4", "TripleDES", "IDEA", "CAST5", "XOR"}
)
_CURE = "use an authenticated mode of AES (GCM) or ChaCha20-Poly1305 with a fresh nonce"
_VERSIONS = ("PROTOCOL_TLSv1", "PROTOCOL_TLSv1_1", "PROTOCOL_SSLv2", "PROTOCOL_SSLv3", "PROTOCOL_SSLv23_OLD")


def check(unit: Unit) -> Iterator[Finding]:
    for call in unit.index.get("call", ()):
        name = unit.call_name(call)
        said = _of_call(unit, call, name)
        if said:
            yield report(unit, RULE, call, said, 0.85, _CURE)
    for node in unit.index.get("assignment", ()):
        left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
        if left is None or right is None or not unit.text(left).endswith(".minimum_version"):
            continue
        if unit.text(right).rpartition(".")[2] in ("TLSv1", "TLSv1_1", "SSLv3"):
            yield report(unit, RULE, node, "this version of TLS is broken", 0.85, "use TLSv1_2 or newer")


def _of_call(unit: Unit, call: Node, name: str) -> str:
    parts = name.split(".")
    library = parts[0] in ("Crypto", "Cryptodome", "cryptography")
    if library and parts[-1] == "new" and len(parts) > 2:
        cipher = parts[-2]
        if cipher in _CIPHERS:
            return f"{cipher} is broken"
        mode = argument(unit, call, 1, "mode")
        if mode is not None and unit.text(behind_name(unit, mode)).endswith("MODE_ECB"):
            return "ECB shows which blocks are equal"
        vector = argument(unit, call, 2, "iv", "nonce", "IV")
        if cipher == "AES" and _is_fixed(unit, vector):
            return _SAME
    if library and "algorithms" in parts and parts[-1] in _CIPHERS:
        return f"{parts[-1]} is broken"
    if library and "modes" in parts:
        if parts[-1] == "ECB":
            return "ECB shows which blocks are equal"
        if _is_fixed(unit, argument(unit, call, 0, "initialization_vector", "nonce")):
            return _SAME
    if _seals(unit, call) and _is_fixed(unit, argument(unit, call, 0, "nonce")):
        return _SAME
    if name == "ssl.SSLContext" or name == "ssl.wrap_socket":
        version = argument(unit, call, 0 if name.endswith("SSLContext") else -1, "protocol", "ssl_version")
        if version is not None and unit.dotted(version).rpartition(".")[2] in _VERSIONS:
            return "this version of TLS is broken"
    return ""


_SAME = "the initialisation vector is always the same"
_AEAD = "cryptography.hazmat.primitives.ciphers.aead."


def _seals(unit: Unit, call: Node) -> bool:
    """``AESGCM(key).encrypt(nonce, …)``, also by a name that is bound once."""
    called = method_of(unit, call)
    if called is None or called[1] != "encrypt":
        return False
    owner = called[0]
    owner = behind_name(unit, owner)
    return owner.type == "call" and unit.call_name(owner).startswith(_AEAD)


def _is_fixed(unit: Unit, node: Node | None) -> bool:
    """Bytes that are written in the program: a literal, ``bytes(16)``, ``b"0" * 16``."""
    if node is None:
        return False
    if isinstance(constant(unit, node), bytes):
        return True
    node = behind_name(unit, node)
    if node.type == "binary_operator":
        return _is_fixed(unit, node.child_by_field_name("left"))
    zeros = node.type == "call" and unit.call_name(node) == "bytes"
    return zeros and isinstance(constant(unit, argument(unit, node, 0)), int)


RULE = Rule(
    name="weak-cipher",
    reviewer="security",
    kind="hash",
    summary="A cipher, mode or version of TLS that is broken",
    severity="high",
    check=check,
    cwe=(327, 329),
    words=(b"rypto", b"ssl", b"minimum_version"),
)
