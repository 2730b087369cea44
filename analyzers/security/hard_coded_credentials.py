"""A password or key written in the source.

What it does: reports literals that have the form of a known credential (private keys, tokens of well-known services),
and literals given to names such as ``password`` or ``api_key`` that look like a secret and not like a placeholder, a
prompt, a field's name or a message. Test modules only report known forms. The value is never shown.

Why is this bad: whoever can read the source, its history or a package built from it has the credential.

Example::

    connect(user="app", password="k9!vT2#qLm")

Use instead::

    connect(user="app", password=os.environ["APP_PASSWORD"])

References: https://cwe.mitre.org/data/definitions/798.html
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

from tree_sitter import Node

from ..findings import Evidence, Finding
from ..flow import arguments_of
from ..rules import Rule
from ..syntax import Unit
from ..tests_of import in_tests

#: Forms that credentials of well-known services have.
_KNOWN = (
    ("an AWS access key", re.compile(r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b")),
    ("a GitHub token", re.compile(r"\bgh[pousr]_[A-Za-z0-9]{36,}\b|\bgithub_pat_\w{60,}\b")),
    ("a GitLab token", re.compile(r"\bglpat-[\w-]{20,}\b")),
    ("a Slack token", re.compile(r"\bxox[abprs]-[\w-]{10,}\b")),
    ("a Stripe key", re.compile(r"\b[sr]k_live_[A-Za-z0-9]{16,}\b")),
    ("a Google API key", re.compile(r"\bAIza[\w-]{35}\b")),
    ("an OpenAI key", re.compile(r"\bsk-(?:proj-|ant-)?[\w-]{32,}\b")),
    ("a private key", re.compile(r"-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----\s*\S{16,}")),
    ("a JSON web token", re.compile(r"\beyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]{6,}")),
    ("a SendGrid key", re.compile(r"\bSG\.[\w-]{20,}\.[\w-]{20,}")),
    ("an npm token", re.compile(r"\bnpm_[A-Za-z0-9]{36}\b")),
    ("a package index token", re.compile(r"\bpypi-AgEIcHlwaS5vcmc[\w-]{40,}")),
    ("a Google OAuth secret", re.compile(r"\bGOCSPX-[\w-]{28}")),
    ("a DigitalOcean token", re.compile(r"\bdo[opr]_v1_[0-9a-f]{64}\b")),
    ("a Hugging Face token", re.compile(r"\bhf_[A-Za-z0-9]{30,}\b")),
    ("a Databricks token", re.compile(r"\bdapi[0-9a-f]{32}\b")),
    ("a Shopify token", re.compile(r"\bshp(?:at|ca|pa|ss)_[0-9a-fA-F]{32}\b")),
    ("a Square token", re.compile(r"\bsq0(?:atp|csp)-[\w-]{22,}")),
    ("a Twilio key", re.compile(r"\bSK[0-9a-f]{32}\b")),
    ("a Mailgun key", re.compile(r"\bkey-[0-9a-f]{32}\b")),
    ("a Telegram bot token", re.compile(r"\b\d{8,10}:AA[\w-]{33}\b")),
    ("an Azure storage key", re.compile(r"AccountKey=[A-Za-z0-9+/]{80,}={0,2}")),
    ("a Slack webhook", re.compile(r"hooks\.slack\.com/services/T\w{6,}/B\w{6,}/\w{20,}")),
    ("a password in a URL", re.compile(r"\b[a-z][a-z0-9+]*://[^\s/:@{}<>$%]+:(?P<value>[^\s/:@{}<>$%]{3,})@")),
)
#: Forms that are of use only where something else is known.
_LOCAL = ("a JSON web token", "a password in a URL")
_NAME = re.compile(
    r"(?:^|_)(?:passw(?:or)?d|passwd|pwd|passphrase|secret(?:_?key)?|api_?key|auth_?token|access_?token|refresh_?token"
    r"|private_?key|secret_?access_?key|account_?key|client_?secret|encryption_?key|signing_?key|jwt_?key|credentials?|token|hmac_?key|webhook_?secret)$",
    re.IGNORECASE,
)
#: Names that speak about a secret and do not hold one.
_ABOUT = re.compile(
    r"field|label|prompt|name$|_url|_uri|path|file|header|param|env|regex|pattern|message|error|hint|help|type|format|prefix"
    r"|length|policy|page|cursor|next_|reset|hash(?:er)?$|_id$|column|key_?word|token_?type|class|template|title|placeholder",
    re.IGNORECASE,
)
_PLACEHOLDER = re.compile(
    r"^(?:x+|\*+|\.+|-+|_+|0+|1234?5?6?7?8?9?0?)$|change|example|placeholder|your|dummy|sample|todo|fixme|replace|insert"
    r"|^(?:none|null|true|false|default|empty|undefined|unset|test|testing|tests|password|passwd|secret|token|key|foo|bar|baz"
    r"|admin|user|root|guest|bearer|basic|string|str)$"
    r"|<.*>|\{.*\}|\$\{?\w|%\(|%s|\s|fake|mock|redacted|not[-_ ]?a[-_ ]?real",
    re.IGNORECASE,
)
_WORDS = re.compile(
    r"^#?[a-z]+(?:[-_./: ][a-z]+)*$|^[A-Z]+(?:_[A-Z]+)*$|^[A-Z]?[a-z]+(?:[A-Z][a-z]+)*$|^/|^https?://[^@]*$"
    r"|^\w+\.\w+(?:\.\w+)*$"
)
_HELD_BACK = re.compile(r"pass|pwd|secret", re.IGNORECASE)


def check(unit: Unit) -> Iterator[Finding]:
    strings = unit.index.get("string")
    if not strings:
        return
    tests = in_tests(unit.path)
    told: set[str] = set()
    for node in strings:
        value = _value(unit, node)
        if value is None or len(value) < 6:
            continue
        what, name, confidence = _known_form(value), "", 0.95
        if not what and not tests:
            name = _given_to(unit, node)
            confidence = _looks_secret(name, value)
            what = f"the value of '{name}'" if confidence else ""
        if not what or value in told:
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
        yield found if name or what in _LOCAL else replace(found, severity="critical")


#: Position of the key, by function.
_KEYED = {
    "jwt.encode": 1, "jwt.decode": 1, "jose.jwt.encode": 1, "jose.jwt.decode": 1, "hmac.new": 0, "hmac.digest": 0,
    "itsdangerous.Signer": 0, "itsdangerous.TimestampSigner": 0, "itsdangerous.URLSafeSerializer": 0,
    "itsdangerous.URLSafeTimedSerializer": 0, "cryptography.fernet.Fernet": 0,
    "requests.auth.HTTPBasicAuth": 1, "requests.auth.HTTPDigestAuth": 1, "httpx.BasicAuth": 1, "aiohttp.BasicAuth": 1,
}  # fmt: skip


def _value(unit: Unit, node: Node) -> str | None:
    """The text of a plain literal; None for an f-string or a docstring."""
    if any(each.type == "interpolation" for each in node.named_children):
        return None
    if node.parent is not None and node.parent.type == "expression_statement":
        return None
    return "".join(unit.text(each) for each in node.named_children if each.type == "string_content")


def _known_form(value: str) -> str:
    for what, pattern in _KNOWN:
        found = pattern.search(value)
        if found is None:
            continue
        secret = found.groupdict().get("value")
        if secret is not None and (
            _PLACEHOLDER.search(secret)
            or secret.lower() in ("pass", "pw", "pwd", "prefix", "suffix", "port", "pswd", "passw", "profile")
        ):
            continue
        if "EXAMPLE" in found.group():
            continue
        return what
    return ""


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


def _looks_secret(name: str, value: str) -> float:
    """How sure we are that a value given to a name is a secret; 0 if it is not."""
    if not name or not _NAME.search(name) or _ABOUT.search(name) or _PLACEHOLDER.search(value):
        return 0.0
    if value.lower() == name.lower() or value.lower().replace("-", "_") in name.lower():
        return 0.0
    if _WORDS.search(value):
        # One plain word of some length can be a password, but hardly a token or a key.
        return 0.4 if _HELD_BACK.search(name) and re.fullmatch(r"[A-Za-z]{8,}", value) else 0.0
    classes = sum(bool(re.search(pattern, value)) for pattern in ("[a-z]", "[A-Z]", "[0-9]", r"[^A-Za-z0-9]"))
    return min(0.9, 0.45 + 0.1 * classes + (0.1 if _entropy(value) > 3 else 0.0))


def _entropy(value: str) -> float:
    """Shannon entropy in bits a character."""
    counts = Counter(value)
    return -sum(count / len(value) * math.log2(count / len(value)) for count in counts.values())


def _evidence(unit: Unit, node: Node, name: str, value: str) -> Evidence:
    place = unit.range(node)
    where = {
        "path": unit.path,
        "line": place.line + 1,
        "column": place.column + 1,
        "text": f"{name or 'a literal'} = ****",
    }
    return Evidence(
        "traced", f"a literal of {len(value)} characters, {_entropy(value):.1f} bits each", {"path": [where]}
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
