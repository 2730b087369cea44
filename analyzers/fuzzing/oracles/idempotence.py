"""Doing it twice changes nothing more, where the name or the documentation promises that: ``f(f(x)) == f(x)``.

A docstring that says "idempotent" (or the equation) is taken at its word. A name alone (``slugify``, ``dedupe``)
counts only for text and collections, with one argument, ASCII, and a result of the argument's own type: scaling
numbers twice is another thing, and Unicode has its own exceptions.
"""

from __future__ import annotations

import re
from typing import Any

from .equality import same
from .verdict import Facts, Oracle, Trial, Verdict, shown

_TEXT_WORDS = frozenset(
    (
        *("normalize", "normalise", "normalized", "normalised", "canonicalize", "canonicalise", "canonical", "slugify"),
        *("slug", "dedent", "squeeze", "kebab", "snakecase", "standardize", "standardise"),
    )
)
_COLLECTION_WORDS = frozenset(("dedupe", "deduplicate", "uniq", "unique", "sort", "sorted", "dedup"))
#: With one of these in its name a function takes one layer off, or means a state rather than a value.
_OTHERWISE = frozenset(
    ("unnormalize", "denormalize", "denormalise", "partial", "step", "once", "one", "key", "by", "index")
)
_STATED = re.compile(
    r"""\bidempotent\b
    | \b(?: \w+ing\s+(?:an?\s+|the\s+)?\w+ed\b | twice\b | a\s+second\s+time\b ) [^.;]{0,40}
      \b(?: changes?\s+nothing | no\s+(?:further\s+)?(?:effect|change) | (?:gives|is|returns)\s+the\s+same )\b""",
    re.IGNORECASE | re.VERBOSE,
)
_DENIED = re.compile(r"\bnot idempotent\b", re.IGNORECASE)


def prepare(facts: Facts) -> Oracle | None:
    if facts.method or len(facts.required) != 1 or facts.required[0].kind != "positional":
        return None
    name = re.escape(facts.last_name)
    equation = re.search(rf"\b{name}\(\s*{name}\(\s*(\w+)\s*\)\s*\)\s*==?\s*{name}\(\s*\1\s*\)", facts.doc)
    stated = bool((_STATED.search(facts.doc) or equation) and not _DENIED.search(facts.doc))
    words = set(facts.words)
    named = not stated and not words & _OTHERWISE and facts.certainty in ("annotated", "documented")
    for_text = named and bool(words & _TEXT_WORDS)
    for_lists = named and bool(words & _COLLECTION_WORDS) and not facts.doc.lower().count("revers")
    if not (stated or for_text or for_lists):
        return None

    def judge(trial: Trial) -> Verdict | None:
        once = trial.value
        if trial.result.error is not None or len(trial.args) != 1 or (trial.kwargs and not stated):
            return None
        if not stated and not _ordinary(trial.build()[0][0], once, for_text):
            return None
        kept = _copied(once)
        again = trial.call(facts.function, (once, *trial.args[1:]), trial.kwargs)
        if again.hung or (again.error is not None and not stated):
            return None
        if again.error is None and same(kept, again.value, close=True):
            return None
        got = f"raises {type(again.error).__name__}" if again.error is not None else f"gives {shown(again.value)}"
        message = f"doing it again changes the result: {facts.last_name}({shown(kept)}) {got}"
        return Verdict("property", "Idempotence", message, trial.case.line, 0.9 if stated else 0.6)

    return judge


def _copied(value: Any) -> Any:
    import copy

    copied: Any = copy.deepcopy(value)  # pyright: ignore[reportUnknownArgumentType]
    return copied


def _ordinary(given: Any, once: Any, for_text: bool) -> bool:
    if type(given) is not type(once):
        return False
    if isinstance(given, str):
        return for_text and given.isascii() and once.isascii() and given.isprintable()
    if isinstance(given, list | tuple) and not for_text:
        items: list[Any] = [*given, *once]
        return all(isinstance(each, int | str) and not isinstance(each, bool) for each in items)
    return False
