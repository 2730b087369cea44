"""A request of this server to where somebody else says.

What it does: follows values of requests into the host part of URLs that requests, httpx, aiohttp, urllib or urllib3
fetch. A URL that begins with a fixed host is harmless, and so is one whose host was compared with known ones.

Why is this bad: the server reaches what the outside cannot: other services, the metadata of the cloud, itself.

Example::

    requests.get(request.args["url"])

Use instead::

    if urlparse(url).hostname in ALLOWED:
        requests.get(url)

References: https://cwe.mitre.org/data/definitions/918.html
"""

from __future__ import annotations

from .taint.report import taint_rules

RULE, PROGRAM_RULE = taint_rules(
    module=__name__,
    name="server-side-request-forgery",
    kind="ssrf",
    summary="Somebody else decides where a request is sent",
    severity="high",
    cwe=(918,),
    sinks=("ssrf",),
    says="'{what}' decides where a request is sent",
    suggestion="compare the host of the URL with those that are allowed",
    confidence=0.88,
)
