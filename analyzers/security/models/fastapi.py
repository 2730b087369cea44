# ruff: noqa: E501 - tables read better in long lines
"""FastAPI, Starlette, Litestar and Sanic-like handlers."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from dataclasses import replace

from ..taint.fold import ONE_PART
from ..taint.machine import Call
from ..taint.program import Function as UserFunction
from . import ERROR, OWN_HOST, TEXT, WEB, Attribute, EntryPoint, Function, Given, Model, Sink, sinks
from .flask import PACKAGES, is_page, owner_of, path_of, route_of

_PACKAGES = frozenset({"fastapi", "litestar", "robyn"})
_REQUESTS = frozenset({"Request", "HTTPConnection"})
_FILLED = frozenset(
    {
        "Response",
        "BackgroundTasks",
        "SecurityScopes",
        "Session",
        "AsyncSession",
        "Connection",
        "AsyncConnection",
        "Engine",
        "Redis",
        "Settings",
        "State",
    }
)
_BY_CALL = frozenset({"Depends", "Security", "Provide"})
REQUEST = "starlette.requests.Request"
SOCKET = "starlette.websockets.WebSocket"
FILE = "starlette.datastructures.UploadFile"


def _names(annotation: ast.expr | None) -> set[str]:
    found: set[str] = set()
    for each in ast.walk(annotation) if annotation is not None else ():
        if isinstance(each, ast.Name):
            found.add(each.id.rpartition(".")[2])
        elif isinstance(each, ast.Attribute):
            found.add(each.attr)
    return found


def _dependency(annotation: ast.expr | None, default: ast.expr | None) -> ast.expr | None:
    """The callable of ``Depends(…)``; the annotation itself for a bare one."""
    for root in (default, annotation):
        for each in ast.walk(root) if root is not None else ():
            if isinstance(each, ast.Call):
                name = each.func.id if isinstance(each.func, ast.Name) else getattr(each.func, "attr", "")
                if name in _BY_CALL:
                    if each.args:
                        return each.args[0]
                    return _annotated(annotation)
    return None


def _annotated(annotation: ast.expr | None) -> ast.expr | None:
    """The type in ``Annotated[type, …]``."""
    if not isinstance(annotation, ast.Subscript):
        return annotation
    inner = annotation.slice
    return inner.elts[0] if isinstance(inner, ast.Tuple) and inner.elts else inner


def parameters_of(function: UserFunction) -> dict[str, Given]:
    """What the framework passes to each parameter of a handler or a dependency."""
    given: dict[str, Given] = {}
    for arg in function.own_parameters():
        default = function.default_of(arg.arg)
        names = _names(arg.annotation)
        depends = _dependency(arg.annotation, default)
        if depends is not None:
            given[arg.arg] = Given(depends=depends)
        elif names & _REQUESTS or (arg.arg == "request" and arg.annotation is None):
            given[arg.arg] = Given(ext=REQUEST, shared=True)
        elif "WebSocket" in names:
            given[arg.arg] = Given(ext=SOCKET)
        elif "UploadFile" in names:
            given[arg.arg] = Given(ext=FILE, source="web")
        elif not names & _FILLED:
            given[arg.arg] = Given(source="web", model=arg.annotation)
    return given


def view(function: UserFunction) -> EntryPoint | None:
    """Handlers behind routing decorators: everything typed as text comes from the request."""
    if not _PACKAGES & function.module.packages:
        return None
    for decorator in function.decorators:
        route = route_of(decorator)
        if route is None:
            if isinstance(decorator, ast.Call) and getattr(decorator.func, "attr", "") in (
                "exception_handler",
                "middleware",
            ):
                return EntryPoint(
                    {arg.arg: Given(ext=REQUEST, shared=True) for arg in function.own_parameters()[:1]}, "data"
                )
            continue
        if PACKAGES & function.module.packages and (PACKAGES & owner_of(function, route) or "<" in path_of(route)):
            continue  # of the other framework that the module uses
        html = any(each.arg == "response_class" and "HTML" in ast.unparse(each.value) for each in route.keywords)
        return EntryPoint(_in_parts(function, parameters_of(function)), "html" if html else "data")
    return None


def _in_parts(function: UserFunction, given: Mapping[str, Given]) -> dict[str, Given]:
    """Parameters that are one part of the path, by every route to a handler: no slash is in them."""
    paths = [path_of(route) for each in function.decorators if (route := route_of(each)) is not None]
    return {
        name: replace(each, cleanses=each.cleanses | {ONE_PART})
        if each.source == "web" and not each.ext and all(f"{{{name}}}" in path for path in paths)
        else each
        for name, each in given.items()
    }


def starlette(function: UserFunction) -> EntryPoint | None:
    """Functions that take a request of Starlette, or a websocket."""
    if not {"starlette", "fastapi", "sanic", "litestar"} & function.module.packages:
        return None
    own = function.own_parameters()
    if not own:
        return None
    names = _names(own[0].annotation)
    if own[0].arg == "request" and (not names or names & _REQUESTS):
        ext = "sanic.request.Request" if "sanic" in function.module.packages else REQUEST
        given = {own[0].arg: Given(ext=ext, shared=True)}
        if "sanic" in function.module.packages:
            given.update({arg.arg: Given(source="web") for arg in own[1:]})
        return EntryPoint(given, "data")
    if own[0].arg in ("websocket", "ws") or "WebSocket" in names:
        return EntryPoint({own[0].arg: Given(ext=SOCKET)})
    return None


def _is_html(call: Call) -> bool:
    kind = call.const("media_type", "content_type")
    if isinstance(kind, str):
        return "html" in kind
    return is_page(call) and (call.name.endswith(("HTMLResponse", "html")))


def _is_failure(call: Call) -> bool:
    """Is it the server's failure (and not a word on what was sent)?"""
    status = call.arg("status_code", 0)
    if status is None:
        return True
    if isinstance(status.const, int):
        return status.const >= 500
    return not any(
        re.search(r"HTTP_4\d\d_|HTTPStatus\.(?:BAD_|NOT_|FORBIDDEN|UN|CONFLICT|GONE|TOO_)", each) for each in status.ext
    )


