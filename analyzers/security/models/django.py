# ruff: noqa: E501 - tables read better in long lines
"""Django and Django REST framework."""

from __future__ import annotations

import ast
import re

from ..taint.machine import Call, Machine
from ..taint.program import Function as UserFunction
from ..taint.values import UNKNOWN, Value, merged, sanitised
from . import ERROR, TEXT, TYPED, WEB, Attribute, EntryPoint, Function, Given, Model, Sink, sinks
from .command_line import option_of
from .flask import is_page

_OTHERS = frozenset({"starlette", "fastapi", "aiohttp", "sanic"})
_PACKAGES = frozenset({"django", "rest_framework", "ninja", "wagtail"})
_METHODS = frozenset(
    {
        "get",
        "post",
        "put",
        "patch",
        "delete",
        "head",
        "options",
        "dispatch",
        "list",
        "retrieve",
        "create",
        "update",
        "partial_update",
        "destroy",
        "get_queryset",
        "get_context_data",
        "form_valid",
        "get_object",
        "initial",
        "filter_queryset",
        "perform_create",
        "perform_update",
        "get_success_url",
        "get_redirect_url",
        "setup",
    }
)
_COMMANDS = frozenset({"BaseCommand", "AppCommand", "LabelCommand"})
#: A command that does something which whoever types its options must not decide: most do not.
_COMMAND = (
    r"\bdef handle\([\s\S]*\b(?:cursor\(|execute\(|raw\(|extra\(|eval\(|exec\(|shell\b|os\.system|popen|"
    r"pickle\b|yaml\b|marshal\b|shelve\b|joblib\b|dill\b)"
)
#: Options that each command has.
_OWN_OPTIONS = ("verbosity", "no_color", "force_color", "traceback", "skip_checks")
_VIEWS = re.compile(r"(?:View|ViewSet|APIView|Mixin|Middleware|Admin|Wizard|Feed)\w*$")
_NUMBER = re.compile(r"^(?:.*_)?(?:id|pk|uuid|year|month|day|page|number|num|count|no|index)$")
_URL = Given(source="web")


def view(function: UserFunction) -> EntryPoint | None:
    """Functions whose first parameter is the request, and methods of views."""
    if not _PACKAGES & function.module.packages:
        return None
    own = function.own_parameters()
    cls = function.cls
    if cls is None and isinstance(function.node, ast.AsyncFunctionDef) and _OTHERS & function.module.packages:
        return None
    ninja = "ninja" in function.module.packages
    if cls is None:
        if not own or own[0].arg not in ("request", "req", "_request") or function.parent is not None:
            return None
        called = (
            not _routed(function)
            or len(re.findall(rf"(?<![\w.]){re.escape(function.name)}\(", function.module.text)) > 1
        )
        given: dict[str, Given] = {own[0].arg: Given(ext="django.http.HttpRequest", shared=True)}
        if not called or ninja:
            given.update(
                {
                    arg.arg: _parameter(arg.arg, arg.annotation is not None and ninja)
                    for arg in own[1:]
                    if function.default_of(arg.arg) is None
                }
            )
        return EntryPoint(given, "data" if ninja else "")
    if function.name not in _METHODS and not any("action" in _text(each) for each in function.decorators):
        return None
    external = cls.external()
    if not any(_VIEWS.search(each) for each in external) and not _VIEWS.search(cls.name):
        return None
    given = {
        arg.arg: Given(ext="django.http.HttpRequest", shared=True)
        if arg.arg == "request"
        else _parameter(arg.arg, False)
        for arg in own
    }
    if function.name == "get_context_data":
        given = {}
    if function.name in ("form_valid", "perform_create", "perform_update"):
        made = "form_class" if function.name == "form_valid" else "serializer_class"
        given = {arg.arg: Given(made_of=made) for arg in own[:1]}
    if function.node.args.kwarg is not None and "request" in given:
        given[function.node.args.kwarg.arg] = _URL
    rest = any("rest_framework" in each for each in external)
    return EntryPoint(given, "data" if rest else "", "rest_framework.views.APIView" if rest else "django.views.View")


def command(function: UserFunction) -> EntryPoint | None:
    """``handle`` of a management command: its options, those of which the parser makes something harmless apart."""
    cls = function.cls
    if function.name != "handle" or cls is None or "django" not in function.module.packages:
        return None
    if not any(each.rpartition(".")[2] in _COMMANDS for each in cls.external()):
        return None
    given = {each.arg: Given(source="cli") for each in function.own_parameters() if each.arg != "args"}
    if function.node.args.kwarg is not None:
        given[function.node.args.kwarg.arg] = Given(source="cli")
    given.update({name: Given() for name in _OWN_OPTIONS})
    for each in cls.ancestors():
        for node in ast.walk(each.node):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "add_argument":
                name, harmless = option_of(node)
                if harmless:
                    given[name] = Given()
    return EntryPoint(given)


