"""A form that offers every field of a record.

What it does: reports ``fields = "__all__"`` in the ``Meta`` of forms and serializers of
models (Django, REST framework).

Why is this bad: a field that is added to the model later, ``is_admin`` for instance, can be set by who sends the form.

Example::

    class UserForm(ModelForm):
        class Meta:
            fields = "__all__"

Use instead::

    class UserForm(ModelForm):
        class Meta:
            fields = ["name", "mail"]

References: https://cwe.mitre.org/data/definitions/915.html
"""

from __future__ import annotations

from collections.abc import Iterator

from ..findings import Finding
from ..rules import Rule
from ..syntax import Unit
from .written import constant, report

_FORMS = ("ModelForm", "ModelSerializer", "HyperlinkedModelSerializer")


def check(unit: Unit) -> Iterator[Finding]:
    if unit.kind != "class" or unit.name.rpartition(".")[2] != "Meta":
        return
    body = unit.node.parent
    outer = body.parent if body is not None else None
    bases = outer.child_by_field_name("superclasses") if outer is not None else None
    if bases is None or not any(name in unit.text(bases) for name in _FORMS):
        return
    for node in unit.index.get("assignment", ()):
        left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
        if left is not None and unit.text(left) == "fields" and constant(unit, right) == "__all__":
            yield report(
                unit, RULE, node, "every field of the model can be set by who sends the form", 0.6, "list the fields"
            )


RULE = Rule(
    name="exposed-model-fields",
    reviewer="security",
    kind="sqli",
    summary="A form offers every field of a record",
    severity="medium",
    check=check,
    cwe=(915,),
)
