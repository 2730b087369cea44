"""Faults without an exception of their own: found by what each test ran, healed by a small change that the real
command confirms, and not offered as verified where the tests do not say which change is meant."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest
from tree_sitter import Node

from suture.analyzers.sandbox import Sandbox
from suture.analyzers.sandbox.interface import Outcome
from suture.analyzers.syntax import named_nodes
from suture.healing import command
from suture.healing.api import HealReport, heal_command
from suture.healing.fault import Category, Fault, Frame
from suture.healing.logic import kinds
from suture.healing.logic.choice import choose
from suture.healing.logic.heal import Bench, Way, heal_hang, heal_logic, leaves_alike, looked_at, name_of
from suture.healing.logic.mutations import mutations
from suture.healing.logic.spectrum import TABLES, Case, ochiai, suspicious
from suture.healing.logic.tree import looping
from suture.healing.logic.trial import Program, Rivals, Traced, ahead, program_of, telling_tests, trace
from suture.healing.probe import Run, run_command
from suture.healing.repair import Draft
from suture.healing.suite import spread
from suture.healing.verify import State
from suture.healing.workspace import Workspace

Write = Callable[[Mapping[str, str | bytes]], Path]


def heal(root: Path, sandbox: Sandbox, *command: str, timeout_s: float = 15) -> HealReport:
    return heal_command(root, command, sandbox=sandbox, timeout_s=timeout_s)


def changes(text: str) -> set[str]:
    """The texts of a file after each mutation, all of its lines being suspicious."""
    workspace = Workspace(Path("/nowhere"), {"m.py": text.encode()})
    suspicion = {("m.py", line): 1.0 for line in range(text.count("\n") + 1)}
    return {each.text(text.encode()).decode() for each in mutations(workspace, suspicion)}


def test_a_file_is_read_once_for_all_calls_of_a_function(monkeypatch: pytest.MonkeyPatch) -> None:
    walks: list[Node] = []

    def counted(node: Node) -> Iterator[Node]:
        walks.append(node)
        return named_nodes(node)

    monkeypatch.setattr(kinds, "named_nodes", counted)
    calls = "".join(f"    once(n, {number})\n" for number in range(40))
    assert "    once(n, 3, n)\n" in "".join(changes(f"def many(n):\n{calls}\n\ndef once(a, b, c):\n    pass\n"))
    assert len(walks) == 1


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ("def f(a, b):\n    return a < b\n", "def f(a, b):\n    return a <= b\n"),
        (
            "class A:\n    def __init__(self):\n        self.seen = {}\n\n    def f(self, a, b):\n"
            "        if a not in self.seen:\n            g(b)\n",
            "class A:\n    def __init__(self):\n        self.seen = {}\n\n    def f(self, a, b):\n"
            "        if a not in self.seen:\n            g(b)\n            self.seen[a] = b\n",
        ),
        (
            "def f(a):\n    done = []\n    def visit(b):\n        if b not in done:\n            g(b)\n    visit(a)\n",
            "def f(a):\n    done = []\n    def visit(b):\n        if b not in done:\n            g(b)\n"
            "            done.append(b)\n    visit(a)\n",
        ),
        (
            "def f(a):\n    out, part = [], []\n    for b in a:\n        if not b:\n            out.append(part)\n"
            "            part = []\n        part.append(b)\n    return out\n",
            "def f(a):\n    out, part = [], []\n    for b in a:\n        if not b:\n            out.append(part)\n"
            "            part = []\n        part.append(b)\n    if part:\n        out.append(part)\n    return out\n",
        ),
        (
            "def f(a, b):\n    return [[0] * a] * (b + 1)\n",
            "def f(a, b):\n    return [[0] * a for _ in range(b + 1)]\n",
        ),
        ("def f(a):\n    b = g(a)\n    return b\n", "def f(a):\n    b = g(a)\n    return b[::-1]\n"),
        ("def f(a) -> tuple[int]:\n    return g(a)\n", "def f(a) -> tuple[int]:\n    return tuple(g(a))\n"),
        ("def f(a, b):\n    return a in b\n", "def f(a, b):\n    return b in a\n"),
        (
            "def f(a):\n    a.append(1)\n    for b in a:\n        g(b)\n    return a\n",
            "def f(a):\n    for b in a:\n        g(b)\n    a.append(1)\n    return a\n",
        ),
        (
            "def f(a):\n    for b in a:\n        g(b)\n    a.append(1)\n    return a\n",
            "def f(a):\n    a.append(1)\n    for b in a:\n        g(b)\n    return a\n",
        ),
        ("def f(a, b):\n    return {**a, **b}\n", "def f(a, b):\n    return {**b, **a}\n"),
        ("def f(a):\n    return a[len]\n", "def f(a):\n    return a[-1]\n"),
        ("def f(a, b):\n    return zip(a, b)\n", "def f(a, b):\n    return zip(a, *b)\n"),
        ("def f(a):\n    for b in a:\n        yield f(b)\n", "def f(a):\n    for b in a:\n        yield from f(b)\n"),
        ("def f(a):\n    k, v = a\n    return k\n", "def f(a):\n    v, k = a\n    return k\n"),
        ("def f(a, b):\n    return a, b\n", "def f(a, b):\n    return b, a\n"),
        (
            "class A:\n    one: int\n    two: int\n\ndef f(a):\n    return a.one\n",
            "class A:\n    one: int\n    two: int\n\ndef f(a):\n    return a.two\n",
        ),
        (
            "class A:\n    @property\n    def one(self): ...\n    def g(self):\n        self.two = 1\n\n"
            "def f(a):\n    return a.two\n",
            "class A:\n    @property\n    def one(self): ...\n    def g(self):\n        self.two = 1\n\n"
            "def f(a):\n    return a.one\n",
        ),
        (
            "class A:\n    def one(self): ...\n    def two(self): ...\n\ndef f(a):\n    return a.one()\n",
            "class A:\n    def one(self): ...\n    def two(self): ...\n\ndef f(a):\n    return a.two()\n",
        ),
        (
            "def f(a):\n    b = g(a)\n    return b\n\ndef h(c):\n    return c.size\n",
            "def f(a):\n    b = g(a).size\n    return b\n\ndef h(c):\n    return c.size\n",
        ),
        ("def f(a):\n    return max(a)\n", "def f(a):\n    return min(a)\n"),
        ("def f(a):\n    return a[1:]\n", "def f(a):\n    return a[:1]\n"),
        ("def f(a, b):\n    return a - a\n", "def f(a, b):\n    return a - b\n"),
        ("def f(a):\n    if not a:\n        return 1\n", "def f(a):\n    if a:\n        return 1\n"),
        ("def f(n):\n    n * 2\n", "def f(n):\n    return n * 2\n"),
        (
            "def f(a):\n    for x in a:\n        if x:\n            True\n    return False\n",
            "def f(a):\n    for x in a:\n        if x:\n            return True\n    return False\n",
        ),
        ("def f(n):\n    r = n * 2\n", "def f(n):\n    r = n * 2\n    return r\n"),
        (
            "def f(a):\n    n = 0\n    for x in a:\n        n += x\n        return n\n",
            "def f(a):\n    n = 0\n    for x in a:\n        n += x\n    return n\n",
        ),
        (
            "def f(a):\n    n = 0\n    for x in a:\n        print(x)\n    return n\n",
            "def f(a):\n    n = 0\n    for x in a:\n        print(x)\n        n += x\n    return n\n",
        ),
        (
            "def f(a, seen=[]):\n    seen.append(a)\n    return seen\n",
            "def f(a, seen=None):\n    if seen is None:\n        seen = []\n    seen.append(a)\n    return seen\n",
        ),
        (
            "def f(a):\r\n    for x in a:\r\n        break\r\n    r = x\r\n",
            "def f(a):\r\n    for x in a:\r\n        break\r\n    r = x\r\n    return r\r\n",
        ),
        ("def f(a):\n    return int[a]\n", "def f(a):\n    return int(a)\n"),
        ("def f(a):\n    b = (x for x in a)\n", "def f(a):\n    b = [x for x in a]\n"),
        ("def f(a, b):\n    a = a.add(b)\n", "def f(a, b):\n    a.add(b)\n"),
        ("def f(a):\n    for k, v in a:\n        k\n", "def f(a):\n    for k, v in a.items():\n        k\n"),
        ("def f(a):\n    return g(*a)\n", "def f(a):\n    return g(a)\n"),
        (
            "def g(a, b):\n    return a\n\n\ndef f(a):\n    return g(a)\n",
            "def g(a, b):\n    return a\n\n\ndef f(a):\n    return g(a, a)\n",
        ),
        (
            "def f(a):\n    return g(a, 7, 8) + 1\n\n\ndef h(a):\n    return g(a, 8)\n",
            "def f(a):\n    return g(a, 7, 8) + 1\n\n\ndef h(a):\n    return g(a, 7, 8)\n",
        ),
    ],
)
def test_the_change_that_is_meant_is_among_the_mutations(wrong: str, right: str) -> None:
    assert right in changes(wrong)


def test_what_a_docstring_says_is_returned_is_the_likeliest_conversion() -> None:
    data = b'def f(a):\n    """:returns: A tuple of parts."""\n    return g(a)\n'
    found = mutations(Workspace(Path("/nowhere"), {"m.py": data}), {("m.py", 2): 1.0})
    weights = {each.mutation.title: each.mutation.weight for each in found}
    assert weights["Use tuple(g(a)) instead of g(a)"] > 4 * weights["Use list(g(a)) instead of g(a)"]


def test_no_mutation_touches_an_assertion_or_a_test() -> None:
    text = "def f(a):\n    assert a > 1\n    return a\n\n\ndef test_f():\n    assert f(2) == 2\n"
    assert changes(text)
    assert all("assert a > 1\n" in each and "    assert f(2) == 2\n" in each for each in changes(text))


@pytest.mark.parametrize(
    ("head", "is_test"),
    [
        ("test_even(n):\n    return n % 3 == 0\n", False),
        ("test_even():\n    return check(3 % 3 == 0)\n", True),
        ("test_even(n):\n    assert n % 3 == 0\n    return n > 0\n", True),
        ("test_even(n):\n    with raises(ValueError):\n        f(n + 1)\n", True),
    ],
)
def test_a_function_that_is_given_something_and_asserts_nothing_is_no_test_for_its_name(
    head: str, is_test: bool
) -> None:
    assert bool(changes(f"def {head}")) != is_test


def test_a_line_that_only_failing_tests_run_is_the_most_suspicious() -> None:
    tests = [Case("a", False, "", {"m.py": [1, 2, 4]}), Case("b", True, "", {"m.py": [1, 2]})]
    found = ochiai(tests)
    assert found["m.py", 3] == 1.0
    assert found["m.py", 0] == pytest.approx(0.5**0.5)
    assert ("m.py", 2) not in found


@pytest.mark.parametrize(
    ("command", "program"),
    [
        ("python check.py a", Program("script", "check.py", ("a",))),
        ("python3 -B -W error -m unittest -v", Program("module", "unittest", ("-v",), ("-B", "-W", "error"))),
        ("python -m pytest -q tests", Program("pytest", "-m", ("-q", "tests"))),
        ("pytest -x", Program("pytest", "pytest", ("-x",))),
        ("make test", None),
        ("python -I check.py", None),
    ],
)
def test_a_command_that_starts_python_is_taken_apart(command: str, program: Program | None) -> None:
    assert program_of(command.split()) == program


def test_of_survivors_that_differ_the_one_most_of_the_weight_agrees_with_is_chosen() -> None:
    rivals = Rivals((0, 1, 2), ("n=1", "n=2"), None, {0: ("=1", "=2"), 1: ("=1", "=2"), 2: ("=1", "=9")})
    best, other = choose({0: 0.4, 1: 0.4, 2: 0.5}, [rivals])
    assert (best.index, other.index) == (0, 2), "those that agree everywhere count together, and are told once"
    assert best.confidence > other.confidence
    assert (best.rivals, best.differs) == (1, "n=2")


def test_a_survivor_that_a_likely_other_one_contradicts_says_how_much_speaks_against_it() -> None:
    inputs, answers = ("x=1", "x=2"), {0: ("=1", "=2"), 1: ("=1", "=3"), 2: ("=1", "!E")}
    first = choose({0: 0.5, 1: 0.5, 2: 0.5}, [Rivals((0, 1, 2), inputs, None, answers)])
    against = {each.index: round(each.against, 2) for each in first}
    assert against[0] == against[1] == round(0.5 / 1.75, 2)  # what one raises says nothing against the others
    assert against[2] == round(1.0 / 1.75, 2)


@pytest.mark.parametrize(
    ("ran", "sure"),
    [({"m.py": [2], "main.py": [3]}, True), ({"m.py": [2], "main.py": [2]}, False), ({"main.py": [3]}, False)],
)
def test_an_assertion_counts_where_it_sees_what_was_changed(ran: Mapping[str, list[int]], sure: bool) -> None:
    assert looks_sure(ran, "runtime", "KeyError") is sure
    assert looks_sure(ran, "name", "NameError")  # that a name is not there is seen without any value


def looks_sure(ran: Mapping[str, list[int]], category: Category, exception: str) -> bool:
    files = {"m.py": b"def f():\n    return 1\n", "main.py": b"import m\nm.f()\nassert m.f()\n"}
    workspace = Workspace(Path("/nowhere"), files)
    placed = next(each for each in mutations(workspace, {("m.py", 1): 1.0}) if each.mutation.line == 1)
    fault = Fault(category, exception=exception, path="m.py", line=1, frames=(Frame("main.py", 2), Frame("m.py", 1)))
    traced = Traced((Case("1", False, exception, ran),), (), 0.1)
    return looked_at(workspace, Run(Outcome("exit", 1, b"", b"", 0.1, "fake"), fault), traced, placed)


def test_survivors_that_nobody_can_compare_leave_little_confidence() -> None:
    (alone,) = choose({0: 0.8}, [])
    one, _ = choose({0: 0.8, 1: 0.8}, [])
    assert one.confidence < 0.5 < alone.confidence


SHOP = """\
def total(prices):
    result = 1
    for price in prices:
        result += price
    return result


