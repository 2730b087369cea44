"""Growing text or bytes piece by piece where Python has to copy it every time.

What it does: reports, inside a loop, ``self.text += piece`` (an attribute), ``data += piece`` and
``data = data + piece`` on bytes, ``text = text + piece + more`` (the first addition makes a new string) and
``text = piece + text`` (in front). ``text += piece`` and ``text = text + piece`` on a local string are left alone:
CPython grows it in place (measured exponent 0.94, against 1.75 for attributes and bytes), and so are digests that are
put together until there are as many bytes as somebody asked for (a key that is derived): no data makes that long. Nor
does it what is read by asking for all that is missing, or up to the end of a line (a few pieces, as long as the other
side sends them), what is given up when there is more than a constant, bytes whose length is written in one or two
bytes, the digits of a number that are put in front, and what is put together once, when an object is made. What an
object packs of each of its own parts is a hint: it takes ten thousand of them to be felt.

Why is this bad: each step copies everything that is there already, so the loop takes time proportional to the square
of the result's length.

Example::

    data = b""
    while chunk := stream.read(4096):
        data += chunk

Use instead::

    parts = []
    while chunk := stream.read(4096):
        parts.append(chunk)
    data = b"".join(parts)

References: https://docs.python.org/3/faq/programming.html#what-is-the-most-efficient-way-to-concatenate-many-strings-together
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from tree_sitter import Node

from ..findings import Finding
from ..flow import Flow, Loop, arguments_of, flow_of, is_own, method_of
from ..rules import Rule
from ..sizes import is_constant
from ..syntax import Unit, descend
from .loops import has_loops, loop_evidence

_ADDITIONS = ("binary_operator", "parenthesized_expression")


def check(unit: Unit) -> Iterator[Finding]:
    flow = flow_of(unit)
    for node, loops in flow.in_loops("augmented_assignment", "assignment"):
        found = (
            _augmented(flow, node, loops[-1])
            if node.type == "augmented_assignment"
            else _prepended(flow, node, loops[-1]) or _added(flow, node, loops)
        )
        if found is None:
            continue
        message, confidence = found
        told = unit.finding(
            RULE,
            node,
            message,
            confidence=confidence,
            suggestion="collect the pieces in a list and join them once",
            evidence=(loop_evidence(unit, loops[-1], node),),
        )
        yield replace(told, severity="low") if _packs_own(unit, node, loops[-1]) else told


def _packs_own(unit: Unit, node: Node, loop: Loop) -> bool:
    """``for each in self: data += each.pack()``: a few bytes for each part of one object. It takes ten thousand parts
    to be felt, and nothing says that it has as many."""
    source, right = loop.node.child_by_field_name("right"), node.child_by_field_name("right")
    if source is None or right is None or not (unit.text(source) == "self" or is_own(unit, source)):
        return False
    functions = (each.child_by_field_name("function") for each in (right, *descend(right)) if each.type == "call")
    return any(each is not None and unit.text(each).rpartition(".")[2] == "pack" for each in functions)


def _augmented(flow: Flow, node: Node, loop: Loop) -> tuple[str, float] | None:
    left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
    operator = node.child_by_field_name("operator")
    if left is None or right is None or operator is None or operator.type != "+=":
        return None
    name = flow.unit.text(left)
    if left.type == "attribute":
        kinds = (flow.shape(left), flow.shape(right))
        if not any(kind in ("str", "bytes") for kind in kinds) or _reset(flow, name, loop):
            return None
        if not flow.made_outside(name.partition(".")[0], loop, left):
            return None  # another object's attribute in each iteration
        if "bytes" not in kinds and flow.unit.name.rpartition(".")[2] == "__init__":
            return None  # a name or a command that is put together once
        body = loop.node.child_by_field_name("body")
        always = body is not None and any(node in statement.children for statement in body.children)
        message = f"'{name}' is copied in every iteration, because an attribute cannot grow in place"
        return message, 0.55 if always else 0.4
    if left.type == "identifier" and flow.shape(left) == "bytes" and flow.made_outside(name, loop):
        if _is_digest(flow, right) and _counts(flow, name, loop):
            return None
        if _reads_up_to(flow, name, right, loop) or _is_counted(flow, name) or _is_limited(flow.unit, name, loop):
            return None
        return f"the bytes '{name}' are copied in every iteration", 0.8
    return None


def _is_digest(flow: Flow, node: Node) -> bool:
    """Is a piece the digest of a hash, whatever it is the digest of?"""
    values = [each.value for each in flow.reaching(node)] if node.type == "identifier" else [node]
    called = [method_of(flow.unit, each) if each is not None and each.type == "call" else None for each in values]
    return bool(called) and all(each is not None and each[1] == "digest" for each in called)


def _counts(flow: Flow, name: str, loop: Loop) -> bool:
    """Does a loop end at a length or a number that is asked for, rather than with some data?"""
    if loop.node.type == "while_statement":
        condition = loop.node.child_by_field_name("condition")
        return condition is not None and f"len({name})" in flow.unit.text(condition)
    right = loop.node.child_by_field_name("right")
    if right is None or right.type != "call" or flow.unit.call_name(right) != "range":
        return False
    return not any(each.type == "call" and flow.unit.call_name(each) == "len" for each in descend(right))


def _reads_up_to(flow: Flow, name: str, piece: Node, loop: Loop) -> bool:
    """``while len(data) < size: data += stream.read(size - len(data))``, ``stream.read(left)`` and
    ``left -= len(piece)``, ``while b"\\n" not in data``: is all that is missing asked for at once?"""
    unit = flow.unit
    reads = [each for each in descend(loop.node) if each.type == "call" and _reads(unit, each)]
    if loop.node.type != "while_statement" or not reads:
        return False
    if any(_looks_for_end(unit, each, name) for each in descend(loop.node) if each.type == "comparison_operator"):
        return True
    asked = [unit.text(each) for read in reads for each in arguments_of(read)]
    if any(f"- len({name})" in each for each in asked):
        return True
    counted = [
        unit.text(each.named_children[0])
        for each in descend(loop.node)
        if each.type == "augmented_assignment"
        and unit.text(each).partition("-=")[2].strip() == f"len({unit.text(piece)})"
    ]
    return any(each in asked for each in counted)


def _looks_for_end(unit: Unit, test: Node, name: str) -> bool:
    """``b"\\n" not in data``, as what a ``while`` goes on for"""
    condition = test
    while condition.parent is not None and condition.parent.type in ("boolean_operator", "parenthesized_expression"):
        condition = condition.parent
    signs = [each.type for each in test.children_by_field_name("operators")]
    sides = test.named_children
    if signs != ["not in"] or unit.text(sides[-1]) != name or sides[0].type != "string":
        return False
    return condition.parent is not None and condition.parent.type == "while_statement"


#: Methods and functions that give a part of what somebody else has.
_READING = frozenset({"read", "read1", "recv"})


def _reads(unit: Unit, call: Node) -> bool:
    function = call.child_by_field_name("function")
    return function is not None and unit.text(function).rpartition(".")[2] in _READING


def _is_limited(unit: Unit, name: str, loop: Loop) -> bool:
    """``if len(data) > 12: raise …``: does the loop end when there is more than a given amount?"""
    for each in descend(loop.node):
        condition = each.child_by_field_name("condition") if each.type == "if_statement" else None
        block = each.child_by_field_name("consequence")
        if condition is None or condition.type != "comparison_operator" or block is None or not block.named_children:
            continue
        tested, limit = condition.named_children[0], condition.named_children[-1]
        signs = [sign.type for sign in condition.children_by_field_name("operators")]
        if unit.text(tested) != f"len({name})" or signs not in ([">"], [">="], ["=="]):
            continue
        ends = block.named_children[-1].type in ("raise_statement", "return_statement", "break_statement")
        if ends and (limit.type == "integer" or is_constant(unit.text(limit))):
            return True
    return False


#: Codes of ``struct`` for numbers of one or two bytes: what they count has at most 65,535.
_SHORT = frozenset("bBhH")


def _is_counted(flow: Flow, name: str) -> bool:
    """``struct.pack("!H", len(payload)) + payload``, ``bytes([len(payload)])``: the length fits in two bytes."""
    unit, length = flow.unit, f"len({name})"
    for place in flow.places:
        if place.node.type != "call" or length not in unit.text(place.node):
            continue
        listed = arguments_of(place.node)
        called = unit.call_name(place.node).rpartition(".")[2]
        if called == "bytes" and len(listed) == 1 and listed[0].type == "list":
            if any(unit.text(each) == length for each in listed[0].named_children):
                return True
        elif called == "pack" and listed and listed[0].type == "string":
            codes = unit.text(listed[0]).strip("\"'").lstrip("@=<>!")
            if len(codes) != len(listed) - 1:
                continue  # with numbers of repetition: not worth the trouble
            if any(code in _SHORT and unit.text(each) == length for code, each in zip(codes, listed[1:], strict=True)):
                return True
    return False


def _reset(flow: Flow, name: str, loop: Loop) -> bool:
    """Is the attribute given a new value within the loop? Then it does not grow over the iterations."""
    for place in flow.places:
        if place.node.type == "assignment" and loop.contains(place.node):
            left = place.node.child_by_field_name("left")
            if left is not None and flow.unit.text(left) == name:
                return True
    return False


def _prepended(flow: Flow, node: Node, loop: Loop) -> tuple[str, float] | None:
    left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
    if left is None or right is None or left.type != "identifier" or right.type != "binary_operator":
        return None
    operator = right.child_by_field_name("operator")
    name = flow.unit.text(left)
    last = right.child_by_field_name("right")
    first = right.child_by_field_name("left")
    if operator is None or operator.type != "+" or last is None or flow.unit.text(last) != name:
        return None
    outside = [
        each.value for each in flow.bindings.get(name, ()) if each.how == "assign" and not loop.contains(each.node)
    ]
    if not outside or any(flow.shape(each) not in ("str", "bytes") for each in outside):
        return None
    others = [each for each in flow.bindings.get(name, ()) if loop.contains(each.node) and each.node != node]
    if others or first is None or (first.type == "string" and loop.node.type == "while_statement"):
        return None  # ``while name in names: name = "_" + name``
    if any(_takes_a_digit(flow.unit, each) for each in descend(loop.node)):
        return None  # as many passes as a number has digits
    return f"'{name}' is copied in every iteration, because text in front cannot grow in place", 0.75


def _takes_a_digit(unit: Unit, node: Node) -> bool:
    """``number //= 10``, ``index = index // 26 - 1``, ``bits = bits >> 1``, ``number, digit = divmod(number, base)``"""
    if node.type not in ("assignment", "augmented_assignment"):
        return False
    left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
    operator = node.child_by_field_name("operator")
    if left is None or right is None:
        return False
    if operator is not None and operator.type in ("//=", ">>="):
        return True
    names = [unit.text(each) for each in (left, *descend(left)) if each.type == "identifier"]
    if right.type == "call":
        return unit.call_name(right) == "divmod" and unit.text(arguments_of(right)[0]) in names
    for each in (right, *descend(right)):
        sign, number = each.child_by_field_name("operator"), each.child_by_field_name("left")
        if each.type == "binary_operator" and sign is not None and sign.type in ("//", ">>") and number is not None:
            return unit.text(number) in names
    return False


