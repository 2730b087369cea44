"""What no edit may do, whatever its run says: make a failure disappear instead of mending it."""

from __future__ import annotations

import re
from collections.abc import Mapping

from .lexer import lex
from .workspace import Workspace

_DEFINITION = re.compile(r"^[ \t]*(?:async[ \t]+)?def[ \t]+(test\w*)", re.MULTILINE)
_ASSERT = re.compile(r"\b(?:assert|assert\w+|raises)\b")
_SKIP = re.compile(r"\b(?:pytest\.(?:skip|xfail|mark\.(?:skip\w*|xfail))|unittest\.(?:skip\w*|expectedFailure))\b")
_BROAD = re.compile(r"^[ \t]*except[ \t]*(?:\(?[ \t]*(?:Base)?Exception\b[^:]*)?:", re.MULTILINE)
_EXIT = re.compile(r"\b(?:sys\.exit|os\._exit|quit|exit)[ \t]*\(")


def objection(workspace: Workspace, texts: Mapping[str, str]) -> str:
    """Why a change must not be offered, or an empty string."""
    for name, new in texts.items():
        old = workspace.text(name) or ""
        if set(_DEFINITION.findall(old)) - set(_DEFINITION.findall(new)):
            return f"removes a test of {name}"
        for pattern, what in ((_SKIP, "skips a test"), (_BROAD, "catches every exception"), (_EXIT, "leaves early")):
            if len(pattern.findall(new)) > len(pattern.findall(old)):
                return f"{what} in {name}"
        if _asserts(new) < _asserts(old):
            return f"removes an assertion of {name}"
    return ""


def _asserts(text: str) -> int:
    return sum(token.kind == "name" and bool(_ASSERT.fullmatch(token.text)) for token in lex(text))
