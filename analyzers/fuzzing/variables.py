"""Type variables of the inference, and how their votes add up to a shape."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

from .annotations import callables
from .plans import kind_of
from .shapes import BOOL, BYTES, FLOAT, INT, NONE, STR, Anything, Lit, Map, Num, Record, Seq, Shape, Text, Tup, alt

_PLAIN: dict[str, type] = {
    "str": str,
    "bytes": bytes,
    "list": list,
    "dict": dict,
    "set": set,
    "tuple": tuple,
    "bool": bool,
    "int": int,
    "float": float,
}


class Var:
    """An unknown type: votes, and what it contains. Unified variables share one representative."""

    __slots__ = (
        *("asked", "attributes", "fields", "handed", "indexes", "item", "items", "key", "link", "methods", "nullable"),
        *("changed", "tables", "uses", "value", "votes"),
    )

    def __init__(self, *votes: str) -> None:
        self.link: Var | None = None
        self.votes: Counter[str] = Counter({vote: 3 for vote in votes})
        self.item: Var | None = None
        self.items: list[Var] = []
        self.key: Var | None = None
        self.value: Var | None = None
        self.fields: dict[str, Var] = {}
        self.attributes: dict[str, Var] = {}
        self.methods: dict[str, Var] = {}  # name → result
        self.indexes: list[tuple[Var, Var]] = []
        self.asked: list[Var] = []  # what is looked for in it
        self.uses: set[str] = set()  # as a template of some language, as a width
        self.tables: list[tuple[str, str]] = []  # constants it is looked up in, and the method applied before
        self.changed: tuple[Var, str] | None = None  # the text this one is the upper case (…) of
        self.nullable = False
        self.handed = False  # given to code that is not known here

    @property
    def root(self) -> Var:
        var = self
        while var.link is not None:
            var = var.link
        return var

    def vote(self, *kinds: str, strength: int = 3) -> Var:
        for kind in kinds:
            self.root.votes[kind] += strength
        return self

    def element(self) -> Var:
        root = self.root
        if root.votes["str"] and not root.item:
            return Var("str")
        if root.votes["dict"] and root.votes["dict"] > root.votes["list"]:
            return root.keys()
        if root.item is None:
            root.item = Var()
        return root.item

    def keys(self) -> Var:
        root = self.root
        root.key = root.key or Var()
        return root.key

    def held(self) -> Var:
        root = self.root
        root.value = root.value or Var()
        return root.value


def unify(first: Var, second: Var) -> Var:
    """Makes two variables one. Structure is merged, votes are added."""
    a, b = first.root, second.root
    if a is b:
        return a
    b.link = a
    a.votes += b.votes
    a.nullable = a.nullable or b.nullable
    a.handed = a.handed or b.handed
    a.indexes += b.indexes
    a.asked += b.asked
    a.uses |= b.uses
    a.tables += b.tables
    for mine, other in ((a.fields, b.fields), (a.attributes, b.attributes), (a.methods, b.methods)):
        for name, var in list(other.items()):
            mine[name] = unify(mine[name], var) if name in mine else var
        a = a.root  # what it holds may have become one with it
    for slot in ("item", "key", "value"):
        mine, other = getattr(a, slot), getattr(b, slot)
        setattr(a, slot, unify(mine, other) if mine is not None and other is not None else mine or other)
    if b.items:
        if not a.items:
            a.items = b.items
        else:
            for mine, other in zip(a.items, b.items, strict=False):
                unify(mine, other)
    return a


def listing(item: Var) -> Var:
    var = Var("list")
    var.item = item
    return var


#: Gives the shape of an object from what is used of it: attributes, methods, how deep it lies, what it is called.
Objects = Callable[[Var, int], Shape | None]


def solve(var: Var, depth: int = 0, objects: Objects | None = None) -> Shape | None:
    """The shape that a variable's votes add up to; None if nothing is known."""
    root = var.root
    shape = _solve(root, root.votes, depth, objects) if depth < 5 else INT
    if shape is not None and root.nullable and depth == 0:
        return alt(shape, NONE)
    return shape