def _added(flow: Flow, node: Node, loops: tuple[Loop, ...]) -> tuple[str, float] | None:
    """``data = data + piece`` on bytes, ``text = text + piece + more``: additions that begin with the whole so far.
    What is begun anew in each pass of an outer loop is as long as one row."""
    unit, loop = flow.unit, loops[-1]
    left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
    if left is None or right is None or left.type != "identifier" or right.type not in _ADDITIONS:
        return None
    name = unit.text(left)
    first, additions = _first(right)
    if not additions or first.type != "identifier" or unit.text(first) != name:
        return None
    inside = [each for each in flow.bindings.get(name, ()) if loop.contains(each.node)]
    before = [each for each in flow.reaching(first) if not loop.contains(each.node)]
    if not before or any(each.how != "assign" or each.value is None for each in before):
        return None
    if any(each.value is None or unit.text(_first(each.value)[0]) != name for each in inside):
        return None
    kinds = {_kind(flow, each.value) or _kind_of_terms(flow, right) for each in before}
    if kinds not in ({"str"}, {"bytes"}) or (kinds == {"str"} and additions < 2):
        return None
    if len(loops) > 1 and any(loops[-2].contains(each.node) for each in before):
        return None
    if kinds == {"bytes"} and _is_counted(flow, name):
        return None
    return f"'{name}' is copied in every iteration to add to it", 0.75 if kinds == {"bytes"} else 0.6


