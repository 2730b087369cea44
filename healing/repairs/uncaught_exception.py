"""What it does
    Names the exception in the ``except`` clause around the failing line that was written for such a failure, but names
    another exception only.

Example
    ``try: return int(text)`` with ``except KeyError: return default``

Use instead
    ``except (KeyError, ValueError): return default``

When it stays silent
    No ``try`` is around the line, or its clauses name the exception, or a name is wrong, not a value.
"""

from __future__ import annotations

import builtins
import re
from collections.abc import Iterator

from tree_sitter import Node

from ..fault import Fault
from ..origins import Site, mendable
from ..repair import Context, Draft, Repair

_SLIPS = frozenset(
    (
        *("AssertionError", "NameError", "UnboundLocalError", "ImportError", "ModuleNotFoundError", "RecursionError"),
        *("SystemExit", "KeyboardInterrupt", "SyntaxError", "IndentationError"),
    )
)


def propose(fault: Fault, context: Context) -> Iterator[Draft]:
    if fault.exception.rpartition(".")[2] in _SLIPS or fault.category in {"syntax", "dependency", "hang"}:
        return
    for site in mendable(context)[:5]:
        raised = _written(site, fault.exception)
        if not raised:
            continue
        for clause, types in _clauses(site):
            names = re.findall(r"[\w.]+", site.code(types))
            if not names or raised in names or _covered(raised, names) or len(names) > 3:
                continue
            malus = 0.04 * site.away + (0.2 if fault.exception in {"TypeError", "AttributeError"} else 0.0)
            both = f"({', '.join([*names, raised])})"
            yield site.put(f"Catch `{raised}`, too", types, both, 0.66 + 0.08 * _answers(site, clause) - malus)
            if len(names) == 1:
                yield site.put(f"Catch `{raised}` instead of `{names[0]}`", types, raised, 0.64 - malus)


def _clauses(site: Site) -> Iterator[tuple[Node, Node]]:
    """The clauses, and the exceptions that they name, of the ``try`` statements whose body holds the line."""
    for node in site.nodes_around("try_statement"):
        body = node.child_by_field_name("body")
        if body is None or not body.start_point[0] <= site.line <= body.end_point[0]:
            continue
        for clause in node.named_children:
            types = next((each for each in clause.named_children if each.type not in {"block", "comment"}), None)
            if clause.type != "except_clause" or types is None:
                continue
            if types.type == "as_pattern":
                types = types.named_children[0]
            if types.type in {"identifier", "attribute", "tuple"}:
                yield clause, types


def _written(site: Site, exception: str) -> str:
    """How an exception is written in a file; empty if it cannot be."""
    module, _, name = exception.rpartition(".")
    if hasattr(builtins, name) or re.search(
        rf"^class {name}\b|^from [^\n]*\bimport\b[^\n]*\b{name}\b", site.text, re.M
    ):
        return name
    if module and re.search(rf"^import {re.escape(module)}\b", site.text, re.MULTILINE):
        return exception
    top = module.partition(".")[0]
    if top and re.search(rf"^import {re.escape(top)}\b", site.text, re.MULTILINE):
        return f"{top}.{name}"
    return ""


def _covered(raised: str, names: list[str]) -> bool:
    kind = getattr(builtins, raised, None)
    known = [getattr(builtins, each, None) for each in names]
    return isinstance(kind, type) and any(isinstance(each, type) and issubclass(kind, each) for each in known)


def _answers(site: Site, clause: Node) -> bool:
    """Whether a clause does something about the failure."""
    return re.search(r"\b(?:return|raise|continue|break)\b|=", site.code(clause).partition(":")[2]) is not None


REPAIR = Repair("uncaught-exception", "Catch the exception that a clause was written for", propose)
