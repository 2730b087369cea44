"""Working the same thing out of a whole collection again in every iteration.

What it does: reports ``max(items)``, ``min``, ``sum``, ``set(items)``, ``frozenset``, ``Counter``, ``dict``,
``heapq.nsmallest(2, items)`` inside a loop where ``items`` was made before it and does not change in it, also where an
object keeps it (``max(table.index)`` while the loop goes through just that); ``max(items[:i])`` and relatives that grow
by one element with each iteration; ``sum(rows[i])`` where only an outer loop moves ``i``; a collection that is made of
nothing but such values, given a name and only read in the pass (``seen = {each.name for each in items}``, ``counts =
Counter(words(text))``); and ``difflib.get_close_matches(word, candidates)`` for always the same candidates. What is
short, what the same iteration walks anyway, and what it might change, is left alone.

Why is this bad: each call looks at every element, so the loop takes time proportional to the product of both lengths,
where one look before the loop (or one running value) would do.

Example::

    for row in rows:
        row.share = row.size / sum(sizes)

Use instead::

    total = sum(sizes)
    for row in rows:
        row.share = row.size / total

References: https://docs.python.org/3/library/itertools.html#itertools.accumulate
"""

from __future__ import annotations

from collections.abc import Iterator

from tree_sitter import Node

from ..bindings import COMPREHENSIONS
from ..findings import Finding
from ..flow import Flow, Loop, arguments_of, flow_of
from ..rules import Rule
from ..syntax import Unit, descend
from .loops import (
    always,
    changes,
    counts,
    dominated,
    handed_on,
    has_loops,
    in_handler,
    is_open,
    loop_evidence,
    same_part,
    steady,
    targets_of,
    walked,
)

_LOOKS = frozenset({"max", "min", "sum", "heapq.nsmallest", "heapq.nlargest"})
_BUILDS = frozenset({"set", "frozenset", "dict", "collections.Counter"})
#: Functions that only look at what they are given.
_MEASURES = frozenset({"len", "sum", "min", "max", "any", "all"})
_VIEWS = frozenset({"keys", "values", "items", "get", "index", "count", "most_common"})
#: Functions that do not give the same twice, or for which reading is what takes the time.
_UNLIKE = frozenset({"next", "iter", "open", "input", "id", "object"})
_MATCHES = frozenset({"difflib.get_close_matches"})
_SEQUENCES = ("list", "tuple", "dict", "set")


def check(unit: Unit) -> Iterator[Finding]:
    flow = flow_of(unit)
    for node, loops in flow.in_loops("assignment"):
        made = _made_again(flow, node, loops[-1])
        if made is not None and not in_handler(node, loops[-1]):
            yield unit.finding(
                RULE,
                made,
                f"this {'row is looked up' if _is_row(unit, made) else 'collection is made of the same values'}"
                " again in every iteration",
                confidence=0.5,
                suggestion="make it once before the loop",
                evidence=(loop_evidence(unit, loops[-1], node),),
            )
    for node, loops in flow.in_loops("call"):
        name = unit.call_name(node)
        if name not in _LOOKS and name not in _BUILDS and name not in _MATCHES:
            continue
        loop = loops[-1]
        found = _judge(flow, name, node, loop)
        if found is None or in_handler(node, loop) or (name not in _MATCHES and dominated(flow, loop, node)):
            continue
        message, confidence, suggestion = found
        yield unit.finding(
            RULE,
            node,
            message,
            confidence=confidence,
            suggestion=suggestion,
            evidence=(loop_evidence(unit, loop, node),),
        )


def _made_again(flow: Flow, node: Node, loop: Loop) -> Node | None:
    """The collection that a name is given in a pass, if it would be the same in every other one and is only read."""
    unit = flow.unit
    left, made = node.child_by_field_name("left"), node.child_by_field_name("right")
    while made is not None and made.type in ("parenthesized_expression", "conditional_expression"):
        made = made.named_children[0]
    if left is None or made is None or left.type != "identifier" or loop.node.type != "for_statement":
        return None
    if _is_row(unit, made):
        return (
            made if _is_the_same(flow, made, loop) and unit.text(left) not in _read_before(flow, node, loop) else None
        )
    if made.type not in COMPREHENSIONS and not (made.type == "call" and unit.call_name(made) in _BUILDS):
        return None
    if made.type == "generator_expression" or not _is_the_same(flow, made, loop):
        return None
    name = unit.text(left)
    again = [each for each in flow.bindings.get(name, ()) if loop.contains(each.node)]
    if len(again) != 1 or changes(flow, name, loop) or handed_on(flow, name, loop):
        return None
    return made if _is_only_read(flow, name, node, loop) else None