def _routed(function: UserFunction) -> bool:
    """Does a table of URLs name the function? (Where no table is seen, any function of a request may be in one.)"""
    program = function.module.program
    if not program.paths:
        return False  # a lone definition, as it is typed: who calls it is not seen
    words = program.notes.get("urlpatterns")
    if not isinstance(words, frozenset):
        texts = (program.module(path) for path in sorted(program.paths) if "urls" in path.rpartition("/")[2])
        found = [each.text for each in texts if each is not None and "urlpatterns" in each.text]
        words = program.notes["urlpatterns"] = frozenset(word for text in found for word in re.findall(r"\w+", text))
    return not words or function.name in words


def _parameter(name: str, typed: bool) -> Given:
    return Given() if _NUMBER.match(name) and not typed else _URL


def _text(node: object) -> str:
    return ast.unparse(node) if isinstance(node, ast.AST) else ""


def _format_html(machine: Machine, call: Call) -> Value:
    """Escapes its arguments, not its template."""
    template = call.args[0] if call.args else UNKNOWN
    rest = merged(taint for each in (*call.args[1:], *call.kwargs.values()) for taint in machine.deep(each, call.state))
    return Value(taints=merged((*template.taints, *sanitised(rest, frozenset({"xss"})))), ext=("markupsafe.Markup",))


def _by_default_engine(call: Call) -> bool:
    """Is a template run by the engine of the settings? One that the program made for it lets through what it should."""
    engine = call.arg(3, "engine")
    return engine is None or engine.const is None


def _own_path(machine: Machine, call: Call) -> Value:
    """A path of this site: whatever follows, it names no host."""
    return Value(prefix="/\0")


def _data_of(name: str) -> Attribute:
    safe = frozenset[str]() if name in ("body", "data", "DATA") else TEXT
    return Attribute(source="web", returns=f"django.http.HttpRequest.{name}", safe=safe)


#: The address of the request itself, percent-encoded, on a host that the framework has checked.
_OWN_ADDRESS = frozenset({"redirect", "xss", "loginj", "respsplit", "trustbound"})
_ENCODED = frozenset({"xss", "respsplit", "loginj", "ssrf", "cmdi", "sqli", "redirect", "pathtraver"})

#: The framework keeps the last part of the name that was sent, and refuses ``..``.
_FILE_NAME = frozenset({"pathtraver", "-dots", "-absolute"})

_SQL = Sink("sqli", (0, "raw_query", "sql"), TYPED)
_PAGE = Sink("xss", (0, "content"), WEB, "", is_page)
_ERROR = Sink("errinfo", (0, "content", "data"), ERROR)
_REQUEST = "django.http.HttpRequest"

