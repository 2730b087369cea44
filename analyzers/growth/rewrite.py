"""Rewrites a module so that its functions count what they do: iterations, calls, and operations whose cost depends on
the size of their operands, each at its place in the source (a *site*).

What is rewritten behaves as before: every operand is evaluated once and in its order, names stay what they are, calls
of Python functions stay direct (no frame is added, so recursion goes as deep). Only bodies of functions change; what
a module does when it is imported is left alone.

Invariant: pure. It is told nothing about types; :mod:`.meter` looks at the operands when the code runs.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable
from dataclasses import dataclass
from types import CodeType
from typing import Literal, cast

#: How the rewritten code calls its meter. No class mangles a name with one leading underscore.
METER = "_suture_meter"
RUNS, COSTS = "_suture_runs", "_suture_costs"


def words(text: str) -> frozenset[str]:
    return frozenset(text.split())


#: Called directly: they look at their caller's frame, or always cost the same.
_UNTOUCHED = words(
    """super locals vars dir globals eval exec __import__ breakpoint isinstance issubclass len print range enumerate
    zip map filter iter int float bool complex chr ord abs id hash callable getattr setattr hasattr delattr divmod
    pow round next repr type property staticmethod classmethod object slice open input"""
)

Form = Literal["function", "loop", "while", "comprehension", "call", "membership", "operator", "slice", "display"]
_Comprehension = ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp
_Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True, slots=True)
class Site:
    """A place that counts. Lines are 1-based. ``function`` is the qualified name of the function it is in.

    ``text`` names what is called (``helper``, ``.append``); ``consumes``: the result replaces what was sliced, or is
    given to the same function again; ``invariant``: nothing in the expression changes in the innermost loop around it;
    ``loops`` are the sites of the loops around it in its function, the innermost last. ``column`` and ``end`` are
    0-based code points of the line; what goes on over several lines ends with its first."""

    line: int
    form: Form
    function: str
    text: str = ""
    consumes: bool = False
    invariant: bool = False
    loops: tuple[int, ...] = ()
    column: int = 0
    end: int = 0


@dataclass(frozen=True, slots=True)
class Metered:
    """The rewritten module and its sites; the number of a site is its place."""

    tree: ast.Module
    sites: tuple[Site, ...]


def rewrite(source: str, path: str) -> Metered:
    """Raises SyntaxError as :func:`compile` does."""
    tree = ast.parse(source, path)
    fast = _fast_locals(compile(tree, path, "exec", dont_inherit=True))
    writer = _Writer(fast, source.splitlines())
    for node in tree.body:
        writer.visit(node)
    return Metered(ast.fix_missing_locations(tree), tuple(writer.sites))


def _fast_locals(code: CodeType) -> dict[tuple[str, int], frozenset[str]]:
    """By name and first line of a function: the variables that it keeps in its frame, and shares with no other.

    On these CPython appends to a text in place (``unicode_concatenate`` in ``ceval.c``, later
    ``BINARY_OP_INPLACE_ADD_UNICODE``) if nobody else refers to it."""
    found: dict[tuple[str, int], frozenset[str]] = {}
    waiting = [code]
    while waiting:
        each = waiting.pop()
        found[each.co_name, each.co_firstlineno] = frozenset(each.co_varnames) - frozenset(each.co_cellvars)
        waiting += [inner for inner in each.co_consts if isinstance(inner, CodeType)]
    return found


class _Writer(ast.NodeTransformer):
    def __init__(self, fast: dict[tuple[str, int], frozenset[str]], lines: list[str]) -> None:
        self.sites: list[Site] = []
        self.lines = lines
        self.fast = fast
        self.names: list[str] = []  # of classes and functions around
        self.inside = 0  # functions around
        self.locals: frozenset[str] = frozenset()
        self.loops: list[int] = []
        self.changing: list[frozenset[str]] = []  # names bound or changed in each loop around

    # -- places -----------------------------------------------------------------------------------------------------

    def site(
        self, node: ast.AST, form: Form, text: str = "", consumes: bool = False, whole: ast.AST | None = None
    ) -> int:
        invariant = bool(self.changing) and whole is not None and self._invariant(whole)
        line = int(getattr(node, "lineno", 0))
        column, end = self._columns(node, line)
        around = tuple(self.loops)
        place = Site(line, form, ".".join(self.names), text, consumes, invariant, around, column, end)
        self.sites.append(place)
        return len(self.sites) - 1

    def _columns(self, node: ast.AST, line: int) -> tuple[int, int]:
        """In code points; the tree counts bytes of UTF-8."""
        if not 0 < line <= len(self.lines):
            return 0, 0
        text = self.lines[line - 1]
        data = text.encode("utf-8", "surrogatepass")
        column = len(data[: int(getattr(node, "col_offset", 0))].decode("utf-8", "replace"))
        if getattr(node, "end_lineno", line) != line:
            return column, len(text.rstrip())
        return column, len(data[: int(getattr(node, "end_col_offset", 0))].decode("utf-8", "replace"))

    def _invariant(self, node: ast.AST) -> bool:
        """Whether no name in it is bound or changed in the innermost loop."""
        names = {each.id for each in ast.walk(node) if isinstance(each, ast.Name)}
        own = {each.id for each in ast.walk(node) if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Store)}
        return not (names - own) & self.changing[-1]

    # -- definitions ------------------------------------------------------------------------------------------------

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.AST:
        self.names.append(node.name)
        inside, self.inside = self.inside, 0
        node.body = [self.visit(each) for each in node.body]
        self.inside = inside
        self.names.pop()
        return node

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        return self._function(node)

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> ast.AST:
        return self._function(node)

    def _function(self, node: _Function) -> ast.AST:
        outer = self.locals, self.loops, self.changing
        self.names.append(node.name)
        first = min([node.lineno, *(each.lineno for each in node.decorator_list)])
        self.locals = self.fast.get((node.name, first), frozenset())
        self.loops, self.changing = [], []
        self.inside += 1
        number = self.site(node, "function", node.name)
        start = 1 if ast.get_docstring(node, clean=False) is not None else 0
        body = self._block(node.body[start:])
        node.body = [*node.body[:start], _tick(RUNS, number), *body]
        self.inside -= 1
        self.names.pop()
        self.locals, self.loops, self.changing = outer
        return node

    def visit_Lambda(self, node: ast.Lambda) -> ast.AST:
        if self.inside:
            node.body = self.visit(node.body)
        return node

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AST:
        if node.value is not None:
            node.value = self.visit(node.value)
        return node

    def _block(self, body: list[ast.stmt]) -> list[ast.stmt]:
        found: list[ast.stmt] = []
        for each in body:
            made = self.visit(each)
            found += cast("list[ast.stmt]", made) if isinstance(made, list) else [made]
        return found

    # -- loops ------------------------------------------------------------------------------------------------------

    def visit_For(self, node: ast.For) -> ast.AST:
        if not self.inside:
            return self.generic_visit(node)
        node.iter = self.visit(node.iter)
        number = self.site(node, "loop")
        node.iter = _call("enter", number, node.iter)
        self._enter(number, [node])
        node.target = self.visit(node.target)
        node.body = [_tick(COSTS, number), *self._block(node.body)]
        self._leave()
        node.orelse = self._block(node.orelse)
        return node

    def visit_While(self, node: ast.While) -> ast.AST | list[ast.stmt]:
        if not self.inside:
            return self.generic_visit(node)
        number = self.site(node, "while")
        self._enter(number, [node])
        node.test = self.visit(node.test)
        node.body = [_tick(COSTS, number), *self._block(node.body)]
        self._leave()
        node.orelse = self._block(node.orelse)
        return [_tick(RUNS, number), node]

    def _enter(self, number: int, nodes: Iterable[ast.AST]) -> None:
        self.loops.append(number)
        self.changing.append(_changed(nodes))

    def _leave(self) -> None:
        self.loops.pop()
        self.changing.pop()

    def visit_ListComp(self, node: ast.ListComp) -> ast.AST:
        return self._comprehension(node)

    def visit_SetComp(self, node: ast.SetComp) -> ast.AST:
        return self._comprehension(node)

    def visit_DictComp(self, node: ast.DictComp) -> ast.AST:
        return self._comprehension(node)

    def visit_GeneratorExp(self, node: ast.GeneratorExp) -> ast.AST:
        return self._comprehension(node)

    def _comprehension(self, node: _Comprehension) -> ast.AST:
        if not self.inside or any(each.is_async for each in node.generators):
            return self.generic_visit(node)
        entered = 0
        for each in node.generators:
            whole = node if not entered else None
            each.iter = self.visit(each.iter)
            number = self.site(each.iter, "comprehension", whole=whole)
            each.iter = _call("enter", number, each.iter)
            self._enter(number, [node])
            entered += 1
            tick = ast.Call(_attribute("tick"), [ast.Constant(number)], [])
            each.ifs = [tick, *[self.visit(condition) for condition in each.ifs]]
        if isinstance(node, ast.DictComp):
            node.key, node.value = self.visit(node.key), self.visit(node.value)
        else:
            node.elt = self.visit(node.elt)
        for _ in range(entered):
            self._leave()
        return node

    # -- operations -------------------------------------------------------------------------------------------------

    def visit_Call(self, node: ast.Call) -> ast.AST:
        if not self.inside:
            return self.generic_visit(node)
        name = node.func.id if isinstance(node.func, ast.Name) else ""
        number = -1
        if name not in _UNTOUCHED:
            text = name or (f".{node.func.attr}" if isinstance(node.func, ast.Attribute) else "")
            number = self.site(node, "call", text, whole=node)
        again = bool(name) and name == self.names[-1]
        for each in node.args:
            if again and isinstance(each, ast.Subscript) and isinstance(each.slice, ast.Slice):
                each.__dict__["consumed"] = True
        node = cast("ast.Call", self.generic_visit(node))
        if number >= 0:
            node.func = _call("callee", number, node.func)
        return node

    def visit_Compare(self, node: ast.Compare) -> ast.AST:
        if not self.inside or len(node.ops) != 1 or not isinstance(node.ops[0], ast.In | ast.NotIn):
            return self.generic_visit(node)
        container = node.comparators[0]
        if isinstance(container, ast.Constant | ast.Tuple | ast.List | ast.Set):
            return self.generic_visit(node)  # as long as it is written
        number = self.site(node, "membership", whole=container)
        made = _call("contains", number, self.visit(node.left), self.visit(container))
        return made if isinstance(node.ops[0], ast.In) else ast.UnaryOp(ast.Not(), made)

    def visit_BinOp(self, node: ast.BinOp) -> ast.AST:
        if not self.inside or not _may_cost(node):
            return self.generic_visit(node)
        number = self.site(node, "operator", whole=node)
        node = cast("ast.BinOp", self.generic_visit(node))
        return _call("binary", number, ast.Constant(type(node.op).__name__), node.left, node.right)

    def visit_Assign(self, node: ast.Assign) -> ast.AST:
        if not self.inside or len(node.targets) != 1:
            return self.generic_visit(node)
        target, value = node.targets[0], node.value
        if isinstance(value, ast.BinOp) and isinstance(value.op, ast.Add) and _same(target, value.left):
            number = self.site(node, "operator", "=")
            fast = isinstance(target, ast.Name) and target.id in self.locals
            left, right = value.left, self.visit(value.right)
            node.value = _call("extended", number, ast.Constant("Add"), left, right, ast.Constant(fast))
            return node
        if isinstance(value, ast.Subscript) and isinstance(value.slice, ast.Slice) and _same(target, value.value):
            value.__dict__["consumed"] = True
        if isinstance(value, ast.List | ast.Tuple):
            value.__dict__["consumed"] = any(isinstance(e, ast.Starred) and _same(target, e.value) for e in value.elts)
        if isinstance(target, ast.Subscript) and isinstance(target.slice, ast.Slice):
            number = self.site(node, "slice", "store")
            return ast.copy_location(
                ast.Expr(
                    _call("stored", number, self.visit(target.value), self._slice(target.slice), self.visit(value))
                ),
                node,
            )
        return self.generic_visit(node)

    def visit_AugAssign(self, node: ast.AugAssign) -> ast.AST:
        operators = (ast.Add, ast.BitOr, ast.BitAnd, ast.Sub, ast.BitXor)
        if not self.inside or not isinstance(node.op, operators) or not _simple(node.target):
            return self.generic_visit(node)
        if isinstance(node.value, ast.Constant) and isinstance(node.value.value, int | float):
            return self.generic_visit(node)
        number = self.site(node, "operator", "=")
        fast = isinstance(node.target, ast.Name) and node.target.id in self.locals
        operator = ast.Constant("I" + type(node.op).__name__)
        made = _call("extended", number, operator, _loaded(node.target), self.visit(node.value), ast.Constant(fast))
        return ast.copy_location(ast.Assign([node.target], made), node)

    def visit_Subscript(self, node: ast.Subscript) -> ast.AST:
        if not self.inside or not isinstance(node.slice, ast.Slice) or not isinstance(node.ctx, ast.Load):
            return self.generic_visit(node)
        number = self.site(node, "slice", consumes=bool(node.__dict__.get("consumed")), whole=node)
        return _call("sliced", number, self.visit(node.value), self._slice(node.slice))

    def _slice(self, node: ast.Slice) -> ast.expr:
        parts: list[ast.expr] = []
        for each in (node.lower, node.upper, node.step):
            parts.append(self.visit(each) if each is not None else ast.Constant(None))
        return ast.Call(_attribute("slice"), parts, [])

    def visit_Delete(self, node: ast.Delete) -> ast.AST | list[ast.stmt]:
        if not self.inside:
            return self.generic_visit(node)
        made: list[ast.stmt] = []
        for each in node.targets:
            if not isinstance(each, ast.Subscript):
                made.append(ast.copy_location(ast.Delete([each]), node))
                continue
            number = self.site(node, "slice", "delete")
            place = self._slice(each.slice) if isinstance(each.slice, ast.Slice) else self.visit(each.slice)
            deleted = _call("deleted", number, self.visit(each.value), place)
            made.append(ast.copy_location(ast.Expr(deleted), node))
        return made

    def visit_JoinedStr(self, node: ast.JoinedStr) -> ast.AST:
        for each in node.values:
            if isinstance(each, ast.FormattedValue):
                each.value = self.visit(each.value)
        if not self.inside or not any(isinstance(each, ast.FormattedValue) for each in node.values):
            return node
        return _call("made", self.site(node, "display", "text"), node)

    def visit_List(self, node: ast.List) -> ast.AST:
        return self._display(node, any(isinstance(each, ast.Starred) for each in node.elts))

    def visit_Tuple(self, node: ast.Tuple) -> ast.AST:
        return self._display(node, any(isinstance(each, ast.Starred) for each in node.elts))

    def visit_Set(self, node: ast.Set) -> ast.AST:
        return self._display(node, any(isinstance(each, ast.Starred) for each in node.elts))

    def visit_Dict(self, node: ast.Dict) -> ast.AST:
        return self._display(node, any(each is None for each in node.keys))

    def _display(self, node: ast.List | ast.Tuple | ast.Set | ast.Dict, unpacks: bool) -> ast.AST:
        stored = not isinstance(getattr(node, "ctx", ast.Load()), ast.Load)
        whole = node if self.inside and unpacks and not stored else None
        again = bool(node.__dict__.get("consumed"))
        number = self.site(node, "display", "unpacked", consumes=again, whole=whole) if whole is not None else -1
        made = cast("ast.expr", self.generic_visit(node))
        return _call("made", number, made) if number >= 0 else made

    def visit_MatchValue(self, node: ast.MatchValue) -> ast.AST:
        return node


def _may_cost(node: ast.BinOp) -> bool:
    """Whether the operands may be containers; a number written there tells that they are none."""
    sides = (node.left, node.right)
    if isinstance(node.op, ast.Mult):
        return any(
            isinstance(each, ast.List | ast.ListComp | ast.Tuple | ast.JoinedStr) or _is_text(each) for each in sides
        )
    if isinstance(node.op, ast.Mod):
        return _is_text(node.left)
    if any(isinstance(each, ast.Constant) and isinstance(each.value, int | float) for each in sides):
        return False
    return isinstance(node.op, ast.Add | ast.BitOr | ast.BitAnd | ast.Sub | ast.BitXor)


def _is_text(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str | bytes)


def _simple(target: ast.expr) -> bool:
    """Whether evaluating the target's parts twice does nothing that evaluating them once does not."""
    if isinstance(target, ast.Name | ast.Constant):
        return True
    if isinstance(target, ast.Attribute):
        return _simple(target.value)
    return isinstance(target, ast.Subscript) and _simple(target.value) and _simple(target.slice)


