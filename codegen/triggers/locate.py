"""What a request asks for: the one place that knows every trigger.

A selection is said explicitly; else a stub, else a comment, else a failing test, as the line has it.
"""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

from ..proposal import GenerationRequest
from .comment import comment_at, why_not
from .failing_test import Read, failing_test_at, is_test_file, read_file
from .selection import selection_at
from .stub import stub_at
from .target import Target


def located(request: GenerationRequest) -> tuple[GenerationRequest, Target] | str:
    """The request, about the file that is written, and the target; or a sentence that says why there is none.

    For a failing test the request's path and text become those of the module that it imports from."""
    if request.change:
        last = request.line if request.end_line is None else request.end_line
        target = selection_at(request.text, request.line, last, request.change)
        return (request, target) if target is not None else "select inside of a function or a class to have it changed"
    target = stub_at(request.text, request.line) or comment_at(request.text, request.line)
    if target is not None:
        return request, target
    target = failing_test_at(request.text, request.line, request.path, request.root, reader(request))
    if target is not None and target.path is not None:
        text = reader(request)(target.path) or ""
        return replace(request, path=target.path, text=text, line=max(target.first, 0)), target
    if request.specification:
        return request, _anchor(request)
    return _reason(request)


def reader(request: GenerationRequest) -> Read:
    """Reads a file as the editor has it (``request.files``), else from the disk."""

    def read(path: Path) -> str | None:
        given = request.files.get(str(path))
        return given if given is not None else read_file(path)

    return read


def _reason(request: GenerationRequest) -> str:
    lines = re.split(r"\r\n|\n|\r", request.text)
    line = lines[request.line] if 0 <= request.line < len(lines) else ""
    if is_test_file(request.path) and not line.lstrip().startswith("#"):
        return "nothing that this line uses is missing from a module of the workspace"
    return why_not(request.text, request.line)


def _anchor(request: GenerationRequest) -> Target:
    """Where to write if a specification was typed and the line asks for nothing: below that line."""
    lines = re.split(r"\r\n|\n|\r", request.text)
    line = min(max(request.line, 0), len(lines) - 1)
    indent = lines[line][: len(lines[line]) - len(lines[line].lstrip())]
    return Target(line, line, indent if lines[line].strip() else "", request.specification)
