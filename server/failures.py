"""What the last runs failed by, at the lines where it happened, and what is known to mend it.

A failure stays until the next run that could say something else of it, or an edit of its very line; it moves with its
line meanwhile. Files that are not open have failures too.

Invariant: edits are offered only for the very texts (of all open documents) that they were computed and run on.
Invariant: a keystroke costs a look into a dictionary here, in a document without failures.
It starts nothing and sends nothing.
"""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal
from urllib.parse import unquote

from ..analyzers.findings import Edit, Finding
from .reviews import Change, followed

Object = dict[str, Any]

#: Versions of the open documents, by URI: what a run saw.
Stamp = Mapping[str, int | None]

#: Offers whose outcome can still be told; the oldest go first.
OFFERS = 64


@dataclass(frozen=True, slots=True)
class RunOf:
    """A run that ended. ``selected`` are the test files or tests it was limited to (none: everything); ``tests`` the
    outcome of each test by its id; ``text`` for a traceback that was pasted, of which nothing was run."""

    root: str
    command: tuple[str, ...]
    kind: Literal["tests", "command", "text"]
    selected: tuple[str, ...] = ()
    ok: bool = True
    seconds: float = 0.0
    tests: Mapping[str, str] = field(default_factory=dict[str, str])
    output: str = ""

    def covers(self, failure: Failure) -> bool:
        """Whether this run says what is now of a failure of an earlier one."""
        earlier = failure.run
        if earlier.root != self.root:
            return False
        if earlier.command == self.command and earlier.kind == self.kind:
            return True
        if self.kind != "tests":
            return False
        if not self.selected:
            return earlier.kind == "tests" or (self.ok and earlier.kind == "text")
        return bool(failure.tests) and all(
            test in self.tests or any(_within(test, each) for each in self.selected) for test in failure.tests
        )


def _within(test: str, selected: str) -> bool:
    return test == selected or test.startswith((f"{selected}::", f"{selected}["))


@dataclass(frozen=True, slots=True)
class Failure:
    """One failure where it is shown. ``fault`` is the worker's JSON of it; ``edits`` came with a pasted traceback."""

    ident: str
    uri: str
    finding: Finding
    fault: Mapping[str, Any]
    run: RunOf
    edits: tuple[Edit, ...] | None = None

    @property
    def tests(self) -> tuple[str, ...]:
        return tuple(self.fault.get("tests") or ())


@dataclass(frozen=True, slots=True)
class Mended:
    """Edits for a failure, and the texts that they were run on."""

    stamp: Stamp
    edits: tuple[Edit, ...]
    note: str = ""


@dataclass(frozen=True, slots=True)
class Offer:
    """An edit that was shown to the person: what is told to the records when it is applied or taken back."""

    root: str
    edit: Edit
    source: Literal["command", "finding"]
    fault: Mapping[str, Any] | None = None
    texts: Mapping[str, str] = field(default_factory=dict[str, str])  # by path: what the edit applies to


