"""A reviewing process: ``python -m suture.analyzers.review_worker``, driven by :mod:`.review_pool`.

It reads pickled tasks on standard input and writes pickled answers on what was its standard output, one a file, so
that the other side knows which file it was at when something happens to it. It ends with its input.

Invariant: it only reads files and parses them; no workspace code is imported or run.
"""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from .cache import Looked, open_cache
from .engines import Engine
from .errors import SutureError, Unavailable
from .findings import Finding, Reviewer
from .pipes import receive, send
from .review import TOO_DEEP, engines_for, failed, judged, look_at, program_rules
from .rules import ProgramRule
from .source import read_source

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Task:
    """Some files, and what to do with each: ``extract`` what whole-program rules need, or ``review``.

    ``more`` holds findings of whole-program rules by path, ``cache`` is the folder of the cache of reviews."""

    what: Literal["extract", "review"]
    paths: tuple[Path, ...]
    reviewers: tuple[Reviewer, ...]
    engines: bool = True
    more: Mapping[str, tuple[Finding, ...]] | None = None
    cache: Path | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What a task made of one file."""

    path: Path
    value: object


def work(task: Task) -> Iterator[Answer]:
    """The task's answers, in the order of its files."""
    return _extract(task) if task.what == "extract" else _review(task)


def _extract(task: Task) -> Iterator[Answer]:
    rules = [rule for rule in program_rules() if rule.reviewer in task.reviewers]
    for path in task.paths:
        try:
            text = read_source(path).text
        except SutureError:
            yield Answer(path, {})  # the reason is given where the file is reviewed
            continue
        yield Answer(path, extracts_of(rules, path, text))


def extracts_of(rules: Sequence[ProgramRule], path: Path, text: str) -> dict[str, object]:
    """What each whole-program rule needs to know of a file, by rule; a rule that fails on it goes without."""
    found: dict[str, object] = {}
    for rule in rules:
        try:
            found[rule.name] = rule.extract(path.as_posix(), text)
        except Exception:  # one rule must not cost the file its review
            log.exception("rule %s failed on %s", rule.name, path)
    return found


def _review(task: Task) -> Iterator[Answer]:
    texts: dict[Path, str] = {}
    errors: dict[Path, str] = {}
    for path in task.paths:
        try:
            texts[path] = read_source(path).text
        except SutureError as error:
            errors[path] = str(error)
    run = engines_for(task.reviewers) if task.engines else ()
    cache = open_cache(task.cache) if task.cache else None
    asked = [engine.name for engine in run]
    known: dict[Path, Looked | None] = {
        path: cache.get(path.as_posix(), text, task.reviewers, asked) if cache else None for path, text in texts.items()
    }
    early = _early(run, {path: text for path, text in texts.items() if known[path] is None})
    for path in task.paths:
        if path in errors:
            yield Answer(path, failed(path, errors[path]))
            continue
        name, text, looked = path.as_posix(), texts[path], known[path]
        try:
            if looked is None:
                found = [each for answers in early.values() for each in answers.get(name, ())]
                looked = look_at(name, text, [each for each in run if name not in early.get(each.name, {})], found)
                if cache and (not early or _still(path, text)):
                    cache.put(name, text, task.reviewers, asked, looked)
            yield Answer(path, judged(path, text, looked, task.reviewers, (task.more or {}).get(name, ())))
        except RecursionError:
            yield Answer(path, failed(path, TOO_DEEP))
        except Exception as error:  # noqa: BLE001 - one file must never stop the others
            yield Answer(path, failed(path, f"a reviewer failed on it: {type(error).__name__}: {error}"))


def _early(run: Sequence[Engine], texts: Mapping[Path, str]) -> dict[str, dict[str, list[Finding]]]:
    """What engines that can look at many files at once found, by engine and path."""
    early: dict[str, dict[str, list[Finding]]] = {}
    for engine in run:
        if engine.run_many is not None and len(texts) > 1:
            try:
                early[engine.name] = engine.run_many([(path.as_posix(), text) for path, text in texts.items()])
            except Unavailable:
                early[engine.name] = {}  # asked again file by file, where the reason is noted
    return early


def _still(path: Path, text: str) -> bool:
    """Is this still the file's text? Engines that look at many files read them from the disk."""
    try:
        return read_source(path).text == text
    except SutureError:
        return False


def main() -> None:
    """Serve tasks until the input ends. Prints of libraries go to standard error, not between the answers."""
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    while True:
        try:
            task = receive(sys.stdin.buffer)
        except (EOFError, KeyboardInterrupt):
            return
        assert isinstance(task, Task)
        try:
            for answer in work(task):
                send(answers, answer)
            send(answers, None)
        except (KeyboardInterrupt, BrokenPipeError):
            return


if __name__ == "__main__":
    # Pickle must name these classes by their module, not by ``__main__``.
    from . import review_worker

    review_worker.main()
