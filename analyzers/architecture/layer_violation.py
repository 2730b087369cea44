"""An import that goes up through the layers of the project.

What it does: reports an import by which a module of a lower layer reaches a module of a higher one, directly or
through modules that belong to no layer. The layers are declared in the settings, from the top down; a pattern names
modules and everything below them (``*`` is one part of a dotted name). Imports inside functions count, because the
dependency is the same; those under ``if TYPE_CHECKING`` do not::

    [tool.suture.layers]
    web = ["shop.views", "shop.api"]
    domain = "shop.domain"
    storage = "shop.storage.*"

Why is this bad: the order of the layers is what lets the lower ones be used, tested and replaced without the higher
ones; one import against it and none of them can.

Example::

    # shop/storage/orders.py
    from shop.views import render_order

Use instead::

    # shop/views.py
    from shop.storage.orders import load_order

References: Buschmann et al., "Pattern-Oriented Software Architecture" (1996), Layers; the layers contract of
import-linter, https://import-linter.readthedocs.io/en/stable/contract_types/layers/
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from ..findings import Evidence, Finding, Json, Related
from ..rules import ProgramRule
from .imports import Graph, Import, Module, graph_of, module_of, named
from .layers import Layers, layer_of, layers_of


class _Step(NamedTuple):
    """An import on the way up, and the dotted name that it asks for."""

    module: Module
    statement: Import
    target: str


def extract(path: str, text: str) -> Module:
    return module_of(path, text)


def check(files: Mapping[str, object]) -> Iterator[Finding]:
    modules = {path: each for path, each in files.items() if isinstance(each, Module)}
    in_folder = {path.rpartition("/")[0]: path for path in modules}  # whose files all have the same layers
    layers_in = {folder: layers_of(path) for folder, path in in_folder.items()}
    declared = {path: layers for path in modules if len(layers := layers_in[path.rpartition("/")[0]]) > 1}
    graph = graph_of(modules.values(), deferred=True) if declared else {}
    for path, layers in sorted(declared.items()):
        own = layer_of(modules[path].name, layers)
        if own:
            yield from _violations(modules[path], own, layers, modules, graph)


def _violations(
    module: Module, own: str, layers: Layers, modules: Mapping[str, Module], graph: Graph
) -> Iterator[Finding]:
    """For each higher layer that the module reaches, each import that does it; through others, the shortest chain."""
    above = set(list(layers)[: list(layers).index(own)])
    seen: set[tuple[str, int]] = set()
    for statement in module.imports:
        for target in named(module, statement):
            if layer_of(target, layers) in above and (target, statement.range.line) not in seen:
                seen.add((target, statement.range.line))
                yield _finding([_Step(module, statement, target)], own, layer_of(target, layers))
    direct = {layer_of(name, layers) for each in module.imports for name in named(module, each)}
    for layer, chain in _around(module, layers, above - direct, modules, graph):
        yield _finding(chain, own, layer)


def _around(
    module: Module, layers: Layers, above: set[str], modules: Mapping[str, Module], graph: Graph
) -> Iterator[tuple[str, list[_Step]]]:
    """The shortest way to each of the layers ``above`` that leads through modules of no layer."""
    queue: deque[tuple[str, list[_Step]]] = deque([(module.path, [])])
    seen = {module.path}
    while queue and above:
        path, chain = queue.popleft()
        if chain:
            for statement in modules[path].imports:
                for target in named(modules[path], statement):
                    layer = layer_of(target, layers)
                    if layer in above:
                        above.discard(layer)
                        yield layer, [*chain, _Step(modules[path], statement, target)]
        for target, statement in sorted(graph.get(path, {}).items()):
            # The packages around a module are loaded with it, but it is not they that are asked for.
            name = modules[target].name
            if target not in seen and not layer_of(name, layers) and name in _modules_of(modules[path], statement):
                seen.add(target)
                queue.append((target, [*chain, _Step(modules[path], statement, name)]))


def _modules_of(module: Module, statement: Import) -> set[str]:
    """The modules that an import can mean: its names, or what they are taken from."""
    names = named(module, statement)
    return {*names, *(name.rpartition(".")[0] for name in names if statement.names)}


def _finding(chain: Sequence[_Step], own: str, layer: str) -> Finding:
    first, last = chain[0], chain[-1]
    shown = " → ".join([first.module.name, *(step.target for step in chain)])
    way = f", by way of {chain[0].target}" if len(chain) > 1 else ""
    steps: list[Json] = [
        {
            "path": step.module.path,
            "line": step.statement.range.line + 1,
            "column": step.statement.range.column + 1,
            "text": step.statement.text,
        }
        for step in chain
    ]
    return Finding(
        path=first.module.path,
        range=first.statement.range,
        rule=PROGRAM_RULE.name,
        kind=PROGRAM_RULE.kind,
        message=f"layer '{own}' must not import from layer '{layer}' above it: {last.target}{way}",
        severity=PROGRAM_RULE.severity,
        confidence=0.95 if len(chain) == 1 else 0.85,
        reviewer=PROGRAM_RULE.reviewer,
        suggestion=f"move what is needed down to '{own}' or below, or hand it in from '{layer}'",
        evidence=(Evidence("traced", shown, {"path": steps, "from": own, "to": layer}),),
        related=tuple(Related(step.module.path, step.statement.range, step.statement.text) for step in chain[1:]),
    )


PROGRAM_RULE = ProgramRule(
    name="layer-violation",
    reviewer="architecture",
    kind="layer",
    summary="A module imports from a layer above its own",
    severity="medium",
    extract=extract,
    check=check,
    group="imports",
)
