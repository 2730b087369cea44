"""What credentials look like: forms of well-known services, names that hold one, and texts with them hidden.

Invariant: whatever shows a part of the source to somebody (a trace, a label, a hover) shows it through :func:`masked`.
"""

from __future__ import annotations

import math
import re
from collections import Counter

#: Forms that credentials of well-known services have.
KNOWN = (
    ("an AWS access key", re.compile(r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b")),
    ("a GitHub token", re.compile(r"\bgh[pousr]_[A-Za-z0-9]{36,}\b|\bgithub_pat_\w{60,}\b")),
    ("a GitLab token", re.compile(r"\bglpat-[\w-]{20,}\b")),
    ("a Slack token", re.compile(r"\bxox[abprs]-[\w-]{10,}\b")),
    ("a Stripe key", re.compile(r"\b[sr]k_live_[A-Za-z0-9]{16,}\b")),
    ("a Google API key", re.compile(r"\bAIza[\w-]{35}\b")),
    ("an OpenAI key", re.compile(r"\bsk-(?:proj-|ant-)?[\w-]{32,}\b")),
    ("a private key", re.compile(r"-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----(?:\s|\\[nr])*[A-Za-z0-9+/=]{16,}")),
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
LOCAL = ("a JSON web token", "a password in a URL", "a Google API key")
#: What somebody wrote who needed something of that form.
_INVENTED = re.compile(
    r"canary|fake|dummy|example|sample|secret|invalid|not[-_]?real|placeholder|test|([X0*.])\1{7}", re.IGNORECASE
)
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
#: Keys that a provider makes for pages that everybody can read: they name an account and open nothing.
_PUBLISHED = re.compile(r"(?:phc|pk_live|pk_test)_[A-Za-z0-9]{20,}\Z|pk\.eyJ[\w.-]{20,}\Z")
_PLACEHOLDER = re.compile(
    r"^(?:x+|\*+|\.+|-+|_+|0+|1234?5?6?7?8?9?0?)$|change|example|placeholder|your|dummy|sample|todo|fixme|replace|insert"
    r"|^(?:none|null|true|false|default|empty|undefined|unset|test|testing|tests|password|passwd|secret|token|key|foo|bar|baz"
    r"|admin|user|root|guest|bearer|basic|string|str)$"
    r"|<.*>|\{.*\}|\$\{?\w|%\(|%s|\s|fake|mock|redacted|not[-_ ]?a[-_ ]?real",
    re.IGNORECASE,
)
_WORDS = re.compile(
    r"^(?:#|--)?[a-z]+(?:[-_./: ][a-z]+)*$|^[A-Z]+(?:_[A-Z]+)*$|^[A-Z]?[a-z]+(?:[A-Z][a-z]+)*$|^/|^https?://[^@]*$"
    r"|^\w+\.\w+(?:\.\w+)*$"
)
#: The end of a line as it is written in a literal, or as it is.
_ENDS_LINE = re.compile(r"(?:\\[rn0]|[\r\n])+\Z")
_HELD_BACK = re.compile(r"pass|pwd|secret", re.IGNORECASE)


#: A password that is the user's own name, at a host that only the machine itself or its own network knows.
_OWN_NAME = re.compile(r"[a-z][a-z0-9+]*://([^\s/:@]+):\1@(?:127\.\d+\.\d+\.\d+|\[::1\]|[\w-]+)(?=[:/?]|$)")

#: What every known form has in it; one search that nearly every text fails at once.
_HINT = re.compile(
    r"AKIA|ASIA|gh[pousr]_|github_pat_|glpat-|xox[abprs]-|k_live_|AIza|sk-|PRIVATE KEY|eyJ|SG\.|npm_|pypi-|GOCSPX-"
    r"|do[opr]_v1|hf_|dapi|shp[acs]|sq0|SK[0-9a-f]|key-|:AA|AccountKey|hooks\.slack|://"
)
#: A part of every name that may hold a credential.
_NAMES = tuple(b"pass pwd secret key token credential auth jwt hmac signer serializer fernet".split())


def names_credential(code: bytes) -> bool:
    """Does some word in this code speak of a credential?"""
    lower = code.lower()
    return any(each in lower for each in _NAMES)


def hints(code: bytes) -> bool:
    """May some text in this code have a known form?"""
    return _HINT.search(code.decode("utf-8", "replace")) is not None


def known_form(value: str) -> str:
    """What kind of credential a text is by its form; empty for others."""
    if _HINT.search(value) is None:
        return ""
    for what, pattern in KNOWN:
        found = pattern.search(value)
        if found is None:
            continue
        secret = found.groupdict().get("value")
        if secret is not None and (
            _PLACEHOLDER.search(secret)
            or secret.lower() in ("pass", "pw", "pwd", "prefix", "suffix", "port", "pswd", "passw", "profile")
        ):
            continue
        if _OWN_NAME.match(value, found.start()):
            continue
        if secret is None and _INVENTED.search(found.group()):
            continue
        return what
    return ""


def looks_secret(name: str, value: str) -> float:
    """How sure we are that a value given to a name is a secret; 0 if it is not."""
    if not name or not _NAME.search(name) or _ABOUT.search(name) or _PLACEHOLDER.search(value):
        return 0.0
    if _PUBLISHED.match(value):
        return 0.0
    # A word of a protocol, with the end of its line: ``READY_TOKEN = b"READY\\n"``.
    word = _ENDS_LINE.sub("", value)
    if word.lower().replace("-", "_") in name.lower() or (word != value and re.fullmatch(r"[A-Za-z]+", word)):
        return 0.0
    if _WORDS.search(value):
        # One plain word of some length can be a password, but hardly a token or a key.
        return 0.4 if _HELD_BACK.search(name) and re.fullmatch(r"[A-Za-z]{8,}", value) else 0.0
    classes = sum(bool(re.search(pattern, value)) for pattern in ("[a-z]", "[A-Z]", "[0-9]", r"[^A-Za-z0-9]"))
    return min(0.9, 0.45 + 0.1 * classes + (0.1 if entropy(value) > 3 else 0.0))


def entropy(value: str) -> float:
    """Shannon entropy in bits a character."""
    counts = Counter(value)
    return -sum(count / len(value) * math.log2(count / len(value)) for count in counts.values())


_GIVEN = re.compile(
    r"""(?P<name>\w+)["'\]]*\s*(?:=|:|==|!=)\s*[rbuf]{0,2}(?P<quote>["'])(?P<value>(?:(?!(?P=quote)).){4,})(?:(?P=quote)|$)"""
)
_AUTH = re.compile(r"""(auth\s*=\s*\([^,()]*,\s*)(["'])[^"']+(?:\2|$)""")
HIDDEN = "****"


def masked(text: str) -> str:
    """A piece of source whose credentials are hidden. Give it the whole line: a form that is cut is not known."""
    for _, form in KNOWN:
        text = form.sub(_hidden, text)
    text = _AUTH.sub(rf"\1\2{HIDDEN}\2", text)
    return _GIVEN.sub(_unnamed, text)


def _hidden(match: re.Match[str]) -> str:
    value = match.groupdict().get("value")
    return match[0].replace(value, HIDDEN) if value else HIDDEN


def _unnamed(match: re.Match[str]) -> str:
    if not looks_secret(match["name"], match["value"]):
        return match[0]
    start, end = match.span("value")
    return match[0][: start - match.start()] + HIDDEN + match[0][end - match.start() :]
