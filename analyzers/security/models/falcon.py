# ruff: noqa: E501 - tables read better in long lines
"""Falcon: resources whose ``on_get`` and the like are given a request and a response."""

from __future__ import annotations

import ast
import re

from ..taint.machine import Call, Machine
from ..taint.program import Function as UserFunction
from ..taint.values import UNKNOWN, Value
from . import ERROR, TEXT, WEB, Attribute, EntryPoint, Function, Given, Model, Sink, sinks

REQUEST, RESPONSE = "falcon.Request", "falcon.Response"
_RESPONDER = re.compile(r"on_(?:get|post|put|patch|delete|head|options|request|websocket)(?:_\w+)?$")
_CONVERTED = ("int", "float", "uuid", "dt")


def responder(function: UserFunction) -> EntryPoint | None:
    """``on_get(self, req, resp, **parts of the path)``; hooks and middlewares are given the same two."""
    if "falcon" not in function.module.packages or function.cls is None:
        return None
    own = function.own_parameters()
    between = function.name in ("process_request", "process_resource", "process_response")
    if len(own) < 2 or not (between or _RESPONDER.match(function.name)):
        return None
    given = {own[0].arg: Given(ext=REQUEST), own[1].arg: Given(ext=RESPONSE)}
    for arg in own[2:] if not between else ():
        given[arg.arg] = Given() if _is_converted(function.module.text, arg.arg) else Given(source="web")
    return EntryPoint(given, "data")


def _is_converted(text: str, name: str) -> bool:
    """Does a route make a number or the like of a part of its path? Where none is seen, its name says it."""
    found = re.search(rf"\{{{re.escape(name)}(?::(\w+))?", text)
    return (
        found[1] in _CONVERTED
        if found is not None
        else re.fullmatch(r"(?:.*_)?(?:id|pk|uuid|year|page)", name) is not None
    )


_PAGE, _SHOWN, _SENT_TO = Sink("xss", ()), Sink("errinfo", (), ERROR), Sink("redirect", (), WEB, "host")


def _written(machine: Machine, call: Call) -> Value:
    """``resp.text = text``: Falcon answers with JSON unless the content type says that it is a page."""
    value = call.first
    machine.at_sink(_SHOWN, machine.deep(value, call.state), call.node)
    function = machine.frame.function
    if function is not None and any(_says_html(each) for each in ast.walk(function.node)):
        machine.at_sink(_PAGE, value.taints, call.node)
    return UNKNOWN


def _says_html(node: ast.AST) -> bool:
    """``resp.content_type = falcon.MEDIA_HTML``, or the header set to it."""
    if isinstance(node, ast.Assign) and len(node.targets) == 1:
        target, value = node.targets[0], node.value
        named = isinstance(target, ast.Attribute) and target.attr == "content_type"
    elif isinstance(node, ast.Call) and len(node.args) == 2 and isinstance(node.func, ast.Attribute):
        key, value = node.args
        named = node.func.attr in ("set_header", "append_header") and isinstance(key, ast.Constant)
        named = named and str(getattr(key, "value", "")).lower() == "content-type"
    else:
        return False
    return named and re.search("html|svg", ast.unparse(value), re.IGNORECASE) is not None


def _header(machine: Machine, call: Call) -> Value:
    key = call.const(0)
    if isinstance(key, str) and key.lower() == "location" and len(call.args) > 1:
        machine.at_sink(_SENT_TO, call.args[1].taints, call.node)
    return UNKNOWN


_MOVED = ("HTTPMovedPermanently", "HTTPFound", "HTTPSeeOther", "HTTPTemporaryRedirect", "HTTPPermanentRedirect")

MODEL = Model(
    functions={
        **{f"{REQUEST}.{name}": Function(source="web") for name in ("get_media", "get_param_as_json", "get_param_as_media", "bounded_stream.read", "stream.read", "bounded_stream.readline")},
        **{f"{REQUEST}.{name}": Function(source="web") for name in ("get_param", "get_param_as_list", "get_header", "get_cookie_values")},
        **{f"{REQUEST}.get_param_as_{name}": Function() for name in ("int", "float", "bool", "uuid", "date", "datetime")},
        **sinks("redirect", WEB, {f"falcon.{name}": (0, "location") for name in _MOVED}, part="host"),
        f"{RESPONSE}.text.__set__": Function(hook=_written),
        f"{RESPONSE}.body.__set__": Function(hook=_written),
        f"{RESPONSE}.data.__set__": Function(hook=_written),
        f"{RESPONSE}.location.__set__": Function(sinks=(Sink("redirect", (0,), WEB, "host"),)),
        f"{RESPONSE}.set_header": Function(hook=_header),
        f"{RESPONSE}.append_header": Function(hook=_header),
        "falcon.uri.encode": Function(through=(0,), cleanses=frozenset({"xss", "respsplit", "loginj"})),
    },
    attributes={
        **{f"{REQUEST}.{name}": Attribute(source="web") for name in ("media", "stream", "bounded_stream")},
        **{f"{REQUEST}.{name}": Attribute(source="web", safe=TEXT) for name in ("params", "headers", "cookies", "query_string", "path", "uri", "url", "relative_uri", "referer", "user_agent", "auth", "host", "forwarded_host")},
    },
    aliases={
        "falcon.asgi.Request": REQUEST, "falcon.asgi.Response": RESPONSE, "falcon.request.Request": REQUEST, "falcon.response.Response": RESPONSE,
        **{f"falcon.redirects.{name}": f"falcon.{name}" for name in _MOVED},
    },
    entries=(responder,),
    hints=(r"\breq\b", r"\brequest\b", r"\bon_(?:get|post|put|patch|delete|request)"),
    packages=("falcon",),
)  # fmt: skip
