"""Text that somebody else decides, run as Python.

What it does: reports ``eval``, ``exec`` and ``compile`` of text that comes from outside or is put together from a
parameter. Literals are safe, and code that compiles what it made itself (decorators, template engines) is left alone.

Why is this bad: whoever decides the text runs anything, with all rights of the program.

Example::

    total = eval(request.args["formula"])

Use instead::

    total = ast.literal_eval(request.args["number"])

References: https://cwe.mitre.org/data/definitions/95.html
"""

from __future__ import annotations

from collections.abc import Iterator

from ..findings import Finding
from ..flow import arguments_of
from ..rules import Rule
from ..syntax import Unit
from .flow import Origin, Tracer

_RUNNING = frozenset({"eval", "exec", "compile", "builtins.eval", "builtins.exec", "code.interact"})


def check(unit: Unit) -> Iterator[Finding]:
    tracer: Tracer | None = None
    for call in unit.index.get("call", ()):
        name = unit.call_name(call)
        if name not in _RUNNING:
            continue
        listed = arguments_of(call)
        if not listed:
            continue
        tracer = tracer or Tracer(unit)
        trace = tracer.trace(listed[0])
        if trace.origin == Origin.OUTSIDE:
            confidence = 0.92
        elif trace.origin == Origin.PARAMETER and (trace.built or name == "eval"):
            confidence = 0.5
        else:
            continue
        yield tracer.finding(
            RULE,
            call,
            trace,
            f"{name} runs text that '{{what}}' decides",
            confidence=confidence,
            suggestion="use ast.literal_eval for data, or a table of functions",
        )


RULE = Rule(
    name="code-injection",
    reviewer="security",
    kind="codeinj",
    summary="Text that somebody else decides is run as Python",
    severity="high",
    check=check,
    cwe=(95,),
)
