"""Taking the first element off a sequence by slicing the rest out of it, again and again.

What it does: reports ``items = items[1:]`` inside a ``while`` loop that goes on for as long as ``items`` holds
something, where ``items`` is not known to be short, and ``part, items = items[:size], items[size:]``; of text and bytes
also ``data = data[size:]`` with an amount that is the same in every pass, and in a ``for`` loop whose every pass reads
``data[:size]``. Slices by an amount that the iteration worked out (``data = data[sent:]``) are left alone: then there
are few iterations; so are batches that are walked (``for item in items[:size]``), loops that only trim the front
(``while lines and not lines[0]``), what is kept of the end (``items[-size:]``), views and arrays, of which a slice
copies nothing, and the records of a fixed number of bytes that a message holds (``unpack("!L", data[:4])``): to decode
one costs more than to copy what is left of some ten thousand bytes.

Why is this bad: each slice copies everything that is left, so the loop takes time proportional to the square of the
length (measured exponent 1.9).

Example::

    while items:
        use(items[0])
        items = items[1:]

Use instead::

    for item in items:
        use(item)

References: https://docs.python.org/3/library/itertools.html#itertools.islice
"""

from __future__ import annotations

from collections.abc import Iterator

from tree_sitter import Node

from ..findings import Finding
from ..flow import Flow, Loop, arguments_of, flow_of
from ..rules import Rule
from ..sizes import is_constant
from ..syntax import Unit, descend
from .loops import always, dominated, has_loops, in_handler, is_open, loop_evidence, trims

_KINDS = {"list": "list", "tuple": "tuple", "str": "text", "bytes": "bytes"}


def check(unit: Unit) -> Iterator[Finding]:
    if "slice" not in unit.index:
        return
    flow = flow_of(unit)
    for node, loops in flow.in_loops("assignment"):
        loop = loops[-1]
        owner = _rest(unit, node)
        if owner is None or not _is_fixed(flow, node, owner, loop):
            continue
        if not (_consumes if loop.node.type == "while_statement" else _reads_front)(flow, owner, loop):
            continue
        if loop.node.type != "while_statement" and not always(node, loop):
            continue
        if flow.small(owner) or in_handler(node, loop) or dominated(flow, loop, node) or _replaced(flow, node, loop):
            continue
        name, shape = unit.text(owner), flow.shape(owner)
        if trims(unit, name, loop) or shape not in ("", *_KINDS) or _is_view(flow, owner):
            continue
        if shape in ("", "bytes") and _decodes(unit, node, name, loop):
            continue
        yield unit.finding(
            RULE,
            node,
            f"what is left of {'the ' + _KINDS[shape] + ' ' if shape else ''}'{name}' is copied in every iteration",
            confidence=0.65 if shape in ("list", "tuple") else 0.5,
            suggestion="walk it with for, keep a position, or use collections.deque and popleft()",
            evidence=(loop_evidence(unit, loop, node, flow.made_at(name)[:1]),),
        )


def _rest(unit: Unit, node: Node) -> Node | None:
    """``items`` of ``items = items[1:]``."""
    left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
    if left is None or right is None:
        return None
    if left.type == "pattern_list" and right.type == "expression_list":  # ``part, rest = rest[:size], rest[size:]``
        if len(left.named_children) != 2 or len(right.named_children) != 2:
            return None
        left, right = left.named_children[1], right.named_children[1]
    if left.type != "identifier" or right.type != "subscript":
        return None
    owner, part = right.child_by_field_name("value"), right.child_by_field_name("subscript")
    if owner is None or part is None or part.type != "slice" or unit.text(owner) != unit.text(left):
        return None
    text = unit.text(part).replace(" ", "")
    fits = text.endswith(":") and text.count(":") == 1 and text[:-1] not in ("", "0") and not text.startswith("-")
    return owner if fits else None


def _decodes(unit: Unit, node: Node, name: str, loop: Loop) -> bool:
    """Is what is cut off a record of a fixed number of bytes that the pass unpacks: ``unpack("!L", data[:4])``,
    ``Kind.unpack(data[:2])``, ``int.from_bytes(data[:4])``?"""
    right = node.child_by_field_name("right")
    part = right.child_by_field_name("subscript") if right is not None else None
    start = next(iter(part.named_children), None) if part is not None else None
    if start is None or not (start.type == "integer" or is_constant(unit.text(start))):
        return False
    for each in descend(loop.node):
        function = each.child_by_field_name("function") if each.type == "call" else None
        if function is None or unit.text(function).rpartition(".")[2] not in _DECODING:
            continue
        inside = (inner for given in arguments_of(each) for inner in (given, *descend(given)))
        if any(inner.type == "subscript" and _of(unit, inner) == name for inner in inside):
            return True
    return False


