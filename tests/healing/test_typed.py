"""Edits along the way of a value that failed: where they are looked for, and which come first."""

from __future__ import annotations

from pathlib import Path
from typing import cast

import pytest

from suture.analyzers.sandbox.interface import Outcome, Sandbox
from suture.healing.fault import NO_FAULT, Fault, Frame
from suture.healing.logic.trial import Program, Rivals, Tried
from suture.healing.observation import Observation, ObservedFrame
from suture.healing.probe import Run
from suture.healing.repair import Context, Draft
from suture.healing.typed import dispute
from suture.healing.typed.candidates import merged, typed_edits
from suture.healing.typed.clues import clue_changes
from suture.healing.typed.dispute import differs, disputed, placed_of
from suture.healing.typed.whole import MOST_FUNCTIONS
from suture.healing.verify import State
from suture.healing.workspace import Workspace


def context(root: Path, text: str, line: int, exception: str, message: str, types: dict[str, str]) -> Context:
    """The crash of ``mod.py`` at a line (0-based), the last of the calls, with the types of its names."""
    (root / "mod.py").write_text(text)
    path = str(root / "mod.py")
    frames = (Frame("mod.py", line, ""),)
    fault = Fault("type", exception=exception, message=message, path="mod.py", line=line, frames=frames)
    seen = Observation(exception, frames=(ObservedFrame(path, line, types),))
    return Context(Workspace(root), "mod.py", text, fault, seen)


def made(found: Context) -> list[str]:
    """What the text becomes, the likeliest first."""
    data = found.text.encode()
    return [each.text(data).decode() for each in typed_edits(found)]


