"""What kind of value an expression is (how large it may be: :mod:`.sizes`).

Shapes come from literals, constructors, methods with one meaning, annotations, defaults, the assignments that reach a
use, and, where these say nothing, from what only a list can do (``sort``, ``insert``, ``extend``). What is not known
is not guessed: a shape is only given where every value that may be there agrees.

Invariant: pure; the result depends on the unit only.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Set
from typing import TYPE_CHECKING, Literal

from tree_sitter import Node

from .bindings import COMPREHENSIONS, Binding, is_own
from .calls import arguments_of, method_of
from .sizes import is_empty, is_none, is_rest_of
from .stored import MANY, parts_at
from .told import documented

if TYPE_CHECKING:
    from .flow import Flow

Shape = Literal["list", "tuple", "set", "dict", "str", "bytes", "number", "values", ""]

_DEEP = 6


def shape_of(flow: Flow, node: Node | None, depth: int = 0) -> Shape:
    """What kind of value an expression is; empty if not known."""
    if node is None or depth > _DEEP:
        return ""
    kind = node.type
    if kind == "identifier" or is_own(flow.unit, node):
        return _shape_of_name(flow, node, depth)
    if kind in _SHAPES:
        return "bytes" if kind == "string" and is_bytes(flow, node) else _SHAPES[kind]
    if kind in ("parenthesized_expression", "named_expression", "expression_list"):
        if kind == "expression_list":
            return "tuple"
        return shape_of(flow, node.named_children[-1] if node.named_children else None, depth + 1)
    if kind == "concatenated_string":
        return shape_of(flow, node.named_children[0], depth + 1)
    if kind == "conditional_expression":
        return _agreed({shape_of(flow, node.named_children[i], depth + 1) for i in (0, -1)})
    if kind == "boolean_operator":
        return _shape_of_choice(flow, node, depth)
    if kind == "binary_operator":
        return _shape_of_operation(flow, node, depth)
    if kind == "call":
        return _shape_of_call(flow, node, depth)
    if kind == "subscript":
        owner, index = node.child_by_field_name("value"), node.child_by_field_name("subscript")
        if index is not None and index.type == "slice":
            return shape_of(flow, owner, depth + 1)
        return element_of(flow, owner, depth + 1)
    return ""


def element_of(flow: Flow, node: Node | None, depth: int = 0) -> Shape:
    """What kind of value the elements of a sequence, or the values of a dictionary, are; empty if not known."""
    if node is None or depth > _DEEP:
        return ""
    kind = node.type
    if kind == "identifier" or is_own(flow.unit, node):
        return _element_of_name(flow, node, depth)
    if kind in COMPREHENSIONS:
        body = node.child_by_field_name("body")
        if body is not None and body.type == "pair":
            body = body.child_by_field_name("value")
        return shape_of(flow, body, depth + 1)
    if kind in ("list", "tuple", "set"):
        return _agreed({shape_of(flow, each, depth + 1) for each in node.named_children})
    if kind == "dictionary":
        pairs = [each.child_by_field_name("value") for each in node.named_children if each.type == "pair"]
        return _agreed({shape_of(flow, each, depth + 1) for each in pairs})
    if kind == "binary_operator":
        return element_of(flow, node.child_by_field_name("left"), depth + 1)
    if kind == "call":
        return _element_of_call(flow, node, depth)
    if kind == "subscript":
        index = node.child_by_field_name("subscript")
        if index is not None and index.type == "slice":
            return element_of(flow, node.child_by_field_name("value"), depth + 1)
    return "str" if shape_of(flow, node, depth + 1) == "str" else ""


def is_bytes(flow: Flow, node: Node) -> bool:
    """Is a string literal one of bytes?"""
    return "b" in flow.unit.text(node.children[0]).lower() if node.children else False


def _agreed(shapes: Set[Shape]) -> Shape:
    return next(iter(shapes)) if len(shapes) == 1 else ""


def _shape_of_name(flow: Flow, node: Node, depth: int) -> Shape:
    bound = flow.reaching(node)
    name = flow.unit.text(node)
    said = (
        _BY_NAME.get(flow.unit.facts.attributes.get(name.partition(".")[2], "")) if node.type == "attribute" else None
    )
    if said:
        return said
    if not bound:
        if node.type == "attribute":
            return "list" if flow.used_as_list(name) else ""
        literal = flow.unit.facts.literals.get(name, "")
        return _LITERAL_SHAPES.get(literal[:1], "") if literal else ""
    shapes: set[Shape] = set()
    defaults = False
    for each in bound:
        if each.how == "augment" or is_rest_of(flow, each.value, name):
            continue
        if each.how == "assign":
            shapes.add(shape_of(flow, each.value, depth + 1))
        elif each.how == "parameter":
            known = _annotated(flow, each.node)
            defaults = defaults or (not known and is_none(each.node))
            said_elsewhere = documented(flow.unit, each.node, name) or _handed(flow, each.node, name)
            shapes.add(known or _default(flow, each.node) or said_elsewhere)
        elif each.how == "loop":
            shapes.add(_shape_of_loop_variable(flow, each, name, depth))
        else:
            shapes.add(_shape_of_part(flow, each, name, depth))
    if len(shapes) == 2 and defaults and all(is_empty(each.value) for each in bound if each.how == "assign"):
        # ``def f(seen=None): if seen is None: seen = []``
        shapes.discard("")
    if shapes == {""} and all(each.how == "parameter" for each in bound) and flow.used_as_list(name):
        return "list"
    if shapes == {""} and any(_adds_list(flow, each) for each in flow.bindings.get(name, ())):
        return "list"
    return _agreed(shapes)


def _adds_list(flow: Flow, binding: Binding) -> bool:
    """``found += [each for each in others if …]``: of the built-in collections only a list takes a list like that."""
    node = binding.node
    if binding.how != "augment" or node.type != "augmented_assignment":
        return False
    sign, right = node.child_by_field_name("operator"), node.child_by_field_name("right")
    return sign is not None and sign.type == "+=" and right is not None and right.type == "list_comprehension"


def _default(flow: Flow, parameter: Node) -> Shape:
    """``seen=[]``, ``text=""``: the default says what is meant; for a tuple any sequence is."""
    value = parameter.child_by_field_name("value")
    found = shape_of(flow, value) if value is not None and value.type in _SHAPES else ""
    return "" if found in ("tuple", "number") else found


def _handed(flow: Flow, parameter: Node, name: str) -> Shape:
    """What callers in the module or the class hand to a parameter of the unit (:mod:`.handed`)."""
    unit, listed = flow.unit, parameter.parent
    function = listed.parent if listed is not None else None
    title = function.child_by_field_name("name") if function is not None else None
    if listed is None or function is None or title is None or flow.unit.node not in (function, function.parent):
        return ""
    key = f"{unit.text(title)}("
    told = (unit.facts.attributes.get(key) or unit.facts.returns.get(key, "")).split()
    if not told:
        return ""
    places = [each for each in listed.named_children if each.type != "comment"]
    first = 1 if places and unit.text(places[0]) in ("self", "cls") else 0
    return "list" if name in told or str(places.index(parameter) - first) in told else ""


def _shape_of_loop_variable(flow: Flow, binding: Binding, name: str, depth: int) -> Shape:
    left, right = binding.node.child_by_field_name("left"), binding.node.child_by_field_name("right")
    if left is None or right is None:
        return ""
    if left.type == "identifier":
        return element_of(flow, right, depth + 1)
    return _shape_of_target(flow, left, right, name, depth)


def _shape_of_target(flow: Flow, left: Node, right: Node, name: str, depth: int) -> Shape:
    """One of several names that a loop gives a value to: ``for place, (name, parts) in enumerate(rows)``."""
    unit, targets = flow.unit, left.named_children
    position = next((place for place, each in enumerate(targets) if unit.text(each) == name), -1)
    called = method_of(unit, right) if right.type == "call" else None
    if called is not None and called[1] == "items":
        return element_of(flow, called[0], depth + 1) if position == 1 else ""
    listed = arguments_of(right) if right.type == "call" else []
    if listed and unit.call_name(right) == "enumerate":
        if position == 1:
            return element_of(flow, listed[0], depth + 1)
        inner = targets[1] if len(targets) == 2 and targets[1].type in ("tuple_pattern", "list_pattern") else None
        return _shape_of_target(flow, inner, listed[0], name, depth) if inner is not None else ""
    if position < 0:
        return ""
    if listed and unit.call_name(right) == "zip":
        return element_of(flow, listed[position], depth + 1) if len(listed) == len(targets) else ""
    return _shape_of_parts(flow, _elements(flow, right, depth), position, len(targets), depth)


def _shape_of_part(flow: Flow, binding: Binding, name: str, depth: int) -> Shape:
    """``names, ages = zip(*rows)`` gives tuples, ``head, *rest = parts`` a list, ``rows, count = read(path)`` what the
    function gives back first."""
    unit = flow.unit
    left, right = binding.node.child_by_field_name("left"), binding.node.child_by_field_name("right")
    if binding.node.type != "assignment" or left is None or right is None or right.type not in ("call", "subscript"):
        return ""
    position = next((place for place, each in enumerate(left.named_children) if unit.text(each) == name), -1)
    if right.type == "subscript":
        owner, index = right.child_by_field_name("value"), right.child_by_field_name("subscript")
        if owner is None or index is None or index.type == "slice" or position < 0:
            return ""
        return _shape_of_parts(flow, _elements(flow, owner, depth), position, left.named_child_count, depth)
    called = unit.call_name(right)
    if called == "zip":
        return "tuple"
    function = right.child_by_field_name("function")
    if function is None or position < 0 or called in flow.bindings:
        return ""
    own = is_own(unit, function)
    if not own and function.type != "identifier":
        return ""
    named = unit.text(function).removeprefix("self.") if own else called
    said = (unit.facts.attributes if own else unit.facts.returns).get(f"{named}()[]", "").split(",")
    return _BY_NAME.get(said[position], "") if len(said) == left.named_child_count else ""


def _shape_of_parts(flow: Flow, displays: list[Node], position: int, count: int, depth: int) -> Shape:
    parts = parts_at(displays[:MANY], position, count)
    return _agreed({shape_of(flow, each, depth + 1) for each in parts}) if depth < _STORED_DEEP else ""


def _elements(flow: Flow, node: Node, depth: int) -> list[Node]:
    """The elements of a collection as far as they are written down where it is made or filled; empty if not all are."""
    if node.type in COMPREHENSIONS:
        body = node.child_by_field_name("body")
        return [body] if body is not None and body.type != "pair" else []
    if node.type in ("list", "tuple"):
        return list(node.named_children)
    if node.type == "call" and flow.unit.call_name(node) in ("sorted", "reversed", "list") and depth < _STORED_DEEP:
        listed = arguments_of(node)
        return _elements(flow, listed[0], depth + 1) if len(listed) == 1 else []
    if node.type != "identifier" or depth >= _STORED_DEEP:
        return []
    found = list(flow.stored(flow.unit.text(node)))
    for each in flow.reaching(node):
        if each.how == "augment":
            continue
        if each.how != "assign" or each.value is None:
            return []
        inside = _elements(flow, each.value, depth + 1)
        if not inside and not _is_made_empty(flow, each.value):
            return []
        found += inside
    return found


def _element_of_name(flow: Flow, node: Node, depth: int) -> Shape:
    """By what the name is given, and what is put there."""
    bound = [each for each in flow.reaching(node) if each.how != "augment"]
    empty = [each for each in bound if each.how == "assign" and _is_made_empty(flow, each.value)]
    found: set[Shape] = set()
    for each in bound:
        if each not in empty:
            found.add(_element_of_binding(flow, node, each, depth))
    if node.type == "attribute" and not found:
        said = flow.unit.facts.attributes.get(f"{flow.unit.text(node).partition('.')[2]}[]", "")
        if said in _BY_NAME:
            found.add(_BY_NAME[said])
    if depth < _STORED_DEEP:
        for each in flow.stored(flow.unit.text(node))[:MANY]:
            put = shape_of(flow, each, depth + 1)
            if put or empty:
                found.add(put)
    return _agreed(found)


def _is_made_empty(flow: Flow, value: Node | None) -> bool:
    """``{}``, ``[]``, ``dict()``, ``collections.OrderedDict()``"""
    if value is not None and value.type == "call":
        return flow.unit.call_name(value) in _EMPTY and not arguments_of(value)
    return is_empty(value)


_EMPTY = frozenset({"dict", "list", "collections.OrderedDict", "collections.deque"})
#: So deep in an expression it is still asked what is put into what it mentions.
_STORED_DEEP = 4


def _element_of_binding(flow: Flow, use: Node, binding: Binding, depth: int) -> Shape:
    if binding.how == "assign":
        return element_of(flow, binding.value, depth + 1)
    if binding.how == "parameter":
        kind = binding.node.child_by_field_name("type")
        inner = re.match(r"[\w.\"']+\[(?:.*,\s*)?(?:\w+\.)?(\w+)(?:\[.*)?\]+", flow.unit.text(kind)) if kind else None
        if inner is not None:
            return _ANNOTATIONS.get(inner[1], "")
        return "str" if _annotated(flow, binding.node) == "str" else ""
    if binding.how == "loop":
        return "str" if _shape_of_loop_variable(flow, binding, flow.unit.text(use), depth) == "str" else ""
    return ""


def _element_of_call(flow: Flow, node: Node, depth: int) -> Shape:
    unit = flow.unit
    name, arguments = unit.call_name(node), arguments_of(node)
    if name == "collections.defaultdict":
        made = unit.text(arguments[0]) if arguments else ""
        return _CONSTRUCTORS.get(made, "")
    if name == "dict.fromkeys":
        return shape_of(flow, arguments[1], depth + 1) if len(arguments) == 2 else ""
    if name in ("list", "tuple", "sorted", "set", "frozenset", "reversed") and arguments:
        return element_of(flow, arguments[0], depth + 1)
    if name == "range":
        return "number"
    called = method_of(unit, node)
    if called is None:
        return ""
    owner, verb = called
    if verb in ("values", "copy"):
        return element_of(flow, owner, depth + 1)
    if verb in ("split", "rsplit", "splitlines", "readlines") or shape_of(flow, node, depth + 1) == "str":
        return "str"
    return ""


def _annotated(flow: Flow, parameter: Node) -> Shape:
    kind = parameter.child_by_field_name("type")
    return annotation_shape(flow.unit.text(kind)) if kind is not None else ""


def annotation_shape(text: str) -> Shape:
    """``list[int]``, ``Optional[List[str]]``, ``"dict | None"`` → the kind of value."""
    text = text.strip("\"' ")
    if text.startswith(("Optional[", "typing.Optional[")):
        text = text.partition("[")[2][:-1]
    choices = [each.strip() for each in re.split(r"\|(?![^\[]*\])", text)]
    names = {each.partition("[")[0].strip("\"' ").rpartition(".")[2] for each in choices if each != "None"}
    return _agreed({_ANNOTATIONS.get(name, "") for name in names}) if names else ""


def _shape_of_choice(flow: Flow, node: Node, depth: int) -> Shape:
    """``given or []``"""
    left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
    one, other = shape_of(flow, left, depth + 1), shape_of(flow, right, depth + 1)
    is_or = any(child.type == "or" for child in node.children)
    if is_or and not one and right is not None and right.type in ("list", "dictionary"):
        return other
    return one if one == other else ""


def _shape_of_operation(flow: Flow, node: Node, depth: int) -> Shape:
    operator = node.child_by_field_name("operator")
    left = shape_of(flow, node.child_by_field_name("left"), depth + 1)
    sign = flow.unit.text(operator) if operator is not None else ""
    right = shape_of(flow, node.child_by_field_name("right"), depth + 1)
    if sign == "%" and left in ("str", "bytes"):
        return left
    if sign == "*":
        return left if left in _SEQUENCES else right if right in _SEQUENCES else ""
    if sign == "+":
        return left if left == right or not right else right if not left else ""
    if sign == "-" and "set" in (left, right):
        return "set"
    return left if sign in ("|", "&", "^") and left == right == "set" else ""


def _shape_of_call(flow: Flow, node: Node, depth: int) -> Shape:
    name = flow.unit.call_name(node)
    if name in _CONSTRUCTORS and name not in flow.bindings:
        return _CONSTRUCTORS[name]
    function = node.child_by_field_name("function")
    if function is not None and function.type == "identifier" and name not in flow.bindings:
        return _BY_NAME.get(flow.unit.facts.returns.get(f"{name}()", "")) or ""
    if function is None or function.type != "attribute":
        return ""
    if is_own(flow.unit, function):
        own = flow.unit.text(function).partition(".")[2]
        said = _BY_NAME.get(flow.unit.facts.attributes.get(f"{own}()", ""))
        if said:
            return said
    method = function.child_by_field_name("attribute")
    verb = flow.unit.text(method) if method is not None else ""
    arguments = arguments_of(node)
    owner = function.child_by_field_name("object")
    if name in ("copy.copy", "copy.deepcopy") and arguments:
        return shape_of(flow, arguments[0], depth + 1)
    if verb == "copy" or (verb in ("union", "difference", "intersection") and owner is not None):
        found = shape_of(flow, owner, depth + 1)
        return found if verb == "copy" else "set" if found == "set" else ""
    if verb == "values" and not arguments:
        return "values"
    if verb == "setdefault" and len(arguments) == 2:
        return shape_of(flow, arguments[1], depth + 1)
    if verb == "get" and len(arguments) == 2 and arguments[0].type != "string":
        # What is there instead says what is there; a key that is written down names one of a few settings.
        other = shape_of(flow, arguments[1], depth + 1)
        return other if other in ("list", "set", "dict") else ""
    return _METHODS.get(verb, "")


_SHAPES: Mapping[str, Shape] = {
    "list": "list",
    "list_comprehension": "list",
    "tuple": "tuple",
    "set": "set",
    "set_comprehension": "set",
    "dictionary": "dict",
    "dictionary_comprehension": "dict",
    "string": "str",
    "integer": "number",
    "float": "number",
}
_BY_NAME: Mapping[str, Shape] = {shape: shape for shape in (*_SHAPES.values(), "bytes")}
_SEQUENCES: tuple[Shape, ...] = ("list", "tuple", "str", "bytes")
_LITERAL_SHAPES: Mapping[str, Shape] = {"[": "list", "(": "tuple", "{": "dict", '"': "str", "'": "str"}
_CONSTRUCTORS: Mapping[str, Shape] = {
    "list": "list",
    "sorted": "list",
    "tuple": "tuple",
    "set": "set",
    "frozenset": "set",
    "dict": "dict",
    "collections.defaultdict": "dict",
    "collections.Counter": "dict",
    "collections.OrderedDict": "dict",
    "dict.fromkeys": "dict",
    "str": "str",
    "repr": "str",
    "bytes": "bytes",
    "len": "number",
    "int": "number",
    "float": "number",
    "os.listdir": "list",
    "glob.glob": "list",
    "random.sample": "list",
    "re.findall": "list",
}
_METHODS: Mapping[str, Shape] = {
    "split": "list",
    "rsplit": "list",
    "splitlines": "list",
    "readlines": "list",
    "tolist": "list",
    "to_list": "list",
    "findall": "list",
    "fetchall": "list",
    "most_common": "list",
    "join": "str",
    "format": "str",
    "strip": "str",
    "lower": "str",
    "upper": "str",
    "decode": "str",
    "encode": "bytes",
}
_ANNOTATIONS: Mapping[str, Shape] = {
    "list": "list",
    "List": "list",
    "MutableSequence": "list",
    "tuple": "tuple",
    "Tuple": "tuple",
    "set": "set",
    "Set": "set",
    "frozenset": "set",
    "FrozenSet": "set",
    "AbstractSet": "set",
    "MutableSet": "set",
    "dict": "dict",
    "Dict": "dict",
    "Mapping": "dict",
    "MutableMapping": "dict",
    "defaultdict": "dict",
    "str": "str",
    "bytes": "bytes",
    "int": "number",
    "float": "number",
}
