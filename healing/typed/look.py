"""A place with what is asked of it again and again: its text, the names and types around it, what the file defines."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache

from tree_sitter import Node

from ..fault import Fault
from ..logic.tree import Function
from ..origins import indexed
from ..scopes import tree_of
from .habits import Habits, habits_of
from .places import Place, function_at

#: (the new text, how likely, what it is called).
Change = tuple[str, float, str]
#: Candidates of one kind for one expression.
CROWD = 6
#: What a variable may start from.
STARTS = ("[]", "{}", "set()", "0", '""', "None", "()")
#: The nothing of a type.
ZERO = {
    "str": '""', "int": "0", "float": "0.0", "bool": "False", "list": "[]", "dict": "{}", "tuple": "()", "set": "set()",
}  # fmt: skip
NOTHING: Counter[str] = Counter()


@dataclass(frozen=True)
class Look:
    """A place with what is asked of it again and again."""

    place: Place
    fault: Fault

    @property
    def node(self) -> Node:
        return self.place.node

    @cached_property
    def text(self) -> str:
        return self.place.site.code(self.place.node)

    @cached_property
    def function(self) -> Function:
        return function_at(self.place.site.text, self.place.node)

    @cached_property
    def habits(self) -> Habits:
        return habits_of(self.place.site.text)

    @cached_property
    def kinds(self) -> Mapping[str, str]:
        """Types by dotted names, without their modules."""
        return {key: value.rpartition(".")[2] for key, value in self.place.site.types.items()}

    @property
    def kind(self) -> str | None:
        """The observed type of the expression; its text's own where that is plain."""
        return self.kinds.get(self.text) or _LITERAL.get(self.node.type)

    @cached_property
    def names(self) -> list[str]:
        """Names that are bound here: local variables, then what was observed in the frame."""
        local = [each for each in self.function.visible(self.node) if each not in ("self", "cls")]
        seen = [each for each in self.kinds if each.isidentifier() and each not in ("self", "cls")]
        return list(dict.fromkeys([*local, *(each for each in seen if each in self.function.bound)]))

    @cached_property
    def of_type(self) -> bool:
        """Whether the fault is one of the kind of a value, not of the value itself."""
        return self.fault.exception.rpartition(".")[2] in {"TypeError", "AttributeError"}

    def natural(self, text: str) -> float:
        """How much more likely an expression is that stands elsewhere."""
        count = self.habits.expressions.get(text, 0)
        return 1.0 if not count else 1.6 if count == 1 else 2.0

    def fits(self, kind: str | None) -> float:
        """How well a value of this type can take the place of the one that failed."""
        if kind is None or self.kind is None:
            return 1.0
        if self.of_type and self.place.failed:
            return 0.15 if kind == self.kind else 1.2
        return 1.2 if kind == self.kind else 0.35


#: ``Point = namedtuple("Point", "x y")``: the class and its fields.
_TUPLES = re.compile(
    r"^[^\W\d]\w*\s*=\s*(?:collections\.)?namedtuple\(\s*['\"](\w+)['\"],\s*([\[(]?\s*['\"][^)\]\n]*['\"])",
    re.MULTILINE,
)
_LITERAL = {
    "string": "str", "concatenated_string": "str", "integer": "int", "float": "float", "list": "list", "tuple": "tuple",
    "dictionary": "dict", "set": "set", "list_comprehension": "list", "set_comprehension": "set",
    "dictionary_comprehension": "dict", "generator_expression": "generator", "none": "NoneType",
}  # fmt: skip


def is_target(node: Node) -> bool:
    """Whether a name is written here, or is a label."""
    parent = node.parent
    if parent is None:
        return True
    if parent.type in ("keyword_argument", "default_parameter", "typed_default_parameter"):
        return parent.child_by_field_name("value") != node
    if parent.type == "attribute":
        return parent.child_by_field_name("attribute") == node
    if parent.type in ("function_definition", "class_definition", "parameters", "lambda_parameters", "type"):
        return True
    top = node
    while top.parent is not None and top.parent.type in ("pattern_list", "tuple_pattern", "list_pattern"):
        top = top.parent
    outer = top.parent
    if outer is None:
        return True
    if outer.type in ("delete_statement", "dotted_name", "as_pattern_target", "global_statement", "aliased_import"):
        return True
    if outer.type in ("assignment", "augmented_assignment", "for_statement", "for_in_clause"):
        return outer.child_by_field_name("left") == top
    return outer.type == "named_expression" and outer.child_by_field_name("name") == top


