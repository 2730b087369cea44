"""What a tool says is weighed by the text that it has not looked at."""

from __future__ import annotations

from pathlib import Path

import pytest

from suture.analyzers.findings import REVIEWERS
from suture.analyzers.review import engines_for, review_text

TEMPLATE = """
from jinja2 import BaseLoader, Environment


def build(source, names):
    template = Environment(loader=BaseLoader()).from_string(source)
    return {call}
"""


@pytest.mark.parametrize(
    ("call", "said"),
    [("run_query(template.render(names=names))", False), ("Response(template.render(names=names), 'text/html')", True)],
)
def test_templates_that_are_not_escaped_are_told_where_pages_are_made(call: str, said: bool) -> None:
    run = engines_for(REVIEWERS)
    review = review_text(Path("/project/shop/made.py"), TEMPLATE.format(call=call), reviewers=REVIEWERS, run=run)
    assert any(each.kind == "xss" for each in review.findings) is said
