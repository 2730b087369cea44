"""What nobody means though Python accepts it; faults of a script that lie before the statement which fails; and scripts
that check what they import, which are left alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from suture.analyzers.sandbox import Sandbox
from suture.healing.api import heal_command
from suture.healing.checks import is_check
from suture.healing.logic.mutations import mutations
from suture.healing.logic.spectrum import Case, set_up
from suture.healing.workspace import Workspace

Write = Callable[[Mapping[str, str | bytes]], Path]
CHECK = "from m import *\nassert A().size == 1\nassert A().size\n"


def weights(text: str, check: str = "") -> dict[str, float]:
    """The texts of a file after each mutation with their weights, all of its lines being suspicious."""
    workspace = Workspace(Path("/nowhere"), {"m.py": text.encode(), "check.py": check.encode()})
    suspicion = {("m.py", line): 1.0 for line in range(text.count("\n") + 1)} | {("check.py", 1): 1.0}
    return {
        each.text(text.encode()).decode(): each.mutation.weight
        for each in mutations(workspace, suspicion)
        if each.path == "m.py"
    }


@pytest.mark.parametrize(
    ("wrong", "old", "new"),
    [
        (
            "class A:\n    def free(self, hour):\n        return hour > 3\n\n\ndef f(room, hour):\n"
            "    if room.free:\n        return 1\n    return 2\n",
            "room.free:",
            "room.free(hour):",
        ),
        ("def f(a, b):\n    at = a.find(b)\n    return 1 if at is None else at\n", "at is None", "at == -1"),
        ("def f(a, b):\n    return a.rfind(b) is not None\n", "is not None", "!= -1"),
        (
            "class B(A):\n    def get(self, key):\n        return self.get(key) or 1\n",
            "self.get(key)",
            "super().get(key)",
        ),
        ("def f(t, k, v):\n    t.get(k, []).append(v)\n", "get", "setdefault"),
        ("def f(m):\n    return m.group().strip()\n", "group()", "group(1)"),
        (
            "def f(a, b=None):\n    if b is None:\n        def keep(c):\n            return a(c)\n    return b\n",
            "return a(c)\n",
            "return a(c)\n        return keep\n",
        ),
        (
            "class A:\n    def f(self, a):\n        last = a\n        return a\n\n    def g(self):\n"
            "        return self.last\n",
            "last = a",
            "self.last = a",
        ),
        (
            "class A:\n    def __init__(self, a):\n        self.a = a\n        self.kept = self.a\n\n    def f(self):\n"
            "        self.a.append(1)\n",
            "self.kept = self.a",
            "self.kept = self.a.copy()",
        ),
        ("def f(a):\n    return len([b[1] for b in a]) == 1\n", "[b[1] for b in a]", "{b[1] for b in a}"),
        ("def f(a, *given):\n    return a()\n", "a()", "a(*given)"),
        ("def f(a, *given):\n    return [].append(a)\n", "append(a)", "append(a(*given))"),
        ("from collections import OrderedDict\n\n\ndef f(d):\n    d.popitem()\n", "popitem()", "popitem(last=False)"),
        (
            "class A:\n    def __init__(self):\n        self.old = []\n\n    def back(self):\n"
            "        return self.old.pop()\n\n    def put(self, a):\n        print(a)\n",
            "print(a)\n",
            "print(a)\n        self.old.append(a)\n",
        ),
    ],
)
def test_what_nobody_means_is_tried_early(wrong: str, old: str, new: str) -> None:
    assert wrong.count(old) == 1
    assert weights(wrong)[wrong.replace(old, new)] >= 0.5


@pytest.mark.parametrize(
    ("text", "unwanted"),
    [
        ("def f(room):\n    if room.free:\n        return 1\n", "room.free()"),  # nobody knows what free is
        (
            "class A:\n    @property\n    def free(self):\n        return 1\n\n\ndef f(a):\n"
            "    if a.free:\n        return 1\n",
            "a.free(",
        ),
        ("class A:\n    def get(self, key):\n        return self.get(key)\n", "super()"),  # no base class
        ("def f(t, k, v):\n    return t.get(k, []).append(v)\n", "setdefault"),
        ("class A:\n    def f(self, a):\n        last = a\n        return last\n", "self.last = a"),
    ],
)
def test_what_may_be_meant_is_left(text: str, unwanted: str) -> None:
    assert not [each for each, weight in weights(text).items() if unwanted in each and weight >= 0.55]


PLAIN_CLASS = "class A:\n    def size(self):\n        return 1\n"


def test_a_method_that_a_check_reads_without_brackets_may_be_a_property() -> None:
    made = PLAIN_CLASS.replace("    def", "    @property\n    def")
    assert made in weights(PLAIN_CLASS, CHECK)
    assert made not in weights(PLAIN_CLASS, CHECK.replace("size", "size()"))


def test_a_script_that_asserts_more_than_it_defines_is_a_check_of_what_it_imports() -> None:
    def told(text: str) -> bool:
        return is_check(Workspace(Path("/nowhere"), {"m.py": b"a = 1\n", "run.py": text.encode()}), "run.py")

    assert told("from m import a\n\nassert a == 1\n")
    assert not told("import json\n\nassert json\n")  # of nothing that is in the workspace
    assert not told("from m import a\n\n\ndef f():\n    assert a == 1\n")
    assert not told("from m import a\n\nprint(a)\n")
    # what is asked of arguments, and what a text says
    assert not told("from m import a\n\n\ndef f(x):\n    assert x > 0\n    assert x < 9\n    return a * x\n")
    assert not told(
        "from m import a\n\n\nclass A:\n    def f(self):\n        assert self\n        assert a\n        assert 1\n"
    )
    assert not told('"""How we\nassert things.\n"""\nfrom m import a\n')
    assert told("from m import a\n\n\ndef main():\n    assert a == 1\n    assert a != 2\n\n\nmain()\n")


def test_what_the_statements_before_ran_is_less_suspicious_than_what_the_failing_one_ran() -> None:
    made, used = Case("0", True, "", {"m.py": [2]}), Case("1", True, "", {"m.py": [2, 3]})
    failed = Case("2", False, "x", {"m.py": [5]})
    found = set_up((made, used, failed))
    assert 0 < found["m.py", 1] < found["m.py", 2] < 1
    assert not set_up((Case("test_a", True, "", {"m.py": [2]}), Case("test_b", False, "x")))


STORE = """class Store:
    def __init__(self):
        self.rows = {}

    def put(self, key, row):
        self.rows.get(key, []).append(row)

    def find(self, key):
        return self.rows.get(key, [])
