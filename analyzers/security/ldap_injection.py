"""Text that somebody else decides, put into a search of a directory.

What it does: follows values of requests into filters and names of python-ldap and ldap3. Escaped values are harmless.

Why is this bad: ``*)(uid=*`` finds everybody.

Example::

    link.search_s(BASE, ldap.SCOPE_SUBTREE, f"(uid={request.args['uid']})")

Use instead::

    link.search_s(BASE, ldap.SCOPE_SUBTREE, f"(uid={escape_filter_chars(uid)})")

References: https://cwe.mitre.org/data/definitions/90.html
"""

from __future__ import annotations

from .taint.report import taint_rules

RULE, PROGRAM_RULE = taint_rules(
    module=__name__,
    name="ldap-injection",
    kind="ldapi",
    summary="A search in a directory is made of text that somebody else decides",
    severity="high",
    cwe=(90,),
    sinks=("ldapi",),
    says="a search in a directory is put together with '{what}'",
    suggestion="escape the value with escape_filter_chars (or escape_dn_chars)",
    confidence=0.9,
)
