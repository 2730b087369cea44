# ruff: noqa: E501 - tables read better in long lines
"""aiohttp (server and client), Tornado, the standard library's servers, websockets, sockets, CGI and WSGI."""

from __future__ import annotations

import ast
import re

from ..taint.machine import Call, Machine
from ..taint.program import Function as UserFunction
from ..taint.values import NO, UNKNOWN, Value
from . import ERROR, WEB, Attribute, EntryPoint, Function, Given, Model, Sink, sinks
from .flask import is_page

REQUEST = "aiohttp.web.Request"
APPLICATION = "aiohttp.web.Application"
TORNADO = "tornado.web.RequestHandler"
HTTP = "http.server.BaseHTTPRequestHandler"
_VERBS = frozenset(
    {"get", "post", "put", "patch", "delete", "head", "options", "prepare", "on_message", "open", "data_received"}
)
_RECEIVING = ("on_receive", "receive", "receive_json", "websocket_receive", "onMessage")


def handler(function: UserFunction) -> EntryPoint | None:
    """Handlers of aiohttp: functions of a request."""
    if "aiohttp" not in function.module.packages:
        return None
    own = function.own_parameters()
    if (
        own
        and own[0].arg in ("request", "req", "_request")
        and not (function.cls is not None and function.name == "__init__")
    ):
        return EntryPoint({own[0].arg: Given(ext=REQUEST, shared=True)})
    if len(own) == 1 and own[0].arg == "app" and function.cls is None:
        return EntryPoint({"app": Given(ext=APPLICATION, shared=True)})  # what is run when it starts or ends
    if (
        function.cls is not None
        and function.name in _VERBS
        and any(each.endswith("web.View") for each in function.cls.external())
    ):
        return EntryPoint({})
    return None


def tornado(function: UserFunction) -> EntryPoint | None:
    """Methods of Tornado's handlers: parts of the path and messages are parameters."""
    cls = function.cls
    if (
        cls is None
        or function.name not in _VERBS
        or not any("tornado" in each or each.endswith("RequestHandler") for each in cls.external())
    ):
        return None
    return EntryPoint({arg.arg: Given(source="web") for arg in function.own_parameters()})


def servers(function: UserFunction) -> EntryPoint | None:
    """``do_GET`` and the like, and handlers of websockets."""
    names = [arg.arg for arg in function.own_parameters()]
    cls = function.cls
    bases = cls.external() if cls is not None and function.name in _RECEIVING else ()
    if any("WebSocket" in each or "Consumer" in each for each in bases):
        skipped = ("websocket", "ws", "isBinary")
        return EntryPoint({name: Given(source="web") for name in names if name not in skipped})
    asked = function.name == "handle" and not names and function.node.args.kwarg is None
    if cls is not None and (function.name.startswith("do_") or asked):
        return EntryPoint({})
    if "websockets" in function.module.packages and names and names[0] in ("websocket", "ws", "connection", "conn"):
        return EntryPoint({names[0]: Given(ext="websockets.Connection")})
    return None


def _html(call: Call) -> bool:
    kind = call.const("content_type")
    if isinstance(kind, str):
        return "html" in kind
    return (
        kind is NO
        and call.arg("content_type") is None
        and call.arg("text") is None
        and call.arg("headers") is not None
        and is_page(call)
    )


def _said_html(call: Call) -> bool:
    return is_page(call) and _html(call)


#: Methods of a handler that run for every answer, whichever method makes it.
_FOR_ALL = frozenset({"initialize", "prepare", "set_default_headers", "write", "finish"})
_XSS, _SHOWN = Sink("xss", ()), Sink("errinfo", (), ERROR)


def _sent(machine: Machine, call: Call) -> Value:
    """``write`` and ``finish``: a page, unless a header says that it is something else."""
    value = call.first
    machine.at_sink(_SHOWN, machine.deep(value, call.state), call.node)
    if not _says_other(machine):
        machine.at_sink(_XSS, value.taints, call.node)
    return UNKNOWN


def _says_other(machine: Machine) -> bool:
    """Does the handler's method, or one of its class that runs for every answer, name a type that is no page?"""
    function = machine.frame.function
    if function is None:
        return False
    nodes: list[ast.AST] = [function.node]
    for cls in function.cls.ancestors() if function.cls is not None else ():
        nodes += [
            each
            for each in cls.node.body
            if isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef) and each.name in _FOR_ALL
        ]
    return any(_names_other(each) for node in nodes for each in ast.walk(node) if isinstance(each, ast.Call))


def _names_other(call: ast.Call) -> bool:
    """``self.set_header("Content-Type", "application/json")``"""
    named = isinstance(call.func, ast.Attribute) and call.func.attr == "set_header" and len(call.args) == 2
    header = call.args[0] if named else None
    if not isinstance(header, ast.Constant) or str(header.value).lower() != "content-type":
        return False
    kind = call.args[1]
    return not (isinstance(kind, ast.Constant) and re.search("html|svg|xml", str(kind.value)))


_TORNADO_READ = (
    "get_argument",
    "get_arguments",
    "get_query_argument",
    "get_query_arguments",
    "get_body_argument",
    "get_body_arguments",
    "get_cookie",
)

