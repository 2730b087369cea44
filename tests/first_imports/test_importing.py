"""Modules are imported first, in the sandbox: what counts as a failure of the cycle, and what says nothing of it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from suture.analyzers.errors import Cancelled
from suture.analyzers.first_imports import (
    Entry,
    FirstImport,
    FirstImports,
    claims_of,
    import_first,
    imported_reviews,
    tried,
)
from suture.analyzers.review_tree import review_paths
from suture.analyzers.sandbox import Sandbox

from .conftest import FAILING, STOCK, WORKING, First, Write, found_in


def test_a_failure_of_the_cycle_is_reproduced_with_the_command_and_what_python_said(first: First) -> None:
    result = first(FAILING, "store.orders")
    assert (result.status, result.source, result.name) == ("fails", "store.orders", "order")
    assert (Path(result.file).name, result.line) == ("stock.py", 1)
    assert result.command == ("python", "-c", "import store.orders")
    assert result.traceback[-1].startswith("ImportError: cannot import name 'order' from partially initialized module")
    assert {Path(path).name for path, digest in result.files if digest} == {"__init__.py", "orders.py", "stock.py"}


def test_an_attribute_of_a_module_that_is_being_loaded_fails_of_the_cycle(first: First) -> None:
    stock = "import store.orders\n\n\nclass Stock(store.orders.Base): ...\n"
    orders = "import store.stock\n\n\nclass Base: ...\n"
    result = first({**FAILING, "store/stock.py": stock, "store/orders.py": orders}, "store.orders")
    assert (result.status, result.error.partition(":")[0], result.line) == ("fails", "AttributeError", 4)


def test_a_module_that_can_be_imported_works(first: First) -> None:
    result = first(WORKING, "store.orders")
    assert (result.status, result.reason) == ("works", "")


@pytest.mark.parametrize(
    ("why", "text", "reason"),
    [
        ("a distribution is missing", "import not_there\n", "'not_there' cannot be imported with this interpreter"),
        ("settings are missing", "raise RuntimeError('no settings')\n", "raises RuntimeError: no settings"),
        ("it leaves", "import sys\nsys.exit(0)\n", "raises SystemExit: 0"),
        ("it takes the interpreter down", "import os\nos._exit(3)\n", "the interpreter ended with status 3"),
        ("a name is not there at all", "from store.prices import nothing\n", "raises ImportError: cannot import name"),
        (
            "it says so itself",
            "raise ImportError('cannot import this: partially initialized module')\n",
            "raises ImportError: cannot import this",
        ),
    ],
)
def test_a_failure_of_another_kind_says_nothing_of_the_cycle(first: First, why: str, text: str, reason: str) -> None:
    files = {**FAILING, "store/prices.py": "", "store/orders.py": text + FAILING["store/orders.py"]}
    result = first(files, "store.orders")
    assert (result.status, reason in result.reason) == ("unknown", True), (why, result)


def test_what_is_caught_does_not_fail(first: First) -> None:
    stock = STOCK.replace(
        "from store.orders import order",
        "try:\n    from store.orders import order\nexcept ImportError:\n    order = None",
    )
    assert first({**FAILING, "store/stock.py": stock}, "store.orders").status == "works"


def test_a_module_that_does_not_end_is_given_up_and_not_remembered(first: First) -> None:
    files = {**FAILING, "store/orders.py": "while True:\n    pass\n"}
    result = first(files, "store.orders", each_s=2.0)
    assert (result.status, result.lasting) == ("unknown", False)
    assert "did not end" in result.reason


def test_a_thread_that_a_module_begins_keeps_nobody_waiting(first: First) -> None:
    orders = "import threading, time\nthreading.Thread(target=time.sleep, args=(600,)).start()\n" + "order = 1\n"
    assert first({**FAILING, "store/orders.py": orders}, "store.orders").status == "works"


def test_a_process_that_a_module_leaves_behind_keeps_nobody_waiting(first: First) -> None:
    orders = (
        "import subprocess, sys\nsubprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])\norder = 1\n"
    )
    result = first({**FAILING, "store/orders.py": orders}, "store.orders", each_s=10.0)
    assert result.status == "works"
    assert result.seconds < 25  # it has 30 by the clock


def test_what_nobody_types_in_and_what_is_asked_of_a_person_says_nothing(first: First) -> None:
    result = first({**FAILING, "store/orders.py": "input()\n" + FAILING["store/orders.py"]}, "store.orders")
    assert (result.status, "EOFError" in result.reason, result.lasting) == ("unknown", True, False)


def test_what_a_module_writes_stays_in_the_sandbox(write: Write, sandbox: Sandbox) -> None:
    orders = "import pathlib\npathlib.Path(__file__).with_name('made.txt').write_text('1')\n"
    folder = write({**FAILING, "store/orders.py": orders + FAILING["store/orders.py"]})
    (result,) = import_first([Entry("store.orders", str(folder / "store/orders.py"))], sandbox=sandbox, each_s=20.0)
    assert result.status == "fails"
    assert not (folder / "store/made.txt").exists()


@pytest.mark.parametrize(
    ("package", "expected"),
    [
        ("src/shop/store/__init__.py", ["fails"]),
        # fixme: a folder without __init__.py inside of a package is taken for where names begin; nothing is claimed
        ("src/shop/store/other.py", ["unknown", "unknown"]),
    ],
)
def test_relative_imports_of_a_package_below_src(
    write: Write, sandbox: Sandbox, package: str, expected: list[str]
) -> None:
    orders, stock = "from .stock import reserve\norder = 1\n", "from .orders import order\nreserve = 1\n"
    modules = {"src/shop/store/orders.py": orders, "src/shop/store/stock.py": stock}
    findings = found_in(write({**modules, "src/shop/__init__.py": "", package: ""}))
    found = tried(findings, sandbox=lambda: sandbox, kept=FirstImports())
    assert [each.status for each in found.values()] == expected


def test_the_first_failure_of_a_cycle_is_enough(write: Write, sandbox: Sandbox) -> None:
    findings = found_in(write(FAILING))
    assert len(claims_of(findings[0])) == 2
    found = tried(findings, sandbox=lambda: sandbox, kept=FirstImports())
    assert [each.status for each in found.values()] == ["fails"]
    assert next(iter(found)) == claims_of(findings[0])[0].path


def test_after_the_time_for_all_no_other_module_is_tried(write: Write, sandbox: Sandbox) -> None:
    folder, now = write(FAILING), iter([0.0, 1.0, 1e6, 1e6])
    findings = found_in(folder)
    (folder / "store/stock.py").write_text(WORKING["store/stock.py"])
    found = tried(findings, sandbox=lambda: sandbox, kept=FirstImports(), clock=lambda: next(now))
    assert [each.status for each in found.values()] == ["works"]


def test_a_module_that_was_not_there_is_looked_for_again_once_it_is(write: Write, sandbox: Sandbox) -> None:
    folder, kept = write({**FAILING, "store/orders.py": "import later\n" + FAILING["store/orders.py"]}), FirstImports()
    findings = [replace(each, evidence=each.evidence[:2]) for each in found_in(folder)]
    assert {each.status for each in tried(findings, sandbox=lambda: sandbox, kept=kept).values()} == {"unknown"}

    def none() -> Sandbox:
        raise AssertionError("nothing has changed")

    assert {each.status for each in tried(findings, sandbox=none, kept=kept).values()} == {"unknown"}
    (folder / "later.py").write_text("")
    assert {each.status for each in tried(findings, sandbox=lambda: sandbox, kept=kept).values()} == {"fails"}


def test_modules_of_the_workspace_with_names_of_the_standard_library_stand_in_nobodys_way(first: First) -> None:
    files = {
        **FAILING,
        "subprocess.py": "raise RuntimeError\n",
        "ast.py": "raise RuntimeError\n",
        "tempfile.py": "1/0\n",
    }
    assert first(files, "store.orders").status == "fails"


def test_unsaved_texts_are_imported(write: Write, sandbox: Sandbox) -> None:
    folder = write(FAILING)
    entry = Entry("store.orders", str(folder / "store/orders.py"))
    unsaved = {str(folder / "store/stock.py"): WORKING["store/stock.py"].encode()}
    assert [each.status for each in import_first([entry], sandbox=sandbox, files=unsaved)] == ["works"]


def test_cancelling_ends_it(write: Write, sandbox: Sandbox) -> None:
    folder = write({**FAILING, "store/orders.py": "while True:\n    pass\n"})
    with pytest.raises(Cancelled):
        import_first([Entry("store.orders", str(folder / "store/orders.py"))], sandbox=sandbox, cancel=lambda: True)


def test_an_answer_holds_as_long_as_the_files_that_ran_are_what_they_were(
    write: Write, sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder, cache = write(FAILING), tmp_path_factory.mktemp("kept")
    findings, asked = found_in(folder), 0

    def lent() -> Sandbox:
        nonlocal asked
        asked += 1
        return sandbox

    def play(kept: FirstImports) -> list[FirstImport]:
        return list(tried(findings, sandbox=lent, kept=kept).values())

    store = FirstImports(cache)
    seen = play(store)
    assert {each.status for each in seen} == {"fails"}
    store.close()
    assert play(FirstImports(cache)) == seen  # another process
    (folder / "unrelated.py").write_text("")
    assert (play(store), asked) == (seen, 1)
    (folder / "store/stock.py").write_text(WORKING["store/stock.py"])
    assert {each.status for each in play(store)} == {"works"}
    assert asked == 2
    unsaved = {str(folder / "store/stock.py"): STOCK.encode()}
    assert {each.status for each in tried(findings, sandbox=lent, kept=store, files=unsaved).values()} == {"fails"}


def test_a_review_says_what_came_of_it(write: Write, sandbox: Sandbox) -> None:
    folder = write(FAILING)
    reviews = imported_reviews(review_paths([folder], jobs=1), sandbox=lambda: sandbox, kept=FirstImports())
    (found,) = [each for review in reviews for each in review.findings if each.rule == "import-cycle"]
    assert [each.kind for each in found.evidence if each.kind != "calibrated"] == ["traced", "traced", "reproduced"]
    assert (found.severity, found.confidence) == ("medium", 0.97)
