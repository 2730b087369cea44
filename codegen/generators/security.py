"""Code that protects something: input that is checked, access that is denied by default, cryptography as it is meant.

What the security reviewer finds anyway (weak hashes, predictable tokens, injection) is not repeated here.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator

from ..context.index import Index
from ..context.pieces import Piece
from ..context.similar import calling_pieces
from ..drafter import Task
from ..validation.level import Level, Subject
from ..words import words_of
from .reading import Reading, Said, line_of, static_check
from .signs import Signs, fit_of
from .strategy import Fit, Strategy

_MODULES = frozenset(
    {"hashlib", "hmac", "secrets", "cryptography", "jwt", "bcrypt", "passlib", "argon2", "ssl", "itsdangerous"}
)
_SIGNS = Signs(
    words=(
        (r"passwords?|passphrases?|credentials?", 0.5),
        (r"authori[sz]\w+|permissions?|access control|privileges?|acl|(?:may|can|to) access", 0.5),
        (r"roles?|is allowed", 0.25),
        (r"authenticat\w+|log ?in|sessions? tokens?|csrf|jwt|tokens?", 0.35),
        (r"encrypt\w*|decrypt\w*|cipher|cryptograph\w*|hmac|salt(?:ed)?|digest", 0.45),
        (r"sign(?:ed|s)? (?:\w+ )?(?:message|value|cookie|token)\w*", 0.45),
        (r"sanitis\w+|sanitiz\w+|untrusted|malicious|traversal|injection|xss|escape html", 0.45),
        (r"secure(?:ly)?|constant[ -]time|secrets?", 0.35),
        (r"validat\w+ (?:\w+ ){0,3}input|user input", 0.3),
    ),
    modules=_MODULES,
)

_ACCESS = re.compile(r"permission|authori[sz]|allowed|access|\bacl\b|\bcan_|privilege|\bmay_", re.IGNORECASE)
_SLOW_HASHES = words_of(
    """scrypt pbkdf2_hmac hashpw gensalt checkpw PasswordHasher Scrypt PBKDF2HMAC Argon2id make_password
    check_password generate_password_hash check_password_hash verify hash"""
)
#: Iterations of PBKDF2 below which a password's hash is refused, and below which it is remarked on (OWASP, 2023).
_FEWEST, _ENOUGH = 100_000, 600_000
_SECRET = re.compile(r"password|passwd|secret|token|api_?key|private_?key", re.IGNORECASE)
_LOGGING = words_of("debug info warning error exception critical log print")
_KEYED = words_of("pbkdf2_hmac scrypt")


def fits(task: Task) -> Fit:
    return fit_of(task, _SIGNS)


def context(index: Index, path: str) -> Iterable[Piece]:
    """How this workspace protects things."""
    calls = ("compare_digest", "token_urlsafe", "hashpw", "pbkdf2_hmac", "scrypt", "has_permission", "PermissionError")
    return calling_pieces(index, calls, path)


# --- the check -------------------------------------------------------------------------------------------------------


def look(reading: Reading, subject: Subject) -> Said:
    words = "" if subject.spec is None else f"{subject.spec.name} {subject.spec.text}"
    faults = [*_asserted(reading), *_compared(reading), *_logged(reading)]
    if _ACCESS.search(words):
        faults += _open_by_default(reading)
    if re.search(r"\bpasswords?\b", words, re.I) and re.search(r"\bhash|\bstor(?:e|ing)\b|\bverif", words, re.I):
        faults += _password_hash(reading)
    hints = [*_few_iterations(reading), *_path_by_text(reading)]
    return Said(
        tuple(faults), tuple(hints), "assertions, comparison of secrets, logging, default of access, password hashes"
    )


def _asserted(reading: Reading) -> Iterator[str]:
    for node in ast.walk(reading.tree):
        if isinstance(node, ast.Assert):
            yield f"a check by assert is gone under python -O ({line_of(node)}): raise an exception"


def _compared(reading: Reading) -> Iterator[str]:
    """``==`` on a digest or a secret takes longer the more of it is right."""
    for node in ast.walk(reading.tree):
        if not isinstance(node, ast.Compare) or not isinstance(node.ops[0], (ast.Eq, ast.NotEq)):
            continue
        for side in (node.left, *node.comparators):
            made = [reading.dotted(value.func) for value in reading.values(side) if isinstance(value, ast.Call)]
            if any(each.rpartition(".")[2] in _KEYED or _keyed_digest(reading, each) for each in made):
                yield f"a digest is compared with == ({line_of(node)}): use hmac.compare_digest"
                return


def _keyed_digest(reading: Reading, dotted: str) -> bool:
    """``hmac.new().hexdigest``, or that of a name which was given one; a plain digest is no secret."""
    base, _, last = dotted.rpartition(".")
    if last not in ("digest", "hexdigest"):
        return False
    given = [reading.dotted(each.func) for each in reading.assigned.get(base, ()) if isinstance(each, ast.Call)]
    return any(each.startswith("hmac.") for each in (base, *given))


def _logged(reading: Reading) -> Iterator[str]:
    for call in reading.calls():
        name = reading.dotted(call.func).rpartition(".")[2]
        if name not in _LOGGING:
            continue
        for each in (*call.args, *(key.value for key in call.keywords)):
            for part in ast.walk(each):
                if isinstance(part, ast.Name) and _SECRET.search(part.id) and not _only_length(reading, part):
                    yield f"{part.id} is written to a log ({line_of(call)})"
                    return


def _only_length(reading: Reading, part: ast.Name) -> bool:
    parent = reading.parents.get(part)
    return isinstance(parent, ast.Call) and reading.dotted(parent.func) in ("len", "bool", "type")


def _open_by_default(reading: Reading) -> Iterator[str]:
    """Access is given where something fails, or where no rule said so."""
    for node in ast.walk(reading.tree):
        if isinstance(node, ast.ExceptHandler):
            for each in ast.walk(node):
                if isinstance(each, ast.Return) and isinstance(each.value, ast.Constant) and each.value.value is True:
                    yield f"access is given when a check fails with an exception ({line_of(each)})"
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "get":
            default = node.args[1] if len(node.args) > 1 else None
            if isinstance(default, ast.Constant) and default.value is True:
                yield f"what no rule names is allowed ({line_of(node)}): deny by default"


def _password_hash(reading: Reading) -> Iterator[str]:
    names = {node.attr if isinstance(node, ast.Attribute) else node.id for node in ast.walk(reading.tree)
             if isinstance(node, (ast.Attribute, ast.Name))}  # fmt: skip
    fast = names & {"sha256", "sha512", "sha1", "md5", "sha3_256", "blake2b", "sha384"}
    if fast and not names & _SLOW_HASHES:
        yield f"{sorted(fast)[0]} is too fast for passwords: hashlib.scrypt, or pbkdf2_hmac with {_ENOUGH:,} iterations"
    for call, count in _iterations(reading):
        if count < _FEWEST:
            yield f"{count:,} iterations are too few for passwords ({line_of(call)}): {_ENOUGH:,}"


def _few_iterations(reading: Reading) -> Iterator[str]:
    for call, count in _iterations(reading):
        if _FEWEST <= count < _ENOUGH:
            yield f"{count:,} iterations of PBKDF2 are few today ({line_of(call)}): {_ENOUGH:,}"


def _iterations(reading: Reading) -> Iterator[tuple[ast.Call, int]]:
    for call in reading.calls():
        if not reading.dotted(call.func).endswith("pbkdf2_hmac"):
            continue
        given = (
            call.args[3]
            if len(call.args) > 3
            else next((each.value for each in call.keywords if each.arg == "iterations"), None)
        )
        if given is None:
            continue
        for value in reading.values(given):
            if isinstance(value, ast.Constant) and isinstance(value.value, int):
                yield call, value.value


def _path_by_text(reading: Reading) -> Iterator[str]:
    for call in reading.calls():
        if isinstance(call.func, ast.Attribute) and call.func.attr == "startswith" and call.args:
            subject = ast.unparse(call.func.value)
            if re.search(
                r"path|folder|dir|root|base", subject + ast.unparse(call.args[0]), re.I
            ) and "resolve" in ast.unparse(reading.tree):
                yield f"/srv/data-old starts with /srv/data ({line_of(call)}): Path.is_relative_to"


STRATEGY = Strategy(
    "security",
    "code that protects something",
    fits,
    "security",
    context,
    (
        Level(
            "defences",
            45,
            10.0,
            static_check(look),
            about="secrets are compared and hashed as they should be, access is denied by default",
        ),
    ),
)