def cheapest(prices):
    return max(prices)
"""


def test_a_failing_script_is_healed_though_it_raises_nothing_of_its_own(write: Write, sandbox: Sandbox) -> None:
    check = "from shop import total\n\nassert total([]) == 0\nassert total([1, 2]) == 3\n"
    report = heal(write({"shop.py": SHOP, "check.py": check}), sandbox, "python", "check.py")
    assert report.fault.category == "test"
    assert report.best is not None
    assert report.best.texts[str(report.root / "shop.py")] == SHOP.replace("result = 1", "result = 0")
    assert "passes your" in " ".join(each.summary for each in report.best.edit.evidence)


def test_two_faults_in_one_file_are_found_one_after_the_other(write: Write, sandbox: Sandbox) -> None:
    tests = (
        "from shop import cheapest, total\n\n\ndef test_total():\n"
        "    assert total([]) == 0\n    assert total([1, 2]) == 3\n\n\n"
        "def test_cheapest():\n    assert cheapest([3, 1, 2]) == 1\n"
    )
    command = ("python", "-m", "pytest", "-q")
    report = heal(write({"shop.py": SHOP, "test_shop.py": tests}), sandbox, *command, timeout_s=90)
    assert report.best is not None
    text = report.best.texts[str(report.root / "shop.py")]
    assert text == SHOP.replace("result = 1", "result = 0").replace("max(", "min(")


@pytest.mark.slow
def test_a_statement_that_hangs_behind_the_failing_one_does_not_hide_it(write: Write, sandbox: Sandbox) -> None:
    code = (
        "def factors(number):\n    result, divisor = [], 2\n    while divisor * divisor <= number:\n"
        "        while number % divisor == 0:\n            result.append(divisor)\n"
        "            number //= divisor\n            divisor += 1\n"
        "    if number > 1:\n        result.append(number)\n    return result\n"
    )
    check = "from parts import factors\n\nassert factors(12) == [2, 2, 3]\nassert factors(97) == [97]\n"
    root = write({"parts.py": code, "check.py": check})
    traced = trace(Workspace(root), Program("script", "check.py", ()), sandbox=sandbox, timeout_s=20)
    assert traced is not None
    assert [(each.ok, each.error) for each in traced.tests][1:] == [(False, "AssertionError"), (False, "hang")]
    report = heal(root, sandbox, "python3", "check.py", timeout_s=20)
    assert report.best is not None
    made = code.replace("    divisor += 1", "divisor += 1")
    assert report.best.texts[str(report.root / "parts.py")] == made


def test_a_change_that_wins_nothing_without_the_one_before_it_is_no_second_fault() -> None:
    view = Workspace(Path("/nowhere"), {"m.py": b"def f(a):\n    b = 0\n    return a + b\n"})
    placed = mutations(view, {("m.py", 2): 1.0})[0]
    moved = Workspace(Path("/nowhere"), {"m.py": b"def f(a):\n    b = 0\n    b = 1\n    return a + b\n"})
    later = next(each for each in mutations(moved, {("m.py", 3): 1.0}) if each.mutation.title == placed.mutation.title)
    failing = Traced((Case("0", True), Case("1", False)), (), 0.0)
    draft = Draft("x", {"m.py": ""}, 0.5)
    assert Way().is_apart(moved, later, failing)
    assert not Way(drafts=(draft,)).is_apart(moved, later, failing)
    alone = {name_of(view, placed): frozenset({"1"})}
    assert Way({}, (draft,), alone).is_apart(moved, later, failing)
    assert not Way({}, (draft,), alone, apart=False).is_apart(moved, later, failing)
    assert not Way({}, (draft,), {name_of(view, placed): frozenset({"0"})}).is_apart(moved, later, failing)


@pytest.mark.slow
def test_a_patch_over_a_wrong_change_is_a_guess(write: Write, sandbox: Sandbox) -> None:
    code = (
        "def wrap(words, width):\n    lines = []\n    line = []\n    length = 0\n    for word in words:\n"
        "        if line and length + len(line) + len(word) > width:\n            lines.append(line)\n"
        "            line = []\n        line.append(word)\n        length += len(word)\n"
        "    if line:\n        lines.append(line)\n    return lines\n"
    )
    check = (
        "from wrapping import wrap\n\n"
        "assert wrap('the quick brown fox'.split(), 9) == [['the', 'quick'], ['brown', 'fox']]\n"
        "told = 'This is an example of text justification.'.split()\n"
        "assert wrap(told, 16) == [told[:3], told[3:6], told[6:]]\n"
    )
    report = heal(write({"wrapping.py": code, "check.py": check}), sandbox, "python3", "check.py")
    assert all(";" not in each.edit.title for each in report.candidates if each.edit.verified)


def test_what_was_raised_on_the_way_and_caught_is_mended_where_it_was_raised(write: Write, sandbox: Sandbox) -> None:
    text = "def number(text):\n    try:\n        return int[text]\n    except TypeError:\n        return None\n"
    check = "from shop import number\n\nassert number('4') == 4\nassert number('40') == 40\n"
    report = heal(write({"shop.py": text, "check.py": check}), sandbox, "python", "check.py", timeout_s=60)
    assert report.fault.category == "test"
    assert report.best is not None
    assert report.best.texts[str(report.root / "shop.py")] == text.replace("int[text]", "int(text)")
    assert "logic" not in report.best.repair


def test_the_tests_that_tell_most_of_a_change_come_first() -> None:
    cases = [
        Case("long", False, "", {"m.py": list(range(50))}),
        Case("short", False, "", {"m.py": [1, 2]}),
        Case("like it", False, "", {"m.py": [1, 2, 3]}),
        Case("other", False, "", {"n.py": [1, 2, 3, 4]}),
        Case("fine", True, "", {"m.py": [1]}),
    ]
    ids, telling = telling_tests(Traced(tuple(cases), (), 0.0))
    assert (ids[:2], telling) == (["short", "other"], 2)
    assert sorted(ids) == ["like it", "long", "other", "short"]


def test_a_few_tests_of_every_file_stand_for_a_suite() -> None:
    names = [f"a.py::t{n}" for n in range(100)] + [f"b.py::t{n}" for n in range(3)]
    found = spread(names, 10)
    assert len(found) == len(set(found)) == 10
    assert sum(each.startswith("b.py") for each in found) == 3
    assert "a.py::t80" in found


def test_a_fault_in_an_imported_module_is_found_there(write: Write, sandbox: Sandbox) -> None:
    files = {
        "app/__init__.py": "",
        "app/prices.py": "def with_tax(price, rate):\n    return price - price * rate\n",
        "app/shop.py": "from .prices import with_tax\n\n\n"
        "def pay(prices):\n    return [with_tax(p, 0.5) for p in prices]\n",
        "check.py": "from app.shop import pay\n\nassert pay([2, 4]) == [3, 6]\nassert pay([]) == []\n",
    }
    report = heal(write(files), sandbox, "python", "check.py")
    assert report.best is not None
    assert report.best.texts == {
        str(report.root / "app/prices.py"): files["app/prices.py"].replace("- price", "+ price")
    }


def test_methods_of_unittest_are_tests_of_their_own(write: Write, sandbox: Sandbox) -> None:
    case = (
        "import unittest\n\nfrom shop import cheapest, total\n\n\nclass Shop(unittest.TestCase):\n"
        "    def test_cheapest(self):\n        self.assertEqual(cheapest([3, 1, 2]), 1)\n\n"
        "    def test_total(self):\n        self.assertEqual(total([1]), 2)\n"
    )
    report = heal(write({"shop.py": SHOP, "test_shop.py": case}), sandbox, "python", "-m", "unittest", "-q")
    assert report.best is not None
    assert report.best.texts[str(report.root / "shop.py")] == SHOP.replace("max(", "min(")


def test_changes_that_the_tests_cannot_tell_apart_are_guesses(write: Write, sandbox: Sandbox) -> None:
    files = {"m.py": "def f(a, b):\n    return a * b + 7\n", "check.py": "from m import f\n\nassert f(0, 0) == 0\n"}
    report = heal(write(files), sandbox, "python", "check.py")
    assert report.best is None
    assert all(each.edit.confidence < 0.5 for each in report.candidates)


def patience(root: Path, mended: Mapping[str, str], command: tuple[str, ...], sandbox: Sandbox) -> float:
    """Seconds after which a program hangs for sure: many times what it takes here and now where it comes to its end."""
    files = {name: text.encode() for name, text in mended.items()}
    run = run_command(Workspace(root, files), command, sandbox=sandbox, timeout_s=120)
    assert run.ok
    return max(6.0, 8 * run.outcome.seconds)


COUNT = "def halvings(n):\n    count = 0\n    while n > 1:\n        {}\n        count += 1\n    return count\n"


def test_an_endless_loop_is_called_a_hang_and_mended_where_it_turns(write: Write, sandbox: Sandbox) -> None:
    files = {
        "count.py": COUNT.format("n = n // 1"),
        "check.py": "from count import halvings\n\nassert halvings(8) == 3\nassert halvings(1) == 0\n",
    }
    root, run = write(files), ("python", "check.py")
    limit = patience(root, {"count.py": COUNT.format("n = n // 2")}, run, sandbox)
    report = heal_command(root, run, sandbox=sandbox, timeout_s=limit)
    assert (report.fault.category, report.fault.path) == ("hang", str(report.root / "count.py"))
    assert report.fault.line in range(2, 5)
    assert report.candidates
    assert report.candidates[0].texts == {str(report.root / "count.py"): COUNT.format("n = n // 2")}


def test_a_test_that_hangs_names_the_line_that_it_hangs_on(write: Write, sandbox: Sandbox) -> None:
    tests = "def test_wait():\n    while True:\n        pass\n"
    root, run = write({"test_wait.py": tests}), ("python", "-m", "pytest", "-q")
    limit = patience(root, {"test_wait.py": tests.replace("True", "False")}, run, sandbox)
    report = heal_command(root, run, sandbox=sandbox, timeout_s=limit)
    assert (report.fault.category, report.fault.path) == ("hang", str(report.root / "test_wait.py"))
    assert report.candidates == ()


def test_a_test_that_hangs_is_named_and_tells_by_itself_which_change_ends_it(write: Write, sandbox: Sandbox) -> None:
    halves = "def place(items, item):\n    low, high = 0, len(items)\n    while low < high:\n"
    halves += "        middle = (low + high) // 2\n        if items[middle] < item:\n            low = middle\n"
    halves += "        else:\n            high = middle\n    return low\n"
    suite = "from halves import place\n\n\ndef test_slow():\n    for _ in range(10**7):\n        pass\n\n\n"
    suite += "def test_place():\n    assert place([1, 3, 5], 4) == 2\n    assert place([1], 2) == 1\n"
    root = write({"halves.py": halves, "test_halves.py": suite})
    run = ("pytest", "-q", "-p", "no:cacheprovider")
    limit = patience(root, {"halves.py": halves.replace("low = middle\n", "low = middle + 1\n")}, run, sandbox)
    report = heal_command(root, run, sandbox=sandbox, timeout_s=limit)
    assert (report.fault.category, report.fault.tests) == ("hang", ("test_halves.py::test_place",))
    assert "test_halves.py::test_place" in report.fault.message
    assert report.best is not None
    assert "low = middle + 1" in report.best.texts[str(report.root / "halves.py")]
    assert "timeout → 0" in report.best.edit.evidence[0].summary


@pytest.mark.parametrize("line", [2, 3, 4])
def test_wherever_in_a_loop_a_program_was_stopped_the_same_lines_are_suspicious(line: int) -> None:
    text = COUNT.format("n = n // 1")
    assert looping(text, line) == {0: 0.3, 1: 0.3, 2: 1.0, 3: 1.0, 4: 0.5, 5: 0.3}


def hung(root: Path) -> tuple[Workspace, Run]:
    """A script that was stopped in its loop."""
    fault = Fault("hang", path="count.py", line=3, frames=(Frame("count.py", 3, "halvings"),))
    return Workspace(root), Run(Outcome("timeout", None, b"", b"", 1.0, "none"), fault)


def test_what_comes_to_its_end_when_it_is_run_again_did_not_hang(write: Write, sandbox: Sandbox) -> None:
    root = write({"count.py": COUNT.format("n = n // 2") + "\n\nassert halvings(8) == 3\n"})
    told: list[str] = []
    workspace, first = hung(root)
    end = time.monotonic() + 60
    bench = Bench(Program("script", "count.py", ()), sandbox, lambda _: first, end, unfinished=told.append)
    assert heal_hang(workspace, first, bench) == []
    assert told == ["without any change it came to a good end when it was run again"]


def test_a_search_for_what_ends_a_hang_tells_how_far_it_came(write: Write, sandbox: Sandbox) -> None:
    root = write({"count.py": COUNT.format("n = n // 1") + "\n\nassert halvings(8) == 99\n"})
    told: list[str] = []
    workspace, first = hung(root)
    end = time.monotonic() + 1
    bench = Bench(Program("script", "count.py", ()), sandbox, lambda _: first, end, 0.4, unfinished=told.append)
    assert heal_hang(workspace, first, bench) == []
    assert re.fullmatch(r"\d+ of \d+ small changes were tried before the time was over", told[0])


def test_no_change_is_credited_with_a_test_that_passes_without_one(write: Write, sandbox: Sandbox) -> None:
    root = write(
        {
            "shop.py": "def total(rows):\n    return sum(rows) + 0\n",
            "test_shop.py": "from shop import total\n\n\ndef test_total():\n    assert total([1, 2]) == 3\n",
        }
    )
    test = "test_shop.py::test_total"
    fault = Fault("test", exception="AssertionError", path="test_shop.py", line=4, tests=(test,))
    first = Run(Outcome("exit", 1, b"", b"", 1.0, "none"), fault, tests={test: "failed"})
    doubted: list[str] = []
    runs: list[Workspace] = []

    def execute(view: Workspace) -> Run:
        runs.append(view)
        return first

    program = Program("pytest", "pytest", ("-q",))
    bench = Bench(program, sandbox, execute, time.monotonic() + 60, doubt=doubted.extend)
    traced = Traced((Case(test, False, "AssertionError", {"shop.py": [1, 2], "test_shop.py": [5]}),), (), 0.1)
    assert heal_logic(Workspace(root), first, traced, bench) == []
    assert (doubted, runs) == ([test], [])


def test_a_fault_is_not_mended_while_tests_fail_still_where_its_own_did() -> None:
    def run(category: Category, failed: tuple[str, ...], alike: frozenset[str] = frozenset()) -> Run:
        tests = {name: "failed" if name in failed else "passed" for name in ("a", "b", "c")}
        fault = Fault(category, tests=failed)
        return Run(Outcome("exit", 1, b"", b"", 1.0, "none"), fault, tests=tests, alike=alike)

    first = run("type", ("a", "b", "c"), frozenset({"a", "b"}))
    assert leaves_alike(first, run("type", ("b",)))
    assert not leaves_alike(first, run("type", ("c",)))
    assert not leaves_alike(run("name", ("a", "b"), frozenset({"a", "b"})), run("name", ("b",)))


def test_repairs_that_take_long_make_room_for_small_changes_and_go_on_after_them(
    write: Write, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    now, seen = [0.0], list[object]()

    def search(*_: object, deadline: float, **__: object) -> list[State]:
        seen.append(deadline)
        now[0] = deadline
        return []

    def small(*_: object) -> list[State]:
        seen.append("small changes")
        return []

    def last(*_: object) -> list[State]:
        seen.append("synthesis")
        return []

    monkeypatch.setattr(command, "search", search)
    monkeypatch.setattr(command, "heal_logic", small)
    monkeypatch.setattr(command, "heal_by_synthesis", last)
    root = write({"main.py": "assert len([1]) == 2\n"})
    heal_command(root, ("python", "main.py"), sandbox=sandbox, timeout_s=30, clock=lambda: now[0])
    assert seen == [24.0, "small changes", 48.0, "synthesis"]


def test_lines_that_ran_before_the_tests_are_suspected_behind_those_that_failing_tests_ran() -> None:
    tests = [
        Case("bad", False, "AssertionError", {"shop.py": [4]}),
        Case("good", True, "", {"shop.py": [5], "desk.py": [2]}),
        Case("far", True, "", {"desk.py": [2]}),
    ]
    found = suspicious(tests, {"shop.py": [1, 4], "desk.py": [1], "tables.py": [7]})
    assert found[("shop.py", 3)] == ochiai(tests)[("shop.py", 3)] == 1.0
    assert 1.0 > found[("shop.py", 0)] > found[("tables.py", 6)] > 0.0
    assert not any(path == "desk.py" for path, _ in found)


def test_of_many_files_that_no_test_runs_those_beside_the_failure_are_suspected() -> None:
    tests = [Case("bad", False, "AssertionError", {"app/shop.py": [4]}), Case("good", True, "", {"app/shop.py": [5]})]
    imported = {f"far/{number}.py": [1] for number in range(200)} | {"app/tables.py": [1]}
    paths = {path for path, _ in suspicious(tests, imported)}
    assert {"app/shop.py", "app/tables.py", "far/0.py"} < paths
    assert len(paths) == 1 + TABLES


@pytest.mark.parametrize("kept", ["from shop import PLURALS", "import shop"])
def test_a_fault_that_took_effect_while_modules_were_imported_is_found(
    kept: str, write: Write, sandbox: Sandbox
) -> None:
    shop = (
        "PLURALS = []\n\n\ndef irregular(one, many):\n    if one[0] != many[0]:\n        PLURALS.append((one, many))\n"
    )
    shop += "    else:\n        PLURALS.insert(0, (one, many))\n\n\n"
    shop += "irregular('man', 'men')\nirregular('cow', 'kine')\nirregular('move', 'moves')\n"
    name = "PLURALS" if "PLURALS" in kept else "shop.PLURALS"
    tests = f"{kept}\n\n\ndef test_order():\n    assert {name}[-1] == ('cow', 'kine')\n\n\n"
    tests += f"def test_first():\n    assert {name}[0] == ('move', 'moves')\n\n\n"
    tests += f"def test_count():\n    assert len({name}) == 3\n"
    root = write({"shop.py": shop.replace("!=", "=="), "test_shop.py": tests})
    report = heal_command(root, ("pytest", "-q", "-p", "no:cacheprovider"), sandbox=sandbox, timeout_s=30)
    texts = [each.texts.get(str(root / "shop.py")) for each in report.candidates]
    assert shop in texts


@pytest.mark.parametrize(("calls", "before"), [("assert first(1)\nassert second(1)\n", 1), ("assert second(2)\n", 2)])
def test_statements_that_no_change_touches_are_run_once_for_all(calls: str, before: int, write: Write) -> None:
    """A change of ``first`` leaves alone what comes before its first call, a change of the module nothing."""
    shop = "def first(n):\n    return n < 0\n\n\ndef second(n):\n    return n > 0\n"
    workspace = Workspace(write({"shop.py": shop, "main.py": f"from shop import *\n{calls}"}))
    lines = {"assert first(1)": [2], "assert second(1)": [6], "assert second(2)": [6]}
    tests = [Case("0", True, "", {"shop.py": [1, 5], "main.py": [1]})]
    tests += [
        Case(str(number), False, "AssertionError", {"shop.py": lines[each], "main.py": [number + 1]})
        for number, each in enumerate(calls.splitlines(), 1)
    ]
    candidates = [each for each in mutations(workspace, {("shop.py", 1): 1.0}) if each.chunk[4] > 0]
    assert candidates
    assert ahead(workspace, Traced(tuple(tests), (), 0.1), candidates) == before


def test_a_change_to_a_line_that_stands_elsewhere_is_the_first(write: Write) -> None:
    twice = "    return info(hits, misses, len(cache))\n"
    text = "def one(info, hits, misses, cache, total, held):\n    held.append((total, misses))\n" + twice
    text += "\n\n" + text.replace("one", "two").replace("(hits, misses", "(hits, held")
    workspace = Workspace(write({"shop.py": text}))
    first = mutations(workspace, {("shop.py", 7): 1.0})[0]
    assert first.text(text.encode()).decode().count(twice) == 2
