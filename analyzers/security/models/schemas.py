"""Records and forms that check what they are made of: pydantic's own constructors, schemas of marshmallow, WTForms.

Invariant: a field of which no type is seen is as untrusted as what it was made of."""

from __future__ import annotations

from ..taint.entries import body_of, checked_by
from ..taint.machine import Call, Machine
from ..taint.patterns import harmless_if_matched
from ..taint.program import Class
from ..taint.values import NO, UNKNOWN, Obj, State, Value, apart, attribute_key, join_all, sanitised
from . import TEXT, Attribute, Function, Model

#: Fields whose values are numbers, dates or switches.
_HARMLESS = frozenset(
    {
        "Int", "Integer", "Float", "Decimal", "Number", "Bool", "Boolean", "Date", "DateTime", "Time", "TimeDelta",
        "UUID", "NaiveDateTime", "AwareDateTime", "Enum", "IP", "IPv4", "IPv6",
    }
)  # fmt: skip


def _validated(machine: Machine, call: Call) -> Value:
    """``Model.model_validate(data)``: an instance whose fields the other side wrote, as their types leave them."""
    receiver = call.receiver or UNKNOWN
    taints = [taint for each in call.args for taint in machine.deep(each, call.state)]
    classes = [each for each in receiver.calls if isinstance(each, Class)]
    if not taints or (not classes and machine.in_unit):
        return UNKNOWN  # what its types let through is seen by whoever sees the whole module
    if not classes:
        return Value(taints=tuple(taints))
    return join_all([body_of(machine, each, Value(taints=tuple(taints)), call.state) for each in classes])


def _loaded(machine: Machine, call: Call) -> Value:
    """``Schema().load(data)``: a dictionary of the declared fields, of each what its type leaves."""
    data = Value(taints=machine.deep(call.first, call.state))
    if not data.taints:
        return UNKNOWN
    fields: dict[object, Value] = {}
    many = call.const("many") is True
    for _, schema in machine.objects(call.receiver or UNKNOWN, call.state):
        for cls in reversed(list(schema.cls.ancestors())) if isinstance(schema.cls, Class) else ():
            declared = call.state.heap.find(cls.number)
            for key, each in declared.fields.items() if declared is not None else ():
                name = str(key).removeprefix("\0")
                if any(one.rpartition(".")[2] in _HARMLESS for one in each.ext):
                    fields[name] = UNKNOWN
                elif each.derived is not None and each.derived[0] in (_CHOSEN, _MATCHED):
                    fields[name] = _checked(each, data)
                else:
                    fields[name] = checked_by(machine, cls, ("validates",), name, apart(data), call.state)
        many = many or (schema.fields.get(attribute_key("many")) or UNKNOWN).const is True
    made = machine.new(call.state, Obj("dict", fields, data, None, False))
    return machine.new(call.state, Obj("list", rest=made, full=False)) if many else made


#: How a field is derived from what its values are checked with: one of a list, or a pattern.
_CHOSEN, _MATCHED = "chosen", "matched"


def _checked(field: Value, value: Value) -> Value:
    """What is left of a value behind the check that its field is derived from."""
    if field.derived is None or field.derived[0] == _CHOSEN:
        return UNKNOWN
    return Value(taints=sanitised(value.taints, harmless_if_matched(str(field.derived[1].const), "match")))


def _list(machine: Machine, call: Call) -> Value:
    """``fields.List(fields.Int())``: of each element what is left of one."""
    return call.first if call.first.ext else Value(ext=(call.name,))


def _field(machine: Machine, call: Call) -> Value:
    """``fields.Str(validate=OneOf(…))``, ``StringField(validators=[AnyOf(…)])``: what checks its values."""
    given = call.arg("validate", "validators", 1) or UNKNOWN
    listed = [each for _, obj in machine.objects(given, call.state) for each in obj.elements()]
    found = [each.derived for each in (given, *listed) if each.derived is not None]
    derived = next((each for each in found if each[0] in (_CHOSEN, _MATCHED)), None)
    made = machine.new(call.state, Obj("object", full=False))  # what is asked of one says nothing of another
    return Value(refs=made.refs, ext=(call.name,), derived=derived)


def _one_of(machine: Machine, call: Call) -> Value:
    return Value(ext=(call.name,), derived=(_CHOSEN, UNKNOWN))


def _regexp(machine: Machine, call: Call) -> Value:
    given = call.arg(0, "regex")
    known = given is not None and given.const is not NO
    return Value(ext=(call.name,), derived=(_MATCHED, given) if given is not None and known else None)


def _data(machine: Machine, owner: Value, value: Value, state: State) -> Value | None:
    """``form.name.data``: what was sent, unless something looked at it."""
    if owner.derived is None or owner.derived[0] not in (_CHOSEN, _MATCHED):
        return None
    return _checked(owner, value)


_TEXTS = (
    "StringField", "TextAreaField", "PasswordField", "HiddenField", "SearchField", "URLField", "EmailField", "TelField",
    "FileField", "MultipleFileField", "Field",
)  # fmt: skip
_MADE = ("model_validate", "model_validate_json", "model_validate_strings", "parse_obj", "parse_raw")

MODEL = Model(
    functions={
        **{f"*.{name}": Function(hook=_validated) for name in _MADE},
        **{f"marshmallow.Schema.{name}": Function(hook=_loaded) for name in ("load", "loads")},
        "marshmallow.Schema.from_dict": Function(returns="marshmallow.Schema"),
        "marshmallow.Schema": Function(returns="marshmallow.Schema"),
        "marshmallow.fields.List": Function(hook=_list),
        **{f"marshmallow.fields.{name}": Function(hook=_field) for name in ("Str", "String", "Raw", "Url", "Email")},
        **{name: Function(hook=_one_of) for name in ("marshmallow.validate.OneOf", "wtforms.validators.AnyOf")},
        **{name: Function(hook=_regexp) for name in ("marshmallow.validate.Regexp", "wtforms.validators.Regexp")},
        **{f"wtforms.{name}": Function(hook=_field) for name in _TEXTS},
    },
    attributes={f"wtforms.{name}.data": Attribute(source="web", safe=TEXT, hook=_data) for name in _TEXTS},
    aliases={
        "wtforms.fields": "wtforms",
        "flask_wtf.file.FileField": "wtforms.FileField",
        "flask_marshmallow.Schema": "marshmallow.Schema",
        "marshmallow_sqlalchemy.SQLAlchemySchema": "marshmallow.Schema",
    },
    hints=(r"\.data\b",),
    packages=("wtforms", "flask_wtf"),
)
