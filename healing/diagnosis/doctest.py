"""The standard library's doctest: examples that give something else, or raise.

An example that gives something else is a failing test at its own line; one that raises is the fault that it raised.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import zip_longest

from ..fault import Fault, Frame
from ..toolchain import Toolchain
from ..tracebacks import faults, plain

_HEAD = re.compile(
    r'^\*{20,}\nFile "(?P<path>.*)", line (?P<line>\d+), in (?P<name>.*)\nFailed example:\n', re.MULTILINE
)
_DIFFERS = re.compile(
    r"^Expected(?P<nothing> nothing)?:?\n(?P<expected>(?:    .*\n)*)Got(?: nothing|:)\n(?P<got>(?:    .*\n)*)",
    re.MULTILINE,
)


def diagnose(stdout: str, stderr: str, command: Sequence[str]) -> Fault | None:
    return next(examples(stdout), None) or next(examples(stderr), None)


def examples(text: str) -> Iterator[Fault]:
    """A fault for each failed example; all of them are named in each, that one first."""
    text = plain(text)
    heads = list(_HEAD.finditer(text))
    names = tuple(dict.fromkeys(head["name"] for head in heads))
    for head, following in zip_longest(heads, heads[1:]):
        block = text[head.end() : following.start() if following else len(text)]
        tests = (head["name"], *(name for name in names if name != head["name"]))
        raised = next(faults(block), None)
        if raised is not None:
            yield replace(raised, tests=tests)
            continue
        differs = _DIFFERS.search(block)
        said = " ".join(f"expected {differs['expected']}, got {differs['got']}".split()) if differs else "it differs"
        line = int(head["line"]) - 1
        yield Fault(
            "test",
            exception="AssertionError",
            message=said,
            path=head["path"],
            line=line,
            frames=(Frame(head["path"], line, head["name"]),),
            tests=tests,
        )


def every(stdout: str, stderr: str, command: Sequence[str]) -> Iterator[Fault]:
    """Every failed example."""
    yield from (each for text in dict.fromkeys((stdout, stderr)) for each in examples(text))


TOOLCHAIN = Toolchain("doctest", diagnose, priority=9, every=every)
