"""What kind of value an expression is, and whether it is small whatever the input.

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
from .few import says_few
from .told import documented

if TYPE_CHECKING:
    from .flow import Flow

Shape = Literal["list", "tuple", "set", "dict", "str", "bytes", "number", "values", ""]

#: Literals up to this many elements are small, whatever is in them.
SMALL = 32

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
        bound = [each for each in flow.reaching(node) if each.how != "augment"]
        return _agreed({_element_of_binding(flow, node, each, depth) for each in bound})
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


def small(flow: Flow, node: Node | None, depth: int = 0) -> bool:
    """Is a collection known to have few elements, whatever the input?"""
    if node is None or depth > _DEEP:
        return False
    kind = node.type
    if kind == "identifier":
        return _small_name(flow, node, depth)
    if is_own(flow.unit, node) and flow.reaching(node):
        return _small_name(flow, node, depth)
    if kind in ("list", "tuple", "set", "dictionary", "string", "concatenated_string"):
        return node.named_child_count <= SMALL and not any(
            each.type in ("list_splat", "dictionary_splat") for each in node.named_children
        )
    if kind in COMPREHENSIONS:
        clauses = [each for each in node.named_children if each.type == "for_in_clause"]
        return bool(clauses) and all(small(flow, each.child_by_field_name("right"), depth + 1) for each in clauses)
    if kind == "call":
        return _small_call(flow, node, depth)
    if kind == "parenthesized_expression":
        return small(flow, node.named_children[-1] if node.named_children else None, depth + 1)
    if kind == "binary_operator":
        sides = (node.child_by_field_name("left"), node.child_by_field_name("right"))
        return all(small(flow, each, depth + 1) for each in sides)
    if kind == "subscript":
        return _small_part(flow, node, depth)
    if kind == "attribute":
        text = flow.unit.text(node)
        return flow.unit.dotted(node) == "sys.argv" or is_constant(text) or says_few(text)
    return False


_CONSTANT = re.compile(r"(?:^|\.)_*[A-Z](?:[A-Z0-9]{2,}|[A-Z0-9]*(?:_[A-Z0-9]+)+)$")
_OF_CLASS = re.compile(r"^(?:\w+\.)*_?[A-Z]\w*[a-z]\w*\.\w+$")


def is_constant(dotted: str) -> bool:
    """Is this written as a constant (``KINDS``), or as an attribute of a class (``Config.kinds``)? Such tables are
    written by hand: they do not grow with the input."""
    return _CONSTANT.search(dotted) is not None or _OF_CLASS.match(dotted) is not None


def is_bytes(flow: Flow, node: Node) -> bool:
    """Is a string literal one of bytes?"""
    return "b" in flow.unit.text(node.children[0]).lower() if node.children else False


def _agreed(shapes: Set[Shape]) -> Shape:
    return next(iter(shapes)) if len(shapes) == 1 else ""


def _small_name(flow: Flow, node: Node, depth: int) -> bool:
    name = flow.unit.text(node)
    bound = flow.reaching(node)
    if not bound:
        # A table that the module writes down does not grow with the input, however long it is.
        return name in flow.unit.facts.literals or is_constant(name) or says_few(name)
    if says_few(name):
        return True
    if all(each.node.type in ("list_splat_pattern", "dictionary_splat_pattern") for each in bound):
        return True  # ``*given``: as many as a call is written with
    if flow.grows(name):
        return False
    if all(each.how == "parameter" for each in bound):
        return _small_default(flow, bound[0].node.child_by_field_name("value"), depth)
    if any(each.how != "assign" for each in bound):
        return False
    if any(_is_empty(each.value) for each in bound) and (node.type == "attribute" or _handed_out(flow, name)):
        return False  # ``queue = []``, ``merge(a, b, queue)``: filled there; of an object, by another method
    whole = [each for each in bound if not _is_rest_of(flow, each.value, name)]
    if not whole:  # ``items = items[1:]``: as few as there were before
        whole = [each for each in flow.bindings.get(name, ()) if not _is_rest_of(flow, each.value, name)]
    return bool(whole) and all(each.how == "assign" and small(flow, each.value, depth + 1) for each in whole)


def _handed_out(flow: Flow, name: str) -> bool:
    """Is the collection given to a function or method of the project's own, which may put something into it?"""
    return any(
        place.node.type == "call"
        and flow.unit.call_name(place.node) not in _READING
        and any(each.type == "identifier" and flow.unit.text(each) == name for each in arguments_of(place.node))
        for place in flow.places
    )


def _small_default(flow: Flow, default: Node | None, depth: int) -> bool:
    """``def find(rows, kinds=KINDS)``: the default says what is meant. An empty one says nothing."""
    if default is None or (default.named_child_count == 0 and default.type != "identifier"):
        return False
    return small(flow, default, depth + 1)


def _is_rest_of(flow: Flow, value: Node | None, name: str) -> bool:
    """``items[1:]``, given to ``items``: the same kind of thing, and no longer."""
    if value is None or value.type != "subscript":
        return False
    owner, index = value.child_by_field_name("value"), value.child_by_field_name("subscript")
    return owner is not None and index is not None and index.type == "slice" and flow.unit.text(owner) == name


