"""What a visitor sent, kept where the program trusts it.

What it does: follows values of requests into keys and values of the session. Values that were checked or converted
are harmless.

Why is this bad: the rest of the program takes what is in the session for its own.

Example::

    session["role"] = request.form["role"]

Use instead::

    if request.form["role"] in ROLES:
        session["role"] = request.form["role"]

References: https://cwe.mitre.org/data/definitions/501.html
"""

from __future__ import annotations

from .taint.report import taint_rules

RULE, PROGRAM_RULE = taint_rules(
    module=__name__,
    name="trust-boundary",
    kind="trustbound",
    summary="What somebody else sent is kept in the session as it is",
    severity="low",
    cwe=(501,),
    sinks=("trustbound",),
    says="'{what}' is kept in the session as it came",
    suggestion="check the value before it is kept where the program trusts it",
    confidence=0.75,
)
