"""Names of one statement: what it binds in the scope around it, and what it uses without binding it.

Scopes follow the language reference (functions, lambdas and comprehensions nest; a class body is not visible from
its methods), flow-insensitively: a name that is bound anywhere in a scope counts as bound in all of it. Inside an
``ERROR`` node a name that nothing there binds is neither a use nor a binding.
"""

from __future__ import annotations

import builtins
import keyword
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from operator import itemgetter

import tree_sitter
from tree_sitter import Node

from .branches import Fact, Reach, reaches
from .syntax import LANGUAGE, code_points

_QUERY = """
(identifier) @id

(attribute attribute: (identifier) @skip)
(keyword_argument name: (identifier) @skip)
(keyword_pattern . (identifier) @skip)
(dotted_name (identifier) (identifier) @skip)
(relative_import (dotted_name (identifier) @skip))
(import_from_statement module_name: (dotted_name (identifier) @skip))
(aliased_import name: (dotted_name (identifier) @skip))

(import_statement name: (dotted_name . (identifier) @bind))
(import_statement name: (aliased_import alias: (identifier) @bind))
(import_from_statement name: (dotted_name (identifier) @bind))
(import_from_statement module_name: (relative_import (dotted_name . (identifier) @bind)))
(future_import_statement name: (dotted_name (identifier) @bind))
(future_import_statement name: (aliased_import alias: (identifier) @bind))
(import_from_statement name: (aliased_import alias: (identifier) @bind))
(assignment left: (identifier) @bind)
(augmented_assignment left: (identifier) @bind)
(pattern_list (identifier) @bind)
(tuple_pattern (identifier) @bind)
(list_pattern (identifier) @bind)
(list_splat_pattern (identifier) @bind)
(dictionary_splat_pattern (identifier) @bind)
(splat_pattern (identifier) @bind)
(case_pattern (dotted_name . (identifier) @bind .))
(keyword_pattern (dotted_name . (identifier) @bind .))
(as_pattern (case_pattern) (identifier) @bind)
(as_pattern_target (identifier) @bind)
(as_pattern_target (tuple (identifier) @bind))
(as_pattern_target (list (identifier) @bind))
(as_pattern_target (tuple (tuple (identifier) @bind)))
(for_statement left: (identifier) @bind)
(for_in_clause left: (identifier) @bind)
(parameters (identifier) @bind)
(lambda_parameters (identifier) @bind)
(default_parameter name: (identifier) @bind)
(typed_default_parameter name: (identifier) @bind)
(typed_parameter . (identifier) @bind)
(nonlocal_statement (identifier) @bind)
(type_alias_statement left: (type (identifier) @bind))
(type_alias_statement left: (type (generic_type . (identifier) @bind)))
(type_alias_statement left: (type (generic_type (type_parameter (type (identifier) @bind)))))
(type_alias_statement left: (type (generic_type (type_parameter (type (splat_type (identifier) @bind))))))
(function_definition type_parameters: (type_parameter (type (identifier) @bind)))
(function_definition type_parameters: (type_parameter (type (splat_type (identifier) @bind))))
(function_definition type_parameters: (type_parameter (type (constrained_type . (type (identifier) @bind)))))
(class_definition type_parameters: (type_parameter (type (identifier) @bind)))
(class_definition type_parameters: (type_parameter (type (splat_type (identifier) @bind))))
(class_definition type_parameters: (type_parameter (type (constrained_type . (type (identifier) @bind)))))
(named_expression name: (identifier) @walrus)
(global_statement (identifier) @global)
(function_definition name: (identifier) @define)
(class_definition name: (identifier) @define)

(function_definition) @function
(lambda) @function
(function_definition body: (_) @body)
(lambda body: (_) @body)
(class_definition) @class
(list_comprehension) @comprehension
(set_comprehension) @comprehension
(dictionary_comprehension) @comprehension
(generator_expression) @comprehension

(ERROR) @error
(wildcard_import) @star
(try_statement) @try
(if_statement) @branch
(conditional_expression) @branch
(boolean_operator) @branch
"""

