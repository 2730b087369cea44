# ruff: noqa: E501 - tables read better in long lines
"""Pyramid and WebOb: views of a request, as functions and as methods of classes."""

from __future__ import annotations

import ast

from ..taint.program import Function as UserFunction
from . import ERROR, OWN_HOST, TEXT, WEB, Attribute, EntryPoint, Function, Given, Model, Sink, sinks
from .flask import is_page

REQUEST, RESPONSE = "pyramid.request.Request", "pyramid.response.Response"
_MOVED = ("HTTPFound", "HTTPSeeOther", "HTTPMovedPermanently", "HTTPTemporaryRedirect", "HTTPPermanentRedirect")


def view(function: UserFunction) -> EntryPoint | None:
    """Functions and methods behind ``@view_config``; the constructor of a class of views is given the request."""
    if not {"pyramid", "cornice"} & function.module.packages:
        return None
    own = function.own_parameters()
    cls = function.cls
    if cls is not None and function.name == "__init__" and any(arg.arg == "request" for arg in own):
        return EntryPoint({arg.arg: Given(ext=REQUEST) for arg in own if arg.arg == "request"})
    configured = any("view_config" in ast.unparse(each) for each in function.decorators)
    named = cls is None and function.parent is None and bool(own) and own[-1].arg == "request" and len(own) <= 2
    if configured or named:
        return EntryPoint({own[-1].arg: Given(ext=REQUEST)} if own and cls is None else {}, "data")
    return None


_BODY = ("json_body", "body", "body_file", "text")
_PARTS = (
    "params",
    "GET",
    "POST",
    "matchdict",
    "headers",
    "cookies",
    "query_string",
    "path",
    "path_info",
    "referer",
    "referrer",
    "user_agent",
    "subpath",
    "traversed",
)

MODEL = Model(
    functions={
        RESPONSE: Function(sinks=(Sink("xss", (0, "body", "text"), WEB, "", is_page), Sink("errinfo", (0, "body", "text"), ERROR)), returns=RESPONSE),
        **sinks("pathtraver", WEB, {"pyramid.response.FileResponse": (0, "path"), "pyramid.response.FileIter": ()}, "file"),
        **sinks("redirect", WEB, {f"pyramid.httpexceptions.{name}": (0, "location") for name in _MOVED}, part="host"),
        f"{REQUEST}.route_url": Function(), f"{REQUEST}.route_path": Function(), f"{REQUEST}.static_url": Function(), f"{REQUEST}.resource_url": Function(),
        f"{REQUEST}.session.__setitem__": Function(sinks=(Sink("trustbound", (0, 1)),)),
        f"{RESPONSE}.text.__set__": Function(sinks=(Sink("xss", (0,)),)),
        f"{RESPONSE}.location.__set__": Function(sinks=(Sink("redirect", (0,), WEB, "host"),)),
    },
    attributes={
        **{f"{REQUEST}.{name}": Attribute(source="web") for name in _BODY},
        **{f"{REQUEST}.{name}": Attribute(source="web", safe=TEXT) for name in _PARTS},
        **{f"{REQUEST}.{name}": Attribute(source="web", safe=TEXT | OWN_HOST) for name in ("url", "path_url", "host", "host_url", "application_url")},
        f"{REQUEST}.session": Attribute(returns=f"{REQUEST}.session"),
        f"{REQUEST}.response": Attribute(returns=RESPONSE),
        f"{REQUEST}.dbsession": Attribute(returns="sqlalchemy.orm.Session"),
    },
    aliases={"webob.Request": REQUEST, "webob.Response": RESPONSE, "webob.exc": "pyramid.httpexceptions"},
    entries=(view,),
    hints=(r"\brequest\b",),
    packages=("pyramid", "webob", "cornice"),
)  # fmt: skip
