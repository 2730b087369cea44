"""Data or credentials sent without TLS.

What it does: reports ``ftplib.FTP`` and ``telnetlib.Telnet``, and programs or models that are loaded (pickled data,
``urlopen`` of something that is then run) from an ``http://`` address that is not this machine.

Why is this bad: everybody on the way reads and changes what is sent.

Example::

    ftplib.FTP("files.example.org")

Use instead::

    ftplib.FTP_TLS("files.example.org")

References: https://cwe.mitre.org/data/definitions/319.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..findings import Finding
from ..rules import Rule
from ..syntax import Unit
from ..tests_of import in_tests
from .written import argument, constant, report

_CLIENTS = frozenset({"ftplib.FTP", "telnetlib.Telnet", "nntplib.NNTP"})
_FETCHING = frozenset(
    {"urllib.request.urlopen", "urllib.request.urlretrieve", "requests.get", "requests.post", "httpx.get", "httpx.post"}
)
_LOADED = re.compile(
    r"^http://(?!localhost|127\.|0\.0\.0\.0|\[?::1|[^/]*\.(?:local|internal|test|localhost)\b)[^/]+/.*\.(?:pkl|pickle|exe|msi|sh|py|whl|zip|tar|gz|tgz|deb|rpm|so|dll|pt|pth|bin|jar)$"
)


def check(unit: Unit) -> Iterator[Finding]:
    if in_tests(unit.path):
        return
    for call in unit.index.get("call", ()):
        name = unit.call_name(call)
        if name in _CLIENTS:
            yield report(
                unit, RULE, call, "what is sent here can be read on the way", 0.7, "use a protocol that encrypts"
            )
        elif name in _FETCHING:
            address = constant(unit, argument(unit, call, 0, "url"))
            if isinstance(address, str) and _LOADED.match(address):
                yield report(unit, RULE, call, "what is loaded here can be changed on the way", 0.75, "use https")


RULE = Rule(
    name="cleartext-transport",
    reviewer="security",
    kind="crypto",
    summary="Data are sent or loaded without TLS",
    severity="medium",
    check=check,
    cwe=(319,),
    words=(b"FTP", b"Telnet", b"NNTP", b"urllib", b"requests", b"httpx"),
)
