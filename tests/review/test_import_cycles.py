"""Cycles of imports in large programs, and of files whose order says nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from suture.analyzers.architecture import import_cycle, loading
from suture.analyzers.findings import Finding


def found_in(texts: dict[str, str]) -> list[Finding]:
    return list(import_cycle.check({path: import_cycle.extract(path, text) for path, text in texts.items()}))


def test_a_cycle_of_very_many_modules_is_found(tmp_path: Path) -> None:
    many = 700
    ring = {
        str(tmp_path / f"m{n}.py"): f"from m{(n + 1) % many} import f{(n + 1) % many}\n\n\ndef f{n}(): ...\n"
        for n in range(many)
    }
    (found,) = found_in(ring)
    assert found.severity == "low"


def test_of_a_module_and_a_package_of_one_name_the_package_counts_in_whatever_order_they_come(tmp_path: Path) -> None:
    (tmp_path / "parts").mkdir()
    (tmp_path / "parts" / "__init__.py").write_text("")
    (tmp_path / "parts" / "shop").mkdir()
    (tmp_path / "parts" / "shop" / "__init__.py").write_text("")
    texts = {
        str(tmp_path / "parts" / "__init__.py"): "",
        str(tmp_path / "parts" / "shop" / "__init__.py"): "from ..orders import order\n\nLIMIT = 1\n",
        str(tmp_path / "parts" / "shop.py"): "LIMIT = 2\n",
        str(tmp_path / "parts" / "orders.py"): "from .shop import LIMIT\n\n\ndef order(): ...\n",
    }
    assert len(found_in(texts)) == 1
    assert found_in(texts) == found_in(dict(reversed(texts.items())))


def test_a_submodule_that_a_package_names_first_is_loaded_for_whoever_asks_for_it(tmp_path: Path) -> None:
    """``tables`` stands below the import that is running, but is a module of its own: it is there when asked for."""
    package = tmp_path / "shop"
    package.mkdir()
    texts = {
        str(package / "__init__.py"): "from . import orders, tables\n",
        str(package / "orders.py"): "from . import stock\n\n\ndef order(): ...\n",
        str(package / "stock.py"): "from . import orders, tables\n\n\ndef reserve(): ...\n",
        str(package / "tables.py"): "LIMIT = 1\n",
    }
    (package / "__init__.py").write_text(texts[str(package / "__init__.py")])
    assert [each.message for each in found_in(texts) if "fails as the first import" in each.message] == []
    texts[str(package / "stock.py")] = "from .orders import order\n\n\ndef reserve(): ...\n"
    assert ["has no 'order' yet" in each.message for each in found_in(texts)] == [True]


def test_who_asks_for_a_part_of_a_package_loads_the_package_first(tmp_path: Path) -> None:
    package = tmp_path / "shop"
    texts = {
        "__init__.py": "from shop.parts.names import NAME\nimport shop.orders\n",
        "parts/__init__.py": "import shop.far\n",
        "parts/names.py": "NAME = 'n'\n",
        "far.py": "from shop.orders import Order\n\n\ndef send(): ...\n",
        "orders.py": "import shop.far\n\n\nclass Order: ...\n",
    }
    for name in texts:
        (package / name).parent.mkdir(parents=True, exist_ok=True)
        (package / name).write_text(texts[name])
    files = {str(package / name): text for name, text in texts.items()}
    assert [each.message for each in found_in(files) if "fails as the first import" in each.message] == []
    files[str(package / "__init__.py")] = "import shop.orders\n"
    assert [each for each in found_in(files) if "fails as the first import" in each.message]


def test_what_stands_still_because_the_steps_are_used_up_does_not_fail(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the play ends, modules stand at imports that they would have gone on from."""
    package = tmp_path / "shop"
    package.mkdir()
    texts = {
        "__init__.py": "import shop.a\n",
        "a.py": "from shop.b import f\n",
        "b.py": "import shop.c1\nimport shop.c2\nimport shop.c3\n\n\ndef f(): ...\n",
        **{f"c{n}.py": "import shop.a\nimport shop.b\n" for n in (1, 2, 3)},
    }
    (package / "__init__.py").write_text(texts["__init__.py"])
    ring = {str(package / name): text for name, text in texts.items()}
    for steps in range(1, 30):
        monkeypatch.setattr(loading, "STEPS", steps)
        assert [each.message for each in found_in(ring) if "fails as the first import" in each.message] == []


