"""Lowers expressions; a part of :mod:`.lower`, which it fills in.

Invariant: every expression keeps its place; one of an unknown kind is an empty name, about which nothing is known.
"""

from __future__ import annotations

import ast
import codecs
import re

from tree_sitter import Node

from .lower import NOTHING, OPERATORS, Lowering, lowers

_COMPARISONS: dict[str, type[ast.cmpop]] = {
    "==": ast.Eq, "!=": ast.NotEq, "<": ast.Lt, "<=": ast.LtE, ">": ast.Gt, ">=": ast.GtE, "is": ast.Is,
    "is not": ast.IsNot, "in": ast.In, "not in": ast.NotIn, "<>": ast.NotEq,
}  # fmt: skip
_ESCAPES = re.compile(r"\\(?:\n|N\{[^}]*\}|[0-7]{1,3}|x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|.)", re.DOTALL)


@lowers("identifier")
def _name(self: Lowering, node: Node) -> ast.expr:
    return ast.Name(self.text(node), ast.Load())


@lowers("true", "false", "none")
def _word(self: Lowering, node: Node) -> ast.expr:
    return ast.Constant({"true": True, "false": False, "none": None}[node.type])


@lowers("type")
def _type(self: Lowering, node: Node) -> ast.expr:
    return self.annotation(node)


@lowers("pattern_list", "tuple_pattern", "list_pattern")
def _pattern(self: Lowering, node: Node) -> ast.expr:
    return self.target(node)


@lowers("not_operator")
def _not(self: Lowering, node: Node) -> ast.expr:
    return ast.UnaryOp(ast.Not(), self.optional(node.child_by_field_name("argument"), node))


@lowers("await")
def _await(self: Lowering, node: Node) -> ast.expr:
    return ast.Await(self.expression(node.named_children[0]))


@lowers("as_pattern")
def _as(self: Lowering, node: Node) -> ast.expr:
    return self.expression(node.named_children[0])


@lowers("dotted_name")
def _dotted(self: Lowering, node: Node) -> ast.expr:
    names = [self.text(each) for each in node.named_children if each.type == "identifier"]
    made: ast.expr = self.at(ast.Name(names[0] if names else self.text(node), ast.Load()), node)
    for name in names[1:]:
        made = self.at(ast.Attribute(made, name, ast.Load()), node)
    return made


@lowers("call")
def _call(self: Lowering, node: Node) -> ast.expr:
    positional, keywords = self.arguments(node.child_by_field_name("arguments"))
    return ast.Call(self.optional(node.child_by_field_name("function"), node), positional, keywords)


@lowers("attribute")
def _attribute(self: Lowering, node: Node) -> ast.expr:
    owner = self.optional(node.child_by_field_name("object"), node)
    return ast.Attribute(owner, self.text(node.child_by_field_name("attribute")), ast.Load())


@lowers("subscript")
def _subscript(self: Lowering, node: Node) -> ast.expr:
    indices = [self.expression(each) for each in node.children_by_field_name("subscript")]
    index = indices[0] if len(indices) == 1 else self.at(ast.Tuple(indices, ast.Load()), node)
    return ast.Subscript(self.optional(node.child_by_field_name("value"), node), index, ast.Load())


@lowers("slice")
def _slice(self: Lowering, node: Node) -> ast.expr:
    parts: list[ast.expr | None] = [None, None, None]
    position = 0
    for each in node.children:
        if each.type == ":":
            position += 1
        elif each.is_named and position < 3:
            parts[position] = self.expression(each)
    return ast.Slice(*parts)


@lowers("string")
def _string(self: Lowering, node: Node) -> ast.expr:
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


@lowers("concatenated_string")
def _concatenated(self: Lowering, node: Node) -> ast.expr:
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


