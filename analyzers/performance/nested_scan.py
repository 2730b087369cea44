"""Looking for the matching element by walking a whole collection for each element of another one.

What it does: reports, for each pass of a loop, a walk over a collection that was made before the loop in order to find
what equals something of that pass: ``for b in others: if b.key == a.key``, and the same as a comprehension, in
``next(…)`` or in ``any(…)``; also ``for key, value in table.items(): if key == wanted``. The inner loop must do nothing
else but name parts of the element. The collection may be one that the passes themselves add to when nothing fits. A
search that begins at the first position again in each pass (``for j in range(n): if free[j] == 1: break``) is reported
as well. Short collections are left alone, and so are comparisons other than ``==`` and ``is`` and everything of one
kind (``[each for each in items if each.kind == kind]``), of which there may be few.

Why is this bad: the two loops together take time proportional to the product of both lengths; a dictionary from key
to element, made once, takes the sum.

Example::

    for order in orders:
        for customer in customers:
            if customer.number == order.customer_number:
                order.customer = customer

Use instead::

    by_number = {customer.number: customer for customer in customers}
    for order in orders:
        order.customer = by_number.get(order.customer_number)

References: https://wiki.python.org/moin/TimeComplexity
"""

from __future__ import annotations

from collections.abc import Iterator

from tree_sitter import Node

from ..bindings import COMPREHENSIONS
from ..findings import Finding
from ..flow import Flow, Loop, arguments_of, flow_of, method_of
from ..rules import Rule
from ..syntax import Unit, descend
from .loops import always, changes, covers, dominated, has_loops, in_handler, loop_evidence, targets_of
from .loops import walked as walks_all


def check(unit: Unit) -> Iterator[Finding]:
    if "==" not in unit.index and "is" not in unit.index:
        return
    flow = flow_of(unit)
    seen: set[int] = set()
    for comparison, loops in flow.in_loops("comparison_operator"):
        operators = comparison.children_by_field_name("operators")
        if len(loops) < 2 or len(operators) != 1 or operators[0].type not in ("==", "is"):
            continue
        outer, inner = loops[-2], loops[-1]
        if _from_the_start(flow, comparison, inner, outer):
            if inner.node.id not in seen and not in_handler(inner.node, outer):
                seen.add(inner.node.id)
                yield unit.finding(
                    RULE,
                    inner.node.child_by_field_name("right") or comparison,
                    "the first position that fits is searched from the start again in each iteration",
                    confidence=0.5,
                    suggestion="go on where the last search ended, or keep what fits in a heap or a deque",
                    evidence=(loop_evidence(unit, outer, inner.node),),
                )
            continue
        walked = _only_looks(unit, comparison, inner)
        if (
            walked is None
            or _groups(unit, comparison, inner)
            or not _matches(flow, comparison, inner, outer)
            or not _lasts(flow, walked, outer)
        ):
            continue
        if inner.node.id in seen or in_handler(inner.node, outer) or dominated(flow, outer, inner.node):
            continue
        seen.add(inner.node.id)
        yield unit.finding(
            RULE,
            comparison,
            f"all of '{unit.text(walked)[:60]}' is walked in each iteration to find what matches",
            confidence=0.55 if always(inner.node, outer) else 0.45,
            suggestion="make a dictionary from the key to the element before the outer loop, and look it up",
            evidence=(loop_evidence(unit, outer, inner.node),),
        )


def _from_the_start(flow: Flow, comparison: Node, inner: Loop, outer: Loop) -> bool:
    """``for j in range(n): if left[j] == 1: break``, where ``n`` and ``left`` were there before the outer loop."""
    unit = flow.unit
    above, body = comparison.parent, inner.node.child_by_field_name("body")
    source, left = inner.node.child_by_field_name("right"), inner.node.child_by_field_name("left")
    if inner.node.type != "for_statement" or above is None or body is None or source is None or left is None:
        return False
    statements = [each for each in body.named_children if each.type != "comment"]
    if statements != [above] or above.type != "if_statement" or above.child_by_field_name("alternative") is not None:
        return False
    taken = above.child_by_field_name("consequence")
    if taken is None or [each.type for each in taken.named_children if each.type != "comment"] != ["break_statement"]:
        return False
    ends = arguments_of(source) if source.type == "call" and unit.call_name(source) == "range" else []
    names = [each for end in ends for each in descend(end) if each.type == "identifier" and unit.text(each) != "len"]
    if len(ends) != 1 or not names or any(not flow.made_outside(unit.text(each), outer) for each in names):
        return False
    if any(unit.text(each) in targets_of(unit, outer) for each in names) or flow.small(source):
        return False
    return any(_is_looked_up(flow, side, unit.text(left), outer, inner) for side in comparison.named_children)


def _is_looked_up(flow: Flow, side: Node, position: str, outer: Loop, inner: Loop) -> bool:
    """``left[j]`` of what the outer loop changes, but neither makes anew nor walks anyway."""
    owner, index = side.child_by_field_name("value"), side.child_by_field_name("subscript")
    if side.type != "subscript" or owner is None or index is None or owner.type != "identifier":
        return False
    name = flow.unit.text(owner)
    kept = name in flow.bindings and flow.made_outside(name, outer, owner)
    anyway = walks_all(flow, name, outer, inner.node)
    return kept and flow.unit.text(index) == position and bool(changes(flow, name, outer)) and not anyway


