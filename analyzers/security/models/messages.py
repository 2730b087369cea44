# ruff: noqa: E501 - tables read better in long lines
"""Logs, mail, headers: lines of text in which a line break starts something new."""

from __future__ import annotations

import ast
import re

from ..taint.attributes import shown
from ..taint.machine import Call, Machine
from ..taint.values import UNKNOWN, Value
from . import WEB, Function, Model, Sink

_LEVELS = ("debug", "info", "warning", "warn", "error", "exception", "critical", "fatal", "log")
_LOGGER = re.compile(r"(?:^|_)(?:log|logger|logging|_log|_logger)$", re.IGNORECASE)


def _is_logger(call: Call) -> bool:
    node = call.node.func
    owner = node.value if isinstance(node, ast.Attribute) else None
    if isinstance(owner, ast.Call):
        return isinstance(owner.func, ast.Attribute) and owner.func.attr == "getLogger"
    name = owner.id if isinstance(owner, ast.Name) else owner.attr if isinstance(owner, ast.Attribute) else ""
    return bool(_LOGGER.search(name))


def _log(machine: Machine, call: Call) -> Value:
    """``log.info("user %s, size %d", user, size)``: what is inserted as text."""
    if not _is_logger(call) and not call.name.startswith("logging."):
        return UNKNOWN
    args = call.args[1:] if call.name.endswith(".log") else call.args
    if not args:
        return UNKNOWN
    template = args[0]
    taints = list(template.taints)
    specs = re.findall(r"%[-#0 +]*\d*(?:\.\d+)?([a-zA-Z])", template.const) if isinstance(template.const, str) else []
    for position, each in enumerate(args[1:]):
        kind = specs[position] if position < len(specs) else "s"
        if kind in ("s",):
            taints += machine.deep(shown(machine, each, call.node, call.state), call.state)
    machine.at_sink(_LINE, taints, call.node)
    return UNKNOWN


def _header(machine: Machine, call: Call) -> Value:
    key = call.const(0)
    value = call.args[1] if len(call.args) > 1 else UNKNOWN
    if isinstance(key, str) and key.lower() == "location":
        machine.at_sink(Sink("redirect", ()), value.taints, call.node)
    elif not (isinstance(key, str) and key.lower() == "content-type"):
        machine.at_sink(_HEADER, machine.deep(value, call.state), call.node)
    return UNKNOWN


_LINE = Sink("loginj", (), WEB)
_HEADER = Sink("respsplit", (), WEB)
_MAIL = Sink("respsplit", (2, "msg"), WEB)

MODEL = Model(
    functions={
        **{f"*.{name}": Function(hook=_log) for name in _LEVELS},
        **{f"logging.{name}": Function(hook=_log) for name in _LEVELS},
        **{f"logging.Logger.{name}": Function(hook=_log) for name in _LEVELS},
        "logging.getLogger": Function(returns="logging.Logger"),
        "structlog.get_logger": Function(returns="structlog"),
        "http.server.BaseHTTPRequestHandler.send_header": Function(hook=_header),
        "*.sendmail": Function(sinks=(_MAIL,)),
        "smtplib.SMTP.sendmail": Function(sinks=(_MAIL,)),
        "django.core.mail.send_mail": Function(),
        "email.message.EmailMessage.__setitem__": Function(),
    },
    aliases={"smtplib.SMTP_SSL": "smtplib.SMTP", "logging.LoggerAdapter": "logging.Logger", "structlog.getLogger": "structlog.get_logger"},
)  # fmt: skip
