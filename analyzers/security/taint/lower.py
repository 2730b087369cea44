"""Lowers the tree of a file to the node classes of :mod:`ast`, which the taint engine interprets.

The classes serve as an intermediate form with field names that everybody knows; the host's parser is not involved, so
that syntax newer than the host is analysed as well. Columns are UTF-8 bytes, as :mod:`ast` has them.

Invariant: never raises for what a text holds. What is not understood is lowered to a bare ``Name`` with an empty
identifier, about which nothing is known. It deliberately does not lower type
parameters: no value flows through them.
"""

from __future__ import annotations

import ast
import codecs
import re
from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

from tree_sitter import Node

from ...syntax import descend, text_of

N = TypeVar("N", bound=ast.AST)

#: Names that an interpreter gives to what it does not understand.
NOTHING = ""

_IGNORED = frozenset({"comment", "line_continuation", "type_conversion"})
_OPERATORS: dict[str, type[ast.operator]] = {
    "+": ast.Add, "-": ast.Sub, "*": ast.Mult, "/": ast.Div, "//": ast.FloorDiv, "%": ast.Mod, "**": ast.Pow,
    "|": ast.BitOr, "&": ast.BitAnd, "^": ast.BitXor, "<<": ast.LShift, ">>": ast.RShift, "@": ast.MatMult,
}  # fmt: skip
_COMPARISONS: dict[str, type[ast.cmpop]] = {
    "==": ast.Eq, "!=": ast.NotEq, "<": ast.Lt, "<=": ast.LtE, ">": ast.Gt, ">=": ast.GtE, "is": ast.Is,
    "is not": ast.IsNot, "in": ast.In, "not in": ast.NotIn, "<>": ast.NotEq,
}  # fmt: skip
_ESCAPES = re.compile(r"\\(?:\n|N\{[^}]*\}|[0-7]{1,3}|x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|.)", re.DOTALL)


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
            made = ast.AugAssign(target, _OPERATORS.get(sign, ast.Add)(), self.expression(right))  # type: ignore[arg-type]
            return [self.at(made, first)]
        return [self.at(ast.Expr(self.expression(first)), node)]

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
        made = (ast.AsyncFunctionDef if asynchronous else ast.FunctionDef)(
            self.text(node.child_by_field_name("name")),
            self.parameters(node.child_by_field_name("parameters")),
            self.block(node.child_by_field_name("body")),
            [self.expression(each.named_children[0]) for each in decorators if each.named_children],
        )
        kind = node.child_by_field_name("return_type")
        made.returns = self.annotation(kind) if kind is not None else None
        return self.at(made, node)

    def class_(self, node: Node, decorators: Sequence[Node] = ()) -> ast.ClassDef:
        """A class definition."""
        bases, keywords = self._arguments(node.child_by_field_name("superclasses"))
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

    def _arguments(self, node: Node | None) -> tuple[list[ast.expr], list[ast.keyword]]:
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

    def call(self, node: Node) -> ast.expr:
        positional, keywords = self._arguments(node.child_by_field_name("arguments"))
        return ast.Call(self.optional(node.child_by_field_name("function"), node), positional, keywords)

    def attribute(self, node: Node) -> ast.expr:
        owner = self.optional(node.child_by_field_name("object"), node)
        return ast.Attribute(owner, self.text(node.child_by_field_name("attribute")), ast.Load())

    def subscript(self, node: Node) -> ast.expr:
        indices = [self.expression(each) for each in node.children_by_field_name("subscript")]
        index = indices[0] if len(indices) == 1 else self.at(ast.Tuple(indices, ast.Load()), node)
        return ast.Subscript(self.optional(node.child_by_field_name("value"), node), index, ast.Load())

    def slice(self, node: Node) -> ast.expr:
        parts: list[ast.expr | None] = [None, None, None]
        position = 0
        for each in node.children:
            if each.type == ":":
                position += 1
            elif each.is_named and position < 3:
                parts[position] = self.expression(each)
        return ast.Slice(*parts)

    def string(self, node: Node) -> ast.expr:
        start = self.text(node.children[0]) if node.children else ""
        prefix = start.rstrip("\"'").lower()
        parts: list[ast.expr] = []
        for each in node.named_children:
            if each.type == "string_content":
                text = self.text(each)
                if "f" in prefix or "t" in prefix:
                    text = text.replace("{{", "{").replace("}}", "}")
                parts.append(self.at(ast.Constant(text if "r" in prefix else _unescaped(text)), each))
            elif each.type == "interpolation":
                value = each.child_by_field_name("expression")
                conversion = 114 if "!r" in self.text(each.child_by_field_name("type_conversion")) else -1
                made = ast.FormattedValue(self.optional(value, each), conversion, None)
                parts.append(self.at(made, each))
        if any(isinstance(each, ast.FormattedValue) for each in parts):
            return ast.JoinedStr(parts)
        whole = "".join(str(each.value) for each in parts if isinstance(each, ast.Constant))
        return ast.Constant(whole.encode("latin-1", "replace") if "b" in prefix else whole)

    def concatenated(self, node: Node) -> ast.expr:
        parts = [self.expression(each) for each in self.real(node)]
        if all(isinstance(each, ast.Constant) for each in parts):
            values = [each.value for each in parts if isinstance(each, ast.Constant)]
            if all(isinstance(each, str) for each in values):
                return ast.Constant("".join(str(each) for each in values))
            return ast.Constant(b"".join(each for each in values if isinstance(each, bytes)))
        flat: list[ast.expr] = []
        for each in parts:
            flat += each.values if isinstance(each, ast.JoinedStr) else [each]
        return ast.JoinedStr(flat)

    def number(self, node: Node) -> ast.expr:
        text = self.text(node).replace("_", "").lower()
        try:
            if text.endswith("j"):
                return ast.Constant(complex(text))
            return ast.Constant(int(text, 0) if node.type == "integer" else float(text))
        except ValueError:
            return ast.Constant(int(text.lstrip("0") or "0", 8) if set(text) <= set("01234567") else 0)

    def sequence(self, node: Node) -> ast.expr:
        kind = node.type
        elements = [self.expression(each) for each in self.real(node)]
        if kind == "set":
            return ast.Set(elements)
        return (ast.List if kind == "list" else ast.Tuple)(elements, ast.Load())

    def dictionary(self, node: Node) -> ast.expr:
        keys: list[ast.expr | None] = []
        values: list[ast.expr] = []
        for each in self.real(node):
            if each.type == "pair":
                keys.append(self.optional(each.child_by_field_name("key"), each))
                values.append(self.optional(each.child_by_field_name("value"), each))
            elif each.named_children:
                keys.append(None)
                values.append(self.expression(each.named_children[0]))
        return ast.Dict(keys, values)  # pyright: ignore[reportArgumentType]

    def comprehension(self, node: Node) -> ast.expr:
        generators: list[ast.comprehension] = []
        for each in self.real(node):
            if each.type == "for_in_clause":
                left = each.child_by_field_name("left")
                rights = each.children_by_field_name("right")
                source = (
                    self.expression(rights[0])
                    if len(rights) == 1
                    else self.at(ast.Tuple([self.expression(right) for right in rights], ast.Load()), each)
                )
                target = self.target(left) if left is not None else self.unknown(each)
                generators.append(ast.comprehension(target, source, [], 0))
            elif each.type == "if_clause" and generators and each.named_children:
                generators[-1].ifs.append(self.expression(each.named_children[0]))
        body = node.child_by_field_name("body")
        if node.type == "dictionary_comprehension" and body is not None:
            key, value = body.child_by_field_name("key"), body.child_by_field_name("value")
            return ast.DictComp(self.optional(key, node), self.optional(value, node), generators)
        made: type[ast.ListComp | ast.SetComp | ast.GeneratorExp] = ast.ListComp
        if node.type == "set_comprehension":
            made = ast.SetComp
        elif node.type == "generator_expression":
            made = ast.GeneratorExp
        return made(self.optional(body, node), generators)

    def lambda_(self, node: Node) -> ast.expr:
        body = self.optional(node.child_by_field_name("body"), node)
        return ast.Lambda(self.parameters(node.child_by_field_name("parameters")), body)

    def conditional(self, node: Node) -> ast.expr:
        children = [self.expression(each) for each in self.real(node)]
        if len(children) != 3:
            return ast.Name(NOTHING, ast.Load())
        return ast.IfExp(children[1], children[0], children[2])

    def boolean(self, node: Node) -> ast.expr:
        operator = ast.And() if self.text(node.child_by_field_name("operator")) == "and" else ast.Or()
        sides = [node.child_by_field_name("left"), node.child_by_field_name("right")]
        return ast.BoolOp(operator, [self.expression(each) for each in sides if each is not None])

    def comparison(self, node: Node) -> ast.expr:
        operands = [self.expression(each) for each in self.real(node)]
        signs = [" ".join(self.text(each).split()) for each in node.children_by_field_name("operators")]
        operators = [_COMPARISONS.get(sign, ast.Eq)() for sign in signs]
        if not operands or len(operators) != len(operands) - 1:
            return ast.Name(NOTHING, ast.Load())
        return ast.Compare(operands[0], operators, operands[1:])

    def binary(self, node: Node) -> ast.expr:
        sign = self.text(node.child_by_field_name("operator"))
        left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
        return ast.BinOp(self.optional(left, node), _OPERATORS.get(sign, ast.Add)(), self.optional(right, node))

    def unary(self, node: Node) -> ast.expr:
        sign = self.text(node.child_by_field_name("operator"))
        operand = self.optional(node.child_by_field_name("argument"), node)
        return ast.UnaryOp(ast.USub() if sign == "-" else ast.Invert() if sign == "~" else ast.UAdd(), operand)

    def yield_(self, node: Node) -> ast.expr:
        children = self.real(node)
        value = self.expression(children[0]) if children else None
        if any(each.type == "from" for each in node.children) and value is not None:
            return ast.YieldFrom(value)
        return ast.Yield(value)

    def walrus(self, node: Node) -> ast.expr:
        name, value = node.child_by_field_name("name"), node.child_by_field_name("value")
        target = self.at(ast.Name(self.text(name), ast.Store()), node)
        return ast.NamedExpr(target, self.optional(value, node))

    def parenthesized(self, node: Node) -> ast.expr:
        children = self.real(node)
        return self.expression(children[0]) if children else ast.Tuple([], ast.Load())

    def splat(self, node: Node) -> ast.expr:
        return ast.Starred(self.expression(node.named_children[0]), ast.Load())