def _kind(flow: Flow, node: Node | None) -> str:
    if node is not None and node.type == "call" and flow.unit.call_name(node) == "struct.pack":
        return "bytes"
    return flow.shape(node)


def _kind_of_terms(flow: Flow, node: Node) -> str:
    """The kind of what is added: only text can be added to text, only bytes to bytes."""
    while node.type == "parenthesized_expression" and node.named_children:
        node = node.named_children[0]
    last, before = node.child_by_field_name("right"), node.child_by_field_name("left")
    if node.type != "binary_operator" or last is None or before is None:
        return ""
    return _kind(flow, last) or _kind_of_terms(flow, before)


def _first(node: Node) -> tuple[Node, int]:
    """(where a row of additions begins, how many they are)"""
    additions = 0
    while node.type in _ADDITIONS:
        operator = node.child_by_field_name("operator")
        inner = node.child_by_field_name("left") if operator is not None else next(iter(node.named_children), None)
        if inner is None or (operator is not None and operator.type != "+"):
            break
        additions += operator is not None
        node = inner
    return node, additions


RULE = Rule(
    name="text-built-in-loop",
    reviewer="performance",
    kind="str_concat",
    summary="Text or bytes are copied in every iteration of a loop",
    severity="medium",
    check=check,
    where=has_loops,
)
