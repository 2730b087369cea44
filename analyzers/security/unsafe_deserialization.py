"""Loading data in a format that can run code.

What it does: reports ``pickle``, ``marshal``, ``dill``, ``cloudpickle``, ``jsonpickle`` and ``shelve`` reading what
does not come from the program itself, and ``yaml.load`` without a safe loader. Data that the same expression has
just dumped are left alone, and so are files that the program names itself.

Why is this bad: such a file or message decides which functions are called while it is read.

Example::

    session = pickle.loads(request.cookies["session"])

Use instead::

    session = json.loads(request.cookies["session"])

References: https://cwe.mitre.org/data/definitions/502.html, https://docs.python.org/3/library/pickle.html
"""

from __future__ import annotations

from collections.abc import Iterator

from tree_sitter import Node

from ..findings import Evidence, Finding, Related
from ..flow import arguments_of, keyword_of, method_of
from ..rules import Rule
from ..syntax import Unit, descend
from ..tests_of import in_tests
from .flow import CONFIDENCE, Origin, Trace, Tracer

_LOADERS = frozenset(
    f"{module}.{name}"
    for module in ("pickle", "cPickle", "_pickle", "marshal", "dill", "cloudpickle", "jsonpickle")
    for name in ("load", "loads", "decode", "Unpickler")
)
_YAML = frozenset({"yaml.load", "yaml.load_all", "yaml.unsafe_load", "yaml.unsafe_load_all"})
_SAFE_YAML = ("SafeLoader", "CSafeLoader", "BaseLoader", "CBaseLoader")


def check(unit: Unit) -> Iterator[Finding]:
    tracer: Tracer | None = None
    for call in unit.index.get("call", ()):
        name = unit.call_name(call)
        if name in _YAML:
            if not _is_safe_yaml(unit, call, name):
                yield _report(
                    unit, call, f"{name} builds any object that the text names", 0.75, "use yaml.safe_load", ()
                )
            continue
        listed = arguments_of(call)
        if name not in _LOADERS or not listed or _round_trip(unit, listed[0]):
            continue
        tracer = tracer or Tracer(unit)
        trace = _content(tracer, listed[0])
        if trace.origin <= Origin.PROGRAM or (trace.origin != Origin.OUTSIDE and in_tests(unit.path)):
            continue
        evidence, related = tracer.evidence(trace, call)
        confidence = CONFIDENCE[trace.origin] - (0.1 if trace.origin == Origin.PARAMETER else 0.0)
        yield _report(
            unit, call, f"{name} runs what its data say", confidence, "use json for such data", (evidence,), related
        )


def _report(
    unit: Unit,
    call: Node,
    message: str,
    confidence: float,
    suggestion: str,
    evidence: tuple[Evidence, ...],
    related: tuple[Related, ...] = (),
) -> Finding:
    tracer = Tracer(unit)
    shown = evidence or (tracer.evidence(Trace(Origin.UNKNOWN), call)[0],)
    return unit.finding(
        RULE, call, message, confidence=confidence, suggestion=suggestion, evidence=shown, related=related
    )


def _is_safe_yaml(unit: Unit, call: Node, name: str) -> bool:
    if "unsafe" in name:
        return False
    listed = arguments_of(call)
    loader = keyword_of(unit, call, "Loader") or (listed[1] if len(listed) > 1 else None)
    if loader is None:
        return False
    used = unit.text(loader).rpartition(".")[2]
    # A loader of one's own is one that somebody thought about.
    return used in _SAFE_YAML or used not in ("Loader", "UnsafeLoader", "CLoader", "FullLoader")


def _round_trip(unit: Unit, data: Node) -> bool:
    """``pickle.loads(pickle.dumps(x))`` is a copy."""
    return any(each.type == "call" and unit.call_name(each).endswith((".dumps", ".dump")) for each in descend(data))


def _content(tracer: Tracer, data: Node) -> Trace:
    """Where the content comes from. A file that the program names itself holds the program's own data; what is
    written in the source by name only (a parameter that is a path) says little."""
    unit = tracer.unit
    names = {unit.text(each) for each in descend(data) if each.type == "identifier"}
    for name in names:
        for bound in tracer.flow.bindings.get(name, ()):
            opened = _opened(unit, bound.node)
            if opened is not None:
                found = tracer.trace(opened)
                return found if found.origin == Origin.OUTSIDE else Trace(Origin.PROGRAM, (bound.node,))
            if bound.value is not None and _round_trip(unit, bound.value):
                return Trace(Origin.SAFE)
    opened = _opened(unit, data)
    if opened is not None:
        found = tracer.trace(opened)
        return found if found.origin == Origin.OUTSIDE else Trace(Origin.PROGRAM, (data,))
    return tracer.trace(data)


def _opened(unit: Unit, node: Node) -> Node | None:
    """The path of the file that is opened or read in a ``with`` item, an assignment or an expression."""
    for each in descend(node):
        if each.type != "call":
            continue
        if unit.call_name(each) in (
            "open",
            "io.open",
            "gzip.open",
            "bz2.open",
            "lzma.open",
            "bz2.BZ2File",
            "gzip.GzipFile",
        ):
            return next(iter(arguments_of(each)), None)
        called = method_of(unit, each)
        if called is not None and called[1] in ("read_bytes", "open") and not unit.call_name(each).startswith("os."):
            return called[0]
    return None


RULE = Rule(
    name="unsafe-deserialization",
    reviewer="security",
    kind="deserialization",
    summary="Data are loaded in a format that can run code",
    severity="high",
    check=check,
    cwe=(502,),
)
