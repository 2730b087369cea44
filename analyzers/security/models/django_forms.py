"""Forms of Django and serializers of REST framework: what is left of a field once its type has looked at it.

Invariant: a field of which no type is seen is as untrusted as the request.
"""

from __future__ import annotations

from dataclasses import replace

from ..taint.machine import Machine
from ..taint.program import Class
from ..taint.values import UNKNOWN, Obj, State, Value, sanitised
from . import TEXT, Attribute, Model

#: A form has looked at it: to keep it or to tell of it is what it was sent for.
_CHECKED = TEXT | {"trustbound", "loginj"}

#: Fields whose values are numbers, dates, switches, rows of the database, or one of those that the program lists.
_HARMLESS = frozenset(
    {
        "IntegerField", "FloatField", "DecimalField", "BooleanField", "NullBooleanField", "DateField", "DateTimeField",
        "TimeField", "DurationField", "UUIDField", "SplitDateTimeField", "SlugField", "ChoiceField", "TypedChoiceField",
        "MultipleChoiceField", "TypedMultipleChoiceField", "ModelChoiceField", "ModelMultipleChoiceField",
        "PrimaryKeyRelatedField", "SlugRelatedField", "HyperlinkedRelatedField", "CurrentUserDefault",
    }
)  # fmt: skip
#: An address is no command and no markup, but may be one of the inner network.
_ADDRESSES = frozenset({"GenericIPAddressField", "IPAddressField"})
_CHECKED_URL = frozenset({"redirect"})
_NO_ADDRESS = frozenset(
    {"cmdi", "sqli", "xss", "pathtraver", "codeinj", "template", "ldapi", "xpathi", "redirect", "respsplit"}
)


def _by_field(machine: Machine, owner: Value, value: Value, state: State) -> Value | None:
    """The dictionary of what was sent, with what is left of each field that the class declares."""
    if machine.in_unit:
        return UNKNOWN  # what its types let through is seen by whoever sees the whole module
    fields: dict[object, Value] = {}
    for _, form in machine.objects(owner, state):
        if not isinstance(form.cls, Class):
            continue
        for cls in reversed(list(form.cls.ancestors())):
            declared = state.heap.find(cls.number)
            for key, each in declared.fields.items() if declared is not None else ():
                name = str(key).removeprefix("\0")
                kinds = {ext.rpartition(".")[2] for ext in each.ext}
                if kinds and kinds <= _HARMLESS:
                    fields[name] = UNKNOWN
                elif kinds and kinds <= _ADDRESSES:
                    fields[name] = Value(taints=sanitised(value.taints, _NO_ADDRESS))
                elif each.calls and name.startswith(("clean_", "validate_")):
                    # A method for an address that leads elsewhere: the form's own check of it.
                    checked = name.partition("_")[2]
                    fields.setdefault(checked, Value(taints=sanitised(value.taints, _CHECKED_URL)))
    if not fields:
        return None
    return replace(machine.new(state, Obj("dict", fields, replace(value, ext=()), None, False)))


_SENT = Attribute(source="web", safe=_CHECKED, hook=_by_field)

MODEL = Model(
    attributes={
        "*.cleaned_data": _SENT,
        **{f"django.forms.{name}.cleaned_data": _SENT for name in ("Form", "ModelForm", "BaseForm")},
        "*.validated_data": _SENT,
        **{
            f"rest_framework.serializers.{name}.validated_data": _SENT
            for name in ("Serializer", "ModelSerializer", "HyperlinkedModelSerializer", "ListSerializer")
        },
    },
    hints=(r"\.cleaned_data\b", r"\.validated_data\b"),
    packages=("django", "rest_framework"),
)
