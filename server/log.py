"""What the server writes about itself, on standard error: without secrets and without the user's text.

Invariant: pygls never logs below WARNING here, whatever the level: its INFO and DEBUG lines hold whole messages.
Invariant: every record is redacted as formatted text, tracebacks included, and cut to :data:`MAX_RECORD`.
"""

from __future__ import annotations

import logging
import os
import re
import sys
from collections.abc import Mapping
from typing import TextIO

#: The longest record (code points) that is written.
MAX_RECORD = 4000

#: Libraries that log message bodies, headers or prompts at INFO or DEBUG.
_TALKATIVE = ("pygls", "websockets", "openai", "httpx", "httpcore", "asyncio", "anthropic", "jedi", "parso")

_SECRET_NAME = re.compile(r"(KEY|TOKEN|SECRET|PASSWORD|PASSWD|CREDENTIAL)", re.IGNORECASE)

_PATTERNS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"\b(Bearer|Basic)\s+[A-Za-z0-9._~+/=-]{8,}"), r"\1 [redacted]"),
    (re.compile(r"\b(sk|pk|rk|ghp|gho|ghs|github_pat|glpat|xox[abprs]|AKIA|hf)[-_A-Za-z0-9]{12,}"), "[redacted]"),
    (re.compile(r"(://[^/\s:@]+):[^@/\s]+@"), r"\1:[redacted]@"),
    (
        re.compile(
            r"""((?<![\w-])["']?[\w-]*(?:api[_-]?key|token|secret|password|passwd|authorization|credential)[\w-]*["']?"""
            r"""\s*[:=]\s*)(?!\[redacted\]|\d{1,6}\b)("(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|[^\s,;)}\]]+)""",
            re.IGNORECASE,
        ),
        r"\1[redacted]",
    ),
)


def redact(text: str, environ: Mapping[str, str] | None = None) -> str:
    """``text`` without what looks like a credential and without the values of secret-looking variables."""
    for name, value in (os.environ if environ is None else environ).items():
        if len(value) >= 8 and _SECRET_NAME.search(name):
            text = text.replace(value, "[redacted]")
    for pattern, replacement in _PATTERNS:
        text = pattern.sub(replacement, text)
    return text


class RedactingFormatter(logging.Formatter):
    """Formats, redacts and cuts. The whole record is treated, so that a traceback cannot carry a secret out."""

    def format(self, record: logging.LogRecord) -> str:
        text = super().format(record)[: 4 * MAX_RECORD]
        text = redact(text)
        return text if len(text) <= MAX_RECORD else f"{text[:MAX_RECORD]}… ({len(text) - MAX_RECORD} more)"


def configure_logging(level: int = logging.WARNING, stream: TextIO | None = None) -> None:
    """Replace the root handlers by one redacting handler on ``stream`` (default: standard error)."""
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(RedactingFormatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    logging.raiseExceptions = False  # a closed standard error must not become a traceback per record
    silence_talkative()


def silence_talkative() -> None:
    """The level guard: called again by whoever might have lowered a library's level."""
    for name in _TALKATIVE:
        logging.getLogger(name).setLevel(logging.WARNING)
