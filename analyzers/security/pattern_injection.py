"""Text that somebody else decides, compiled as a regular expression.

What it does: follows values of requests into patterns of ``re`` and ``regex``. ``re.escape`` makes them harmless.

Why is this bad: a pattern such as ``(a+)+$`` keeps a processor busy for years.

Example::

    re.search(request.args["q"], text)

Use instead::

    re.search(re.escape(request.args["q"]), text)

References: https://cwe.mitre.org/data/definitions/1333.html
"""

from __future__ import annotations

from .taint.report import taint_rules

RULE, PROGRAM_RULE = taint_rules(
    module=__name__,
    name="pattern-injection",
    kind="dos",
    summary="A regular expression is made of text that somebody else decides",
    severity="medium",
    cwe=(1333, 730, 400),
    sinks=("dos",),
    says="'{what}' becomes part of a regular expression",
    suggestion="put re.escape around the value",
    confidence=0.85,
)
