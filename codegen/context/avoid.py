"""Findings to avoid: what the quick reviewers say of the file now, by rule, and what earlier drafts here failed on.

Invariant: of a finding its rule's words are shown, never the text that it is about.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from ...analyzers.engine import all_rules, analyse
from ...analyzers.store import Store
from .pieces import Piece

#: Rules that are told.
MOST_RULES = 4


def avoid_pieces(text: str, path: str, store: Store | None) -> Iterator[Piece]:
    counts = Counter(each.rule for each in analyse(path, text).findings if each.reviewer)
    summaries = {each.name: each.summary for each in all_rules()}
    for number, (rule, count) in enumerate(counts.most_common(MOST_RULES)):
        said = f"{rule}: {summaries.get(rule, '').rstrip('.')}".rstrip(": ")
        yield Piece("avoid", said + (f" ({count} times)" if count > 1 else ""), 0.5 - 0.04 * number)
    del store
