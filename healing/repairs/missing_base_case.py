"""What it does
    Ends a recursion that does not end: returns for the smallest input, or passes a smaller one on; an object whose text
    holds the object itself shows a part of it.

Example
    ``def size(n): return 1 + size(n)``, ``def factorial(n): return n * factorial(n - 1)``

Use instead
    ``return 1 + size(n - 1)``, ``if n <= 1: return 1`` above it

When it stays silent
    No function of the workspace calls itself on the line of the fault, or its arguments tell nothing of its size.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from tree_sitter import Node

from ...analyzers.syntax import enclosing
from ..fault import Fault
from ..origins import Site, arguments_of, callee, expected, field_of, mendable, parameters_of, walk
from ..repair import Context, Draft, Repair
from .missing_guard import first_statement, guarded

_SMALLER = re.compile(r"^(?P<name>\w+)\s*(?P<sign>-|//)\s*\d+$")
_REST = re.compile(r"^(?P<name>\w+)\[(?:1:|:-1)\]$")
_STEP = re.compile(r"^(?P<name>\w+) - (?P<by>\d)$")
#: Statements after which a function may end in more than one way.
_CHOICES = frozenset({"if_statement", "conditional_expression", "match_statement", "boolean_operator", "try_statement"})
_SHOWS = frozenset({"__repr__", "__str__", "__format__"})
_PART = re.compile(r"^(?P<name>\w+)\.(?P<field>\w+)$")


def propose(fault: Fault, context: Context) -> Iterator[Draft]:
    if fault.exception != "RecursionError" and not _deep_in_itself(fault):
        return
    yield from _shown_by_itself(context)
    seen: set[str] = set()
    for site in mendable(context)[: 4 if fault.exception == "RecursionError" else 1]:
        function = site.function
        label = field_of(function, "name") if function.type == "function_definition" else None
        if label is None or site.code(label) in seen:
            continue
        name = site.code(label)
        seen.add(name)
        calls = [node for node in walk(function) if node.type == "call" and callee(node) == name]
        if not calls:
            continue
        if fault.exception == "RecursionError":
            yield from _smaller(site, function, calls)
        elif any(node.type in _CHOICES for node in walk(function, nested=False)):
            continue  # it does end, and fails for a reason of its own
        yield from _ended(context, site, function, calls)


def _deep_in_itself(fault: Fault) -> bool:
    """Whether a function failed in a call of itself: without an end it goes on to where nothing is left."""
    last = [(frame.path, frame.function) for frame in fault.frames[-2:]]
    return len(last) == 2 and last[0] == last[1] and last[0][1] not in {"", "<module>"}


def _shown_by_itself(context: Context) -> Iterator[Draft]:
    """``"%s(%r)" % (name, self)`` in ``__repr__``: what is shown is the object whose text is being made."""
    for site in mendable(context)[:1]:
        function, name = site.function, site.name
        owner = enclosing(function.parent, "class_definition")
        if name not in _SHOWS or owner is None:
            continue
        inside = site.code(owner)
        for node in site.nodes("identifier"):
            parent = node.parent
            if site.code(node) != "self" or parent is None or parent.type == "attribute":
                continue
            other = "str" if name == "__repr__" else "repr"
            known = f"def __{other}__" in inside or "(" in site.code(owner).split("\n", 1)[0]
            yield site.put(f"Show `{other}(self)`", node, f"{other}(self)", 0.9 if known else 0.6)
            yield site.put("Show `super()`", node, f"super().{name}()", 0.7)
            for label in dict.fromkeys(re.findall(r"\bself\.(\w+)\s*(?::[^=\n]+)?=(?!=)", inside)):
                yield site.put(f"Show `self.{label}`", node, f"self.{label}", 0.76)


def _smaller(site: Site, function: Node, calls: list[Node]) -> Iterator[Draft]:
    parameters = parameters_of(function)
    steps = [match for call in calls for each in arguments_of(call) if (match := _STEP.match(site.code(each)))]
    for call in calls:
        for each in arguments_of(call):
            text = site.code(each)
            if text not in parameters or text == "self":
                continue
            known = site.kind(each)
            # Another argument that does get smaller is what ends this call.
            others = [site.code(other) for other in arguments_of(call) if other != each]
            done = any(_SMALLER.match(other) or _REST.match(other) or _PART.match(other) for other in others)
            prior = 0.8 - 0.25 * done
            for match in steps:
                if match["name"] == text:  # ``f(n - 1) + f(n)``: the next step
                    yield site.put(
                        f"Pass `{text} - {int(match['by']) + 1}` on", each, f"{text} - {int(match['by']) + 1}", 0.84
                    )
            if known in {None, "int"}:
                yield site.put(f"Pass `{text} - 1` on", each, f"{text} - 1", prior)
                yield site.put(f"Pass `{text} // 10` on", each, f"{text} // 10", prior - 0.35)
                yield site.put(f"Pass `{text} // 2` on", each, f"{text} // 2", prior - 0.35)
            if known in {None, "list", "str", "tuple"}:
                yield site.put(f"Pass `{text}[1:]` on", each, f"{text}[1:]", prior - (0.0 if known else 0.2))
                yield site.put(f"Pass `{text}[:-1]` on", each, f"{text}[:-1]", prior - 0.2)


def _ended(context: Context, site: Site, function: Node, calls: list[Node]) -> Iterator[Draft]:
    options: dict[tuple[str, str], float] = {}
    wanted = [each for each in expected(context) if len(each) < 12]
    for call in calls:
        for each in arguments_of(call):
            text = site.code(each)
            if match := _SMALLER.match(text):
                n = match["name"]
                options |= {(f"{n} <= 1", "1"): 0.7, (f"{n} == 0", "1"): 0.62, (f"{n} == 0", "0"): 0.66,
                            (f"{n} <= 1", n): 0.6, (f"{n} < 2", n): 0.5, (f"{n} <= 0", "0"): 0.5,
                            (f"{n} == 0", '""'): 0.3, (f"{n} == 0", "[]"): 0.3}  # fmt: skip
            elif match := _REST.match(text):
                xs = match["name"]
                options |= {
                    (f"not {xs}", zero): 0.7 - 0.03 * rank for rank, zero in enumerate(("0", "[]", '""', xs, "True"))
                }
                options[(f"len({xs}) <= 1", xs)] = 0.62
                options[(f"len({xs}) == 1", f"{xs}[0]")] = 0.5
            elif match := _PART.match(text):
                options |= {(f"{match['name']} is None", zero): 0.6 for zero in ("0", "None", "[]", "False", "True")}
        pair = [site.code(each) for each in arguments_of(call)]
        parameters = [each for each in parameters_of(function) if each != "self"]
        if len(pair) == 2 == len(parameters) and "%" in pair[1]:
            options[(f"{parameters[1]} == 0", parameters[0])] = 0.8
        bounds = [each for each in parameters if re.search(r"lo|left|start|first|begin|hi|right|end|last|stop", each)]
        if len(bounds) == 2:
            low, high = bounds
            for value in (low, "-1", "None", *wanted):
                options[(f"{low} > {high}", value)] = 0.7 if value in wanted else 0.6
    for (test, value), prior in sorted(options.items(), key=lambda item: -item[1])[:14]:
        yield guarded(
            site,
            first_statement(function),
            f"if {test}:",
            f"return {value}",
            prior + (0.04 if value in wanted else 0.0),
        )


REPAIR = Repair("missing-base-case", "End a recursion that does not end", propose)
