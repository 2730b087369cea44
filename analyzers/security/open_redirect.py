"""A browser sent to where somebody else says.

What it does: follows values of requests into redirects. A fixed host or path in front is harmless, and so is a value
that was checked to be a path of this site (it starts with one slash only) or to name a known host.

Why is this bad: a link to this site ends at another one that looks like it.

Example::

    return redirect(request.args["next"])

Use instead::

    if url_has_allowed_host_and_scheme(target, allowed_hosts={request.get_host()}):
        return redirect(target)

References: https://cwe.mitre.org/data/definitions/601.html
"""

from __future__ import annotations

from .taint.report import taint_rules

RULE, PROGRAM_RULE = taint_rules(
    module=__name__,
    name="open-redirect",
    kind="redirect",
    summary="Somebody else decides where a browser is sent",
    severity="medium",
    cwe=(601,),
    sinks=("redirect",),
    says="'{what}' decides where the browser goes next",
    suggestion="accept only paths of this site, or hosts that are known",
    confidence=0.88,
)
