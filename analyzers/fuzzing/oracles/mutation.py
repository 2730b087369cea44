"""Arguments and defaults that a call changes without saying so.

Saying so are: a verb of changing in the name (``update_…``, ``sort…``), a docstring that speaks of it, a parameter
that is named as a place for results or working memory (``out``, ``stack``), returning nothing, and returning the very
object that was changed.
"""

from __future__ import annotations

from typing import Any

from .equality import same
from .verdict import Case, Facts, Oracle, Trial, Verdict

_VERBS = frozenset(
    (
        *("add", "append", "apply", "assign", "attach", "bump", "clear", "consume", "decrement", "delete", "dequeue"),
        *("discard", "drain", "drop", "dump", "eat", "emit", "enqueue", "ensure", "enrich", "evict", "exhaust"),
        *("extend", "extract", "feed", "fill", "fix", "flush", "heapify", "heappop", "heappush", "increment", "init"),
        *("inject", "inplace", "insert", "inc", "install", "mark", "migrate", "modify", "move", "mutate", "next"),
        *("parse", "patch", "permute", "place", "pop", "populate", "process", "prune", "pull", "purge", "push", "put"),
        *("read", "record", "register", "relax", "remove", "rename", "reorder", "reset", "resize", "restore"),
        *("reverse", "rotate", "schedule", "send", "set", "setdefault", "shift", "shuffle", "sift", "sort", "step"),
        *("store", "swap", "take", "toggle", "truncate", "unset", "update", "upsert", "visit", "walk", "write"),
    )
)
_PLACES = (
    *("acc", "bag", "buf", "cache", "context", "ctx", "dest", "dst", "env", "errors", "frontier", "heap", "history"),
    *("inout", "into", "log", "memo", "out", "output", "path", "pending", "queue", "registry", "result", "results"),
    *("scope", "seen", "self", "sink", "stack", "state", "store", "stream", "target", "todo", "tokens", "visited"),
    *("counts", "counter", "graph", "grid", "board", "matrix", "table", "parent", "parents", "totals", "work", "tree"),
)


def judge_mutation(before: tuple[Any, ...], after: tuple[Any, ...], value: Any, case: Case) -> Verdict | None:
    """An argument that changed although the documentation says that it does not."""
    contract = case.contract
    if not contract.left_alone or case.method:
        return None
    if _changed(before, after) is None:
        return None
    return Verdict(
        "mutation", "ArgumentMutated", "changes its argument, which its documentation rules out", case.line, 0.9
    )


def prepare(facts: Facts) -> Oracle | None:
    """For targets that nothing tells to change what they are given."""
    contract = facts.contract
    if facts.method or facts.node is None or contract.in_place or contract.left_alone or facts.certainty == "guessed":
        return None
    if facts.certainty == "inferred" and not facts.doc:
        return None
    if _VERBS & set(facts.words) or facts.last_name.startswith("_"):
        return None
    names = [each.name for each in facts.parameters]

    def judge(trial: Trial) -> Verdict | None:
        error = trial.result.error
        if error is not None or trial.value is None:
            return None
        if not any(isinstance(each, list | dict | set | bytearray) for each in trial.args):
            return None
        place = _changed(trial.build()[0], trial.args)
        if place is None or place >= len(names) or _is_place(names[place]):
            return None
        if any(trial.value is each for each in trial.args):
            return None
        message = f"changes its argument {names[place]}, and nothing says that it does"
        return Verdict("mutation", "ArgumentMutated", message, trial.case.line, 0.65)

    return judge


def _is_place(name: str) -> bool:
    parts = name.lower().strip("_").split("_")
    return parts[-1] in _PLACES or parts[0] in _PLACES


def _changed(before: tuple[Any, ...], after: tuple[Any, ...]) -> int | None:
    """The position of the first mutable argument that is no longer what it was."""
    for place, (was, now) in enumerate(zip(before, after, strict=False)):
        if isinstance(was, list | dict | set | bytearray) and not same(was, now):
            return place
    return None


def judge_default(
    before: tuple[Any, ...], after: tuple[Any, ...], names: tuple[str, ...], case: Case
) -> Verdict | None:
    """A mutable default that a call has changed: the next call starts from another value."""
    for was, now, name in zip(before, after, names, strict=False):
        remembers = any(
            word in name.lower()
            for word in ("cache", "memo", "seen", "state", "counter", "registry", "store", "visited", "_")
        )
        if isinstance(was, list | dict | set) and not same(was, now) and not remembers:
            return Verdict(
                "mutation",
                "DefaultMutated",
                f"changes the default of {name}, so the next call starts from it",
                case.line,
                0.85,
            )
    return None
