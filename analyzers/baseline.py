"""Old code wants a baseline: findings that were there when one began are known, and not shown as new.

A finding is recognised by its mark (:mod:`.marks`), never by its line's number, so that it stays known when lines
move, variables are renamed or a function goes to another file; three equal findings in the baseline hide three, not
four. The file holds marks by path and rule, with paths relative to its folder, sorted, for a readable diff.

Invariant: write, read, review again: nothing is new.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple, cast

from .errors import UserError
from .findings import Finding, Json
from .marks import Mark, marks_of, recognised, scopes
from .syntax import parse

FORMAT = 2


@dataclass(frozen=True, slots=True)
class Baseline:
    """Known marks by path; ``folder`` is what the paths are relative to."""

    folder: Path
    known: Mapping[str, tuple[Mark, ...]]

    def of(self, path: Path | str) -> tuple[Mark, ...]:
        """What is known of one file."""
        return self.known.get(relative(path, self.folder), ())


class Marked(NamedTuple):
    """The findings of one file with their marks, and the scopes that the file has."""

    path: str
    findings: tuple[Finding, ...]
    marks: tuple[Mark, ...]
    scopes: Callable[[], AbstractSet[str]]


def marked(path: str, findings: Sequence[Finding], text: str) -> Marked:
    """The marks of the findings of a text; cheap where there are none."""
    if not findings:
        return Marked(path, (), (), frozenset)
    data = text.encode("utf-8", "surrogatepass")
    root = parse(data).root_node
    return Marked(path, tuple(findings), tuple(marks_of(findings, root, data)), cache(lambda: scopes(root, data)))


def relative(path: Path | str, folder: Path) -> str:
    try:
        return Path(os.path.relpath(path, folder)).as_posix()
    except ValueError:  # another drive
        return Path(path).as_posix()


def read_baseline(path: Path) -> Baseline:
    """Raises UserError if the file is missing or is not a baseline."""
    hint = "write one with --write-baseline"
    try:
        loaded: Any = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise UserError(f"the baseline {path} cannot be read: {error}", hint) from error
    known = _known(loaded)
    if known is None:
        raise UserError(f"{path} is not a baseline of this version of Suture", hint)
    return Baseline(path.resolve().parent, known)


def _known(loaded: Any) -> dict[str, tuple[Mark, ...]] | None:
    """The marks in the content of a baseline file, or None if it is something else."""
    if not isinstance(loaded, dict):
        return None
    content = cast("dict[str, Any]", loaded)
    files: Any = content.get("findings")
    if content.get("suture-baseline") != FORMAT or not isinstance(files, dict):
        return None
    known: dict[str, tuple[Mark, ...]] = {}
    for name, rules in cast("dict[str, Any]", files).items():
        if not isinstance(rules, dict):
            return None
        marks: list[Mark | None] = []
        for listed in cast("dict[str, Any]", rules).values():
            if not isinstance(listed, list):
                return None
            marks += [Mark.read(each) if isinstance(each, str) else None for each in cast("list[Any]", listed)]
        if None in marks:
            return None
        known[name] = tuple(each for each in marks if each is not None)
    return known


def write_baseline(path: Path, files: Iterable[Marked], keep: Mapping[str, Mapping[str, Sequence[str]]] = {}) -> int:
    """Write the findings of these files; returns how many they are. Raises UserError if that cannot be done.

    ``keep`` is what an older file says of files that were not looked at (see :func:`others`)."""
    folder = path.resolve().parent
    content: dict[str, Json] = {name: dict(rules) for name, rules in keep.items()}
    count = 0
    for each in files:
        rules: dict[str, list[str]] = {}
        for finding, mark in zip(each.findings, each.marks, strict=True):
            rules.setdefault(finding.rule, []).append(str(mark))
        count += len(each.findings)
        if rules:
            content[relative(each.path, folder)] = {name: sorted(rules[name]) for name in sorted(rules)}
    value: Json = {"suture-baseline": FORMAT, "findings": {name: content[name] for name in sorted(content)}}
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        temporary.write_text(json.dumps(value, indent=1, ensure_ascii=False) + "\n", "utf-8")
        os.replace(temporary, path)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        raise UserError(f"the baseline {path} cannot be written: {error.strerror or error}") from error
    return count


def others(path: Path, looked_at: Iterable[Path]) -> dict[str, Mapping[str, Sequence[str]]]:
    """What the baseline at ``path`` says of files that exist and are not among those ``looked_at``: reviewing a part
    of a project does not forget the rest. Empty if there is no baseline yet."""
    folder = path.resolve().parent
    try:
        loaded: Any = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    if _known(loaded) is None:
        return {}
    seen = {relative(each, folder) for each in looked_at}
    files = cast("dict[str, Mapping[str, Sequence[str]]]", loaded["findings"])
    return {name: rules for name, rules in files.items() if name not in seen and (folder / name).exists()}


def known_in(baseline: Baseline, file: Marked) -> frozenset[int]:
    """Which findings of one file (by index) the baseline knows of that file."""
    return frozenset(recognised(baseline.of(file.path), file.marks, file.scopes))


def known_findings(baseline: Baseline, files: Sequence[Marked]) -> list[frozenset[int]]:
    """For each file the indexes of the findings that are known.

    What is left over of a file that was looked at, or is gone, may be known of code that moved to another file: the
    same statement in a definition of the same name with the same neighbours."""
    result: list[set[int]] = []
    left: list[Mark] = []
    for file in files:
        known = baseline.of(file.path)
        found = recognised(known, file.marks, file.scopes)
        result.append(set(found))
        left += [mark for number, mark in enumerate(known) if number not in found.values()]
    seen = {relative(file.path, baseline.folder) for file in files}
    for name, marks in baseline.known.items():
        if name not in seen and not (baseline.folder / name).exists():
            left += marks
    for file, found in zip(files, result, strict=True):
        for number, mark in enumerate(file.marks):
            if mark.near and number not in found and mark in left:
                left.remove(mark)
                found.add(number)
    return [frozenset(each) for each in result]