def _is_row(unit: Unit, made: Node) -> bool:
    """``table.loc[number].size``: a row of a table that is made to look into it."""
    while made.type == "attribute":
        made = made.child_by_field_name("object") or made
        if made.type == "identifier":
            return False
    owner, index = made.child_by_field_name("value"), made.child_by_field_name("subscript")
    if made.type != "subscript" or owner is None or index is None or index.type != "identifier":
        return False
    return owner.type == "attribute" and unit.text(owner).endswith((".loc", ".iloc"))


def _read_before(flow: Flow, node: Node, loop: Loop) -> set[str]:
    """The names that the loop gives a value to elsewhere, too."""
    return {
        name
        for name, bound in flow.bindings.items()
        for each in bound
        if loop.contains(each.node) and each.node != node
    }


def _is_the_same(flow: Flow, made: Node, loop: Loop) -> bool:
    """Is it made only of what is steady in the loop, by functions that are given nothing else?"""
    unit = flow.unit
    inner = [each for each in descend(made) if each.type == "for_in_clause"]
    targets = [each.child_by_field_name("left") for each in inner]
    own = {unit.text(part) for each in targets if each is not None for part in descend(each)}
    called = {each.child_by_field_name("function") for each in descend(made) if each.type == "call"}
    sources: set[str] = set()
    for each in descend(made):
        if each.type in ("lambda", "await", "yield", "named_expression"):
            return False
        if each.type == "call" and not _is_function(unit, each.child_by_field_name("function") or each):
            return False  # a method may say something else each time
        if each.type != "identifier" or unit.text(each) in own or each in called:
            continue
        if each.parent is not None and each.parent in called:
            continue
        parent = each.parent
        if parent is not None and parent.type in ("attribute", "keyword_argument") and parent.named_children[0] != each:
            continue
        sources.add(unit.text(each))
    known = all(flow.bindings.get(each) and flow.made_outside(each, loop) for each in sources)
    follows = [each for each in descend(made) if each.type == "identifier" and unit.text(each) in sources]
    if not sources or not known or any(each in targets_of(unit, loop) for each in sources):
        return False
    if any(changes(flow, each, loop) for each in sources) or _UNLIKE & {unit.text(each) for each in called if each}:
        return False
    return not any(flow.small(each) for each in follows)


def _is_function(unit: Unit, called: Node) -> bool:
    """``words(…)``, or ``texts.words(…)`` of a module that is imported."""
    root = called.child_by_field_name("object") if called.type == "attribute" else called
    imported = root is not None and unit.text(root) in unit.facts.imports
    return called.type == "identifier" or (root is not None and root.type == "identifier" and imported)


def _is_only_read(flow: Flow, name: str, made: Node, loop: Loop) -> bool:
    """Is everything that the loop does with a name a question, so that one collection would do for all passes?"""
    uses = [each for each in descend(loop.node) if each.type == "identifier" and flow.unit.text(each) == name]
    uses = [each for each in uses if each.parent != made]
    for each in uses:
        parent = each.parent
        if parent is None:
            return False
        looked_up = parent.type == "subscript" and parent.child_by_field_name("value") == each
        walked_through = parent.type in ("for_statement", "for_in_clause")
        counted = parent.type == "argument_list" and parent.parent is not None
        measured = counted and parent.parent is not None and flow.unit.call_name(parent.parent) in _MEASURES
        asked = parent.type == "attribute" and parent.child_by_field_name("attribute") != each
        asked = asked and flow.unit.text(parent).rpartition(".")[2] in _VIEWS
        if not (
            parent.type in ("comparison_operator", "binary_operator")
            or looked_up
            or walked_through
            or measured
            or asked
        ):
            return False
    return bool(uses)


