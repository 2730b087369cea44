"""Looking for something in a list, again and again.

What it does: reports ``x in items`` inside a loop where ``items`` is known to be a list (or is made into one right
there, or is a dictionary's ``values()``, or a set that is built of the same things for each test) whose size follows
the input; what has the very thing appended to it that was looked for, or is asked for positions that pick from another
sequence, is taken for a list; so is what a dictionary keeps for each key, if that is appended to, and the array of a
table (``name in table.index.values``). Sets, dictionaries, strings, short literals, lists that were made in the same
iteration and other names of unknown type are left alone; so is a search beside which the same pass does as much anyway
(walks the list, reads a file, works on an array), one for distinct letters, and one that only elements of one kind come
to (``if each.kind == kind: …``).

Why is this bad: each test walks the list, so the loop takes time proportional to the square of the input
(measured: exponent 2.0 where a set gives 0.9).

Example::

    unique = []
    for item in items:
        if item not in unique:
            unique.append(item)

Use instead::

    unique = list(dict.fromkeys(items))

References: https://wiki.python.org/moin/TimeComplexity
"""

from __future__ import annotations

from collections.abc import Iterator

from tree_sitter import Node

from ..bindings import COMPREHENSIONS, LOOPS
from ..findings import Finding
from ..flow import Flow, Loop, arguments_of, flow_of, is_own, method_of
from ..rules import Rule
from ..supposed import suppose
from ..syntax import Unit, descend
from .loops import changes, dominated, has_loops, in_handler, loop_evidence, steady, targets_of, walked
from .positions import is_letter, is_numbered


def check(unit: Unit) -> Iterator[Finding]:
    if "comparison_operator" not in unit.index:
        return
    flow = flow_of(unit)
    told: set[tuple[str, int]] = set()
    for node, loops in flow.in_loops("comparison_operator"):
        operators = node.children_by_field_name("operators")
        if len(operators) != 1 or operators[0].type not in ("in", "not in") or len(node.named_children) != 2:
            continue
        needle, where = node.named_children
        asked_in = len(loops)
        if _asks_until(node, loops[-1]):
            loops = loops[:-1]  # those of a loop around it ask again
        if not loops or _asks_until(node, loops[-1]) or (len(loops) < asked_in and loops[-1].node.type[0] != "f"):
            continue
        loop = loops[-1]
        found = _judge(flow, needle, where, loops)
        asked = flow.asked()
        if asked and needle.type in _FIXED:
            continue  # ``"json" in options.features``: what is asked for by name is one of a few
        if found is None or _rarely(flow, node, loop) or in_handler(node, loop) or dominated(flow, loop, node):
            continue
        once = (unit.text(where), node.start_point[0])
        if once in told:
            continue  # ``x in items or y in items``: one cure for both
        told.add(once)
        message, confidence, suggestion, steps = found
        if _guarded(node):
            confidence -= 0.15
        if len(loops) > 1 and any(loops[-2].contains(each) for each in steps):
            confidence -= 0.15  # made anew for the inner loop: what it holds is a part of the data
        evidence = (loop_evidence(unit, loop, node, steps),)
        told_of = unit.finding(RULE, node, message, confidence=confidence, suggestion=suggestion, evidence=evidence)
        if asked:
            suppose(unit, told_of, asked)
        else:
            yield told_of


