"""Reads a model's answer: fenced blocks of code in whatever prose, and what each of them is for.

Invariant: an answer is text; nothing of it is run here, and what cannot be read is left for the checks to refuse.
"""

from __future__ import annotations

import ast
import re
import textwrap
from dataclasses import dataclass

from .imports import Import, read_imports

_FENCE = re.compile(r"^[ \t]*(```|~~~)[ \t]*(\w*)[^\n]*\n(.*?)(?:^[ \t]*\1[ \t]*$|\Z)", re.MULTILINE | re.DOTALL)
#: Complete candidates of one answer that are looked at.
MOST = 4


@dataclass(frozen=True, slots=True)
class Answer:
    """``candidates`` are the blocks that define what was asked for, in the order of the answer; ``tests`` is a block of
    tests, ``naive`` one that defines ``<name>_naive``; empty texts where there is none."""

    candidates: tuple[str, ...]
    tests: str = ""
    naive: str = ""


def fences(text: str) -> list[str]:
    """What stands in the fenced blocks of ``text``, or all of it if it has none; at depth 0, lines end in ``\\n``."""
    found = [match[3] for match in _FENCE.finditer(text)] or [text]
    return [_dedented(each) for each in found]


def read_answer(text: str, name: str, *, kind: str = "def") -> Answer:
    """The parts of an answer to a question for ``name``; ``kind`` may be ``class``.

    Where nothing has that name, whatever is defined counts: the check of names says what is wrong with it."""
    found = fences(text)
    what = r"class" if kind == "class" else r"(?:async[ \t]+)?def"
    defines = re.compile(rf"^{what}[ \t]+{re.escape(name)}\b", re.MULTILINE)
    naive = re.compile(rf"^(?:async[ \t]+)?def[ \t]+{re.escape(name)}_naive\b", re.MULTILINE)
    candidates = [each for each in found if defines.search(each)] or [
        each for each in found if re.search(rf"^{what}[ \t]+(?!test_)\w", each, re.MULTILINE)
    ][:1]
    others = [each for each in found if each not in candidates]
    tests = next((each for each in others if re.search(r"^(?:async )?def test_", each, re.MULTILINE)), "")
    return Answer(
        tuple(dict.fromkeys(candidates))[:MOST], tests, next((each for each in others if naive.search(each)), "")
    )


def blocks(text: str, name: str) -> tuple[str, str]:
    """(the first block that defines ``name``, the block of tests) of an answer; empty texts if there is none."""
    answer = read_answer(text, name)
    return answer.candidates[0] if answer.candidates else "", answer.tests


def _dedented(text: str) -> str:
    if not text.strip():
        return ""
    return textwrap.dedent(text.replace("\r\n", "\n").replace("\t", "    ")).strip("\n") + "\n"


def split_imports(code: str) -> tuple[str, tuple[Import, ...]]:
    """The code without its leading imports, and those; what cannot be read is left where it is for the checks."""
    try:
        tree = ast.parse(code)
    except (SyntaxError, ValueError):
        return code, ()
    lines = code.split("\n")
    imports: list[Import] = []
    removed: set[int] = set()
    for node in tree.body:
        if not isinstance(node, (ast.Import, ast.ImportFrom)):
            continue
        if isinstance(node, ast.ImportFrom) and node.module == "__future__":
            removed |= set(range(node.lineno - 1, node.end_lineno or node.lineno))
            continue
        try:
            imports += read_imports([ast.unparse(node)])
        except ValueError:
            continue
        removed |= set(range(node.lineno - 1, node.end_lineno or node.lineno))
    kept = "\n".join(line for number, line in enumerate(lines) if number not in removed)
    return kept.strip("\n") + "\n", tuple(dict.fromkeys(imports))
