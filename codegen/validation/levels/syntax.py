"""Syntax: LibCST parses the whole file with the code in its place, and the host's own compiler agrees.

In a file that did not parse before either, the code is judged alone, and that is said.
"""

from __future__ import annotations

import ast
import sys
import warnings
from typing import Literal

from ....analyzers.findings import Evidence
from ...strict import Strict, host, strict, tool
from ..level import Level, Subject, Verdict, failed, passed


def run(subject: Subject) -> Verdict:
    whole = strict(subject.placed.text)
    parsers, scope, remark = [tool()], "file", ""
    before = subject.request.text
    if not whole.ok:
        alone = strict(subject.code)
        if not alone.ok:
            at = f", line {alone.line} of the code" if alone.line else ""
            return failed(f"the code does not parse ({tool()}: {alone.message}{at})")
        earlier = strict(before)
        if earlier.ok:
            return failed(f"the file does not parse with the code in its place ({_where(whole)})")
        scope = "code"
        remark = "; of the code alone: " + (
            f"without it the file does not parse either ({_where(earlier)})"
            if earlier.judged
            else f"the file is not judged ({earlier.message})"
        )
    text = subject.placed.text if scope == "file" else subject.code
    stopped, complaint = _host_complaint(text)
    if not complaint:
        parsers.append(host())
    elif stopped == "parse":
        if sys.version_info >= (3, 14):  # LibCST knows no syntax that this one does not
            return failed(f"{host()} does not parse the {scope}: {complaint}")
        remark += f"; {host()}, which runs Suture, does not know this syntax: {complaint}"
    elif scope == "code" or _host_complaint(before)[1] != complaint:
        return failed(f"the {scope} does not compile: {complaint} ({host()})")
    data = {"parser": [*parsers], "scope": scope}
    return passed(Evidence("parsed", f"parses ({', '.join(parsers)}){remark}", data))


def _where(verdict: Strict) -> str:
    return f"{tool()}: {verdict.message}" + (f", line {verdict.line}" if verdict.line else "")


def _host_complaint(text: str) -> tuple[Literal["parse", "compile", ""], str]:
    """What the host's Python says against a text, and where it stopped: at its syntax, which may only be newer than the
    host, or after it (a ``return`` outside of a function)."""
    stage: Literal["parse", "compile"] = "parse"
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(text)
            stage = "compile"
            compile(tree, "<generated>", "exec", dont_inherit=True)
    except SyntaxError as error:
        return stage, error.msg or "invalid syntax"
    except (ValueError, RecursionError, MemoryError) as error:
        return stage, str(error) or type(error).__name__
    return "", ""


LEVEL = Level("syntax", 10, 8, run, about="LibCST and the host's compiler parse the whole file with the code in place")