def _judge(
    flow: Flow, needle: Node, where: Node, loops: tuple[Loop, ...]
) -> tuple[str, float, str, tuple[Node, ...]] | None:
    """(message, confidence, suggestion, nodes that show it), or None if there is nothing to say."""
    unit = flow.unit
    if where.type == "identifier" or is_own(unit, where):
        name = unit.text(where)
        shape = flow.shape(where)
        if shape == "":
            # A set has no ``append``, and no positions.
            collects = _collects(flow, name, unit.text(needle), loops[-1])
            known = collects or is_numbered(flow, name) or _is_array(flow, where)
            shape = "list" if known else flow.listed(where)
        if shape not in ("list", "tuple") or (shape == "tuple" and not flow.made_at(name)) or flow.small(where):
            return None
        if not flow.made_outside(name, loops[-1], where) or walked(flow, name, loops[-1], where):
            return None
        if is_letter(flow, needle):
            return None
        made = flow.made_at(name)
        if _collects(flow, name, unit.text(needle), loops[-1]):
            message = f"'{name}' is a list that is searched for every element that is added to it"
            return message, 0.85, "keep what was seen in a set beside it, or use dict.fromkeys", made
        if not made:
            message = f"the list '{name}' is searched again in every iteration"
            return message, 0.5, f"search set({name}), made once before the loop", made
        return (
            f"the list '{name}' is searched again in every iteration",
            0.65,
            f"make '{name}' a set, or a dictionary if order matters",
            made,
        )
    if where.type == "subscript":
        return _of_each_key(flow, needle, where, loops[-1]) or _by_key(flow, needle, where, loops[-1])
    if where.type == "attribute":
        return _of_array(flow, where, loops[-1]) or _kept_by_another(flow, needle, where, loops[-1])
    if where.type != "call" or where.child_by_field_name("arguments") is None:
        return None
    if unit.call_name(where) in ("list", "sorted", "tuple"):
        listed = arguments_of(where)
        if len(listed) != 1 or flow.small(listed[0]):
            return None
        inner = unit.text(listed[0])
        return (
            f"a list of {inner} is built and searched in every iteration",
            0.7,
            f"search {inner} itself, or a set",
            (),
        )
    if unit.call_name(where) in ("set", "frozenset"):
        return _rebuilt_set(flow, where, loops[-1])
    called = method_of(unit, where)
    function = where.child_by_field_name("function")
    is_local = function is not None and (function.type == "identifier" or is_own(unit, function))
    asked = (called is not None and (is_local or _is_steady(flow, called[0], loops[-1]))) or is_local
    constant = asked and all(_lasts(flow, each, loops[-1]) or each.type in _FIXED for each in arguments_of(where))
    if constant and (flow.listed(where) if is_local or flow.shape(where) == "" else "") == "list":
        text = unit.text(where)
        return (
            f"the list that {text} returns is asked for and searched in every iteration",
            0.65,
            f"keep {text} in a set, made once before the loop",
            (),
        )
    if called is not None and called[1] == "get" and flow.shape(where) == "list":
        key = arguments_of(where)[0]
        same = key.type == "identifier" and flow.made_outside(unit.text(key), loops[-1], key)
        if not same or unit.text(key) in targets_of(unit, loops[-1]) or not _lasts(flow, called[0], loops[-1]):
            return None
        text = unit.text(where)
        return f"the list {text} is searched in every iteration", 0.6, f"search set({text}), made once before", ()
    if called is not None and called[1] == "values" and not arguments_of(where):
        owner = called[0]
        if flow.shape(owner) != "dict" or flow.small(owner):
            return None
        text = unit.text(owner)
        return f"the values of '{text}' are searched in every iteration", 0.65, "keep the values in a set", ()
    return None


#: Arguments that are the same in every pass.
_FIXED = frozenset({"string", "integer", "true", "false", "none"})


def _of_each_key(flow: Flow, needle: Node, where: Node, loop: Loop) -> tuple[str, float, str, tuple[Node, ...]] | None:
    """``if name not in found[key]: found[key].append(name)``: each list is searched for every element of it."""
    owner = where.child_by_field_name("value")
    while owner is not None and owner.type == "subscript":
        owner = owner.child_by_field_name("value")
    text = flow.unit.text(where)
    if owner is None or not (owner.type == "identifier" or is_own(flow.unit, owner)) or flow.small(owner):
        return None
    if not _collects(flow, text, flow.unit.text(needle), loop) or is_letter(flow, needle):
        return None
    name = flow.unit.text(owner)
    if not flow.made_outside(name, loop, where):
        return None
    message = f"'{text}' is a list that is searched for every element that is added to it"
    return message, 0.5, "keep a set for each key, or a dictionary if order matters", flow.made_at(name)


def _by_key(flow: Flow, needle: Node, where: Node, loop: Loop) -> tuple[str, float, str, tuple[Node, ...]] | None:
    """``name in members[group]``, where the function keeps lists in ``members`` and adds to them."""
    unit = flow.unit
    owner, index = where.child_by_field_name("value"), where.child_by_field_name("subscript")
    if owner is None or index is None or index.type in ("slice", "integer", "unary_operator") or flow.small(owner):
        return None
    name, text = unit.text(owner), unit.text(where)
    if not (owner.type == "identifier" or is_own(unit, owner)):
        return None
    made_here = all(each.how == "assign" for each in flow.reaching(owner))
    if flow.shape(where) == "" and index.type == "string" and made_here and _grows_in(flow, text, loop):
        return f"the list '{text}' is searched in every iteration", 0.5, "keep a set beside it", flow.made_at(name)
    if flow.shape(where) != "list" or index.type == "string":
        return None
    if not flow.made_outside(name, loop, where) or is_letter(flow, needle) or needle.type in _FIXED:
        return None
    if not flow.follows(owner) or walked(flow, text, loop, where):
        return None
    return f"the list '{text}' is searched in every iteration", 0.5, "keep a set for each key", flow.made_at(name)


