"""A visitor decides which fields of a record are set.

What it does: follows bodies of requests into ``Model(**body)``, ``objects.create(**body)`` and ``setattr`` with a name
from the request. Names that were checked against known ones are harmless.

Why is this bad: whoever adds ``is_admin`` to the body becomes one.

Example::

    User(**request.get_json())

Use instead::

    User(name=body["name"], mail=body["mail"])

References: https://cwe.mitre.org/data/definitions/915.html
"""

from __future__ import annotations

from .taint.report import taint_rules

RULE, PROGRAM_RULE = taint_rules(
    module=__name__,
    name="mass-assignment",
    kind="sqli",
    summary="A visitor decides which fields of a record are set",
    severity="medium",
    cwe=(915,),
    sinks=("massassign",),
    says="'{what}' decides which fields are set",
    suggestion="take the fields that you expect, one by one",
    confidence=0.8,
)
