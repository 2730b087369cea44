"""Small changes of tokens around a place, of which those are kept after which the file parses.

Invariant: what is yielded has no syntax error for the grammar, or (marked partial) its first error lies further down.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from ..grammar import Splice, splice
from ..repair import Context, Draft
from .syntax import Syntax

Change = tuple[str, tuple[Splice, ...], float]


def parsing(context: Context, changes: Iterable[Change], most: int = 12, tried: int = 400) -> Iterator[Draft]:
    """Of (title, splices, prior) the most plausible ones after which the file parses; if none does, those that move
    the first error down, marked partial."""
    before = Syntax(context.text, context.name)
    first = before.verdict()
    partial: list[tuple[int, Draft]] = []
    seen: set[str] = set()
    count = 0
    for title, splices, prior in sorted(changes, key=lambda item: -item[2])[:tried]:
        text = splice(context.text, splices)
        if text in seen or text == context.text:
            continue
        seen.add(text)
        verdict = before.after(splices)
        draft = Draft(title, {context.name: text}, prior)
        if not verdict.errors:
            yield draft
            count += 1
            if count >= most:
                return
        elif verdict.errors < first.errors or (verdict.first > first.first and verdict.errors <= first.errors):
            partial.append((verdict.errors, replace(draft, prior=prior * 0.5, partial=True)))
    if not count:
        partial.sort(key=lambda item: (item[0], -item[1].prior))
        yield from (draft for _, draft in partial[:3])