def _of_array(flow: Flow, where: Node, loop: Loop) -> tuple[str, float, str, tuple[Node, ...]] | None:
    """``name in table.index.values``: the elements of a table as one array, which is searched like a list."""
    unit, owner = flow.unit, where.child_by_field_name("object")
    name = where.child_by_field_name("attribute")
    if owner is None or name is None or unit.text(name) != "values" or owner.type == "identifier":
        return None
    if unit.text(owner).endswith((".columns", ".dtypes")) or flow.small(owner):
        return None
    inside = [each for each in (owner, *descend(owner)) if each.type == "identifier" and not _is_attribute(each)]
    if not inside or not all(_is_one(flow, each, loop) for each in inside):
        return None
    text = unit.text(where)
    return f"the array {text} is searched in every iteration", 0.5, f"search set({text}), made once before the loop", ()


def _is_array(flow: Flow, where: Node) -> bool:
    """Is a name given the elements of a table, or an array, only?"""
    bound = flow.reaching(where)
    return bool(bound) and all(each.how == "assign" and _makes_array(flow.unit, each.value) for each in bound)


def _makes_array(unit: Unit, value: Node | None) -> bool:
    """``table.size.values``, ``table.size.values[picked]``, ``table.size.to_numpy()``, ``numpy.unique(numbers)``"""
    if value is not None and value.type == "subscript":
        value = value.child_by_field_name("value")
    if value is None or value.type not in ("attribute", "call"):
        return False
    if value.type == "attribute":
        return unit.text(value).endswith(".values") and not unit.text(value).endswith(
            (".columns.values", ".dtypes.values")
        )
    called = method_of(unit, value)
    return unit.call_name(value) in _ARRAYS or (called is not None and called[1] == "to_numpy")


_ARRAYS = frozenset(
    f"numpy.{name}" for name in ("arange", "unique", "concatenate", "hstack", "setdiff1d", "flatnonzero")
)


def _is_one(flow: Flow, name: Node, loop: Loop) -> bool:
    """Is a name bound before the loop, or by the module?"""
    text = flow.unit.text(name)
    return text not in targets_of(flow.unit, loop) and flow.made_outside(text, loop, name)


def _kept_by_another(
    flow: Flow, needle: Node, where: Node, loop: Loop
) -> tuple[str, float, str, tuple[Node, ...]] | None:
    """``name in other.names``, where the class of the other object says that it keeps a list, or the name is appended
    to it."""
    owner = where.child_by_field_name("object")
    if owner is None or flow.small(where) or not _is_steady(flow, owner, loop) or is_letter(flow, needle):
        return None
    text = flow.unit.text(where)
    if _collects(flow, text, flow.unit.text(needle), loop):
        message = f"'{text}' is a list that is searched for every element that is added to it"
        return message, 0.5, "keep what was seen in a set beside it, or use dict.fromkeys", ()
    if flow.listed(where) != "list":
        return None
    return f"the list '{text}' is searched again in every iteration", 0.5, f"search set({text}), made once before", ()


def _is_steady(flow: Flow, owner: Node, loop: Loop) -> bool:
    """Is this one object in every pass: a name, or an attribute of one, that the loop does not give a value to?"""
    root = owner
    while root.type == "attribute":
        below = root.child_by_field_name("object")
        if below is None:
            return False
        root = below
    if root.type != "identifier":
        return False
    name = flow.unit.text(root)
    known = bool(flow.bindings.get(name)) or name == "self" or name in flow.unit.facts.imports
    return known and flow.made_outside(name, loop, owner) and name not in targets_of(flow.unit, loop)


def _rebuilt_set(flow: Flow, made: Node, loop: Loop) -> tuple[str, float, str, tuple[Node, ...]] | None:
    """``name in set(names)``: making the set walks all of them, each time."""
    listed = arguments_of(made)
    if len(listed) != 1 or flow.small(listed[0]) or not _lasts(flow, listed[0], loop):
        return None
    text = flow.unit.text(made)
    return f"'{text}' is built again for every test", 0.7, f"make {text} once before the loop", ()


def _lasts(flow: Flow, given: Node, loop: Loop) -> bool:
    """Is this the same in every pass: a name that was bound before the loop, what an object keeps, or what a method
    of one says of an object that the loop asks nothing else?"""
    if given.type == "identifier":
        name = flow.unit.text(given)
        return bool(flow.bindings.get(name)) and steady(flow, name, loop)
    if given.type == "call" and not arguments_of(given):
        called = method_of(flow.unit, given)
        if called is None or called[0].type != "identifier":
            return False
        name = flow.unit.text(called[0])
        asked = flow.unit.text(given)
        others = [each for each in changes(flow, name, loop) if flow.unit.text(each) != asked]
        return bool(flow.bindings.get(name)) and flow.made_outside(name, loop, called[0]) and not others
    return is_own(flow.unit, given) and flow.made_outside(flow.unit.text(given), loop, given)