#: Names that need no binding anywhere: builtins of this and later versions, and what a module or class is given.
IMPLICIT: frozenset[str] = frozenset(dir(builtins)) | {
    "__annotations__",
    "__builtins__",
    "__cached__",
    "__class__",
    "__conditional_annotations__",
    "__file__",
    "__module__",
    "__path__",
    "__qualname__",
    "__warningregistry__",
    "BaseExceptionGroup",
    "EncodingWarning",
    "ExceptionGroup",
    "PythonFinalizationError",
    "WindowsError",
    "aiter",
    "anext",
    "frozendict",
    "get_ipython",
    "_",  # gettext.install puts it into builtins
    "reveal_type",
    "reveal_locals",
}


#: Words that the parser may read as more than a name.
_UNSURE = frozenset({*keyword.kwlist, *keyword.softkwlist, "print", "exec", "type", "sys", "version_info"})


_NO_FACTS: frozenset[Fact] = frozenset()

#: Names that only Python 2 has: a file that tells the two apart uses them for it, wherever it does (in `__long__`, in
#: a function that it only defines where something is missing).
_OF_PYTHON_2 = frozenset(
    {"basestring", "buffer", "cmp", "execfile", "file", "long", "raw_input", "reduce", "unichr", "unicode", "xrange"}
)
_IS_PYTHON_2: frozenset[Fact] = frozenset({("PY2", True), ("PY3", False)})


@cache
def _query() -> tree_sitter.Query:
    return tree_sitter.Query(LANGUAGE, _QUERY)


@dataclass(frozen=True, slots=True)
class Use:
    """A use of a name: rows from the first row of the statement, code-point columns (on row 0 from its start).

    ``deep`` is true inside a function's body, from where the names of a surrounding class are not visible; ``only``
    is what other names must say for it to be reached."""

    name: str
    row: int
    column: int
    deep: bool
    only: frozenset[Fact] = _NO_FACTS


@dataclass(frozen=True, slots=True)
class Names:
    """``binds``: names bound in the scope that holds the statement; ``globals``: names declared ``global`` inside;
    ``free``: uses that the statement itself does not bind; ``star``: it holds a ``from x import *``; ``bound``: all
    names that are bound in it, in whatever scope."""

    binds: frozenset[str]
    globals: frozenset[str]
    free: tuple[Use, ...]
    star: bool
    bound: frozenset[str] = frozenset()

    @property
    def free_names(self) -> frozenset[str]:
        return frozenset(use.name for use in self.free)


NOTHING = Names(frozenset(), frozenset(), (), False)


def names_of(nodes: Sequence[Node], data: bytes, origin: Node) -> Names:
    """Names of adjacent ``nodes`` (usually one statement); uses are placed relative to the start of ``origin``."""
    cursor = tree_sitter.QueryCursor(_query())
    captures: dict[str, list[Node]] = {}
    for node in nodes:
        for key, found in cursor.captures(node).items():
            captures.setdefault(key, []).extend(found)
    if "id" not in captures:
        return NOTHING if "star" not in captures else Names(frozenset(), frozenset(), (), True)

    def starts(key: str) -> set[int]:
        return {node.start_byte for node in captures.get(key, ())}

    skip, bind, walrus, define, declared = (starts(k) for k in ("skip", "bind", "walrus", "define", "global"))
    lenient = [(node.start_byte, node.end_byte) for node in captures.get("error", ())]
    guarded = _guarded(captures.get("try", ()), data)
    bodies = {node.parent.start_byte: node.start_byte for node in captures.get("body", ()) if node.parent is not None}

    # Sweep over scopes and identifiers by position. Scope 0 is the one that holds the statement.
    scopes: list[tuple[int, int, str]] = sorted(
        {
            (node.start_byte, -node.end_byte, kind)
            for kind in ("function", "class", "comprehension")
            for node in captures.get(kind, ())
        }
    )
    bound: list[set[str]] = [set()]
    kinds, parents, body_starts = ["outer"], [0], [0]
    stack: list[tuple[int, int]] = [(1 << 62, 0)]  # (end byte, scope number)
    uses: list[tuple[str, int, Node, int]] = []
    global_names: set[str] = set()
    next_scope = 0
    passed = skip.difference(bind, define, walrus, declared)  # most of them: what stands behind a dot
    placed = [(start, node) for node in captures["id"] if (start := node.start_byte) not in passed]
    placed.sort(key=itemgetter(0))
    for start, node in placed:
        while next_scope < len(scopes) and scopes[next_scope][0] <= start:
            begin, negative_end, kind = scopes[next_scope]
            next_scope += 1
            while stack[-1][0] <= begin:
                stack.pop()
            parents.append(stack[-1][1])
            kinds.append(kind)
            body_starts.append(bodies.get(begin, 0) if kind == "function" else 0)
            bound.append(set())
            stack.append((-negative_end, len(bound) - 1))
        while stack[-1][0] <= start:
            stack.pop()
        scope = stack[-1][1]
        name = data[start : node.end_byte].decode("utf-8", "replace")
        if start in bind:
            bound[scope].add(name)
        elif start in define:
            bound[parents[scope]].add(name)
        elif start in walrus:
            bound[scope].add(name)
            while kinds[scope] == "comprehension":
                scope = parents[scope]
                bound[scope].add(name)
        elif start in declared:
            global_names.add(name)
            bound[scope].add(name)
        elif name in IMPLICIT or (lenient and any(begin <= start < end for begin, end in lenient)):
            continue
        elif not (guarded and any(begin <= start < end for begin, end in guarded)):
            uses.append((name, start, node, scope))

    free: list[Use] = []
    row0, start0 = origin.start_point[0], origin.start_byte
    everywhere = frozenset[str]().union(*bound)
    ahead = reaches(captures.get("branch", ()), data)[::-1]
    open_: list[Reach] = []
    for name, start, node, scope in uses:
        if name in bound[scope]:
            continue
        visible, deep = _look_up(name, start, scope, bound, kinds, parents, body_starts)
        if visible:
            continue
        while ahead and ahead[-1].start <= start:
            open_.append(ahead.pop())
        if open_:
            open_ = [each for each in open_ if start < each.end]
        only = _NO_FACTS
        if open_:
            if any(each.facts is None for each in open_):
                continue  # another Python runs it
            only = frozenset(fact for each in open_ for fact in each.facts or () if fact[0] not in everywhere)
        if name in _OF_PYTHON_2:
            only |= _IS_PYTHON_2
        row, column = node.start_point
        line_start = start - column
        free.append(Use(name, row - row0, code_points(data[max(line_start, start0) : start]), deep, only))
    return Names(frozenset(bound[0]), frozenset(global_names), tuple(free), "star" in captures, everywhere)


