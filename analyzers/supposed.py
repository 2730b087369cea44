"""What only the other files of a program can tell: whether a call, an attribute or a parameter is a list.

A rule that finds something of which one thing alone is not known, what kind of value another file's method gives, puts
the finding aside with the questions that are left (:func:`suppose`). Rules over the whole program ask them
(:mod:`.performance.distant`). Nothing is put aside while somebody types: only of texts that are looked through as a
whole, of which the last one is remembered.

Invariant: questions are pure: they depend on the unit alone. What would not tell, even answered, is not asked.
"""

from __future__ import annotations

import builtins
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, NamedTuple

from tree_sitter import Node

from . import shapes
from .bindings import Binding, is_own
from .calls import method_of
from .few import says_few

if TYPE_CHECKING:
    from .findings import Finding
    from .flow import Flow
    from .pieces import Block
    from .syntax import Unit

_DEEP = 4


class Question(NamedTuple):
    """Does a function (``name`` is its dotted name), a method or an attribute (of the class ``of``, of its bases if
    that begins with ``^``, of any if it is empty) give a list? Is a parameter (``of``: its position and name) of the
    function ``name`` handed one?"""

    what: Literal["function", "method", "attribute", "parameter"]
    name: str
    of: str = ""


class Supposed(NamedTuple):
    """A finding for the case that all answers are yes."""

    finding: Finding
    questions: tuple[Question, ...]


@dataclass(slots=True)
class LookedThrough:
    """What a text says, piece by piece, and what is supposed of it."""

    data: bytes
    path: str = ""
    blocks: Sequence[Block] = ()
    found: list[Supposed] = field(default_factory=list[Supposed])
    complete: bool = False


_last: list[LookedThrough] = []


def _of(data: bytes) -> LookedThrough:
    if not _last or _last[0].data is not data:
        _last[:] = [LookedThrough(data)]
    return _last[0]


def suppose(unit: Unit, finding: Finding, questions: Iterable[Question]) -> None:
    """Put a finding aside until the questions are answered."""
    _of(unit.data).found.append(Supposed(finding, tuple(sorted(questions))))


def looked_through(path: str, data: bytes, blocks: Sequence[Block]) -> None:
    """The rules have looked at all units of a text."""
    last = _of(data)
    last.path, last.blocks, last.complete = path, blocks, True


def last_look(path: str, data: bytes) -> LookedThrough | None:
    """What is known of a file, if it is the one that was looked through last."""
    last = _last[0] if _last else None
    return last if last is not None and last.complete and (last.path, last.data) == (path, data) else None


#: Names of methods that Python's own values have: of an object that nobody knows, they say nothing.
COMMON = frozenset(name for kind in (list, dict, set, str, bytes, bytearray, memoryview, int) for name in dir(kind)) | {
    *("read", "readline", "readlines", "write", "group", "groups", "search", "match", "findall", "most_common", "next"),
    *("run", "call", "execute", "fetchall", "fetchone", "query", "all", "filter", "first", "exists", "order_by"),
}


#: What a name without a module stands for if the file does not say it.
BUILT_IN = frozenset(dir(builtins))


def questions(flow: Flow, node: Node | None, depth: int = 0) -> frozenset[Question] | None:
    """What must be asked to know that a value is a list (or nothing, or a tuple): empty if that is known already, None
    if no answer would tell."""
    if node is None or depth > _DEEP:
        return None
    kind = node.type
    shape = shapes.shape_of(flow, node)
    if shape in ("list", "tuple") or kind == "none":
        return frozenset()
    if shape:
        return None
    if kind == "identifier":
        return _all(_of_binding(flow, each, depth) for each in flow.reaching(node) if each.how != "augment")
    if kind == "call":
        return _of_call(flow, node)
    if kind == "attribute":
        return _of_attribute(flow, node, depth)
    if kind == "parenthesized_expression":
        return questions(flow, node.named_children[-1] if node.named_children else None, depth + 1)
    if kind in ("conditional_expression", "boolean_operator"):
        ends = node.named_children[:1] + node.named_children[-1:]
        return _all(questions(flow, each, depth + 1) for each in ends)
    if kind == "subscript":
        index = node.child_by_field_name("subscript")
        if index is not None and index.type == "slice":
            return questions(flow, node.child_by_field_name("value"), depth + 1)
    return None


