"""Text that somebody else decides, compiled as a template.

What it does: follows values of requests into the source of templates (``render_template_string``,
``jinja2.Template``, ``from_string``, Mako, Django). Values that are passed when a template is rendered are harmless.

Why is this bad: a template can call methods of what it can reach, and from there run anything.

Example::

    return render_template_string("Hello " + request.args["name"])

Use instead::

    return render_template_string("Hello {{ name }}", name=request.args["name"])

References: https://cwe.mitre.org/data/definitions/1336.html
"""

from __future__ import annotations

from .taint.report import taint_rules

RULE, PROGRAM_RULE = taint_rules(
    module=__name__,
    name="template-injection",
    kind="codeinj",
    summary="Text that somebody else decides is a template",
    severity="high",
    cwe=(1336, 79),
    sinks=("template",),
    says="'{what}' becomes part of a template",
    suggestion="leave a variable in the template and pass the value when it is rendered",
    confidence=0.9,
)
