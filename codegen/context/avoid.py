"""Findings to avoid: what the quick reviewers say of the file now, by rule, and what earlier drafts here failed on.

Invariant: of a finding its rule's words are shown, never the text that it is about.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterator

from ...analyzers.engine import all_rules, analyse
from ...analyzers.store import Store
from .pieces import Piece

log = logging.getLogger(__name__)

#: Rules and checks that are told.
MOST_RULES, MOST_CHECKS = 4, 2


def avoid_pieces(text: str, path: str, store: Store | None) -> Iterator[Piece]:
    counts = Counter(each.rule for each in analyse(path, text).findings if each.reviewer)
    summaries = {each.name: each.summary for each in all_rules()}
    for number, (rule, count) in enumerate(counts.most_common(MOST_RULES)):
        said = f"{rule}: {summaries.get(rule, '').rstrip('.')}".rstrip(": ")
        yield Piece("avoid", said + (f" ({count} times)" if count > 1 else ""), 0.5 - 0.04 * number)
    if store is not None:
        yield from _refused(store)


def _refused(store: Store) -> Iterator[Piece]:
    """By what check earlier drafts of this workspace were refused more than once."""
    from ..learning.history import failed_checks

    try:
        counts = Counter(failed_checks(store)).most_common(MOST_CHECKS)
    except Exception as error:  # noqa: BLE001 - a store that fails must not take the answer away
        log.warning("what earlier drafts failed on is not told: %s", error)
        return
    for number, (check, count) in enumerate(counts):
        if count > 1:
            text = f"{count} earlier drafts here were refused by the check of {check}"
            yield Piece("avoid", text, 0.45 - 0.05 * number)
