"""Edits whose text nothing proposes: synthesised from the values that the tests show, one for each class of expressions
that nobody can tell apart; asked in forked children, so that the program does not see it."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from suture.analyzers.sandbox import Sandbox
from suture.healing.logic.heal import Bench, led_to, traced_of
from suture.healing.logic.spectrum import ochiai
from suture.healing.logic.synthesis import Hole, asked, heal_by_synthesis, instrumented, suspicious
from suture.healing.logic.synthesis_statements import Gap
from suture.healing.logic.trial import observe, program_of
from suture.healing.probe import run_command
from suture.healing.verify import State
from suture.healing.workspace import Workspace

INSIDE = Path(__file__).parents[2] / "healing" / "inside"
Write = Callable[[Mapping[str, str | bytes]], Path]

DEPOT = """\
class Box:
    def __init__(self, width, weight):
        self.width = width
        self.weight = weight


class Depot:
    def __init__(self, limit):
        self.limit = limit
        self.boxes = []
        self.left = 0

    def clean(self, name):
        return name.strip().lower()

    def put(self, box):
        if box.weight > self.limit:
            return False
        self.boxes.append(box)
        return True

    def widest(self):
        if not self.boxes:
            return 0
        return max(box.width for box in self.boxes)

    def take(self):
        return self.boxes.pop(0).width
"""
CHECK = """\
from depot import Box, Depot

