"""What a function does with its local names and in its loops, found in one pass over its tree and shared by rules.

Order counts where it decides: which assignment reaches a use (:mod:`.bindings`), what a ``break`` or ``return`` keeps
from being repeated, and which two places can meet in one pass of a loop. What kind of value an expression is, is
worked out on demand (:mod:`.shapes`).

Invariant: pure; the result depends on the unit only.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from tree_sitter import Node

from . import shapes, sizes, supposed
from .bindings import BINDERS, COMPREHENSIONS, LOOPS, Binding, bind, is_own, reaching
from .calls import arguments_of, keyword_of, method_of
from .few import counts_few, says_few
from .shapes import Shape
from .stored import stored
from .supposed import Question
from .syntax import Unit, descend, is_looked_through

__all__ = [
    "Binding",
    "Flow",
    "Loop",
    "Place",
    "Shape",
    "arguments_of",
    "flow_of",
    "is_own",
    "keyword_of",
    "method_of",
]

_SCOPES = frozenset({"function_definition", "lambda", "class_definition"})
_PLACES = frozenset(
    {"call", "comparison_operator", "augmented_assignment", "assignment", "delete_statement", "return_statement"}
)


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
    _bounded: dict[int, bool] = field(default_factory=dict[int, bool], compare=False, repr=False)
    _repeated: list[list[Place]] = field(default_factory=list["list[Place]"], compare=False, repr=False)
    _asked: set[Question] = field(default_factory=set["Question"], compare=False, repr=False)
    _stored: list[Mapping[str, Sequence[Node]]] = field(
        default_factory=list["Mapping[str, Sequence[Node]]"], compare=False, repr=False
    )

    def in_loops(self, *types: str) -> Iterator[Place]:
        """Nodes of these types that an unbounded loop repeats; only such loops are in ``loops``."""
        if not self._repeated:
            self._repeated.append(list(self._in_unbounded()))
        for place in self._repeated[0]:
            if place.node.type in types:
                yield place

    def _in_unbounded(self) -> Iterator[Place]:
        for place in self.places:
            loops = tuple([loop for loop in place.loops if not self._is_bounded(loop)])
            if loops:
                yield Place(place.node, loops)

    def _is_bounded(self, loop: Loop) -> bool:
        if loop.bounded:
            return True
        known = self._bounded.get(loop.node.id)
        if known is None:
            if loop.node.type == "while_statement":
                known = self._empties_few(loop.node.child_by_field_name("condition"))
            else:
                known = all(self.small(each) for each in _sources(loop.node))
            self._bounded[loop.node.id] = known
        return known

    def _empties_few(self, condition: Node | None) -> bool:
        """``while parts:``, where they are the parts of a name or a line."""
        if condition is None or condition.type != "identifier":
            return False
        values = [each.value for each in self.reaching(condition)]
        return self.small(condition) and all(value is not None and value.type == "call" for value in values)

    def reaching(self, name: Node) -> tuple[Binding, ...]:
        """The bindings whose value the identifier ``name`` may stand for where it is."""
        return reaching(self.bindings, self.unit.text(name), name)

    def made_outside(self, name: str, loop: Loop, use: Node | None = None) -> bool:
        """Is a name given its value before ``loop`` only (not anew in each iteration)? With ``use``: not anew in the
        iterations that come by ``use``."""
        for each in self.bindings.get(name, ()):
            if each.how not in ("assign", "loop", "other") or not loop.contains(each.node):
                continue
            whole = each.node.parent if each.node.type == "for_in_clause" else None
            if whole is not None and whole != loop.node:
                if use is not None and _covers(whole, use):
                    return False
                continue  # a comprehension's own variable of that name
            if use is None or together(each.node, use, loop):
                return False
        return True

    def made_at(self, name: str) -> tuple[Node, ...]:
        """Where a name is assigned to."""
        return tuple(each.node for each in self.bindings.get(name, ()) if each.how == "assign")

    def grows(self, name: str) -> bool:
        """Is something added to the collection ``name`` inside a loop?"""
        return any(place.loops and self._adds_to(place.node, name) for place in self.places)

    def stored(self, name: str) -> Sequence[Node]:
        """The values that are put into the collection ``name``."""
        if not self._stored:
            self._stored.append(stored(self.unit, (place.node for place in self.places)))
        return self._stored[0].get(name, ())

    def follows(self, owner: Node) -> bool:
        """Do the lists that ``owner`` holds follow the input: is one of them added to, or made by a comprehension?"""
        name = self.unit.text(owner)
        if any(each.type in _MAKES for each in self.stored(name)):
            return True
        calls = (method_of(self.unit, place.node) for place in self.places if place.node.type == "call")
        return any(
            each is not None and each[1] in ("append", "extend") and _is_in(self.unit, each[0], name) for each in calls
        )

    def used_as_list(self, name: str) -> bool:
        """Is something done to ``name`` that of the built-in collections only a list can?"""
        return bool(self.methods_on(name) & _LIST_ONLY)

    def methods_on(self, name: str) -> frozenset[str]:
        """The methods that are called on a name."""
        calls = (method_of(self.unit, place.node) for place in self.places if place.node.type == "call")
        return frozenset(each[1] for each in calls if each is not None and self.unit.text(each[0]) == name)

    def _adds_to(self, node: Node, name: str) -> bool:
        if node.type == "augmented_assignment":
            left = node.child_by_field_name("left")
            return left is not None and self.unit.text(left) == name
        if node.type == "assignment":
            left = node.child_by_field_name("left")
            owner = left.child_by_field_name("value") if left is not None and left.type == "subscript" else None
            right = node.child_by_field_name("right")
            index = left.child_by_field_name("subscript") if left is not None and owner is not None else None
            part = index is not None and index.type == "slice"
            if part and right is not None and right.type == "list" and not right.named_child_count:
                return False  # ``parts[:3] = []``
            return owner is not None and self.unit.text(owner) == name
        called = method_of(self.unit, node) if node.type == "call" else None
        return called is not None and called[1] in _ADDING and self.unit.text(called[0]) == name

    def shape(self, node: Node | None) -> Shape:
        """What kind of value an expression is; empty if not known."""
        return shapes.shape_of(self, node)

    def listed(self, node: Node) -> Shape:
        """The same; where only other files could tell that it is a list, and the whole text is looked through, it is
        taken for one, and what they must be asked is noted (see :meth:`asked`)."""
        known = self.shape(node)
        if known or not is_looked_through(self.unit.data):
            return known
        questions = supposed.questions(self, node)
        if not questions:
            return known
        self._asked.update(questions)
        return "list"

    def asked(self) -> frozenset[Question]:
        """What other files must be asked for what was judged since this was called last."""
        if not self._asked:
            return frozenset()
        asked = frozenset(self._asked)
        self._asked.clear()
        return asked

    def element(self, node: Node | None) -> Shape:
        """What kind of value the elements of a collection are; empty if not known."""
        return shapes.element_of(self, node)

    def small(self, node: Node | None) -> bool:
        """Is a collection known to have few elements, whatever the input?"""
        return sizes.small(self, node)


def _is_in(unit: Unit, node: Node, name: str) -> bool:
    """``found[key]``, ``found.setdefault(key, [])``"""
    if node.type == "subscript":
        owner = node.child_by_field_name("value")
    else:
        called = method_of(unit, node) if node.type == "call" else None
        owner = called[0] if called is not None and called[1] == "setdefault" else None
    return owner is not None and unit.text(owner) == name


def _sources(loop: Node) -> list[Node | None]:
    """What a ``for`` or a comprehension goes over."""
    if loop.type == "for_statement":
        return [loop.child_by_field_name("right")]
    return [each.child_by_field_name("right") for each in loop.named_children if each.type == "for_in_clause"]


_ADDING = ("append", "extend", "insert", "appendleft", "add", "update", "setdefault")
_MAKES = frozenset({"list_comprehension", "call"})
_LIST_ONLY = frozenset({"sort", "insert", "reverse"})

_last: list[Flow] = []


def flow_of(unit: Unit) -> Flow:
    """The facts of a unit. The last one is kept: rules ask for the same unit one after the other."""
    for flow in _last:
        if flow.unit is unit:
            return flow
    flow = _build(unit)
    _last[:] = [flow]
    return flow


_LEAVES = frozenset({"continue_statement", "break_statement", "return_statement", "raise_statement"})
_BRANCHES = frozenset({"if_statement", "conditional_expression", "match_statement"})


def together(one: Node, other: Node, loop: Loop) -> bool:
    """Can both happen in one pass of ``loop``? Not if they are in different branches, nor if the first one's branch
    leaves the pass before the other one is reached."""
    first, last = (one, other) if one.start_byte <= other.start_byte else (other, one)
    way = [first]
    while way[-1].parent is not None and not _covers(way[-1], last):
        way.append(way[-1].parent)
    meeting = way.pop()
    if meeting.type in _BRANCHES and way:
        branch = way[-1]
        condition = meeting.child_by_field_name("condition") or meeting.child_by_field_name("subject")
        if branch != condition:
            return False
    inner = False
    for node in way:
        inner = inner or node.type in LOOPS
        if node.type == "block":
            end = _end(node)
            leaves = end in ("return_statement", "raise_statement") if inner else end in _LEAVES
            if leaves and loop.contains(node):
                return False
    return True


def _end(block: Node) -> str:
    """The type of the last statement of a block."""
    return next((each.type for each in reversed(block.named_children) if each.type != "comment"), "")


def _covers(outer: Node, inner: Node) -> bool:
    return outer.start_byte <= inner.start_byte and inner.end_byte <= outer.end_byte


_Frame = tuple[Node, tuple[Loop, ...]]
#: What holds nothing that is looked for.
_ENDS = frozenset({"identifier", "integer", "float", "true", "false", "none", "comment", "pass_statement"})


def _build(unit: Unit) -> Flow:
    bindings: dict[str, list[Binding]] = {}
    places: list[Place] = []
    root = unit.node
    stack: list[_Frame] = [(root, ())]
    while stack:
        node, loops = stack.pop()
        kind = node.type
        if kind in _PLACES:
            places.append(Place(node, loops))
        if kind in _ENDS:
            continue
        if kind in BINDERS:
            bind(unit, node, bindings)
        if kind in _SCOPES and node != root:
            if unit.kind != "function" and kind != "lambda":
                continue  # a unit of its own
            loops = ()
        elif loops and kind in ("block", "return_statement", "raise_statement"):
            loops = _repeating(node, loops)
        if kind == "for_statement":
            stack += _for_frames(unit, node, loops)
        elif kind == "while_statement":
            stack += [
                (each, loops if each.type == "else_clause" else (*loops, Loop(node, _runs_short(unit, node))))
                for each in reversed(node.named_children)
            ]
        elif kind in COMPREHENSIONS:
            for clause in [each for each in node.named_children if each.type == "for_in_clause"][:1]:
                bind(unit, clause, bindings)
            stack += _comprehension_frames(unit, node, loops)
        else:
            stack += [(each, loops) for each in reversed(node.named_children)]
    return Flow(unit, {name: tuple(bound) for name, bound in bindings.items()}, tuple(places))


def _repeating(node: Node, loops: tuple[Loop, ...]) -> tuple[Loop, ...]:
    """The loops that repeat what is in ``node``: none if it returns, not the innermost if it breaks out of it."""
    if node.type != "block":
        return ()
    parent = node.parent
    end = _end(node)
    # ``while True: try: … return`` is repeated when it fails, a loop's own body by its ``continue``
    again = parent is not None and (parent.type == "try_statement" or (parent.type in LOOPS and _continues(node)))
    if end in ("return_statement", "raise_statement"):
        return loops if again else ()
    if end != "break_statement" or again:
        return loops
    statements = [number for number, loop in enumerate(loops) if loop.node.type in LOOPS]
    return loops[: statements[-1]] if statements else loops


def _continues(body: Node) -> bool:
    """Does something in a loop's body go on with the next pass?"""
    return any(each.type == "continue_statement" for each in descend(body))


