"""What it does
    Gives ``max``, ``min`` and ``reduce`` what they take for nothing: ``default=``, or the value to begin with.

Example
    ``max(times)`` for an empty list; ``reduce(lambda total, each: total + each.size, files)``

Use instead
    ``max(times, default=0)``; ``reduce(lambda total, each: total + each.size, files, 0)``

When it stays silent
    The call has a default or a start already, or several values.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from tree_sitter import Node

from ..fault import Fault
from ..grammar import Splice
from ..origins import Site, arguments_of, callee, expected, field_of, mendable
from ..repair import Context, Draft, Repair

_EMPTY = re.compile(r"arg is an empty sequence|iterable argument is empty|of empty (?:iterable|sequence)")
_PLAIN = ("0", "None", '""', "0.0", "[]", "1", "()", "{}")


def propose(fault: Fault, context: Context) -> Iterator[Draft]:
    empty = _EMPTY.search(fault.message)
    if fault.exception not in {"ValueError", "TypeError", "AttributeError", "StopIteration"}:
        return
    wanted = [each for each in expected(context) if each in _PLAIN]
    for site in mendable(context)[:3]:
        malus = 0.05 * site.away
        for call in site.nodes("call"):
            name, items = callee(call), arguments_of(call)
            plain = [each for each in items if each.type != "keyword_argument"]
            labels = [site.code(each).partition("=")[0] for each in items if each.type == "keyword_argument"]
            if not items:
                continue
            end = site.span(items[-1])[1]
            if name == "next" and fault.exception == "StopIteration" and len(items) == 1:
                yield site.edit("Take None where there is none", _more(site, call, "None"), 0.84 - malus)
            if name in {"max", "min"} and empty and len(plain) == 1 and "default" not in labels:
                for rank, value in enumerate(dict.fromkeys([*wanted, *_PLAIN])):
                    prior = (0.84 if value in wanted else 0.6) - 0.02 * rank - malus
                    yield site.edit(f"Take `{value}` for nothing", _more(site, call, f"default={value}"), prior)
            elif name == "reduce" and len(items) == 2:
                for rank, value in enumerate(dict.fromkeys([*wanted, *_PLAIN])):
                    yield site.edit(f"Begin with `{value}`", [(end, end, f", {value}")], 0.85 - 0.03 * rank - malus)


def _more(site: Site, call: Node, argument: str) -> list[Splice]:
    """The edits that pass one more argument, to a call whose brackets may be those of a generator, too."""
    arguments = field_of(call, "arguments")
    if arguments is not None and arguments.type == "generator_expression":
        start, end = site.span(arguments)
        return [(start, start, "("), (end, end, f", {argument})")]
    end = site.span(arguments_of(call)[-1])[1]
    return [(end, end, f", {argument}")]


REPAIR = Repair("empty-fold", "Give max, min and reduce what they take for nothing", propose)
