"""Rows are fetched with the rows of a loop where that is the same, on databases that were made for it."""

from __future__ import annotations

from pathlib import Path

import pytest

from suture.analyzers.engine import analyse
from suture.analyzers.findings import Finding
from suture.analyzers.performance.relation_in_loop import PROGRAM_RULE
from suture.analyzers.sandbox import Sandbox
from suture.healing.improvements import improve
from suture.healing.improvements.fetched_together import rewrite
from suture.healing.proving import FASTER

HEAD = "from .models import Customer, Order\n\n\n"
MODELS = """\
from django.db import models


class Customer(models.Model):
    name = models.CharField(max_length=40)


class Order(models.Model):
    number = models.IntegerField()
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE)
    adviser = models.ForeignKey(Customer, null=True, related_name="+", on_delete=models.SET_NULL)


class Line(models.Model):
    order = models.ForeignKey(Order, related_name="lines", on_delete=models.CASCADE)
    product = models.CharField(max_length=40)
"""
LINES = """\
def products():
    listed = []
    for order in Order.objects.order_by("pk"):
        for line in order.lines.all():
            listed.append((order.number, line.product))
    return listed
"""
NAMES = """\
def names():
    return [Customer.objects.get(pk=order.customer_id).name for order in Order.objects.order_by("pk")]
"""
READ = """\
def names():
    listed = []
    for order in Order.objects.order_by("pk"):
        listed.append((order.number, order.customer.name))
    return listed
"""
ADVISERS = NAMES.replace("customer_id", "adviser_id")
PREFETCHED = LINES.replace('order_by("pk"):', 'order_by("pk").prefetch_related("lines"):')
SELECTED = NAMES.replace("Customer.objects.get(pk=order.customer_id)", "order.customer").replace(
    'order_by("pk")', 'order_by("pk").select_related("customer")'
)
READ_WITH = READ.replace('order_by("pk"):', 'order_by("pk").select_related("customer"):')


def finding_in(text: str, path: str = "/project/shop/reports.py") -> Finding:
    (found,) = n_plus_1(text, path)
    return found


def n_plus_1(text: str, path: str = "/project/shop/reports.py") -> list[Finding]:
    files = {"/project/shop/models.py": MODELS, path: text}
    relations = PROGRAM_RULE.check({name: PROGRAM_RULE.extract(name, each) for name, each in files.items()})
    return [*(each for each in analyse(path, text).findings if each.kind == "n_plus_1"), *relations]


@pytest.mark.parametrize(("before", "after"), [(LINES, PREFETCHED), (NAMES, SELECTED), (READ, READ_WITH)])
def test_what_is_proposed_is_the_text_after(before: str, after: str) -> None:
    text = HEAD + before
    (proposed,) = rewrite(text, finding_in(text))
    assert proposed.text == HEAD + after
    assert not n_plus_1(proposed.text)


@pytest.mark.parametrize(
    "before",
    [
        LINES.replace(".all()", '.filter(product="x")'),  # asks anew, whatever was fetched
        LINES.replace('Order.objects.order_by("pk")', 'Order.objects.order_by("pk").iterator()'),
        NAMES.replace("pk=", "name="),
        "class Report:\n" + "".join(f"    {line}\n" for line in LINES.replace("()", "(self)", 1).splitlines()),
    ],
)
def test_what_would_help_nothing_is_not_proposed(before: str) -> None:
    text = HEAD + before
    assert list(rewrite(text, finding_in(text))) == []


@pytest.mark.slow
@pytest.mark.parametrize(
    ("before", "after", "queries"),
    [
        (LINES, PREFETCHED, [151, 2]),
        (NAMES, SELECTED, [151, 1]),
        (READ, READ_WITH, [151, 1]),
        (ADVISERS, "", []),
    ],
)
def test_a_fix_is_proven_on_databases_or_not_offered(
    sandbox: Sandbox, tmp_path: Path, before: str, after: str, queries: list[int]
) -> None:
    """An adviser may be missing: the query fails for it, what was fetched together is None."""
    path = tmp_path / "shop" / "reports.py"
    path.parent.mkdir()
    (path.parent / "__init__.py").write_text("")
    (path.parent / "models.py").write_text(MODELS)
    text = HEAD + before
    path.write_text(text)
    refused: list[str] = []
    finding = finding_in(text, path.as_posix())
    edits = list(
        improve(
            tmp_path, path, text, finding, sandbox=sandbox, tests=False, on_refused=lambda _, why: refused.append(why)
        )
    )
    if not after:
        assert edits == []
        assert "differs on a database" in refused[0]
        return
    assert refused == []
    (edit,) = edits
    assert edit.files[0].apply(text) == HEAD + after
    kinds = {each.kind: each.data for each in edit.evidence}
    assert kinds["equivalent"]["same"] == kinds["equivalent"]["inputs"] == 21
    assert kinds["measured"]["queries"] == [[150, *queries]]
    ratio = kinds["measured"]["ratio"]
    assert isinstance(ratio, float)
    assert ratio >= FASTER
