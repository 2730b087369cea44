"""Laws that the documentation states: sorted results, no repetitions, pieces that make up the whole, limits.

Checked only on plain items (numbers without nan, text), and only where the name or the docstring says what the law
needs. ``merge`` is judged on sorted inputs only. What pads, drops or overlaps is left alone.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from typing import Any, cast

from .verdict import Facts, Oracle, Trial, Verdict, shown

_SORTED = re.compile(
    r"\b(?:returns?|gives?|as|an?|into|the)\s+(?:\w+\s+){0,4}?(?:sorted|in\s+(?:ascending|increasing)\s+order)\b"
    r"|^\s*(?:sort|merge)\b|\bin\s+(?:ascending|increasing|sorted)\s+order\b",
    re.IGNORECASE,
)
_OTHER_ORDER = re.compile(
    r"\b(?:descending|decreasing|revers\w+|largest|highest|longest|shortest|by|key|unsorted|partial\w*|stable\w* by"
    r"|topological\w*|lexicographic\w*|natural\w*|alphabetic\w*|case|length|frequen\w+|assum\w+|if sorted|is sorted)\b",
    re.IGNORECASE,
)
_NOT_WHOLE = re.compile(
    r"\b(?:drop\w*|pad\w*|fill\w*|discard\w*|only (?:full|complete)|overlap\w*|slid\w+|step|stride|skip\w*|strip\w*"
    r"|trim\w*|ignor\w*|number of|truncat\w*|incomplete)\b",
    re.IGNORECASE,
)
_NOT_DISTINCT = frozenset(
    ("is", "has", "count", "num", "consecutive", "adjacent", "by", "key", "id", "name", "path", "all", "are")
)
_LEFT_OUT = re.compile(r"\b(?:skip|drop|ignor|non-?empty|uniq|dict)", re.IGNORECASE)
_LOW = ("low", "lo", "lower", "minimum", "min", "min_value", "minval", "lower_bound", "floor", "smallest", "min_val")
_HIGH = ("high", "hi", "upper", "maximum", "max", "max_value", "maxval", "upper_bound", "ceiling", "largest", "max_val")

Judge = Callable[[Trial], "tuple[str, str] | None"]


def prepare(facts: Facts) -> Oracle | None:
    if facts.method or facts.certainty == "guessed":
        return None
    judges = [judge for judge in (make(facts) for make in (_sorted, _distinct, _pieces, _flat, _limits)) if judge]
    if not judges:
        return None

    def judge(trial: Trial) -> Verdict | None:
        if trial.result.error is not None:
            return None
        for each in judges:
            found = each(trial)
            if found is not None:
                message, condition = found
                return Verdict("property", "Law", message, trial.case.line, 0.75, condition)
        return None

    return judge


def _plain(values: Any) -> bool:
    """Items of one kind that have an order."""
    kinds: set[Any] = {type(each) for each in values}
    return len(kinds) <= 1 and kinds <= {int, str, float} and not any(each != each for each in values)


def _lists(trial: Trial) -> list[list[Any]]:
    return [each for each in trial.build()[0] if type(each) is list]


def _listed(trial: Trial) -> list[Any] | None:
    """The result, where it is a list."""
    value: Any = trial.value
    return cast("list[Any]", value) if type(value) is list else None


def _sorted(facts: Facts) -> Judge | None:
    words, doc = set(facts.words), " ".join(facts.doc.split())
    merges = bool(words & {"merge", "merged"})
    sorts = bool(words & {"sort", "sorted"}) and not words & {
        "by",
        "key",
        "topological",
        "topo",
        "natural",
        "is",
        "insert",
    }
    # "two sorted lists" says nothing about the result, so merging needs the word "merge" as well
    stated = bool(_SORTED.search(doc)) and not _OTHER_ORDER.search(doc)
    if not stated or not (merges or sorts):
        return None
    keeps = not re.search(r"\b(?:union|uniq\w*|distinct|duplic\w*|dedup\w*)\b", doc, re.IGNORECASE)
    whole = sorts and len(facts.required) == 1 and keeps

    def judge(trial: Trial) -> tuple[str, str] | None:
        given = _lists(trial)
        result = _listed(trial)
        if trial.kwargs or result is None or not given or len(trial.args) != len(facts.required):
            return None
        if not _plain(result) or not all(_plain(each) for each in given):
            return None
        if merges and any(each != sorted(each) for each in given):
            return None
        if result != sorted(result):
            return f"the result {shown(result)} is not sorted", "result == sorted(result)"
        everything = [item for each in given for item in each]
        if not (whole or (merges and keeps and len(given) == len(trial.args))) or not _plain(everything):
            return None
        if Counter(everything) == Counter(result):
            return None
        message = f"gives {shown(result)}, which has not the items it was given"
        return message, f"result == {sorted(everything)!r}"

    return judge


def _distinct(facts: Facts) -> Judge | None:
    words = set(facts.words)
    if not words & {"unique", "uniq", "dedupe", "dedup", "deduplicate", "distinct"} or len(facts.required) != 1:
        return None
    if words & {
        "is",
        "has",
        "count",
        "num",
        "consecutive",
        "adjacent",
        "by",
        "key",
        "id",
        "name",
        "path",
        "all",
        "are",
    }:
        return None
    doc = facts.doc.lower()
    if re.search(r"consecutive|adjacent|neighbou?r|successive|runs?\b|in a row", doc):
        return None

    def judge(trial: Trial) -> tuple[str, str] | None:
        given = _lists(trial)
        result = _listed(trial)
        if trial.kwargs or result is None or len(given) != 1 or len(trial.args) != 1:
            return None
        if not _plain(given[0]) or not _plain(result):
            return None
        if len(set(result)) != len(result):
            return f"the result {shown(result)} still has repetitions", "len(set(result)) == len(result)"
        return None

    return judge


def _pieces(facts: Facts) -> Judge | None:
    words = set(facts.words)
    if not words & {"chunk", "chunks", "chunked", "batched", "batch", "batches", "chunkify", "pieces"}:
        return None
    if _NOT_WHOLE.search(facts.doc) or len(facts.required) != 2:
        return None

    def judge(trial: Trial) -> tuple[str, str] | None:
        pieces = _listed(trial)
        if trial.kwargs or len(trial.args) != 2 or pieces is None:
            return None
        whole, size = trial.build()[0]
        if type(size) is not int or size < 1 or type(whole) not in (list, str, bytes):
            return None
        if not all(type(each) in (list, tuple, str, bytes) for each in pieces):
            return None
        joined = [item for each in pieces for item in each]
        if joined != list(whole):
            condition = f"[item for piece in result for item in piece] == {list(whole)!r}"
            return f"the pieces {shown(pieces)} do not make up {shown(whole)}", condition
        return None

    return judge


def _flat(facts: Facts) -> Judge | None:
    words = set(facts.words)
    if not words & {"flatten", "flattened"} or len(facts.required) != 1:
        return None
    if words & {"dict", "keys", "mapping", "json"} or re.search(
        r"\b(?:skip|drop|ignor|non-?empty|uniq|dict)", facts.doc, re.I
    ):
        return None
    deep = bool(re.search(r"\b(?:deep\w*|arbitrar\w+|recursive\w*|any depth|any level|nested)\b", facts.doc, re.I))

    def judge(trial: Trial) -> tuple[str, str] | None:
        given = _lists(trial)
        result = _listed(trial)
        if trial.kwargs or result is None or len(given) != 1 or len(trial.args) != 1:
            return None
        leaves = _leaves(given[0]) if deep else _one_level(given[0])
        if leaves is None or any(type(each) not in (int, str, float, type(None), bool) for each in leaves):
            return None
        if [repr(each) for each in result] != [repr(each) for each in leaves]:
            return f"gives {shown(result)} for the items {shown(leaves)}", f"result == {leaves!r}"
        return None

    return judge


def _leaves(value: list[Any], depth: int = 0) -> list[Any] | None:
    if depth > 20:
        return None
    found: list[Any] = []
    for each in value:
        if type(each) is list:
            inner = _leaves(each, depth + 1)  # pyright: ignore[reportUnknownArgumentType]
            if inner is None:
                return None
            found += inner
        elif isinstance(each, tuple | set | dict | frozenset):
            return None
        else:
            found.append(each)
    return found


def _one_level(value: list[Any]) -> list[Any] | None:
    if not all(type(each) is list for each in value):
        return None
    return [item for each in value for item in each]


def _limits(facts: Facts) -> Judge | None:
    if not set(facts.words) & {"clamp", "clip", "bound", "limit", "constrain"} or len(facts.parameters) != 3:
        return None
    names = [each.name.lower().strip("_") for each in facts.parameters]
    low = next((place for place, name in enumerate(names) if name in _LOW), None)
    high = next((place for place, name in enumerate(names) if name in _HIGH), None)
    if low is None or high is None or {low, high} == {0, 1}:
        return None
    place = 3 - low - high

    def judge(trial: Trial) -> tuple[str, str] | None:
        args = trial.build()[0]
        if trial.kwargs or len(args) != 3 or any(type(each) not in (int, float) or each != each for each in args):
            return None
        value, bottom, top = args[place], args[low], args[high]
        if bottom > top or type(trial.value) not in (int, float):
            return None
        if any(abs(each) == float("inf") for each in args):
            return None
        wanted = min(max(value, bottom), top)
        if trial.value != wanted:
            return f"gives {shown(trial.value)} for {value!r} between {bottom!r} and {top!r}", f"result == {wanted!r}"
        return None

    return judge
