"""What is a bug and what is not. Each snippet is fuzzed for a moment by the real worker."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

Search = Callable[..., dict[str, Any]]

BUGS = {
    "an empty list where a value is promised": (
        'def f(xs: list[float]) -> float:\n    """Mean; 0.0 when empty."""\n    return sum(xs) / len(xs)\n',
        "crash:ZeroDivisionError",
    ),
    "an index of the function's own making": (
        'def f(s: str) -> str:\n    """Capitalise."""\n    return s[0].upper() + s[1:]\n',
        "crash:IndexError",
    ),
    "a conversion where malformed input is to give None": (
        'def f(s: str) -> int | None:\n    """\'n=5\' to 5, None for anything else."""\n'
        '    return int(s[2:]) if s.startswith("n=") else None\n',
        "crash:ValueError",
    ),
    "a None of the function's own": (
        "import re\ndef f(text):\n    return re.search('[0-9]+', text).group()\n",
        "crash:AttributeError",
    ),
    "a name that is not always bound": (
        "from typing import Literal\ndef f(m: Literal['r', 'w']) -> int:\n"
        "    if m == 'r':\n        n = 1\n    return n\n",
        "crash:UnboundLocalError",
    ),
    "an enum member that is forgotten": (
        "import enum\nclass E(enum.Enum):\n    A = 1\n    B = 2\ndef f(e: E) -> str:\n    return {E.A: 'a'}[e]\n",
        "crash:KeyError",
    ),
    "a loop that zero never leaves": (
        "def f(xs: list[int], step: int) -> int:\n    i = 0\n    while i < len(xs):\n        i += step\n    return i\n",
        "hang:Hang",
    ),
    "a pattern that backtracks": (
        "import re\ndef f(s: str) -> bool:\n    return re.fullmatch('([a-z]+,?)+', s) is not None\n",
        "hang:Hang",
    ),
    "an argument that is said to stay": (
        'def f(xs: list[int]) -> list[int]:\n    """Sorted copy; xs is not modified."""\n'
        "    xs.sort()\n    return xs\n",
        "mutation:ArgumentMutated",
    ),
    "a default that grows": (
        "def f(x: int, into: list[int] = []) -> list[int]:\n    into.append(x)\n    return into\n",
        "mutation:DefaultMutated",
    ),
    "a round trip that is stated": (
        'def enc(s: str) -> str:\n    """dec(enc(s)) == s."""\n'
        "    return s.strip()\n\ndef dec(s: str) -> str:\n    return s\n",
        "property:RoundTrip",
        "enc",
    ),
    "None where the annotation rules it out": (
        "def f(d: dict[str, int], k: str) -> int:\n    return d.get(k)\n",
        "property:WrongReturnType",
    ),
    "a class whose methods do not fit together": (
        'class C:\n    """Ring; size 0 drops all."""\n    def __init__(self, size: int) -> None:\n'
        "        self.items = [0] * max(size, 0)\n        self.at = 0\n"
        "    def push(self, x: int) -> None:\n        self.at = (self.at + 1) % len(self.items)\n",
        "crash:ZeroDivisionError",
        "C",
    ),
    "an asynchronous function": (
        'async def f(names: list[str]) -> str:\n    """First name, "" if there is none."""\n    return names[0]\n',
        "crash:IndexError",
    ),
    "a generator": (
        'def f(xs: list[int]):\n    """Pairs of neighbours, none for an empty list."""\n    last = xs[0]\n'
        "    for x in xs[1:]:\n        yield last, x\n        last = x\n",
        "crash:IndexError",
    ),
    "an instance of a dataclass": (
        "import dataclasses\n@dataclasses.dataclass\nclass R:\n    w: float\n    h: float\n"
        'def f(r: R) -> float:\n    """w over h, 0.0 for a flat one."""\n    return r.w / r.h\n',
        "crash:ZeroDivisionError",
    ),
}

CORRECT = {
    "deliberate validation": "def f(n: int) -> int:\n    if n < 0:\n        raise ValueError(n)\n    return n\n",
    "validation in a helper": "def c(n):\n    if n < 0:\n        raise KeyError(n)\ndef f(n: int) -> None:\n    c(n)\n",
    "a documented exception": (
        'def f(b: bytes) -> str:\n    """Decode. Raises UnicodeDecodeError."""\n    return b.decode()\n'
    ),
    "an asserted precondition": "def f(n: int) -> int:\n    assert n > 0\n    return 10 // n\n",
    "a stated precondition": (
        'def f(xs: list[int]) -> int:\n    """First item; xs must not be empty."""\n    return xs[0]\n'
    ),
    "an index that the caller gives": "def f(xs: list[int], i: int) -> int:\n    return xs[i]\n",
    "a divisor that the caller gives": "def f(a: float, b: float) -> float:\n    return a / b\n",
    "a conversion that promises nothing": 'def f(s: str) -> int:\n    """Convert."""\n    return int(s)\n',
    "a type error in a guessed domain": "def f(a, b):\n    return a + b\n",
    "items that cannot be compared": "def f(xs: list) -> list:\n    return sorted(xs)\n",
    "leaving on purpose": "import sys\ndef f(argv: list[str]) -> None:\n    if argv:\n        sys.exit(2)\n",
    "something not written yet": (
        "def f(n: int) -> int:\n    if n > 3:\n        raise NotImplementedError\n    return n\n"
    ),
    "slow but correct": "def f(n: int) -> int:\n    return n if n < 2 else f(n - 1) + f(n - 2)\n",
    "recursion that is merely deep": "def f(n: int) -> int:\n    return 0 if n <= 0 else 1 + f(n - 1)\n",
    "a main loop": "def f(port: int) -> None:\n    while True:\n        pass\n",
    "waiting": "import time\ndef f(n: int) -> int:\n    time.sleep(0.7)\n    return n\n",
    "sorting in place": 'def f(xs: list[int]) -> None:\n    """Sort xs in place."""\n    xs.sort()\n',
    "a cache in a default": "def f(n: int, _cache: dict[int, int] = {}) -> int:\n    _cache[n] = n\n    return n\n",
    "no memory": "def f(n: int) -> int:\n    raise MemoryError\n",
    "no file": "def f(path: str) -> str:\n    return open(path).read()\n",
    "overflow of large numbers": "def f(x: float) -> float:\n    return (x * 1e300) ** 2\n",
    "vectors of different length": (
        "def f(a: list[float], b: list[float]) -> float:\n    return sum(a[i] * b[i] for i in range(len(a)))\n"
    ),
    "a stack that is empty": (
        "class f:\n    def __init__(self) -> None:\n        self.items: list[int] = []\n"
        "    def push(self, x: int) -> None:\n        self.items.append(x)\n"
        "    def pop(self) -> int:\n        return self.items.pop()\n"
    ),
}


