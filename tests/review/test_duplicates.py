"""How grave a copy is: what two files share to the letter, what is only alike, and what a tool keeps alike."""

from __future__ import annotations

import pytest

from suture.analyzers.architecture.duplicate_code import CLOSE as CLOSE_ENOUGH
from suture.analyzers.architecture.duplicate_code import LARGE, PROGRAM_RULE, SAME
from suture.analyzers.findings import Finding

BODY = """
def report(orders, store, since):
    totals, rejected, groups = {}, [], {}
    for order in orders:
        if order.placed < since or order.state == store.CANCELLED:
            rejected.append(order.number)
            continue
        for line in order.lines:
            price = line.price * line.amount - line.discount
            if line.taxed and store.rate > 0:
                price += price * store.rate / 100
            totals[line.article] = totals.get(line.article, 0) + price
            groups.setdefault(line.group, set()).add(line.article)
    best = max(totals.values(), default=0)
    worst = min(totals.values(), default=0)
    return {"totals": totals, "rejected": rejected, "groups": groups, "best": best, "worst": worst}
"""
#: Every tenth step is another one.
ALIKE = BODY.replace("order.placed < since or", "order.paid() and").replace("line.taxed and ", "").replace(
    "price * store.rate / 100", "store.tax(price)"
).replace("line.price * line.amount - line.discount", "line.total()")  # fmt: skip
#: One step in twenty is another one.
CLOSE = BODY.replace("line.price * line.amount - line.discount", "line.total()").replace("order.number)", "order)")
#: A step that no other file has.
OWN = """
    for order in orders:
        if order.kind == {0}:
            order.send("{0}", orders.address[{0}], orders.sender, orders.reply or order.name, copies={0} + len(orders))
    return orders.last({0})
"""


def found(**files: str) -> list[Finding]:
    extracted = {f"/p/shop/{name}.py": PROGRAM_RULE.extract(f"/p/shop/{name}.py", text) for name, text in files.items()}
    return list(PROGRAM_RULE.check(extracted))


@pytest.mark.parametrize(
    ("other", "severity"),
    [(f"LIMIT = 3\n{BODY}", "medium"), (BODY, "low"), (f"LIMIT = 3\n{ALIKE}", "low")],
    ids=["a copy", "a file that is kept the same", "alike today"],
)
def test_a_copy_is_as_grave_as_it_is_exact_and_a_file_that_is_kept_the_same_is_a_hint(
    other: str, severity: str
) -> None:
    assert {each.severity for each in found(one=BODY, other=other)} == {severity}


def test_the_two_of_a_pair_are_as_grave_as_each_other() -> None:
    """A step of the one that the other has not, where the larger one is a large one."""
    one = BODY.replace("            groups.setdefault(line.group, set()).add(line.article)\n", "")
    one = one.replace("    worst = min(totals.values(), default=0)\n", "")
    one = one.replace(', "groups": groups, "best": best, "worst": worst', "").replace(
        ", groups = {}, [], {}", " = {}, []"
    )
    other = one.replace("    best =", "    store.seen(orders)\n    store.done(orders)\n    best =")
    first, second = found(one=one, other=f"LIMIT = 3\n{other}")
    sizes = [int(str(each.evidence[0].data["tokens"])) for each in (first, second)]
    assert sizes[0] < LARGE <= sizes[1]
    assert CLOSE_ENOUGH <= float(str(first.evidence[0].data["same"])) < SAME
    assert first.severity == second.severity == "low"


def test_a_large_copy_within_a_file_is_no_hint_if_it_is_exact() -> None:
    again = BODY.replace("def report", "def summary")
    assert {each.severity for each in found(one=BODY + again)} == {"medium"}
    assert {each.severity for each in found(one=BODY + ALIKE.replace("def report", "def summary"))} == {"low"}


def test_copies_that_are_alike_among_each_other_are_kin() -> None:
    third = BODY.replace("def report", "def summary").replace("best", "top").replace("worst", "least")
    kin = {
        str(each.evidence[0].data["kin"]) for each in found(one=BODY, other=f"X = 1\n{BODY}", third=ALIKE, last=third)
    }
    assert kin == {"/p/shop/last.py:2"}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("since", "start"), "is a copy of"),
        (("order.number)", "store.number)"), "differs only in names and texts from"),
        (('{"totals"', '{"sums"'), "differs only in names and texts from"),
    ],
    ids=["renamed throughout", "one name stands for another in one place", "another text"],
)
def test_what_stands_for_something_else_or_says_something_else_is_not_called_a_copy(
    change: tuple[str, str], said: str
) -> None:
    for each in found(one=BODY, other=f"LIMIT = 3\n{BODY.replace(*change)}"):
        assert f"report() {said} report()" in each.message


def test_what_a_program_asks_of_each_of_its_plug_ins_stays_with_each() -> None:
    def severities(named: str) -> list[str]:
        texts = {f"part_{at}": f"LIMIT = {at}\n{BODY.replace('report', named)}" for at in range(2)}
        others = {f"part_{at}": f"def report(orders):{OWN.format(at)}" for at in range(2, 8)}
        return [each.severity for each in found(**texts, **others)]

    assert severities("report") == ["low", "low"]
    assert severities("summary") == ["medium", "medium"]


def test_of_many_copies_one_finding_names_the_places_of_all() -> None:
    (one,) = found(**{f"part_{at}": f"LIMIT = {at}\n{BODY}" for at in range(4)})
    assert "one of 4)" in one.message
    assert [each.path for each in one.related] == [f"/p/shop/part_{at}.py" for at in range(1, 4)]


SMALL = """
def total(orders, store):
    price = 0
    for order in orders:
        if order.open and order.amount > store.least:
            price += order.price * order.amount - order.discount
        elif order.returned:
            price -= order.price * store.share
    return price + store.sent
"""


@pytest.mark.parametrize(("files", "severity"), [(2, "low"), (3, "medium")])
def test_a_small_copy_is_no_hint_if_three_files_have_it(files: int, severity: str) -> None:
    assert {each.severity for each in found(**{f"part_{at}": f"LIMIT = {at}\n{SMALL}" for at in range(files)})} == {
        severity
    }


@pytest.mark.parametrize(
    ("modules", "other", "severity"), [(8, BODY, "medium"), (8, CLOSE, "low"), (7, CLOSE, "medium")]
)
def test_what_each_of_many_classes_is_asked_for_may_be_alike_but_not_the_same(
    modules: int, other: str, severity: str
) -> None:
    def owned(at: int, text: str) -> str:
        return f"class Part{at}:" + text.replace("\n", "\n    ").replace("report(orders", "report(self, orders")

    texts = {"part_0": owned(0, BODY), "part_1": owned(1, other)}
    others = {f"part_{at}": owned(at, f"\ndef report(orders):{OWN.format(at)}") for at in range(2, modules)}
    assert {each.severity for each in found(**texts, **others)} == {severity}
