"""A suite that is too dear to be run for each candidate: first the tests that fail, then those that a change may break.

For each candidate the failing tests are run first, and end it if they still fail, then the tests that it may break,
nearest first, as many as there is time for; in one run, unless there is much to collect. Those are the tests that are
known to have run what is changed, those beside the failing ones, and those that the import graph leads to. The whole
suite is run once, over the edit that is to be offered, if that can be afforded. Where the start of a run costs more
than its tests, that is so at once: every run is one of the whole, ended where it is known that nothing is won.

Invariant: what was not run is not claimed. The evidence counts the tests that were.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from itertools import zip_longest
from types import MappingProxyType

from ..analyzers.findings import Evidence
from .affected import Imports, affected_tests
from .probe import Run, Selection
from .verify import State, is_solved
from .workspace import Workspace

Tests = tuple[str, ...]

#: A run that takes longer than this (seconds), with more tests than that, is a suite.
DEAR_S, MANY = 1.0, 3
#: Where the whole takes longer than this (seconds), the failing tests are run alone first: to collect the others costs.
TOGETHER_S = 10.0
#: … and where it takes no longer than this, or this share of it would be run in any case, all of it is run at once.
AT_ONCE_S, SHARE = 3.0, 0.5
#: Passing tests beside the failing ones of which it is noted what they run.
TRACED = 60
#: Failing tests that are looked at together, and seconds that affected ones may take for one candidate; so many of
#: them are run in any case.
MOST_FAILING, AFFECTED_S, LEAST = 25, 4.0, 10
#: What is counted where an edit was run over a part only.
PARTLY = "tests not run"


def spread(tests: Iterable[str], most: int) -> list[str]:
    """At most so many of the tests, from as many files as possible, and from all over each file."""
    by_file: dict[str, list[str]] = {}
    for name in tests:
        by_file.setdefault(name.partition("::")[0], []).append(name)
    share = max(most // max(len(by_file), 1), 1)
    picked = [own[:: max(len(own) // share, 1)] for own in by_file.values()]
    rounds = [each for level in zip_longest(*picked) for each in level if each is not None]
    taken = set(rounds)
    left = [each for own in by_file.values() for each in own if each not in taken]
    return [*rounds, *left][:most]


@dataclass(frozen=True)
class Suite:
    """``first`` is the run of all tests without a change."""

    workspace: Workspace
    first: Run
    imports: Imports = field(default_factory=Imports)

    @property
    def failing(self) -> tuple[str, ...]:
        """The test of the fault, and others from as many files as there are."""
        first, *others = self.first.fault.tests
        return (first, *spread(others, MOST_FAILING - 1))

    def traced(self) -> tuple[str, ...]:
        """The tests of which it is worth to know what they run: those that fail, and passing ones from every file that
        holds one that fails, then from the others."""
        files = {name.partition("::")[0] for name in self.first.failed}
        passed = sorted(self.first.passed)
        near = spread([each for each in passed if each.partition("::")[0] in files], TRACED)
        far = spread([each for each in passed if each.partition("::")[0] not in files], TRACED // 2)
        return (*self.failing, *near, *far)

    def affected(self, changed: Collection[str], ran: Mapping[str, Collection[str]] = MappingProxyType({})) -> Tests:
        """Tests that passed and may be broken by a change of these files: those first that are known to have run one
        of them (``ran``: test → files), then those beside the failing ones."""
        files = {name.partition("::")[0]: None for name in self.failing}
        files |= dict.fromkeys(affected_tests(self.workspace, changed, self.imports))
        by_file: dict[str, list[str]] = {}
        for name in self.first.passed:
            by_file.setdefault(name.partition("::")[0], []).append(name)
        found: list[str] = []
        for file in files:
            for known in by_file:
                if known == file or file.endswith(f"/{known}"):
                    found += sorted(by_file[known])
        passed = self.first.passed
        executed = [name for name, own in ran.items() if name in passed and not set(changed).isdisjoint(own)]
        return tuple(dict.fromkeys((*executed, *found)))[: self.most]

    @property
    def most(self) -> int:
        """How many tests of the usual duration fit in the time for one candidate."""
        each = self.first.outcome.seconds / max(len(self.first.tests), 1)
        return max(LEAST, int(AFFECTED_S / max(each, 1e-4)))

    def judge(
        self,
        view: Workspace,
        run: Callable[[Workspace, Selection], Run],
        ran: Mapping[str, Collection[str]] = MappingProxyType({}),
    ) -> Run:
        """What becomes of the tests that matter with the texts of ``view``. ``ran``: which files some tests ran."""
        changed = [name for name, data in view.files.items() if self.workspace.files.get(name) != data]
        affected = self.affected(changed, ran)
        rest = tuple(spread((each for each in self.first.fault.tests if each not in self.failing), self.most))
        endless = False
        if self._at_once(len(affected)):
            whole = self._whole(view, run)
            endless = whole.outcome.reason == "timeout" and bool(whole.fault.tests)
            if not endless or not set(self.failing).isdisjoint(whole.fault.tests):
                return whole  # else a test that nobody expected does not end: what is expected may be well
        elif self.first.outcome.seconds > TOGETHER_S:
            alone = run(view, Selection(self.failing))
            if not (affected or rest) or not is_solved(self.first, alone):
                return alone
        found = replace(run(view, Selection(self.failing, affected, rest)), endless=endless)
        reached = any(name in found.tests for name in (*affected, *rest))
        return found if reached else replace(found, selected=frozenset(self.failing))

    def _at_once(self, count: int) -> bool:
        """Whether to choose from the tests saves nothing, ``count`` of those that passed being among the chosen."""
        seconds = self.first.outcome.seconds
        if self.first.outcome.reason != "exit" or self.first.cut_short:  # how long the whole takes is not known
            return False
        return seconds <= AT_ONCE_S or (seconds <= TOGETHER_S and count >= SHARE * len(self.first.passed))

    def _whole(self, view: Workspace, run: Callable[[Workspace, Selection], Run]) -> Run:
        """A run of the command itself, if it comes to its end."""
        failing, passed = self.failing, tuple(sorted(self.first.passed))
        rest = tuple(each for each in self.first.fault.tests if each not in failing)
        found = run(view, Selection(failing, passed, rest, whole=True))
        return replace(found, selected=frozenset((*failing, *found.tests))) if found.stopped else found


def suite_of(workspace: Workspace, first: Run) -> Suite | None:
    """The suite that a failing run was of; None where running all of it again and again is cheap."""
    dear = first.outcome.seconds > DEAR_S and len(first.tests) > MANY
    return Suite(workspace, first) if dear and first.fault.tests else None


def as_far_as_run(first: Run, state: State) -> State:
    """A state of which a part of the suite was run, not verified if tests that passed were not among it."""
    missing = len(first.passed - state.run.passed)
    if not state.solved or not missing:
        return state
    told = f"{missing} of the {len(first.passed)} tests that passed before were not run over it"
    seen = Evidence("counted", told, {"metric": PARTLY, "value": missing, "threshold": 0})
    return replace(state, solved=False, evidence=(*state.evidence, seen))


def is_partly(state: State) -> bool:
    """Whether a state is unverified only for tests that were not run."""
    return any(each.data.get("metric") == PARTLY for each in state.evidence)
