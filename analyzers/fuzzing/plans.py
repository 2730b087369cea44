"""Inputs as plans: values that print as a Python expression and are built afresh for every call.

A plan is a plain literal, a container of plans, or one of the nodes below. Building it twice gives equal, unshared
objects, so a target that mutates its argument never spoils the next call; printing it gives an expression that
builds it again in any process, so what is shown is what was run.
"""

from __future__ import annotations

import builtins
import importlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import ModuleType
from typing import Any, cast

#: The target's module inside expressions.
MODULE = "MOD"
#: The callee that makes an object and then sets attributes of it: ``WITH(MOD.Node(1), next=None)``.
WITH = "(lambda it, **more: [setattr(it, *each) for each in more.items()] and it)"

Plan = Any
Build = Callable[[], Any]


@dataclass(frozen=True, slots=True)
class Made:
    """``callee(*args, **kwargs)``; ``callee`` is a dotted expression such as ``MOD.Point`` or ``datetime.date``."""

    callee: str
    args: tuple[Plan, ...] = ()
    kwargs: tuple[tuple[str, Plan], ...] = ()


@dataclass(frozen=True, slots=True)
class Ref:
    """An object that is named or written as an expression, such as ``MOD.Color.RED`` or ``lambda *args: 0``."""

    expression: str


@dataclass(frozen=True, slots=True)
class Deep:
    """A list nested ``depth`` times, which no parser reads as a literal."""

    depth: int


def kind_of(plan: Plan) -> Any:
    """Its type, to compare by identity (a bool is not an int here)."""
    return cast("type[Any]", type(plan))


class Builder:
    """Builds and evaluates plans for one target module; names are resolved once."""

    def __init__(self, module: ModuleType) -> None:
        self.names: dict[str, Any] = {MODULE: module, "nan": float("nan"), "inf": float("inf")}
        self._resolved: dict[str, Any] = {}

    def resolve(self, expression: str) -> Any:
        """The object an expression names; imports its first name if that is a module."""
        if expression not in self._resolved:
            self._resolved[expression] = eval(expression, self._namespace(expression))
        return self._resolved[expression]

    def evaluate(self, expression: str) -> Any:
        """A printed plan, built."""
        return eval(expression, self._namespace(expression))

    def _namespace(self, expression: str) -> dict[str, Any]:
        """Names for ``expression``; dotted names of modules are imported on the way."""
        import ast

        tree = ast.parse(expression, mode="eval")
        local = {each.arg for each in ast.walk(tree) if isinstance(each, ast.arg)}
        local |= {each.id for each in ast.walk(tree) if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Store)}
        for node in ast.walk(tree):
            dotted = _dotted(node)
            head = dotted.partition(".")[0]
            if not dotted or head in (MODULE, "nan", "inf") or head in local or hasattr(builtins, head):
                continue
            self._import(dotted)
        return dict(self.names)

    def _import(self, dotted: str) -> None:
        parts = dotted.split(".")
        for size in range(1, len(parts) + 1):
            try:
                importlib.import_module(".".join(parts[:size]))
            except ImportError:
                break
            self.names.setdefault(parts[0], importlib.import_module(parts[0]))

    def build(self, plan: Plan) -> Any:
        """A fresh object for ``plan``."""
        kind = kind_of(plan)
        if kind is list:
            return [self.build(each) for each in plan]
        if kind is tuple:
            return tuple([self.build(each) for each in plan])
        if kind is dict:
            return {self.build(key): self.build(value) for key, value in plan.items()}
        if kind in (set, frozenset):
            made = [self.build(each) for each in plan]
            return set(made) if kind is set else frozenset(made)
        if kind is Made:
            callee = self.resolve(plan.callee)
            return callee(*[self.build(each) for each in plan.args], **{k: self.build(v) for k, v in plan.kwargs})
        if kind is Ref:
            return self.resolve(plan.expression)
        if kind is Deep:
            value: list[Any] = []
            for _ in range(plan.depth):
                value = [value]
            return value
        return plan


