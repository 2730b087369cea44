"""Small changes of a draft, by which one sees whether its tests would notice: mutation analysis in little.

Constants one off, comparisons and operators swapped, conditions turned, guards and filters left out (the classical
operators of Offutt et al., "An experimental determination of sufficient mutant operators", 1996).

Invariant: deterministic; text in, texts out, nothing is run here.
"""

from __future__ import annotations

import ast
import copy
from collections.abc import Callable, Iterator

#: Mutants that are tried; of more, ones that are spread over the code.
MOST = 14

_COMPARE: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq,
    ast.In: ast.NotIn, ast.NotIn: ast.In, ast.Is: ast.IsNot, ast.IsNot: ast.Is,
}  # fmt: skip
_BINARY: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Add, ast.FloorDiv: ast.Mult, ast.Div: ast.Mult,
    ast.Mod: ast.FloorDiv,
}  # fmt: skip

_Change = Callable[[ast.AST], None]


def mutants(code: str, most: int = MOST) -> list[str]:
    """Versions of ``code`` with one change each; empty for code that the host's Python does not parse, or that is
    nested too deeply for it."""
    try:
        return _mutants(ast.parse(code), most)
    except (SyntaxError, ValueError, RecursionError):
        return []


def _mutants(tree: ast.Module, most: int) -> list[str]:
    places = [(number, change) for number, node in enumerate(ast.walk(tree)) for change in _changes(node)]
    if len(places) > most:
        places = [places[position * len(places) // most] for position in range(most)]
    made: list[str] = []
    for number, change in places:
        changed = copy.deepcopy(tree)
        node = next(each for place, each in enumerate(ast.walk(changed)) if place == number)
        change(node)
        made.append(ast.unparse(ast.fix_missing_locations(changed)) + "\n")
    return list(dict.fromkeys(made))


def _changes(node: ast.AST) -> Iterator[_Change]:
    match node:
        case ast.Constant(value=int() as value) if not isinstance(value, bool):
            yield lambda each, value=value: setattr(each, "value", value + 1)
        case ast.Compare(ops=[operator]) if type(operator) in _COMPARE:
            swapped = _COMPARE[type(operator)]
            yield lambda each, swapped=swapped: setattr(each, "ops", [swapped()])
        case ast.BinOp(op=operator) | ast.AugAssign(op=operator) if type(operator) in _BINARY:
            other = _BINARY[type(operator)]
            yield lambda each, other=other: setattr(each, "op", other())
        case ast.BoolOp(op=operator):
            turned = ast.Or if isinstance(operator, ast.And) else ast.And
            yield lambda each, turned=turned: setattr(each, "op", turned())
        case ast.UnaryOp(op=ast.Not()):
            yield lambda each: setattr(each, "op", ast.UAdd())
        case ast.If(orelse=[]) | ast.IfExp():
            yield lambda each: setattr(each, "test", ast.Constant(value=False))
        case ast.comprehension(ifs=[_, *_]):
            yield lambda each: setattr(each, "ifs", [])
        case ast.Slice(lower=ast.expr() as lower):
            yield lambda each, lower=lower: setattr(each, "lower", ast.BinOp(lower, ast.Add(), ast.Constant(value=1)))
        case ast.Call(func=ast.Name(id="range"), args=[_, *_]):
            yield _shorter
        case _:
            return


def _shorter(call: ast.AST) -> None:
    assert isinstance(call, ast.Call)
    end = min(len(call.args) - 1, 1)
    call.args[end] = ast.BinOp(call.args[end], ast.Sub(), ast.Constant(value=1))