def _unescaped(text: str) -> str:
    if "\\" not in text:
        return text

    def one(match: re.Match[str]) -> str:
        try:
            return codecs.decode(match[0], "unicode_escape")
        except (UnicodeDecodeError, ValueError):
            return match[0]

    return _ESCAPES.sub(one, text)


def is_generator(function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """Does the function itself (not one nested in it) yield?"""
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


def _name(self: Lowering, node: Node) -> ast.expr:
    return ast.Name(self.text(node), ast.Load())


def _dotted(self: Lowering, node: Node) -> ast.expr:
    names = [self.text(each) for each in node.named_children if each.type == "identifier"]
    made: ast.expr = self.at(ast.Name(names[0] if names else self.text(node), ast.Load()), node)
    for name in names[1:]:
        made = self.at(ast.Attribute(made, name, ast.Load()), node)
    return made


_EXPRESSIONS: dict[str, Callable[[Lowering, Node], ast.expr]] = {
    "identifier": _name,
    "dotted_name": _dotted,
    "type": lambda self, node: self.annotation(node),
    "attribute": Lowering.attribute,
    "subscript": Lowering.subscript,
    "slice": Lowering.slice,
    "call": Lowering.call,
    "string": Lowering.string,
    "concatenated_string": Lowering.concatenated,
    "integer": Lowering.number,
    "float": Lowering.number,
    "true": lambda _self, _node: ast.Constant(True),
    "false": lambda _self, _node: ast.Constant(False),
    "none": lambda _self, _node: ast.Constant(None),
    "list": Lowering.sequence,
    "tuple": Lowering.sequence,
    "set": Lowering.sequence,
    "expression_list": Lowering.sequence,
    "pattern_list": lambda self, node: self.target(node),
    "tuple_pattern": lambda self, node: self.target(node),
    "list_pattern": lambda self, node: self.target(node),
    "dictionary": Lowering.dictionary,
    "list_comprehension": Lowering.comprehension,
    "set_comprehension": Lowering.comprehension,
    "dictionary_comprehension": Lowering.comprehension,
    "generator_expression": Lowering.comprehension,
    "lambda": Lowering.lambda_,
    "conditional_expression": Lowering.conditional,
    "boolean_operator": Lowering.boolean,
    "not_operator": lambda self, node: ast.UnaryOp(
        ast.Not(), self.optional(node.child_by_field_name("argument"), node)
    ),
    "comparison_operator": Lowering.comparison,
    "binary_operator": Lowering.binary,
    "unary_operator": Lowering.unary,
    "await": lambda self, node: ast.Await(self.expression(node.named_children[0])),
    "yield": Lowering.yield_,
    "named_expression": Lowering.walrus,
    "parenthesized_expression": Lowering.parenthesized,
    "list_splat": Lowering.splat,
    "as_pattern": lambda self, node: self.expression(node.named_children[0]),
}

#: Filled by :mod:`.lower_statements`.
_STATEMENTS: dict[str, Callable[[Lowering, Node], Iterable[ast.stmt]]] = {}


def handles(*types: str) -> Callable[[Callable[[Lowering, Node], Iterable[ast.stmt]]], None]:
    """Registers what lowers statements of these types."""

    def register(handler: Callable[[Lowering, Node], Iterable[ast.stmt]]) -> None:
        _STATEMENTS.update(dict.fromkeys(types, handler))

    return register
