"""Text that somebody else decides, written to a log.

What it does: follows values of requests into messages of loggers. ``%r``, numbers, and values without line breaks are
harmless.

Why is this bad: a line break in the value starts an entry that nobody wrote.

Example::

    log.info("login of " + request.form["user"])

Use instead::

    log.info("login of %r", request.form["user"])

References: https://cwe.mitre.org/data/definitions/117.html
"""

from __future__ import annotations

from .taint.report import taint_rules

RULE, PROGRAM_RULE = taint_rules(
    module=__name__,
    name="log-injection",
    kind="loginj",
    summary="Lines of a log are made of text that somebody else decides",
    severity="low",
    cwe=(117,),
    sinks=("loginj",),
    says="'{what}' is written to the log with its line breaks",
    suggestion="log its repr (%r), or replace line breaks",
    confidence=0.7,
)