def _small_part(flow: Flow, node: Node, depth: int) -> bool:
    index, owner = node.child_by_field_name("subscript"), node.child_by_field_name("value")
    if owner is not None and flow.unit.dotted(owner) == "sys.argv":
        return True
    if index is None or index.type != "slice":
        return False
    # ``x[:3]``: the slice ends in a literal
    if len(index.children) <= 3 and index.children[-1].type == "integer":
        return True
    return small(flow, owner, depth + 1)


def _small_call(flow: Flow, node: Node, depth: int) -> bool:
    name = flow.unit.call_name(node)
    arguments = arguments_of(node)
    if name == "range" and len(arguments) == 1 and arguments[0].type == "call":
        measured = arguments_of(arguments[0])
        return flow.unit.call_name(arguments[0]) == "len" and len(measured) == 1 and small(flow, measured[0], depth + 1)
    if name == "range":
        return bool(arguments) and all(each.type == "integer" and len(flow.unit.text(each)) < 3 for each in arguments)
    if name in (
        "list",
        "tuple",
        "set",
        "frozenset",
        "sorted",
        "reversed",
        "enumerate",
        "zip",
        "filter",
        "dict.fromkeys",
    ):
        return bool(arguments) and small(flow, arguments[0], depth + 1)
    if name == "map":
        return len(arguments) > 1 and small(flow, arguments[1], depth + 1)
    called = method_of(flow.unit, node)
    if called is None:
        return False
    owner, verb = called
    if verb == "most_common" and arguments:
        return arguments[0].type == "integer" and len(flow.unit.text(arguments[0])) < 3
    if verb in _FEW_PARTS:
        # The words of a line, the parts of a path: few, and reading them cost as much as looking at them. Not the
        # lines of a text, nor the words of a whole file.
        whole = owner.type == "call" and (flow.unit.call_name(owner).rpartition(".")[2] in ("read", "read_text"))
        return not whole and not any("\\n" in flow.unit.text(each) for each in arguments)
    return verb in ("keys", "values", "items", "copy") and small(flow, owner, depth + 1)


#: Functions that only look at what they are given.
_READING = frozenset(
    {
        *("len", "print", "isinstance", "repr", "str", "bool", "iter", "id", "type", "hash", "any", "all", "sum"),
        *("min", "max", "sorted", "reversed", "enumerate", "zip", "map", "filter", "list", "tuple", "set"),
        *("frozenset", "dict", "range", "next"),
    }
)
_SAME_SIZE = frozenset({"list", "tuple", "set", "frozenset", "sorted", "reversed", "enumerate", "zip", "dict.fromkeys"})
_FEW_PARTS = frozenset({"split", "rsplit", "partition", "rpartition", "groups"})


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
        if each.how == "augment" or _is_rest_of(flow, each.value, name):
            continue
        if each.how == "assign":
            shapes.add(shape_of(flow, each.value, depth + 1))
        elif each.how == "parameter":
            known = _annotated(flow, each.node)
            defaults = defaults or (not known and _is_none(each.node))
            said_elsewhere = documented(flow.unit, each.node, name) or _handed(flow, each.node, name)
            shapes.add(known or _default(flow, each.node) or said_elsewhere)
        elif each.how == "loop":
            shapes.add(_shape_of_loop_variable(flow, each, name, depth))
        else:
            shapes.add(_shape_of_part(flow, each, depth))
    if len(shapes) == 2 and defaults and all(_is_empty(each.value) for each in bound if each.how == "assign"):
        # ``def f(seen=None): if seen is None: seen = []``
        shapes.discard("")
    if shapes == {""} and all(each.how == "parameter" for each in bound) and flow.used_as_list(name):
        return "list"
    return _agreed(shapes)


def _is_empty(value: Node | None) -> bool:
    return value is not None and value.type in ("list", "dictionary", "tuple") and not value.named_child_count


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


def _is_none(parameter: Node) -> bool:
    value = parameter.child_by_field_name("value")
    return value is not None and value.type == "none" and parameter.child_by_field_name("type") is None


def _shape_of_loop_variable(flow: Flow, binding: Binding, name: str, depth: int) -> Shape:
    left, right = binding.node.child_by_field_name("left"), binding.node.child_by_field_name("right")
    if left is None or right is None:
        return ""
    if left.type == "identifier":
        return element_of(flow, right, depth + 1)
    called = method_of(flow.unit, right) if right.type == "call" else None
    last = left.named_children[-1] if left.named_children else None
    is_last = last is not None and last.type == "identifier" and flow.unit.text(last) == name
    if called is not None and called[1] == "items" and is_last:
        return element_of(flow, called[0], depth + 1)
    return ""


def _shape_of_part(flow: Flow, binding: Binding, depth: int) -> Shape:
    """``names, ages = zip(*rows)`` gives tuples, ``head, *rest = parts`` a list."""
    if binding.node.type != "assignment":
        return ""
    right = binding.node.child_by_field_name("right")
    if right is None or right.type != "call" or flow.unit.call_name(right) != "zip":
        return ""
    return "tuple"


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
