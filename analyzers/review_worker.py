"""A reviewing process: ``python -m suture.analyzers.review_worker``, driven by :mod:`.review_pool`.

It reads pickled tasks on standard input and writes pickled answers on what was its standard output, one a file, so
that the other side knows which file it was at when something happens to it. It ends with its input.

Invariant: it only reads files and parses them; no workspace code is imported or run.
"""

from __future__ import annotations

import contextlib
import gc
import logging
import os
import sys
import threading
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Literal

from .cache import Looked, open_cache, secrets_of, shows
from .codec import finding_to_json
from .engine import all_rules
from .engines import Engine
from .errors import SutureError, Unavailable
from .findings import Finding, Json, Reviewer
from .pipes import die_with_parent, receive, send
from .review import TOO_DEEP, FileReview, engines_for, failed, judged, look_at, program_rules
from .rules import ProgramRule, extracts_of
from .source import read_source

log = logging.getLogger(__name__)

Extracts = Mapping[str, object]

#: So many answers are written to the cache together: more are not lost if a file of a task never ends.
KEPT_AT_ONCE = 32

#: Files that changed so many seconds before an engine was asked may have changed behind it: clocks of files are coarse.
JUST_NOW_S = 0.1

#: What a command line takes has an end: so many bytes of names are given to an engine at once.
ASKED_AT_ONCE = 24_000 if sys.platform == "win32" else 500_000

#: Objects more than before, until garbage is looked for. Trees of syntax are many objects and hold hardly a ring:
#: looking for garbage in them took half of the time.
GARBAGE_AFTER = 1_000_000


@dataclass(frozen=True, slots=True)
class Task:
    """Some files, and what to do with each: ``review`` it and extract what whole-program rules need of it, ``extract``
    only, or ``check`` what the rules of the one group find in all files (the path is then the group's name).

    ``groups`` name the rules to extract for. ``more`` holds findings of whole-program rules by path, ``whole`` says
    that these saw more files than one, ``known`` what was said of a file before, ``extracts`` those of the group to
    check, ``cache`` is the folder of the cache of reviews, ``told`` what engines said of these files already."""

    what: Literal["extract", "review", "check"]
    paths: tuple[Path, ...]
    reviewers: tuple[Reviewer, ...]
    engines: bool = True
    more: Mapping[str, tuple[Finding, ...]] | None = None
    cache: Path | None = None
    whole: bool = False
    groups: tuple[str, ...] = ()
    known: Mapping[str, Looked] | None = None
    extracts: Mapping[str, object] | None = None
    told: Ahead | None = None


@dataclass(frozen=True, slots=True)
class Ahead:
    """What engines said of files as they lay on the disk at a moment, by engine and path, and what told a file from
    another then (``marks``). Times in these are compared with each other, and with the clock of this machine."""

    began: float
    said: Mapping[str, Mapping[str, Sequence[Finding]]]
    marks: Mapping[str, tuple[int, ...]]

    def of(self, paths: Sequence[Path]) -> Ahead:
        """That of some files."""
        names = [path.as_posix() for path in paths]
        return Ahead(
            self.began,
            {engine: {name: said[name] for name in names if name in said} for engine, said in self.said.items()},
            {name: self.marks[name] for name in names if name in self.marks},
        )

    def holds(self, path: Path) -> bool:
        """Is a file what it was then?"""
        mark = self.marks.get(path.as_posix())
        return mark is not None and mark == _mark(path) and max(mark[:2]) < (self.began - JUST_NOW_S) * 1e9


def _mark(path: Path) -> tuple[int, ...] | None:
    """What a file has another of as soon as somebody writes to it or puts another one in its place."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_ctime_ns, found.st_size, found.st_ino


@dataclass(frozen=True, slots=True)
class Answer:
    """What a task made of one file: :class:`Examined`, extracts by group, :class:`Checked`, or a failed review."""

    path: Path
    value: object


@dataclass(frozen=True, slots=True)
class Examined:
    """A file's review, what it was made of (None: a failure), and what whole-program rules need of the file, by group.
    ``keep``: it may be written to a disk, and would be said again; ``secrets``: what the file holds that no disk may,
    so that of such a file only what shows none of them is written."""

    review: FileReview
    looked: Looked | None
    extracts: Mapping[str, object]
    keep: bool
    secrets: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Checked:
    """What the rules of a group found in all files, and the files that they read for it (None: all of them)."""

    findings: tuple[Finding, ...]
    read: frozenset[str] | None


def work(task: Task) -> Iterator[Answer]:
    """The task's answers, in the order of its files."""
    if task.what == "check":
        return iter([Answer(task.paths[0], checked(task.reviewers, task.groups[0], task.extracts or {}))])
    return _extract(task) if task.what == "extract" else _review(task)