def _judge(flow: Flow, name: str, node: Node, loop: Loop) -> tuple[str, float, str] | None:
    """(message, confidence, suggestion), or None if there is nothing to say."""
    unit = flow.unit
    listed = arguments_of(node)
    if name in _MATCHES:
        owner = _whole(unit, listed[1]) if len(listed) > 1 else None
        if owner is None or flow.small(owner) or not flow.made_outside(unit.text(owner), loop, owner):
            return None
        text = unit.text(owner)
        return f"every candidate in '{text}' is compared in each iteration", 0.55, "narrow the candidates down first"
    if len(listed) != (2 if name.startswith("heapq.") else 1) or _has_key(node):
        return None
    given = listed[-1]
    if name in _LOOKS and given.type == "subscript" and _is_end(flow, given, loop):
        text = unit.text(given)
        if not counts(unit, given, loop):
            return f"{name}({text}) is the same in every iteration", 0.6, "work it out once before the loop"
        return (
            f"{name}({text}) looks at all elements up to here again in every iteration",
            0.6,
            f"keep the {name} so far in a variable, or use itertools.accumulate",
        )
    if name in _BUILDS and not _only_asked(unit, node):
        return None
    if name in _LOOKS and len(listed) == 1 and given.type == "subscript" and same_part(flow, given, loop):
        if not _nearly_always(unit, node, loop):
            return None
        return f"{name}({unit.text(given)}) is the same in every iteration", 0.6, "work it out once before this loop"
    owner = _whole(unit, given)
    if owner is None and name in ("set", "frozenset") and _is_picked(flow, given, loop) and always(node, loop):
        return f"{name}({_line(unit, given)}) is the same in every iteration", 0.55, "make it once before the loop"
    if owner is None or flow.small(owner) or not always(node, loop):
        return None
    text = unit.text(owner)
    if not _stays(flow, owner, loop) or walked(_without(flow, node), text, loop, node):
        return None
    if name not in ("set", "frozenset") and not _is_many(flow, owner, loop):
        return None
    what = f"{name}({unit.text(given)})" if len(listed) == 1 else _line(unit, node)
    return f"{what} is the same in every iteration", 0.65, "work it out once before the loop"


def _nearly_always(unit: Unit, node: Node, loop: Loop) -> bool:
    """In every pass, or in all but one of them (``if row != column: …``)?"""
    if always(node, loop):
        return True
    block = node
    while block.parent is not None and block.type != "block" and block.parent != loop.node:
        block = block.parent
    test = block.parent
    condition = test.child_by_field_name("condition") if test is not None and test.type == "if_statement" else None
    while condition is not None and condition.type == "parenthesized_expression":
        condition = condition.named_children[0]
    if test is None or condition is None or block != test.child_by_field_name("consequence") or not always(test, loop):
        return False
    signs = [each.type for each in condition.children_by_field_name("operators")]
    differs = signs in (["!="], ["is not"]) and all(each.type == "identifier" for each in condition.named_children)
    return differs and not targets_of(unit, loop).isdisjoint(unit.text(each) for each in condition.named_children)


def _stays(flow: Flow, owner: Node, loop: Loop) -> bool:
    """Is this the same collection in every pass: a name, or what an object keeps that the loop does not write to?"""
    unit, text = flow.unit, flow.unit.text(owner)
    if owner.type == "identifier":
        return bool(flow.bindings.get(text)) and steady(flow, text, loop)
    root = text.partition(".")[0]
    if not flow.bindings.get(root) or not flow.made_outside(root, loop, owner) or root in targets_of(unit, loop):
        return False
    if changes(flow, text, loop):
        return False
    written = (each.node.child_by_field_name("left") for each in flow.places if "assignment" in each.node.type)
    inside = (each for each in written if each is not None and loop.contains(each))
    return not any(f"{text}.".startswith(f"{unit.text(each)}.") or unit.text(each).startswith(text) for each in inside)


