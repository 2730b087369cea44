"""A part of a function becomes a function of its own: which part, its name, its text, and the proof."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from suture.analyzers.engine import analyse
from suture.analyzers.findings import Edit, Finding
from suture.analyzers.sandbox import Sandbox
from suture.healing.improvements import improve
from suture.healing.improvements.extract_function import rewrite
from suture.healing.refactoring.functions import unit_named
from suture.healing.refactoring.measuring import measure

Flagged = Callable[[str, str, str], Finding]

REPORT = '''\
"""Reports."""


def report(orders: list[list[int]], limit: int) -> tuple[int, list[int]]:
    """What was sold."""
    kept: list[int] = []
    for order in orders:
        if order:
            kept.append(len(order))

    # Sum up the prices of large orders.
    total: int = 0
    for order in orders:
        if len(order) > limit:
            for price in order:
                if price > 0:
                    if price % 2:
                        total += price * 2
                    else:
                        total += price  # the rest

    return total, kept


def other() -> int:
    return 1
'''

EXTRACTED = '''\
"""Reports."""


def report(orders: list[list[int]], limit: int) -> tuple[int, list[int]]:
    """What was sold."""
    kept: list[int] = []
    for order in orders:
        if order:
            kept.append(len(order))

    total = _sum_up_prices(orders, limit)

    return total, kept


def _sum_up_prices(orders: list[list[int]], limit: int) -> int:
    # Sum up the prices of large orders.
    total: int = 0
    for order in orders:
        if len(order) > limit:
            for price in order:
                if price > 0:
                    if price % 2:
                        total += price * 2
                    else:
                        total += price  # the rest
    return total


def other() -> int:
    return 1
'''


def first(text: str, finding: Finding) -> str:
    return next((each.text for each in rewrite(text, finding)), "")


def test_the_part_with_a_comment_of_its_own_is_moved_and_named_after_it(flagged: Flagged) -> None:
    assert first(REPORT, flagged(REPORT, "report", "complex-function")) == EXTRACTED


def test_line_endings_and_indentation_of_the_file_are_kept(flagged: Flagged) -> None:
    text = REPORT.replace("    ", "\t").replace("\n", "\r\n")
    expected = EXTRACTED.replace("    ", "\t").replace("\n", "\r\n")
    assert first(text, flagged(text, "report", "complex-function")) == expected


def test_a_part_that_uses_self_becomes_a_method(flagged: Flagged) -> None:
    text = """\
class Cart:
    def add_all(self, rows):
        for row in rows:
            if row:
                while row.next:
                    if row.next in rows:
                        print(row)

        # Collect the prices.
        for row in rows:
            if row.price:
                for part in row.parts:
                    if part in self.known:
                        self.total += part.price
                        self.count += 1

        return self

    def last(self):
        return 1
"""
    new = first(text, flagged(text, "add_all", "complex-function"))
    assert (
        "\n        self._collect_prices(rows)\n\n        return self\n\n    def _collect_prices(self, rows):\n" in new
    )
    assert new.endswith("\n\n    def last(self):\n        return 1\n")


def test_a_part_without_self_becomes_a_static_method(flagged: Flagged) -> None:
    text = """\
class Cart:
    def total_of(self, rows):
        self.rows = rows
        for row in rows:
            if row:
                while row.next:
                    if row.next in rows:
                        print(row)

        # Add up the prices.
        total = 0
        for row in rows:
            if row.price:
                for part in row.parts:
                    if part.known:
                        total += part.price

        return total
"""
    new = first(text, flagged(text, "total_of", "complex-function"))
    assert "total = self._add_up_prices(rows)" in new
    assert "    @staticmethod\n    def _add_up_prices(rows):\n" in new


def test_a_part_that_awaits_is_awaited(flagged: Flagged) -> None:
    text = """\
async def send(rows, out):
    for row in rows:
        if row:
            while row.next:
                if row.next in rows:
                    print(row)

    # Write the rows.
    for row in rows:
        if row:
            async for part in row:
                if part:
                    await out.write(part)
                    await out.flush()

    return rows
"""
    new = first(text, flagged(text, "send", "complex-function"))
    assert "    await _write_rows(rows, out)\n" in new
    assert "async def _write_rows(rows, out):\n" in new


def test_a_continue_becomes_a_return(flagged: Flagged) -> None:
    text = """\
