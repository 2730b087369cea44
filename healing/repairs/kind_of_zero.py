"""What it does
    Begins with the zero of the kind that is added: an empty span of time, a decimal, a tuple, a list, instead of ``0``.

Example
    ``totals.get(name, 0) + (end - start)``, ``sum(spans)``

Use instead
    ``totals.get(name, timedelta()) + (end - start)``, ``sum(spans, timedelta())``

When it stays silent
    No operand of the line began as a literal zero.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from tree_sitter import Node

from ..fault import Fault
from ..grammar import Splice
from ..imports import import_splice
from ..origins import Site, arguments_of, callee, field_of, mendable, origins
from ..repair import Context, Draft, Repair

_ADDED = re.compile(r"^unsupported operand type\(s\) for [-+|]=?: '(?P<left>[\w.]+)' and '(?P<right>[\w.]+)'|"
                    r"^can only concatenate (?P<own>\w+) \(not \"(?P<other>[\w.]+)\"\)")  # fmt: skip
_ZEROS = {"timedelta": "timedelta()", "Decimal": "Decimal(0)", "Fraction": "Fraction(0)", "tuple": "()", "list": "[]",
          "str": '""', "set": "set()", "Counter": "Counter()", "dict": "{}", "int": "0", "float": "0.0"}  # fmt: skip
_STARTS = frozenset({"0", "0.0", "[]", "()", '""', "''", "None", "{}", "set()"})
_MODULES = {"timedelta": "datetime", "Decimal": "decimal", "Fraction": "fractions", "Counter": "collections"}


def propose(fault: Fault, context: Context) -> Iterator[Draft]:
    match = _ADDED.match(fault.message)
    if fault.exception != "TypeError" or match is None:
        return
    kinds = [each.rpartition(".")[2] for each in match.groups() if each]
    every = mendable(context)
    for site in every[:2]:
        malus = 0.05 * site.away
        for kind, other in (kinds, kinds[::-1]):
            zero = _ZEROS.get(kind)
            if zero is None or other == kind:
                continue
            text, needed = _written(site, kind, zero)
            started: set[int] = set()
            for node in site.nodes("identifier", "attribute", "subscript", "call"):
                for place, value, steps in [(site, node, 0), *origins(every, site, node, 2)]:
                    default = arguments_of(value)[1:2] if callee(value) in {"get", "setdefault", "pop"} else []
                    for start in [*default, value]:
                        said = place.code(start)
                        if said in _STARTS and said != zero and start.start_byte not in started:
                            started.add(start.start_byte)
                            edits = [*(needed if place.file == site.file else []), (*place.span(start), text)]
                            same = _kind_of(said) == other
                            prior = (0.84 if same else 0.5) + (0.06 if kind in _MODULES else 0.0) - 0.02 * steps - malus
                            yield place.edit(f"Begin with `{text}`", edits, prior)
            if other == "int":
                for call in site.nodes("call"):
                    if callee(call) == "sum" and len(arguments_of(call)) == 1 and kind not in {"str"}:
                        yield site.edit(
                            f"Begin the sum with `{text}`", [*needed, *_second(site, call, text)], 0.9 - malus
                        )


def _kind_of(literal: str) -> str:
    return {"0": "int", "0.0": "float", "[]": "list", "()": "tuple", "None": "NoneType", "{}": "dict"}.get(
        literal, "str"
    )


def _second(site: Site, call: Node, text: str) -> list[Splice]:
    """The edit that gives a call a second argument."""
    arguments = field_of(call, "arguments")
    if arguments is not None and arguments.type == "generator_expression":
        start, end = site.span(arguments)
        return [(start, start, "("), (end, end, f", {text})")]
    end = site.span(arguments_of(call)[-1])[1]
    return [(end, end, f", {text}")]


def _written(site: Site, kind: str, zero: str) -> tuple[str, list[Splice]]:
    """The zero as the file writes its class, and the import that it needs."""
    module = _MODULES.get(kind)
    if module is None or re.search(rf"^from {module} import [^\n]*\b{kind}\b", site.text, re.MULTILINE):
        return zero, []
    if match := re.search(rf"^import {module}(?: as (\w+))?[ \t]*$", site.text, re.MULTILINE):
        return f"{match[1] or module}.{zero}", []
    return zero, [import_splice(site.text, f"from {module} import {kind}")]


REPAIR = Repair("kind-of-zero", "Begin with the zero of what is added", propose)
