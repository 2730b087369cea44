"""Repairs of Python end to end where the fault is hard to reach: several at once, elsewhere, nested, far down."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from suture.analyzers.sandbox import Sandbox
from suture.healing.api import heal_command

Write = Callable[[Mapping[str, str | bytes]], Path]

#: What is broken → (files, the file that is mended, what stands there afterwards).
CASES: dict[str, tuple[dict[str, str], str, tuple[str, ...]]] = {
    "two faults in one file": (
        {"main.py": "def area(w, h)\n    return w * hh\n\n\nprint(area(2, 3))\n"},
        "main.py",
        ("def area(w, h):", "return w * h\n"),
    ),
    "three faults in one file": (
        {"main.py": "def size(items)\n    return lenn(items)\n\n\nprint('size: ' + size([1]))\n"},
        "main.py",
        ("def size(items):", "len(items)", "str(size([1]))"),
    ),
    "a fault in an imported module, seen by its caller": (
        {
            "shop.py": "def total(prices):\n    sum(prices)\n",
            "main.py": "import shop\n\nassert shop.total([1, 2]) + 1 == 4\n",
        },
        "shop.py",
        ("return sum(prices)",),
    ),
    "a coroutine's method": (
        {
            "job.py": (
                "import asyncio\n\n\nclass Job:\n    async def load(self):\n        await asyncio.sleep(0)\n"
                "        return [1, 2]\n\n    async def size(self):\n        rows = self.load()\n"
                "        return len(rows)\n"
            ),
            "main.py": "import asyncio\n\nimport job\n\nassert asyncio.run(job.Job().size()) == 2\n",
        },
        "job.py",
        ("rows = await self.load()",),
    ),
    "a nested function's outer variable": (
        {
            "main.py": "def make():\n    count = 0\n\n    def note():\n        count += 1\n        return count\n\n"
            "    return note\n\n\nprint(make()())\n"
        },
        "main.py",
        ("nonlocal count",),
    ),
    "a class body": (
        {"main.py": "class Box:\n    width = 2\n    sides = [widht] * 4\n\n\nprint(Box.sides)\n"},
        "main.py",
        ("[width] * 4",),
    ),
    "a comprehension's own variable": (
        {"main.py": "rows = [[1, 2], [3]]\nprint([item for row in rows for item in rwo])\n"},
        "main.py",
        ("for item in row]",),
    ),
    "a file of three thousand lines": (
        {
            "main.py": "".join(f"def f{i}(x):\n    return x + {i}\n\n" for i in range(1000))
            + "def broken(x)\n    return x\n\n\nprint(f999(broken(1)))\n"
        },
        "main.py",
        ("def broken(x):\n",),
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize("what", CASES)
def test_a_fault_is_mended_where_it_is(what: str, write: Write, sandbox: Sandbox) -> None:
    files, name, expected = CASES[what]
    root = write(dict(files))
    report = heal_command(root, ("python", "main.py"), sandbox=sandbox, timeout_s=20)
    assert report.best is not None, report.fault
    text = report.best.texts[str(root / name)]
    for each in expected:
        assert each in text