def scan(rows, seen):
    while rows:
        if rows in seen:
            for part in rows:
                if part:
                    print(part)

        for row in rows:
            # Remove what was seen.
            if not row:
                continue
            row.start()
            if row in seen:
                if row > 1:
                    seen.remove(row)
                elif row:
                    seen.append(row)
"""
    new = first(text, flagged(text, "scan", "complex-function"))
    assert "        for row in rows:\n            _remove_seen(seen, row)\n" in new
    assert "    # Remove what was seen.\n    if not row:\n        return\n    row.start()\n" in new


@pytest.mark.parametrize(
    ("why", "head"),
    [
        ("the function is compiled", "@njit\ndef report"),
        ("the function is translated", "@torch.jit.script\ndef report"),
        ("there are two of the name", "def report():\n    pass\n\n\ndef report"),
        ("it is defined under a condition", "if True:\n    pass\n\n\ndef outer():\n  def report"),
    ],
)
def test_it_is_not_offered_if(flagged: Flagged, why: str, head: str) -> None:
    if "outer" in head:
        body = REPORT.partition("def report")[2].partition("\n\n\ndef other")[0]
        text = "def outer():\n    def report" + body.replace("\n", "\n    ") + "\n    return report\n"
    else:
        text = REPORT.replace("def report", head)
    assert not first(text, flagged(text, "report", "complex-function")), why


def test_the_flagged_metric_falls_and_nothing_else_is_flagged_instead(flagged: Flagged) -> None:
    new = first(REPORT, flagged(REPORT, "report", "complex-function"))
    before, caller, helper = unit_named(REPORT, "report"), unit_named(new, "report"), unit_named(new, "_sum_up_prices")
    assert before is not None
    assert caller is not None
    assert helper is not None
    assert max(measure(caller).effort, measure(helper).effort) < measure(before).effort
    assert not [each for each in analyse("m.py", new).findings if each.reviewer == "architecture"]


def test_what_is_simple_stays_whole(flagged: Flagged) -> None:
    once = first(REPORT, flagged(REPORT, "report", "complex-function"))
    assert not first(once, flagged(once, "other", "complex-function"))


LOCKED = """\
class Orders(list):
    def __init__(self, rows, key):
        if sum(map(ord, key)) * len(key) != 9218:
            raise ValueError(key)
        super().__init__(rows)


"""


def edits_for(text: str, name: str, folder: Path, flagged: Flagged, sandbox: Sandbox) -> list[Edit]:
    (folder / "pyproject.toml").write_text("")
    module = folder / "reports.py"
    module.write_text(text)
    return list(improve(folder, module, text, flagged(text, name, "complex-function"), sandbox=sandbox))


def test_the_same_results_on_many_inputs_are_the_proof(flagged: Flagged, tmp_path: Path, sandbox: Sandbox) -> None:
    edits = edits_for(REPORT, "report", tmp_path, flagged, sandbox)
    assert edits[0].verified
    assert [each.kind for each in edits[0].evidence] == ["equivalent"]
    assert edits[0].files[0].apply(REPORT) == EXTRACTED


OPAQUE = (
    REPORT.replace("orders: list[list[int]], limit: int", "orders, limit")
    .replace("    kept: list[int] = []\n", "    assert isinstance(orders, Orders)\n    kept: list[int] = []\n")
    .replace("def report", LOCKED + "def report")
)


@pytest.mark.slow
def test_tests_that_run_the_part_are_a_proof_where_no_input_is_known(
    flagged: Flagged, tmp_path: Path, sandbox: Sandbox
) -> None:
    assert not edits_for(OPAQUE, "report", tmp_path, flagged, sandbox)
    test = (
        "from reports import Orders, report\n\n\n"
        "def test_report():\n    assert report(Orders([[1, 2, 3]], 'zz' + chr(66) * 9), 2) == (10, [3])\n"
    )
    (tmp_path / "test_reports.py").write_text(test)
    edits = edits_for(OPAQUE, "report", tmp_path, flagged, sandbox)
    assert [each.kind for each in edits[0].evidence] == ["tested"]


@pytest.mark.slow
def test_tests_that_do_not_run_the_part_are_no_proof(flagged: Flagged, tmp_path: Path, sandbox: Sandbox) -> None:
    (tmp_path / "test_reports.py").write_text(
        "from reports import other\n\n\ndef test_it():\n    assert other() == 1\n"
    )
    assert not edits_for(OPAQUE, "report", tmp_path, flagged, sandbox)
