"""The review of many files: what was kept is said again, what changed is looked at anew, in worker processes.

Each file is read once, for all rules, engines, and extracts of rules over the whole program. Rules that follow values
through the whole program (those with a :class:`~.rules.Reach`) begin as soon as their extracts are there, in a process
of their own while the others look at files; their findings are kept for as long as the files that they read are what
they were. Files in which a whole-program rule found something are judged a second time, with what it found.

Invariant: the answer is that of a review without anything kept; the order of processes does not show in it.
"""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, cast

from .cache import ReviewCache, shows
from .consensus import consensus
from .engines import Engine
from .files import Found, python_files
from .findings import REVIEWERS, Finding, Reviewer
from .kept import Keeper, Parts, State, Tree, names_hash, plain_hash, state_of
from .plain import from_plain, to_plain
from .review import FileReview, engines_for, failed
from .review_pool import Pool
from .review_worker import Ahead, Checked, Examined, Task, asked_ahead, checked, groups_of
from .rules import ProgramRule

log = logging.getLogger(__name__)

#: (files answered, files in all, the last one)
OnProgress = Callable[[int, int, Path], None]

#: Files in a task: enough to make one run of ruff worth it, few enough to see progress. The last tasks have few, so
#: that no process works at the end while the others wait.
CHUNK, LEAST_CHUNK = 48, 6

#: What may go wrong while something that was kept is read: it was written by another program, or by somebody.
_UNREADABLE = (TypeError, ValueError, LookupError, AttributeError)

#: Is told of each file when it has been looked at.
Tell = Callable[[Path], None]


def review_paths(
    paths: Iterable[Path],
    *,
    reviewers: Sequence[Reviewer] = REVIEWERS,
    jobs: int | None = None,
    on_progress: OnProgress | None = None,
    engines: bool = True,
    cache: ReviewCache | None = None,
) -> Iterator[FileReview]:
    """Review files and the Python files below folders, one answer a file, in sorted order.

    ``jobs`` is the number of worker processes (default: the processors that we may use). Whole-program rules see all
    files of the call, so the answers come when all files have been looked at; ``on_progress`` hears of each before.
    ``cache`` answers for texts and whole trees that were seen before."""
    roots = list(paths)
    asked = [each.name for each in engines_for(reviewers)] if engines else []
    keeper = Keeper(cache, roots, reviewers, asked) if cache else None
    with Pool(jobs or default_jobs()) as pool:
        early = any(each.is_dir() for each in roots) and not (keeper is not None and keeper.has_tree())
        found: list[Found] = []
        for each in python_files(roots):
            found.append(each)
            if early and len(found) == 2:  # one file is looked at in this process
                pool.begin()
        total, done = len(found), 0

        def tell(path: Path) -> None:
            nonlocal done
            done += 1
            if on_progress is not None:
                on_progress(done, total, path)

        readable = [each.path for each in found if not each.error]
        answers = review_many(
            readable, reviewers, pool, engines, cache=cache.folder if cache else None, keeper=keeper, tell=tell
        )
        try:
            for each in found:
                if each.error:
                    tell(each.path)
                yield failed(each.path, each.error) if each.error else next(answers)
        finally:
            answers.close()


