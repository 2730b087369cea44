"""What an unannotated parameter probably is, from how the function's body uses it.

A small unification over the syntax tree: every name and expression is a :class:`Var` that collects votes for a type;
``a[i] <= b[j]`` makes the elements of ``a`` and ``b`` one variable, ``x.split`` votes for ``str``, a call of another
function of the module passes on what that one does with its argument.

Invariant: only the target's syntax is read (by the ``ast`` of the interpreter that runs the target); nothing is run.
What comes out is a guess of a domain, labelled as one: a type error inside it proves nothing.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable

from .conventions import LIBRARY
from .usages import builtin, iterate, method
from .variables import Var, listing, unify


class Inference:
    """Variables for the functions of one module, each visited once."""

    def __init__(self, tree: ast.Module) -> None:
        self.functions = {
            node.name: node for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        }
        self.methods = {
            f"{cls.name}.{node.name}": node
            for cls in ast.walk(tree)
            if isinstance(cls, ast.ClassDef)
            for node in cls.body
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        }
        self.constants: dict[str, ast.expr] = {}
        for node in tree.body:
            if isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name):
                self.constants[node.targets[0].id] = node.value
        self.tables = _tables(tree)
        self._known: dict[int, dict[str, Var]] = {}

    def variables(self, function: ast.FunctionDef | ast.AsyncFunctionDef, depth: int = 0) -> dict[str, Var]:
        """Parameter name → variable. A recursive call finds the variables that are being filled."""
        known = self._known.get(id(function))
        if known is None:
            arguments = function.args
            every = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
            every += [each for each in (arguments.vararg, arguments.kwarg) if each is not None]
            known = {each.arg: _annotated(each.annotation) for each in every}
            self._known[id(function)] = known
            if depth < 4:
                _Visitor(self, dict(known), depth).block(function.body)
        return known


def _annotated(annotation: ast.expr | None) -> Var:
    if annotation is None:
        return Var()
    text = ast.unparse(annotation).partition("[")[0].rpartition(".")[2].lower()
    return Var(text) if text in ("str", "int", "float", "bool", "bytes", "list", "dict", "set", "tuple") else Var()


def _tables(tree: ast.Module) -> frozenset[str]:
    """Classes, and names that the module binds once to a dictionary and never changes in a function."""
    changed = {
        each.value.id
        for each in ast.walk(tree)
        if isinstance(each, ast.Subscript) and isinstance(each.ctx, ast.Store) and isinstance(each.value, ast.Name)
    }
    found = {node.name for node in tree.body if isinstance(node, ast.ClassDef)}
    for node in tree.body:
        target = node.targets[0] if isinstance(node, ast.Assign) else getattr(node, "target", None)
        value = getattr(node, "value", None)
        if isinstance(target, ast.Name) and isinstance(value, ast.Dict | ast.DictComp | ast.Call):
            found.add(target.id)
    return frozenset(found - changed)


def _unconverted(node: ast.expr) -> ast.expr:
    """``int(precision)`` without the ``int``."""
    return node.args[0] if isinstance(node, ast.Call) and len(node.args) == 1 else node


def _steps_on(target: ast.expr, value: ast.expr) -> bool:
    """``node = node.next``: what the attribute holds is of the kind of what has it."""
    return (
        isinstance(target, ast.Name)
        and isinstance(value, ast.Attribute)
        and isinstance(value.value, ast.Name)
        and value.value.id == target.id
    )


class _Visitor:
    """Walks statements in order and lets each expression vote."""

    def __init__(self, inference: Inference, env: dict[str, Var], depth: int) -> None:
        self.inference = inference
        self.env = env
        self.depth = depth

    def block(self, body: Iterable[ast.stmt]) -> None:
        for statement in body:
            self.statement(statement)

    def statement(self, node: ast.stmt) -> None:
        if isinstance(node, ast.Assign):
            value = self.ev(node.value)
            for target in node.targets:
                if _steps_on(target, node.value) and isinstance(node.value, ast.Attribute):
                    value = unify(self.ev(node.value.value), value)
                self.assign(target, value)
        elif isinstance(node, ast.AnnAssign):
            if node.value is not None:
                self.assign(node.target, self.ev(node.value))
        elif isinstance(node, ast.AugAssign):
            value = self.binary(node.op, self.ev(node.target), node.target, self.ev(node.value), node.value)
            if isinstance(node.target, ast.Name):
                self.env[node.target.id] = value
        elif isinstance(node, ast.For | ast.AsyncFor):
            self.assign(node.target, iterate(self.ev(node.iter)))
            self.block(node.body)
            self.block(node.orelse)
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            inner = {each.arg: Var() for each in [*node.args.args, *node.args.kwonlyargs]}
            _Visitor(self.inference, {**self.env, **inner}, self.depth).block(node.body)
        elif isinstance(node, ast.With | ast.AsyncWith):
            for each in node.items:
                value = self.ev(each.context_expr)
                if each.optional_vars is not None:
                    self.assign(each.optional_vars, value if isinstance(each.context_expr, ast.Name) else Var())
            self.block(node.body)
        elif isinstance(node, ast.Delete):
            for target in node.targets:
                if isinstance(target, ast.Subscript):
                    self.ev(target)
        elif isinstance(node, ast.Match):
            self.ev(node.subject)
            for case in node.cases:
                self.block(case.body)
        elif not isinstance(node, ast.ClassDef):
            self.parts(node)

    def parts(self, node: ast.AST) -> None:
        """Expressions and statements directly below, in order."""
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.expr):
                self.ev(child)
            elif isinstance(child, ast.stmt):
                self.statement(child)
            else:
                self.parts(child)

    def assign(self, target: ast.expr, value: Var) -> None:
        if isinstance(target, ast.Name):
            self.env[target.id] = value
        elif isinstance(target, ast.Tuple | ast.List):
            if not any(isinstance(each, ast.Starred) for each in target.elts):
                root = value.root
                if not root.items:
                    root.items = [Var() for _ in target.elts]
                for each, var in zip(target.elts, root.items, strict=False):
                    self.assign(each, var)
            else:
                for each in target.elts:
                    inner = each.value if isinstance(each, ast.Starred) else each
                    self.assign(inner, Var() if isinstance(each, ast.Starred) else value.element())
        elif isinstance(target, ast.Subscript):
            unify(self.ev(target), value)
        elif isinstance(target, ast.Attribute):
            value.root.handed = True  # whoever reads the attribute may expect anything
            if isinstance(target.value, ast.Name) and target.value.id not in ("self", "cls"):
                unify(self.ev(target), value)

    def ev(self, node: ast.expr | None) -> Var:
        if node is None:
            return Var()
        method: Callable[[ast.expr], Var] | None = getattr(self, f"ev_{type(node).__name__}", None)
        if method is not None:
            return method(node)
        self.parts(node)
        return Var()

    def ev_Name(self, node: ast.Name) -> Var:
        if node.id not in self.env:
            constant = self.inference.constants.get(node.id)
            self.env[node.id] = self.ev(constant) if isinstance(constant, ast.Constant | ast.List) else Var()
        return self.env[node.id]

    def ev_Constant(self, node: ast.Constant) -> Var:
        if node.value is None:
            var = Var()
            var.nullable = True
            return var
        name = type(node.value).__name__
        return Var(name) if name in ("str", "bytes", "int", "float", "bool", "complex") else Var()

    def ev_JoinedStr(self, node: ast.JoinedStr) -> Var:
        for each in node.values:
            if isinstance(each, ast.FormattedValue):
                self.ev(each.value)
                for part in each.format_spec.values if isinstance(each.format_spec, ast.JoinedStr) else ():
                    if isinstance(part, ast.FormattedValue):
                        self.ev(part.value).root.uses |= {"width", "spec"}
            elif isinstance(each, ast.Constant) and str(each.value).endswith(("%.", "{:.", ":.", "{:,.", "%0")):
                following = node.values[node.values.index(each) + 1 :][:1]
                if following and isinstance(following[0], ast.FormattedValue):
                    self.ev(_unconverted(following[0].value)).root.uses.add("width")
        return Var("str")

    def ev_List(self, node: ast.List) -> Var:
        var = Var("list")
        for each in node.elts:
            unify(var.element(), self.ev(each))
        return var

    def ev_Tuple(self, node: ast.Tuple) -> Var:
        var = Var("tuple")
        var.items = [self.ev(each) for each in node.elts]
        return var

    def ev_Dict(self, node: ast.Dict) -> Var:
        for each in (*node.keys, *node.values):
            self.ev(each)
        return Var("dict")

    def comprehension(self, node: ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp) -> Var:
        inner = _Visitor(self.inference, dict(self.env), self.depth)
        for generator in node.generators:
            inner.assign(generator.target, iterate(inner.ev(generator.iter)))
            for condition in generator.ifs:
                inner.ev(condition)
        if isinstance(node, ast.DictComp):
            var = Var("dict")
            unify(var.keys(), inner.ev(node.key))
            unify(var.held(), inner.ev(node.value))
            return var
        var = Var("set" if isinstance(node, ast.SetComp) else "list")
        unify(var.element(), inner.ev(node.elt))
        return var

    ev_ListComp = ev_SetComp = ev_GeneratorExp = ev_DictComp = comprehension

    def ev_Lambda(self, node: ast.Lambda) -> Var:
        inner = {each.arg: Var() for each in node.args.args}
        _Visitor(self.inference, {**self.env, **inner}, self.depth).ev(node.body)
        return Var("callable")

    def ev_IfExp(self, node: ast.IfExp) -> Var:
        self.ev(node.test)
        value = self.ev(node.body)
        self.ev(node.orelse)
        return value

    def ev_BoolOp(self, node: ast.BoolOp) -> Var:
        values = [self.ev(each) for each in node.values]
        return values[-1] if isinstance(node.op, ast.Or) else Var()

    def ev_NamedExpr(self, node: ast.NamedExpr) -> Var:
        value = self.ev(node.value)
        self.assign(node.target, value)
        return value

    def ev_Await(self, node: ast.Await) -> Var:
        return self.ev(node.value)

    def ev_UnaryOp(self, node: ast.UnaryOp) -> Var:
        var = self.ev(node.operand)
        if isinstance(node.op, ast.USub | ast.UAdd):
            return var.vote("num", strength=2)
        return var.vote("int", strength=2) if isinstance(node.op, ast.Invert) else Var("bool")

    def ev_BinOp(self, node: ast.BinOp) -> Var:
        return self.binary(node.op, self.ev(node.left), node.left, self.ev(node.right), node.right)

    def binary(self, op: ast.operator, left: Var, left_node: ast.expr, right: Var, right_node: ast.expr) -> Var:
        if isinstance(op, ast.Add):
            return unify(left, right)
        if isinstance(op, ast.Mod):
            left.root.uses.add("percent")
            if left.root.votes["str"]:
                return Var("str")
            left.vote("num", "int", strength=2)
            right.vote("num", "int", strength=2)
            return Var("num", "int") if not left.root.votes["float"] else Var("float")
        if isinstance(op, ast.Mult):
            for one, other in ((left, right), (right, left)):
                if any(one.root.votes[kind] for kind in ("str", "list", "bytes", "tuple")):
                    other.vote("int")
                    return one
            left.vote("num", strength=2)
            right.vote("num", strength=2)
            return Var("num")
        if isinstance(op, ast.Sub) and (left.root.votes["set"] or right.root.votes["set"]):
            return unify(left, right)
        if isinstance(op, ast.BitAnd | ast.BitOr | ast.BitXor | ast.LShift | ast.RShift):
            strength = 1 if isinstance(op, ast.BitAnd | ast.BitOr | ast.BitXor) else 3
            left.vote("int", strength=strength)
            right.vote("int", strength=strength)
            return Var("int")
        for var in (left, right):
            var.vote("num", strength=2)
        if isinstance(op, ast.FloorDiv):
            for var in (left, right):
                var.vote("int", strength=1)
        whole = left.root.votes["int"] and right.root.votes["int"] and not isinstance(op, ast.Div)
        return Var("num", "int") if whole else Var("num")

    def ev_Compare(self, node: ast.Compare) -> Var:
        left = self.ev(node.left)
        for op, right_node in zip(node.ops, node.comparators, strict=True):
            right = self.ev(right_node)
            if isinstance(op, ast.In | ast.NotIn):
                self.member(left, right, right_node)
            elif isinstance(op, ast.Is | ast.IsNot):
                if isinstance(right_node, ast.Constant) and right_node.value is None:
                    left.root.nullable = True
            elif isinstance(right_node, ast.Constant) or isinstance(node.left, ast.Constant):
                var, constant = (left, right_node) if isinstance(right_node, ast.Constant) else (right, node.left)
                value = constant.value if isinstance(constant, ast.Constant) else None
                if isinstance(value, int | float) and not isinstance(value, bool):
                    var.vote("num", type(value).__name__, strength=2)
                elif isinstance(value, str | bytes):
                    var.vote(type(value).__name__, strength=2)
                    var.root.uses |= {"character"} if isinstance(value, str) and len(value) == 1 else set[str]()
                elif value is None:
                    var.root.nullable = True
            elif not isinstance(op, ast.Eq | ast.NotEq):
                left = unify(left, right)
            left = right
        return Var("bool")

    def member(self, left: Var, right: Var, right_node: ast.expr) -> None:
        if isinstance(right_node, ast.Tuple | ast.List | ast.Set):
            for each in right_node.elts:
                if isinstance(each, ast.Constant) and each.value is not None:
                    left.vote(type(each.value).__name__, strength=2)
        elif right.root.votes["str"]:
            left.vote("str")
            left.root.uses |= {"character"} if isinstance(right_node, ast.Constant) else set[str]()
        elif left.root.votes["str"] and isinstance(right_node, ast.Name):
            right.vote("str", strength=1)
        elif isinstance(right_node, ast.Name):
            right.vote("container", strength=1).root.asked.append(left)

    def ev_Subscript(self, node: ast.Subscript) -> Var:
        base = self.ev(node.value)
        if isinstance(node.slice, ast.Slice):
            for each in (node.slice.lower, node.slice.upper, node.slice.step):
                if each is not None:
                    self.ev(each).vote("int", strength=2)
            base.vote("seq", strength=2)
            return base
        index = self.ev(node.slice)
        root = base.root
        if isinstance(node.value, ast.Name) and isinstance(node.ctx, ast.Load):
            self.look_up(node.value.id, index)
        if root.votes["str"] and not root.votes["dict"]:
            index.vote("int", strength=1)
            return Var("str")
        if isinstance(node.slice, ast.Constant) and isinstance(node.slice.value, str):
            base.vote("dict")
            return root.fields.setdefault(node.slice.value, Var())
        if isinstance(node.slice, ast.UnaryOp | ast.Constant):
            base.vote("seq", strength=2)
            if root.items and isinstance(node.slice, ast.Constant) and isinstance(node.slice.value, int):
                return root.items[node.slice.value % len(root.items)]
            return base.element()
        value = base.held() if root.votes["dict"] else base.element()
        base.vote("indexed", strength=1)
        base.root.indexes.append((index, value))
        return value

    def look_up(self, table: str, index: Var) -> None:
        """Remembers that a value is looked up in a constant of the module, as it is or changed by a method."""
        if table in self.inference.tables:
            of, change = index.root.changed or (index, "")
            of.root.tables.append((table, change))

    def ev_Attribute(self, node: ast.Attribute) -> Var:
        base = self.ev(node.value)
        base.vote("object", strength=1)
        return base.root.attributes.setdefault(node.attr, Var())

    def ev_Call(self, node: ast.Call) -> Var:
        for keyword in node.keywords:
            self.ev(keyword.value).root.handed = True
        if isinstance(node.func, ast.Name):
            return self.call_name(node.func.id, node)
        if isinstance(node.func, ast.Attribute):
            return self.call_method(node.func, node)
        for each in node.args:
            self.ev(each).root.handed = True
        self.parts(node.func)
        return Var()

    def call_name(self, name: str, node: ast.Call) -> Var:
        if name == "isinstance" and len(node.args) == 2:
            kinds = node.args[1].elts if isinstance(node.args[1], ast.Tuple) else [node.args[1]]
            for each in kinds:
                self.ev(node.args[0]).vote(ast.unparse(each).rpartition(".")[2], strength=3)
            return Var("bool")
        args = [self.ev(each.value if isinstance(each, ast.Starred) else each) for each in node.args]
        if name in self.env and name not in self.inference.functions:
            self.env[name].vote("callable")
            return Var()
        function = self.inference.functions.get(name)
        if function is not None:
            inner = self.inference.variables(function, self.depth + 1)
            names = [each.arg for each in [*function.args.posonlyargs, *function.args.args]]
            starred = any(isinstance(each, ast.Starred) for each in node.args)
            for arg, parameter in zip(args, names, strict=False) if not starred else ():
                unify(arg, inner[parameter])
            for keyword in node.keywords:
                if keyword.arg in inner:
                    unify(self.ev(keyword.value), inner[keyword.arg])
            return Var()
        return builtin(name, args, node)

    def call_method(self, func: ast.Attribute, node: ast.Call) -> Var:
        dotted = ast.unparse(func)
        kinds = LIBRARY.get(dotted) or LIBRARY.get(func.attr, ())
        root = func.value.id if isinstance(func.value, ast.Name) else ""
        is_value = root in self.env or not isinstance(func.value, ast.Name)
        args = [self.ev(each.value if isinstance(each, ast.Starred) else each) for each in node.args]
        if root in ("re", "regex") and args and func.attr not in ("escape", "purge"):
            args[0].root.uses.add("pattern")
        if kinds and not (is_value and root):
            for arg, kind in zip(args, kinds, strict=False):
                if kind:
                    arg.vote(kind)
            if func.attr in ("strftime", "strptime"):
                args[-1].root.uses.add("time")
            return Var("num") if dotted.startswith("math.") else Var()
        if dotted == "dict.fromkeys" and args:
            return listing(iterate(args[0]))
        return method(self.ev(func.value), func.attr, args)
