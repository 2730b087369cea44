"""Text that somebody else decides, run as Python.

What it does: follows values of requests and of the command line into ``eval``, ``exec``, ``compile`` and imports by
name. Code that a program makes itself is left alone.

Why is this bad: whoever decides the text runs anything, with all rights of the program.

Example::

    total = eval(request.args["formula"])

Use instead::

    total = ast.literal_eval(request.args["number"])

References: https://cwe.mitre.org/data/definitions/95.html
"""

from __future__ import annotations

from .taint.report import taint_rules

RULE, PROGRAM_RULE = taint_rules(
    module=__name__,
    name="code-injection",
    kind="codeinj",
    summary="Text that somebody else decides is run as Python",
    severity="high",
    cwe=(95,),
    sinks=("codeinj",),
    says="'{what}' decides which code runs",
    suggestion="use ast.literal_eval for data, or a table of functions",
    confidence=0.93,
)