@pytest.mark.parametrize("case", BUGS)
def test_a_bug_is_found(search: Search, case: str) -> None:
    code, expected, *name = BUGS[case]
    answer = search(code, name[0] if name else "f", budget_s=4)
    found = answer.get("candidate")
    assert found is not None, answer
    assert f"{found['kind']}:{found['exception']}" == expected


@pytest.mark.parametrize("case", CORRECT)
def test_correct_code_raises_no_alarm(search: Search, case: str) -> None:
    answer = search(CORRECT[case], "f", budget_s=0.4)
    assert answer["status"] == "ok", answer
    assert "candidate" not in answer


def test_a_crash_is_shrunk_and_placed_on_its_line(search: Search) -> None:
    code = (
        'def f(s: str) -> str:\n    """Kind, "plain" otherwise."""\n'
        '    if s.startswith("SUTR"):\n        return s[4]\n    return "plain"\n'
    )
    found = search(code, "f", budget_s=3)["candidate"]
    assert (found["args"], found["line"]) == ("('SUTR',)", 4)


def test_the_same_seed_finds_the_same_input(search: Search) -> None:
    code = "def f(a: int, b: int) -> float:\n    return 1 / (a * 7 + b - 1234)\n"
    first, second = (search(code, "f", budget_s=3, boundary_s=0, seed=5) for _ in range(2))
    assert first["candidate"]["args"] == second["candidate"]["args"]


def test_a_signature_that_is_known_is_not_reported_again(search: Search) -> None:
    code = 'def f(xs: list[int]) -> int:\n    """Last, 0 if empty."""\n    return xs[-1]\n'
    first = search(code, "f")
    again = search(code, "f", known=[first["candidate"]["signature"]])
    assert "candidate" not in again


def test_a_replay_judges_the_printed_input(search: Search) -> None:
    code = 'def f(xs: list[int]) -> int:\n    """Last, 0 if empty."""\n    return xs[-1]\n'
    assert search(code, "f", mode="replay", args="([],)", kwargs="{}")["candidate"]["exception"] == "IndexError"
    assert "candidate" not in search(code, "f", mode="replay", args="([1],)", kwargs="{}")


def test_a_target_that_exits_the_process_does_not_end_the_search(search: Search) -> None:
    code = (
        "import os\ndef f(n: int) -> int:\n    if n == 1:\n        os._exit(3)\n    return {0: 1}[n * 0 + (n == 5)]\n"
    )
    answer = search(code, "f", budget_s=3)
    assert answer["candidate"]["exception"] == "KeyError"


def test_a_loop_in_c_code_is_ended_from_outside(search: Search) -> None:
    code = "def f(n: int) -> int:\n    return sum(x for x in ()) if n else sum(range(10 ** 13))\n"
    answer = search(code, "f", budget_s=6)
    assert answer["status"] == "ok"


def test_state_that_a_target_disturbs_does_not_end_the_search(search: Search) -> None:
    code = (
        "import os, sys, signal\ndef f(n: int) -> int:\n    signal.alarm(1)\n    os.chdir('/')\n"
        "    os.environ.clear()\n    sys.setrecursionlimit(5000)\n    return n\n"
    )
    answer = search(code, "f", budget_s=1.5)
    assert answer["status"] == "ok"
    assert answer["executions"] > 100


def test_a_module_that_does_not_import_is_an_environment_failure(search: Search) -> None:
    answer = search("import no_such_module_anywhere\ndef f(n: int) -> int:\n    return n\n", "f")
    assert answer["status"] == "environment"
    assert "no_such_module_anywhere" in answer["reason"]


def test_a_difference_from_the_base_version_is_found(search: Search) -> None:
    base = "def f(n: int) -> int:\n    return abs(n)\n"
    found = search("def f(n: int) -> int:\n    return n\n", "f", base=base)["candidate"]
    assert (found["kind"], found["args"], found["expected"]) == ("regression", "(-1,)", "1")


def test_the_same_behaviour_as_the_base_version_is_no_finding(search: Search) -> None:
    base = "def f(n: int) -> list[int]:\n    return [n, n]\n"
    assert "candidate" not in search("def f(n: int) -> list[int]:\n    return [n] * 2\n", "f", base=base)
