"""The modules that reach each other by imports, and which import to take out so that fewer do.

Invariant: files are read, never run; a name that some other file of the project takes from a module stays there.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

import libcst as cst

from ...analyzers.architecture.imports import Import, Module, graph_of, import_root, is_stub, module_of
from ...analyzers.errors import UserError
from ...analyzers.files import python_files
from ...analyzers.fuzzing.project import find_root
from ...analyzers.source import read_source
from .imports import Move, movable, moved

#: Files of a project that are read, and modules of a group that is looked at.
MAX_FILES, MAX_GROUP = 1500, 40
#: Imports that are taken out together.
MAX_MOVES = 3
#: The share of a group that may still be in cycles afterwards: less of a change is not worth an import out of place.
ENOUGH = 0.75


@dataclass(frozen=True)
class Project:
    """The modules below one import root, and the texts of all files of the project around them."""

    modules: Mapping[str, Module]
    texts: Mapping[str, str]

    def group(self, path: str) -> frozenset[str]:
        """The modules that reach ``path`` and are reached by it."""
        return group_of(graph_of(self.modules.values()), path)

    @cached_property
    def graph(self) -> dict[str, dict[str, Import]]:
        return graph_of(self.modules.values())


def read_project(path: str, text: str) -> Project:
    """The project that a file belongs to; ``text`` stands for the file's own text."""
    root, own = Path(import_root(path)), Path(path)
    top = root / own.relative_to(root).parts[0]
    texts: dict[str, str] = {path: text}
    modules: dict[str, Module] = {path: module_of(path, text)}
    for folder in dict.fromkeys((top if top.is_dir() else own.parent, find_root(own))):
        for each in python_files([folder]):
            name = each.path.as_posix()
            if each.error or name in texts:
                continue
            if len(texts) >= MAX_FILES:
                break
            try:
                texts[name] = read_source(each.path).text
            except UserError:
                continue
            if import_root(name) == root.as_posix() and not is_stub(name):
                modules[name] = module_of(name, texts[name])
    return Project(modules, texts)


def group_of(graph: Mapping[str, Mapping[str, Import]], path: str) -> frozenset[str]:
    """The strongly connected component of ``path``."""
    back: dict[str, set[str]] = {}
    for source, targets in graph.items():
        for target in targets:
            back.setdefault(target, set()).add(source)
    return _reached({key: set(value) for key, value in graph.items()}, path) & _reached(back, path)


def _reached(graph: Mapping[str, set[str]], start: str) -> frozenset[str]:
    found, waiting = {start}, [start]
    while waiting:
        for each in graph.get(waiting.pop(), ()):
            if each not in found:
                found.add(each)
                waiting.append(each)
    return frozenset(found)


@dataclass(frozen=True)
class Cut:
    """Imports to move, by file, and the number of modules in cycles before and after."""

    moves: Mapping[str, tuple[Import, ...]]
    before: int
    after: int


def best_cut(project: Project, path: str, chain: Sequence[tuple[str, str]]) -> Cut | None:
    """The fewest movable imports after which the group around ``path`` has no cycle, or a quarter fewer modules in
    one; greedy, at most three, and one of them belongs to ``chain`` (file, first line of the import)."""
    group = project.group(path)
    if not 1 < len(group) <= MAX_GROUP:
        return None
    loads = {
        (file, each): targets
        for file in sorted(group, key=lambda name: (name != path, name))
        for each, targets in _loads(project, group, file)
    }
    options = [(file, each) for file, each in loads if _can_go(project, file, each)]
    reported = [item for item in options if (item[0], item[1].text) in chain]
    best: Cut | None = None
    for start in reported:
        gone, left = [start], len(_tangled(_edges(loads, {start})))
        while left and len(gone) < MAX_MOVES:
            tries = [(len(_tangled(_edges(loads, {*gone, item}))), item) for item in options if item not in gone]
            tries.sort(key=lambda each: (each[0], each[1][0] != path, each[1][0], each[1][1].range))
            if not tries or tries[0][0] >= left:
                break
            left = tries[0][0]
            gone.append(tries[0][1])
        moves: dict[str, tuple[Import, ...]] = {}
        for file, each in gone:
            moves[file] = (*moves.get(file, ()), each)
        if left <= ENOUGH * len(group) and (best is None or (left, len(gone)) < (best.after, _count(best))):
            best = Cut(moves, len(group), left)
    return best