@lowers("integer", "float")
def _number(self: Lowering, node: Node) -> ast.expr:
    text = self.text(node).replace("_", "").lower()
    try:
        if text.endswith("j"):
            return ast.Constant(complex(text))
        return ast.Constant(int(text, 0) if node.type == "integer" else float(text))
    except ValueError:
        return ast.Constant(int(text.lstrip("0") or "0", 8) if set(text) <= set("01234567") else 0)


@lowers("list", "tuple", "set", "expression_list")
def _sequence(self: Lowering, node: Node) -> ast.expr:
    kind = node.type
    elements = [self.expression(each) for each in self.real(node)]
    if kind == "set":
        return ast.Set(elements)
    return (ast.List if kind == "list" else ast.Tuple)(elements, ast.Load())


@lowers("dictionary")
def _dictionary(self: Lowering, node: Node) -> ast.expr:
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


@lowers("list_comprehension", "set_comprehension", "dictionary_comprehension", "generator_expression")
def _comprehension(self: Lowering, node: Node) -> ast.expr:
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


@lowers("lambda")
def _lambda(self: Lowering, node: Node) -> ast.expr:
    body = self.optional(node.child_by_field_name("body"), node)
    return ast.Lambda(self.parameters(node.child_by_field_name("parameters")), body)


@lowers("conditional_expression")
def _conditional(self: Lowering, node: Node) -> ast.expr:
    children = [self.expression(each) for each in self.real(node)]
    if len(children) != 3:
        return ast.Name(NOTHING, ast.Load())
    return ast.IfExp(children[1], children[0], children[2])


@lowers("boolean_operator")
def _boolean(self: Lowering, node: Node) -> ast.expr:
    operator = ast.And() if self.text(node.child_by_field_name("operator")) == "and" else ast.Or()
    sides = [node.child_by_field_name("left"), node.child_by_field_name("right")]
    return ast.BoolOp(operator, [self.expression(each) for each in sides if each is not None])


@lowers("comparison_operator")
def _comparison(self: Lowering, node: Node) -> ast.expr:
    operands = [self.expression(each) for each in self.real(node)]
    signs = [" ".join(self.text(each).split()) for each in node.children_by_field_name("operators")]
    operators = [_COMPARISONS.get(sign, ast.Eq)() for sign in signs]
    if not operands or len(operators) != len(operands) - 1:
        return ast.Name(NOTHING, ast.Load())
    return ast.Compare(operands[0], operators, operands[1:])


@lowers("binary_operator")
def _binary(self: Lowering, node: Node) -> ast.expr:
    sign = self.text(node.child_by_field_name("operator"))
    left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
    return ast.BinOp(self.optional(left, node), OPERATORS.get(sign, ast.Add)(), self.optional(right, node))


@lowers("unary_operator")
def _unary(self: Lowering, node: Node) -> ast.expr:
    sign = self.text(node.child_by_field_name("operator"))
    operand = self.optional(node.child_by_field_name("argument"), node)
    return ast.UnaryOp(ast.USub() if sign == "-" else ast.Invert() if sign == "~" else ast.UAdd(), operand)


@lowers("yield")
def _yield(self: Lowering, node: Node) -> ast.expr:
    children = self.real(node)
    value = self.expression(children[0]) if children else None
    if any(each.type == "from" for each in node.children) and value is not None:
        return ast.YieldFrom(value)
    return ast.Yield(value)


@lowers("named_expression")
def _walrus(self: Lowering, node: Node) -> ast.expr:
    name, value = node.child_by_field_name("name"), node.child_by_field_name("value")
    target = self.at(ast.Name(self.text(name), ast.Store()), node)
    return ast.NamedExpr(target, self.optional(value, node))


@lowers("parenthesized_expression")
def _parenthesized(self: Lowering, node: Node) -> ast.expr:
    children = self.real(node)
    return self.expression(children[0]) if children else ast.Tuple([], ast.Load())


@lowers("list_splat")
def _splat(self: Lowering, node: Node) -> ast.expr:
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
