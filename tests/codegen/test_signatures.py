"""What a model is told of imported names, and that nothing is run to find it out."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from suture.codegen import signatures
from suture.codegen.signatures import MOST_NAMES, MOST_TEXT, Signature, imported_signatures

Write = Callable[[str, str], Path]

PRICES = '''from pathlib import Path

Path(__file__).with_name("it-ran").touch()
SECRET = "sentinel-value"


def total(items: list[int], rate: float = 0.2, key: str = "sentinel-default") -> float:
    """Sum with tax.

    sentinel-second-line
    """
    return "sentinel-body"


class Basket:
    """What is bought."""

    def __init__(self, owner: str) -> None:
        self.owner = owner
'''


def told(workspace: Path, path: Path, text: str, prose: str = "") -> tuple[Signature, ...]:
    return imported_signatures(workspace, path, text, prose, seconds=30)


def test_names_imported_from_the_workspace_come_with_signature_and_first_docstring_line(
    workspace: Path, write: Write
) -> None:
    write("shop/__init__.py", "")
    write("shop/prices.py", PRICES)
    path = write("shop/app.py", "")
    found = told(workspace, path, "from shop.prices import total\nfrom .prices import Basket as B, SECRET\n")
    assert found == (
        Signature("total(items: list[int], rate: float=0.2, key: str=...) -> float  # Sum with tax.", "shop/prices.py"),
        Signature("class Basket(owner: str)  # What is bought.", "shop/prices.py"),
    )
    assert not (workspace / "shop" / "it-ran").exists()


def test_library_names_are_told_only_if_they_are_mentioned(workspace: Path, write: Write) -> None:
    path = write("app.py", "")
    text = "import json\nimport textwrap\nfrom bisect import insort, bisect_left\n"
    assert told(workspace, path, text, "nothing of it") == ()
    found = told(workspace, path, text, "use textwrap.dedent, then bisect_left")
    assert [each.line.partition("(")[0] for each in found] == ["textwrap.dedent", "bisect_left"]
    assert {each.path for each in found} == {""}


@pytest.mark.parametrize(("name", "ignored"), [("hidden", "hidden.py\n"), ("pkg.hidden", "pkg/\n")])
def test_nothing_of_an_ignored_file_is_told(workspace: Path, write: Write, name: str, ignored: str) -> None:
    write(".gitignore", ignored)
    write(f"{name.replace('.', '/')}.py", PRICES)
    path = write("app.py", "")
    assert told(workspace, path, f"from {name} import total\n", "use total") == ()


def test_number_and_size_are_bounded(workspace: Path, write: Write) -> None:
    names = [f"function_{number}" for number in range(40)]
    write("many.py", "".join(f"def {each}(a, b):\n    '''{'word ' * 60}'''\n" for each in names))
    path = write("app.py", "")
    found = told(workspace, path, f"from many import {', '.join(names)}\n")
    assert 1 < len(found) <= MOST_NAMES
    assert sum(len(each.line) for each in found) <= MOST_TEXT


def test_it_does_not_wait_longer_than_it_may(workspace: Path, write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    done = threading.Event()

    def slow(*_: object) -> None:
        done.wait(60)

    monkeypatch.setattr(signatures, "_look_up", slow)
    write("other.py", "def g(): ...\n")
    path = write("app.py", "")
    started = time.monotonic()
    for _ in range(2):  # the second finds the first still at it
        assert imported_signatures(workspace, path, "from other import g\n", "", seconds=0.05) == ()
    assert time.monotonic() - started < 40
    done.set()


def test_odd_code_in_an_imported_file_is_survived(workspace: Path, write: Write) -> None:
    write("odd.py", "def g(a, b=1:\n  return\n\x00def h(:\nclass")
    path = write("app.py", "")
    for each in told(workspace, path, "from odd import g, h\nfrom odd import *\nimport odd.nothing\n", "odd.g"):
        assert len(each.line) < 300
