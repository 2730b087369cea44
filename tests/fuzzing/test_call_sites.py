"""How the workspace calls a function, read from its files without running them."""

from __future__ import annotations

from pathlib import Path

import pytest

from suture.analyzers.fuzzing.call_sites import CallSite, call_examples

TARGET = "def scale(values, factor=1):\n    return [each * factor for each in values]\n\nclass Till:\n    def __init__(self, cash): ...\n    def pay(self, amount): ...\n"  # noqa: E501


def sites(tmp_path: Path, code: str, name: str = "scale", **limits: int) -> list[CallSite]:
    package = tmp_path / "shop"
    package.mkdir(exist_ok=True)
    (package / "__init__.py").write_text("")
    (package / "sums.py").write_text(TARGET)
    (tmp_path / "tests").mkdir(exist_ok=True)
    (tmp_path / "tests" / "test_sums.py").write_text(code)
    return list(call_examples(tmp_path, package / "sums.py", name, limit_ms=20_000, **limits))


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("from shop.sums import scale\nscale([1, 2], 3)\n", [("[1, 2]", "3")]),
        ("from shop.sums import scale as s\ns((1.5,), factor=-2)\n", [("(1.5,)",)]),
        ("import shop.sums\nshop.sums.scale([])\n", [("[]",)]),
        ("from shop import sums as m\nm.scale([0])\n", [("[0]",)]),
        ("from shop.sums import *\nscale([0])\n", [("[0]",)]),
        ("from shop.sums import scale\ndef test():\n    data = [4]\n    scale(data, unknown())\n", [("[4]", "")]),
        (
            "import pytest\nfrom shop.sums import scale\n@pytest.mark.parametrize('v, k', [([1], 2), ([3], 4)])\n"
            "def test(v, k):\n    scale(v, k)\n",
            [("[1]", "2")],
        ),
    ],
)
def test_literal_arguments_are_found(tmp_path: Path, code: str, expected: list[tuple[str, ...]]) -> None:
    assert [each.args for each in sites(tmp_path, code)] == expected


@pytest.mark.parametrize(
    "code",
    [
        "from other import scale\nscale([1])\n",
        "from shop.sums import scale\nimage.scale([1])\n",
        "import pytest\nfrom shop.sums import scale\nwith pytest.raises(TypeError):\n    scale([1])\n",
        "from shop.sums import scale\nscale(*[[1]])\n",
        "from shop.sums import scale\nscale(make())\n",
        "from shop.sums import scale\nscale(f'{1}')\n",
        "# shop.sums.scale([1])\n",
    ],
)
def test_other_functions_expected_failures_and_unknown_arguments_are_no_examples(tmp_path: Path, code: str) -> None:
    assert sites(tmp_path, code) == []


def test_methods_and_constructors_of_a_class_are_found(tmp_path: Path) -> None:
    code = "from shop.sums import Till\ntill = Till(5)\ntill.pay(2)\nother.pay(3)\nTill(7).pay(1)\n"
    found = {(each.name, each.args) for each in sites(tmp_path, code, "Till")}
    assert found == {("Till", ("5",)), ("Till.pay", ("2",)), ("Till", ("7",)), ("Till.pay", ("1",))}


def test_the_search_is_bounded_in_files_and_tests_come_first(tmp_path: Path) -> None:
    for number in range(4):
        (tmp_path / f"use_{number}.py").write_text(f"from shop.sums import scale\nscale([{number}])\n")
    found = sites(tmp_path, "from shop.sums import scale\nscale([9])\n", limit_files=3)
    assert [each.args for each in found] == [("[9]",), ("[0]",)]


def test_files_that_do_not_parse_or_cannot_be_read_stop_nothing(tmp_path: Path) -> None:
    (tmp_path / "broken.py").write_text("from shop.sums import scale\ndef (:\nscale([3])\n")
    (tmp_path / "gone.py").symlink_to(tmp_path / "nowhere.py")
    found = sites(tmp_path, "from shop.sums import scale\nscale([1])\n")
    assert ("[1]",) in {each.args for each in found}


def test_a_call_site_survives_its_journey_into_the_sandbox() -> None:
    site = CallSite("f", ("1", ""), (("key", "'a'"),))
    assert CallSite.of(site.to_json()) == site
