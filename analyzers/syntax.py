"""One syntax for every reader of code: tree-sitter's error-tolerant tree with a small typed view over it.

It does not depend on the Python that runs Suture: new syntax parses on an old host. Parsing never fails; it gives a
tree, in which what could not be understood is an ``ERROR`` or a missing node.

Invariant: bytes go in. A lone ``\\r`` is handed to the parser as ``\\n`` (same length), so that the parser's rows are
the editor's lines.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache
from typing import Any, Literal

import tree_sitter
import tree_sitter_python
from tree_sitter import Node, Tree

from .findings import Evidence, Finding, Range, Related
from .rules import Rule
from .source import words_once

UnitKind = Literal["function", "class", "module"]

LANGUAGE = tree_sitter.Language(tree_sitter_python.language())

_LONE_CR = re.compile(rb"\r(?!\n)")


@cache
def _parser() -> tree_sitter.Parser:
    return tree_sitter.Parser(LANGUAGE)


def has_lone_cr(data: bytes) -> bool:
    """Whether a ``\\r`` ends a line by itself somewhere."""
    return b"\r" in data and data.count(b"\r") != data.count(b"\r\n")


def parse(data: bytes, old: Tree | None = None) -> Tree:
    """The tree of UTF-8 ``data``; ``old`` is the edited previous tree, for an incremental parse."""
    if has_lone_cr(data):
        return _parser().parse(_LONE_CR.sub(b"\n", data))
    return _parser().parse(data, old) if old is not None else _parser().parse(data)


@lru_cache(maxsize=1)
def _last_parsed(data: bytes) -> Tree:
    return parse(data)


def parsed(data: bytes) -> Tree:
    """The tree of a whole text. The last one is kept, for a file is looked at by one part after the other; the answer
    is a copy (which costs nothing), so that it may be edited."""
    return _last_parsed(data).copy()


@dataclass(frozen=True, slots=True)
class ModuleFacts:
    """What a unit may know of the module around it.

    ``imports``: local name → dotted origin (``{"sp": "subprocess", "run": "subprocess.run"}``);
    ``constants``: module-level names that are bound exactly once, to a literal;
    ``literals``: their source text;
    ``attributes``: for a member of a class, what kind of value the class gives to ``self.name``
    (``{"waiting": "list"}``), and what its methods return (``{"rows()": "list"}``);
    ``returns``: the same of the module's functions (``{"rows()": "list"}``)."""

    imports: Mapping[str, str] = field(default_factory=dict[str, str])
    literals: Mapping[str, str] = field(default_factory=dict[str, str])
    attributes: Mapping[str, str] = field(default_factory=dict[str, str])
    returns: Mapping[str, str] = field(default_factory=dict[str, str])

    @property
    def constants(self) -> frozenset[str]:
        return frozenset(self.literals)

    def resolve(self, dotted: str) -> str:
        """``sp.run`` → ``subprocess.run``; unchanged if its first part is not an import."""
        head, dot, rest = dotted.partition(".")
        origin = self.imports.get(head)
        return dotted if origin is None else f"{origin}{dot}{rest}"


