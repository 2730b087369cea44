"""What the metrics of a class are made of: its methods, each read once for as long as its text stays the same.

Weighted methods (WMC): Chidamber and Kemerer, "A Metrics Suite for Object Oriented Design" (1994), with McCabe's
complexity as the weight. Tight class cohesion (TCC): Bieman and Kang, "Cohesion and Reuse in an Object-Oriented
System" (1995), the share of pairs of methods that use a field in common. LCOM4: Hitz and Montazeri, "Measuring Coupling
and Cohesion" (1995), the groups of methods that share no field and do not call each other. Access to foreign data
(ATFD): Lanza and Marinescu, "Object-Oriented Metrics in Practice" (2006).

Invariant: nothing here walks a method whose text was seen before, so that typing in one method of a class costs that
method and a hash of the others.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from functools import cache, lru_cache
from itertools import combinations
from typing import NamedTuple

import tree_sitter
from tree_sitter import Node

from ..syntax import LANGUAGE, is_looked_through, parse

#: So many methods with the same first word are a family: one pattern, not so many duties.
FAMILY = 8

_QUERY = """
[(if_statement) (elif_clause) (for_statement) (while_statement) (except_clause) (conditional_expression)
 (boolean_operator) (for_in_clause) (if_clause) (case_clause)] @decision
(attribute object: (identifier) @object attribute: (identifier) @attribute) @access
(call function: (attribute) @called)
(assignment left: (attribute object: (identifier) attribute: (identifier) @set))
(assignment left: (pattern_list (attribute object: (identifier) attribute: (identifier) @set)))
(block (_) @statement)
"""


class Method(NamedTuple):
    """``own``: fields and methods of the object that it uses; ``sets``: fields that it assigns; ``foreign``: data of
    other objects that it reads, as (object, attribute)."""

    name: str
    statements: int
    complexity: int
    own: frozenset[str]
    sets: frozenset[str]
    foreign: frozenset[tuple[str, str]]
    parameters: frozenset[str]  # without the object itself
    is_plain: bool  # neither a property, nor static, nor abstract


class Profile(NamedTuple):
    """Methods of a class, and the fields that it has."""

    methods: tuple[Method, ...]
    fields: frozenset[str]

    @property
    def complexity(self) -> int:
        """WMC."""
        return sum(each.complexity for each in self.methods)

    @property
    def statements(self) -> int:
        return sum(each.statements for each in self.methods)

    @property
    def foreign(self) -> int:
        """ATFD: different attributes of other objects that are read."""
        return len({attribute for each in self.methods for _, attribute in each.foreign})

    @property
    def cohesion(self) -> float:
        """TCC; 1 for fewer than two methods that use fields."""
        users = [used for each in self.methods if each.is_plain and (used := each.own & self.fields)]
        pairs = len(users) * (len(users) - 1) // 2
        return sum(1 for one, other in combinations(users, 2) if one & other) / pairs if pairs else 1.0

    def groups(self) -> list[list[Method]]:
        """LCOM4's groups, the largest first; methods that touch nothing of the object belong to none."""
        names = {each.name for each in self.methods}
        groups: list[tuple[set[str], list[Method]]] = []
        for method in self.methods:
            used = method.own & (self.fields | names)
            if not used:
                continue
            touched = {*used, method.name}
            apart: list[tuple[set[str], list[Method]]] = []
            members = [method]
            for each in groups:
                if each[0] & touched:
                    touched |= each[0]
                    members = [*each[1], *members]
                else:
                    apart.append(each)
            groups = [*apart, (touched, members)]
        return sorted((members for _, members in groups), key=len, reverse=True)


class Part(NamedTuple):
    """Methods that alone use some fields of their class: what could be a class of its own."""

    methods: tuple[str, ...]
    fields: tuple[str, ...]


#: A field that more than this share of the methods uses belongs to the whole class.
COMMON = 0.15
#: What a part has at least, and the share of the class that it has at most.
PART_METHODS, PART_FIELDS, PART_SHARE = 3, 2, 1 / 3


def parts_of(methods: Sequence[tuple[str, Node]], data: bytes) -> tuple[Part, ...]:
    """What could be taken out of a class, the largest part first: methods that share fields which no other method uses,
    once the fields that all of it uses are put aside. Dunder methods, which touch everything, are not looked at."""
    plain = [(name, node) for name, node in methods if not name.startswith("__")]
    profile = profile_of(methods, plain, data)
    used = [(each.name, each.own & profile.fields) for each in profile.methods]
    times = Counter(field for _, fields in used for field in fields)
    common = max(PART_METHODS, COMMON * sum(1 for _, fields in used if fields))
    groups: list[tuple[set[str], set[str]]] = []
    for name, fields in used:
        names, touched = {name}, {field for field in fields if times[field] <= common}
        apart: list[tuple[set[str], set[str]]] = []
        for group in groups:
            if group[1] & touched:
                names, touched = names | group[0], touched | group[1]
            else:
                apart.append(group)
        groups = [*apart, (names, touched)] if touched else groups
    most = PART_SHARE * len({name for name, _ in used})
    found = [
        Part(tuple(sorted(names)), tuple(sorted(fields)))
        for names, fields in groups
        if PART_METHODS <= len(names) <= most and len(fields) >= PART_FIELDS
    ]
    return tuple(sorted(found, key=lambda part: (-len(part.methods), -len(part.fields), part)))


