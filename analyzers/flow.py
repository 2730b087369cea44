"""What a function does with its local names and in its loops, found in one pass over its tree and shared by rules.

Flow-insensitive: a name stands for everything that is assigned to it in the function. What is not known is not
guessed: a shape is only given where every assignment agrees.

Invariant: pure; the result depends on the unit only.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal, NamedTuple

from tree_sitter import Node

from .syntax import Unit

Shape = Literal["list", "tuple", "set", "dict", "str", "bytes", "number", "values", ""]

#: Literals up to this many elements are small, whatever is in them.
SMALL = 32

_COMPREHENSIONS = frozenset(
    {"list_comprehension", "set_comprehension", "dictionary_comprehension", "generator_expression"}
)
_SCOPES = frozenset({"function_definition", "lambda", "class_definition"})
_PLACES = frozenset({"call", "comparison_operator", "augmented_assignment", "assignment", "delete_statement"})


_How = Literal["assign", "augment", "loop", "parameter", "other"]


class Binding(NamedTuple):
    """A value given to a local name. ``value`` is None where it is not an expression of the function."""

    how: _How
    node: Node
    value: Node | None


class Loop(NamedTuple):
    """A loop statement or a comprehension; ``bounded`` if it runs a small fixed number of times."""

    node: Node
    bounded: bool

    def contains(self, node: Node) -> bool:
        return self.node.start_byte <= node.start_byte and node.end_byte <= self.node.end_byte


class Place(NamedTuple):
    """A node and the loops around it that repeat it, outermost first."""

    node: Node
    loops: tuple[Loop, ...]


@dataclass(frozen=True, slots=True)
class Flow:
    """The facts of one unit."""

    unit: Unit
    bindings: Mapping[str, tuple[Binding, ...]]
    places: tuple[Place, ...]

    def in_loops(self, *types: str) -> Iterator[Place]:
        """Nodes of these types that an unbounded loop repeats; only such loops are in ``loops``."""
        for place in self.places:
            if place.node.type in types:
                loops = tuple(loop for loop in place.loops if not loop.bounded)
                if loops:
                    yield Place(place.node, loops)

    def made_outside(self, name: str, loop: Loop) -> bool:
        """Is a name given its value before ``loop`` only (not anew in each iteration)?"""
        bound = self.bindings.get(name, ())
        return not any(each.how in ("assign", "loop", "other") and loop.contains(each.node) for each in bound)

    def grows(self, name: str) -> bool:
        """Is something added to the collection ``name`` inside a loop?"""
        return any(place.loops and self._adds_to(place.node, name) for place in self.places)

    def _adds_to(self, node: Node, name: str) -> bool:
        if node.type == "augmented_assignment":
            left = node.child_by_field_name("left")
            return left is not None and left.type == "identifier" and self.unit.text(left) == name
        if node.type == "assignment":
            left = node.child_by_field_name("left")
            owner = left.child_by_field_name("value") if left is not None and left.type == "subscript" else None
            return owner is not None and self.unit.text(owner) == name
        called = method_of(self.unit, node) if node.type == "call" else None
        return called is not None and called[1] in _ADDING and self.unit.text(called[0]) == name

    def shape(self, node: Node | None, depth: int = 0) -> Shape:
        """What kind of value an expression is; empty if not known."""
        if node is None or depth > 6:
            return ""
        if node.type == "identifier":
            return self._shape_of_name(self.unit.text(node), depth)
        if node.type in _SHAPES:
            return "bytes" if node.type == "string" and self._is_bytes(node) else _SHAPES[node.type]
        if node.type in ("parenthesized_expression", "named_expression"):
            return self.shape(node.named_children[-1] if node.named_children else None, depth + 1)
        if node.type == "concatenated_string":
            return self.shape(node.named_children[0], depth + 1)
        if node.type == "conditional_expression":
            shapes: set[Shape] = {self.shape(node.named_children[i], depth + 1) for i in (0, -1)}
            return shapes.pop() if len(shapes) == 1 else ""
        if node.type == "binary_operator":
            return self._shape_of_operation(node, depth)
        if node.type == "call":
            return self._shape_of_call(node, depth)
        return ""

    def small(self, node: Node | None, depth: int = 0) -> bool:
        """Is a collection known to have few elements, whatever the input?"""
        if node is None or depth > 6:
            return False
        kind = node.type
        if kind == "identifier":
            return self._small_name(self.unit.text(node), depth)
        if kind in ("list", "tuple", "set", "dictionary", "string", "concatenated_string"):
            return node.named_child_count <= SMALL and not any(
                each.type in ("list_splat", "dictionary_splat") for each in node.named_children
            )
        if kind in _COMPREHENSIONS:
            clauses = [each for each in node.named_children if each.type == "for_in_clause"]
            return bool(clauses) and all(self.small(each.child_by_field_name("right"), depth + 1) for each in clauses)
        if kind == "call":
            return self._small_call(node, depth)
        if kind == "subscript":
            index = node.child_by_field_name("subscript")
            owner = node.child_by_field_name("value")
            if owner is not None and self.unit.dotted(owner) == "sys.argv":
                return True
            # ``x[:3]``: the slice ends in a literal
            if index is None or index.type != "slice" or len(index.children) > 3:
                return False
            return index.children[-1].type == "integer"
        if kind == "attribute":
            return self.unit.dotted(node) == "sys.argv"
        return False

    def _small_name(self, name: str, depth: int) -> bool:
        bound = self.bindings.get(name, ())
        if not bound:
            literal = self.unit.facts.literals.get(name)
            return literal is not None and literal.count(",") < SMALL
        if any(each.how != "assign" for each in bound) or self.grows(name):
            return False
        return all(self.small(each.value, depth + 1) for each in bound)

    def _small_call(self, node: Node, depth: int) -> bool:
        name = self.unit.call_name(node)
        arguments = arguments_of(node)
        if name == "range":
            return bool(arguments) and all(
                each.type == "integer" and len(self.unit.text(each)) < 3 for each in arguments
            )
        if name in ("list", "tuple", "set", "frozenset", "sorted", "reversed", "enumerate", "zip"):
            return bool(arguments) and self.small(arguments[0], depth + 1)
        function = node.child_by_field_name("function")
        if function is not None and function.type == "attribute":
            method = function.child_by_field_name("attribute")
            # The words of a line, the parts of a path: few, and reading them cost as much as looking at them.
            if method is not None and self.unit.text(method) in (
                "split",
                "rsplit",
                "partition",
                "rpartition",
                "groups",
            ):
                return True
            if method is not None and self.unit.text(method) in ("keys", "values", "items", "copy"):
                return self.small(function.child_by_field_name("object"), depth + 1)
        return False

    def _is_bytes(self, node: Node) -> bool:
        return "b" in self.unit.text(node.children[0]).lower() if node.children else False

    def _shape_of_name(self, name: str, depth: int) -> Shape:
        bound = self.bindings.get(name, ())
        if not bound:
            literal = self.unit.facts.literals.get(name, "")
            return _LITERAL_SHAPES.get(literal[:1], "") if literal else ""
        shapes: set[Shape] = set()
        for each in bound:
            if each.how == "augment":
                continue
            shapes.add(self.shape(each.value, depth + 1) if each.how == "assign" else self._annotated(each))
        return shapes.pop() if len(shapes) == 1 else ""

    def _annotated(self, binding: Binding) -> Shape:
        kind = binding.node.child_by_field_name("type") if binding.how == "parameter" else None
        if kind is None:
            return ""
        name = self.unit.text(kind).partition("[")[0].strip("\"' ").rpartition(".")[2]
        return _ANNOTATIONS.get(name, "")

    def _shape_of_operation(self, node: Node, depth: int) -> Shape:
        operator = node.child_by_field_name("operator")
        left = self.shape(node.child_by_field_name("left"), depth + 1)
        sign = self.unit.text(operator) if operator is not None else ""
        right = self.shape(node.child_by_field_name("right"), depth + 1)
        if sign == "%" and left in ("str", "bytes"):
            return left
        if sign == "*":
            return left if left in _SEQUENCES else right if right in _SEQUENCES else ""
        if sign == "+":
            return left if left == right or not right else right if not left else ""
        return left if sign in ("|", "&", "-", "^") and left == right == "set" else ""

    def _shape_of_call(self, node: Node, depth: int) -> Shape:
        name = self.unit.call_name(node)
        if name in _CONSTRUCTORS and name not in self.bindings:
            return _CONSTRUCTORS[name]
        function = node.child_by_field_name("function")
        if function is None or function.type != "attribute":
            return ""
        method = function.child_by_field_name("attribute")
        verb = self.unit.text(method) if method is not None else ""
        if verb == "copy":
            return self.shape(function.child_by_field_name("object"), depth + 1)
        if verb == "values" and not arguments_of(node):
            return "values"
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
_ADDING = ("append", "extend", "insert", "appendleft", "add", "update", "setdefault")
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
    "str": "str",
    "repr": "str",
    "bytes": "bytes",
    "len": "number",
    "int": "number",
    "float": "number",
    "os.listdir": "list",
    "glob.glob": "list",
}
_METHODS: Mapping[str, Shape] = {
    "split": "list",
    "rsplit": "list",
    "splitlines": "list",
    "readlines": "list",
    "tolist": "list",
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
    "set": "set",
    "Set": "set",
    "frozenset": "set",
    "dict": "dict",
    "Dict": "dict",
    "Mapping": "dict",
    "str": "str",
    "bytes": "bytes",
    "int": "number",
    "float": "number",
}


def arguments_of(call: Node) -> list[Node]:
    """Positional arguments of a call; empty if there are stars among them."""
    listed = call.child_by_field_name("arguments")
    if listed is None or listed.type != "argument_list":
        return []
    if any(each.type in ("list_splat", "dictionary_splat") for each in listed.named_children):
        return []
    return [each for each in listed.named_children if each.type not in ("keyword_argument", "comment")]


def keyword_of(unit: Unit, call: Node, name: str) -> Node | None:
    """Value of a keyword argument of a call."""
    listed = call.child_by_field_name("arguments")
    for each in listed.named_children if listed is not None else ():
        if each.type == "keyword_argument":
            key = each.child_by_field_name("name")
            if key is not None and unit.text(key) == name:
                return each.child_by_field_name("value")
    return None


def method_of(unit: Unit, call: Node) -> tuple[Node, str] | None:
    """(receiver, method name) of a call on an attribute."""
    function = call.child_by_field_name("function")
    if function is None or function.type != "attribute":
        return None
    owner, name = function.child_by_field_name("object"), function.child_by_field_name("attribute")
    return (owner, unit.text(name)) if owner is not None and name is not None else None


_last: list[Flow] = []


def flow_of(unit: Unit) -> Flow:
    """The facts of a unit. The last one is kept: rules ask for the same unit one after the other."""
    for flow in _last:
        if flow.unit is unit:
            return flow
    flow = _build(unit)
    _last[:] = [flow]
    return flow


def _fills_up(unit: Unit, loop: Node) -> bool:
    """``while len(parts) < 3:``: a few passes by design."""
    condition = loop.child_by_field_name("condition")
    if condition is None or condition.type != "comparison_operator" or len(condition.named_children) != 2:
        return False
    left, right = condition.named_children
    signs = [each.type for each in condition.children_by_field_name("operators")]
    is_length = left.type == "call" and unit.call_name(left) == "len"
    return is_length and signs in (["<"], ["<="]) and right.type == "integer" and len(unit.text(right)) < 3


class _Frame(NamedTuple):
    node: Node
    loops: tuple[Loop, ...]


def _build(unit: Unit) -> Flow:
    bindings: dict[str, list[Binding]] = {}
    places: list[Place] = []
    root = unit.node
    empty = Flow(unit, {}, ())  # enough to see whether a loop's own literal is small
    stack = [_Frame(root, ())]
    while stack:
        node, loops = stack.pop()
        kind = node.type
        if kind in _PLACES:
            places.append(Place(node, loops))
        if kind in _BINDERS:
            _bind(unit, node, bindings)
        if kind in _SCOPES and node != root:
            if unit.kind != "function" and kind != "lambda":
                continue  # a unit of its own
            loops = ()
        if kind == "for_statement":
            stack += _for_frames(node, loops, empty)
        elif kind == "while_statement":
            stack += [
                _Frame(each, loops if each.type == "else_clause" else (*loops, Loop(node, _fills_up(unit, node))))
                for each in reversed(node.named_children)
            ]
        elif kind in _COMPREHENSIONS:
            for clause in [each for each in node.named_children if each.type == "for_in_clause"][:1]:
                _bind(unit, clause, bindings)
            stack += _comprehension_frames(node, loops, empty)
        elif node.named_child_count:
            stack += [_Frame(each, loops) for each in reversed(node.named_children)]
    return Flow(unit, {name: tuple(bound) for name, bound in bindings.items()}, tuple(places))


def _for_frames(node: Node, loops: tuple[Loop, ...], flow: Flow) -> list[_Frame]:
    right = node.child_by_field_name("right")
    inside = (*loops, Loop(node, flow.small(right)))
    return [
        _Frame(each, loops if each == right or each.type == "else_clause" else inside)
        for each in reversed(node.named_children)
    ]


def _comprehension_frames(node: Node, loops: tuple[Loop, ...], flow: Flow) -> list[_Frame]:
    """The first iterable is looked at once, everything else once an element."""
    clauses = [each for each in node.named_children if each.type == "for_in_clause"]
    first = clauses[0].child_by_field_name("right") if clauses else None
    inside = (*loops, Loop(node, all(flow.small(each.child_by_field_name("right")) for each in clauses)))
    frames: list[_Frame] = []
    for each in reversed(node.named_children):
        if clauses and each == clauses[0]:
            frames += [_Frame(part, loops if part == first else inside) for part in reversed(each.named_children)]
        else:
            frames.append(_Frame(each, inside))
    return frames


_BINDERS = frozenset(
    {
        "assignment",
        "augmented_assignment",
        "named_expression",
        "for_statement",
        "for_in_clause",
        "as_pattern",
        "parameters",
        "lambda_parameters",
        "global_statement",
        "nonlocal_statement",
        "import_statement",
        "import_from_statement",
        "function_definition",
        "class_definition",
        "case_pattern",
    }
)


def _bind(unit: Unit, node: Node, bindings: dict[str, list[Binding]]) -> None:
    kind = node.type

    def add(target: Node, how: _How, value: Node | None) -> None:
        bindings.setdefault(unit.text(target), []).append(Binding(how, node, value))

    if kind in ("assignment", "augmented_assignment", "named_expression"):
        left = node.child_by_field_name("left") or node.child_by_field_name("name")
        right = node.child_by_field_name("right") or node.child_by_field_name("value")
        while right is not None and right.type == "assignment":
            right = right.child_by_field_name("right")
        if left is None or (right is None and kind == "assignment"):
            return
        if left.type == "identifier":
            add(left, "augment" if kind == "augmented_assignment" else "assign", right)
        else:
            _bind_pattern(left, right, add)
    elif kind in ("for_statement", "for_in_clause"):
        left = node.child_by_field_name("left")
        for name in _names(left) if left is not None else ():
            add(name, "loop", None)
    elif kind in ("parameters", "lambda_parameters"):
        for each in node.named_children:
            name = each if each.type == "identifier" else each.child_by_field_name("name")
            if name is None:
                name = next(iter(_names(each)), None)
            if name is not None:
                bindings.setdefault(unit.text(name), []).append(Binding("parameter", each, None))
    elif kind in ("function_definition", "class_definition"):
        name = node.child_by_field_name("name")
        if name is not None and node != unit.node:
            add(name, "other", None)
    else:
        for name in _names(node):
            add(name, "other", None)


def _bind_pattern(left: Node, right: Node | None, add: Callable[[Node, _How, Node | None], None]) -> None:
    if left.type in ("pattern_list", "tuple_pattern", "list_pattern"):
        targets = left.named_children
        values = (
            right.named_children if right is not None and right.type in ("expression_list", "tuple", "list") else []
        )
        for position, target in enumerate(targets):
            value = values[position] if len(values) == len(targets) else None
            if target.type == "identifier":
                add(target, "assign" if value is not None else "other", value)
            else:
                for name in _names(target):
                    add(name, "other", None)


def _names(node: Node) -> Iterator[Node]:
    """Identifiers in a target; the parts of attributes and subscripts are not bound."""
    stack = [node]
    while stack:
        current = stack.pop()
        if current.type == "identifier":
            yield current
        elif current.type not in ("attribute", "subscript", "call", "type", "string"):
            stack.extend(reversed(current.named_children))