def _count(cut: Cut) -> int:
    return sum(map(len, cut.moves.values()))


def _loads(project: Project, group: frozenset[str], file: str) -> Iterator[tuple[Import, frozenset[str]]]:
    """The imports of a module that load others of the group, and which."""
    others = [project.modules[other] for other in group if other != file]
    for each in project.modules[file].imports:
        targets = graph_of([_importing(project.modules[file], (each,)), *others])[file]
        if targets:
            yield each, frozenset(targets)


def _edges(
    loads: Mapping[tuple[str, Import], frozenset[str]], gone: Collection[tuple[str, Import]]
) -> dict[str, set[str]]:
    graph: dict[str, set[str]] = {}
    for (file, each), targets in loads.items():
        if (file, each) not in gone:
            graph.setdefault(file, set()).update(targets)
    return graph


def _tangled(graph: Mapping[str, set[str]]) -> set[str]:
    """The modules that reach themselves."""
    return {each for each in graph if any(each in _reached(graph, target) for target in graph[each])}


def _can_go(project: Project, file: str, statement: Import) -> bool:
    if project.modules[file].is_package:
        return False  # what a package imports is what it offers
    tree = _tree(project.texts[file])
    move = movable(tree, statement.text, project.texts[file]) if tree is not None else None
    return move is not None and not _is_taken(project, file, move.names)


@lru_cache(maxsize=64)
def _tree(text: str) -> cst.Module | None:
    try:
        return cst.parse_module(text)
    except (cst.ParserSyntaxError, RecursionError):
        return None


def _importing(module: Module, imports: tuple[Import, ...]) -> Module:
    return Module(module.path, module.root, module.name, module.is_package, imports)


def _is_taken(project: Project, file: str, names: frozenset[str]) -> bool:
    """Does another file take one of the names from this module, or name it in a text (as mocks do)?"""
    stem = re.escape(project.modules[file].name.rpartition(".")[2])
    listed = "|".join(map(re.escape, sorted(names)))
    taken = re.compile(
        rf"\b{stem}\.(?:{listed})\b|from\s+[\w.]*\b{stem}\s+import\s+(?:\([^)]*\b(?:{listed})\b|[^(\n]*\b(?:{listed})\b)"
    )
    return any(stem in text and taken.search(text) for name, text in project.texts.items() if name != file)


def apply(project: Project, cut: Cut) -> dict[str, str] | None:
    """The new texts; None if one of the imports cannot be moved after all."""
    texts: dict[str, str] = {}
    for file, imports in cut.moves.items():
        tree = _tree(project.texts[file])
        if tree is None:
            return None
        moves: list[Move] = []
        for each in imports:
            move = movable(tree, each.text, project.texts[file])
            if move is None:
                return None
            moves.append(move)
        made = moved(tree, moves)
        begins = project.texts[file][:1] not in ("\n", "\r")
        texts[file] = made.lstrip("\r\n") if begins else made  # the import may have been the first statement
    return texts


def importing(project: Project, group: Sequence[str], texts: Mapping[str, str]) -> list[tuple[str, str]]:
    """(what, code) of programs that each import one module of the group first, then the others; and the imports that
    were moved, run as their functions will."""
    names = {path: project.modules[path].name for path in group}
    programs: list[tuple[str, str]] = []
    for path in group:
        others = [name for other, name in names.items() if other != path]
        programs.append((names[path], "\n".join(f"import {name}" for name in (names[path], *others))))
    for path in texts:
        package = names[path] if project.modules[path].is_package else names[path].rpartition(".")[0]
        after = {(each.module, each.names) for each in module_of(path, texts[path]).imports if not each.deferred}
        before = [each for each in project.modules[path].imports if not each.deferred]
        gone = [each for each in before if (each.module, each.names) not in after]
        for each in gone:
            statement = f"from {each.module} import {', '.join(each.names)}" if each.names else f"import {each.module}"
            code = f"import {names[path]}\n__package__ = {package!r}\n{statement}"
            programs.append((f"{names[path]}: {statement}", code))
    return programs
