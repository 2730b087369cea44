"""GraphQL: resolvers of graphene, strawberry and ariadne, whose parameters are the arguments of a query."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ..taint.program import Class
from ..taint.program import Function as UserFunction
from . import EntryPoint, Given, Model

#: Scalars of a schema that hold no text.
_SCALARS = frozenset({"Int", "Float", "Boolean", "BigInt", "Decimal", "UUID", "Date", "DateTime", "Time", "Enum"})
_FIELDS = frozenset({"field", "mutation", "subscription"})
_NOT_SENT = frozenset({"info", "root", "parent", "obj", "_", "_info", "_root", "_obj"})


def graphene(function: UserFunction) -> EntryPoint | None:
    """``resolve_name(root, info, …)`` and ``mutate(root, info, …)`` of classes of graphene."""
    cls = function.cls
    resolves = function.name.startswith("resolve_")
    if cls is None or not (resolves or function.name == "mutate"):
        return None
    if not any(each.startswith("graphene.") for each in cls.external()):
        return None
    numbers = set(_numbers(cls, function.name.removeprefix("resolve_") if resolves else ""))
    sent = [arg.arg for arg in function.own_parameters() if arg.arg not in _NOT_SENT]
    given = {name: Given() if name in numbers else Given(source="web") for name in sent}
    if function.node.args.kwarg is not None:
        given[function.node.args.kwarg.arg] = Given(source="web")
    return EntryPoint(given, "data")


def _numbers(cls: Class, field: str) -> Iterator[str]:
    """The arguments of a field (or of a mutation) that hold no text: keywords of it, names of ``class Arguments``."""
    for each in cls.node.body:
        if isinstance(each, ast.ClassDef) and each.name in ("Arguments", "Input") and not field:
            pairs = [(one.targets[0], one.value) for one in each.body if isinstance(one, ast.Assign)]
            yield from (key.id for key, value in pairs if isinstance(key, ast.Name) and _is_scalar(value))
        elif isinstance(each, ast.Assign) and isinstance(each.value, ast.Call) and _last(each.targets[0]) == field:
            yield from (one.arg for one in each.value.keywords if one.arg is not None and _is_scalar(one.value))


def _is_scalar(value: ast.expr) -> bool:
    """``graphene.Int(required=True)``, ``graphene.Argument(graphene.Int)``"""
    if not isinstance(value, ast.Call):
        return _last(value) in _SCALARS
    wraps = _last(value.func) in ("Argument", "NonNull", "List")
    return _last(value.func) in _SCALARS or (wraps and bool(value.args) and _is_scalar(value.args[0]))


def _last(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")


def strawberry(function: UserFunction) -> EntryPoint | None:
    """Functions behind ``@strawberry.field`` and ``@strawberry.mutation``, by the types of their parameters."""
    if "strawberry" not in function.module.packages:
        return None
    if not any(_owner(each) in ("strawberry", "strawberry_django") for each in function.decorators):
        return None
    return EntryPoint(
        {
            arg.arg: Given(source="web", model=arg.annotation)
            for arg in function.own_parameters()
            if arg.arg not in _NOT_SENT and arg.arg != "self" and "Info" not in _spelled(arg.annotation)
        },
        "data",
    )


def ariadne(function: UserFunction) -> EntryPoint | None:
    """Functions behind ``@query.field("name")``: what follows the object and the info."""
    if "ariadne" not in function.module.packages or not any(_owner(each) for each in function.decorators):
        return None
    given = {arg.arg: Given(source="web") for arg in function.own_parameters()[2:]}
    if function.node.args.kwarg is not None:
        given[function.node.args.kwarg.arg] = Given(source="web")
    return EntryPoint(given, "data")


def _owner(decorator: ast.expr) -> str:
    """What ``field`` or ``mutation`` of a decorator is taken from; empty for other decorators."""
    target = decorator.func if isinstance(decorator, ast.Call) else decorator
    if not isinstance(target, ast.Attribute) or target.attr not in _FIELDS:
        return ""
    return target.value.id if isinstance(target.value, ast.Name) else "?"


def _spelled(annotation: ast.expr | None) -> str:
    return ast.unparse(annotation) if annotation is not None else ""


MODEL = Model(
    entries=(graphene, strawberry, ariadne),
    hints=(r"\bresolve_\w", r"\bmutate\b", r"@[\w.]+\.(?:field|mutation|subscription)\b"),
    packages=("graphene", "graphene_django", "strawberry", "strawberry_django", "ariadne"),
)