def _runs_short(unit: Unit, loop: Node) -> bool:
    """``while len(parts) < 3:``, ``while len(asked) < self.tries:``, ``while tries < 3: … tries += 1``,
    ``while number: … number //= 10``: a few passes by design."""
    condition = loop.child_by_field_name("condition")
    if condition is None:
        return False
    tested = condition.named_children[0] if condition.type == "comparison_operator" else condition
    if condition.type == "comparison_operator" and len(condition.named_children) == 2:
        left, right = condition.named_children
        signs = [each.type for each in condition.children_by_field_name("operators")]
        is_length = left.type == "call" and unit.call_name(left) == "len"
        few = (right.type == "integer" and len(unit.text(right)) < 3) or (
            right.type in ("identifier", "attribute") and counts_few(unit.text(right))
        )
        is_limit = signs in (["<"], ["<="]) and few
        if is_limit and (is_length or (left.type == "identifier" and _counts_up(unit, unit.text(left), loop))):
            return True
    stack = [loop.child_by_field_name("body")]
    while stack:
        node = stack.pop()
        if node is None:
            continue
        if node.type in ("augmented_assignment", "assignment"):
            if _shrinks(unit, node, tested):
                return True
        elif node.type in _STRAIGHT:
            stack += node.named_children
    return False