#: What makes a value of some bytes.
_DECODING = frozenset({"unpack", "from_bytes"})


def _is_view(flow: Flow, owner: Node) -> bool:
    """Is it a ``memoryview`` or an array, whose slices share its memory?"""
    unit = flow.unit
    for each in flow.bindings.get(unit.text(owner), ()):
        kind = each.node.child_by_field_name("type") if each.how in ("assign", "parameter") else None
        called = unit.call_name(each.value) if each.value is not None and each.value.type == "call" else ""
        if called == "memoryview" or called.startswith("numpy."):
            return True
        if kind is not None and unit.text(kind).partition("[")[0].rpartition(".")[2] in (
            "memoryview",
            "ndarray",
            "NDArray",
        ):
            return True
    return False


def _is_fixed(flow: Flow, node: Node, owner: Node, loop: Loop) -> bool:
    """Is the same amount cut off in every pass: a small number; of text and bytes any, if it is fixed?"""
    unit = flow.unit
    right = node.child_by_field_name("right")
    if right is not None and right.type == "expression_list":
        return flow.shape(owner) in ("", "list", "str", "bytes")  # in parts, one copy of the rest for each
    part = right.child_by_field_name("subscript") if right is not None else None
    start = next(iter(part.named_children), None) if part is not None else None
    if start is None:
        return False
    if start.type == "integer" and len(unit.text(start)) == 1:
        return True
    if flow.shape(owner) not in ("", "str", "bytes") or _is_batch(flow, owner, loop):
        return False
    inside = [start, *descend(start)]
    if any(each.type in ("call", "subscript") for each in inside):
        return False
    return all(flow.made_outside(unit.text(each), loop) for each in inside if each.type in ("identifier", "attribute"))


def _is_batch(flow: Flow, owner: Node, loop: Loop) -> bool:
    """Are the parts that are cut off walked, as those of a list are?"""
    unit = flow.unit
    for each in descend(loop.node):
        if each.type in ("for_statement", "for_in_clause") and each != loop.node:
            right = each.child_by_field_name("right")
            if right is not None and _of(unit, right) == unit.text(owner):
                return True
    return False


def _of(unit: Unit, node: Node) -> str:
    value = node.child_by_field_name("value") if node.type == "subscript" else node
    return unit.text(value) if value is not None else ""


def _reads_front(flow: Flow, owner: Node, loop: Loop) -> bool:
    """Does every pass of a ``for`` loop read a record from the front: ``data[:size]``, ``data[0:size]``?"""
    unit, name = flow.unit, flow.unit.text(owner)
    if loop.node.type != "for_statement":
        return False
    for each in descend(loop.node):
        index = each.child_by_field_name("subscript") if each.type == "subscript" else None
        if index is None or index.type != "slice" or _of(unit, each) != name or not always(each, loop):
            continue
        if is_open(unit, index) and unit.text(index).replace(" ", "").startswith((":", "0:")):
            return True
    return False


def _consumes(flow: Flow, owner: Node, loop: Loop) -> bool:
    """Is the loop about this very sequence: does its condition ask for it?"""
    condition = loop.node.child_by_field_name("condition")
    if condition is None:
        return False
    name = flow.unit.text(owner)
    asked = any(each.type == "identifier" and flow.unit.text(each) == name for each in descend(condition))
    return asked or (condition.type == "true" and flow.shape(owner) in ("list", "tuple"))


def _replaced(flow: Flow, node: Node, loop: Loop) -> bool:
    """Is it given another value in the loop, so that it is not one sequence that is consumed?"""
    left = node.child_by_field_name("left")
    if left is not None and left.type == "pattern_list":
        left = left.named_children[-1]
    bound = flow.bindings.get(flow.unit.text(left), ()) if left is not None else ()
    return any(loop.contains(each.node) and _rest(flow.unit, each.node) is None for each in bound)


RULE = Rule(
    name="slice-consumed-in-loop",
    reviewer="performance",
    kind="slice_consume",
    summary="The rest of a sequence is copied in every iteration to take its first element",
    severity="medium",
    check=check,
    where=has_loops,
)
