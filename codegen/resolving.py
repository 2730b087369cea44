"""No invented API: every import of the new code, and every attribute of an imported module in it, must exist.

In the sandbox they are looked up for real. Without one they are found, not run: top-level modules in the standard
library, the workspace, the file's own imports, or the environment that Suture is installed in; attributes by
:mod:`.static_names`.
"""

from __future__ import annotations

import ast
import importlib.util
import sys
from collections.abc import Iterator, Sequence
from typing import cast

from ..analyzers.fuzzing.project import import_spot, search_path
from ..analyzers.sandbox.interface import CancelCheck, Limits, Sandbox
from ..analyzers.syntax import imports_of, parse
from .placement import Import
from .proposal import GenerationRequest
from .static_names import missing_attribute


def invented(
    request: GenerationRequest,
    code: str,
    imports: Sequence[Import],
    sandbox: Sandbox | None,
    cancel: CancelCheck | None = None,
) -> str:
    """A sentence about the first import or attribute that does not exist, or empty."""
    wanted = tuple(dict.fromkeys(_wanted(request, code, imports)))
    if not wanted:
        return ""
    if sandbox is None:
        return _by_name(request, wanted)
    root = request.root.resolve()
    result = sandbox.call(
        "suture.codegen.imports_worker:unresolved",
        {
            "paths": [str(each) for each in search_path(root, import_spot(request.path.resolve()))],
            "imports": [list(each) for each in wanted],
        },
        root=root,
        limits=Limits(wall_s=10.0, cpu_s=10.0),
        python=request.python,
        cancel=cancel,
    )
    if result.reason != "exit" or not isinstance(result.value, list):
        return _by_name(request, wanted)
    missing = cast("list[list[str]]", result.value)
    return missing[0][2] if missing else ""


def _wanted(request: GenerationRequest, code: str, imports: Sequence[Import]) -> Iterator[tuple[str, str]]:
    """(module, attributes with dots or empty) of the new imports, of imports inside of the code, and of what is looked
    up in what was imported: ``module.attribute``, ``Class.attribute``, ``package.module.attribute``."""
    known: dict[str, tuple[str, str]] = {}  # local name → (module, what of it)
    data = request.text.encode("utf-8", "surrogatepass")
    for statement in parse(data).root_node.children:
        if statement.type in ("import_statement", "import_from_statement"):
            for local, origin in imports_of(statement, data):
                plain = statement.type == "import_statement"
                module, _, name = (origin, "", "") if plain else origin.rpartition(".")
                if module and not module.startswith("."):
                    known[local] = (module, name)
    for each in imports:
        if each.module.startswith("."):
            continue
        yield (each.module, each.name) if each.module else (each.name, "")
        whole = (each.name, "") if each.alias else (each.local, "")
        known[each.local] = (each.module, each.name) if each.module else whole
    try:
        tree = ast.parse(code)
    except (SyntaxError, ValueError):
        return
    bound = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    bound |= {node.arg for node in ast.walk(tree) if isinstance(node, ast.arg)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, "") for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield from ((node.module, alias.name) for alias in node.names if alias.name != "*")
        elif isinstance(node, ast.Attribute):
            path = ast.unparse(node).split(".") if _is_path(node) else []
            if path and path[0] in known and path[0] not in bound:
                module, name = known[path[0]]
                yield module, ".".join([*([name] if name else []), *path[1:]])


def _is_path(node: ast.expr) -> bool:
    """``a.b.c``: names and dots only."""
    while isinstance(node, ast.Attribute):
        node = node.value
    return isinstance(node, ast.Name)


def _by_name(request: GenerationRequest, wanted: Sequence[tuple[str, str]]) -> str:
    data = request.text.encode("utf-8", "surrogatepass")
    known = {
        origin.partition(".")[0]
        for statement in parse(data).root_node.children
        for _, origin in imports_of(statement, data)
        if statement.type in ("import_statement", "import_from_statement")
    }
    folders = search_path(request.root.resolve(), import_spot(request.path.resolve()))
    for module, _ in wanted:
        top = module.partition(".")[0]
        if top in known or top in sys.stdlib_module_names or importlib.util.find_spec(top) is not None:
            continue
        if not any((folder / f"{top}.py").exists() or (folder / top).is_dir() for folder in folders):
            return f"there is no module called {top}"
    return missing_attribute(request, wanted)
