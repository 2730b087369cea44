"""Rewrites the functions of a module so that they tell which branches they take, or what they compare.

The rewritten code is put into the existing functions (``__code__``) and can be taken out again. Line numbers, columns,
names and defaults stay; only statements and calls without a trace of their own are added.

Invariant: nothing is executed to instrument: the module's own text is compiled, and code objects are exchanged. A
function whose code cannot be matched stays as it is.
"""

from __future__ import annotations

import ast
import builtins
import inspect
import sys
from collections.abc import Callable, Iterator
from types import CodeType, FunctionType, ModuleType
from typing import Any

from .plans import kind_of

#: Names that rewritten code uses; they live in ``builtins`` of the worker's process.
HITS, TEST, COMPARE, CALL = "__suture_hits__", "__suture_test__", "__suture_compare__", "__suture_call__"

_OPERATORS: dict[type[ast.cmpop], str] = {
    ast.Eq: "==", ast.NotEq: "!=", ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.In: "in",
    ast.NotIn: "not in",
}  # fmt: skip
_TEXT_TESTS = frozenset({"startswith", "endswith"})


def functions(module: ModuleType) -> Iterator[FunctionType]:
    """The functions that a module defines: its own, those of its classes, and what decorators wrapped."""
    seen: set[int] = set()
    queue: list[Any] = [*vars(module).values()]
    while queue:
        each: Any = queue.pop()
        if id(each) in seen:
            continue
        seen.add(id(each))
        if isinstance(each, FunctionType) and each.__code__.co_filename == module.__file__:
            yield each
        queue += _inside(each, module)


def _inside(each: Any, module: ModuleType) -> list[Any]:
    """What an object of a module holds that may be a function, or hold one."""
    found: list[Any] = []
    kind = kind_of(each)
    if kind is FunctionType:
        found = [cell for cell in map(_held, each.__closure__ or ()) if callable(cell)]
    elif kind in (staticmethod, classmethod):
        found = [each.__func__]
    elif kind is property:
        found = [each.fget, each.fset, each.fdel]
    elif issubclass(kind, type) and each.__module__ == module.__name__:
        found = [*each.__dict__.values()]
    if callable(each):
        found.append(inspect.getattr_static(each, "__wrapped__", None))
    return [one for one in found if one is not None]


def _held(cell: Any) -> Any:
    try:
        return cell.cell_contents
    except ValueError:  # empty still
        return None


class Rewritten:
    """Functions of a module with two bodies each. ``install`` puts the rewritten one in, ``remove`` the old one."""

    def __init__(self, module: ModuleType, tree: ast.Module, names: dict[str, Any]) -> None:
        for name, value in names.items():
            setattr(builtins, name, value)
        ast.fix_missing_locations(tree)
        whole = compile(tree, module.__file__ or "<target>", "exec", dont_inherit=True)
        codes = {_key(each): each for each in code_objects(whole)}
        self._pairs: list[tuple[FunctionType, CodeType, CodeType]] = []
        for function in functions(module):
            old = function.__code__
            new = codes.get(_key(old))
            if new is not None and len(new.co_freevars) == len(old.co_freevars):
                self._pairs.append((function, old, new))

    def install(self) -> None:
        for function, _, new in self._pairs:
            function.__code__ = new

    def remove(self) -> None:
        for function, old, _ in self._pairs:
            function.__code__ = old


def _key(code: CodeType) -> tuple[str, int, tuple[str, ...]]:
    return code.co_qualname, code.co_firstlineno, code.co_freevars


def code_objects(code: CodeType) -> Iterator[CodeType]:
    """A code object and all inside it."""
    yield code
    for each in code.co_consts:
        if isinstance(each, CodeType):
            yield from code_objects(each)


class _Inside(ast.NodeTransformer):
    """Changes the bodies of functions only; class bodies and the module itself are run once and stay."""

    def __init__(self) -> None:
        self.depth = 0
        self.sites = 0

    def _function(self, node: Any) -> Any:
        outer, self.depth = self.depth, 1
        node.body = self.block(node.body, doc=True)
        self.depth = outer
        return node

    visit_FunctionDef = visit_AsyncFunctionDef = _function

    def visit_ClassDef(self, node: ast.ClassDef) -> Any:
        outer, self.depth = self.depth, 0
        self.generic_visit(node)
        self.depth = outer
        return node

    def block(self, body: list[ast.stmt], doc: bool = False) -> list[ast.stmt]:
        return [self.visit(each) for each in body]

    def site(self) -> int:
        self.sites += 1
        return self.sites - 1


