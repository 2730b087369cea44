"""Recursion that works out the same smaller cases again and again.

What it does: reports a function that calls itself at least twice for one answer, each time with its own parameters
less a constant (``f(n - 1) + f(n - 2)``, ``f(i - 1, j)`` and ``f(i, j - 1)``), that neither is decorated with a cache
nor looks anything up before it descends. Calls of which only one is made, divided problems (``f(left)``, ``f(right)``)
and functions that do something besides are left alone.

Why is this bad: the same case is reached on many ways, and is worked out on each: the number of calls grows
exponentially, where there are only as many cases as the parameter counts.

Example::

    def paths(rows, columns):
        if not rows or not columns:
            return 1
        return paths(rows - 1, columns) + paths(rows, columns - 1)

Use instead::

    @functools.cache
    def paths(rows, columns): ...

References: https://docs.python.org/3/library/functools.html#functools.cache
"""

from __future__ import annotations

from collections.abc import Iterator

from tree_sitter import Node

from ..findings import Evidence, Finding
from ..flow import Loop, arguments_of, together
from ..rules import Rule
from ..syntax import Unit, descend
from ..tests_of import in_tests
from .loops import step

_KEEPS = ("cache", "memo", "seen", "known", "lookup", "table")
_ACTS = frozenset({"print", "input", "open", "setattr"})


def check(unit: Unit) -> Iterator[Finding]:
    if unit.kind != "function" or "binary_operator" not in unit.index or in_tests(unit.path):
        return
    for definition in unit.walk("function_definition"):
        name_node = definition.child_by_field_name("name")
        if name_node is None:
            continue
        name = unit.text(name_node)
        calls = list(_calls(unit, definition, name))
        if len(calls) < 2 or _kept(unit, definition) or _acts(unit, definition, name):
            continue
        first, second = _meeting(unit, definition, calls)
        if first is None or second is None:
            continue
        yield unit.finding(
            RULE,
            second,
            f"{name}() works out the same smaller cases again and again",
            confidence=0.75,
            suggestion="decorate it with functools.cache",
            evidence=(
                Evidence(
                    "traced",
                    f"one call of {name} makes at least two, which meet in the same cases",
                    {"path": [step(unit, definition), step(unit, first), step(unit, second)]},
                ),
            ),
        )


def _calls(unit: Unit, definition: Node, name: str) -> Iterator[Node]:
    """The calls of itself whose arguments are its own parameters less a constant, at least one of them less."""
    parameters = definition.child_by_field_name("parameters")
    own = {unit.text(each) for each in descend(parameters) if each.type == "identifier"} if parameters else set[str]()
    for call in unit.walk("call"):
        if not (definition.start_byte <= call.start_byte and call.end_byte <= definition.end_byte):
            continue
        function = call.child_by_field_name("function")
        if function is None or unit.text(function) not in (name, f"self.{name}", f"cls.{name}"):
            continue
        listed = arguments_of(call)
        kinds = [_less(unit, each, own) for each in listed]
        if listed and "" not in kinds and "less" in kinds:
            yield call


def _less(unit: Unit, node: Node, own: set[str]) -> str:
    """Is this a parameter (``same``), a parameter less a constant (``less``), or something else?"""
    if node.type == "identifier":
        return "same" if unit.text(node) in own else ""
    if node.type != "binary_operator":
        return ""
    left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
    operator = node.child_by_field_name("operator")
    if left is None or right is None or operator is None or operator.type != "-":
        return ""
    return "less" if left.type == "identifier" and unit.text(left) in own and right.type == "integer" else ""


def _meeting(unit: Unit, definition: Node, calls: list[Node]) -> tuple[Node | None, Node | None]:
    """Two calls with different arguments that one evaluation makes both."""
    whole = Loop(definition, bounded=False)
    for number, first in enumerate(calls):
        for second in calls[number + 1 :]:
            arguments = [[unit.text(each) for each in arguments_of(call)] for call in (first, second)]
            if arguments[0] != arguments[1] and _same_order(arguments) and together(first, second, whole):
                return first, second
    return None, None


def _same_order(arguments: list[list[str]]) -> bool:
    """Does each parameter stay at its place? ``hanoi(n - 1, a, c)`` and ``hanoi(n - 1, c, b)`` do not meet."""
    heads = [[each.partition("-")[0].strip() for each in listed] for listed in arguments]
    return heads[0] == heads[1]


def _kept(unit: Unit, definition: Node) -> bool:
    """Is there a decorator, or something that looks like a table of answers?"""
    parent = definition.parent
    if parent is not None and parent.type == "decorated_definition":
        decorators = [unit.text(each) for each in parent.children if each.type == "decorator"]
        if any("cache" in each or "memo" in each for each in decorators):
            return True
    names = {unit.text(each).lower() for each in descend(definition) if each.type == "identifier"}
    if any(word in name for name in names for word in _KEEPS):
        return True
    # ``if n in answers: return answers[n]``
    return any(
        each.type in ("in", "not in")
        for node in descend(definition)
        if node.type == "comparison_operator"
        for each in node.children_by_field_name("operators")
    )


def _acts(unit: Unit, definition: Node, name: str) -> bool:
    """Does it do anything besides working out its answer? Then a cache would change what happens."""
    for node in descend(definition):
        if node.type in ("yield", "global_statement", "nonlocal_statement", "delete_statement", "await"):
            return True
        if node.type == "call":
            called = unit.call_name(node)
            if called in _ACTS:
                return True
        if node.type == "expression_statement" and node.named_children[0].type == "call":
            return True
        if node.type in ("assignment", "augmented_assignment"):
            left = node.child_by_field_name("left")
            if left is not None and left.type in ("attribute", "subscript"):
                return True
    return False


RULE = Rule(
    name="uncached-recursion",
    reviewer="performance",
    kind="caching",
    summary="Recursion works out the same smaller cases again and again",
    severity="medium",
    check=check,
)