@dataclass
class Failures:
    """All of one session."""

    by_uri: dict[str, dict[str, Failure]] = field(default_factory=dict[str, dict[str, Failure]])
    mended: dict[str, Mended] = field(default_factory=dict[str, Mended])
    outcomes: dict[tuple[str, str], str] = field(default_factory=dict[tuple[str, str], str])  # (root, test id)
    last: RunOf | None = None
    offers: OrderedDict[str, Offer] = field(default_factory=OrderedDict[str, Offer])

    def of(self, uri: str) -> tuple[Failure, ...]:
        """The failures in a file."""
        return tuple(self.by_uri.get(unquote(uri), {}).values()) if self.by_uri else ()

    def get(self, ident: str) -> Failure | None:
        return next((found[ident] for found in self.by_uri.values() if ident in found), None)

    def all(self) -> Iterable[Failure]:
        for found in self.by_uri.values():
            yield from found.values()

    def edit(self, uri: str, changes: Sequence[Change | None]) -> None:
        """Follow the changes of a document: what was edited away is not shown any more."""
        found = self.by_uri.get(unquote(uri))
        if found is None:
            return
        kept: dict[str, Failure] = {}
        for ident, failure in found.items():
            for finding in followed((failure.finding,), changes):
                kept[ident] = failure if finding is failure.finding else replace(failure, finding=finding)
        self._put(unquote(uri), kept)

    def take(self, run: RunOf, failures: Iterable[Failure]) -> set[str]:
        """A run ended. Returns the URIs whose failures changed."""
        fresh: dict[str, dict[str, Failure]] = {}
        for each in failures:
            fresh.setdefault(unquote(each.uri), {})[each.ident] = each
        changed: set[str] = set()
        for uri in {*self.by_uri, *fresh}:
            before = self.by_uri.get(uri, {})
            after = {ident: each for ident, each in before.items() if not run.covers(each)} | fresh.get(uri, {})
            if after != before:
                changed |= {each.uri for each in (*before.values(), *after.values())}
                self._put(uri, after)
        if run.kind == "tests":
            self._tell_outcomes(run)
        if run.kind != "text":
            self.last = run
        known = {each.ident for each in self.all()}
        self.mended = {ident: each for ident, each in self.mended.items() if ident in known}
        return changed

    def drop(self, ident: str) -> str:
        """A failure is over. Returns the URI it was in; empty if it was not known."""
        for uri, found in self.by_uri.items():
            if ident in found:
                self._put(uri, {key: each for key, each in found.items() if key != ident})
                return found[ident].uri
        return ""

    def _put(self, uri: str, found: dict[str, Failure]) -> None:
        if found:
            self.by_uri[uri] = found
        else:
            self.by_uri.pop(uri, None)

    def _tell_outcomes(self, run: RunOf) -> None:
        if not run.selected:
            self.outcomes = {key: each for key, each in self.outcomes.items() if key[0] != run.root}
        for ident, outcome in run.tests.items():
            self.outcomes[run.root, ident] = outcome

    def outcome(self, root: str, ident: str) -> str:
        """What became of a test (of all its parameters together) when it was last run; empty if it was not."""
        found = self.outcomes.get((root, ident), "")
        several = [each for (where, name), each in self.outcomes.items() if where == root and _within(name, ident)]
        for outcome in ("failed", "passed", "skipped"):
            if outcome in several:
                return outcome
        return found

    # -- edits

    def ready(self, ident: str, now: Stamp) -> Mended | None:
        """Edits that are known to mend a failure, if no open document changed since. None where none was found: it may
        be looked for again."""
        known = self.mended.get(ident)
        return known if known is not None and known.stamp == now and known.edits else None

    def offer(self, offer: Offer) -> str:
        """Remember what is shown; returns the name by which :data:`APPLIED` tells that it was taken."""
        edit = offer.edit
        basis = [edit.title, offer.root]
        for file in edit.files:
            basis += [file.path, file.base, *(f"{each.start}:{each.end}:{each.text}" for each in file.replacements)]
        ident = hashlib.sha256("\0".join(basis).encode("utf-8", "surrogatepass")).hexdigest()[:16]
        self.offers[ident] = offer
        self.offers.move_to_end(ident)
        while len(self.offers) > OFFERS:
            self.offers.popitem(last=False)
        return ident


#: The command that a code action carries, so that the server hears of it when its edit was applied.
APPLIED = "suture.heal.applied"


def identify(finding: Finding, line_text: str) -> str:
    """The same for the same failure of the same line, wherever the line is."""
    basis = "\0".join((finding.path, finding.rule, finding.message.split("\n")[0], line_text.strip()))
    return "run-" + hashlib.sha256(basis.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def title_of(failure: Failure) -> str:
    """The failure in one line, for the title of an action."""
    first = failure.finding.message.split("\n")[0]
    return first if len(first) <= 90 else first[:89] + "…"


def counted(run: Mapping[str, Any]) -> str:
    """``2 failed, 14 passed, 0.8 s`` or ``exit 1, 0.3 s``, of a worker's run."""
    tests: Mapping[str, str] = run.get("tests") or {}
    seconds = f"{float(run.get('seconds') or 0):.1f} s"
    if not tests:
        return f"exit {run['status']}, {seconds}"
    parts: list[str] = []
    for outcome in ("failed", "passed", "skipped"):
        number = sum(each == outcome for each in tests.values())
        if number or outcome == "passed":
            parts.append(f"{number} {outcome}")
    return ", ".join([*parts, seconds])


def uri_of(path: str) -> str:
    return Path(path).as_uri()
