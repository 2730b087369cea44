"""Building the same regular expression in every iteration.

What it does: reports a pattern that is put together anew in each iteration of a loop (joined, formatted or
concatenated) although nothing in it changes there, and ``re.compile`` of a pattern that the loop does not change,
written down or held in a variable (a constant only where every iteration comes to it). A literal pattern given to
``re.match`` and the like is left alone: the ``re`` module keeps compiled patterns, and a look-up there costs about as
much as a short match.

Why is this bad: the pattern's text is built and hashed for every element, which for a pattern joined from many words
costs more than the match. ``re.compile`` of what is compiled already is a look-up: a short match takes twice as long
by it, with flags that are joined by ``|`` four times. Past a few hundred patterns the cache drops some, and each is
compiled anew.

Example::

    for line in lines:
        if re.search("|".join(re.escape(word) for word in words), line):
            count += 1

Use instead::

    pattern = re.compile("|".join(re.escape(word) for word in words))
    for line in lines:
        if pattern.search(line):
            count += 1

References: https://docs.python.org/3/library/re.html#re.compile
"""

from __future__ import annotations

from collections.abc import Iterator

from tree_sitter import Node

from ..findings import Finding
from ..flow import Flow, Loop, arguments_of, flow_of, method_of
from ..rules import Rule
from ..syntax import Unit, descend
from .loops import always, has_loops, loop_evidence

_FUNCTIONS = frozenset(
    f"{module}.{name}"
    for module in ("re", "regex")
    for name in ("compile", "search", "match", "fullmatch", "sub", "subn", "split", "findall", "finditer")
)


def check(unit: Unit) -> Iterator[Finding]:
    if not any(each in ("re", "regex") for each in map(_module, unit.facts.imports.values())):
        return
    flow = flow_of(unit)
    for node, loops in flow.in_loops("call"):
        name = unit.call_name(node)
        if name not in _FUNCTIONS:
            continue
        listed = arguments_of(node)
        if not listed or not _invariant(flow, listed[0], loops[-1]):
            continue
        built = _is_built(unit, listed[0])
        if built or (name.endswith(".compile") and _is_kept(flow, listed[0], node, loops[-1])):
            yield unit.finding(
                RULE,
                node,
                "the same pattern is built in every iteration",
                confidence=0.75 if built else 0.5,
                suggestion="compile it once before the loop",
                evidence=(loop_evidence(unit, loops[-1], listed[0]),),
            )


def _is_kept(flow: Flow, pattern: Node, call: Node, loop: Loop) -> bool:
    """Is this a pattern from before the loop, or a constant that each pass comes to?"""
    unit = flow.unit
    if pattern.type == "identifier" and unit.text(pattern) not in unit.facts.literals:
        return True
    return pattern.type in ("identifier", "string", "concatenated_string") and always(call, loop)


def _module(origin: str) -> str:
    return origin.partition(".")[0]


def _is_built(unit: Unit, pattern: Node) -> bool:
    """Is text put together here (not only written down)?"""
    if pattern.type == "binary_operator":
        return True
    if pattern.type == "call":
        called = method_of(unit, pattern)
        return called is not None and called[1] in ("join", "format")
    return pattern.type in ("string", "concatenated_string") and any(
        each.type == "interpolation" for each in descend(pattern)
    )


def _invariant(flow: Flow, node: Node, loop: Loop) -> bool:
    """Does nothing in the expression change within the loop? Names of its own comprehensions do not count."""
    own = {
        flow.unit.text(name)
        for clause in descend(node)
        if clause.type == "for_in_clause"
        for name in descend(clause.child_by_field_name("left") or clause)
        if name.type == "identifier"
    }
    for each in descend(node):
        if each.type in ("attribute", "subscript", "await", "yield") and not _is_function(flow.unit, each):
            return False
        if each.type == "call" and flow.unit.call_name(each) not in ("re.escape", "map", "sorted", "str", "len"):
            called = method_of(flow.unit, each)
            if called is None or called[1] not in ("join", "format", "lower", "upper", "keys"):
                return False
        if each.type == "identifier" and flow.unit.text(each) not in own:
            name = flow.unit.text(each)
            if any(loop.contains(bound.node) for bound in flow.bindings.get(name, ())):
                return False
    return True


def _is_function(unit: Unit, attribute: Node) -> bool:
    """``re.escape``, or the method of a call such as ``"|".join``."""
    if unit.dotted(attribute).partition(".")[0] in ("re", "regex"):
        return True
    parent = attribute.parent
    return parent is not None and parent.type == "call" and parent.child_by_field_name("function") == attribute


RULE = Rule(
    name="pattern-built-in-loop",
    reviewer="performance",
    kind="regex_loop",
    summary="The same regular expression is built in every iteration of a loop",
    severity="low",
    check=check,
    where=has_loops,
)