def _same(target: ast.expr, value: ast.expr) -> bool:
    return _simple(target) and ast.dump(_loaded(target)) == ast.dump(_loaded(value))


def _loaded(target: ast.expr) -> ast.expr:
    """The same place, read."""
    if isinstance(target, ast.Name):
        return ast.copy_location(ast.Name(target.id, ast.Load()), target)
    if isinstance(target, ast.Attribute):
        return ast.copy_location(ast.Attribute(target.value, target.attr, ast.Load()), target)
    if isinstance(target, ast.Subscript):
        return ast.copy_location(ast.Subscript(target.value, target.slice, ast.Load()), target)
    return target


#: Methods that leave their receiver as it is.
_READS = words(
    """index count find rfind keys values items get copy split join strip startswith endswith lower upper format
    encode decode splitlines replace union intersection difference issubset issuperset isdisjoint most_common
    search match findall finditer sub fullmatch"""
)


def _changed(nodes: Iterable[ast.AST]) -> frozenset[str]:
    """Names that are bound in these nodes, or whose object may be changed there."""
    found: set[str] = set()
    for top in nodes:
        for node in ast.walk(top):
            if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
                found.add(node.id)
            elif isinstance(node, ast.Subscript | ast.Attribute) and not isinstance(node.ctx, ast.Load):
                found |= _roots(node)
            elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr not in _READS:
                found |= _roots(node.func)
            elif isinstance(node, ast.AugAssign):
                found |= _roots(node.target)
    return frozenset(found)


def _roots(node: ast.expr) -> set[str]:
    while isinstance(node, ast.Subscript | ast.Attribute):
        node = node.value
    return {node.id} if isinstance(node, ast.Name) else set()


def _attribute(name: str) -> ast.expr:
    return ast.Attribute(ast.Name(METER, ast.Load()), name, ast.Load())


def _call(name: str, number: int, *args: ast.expr) -> ast.Call:
    return ast.copy_location(ast.Call(_attribute(name), [ast.Constant(number), *args], []), args[-1])


def _tick(counter: str, number: int) -> ast.stmt:
    """``counter[number] += 1``."""
    target = ast.Subscript(ast.Name(counter, ast.Load()), ast.Constant(number), ast.Store())
    return ast.AugAssign(target, ast.Add(), ast.Constant(1))
