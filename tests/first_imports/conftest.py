"""A workspace of a few modules, what the rule says of them, and what came of importing them first."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from suture.analyzers.architecture import import_cycle
from suture.analyzers.findings import Finding
from suture.analyzers.first_imports import Entry, FirstImport, import_first
from suture.analyzers.sandbox import Sandbox

Write = Callable[[dict[str, str]], Path]
First = Callable[..., FirstImport]

ORDERS = "from store.stock import reserve\n\n\ndef order(name):\n    return reserve(name)\n"
STOCK = "from store.orders import order\n\n\ndef reserve(name):\n    return order and len(name)\n"
#: ``store.orders`` cannot be imported before ``store.stock``, nor the other way round.
FAILING = {"store/__init__.py": "", "store/orders.py": ORDERS, "store/stock.py": STOCK}
#: The same, but for an import that never runs.
WORKING = {**FAILING, "store/stock.py": STOCK.replace("from", "FAST = False\nif FAST:\n    from", 1)}


def found_in(folder: Path) -> list[Finding]:
    """What the rule finds in the files of a folder."""
    files = {each.as_posix(): import_cycle.extract(each.as_posix(), each.read_text()) for each in folder.rglob("*.py")}
    return list(import_cycle.check(files))


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Writes files into the workspace, and tells its folder."""

    def call(files: dict[str, str]) -> Path:
        for name, text in {"pyproject.toml": "", **files}.items():
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_text(text)
        return tmp_path

    return call


@pytest.fixture
def first(write: Write, sandbox: Sandbox) -> First:
    """Imports one module of these files first."""

    def call(files: dict[str, str], name: str, *, each_s: float = 20.0) -> FirstImport:
        path = (write(files) / name.replace(".", "/")).with_suffix(".py").as_posix()
        (result,) = import_first([Entry(name, path)], sandbox=sandbox, each_s=each_s)
        return result

    return call
