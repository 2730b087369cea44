"""What the checks of bandit and of ruff's ``S`` rules mean here: kind, CWE, severity, and how far to trust them.

Both tools number the same checks alike (``B602`` and ``S602``). ``confidence`` is our estimate of the share of such
reports that a reader would act on. A check below :data:`ALONE` is too often wrong to be shown by itself: it only
strengthens a finding that a rule of Suture's own made from the data flow (see :mod:`..merge`).
Checks that only say "this module is imported" (``B4xx``) and style opinions (assert, try-except-pass) are off.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import NamedTuple

from ..findings import Finding, Severity

#: A finding below this confidence is not shown unless another one agrees with it.
ALONE = 0.3


class Check(NamedTuple):
    """One numbered check."""

    kind: str
    cwe: tuple[int, ...]
    severity: Severity
    confidence: float
    suggestion: str = ""
    message: str = ""  # instead of the tool's own, where that would show a secret or says too little


_XML = Check("xxe", (611,), "medium", 0.2, "parse untrusted XML with defusedxml")
_CLEARTEXT = Check("crypto", (319,), "low", 0.2, "use a protocol that encrypts, such as SSH or HTTPS")
_SHELL = Check("cmdi", (78,), "high", 0.2, "pass a list of arguments and no shell")
_PASSWORD = Check(
    "secrets",
    (798,),
    "high",
    0.2,
    "read it from the environment or a secret store",
    "a literal is used as a password (value hidden)",
)
_PICKLE = Check("deserialization", (502,), "high", 0.2, "use a data format such as JSON for data you did not write")
_TLS_VERSION = Check("crypto", (326,), "high", 0.8, "use ssl.create_default_context()")
_ESCAPE = Check("xss", (79,), "medium", 0.2, "let the template engine escape, or use format_html")

#: Number of the check → what it means.
CHECKS: Mapping[int, Check] = {
    102: Check("codeinj", (95,), "high", 0.2, "avoid exec; use a table of functions"),
    103: Check("perm", (732,), "medium", 0.25, "give rights to the owner only"),
    104: Check("bind", (605,), "medium", 0.25, "bind to 127.0.0.1 unless every network may connect"),
    105: _PASSWORD,
    106: _PASSWORD,
    107: _PASSWORD,
    108: Check("tmp", (377,), "medium", 0.25, "use the tempfile module"),
    201: Check("codeinj", (94, 489), "high", 0.8, "turn debug off outside development"),
    202: Check("pathtraver", (22,), "medium", 0.2, "pass filter='data' to extractall"),
    301: _PICKLE,
    302: _PICKLE,
    303: Check("hash", (327, 328), "medium", 0.2, "use hashlib.sha256, or say usedforsecurity=False"),
    304: Check("hash", (327,), "high", 0.75, "use AES in an authenticated mode, such as AESGCM"),
    305: Check("hash", (327,), "high", 0.75, "use an authenticated mode, such as GCM"),
    306: Check("tmp", (377,), "medium", 0.8, "use tempfile.mkstemp or NamedTemporaryFile"),
    307: Check("codeinj", (95,), "high", 0.2, "use ast.literal_eval for literals"),
    308: _ESCAPE,
    310: Check("ssrf", (22, 918), "medium", 0.2, "allow only the schemes that you mean"),
    311: Check("weakrand", (330,), "low", 0.2, "use the secrets module for anything that must not be guessed"),
    312: _CLEARTEXT,
    **dict.fromkeys((313, 314, 315, 316, 317, 318, 319), _XML),
    321: _CLEARTEXT,
    323: Check("crypto", (295,), "high", 0.85, "use ssl.create_default_context()"),
    324: Check("hash", (327, 328), "medium", 0.2, "use hashlib.sha256, or say usedforsecurity=False"),
    501: Check("crypto", (295,), "high", 0.25, "leave verification on; pass verify='path/to/ca.pem' for a private CA"),
    502: _TLS_VERSION,
    503: _TLS_VERSION,
    505: Check("crypto", (326,), "medium", 0.85, "use RSA of at least 2048 bits or an elliptic curve"),
    506: Check("deserialization", (502,), "high", 0.25, "use yaml.safe_load"),
    507: Check("crypto", (295,), "high", 0.8, "load known host keys and reject unknown ones"),
    508: Check("crypto", (319,), "medium", 0.6, "use SNMPv3 with authentication and privacy"),
    509: Check("crypto", (319,), "medium", 0.6, "use SNMPv3 with authentication and privacy"),
    601: _SHELL,
    602: _SHELL,
    604: _SHELL,
    605: _SHELL,
    608: Check("sqli", (89,), "high", 0.2, "pass values as query parameters"),
    609: Check("cmdi", (78,), "medium", 0.45, "expand the wildcard with glob and pass '--' before file names"),
    610: Check("sqli", (89,), "medium", 0.25, "use the ORM's own expressions"),
    611: Check("sqli", (89,), "medium", 0.25, "use the ORM's own expressions"),
    612: Check("codeinj", (94,), "high", 0.7, "do not accept logging configuration from the network"),
    613: Check("codeinj", (838,), "high", 0.8, "remove the invisible direction-changing characters"),
    614: Check("deserialization", (502,), "medium", 0.25, "pass weights_only=True"),
    701: Check("xss", (79, 94), "medium", 0.4, "pass autoescape=select_autoescape()"),
    702: Check("xss", (79,), "medium", 0.4, "pass default_filters=['h']"),
    703: Check("xss", (79, 80), "medium", 0.2, "use format_html"),
    704: Check("xss", (79,), "medium", 0.25, "use Markup.format or escape()"),
}

#: Checks of template engines that do not escape, by their numbers: only pages and mail have to be escaped.
_TEMPLATES = ("701", "702")
_PAGES = re.compile(r"html|mail", re.IGNORECASE)


def with_context(said: Iterable[Finding], text: str) -> list[Finding]:
    """What tools said of a text, less sure where the text speaks against what a check takes for granted: templates of
    a module that nowhere speaks of pages make queries, code or settings."""
    return [
        replace(each, confidence=min(each.confidence, ALONE / 2))
        if each.rule.endswith(_TEMPLATES) and not _PAGES.search(text)
        else each
        for each in said
    ]
