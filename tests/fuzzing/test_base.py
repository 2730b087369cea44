"""The difference from a base version: wrong answers are found, refactorings are not. Replayed by the real worker."""

# ruff: noqa: E501 - a snippet of code is one string

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

Search = Callable[..., dict[str, Any]]

_POINT = "import dataclasses\n@dataclasses.dataclass\nclass P:\n    x: int\n"
_STEPS = "[('__init__', (2,)), ('put', (1,))]"
_CLASS = "class C:\n    def __init__(self, n: int) -> None:\n        self.n = n\n        self._m = 0\n"

#: (base, now, args, what is found, what is expected)
CASES: dict[str, tuple[str, str, str, str, str]] = {
    "a wrong answer": ("def f(n: int): return n\n", "def f(n: int): return -n\n", "(1,)", "Regression", "1"),
    "the same answer": ("def f(n: int): return n + n\n", "def f(n: int): return 2 * n\n", "(1,)", "", ""),
    "another type": ("def f(n: int): return [n]\n", "def f(n: int): return (n,)\n", "(1,)", "Regression", "[1]"),
    "the last digit": ("def f(x: float): return x * 3\n", "def f(x: float): return x + x + x\n", "(0.1,)", "", ""),
    "nan": ("def f(n: int): return float('nan')\n", "def f(n: int): return float('nan')\n", "(1,)", "", ""),
    "nan that was a number": (
        "def f(n: int): return 1.5\n",
        "def f(n: int): return float('nan')\n",
        "(1,)",
        "Regression",
        "1.5",
    ),
    "the order of a dict": (
        "def f(n: int): return {1: 2, 3: 4}\n",
        "def f(n: int): return {3: 4, 1: 2}\n",
        "(1,)",
        "",
        "",
    ),
    "the order of a set": (
        "def f(n: int): return list({n, n + 1, 99})\n",
        "def f(n: int): return [99, n, n + 1]\n",
        "(1,)",
        "",
        "",
    ),
    "an order that the base version kept": (
        "def f(xs: list[int]): return list(dict.fromkeys(xs))\n",
        "def f(xs: list[int]): return list(set(xs))\n",
        "([3, 1],)",
        "Regression",
        "[3, 1]",
    ),
    "a generator instead of a list": ("def f(n: int): return [n]\n", "def f(n: int):\n    yield n\n", "(1,)", "", ""),
    "a generator with one item more": (
        "def f(n: int): yield from range(n)\n",
        "def f(n: int): yield from range(n + 1)\n",
        "(1,)",
        "Regression",
        "[0]",
    ),
    "an asynchronous function": (
        "async def f(n: int): return n\n",
        "async def f(n: int): return n + 1\n",
        "(1,)",
        "Regression",
        "1",
    ),
    "an exception that is meant": (
        "def f(n: int):\n    if n < 0: raise ValueError(n)\n    return n\n",
        "def f(n: int): return n\n",
        "(-1,)",
        "Regression",
        "raises ValueError",
    ),
    "an accident of the base version": ("def f(n: int): return 1 // n\n", "def f(n: int): return 0\n", "(0,)", "", ""),
    "a narrower exception": (
        "def f(n: int): raise ValueError(n)\n",
        "class E(ValueError): pass\ndef f(n: int): raise E(n)\n",
        "(0,)",
        "",
        "",
    ),
    "another exception": (
        "def f(n: int): raise ValueError(n)\n",
        "def f(n: int): raise KeyError(n)\n",
        "(0,)",
        "Regression",
        "raises ValueError",
    ),
    "a deliberate refusal of what was accepted": (
        "def f(n: int): return n\n",
        "def f(n: int):\n    if n < 0: raise ValueError(n)\n    return n\n",
        "(-1,)",
        "Regression",
        "-1",
    ),
    "an argument": (
        "def f(xs: list[int]): return sorted(xs)\n",
        'def f(xs: list[int]):\n    """Sorts in place."""\n    xs.sort()\n    return list(xs)\n',
        "([2, 1],)",
        "ArgumentChanged",
        "",
    ),
    "what is printed": ("def f(n: int): print(n)\n", "def f(n: int): print(n, n)\n", "(1,)", "OutputChanged", "'1\\n'"),
    "what is printed beside a value": (
        "def f(n: int):\n    print('debug')\n    return n\n",
        "def f(n: int):\n    return n\n",
        "(1,)",
        "",
        "",
    ),
    "an address": ("def f(n: int): return repr(object())\n", "def f(n: int): return repr(object())\n", "(1,)", "", ""),
    "chance": (
        "import random\ndef f(n: int): return random.random()\n",
        "import random\ndef f(n: int): return random.random() * 2\n",
        "(1,)",
        "",
        "",
    ),
    "time": (
        "import time\ndef f(n: int): return time.perf_counter_ns()\n",
        "import time\ndef f(n: int): return time.perf_counter_ns() + n\n",
        "(1,)",
        "",
        "",
    ),
    "an object": (
        _POINT + "def f(n: int): return P(n)\n",
        _POINT + "def f(n: int): return P(n + 1)\n",
        "(1,)",
        "Regression",
        "MOD.P(x=1)",
    ),
    "the same object of another class": (
        _POINT + "def f(n: int): return P(n)\n",
        _POINT + "def f(n: int): return P(x=n)\n",
        "(1,)",
        "",
        "",
    ),
    "a function that was not there": ("def g(): pass\n", "def f(n: int): return n\n", "(1,)", "", ""),
    "a parameter that was not there": ("def f(): return 1\n", "def f(n: int): return n\n", "(1,)", "", ""),
    "no end where there was one": (
        "def f(n: int): return n\n",
        "def f(n: int):\n    while n: n = n - 2\n    return n\n",
        "(11,)",
        "Hang",
        "",
    ),
    "a class that answers otherwise": (
        _CLASS + "    def put(self, x: int) -> int:\n        return self.n + x\n",
        _CLASS + "    def put(self, x: int) -> int:\n        return self.n - x\n",
        _STEPS,
        "Regression",
        "3",
    ),
    "a class that holds something else": (
        _CLASS + "    def put(self, x: int) -> None:\n        self.n += x\n",
        _CLASS + "    def put(self, x: int) -> None:\n        self.n -= x\n",
        _STEPS,
        "StateChanged",
        "target.n == 3",
    ),
    "a class whose private parts differ": (
        _CLASS + "    def put(self, x: int) -> None:\n        self._m += x\n",
        _CLASS + "    def put(self, x: int) -> None:\n        self._other = x\n",
        _STEPS,
        "",
        "",
    ),
    "a class that counts otherwise": (
        _CLASS + "    def put(self, x: int) -> None: pass\n    def __len__(self) -> int: return 2\n",
        _CLASS + "    def put(self, x: int) -> None: pass\n    def __len__(self) -> int: return 3\n",
        _STEPS,
        "StateChanged",
        "len(target) == 2",
    ),
    "a class that refuses on purpose": (
        _CLASS + "    def put(self, x: int) -> None:\n        raise KeyError(x)\n",
        _CLASS + "    def put(self, x: int) -> None: pass\n",
        _STEPS,
        "Regression",
        "raises KeyError",
    ),
    "a constructor that accepts more": (
        "class C:\n    def __init__(self, n: int) -> None:\n        if n > 1: raise ValueError(n)\n    def put(self, x: int): pass\n",
        "class C:\n    def __init__(self, n: int) -> None: pass\n    def put(self, x: int): pass\n",
        "[('__init__', (2,))]",
        "Regression",
        "raises ValueError",
    ),
    "a method that leaves something else": (
        "class K:\n    def __init__(self) -> None:\n        self.n = 0\n    def put(self, x: int) -> None:\n        self.n = x\n",
        "class K:\n    def __init__(self) -> None:\n        self.n = 0\n    def put(self, x: int) -> None:\n        self.n = x + 1\n",
        "(MOD.K(), 1)",
        "StateChanged",
        "target.n == 1",
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_a_difference_is_what_a_caller_can_notice(search: Search, case: str) -> None:
    base, now, args, exception, expected = CASES[case]
    name = "C" if "class C" in now else "K.put" if "class K" in now else "f"
    answer = search(now, name, mode="replay", args=args, base=base, budget_s=8)
    assert answer["status"] == "ok", answer
    found = answer.get("candidate", {"exception": "", "expected": ""})
    assert (found["exception"], found["expected"]) == (exception, expected), found


def test_expected_and_got_are_said(search: Search) -> None:
    base, now, args, *_ = CASES["a wrong answer"]
    assert search(now, "f", mode="replay", args=args, base=base)["candidate"]["message"] == (
        "returns -1; the base version returns 1"
    )


def test_a_difference_of_a_class_is_searched_for(search: Search) -> None:
    base = _CLASS + "    def put(self, x: int) -> int:\n        return self.n + x\n"
    now = _CLASS + "    def put(self, x: int) -> int:\n        return self.n + abs(x)\n"
    found = search(now, "C", base=base, budget_s=4)["candidate"]
    assert (found["kind"], found["exception"]) == ("regression", "Regression")
