# ruff: noqa: E501 - tables read better in long lines
"""requests, httpx, aiohttp's client, urllib, urllib3: where a request is sent, and what comes back without TLS."""

from __future__ import annotations

import re

from ..taint.machine import Call, Machine
from ..taint.values import UNKNOWN, Value
from . import WEB, Function, Model, Sink

_VERBS = ("get", "post", "put", "patch", "delete", "head", "options")
_URL = Sink("ssrf", (0, "url"), WEB, "host")
_SECOND = Sink("ssrf", (1, "url"), WEB, "host")
_CLEAR = re.compile(r"http://(?!localhost\b|127\.|\[::1\])")


def _answer(machine: Machine, call: Call) -> Value:
    """The answer; what was fetched in the clear may be anybody's."""
    url = call.arg(0, "url") or UNKNOWN
    if call.name.endswith((".request", ".stream")):
        url = call.arg(1, "url") or UNKNOWN
    taints = (machine.taint("cleartext", call.node, "an answer without TLS"),) if _CLEAR.match(url.prefix) else ()
    return Value(ext=("requests.Response",), taints=taints)


def _opened(machine: Machine, call: Call) -> Value:
    found = _answer(machine, call)
    first = call.arg(0, "url") or UNKNOWN
    if first.derived is not None and first.derived[0] == "request" and _CLEAR.match(first.derived[1].prefix):
        return Value(taints=(machine.taint("cleartext", call.node, "an answer without TLS"),))
    return Value(taints=found.taints)


def _request(machine: Machine, call: Call) -> Value:
    url = call.arg(0, "url") or UNKNOWN
    return Value(ext=("urllib.request.Request",), taints=url.taints, prefix=url.prefix, derived=("request", url))


def _built(machine: Machine, call: Call) -> Value:
    """``build_request(method, url)``, ``Request(method, url)``: what is sent later, to where its URL says."""
    url = call.arg(1, "url") or UNKNOWN
    return Value(ext=("requests.Request",), taints=url.taints, prefix=url.prefix)


def _prepared(machine: Machine, call: Call) -> Value:
    return call.arg(0, "request") or UNKNOWN


def _sent(machine: Machine, call: Call) -> Value:
    request = call.arg(0, "request") or UNKNOWN
    taints = (machine.taint("cleartext", call.node, "an answer without TLS"),) if _CLEAR.match(request.prefix) else ()
    return Value(ext=("requests.Response",), taints=taints)


def _client(name: str) -> dict[str, Function]:
    table = {f"{name}.{verb}": Function(sinks=(_URL,), hook=_answer) for verb in (*_VERBS, "ws_connect")}
    table[f"{name}.request"] = Function(sinks=(_SECOND,), hook=_answer)
    table[f"{name}.stream"] = Function(sinks=(_SECOND,), hook=_answer)
    table[f"{name}.build_request"] = Function(hook=_built)
    table[f"{name}.prepare_request"] = Function(hook=_prepared)
    table[f"{name}.send"] = Function(sinks=(Sink("ssrf", (0, "request"), WEB, "host"),), hook=_sent)
    return table


MODEL = Model(
    functions={
        **_client("requests"), **_client("requests.Session"), **_client("httpx"), **_client("httpx.Client"),
        **_client("aiohttp.ClientSession"), **_client("urllib3.PoolManager"), **_client("niquests"),
        "urllib3.PoolManager.urlopen": Function(sinks=(_SECOND,)),
        "urllib.request.urlopen": Function(sinks=(_URL,), hook=_opened),
        "urllib.request.urlretrieve": Function(sinks=(_URL,)),
        "urllib.request.Request": Function(hook=_request),
        "requests.Request": Function(hook=_built),
        "requests.Request.prepare": Function(hook=lambda machine, call: call.receiver or UNKNOWN),
        "aiohttp.request": Function(sinks=(_SECOND,), hook=_answer),
        "http.client.HTTPConnection": Function(sinks=(Sink("ssrf", (0, "host")),)),
        "http.client.HTTPSConnection": Function(sinks=(Sink("ssrf", (0, "host")),)),
        "socket.create_connection": Function(sinks=(Sink("ssrf", (0, "address"), WEB, "deep"),)),
        "websockets.connect": Function(sinks=(_URL,)),
        "pycurl.Curl.setopt": Function(sinks=(Sink("ssrf", (1,)),)),
        "feedparser.parse": Function(sinks=(Sink("ssrf", (0,), WEB, "host", lambda call: bool(call.args) and "http" in call.args[0].prefix),)),
        "treq.get": Function(sinks=(_URL,)),
        "tornado.httpclient.AsyncHTTPClient.fetch": Function(sinks=(Sink("ssrf", (0, "request"), WEB, "host"),)),
        "tornado.httpclient.HTTPRequest": Function(hook=_request),
    },
    aliases={
        "requests.api": "requests", "tornado.httpclient.HTTPClient": "tornado.httpclient.AsyncHTTPClient", "httpx.Request": "requests.Request", "requests.models.Request": "requests.Request", "requests.session": "requests.Session", "requests.sessions.Session": "requests.Session", "httpx.AsyncClient": "httpx.Client",
        "niquests.Session": "requests.Session", "requests_html.HTMLSession": "requests.Session", "curl_cffi.requests": "requests", "cloudscraper.create_scraper": "requests.Session",
        "six.moves.urllib.request": "urllib.request", "urllib2.urlopen": "urllib.request.urlopen", "urllib2.Request": "urllib.request.Request", "urllib.urlopen": "urllib.request.urlopen", "urllib3.HTTPConnectionPool": "urllib3.PoolManager",
    },
    hints=(r"[\"']http://",),
)  # fmt: skip
