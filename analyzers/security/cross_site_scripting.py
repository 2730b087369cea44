"""Text that somebody else decides, sent to a browser as HTML.

What it does: follows values of requests into what a view returns, into responses whose content type is HTML, and into
``Markup`` and ``mark_safe``. Escaped values, JSON, plain text and templates that escape are harmless.

Why is this bad: a script in the value runs in the browser of whoever opens the page, with their rights.

Example::

    return f"<h1>Hello {request.args['name']}</h1>"

Use instead::

    return f"<h1>Hello {escape(request.args['name'])}</h1>"

References: https://cwe.mitre.org/data/definitions/79.html
"""

from __future__ import annotations

from .taint.report import taint_rules

RULE, PROGRAM_RULE = taint_rules(
    module=__name__,
    name="cross-site-scripting",
    kind="xss",
    summary="Text that somebody else decides is sent as HTML",
    severity="high",
    cwe=(79,),
    sinks=("xss",),
    says="'{what}' is sent as HTML",
    suggestion="escape the value (markupsafe.escape, format_html), or render it with a template that does",
    confidence=0.88,
)
