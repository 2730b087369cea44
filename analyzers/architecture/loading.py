"""Which imports fail, because of a cycle, if a module is the first of it that is imported.

The loading of modules is played as Python does it: packages before what is in them, a module's imports in their order,
and a module that is being loaded already has only the names that are bound above the import it stands at.

Invariant: pure; no module is loaded. What cannot be known (a star import, an import in a ``try``, a name that nobody
binds) is taken to work; what functions import that a module calls as it is loaded is taken to be loaded, if it works.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Set
from typing import NamedTuple

from .imports import Import, Module, absolute

#: Imports played in all, for one group of modules; what lies behind is taken to work.
STEPS = 20_000
#: Imports that fail that are told of one group.
MOST = 3
#: Modules that are loaded for each other; what a longer chain would load is taken to work.
DEEP = 150


class Broken(NamedTuple):
    """``entry`` cannot be the first: the import ``at`` of ``module`` asks ``source`` for a ``name`` it has not yet."""

    entry: Module
    module: Module
    at: Import
    source: Module
    name: str


def broken(group: Iterable[str], modules: Mapping[str, Module], involved: Set[str]) -> tuple[Broken, ...]:
    """Those of a group's modules (by path, in order) that cannot be imported before the others: one for each import
    that fails, and not more than a few.

    ``modules`` are all by path, ``involved`` the paths of those that reach the group."""
    known = {(each.root, each.name): each for each in modules.values() if each.path in involved}
    others = {(each.root, each.name) for each in modules.values() if each.path not in involved}
    bound = {each.path: dict(each.binds) for each in known.values()}
    begun: dict[tuple[str, str], _Play] = {}
    left = STEPS
    found: dict[tuple[str, Import], Broken] = {}
    for path in sorted(group):
        entry = modules[path]
        played = _Play(known, others, bound, entry, left)
        for name in around(entry.name):
            if (entry.root, name) in known:
                left = _begin(played, entry.root, name, begun, left)
        played.left = left
        played.run(entry)
        if played.failed is not None:
            found.setdefault((played.failed.module.path, played.failed.at), played.failed._replace(entry=entry))
        left = played.left
        if left <= 0 or len(found) >= MOST:
            break
    return tuple(found.values())


def _place(statement: Import) -> tuple[int, int]:
    return statement.range[:2]


def around(name: str) -> Iterator[str]:
    """The packages that a dotted name lies in, the outermost first."""
    parts = name.split(".")
    return (".".join(parts[:length]) for length in range(1, len(parts)))


def _begin(played: _Play, root: str, name: str, begun: dict[tuple[str, str], _Play], left: int) -> int:
    """Load one of the packages around an entry. What comes of it is the same for all modules that lie in it, so it is
    played once. Gives the steps that are left."""
    before = begun.get((root, name))
    if before is None:
        played.left = left
        played.run(played.known[root, name])
        left = played.left
        before = begun[root, name] = played.copy()
    played.take(before)
    return left


class _Play:
    """One program that imports ``entry`` first. ``others`` are modules that load whenever they are asked for."""

    def __init__(
        self,
        known: Mapping[tuple[str, str], Module],
        others: Set[tuple[str, str]],
        bound: Mapping[str, Mapping[str, int]],
        entry: Module,
        steps: int,
    ) -> None:
        self.known, self.others, self.bound, self.entry, self.left = known, others, bound, entry, steps
        self.standing: dict[str, Import | None] = {}
        self.deep = 0
        self.failed: Broken | None = None

    def copy(self) -> _Play:
        """The same program, as far as it has come."""
        made = _Play(self.known, self.others, self.bound, self.entry, self.left)
        made.take(self)
        return made

    def take(self, other: _Play) -> None:
        """Stand where another program stands."""
        self.standing, self.failed = dict(other.standing), other.failed

    def load(self, module: Module) -> None:
        """Load a module, after the packages around it, as ``import`` does."""
        self._load_around(module.root, module.name)
        self.run(module)

    def _load_around(self, root: str, name: str) -> None:
        for each in around(name):
            package = self.known.get((root, each))
            if package is not None:
                self.run(package)

    def run(self, module: Module) -> None:
        if module.path in self.standing or self.deep >= DEEP or self.failed is not None:
            return
        self.deep += 1
        self._imports_of(module)
        self.deep -= 1

    def _imports_of(self, module: Module) -> None:
        imports = sorted([*module.imports, *module.called], key=_place) if module.called else module.imports
        for each in imports:
            if self.failed is not None or self.left <= 0:
                return
            self.left -= 1
            if not each.deferred:
                self.standing[module.path] = each
                if each.tried:
                    self._try(module, each)
                else:
                    self._import(module, each)
        self.standing[module.path] = None

    def _try(self, module: Module, statement: Import) -> None:
        """An import in a ``try``: what fails in it, however deep, is caught, and who did not get to its end is gone."""
        before = set(self.standing)
        self._import(module, statement)
        if self.failed is not None:
            self.failed = None
            for path in self.standing.keys() - before:
                if self.standing[path] is not None:
                    del self.standing[path]

    def _import(self, module: Module, statement: Import) -> None:
        name = absolute(module, statement.module)
        source = self.known.get((module.root, name))
        if source is not None:
            self.load(source)
        elif (module.root, name) in self.others:
            self._load_around(module.root, name)
        for each in statement.names:
            if self.failed is not None or self.left <= 0:
                return  # out of steps, modules still stand where they were left, though they would have gone on
            if source is None or not self._has(source, each):
                below = self.known.get((module.root, f"{name}.{each}"))
                if below is not None:
                    self.load(below)
                elif (module.root, f"{name}.{each}") in self.others or source is None or statement.tried:
                    continue
                elif self._comes_later(source, each):
                    self.failed = Broken(self.entry, module, statement, source, each)

    def _has(self, source: Module, name: str) -> bool:
        """Is a name of a module bound by now?"""
        at = self.standing.get(source.path)
        lines = self.bound[source.path]
        return name in lines and (at is None or lines[name] < at.range.line)

    def _comes_later(self, source: Module, name: str) -> bool:
        """Does a module that is being loaded bind a name, but below the import it stands at?"""
        at = self.standing.get(source.path)
        lines = self.bound[source.path]
        return (
            at is not None and at.range.line <= lines.get(name, -1) and lines.get("*", at.range.line) >= at.range.line
        )
