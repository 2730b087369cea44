"""Classes of Django's middleware: a file of them needs nothing of Django.

Deliberately not seen: middleware made by a function, whose inner function is not told from any other."""

from __future__ import annotations

from ..taint.program import Function as UserFunction
from . import EntryPoint, Given, Model

#: Methods that are given the request.
_BETWEEN = ("__call__", "__acall__", "process_request", "process_view", "process_response", "process_exception")


def middleware(function: UserFunction) -> EntryPoint | None:
    """``def __call__(self, request)`` of a class that is given what answers."""
    own = function.own_parameters()
    if function.cls is None or function.name not in _BETWEEN or not own or own[0].arg != "request":
        return None
    if "get_response" not in function.module.text:
        return None
    return EntryPoint({own[0].arg: Given(ext="django.http.HttpRequest", shared=True)})


MODEL = Model(entries=(middleware,), hints=(r"\bself\.get_response\(",))