def groups_of(reviewers: Sequence[Reviewer]) -> dict[str, list[ProgramRule]]:
    """The whole-program rules of some reviewers, by group."""
    found: dict[str, list[ProgramRule]] = {}
    for rule in program_rules():
        if rule.reviewer in reviewers:
            found.setdefault(rule.group or rule.name, []).append(rule)
    return found


def _extract(task: Task) -> Iterator[Answer]:
    groups = groups_of(task.reviewers)
    for path in task.paths:
        try:
            text = read_source(path).text
        except SutureError:
            yield Answer(path, {})  # the reason is given where the file is reviewed
            continue
        yield Answer(path, _parts(groups, task.groups, path, text))


def _parts(groups: Mapping[str, Sequence[ProgramRule]], asked: Sequence[str], path: Path, text: str) -> Extracts:
    """What the rules of some groups need of a file on the disk. A group that fails on it goes without."""
    found: dict[str, object] = {}
    for name in asked:
        rule = groups[name][0]
        extract = extracts_of([rule], path, text)
        if extract:
            found[name] = rule.reach.lean(extract[rule.name]) if rule.reach is not None else extract[rule.name]
    return found


def checked(reviewers: Sequence[Reviewer], group: str, extracts: Mapping[str, object]) -> Checked:
    """What the rules of a group find in all files. A rule that fails costs only its own findings."""
    found: list[Finding] = []
    rules = groups_of(reviewers)[group]
    for rule in rules:
        try:
            found += rule.check(extracts)
        except Exception:
            log.exception("rule %s failed on the program", rule.name)
    reach = rules[0].reach
    return Checked(tuple(found), frozenset(reach.read(extracts)) if reach is not None else None)


def _review(task: Task) -> Iterator[Answer]:
    texts: dict[Path, str] = {}
    errors: dict[Path, str] = {}
    for path in task.paths:
        try:
            texts[path] = read_source(path, "the file").text
        except SutureError as error:
            errors[path] = str(error)
    run = engines_for(task.reviewers) if task.engines else ()
    groups = groups_of(task.reviewers) if task.groups else {}
    cache = open_cache(task.cache) if task.cache else None
    asked = [engine.name for engine in run]
    known: dict[Path, Looked | None] = {
        path: (task.known or {}).get(path.as_posix())
        or (cache.get(path.as_posix(), text, task.reviewers, asked) if cache else None)
        for path, text in texts.items()
    }
    fresh = {path: text for path, text in texts.items() if known[path] is None}
    asking, from_disk = _started(run, fresh, task.told)
    found: list[tuple[str, str, Looked]] = []
    try:
        for path in task.paths:
            if path in errors:
                yield Answer(path, Examined(failed(path, errors[path]), None, {}, True))
                continue
            name, text, looked = path.as_posix(), texts[path], known[path]
            try:
                if looked is None:
                    looked = look_at(name, text, asking)
                    if cache and (not from_disk or _still(path, text)):
                        found.append((name, text, looked))
                        if len(found) >= KEPT_AT_ONCE:
                            cache.put_all(found, task.reviewers, asked)
                            found.clear()
                review = judged(path, text, looked, task.reviewers, (task.more or {}).get(name, ()), task.whole)
                secrets = secrets_of(looked.findings, text)
                keep = looked.lasting and not shows(_said(review), secrets)
                extracts = _parts(groups, task.groups, path, text)
                yield Answer(path, Examined(review, looked, extracts, keep, secrets))
            except RecursionError:
                yield Answer(path, Examined(failed(path, TOO_DEEP), None, {}, True))
            except Exception as error:  # noqa: BLE001 - one file must never stop the others
                review = failed(path, f"a reviewer failed on it: {type(error).__name__}: {error}")
                yield Answer(path, Examined(review, None, {}, False))
    finally:  # also where nobody asks for the rest
        if cache:
            cache.put_all(found, task.reviewers, asked)


def _said(review: FileReview) -> Json:
    """Everything of a review that would be written."""
    silenced = [finding_to_json(each.finding) for each in review.silenced]
    return [*map(finding_to_json, review.findings), *silenced, *review.notes, *review.lines.values()]


