"""Writing a block out as a function of its own, and the call that takes its place.

Invariant: the moved statements keep their text, comments and blank lines; only their indentation follows them, and
jumps that a call cannot make become returns.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import libcst as cst

from .blocks import Block, OwnJumps
from .flow import Flow
from .functions import Place, blank_lines, without_blank_start
from .reads import inside, target_names


@dataclass(frozen=True, slots=True)
class Helper:
    """A block as a function: its definition, and the function that calls it now."""

    name: str
    block: Block
    definition: cst.FunctionDef
    caller: cst.FunctionDef


def extracted(place: Place, flow: Flow, block: Block, name: str, limit: int = 88) -> Helper | None:
    """The helper for a block; None if it would need an object to be called on that is not there."""
    bound = place.owner != "module"
    given = tuple(each for each in block.inputs if not (bound and each == place.first))
    on_self = bound and (place.first in block.inputs)
    suite = _with_call(place, block, given, name, bound, limit)
    caller = place.function.deep_replace(block.suite, suite)
    if not isinstance(caller, cst.FunctionDef):
        return None
    definition = _definition(place, flow, block, given, name, on_self)
    return Helper(name, block, definition, caller)


def _with_call(
    place: Place, block: Block, given: Sequence[str], name: str, bound: bool, limit: int
) -> cst.IndentedBlock:
    callee = f"{place.first}.{name}" if bound else name
    awaited = "await " if block.is_async else ""
    depth = 8 + 4 * len(place.classes)  # a guess that is right for most: it only decides how a call is laid out
    module = place.module

    def call(prefix: str, suffix: str = "") -> str:
        whole = f"{prefix}{awaited}{callee}({', '.join(given)}){suffix}"
        if depth + len(whole) <= limit or not given:
            return whole
        inner = "".join(f"{module.default_indent}{each},\n" for each in given)
        return f"{prefix}{awaited}{callee}(\n{inner}){suffix}"

    if block.form == "return":
        lines = [call("return ")]
    elif block.form == "value":
        found = _fresh(place, name)
        lines = [call(f"{found} = "), f"if {found} is not None:\n{module.default_indent}return {found}"]
    elif block.form == "flag":
        value = "" if block.constant == "None" else f" {block.constant}"
        lines = [f"{call('if not ')}:\n{module.default_indent}return{value}"]
    else:
        lines = [call(f"{', '.join(block.outputs)} = " if block.outputs else "")]
    statements = [cst.parse_statement(f"{each}\n", module.config_for_parsing) for each in lines]
    first = block.statements[0]
    statements[0] = statements[0].with_changes(leading_lines=blank_lines(getattr(first, "leading_lines", ())))
    body = [*block.suite.body[: block.start], *statements, *block.suite.body[block.stop :]]
    return block.suite.with_changes(body=body)


def _fresh(place: Place, name: str) -> str:
    """A local name for what a helper found."""
    taken = {each.value for each in inside(place.function, cst.Name, enter=True)}
    for candidate in ("found", "early", "outcome", f"{name.lstrip('_')}_result"):
        if candidate not in taken:
            return candidate
    return f"{name.lstrip('_')}_value"


def _definition(
    place: Place, flow: Flow, block: Block, given: Sequence[str], name: str, on_self: bool
) -> cst.FunctionDef:
    function = place.function
    annotated = _is_annotated(function)
    known = dict(_annotations(flow)) if annotated else {}
    params = [cst.Param(cst.Name(each), annotation=known.get(each)) for each in given]
    decorators: list[cst.Decorator] = []
    if place.owner != "module":
        if on_self:
            params.insert(0, cst.Param(cst.Name(place.first or "self")))
        if not on_self or place.owner == "class":
            decorators.append(cst.Decorator(cst.Name("classmethod" if on_self else "staticmethod")))
    body = _body(place, block)
    suite = function.body if isinstance(function.body, cst.IndentedBlock) else None
    return cst.FunctionDef(
        name=cst.Name(name),
        params=cst.Parameters(params=params),
        body=cst.IndentedBlock(body=body, indent=suite.indent if suite is not None else None),
        decorators=decorators,
        returns=_returns(function, block, known) if annotated else None,
        asynchronous=cst.Asynchronous() if block.is_async else None,
        leading_lines=_blank_before(place),
    )


def _body(place: Place, block: Block) -> list[cst.BaseStatement]:
    body = list(block.statements)
    first = body[0]
    body[0] = first.with_changes(leading_lines=without_blank_start(getattr(first, "leading_lines", ())))
    result = ", ".join(block.outputs)
    if block.skips:
        value = cst.parse_expression(result, place.module.config_for_parsing) if result else None
        body = [_continue_as_return(each, value) for each in body]
    if block.form == "flag":
        body = [_returning(each, "False") for each in body]
        result = "True"
    if result:
        body.append(cst.parse_statement(f"return {result}\n", place.module.config_for_parsing))
    elif len(body) == 1 and not body[0].children:
        body.append(cst.parse_statement("pass\n"))
    return body


class _Returns(cst.CSTTransformer):
    """Gives every return of a block another value; those of nested functions stay."""

    def __init__(self, value: cst.BaseExpression) -> None:
        super().__init__()
        self.value = value

    def visit_FunctionDef(self, node: cst.FunctionDef) -> bool:
        return False

    def visit_Lambda(self, node: cst.Lambda) -> bool:
        return False

    def leave_Return(self, original_node: cst.Return, updated_node: cst.Return) -> cst.Return:
        return updated_node.with_changes(value=self.value, whitespace_after_return=cst.SimpleWhitespace(" "))


class _Continues(OwnJumps):
    """Makes ``continue`` of the loop around a block a return of it."""

    def __init__(self, value: cst.BaseExpression | None) -> None:
        super().__init__()
        self.value = value

    def leave_Continue(self, original_node: cst.Continue, updated_node: cst.Continue) -> cst.BaseSmallStatement:
        return cst.Return(self.value, semicolon=updated_node.semicolon) if not self.loops else updated_node


def _returning(statement: cst.BaseStatement, value: str) -> cst.BaseStatement:
    new = statement.visit(_Returns(cst.Name(value)))
    return new if isinstance(new, cst.BaseStatement) else statement


def _continue_as_return(statement: cst.BaseStatement, value: cst.BaseExpression | None) -> cst.BaseStatement:
    new = statement.visit(_Continues(value))
    return new if isinstance(new, cst.BaseStatement) else statement


def _is_annotated(function: cst.FunctionDef) -> bool:
    return function.returns is not None or any(True for _ in inside(function.params, cst.Annotation))


def _annotations(flow: Flow) -> Iterator[tuple[str, cst.Annotation]]:
    """Names whose type is written: parameters that are never bound anew, and annotated variables."""
    function = flow.function
    bound = {name for step in flow.steps for name in step.writes}
    for each in (*function.params.posonly_params, *function.params.params, *function.params.kwonly_params):
        if each.annotation is not None and each.name.value not in bound:
            yield each.name.value, each.annotation
    for each in inside(function.body, cst.AnnAssign):
        for name in target_names(each.target):
            yield name, cst.Annotation(each.annotation.annotation)


def _returns(function: cst.FunctionDef, block: Block, known: dict[str, cst.Annotation]) -> cst.Annotation | None:
    if block.form == "return":
        return function.returns
    if block.form == "flag":
        return cst.Annotation(cst.Name("bool"))
    if block.form == "value":
        return None
    if not block.outputs:
        return cst.Annotation(cst.Name("None"))
    types = [known[each].annotation for each in block.outputs if each in known]
    if len(types) != len(block.outputs):
        return None
    if len(types) == 1:
        return cst.Annotation(types[0])
    elements = [cst.SubscriptElement(cst.Index(each)) for each in types]
    return cst.Annotation(cst.Subscript(cst.Name("tuple"), elements))


def _blank_before(place: Place) -> list[cst.EmptyLine]:
    return [cst.EmptyLine(indent=False)] * (1 if place.classes else 2)
