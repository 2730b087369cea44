"""Modules that import each other.

What it does: reports, once for each group of modules that reach each other by imports made while they load, a shortest
chain through the module in the middle of it (rather through one that imports its own package than through the package,
which is there to import its modules). Imports inside functions, under ``if TYPE_CHECKING`` and under ``if __name__ ==
"__main__"`` do not count, nor does ``import package`` of one's own top package (its attributes are looked up when they
are used), nor files that a program wrote. Loading is played with each module of the group as the first one: where that
fails, the finding says which import does; otherwise, and for a group of more than eight modules, it is a hint. With
``suture review --measure-growth``, and in the editor after a pause in a trusted folder, the module that is said to fail
is imported first, in the sandbox: what fails twice is told with the traceback, what works is a hint, and what cannot be
tried (a distribution that is missing, settings, time) stays derived and says why.

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
from .imports import Import, Module, graph_of, is_stub, module_of
from .loading import Broken, broken

#: Of more modules than this a cycle cannot be broken at one place.
FEW = 8


def extract(path: str, text: str) -> Module:
    return module_of(path, text)


def check(files: Mapping[str, object]) -> Iterator[Finding]:
    # By path, so that of `a.py` and `a/__init__.py` the package counts, as in Python.
    modules = [each for _, each in sorted(files.items()) if isinstance(each, Module) and not is_stub(each.path)]
    graph = graph_of(modules)
    by_path = {module.path: module for module in modules}
    groups = [
        group
        for group in _components({path: list(targets) for path, targets in graph.items()})
        if len(group) > 1 and not any(by_path[path].generated for path in group)
    ]
    failures = _told_once(groups, [broken(group, by_path, _reaching(group, graph, by_path)) for group in groups])
    for group, failing in zip(groups, failures, strict=True):
        yield _finding(_middle(group, graph, by_path), group, graph, by_path, failing)


def _told_once(groups: Sequence[Sequence[str]], failures: Sequence[Sequence[Broken]]) -> list[tuple[Broken, ...]]:
    """The failures of groups, each import that fails only with the group that has most to do with it."""
    best: dict[tuple[str, tuple[int, ...]], tuple[int, int]] = {}
    for at, (group, failing) in enumerate(zip(groups, failures, strict=True)):
        for fails in failing:
            share = (fails.module.path in group) + (fails.source.path in group)
            best[_place(fails)] = max(best.get(_place(fails), (-1, 0)), (share, -at))
    return [tuple(fails for fails in failing if best[_place(fails)][1] == -at) for at, failing in enumerate(failures)]


def _place(fails: Broken) -> tuple[str, tuple[int, ...]]:
    return fails.module.path, tuple(fails.at.range)


def _middle(group: Sequence[str], graph: Mapping[str, Mapping[str, Import]], modules: Mapping[str, Module]) -> str:
    """The module of the group that has most to do with the others, where the cycle is told."""
    inside = set(group)
    within = {path: [target for target in graph[path] if target in inside] for path in group}
    degree = {path: len(within[path]) + sum(path in targets for targets in within.values()) for path in group}
    return min(group, key=lambda path: (modules[path].is_package, -degree[path], path))


def _reaching(
    group: Sequence[str], graph: Mapping[str, Mapping[str, Import]], modules: Mapping[str, Module]
) -> set[str]:
    """The modules that load one of the group: by imports, of what lies in a package that does, too, or as the package
    of a module that does."""
    sources: dict[str, list[str]] = {}
    packages = {(each.root, each.name): each.path for each in modules.values() if each.is_package}
    around = {path: [packages[each] for each in _around(modules[path]) if each in packages] for path in modules}
    for path, targets in graph.items():
        own = {path, *around[path]}
        for target in targets:
            for loaded in (target, *around[target]):
                if loaded not in own:
                    sources.setdefault(loaded, []).append(path)
    found: set[str] = set()
    waiting = list(group)
    while waiting:
        path = waiting.pop()
        if path in found:
            continue
        found.add(path)
        waiting += sources.get(path, ())
        waiting += around[path]
    return found


def _around(module: Module) -> Iterator[tuple[str, str]]:
    """The root and name of each package that a module lies in, the outermost first."""
    parts = module.name.split(".")
    return ((module.root, ".".join(parts[:length])) for length in range(1, len(parts)))


def _finding(
    start: str,
    group: Sequence[str],
    graph: Mapping[str, Mapping[str, Import]],
    modules: Mapping[str, Module],
    failing: Sequence[Broken],
) -> Finding:
    """What is told of a group of modules at an import of one of them."""
    inside = set(group)
    within = {path: {target: graph[path][target] for target in graph[path] if target in inside} for path in group}
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
    evidence = [Evidence("traced", shown, {"path": steps, "modules": len(group)})]
    related = [Related(path, link.range, link.text) for path, link in links[1:]]
    evidence += [_failure(each) for each in failing]
    for fails in failing[:1]:
        related.append(Related(fails.module.path, fails.at.range, f"fails if '{fails.entry.name}' is imported first"))
    return Finding(
        path=start,
        range=place,
        rule=PROGRAM_RULE.name,
        kind=PROGRAM_RULE.kind,
        message=f"import cycle: {shown}{others}" + "".join(f"; {_told(fails)}" for fails in failing[:1]),
        severity=PROGRAM_RULE.severity if failing and len(group) <= FEW else "low",
        confidence=0.85,
        reviewer=PROGRAM_RULE.reviewer,
        suggestion="move what both need into a third module, or import in the function that uses it",
        evidence=tuple(evidence),
        related=tuple(related),
    )


def _told(fails: Broken) -> str:
    return f"'import {fails.entry.name}' fails as the first import: {fails.source.name} has no '{fails.name}' yet"


def _failure(fails: Broken) -> Evidence:
    place = fails.at.range
    step: dict[str, Json] = {
        "path": fails.module.path,
        "line": place.line + 1,
        "column": place.column + 1,
        "text": fails.at.text,
    }
    data: dict[str, Json] = {"path": [step], "entry": fails.entry.name, "entry_path": fails.entry.path}
    return Evidence("traced", _told(fails), {**data, "name": fails.name})


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
    group="imports",
)
