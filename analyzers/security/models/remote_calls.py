"""gRPC: methods of servicers, which other machines call.

Deliberately not seen: the types of a message's fields, which are in files that are not Python."""

from __future__ import annotations

import re

from ..taint.program import Function as UserFunction
from . import Attribute, EntryPoint, Function, Given, Model

_CONTEXT = "grpc.ServicerContext"
#: What the second parameter of a method is called that other machines call: helpers have others.
_SECOND = re.compile(r"_*|\w*(?:context|ctx)\w*", re.IGNORECASE)


def servicer(function: UserFunction) -> EntryPoint | None:
    """``def Method(self, request, context)`` of a class whose base is a servicer."""
    cls = function.cls
    if cls is None or not any(each.endswith("Servicer") for each in cls.external()):
        return None
    own = [each.arg for each in function.own_parameters()]
    if len(own) != 2 or function.name.startswith("_") or not _SECOND.fullmatch(own[1]):
        return None
    return EntryPoint({own[0]: Given(source="web"), own[1]: Given(ext=_CONTEXT)}, "data")


MODEL = Model(
    functions={f"{_CONTEXT}.invocation_metadata": Function(source="web")},
    attributes={f"{_CONTEXT}.peer": Attribute()},
    entries=(servicer,),
    hints=(r"\bcontext\b",),
    packages=("grpc", "grpclib"),
)
