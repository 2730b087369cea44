"""What can be fuzzed in a document, from the keystroke engine's tree; kept for each version.

It starts nothing and reads no file.
"""

from __future__ import annotations

from ..analyzers.fuzzing import targets as fuzz_targets
from ..analyzers.fuzzing.targets import FuzzTarget, targets_in
from .documents import Document
from .session import Session


def targets(session: Session, document: Document) -> tuple[FuzzTarget, ...]:
    """The document's functions, methods and classes that can be fuzzed."""
    review = session.review(document.uri)
    if review.targets is None or review.targets[0] != document.version:
        review.targets = (document.version, targets_in(document.analysis.tree.root_node))
    return review.targets[1]


def extent(document: Document, line: int) -> int:
    """The last line of the definition that starts on ``line``; ``line`` itself if there is none."""
    text = document.line_text(line)
    column = len(text) - len(text.lstrip())
    byte = document.byte_at(line, column)[2]
    node = document.analysis.tree.root_node.descendant_for_byte_range(byte, byte + 1)
    while node is not None:
        if node.type in ("function_definition", "class_definition"):
            return node.end_point.row
        node = node.parent
    return line


def definition_lines(document: Document, name: str) -> tuple[int, int] | None:
    """First and last line of a target's definition, with its decorators; None if there is none any more."""
    return fuzz_targets.definition_lines(document.analysis.tree.root_node, name)