depot = Depot(5)
assert depot.widest() == 0
assert depot.put(Box(3, 4))
assert depot.put(Box(9, 2))
assert not depot.put(Box(1, 7))
assert depot.put(Box(2, 5))
assert depot.widest() == 9
assert [each.width for each in depot.boxes] == [3, 9, 2]
assert depot.take() == 3
assert depot.take() == 9
assert depot.take() == 2
assert depot.clean("  Ab ") == "ab"
assert depot.clean("C") == "c"
"""


def bench_of(workspace: Workspace, sandbox: Sandbox, *command: str) -> Bench:
    program = program_of(command)
    assert program is not None

    def execute(view: Workspace) -> object:
        return run_command(view, command, sandbox=sandbox, timeout_s=60)

    return Bench(program, sandbox, execute, time.monotonic() + 90, 60)  # pyright: ignore[reportArgumentType]


def synthesised(root: Path, sandbox: Sandbox, *command: str) -> list[State]:
    workspace = Workspace(root)
    bench = bench_of(workspace, sandbox, *command)
    first = bench.execute(workspace)
    return heal_by_synthesis(workspace, first, traced_of(workspace, bench), bench)


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("if box.weight > self.limit:", "if box.weight > self.left:"),
        ("        if not self.boxes:\n            return 0\n", ""),
        ("return name.strip().lower()", "return name.strip()"),
        ("if box.weight > self.limit:", "if self.limit:"),
    ],
)
def test_what_is_missing_is_made_of_what_is_in_scope(right: str, wrong: str, write: Write, sandbox: Sandbox) -> None:
    broken = DEPOT.replace(right, wrong)
    assert broken != DEPOT
    root = write({"depot.py": broken, "check.py": CHECK})
    states = synthesised(root, sandbox, "python", "check.py")
    assert states
    assert states[0].run.ok
    mended = states[0].texts["depot.py"]
    hidden = CHECK + "assert Depot(1).widest() == 0\nassert not Depot(1).put(Box(1, 2))\n"
    view = Workspace(root, {"depot.py": mended.encode(), "check.py": hidden.encode()})
    assert run_command(view, ("python", "check.py"), sandbox=sandbox, timeout_s=60).ok


def places_of(
    workspace: Workspace, sandbox: Sandbox, *command: str
) -> tuple[list[Hole | Gap], Mapping[int, list[str]]]:
    """The suspicious places of a program, and the expressions that were found for each."""
    bench = bench_of(workspace, sandbox, *command)
    first, traced = bench.execute(workspace), traced_of(workspace, bench)
    assert traced is not None
    holes, gaps = suspicious(workspace, led_to(first.fault, ochiai(traced.tests)))
    places = [*holes, *gaps]
    view = workspace.with_texts(instrumented(workspace, places))
    seen = observe(view, bench.program, traced, asked(workspace, places), sandbox=sandbox, budget_s=60)
    return places, {number: [str(each["text"]) for each in members] for number, members in seen.items()}


def test_of_expressions_that_nobody_can_tell_apart_one_is_tried(write: Write, sandbox: Sandbox) -> None:
    text = "def area(width, height):\n    size = width\n    same = height\n    return size + width\n"
    root = write({"shape.py": text, "check.py": "from shape import area\n\nassert area(2, 3) == 5\n"})
    places, seen = places_of(Workspace(root), sandbox, "python", "check.py")
    (number,) = (n for n, each in enumerate(places) if isinstance(each, Hole) and each.text == "size")
    assert ("height" in seen[number]) + ("same" in seen[number]) == 1  # worth the same
    assert "width" not in seen[number]  # worth what stands there


def test_asking_changes_nothing_that_the_program_sees(write: Write, sandbox: Sandbox) -> None:
    text = "class Till:\n    def __init__(self):\n        self.coins = [1, 2]\n\n    def out(self):\n"
    text += "        return self.coins.pop()\n\n    def total(self, more):\n        return sum(self.coins) + more\n"
    check = "from till import Till\n\ntill = Till()\nassert till.total(1) == 4\nassert till.out() == 2\n"
    check += "assert till.total(0) == 5\n"
    root = write({"till.py": text, "check.py": check})
    places, seen = places_of(Workspace(root), sandbox, "python", "check.py")
    assert all("self.out()" not in each for members in seen.values() for each in members)
    (number,) = (n for n, each in enumerate(places) if isinstance(each, Hole) and each.text == "sum(self.coins)")
    assert "len(self.coins)" not in seen[number]  # worth 1 as the sum is: the program went on with one coin less
    assert "sum(self.coins) + 1" in seen[number]


@pytest.mark.parametrize("early", ["", "\n\nTRIED = Depot(5).put(Box(1, 1))\n"])
def test_a_suite_of_pytest_is_asked_too(early: str, write: Write, sandbox: Sandbox) -> None:
    tests = "from depot import Box, Depot\n\n\ndef test_put():\n    assert Depot(5).put(Box(3, 4))\n\n\n"
    tests += "def test_heavy():\n    assert not Depot(5).put(Box(3, 7))\n\n\ndef test_edge():\n"
    tests += "    assert Depot(5).put(Box(3, 5))\n"
    broken = DEPOT.replace("if box.weight > self.limit:", "if self.boxes:") + early
    root = write({"depot.py": broken, "test_depot.py": tests})
    states = synthesised(root, sandbox, "python", "-m", "pytest", "-q")
    assert states[0].run.ok
    assert "box.weight" in states[0].texts["depot.py"].partition("def put")[2].partition("return")[0]


def test_a_probe_leaves_the_meaning_of_a_file_as_it_is() -> None:
    text = "def f(a, b):\n    if a:\n        x = a.b[b](a, *b, c=-a ** 2)\n        return x, [y for y in b if y]\n"
    text += "    with a as c: return c\n    return a if b else not a\n"
    workspace = Workspace(Path("/nowhere"), {"m.py": text.encode()})
    holes, gaps = suspicious(workspace, {("m.py", line): 1.0 for line in range(6)})
    assert len(holes) > 12
    assert len(gaps) == 5
    probed = instrumented(workspace, [*holes, *gaps])["m.py"]
    code = f"import ast, json\ntext, probed = {text!r}, {probed!r}\n"
    code += """
class Without(ast.NodeTransformer):
    def visit_BoolOp(self, node):
        self.generic_visit(node)
        probe = isinstance(node.values[0], ast.Call) and getattr(node.values[0].func, "id", "") == "__suture_probe__"
        return node.values[1] if probe else node

    def visit_Expr(self, node):
        self.generic_visit(node)
        return None if "__suture_probe__" in ast.unparse(node) else node

