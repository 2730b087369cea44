"""Asks a model to mend code that fails: ``improve(code, problem)`` gives new texts of the file, none of them run.

Of the file only the part around the fault is shown and may change: the definition that holds the line (Python), or the
lines around it. What was tried before goes along with what its run said, so that a round learns from the last one.

Invariant: nothing is written or run here; who asked verifies. Nothing is sent of a file that may not be shown, and a
secret in the part comes back as it was or the answer is not used.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ..analyzers.definitions import definitions, function_at
from ..analyzers.source import LineIndex
from ..analyzers.syntax import parse
from .answers import split_imports
from .context.gather import gathered
from .context.visible import shown_path
from .governor import NO_MODEL, Declined, Means, ModelRequest, ask
from .imports import import_changes
from .prompting import Masker
from .prompts import digest, filled, record_of
from .redaction import put_back, taken_out

#: Lines of a definition that is shown whole, lines above and below the fault where there is none, and a file's.
MOST_LINES, AROUND, SMALL_FILE = 160, 30, 60
#: Characters of evidence and of tests, tokens of context and of an answer, candidates of one answer.
MOST_EVIDENCE, MOST_TESTS, CONTEXT_TOKENS, TOKENS, MOST = 4_000, 3_000, 1_200, 2_500, 3

_FENCE = re.compile(r"^[ \t]*(```|~~~)[ \t]*(\w*)[^\n]*\n(.*?)(?:^[ \t]*\1[ \t]*$|\Z)", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with the file ``path`` of the workspace ``root``: at 0-based ``line``, found by ``command``, which
    said ``evidence``. ``tests`` is the text of the tests that fail, if it is known."""

    root: Path
    path: Path
    line: int
    evidence: str
    command: str = ""
    tests: str = ""
    language: str = "python"


@dataclass(frozen=True, slots=True)
class Attempt:
    """An earlier answer, and what became of it in words."""

    code: str
    outcome: str


@dataclass(frozen=True, slots=True)
class Improved:
    """``text`` is the whole new text of the file, ``code`` the part that the model wrote, ``title`` says what it is.

    ``cost_usd`` is that of the answer, counted with its first candidate only; ``record`` says how it came about."""

    text: str
    code: str
    title: str
    cost_usd: float | None
    record: dict[str, str]


@dataclass(frozen=True, slots=True)
class Part:
    """Lines ``first`` to ``last`` (0-based, inclusive) of a file; ``name`` is that of the definition, or empty."""

    first: int
    last: int
    name: str
    indent: str


def improve(
    code: str, problem: Problem, means: Means, tried: Sequence[Attempt] = ()
) -> tuple[Improved, ...] | Declined:
    """New texts for the file whose text is ``code``, the likeliest first. Raises Cancelled."""
    if not means.models:
        return Declined(NO_MODEL)
    shown = shown_path(problem.path, problem.root)
    if shown is None:
        return Declined(f"{problem.path.name} is ignored or holds secrets: nothing of it is shown to a model")
    part = part_around(code, problem.line, problem.language)
    index = LineIndex(code)
    lines = [index.line(number) for number in range(part.first, part.last + 1)]
    hide = Masker()
    written = textwrap.dedent("\n".join(lines))
    masked, secrets = taken_out(written)
    words = f"{written}\n{problem.evidence}"
    context = gathered(problem.root, problem.path, code, part.name or "", words, tokens=CONTEXT_TOKENS)
    values = {
        "command": hide(problem.command) or "(unknown)",
        "evidence": hide(_local(_last(problem.evidence, MOST_EVIDENCE), problem.root)),
        "tests": _tests(hide(problem.tests[:MOST_TESTS])),
        "path": shown,
        "first": str(part.first + 1),
        "last": str(part.last + 1),
        "language": problem.language,
        "code": masked,
        "context": context.text if problem.language == "python" else "",
        "tried": "\n\n".join(_told(each, hide, problem.root) for each in tried),
    }
    prompt = filled("improve", values)
    request = ModelRequest(
        ({"role": "user", "content": prompt},),
        "repair",
        f"mend {part.name or shown}",
        context.files or (shown,),
        context.masked + hide.count + len(secrets),
        TOKENS,
    )
    reply = ask(request, means)
    if isinstance(reply, Declined):
        return reply
    record = {
        "model": reply.model,
        "provider": reply.provider,
        "endpoint": reply.endpoint,
        "reply": reply.key,
        "prompt_sha256": digest(prompt),
        **record_of(("improve",)),
    }
    found: list[Improved] = []
    title = f"Rewrite {part.name or f'lines {part.first + 1} to {part.last + 1}'} ({reply.model})"
    for new in _blocks(reply.text, part, problem.language):
        restored = put_back(new, secrets)
        text = None if restored is None else spliced(code, part, restored, problem.language)
        if text is not None and text != code and all(text != each.text for each in found):
            found.append(Improved(text, new, title, 0.0 if found else reply.cost_usd, record))
    if not found:
        return Declined(f"{reply.model} answered with nothing that could be put in place", reply.cost_usd)
    return tuple(found[:MOST])


