"""What is told as a guess, what is never proposed, and that one broken repair leaves the place to the others."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

from suture.analyzers.sandbox import Outcome, Sandbox
from suture.healing import repair
from suture.healing.api import heal_command
from suture.healing.fault import NO_FAULT, Fault, Frame
from suture.healing.probe import Run
from suture.healing.repair import Context, Draft, Repair
from suture.healing.verify import search, witnessed
from suture.healing.workspace import Workspace

FAULT = Fault("runtime", exception="KeyError", message="'a'", path="mod.py", line=1, frames=(Frame("check.py", 1),))


@pytest.mark.parametrize(
    ("check", "expected"),
    [
        ("from mod import f\nprint(f({}))\n", False),
        ("from mod import f\nassert f({}) == 0\n", True),
        ("def f():\n    '''\n    >>> f()\n    1\n    '''\n", True),
    ],
)
def test_a_program_that_only_ends_is_no_witness_of_what_it_computes(tmp_path: Path, check: str, expected: bool) -> None:
    files = {"mod.py": b"def f(x):\n    return x['a']\n", "check.py": check.encode()}
    run = Run(Outcome("exit", 1, b"", b"", 0.1, "bwrap"), FAULT)
    assert witnessed(Workspace(tmp_path, files), run, run) is expected


@pytest.mark.parametrize(
    ("prior", "tests", "verified"), [(0.4, {}, False), (0.8, {}, True), (0.4, {"TestSum": "passed"}, True)]
)
def test_an_unlikely_change_that_only_a_compiler_judges_is_a_guess(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, prior: float, tests: Mapping[str, str], verified: bool
) -> None:
    def other(fault: Fault, context: Context) -> Iterator[Draft]:
        yield Draft(fault.message, {context.name: "package a // mended\n"}, prior)

    monkeypatch.setattr(repair, "repairs", lambda: (Repair("other", "", other, languages=("go",)),))
    workspace = Workspace(tmp_path, {"a.go": b"package a\n"})
    fault = Fault("compile", language="go", message="overflows", path="a.go", line=0)
    before = Run(Outcome("exit", 1, b"", b"", 0.1, "bwrap"), fault)
    after = Run(Outcome("exit", 0, b"", b"", 0.1, "bwrap"), NO_FAULT, tests=tests)
    found = search(workspace, before, lambda _: after, deadline=1.0, clock=lambda: 0.0)
    assert [each.solved for each in found] == [verified]
    assert bool(found[0].evidence) is not verified  # a guess says that it is one


#: Where nothing but the crash speaks → (the script, a change that ends it and is told as a guess).
GUESSES = {
    "a word that could be read in base 16": (
        "def total(texts):\n    return sum(int(each) for each in texts)\n\n\nprint(total(['10', 'a']))\n",
        "Read `each` in base 16",
    ),
    "a unit that stands for a factor": (
        "def size(text):\n    return float(text)\n\n\nprint(size('12k'))\n",
        "Read `text` as it is written",
    ),
    "a pair that is not whole": (
        "def pairs(values):\n    found = iter(values)\n    for each in found:\n        yield each, next(found)\n\n\n"
        "print(list(pairs([1, 2, 3])))\n",
        "",
    ),
    "one of two parameters that are given by name": (
        "def read(text, *, strict=False, quick=False):\n    return text.split() if quick else [text]\n\n\n"
        "print(read('a b', True))\n",
        "Pass `quick` by name",
    ),
    "a case between the branches": (
        "def sign(n):\n    if n > 0:\n        s = '+'\n    elif n < 0:\n        s = '-'\n    return s + str(n)\n\n\n"
        "print(sign(0))\n",
        "Take the last branch in all other cases",
    ),
    "an object that was to change itself": (
        "from dataclasses import dataclass\n\n\n@dataclass(frozen=True)\nclass Point:\n    x: int\n\n"
        "    def move(self, by):\n        self.x += by\n        return self\n\n\npoint = Point(1)\npoint.move(3)\n"
        "print(point.x)\n",
        "",
    ),
}


@pytest.mark.parametrize("name", GUESSES)
def test_what_ends_a_crash_and_may_mean_something_else_is_not_verified(
    name: str, write: Callable[[Mapping[str, str | bytes]], Path], sandbox: Sandbox
) -> None:
    text, title = GUESSES[name]
    report = heal_command(write({"main.py": text}), ["python", "main.py"], sandbox=sandbox, timeout_s=20.0)
    assert [each.edit.title for each in report.candidates if each.edit.verified] == []
    assert title in {"", *(each.edit.title for each in report.candidates)}


def test_a_repair_that_breaks_leaves_the_place_to_the_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(fault: Fault, context: Context) -> Iterator[Draft]:
        raise IndexError(fault.message, context.name)
        yield

    def whole(fault: Fault, context: Context) -> Iterator[Draft]:
        yield Draft(fault.message, {context.name: "x = 1\n"}, 0.5)

    both = (Repair("broken", "", broken), Repair("whole", "", whole))
    monkeypatch.setattr(repair, "repairs", lambda: both)
    workspace = Workspace(tmp_path, {"mod.py": b"x = 0\n"})
    assert [each.repair for each in repair.propose(FAULT, Context(workspace, "mod.py", "x = 0\n", FAULT))] == ["whole"]


@pytest.mark.parametrize("table", ["[False] * (size - 2)", "[False for _ in range(size - 2)]"])
def test_a_way_out_for_a_table_that_was_made_too_small_is_not_verified(
    table: str, write: Callable[[Mapping[str, str | bytes]], Path], sandbox: Sandbox
) -> None:
    text = (
        f"def last(text):\n    size = len(text)\n    marks = {table}\n    marks[0] = True\n    return marks[-1]\n\n\n"
    )
    root = write({"main.py": text + "assert last('ab') is False\n"})
    healed = heal_command(root, ("python", "main.py"), sandbox=sandbox, timeout_s=30)
    told = [(each.edit.title, each.edit.verified) for each in healed.candidates]
    assert not [title for title, verified in told if verified and "if not marks" in title], told
