"""XML that somebody else sent, parsed by a parser that follows entities.

What it does: follows values of requests into parsers of lxml, SAX and pulldom that were told to resolve entities,
load DTDs or use the network. The parsers of the standard library do not fetch external entities by themselves.

Why is this bad: a document can name files of this machine and addresses of its network, and read them.

Example::

    etree.fromstring(request.data, etree.XMLParser(resolve_entities=True))

Use instead::

    etree.fromstring(request.data, etree.XMLParser(resolve_entities=False))

References: https://cwe.mitre.org/data/definitions/611.html
"""

from __future__ import annotations

from .taint.report import taint_rules

RULE, PROGRAM_RULE = taint_rules(
    module=__name__,
    name="xml-external-entities",
    kind="xxe",
    summary="XML that somebody else sent is parsed with entities",
    severity="high",
    cwe=(611,),
    sinks=("xxe",),
    says="XML from '{what}' is parsed by a parser that follows entities",
    suggestion="leave resolve_entities off, or parse with defusedxml",
    confidence=0.9,
)