def named_methods(definition: Node, data: bytes) -> list[tuple[str, Node]]:
    """The methods in the body of a class by name, each with its decorators; only headers are looked at."""
    body = definition.child_by_field_name("body")
    found: list[tuple[str, Node]] = []
    for child in body.named_children if body is not None else ():
        inner = child.child_by_field_name("definition") if child.type == "decorated_definition" else child
        name = inner.child_by_field_name("name") if inner is not None else None
        if inner is not None and inner.type == "function_definition" and name is not None:
            found.append((data[name.start_byte : name.end_byte].decode("utf-8", "replace"), child))
    return found


def own_of(methods: Sequence[tuple[str, Node]]) -> list[tuple[str, Node]]:
    """The methods that no pattern explains: neither dunders nor families (see :data:`FAMILY`)."""
    words = Counter(name.lstrip("_").partition("_")[0] for name, _ in methods)
    return [
        (name, node)
        for name, node in methods
        if not name.startswith("__") and words[name.lstrip("_").partition("_")[0]] < FAMILY
    ]


_DECIDES = re.compile(rb"\b(?:if|elif|for|while|except|and|or|case)\b")


def most_complex(kept: Sequence[tuple[str, Node]], data: bytes) -> int:
    """What the complexity of methods cannot exceed (WMC): each decision has a word of its own. Nothing is parsed."""
    return sum(1 + len(_DECIDES.findall(data, node.start_byte, node.end_byte)) for _, node in kept)


def profile_of(methods: Sequence[tuple[str, Node]], kept: Sequence[tuple[str, Node]], data: bytes) -> Profile:
    """The profile of the ``kept`` ones of a class's methods; its fields are what any of them assigns."""
    known = {node.id: figures_of(node, data) for _, node in methods}
    fields = frozenset[str]().union(*(method.sets for method in known.values()))
    return Profile(tuple(known[node.id] for _, node in kept), fields)


def figures_of(node: Node, data: bytes) -> Method:
    """The figures of a method at a node, with its decorators. Where every definition is looked at once, the node tells
    them; of a text that is typed in they are kept by the method's text."""
    if is_looked_through(data) and not node.has_error:
        return _figures(node, data)
    return method_of(data[node.start_byte : node.end_byte])


@lru_cache(maxsize=4096)
def method_of(source: bytes) -> Method:
    """The figures of a method, from its text with its decorators."""
    root = parse(source).root_node
    return _figures(root.named_children[0] if root.named_children else root, source)


def _figures(node: Node, source: bytes) -> Method:
    definition = node.child_by_field_name("definition") or node
    found = tree_sitter.QueryCursor(_query()).captures(definition)

    def text(each: Node | None) -> str:
        return source[each.start_byte : each.end_byte].decode("utf-8", "replace") if each is not None else ""

    decorators = text(node)[: definition.start_byte - node.start_byte]
    parameters = definition.child_by_field_name("parameters")
    first = parameters.named_children[0] if parameters is not None and parameters.named_children else None
    this = text(first).partition(":")[0] if "staticmethod" not in decorators else ""
    called = {each.start_byte + (each.end_byte << 32) for each in found.get("called", ())}
    own: set[str] = set()
    foreign: set[tuple[str, str]] = set()
    for access in found.get("access", ()):
        owner, name = text(access.child_by_field_name("object")), text(access.child_by_field_name("attribute"))
        if owner == this:
            own.add(name)
        elif access.start_byte + (access.end_byte << 32) not in called and owner.islower():
            foreign.add((owner, name))
    return Method(
        text(definition.child_by_field_name("name")),
        sum(1 for each in found.get("statement", ()) if each.type != "comment"),
        1 + len(found.get("decision", ())),
        frozenset(own),
        frozenset(text(name) for name in found.get("set", ()) if text(_owner(name)) == this),
        frozenset(foreign),
        frozenset(_name_of(text(each)) for each in parameters.named_children if text(each) != this)
        if parameters is not None
        else frozenset(),
        not any(word in decorators for word in ("property", "staticmethod", "classmethod", "abstract", "overload")),
    )


def _owner(attribute: Node) -> Node | None:
    """What an attribute is set on. (Captures of two kinds come in no order that could pair them.)"""
    return attribute.parent.child_by_field_name("object") if attribute.parent is not None else None


def _name_of(parameter: str) -> str:
    return re.split(r"[:=\s]", parameter.lstrip("*"), maxsplit=1)[0]


@cache
def _query() -> tree_sitter.Query:
    return tree_sitter.Query(LANGUAGE, _QUERY)
