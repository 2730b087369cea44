"""The search itself: what it reaches, what it repeats, what it leaves as it was."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import pytest

from suture.analyzers.fuzzing.api import Done, FuzzFinding, Input, Progress, fuzz, replay
from suture.analyzers.fuzzing.signatures import signature
from suture.analyzers.sandbox import Sandbox

Search = Callable[..., dict[str, Any]]

#: Bugs behind conditions that random inputs do not meet. Each fails in one place only.
HIDDEN: dict[str, tuple[str, str]] = {
    "a chain of numbers": (
        "f",
        'def f(a: int, b: int) -> int:\n    """Level."""\n    if a > 700:\n        if b == a * 2 + 13:\n'
        "            return 1 // (a - a)\n    return 0\n",
    ),
    "a checksum at the end": (
        "f",
        'def f(frame: str) -> int:\n    """Length, 0 for a bad frame."""\n'
        '    if not frame.startswith("$PX") or "*" not in frame:\n        return 0\n'
        '    body, _, tail = frame[1:].partition("*")\n    total = 0\n    for char in body:\n'
        '        total ^= ord(char)\n    if f"{total:02x}" != tail:\n        return 0\n'
        '    return len(body.split(",")[3])\n',
    ),
    "a state machine": (
        "f",
        'def f(text: str) -> int:\n    """How far."""\n    state = 0\n    for char in text:\n'
        '        if state == 0 and char == "<":\n            state = 1\n        elif state == 1 and char == "!":\n'
        '            state = 2\n        elif state == 2 and char == "-":\n            state = 3\n'
        "        elif state == 3:\n            return 1 // (state - 3)\n        else:\n            state = 0\n"
        "    return state\n",
    ),
    "a header with a length": (
        "f",
        'def f(data: bytes) -> int:\n    """Version, 0 for none."""\n    if data[:4] != b"\\x89SUT" or len(data) < 8:\n'
        '        return 0\n    if int.from_bytes(data[4:6], "big") != len(data) - 6:\n        return 0\n'
        "    if sum(data[6:]) % 256 != 77:\n        return 1\n    return 1 // (len(data) - len(data))\n",
    ),
    "fields of an object": (
        "f",
        "from dataclasses import dataclass\n\n\n@dataclass\nclass Order:\n    kind: str\n    amount: int\n"
        "    off: int\n\n\n"
        'def f(order: Order) -> int:\n    """Price."""\n    if order.kind == "wholesale" and order.amount > 5000:\n'
        "        if order.off == order.amount // 7:\n            return 1 // (order.off - order.amount // 7)\n"
        "    return order.amount\n",
    ),
    "a sequence of steps": (
        "Door",
        'class Door:\n    """A door with a code."""\n\n    def __init__(self) -> None:\n'
        "        self.digits: list[int] = []\n\n    def press(self, digit: int) -> int:\n"
        '        """Press a digit."""\n        self.digits.append(digit)\n'
        "        if self.digits[-3:] == [7, 3, 9]:\n            return 1 // (len(self.digits) * 0)\n        return 0\n",
    ),
    "floats that belong together": (
        "f",
        'def f(a: float, b: float) -> float:\n    """Of a and b."""\n'
        "    if 41.5 < a < 42.5 and abs(b - a * 3) < 0.25:\n"
        "        return a / (0 * b)\n    return 0.0\n",
    ),
}


@pytest.mark.parametrize("case", HIDDEN)
def test_what_is_behind_a_condition_is_found(search: Search, case: str) -> None:
    name, code = HIDDEN[case]
    answer = search(code, name, budget_s=30, symbolic=False)
    assert answer.get("candidate", {}).get("exception") in ("ZeroDivisionError", "IndexError"), answer


def test_the_same_seed_does_the_same(search: Search) -> None:
    code = (
        "def f(text: str, n: int) -> int:\n    if len(text) > 3 and text[1] == 'q':\n        return n\n"
        "    if n > 12345:\n        return 2\n    return 0\n"
    )
    one, two = (search(code, "f", 60, most=4000, symbolic=False, seed=3) for _ in range(2))
    kept = ("executions", "branches", "coverage", "stages", "inputs")
    assert [one[each] for each in kept] == [two[each] for each in kept]
    assert one["executions"] >= 4000


def test_inputs_that_reach_new_branches_come_back_and_are_tried_first_in_the_next_call(search: Search) -> None:
    name, code = HIDDEN["a state machine"]
    answer = search(code, name, budget_s=30, symbolic=False)
    candidate = answer["candidate"]
    again = search(code, name, budget_s=30, first=[[candidate["args"], candidate["kwargs"]]], symbolic=False)
    assert (again["stage"], again["executions"] < 100) == ("first", True)
    assert len(answer["inputs"]) > 2
    assert [branches for _, branches in answer["coverage"]] == sorted({branches for _, branches in answer["coverage"]})


def test_an_input_outside_of_the_domain_is_not_tried_first(search: Search) -> None:
    answer = search("def f(n: int) -> int:\n    return 1 + n\n", "f", first=[["('a',)", "{}"], ["(", ""]], most=50)
    assert "candidate" not in answer
    assert answer["status"] == "ok"


def test_what_is_expected_is_not_reported(search: Search) -> None:
    code = "def f(xs: list[int]) -> float:\n    return sum(xs) / len(xs)\n"
    name = signature("crash", "ZeroDivisionError", 2, code)
    assert search(code, "f")["candidate"]["exception"] == "ZeroDivisionError"
    assert "candidate" not in search(code, "f", expected=[name])


HANGS = {
    "a function": ("f", "def f(n: int) -> int:\n    while n != 7:\n        n += 1 if n < 7 else 0\n    return n\n"),
    "a coroutine": (
        "f",
        "import asyncio\nasync def f(n: int) -> int:\n    while n != 7:\n        n += 1 if n < 7 else 0\n"
        "        await asyncio.sleep(0)\n    return n\n",
    ),
    "a generator": (
        "f",
        "from typing import Iterator\ndef f(n: int) -> Iterator[int]:\n    while n != 7:\n"
        "        n += 1 if n < 7 else 0\n"
        "    yield n\n",
    ),
    "a method": (
        "C.f",
        "class C:\n    def __init__(self, start: int = 0) -> None:\n        self.start = start\n\n"
        "    def f(self, n: int) -> int:\n        while n != 7:\n            n += 1 if n < 7 else 0\n"
        "        return n\n",
    ),
    "a class": (
        "C",
        "class C:\n    def __init__(self) -> None:\n        self.n = 0\n\n    def f(self, n: int) -> int:\n"
        "        while n != 7:\n            n += 1 if n < 7 else 0\n        return n\n",
    ),
}


@pytest.mark.parametrize("case", HANGS)
def test_an_endless_call_is_a_hang(search: Search, case: str) -> None:
    name, code = HANGS[case]
    candidate = search(code, name, budget_s=20)["candidate"]
    assert (candidate["kind"], candidate["exception"]) == ("hang", "Hang")
    again = search(code, name, budget_s=20, mode="replay", args=candidate["args"], kwargs=candidate["kwargs"], copies=2)
    assert again["candidate"]["kind"] == "hang"


def test_slow_and_waiting_calls_are_not_hangs(search: Search) -> None:
    slow = "import time\ndef f(n: int) -> int:\n    end = time.process_time() + 0.15\n"
    slow += "    while time.process_time() < end:\n        pass\n    return n\n"
    assert "candidate" not in search(slow, "f", budget_s=1.5)
    waiting = "import time\ndef f(n: int) -> int:\n    time.sleep(0.7)\n    return n\n"
    assert "candidate" not in search(waiting, "f", budget_s=2)


def test_a_cost_that_grows_fast_is_not_a_hang(search: Search) -> None:
    orders = (
        "import itertools\ndef f(n: int) -> int:\n    total = 0\n    if 0 < n < 13:\n"
        "        for each in itertools.permutations(range(n)):\n            total += each[0] < each[-1]\n"
        "    return total\n"
    )
    assert "candidate" not in search(orders, "f", budget_s=6, symbolic=False)


def test_an_input_that_kills_the_interpreter_is_known(search: Search) -> None:
    code = "import ctypes\ndef f(n: int) -> int:\n    if n == 3:\n        ctypes.string_at(0)\n    return n\n"
    candidate = search(code, "f", budget_s=20)["candidate"]
    assert (candidate["args"], candidate["exception"]) == ("(3,)", "SIGSEGV")


def test_a_target_that_ends_the_process_does_not_end_the_search(search: Search) -> None:
    code = "import os\ndef f(n: int) -> int:\n    if n == 2:\n        os._exit(0)\n    return n\n"
    answer = search(code, "f", budget_s=3)
    assert answer["status"] == "ok"
    assert answer["executions"] > 10


def test_a_target_that_takes_the_timer_away_does_not_hang_the_search(search: Search) -> None:
    code = (
        "import signal\ndef f(n: int) -> int:\n    signal.signal(signal.SIGPROF, signal.SIG_IGN)\n"
        "    signal.setitimer(signal.ITIMER_PROF, 0)\n    while n == 1:\n        pass\n    return n\n"
    )
    answer = search(code, "f", budget_s=20)
    assert answer["candidate"]["kind"] == "hang"


ENVIRONMENT = {
    "a read-only file system": 'open("/usr/x", "w")',
    "no network": 'import socket; socket.create_connection(("10.0.0.1", 80), 1)',
    "no name resolution": 'import socket; socket.getaddrinfo("example.org", 80)',
    "the memory limit": "bytearray(8 << 30)",
    "a system call that is refused": 'import os; os.mount("a", "b", "c") if hasattr(os, "mount") else os.chroot("/")',
    "a listing that is not allowed": 'import os; os.listdir("/root")',
}


@pytest.mark.parametrize("case", ENVIRONMENT)
def test_what_the_sandbox_refuses_is_no_finding(sandbox: Sandbox, tmp_path: Path, case: str) -> None:
    (tmp_path / "pyproject.toml").write_text("")
    (tmp_path / "mod.py").write_text(f"def f(n: int) -> int:\n    {ENVIRONMENT[case]}\n    return n\n")
    events = list(fuzz(tmp_path, tmp_path / "mod.py", "f", sandbox=sandbox, budget_s=1))
    assert not [each for each in events if isinstance(each, FuzzFinding)]
    assert isinstance(events[-1], Done)


def test_an_exhausted_memory_limit_of_the_whole_worker_is_environment(sandbox: Sandbox, tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("")
    code = "KEPT = []\ndef f(n: int) -> int:\n    KEPT.append(bytearray(40 << 20))\n    return n\n"
    (tmp_path / "mod.py").write_text(code)
    events = list(fuzz(tmp_path, tmp_path / "mod.py", "f", sandbox=sandbox, budget_s=3))
    assert not [each for each in events if isinstance(each, FuzzFinding)]


@pytest.fixture
def broken(tmp_path: Path) -> Path:
    (tmp_path / "pyproject.toml").write_text("")
    (tmp_path / "mod.py").write_text(
        'def mean(xs: list[float]) -> float:\n    """Mean."""\n    return sum(xs) / len(xs)\n'
    )
    return tmp_path / "mod.py"


def test_a_finding_says_what_found_it_and_the_end_says_what_was_reached(sandbox: Sandbox, broken: Path) -> None:
    events = list(fuzz(broken.parent, broken, "mean", sandbox=sandbox, budget_s=3))
    finding = next(each for each in events if isinstance(each, FuzzFinding))
    assert finding.stage == "boundary"
    assert finding.signature == signature("crash", "ZeroDivisionError", 3, broken.read_text())
    assert {"python", "hypothesis", "suture"} <= set(finding.versions)
    assert len(finding.source_hash) == 16
    done = events[-1]
    assert isinstance(done, Done)
    assert done.branches > 0
    assert sum(done.stages.values()) == done.executions
    assert done.coverage
    assert len(done.coverage) <= 64
    assert done.first_ms > 0


def test_the_name_of_a_bug_survives_a_move_but_not_another_line(sandbox: Sandbox, broken: Path) -> None:
    text = broken.read_text()
    names: list[str] = []
    for changed in (text, "# moved\n\n" + text, text.replace("len(xs)", "len(list(xs))")):
        events = fuzz(broken.parent, broken, "mean", sandbox=sandbox, budget_s=2, text=changed)
        names.append(next(each.signature for each in events if isinstance(each, FuzzFinding)))
    assert names[0] == names[1] != names[2]


def test_a_stored_input_is_tried_before_all_others_and_alone(sandbox: Sandbox, broken: Path) -> None:
    given = Input("([],)")
    found = fuzz(broken.parent, broken, "mean", sandbox=sandbox, budget_s=3, first=[given])
    assert next(each.stage for each in found if isinstance(each, FuzzFinding)) == "first"
    again = replay(broken.parent, broken, "mean", given, sandbox=sandbox)
    assert again.finding is not None
    assert again.finding.exception == "ZeroDivisionError"
    assert replay(broken.parent, broken, "mean", Input("([1.0],)"), sandbox=sandbox).finding is None


def test_progress_comes_while_it_runs(sandbox: Sandbox, tmp_path: Path) -> None:
    (tmp_path / "mod.py").write_text("def f(n: int) -> int:\n    return n if n > 3 else -n\n")
    told = [
        each
        for each in fuzz(tmp_path, tmp_path / "mod.py", "f", sandbox=sandbox, budget_s=2)
        if isinstance(each, Progress) and each.executions
    ]
    assert len(told) >= 3
    assert told[-1].branches >= 2
    assert [each.executions for each in told] == sorted(each.executions for each in told)


def test_a_hang_is_confirmed_in_two_processes_at_once(sandbox: Sandbox, tmp_path: Path) -> None:
    (tmp_path / "mod.py").write_text(HANGS["a function"][1])
    calls: list[Any] = []

    class Counting:
        def call(self, function: str, payload: Any, **more: Any) -> Any:
            calls.append((payload.get("mode", "search"), payload.get("copies", 1)))
            return sandbox.call(function, payload, **more)

    events = list(fuzz(tmp_path, tmp_path / "mod.py", "f", sandbox=cast("Sandbox", Counting()), budget_s=20))
    finding = next(each for each in events if isinstance(each, FuzzFinding))
    assert finding.kind == "hang"
    assert calls == [("search", 1), ("replay", 2)]