def render(plan: Plan) -> str:
    """The expression of a plan. Raises TypeError for a value that has none."""
    kind = kind_of(plan)
    if plan is None or kind in (bool, int, str, bytes):
        return repr(plan)
    if kind is float:
        return repr(plan) if plan == plan and abs(plan) != float("inf") else f"float({str(plan)!r})"
    if kind is complex:
        return f"complex({render(plan.real)}, {render(plan.imag)})"
    if kind is list:
        return f"[{', '.join(render(each) for each in plan)}]"
    if kind is tuple:
        return f"({', '.join(render(each) for each in plan)}{',' if len(plan) == 1 else ''})"
    if kind is dict:
        return f"{{{', '.join(f'{render(key)}: {render(value)}' for key, value in plan.items())}}}"
    if kind is set:
        return f"{{{', '.join(sorted(render(each) for each in plan))}}}" if plan else "set()"
    if kind is frozenset:
        return f"frozenset({{{', '.join(sorted(render(each) for each in plan))}}})" if plan else "frozenset()"
    if kind is Made:
        parts = [render(each) for each in plan.args] + [f"{name}={render(value)}" for name, value in plan.kwargs]
        return f"{plan.callee}({', '.join(parts)})"
    if kind is Ref:
        return plan.expression if plan.expression.replace(".", "").isidentifier() else f"({plan.expression})"
    if kind is Deep:
        return f"(lambda r: [r := [r] for _ in range({plan.depth})][-1])([])"
    raise TypeError(f"a {kind.__name__} cannot be written as an expression")


def parse(expression: str) -> Plan:
    """The plan of a printed expression; :func:`render` gives the expression back."""
    import ast

    return _parsed(ast.parse(expression, mode="eval").body)


def _parsed(node: Any) -> Plan:
    import ast

    if isinstance(node, ast.Constant):
        return node.value
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub) and isinstance(node.operand, ast.Constant):
        value: Any = node.operand.value
        return -value
    if isinstance(node, ast.List):
        return [_parsed(each) for each in node.elts]
    if isinstance(node, ast.Tuple):
        return tuple([_parsed(each) for each in node.elts])
    if isinstance(node, ast.Set):
        return {_parsed(each) for each in node.elts}
    if isinstance(node, ast.Dict):
        return {_parsed(key): _parsed(value) for key, value in zip(node.keys, node.values, strict=True)}
    if isinstance(node, ast.Call):
        return _parsed_call(node)
    return Ref(ast.unparse(node))


def _parsed_call(node: Any) -> Plan:
    import ast

    callee = _dotted(node.func)
    if isinstance(node.func, ast.Lambda) and f"({ast.unparse(node.func)})" == WITH:
        callee = WITH
    if not callee:
        depths = [
            each.args[0] for each in ast.walk(node) if isinstance(each, ast.Call) and _dotted(each.func) == "range"
        ]
        depth: Any = depths[0].value if depths and isinstance(depths[0], ast.Constant) else None
        return Deep(depth) if isinstance(depth, int) else Ref(ast.unparse(node))
    args = tuple(_parsed(each) for each in node.args)
    if callee == "float" and args and isinstance(args[0], str):
        return float(args[0])
    if callee == "complex" and len(args) == 2:
        return complex(*args)
    if callee == "set" and not args:
        return set[Any]()
    if callee == "frozenset":
        return frozenset(args[0]) if args else frozenset[Any]()
    return Made(callee, args, tuple((each.arg, _parsed(each.value)) for each in node.keywords))


def leaves(plan: Plan) -> Iterator[Plan]:
    """The scalars (and named objects) a plan is made of."""
    kind = kind_of(plan)
    if kind in (list, tuple, set, frozenset):
        for each in plan:
            yield from leaves(each)
    elif kind is dict:
        for key, value in plan.items():
            yield from leaves(key)
            yield from leaves(value)
    elif kind is Made:
        for each in plan.args:
            yield from leaves(each)
        for _, value in plan.kwargs:
            yield from leaves(value)
    else:
        yield plan


def weight(plan: Plan) -> int:
    """How many parts a plan has: scalars, characters of text, elements."""
    kind = kind_of(plan)
    if kind in (str, bytes):
        return 1 + len(plan)
    if kind in (list, tuple, set, frozenset):
        return 1 + sum(weight(each) for each in plan)
    if kind is dict:
        return 1 + sum(weight(key) + weight(value) for key, value in plan.items())
    if kind is Made:
        return 1 + sum(weight(each) for each in plan.args) + sum(weight(value) for _, value in plan.kwargs)
    return plan.depth if kind is Deep else 1


def bind(names: Mapping[str, Plan]) -> tuple[tuple[str, Plan], ...]:
    """Keyword arguments of a :class:`Made`."""
    return tuple(names.items())


def _dotted(node: Any) -> str:
    import ast

    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.insert(0, node.attr)
        node = node.value
    return ".".join([node.id, *parts]) if isinstance(node, ast.Name) else ""
