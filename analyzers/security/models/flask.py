# ruff: noqa: E501 - tables read better in long lines
"""Flask, Quart, Bottle and werkzeug."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import replace

from ..taint.calls import apply
from ..taint.checks import check
from ..taint.fold import ONE_PART
from ..taint.machine import Call, Machine
from ..taint.patterns import harmless_if_matched
from ..taint.program import Function as UserFunction
from ..taint.values import NO, UNKNOWN, Value, join
from . import ERROR, OWN_HOST, TEXT, WEB, Attribute, EntryPoint, Function, Given, Model, Sink, sinks

ROUTING = frozenset(
    {"route", "get", "post", "put", "patch", "delete", "view", "websocket", "api_route", "head", "options", "trace"}
)
_HOOKS = frozenset(
    {
        "before_request",
        "before_app_request",
        "after_request",
        "teardown_request",
        "context_processor",
        "errorhandler",
        "app_errorhandler",
        "template_filter",
        "url_value_preprocessor",
    }
)
_PLACE = re.compile(r"<(?:(\w+)(?:\([^)]*\))?:)?(\w+)>")
_BOTTLE = re.compile(r"<(\w+)(?::(\w+)(?::([^>]*))?)?>")
PACKAGES = frozenset(
    {"flask", "quart", "bottle", "werkzeug", "flask_restful", "flask_restx", "flask_openapi3", "apiflask"}
)
#: What else has routes that look like that: of a module with both, each has its own.
_OTHERS = frozenset({"fastapi", "litestar", "robyn", "starlette", "sanic"})
_NUMERIC = frozenset({"int", "float", "uuid"})
#: Converters that let no slash through: the server has decoded the path before it is taken apart.
_TEXTS = frozenset({"", "string"})
_ONE_PART = frozenset({ONE_PART})
_PART = Given(source="web", cleanses=_ONE_PART)


def route_of(decorator: ast.expr) -> ast.Call | None:
    """The call of a routing decorator whose first argument is a path: ``@app.get("/")``, ``@get("/")``."""
    if not isinstance(decorator, ast.Call):
        return None
    if isinstance(decorator.func, ast.Attribute):
        return decorator if decorator.func.attr in ROUTING else None
    named = isinstance(decorator.func, ast.Name) and decorator.func.id in ROUTING
    return decorator if named and path_of(decorator).startswith("/") else None


def owner_of(function: UserFunction, route: ast.Call) -> frozenset[str]:
    """The packages whose object a route is added to: ``app`` of ``@app.get("/")``, as far as it is known."""
    owner = route.func.value if isinstance(route.func, ast.Attribute) else None
    value = function.module.name(owner.id) if isinstance(owner, ast.Name) else None
    return frozenset(each.partition(".")[0] for each in (value.ext if value is not None else ()))


def path_of(route: ast.Call) -> str:
    first = (
        route.args[0]
        if route.args
        else next((each.value for each in route.keywords if each.arg in ("rule", "path")), None)
    )
    return first.value if isinstance(first, ast.Constant) and isinstance(first.value, str) else ""


def view(function: UserFunction) -> EntryPoint | None:
    """Views: parts of the path are parameters."""
    if not PACKAGES & function.module.packages:
        return None
    given: dict[str, Given] = {}
    found = False
    bottle = "bottle" in function.module.packages and "flask" not in function.module.packages
    for decorator in function.decorators:
        route = route_of(decorator)
        if route is not None:
            if _OTHERS & function.module.packages and _OTHERS & owner_of(function, route):
                continue
            found = True
            for kind, name in _places(path_of(route), bottle):
                cleanses = _ONE_PART if kind in _TEXTS and given.get(name, _PART) == _PART else frozenset[str]()
                given[name] = Given() if kind in _NUMERIC else Given(source="web", cleanses=cleanses)
        name = (
            decorator.attr
            if isinstance(decorator, ast.Attribute)
            else decorator.func.attr
            if isinstance(decorator, ast.Call) and isinstance(decorator.func, ast.Attribute)
            else ""
        )
        if name in _HOOKS:
            return EntryPoint({}, "html" if "errorhandler" in name else "")
    if found:
        return EntryPoint(given, "html")
    cls = function.cls
    if cls is not None and function.name in ("get", "post", "put", "patch", "delete", "dispatch_request"):
        bases = cls.external()
        if any(each.endswith(("MethodView", "views.View", "Resource")) for each in bases):
            html = not any(each.endswith("Resource") for each in bases)
            names = {
                arg.arg: Given(source="web")
                for arg in function.own_parameters()
                if not re.fullmatch(r"(?:.*_)?(?:id|pk|page|year)", arg.arg)
            }
            return EntryPoint(names, "html" if html else "data")
    return None


def _places(path: str, bottle: bool) -> Iterator[tuple[str, str]]:
    """(converter, name) of each place in a path: ``<int:number>``, in Bottle ``<number:int>``."""
    if not bottle:
        yield from _PLACE.findall(path)
        return
    for name, kind, pattern in _BOTTLE.findall(path):
        narrow = kind == "re" and not harmless_if_matched(pattern, "fullmatch").isdisjoint({"pathtraver"})
        yield "" if narrow else kind, name


def is_page(call: Call) -> bool:
    """Is a response sent as HTML (which is the default)?"""
    kind = call.arg("mimetype", "content_type", "media_type")
    if kind is None and isinstance(call.const(3), str):
        kind = call.arg(3)
    headers = call.arg("headers", 2)
    if kind is None and headers is not None:
        for number in headers.refs:
            obj = call.state.heap.find(number)
            for key, value in obj.fields.items() if obj is not None else ():
                if isinstance(key, str) and key.lower() == "content-type":
                    kind = value
    if kind is None or kind.const is NO:
        return kind is None
    return isinstance(kind.const, str) and ("html" in kind.const or "svg" in kind.const)


def value_of(machine: Machine, call: Call) -> Value | None:
    """``request.args.get(name, default, type=int)``: what the type makes of it; a default that the program gives."""
    receiver = call.receiver
    if receiver is None or not receiver.taints:
        return UNKNOWN
    kind = call.arg("type", "param_type")
    if kind is not None:
        if any(each in _HARMLESS for each in kind.ext):
            return UNKNOWN
        return apply(machine, kind, call.node, (Value(taints=receiver.taints),), {}, None, call.state)
    default = call.arg(1, "default")
    found = Value(taints=receiver.taints)
    return found if default is None else replace(join(found, default), const=NO, prefix="")


def header_set(machine: Machine, call: Call) -> None:
    """``response.headers["Location"] = url``; line breaks are refused by the library itself."""
    key, value = call.const(0), call.arg(1, "value")
    if isinstance(key, str) and key.lower() == "location" and value is not None:
        check(machine, _SENT_TO, value, call.node, call.state)


_SENT_TO = Sink("redirect", (1,), WEB, "host")


def sent_file(call: Call) -> bool:
    """Is it a file that somebody sent which is saved?"""
    return call.receiver is not None and any(each.origin.kind == "web" for each in call.receiver.taints)


_HARMLESS = frozenset({"builtins.int", "builtins.float", "builtins.bool", "uuid.UUID", "decimal.Decimal"})
_REQUEST = ("args", "form", "values", "json", "data", "files", "headers", "cookies", "query_string", "referrer", "user_agent",
            "stream", "host", "url", "full_path", "path", "base_url", "host_url", "url_root", "view_args", "environ", "remote_user", "authorization", "access_route", "mimetype", "content_type",
            "query", "forms", "params", "body", "GET", "POST", "origin")  # fmt: skip
_CALLS = ("get_json", "get_data", "get_cookie", "get_header")
_BODY = ("json", "data", "body", "stream", "params")
_OWN = ("host", "url", "base_url", "host_url", "url_root")


def _safe(name: str) -> frozenset[str]:
    """What a part of a request is harmless for by what it is."""
    return frozenset() if name in _BODY else TEXT | OWN_HOST if name in _OWN else TEXT


_SETTING = Sink("trustbound", (0, 1), WEB, "")

MODEL = Model(
    functions={
        **{f"flask.request.{name}": Function(source="web") for name in _CALLS},
        "flask.request.get_data": Function(source="web"),
        "*.get": Function(hook=value_of),
        "*.getlist": Function(hook=value_of),
        **{f"flask.request.files.{name}": Function(source="web", returns="werkzeug.datastructures.FileStorage") for name in ("__getitem__", "get", "pop", "values", "getlist")},
        "flask.abort": Function(leaves=True),
        "werkzeug.exceptions.abort": Function(leaves=True),
        "flask.escape": Function(through=(0,), cleanses=frozenset({"xss"})),
        "werkzeug.utils.secure_filename": Function(through=(0,), cleanses=frozenset({"pathtraver", "-dots", "-absolute", "loginj", "respsplit", "cmdi"})),
        "werkzeug.security.safe_join": Function(through=("*",), cleanses=frozenset({"pathtraver"})),
        "flask.safe_join": Function(through=("*",), cleanses=frozenset({"pathtraver"})),
        "flask.stream_with_context": Function(through=(0,)),
        "flask.url_for": Function(),
        "flask.jsonify": Function(sinks=(Sink("errinfo", ("*", "**"), ERROR),), returns="flask.wrappers.JsonResponse"),
        "flask.render_template": Function(sinks=(Sink("errinfo", ("**",), ERROR),)),
        "flask.make_response": Function(sinks=(Sink("xss", (0,), WEB, "", is_page), Sink("errinfo", (0,), ERROR)), returns="flask.Response"),
        "flask.Response": Function(sinks=(Sink("xss", (0, "response"), WEB, "deep", is_page), Sink("errinfo", (0, "response"), ERROR)), returns="flask.Response"),
        "flask.session.__setitem__": Function(sinks=(_SETTING,)),
        "flask.session.update": Function(sinks=(Sink("trustbound", ("*", "**")),)),
        "flask.session.setdefault": Function(sinks=(_SETTING,)),
        "flask.session.get": Function(),
        "flask.Response.set_cookie": Function(),
        "flask.Response.headers.__setitem__": Function(hook=header_set),
        "flask.Response.headers.set": Function(hook=header_set),
        "flask.Response.headers.add": Function(hook=header_set),
        **{f"bottle.response.{name}": Function(hook=header_set) for name in ("set_header", "add_header")},
        "flask.Response.location.__set__": Function(sinks=(Sink("redirect", (0,), WEB, "host"),)),
        "flask.send_from_directory": Function(sinks=(Sink("pathtraver", (0, "directory")),)),
        "*.save": Function(sinks=(Sink("pathtraver", (0,), WEB, "", sent_file),)),
        "werkzeug.datastructures.FileStorage.save": Function(sinks=(Sink("pathtraver", (0, "dst")),)),
        **sinks("pathtraver", WEB, {"bottle.static_file": ("root",)}),
        **sinks("pathtraver", WEB, {"flask.send_file": (0, "path_or_file")}, "file"),
        **sinks("redirect", WEB, {"flask.redirect": (0, "location"), "bottle.redirect": (0,)}, part="host"),
        **sinks("template", WEB, {"flask.render_template_string": (0, "source"), "bottle.template": (0,)}),
    },
    attributes={
        **{f"flask.request.{name}": Attribute(source="web", safe=_safe(name)) for name in _REQUEST},
        "flask.request.files": Attribute(source="web", returns="flask.request.files"),
        **{f"werkzeug.datastructures.FileStorage.{name}": Attribute(source="web", safe=TEXT) for name in ("filename", "name", "content_type", "mimetype", "headers")},
        "werkzeug.datastructures.FileStorage.stream": Attribute(source="web", returns="werkzeug.datastructures.FileStorage"),
        "flask.g": Attribute(returns="flask.g"),
        "flask.session": Attribute(returns="flask.session"),
    },
    aliases={
        "flask.globals.request": "flask.request", "quart.request": "flask.request", "bottle.request": "flask.request",
        "quart.redirect": "flask.redirect", "werkzeug.utils.redirect": "flask.redirect", "quart.session": "flask.session",
        "quart.make_response": "flask.make_response", "quart.render_template_string": "flask.render_template_string", "quart.send_file": "flask.send_file", "quart.abort": "flask.abort", "bottle.abort": "flask.abort",
        "flask.wrappers.Response": "flask.Response", "werkzeug.wrappers.Response": "flask.Response", "werkzeug.Response": "flask.Response", "werkzeug.secure_filename": "werkzeug.utils.secure_filename",
        "werkzeug.wrappers.Request": "flask.request", "werkzeug.Request": "flask.request", "flask.Request": "flask.request",
        "bottle.HTTPResponse": "flask.Response", "flask.helpers.send_file": "flask.send_file",
    },
    entries=(view,),
    hints=(r"\brequest\b", r"@(?:[\w.]+\.)?(?:route|get|post|put|patch|delete|before_request|errorhandler)\b",),
    packages=("flask", "quart", "bottle", "werkzeug", "flask_restful", "flask_restx", "apiflask", "flask_openapi3"),
)  # fmt: skip
