# ruff: noqa: E501 - tables read better in long lines
"""Formats whose loading runs code: pickle and its relatives, YAML, numpy, pandas, torch."""

from __future__ import annotations

from ..taint.machine import Call, Machine
from ..taint.values import Value
from . import ANY_BODY, WEB, Function, Model, Sink, cleanses

_DEEP = "deep"
_SAFE = ("SafeLoader", "CSafeLoader", "BaseLoader", "CBaseLoader")


def _unsafe_yaml(call: Call) -> bool:
    """``yaml.load`` with a loader that builds objects; without one it did so in old versions."""
    loader = call.arg("Loader", 1)
    if loader is None:
        return True
    names = [each.rpartition(".")[2] for each in loader.ext]
    return any(name in ("Loader", "UnsafeLoader", "CLoader", "FullLoader") for name in names)


def _pickled(call: Call) -> bool:
    return call.const("allow_pickle") is True


def _weights(call: Call) -> bool:
    return call.const("weights_only") is not True


def _loader(machine: Machine, call: Call) -> Value:
    """``ruamel.yaml.YAML(typ="unsafe")`` builds any object; other types (and none) do not."""
    unsafe = call.const("typ", 0) == "unsafe"
    return Value(ext=("ruamel.yaml.UnsafeYAML" if unsafe else "ruamel.yaml.YAML.safe",))


def _sink(when: object = None, *args: int | str) -> tuple[Sink, ...]:
    return (Sink("deserialization", args or (0,), ANY_BODY, _DEEP, when),)  # pyright: ignore[reportArgumentType]


_MODULES = ("pickle", "_pickle", "cPickle", "marshal", "dill", "cloudpickle", "pickle5", "joblib", "shelve")

MODEL = Model(
    functions={
        **{f"{module}.{name}": Function(sinks=_sink()) for module in _MODULES for name in ("load", "loads", "Unpickler", "_loads")},
        "shelve.open": Function(sinks=(Sink("deserialization", (0, "filename"), WEB), )),
        "jsonpickle.decode": Function(sinks=_sink()),
        "jsonpickle.loads": Function(sinks=_sink()),
        "yaml.load": Function(sinks=_sink(_unsafe_yaml)),
        "yaml.load_all": Function(sinks=_sink(_unsafe_yaml)),
        "ruamel.yaml.YAML": Function(hook=_loader),
        "ruamel.yaml.UnsafeYAML.load": Function(sinks=_sink()),
        "ruamel.yaml.UnsafeYAML.load_all": Function(sinks=_sink()),
        "ruamel.yaml.YAML.safe.load": Function(through=(0,)),
        "yaml.unsafe_load": Function(sinks=_sink()),
        "yaml.unsafe_load_all": Function(sinks=_sink()),
        "yaml.full_load": Function(sinks=_sink()),
        "yaml.safe_load": Function(through=(0,)),
        "yaml.safe_load_all": Function(through=(0,)),
        "numpy.load": Function(sinks=_sink(_pickled)),
        "pandas.read_pickle": Function(sinks=_sink()),
        "torch.load": Function(sinks=_sink(_weights)),
        "sklearn.externals.joblib.load": Function(sinks=_sink()),
        "keras.models.load_model": Function(sinks=_sink()),
        "*.add_unpickler": Function(),
        **cleanses(["itsdangerous.Signer.unsign", "itsdangerous.TimestampSigner.unsign", "itsdangerous.URLSafeSerializer.loads", "itsdangerous.URLSafeTimedSerializer.loads", "django.core.signing.loads", "cryptography.fernet.Fernet.decrypt", "django.core.signing.Signer.unsign", "jwt.decode"]),
    },
    aliases={"ruamel.yaml.load": "yaml.load", "pandas.io.pickle.read_pickle": "pandas.read_pickle", "itsdangerous.url_safe": "itsdangerous", "itsdangerous.signer": "itsdangerous"},
)  # fmt: skip