"""


@pytest.mark.slow
def test_a_fault_in_what_was_done_before_the_failing_assertion_is_found(write: Write, sandbox: Sandbox) -> None:
    check = "from store import Store\n\ns = Store()\ns.put('a', 1)\ns.put('a', 2)\nassert s.find('a') == [1, 2]\n"
    root = write({"store.py": STORE, "check.py": check})
    report = heal_command(root, ("python3", "check.py"), sandbox=sandbox, timeout_s=15)
    assert report.candidates[0].edit.verified
    assert "self.rows.setdefault(key, []).append(row)" in str(report.candidates[0])


def test_the_values_of_a_checking_script_are_not_changed() -> None:
    files = {"m.py": PLAIN_CLASS.encode(), "check.py": CHECK.replace("== 1", "== 2").encode()}
    found = mutations(Workspace(Path("/nowhere"), files), {("m.py", 2): 1.0, ("check.py", 1): 1.0})
    assert {each.path for each in found} == {"m.py"}


@pytest.mark.slow
def test_a_change_that_makes_a_method_ask_for_its_class_is_tried_as_a_whole(write: Write, sandbox: Sandbox) -> None:
    code = (
        "class Table:\n    def get(self, key):\n        return key + 1\n\n\n"
        "class Late(Table):\n    def get(self, key):\n        return self.get(key) * 2\n"
    )
    check = "from table import Late\n\nassert Late().get(2) == 6\nassert Late().get(4) == 10\n"
    root = write({"table.py": code, "check.py": check})
    report = heal_command(root, ("python3", "check.py"), sandbox=sandbox, timeout_s=15)
    assert report.candidates[0].edit.verified
    assert "super().get(key) * 2" in str(report.candidates[0])


def test_what_judges_the_values_of_tests_is_changed_last() -> None:
    text = "class A:\n    def {}(self, other):\n        return self.a == 1 and other.a == 1\n"
    judge, plain = (weights(text.format(name)) for name in ("__eq__", "alike"))
    made = text.replace(" and ", " or ")
    assert judge[made.format("__eq__")] < 0.3 * plain[made.format("alike")]