print(json.dumps(ast.unparse(Without().visit(ast.parse(probed))) == ast.unparse(ast.parse(text))))
"""
    assert json.loads(subprocess.run([sys.executable, "-c", code], check=True, capture_output=True).stdout) is True


def test_a_value_is_told_apart_by_what_it_holds() -> None:
    code = f"import json, sys\nsys.path.insert(0, {str(INSIDE)!r})\nfrom suture_pool import shown\n"
    code += "class A:\n    def __init__(self, n):\n        self.n, self.me = n, self\n"
    code += "print(json.dumps([shown(A(1)) == shown(A(1)), shown({1: [2.0]}) == shown({1: [2]}), shown({2, 1})]))"
    told = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, timeout=60).stdout
    assert json.loads(told) == [False, False, "set(1,2)"]


def seen_at(root: Path, sandbox: Sandbox, text: str) -> list[str]:
    """The expressions that could stand where this one does."""
    places, seen = places_of(Workspace(root), sandbox, "python", "check.py")
    return seen.get(next(n for n, each in enumerate(places) if isinstance(each, Hole) and each.text == text), [])


def test_open_files_are_where_they_were_after_asking(write: Write, sandbox: Sandbox) -> None:
    text = "def total(stream, more):\n    first = int(stream.readline())\n    second = int(stream.readline())\n"
    text += "    return first + second\n"
    check = "from rows import total\n\nwith open('rows.txt') as stream:\n    assert total(stream, 5) == 8\n"
    root = write({"rows.py": text, "check.py": check, "rows.txt": "1\n2\n7\n"})
    found = seen_at(root, sandbox, "first + second")
    assert "second" in found  # worth 2: it read the second line, and was not told that the file is at its end


def test_an_expression_that_others_would_notice_is_not_evaluated(write: Write, sandbox: Sandbox) -> None:
    text = "import os\n\n\ndef wipe():\n    os.remove('rows.txt')\n    return 3\n\n\n"
    text += "def size(rows):\n    there = len(rows)\n    return there + os.path.exists('rows.txt')\n"
    check = "from rows import size\n\nopen('rows.txt', 'w').close()\nassert size([1]) == 4\n"
    root = write({"rows.py": text, "check.py": check})
    found = seen_at(root, sandbox, "len(rows)")
    assert found
    assert "wipe()" not in found
    assert "False" in seen_at(root, sandbox, "os.path.exists('rows.txt')")  # the file is there still


def test_what_is_used_up_by_a_look_is_whole_for_each_expression(write: Write, sandbox: Sandbox) -> None:
    text = "def tops(rows, five):\n    big = (each for each in rows if each > 1)\n    return big\n"
    root = write({"rows.py": text, "check.py": "from rows import tops\n\nassert tops([3, 1, 2], 5) == [2, 3]\n"})
    found = seen_at(root, sandbox, "big")
    assert {"list(big)", "sorted(big)", "five"} <= set(found)
    assert "sum(big)" not in found  # worth 5


def told_inside(code: str) -> object:
    """What a program prints that looks at values as one that is forked does."""
    code = f"import json, sys\nsys.path.insert(0, {str(INSIDE)!r})\nimport suture_pool, suture_values\n" + code
    told = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, timeout=60).stdout
    return json.loads(told)


def test_what_refuses_to_be_looked_at_hides_nothing_else() -> None:
    code = """
class Array:
    def __bool__(self): raise ValueError("ambiguous")
class Other:
    __slots__ = ()
    def __getattr__(self, name): raise KeyError(name)
hole = {"text": "a", "parts": [], "role": "value", "tight": True, "near": [], "names": ["a"], "function": "f"}
file = {"attributes": [], "methods": [], "callables": [], "constants": [], "literals": ["0"], "modules": []}
found = suture_pool.pool({"a": Array(), "b": Array(), "c": Other(), "n": 3}, {}, hole, file)
print(json.dumps("n" in [each[0] for each in found]))
"""
    assert told_inside(code) is True


def test_an_expression_that_handles_every_error_is_ended_too() -> None:
    code = """
import signal
def endless():
    while True:
        try:
            while True: pass
        except Exception: continue
signal.signal(signal.SIGVTALRM, suture_values.late)
print(json.dumps(suture_values.one(compile("endless()", "", "eval"), {"endless": endless}, False)))
"""
    assert told_inside(code) is None


def test_a_look_at_a_value_has_an_end_and_tells_how_much_there_is() -> None:
    code = """
rows = []
for _ in range(100):
    rows.append(rows)
shown = suture_pool.shown
ends = len(shown(rows)) < 100_000
alike = [shown([0] * 300) == shown([0] * 301), shown("a" * 5000) == shown("a" * 4999)]
print(json.dumps([ends, *alike, shown(9 ** 9999)[:2]]))
"""
    assert told_inside(code) == [True, False, False, f"{9**9999:x}"[:2]]
