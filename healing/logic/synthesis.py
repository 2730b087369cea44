"""Expressions that no slip explains: synthesised from what values the tests show (SemFix, Nguyen et al., 2013; Nopol,
Xuan et al., 2017; DynaMoth, Durieux and Monperrus, 2016).

Where suspicious lines take a value, small expressions over what is in scope there are evaluated, at evaluations of
failing and of passing tests (``inside/suture_values.py``). What gives the same values at all of them is one class
(observational equivalence); of each its likeliest member is tried as an edit, as other small changes are. This is done
last, in the time that is left.

Invariant: nothing is verified here but by the real command, and only what its rivals do not contradict.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from tree_sitter import Node

from ...analyzers.findings import Json
from ...analyzers.syntax import named_nodes
from ..checks import is_check
from ..probe import Run
from ..scopes import tree_of
from ..verify import State
from ..workspace import Workspace
from .choice import choose
from .heal import LEAST_S, Bench, Way, confirmed, fails_alike, led_to, survivors
from .mutations import Placed, mutations, suspects, with_breaks
from .spectrum import ochiai
from .synthesis_statements import GAPS, Gap, borrowed, gaps, guards, remade, simple_statements
from .tree import Function, Mutation, functions_of, is_load
from .trial import Traced, attempt, observe

#: Places that are looked at, edits that are tried, and classes of one place.
HOLES, MOST, OF_HOLE = 40, 400, 16
#: The shares of the time that is left for looking and for trying, and what looking takes at most (seconds).
LOOK, TRY, LOOK_S = 0.35, 0.8, 3.5
#: Constants that a condition or a default may need, beside those of the function.
LITERALS = ("0", "1", "''", "None", "True", "False", "[]", "{}")
_EXPRESSIONS = frozenset(
    (
        *("identifier", "attribute", "call", "subscript", "binary_operator", "comparison_operator", "boolean_operator"),
        *("not_operator", "unary_operator", "conditional_expression", "list_comprehension", "await", "tuple"),
        *("dictionary_comprehension", "set_comprehension", "parenthesized_expression", "none"),
    )
)
_TIGHT = frozenset({"identifier", "attribute", "call", "subscript", "string", "list", "dictionary", "tuple"})
_LOOSE = re.compile(r" (?:[-+*/%<>|&]|//|==|!=|<=|>=|in|is|not|and|or|if)\b| [-+*/%<>|&=!]|^not ")
_OPERATORS = frozenset(
    (
        *("binary_operator", "comparison_operator", "boolean_operator", "not_operator", "unary_operator", "await"),
        *("attribute", "subscript", "call", "conditional_expression"),
    )
)


@dataclass(frozen=True, slots=True)
class Hole:
    """An expression whose value is asked for, and how suspicious its line is. ``role`` is ``condition`` where only
    its truth counts."""

    path: str
    function: Function
    node: Node
    role: str
    suspicion: float

    @property
    def text(self) -> str:
        return self.function.text(self.node)


Place = Hole | Gap


def heal_by_synthesis(workspace: Workspace, first: Run, traced: Traced | None, bench: Bench) -> list[State]:
    """Edits with synthesised expressions over which the tests pass: verified ones first, then guesses."""
    left = bench.deadline - bench.clock() - 0.5
    if traced is None or not fails_alike(first, traced) or left < 3 * LEAST_S:
        return []
    suspicion = bench.weigh(led_to(first.fault, ochiai(traced.tests)))
    holes, gaps = suspicious(workspace, suspicion)
    places: list[Place] = [*holes, *gaps]
    if not places:
        return []
    bench.say(f"trying expressions from the values at {len(places)} places")
    seen = observe(
        workspace.with_texts(instrumented(workspace, places)),
        bench.program,
        traced,
        asked(workspace, places),
        sandbox=bench.sandbox,
        budget_s=min(LOOK * left, LOOK_S),
        cwd=bench.cwd,
        cancel=bench.cancel,
    )
    known = {_key(workspace, each) for each in mutations(workspace, suspicion)}
    found = [*placed(holes, seen), *_statements(workspace, gaps, seen, len(holes))]
    found.sort(key=lambda each: -each.mutation.weight)
    candidates = [each for each in found if _key(workspace, each) not in known][:MOST]
    budget = TRY * (bench.deadline - bench.clock() - 0.5)
    if not candidates or budget < LEAST_S:
        return []
    tried = attempt(
        workspace,
        bench.program,
        traced,
        candidates,
        sandbox=bench.sandbox,
        budget_s=budget,
        cwd=bench.cwd,
        cancel=bench.cancel,
    )
    if tried.control:
        bench.doubt(tried.control)
        return []
    passing = survivors(workspace, candidates, tried)
    choices = choose({index: candidates[index].mutation.weight for index in passing}, tried.rivals)
    return confirmed(workspace, first, traced, Way(), candidates, choices, bench)


def suspicious(
    workspace: Workspace, suspicion: Mapping[tuple[str, int], float], most: int = HOLES
) -> tuple[list[Hole], list[Gap]]:
    """The expressions on suspicious lines and the places before suspicious statements, the most suspicious first."""
    found: list[Hole] = []
    between: list[Gap] = []
    for path in dict.fromkeys(path for path, _ in suspicion):
        text, source = workspace.text(path), workspace.source(path)
        if text is None or source is None or source.encoding.lower() not in ("utf-8", "utf8", "utf_8", "utf-8-sig"):
            continue
        if is_check(workspace, path) or not path.endswith(".py"):
            continue
        lines = {line: value for (name, line), value in suspicion.items() if name == path}
        for function in suspects(text, lines):
            if function.node.type != "function_definition":
                continue
            between += gaps(path, function, lines)
            for node in function.own:
                role = role_of(node, function)
                if role and (share := lines.get(node.start_point[0], 0.0)) > 0.0:
                    found.append(Hole(path, function, node, role, share))
    found.sort(key=lambda each: (-each.suspicion, each.node.end_byte - each.node.start_byte))
    between.sort(key=lambda each: -each.suspicion)
    return found[:most], between[:GAPS]


def role_of(node: Node, function: Function) -> str:
    """``condition`` or ``value``; "" for what is no expression of its own, a target or a callee."""
    parent = node.parent
    if node.type not in _EXPRESSIONS or parent is None or node.start_byte < function.body.start_byte:
        return ""
    kind = parent.type

    def is_field(name: str) -> bool:
        child = parent.child_by_field_name(name)
        return child is not None and child.id == node.id

    if kind in ("if_statement", "elif_clause", "while_statement"):
        return "condition" if is_field("condition") else ""
    if kind in ("if_clause", "boolean_operator", "not_operator"):
        return "condition"
    if kind == "conditional_expression":
        return "condition" if parent.named_children[1].id == node.id else "value"
    if kind == "call":
        return ""
    if kind in ("attribute",):
        return "value" if is_field("object") and function.text(node) not in ("self", "cls") else ""
    if node.type == "identifier" and not is_load(node):
        return ""
    if kind in ("assignment", "for_statement", "for_in_clause", "augmented_assignment"):
        return "value" if is_field("right") else ""
    if kind == "subscript":
        if _is_target(parent) and is_field("value"):
            return ""
        return "value"
    if kind in ("keyword_argument", "named_expression", "default_parameter", "typed_default_parameter"):
        return "value" if is_field("value") and kind in ("keyword_argument", "named_expression") else ""
    if kind in ("expression_list", "tuple", "list"):
        return "" if _is_target(parent) else "value"
    if kind == "argument_list":
        return "argument"
    if kind in (
        *("return_statement", "binary_operator", "comparison_operator", "pair", "slice", "list_splat"),
        *("unary_operator", "dictionary_splat", "yield", "raise_statement", "lambda", "list_comprehension"),
        *("generator_expression", "set_comprehension"),
    ):
        return "value"
    return ""


def _is_target(node: Node) -> bool:
    """Whether something is bound or deleted here."""
    top = node
    while top.parent is not None and top.parent.type in (
        "expression_list",
        "pattern_list",
        "tuple",
        "list",
        "tuple_pattern",
    ):
        top = top.parent
    outer = top.parent
    if outer is None:
        return False
    left = outer.child_by_field_name("left")
    return outer.type == "delete_statement" or (left is not None and left.id == top.id)


def instrumented(workspace: Workspace, holes: Sequence[Place]) -> dict[str, str]:
    """The files with a probe at each place, its number that of the place."""
    found: dict[str, str] = {}
    for path in dict.fromkeys(each.path for each in holes):
        data = (workspace.text(path) or "").encode("utf-8", "surrogatepass")
        marks: list[tuple[int, int, int, str]] = []
        for number, hole in enumerate(holes):
            if hole.path == path and isinstance(hole, Gap):
                blanks = hole.function.indent(hole.node)
                marks.append((hole.node.start_byte, 0, number, f"__suture_probe__({number})\n{blanks}"))
            elif hole.path == path:
                start, end = hole.node.start_byte, hole.node.end_byte
                marks.append((start, 1, -end, f"(__suture_probe__({number}) or ("))
                marks.append((end, -1, 0, "))"))
        parts: list[bytes] = []
        at = 0
        for place, _, _, text in sorted(marks):
            parts += (data[at:place], text.encode())
            at = place
        found[path] = b"".join((*parts, data[at:])).decode("utf-8", "surrogatepass")
    return found


def asked(workspace: Workspace, holes: Sequence[Place]) -> dict[str, Json]:
    """What the probes are told: each hole, and what the expressions of its file may be made of."""
    probes: list[Json] = []
    for hole in holes:
        near = list(reversed([name for name, start in hole.function.bound.items() if start <= hole.node.start_byte]))
        probes.append(
            {
                "path": hole.path,
                "text": hole.text,
                "role": "guard" if isinstance(hole, Gap) else hole.role,
                "tight": isinstance(hole, Gap) or hole.node.type in _TIGHT,
                "parts": cast("list[Json]", [] if isinstance(hole, Gap) else _parts(hole)),
                "names": [hole.function.text(each) for each in named_nodes(hole.node) if each.type == "identifier"],
                "asked": "" if isinstance(hole, Gap) else _asked(hole),
                "near": cast("list[Json]", near),
                "function": hole.function.name,
                "literals": cast("list[Json]", _literals(hole.function)),
            }
        )
    paths = {each.path for each in holes}
    files: dict[str, Json] = {path: cast("Json", vocabulary(workspace.text(path) or "")) for path in paths}
    modules: list[Json] = [name for name, path in workspace.modules.items() if path in paths]
    return {"probes": probes, "files": files, "modules": modules}


def _asked(hole: Hole) -> str:
    """The attribute that is asked of the value."""
    parent = hole.node.parent
    name = parent.child_by_field_name("attribute") if parent is not None and parent.type == "attribute" else None
    return hole.function.text(name) if name is not None else ""


def _parts(hole: Hole) -> list[str]:
    """Expressions within the one that stands there."""
    inside = [each for each in named_nodes(hole.node) if each.id != hole.node.id]
    found = [each for each in inside if each.type == "string" or role_of(each, hole.function)]
    return list(dict.fromkeys(hole.function.text(each) for each in found if each.type != "integer"))[:6]


def _literals(function: Function) -> list[str]:
    own = [function.text(each) for each in function.own if each.type in ("integer", "float")]
    words = [function.text(each) for each in function.own if each.type == "string" and len(function.text(each)) < 16]
    words = [each for each in words if each[0] in "'\""]
    return list(dict.fromkeys((*LITERALS, *own[:6], *words[:6])))


def vocabulary(text: str) -> dict[str, list[str]]:
    """The names of a file that expressions are made of: ``attributes`` that are read, ``methods`` that are called with
    nothing, ``callables``, ``constants`` and imported ``modules``; ``made``: functions that are called."""
    tree, data = tree_of(text)

    def word(node: Node | None) -> str:
        return data[node.start_byte : node.end_byte].decode("utf-8", "replace") if node is not None else ""

    attributes: dict[str, None] = {}
    methods: dict[str, None] = {}
    called: dict[str, None] = {}
    for node in named_nodes(tree.root_node):
        if node.type == "attribute":
            name, parent = word(node.child_by_field_name("attribute")), node.parent
            function = parent.child_by_field_name("function") if parent is not None and parent.type == "call" else None
            if function is None or function.id != node.id:
                attributes[name] = None
            elif parent is not None and not (parent.child_by_field_name("arguments") or parent).named_children:
                methods[name] = None
        elif node.type == "call":
            function = node.child_by_field_name("function")
            if function is not None and function.type == "identifier":
                called[word(function)] = None
    callables: dict[str, None] = {}
    modules: dict[str, None] = {}
    made: dict[str, None] = {}
    constants: dict[str, None] = {}
    for node in tree.root_node.named_children:
        inner = node.child_by_field_name("definition") if node.type == "decorated_definition" else node
        if inner is None:
            continue
        if inner.type in ("function_definition", "class_definition"):
            if inner.type == "function_definition":
                made[word(inner.child_by_field_name("name"))] = None
            callables[word(inner.child_by_field_name("name"))] = None
        elif inner.type in ("import_from_statement", "import_statement"):
            for each in inner.children_by_field_name("name"):
                alias = each.child_by_field_name("alias")
                (modules if inner.type == "import_statement" else callables)[word(alias or each)] = None
        elif inner.type == "expression_statement" and inner.named_children[0].type == "assignment":
            left = inner.named_children[0].child_by_field_name("left")
            if left is not None and left.type == "identifier":
                constants[word(left)] = None
    names = [each for each in (*callables, *called) if each.isidentifier() and not each.startswith("__")]
    return {
        "attributes": list(attributes),
        "methods": list(methods),
        "callables": list(dict.fromkeys(names)),
        "constants": list(constants),
        "modules": list(modules),
        "made": list(dict.fromkeys([*made, *(each for each in called if each.isidentifier())])),
    }


def _statements(
    workspace: Workspace, between: Sequence[Gap], seen: Mapping[int, Sequence[Mapping[str, Any]]], first: int
) -> list[Placed]:
    """Statements before those of the gaps; the numbers of their probes begin at ``first``."""
    found: list[Placed] = []
    for path in dict.fromkeys(each.path for each in between):
        text = workspace.text(path) or ""
        words, everything = vocabulary(text), simple_statements(functions_of(text))
        outer = frozenset([*words["callables"], *words["constants"], *words["modules"]])
        for number, gap in enumerate(between):
            if gap.path == path:
                found += guards(gap, seen.get(first + number, ()))
                found += borrowed(gap, everything, outer)
                found += remade(gap, words["made"])
    return found


def placed(holes: Sequence[Hole], seen: Mapping[int, Sequence[Mapping[str, Any]]]) -> list[Placed]:
    """Edits that put a class's representative into its hole, the likeliest first."""
    found: list[Placed] = []
    for number, members in seen.items():
        if number >= len(holes):
            continue
        hole = holes[number]
        data = hole.function.data
        whole = data.decode("utf-8", "replace")
        windows = b"\r\n" in data
        own: list[Placed] = []
        for each in members:
            text = str(each["text"])
            prior = min(float(each["prior"]) * likeness(hole, text, whole, each), 0.9)
            new = f"({text})" if _needs_brackets(hole.node, text) else text
            splice = (hole.node.start_byte, hole.node.end_byte, new)
            title = f"Make `{_short(hole.text)}` `{_short(text)}`"
            line = hole.node.start_point[0]
            mutation = Mutation(title, (splice,), line, prior, "synthesis", prior * hole.suspicion)
            own.append(Placed(hole.path, with_breaks(mutation) if windows else mutation, hole.function.chunk))
        own.sort(key=lambda each: -each.mutation.weight)
        found += own[:OF_HOLE]
    return sorted(found, key=lambda each: -each.mutation.weight)


