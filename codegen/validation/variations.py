"""Tests as programs that look instead of judge, and the same with other values: what drafts are compared on where their
tests hold no plain calls: methods, objects with a state, coroutines.

`assert box.size() == 2` becomes a look at `box.size()`, an expected exception a look at whether there is one. Then
single values that the test gives to what it tests are replaced by ones next to them (:mod:`.neighbours`).

Invariant: deterministic; text in, texts out, nothing is run here. A test that needs fixtures is left out.
"""

from __future__ import annotations

import ast
import copy
import random
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import cast

from .neighbours import steps_of

#: Programs of one function of tests, and of all.
MOST_EACH, MOST = 24, 96
#: What a program calls with what it sees.
SAW = "_saw"

_Test = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True, slots=True)
class Programs:
    """The first ``plain`` of ``programs`` are the tests as they are."""

    programs: list[str]
    plain: int


def programs_of(source: str, module: str, *, stateful: bool = False) -> Programs:
    """Programs of a pytest file; imports of ``module`` are left out. Each defines `_run`, which takes :data:`SAW`.

    ``stateful``: all but the plain ones also look at the public fields of their objects at the end."""
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError):
        return Programs([], 0)
    around = [each for each in tree.body if not _is_test(each) and not _imports(each, module)]
    tests = [made for each in tree.body if _is_test(each) for made in _without_parameters(cast("_Test", each))]
    plain = [_looking(each) for each in tests]
    found = [_program(around, each) for each in plain]
    if stateful:
        for each in plain:
            each.body += ast.parse(f"{SAW}(dict(locals()))").body
        found += [_program(around, each) for each in plain]
    for each in plain:
        found += [_program(around, other) for other in _varied(each)]
    return Programs(list(dict.fromkeys(found))[:MOST], len(dict.fromkeys(found[: len(plain)])))


def steps_in(program: str) -> str:
    """What a program does, for a person: its statements in a line."""
    try:
        body = next(each for each in ast.parse(program).body if getattr(each, "name", "") == "_run")
    except (SyntaxError, StopIteration):
        return program
    assert isinstance(body, (ast.FunctionDef, ast.AsyncFunctionDef))
    lines = [ast.unparse(each) for each in body.body]
    said = "; ".join(re.sub(rf"{SAW}\((.*)\)\Z", r"\1", each) for each in lines if "locals()" not in each)
    return f"`{' '.join(said.split())[:300]}`"


def _is_test(node: ast.stmt) -> bool:
    return isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and node.name.startswith("test")


def _imports(node: ast.stmt, module: str) -> bool:
    if isinstance(node, ast.ImportFrom):
        return node.module in (module, "suture_isolated")
    return isinstance(node, ast.Import) and any(each.name == module for each in node.names)


def _without_parameters(test: _Test) -> Iterator[_Test]:
    """The test for each row of its parameters; nothing if it has others."""
    names = [each.arg for each in test.args.args]
    if not names:
        if not test.decorator_list:
            yield test
        return
    match test.decorator_list:
        case [
            ast.Call(
                func=ast.Attribute(attr="parametrize"), args=[ast.Constant(value=str() as said), ast.List(elts=rows)]
            )
        ]:
            order = [each.strip() for each in said.split(",")]
        case _:
            return
    if sorted(order) != sorted(names):
        return
    for row in rows:
        values = row.elts if isinstance(row, ast.Tuple) and len(order) > 1 else [row]
        if len(values) != len(order):
            continue
        made = copy.deepcopy(test)
        made.decorator_list, made.args.args = [], []
        given = [ast.Assign([ast.Name(name, ast.Store())], value) for name, value in zip(order, values, strict=True)]
        made.body = [*given, *made.body]
        yield made


def _program(around: list[ast.stmt], test: _Test) -> str:
    return ast.unparse(ast.fix_missing_locations(ast.Module([*around, test], [])))


class _Looking(ast.NodeTransformer):
    """Assertions and expected exceptions become looks."""

    def visit_Assert(self, node: ast.Assert) -> ast.AST:
        test = node.test
        while isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
            test = test.operand
        if isinstance(test, ast.Compare):
            sides = [test.left, *test.comparators]
            test = next((each for each in sides if any(isinstance(x, ast.Call) for x in ast.walk(each))), test.left)
        return ast.Expr(ast.Call(ast.Name(SAW, ast.Load()), [test], []))

    def visit_With(self, node: ast.With) -> ast.AST:
        self.generic_visit(node)
        if "raises" not in ast.unparse(node.items[0].context_expr):
            return node
        seen = cast("ast.Expr", ast.parse(f"{SAW}(type(error).__name__)").body[0])
        handler = ast.ExceptHandler(ast.Name("Exception", ast.Load()), "error", [seen])
        return ast.Try([*node.body, ast.parse(f"{SAW}('no exception')").body[0]], [handler], [], [])


def _looking(test: _Test) -> _Test:
    made = cast("_Test", _Looking().visit(copy.deepcopy(test)))
    made.name = "_run"
    made.args = ast.arguments([], [ast.arg(SAW)], None, [], [], None, [])
    made.returns = None
    return made


def _varied(test: _Test) -> Iterator[_Test]:
    """The test with one of its values replaced, then with two."""
    rng = random.Random(ast.dump(test))
    places = [number for number, node in enumerate(ast.walk(test)) if _literal(node) is not None]
    count = 0
    for place in places:
        node = next(each for number, each in enumerate(ast.walk(test)) if number == place)
        steps = list(steps_of(_literal(node), rng))
        for step in steps[: max(3, MOST_EACH // max(len(places), 1))]:
            if count >= MOST_EACH:
                return
            count += 1
            yield _replaced(test, place, step)


def _literal(node: ast.AST) -> object | None:
    """The value of a number, a text or a display of such; not of what is inside of one."""
    if isinstance(node, ast.Constant):
        return node.value if type(node.value) in (int, float, str, bool) else None
    if isinstance(node, (ast.List, ast.Dict)):
        try:
            return ast.literal_eval(node)
        except (ValueError, TypeError):
            return None
    return None


def _replaced(test: _Test, place: int, value: object) -> _Test:
    made = copy.deepcopy(test)
    target = next(each for number, each in enumerate(ast.walk(made)) if number == place)
    new = ast.parse(repr(value), mode="eval").body

    class Swap(ast.NodeTransformer):
        def visit(self, node: ast.AST) -> ast.AST:
            return new if node is target else self.generic_visit(node)

    return cast("_Test", Swap().visit(made))
