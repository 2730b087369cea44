"""Names in annotations: what the module has, what it imports for type checkers only, and what nobody knows.

Invariant: evaluation never fails for a name that is missing; what is unknown is ``Any``, so that the rest of an
annotation still counts. Modules named under ``if TYPE_CHECKING:`` are imported only when an annotation asks for them.
"""

from __future__ import annotations

import ast
import builtins
import contextlib
import functools
import importlib
import inspect
import sys
import typing
from collections.abc import Iterator, Mapping
from types import ModuleType
from typing import Any


class Names(Mapping[str, Any]):
    """The names that annotations of one module may use, for ``eval``."""

    def __init__(self, module: ModuleType, tree: ast.Module | None, owner: Any = None) -> None:
        self._module = module
        self._hidden = dict(_hidden_imports(tree)) if tree is not None else {}
        self._owner = owner

    def within(self, owner: Any) -> Names:
        """The same inside a generic function or class with type parameters of its own."""
        inner = Names(self._module, None, owner)
        inner._hidden = self._hidden
        return inner

    def __getitem__(self, name: str) -> Any:
        for parameter in getattr(self._owner, "__type_params__", ()):
            if parameter.__name__ == name:
                return parameter
        for space in (vars(self._module), vars(builtins)):
            if name in space:
                return space[name]
        found = self._imported(name)
        if found is not None:
            return found
        return getattr(typing, name, Any)

    def _imported(self, name: str) -> Any:
        if name not in self._hidden:
            return None
        module, attribute, level = self._hidden[name]
        package = self._module.__package__ or ""
        try:
            loaded = importlib.import_module("." * level + module, package)
            return getattr(loaded, attribute) if attribute else loaded
        except Exception:  # noqa: BLE001 - importing is somebody's code; the name stays unknown
            return None

    def __iter__(self) -> Iterator[str]:
        return iter(vars(self._module))

    def __len__(self) -> int:
        return len(vars(self._module))


@functools.lru_cache(maxsize=64)
def names_of(module: ModuleType) -> Names:
    """The names of another module of the project, by its source where there is one."""
    tree: ast.Module | None = None
    if module.__name__.partition(".")[0] not in sys.stdlib_module_names:
        with contextlib.suppress(OSError, TypeError, SyntaxError):
            tree = ast.parse(inspect.getsource(module))
    return Names(module, tree)


def _hidden_imports(tree: ast.Module) -> Iterator[tuple[str, tuple[str, str, int]]]:
    """Name → (module, attribute, level) of imports that the module itself does not run: under ``if TYPE_CHECKING:``,
    and, where nothing else has the name, inside functions."""
    hidden = [each for each in tree.body if isinstance(each, ast.If) and "TYPE_CHECKING" in ast.unparse(each.test)]
    functions = [each for each in ast.walk(tree) if isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef)]
    for block in (*functions, *hidden):  # the last wins
        for node in ast.walk(block):
            if isinstance(node, ast.ImportFrom):
                for each in node.names:
                    yield each.asname or each.name, (node.module or "", each.name, node.level)
            elif isinstance(node, ast.Import):
                for each in node.names:
                    top = each.name if each.asname else each.name.partition(".")[0]
                    yield each.asname or top, (top, "", 0)


def evaluate(text: str, names: Names) -> Any:
    """The object that an annotation in quotes stands for; ``Any`` if it is not an expression of types."""
    try:
        return eval(text, {"__builtins__": {}}, names)
    except Exception:  # noqa: BLE001 - an annotation is the target's code and may raise anything
        return Any


def hints_of(thing: Any, names: Names) -> dict[str, Any]:
    """Evaluated annotations of a function or class; each by itself where they do not evaluate together."""
    raw = {name: _quoted(each) for name, each in _raw_annotations(thing).items()}
    generic = getattr(inspect.unwrap(thing), "__type_params__", ()) and any(isinstance(e, str) for e in raw.values())
    with contextlib.suppress(Exception):  # annotations are the target's code and may raise anything
        if not generic:  # Python 3.12 does not look for a function's own type parameters
            return typing.get_type_hints(thing, include_extras=True)
    return {name: evaluate(each, names) if isinstance(each, str) else each for name, each in raw.items()}


def _quoted(annotation: Any) -> Any:
    """The text of a forward reference: it is evaluated with the names that are known here."""
    return annotation.__forward_arg__ if isinstance(annotation, typing.ForwardRef) else annotation


def _raw_annotations(thing: Any) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for each in reversed(inspect.getmro(thing)) if inspect.isclass(thing) else (inspect.unwrap(thing),):
        found |= getattr(each, "__annotations__", None) or {}
    return found