def is_owner(node: Node) -> bool:
    parent = node.parent
    return parent is not None and parent.type == "attribute" and parent.child_by_field_name("object") == node


def is_inside(node: Node) -> bool:
    """Whether an expression is a part of another one that binds closer than ``or``."""
    parent = node.parent
    loose = ("assignment", "return_statement", "argument_list", "keyword_argument", "parenthesized_expression", "pair")
    return parent is not None and parent.type not in loose


def is_called(node: Node) -> bool:
    parent = node.parent
    return parent is not None and parent.type == "call" and parent.child_by_field_name("function") == node


def known(look: Look, text: str) -> bool:
    """Whether the names of an expression are bound here."""
    words = set(re.findall(r"(?<![\w.'\"])[^\W\d]\w*", re.sub(r"(['\"]).*?\1", "", text)))
    local = {*look.names, "self", "cls"} if "self" in look.function.parameters else set(look.names)
    return all(each in local or each in bound_in_module(look.place.site.text) for each in words)


@lru_cache(maxsize=8)
def bound_in_module(text: str) -> frozenset[str]:
    """What a module binds at its top, as far as a glance tells, and what is built in."""
    found = re.findall(r"^(?:def|class|async def)\s+(\w+)|^(\w+)\s*(?::[^=\n]+)?=(?!=)", text, re.MULTILINE)
    imported = re.findall(r"^(?:from\s+\S+\s+)?import\s+(.+)$", text, re.MULTILINE)
    names = {each for pair in found for each in pair if each}
    names |= {part.split(" as ")[-1].strip(" ()") for line in imported for part in line.split(",")}
    return frozenset(names | {"len", "str", "int", "list", "dict", "set", "sorted", "None", "True", "False", "not"})


@lru_cache(maxsize=8)
def class_members(text: str) -> Mapping[str, tuple[str, ...]]:
    """Class → what its objects are seen to have: ``name`` of ``self.name = …``, ``name()`` of a method."""
    _, data = tree_of(text)
    found: dict[str, tuple[str, ...]] = {}
    for node in indexed(text)["class_definition"]:
        label, body = node.child_by_field_name("name"), node.child_by_field_name("body")
        if label is None or body is None:
            continue
        own = data[body.start_byte : body.end_byte].decode("utf-8", "replace")
        fields = re.findall(r"\bself\.([^\W\d]\w*)\s*(?::[^=\n]+)?=(?!=)", own)
        fields += re.findall(r"^[ \t]*([^\W\d]\w*)\s*:[^=\n]+$", own, re.MULTILINE)
        properties = re.findall(r"@(?:property|cached_property)\s+def\s+(\w+)", own)
        methods = re.findall(r"def\s+([^\W_]\w*)\(self\)", own)
        called = [f"{each}()" for each in methods if each not in properties]
        found[(label.text or b"").decode("utf-8", "replace")] = tuple(dict.fromkeys([*fields, *properties, *called]))
    for name, listed in _TUPLES.findall(text):
        found.setdefault(name, tuple(re.findall(r"[^\W\d]\w*", listed)))
    return found


def defaults(look: Look) -> list[str]:
    """What other ``get`` calls of the file give in place of what is absent."""
    return [each for each in look.habits.passed.get(("get", 1), NOTHING) if len(each) < 20]


@lru_cache(maxsize=8)
def one_value_functions(text: str) -> tuple[str, ...]:
    """Functions and classes of a file that can be called with one value."""
    tree, data = tree_of(text)
    found: list[str] = []
    for node in tree.root_node.named_children:
        own = node.child_by_field_name("definition") if node.type == "decorated_definition" else node
        if own is None or own.type not in ("function_definition", "class_definition"):
            continue
        label, body, listed = (own.child_by_field_name(each) for each in ("name", "body", "parameters"))
        skip = 0
        if own.type == "class_definition" and body is not None:
            made = next((each for each in body.named_children if each.type == "function_definition"
                         and b"__init__" in (each.text or b"")[:20]), None)  # fmt: skip
            listed, skip = (made.child_by_field_name("parameters") if made is not None else None), 1
        if label is None or listed is None:
            continue
        needed = [each for each in listed.named_children if each.type in ("identifier", "typed_parameter")][skip:]
        if len(needed) == 1:
            found.append(data[label.start_byte : label.end_byte].decode("utf-8", "replace"))
    return tuple(found[: 3 * CROWD])