def _guarded(node: Node) -> bool:
    """``other and x in items``: the list is only searched where the other condition holds."""
    parent = node.parent
    return (
        parent is not None
        and parent.type == "boolean_operator"
        and parent.child_by_field_name("right") == node
        and any(child.type == "and" for child in parent.children)
    )


def _asks_until(node: Node, loop: Loop) -> bool:
    """``while name in names: name += "_"``: asks only until it finds one that is free."""
    condition = loop.node.child_by_field_name("condition") if loop.node.type == "while_statement" else None
    return condition is not None and condition.start_byte <= node.start_byte and node.end_byte <= condition.end_byte


def _rarely(flow: Flow, node: Node, loop: Loop) -> bool:
    """``kind == "x" and item in items``, or the same as an ``if`` around it: only where something else is just so."""
    if _guarded(node) and node.parent is not None and _equals(node.parent.child_by_field_name("left")):
        return True
    return any(_is_kind(flow, each, loop) for each in _guards(node, loop))


def _equals(guard: Node | None) -> bool:
    if guard is None or guard.type != "comparison_operator":
        return False
    return all(each.type == "==" for each in guard.children_by_field_name("operators"))


def _guards(node: Node, loop: Loop) -> Iterator[Node]:
    """What has to hold for a pass to come here, apart from what it skips (around an inner loop: whole groups)."""
    current = node
    while current.parent is not None and current != loop.node and current.type not in (*LOOPS, *COMPREHENSIONS):
        parent = current.parent
        if parent.type == "boolean_operator" and current == parent.child_by_field_name("right"):
            if any(each.type == "and" for each in parent.children):
                yield from _parts(parent.child_by_field_name("left"))
        elif parent.type in ("if_statement", "elif_clause") and current == parent.child_by_field_name("consequence"):
            yield from _parts(parent.child_by_field_name("condition"))
        current = parent


def _parts(condition: Node | None) -> Iterator[Node]:
    """The conditions that ``and`` joins."""
    if condition is None:
        return
    if condition.type == "parenthesized_expression" or (
        condition.type == "boolean_operator" and any(each.type == "and" for each in condition.children)
    ):
        for each in condition.named_children:
            yield from _parts(each)
        return
    yield condition


def _is_kind(flow: Flow, guard: Node, loop: Loop) -> bool:
    """``each.kind == kind``: is something of the pass one value that is the same in all of them? Lengths and what is
    computed are not: many have the same."""
    if not _equals(guard) or len(guard.named_children) != 2:
        return False
    if any(each.type == "binary_operator" or _measures(flow, each) for each in descend(guard)):
        return False
    return {_varies(flow, each, loop) for each in guard.named_children} == {True, False}


def _measures(flow: Flow, node: Node) -> bool:
    return node.type == "call" and flow.unit.call_name(node) == "len"


def _varies(flow: Flow, side: Node, loop: Loop) -> bool:
    """Does a value mention what the loop gives a value to?"""
    found = [each for each in (side, *descend(side)) if each.type == "identifier"]
    names = {flow.unit.text(each) for each in found if not _is_attribute(each)}
    return any(loop.contains(each.node) for name in names for each in flow.bindings.get(name, ()))


def _is_attribute(name: Node) -> bool:
    """``kind`` of ``each.kind``"""
    return name.parent is not None and name.parent.child_by_field_name("attribute") == name


def _grows_in(flow: Flow, name: str, loop: Loop) -> bool:
    """Is something appended in the loop?"""
    calls = (place.node for place in flow.places if place.node.type == "call" and loop.contains(place.node))
    called = (method_of(flow.unit, each) for each in calls)
    return any(each is not None and each[1] == "append" and flow.unit.text(each[0]) == name for each in called)


def _collects(flow: Flow, name: str, needle: str, loop: Loop) -> bool:
    """Is the very thing that is looked for appended to the list in the same loop?"""
    for node in (place.node for place in flow.places if place.node.type == "call" and loop.contains(place.node)):
        called = method_of(flow.unit, node)
        if called is not None and called[1] == "append" and flow.unit.text(called[0]) == name:
            listed = arguments_of(node)
            if len(listed) == 1 and flow.unit.text(listed[0]) == needle:
                return True
    return False


RULE = Rule(
    name="membership-in-list",
    reviewer="performance",
    kind="membership",
    summary="A list is searched in every iteration of a loop",
    severity="medium",
    check=check,
    where=has_loops,
)
