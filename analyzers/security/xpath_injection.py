"""Text that somebody else decides, put into an XPath expression.

What it does: follows values of requests into expressions of lxml, elementpath and ElementTree. Variables of XPath and
checked values are harmless.

Why is this bad: ``' or '1'='1`` selects what was not meant.

Example::

    tree.xpath("//user[@name='" + request.args["n"] + "']")

Use instead::

    tree.xpath("//user[@name=$n]", n=request.args["n"])

References: https://cwe.mitre.org/data/definitions/643.html
"""

from __future__ import annotations

from .taint.report import taint_rules

RULE, PROGRAM_RULE = taint_rules(
    module=__name__,
    name="xpath-injection",
    kind="xpathi",
    summary="An XPath expression is made of text that somebody else decides",
    severity="high",
    cwe=(643,),
    sinks=("xpathi",),
    says="an XPath expression is put together with '{what}'",
    suggestion="use a variable ($name) and pass the value",
    confidence=0.9,
)