class _Branches(_Inside):
    """A mark at the start of each branch: ``HITS[n] = 1``."""

    def _marked(self, body: list[ast.stmt], near: ast.AST) -> list[ast.stmt]:
        mark = ast.parse(f"{HITS}[{self.site()}] = 1").body[0]
        for each in ast.walk(mark):
            ast.copy_location(each, body[0] if body else near)
        return [mark, *body]

    def block(self, body: list[ast.stmt], doc: bool = False) -> list[ast.stmt]:
        head = body[:1] if doc and body and isinstance(body[0], ast.Expr) else []
        rest: list[ast.stmt] = [self.visit(each) for each in body[len(head) :]]
        return [*head, *self._marked(rest, body[0])]

    def _branching(self, node: Any) -> Any:
        if not self.depth:
            return self.generic_visit(node)
        if hasattr(node, "test"):
            node.test = self._test(node.test)
        elif hasattr(node, "iter"):
            node.iter = self.visit(node.iter)
        node.body = self.block(node.body)
        inner: list[ast.stmt] = [self.visit(each) for each in node.orelse]
        node.orelse = self._marked(inner, node)
        return node

    visit_If = visit_While = visit_For = visit_AsyncFor = _branching

    def _test(self, node: ast.expr) -> ast.expr:
        """The parts of a condition, each with two marks; a condition of one part is marked by its branches."""
        return self.visit(node)

    def visit_BoolOp(self, node: ast.BoolOp) -> Any:
        if not self.depth:
            return self.generic_visit(node)
        node.values = [self._probe(self.visit(each)) for each in node.values]
        return node

    def visit_IfExp(self, node: ast.IfExp) -> Any:
        self.generic_visit(node)
        if self.depth:
            node.test = self._probe(node.test)
        return node

    def visit_comprehension(self, node: ast.comprehension) -> Any:
        self.generic_visit(node)
        if self.depth:
            node.ifs = [self._probe(each) for each in node.ifs]
        return node

    def visit_ExceptHandler(self, node: ast.ExceptHandler) -> Any:
        if self.depth:
            node.body = self.block(node.body)
        return node

    def visit_match_case(self, node: ast.match_case) -> Any:
        if self.depth:
            if node.guard is not None:
                node.guard = self.visit(node.guard)
            node.body = self.block(node.body)
        return node

    def _probe(self, node: ast.expr) -> ast.expr:
        number = self.site()
        self.site()
        return _call(TEST, node, ast.Constant(number), node)


class _Comparisons(_Inside):
    """Comparisons and tests, each through a function that is told its operands."""

    def visit_Compare(self, node: ast.Compare) -> Any:
        self.generic_visit(node)
        if not self.depth or any(type(each) not in _OPERATORS for each in node.ops):
            return node
        middle = node.comparators[:-1]
        if not all(isinstance(each, ast.Constant | ast.Name | ast.Attribute) for each in middle):
            return node
        operands = [node.left, *node.comparators]
        parts: list[ast.expr] = []
        for left, operator, right in zip(operands, node.ops, operands[1:], strict=False):
            kind = ast.Constant(_OPERATORS[type(operator)])
            parts.append(_call(COMPARE, node, ast.Constant(self.site()), kind, left, right))
        return parts[0] if len(parts) == 1 else ast.copy_location(ast.BoolOp(ast.And(), parts), node)

    def visit_Call(self, node: ast.Call) -> Any:
        self.generic_visit(node)
        function = node.func
        if self.depth and isinstance(function, ast.Attribute) and function.attr in _TEXT_TESTS and len(node.args) == 1:
            return _call(
                CALL, node, ast.Constant(self.site()), ast.Constant(function.attr), function.value, node.args[0]
            )
        return node

    def _condition(self, node: Any) -> Any:
        self.generic_visit(node)
        test = node.test
        negated = isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not)
        inner = test.operand if negated else test
        if self.depth and isinstance(inner, ast.Name | ast.BinOp | ast.Subscript | ast.Attribute):
            told = _call(COMPARE, inner, ast.Constant(self.site()), ast.Constant("!="), inner, ast.Constant(0))
            told.keywords.append(ast.keyword("truth", ast.copy_location(ast.Constant(True), inner)))
            node.test = ast.copy_location(ast.UnaryOp(ast.Not(), told), test) if negated else told
        return node

    visit_If = visit_While = visit_IfExp = _condition


def _call(name: str, near: ast.AST, *args: ast.expr) -> ast.Call:
    call = ast.Call(ast.Name(name, ast.Load()), list(args), [])
    for each in (call, call.func, *args):
        if not hasattr(each, "lineno"):
            ast.copy_location(each, near)
    return call


def with_marks(module: ModuleType, source: str) -> tuple[Rewritten, bytearray]:
    """Functions that mark branches, and the marks: one byte per branch, 1 once it was taken."""
    tree = ast.parse(source)
    rewriter = _Branches()
    rewriter.visit(tree)
    hits = bytearray(rewriter.sites)

    def test(number: int, value: Any) -> Any:
        hits[number if value else number + 1] = 1
        return value

    return Rewritten(module, tree, {HITS: hits, TEST: test}), hits


def with_comparisons(
    module: ModuleType,
    source: str,
    compare: Callable[..., Any],
    call: Callable[..., Any],
) -> Rewritten:
    """Functions whose comparisons go through ``compare(site, operator, left, right)`` and ``call`` (for text tests)."""
    tree = ast.parse(source)
    _Comparisons().visit(tree)
    return Rewritten(module, tree, {COMPARE: compare, CALL: call})


def monitoring() -> Any:
    """``sys.monitoring`` where there is one (3.12 and newer)."""
    return getattr(sys, "monitoring", None)