MODEL = Model(
    functions={
        **{f"{REQUEST}.{name}": Function(source="web") for name in ("json", "text", "read", "post", "multipart", "content.read")},
        "aiohttp.web.Response": Function(sinks=(Sink("xss", ("text", "body"), WEB, "", _said_html), Sink("errinfo", ("text", "body"), ERROR)), returns="aiohttp.web.Response"),
        "aiohttp.web.json_response": Function(sinks=(Sink("errinfo", (0, "data"), ERROR),), returns="aiohttp.web.Response"),
        APPLICATION: Function(hook=lambda machine, call: machine.program.common(APPLICATION)),
        **sinks("pathtraver", WEB, {"aiohttp.web.FileResponse": (0, "path")}),
        **sinks("redirect", WEB, {f"aiohttp.web.{name}": (0, "location") for name in ("HTTPFound", "HTTPSeeOther", "HTTPMovedPermanently", "HTTPTemporaryRedirect", "HTTPPermanentRedirect", "HTTPMultipleChoices")}, part="host"),
        **{f"{TORNADO}.{name}": Function(source="web") for name in _TORNADO_READ},
        f"{TORNADO}.get_secure_cookie": Function(),
        f"{TORNADO}.get_signed_cookie": Function(),
        f"{TORNADO}.write": Function(hook=_sent),
        f"{TORNADO}.finish": Function(hook=_sent),
        f"{TORNADO}.redirect": Function(sinks=(Sink("redirect", (0, "url"), WEB, "host"),)),
        "tornado.escape.xhtml_escape": Function(through=(0,), cleanses=frozenset({"xss"})),
        "tornado.escape.json_decode": Function(through=(0,)),
        "tornado.escape.url_escape": Function(through=(0,), cleanses=frozenset({"xss", "respsplit", "loginj"})),
        f"{HTTP}.rfile.read": Function(source="web"),
        f"{HTTP}.wfile.write": Function(sinks=(Sink("xss", (0,)),)),
        "socketserver.BaseRequestHandler.request.recv": Function(source="web"),
        **{f"aiohttp.web.WebSocketResponse.{name}": Function(source="web") for name in ("receive", "receive_str", "receive_json", "receive_bytes", "__iter__")},
        "websockets.Connection.recv": Function(source="web"),
        "websockets.Connection.__iter__": Function(source="web"),
        "*.recv": Function(source="web"),
        "*.receive_text": Function(source="web"),
        "*.receive_json": Function(source="web"),
        "*.iter_text": Function(source="web"),
        "cgi.FieldStorage": Function(source="web"),
        "cgi.parse": Function(source="web"),
        "asyncio.StreamReader.read": Function(source="web"),
        "asyncio.StreamReader.readline": Function(source="web"),
    },
    attributes={
        **{f"{REQUEST}.{name}": Attribute(source="web") for name in ("query", "headers", "cookies", "match_info", "rel_url", "url", "path", "path_qs", "query_string", "raw_path", "content")},
        "aiohttp.web.View.request": Attribute(hook=lambda machine, owner, value, state: machine.program.common(REQUEST)),
        f"{REQUEST}.app": Attribute(hook=lambda machine, owner, value, state: machine.program.common(APPLICATION)),
        f"{TORNADO}.request": Attribute(source="web"),
        f"{TORNADO}.path_args": Attribute(source="web"),
        f"{TORNADO}.path_kwargs": Attribute(source="web"),
        f"{HTTP}.path": Attribute(source="web"),
        f"{HTTP}.headers": Attribute(source="web"),
        f"{HTTP}.requestline": Attribute(source="web"),
        f"{HTTP}.rfile": Attribute(source="web", returns=f"{HTTP}.rfile"),
        f"{HTTP}.wfile": Attribute(returns=f"{HTTP}.wfile"),
        "socketserver.BaseRequestHandler.rfile": Attribute(source="web"),
        "socketserver.StreamRequestHandler.rfile": Attribute(source="web"),
    },
    aliases={
        "aiohttp.web_request.Request": REQUEST, "http.server.SimpleHTTPRequestHandler": HTTP, "http.server.CGIHTTPRequestHandler": HTTP,
        "tornado.websocket.WebSocketHandler": TORNADO, "BaseHTTPServer.BaseHTTPRequestHandler": HTTP,
        "websockets.WebSocketServerProtocol": "websockets.Connection", "websockets.ServerConnection": "websockets.Connection", "websockets.server.WebSocketServerProtocol": "websockets.Connection", "websockets.asyncio.server.ServerConnection": "websockets.Connection",
        "socketserver.StreamRequestHandler.request": "socketserver.BaseRequestHandler.request",
    },
    entries=(handler, tornado, servers),
    hints=(r"\brequest\b", r"\bget_\w*argument", r"\brecv\b", "receive", "rfile", r"\bself\.(?:path|headers)\b", "FieldStorage", r"\bdata\b", r"\bmessage\b",),
    packages=("aiohttp", "tornado", "websockets", "http", "socketserver", "socket", "cgi", "channels"),
)  # fmt: skip
