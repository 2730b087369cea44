"""Secrets are taken out of what goes to a model. Better one masked word too many than one secret too few.

All forms that the security reviewer's scanner knows, values assigned to names such as ``password``, credentials in
addresses, private keys, and long strings of high entropy. The reviewer wants few false alarms, this wants no leak, so
placeholders and short forms are masked as well.
"""

from __future__ import annotations

import math
import re
from collections import Counter

from ..analyzers.security.credentials import KNOWN

MASK = "<masked>"

_KNOWN = re.compile(
    r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)"
    r"|\b(?:AKIA|ASIA|AROA)[0-9A-Z]{16}\b"
    r"|\bgh[pousr]_[A-Za-z0-9]{20,}\b|\bgithub_pat_\w{20,}\b|\bglpat-[\w-]{15,}"
    r"|\bsk-[\w-]{16,}|\b[rs]k_(?:live|test)_\w{10,}"
    r"|\bxox[abeoprs]-[\w-]{10,}|\bAIza[\w-]{30,}|\bya29\.[\w-]{20,}|\bnpm_\w{30,}|\bpypi-[\w-]{30,}"
    r"|\beyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]{8,}",
    re.DOTALL,
)
_ASSIGNED = re.compile(
    r"""(?ix)
    \b(\w*(?:passw(?:or)?d|passwd|pwd|secret|token|api_?key|access_?key|private_?key|credential|auth)\w*
    ['"]?\]?\s*(?::\s*\w+\s*=|[:=])\s*)
    (?:[rbuf]{0,2}(['"])(?P<quoted>(?:\\.|(?!\2).){3,})\2
    | (?P<bare>[^\s'"(){}\[\],;]{6,})(?=[\s'"]|$))"""
)
_SAID = re.compile(
    r"(?i)(\b(?:passw(?:or)?d|passphrase|secret|token|key|credential|pin)s?\b[^\n.;]{0,20}?\b(?:is|are|was|=)\s+['\"`]?)"
    r"((?=[^\s'\"`]*\d)[^\s'\"`,;]{6,})"
)
_PAIR = re.compile(r"""(\bauth\s*=\s*\([^,()]*,\s*)(["'])([^"'\n]+)(["'])""")
_ADDRESS = re.compile(r"(\b[a-z][a-z0-9+.-]*://[^\s:/@'\"]*:)([^\s/@'\"]+)(?=@)", re.IGNORECASE)
_LONG = re.compile(r"(?<![\w/+=.-])[A-Za-z0-9+/_=-]{24,}(?![\w/+=-])")
_CODE_VALUES = re.compile(r"(?:None|True|False|str|int|bytes|bool|float|object|Any|[a-z_]+(?:\.\w+)+|os\.\w+)\b.*")


def mask(text: str) -> tuple[str, int]:
    """``text`` with what looks like a secret replaced by ``<masked>``, and how many were replaced."""
    count = 0

    def hide(match: re.Match[str]) -> str:
        nonlocal count
        count += 1
        return MASK

    def hide_assigned(match: re.Match[str]) -> str:
        nonlocal count
        value = match["quoted"] if match["quoted"] is not None else match["bare"]
        if value == MASK or (match["bare"] is not None and (_CODE_VALUES.fullmatch(value) or _is_name(value))):
            return match[0]
        count += 1
        quote = match[2] or ""
        return f"{match[1]}{quote}{MASK}{quote}"

    def hide_address(match: re.Match[str]) -> str:
        nonlocal count
        if match[2] == MASK:
            return match[0]
        count += 1
        return match[1] + MASK

    def hide_pair(match: re.Match[str]) -> str:
        nonlocal count
        if match[3] == MASK:
            return match[0]
        count += 1
        return f"{match[1]}{match[2]}{MASK}{match[4]}"

    def hide_said(match: re.Match[str]) -> str:
        nonlocal count
        if MASK in match[2] or match[2].endswith(")"):
            return match[0]
        count += 1
        return match[1] + MASK

    def hide_long(match: re.Match[str]) -> str:
        return hide(match) if _random(match[0]) else match[0]

    text = _KNOWN.sub(hide, text)
    for _, form in KNOWN:
        if "value" not in form.groupindex:  # that one is an address
            text = form.sub(hide, text)
    text = _ADDRESS.sub(hide_address, text)
    text = _PAIR.sub(hide_pair, text)
    text = _ASSIGNED.sub(hide_assigned, text)
    text = _SAID.sub(hide_said, text)
    return _LONG.sub(hide_long, text), count


def taken_out(text: str) -> tuple[str, list[str]]:
    """The text with its secrets masked, and those, in their order: for :func:`put_back`."""
    masked, count = mask(text)
    if not count:
        return text, []
    pattern = "(.*?)".join(re.escape(each) for each in masked.split(MASK))
    found = re.fullmatch(pattern, text, re.DOTALL)
    return masked, list(found.groups()) if found is not None else [MASK] * count


def put_back(code: str, secrets: list[str]) -> str | None:
    """An answer with the secrets where their masks are; None if not each of them is there once."""
    if code.count(MASK) != len(secrets) or MASK in secrets:
        return None if secrets or MASK in code else code
    parts = code.split(MASK)
    return "".join(part + secret for part, secret in zip(parts, [*secrets, ""], strict=True))


def _is_name(text: str) -> bool:
    """A bare word that is likelier a variable than a value: no digit in it."""
    return text.isidentifier() and not re.search(r"\d", text)


def _random(text: str) -> bool:
    """Entropy of a key rather than of a word: letters and digits mixed, over 3.5 bits a character (3 for hex)."""
    if not (re.search(r"\d", text) and re.search(r"[A-Za-z]", text)):
        return False
    total = len(text)
    entropy = -sum(count / total * math.log2(count / total) for count in Counter(text).values())
    return entropy > (3.0 if re.fullmatch(r"[0-9a-fA-F]+", text) else 3.5)