def is_object(root: Var) -> bool:
    """Whether it has attributes or methods that no plain value of the kind it is voted to be has."""
    used = {*root.attributes, *root.methods}
    if not used:
        return False
    votes = root.votes
    plain: list[type] = [kind for name, kind in _PLAIN.items() if votes[name] >= 2]
    if votes["num"] >= 2 or not plain:
        plain += [int, float]
    return not any(all(hasattr(kind, name) for name in used) for kind in plain)


def _solve(root: Var, votes: Counter[str], depth: int, objects: Objects | None) -> Shape | None:
    concrete = {kind: votes[kind] for kind in ("str", "bytes", "list", "dict", "set", "tuple", "bool", "callable")}
    number = max(votes["num"], votes["int"], votes["float"])
    best = max(concrete, key=lambda kind: concrete[kind])
    if is_object(root) and not root.fields and not root.indexes:
        shape = objects(root, depth) if objects is not None else None
        if shape is not None or not concrete[best]:
            return shape or Anything()
    if root.indexes and concrete[best] < 3 and not number:
        keys = [solve(index, depth + 1, objects) for index, _ in root.indexes]
        if keys and all(isinstance(key, Text) for key in keys):
            return Map(STR, solve(root.indexes[0][1], depth + 1, objects) or alt(INT, STR))
    if concrete[best] < 3 and any(index.root is each.root for index, _ in root.indexes for each in root.asked):
        return _container("dict", root, depth, objects)  # looked up by what was found to be in it
    if concrete[best] and concrete[best] >= number:
        return _container(best, root, depth, objects)
    if number:
        if votes["float"] and votes["float"] >= votes["int"]:
            return FLOAT
        return INT if votes["int"] else alt(FLOAT, INT)
    if any(votes[kind] for kind in ("iterable", "sized", "seq", "container", "indexed")):
        if root.items and not root.item:
            return _container("tuple", root, depth, objects)
        item = solve(root.item, depth + 1, objects) if root.item is not None else None
        of = root.item.root if root.item is not None else None
        if of is not None and (of.votes["convertible"] or "character" in of.uses) and item in (None, STR):
            return STR  # a text, read character by character
        return Seq("list", item or INT)
    if root.items:
        return _container("tuple", root, depth, objects)
    if votes["convertible"]:
        return STR
    return Anything() if votes["object"] else None


def _container(kind: str, root: Var, depth: int, objects: Objects | None) -> Shape:
    def inner(var: Var | None, otherwise: Shape) -> Shape:
        return (solve(var, depth + 1, objects) if var is not None else None) or otherwise

    if kind == "dict":
        if root.fields and not root.key:
            return Record(tuple((name, inner(each, alt(STR, INT))) for name, each in root.fields.items()))
        value = root.value or next((each for _, each in root.indexes), None)
        key = root.key or next((each for each, _ in root.indexes), None)
        return Map(inner(key, STR), inner(value, alt(INT, STR)))
    if kind == "tuple":
        return (
            Tup(tuple(inner(each, INT) for each in root.items)) if root.items else Seq("tuple", inner(root.item, INT))
        )
    if kind in ("list", "set"):
        return Seq(kind, inner(root.item, INT))
    simple: dict[str, Shape] = {"str": STR, "bytes": BYTES, "bool": BOOL}
    return simple.get(kind) or callables()


def from_example(value: Any) -> Shape | None:
    """The shape of which a default or an example value is one."""
    simple: dict[type, Shape] = {bool: BOOL, int: INT, float: FLOAT, str: STR, bytes: BYTES, complex: Num("complex")}
    kind = kind_of(value)
    if kind in simple:
        return simple[kind]
    if kind in (list, set, frozenset):
        known = [each for each in map(from_example, value) if each is not None]
        return Seq(kind.__name__, alt(*known) if known else INT)
    if kind is tuple:
        items = tuple([from_example(each) or INT for each in value])
        return Tup(items) if items else Seq("tuple", INT)
    if kind is dict:
        keys = [from_example(each) or STR for each in value]
        values = [from_example(each) or INT for each in value.values()]
        return Map(alt(*keys) if keys else STR, alt(*values) if values else alt(INT, STR))
    return Lit((None,)) if value is None else None