def renamed(names: Names, row: int, column: int, old: str, new: str) -> Names | None:
    """The names of a statement in which the identifier ``old`` at a place became ``new``, and nothing else changed.
    None where that takes a look at the statement: only a name that it binds neither before nor after is sure."""
    if new in names.bound or not _ordinary(old, new):
        return None
    if any(old == name for use in names.free for name, _ in use.only):
        return None
    shift = len(new) - len(old)
    free: list[Use] = []
    found = False
    for use in names.free:
        if use.row == row and use.column >= column:
            if use.column == column:
                found = use.name == old
                use = replace(use, name=new)
            else:
                use = replace(use, column=use.column + shift)
        free.append(use)
    return replace(names, free=tuple(free)) if found else None


def _ordinary(old: str, new: str) -> bool:
    """Neither is a word that makes something else of what stands around it."""
    return _UNSURE.isdisjoint((old, new)) and new not in IMPLICIT and "NameError" not in f"{old} {new}"


def _look_up(
    name: str,
    start: int,
    scope: int,
    bound: list[set[str]],
    kinds: list[str],
    parents: list[int],
    body_starts: list[int],
) -> tuple[bool, bool]:
    """Whether a scope of the statement (the outermost, number 0, too) binds ``name``, and whether the use is in a
    function's body. Defaults, annotations and decorators belong to the scope around their function."""
    deep = False
    while True:
        if name in bound[scope] and not (kinds[scope] == "class" and deep):
            return True, deep
        if scope == 0:
            return False, deep
        deep = deep or (kinds[scope] == "function" and start >= body_starts[scope])
        scope = parents[scope]


def _guarded(tries: Sequence[Node], data: bytes) -> list[tuple[int, int]]:
    """Byte ranges of ``try`` bodies that catch NameError: a use in them is a test for existence."""
    ranges: list[tuple[int, int]] = []
    for node in tries:
        body = node.child_by_field_name("body")
        clauses = [child for child in node.children if child.type == "except_clause"]
        if body is None or not any(_catches_name_error(clause, data) for clause in clauses):
            continue
        ranges.append((body.start_byte, body.end_byte))
    return ranges


def _catches_name_error(clause: Node, data: bytes) -> bool:
    value = clause.child_by_field_name("value")
    return value is not None and b"NameError" in data[value.start_byte : value.end_byte]