_ERROR = Sink("errinfo", (0, "content", "detail", 1), ERROR)
_READ = ("json", "body", "form", "stream")

MODEL = Model(
    functions={
        **{f"{REQUEST}.{name}": Function(source="web") for name in _READ},
        **{f"{SOCKET}.{name}": Function(source="web") for name in ("receive_text", "receive_json", "receive_bytes", "receive", "iter_text", "iter_json", "iter_bytes")},
        "starlette.responses.HTMLResponse": Function(sinks=(Sink("xss", (0, "content"), WEB, "", lambda call: not isinstance(call.const("media_type"), str) or "html" in str(call.const("media_type"))), _ERROR), returns="starlette.responses.Response"),
        "starlette.responses.Response": Function(sinks=(Sink("xss", (0, "content"), WEB, "deep", _is_html), _ERROR), returns="starlette.responses.Response"),
        "starlette.responses.JSONResponse": Function(sinks=(_ERROR,), returns="starlette.responses.Response"),
        "starlette.responses.PlainTextResponse": Function(sinks=(_ERROR,), returns="starlette.responses.Response"),
        "fastapi.HTTPException": Function(sinks=(Sink("errinfo", (1, "detail"), ERROR, "", _is_failure),)),
        **sinks("redirect", WEB, {"starlette.responses.RedirectResponse": (0, "url"), "sanic.response.redirect": (0,), "sanic.redirect": (0,), "litestar.response.Redirect": (0, "path")}, part="host"),
        **sinks("pathtraver", WEB, {"starlette.responses.FileResponse": (0, "path"), "sanic.response.file": (0,), "sanic.response.file_stream": (0,), "aiofiles.open": (0, "file"), "aiofiles.os.remove": (0,), "anyio.open_file": (0,)}, "file"),
        **sinks("xss", WEB, {"sanic.response.html": (0,), "sanic.html": (0,)}),
        f"{REQUEST}.session.__setitem__": Function(sinks=(Sink("trustbound", (0, 1)),)),
        f"{REQUEST}.session.update": Function(sinks=(Sink("trustbound", ("*", "**")),)),
        f"{REQUEST}.url_for": Function(),
    },
    attributes={
        **{f"{FILE}.{name}": Attribute(source="web", safe=TEXT) for name in ("filename", "content_type", "headers")},
        f"{FILE}.file": Attribute(source="web", returns=FILE),
        **{f"{REQUEST}.{name}": Attribute(source="web") for name in ("query_params", "headers", "cookies", "path_params")},
        **{f"{REQUEST}.{name}": Attribute(source="web", safe=OWN_HOST) for name in ("url", "base_url")},
        f"{REQUEST}.session": Attribute(returns=f"{REQUEST}.session"),
        **{f"{SOCKET}.{name}": Attribute(source="web") for name in ("query_params", "headers", "cookies", "path_params")},
        **{f"sanic.request.Request.{name}": Attribute(source="web") for name in ("args", "form", "json", "files", "headers", "cookies", "body", "query_string", "query_args", "raw_url", "path")},
    },
    aliases={
        "fastapi.Request": REQUEST, "fastapi.requests.Request": REQUEST, "starlette.requests.HTTPConnection": REQUEST, "fastapi.WebSocket": SOCKET,
        "fastapi.responses": "starlette.responses", "fastapi.Response": "starlette.responses.Response", "fastapi.UploadFile": FILE,
        "starlette.responses.StreamingResponse": "starlette.responses.Response", "starlette.exceptions.HTTPException": "fastapi.HTTPException", "fastapi.exceptions.HTTPException": "fastapi.HTTPException",
        "litestar.Request": REQUEST, "sanic.Request": "sanic.request.Request", "starlette.websockets.WebSocketEndpoint": "starlette.websockets.WebSocketEndpoint",
    },
    entries=(view, starlette),
    hints=(r"\brequest\b", "websocket", r"\bws\b", "Depends", r"@(?:[\w.]+\.)?(?:get|post|put|patch|delete|api_route|websocket)\(",),
    packages=("fastapi", "starlette", "litestar", "sanic", "robyn"),
)  # fmt: skip
