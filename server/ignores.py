"""The comment that silences a finding: ``# suture: ignore[rule]`` at the end of its line.

Invariant: never inside a string, never after a backslash; where no comment can stand, none is offered.
"""

from __future__ import annotations

import re
from typing import Any

from ..analyzers.findings import Finding
from .documents import Document

Object = dict[str, Any]

_MARK = re.compile(r"#\s*suture:\s*ignore\[(?P<rules>[^\]\n]*)\]", re.IGNORECASE)


def ignore_edit(document: Document, finding: Finding) -> Object | None:
    """The text edit, or None where there is no place for the comment. Syntax errors cannot be silenced."""
    if finding.kind == "syntax":
        return None
    for line in dict.fromkeys((finding.range.line, finding.range.end_line)):
        if line < document.line_count and (change := _on_line(document, line, finding.rule)) is not None:
            return change
    return None


def _on_line(document: Document, line: int, rule: str) -> Object | None:
    text = document.line_text(line)
    known = _MARK.search(text)
    if known is not None and _in_comment(document, line, known.start()):
        rules = known["rules"].rstrip()
        return _insert(document, line, known.start("rules") + len(rules), f", {rule}" if rules else rule)
    end = len(text.rstrip())
    if text.rstrip().endswith("\\") or _in_string(document, line, len(text)):
        return None
    return _insert(document, line, end, f"  # suture: ignore[{rule}]")


def _insert(document: Document, line: int, column: int, text: str) -> Object:
    place = document.lsp_position(line, column)
    return {"range": {"start": place, "end": place}, "newText": text}


def _types_at(document: Document, line: int, column: int) -> list[tuple[str, int, int]]:
    """Type, start and end byte of the syntax nodes around a place, the innermost first."""
    units = document.lsp_position(line, column)["character"]
    byte = document.byte_at(line, units)[2]
    around = document.analysis.around(byte)
    node = around.root.descendant_for_byte_range(byte + around.bytes, byte + around.bytes)
    found: list[tuple[str, int, int]] = []
    while node is not None:
        found.append((node.type, node.start_byte - around.bytes, node.end_byte - around.bytes))
        node = node.parent
    return found


def _in_comment(document: Document, line: int, column: int) -> bool:
    return any(kind == "comment" for kind, _, _ in _types_at(document, line, column))


def _in_string(document: Document, line: int, column: int) -> bool:
    units = document.lsp_position(line, column)["character"]
    byte = document.byte_at(line, units)[2]
    return any(
        kind in ("string", "string_content") and start < byte < end
        for kind, start, end in _types_at(document, line, column)
    )