def asked_ahead(run: Sequence[Engine], paths: Sequence[Path]) -> Ahead:
    """What the engines that look at many files at once say of these files, as they lie on the disk. One that cannot be
    had says nothing: it is asked again where a file is reviewed, and there the reason is noted."""
    began = time.time()
    marks = {path.as_posix(): mark for path in paths if (mark := _mark(path)) is not None}
    said: dict[str, dict[str, list[Finding]]] = {}
    for engine in run:
        assert engine.run_many is not None
        with contextlib.suppress(Unavailable):
            for some in _at_once(marks):
                said.setdefault(engine.name, {}).update(engine.run_many(some))
    return Ahead(began, said, marks)


def _at_once(names: Iterable[str]) -> Iterator[list[tuple[str, str]]]:
    """Files by as many as an engine is asked of at once, without their texts."""
    some: list[tuple[str, str]] = []
    length = 0
    for name in names:
        if some and length + len(name) > ASKED_AT_ONCE:
            yield some
            some, length = [], 0
        some.append((name, ""))
        length += len(os.fsencode(name)) + 9  # each has an address, too
    if some:
        yield some


def _started(run: Sequence[Engine], texts: Mapping[Path, str], told: Ahead | None) -> tuple[list[Engine], bool]:
    """The engines with those begun that can look at many files at once: they are at it while the first of the files is
    looked at here; what they ``told`` already they are not asked again. With whether one of them reads the files from
    the disk."""
    if told is not None:
        known = {path.as_posix() for path in texts if told.holds(path)}
        run = [
            _known(each, {name: found for name, found in told.said.get(each.name, {}).items() if name in known})
            for each in run
        ]
    if len(texts) < 2:
        return [*run], told is not None
    begun = [each if each.run_many is None else _begun(each, texts) for each in run]
    return begun, told is not None or any(each.run_many is not None for each in run)


def _known(engine: Engine, said: Mapping[str, Sequence[Finding]]) -> Engine:
    """An engine that has told of some files what it says of them."""
    many = engine.run_many
    if not said or many is None:
        return engine

    def run(path: str, text: str) -> list[Finding]:
        return [*said[path]] if path in said else engine.run(path, text)

    def run_many(files: Sequence[tuple[str, str]]) -> dict[str, list[Finding]]:
        left = [each for each in files if each[0] not in said]
        found = {path: [*said[path]] for path, _ in files if path in said}
        return {**found, **(many(left) if left else {})}

    return Engine(engine.name, run, run_many, apart=engine.apart)


def _begun(engine: Engine, texts: Mapping[Path, str]) -> Engine:
    answers: dict[str, list[Finding]] = {}

    def work() -> None:
        # If it cannot be had, it is asked again file by file, where the reason is noted.
        with contextlib.suppress(Unavailable):
            assert engine.run_many is not None
            answers.update(engine.run_many([(path.as_posix(), text) for path, text in texts.items()]))

    thread = threading.Thread(target=work, daemon=True)
    thread.start()

    def answer(path: str, text: str) -> list[Finding]:
        thread.join()
        return answers[path] if path in answers else engine.run(path, text)

    return Engine(engine.name, answer, apart=engine.apart)


def _still(path: Path, text: str) -> bool:
    """Is this still the file's text? Engines that look at many files read them from the disk."""
    try:
        return read_source(path).text == text
    except SutureError:
        return False


def load() -> None:
    """Load what every task needs: the rules."""
    program_rules()
    all_rules()
    gc.freeze()


def main() -> None:
    """Serve tasks until the input ends. Prints of libraries go to standard error, not between the answers."""
    die_with_parent(os.getppid())
    load()  # while the first task is made
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    serve(sys.stdin.buffer, answers)


def serve(tasks: IO[bytes], answers: IO[bytes]) -> None:
    """Do tasks until there are no more."""
    gc.set_threshold(GARBAGE_AFTER, 50, 100)
    while True:
        try:
            task = receive(tasks)
        except (EOFError, KeyboardInterrupt):
            return
        assert isinstance(task, Task)
        try:
            if task.what == "check":
                # What is known of a program is kept until it is all known, and after that for as long as the process.
                gc.set_threshold(5 * GARBAGE_AFTER, 50, 100)
            for answer in work(task):
                send(answers, answer)
            if task.what == "check":
                gc.freeze()
                gc.set_threshold(GARBAGE_AFTER, 50, 100)
            send(answers, None)
        except (KeyboardInterrupt, BrokenPipeError):
            return


if __name__ == "__main__":
    # Pickle must name these classes by their module, not by ``__main__``.
    from . import review_worker

    review_worker.main()
