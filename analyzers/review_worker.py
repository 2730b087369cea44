"""A reviewing process: ``python -m suture.analyzers.review_worker``, driven by :mod:`.review_pool`.

It reads pickled tasks on standard input and writes pickled answers on what was its standard output, one a file, so
that the other side knows which file it was at when something happens to it. It ends with its input.

Invariant: it only reads files and parses them; no workspace code is imported or run.
"""

from __future__ import annotations

import logging
import os
import pickle
import struct
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Literal

from .engines import Engine
from .errors import SutureError, Unavailable
from .findings import Finding, Reviewer
from .review import FileReview, engines_for, failed, program_rules, review_text
from .rules import ProgramRule
from .source import read_source

log = logging.getLogger(__name__)

_LENGTH = struct.Struct("<Q")


@dataclass(frozen=True, slots=True)
class Task:
    """Some files, and what to do with each: ``extract`` what whole-program rules need, or ``review``.

    ``more`` holds findings of whole-program rules by path."""

    what: Literal["extract", "review"]
    paths: tuple[Path, ...]
    reviewers: tuple[Reviewer, ...]
    engines: bool = True
    more: Mapping[str, tuple[Finding, ...]] | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What a task made of one file."""

    path: Path
    value: object


def send(stream: BinaryIO, value: object) -> None:
    data = pickle.dumps(value, pickle.HIGHEST_PROTOCOL)
    stream.write(_LENGTH.pack(len(data)) + data)
    stream.flush()


def receive(stream: BinaryIO) -> object:
    """The next value. Raises EOFError at the end of the stream."""
    head = stream.read(_LENGTH.size)
    if len(head) < _LENGTH.size:
        raise EOFError
    (length,) = _LENGTH.unpack(head)
    data = stream.read(length)
    if len(data) < length:
        raise EOFError
    return pickle.loads(data)


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
    early: dict[str, dict[str, list[Finding]]] = {}
    for engine in run:
        if engine.run_many is not None and len(texts) > 1:
            try:
                early[engine.name] = engine.run_many([(path.as_posix(), text) for path, text in texts.items()])
            except Unavailable:
                early[engine.name] = {}  # asked again file by file, where the reason is noted
    for path in task.paths:
        if path in errors:
            yield Answer(path, failed(path, errors[path]))
            continue
        name = path.as_posix()
        more = list((task.more or {}).get(name, ()))
        for answers in early.values():
            more += answers.get(name, ())
        missing = [engine for engine in run if name not in early.get(engine.name, {})]
        yield Answer(path, _guarded(path, texts[path], task.reviewers, missing, more))


def _guarded(
    path: Path, text: str, reviewers: Sequence[Reviewer], run: Sequence[Engine], more: list[Finding]
) -> FileReview:
    try:
        return review_text(path, text, reviewers=reviewers, run=run, more=more)
    except Exception as error:  # noqa: BLE001 - one file must never stop the others
        return failed(path, f"a reviewer failed on it: {type(error).__name__}: {error}")


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