def _counts_up(unit: Unit, name: str, loop: Node) -> bool:
    """Does every pass add one to ``name``, and is it given no other value?"""
    body = loop.child_by_field_name("body")
    given = [
        each
        for each in descend(loop)
        if each.type in ("augmented_assignment", "assignment", "named_expression", "for_statement")
        for left in (each.child_by_field_name("left") or each.child_by_field_name("name"),)
        if left is not None and name in [unit.text(part) for part in (left, *descend(left))]
    ]
    if len(given) != 1 or body is None or given[0].parent is None or given[0].parent.parent != body:
        return False
    return "".join(unit.text(given[0]).split()) in (f"{name}+=1", f"{name}={name}+1") and not _continues(body)


_STRAIGHT = frozenset({"block", "expression_statement", "if_statement", "else_clause", "elif_clause"})


#: What a walk from the inside out goes by: as many steps as something is nested.
_OUTWARDS = frozenset(
    {"parent", "_parent", "parent_node", "expr", "func", "outer", "enclosing", "lhs", "f_back", "tb_next"}
)
_DIRECTORIES = frozenset({"os.path.dirname", "os.path.split", "posixpath.dirname"})


def _shrinks(unit: Unit, node: Node, tested: Node) -> bool:
    """Does this divide or shift the number that the loop tests (as many passes as it has digits), or go one step
    outwards (``node = node.parent``, ``path = dirname(path)``: as many passes as there are levels)?"""
    left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
    if left is None or right is None:
        return False
    name = unit.text(left)
    operator = (node if node.type == "augmented_assignment" else right).child_by_field_name("operator")
    if operator is not None and operator.type.rstrip("=") in ("//", ">>"):
        return tested.type == "identifier" and unit.text(tested) == name
    if right.type == "call" and unit.call_name(right) == "divmod":
        return tested.type == "identifier" and unit.text(tested) in name
    if right.type == "attribute":
        owner, attribute = right.child_by_field_name("object"), right.child_by_field_name("attribute")
        return (
            owner is not None
            and attribute is not None
            and unit.text(owner) == name
            and unit.text(attribute) in _OUTWARDS
        )
    if right.type == "call" and unit.call_name(right) in _DIRECTORIES:
        return any(unit.text(each) in name for each in arguments_of(right))
    return False