def _all(parts: Iterable[frozenset[Question] | None]) -> frozenset[Question] | None:
    found: set[Question] = set()
    for each in parts:
        if each is None:
            return None
        found |= each
    return frozenset(found) or None


def _of_binding(flow: Flow, binding: Binding, depth: int) -> frozenset[Question] | None:
    if binding.how == "assign":
        return questions(flow, binding.value, depth + 1)
    return _of_parameter(flow, binding.node) if binding.how == "parameter" else None


def _of_parameter(flow: Flow, parameter: Node) -> frozenset[Question] | None:
    """Of a function of the module: what other files hand to it."""
    unit, listed = flow.unit, parameter.parent
    if listed is None or listed.parent != unit.node or "." in unit.name or parameter.type not in _PLAIN:
        return None
    if parameter.child_by_field_name("type") is not None:
        return None
    name = parameter.child_by_field_name("name") or parameter
    places = [each for each in listed.named_children if each.type != "comment"]
    return frozenset({Question("parameter", unit.name, f"{places.index(parameter)} {unit.text(name)}")})


_PLAIN = frozenset({"identifier", "default_parameter"})


def _of_call(flow: Flow, call: Node) -> frozenset[Question] | None:
    unit = flow.unit
    function = call.child_by_field_name("function")
    name = unit.call_name(call)
    if function is None:
        return None
    if function.type == "identifier":
        return None if name in flow.bindings or name in BUILT_IN else frozenset({Question("function", name)})
    called = method_of(unit, call)
    if called is None:
        return None
    owner, verb = called
    root = unit.text(owner).partition(".")[0]
    if name and root in unit.facts.imports and root not in flow.bindings:
        return frozenset({Question("function", name)})
    return _of_member(flow, "method", owner, verb)


def _of_attribute(flow: Flow, node: Node, depth: int) -> frozenset[Question] | None:
    bound = [each for each in flow.reaching(node) if each.how != "augment"] if is_own(flow.unit, node) else []
    if bound:
        return _all(_of_binding(flow, each, depth) for each in bound)
    owner, name = node.child_by_field_name("object"), node.child_by_field_name("attribute")
    return (
        _of_member(flow, "attribute", owner, flow.unit.text(name)) if owner is not None and name is not None else None
    )


def _of_member(flow: Flow, what: Literal["method", "attribute"], owner: Node, name: str) -> frozenset[Question] | None:
    of = _class_of(flow, owner)
    if name.startswith("__") or (not of and name in COMMON) or says_few(name):
        return None
    return frozenset({Question(what, name, of)})


def _class_of(flow: Flow, owner: Node) -> str:
    """The class of an object, by its name (and module, if it is imported), where the function says it; empty if it
    does not."""
    unit = flow.unit
    text = unit.text(owner)
    own = unit.name.rpartition(".")[0].rpartition(".")[2]
    if text in ("self", "cls") and own:
        return own
    if own and owner.type == "call" and unit.call_name(owner) == "super":
        return f"^{own}"
    if owner.type == "call":
        return _class_named(unit, unit.call_name(owner))
    if owner.type != "identifier":
        return ""
    found: set[str] = set()
    for each in flow.reaching(owner):
        if each.how == "assign" and each.value is not None and each.value.type == "call":
            found.add(_class_named(unit, unit.call_name(each.value)))
        elif each.how == "parameter":
            said = each.node.child_by_field_name("type")
            found.add(_class_named(unit, unit.facts.resolve(unit.text(said).strip("\"'"))) if said is not None else "")
        else:
            found.add("")
    return found.pop() if len(found) == 1 else ""


def _class_named(unit: Unit, dotted: str) -> str:
    """``graphs.Graph``, if that is imported, or ``Graph``: what is written as classes are."""
    last = dotted.rpartition(".")[2]
    if not last.isidentifier() or not last.lstrip("_")[:1].isupper() or last.isupper():
        return ""
    origins = unit.facts.imports.values()
    return dotted if any(f"{dotted}.".startswith(f"{each}.") for each in origins) else last