CASES: dict[str, tuple[str, tuple[int, str, str, dict[str, str]], tuple[str, str]]] = {
    "a value passed to the function of the file that is there for it": (
        "def at(text):\n    return int(text)\n\n\ndef ends(start):\n    start = start\n    return start + 1\n",
        (6, "TypeError", 'can only concatenate str (not "int") to str', {"start": "str"}),
        ("start = start\n", "start = at(start)\n"),
    ),
    "an attribute that the object was seen to have": (
        "def cost(job):\n    return 2 * job\n",
        (1, "TypeError", "unsupported operand", {"job": "Job", "job.price": "int"}),
        ("2 * job", "2 * job.price"),
    ),
    "the start of a table that is asked for with what it is given elsewhere": (
        "def count(names):\n    found = dict.fromkeys(names)\n    found[names[0]] += 1\n    return found\n",
        (2, "TypeError", "unsupported operand type(s) for +=: 'NoneType' and 'int'", {"found": "dict"}),
        ("fromkeys(names)", "fromkeys(names, 0)"),
    ),
    "a question that is asked first, answered as elsewhere in the function": (
        "def first(rows, deep):\n    if not deep:\n        return []\n    return rows[0]\n",
        (3, "IndexError", "list index out of range", {"rows": "list"}),
        ("    return rows[0]", "    if not rows:\n        return []\n    return rows[0]"),
    ),
    "what an import is for that nothing uses": (
        "import csv\nimport io\n\n\ndef read(text):\n    rows = csv.DictReader(text)\n    return next(rows)['a']\n",
        (6, "KeyError", "'a'", {"text": "str"}),
        ("DictReader(text)", "DictReader(io.StringIO(text))"),
    ),
    "the container that is imported and not used": (
        "from collections import defaultdict\n\nFOUND = {}\n\n\ndef put(key):\n    FOUND[key].append(1)\n",
        (6, "KeyError", "'b'", {}),
        ("FOUND = {}", "FOUND = defaultdict(list)"),
    ),
    "nothing of the kind that it is added to": (
        "class Money:\n    def __init__(self, cents):\n        self.cents = cents\n\n\n"
        "def pay(found, key, cost):\n    return found.get(key, 0) + cost\n",
        (6, "TypeError", "unsupported operand type(s) for +: 'int' and 'Money'", {}),
        ("(key, 0)", "(key, Money(0))"),
    ),
    "a sum that begins with what nothing else uses": (
        "class Money:\n    def __init__(self, cents, unit):\n        self.cents = cents\n\n\n"
        "def total(costs, unit):\n    return sum(costs)\n",
        (6, "TypeError", "unsupported operand type(s) for +: 'int' and 'Money'", {}),
        ("sum(costs)", "sum(costs, Money(0, unit=unit))"),
    ),
    "a factory that needs a value": (
        "from collections import defaultdict\n\n\nclass Money:\n    def __init__(self, cents):\n"
        "        self.cents = cents\n\n\ndef total(key):\n    sums = defaultdict(Money)\n    return sums[key]\n",
        (10, "TypeError", "Money.__init__() missing 1 required positional argument: 'cents'", {}),
        ("(Money)", "(lambda: Money(0))"),
    ),
    "a list for each object": (
        "from dataclasses import dataclass, field\n\n\n@dataclass\nclass Bill:\n    rows: list[int] = None\n\n"
        "    def add(self, row):\n        self.rows.append(row)\n",
        (8, "AttributeError", "'NoneType' object has no attribute 'append'", {"self": "Bill"}),
        ("= None", "= field(default_factory=list)"),
    ),
    "a generator that was not started": (
        "def mean():\n    value = yield\n\n\ndef means(values):\n    machine = mean()\n"
        "    return [machine.send(each) for each in values]\n",
        (6, "TypeError", "can't send non-None value to a just-started generator", {"machine": "generator"}),
        ("mean()\n    return", "mean()\n    next(machine)\n    return"),
    ),
    "a generator that is asked whether it is empty": (
        "def check(names):\n    lost = (each for each in names if not each)\n"
        "    if lost:\n        raise ValueError(lost)\n",
        (3, "ValueError", "<generator object>", {"names": "list", "lost": "generator"}),
        ("(each for each in names if not each)", "[each for each in names if not each]"),
    ),
    "what the library has beside it": (
        "import csv\n\n\ndef read(lines):\n    rows = csv.reader(lines)\n    return rows.fieldnames\n",
        (5, "AttributeError", "'_csv.reader' object has no attribute 'fieldnames'", {"lines": "list"}),
        ("csv.reader", "csv.DictReader"),
    ),
    "a field of a named tuple": (
        "from collections import namedtuple\n\nToken = namedtuple('Token', 'kind text')\nTABLE = {'+': 1}\n\n\n"
        "def weigh(token):\n    return TABLE[token]\n",
        (7, "KeyError", "Token(kind='op', text='+')", {"token": "mod.Token"}),
        ("TABLE[token]", "TABLE[token.text]"),
    ),
}


def test_what_a_module_imports_for_others_is_no_clue(tmp_path: Path) -> None:
    text = "from io import StringIO\n\n__all__ = ['StringIO']\n\n\ndef read(text):\n    return next(text)\n"
    found = made(context(tmp_path, text, 6, "TypeError", "'str' object is not an iterator", {"text": "str"}))
    assert text.replace("next(text)", "next(StringIO(text))") not in found
    alone = text.replace("__all__ = ['StringIO']\n", "")
    found = made(context(tmp_path, alone, 5, "TypeError", "'str' object is not an iterator", {"text": "str"}))
    assert alone.replace("next(text)", "next(StringIO(text))") in found


