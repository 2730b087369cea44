"""Programs that a web server or a cloud starts: CGI, WSGI, functions of an event."""

from __future__ import annotations

import re

from ..taint.machine import Call, Machine
from ..taint.program import Function as UserFunction
from ..taint.values import UNKNOWN, Value
from . import WEB, Attribute, EntryPoint, Function, Given, Model, Sink

_CGI = re.compile(
    r"^(?:HTTP_|QUERY_STRING$|PATH_INFO$|REQUEST_URI$|CONTENT_|REMOTE_(?:USER|IDENT)$|wsgi\.input$|SCRIPT_NAME$"
    r"|REQUEST_METHOD$)"
)


def started(function: UserFunction) -> EntryPoint | None:
    """WSGI applications, and functions of an event and a context."""
    names = [arg.arg for arg in function.own_parameters()]
    if len(names) == 2 and names[1] in ("start_response", "start_resp"):
        html = re.search(r"text/html", function.text) is not None
        return EntryPoint({names[0]: Given(source="web"), names[1]: Given(ext=_ANSWER)}, "parts" if html else "data")
    if function.cls is None and names[:2] == ["event", "context"]:
        return EntryPoint({"event": Given(source="web")}, "data")
    return None


def _environ(machine: Machine, call: Call) -> Value | None:
    """Variables that a web server sets; all others are the program's own configuration."""
    name = call.const(0)
    if isinstance(name, str) and _CGI.match(name):
        return Value(taints=(machine.taint("cgi", call.node, f"the variable {name}"),))
    return UNKNOWN


_ANSWER = "wsgi.start_response"

MODEL = Model(
    functions={
        _ANSWER: Function(sinks=(Sink("respsplit", (1, "headers"), WEB, "deep"),)),
        "os.getenv": Function(hook=_environ),
        "os.environ.get": Function(hook=_environ),
        "os.environ.__getitem__": Function(hook=_environ),
    },
    attributes={"os.environ": Attribute(returns="os.environ")},
    aliases={"os.environb": "os.environ"},
    entries=(started,),
    hints=("QUERY_STRING", "HTTP_[A-Z]", "PATH_INFO", "REQUEST_URI", "CONTENT_", "start_resp", r"\bevent, context\b"),
)