@dataclass(frozen=True, slots=True)
class Unit:
    """What a rule looks at: a function or method, a class without its methods, or one loose module statement.

    ``node`` is the definition (without decorators) or the statement; ``name`` is the qualified name
    (``Class.method``), empty for loose statements. A function's nested functions belong to it."""

    path: str
    kind: UnitKind
    name: str
    node: Node
    data: bytes
    facts: ModuleFacts
    index: Mapping[str, tuple[Node, ...]]
    _called: dict[int, str] = field(default_factory=dict[int, str], compare=False, repr=False)
    _wording: list[bytes] = field(default_factory=list[bytes], compare=False, repr=False)

    def text(self, node: Node) -> str:
        """Source text of a node."""
        return text_of(node, self.data)

    def says(self, *words: bytes) -> bool:
        """Is one of some parts of words in the unit's text, or in the origin of something that the module imports?
        What names a library's function by :meth:`dotted` says a part of its name in one of the two. Of a class, whose
        text is mostly that of its methods, the answer is yes if the file says one of them."""
        if _whole.data is self.data:
            words = _whole.said(words)
            if not words:
                return False
        if self.kind == "class":
            return True
        if not self._wording:
            text = self.data[self.node.start_byte : self.node.end_byte]
            origins = "\n".join(self.facts.imports.values())
            self._wording.append(text + b"\n" + origins.encode("utf-8", "replace"))
        wording = self._wording[0]
        return any([word in wording for word in words])

    def range(self, node: Node) -> Range:
        """Where a node is, in lines and code-point columns of the file."""
        (row, column), (end_row, end_column) = node.start_point, node.end_point
        start, end = node.start_byte, node.end_byte
        return Range(
            row,
            code_points(self.data[start - column : start]),
            end_row,
            code_points(self.data[end - end_column : end]),
        )

    def walk(self, *types: str) -> Iterator[Node]:
        """This unit's own nodes of these types, in source order per type; not those of nested units."""
        for kind in types:
            yield from self.index.get(kind, ())

    def call_name(self, call: Node) -> str:
        """The dotted name that a call node calls, import aliases resolved; empty if it is not a dotted name.

        Every rule asks, so the answer is kept."""
        name = self._called.get(call.id)
        if name is None:
            function = call.child_by_field_name("function")
            name = self._called[call.id] = self.dotted(function) if function is not None else ""
        return name

    def dotted(self, node: Node) -> str:
        """The dotted name of an identifier or attribute node, import aliases resolved; empty for anything else."""
        parts: list[str] = []
        current: Node | None = node
        while current is not None and current.type == "attribute":
            attribute = current.child_by_field_name("attribute")
            if attribute is None:
                return ""
            parts.append(self.text(attribute))
            current = current.child_by_field_name("object")
        if current is None or current.type != "identifier":
            return ""
        parts.append(self.text(current))
        return self.facts.resolve(".".join(reversed(parts)))

    def finding(
        self,
        rule: Rule,
        node: Node,
        message: str,
        *,
        confidence: float = 0.8,
        suggestion: str = "",
        evidence: tuple[Evidence, ...] = (),
        related: tuple[Related, ...] = (),
    ) -> Finding:
        """A finding of ``rule`` at ``node``."""
        return Finding(
            path=self.path,
            range=self.range(node),
            rule=rule.name,
            kind=rule.kind,
            message=message,
            severity=rule.severity,
            confidence=confidence,
            reviewer=rule.reviewer,
            cwe=rule.cwe,
            suggestion=suggestion,
            evidence=evidence,
            related=related,
        )


@dataclass(slots=True)
class _Whole:
    """A text of which every unit is looked at, and which of some words it says: asked once for all units."""

    data: bytes = b""
    once: bytes = b""  # each of its words one time
    known: dict[tuple[bytes, ...], tuple[bytes, ...]] = field(
        default_factory=dict[tuple[bytes, ...], tuple[bytes, ...]]
    )

    def said(self, words: tuple[bytes, ...]) -> tuple[bytes, ...]:
        said = self.known.get(words)
        if said is None:
            data, once = self.data, self.once
            said = self.known[words] = tuple([each for each in words if each in (once if each.isalnum() else data)])
        return said


_whole = _Whole()


def look_through(data: bytes, text: str) -> None:
    """Every unit of this text will be looked at: what the text as a whole does not say, none of them needs to be asked
    for (see :meth:`Unit.says`). Not for a text that is typed in, where few units are looked at."""
    _whole.data, _whole.once, _whole.known = data, words_once(text).encode("utf-8", "surrogatepass"), {}


def is_looked_through(data: bytes) -> bool:
    """Is every unit of this text looked at, or was that done last?"""
    return _whole.data is data or _whole.data == data


def may_ask(rules: Sequence[Rule], data: bytes) -> Sequence[Rule]:
    """The rules that may find something in a text: of one that is looked through, those whose words it says."""
    if _whole.data is not data:
        return rules
    return [rule for rule in rules if not rule.words or _whole.said(rule.words)]


def text_of(node: Node, data: bytes) -> str:
    """Source text of a node of the tree of ``data``."""
    return data[node.start_byte : node.end_byte].decode("utf-8", "replace")


def code_points(line_part: bytes) -> int:
    """Length in code points of part of a line."""
    return len(line_part) if line_part.isascii() else len(line_part.decode("utf-8", "replace"))