def test_a_long_function_has_no_more_clues_than_a_short_one(tmp_path: Path) -> None:
    def clues(rows: int) -> int:
        lines = "".join(f"    x{row} = rows.get('{row}', 0) + csv.reader(rows)\n" for row in range(rows))
        text = f"import csv\n\n\nclass Money:\n    pass\n\n\ndef big(rows):\n{lines}    return rows\n"
        message = "unsupported operand type(s) for +: 'int' and 'Money'"
        found = context(tmp_path, text, 8 + rows // 2, "TypeError", message, {"rows": "dict"})
        return sum(1 for _ in clue_changes(found))

    assert 0 < clues(40) == clues(80)


@pytest.mark.parametrize("name", CASES)
def test_is_tried(name: str, tmp_path: Path) -> None:
    text, (line, exception, message, types), (old, new) = CASES[name]
    assert text.replace(old, new) in made(context(tmp_path, text, line, exception, message, types))


def test_a_name_of_the_type_that_failed_comes_after_one_of_another_type(tmp_path: Path) -> None:
    text = "def f(label, other, count):\n    return 1 + label\n"
    types = {"label": "str", "other": "str", "count": "int"}
    found = made(context(tmp_path, text, 1, "TypeError", "unsupported operand type(s) for +", types))
    assert found.index(text.replace("+ label", "+ count")) < found.index(text.replace("+ label", "+ other"))


def test_a_file_of_checks_is_not_changed(tmp_path: Path) -> None:
    text = "rows = {}\nassert rows['a'] == 1\n"
    (tmp_path / "test_mod.py").write_text(text)
    frames = (Frame("test_mod.py", 1, ""),)
    fault = Fault("runtime", exception="KeyError", message="'a'", path="test_mod.py", line=1, frames=frames)
    assert not typed_edits(Context(Workspace(tmp_path), "test_mod.py", text, fault))


@pytest.mark.parametrize(
    ("text", "line", "exception", "message"),
    [
        ("def first(rows):\n    rows = rows\n    return rows[0]\n", 2, "IndexError", "list index out of range"),
        (
            "class Hero:\n    def __init__(self):\n        pass\n\n    def load(self):\n        return self.bag\n",
            5,
            "AttributeError",
            "'Hero' object has no attribute 'bag'",
        ),
    ],
)
def test_the_line_ends_of_the_file_are_kept(text: str, line: int, exception: str, message: str, tmp_path: Path) -> None:
    text = text.replace("\n", "\r\n")
    (tmp_path / "mod.py").write_bytes(text.encode())
    fault = Fault(
        "runtime", exception=exception, message=message, path="mod.py", line=line, frames=(Frame("mod.py", line, ""),)
    )
    edits = made(Context(Workspace(tmp_path), "mod.py", text, fault))
    assert any(each.count("\n") > text.count("\n") for each in edits)
    assert [each for each in edits if "\n" in each.replace("\r\n", "")] == []


def test_of_very_many_functions_those_that_the_calls_name_are_looked_at(tmp_path: Path) -> None:
    add = "class Box{0}:\n    def add{0}(self, item):\n        self.item = item\n\n\n"
    text = "".join(add.format(number) for number in range(MOST_FUNCTIONS))
    text += "def fill(box):\n    return box.add7(1).item\n"
    line = text.count("\n") - 1
    message = "'NoneType' object has no attribute 'item'"
    found = typed_edits(context(tmp_path, text, line, "AttributeError", message, {"box": "Box7"}))
    assert [each.mutation.line for each in found if each.mutation.title == "Return self"] == [5 * 7 + 2]


def test_of_the_same_change_the_heavier_one_is_kept(tmp_path: Path) -> None:
    text = "def cost(job):\n    return 2 * job\n"
    found = typed_edits(context(tmp_path, text, 1, "TypeError", "", {"job": "Job", "job.price": "int"}))
    assert merged(found, found) == found


def test_a_slip_of_a_class_as_a_whole_is_tried(tmp_path: Path) -> None:
    text = "class Hero:\n    def __init__(self, limit):\n        bag = [limit]\n\n"
    text += "    def load(self):\n        return self.bag\n"
    found = context(tmp_path, text, 5, "AttributeError", "'Hero' object has no attribute 'bag'", {"self": "Hero"})
    assert text.replace("bag = [", "self.bag = [") in made(found)[:3]


def test_what_the_program_asked_before_it_raised_is_looked_at(tmp_path: Path) -> None:
    text = "NEEDS = ('up')\n\n\ndef check(known):\n    for each in NEEDS:\n        if each not in known:\n"
    text += "            raise LookupError(each)\n"
    found = context(tmp_path, text, 6, "LookupError", "u", {"known": "list", "each": "str"})
    assert text.replace("('up')", "('up',)") in made(found)


def test_a_text_that_is_almost_the_one_asked_for_is_put_right_where_it_is_written(tmp_path: Path) -> None:
    text = 'ALIGN = {"left": 1, "rigth": 2}\n\n\ndef way(name):\n    return ALIGN[name]\n'
    found = context(tmp_path, text, 4, "KeyError", "'right'", {"name": "str"})
    assert text.replace("rigth", "right") in made(found)[:3]


def test_the_item_that_is_taken_by_a_key_of_its_own_is_looked_for_where_it_was_put(tmp_path: Path) -> None:
    text = "def low(rows):\n    heads = []\n    for row in rows:\n        heads.append((row, 1))\n"
    text += "    least = min(heads, key=lambda head: head[0])\n    least[0] = 2\n    return heads\n"
    found = context(tmp_path, text, 5, "TypeError", "'tuple' object does not support item assignment", {})
    assert text.replace("(row, 1)", "[row, 1]") in made(found)


def test_what_is_put_under_a_key_is_where_a_value_of_the_key_comes_from(tmp_path: Path) -> None:
    text = 'def rows(raw):\n    return [{"price": raw}]\n\n\ndef total(row):\n    return row["price"] * 1.5\n'
    found = context(tmp_path, text, 5, "TypeError", "can't multiply sequence by non-int", {"row": "dict"})
    assert text.replace('"price": raw}', '"price": int(raw)}') in made(found)


def answers(**given: tuple[str, ...]) -> Rivals:
    inputs = ("line=''", "line='a'")
    return Rivals((0, 1), inputs, None, {int(key[1:]): value for key, value in given.items()})


def test_edits_differ_where_both_answer_and_not_alike() -> None:
    assert differs(answers(_0=("=None;", "=1;"), _1=("=0;", "=1;")), 0, 1) == "line=''"
    assert not differs(answers(_0=("=None;", "=1;"), _1=("!KeyError", "=1;")), 0, 1)
    assert not differs(answers(_0=("=None;",)), 0, 1)


def test_an_edit_is_one_change_of_one_function_or_none_that_can_be_asked(tmp_path: Path) -> None:
    text = "def first(rows):\n    return rows[0]\n\n\ndef last(rows):\n    return rows[-1]\n"
    (tmp_path / "mod.py").write_text(text)
    workspace = Workspace(tmp_path)

    def state(new: str) -> State:
        done = Outcome("exit", 0, b"", b"", 0.1, "test")
        return State({"mod.py": new}, Run(done, NO_FAULT), (Draft("edit", {"mod.py": new}, 0.5),), solved=True)

    one = text.replace("    return rows[0]", "    return rows[0] if rows else None")
    found = placed_of(workspace, state(one))
    assert found is not None
    assert found.text(text.encode()).decode() == one
    assert placed_of(workspace, state(one.replace("rows[-1]", "rows[-1:]"))) is None


@pytest.mark.parametrize(("prior", "rivals", "verified"), [
    (0.55, (), False),
    (0.85, (), True),
    (0.55, (Rivals((0, 1), ("row=1",), None, {0: ("=1",), 1: ("=1",)}),), True),
])  # fmt: skip
def test_of_two_unlikely_edits_of_one_line_that_cannot_be_compared_neither_is_verified(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, prior: float, rivals: tuple[Rivals, ...], verified: bool
) -> None:
    text = "def kept(found, row, values):\n    found.append()\n    return row\n"
    (tmp_path / "mod.py").write_text(text)

    def state(name: str, likely: float) -> State:
        texts = {"mod.py": text.replace("append()", f"append({name})")}
        run = Run(Outcome("exit", 0, b"", b"", 0.1, "test"), NO_FAULT)
        return State(texts, run, (Draft(f"Pass `{name}`", texts, likely),), solved=True)

    def attempted(*_: object, **__: object) -> Tried:
        return Tried(rivals=rivals)

    monkeypatch.setattr(dispute, "attempt", attempted)
    states = [state("row", prior), state("values", prior - 0.01)]
    program = Program("script", "check.py", ())
    sandbox = cast("Sandbox", None)  # nothing is run
    left = disputed(Workspace(tmp_path), states, program, sandbox=sandbox, left=lambda: 9.0)
    assert [each.solved for each in left] == [verified, verified]
