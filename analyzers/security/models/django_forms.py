"""Forms of Django and serializers of REST framework: what is left of a field once its type has looked at it.

Invariant: a field of which no type is seen is as untrusted as the request.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from ..taint.machine import Call, Machine
from ..taint.patterns import harmless_if_matched
from ..taint.program import Class
from ..taint.values import UNKNOWN, Obj, State, Value, join_all, sanitised
from . import TEXT, Attribute, Function, Model

#: A form has looked at it: to keep it or to tell of it is what it was sent for, and it holds what the form declares.
_CHECKED = TEXT | {"trustbound", "loginj", "massassign"}

#: Fields whose values are numbers, dates, switches, rows of the database, or one of those that the program lists.
_HARMLESS = frozenset(
    {
        "IntegerField", "FloatField", "DecimalField", "BooleanField", "NullBooleanField", "DateField", "DateTimeField",
        "TimeField", "DurationField", "UUIDField", "SplitDateTimeField", "SlugField", "ChoiceField", "TypedChoiceField",
        "MultipleChoiceField", "TypedMultipleChoiceField", "ModelChoiceField", "ModelMultipleChoiceField",
        "PrimaryKeyRelatedField", "SlugRelatedField", "HyperlinkedRelatedField", "CurrentUserDefault",
    }
)  # fmt: skip
#: What such a field checks a value with.
_CHECKS = ("clean", "to_python", "validate", "valid_value", "run_validation", "to_internal_value")
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
    found: list[dict[object, Value]] = []
    for _, form in machine.objects(owner, state):
        members: dict[str, Value] = {}  # those of a nearer class in the place of its bases'
        for cls in reversed(list(form.cls.ancestors())) if isinstance(form.cls, Class) else ():
            declared = state.heap.find(cls.number)
            if declared is not None:
                members |= {str(key).removeprefix("\0"): each for key, each in declared.fields.items()}
        found.append(_left_of(machine, value, members, state))
    # Which of several forms it is, nobody knows: what all of them say of a field.
    names = frozenset[object]().union(*found[:1]).intersection(*found[1:])
    fields = {name: join_all(each[name] for each in found) for name in names}
    return machine.new(state, Obj("dict", fields, replace(value, ext=()), None, False)) if fields else None


def _left_of(machine: Machine, value: Value, members: Mapping[str, Value], state: State) -> dict[object, Value]:
    """What is left of the fields of a form, by its class's members."""
    fields: dict[object, Value] = {}
    for name, each in members.items():
        kinds = {ext.rpartition(".")[2] for ext in each.ext}
        own = [one.cls for _, one in machine.objects(each, state) if isinstance(one.cls, Class)]
        if any(cls.attribute(check, state) is not None for cls in own for check in _CHECKS):
            continue  # a type of the program's own that checks, or does not, in its own way
        if kinds and kinds <= _HARMLESS:
            fields[name] = UNKNOWN
        elif each.derived is not None and each.derived[0] == _MATCHED:
            harmless = harmless_if_matched(str(each.derived[1].const), "search")
            fields[name] = Value(taints=sanitised(value.taints, harmless))
        elif kinds and kinds <= _ADDRESSES:
            fields[name] = Value(taints=sanitised(value.taints, _NO_ADDRESS))
        elif each.calls and name.startswith(("clean_", "validate_")):
            # A method for an address that leads elsewhere: the form's own check of it.
            fields.setdefault(name.partition("_")[2], Value(taints=sanitised(value.taints, _CHECKED_URL)))
    return fields


#: How a field (or what checks one) is derived from the pattern that its texts match.
_MATCHED = "matched"


def _pattern(machine: Machine, call: Call) -> Value:
    """``RegexField(pattern)``, ``RegexValidator(pattern)``"""
    given = call.arg(0, "regex") or UNKNOWN
    if given.derived is not None and given.derived[0] == "pattern":
        given = given.derived[1]
    inverse = call.arg("inverse_match")
    known = isinstance(given.const, str) and (inverse is None or inverse.const is False)
    return Value(ext=(call.name,), derived=(_MATCHED, given) if known else None)


def _text(machine: Machine, call: Call) -> Value:
    """``CharField(validators=[RegexValidator(pattern)])``: each of them looks at it."""
    validators = call.arg("validators") or UNKNOWN
    listed = [each for _, obj in machine.objects(validators, call.state) for each in obj.elements()]
    found = [each.derived for each in listed if each.derived is not None and each.derived[0] == _MATCHED]
    return Value(ext=(call.name,), derived=found[0] if found else None)


_FIELDS = ("django.forms", "rest_framework.serializers", "rest_framework.fields")

_SENT = Attribute(source="web", safe=_CHECKED, hook=_by_field)

MODEL = Model(
    functions={
        **{f"{each}.RegexField": Function(hook=_pattern) for each in _FIELDS},
        "django.core.validators.RegexValidator": Function(hook=_pattern),
        **{f"{each}.CharField": Function(hook=_text) for each in _FIELDS},
    },
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
