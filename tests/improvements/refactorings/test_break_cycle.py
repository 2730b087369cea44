"""A cycle of imports is broken where an import need not run while its module loads, and nowhere else."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from suture.analyzers.architecture import import_cycle
from suture.analyzers.findings import Edit, Finding
from suture.analyzers.sandbox import Sandbox
from suture.healing.improvements import improve
from suture.healing.improvements.break_cycle import rewrite

ORDERS = '''\
"""Orders."""

from shop.customers import Customer


class Order:
    def __init__(self, customer: Customer) -> None:
        self.customer = customer


def first_order() -> Order:
    return Order(Customer("first"))
'''
CUSTOMERS = '''\
"""Customers."""

import os

from shop import orders


class Customer:
    def __init__(self, name: str) -> None:
        self.name = name + os.sep

    def order(self):
        """A new order."""
        return orders.Order(self)
'''

Shop = Callable[..., Path]


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    """A package with these modules; its folder."""

    def make(**modules: str) -> Path:
        folder = tmp_path / "shop"
        folder.mkdir()
        (tmp_path / "pyproject.toml").write_text("")
        (folder / "__init__.py").write_text("")
        for name, text in modules.items():
            (folder / f"{name}.py").write_text(text)
        return folder

    return make


def finding_in(folder: Path) -> tuple[Finding, str]:
    files = {each.as_posix(): import_cycle.extract(each.as_posix(), each.read_text()) for each in folder.glob("*.py")}
    found = list(import_cycle.check(files))
    assert len(found) == 1
    return found[0], Path(found[0].path).read_text()


def texts_after(folder: Path) -> dict[str, str]:
    """File name → new text, of the files that the rewrite changes."""
    finding, text = finding_in(folder)
    for each in rewrite(text, finding):
        changed = {finding.path: each.text, **each.files}
        return {Path(name).name: new for name, new in changed.items() if new != Path(name).read_text()}
    return {}


def test_an_import_that_only_functions_use_goes_into_them(shop: Shop) -> None:
    changed = texts_after(shop(orders=ORDERS, customers=CUSTOMERS))
    assert changed == {
        "customers.py": '''\
"""Customers."""

import os


class Customer:
    def __init__(self, name: str) -> None:
        self.name = name + os.sep

    def order(self):
        """A new order."""

        from shop import orders

        return orders.Order(self)
'''
    }


def test_an_import_that_only_annotations_use_goes_under_type_checking(shop: Shop) -> None:
    customers = """\
from __future__ import annotations

import os

from shop.orders import Order


class Customer:
    def last(self, orders: list[Order]) -> Order | None:
        return orders[-1] if orders else None
"""
    changed = texts_after(shop(orders=ORDERS, customers=customers))
    assert (
        changed["customers.py"]
        == """\
from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from shop.orders import Order


class Customer:
    def last(self, orders: list[Order]) -> Order | None:
        return orders[-1] if orders else None
"""
    )


def test_annotations_that_are_evaluated_become_strings(shop: Shop) -> None:
    customers = "from shop.orders import Order\n\n\ndef last(orders: list[Order]) -> Order:\n    return orders[-1]\n"
    orders = "from shop.customers import last\n\n\nclass Order:\n    pass\n\n\nLAST = last([Order()])\n"
    changed = texts_after(shop(orders=orders, customers=customers))
    assert 'def last(orders: "list[Order]") -> "Order":' in changed["customers.py"]


@pytest.mark.parametrize(
    ("why", "customers"),
    [
        ("a class is derived from it", "from shop.orders import Order\n\n\nclass Customer(Order):\n    pass\n"),
        ("a default is made of it", "from shop import orders\n\n\ndef f(x=orders.LIMIT):\n    return x, orders\n"),
        ("a decorator uses it", "from shop import orders\n\n\n@orders.mark\ndef f():\n    return orders\n"),
        ("the module uses it", "from shop import orders\n\nLIMIT = orders.LIMIT\n"),
        ("it is exported", "from shop import orders\n\n__all__ = ['orders']\n\n\ndef f():\n    return orders\n"),
        ("it is meant for others", "from shop import orders as orders\n\n\ndef f():\n    return orders\n"),
        ("names are looked up", "from shop import orders\n\n\ndef f():\n    return orders, globals()\n"),
        (
            "it is bound again",
            "from shop import orders\n\n\ndef f(orders):\n    return orders\n\n\ndef g():\n    orders\n",
        ),
        ("it is nowhere used", "from shop import orders\n"),
        ("all names come with it", "from shop.orders import *\n\n\ndef f():\n    return Order\n"),
        ("annotations are read", "import pydantic\nfrom shop import orders\n\n\ndef f(x: orders.O):\n    pass\n"),
        ("it loads under a condition", "try:\n    from shop import orders\nexcept ImportError:\n    orders = None\n"),
    ],
)
def test_an_import_stays_where_it_is_if(shop: Shop, why: str, customers: str) -> None:
    orders = "from shop import customers\n\nLIMIT = 1\nVALUE = customers.__name__\n\n\nclass Order:\n    pass\n"
    assert texts_after(shop(orders=orders, customers=customers)) == {}, why


def test_an_import_stays_if_another_file_takes_the_name_from_there(shop: Shop) -> None:
    orders = "from shop import customers\n\nNAME = customers.__name__\n"
    customers = "from shop import orders\n\n\ndef f():\n    return orders\n"
    folder = shop(orders=orders, customers=customers, other="MOCKED = 'shop.customers.orders'\n")
    assert texts_after(folder) == {}


def test_the_edit_is_proven_by_importing_each_module_first(shop: Shop, sandbox: Sandbox) -> None:
    orders = "from shop.customers import Customer\n\n\nclass Order:\n    owner = Customer('nobody')\n"
    customers = CUSTOMERS.replace("from shop import orders", "from shop.orders import Order").replace(
        "orders.Order", "Order"
    )
    folder = shop(orders=orders, customers=customers)
    finding, text = finding_in(folder)
    edits: list[Edit] = list(improve(folder.parent, Path(finding.path), text, finding, sandbox=sandbox))
    assert len(edits) == 1
    assert [each.kind for each in edits[0].evidence] == ["ran"]
    assert edits[0].evidence[0].data["before"] == 2
    assert edits[0].evidence[0].summary.endswith("in a fresh process; before, 2 failed")
    programs = edits[0].evidence[0].data["programs"]
    assert isinstance(programs, list)
    assert "from shop.orders import Order" in str(programs[-1])  # as the function that it went into will
    failed, works = ([each[when] for each in programs if isinstance(each, dict)] for when in ("before", "after"))
    assert ["partially initialized" in str(each) for each in failed] == [True, True, True]
    assert works == ["works"] * 3
    changed = {each.path: each.apply(Path(each.path).read_text()) for each in edits[0].files}
    for name, new in changed.items():
        Path(name).write_text(new)
    files = {each.as_posix(): import_cycle.extract(each.as_posix(), each.read_text()) for each in folder.glob("*.py")}
    assert not list(import_cycle.check(files))


def test_an_edit_after_which_a_test_fails_is_not_offered(shop: Shop, sandbox: Sandbox) -> None:
    folder = shop(orders=ORDERS, customers=CUSTOMERS)
    test = "import shop.orders, shop.customers\n\n\ndef test_it():\n    assert hasattr(shop.customers, 'ord' + 'ers')\n"
    (folder.parent / "test_customers.py").write_text(test)
    finding, text = finding_in(folder)
    assert not list(improve(folder.parent, Path(finding.path), text, finding, sandbox=sandbox))