def default_jobs() -> int:
    """The processors that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return max(1, len(os.sched_getaffinity(0)))
    return max(1, os.cpu_count() or 1)


def review_many(
    paths: Sequence[Path],
    reviewers: Sequence[Reviewer],
    pool: Pool,
    engines: bool,
    *,
    cache: Path | None = None,
    keeper: Keeper | None = None,
    tell: Tell = lambda _: None,
) -> Generator[FileReview]:
    """The review of every path, in order. ``cache`` is the folder of the cache of reviews, if one is wanted,
    ``keeper`` where the whole answer is kept."""
    if keeper is None:
        yield from _Run(paths, tuple(reviewers), pool, engines, cache, tell).reviews(None, Parts())
        return
    state = state_of(paths)
    tree = keeper.tree()
    if tree is not None and tree.state.around != state.around:
        tree = None
    said = _said_again(tree, state, paths, reviewers) if tree is not None else None
    if said is not None:
        for path, review in zip(paths, said, strict=True):
            tell(path)
            yield review
        return
    yield from _Run(paths, tuple(reviewers), pool, engines, cache, tell, state, keeper).reviews(
        tree, keeper.parts(state)
    )


def _said_again(
    tree: Tree, state: State, paths: Sequence[Path], reviewers: Sequence[Reviewer]
) -> list[FileReview] | None:
    """The kept answers, if every file is what it was."""
    if tree.state.files != state.files or len(tree.answers) != len(paths):
        return None
    try:
        return [review_from_plain(path, tree.answers[path.as_posix()], reviewers) for path in paths]
    except _UNREADABLE as error:
        log.info("a kept review is unreadable: %s", error)
        return None


def review_to_plain(review: FileReview) -> Any:
    """A review without its path and its verdict, which follows from the findings. What is empty is left out."""
    values = (review.findings, review.error, review.notes, review.lines, review.silenced)
    return {name: to_plain(value) for name, value in zip(_FIELDS, values, strict=True) if value}


def review_from_plain(path: Path, plain: Mapping[str, Any], reviewers: Sequence[Reviewer]) -> FileReview:
    """The inverse of :func:`review_to_plain`. Raises one of what :func:`.plain.from_plain` raises."""
    if "error" in plain:
        return failed(path, str(plain["error"]))
    if not plain:
        return FileReview(path, (), consensus((), reviewers))
    values = {name: from_plain(plain[name]) for name in _FIELDS if name in plain}
    return FileReview(path, verdict=consensus(values.setdefault("findings", ()), reviewers), **values)


_FIELDS = ("findings", "error", "notes", "lines", "silenced")


@dataclass(eq=False, slots=True)
class _Run:
    """One review while it is made."""

    paths: Sequence[Path]
    reviewers: tuple[Reviewer, ...]
    pool: Pool
    engines: bool
    cache: Path | None
    tell: Tell
    state: State | None = None
    keeper: Keeper | None = None
    groups: Mapping[str, Sequence[ProgramRule]] = field(default_factory=dict[str, Sequence[ProgramRule]])
    extracts: dict[str, dict[str, object]] = field(default_factory=dict[str, "dict[str, object]"])  # by group, path
    plain: dict[str, dict[str, Any]] = field(default_factory=dict[str, "dict[str, Any]"])  # as kept, by path, group
    checks: dict[str, Any] = field(default_factory=dict[str, Any])  # as kept, by group
    # Paths in the findings of a group whose rules were asked: what was found as kept is not among these.
    spoken_of: dict[str, set[str]] = field(default_factory=dict[str, set[str]])
    more: dict[str, tuple[Finding, ...]] = field(default_factory=dict[str, tuple[Finding, ...]])
    examined: dict[str, Examined] = field(default_factory=dict[str, Examined])
    again: dict[str, FileReview] = field(default_factory=dict[str, FileReview])  # kept answers that hold, by path
    notes: list[str] = field(default_factory=list[str])

    def reviews(self, tree: Tree | None, parts: Parts) -> Generator[FileReview]:
        """The answers in order; what a former review knew is made use of."""
        self.groups = groups_of(self.reviewers) if len(self.paths) else {}
        self.extracts = {name: {} for name in self.groups}
        self._take(parts)
        pool = self.pool if len(self.paths) > 1 else Pool(0)
        same: set[str] = set()
        if tree is not None and self.state is not None:
            same = {name for path in self.paths if tree.unchanged(name := path.as_posix(), self.state)}
        fresh = [path for path in self.paths if path.as_posix() not in same]
        told = _asking(engines_for(self.reviewers) if self.engines and len(fresh) > 2 * CHUNK else (), fresh)
        self._begin(pool)
        self._look(pool, same, parts, told())
        self._judge(pool, same, tree)
        pool.dismiss()
        self._keep(tree)
        for path in self.paths:
            yield self._answer(path)

    def _keep(self, tree: Tree | None) -> None:
        """Keep the answers, unless somebody wrote to the files meanwhile."""
        state, keeper = self.state, self.keeper
        if keeper is not None and state is not None and not self.notes and state_of(self.paths) == state:
            keeper.keep(*self._kept(state, tree))

    def _kept(self, state: State, tree: Tree | None) -> tuple[Tree, Parts]:
        """What a later review may make use of."""
        answers = {name: review_to_plain(each.review) for name, each in self.examined.items() if each.keep}
        answers |= {name: review_to_plain(each) for name, each in self.again.items()}
        hidden = {name for name, each in self.examined.items() if each.secrets}
        hidden |= {name for name in self.again if tree is not None and name in tree.hidden}
        extracts: dict[str, dict[str, Any]] = {}
        for group, by_path in self.extracts.items():
            for name, extract in by_path.items():
                if name in hidden and self.groups[group][0].reach is None:
                    continue
                known = self.plain.get(name, {})
                extracts.setdefault(name, {})[group] = known[group] if group in known else to_plain(extract)
        more = {name: plain_hash(found) for name, found in self.more.items()}
        checks = {name: each for name, each in self.checks.items() if self._may_be_written(name, hidden)}
        return Tree(state, answers, more, frozenset(hidden)), Parts(extracts, checks)

    def _may_be_written(self, group: str, hidden: set[str]) -> bool:
        """Does what a group found show no secret of the files that it speaks of?"""
        if group not in self.spoken_of:
            return True  # it was written before
        spoken_of = hidden & self.spoken_of[group]
        if not all(name in self.examined for name in spoken_of):
            return False
        secrets = frozenset[str]().union(*(self.examined[name].secrets for name in spoken_of))
        return not shows(self.checks[group]["findings"], secrets)

    def _take(self, parts: Parts) -> None:
        """Take over the extracts that were kept."""
        for name, by_group in parts.extracts.items():
            try:
                made = {group: from_plain(each) for group, each in by_group.items() if group in self.groups}
            except _UNREADABLE as error:
                log.info("what was kept of %s is unreadable: %s", name, error)
                continue
            self.plain[name] = by_group
            for group, extract in made.items():
                self.extracts[group][name] = extract

    # -- what rules over the program begin with

    def _far(self) -> list[str]:
        """The groups of rules that follow values from file to file."""
        return [name for name, rules in self.groups.items() if rules[0].reach is not None]

    def _begin(self, pool: Pool) -> None:
        """Extracts of the rules that take longest, so that these can begin."""
        far = self._far()
        missing = [path for path in self.paths if any(path.as_posix() not in self.extracts[each] for each in far)]
        if far and missing and len(self.paths) > 1:
            template = Task("extract", (), self.reviewers, groups=tuple(far))
            for answer in pool.run(_tasks(template, missing, 2 * CHUNK)):
                self._note_extracts(answer.path, answer.value)

    def _note_extracts(self, path: Path, value: object) -> None:
        if isinstance(value, FileReview):
            return  # the worker died on it; it is told where the file is reviewed
        name = path.as_posix()
        for group, extract in cast("Mapping[str, object]", value).items():
            self.extracts[group][name] = extract
            if self.keeper is not None:  # now, while others work, not when everybody waits for it
                self.plain.setdefault(name, {})[group] = to_plain(extract)

    # -- what is in each file

    def _look(self, pool: Pool, same: set[str], parts: Parts, ahead: Ahead | None) -> None:
        """Look at the files that are not as they were, and check the program."""
        far = self._far()
        alone = len(self.paths) == 1
        near = tuple(name for name in self.groups if name not in far or alone)
        tasks: list[Task] = []
        for group in far if not alone else ():
            found = self._found_before(group, parts)
            if found is None:
                template = Task("check", (Path(group),), self.reviewers, groups=(group,))
                tasks.append(replace(template, extracts=self.extracts[group]))
            else:
                self._add(found)
        fresh = [path for path in self.paths if path.as_posix() not in same]
        template = Task("review", (), self.reviewers, self.engines, cache=self.cache, groups=near)
        for task in _falling(replace(template, whole=not alone), fresh, self.pool.jobs):
            tasks.append(replace(task, told=ahead.of(task.paths)) if ahead is not None else task)
        partial = [
            path
            for path in self.paths
            if path.as_posix() in same and any(path.as_posix() not in self.extracts[each] for each in near)
        ]
        tasks += _tasks(Task("extract", (), self.reviewers, groups=near), partial, CHUNK)
        left = len(fresh) + len(partial)
        told = _Teller(self.paths, self.tell)
        for name in same:
            told.done(name)
        if not left:
            self._check_near(near)
        for answer in pool.run(tasks):
            value, name = answer.value, answer.path.as_posix()
            if isinstance(value, Checked):
                self._note_checked(name, value)
                continue
            if name in self.groups:
                assert isinstance(value, FileReview)
                self.notes.append(f"rules over the whole program ({name}) did not end: {value.error}")
                continue
            left -= 1
            if name in same:
                self._note_extracts(answer.path, value)
            else:
                made = value if isinstance(value, Examined) else Examined(cast(FileReview, value), None, {}, False)
                self.examined[name] = made
                self._note_extracts(answer.path, made.extracts)
                told.done(name)
            if not left:
                self._check_near(near)

    def _check_near(self, near: Sequence[str]) -> None:
        """Rules over the program that need no process of their own."""
        for group in near:
            self._add(checked(self.reviewers, group, self.extracts[group]).findings)

    # -- rules over the program

    def _found_before(self, group: str, parts: Parts) -> tuple[Finding, ...] | None:
        """What a group found, if nothing that it depends on has changed."""
        kept = parts.checks.get(group)
        if kept is None or self.state is None:
            return None
        try:
            files = self.state.files
            same = kept["about"] == self._about(group)
            same = same and all(files.get(name) == was for name, was in kept["read"].items())
            found = cast("tuple[Finding, ...]", from_plain(kept["findings"])) if same else None
        except _UNREADABLE:
            return None
        if found is not None:
            self.checks[group] = kept
        return found

    def _about(self, group: str) -> str:
        """Which files there are, and at which of them a group begins."""
        reach = self.groups[group][0].reach
        assert reach is not None
        extracts = self.extracts[group]
        return names_hash(extracts) + names_hash(name for name, each in extracts.items() if reach.begins(each))

    def _note_checked(self, group: str, value: Checked) -> None:
        self._add(value.findings)
        if self.state is not None and value.read is not None:
            read = {name: self.state.files[name] for name in value.read if name in self.state.files}
            self.checks[group] = {"about": self._about(group), "read": read, "findings": to_plain(value.findings)}
            self.spoken_of[group] = _paths_in(value.findings)

    def _add(self, findings: Iterable[Finding]) -> None:
        for finding in findings:
            self.more[finding.path] = (*self.more.get(finding.path, ()), finding)

    # -- the answers

    def _judge(self, pool: Pool, same: set[str], tree: Tree | None) -> None:
        """Judge the files about which there is more to say than was known when they were looked at."""
        for name, found in self.more.items():
            self.more[name] = tuple(sorted(found, key=lambda each: (each.range, each.rule, each.message)))
        late: list[Path] = []
        known = {}
        for path in self.paths:
            name = path.as_posix()
            if name in same and tree is not None:
                # Of a file with a secret that rules speak of it must be known what must not be written.
                told = name in tree.hidden and any(name in paths for paths in self.spoken_of.values())
                if told or not self._holds(path, tree):
                    late.append(path)
            elif name in self.more:
                looked = self.examined[name].looked
                if looked is not None:
                    known[name] = looked
                    late.append(path)
        template = Task("review", (), self.reviewers, self.engines, cache=self.cache, whole=len(self.paths) > 1)
        tasks = [
            replace(
                task,
                more={name: self.more[name] for name in map(Path.as_posix, task.paths) if name in self.more},
                known={name: known[name] for name in map(Path.as_posix, task.paths) if name in known},
            )
            for task in _falling(template, late, self.pool.jobs)
        ]
        for answer in pool.run(tasks):
            value = answer.value
            made = value if isinstance(value, Examined) else Examined(cast(FileReview, value), None, {}, False)
            self.examined[answer.path.as_posix()] = made

    def _holds(self, path: Path, tree: Tree) -> bool:
        """Take over the kept answer for a file that is as it was, if whole-program rules say what they said of it."""
        name = path.as_posix()
        if tree.more.get(name, "") != plain_hash(self.more.get(name, ())):
            return False
        try:
            self.again[name] = review_from_plain(path, tree.answers[name], self.reviewers)
        except _UNREADABLE as error:
            log.info("what was kept of %s is unreadable: %s", name, error)
        return name in self.again

    def _answer(self, path: Path) -> FileReview:
        name = path.as_posix()
        review = self.again[name] if name in self.again else self.examined[name].review
        return replace(review, notes=(*review.notes, *self.notes)) if self.notes and not review.error else review


@dataclass(eq=False, slots=True)
class _Teller:
    """Tells of files in their order, each as soon as it and those before it are done."""

    paths: Sequence[Path]
    tell: Tell
    waiting: set[str] = field(default_factory=set[str])
    at: int = 0

    def done(self, name: str) -> None:
        self.waiting.add(name)
        while self.at < len(self.paths) and self.paths[self.at].as_posix() in self.waiting:
            self.tell(self.paths[self.at])
            self.at += 1


def _asking(run: Sequence[Engine], paths: Sequence[Path]) -> Callable[[], Ahead | None]:
    """Asks those engines of many files that are asked once for all of them; gives what waits for their answers."""
    many = [each for each in run if each.run_many is not None]
    if not many:
        return lambda: None
    answers: list[Ahead] = []
    thread = threading.Thread(target=lambda: answers.append(asked_ahead(many, paths)), daemon=True)
    thread.start()

    def wait() -> Ahead | None:
        thread.join()
        return answers[0] if answers else None

    return wait


def _paths_in(findings: Iterable[Finding]) -> set[str]:
    """The files of which findings speak."""
    return {path for each in findings for path in (each.path, *(step.path for step in each.related))}


def _tasks(template: Task, paths: Sequence[Path], size: int) -> list[Task]:
    return [replace(template, paths=tuple(paths[i : i + size])) for i in range(0, len(paths), size)]


def _falling(template: Task, paths: Sequence[Path], jobs: int) -> list[Task]:
    """Tasks of ever fewer files, so that all processes end at about the same time."""
    tasks: list[Task] = []
    least = max(1, min(LEAST_CHUNK, len(paths) // max(1, 2 * jobs)))
    at = 0
    while at < len(paths):
        size = max(least, min(CHUNK, (len(paths) - at) // max(1, 4 * jobs)))
        tasks.append(replace(template, paths=tuple(paths[at : at + size])))
        at += size
    return tasks