def written(folder: Path, texts: dict[str, str]) -> dict[str, str]:
    for name, text in texts.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return {str(folder / name): text for name, text in texts.items()}


def test_what_fails_behind_an_import_in_a_try_is_caught_there(tmp_path: Path) -> None:
    texts = {
        "server.py": "import commands\n\n\ndef serve(): ...\n",
        "commands.py": "try:\n    from extra import EXTRA\nexcept ImportError:\n    EXTRA = None\n",
        "extra.py": "from server import serve\n\nEXTRA = serve\n",
    }
    files = written(tmp_path, texts)
    assert ["fails as the first import" in each.message for each in found_in(files)] == [False]
    files[str(tmp_path / "commands.py")] = "from extra import EXTRA\n"
    assert ["fails as the first import" in each.message for each in found_in(files)] == [True]


def test_an_import_that_several_cycles_fail_at_is_told_with_the_one_that_it_lies_in(tmp_path: Path) -> None:
    texts = {
        "a.py": "import b\n",
        "b.py": "import a\nimport orders\n",
        "orders.py": "import stock\n\n\ndef order(): ...\n",
        "stock.py": "from orders import order\n",
    }
    told = {
        Path(each.path).name: "fails as the first import" in each.message for each in found_in(written(tmp_path, texts))
    }
    assert told == {"a.py": False, "orders.py": True}


def test_a_module_far_down_a_large_package_is_still_tried(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The packages around a module are loaded once for all modules that lie in them, so that the steps last."""
    many, few = 60, 8
    texts = {
        "shop/__init__.py": "".join(f"from shop.m{n} import f{n}\n" for n in range(many)),
        **{f"shop/m{n}.py": f"import shop.m{(n + 1) % many}\n\n\ndef f{n}(): ...\n" for n in range(many)},
        "shop/tools/__init__.py": "",
        **{f"shop/tools/a{n}.py": f"import shop.tools.a{n + 1}\n" for n in range(few)},
        f"shop/tools/a{few}.py": "import shop.tools.y\n",
        "shop/tools/x.py": "import shop.tools.y\n\n\ndef x(): ...\n",
        "shop/tools/y.py": "from shop.tools.x import x\nimport shop.tools.a0\n\n\ndef y(): ...\n",
    }
    monkeypatch.setattr(loading, "STEPS", 600)
    told = [each.message for each in found_in(written(tmp_path, texts)) if "fails as the first import" in each.message]
    assert ["'import shop.tools.x' fails" in each for each in told] == [True]


def test_what_a_module_loads_by_calling_its_own_function_is_there_for_those_below(tmp_path: Path) -> None:
    """The package has loaded all of it before ``orders`` is begun, whichever of them the program names first."""
    texts = {
        "shop/__init__.py": "def begin():\n    from shop.stock import reserve\n\n    return reserve\n\n\nbegin()\n",
        "shop/orders.py": "from shop.stock import reserve\n\n\ndef order(): ...\n",
        "shop/stock.py": "from shop.prices import price\n\n\ndef reserve(): ...\n",
        "shop/prices.py": "from shop.base import base\nimport shop.orders\n\n\ndef price(): ...\n",
        "shop/base.py": "def base(): ...\n",
    }
    texts["shop/orders.py"] = "from shop.base import base\nimport shop.stock\n\n\ndef order(): ...\n"
    texts["shop/prices.py"] = "from shop.orders import order\n\n\ndef price(): ...\n"
    assert ["fails as the first import" in each.message for each in found_in(written(tmp_path, texts))] == [False]
    texts["shop/__init__.py"] = texts["shop/__init__.py"].replace("\nbegin()\n", "\n")
    assert ["fails as the first import" in each.message for each in found_in(written(tmp_path, texts))] == [True]


def test_stubs_are_never_executed_and_stand_for_no_module(tmp_path: Path) -> None:
    texts = {
        "shop/__init__.py": "",
        "shop/orders.py": "from shop.stock import Stock\n\n\nclass Order: ...\n",
        "shop/orders.pyi": "from shop.stock import Stock\n\nclass Order: ...\n",
        "shop/stock.py": "class Stock: ...\n",
        "shop/stock.pyi": "from shop.orders import Order\n\nclass Stock: ...\n",
    }
    files = written(tmp_path, texts)
    assert found_in(files) == []
    files[str(tmp_path / "shop/stock.py")] = "from shop.orders import Order\n\n\nclass Stock: ...\n"
    assert [Path(each.path).name for each in found_in(files)] == ["orders.py"]
