"""Loading what somebody else sends in a format that can run code.

What it does: follows values of requests, of the command line and of downloads without TLS into ``pickle`` and its
relatives, ``marshal``, ``shelve``, ``yaml.load`` with a loader that builds objects,
``numpy.load(allow_pickle=True)``, ``pandas.read_pickle`` and ``torch.load``. Files that the program names itself are
its own; what a signature vouches for is, too.

Why is this bad: such a message decides which functions are called while it is read.

Example::

    session = pickle.loads(request.cookies["session"])

Use instead::

    session = json.loads(request.cookies["session"])

References: https://cwe.mitre.org/data/definitions/502.html, https://docs.python.org/3/library/pickle.html
"""

from __future__ import annotations

from .taint.report import taint_rules

RULE, PROGRAM_RULE = taint_rules(
    module=__name__,
    name="unsafe-deserialization",
    kind="deserialization",
    summary="Data that somebody else sends are loaded in a format that can run code",
    severity="high",
    cwe=(502,),
    sinks=("deserialization",),
    says="'{what}' decides what is built while it is loaded",
    suggestion="use json for such data, or check a signature first",
    confidence=0.93,
)
