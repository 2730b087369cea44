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

from ..fault import Fault
from ..origins import arguments_of, callee, expected, mendable
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
                lone = items[0].type == "generator_expression" and site.code(items[0]).startswith("(")
                start = site.span(items[0])[0]
                edits = [(start, start, "("), (end, end, ", None)")] if lone and site.code(call).count("((") == 0 else [
                    (end, end, ", None")]  # fmt: skip
                yield site.edit("Take None where there is none", edits, 0.84 - malus)
            if name in {"max", "min"} and empty and len(plain) == 1 and "default" not in labels:
                lone = items[0].type == "generator_expression" and len(items) == 1
                if lone and site.code(items[0]).startswith("("):
                    end -= 1  # the brackets of the call are those of the generator
                    start = site.span(items[0])[0]
                    edits = [(start, start, "("), (end + 1, end + 1, ", default={})")]
                else:
                    edits = [(end, end, ", default={}")]
                for rank, value in enumerate(dict.fromkeys([*wanted, *_PLAIN])):
                    prior = (0.84 if value in wanted else 0.6) - 0.02 * rank - malus
                    yield site.edit(
                        f"Take `{value}` for nothing",
                        [(a, b, new.replace("{}", value, 1)) for a, b, new in edits],
                        prior,
                    )
            elif name == "reduce" and len(items) == 2:
                for rank, value in enumerate(dict.fromkeys([*wanted, *_PLAIN])):
                    yield site.edit(f"Begin with `{value}`", [(end, end, f", {value}")], 0.85 - 0.03 * rank - malus)


REPAIR = Repair("empty-fold", "Give max, min and reduce what they take for nothing", propose)
