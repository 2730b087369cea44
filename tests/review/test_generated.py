"""History and generated code are no copies of each other that anybody could make one of."""

from __future__ import annotations

import pytest

from suture.analyzers.architecture.duplicate_code import PROGRAM_RULE

BODY = """
def dates(graph, node, before):
    seen, waiting = set(), [node]
    while waiting:
        each = waiting.pop()
        for other, edge in graph.edges(each):
            if other in seen or not edge.active:
                continue
            seen.add(other)
            before.setdefault(other, []).append(edge.date + graph.offset)
            if edge.date > graph.latest:
                waiting.append(other)
    return {key: max(values) for key, values in before.items()}
"""


@pytest.mark.parametrize(
    ("head", "reported"), [("", 2), ('down_revision = "84f6b9ff6076"\n', 0), ("# This file is auto-generated.\n", 0)]
)
def test_copies_are_reported_where_somebody_keeps_them(head: str, reported: int) -> None:
    files = {f"/project/shop/{name}.py": head + BODY for name in ("one", "other")}
    found = list(PROGRAM_RULE.check({path: PROGRAM_RULE.extract(path, text) for path, text in files.items()}))
    assert len(found) == reported
