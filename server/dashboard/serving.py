"""Shows the dashboard to a browser on this machine.

Invariant: it listens on loopback only, and answers only to who knows the token in the address and names this machine as
the host (so that no page of the web reaches it by a name that resolves to it).
Invariant: it only reads: there is nothing to POST to, and the page may ask nobody but this server.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

from ...analyzers.errors import SutureError, UserError
from .gather import gather
from .page import asset, plotly, render

log = logging.getLogger(__name__)

HOST = "127.0.0.1"

_HEADERS = {
    # plotly.js writes style elements of its own; scripts come from here only.
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; "
    "img-src data: blob:; connect-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'self' vscode-webview: vscode-file:",  # a webview of VS Code, and the window that holds it
    "Cross-Origin-Resource-Policy": "same-site",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}


class DashboardServer(ThreadingHTTPServer):
    """The server of one workspace's dashboard; ``url`` holds the token."""

    daemon_threads = True

    def __init__(self, port: int, token: str, pages: dict[str, tuple[str, Callable[[], str]]]) -> None:
        super().__init__((HOST, port), _Handler)
        self.token = token
        self.pages = pages

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.server_port}/{self.token}/"


class _Handler(BaseHTTPRequestHandler):
    server: DashboardServer  # pyright: ignore[reportIncompatibleVariableOverride]
    server_version, sys_version = "Suture", ""

    def do_GET(self) -> None:
        self._answer(body=True)

    def do_HEAD(self) -> None:
        self._answer(body=False)

    def _answer(self, *, body: bool) -> None:
        host = (urlsplit(f"//{self.headers.get('Host', '')}").hostname or "").lower()
        token, _, name = urlsplit(self.path).path.lstrip("/").partition("/")
        if host not in (HOST, "localhost"):
            self._send(HTTPStatus.MISDIRECTED_REQUEST, "text/plain", "this is not the host of the dashboard\n", body)
        elif not secrets.compare_digest(token.encode(), self.server.token.encode()) or name not in self.server.pages:
            self._send(HTTPStatus.NOT_FOUND, "text/plain", "there is nothing here: is the address complete?\n", body)
        else:
            kind, made = self.server.pages[name]
            try:
                text, status = made(), HTTPStatus.OK
            except SutureError as error:
                kind, text, status = "text/plain", f"{error}\n", HTTPStatus.SERVICE_UNAVAILABLE
            self._send(status, kind, text, body)

    def _send(self, status: HTTPStatus, kind: str, text: str, body: bool) -> None:
        data = text.encode("utf-8", "replace")
        self.send_response(status)
        self.send_header("Content-Type", f"{kind}; charset=utf-8")
        self.send_header("Content-Length", str(len(data)))
        for name, value in _HEADERS.items():
            self.send_header(name, value)
        self.end_headers()
        if body:
            self.wfile.write(data)

    def log_message(self, format: str, *args: object) -> None:
        log.debug(format, *args)


def dashboard_server(root: Path, port: int = 0) -> DashboardServer:
    """A server for the dashboard of ``root``, bound but not yet answering (``serve_forever``); ``port`` 0: a free one.

    Raises UserError if the port is taken."""
    pages: dict[str, tuple[str, Callable[[], str]]] = {
        "": ("text/html", lambda: render(gather(root))),
        "page.css": ("text/css", lambda: asset("page.css")),
        "page.js": ("text/javascript", lambda: asset("page.js")),
        "plotly.js": ("text/javascript", plotly),
    }
    try:
        return DashboardServer(port, secrets.token_urlsafe(24), pages)
    except OSError as error:
        raise UserError(f"{HOST}:{port} cannot be listened on: {error.strerror}", "name another port") from error