def _for_frames(unit: Unit, node: Node, loops: tuple[Loop, ...]) -> list[_Frame]:
    left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
    few = left is not None and left.type == "identifier" and says_few(unit.text(left))
    around = (each.node.child_by_field_name("right") for each in loops if not each.bounded)
    square = few and right is not None and any(each and unit.text(each) == unit.text(right) for each in around)
    inside = (*loops, Loop(node, few and not square))  # of a square there are as many columns as rows
    return [
        (each, loops if each == right or each.type == "else_clause" else inside)
        for each in reversed(node.named_children)
    ]


def _comprehension_frames(unit: Unit, node: Node, loops: tuple[Loop, ...]) -> list[_Frame]:
    """The first iterable is looked at once, everything else once an element."""
    clauses = [each for each in node.named_children if each.type == "for_in_clause"]
    first = clauses[0].child_by_field_name("right") if clauses else None
    left = clauses[0].child_by_field_name("left") if len(clauses) == 1 else None
    few = left is not None and left.type == "identifier" and says_few(unit.text(left))
    inside = (*loops, Loop(node, few))
    frames: list[_Frame] = []
    for each in reversed(node.named_children):
        if clauses and each == clauses[0]:
            frames += [(part, loops if part == first else inside) for part in reversed(each.named_children)]
        else:
            frames.append((each, inside))
    return frames
