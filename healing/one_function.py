"""One function of a text, made in the names of a module that is loaded already: inside the sandbox.

For a module that cannot be run a second time, as its decorators register what they decorate.
"""

from __future__ import annotations

import ast
import types
from collections.abc import Callable
from types import ModuleType
from typing import Any, cast


def undecorated(text: str, name: str, space: ModuleType) -> types.FunctionType | None:
    """The function ``name`` (``Class.method``) of ``text``, without its decorators, with ``space`` as its module; None
    if there is none, or if it asks for the class around it. The text's imports that ``space`` lacks are made, too."""
    tree = ast.parse(text)
    node = _find(tree, name)
    if node is None or any(isinstance(each, ast.Name) and each.id in ("super", "__class__") for each in ast.walk(node)):
        return None
    node.decorator_list = []
    names = vars(space)
    imports: list[ast.stmt] = [
        each
        for each in tree.body
        if isinstance(each, ast.Import | ast.ImportFrom)
        and any((alias.asname or alias.name).partition(".")[0] not in names for alias in each.names)
    ]
    held = names.get(node.name)
    space.__package__ = names.get("__package__")
    exec(compile(ast.Module([*imports, node], []), str(names.get("__file__") or "<after>"), "exec"), names)
    made = cast("Callable[..., Any]", names[node.name])
    if "." in name and held is not None:
        names[node.name] = held  # a method's name is not the module's
    return made if isinstance(made, types.FunctionType) else None


def _find(tree: ast.Module, name: str) -> ast.FunctionDef | ast.AsyncFunctionDef | None:
    body: list[ast.stmt] = tree.body
    found: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | None = None
    for part in name.split("."):
        kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
        here = [each for each in body if isinstance(each, kinds) and each.name == part]
        found = here[-1] if here else None
        if found is None:
            return None
        body = found.body
    return found if isinstance(found, ast.FunctionDef | ast.AsyncFunctionDef) else None