def descend(node: Node, skip: frozenset[str] = frozenset()) -> Iterator[Node]:
    """``node`` and all below it in source order; nodes of the ``skip`` types are given but not entered."""
    stack = [node]
    while stack:
        current = stack.pop()
        yield current
        if current.type not in skip or current.id == node.id:
            stack.extend(reversed(current.children))


def named_nodes(node: Node) -> Iterator[Node]:
    """``node`` and the named nodes below it, each before what it holds."""
    stack = [node]
    while stack:
        current = stack.pop()
        yield current
        stack.extend(current.named_children)


_DEFINITIONS = frozenset({"function_definition", "class_definition"})


def units_of(path: str, statement: Node, data: bytes, facts: ModuleFacts, prefix: str = "") -> Iterator[Unit]:
    """The units of one statement: itself, and the definitions in it that are units of their own.

    A function keeps its nested functions and lambdas; a class gives its methods and nested classes away; a loose
    compound statement (``if``, ``try``) gives the definitions in its blocks away."""
    node = statement
    if node.type == "decorated_definition":
        node = node.child_by_field_name("definition") or node
    if node.type == "function_definition":
        yield _unit(path, "function", _name(node, data, prefix), node, data, facts, nested=())
        return
    nested: list[Node] = []
    if node.type == "class_definition":
        name = _name(node, data, prefix)
        unit = _unit(path, "class", name, node, data, facts, nested)
        inner = f"{name}."
    else:
        unit = _unit(path, "module", prefix.rstrip("."), node, data, facts, nested)
        inner = prefix
    yield unit
    for definition in nested:
        yield from units_of(path, definition, data, facts, inner)


def _name(node: Node, data: bytes, prefix: str) -> str:
    name = node.child_by_field_name("name")
    return prefix + (text_of(name, data) if name is not None else "")


def _unit(
    path: str,
    kind: UnitKind,
    name: str,
    node: Node,
    data: bytes,
    facts: ModuleFacts,
    nested: list[Node] | tuple[()],
) -> Unit:
    index = _by_type(node, nested) if isinstance(nested, list) else _Index(node)
    local = dict(pair for key in _IMPORTS for each in index.get(key, ()) for pair in imports_of(each, data))
    if local:
        facts = ModuleFacts({**facts.imports, **local}, facts.literals, facts.attributes, facts.returns)
    return Unit(path, kind, name, node, data, facts, index)


def _by_type(node: Node, nested: list[Node] | None = None) -> dict[str, tuple[Node, ...]]:
    """``node`` and all below it by type; if ``nested`` is given, definitions are put there and not entered."""
    index: dict[str, list[Node]] = {}
    stack = [node]
    while stack:
        current = stack.pop()
        if nested is not None and current.id != node.id and current.type in _DEFINITIONS:
            nested.append(current)
            continue
        index.setdefault(current.type, []).append(current)
        if current.child_count:
            stack.extend(reversed(current.children))
    return {key: tuple(nodes) for key, nodes in index.items()}


class _Index(Mapping[str, tuple[Node, ...]]):
    """A function's nodes by type. Those that rules ask for are found by one query, in the parser's own code; where
    another type is asked for, the whole function is walked."""

    def __init__(self, node: Node) -> None:
        self._node = node
        self._found = {
            _TOKENS.get(key, key): tuple(sorted(nodes, key=_outside_in) if len(nodes) > 1 else nodes)
            for key, nodes in _cursor().captures(node).items()
        }
        self._all: dict[str, tuple[Node, ...]] | None = None

    def _types(self, key: object) -> Mapping[str, tuple[Node, ...]]:
        if key in _QUICK:
            return self._found
        if self._all is None:
            self._all = _by_type(self._node)
        return self._all

    def __getitem__(self, key: str) -> tuple[Node, ...]:
        return self._types(key)[key]

    def get(self, key: str, default: Any = None) -> Any:
        return self._types(key).get(key, default)

    def __contains__(self, key: object) -> bool:
        return key in self._types(key)

    def __iter__(self) -> Iterator[str]:
        return iter(self._types(""))

    def __len__(self) -> int:
        return len(self._types(""))


def _outside_in(node: Node) -> tuple[int, int]:
    return node.start_byte, -node.end_byte


