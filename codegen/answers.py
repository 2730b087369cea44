"""Reads a model's answer: an object of :func:`schema_for`, or fenced blocks of code in whatever prose; and what each
block is for.

Invariant: an answer is text; nothing of it is run here, and what cannot be read is left for the checks to refuse.
"""

from __future__ import annotations

import ast
import json
import re
import textwrap
from dataclasses import dataclass
from typing import Any, cast

from ..analyzers.findings import Json
from .imports import Import, read_imports

_FENCE = re.compile(r"^[ \t]*(```|~~~)[ \t]*(\w*)[^\n]*\n(.*?)(?:^[ \t]*\1[ \t]*$|\Z)", re.MULTILINE | re.DOTALL)
_TESTS = re.compile(r"^(?:async )?def test_", re.MULTILINE)
#: Complete candidates of one answer that are looked at.
MOST = 4


@dataclass(frozen=True, slots=True)
class Answer:
    """``candidates`` are the blocks that define what was asked for, in the order of the answer; ``tests`` is a block of
    tests, ``naive`` one that defines ``<name>_naive``; empty texts where there is none."""

    candidates: tuple[str, ...]
    tests: str = ""
    naive: str = ""


def schema_for(*, tests: bool, naive: bool) -> dict[str, Json]:
    """The form of an answer, for providers that can hold a model to it."""
    lines: dict[str, Json] = {"type": "array", "items": {"type": "string"}}
    parts: dict[str, Json] = {"imports": lines, "code": {"type": "string"}}
    parts |= {name: {"type": "string"} for name, wanted in (("tests", tests), ("naive", naive)) if wanted}
    return {"type": "object", "properties": parts, "required": list(parts), "additionalProperties": False}


def _structured(text: str) -> list[str]:
    """The blocks of an answer that keeps to :func:`schema_for`; none if it is something else."""
    if not text.lstrip().startswith("{"):
        return []
    try:
        read: Any = json.loads(text)
        _ = json.dumps(read, ensure_ascii=False).encode("utf-8")  # half a character is in no file
    except (ValueError, RecursionError):
        return []
    given = cast("dict[str, Any]", read) if isinstance(read, dict) else {}
    blocks = [given.get(name) for name in ("code", "tests", "naive")]
    code, *others = [fences(each)[0] if isinstance(each, str) and each.strip() else "" for each in blocks]
    imports = given.get("imports")
    lines = [str(each).strip() for each in cast("list[object]", imports)] if isinstance(imports, list) else []
    head = "".join(f"{each}\n" for each in lines if each and each not in code.split("\n"))
    return [head + code, *others] if code else []


def fences(text: str) -> list[str]:
    """What stands in the fenced blocks of ``text``, or all of it if it has none; at depth 0, lines end in ``\\n``."""
    found = [match[3] for match in _FENCE.finditer(text)] or [text]
    return [_dedented(each) for each in found]


def read_answer(text: str, name: str, *, kind: str = "def") -> Answer:
    """The parts of an answer to a question for ``name``; ``kind`` may be ``class``.

    Where nothing has that name, whatever is defined counts: the check of names says what is wrong with it."""
    found = _structured(text) or fences(text)
    what = r"class" if kind == "class" else r"(?:async[ \t]+)?def"
    defines = re.compile(rf"^{what}[ \t]+{re.escape(name)}\b", re.MULTILINE)
    naive = re.compile(rf"^(?:async[ \t]+)?def[ \t]+{re.escape(name)}_naive\b", re.MULTILINE)
    candidates = [each for each in found if defines.search(each)] or [
        each for each in found if re.search(rf"^{what}[ \t]+(?!test_)\w", each, re.MULTILINE)
    ][:1]
    others = [each for each in found if each not in candidates]
    tests = next((each for each in others if _TESTS.search(each)), "")
    return Answer(
        tuple(dict.fromkeys(candidates))[:MOST], tests, next((each for each in others if naive.search(each)), "")
    )


def named(answer: Answer, name: str) -> Answer:
    """The answer with its function called ``name``, where the model chose a name though one had been made up for it.

    A candidate with several functions stays as it is: which one is meant cannot be told."""

    def renamed(code: str) -> tuple[str, str]:
        found = re.findall(r"^(?:async[ \t]+)?def[ \t]+(\w+)", code, re.MULTILINE)
        if len(found) != 1 or found[0] == name or re.search(rf"\b{name}\b", code):
            return code, ""
        return re.sub(rf"\b{found[0]}\b", name, code), found[0]

    pairs = [renamed(each) for each in answer.candidates]
    others = {old for _, old in pairs if old}
    tests = re.sub(rf"\b{next(iter(others))}\b", name, answer.tests) if len(others) == 1 else answer.tests
    return Answer(tuple(code for code, _ in pairs), tests, answer.naive)


def read_tests(text: str) -> str:
    """The block of tests of an answer; empty if there is none."""
    return next((each for each in fences(text) if _TESTS.search(each)), "")


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
