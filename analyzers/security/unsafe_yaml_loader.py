"""YAML that may name any object of Python.

What it does: reports ``yaml.load`` and ``load_all`` with ``Loader`` or ``UnsafeLoader`` (also their C versions) or
with no loader at all, and ``unsafe_load``. A loader under another name is looked up where it is imported or assigned;
what cannot be resolved is left alone.

Why is this bad: whoever writes the document runs code, and configuration files come from more people than one thinks.

Example::

    yaml.load(stream, Loader=yaml.Loader)

Use instead::

    yaml.safe_load(stream)

References: https://cwe.mitre.org/data/definitions/502.html
"""

from __future__ import annotations

from collections.abc import Iterator

from tree_sitter import Node

from ..findings import Finding
from ..flow import flow_of, method_of
from ..rules import Rule
from ..syntax import Unit
from ..tests_of import in_tests
from .written import argument, report, spread

_LOADING = frozenset({"yaml.load", "yaml.load_all"})
_UNSAFE = frozenset({"yaml.Loader", "yaml.UnsafeLoader", "yaml.CLoader", "yaml.CUnsafeLoader", "yaml.loader.Loader"})


def check(unit: Unit) -> Iterator[Finding]:
    for call in unit.index.get("call", ()):
        name = unit.call_name(call)
        owner = method_of(unit, call)
        if owner is not None and owner[0].type == "identifier" and flow_of(unit).reaching(owner[0]):
            continue  # a loader that is made here (ruamel's), not the module
        if name in ("yaml.unsafe_load", "yaml.unsafe_load_all"):
            unsafe = True
        elif name in _LOADING:
            loader = argument(unit, call, 1, "Loader")
            unsafe = not spread(call) if loader is None else _resolved(unit, loader) in _UNSAFE
        else:
            continue
        if unsafe and not in_tests(unit.path):
            yield report(unit, RULE, call, "this document may name any object and run code", 0.7, "use yaml.safe_load")


def _resolved(unit: Unit, node: Node) -> str:
    """The dotted name of a loader, through one assignment."""
    bound = flow_of(unit).bindings.get(unit.text(node), ())
    if len(bound) == 1 and bound[0].value is not None:
        node = bound[0].value
    return unit.facts.resolve(unit.dotted(node))


RULE = Rule(
    name="unsafe-yaml-loader",
    reviewer="security",
    kind="deserialization",
    summary="YAML is loaded with a loader that builds any object",
    severity="medium",
    check=check,
    cwe=(502,),
    words=(b"yaml",),
)
