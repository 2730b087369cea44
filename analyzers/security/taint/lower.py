"""Lowers the tree of a file to the node classes of :mod:`ast`, which the taint engine interprets.

The classes serve as an intermediate form with field names that everybody knows; the host's parser is not involved, so
that syntax newer than the host is analysed as well. Columns are UTF-8 bytes, as :mod:`ast` has them.

Invariant: never raises for what a text holds. What is not understood is lowered to a bare ``Name`` with an empty
identifier, about which nothing is known. It deliberately does not lower type
parameters: no value flows through them.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeVar

from tree_sitter import Node

from ...syntax import descend, text_of

N = TypeVar("N", bound=ast.AST)

#: Names that an interpreter gives to what it does not understand.
NOTHING = ""

_IGNORED = frozenset({"comment", "line_continuation", "type_conversion"})
OPERATORS: dict[str, type[ast.operator]] = {
    "+": ast.Add, "-": ast.Sub, "*": ast.Mult, "/": ast.Div, "//": ast.FloorDiv, "%": ast.Mod, "**": ast.Pow,
    "|": ast.BitOr, "&": ast.BitAnd, "^": ast.BitXor, "<<": ast.LShift, ">>": ast.RShift, "@": ast.MatMult,
}  # fmt: skip


class _Body:
    """The statements of a function, lowered when somebody asks for them: of many functions nobody does."""

    def __get__(self, function: ast.AST, _: object) -> list[ast.stmt]:
        found: dict[str, Any] = function.__dict__
        lowering, node = found["body_of"]
        made = found["body"] = lowering.block(
            node
        )  # raises RecursionError, as often as it is asked, if nested too deep
        del found["body_of"]
        return made


class _FunctionDef(ast.FunctionDef):
    body = _Body()  # type: ignore[assignment]


class _AsyncFunctionDef(ast.AsyncFunctionDef):
    body = _Body()  # type: ignore[assignment]


#: The classes of lowered functions.
FUNCTIONS = (_FunctionDef, _AsyncFunctionDef)


class Lowering:
    """Lowers nodes of the tree of ``data``."""

    def __init__(self, data: bytes) -> None:
        self.data = data

    # -- helpers

    def text(self, node: Node | None) -> str:
        return text_of(node, self.data) if node is not None else ""

    def at(self, made: N, node: Node) -> N:
        """``made`` with the place of ``node``."""
        place: dict[str, int] = made.__dict__
        row, column = node.start_point
        end_row, end_column = node.end_point
        place["lineno"], place["col_offset"] = row + 1, column
        place["end_lineno"], place["end_col_offset"] = end_row + 1, end_column
        return made

    def unknown(self, node: Node) -> ast.expr:
        return self.at(ast.Name(NOTHING, ast.Load()), node)

    # -- statements

    def module(self, root: Node) -> list[ast.stmt]:
        """The statements of a file."""
        return self.block(root)

    def block(self, node: Node | None) -> list[ast.stmt]:
        if node is None:
            return []
        found: list[ast.stmt] = []
        for child in node.named_children:
            found += self.statement(child)
        return found

    def statement(self, node: Node) -> list[ast.stmt]:
        if node.type == "expression_statement":
            return self._expression_statement(node)
        handler = _STATEMENTS.get(node.type)
        if handler is None:
            return self.block(node) if node.type in ("ERROR", "block", "else_clause", "finally_clause") else []
        return [self.at(made, node) for made in handler(self, node)]

    def _expression_statement(self, node: Node) -> list[ast.stmt]:
        children = [each for each in node.named_children if each.type not in _IGNORED]
        if not children:
            return []
        first = children[0]
        if len(children) > 1:
            value: ast.expr = self.at(ast.Tuple([self.expression(each) for each in children], ast.Load()), node)
            return [self.at(ast.Expr(value), node)]
        if first.type == "assignment":
            return self._assignment(first)
        if first.type == "augmented_assignment":
            left, right = first.child_by_field_name("left"), first.child_by_field_name("right")
            sign = self.text(first.child_by_field_name("operator")).rstrip("=")
            if left is None or right is None:
                return []
            target = self.target(left)
            made = ast.AugAssign(target, OPERATORS.get(sign, ast.Add)(), self.expression(right))  # type: ignore[arg-type]
            return [self.at(made, first)]
        value = self.expression(first)
        if isinstance(value, ast.Call):
            value.__dict__["thrown_away"] = True
        return [self.at(ast.Expr(value), node)]

    def _assignment(self, node: Node) -> list[ast.stmt]:
        targets: list[ast.expr] = []
        current: Node | None = node
        annotation: Node | None = None
        while current is not None and current.type == "assignment":
            left = current.child_by_field_name("left")
            annotation = current.child_by_field_name("type") or annotation
            if left is not None:
                targets.append(self.target(left))
            current = current.child_by_field_name("right")
        value = self.expression(current) if current is not None else None
        if annotation is not None and len(targets) == 1:
            made = ast.AnnAssign(targets[0], self.annotation(annotation), value, 1)  # type: ignore[arg-type]
            return [self.at(made, node)]
        return [self.at(ast.Assign(targets, value), node)] if value is not None else []

    def annotation(self, node: Node) -> ast.expr:
        """A type; one in quotes is kept as the text that it is."""
        inner = node.named_children[0] if node.type == "type" and node.named_children else node
        if inner.type == "generic_type":
            name = inner.named_children[0]
            listed = inner.named_children[1].named_children if len(inner.named_children) > 1 else []
            elements = [self.annotation(each) for each in listed]
            index = elements[0] if len(elements) == 1 else self.at(ast.Tuple(elements, ast.Load()), node)
            return self.at(ast.Subscript(self.expression(name), index, ast.Load()), node)
        if inner.type == "union_type":
            sides = [self.annotation(each) for each in inner.named_children]
            made = sides[0]
            for side in sides[1:]:
                made = self.at(ast.BinOp(made, ast.BitOr(), side), node)
            return made
        if inner.type == "member_type":
            return self.at(ast.Name(self.text(inner), ast.Load()), node)
        return self.expression(inner)

    def target(self, node: Node) -> ast.expr:
        """What is assigned to."""
        kind = node.type
        if kind in ("pattern_list", "tuple_pattern", "tuple", "expression_list"):
            return self.at(ast.Tuple([self.target(each) for each in self.real(node)], ast.Store()), node)
        if kind in ("list_pattern", "list"):
            return self.at(ast.List([self.target(each) for each in self.real(node)], ast.Store()), node)
        if kind in ("list_splat_pattern", "list_splat"):
            return self.at(ast.Starred(self.target(node.named_children[0]), ast.Store()), node)
        if kind in ("as_pattern_target", "parenthesized_expression") and node.named_children:
            return self.target(node.named_children[0])
        return self.expression(node)

    def real(self, node: Node) -> list[Node]:
        return [each for each in node.named_children if each.type not in _IGNORED]

    # -- definitions

    def function(self, node: Node, decorators: Sequence[Node] = ()) -> ast.FunctionDef | ast.AsyncFunctionDef:
        """A function definition."""
        asynchronous = bool(node.children) and node.children[0].type == "async"
        made = FUNCTIONS[asynchronous](
            name=self.text(node.child_by_field_name("name")),
            args=self.parameters(node.child_by_field_name("parameters")),
            body=[],
            decorator_list=[self.expression(each.named_children[0]) for each in decorators if each.named_children],
        )
        del made.__dict__["body"]
        made.__dict__["body_of"] = self, node.child_by_field_name("body")
        kind = node.child_by_field_name("return_type")
        made.returns = self.annotation(kind) if kind is not None else None
        if self.data.find(b"yield", node.start_byte, node.end_byte) < 0:
            made.__dict__["is_generator"] = False
        return self.at(made, node)

    def class_(self, node: Node, decorators: Sequence[Node] = ()) -> ast.ClassDef:
        """A class definition."""
        bases, keywords = self.arguments(node.child_by_field_name("superclasses"))
        made = ast.ClassDef(
            self.text(node.child_by_field_name("name")),
            bases,
            keywords,
            self.block(node.child_by_field_name("body")),
            [self.expression(each.named_children[0]) for each in decorators if each.named_children],
        )
        return self.at(made, node)

    def definition(self, node: Node) -> Iterable[ast.stmt]:
        if node.type == "decorated_definition":
            inner = node.child_by_field_name("definition")
            decorators = [each for each in node.children if each.type == "decorator"]
        else:
            inner, decorators = node, []
        if inner is None:
            return
        made = self.class_(inner, decorators) if inner.type == "class_definition" else self.function(inner, decorators)
        yield made

    def parameters(self, node: Node | None) -> ast.arguments:
        made = ast.arguments([], [], None, [], [], None, [])
        after_star = False
        for each in self.real(node) if node is not None else ():
            name, default = each, None
            kind = each.type
            annotation = each.child_by_field_name("type")
            if kind in ("default_parameter", "typed_default_parameter"):
                name, default = each.child_by_field_name("name") or each, each.child_by_field_name("value")
            elif kind == "typed_parameter":
                name = each.named_children[0]
                kind = name.type
            if kind == "keyword_separator":
                after_star = True
                continue
            if kind == "positional_separator":
                made.posonlyargs, made.args = made.args, []
                continue
            splat = kind in ("list_splat_pattern", "dictionary_splat_pattern")
            spelled = name.named_children[0] if splat and name.named_children else name
            arg = self.at(ast.arg(self.text(spelled)), each)
            arg.annotation = self.annotation(annotation) if annotation is not None else None
            value = self.expression(default) if default is not None else None
            if kind == "list_splat_pattern":
                made.vararg, after_star = arg, True
            elif kind == "dictionary_splat_pattern":
                made.kwarg = arg
            elif after_star:
                made.kwonlyargs.append(arg)
                made.kw_defaults.append(value)
            else:
                made.args.append(arg)
                if value is not None:
                    made.defaults.append(value)
        return made

    # -- expressions

    def expression(self, node: Node) -> ast.expr:
        handler = _EXPRESSIONS.get(node.type)
        if handler is None:
            return self.unknown(node)
        return self.at(handler(self, node), node)

    def optional(self, node: Node | None, around: Node) -> ast.expr:
        return self.expression(node) if node is not None else self.unknown(around)

    def arguments(self, node: Node | None) -> tuple[list[ast.expr], list[ast.keyword]]:
        positional: list[ast.expr] = []
        keywords: list[ast.keyword] = []
        if node is None:
            return positional, keywords
        if node.type == "generator_expression":
            return [self.expression(node)], keywords
        for each in self.real(node):
            if each.type == "keyword_argument":
                name, value = each.child_by_field_name("name"), each.child_by_field_name("value")
                keywords.append(self.at(ast.keyword(self.text(name), self.optional(value, each)), each))
            elif each.type == "dictionary_splat":
                keywords.append(self.at(ast.keyword(None, self.expression(each.named_children[0])), each))
            elif each.type == "list_splat":
                positional.append(self.at(ast.Starred(self.expression(each.named_children[0]), ast.Load()), each))
            else:
                positional.append(self.expression(each))
        return positional, keywords


def thrown_away(call: ast.Call) -> bool:
    """Is the result of a call used for nothing?"""
    return "thrown_away" in call.__dict__


def is_generator(function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """Does the function itself (not one nested in it) yield?"""
    known: bool | None = function.__dict__.get("is_generator")  # a definition is run as often as what is around it
    if known is None:
        known = function.__dict__["is_generator"] = _yields(function)
    return known


def _yields(function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    stack: list[ast.AST] = list(function.body)
    while stack:
        node = stack.pop()
        if isinstance(node, ast.Yield | ast.YieldFrom):
            return True
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda):
            stack.extend(ast.iter_child_nodes(node))
    return False


def identifiers_of(node: Node, data: bytes) -> frozenset[bytes]:
    """All identifiers below a node, for quick questions."""
    return frozenset(data[each.start_byte : each.end_byte] for each in descend(node) if each.type == "identifier")


#: Filled by :mod:`.lower_expressions` and :mod:`.lower_statements`.
_EXPRESSIONS: dict[str, Callable[[Lowering, Node], ast.expr]] = {}
_STATEMENTS: dict[str, Callable[[Lowering, Node], Iterable[ast.stmt]]] = {}


def handles(*types: str) -> Callable[[Callable[[Lowering, Node], Iterable[ast.stmt]]], None]:
    """Registers what lowers statements of these types."""

    def register(handler: Callable[[Lowering, Node], Iterable[ast.stmt]]) -> None:
        _STATEMENTS.update(dict.fromkeys(types, handler))

    return register


def lowers(*types: str) -> Callable[[Callable[[Lowering, Node], ast.expr]], None]:
    """Registers what lowers expressions of these types."""

    def register(handler: Callable[[Lowering, Node], ast.expr]) -> None:
        _EXPRESSIONS.update(dict.fromkeys(types, handler))

    return register