_IMPORTS = ("import_statement", "import_from_statement")
#: Types of nodes that the rules look for.
_ASKED = frozenset(
    {
        *_IMPORTS,
        *("assert_statement", "assignment", "augmented_assignment", "await", "binary_operator", "boolean_operator"),
        *("break_statement", "call", "case_clause", "comparison_operator", "conditional_expression"),
        *("continue_statement", "delete_statement", "dictionary_comprehension", "elif_clause", "except_clause"),
        *("expression_statement", "for_in_clause", "for_statement", "function_definition", "generator_expression"),
        *("if_clause", "if_statement", "list", "list_comprehension", "match_statement", "raise_statement"),
        *("return_statement", "set_comprehension", "slice", "string", "subscript", "try_statement"),
        *("while_statement", "with_statement"),
    }
)
#: Tokens that they look for, by a name that a query can give them.
_TOKENS = {"async": "async", "equals": "=="}
_QUICK = _ASKED.union(_TOKENS.values())


@cache
def _cursor() -> tree_sitter.QueryCursor:
    patterns = [f"({kind}) @{kind}" for kind in sorted(_ASKED)]
    patterns += [f'"{token}" @{name}' for name, token in _TOKENS.items()]
    return tree_sitter.QueryCursor(tree_sitter.Query(LANGUAGE, "\n".join(patterns)))


_LITERALS = frozenset({"string", "concatenated_string", "integer", "float", "true", "false", "none"})
_COLLECTIONS = frozenset({"tuple", "list", "set", "dictionary"})
_COMPUTED = frozenset(
    {
        "comparison_operator",
        "binary_operator",
        "boolean_operator",
        "not_operator",
        "unary_operator",
        "parenthesized_expression",
    }
)
_LITERAL_PARTS = (
    _LITERALS | _COLLECTIONS | {"pair", "comment", "string_start", "string_content", "string_end", "escape_sequence"}
)


def imports_of(statement: Node, data: bytes) -> Iterator[tuple[str, str]]:
    """(local name, dotted origin) of an import statement; relative origins keep their dots; stars give nothing."""

    def text(node: Node) -> str:
        return "".join(text_of(node, data).split())

    module = ""
    if statement.type == "import_from_statement":
        source = statement.child_by_field_name("module_name")
        if source is None:
            return
        module = text(source)
        module += "" if module.endswith(".") else "."
    for name in statement.children_by_field_name("name"):
        if name.type == "aliased_import":
            origin, alias = name.child_by_field_name("name"), name.child_by_field_name("alias")
            if origin is not None and alias is not None:
                yield text(alias), module + text(origin)
        elif module:
            yield text(name), module + text(name)
        else:
            head = text(name).partition(".")[0]
            yield head, head


def _is_literal_collection(node: Node) -> bool:
    """A short tuple, list, set or dictionary of literals only, such as a table of allowed values."""
    if node.type not in _COLLECTIONS or node.end_byte - node.start_byte > 4096:
        return False
    return all(not each.is_named or each.type in _LITERAL_PARTS for each in descend(node))


def _is_computed(node: Node) -> bool:
    """A short expression of literals only, such as ``10 // 3`` or ``not True``."""
    if node.type not in _COMPUTED or node.end_byte - node.start_byte > 200:
        return False
    return all(not each.is_named or each.type in _LITERAL_PARTS or each.type in _COMPUTED for each in descend(node))


def literal_of(statement: Node, data: bytes) -> tuple[str, str] | None:
    """(name, source text) if a statement is ``NAME = literal``, or an expression of literals."""
    if statement.type != "expression_statement" or statement.child_count != 1:
        return None
    assignment = statement.children[0]
    if assignment.type != "assignment":
        return None
    left, right = assignment.child_by_field_name("left"), assignment.child_by_field_name("right")
    if left is None or right is None or left.type != "identifier":
        return None
    if right.type not in _LITERALS and not _is_literal_collection(right) and not _is_computed(right):
        return None
    if right.type in ("string", "concatenated_string") and any(n.type == "interpolation" for n in descend(right)):
        return None
    return text_of(left, data), text_of(right, data)


def enclosing(node: Node | None, *types: str) -> Node | None:
    """The node itself, or its nearest ancestor, that is of one of these types."""
    while node is not None and node.type not in types:
        node = node.parent
    return node
