"""Lowers compound and simple statements; a part of :mod:`.lower`, which it fills in.

Invariant: every statement keeps its place; a statement of an unknown kind is left out with what is in it.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

from tree_sitter import Node

from .lower import Lowering, handles

_TYPES = ("string", "concatenated_string", "integer", "float", "true", "false", "none", "unary_operator")


@handles("function_definition", "class_definition", "decorated_definition")
def _definition(self: Lowering, node: Node) -> Iterable[ast.stmt]:
    return self.definition(node)


@handles("return_statement")
def _return(self: Lowering, node: Node) -> Iterator[ast.stmt]:
    children = self.real(node)
    yield ast.Return(self.expression(children[0]) if children else None)


@handles("raise_statement")
def _raise(self: Lowering, node: Node) -> Iterator[ast.stmt]:
    children = self.real(node)
    yield ast.Raise(self.expression(children[0]) if children else None, None)


@handles("assert_statement")
def _assert(self: Lowering, node: Node) -> Iterator[ast.stmt]:
    children = self.real(node)
    if children:
        yield ast.Assert(self.expression(children[0]), None)


@handles("delete_statement")
def _delete(self: Lowering, node: Node) -> Iterator[ast.stmt]:
    targets: list[ast.expr] = []
    for each in self.real(node):
        listed = self.real(each) if each.type == "expression_list" else [each]
        targets += [self.expression(one) for one in listed]
    yield ast.Delete(targets)


@handles("type_alias_statement")
def _alias(self: Lowering, node: Node) -> Iterator[ast.stmt]:
    left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
    if left is not None and right is not None and left.named_children and left.named_children[0].type == "identifier":
        target = self.at(ast.Name(self.text(left), ast.Store()), left)
        yield ast.Assign([target], self.annotation(right))


@handles("global_statement")
def _global(self: Lowering, node: Node) -> Iterator[ast.stmt]:
    yield ast.Global([self.text(each) for each in node.named_children])


@handles("nonlocal_statement")
def _nonlocal(self: Lowering, node: Node) -> Iterator[ast.stmt]:
    yield ast.Nonlocal([self.text(each) for each in node.named_children])


@handles("break_statement")
def _break(self: Lowering, node: Node) -> Iterator[ast.stmt]:
    yield ast.Break()


@handles("continue_statement")
def _continue(self: Lowering, node: Node) -> Iterator[ast.stmt]:
    yield ast.Continue()


@handles("print_statement")
def _print(self: Lowering, node: Node) -> Iterator[ast.stmt]:
    function = self.at(ast.Name("print", ast.Load()), node)
    call = self.at(ast.Call(function, [self.expression(each) for each in self.real(node)], []), node)
    yield ast.Expr(call)


@handles("import_statement", "import_from_statement")
def _import(self: Lowering, node: Node) -> Iterator[ast.stmt]:
    def alias(each: Node) -> ast.alias:
        if each.type == "aliased_import":
            name, spelled = each.child_by_field_name("name"), each.child_by_field_name("alias")
            return ast.alias("".join(self.text(name).split()), self.text(spelled))
        return ast.alias("".join(self.text(each).split()), None)

    names = [alias(each) for each in node.children_by_field_name("name")]
    if node.type == "import_statement":
        yield ast.Import(names)
        return
    source = "".join(self.text(node.child_by_field_name("module_name")).split())
    if any(each.type == "wildcard_import" for each in node.children):
        names = [ast.alias("*", None)]
    module = source.lstrip(".")
    yield ast.ImportFrom(module or None, names, len(source) - len(module))


@handles("if_statement")
def _if(self: Lowering, node: Node) -> Iterator[ast.stmt]:
    alternatives = node.children_by_field_name("alternative")
    orelse: list[ast.stmt] = []
    for each in reversed(alternatives):
        if each.type == "elif_clause":
            test = self.optional(each.child_by_field_name("condition"), each)
            body = self.block(each.child_by_field_name("consequence"))
            orelse = [self.at(ast.If(test, body, orelse), each)]
        else:
            orelse = self.block(each.child_by_field_name("body"))
    test = self.optional(node.child_by_field_name("condition"), node)
    yield ast.If(test, self.block(node.child_by_field_name("consequence")), orelse)


def _else_of(self: Lowering, node: Node) -> list[ast.stmt]:
    clause = node.child_by_field_name("alternative")
    return self.block(clause.child_by_field_name("body")) if clause is not None else []


@handles("for_statement")
def _for(self: Lowering, node: Node) -> Iterator[ast.stmt]:
    left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
    target = self.target(left) if left is not None else self.unknown(node)
    body = self.block(node.child_by_field_name("body"))
    yield ast.For(target, self.optional(right, node), body, _else_of(self, node))


@handles("while_statement")
def _while(self: Lowering, node: Node) -> Iterator[ast.stmt]:
    test = self.optional(node.child_by_field_name("condition"), node)
    yield ast.While(test, self.block(node.child_by_field_name("body")), _else_of(self, node))


@handles("with_statement")
def _with(self: Lowering, node: Node) -> Iterator[ast.stmt]:
    items: list[ast.withitem] = []
    clause = next((each for each in node.named_children if each.type == "with_clause"), None)
    for each in self.real(clause) if clause is not None else ():
        value = each.child_by_field_name("value")
        if value is None:
            continue
        alias = value.child_by_field_name("alias") if value.type == "as_pattern" else None
        expression = value.named_children[0] if alias is not None else value
        if expression.type == "tuple" and alias is None:  # ``with (a, b):`` read as one tuple
            items += [ast.withitem(self.expression(one), None) for one in self.real(expression)]
            continue
        items.append(ast.withitem(self.expression(expression), self.target(alias) if alias is not None else None))
    asynchronous = bool(node.children) and node.children[0].type == "async"
    body = self.block(node.child_by_field_name("body"))
    yield (ast.AsyncWith if asynchronous else ast.With)(items, body)


@handles("try_statement")
def _try(self: Lowering, node: Node) -> Iterator[ast.stmt]:
    handlers: list[ast.ExceptHandler] = []
    orelse: list[ast.stmt] = []
    final: list[ast.stmt] = []
    for each in node.named_children:
        if each.type in ("except_clause", "except_group_clause"):
            value, name = each.child_by_field_name("value"), None
            alias = value.child_by_field_name("alias") if value is not None and value.type == "as_pattern" else None
            if value is not None and alias is not None:
                name, value = self.text(alias), value.named_children[0]
            body = next((one for one in each.named_children if one.type == "block"), None)
            kind = self.expression(value) if value is not None else None
            handlers.append(self.at(ast.ExceptHandler(kind, name, self.block(body)), each))
        elif each.type == "else_clause":
            orelse = self.block(each.child_by_field_name("body"))
        elif each.type == "finally_clause":
            final = self.block(next((one for one in each.named_children if one.type == "block"), None))
    yield ast.Try(self.block(node.child_by_field_name("body")), handlers, orelse, final)


@handles("match_statement")
def _match(self: Lowering, node: Node) -> Iterator[ast.stmt]:
    subjects = [self.expression(each) for each in node.children_by_field_name("subject")]
    subject = subjects[0] if len(subjects) == 1 else self.at(ast.Tuple(subjects, ast.Load()), node)
    body = node.child_by_field_name("body")
    cases: list[ast.match_case] = []
    for each in body.named_children if body is not None else ():
        if each.type != "case_clause":
            continue
        patterns = [_pattern(self, one) for one in each.named_children if one.type == "case_pattern"]
        guard = each.child_by_field_name("guard")
        test = self.expression(guard.named_children[0]) if guard is not None and guard.named_children else None
        pattern = patterns[0] if len(patterns) == 1 else self.at(ast.MatchSequence(patterns), each)
        cases.append(ast.match_case(pattern, test, self.block(each.child_by_field_name("consequence"))))
    yield ast.Match(subject, cases)


def _pattern(self: Lowering, node: Node) -> ast.pattern:
    return self.at(_pattern_of(self, node), node)


def _pattern_of(self: Lowering, node: Node) -> ast.pattern:
    kind = node.type
    children = self.real(node)
    if kind == "case_pattern":
        if self.text(node).strip() == "_":
            return ast.MatchAs(None, None)
        if node.children and node.children[0].type == "-" and children:
            return ast.MatchValue(self.at(ast.UnaryOp(ast.USub(), self.expression(children[0])), node))
        return _pattern_of(self, children[0]) if children else ast.MatchAs(None, None)
    if kind in _TYPES:
        value = self.expression(node)
        if kind in ("true", "false", "none"):
            return ast.MatchSingleton({"true": True, "false": False, "none": None}[kind])
        return ast.MatchValue(value)
    if kind in ("identifier", "dotted_name"):
        names = self.text(node).split(".")
        return ast.MatchAs(None, names[0]) if len(names) == 1 else ast.MatchValue(self.expression(node))
    if kind == "union_pattern":
        return ast.MatchOr([_pattern(self, each) for each in children])
    if kind == "tuple_pattern" and len(children) == 1 and all(each.type != "," for each in node.children):
        return _pattern_of(self, children[0])  # in parentheses
    if kind in ("list_pattern", "tuple_pattern"):
        return ast.MatchSequence([_pattern(self, each) for each in children])
    if kind == "splat_pattern":
        return ast.MatchStar(self.text(children[0]) if children else None)
    if kind == "as_pattern":
        inner = _pattern(self, children[0])
        return ast.MatchAs(inner, self.text(children[-1]))
    if kind == "class_pattern":
        return _class_pattern(self, children)
    if kind == "dict_pattern":
        keys = [self.expression(each) for each in node.children_by_field_name("key")]
        values = [_pattern(self, each) for each in node.children_by_field_name("value")]
        rest = next((self.text(each.named_children[0]) for each in children if each.type == "splat_pattern"), None)
        return ast.MatchMapping(keys[: len(values)], values[: len(keys)], rest)
    return ast.MatchAs(None, None)


def _class_pattern(self: Lowering, children: list[Node]) -> ast.pattern:
    name = self.expression(children[0])
    patterns: list[ast.pattern] = []
    attributes: list[str] = []
    keyed: list[ast.pattern] = []
    for each in children[1:]:
        inner = each.named_children[0] if each.named_children else each
        if inner.type == "keyword_pattern":
            attributes.append(self.text(inner.named_children[0]))
            keyed.append(_pattern(self, inner.named_children[-1]))
        else:
            patterns.append(_pattern(self, each))
    return ast.MatchClass(name, patterns, attributes, keyed)