def _is_picked(flow: Flow, given: Node, loop: Loop) -> bool:
    """``table.bus[table.is_open]``: is a part of a table picked by another one, and both are the same in every pass?"""
    owner, index = given.child_by_field_name("value"), given.child_by_field_name("subscript")
    if (
        given.type != "subscript"
        or owner is None
        or index is None
        or index.type not in ("attribute", "binary_operator")
    ):
        return False
    inside = [each for each in (owner, index, *descend(owner), *descend(index)) if each.type == "attribute"]
    chains = [each for each in inside if each.parent is None or each.parent.type != "attribute"]
    return bool(chains) and all(_stays(flow, each, loop) for each in chains)


def _is_many(flow: Flow, owner: Node, loop: Loop) -> bool:
    """Is this a collection of many: one of a known kind, the index or the values of a table, or what the loop goes
    through?"""
    if flow.shape(owner) in _SEQUENCES or flow.unit.text(owner).endswith((".index", ".values")):
        return True
    right = loop.node.child_by_field_name("right")
    return right is not None and flow.unit.text(right) == flow.unit.text(owner)


def _line(unit: Unit, node: Node) -> str:
    """A node in one line, cut short if it is long."""
    text = " ".join(unit.text(node).split())
    return text if len(text) < 60 else f"{text[:57]}..."


def _only_asked(unit: Unit, node: Node) -> bool:
    """Is what is built only looked into here, so that it need not be a new one?"""
    parent = node.parent
    if parent is not None and parent.type == "attribute":
        called = parent.parent is not None and parent.parent.type == "call"
        return called and unit.text(parent).rpartition(".")[2] in _ASKING
    if parent is None or parent.type not in ("binary_operator", "comparison_operator"):
        return False
    sign = parent.child_by_field_name("operator")
    first = parent.child_by_field_name("left") == node
    return not (first and sign is not None and sign.type in ("-", "|", "^"))  # those make one that is as large


#: Methods that make another set, or tell something of one.
_ASKING = frozenset(
    {"union", "difference", "intersection", "symmetric_difference", "issubset", "issuperset", "isdisjoint"}
)


def _without(flow: Flow, node: Node) -> Flow:
    """The flow without the call in question, which is a walk itself, and without others that this rule looks at: one
    that is worked out in vain is no reason for the next one."""
    unit, others = flow.unit, (*_LOOKS, *_BUILDS)
    kept = (each for each in flow.places if each.node != node)
    places = tuple(each for each in kept if each.node.type != "call" or unit.call_name(each.node) not in others)
    return Flow(unit, flow.bindings, places)


def _whole(unit: Unit, node: Node) -> Node | None:
    """``items`` of ``items``, ``items.keys()``, ``items.values()``."""
    if node.type == "call" and not arguments_of(node):
        function = node.child_by_field_name("function")
        method = function.child_by_field_name("attribute") if function is not None else None
        if function is not None and method is not None and unit.text(method) in ("keys", "values", "items"):
            return function.child_by_field_name("object")
        return None
    return node if node.type in ("identifier", "attribute") else None


def _has_key(call: Node) -> bool:
    listed = call.child_by_field_name("arguments")
    return listed is None or any(each.type == "keyword_argument" for each in listed.named_children)


def _is_end(flow: Flow, part: Node, loop: Loop) -> bool:
    """``items[:i + 1]`` of what is the same in every pass, up to where the passes have come or always as far."""
    unit = flow.unit
    owner, index = part.child_by_field_name("value"), part.child_by_field_name("subscript")
    if owner is None or index is None or index.type != "slice" or owner.type != "identifier":
        return False
    if not is_open(unit, index) or flow.small(owner) or not steady(flow, unit.text(owner), loop):
        return False
    if counts(unit, part, loop):
        return True
    ends = [unit.text(each) for each in descend(index) if each.type in ("identifier", "call")]
    return bool(ends) and all(flow.bindings.get(each) and flow.made_outside(each, loop) for each in ends)


RULE = Rule(
    name="recomputed-in-loop",
    reviewer="performance",
    kind="recompute",
    summary="The same value is worked out of a whole collection again in every iteration",
    severity="medium",
    check=check,
    where=has_loops,
)