def _only_looks(unit: Unit, comparison: Node, inner: Loop) -> Node | None:
    """What the inner loop walks, if it does nothing but compare and take what matches."""
    condition = comparison
    while condition.parent is not None and condition.parent.type in ("boolean_operator", "parenthesized_expression"):
        if not any(each.type == "and" for each in condition.parent.children) and condition.parent.type[0] == "b":
            return None
        condition = condition.parent
    above = condition.parent
    if above is None:
        return None
    if inner.node.type == "for_statement":
        body = inner.node.child_by_field_name("body")
        statements = [each for each in body.named_children if each.type != "comment"] if body is not None else []
        while len(statements) > 1 and _names_a_part(statements[0]):
            statements.pop(0)
        if statements != [above] or above.type != "if_statement" or above.child_by_field_name("alternative"):
            return None
        return inner.node.child_by_field_name("right")
    clauses = [each for each in inner.node.named_children if each.type == "for_in_clause"]
    filters = above.type == "if_clause" and above.parent == inner.node
    asks = inner.node.child_by_field_name("body") == condition and inner.node.type == "generator_expression"
    if len(clauses) != 1 or not (filters or asks):
        return None
    return clauses[0].child_by_field_name("right")


def _names_a_part(statement: Node) -> bool:
    """``key = names[each.number]``: a name is given to something, and nothing is called for it."""
    made = statement.named_children[0] if statement.type == "expression_statement" else None
    left = made.child_by_field_name("left") if made is not None and made.type == "assignment" else None
    right = made.child_by_field_name("right") if made is not None else None
    if left is None or right is None or left.type != "identifier" or right.type not in ("attribute", "subscript"):
        return False
    return not any(each.type in ("call", "await", "yield", *COMPREHENSIONS) for each in descend(right))


def _matches(flow: Flow, comparison: Node, inner: Loop, outer: Loop) -> bool:
    """Is a part of the inner element compared with something that only the outer iteration decides?"""
    own, given = targets_of(flow.unit, inner), targets_of(flow.unit, outer)
    own |= {name for name, bound in flow.bindings.items() if any(inner.contains(each.node) for each in bound)}
    sides = [
        {flow.unit.text(each) for each in descend(side) if each.type == "identifier"}
        for side in comparison.named_children
    ]
    if any(side.type not in ("identifier", "attribute", "subscript") for side in comparison.named_children):
        return False
    for one, other in (sides, sides[::-1]):
        varies = any(
            name in given or any(outer.contains(each.node) for each in flow.bindings.get(name, ())) for name in other
        )
        if one & own and not other & own and varies:
            return True
    return False


def _groups(unit: Unit, comparison: Node, inner: Loop) -> bool:
    """``[each for each in items if each.kind == kind]``: everything of a kind, and there may be few kinds. A key of the
    outer element (``== order.number``) is another one for each."""
    if inner.node.type in ("for_statement", "generator_expression"):
        return False
    own = targets_of(unit, inner)
    return any(side.type == "identifier" and unit.text(side) not in own for side in comparison.named_children)


def _lasts(flow: Flow, walked: Node, outer: Loop) -> bool:
    """Is it the same collection in all outer iterations, and not short?"""
    unit = flow.unit
    owner = walked
    if walked.type == "call":
        called = method_of(unit, walked)
        if called is None or (called[1] not in ("items", "values", "keys") and not _picks_a_kind(flow, walked, outer)):
            return False
        owner = called[0]
    if owner.type not in ("identifier", "attribute") or flow.small(owner):
        return False
    root = next(each for each in descend(owner) if each.type == "identifier")
    name = unit.text(root)
    known = name in flow.bindings
    if not known or name in targets_of(unit, outer) or not flow.made_outside(name, outer, owner):
        return False
    if name in ("self", "cls"):
        text = unit.text(owner)
        return flow.made_outside(text, outer, owner) and not changes(flow, text, outer)
    changed = changes(flow, name, outer) if owner.type == "identifier" else []
    head = outer.node.child_by_field_name("right")
    return all(each == walked or covers(head, each) or _adds_after(unit, each, walked) for each in changed)


def _adds_after(unit: Unit, change: Node, walked: Node) -> bool:
    """``groups.append([each])`` once none of the groups was found to fit: what was walked grows with the passes."""
    called = method_of(unit, change) if change.type == "call" else None
    inner = walked.parent
    body = inner.child_by_field_name("body") if inner is not None and inner.type == "for_statement" else None
    if body is None or change.start_byte < body.end_byte:
        return False
    ends = any(each.type == "break_statement" for each in descend(body))
    return ends and called is not None and called[1] == "append"


def _picks_a_kind(flow: Flow, walked: Node, outer: Loop) -> bool:
    """``block.wires(Input)``: a method that is given nothing but a class, the same in each pass."""
    unit, listed = flow.unit, arguments_of(walked)
    names = [unit.text(each) for each in listed if each.type == "identifier"]
    return len(listed) == 1 and len(names) == 1 and names[0][:1].isupper() and flow.made_outside(names[0], outer)


RULE = Rule(
    name="nested-scan",
    reviewer="performance",
    kind="nested_loop",
    summary="A whole collection is walked for each element of another to find what matches",
    severity="medium",
    check=check,
    where=has_loops,
)
