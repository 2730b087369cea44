"""A function's nodes by type are the same, whether they are found by a query or by a walk."""

from __future__ import annotations

import json
import textwrap
from pathlib import Path

import pytest

from suture.analyzers.syntax import ModuleFacts, parse, units_of

ASKED = ("call", "assignment", "for_statement", "await", "async", "==", "string", "if_clause", "return_statement")
OTHERS = ("identifier", "attribute", "lambda")
TOKENS = ("async", "==")

ASYNC = """\
    async def f(items):
        async with open_it() as source:
            return [await g(each) for each in items if each == source and await h() == 1]
"""


@pytest.mark.parametrize(
    "text", [Path(json.__file__).read_text("utf-8"), textwrap.dedent(ASYNC)], ids=["json", "async"]
)
def test_what_a_query_finds_is_what_a_walk_finds(text: str) -> None:
    data = text.encode()
    units = [unit for each in parse(data).root_node.children for unit in units_of("a.py", each, data, ModuleFacts())]
    functions = [unit for unit in units if unit.kind == "function"]
    assert functions
    for unit in functions:
        walked: dict[str, list[tuple[int, int]]] = {}
        stack = [unit.node]
        while stack:
            node = stack.pop()
            if node.is_named or node.type in TOKENS:
                walked.setdefault(node.type, []).append((node.start_byte, node.end_byte))
            stack += reversed(node.children)
        for kind in (*ASKED, *OTHERS):
            nodes = [node for node in unit.index.get(kind, ()) if node.is_named or kind in TOKENS]
            found = [(node.start_byte, node.end_byte) for node in nodes]
            assert found == walked.get(kind, []), kind
            assert (kind in unit.index) == (kind in walked)
        assert set(walked) <= set(unit.index)
