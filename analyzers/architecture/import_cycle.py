"""Modules that import each other.

What it does: reports, once for each group of modules that reach each other by imports made while they load, a
shortest chain through the module in the middle of it. Imports inside functions and under ``if TYPE_CHECKING`` do not
count, nor does ``import package`` of one's own top package (its attributes are looked up when they are used).

Why is this bad: none of the modules can be understood, tested or loaded without the others, and which of them is
imported first decides whether a name exists yet.

Example::

    # orders.py
    from shop.customers import Customer
    # customers.py
    from shop.orders import Order

Use instead::

    # customers.py
    from __future__ import annotations
    from typing import TYPE_CHECKING
    if TYPE_CHECKING:
        from shop.orders import Order

References: Lakos, "Large-Scale C++ Software Design" (1996), Acyclic Dependencies
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping, Sequence

from ..findings import Evidence, Finding, Json, Related
from ..rules import ProgramRule
from .imports import Import, Module, graph_of, module_of


def extract(path: str, text: str) -> Module:
    return module_of(path, text)


def check(files: Mapping[str, object]) -> Iterator[Finding]:
    modules = [each for each in files.values() if isinstance(each, Module)]
    graph = graph_of(modules)
    by_path = {module.path: module for module in modules}
    for group in _components({path: list(targets) for path, targets in graph.items()}):
        if len(group) > 1:
            yield _finding(group, graph, by_path)


def _finding(group: Sequence[str], graph: Mapping[str, Mapping[str, Import]], modules: Mapping[str, Module]) -> Finding:
    """One finding for a group of modules, at an import of the module in its middle."""
    inside = set(group)
    within = {path: {target: graph[path][target] for target in graph[path] if target in inside} for path in group}
    degree = {path: len(within[path]) + sum(path in targets for targets in within.values()) for path in group}
    start = min(group, key=lambda path: (-degree[path], modules[path].is_package, path))
    chain = _shortest_cycle(start, within)
    links = [(source, within[source][target]) for source, target in zip(chain, chain[1:] + chain[:1], strict=True)]
    names = [modules[path].name for path in chain]
    shown = " → ".join([*names[:6], *(["…"] if len(names) > 6 else []), names[0]])
    others = f", in a group of {len(group)} modules that all reach each other" if len(group) > len(chain) else ""
    steps: list[Json] = [
        {"path": path, "line": link.range.line + 1, "column": link.range.column + 1, "text": link.text}
        for path, link in links
    ]
    place = links[0][1].range
    return Finding(
        path=start,
        range=place,
        rule=PROGRAM_RULE.name,
        kind=PROGRAM_RULE.kind,
        message=f"import cycle: {shown}{others}",
        severity=PROGRAM_RULE.severity,
        confidence=0.85,
        reviewer=PROGRAM_RULE.reviewer,
        suggestion="move what both need into a third module, or import in the function that uses it",
        evidence=(Evidence("traced", shown, {"path": steps, "modules": len(group)}),),
        related=tuple(Related(path, link.range, link.text) for path, link in links[1:]),
    )


def _shortest_cycle(start: str, within: Mapping[str, Mapping[str, Import]]) -> list[str]:
    """The shortest chain of imports from ``start`` back to it (exists: the group is strongly connected)."""
    previous: dict[str, str] = {}
    queue = deque([start])
    while queue:
        current = queue.popleft()
        for target in sorted(within[current]):
            if target == start:
                chain = [current]
                while chain[-1] != start:
                    chain.append(previous[chain[-1]])
                return chain[::-1]
            if target not in previous:
                previous[target] = current
                queue.append(target)
    return [start]


def _components(graph: Mapping[str, Sequence[str]]) -> Iterator[list[str]]:
    """Strongly connected components (Tarjan, 1972), without recursion."""
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    on_stack: set[str] = set()
    stack: list[str] = []
    for root in sorted(graph):
        if root in index:
            continue
        work: list[tuple[str, Iterator[str]]] = [(root, iter(graph[root]))]
        index[root] = low[root] = len(index)
        stack.append(root)
        on_stack.add(root)
        while work:
            node, targets = work[-1]
            target = next(targets, None)
            if target is None:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[node])
                if low[node] == index[node]:
                    group: list[str] = []
                    while True:
                        member = stack.pop()
                        on_stack.discard(member)
                        group.append(member)
                        if member == node:
                            break
                    yield sorted(group)
            elif target not in index:
                index[target] = low[target] = len(index)
                stack.append(target)
                on_stack.add(target)
                work.append((target, iter(graph.get(target, ()))))
            elif target in on_stack:
                low[node] = min(low[node], index[target])


PROGRAM_RULE = ProgramRule(
    name="import-cycle",
    reviewer="architecture",
    kind="import_cycle",
    summary="Modules import each other while they load",
    severity="medium",
    extract=extract,
    check=check,
)
