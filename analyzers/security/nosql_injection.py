"""What somebody else sent, put into a query of documents.

What it does: follows values of request bodies into filters of MongoDB. Values that were converted to text or numbers
are harmless.

Why is this bad: a body may hold ``{"$ne": null}`` instead of a text, which matches everything.

Example::

    users.find_one({"name": body["name"], "token": body["token"]})

Use instead::

    users.find_one({"name": str(body["name"]), "token": str(body["token"])})

References: https://cwe.mitre.org/data/definitions/943.html
"""

from __future__ import annotations

from .taint.report import taint_rules

RULE, PROGRAM_RULE = taint_rules(
    module=__name__,
    name="nosql-injection",
    kind="sqli",
    summary="A query of documents is made of what somebody else sent",
    severity="high",
    cwe=(943,),
    sinks=("nosqli", "nosqlwhere"),
    says="a query of documents holds '{what}' as it came",
    suggestion="convert the value to text (str) or check its type",
    confidence=0.82,
)