MODEL = Model(
    functions={
        "django.http.HttpResponse": Function(sinks=(_PAGE, _ERROR), returns="django.http.HttpResponse"),
        **{
            f"django.http.{name}": Function(sinks=(_PAGE, _ERROR), returns="django.http.HttpResponse")
            for name in ("HttpResponseBadRequest", "HttpResponseForbidden", "HttpResponseNotFound", "HttpResponseServerError", "HttpResponseGone", "HttpResponseNotAllowed")
        },
        "django.http.StreamingHttpResponse": Function(sinks=(Sink("xss", (0,), WEB, "deep", is_page),), returns="django.http.HttpResponse"),
        "django.http.HttpResponse.write": Function(sinks=(Sink("xss", (0,)),)),
        "django.http.JsonResponse": Function(sinks=(_ERROR,), returns="django.http.JsonResponse"),
        "rest_framework.response.Response": Function(sinks=(_ERROR,), returns="rest_framework.response.Response"),
        **sinks("redirect", WEB, {"django.http.HttpResponseRedirect": (0, "redirect_to"), "django.http.HttpResponsePermanentRedirect": (0,), "django.shortcuts.redirect": (0, "to")}, part="host"),
        **sinks("pathtraver", WEB, {"django.core.files.storage.FileSystemStorage.open": (0,), "django.views.static.serve": (1, "document_root")}),
        "django.template.Template": Function(sinks=(Sink("template", (0,), WEB, "", _by_default_engine),)),
        **sinks("template", WEB, {"django.template.engines.from_string": (0,), "django.template.Engine.from_string": (0,)}),
        "django.shortcuts.render": Function(),
        **{f"django.urls.{name}": Function(hook=_own_path) for name in ("reverse", "reverse_lazy")},
        "django.shortcuts.resolve_url": Function(through=(0,)),
        "django.shortcuts.get_object_or_404": Function(),
        "django.utils.safestring.mark_safe": Function(sinks=(Sink("xss", (0,)),), returns="markupsafe.Markup"),
        "django.utils.safestring.SafeString": Function(sinks=(Sink("xss", (0,)),), returns="markupsafe.Markup"),
        "django.utils.html.escape": Function(through=(0,), cleanses=frozenset({"xss"})),
        "django.utils.html.conditional_escape": Function(through=(0,), cleanses=frozenset({"xss"})),
        "django.utils.html.strip_tags": Function(through=(0,), cleanses=frozenset({"xss"})),
        "django.utils.html.escapejs": Function(through=(0,), cleanses=frozenset({"xss"})),
        "django.utils.html.format_html": Function(sinks=(Sink("xss", (0, "format_string")),), hook=_format_html),
        "django.utils.html.format_html_join": Function(sinks=(Sink("xss", (0, 1, "sep", "format_string")),)),
        "django.utils.text.slugify": Function(),
        "django.utils.text.get_valid_filename": Function(through=(0,), cleanses=frozenset({"pathtraver", "cmdi", "loginj"})),
        "django.utils._os.safe_join": Function(through=("*",), cleanses=frozenset({"pathtraver"})),
        "django.db.models.Manager.raw": Function(sinks=(_SQL,)),
        "django.db.models.expressions.RawSQL": Function(sinks=(_SQL,)),
        "*.raw": Function(sinks=(_SQL,)),
        "*.extra": Function(sinks=(Sink("sqli", ("where", "select", "tables", "order_by", 0, 1), TYPED, "deep"),)),
        f"{_REQUEST}.session.__setitem__": Function(sinks=(Sink("trustbound", (0, 1)),)),
        f"{_REQUEST}.session.update": Function(sinks=(Sink("trustbound", ("*", "**")),)),
        **{f"{_REQUEST}.FILES.{name}": Function(source="web", returns="upload") for name in ("__getitem__", "get")},
        f"{_REQUEST}.build_absolute_uri": Function(source="web", cleanses=_OWN_ADDRESS),
        f"{_REQUEST}.get_full_path": Function(source="web", cleanses=_OWN_ADDRESS),
        f"{_REQUEST}.get_full_path_info": Function(source="web", cleanses=_OWN_ADDRESS),
        "*.urlencode": Function(through=("self",), cleanses=_ENCODED),
        f"{_REQUEST}.get_host": Function(),
        f"{_REQUEST}.read": Function(source="web"),
        f"{_REQUEST}.get_signed_cookie": Function(),
        "django.db.models.Model.objects.raw": Function(sinks=(_SQL,)),
        "django.core.files.storage.default_storage.open": Function(sinks=(Sink("pathtraver", (0,)),)),
    },
    attributes={
        "upload.name": Attribute(source="web", safe=TEXT | _FILE_NAME),
        **{f"upload.{name}": Attribute(source="web", safe=TEXT) for name in ("content_type", "charset")},
        "upload.file": Attribute(source="web", returns="upload"),
        **{f"{_REQUEST}.{name}": _data_of(name) for name in ("GET", "POST", "COOKIES", "META", "FILES", "headers", "body", "content_type", "encoding", "data", "query_params", "QUERY_PARAMS", "DATA", "content_params")},
        **{f"{_REQUEST}.{name}": Attribute(source="web", safe=TEXT | {"trustbound", "redirect"}) for name in ("path", "path_info")},
        f"{_REQUEST}.session": Attribute(returns=f"{_REQUEST}.session"),
        f"{_REQUEST}.user": Attribute(returns=f"{_REQUEST}.user"),
        **{f"{base}.request": Attribute(hook=lambda machine, owner, value, state: machine.program.common(_REQUEST)) for base in ("django.views.View", "django.views.generic.View", "rest_framework.views.APIView")},
        **{f"{base}.kwargs": Attribute(source="web") for base in ("django.views.View", "rest_framework.views.APIView")},
    },
    aliases={
        "django.http.response": "django.http", "django.http.request.HttpRequest": _REQUEST, "django.core.handlers.wsgi.WSGIRequest": _REQUEST,
        "django.core.handlers.asgi.ASGIRequest": _REQUEST, "rest_framework.request.Request": _REQUEST, "django.http.HttpRequest.FILES": f"{_REQUEST}.FILES", "rest_framework.views.Response": "rest_framework.response.Response",
        "django.db.models.RawSQL": "django.db.models.expressions.RawSQL", "django.utils.html.mark_safe": "django.utils.safestring.mark_safe", "django.utils.safestring.SafeText": "django.utils.safestring.SafeString",
        "django.db.connection.cursor": "sqlite3.Connection.cursor", "django.db.connections": "django.db.connections",
        **{f"django.views.generic.{name}": "django.views.View" for name in ("View", "TemplateView", "ListView", "DetailView", "CreateView", "UpdateView", "DeleteView", "FormView", "RedirectView", "base.View", "base.TemplateView", "list.ListView", "detail.DetailView", "edit.FormView")},
        **{f"rest_framework.{name}": "rest_framework.views.APIView" for name in ("viewsets.ViewSet", "viewsets.ModelViewSet", "viewsets.GenericViewSet", "viewsets.ReadOnlyModelViewSet", "generics.GenericAPIView", "generics.ListAPIView", "generics.RetrieveAPIView", "generics.CreateAPIView", "generics.ListCreateAPIView", "generics.RetrieveUpdateDestroyAPIView")},
    },
    entries=(view, command),
    hints=(r"\brequest\b", r"\bself\.kwargs\b", _COMMAND),
    packages=("django", "rest_framework", "ninja", "wagtail"),
)  # fmt: skip