def likeness(hole: Hole, text: str, whole: str, seen: Mapping[str, Any]) -> float:
    """How much likelier than its form an expression is: of the kind that is taken there, as it was where tests pass,
    written elsewhere too (the plastic surgery hypothesis, Barr et al., 2014), like what stands there."""
    share = 1.0 if seen["fits"] else 0.15 if seen["passing"] else 0.5
    if seen["passing"]:
        share *= 1.6 if seen["agrees"] == seen["passing"] else 0.5 if not seen["agrees"] else 0.8
    if len(text) > 3 and re.search(rf"(?<![\w.]){re.escape(text)}(?!\w)", whole):
        share *= 1.6
    alike = difflib.SequenceMatcher(None, hole.text, text).ratio()
    return share * (0.4 + alike)


def _needs_brackets(node: Node, text: str) -> bool:
    parent = node.parent
    return parent is not None and parent.type in _OPERATORS and bool(_LOOSE.search(text))


def _short(text: str) -> str:
    one = " ".join(text.split())
    return one if len(one) <= 60 else one[:57] + "…"


def _key(workspace: Workspace, placed: Placed) -> tuple[str, bytes]:
    data = (workspace.text(placed.path) or "").encode("utf-8", "surrogatepass")
    start, end = placed.chunk[:2]
    starts = [start, *(each[0] for each in placed.mutation.splices)]
    ends = [end, *(each[1] for each in placed.mutation.splices)]
    return placed.path, placed.part(data, min(starts), max(ends))