# --- the part --------------------------------------------------------------------------------------------------------


def part_around(text: str, line: int, language: str = "python") -> Part:
    """What is shown of a file and may change: the function around ``line``, or the lines near it."""
    index = LineIndex(text)
    total = len(index.starts) - (1 if text.endswith(("\n", "\r")) else 0)
    line = min(max(line, 0), max(total - 1, 0))
    first, last, name = 0, total - 1, ""
    if language == "python":
        data = text.encode("utf-8", "surrogatepass")
        root = parse(data).root_node
        found = function_at(definitions(root, data), line)
        if found is not None and found.last - found.first < MOST_LINES and not root.has_error:
            first, last, name = found.first, found.last, found.name
    if not name and total > SMALL_FILE:
        first, last = _window(index, line, total)
    heads = [index.line(number) for number in range(first, last + 1) if index.line(number).strip()]
    indent = heads[0][: len(heads[0]) - len(heads[0].lstrip())] if name and heads else ""
    return Part(first, last, name, indent)


def _window(index: LineIndex, line: int, total: int) -> tuple[int, int]:
    """Lines around ``line``, from one at depth 0 to before the next such."""

    def outer(number: int) -> bool:
        text = index.line(number)
        return bool(text.strip()) and not text[0].isspace() and text[0] not in ")]}"

    first, last = max(line - AROUND, 0), min(line + AROUND, total - 1)
    first = next((each for each in range(first, line + 1) if outer(each)), first)
    last = next((each - 1 for each in range(last + 1, line, -1) if each < total and outer(each)), last)
    return first, max(last, line)


def spliced(text: str, part: Part, code: str, language: str = "python") -> str | None:
    """``text`` with ``code`` (at depth 0) in the part's place, in its line endings; new imports go to the others."""
    index = LineIndex(text)
    imports = ()
    if language == "python" and part.name:
        code, imports = split_imports(code)
    body = textwrap.dedent(code.replace("\r\n", "\n")).strip("\n")
    if not body.strip():
        return None
    end = index.starts[part.last + 1] if part.last + 1 < len(index.starts) else len(text)
    ending = "\r\n" if "\r\n" in text else "\n"
    written = textwrap.indent(body, part.indent, lambda line: bool(line.strip()))
    tail = text[index.bounds(part.last)[1] : end]
    after = text[: index.starts[part.first]] + written.replace("\n", ending) + tail + text[end:]
    if imports:
        for each in sorted(import_changes(after, imports), key=lambda change: -change.start):
            after = after[: each.start] + each.text + after[each.end :]
    return after


# --- the answer ------------------------------------------------------------------------------------------------------


def _blocks(text: str, part: Part, language: str) -> list[str]:
    """The blocks of an answer that may stand in the part's place."""
    found = [match[3].replace("\r\n", "\n") for match in _FENCE.finditer(text)]
    if language != "python" or not part.name:
        return found
    last = part.name.rpartition(".")[2]
    defines = re.compile(rf"^[ \t]*(?:async[ \t]+)?def[ \t]+{re.escape(last)}\b", re.MULTILINE)
    return [each for each in found if defines.search(each)]


def _told(each: Attempt, hide: Masker, root: Path) -> str:
    outcome = hide(_local(_last(each.outcome, MOST_EVIDENCE // 2), root))
    return f"This was tried before and did not help:\n```\n{hide(each.code).strip()}\n```\nIts run said:\n{outcome}"


def _tests(text: str) -> str:
    return f"The tests that fail:\n```\n{text.strip()}\n```" if text.strip() else ""


def _last(text: str, most: int) -> str:
    """The end of a long text, from the start of a line: what went wrong stands there."""
    if len(text) <= most:
        return text.strip()
    return "…\n" + text[-most:].partition("\n")[2].strip()


def _local(text: str, root: Path) -> str:
    """Without the folders above the workspace."""
    return text.replace(f"{root.resolve().as_posix()}/", "").replace(f"{Path.home().as_posix()}/", "~/")
