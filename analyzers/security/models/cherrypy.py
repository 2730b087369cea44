# ruff: noqa: E501 - tables read better in long lines
"""CherryPy: exposed methods, whose parameters are those of the request."""

from __future__ import annotations

import ast

from ..taint.program import Function as UserFunction
from . import OWN_HOST, TEXT, WEB, Attribute, EntryPoint, Function, Given, Model, Sink, merge, sinks

_VERBS = frozenset({"GET", "POST", "PUT", "PATCH", "DELETE"})


def exposed(function: UserFunction) -> EntryPoint | None:
    """Methods behind ``@cherrypy.expose``; those named like a verb of a class behind it."""
    if "cherrypy" not in function.module.packages or function.cls is None:
        return None
    of_class = function.name in _VERBS and any(_is_expose(each) for each in function.cls.node.decorator_list)
    if not (of_class or any(_is_expose(each) for each in function.decorators)):
        return None
    given = {arg.arg: Given(source="web", cleanses=TEXT) for arg in function.own_parameters()}
    if function.node.args.kwarg is not None:
        given[function.node.args.kwarg.arg] = Given(source="web")
    as_json = any("json_out" in ast.unparse(each) for each in function.decorators)
    return EntryPoint(given, "data" if as_json else "html")


def _is_expose(decorator: ast.expr) -> bool:
    target = decorator.func if isinstance(decorator, ast.Call) else decorator
    return (target.attr if isinstance(target, ast.Attribute) else getattr(target, "id", "")) == "expose"


_SETTING = Sink("trustbound", (0, 1), WEB)

MODEL = Model(
    functions=merge(
        sinks("redirect", WEB, {"cherrypy.HTTPRedirect": (0, "urls")}, part="host"),
        sinks("pathtraver", WEB, {"cherrypy.lib.static.serve_file": (0, "path"), "cherrypy.lib.static.serve_download": (0, "path")}, "file"),
        {
            "cherrypy.session.__setitem__": Function(sinks=(_SETTING,)),
            "cherrypy.session.setdefault": Function(sinks=(_SETTING,)),
            "cherrypy.request.body.read": Function(source="web"),
            "cherrypy.url": Function(),
        },
    ),
    attributes={
        **{f"cherrypy.request.{name}": Attribute(source="web") for name in ("json", "body", "rfile")},
        **{f"cherrypy.request.{name}": Attribute(source="web", safe=TEXT) for name in ("params", "body_params", "headers", "cookie", "query_string", "path_info", "request_line", "login")},
        "cherrypy.request.base": Attribute(source="web", safe=TEXT | OWN_HOST),
        "cherrypy.session": Attribute(returns="cherrypy.session"),
    },
    aliases={
        "cherrypy.serving.request": "cherrypy.request", "cherrypy.lib.cptools.redirect": "cherrypy.HTTPRedirect",
    },
    entries=(exposed,),
    hints=(r"@[\w.]*expose\b", r"\bcherrypy\.request\b"),
    packages=("cherrypy",),
)  # fmt: skip
