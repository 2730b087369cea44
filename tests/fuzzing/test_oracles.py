"""Each oracle on one input: what is a bug, beside what only looks like one. Replayed by the real worker."""

# ruff: noqa: E501 - a snippet of code is one string

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

Search = Callable[..., dict[str, Any]]
#: (code, args, what is found), for target ``f`` (or ``C``, if there is a class of that name)
Cases = dict[str, tuple[str, str, str]]

_TYPES = "import dataclasses, enum\nfrom typing import *\nclass TD(TypedDict):\n    a: int\n\n@dataclasses.dataclass\nclass D:\n    a: int\n\n"

RETURNS: Cases = {
    "None for an int": ("def f(n: int) -> int:\n    return None\n", "(1,)", "WrongReturnType"),
    "None for a bool": ("def f(n: int) -> bool:\n    if n: return True\n", "(0,)", "WrongReturnType"),
    "text for an optional int": ("def f(n: int) -> 'int | None':\n    return 'x'\n", "(1,)", "WrongReturnType"),
    "None for an optional int": ("def f(n: int) -> 'int | None':\n    return None\n", "(1,)", ""),
    "a list for a union": (_TYPES + "def f(n: int) -> Union[int, str]:\n    return [n]\n", "(1,)", "WrongReturnType"),
    "a member of a union": (_TYPES + "def f(n: int) -> Union[int, str]:\n    return 'a'\n", "(1,)", ""),
    "None in a list of text": ("def f(n: int) -> list[str]:\n    return [None]\n", "(1,)", "WrongReturnType"),
    "an empty list of text": ("def f(n: int) -> list[str]:\n    return []\n", "(1,)", ""),
    "ints in a list of floats": ("def f(n: int) -> list[float]:\n    return [n, True]\n", "(1,)", ""),
    "two levels deep is not looked at": ("def f(n: int) -> list[list[str]]:\n    return [[1]]\n", "(1,)", ""),
    "a tuple that is too long": (
        "def f(n: int) -> tuple[int, int]:\n    return (1, 2, 3)\n",
        "(1,)",
        "WrongReturnType",
    ),
    "a tuple of any length": ("def f(n: int) -> tuple[int, ...]:\n    return (1, 2, 3)\n", "(1,)", ""),
    "a value of a dict": ("def f(n: int) -> dict[str, int]:\n    return {'a': None}\n", "(1,)", "WrongReturnType"),
    "a key of a dict": ("def f(n: int) -> dict[str, int]:\n    return {n: 1}\n", "(1,)", "WrongReturnType"),
    "half for an int": ("def f(n: int) -> int:\n    return n / 2\n", "(1,)", "WrongReturnType"),
    "a whole float for an int": ("def f(n: int) -> int:\n    return n / 2\n", "(2,)", ""),
    "one for a bool": ("def f(n: int) -> bool:\n    return 1\n", "(1,)", ""),
    "text for a bool": ("def f(s: str) -> bool:\n    return s and True\n", "('',)", "WrongReturnType"),
    "a value where None is written": ("def f(n: int) -> None:\n    return 1\n", "(1,)", ""),
    "a TypedDict without a key": (_TYPES + "def f(n: int) -> TD:\n    return {}\n", "(1,)", "WrongReturnType"),
    "a TypedDict": (_TYPES + "def f(n: int) -> TD:\n    return {'a': 1, 'b': 2}\n", "(1,)", ""),
    "a dict for a dataclass": (_TYPES + "def f(n: int) -> D:\n    return {'a': n}\n", "(1,)", "WrongReturnType"),
    "a dataclass": (_TYPES + "def f(n: int) -> D:\n    return D(n)\n", "(1,)", ""),
    "a literal": (_TYPES + "def f(n: int) -> Literal['a', 'b']:\n    return 'c'\n", "(1,)", "WrongReturnType"),
    "what a protocol admits": (_TYPES + "def f(n: int) -> SupportsInt:\n    return n\n", "(1,)", ""),
    "an iterator that is a generator": (_TYPES + "def f(n: int) -> Iterator[int]:\n    yield n\n", "(1,)", ""),
    "a generator of something else": (
        _TYPES + "def f(n: int) -> Iterator[int]:\n    yield None\n",
        "(1,)",
        "WrongReturnType",
    ),
    "awaited": ("async def f(n: int) -> str:\n    return n\n", "(1,)", "WrongReturnType"),
    "a type variable": (_TYPES + "T = TypeVar('T')\ndef f(x: T) -> T:\n    return None\n", "(1,)", ""),
    "a new type": (_TYPES + "N = NewType('N', int)\ndef f(n: int) -> N:\n    return 'a'\n", "(1,)", "WrongReturnType"),
    "no annotation": ("def f(n: int):\n    return None\n", "(1,)", ""),
    "a name that is not there": ("def f(n: int) -> 'Nothing':\n    return None\n", "(1,)", ""),
    "anything": (_TYPES + "def f(n: int) -> Any:\n    return None\n", "(1,)", ""),
    "an object of another kind": (
        _TYPES + "def f(n: int) -> str:\n    class S: pass\n    return S()\n",
        "(1,)",
        "",
    ),
}

_SORTS = "    xs.sort()\n    return xs[0] if xs else 0\n"
MUTATIONS: Cases = {
    "without a word": (
        f'def lowest(xs: list[int]) -> int:\n    """Least of xs."""\n{_SORTS}',
        "([2, 1],)",
        "ArgumentMutated",
    ),
    "nothing to change": (f'def lowest(xs: list[int]) -> int:\n    """Least of xs."""\n{_SORTS}', "([1, 2],)", ""),
    "said in the docstring": (
        f'def lowest(xs: list[int]) -> int:\n    """Least of xs, which is sorted in place."""\n{_SORTS}',
        "([2, 1],)",
        "",
    ),
    "said in the name": (
        f'def sort_and_peek(xs: list[int]) -> int:\n    """Least of xs."""\n{_SORTS}',
        "([2, 1],)",
        "",
    ),
    "said by the parameter": (
        'def lowest(out: list[int]) -> int:\n    """Least."""\n    out.sort()\n    return out[0]\n',
        "([2, 1],)",
        "",
    ),
    "said by returning nothing": (
        'def lowest(xs: list[int]) -> None:\n    """Least of xs."""\n    xs.sort()\n',
        "([2, 1],)",
        "",
    ),
    "said by returning the same object": (
        'def lowest(xs: list[int]) -> list[int]:\n    """xs in order."""\n    xs.sort()\n    return xs\n',
        "([2, 1],)",
        "",
    ),
    "a copy is promised": (
        'def lowest(xs: list[int]) -> list[int]:\n    """A copy of xs in order."""\n    xs.sort()\n    return xs\n',
        "([2, 1],)",
        "ArgumentMutated",
    ),
    "a helper of the module": (f'def _lowest(xs: list[int]) -> int:\n    """Least."""\n{_SORTS}', "([2, 1],)", ""),
    "an explicit promise beats the verb": (
        'def merge(a: dict[str, int], b: dict[str, int]) -> dict[str, int]:\n    """b over a. Neither is changed."""\n    a.update(b)\n    return dict(a)\n',
        "({}, {'a': 1})",
        "ArgumentMutated",
    ),
    "neither documented nor annotated": ("def lowest(xs):\n" + _SORTS, "([2, 1],)", ""),
}

ROUND_TRIPS: Cases = {
    "escape": (
        "def escape(s: str) -> str:\n    return s.replace('\\t', '\\\\t')\n"
        "def unescape(s: str) -> str:\n    return s.replace('\\\\t', '\\t')\n",
        "('\\\\t',)",
        "RoundTrip",
    ),
    "escape that is right": (
        "import html\ndef escape(s: str) -> str:\n    return html.escape(s)\n"
        "def unescape(s: str) -> str:\n    return html.unescape(s)\n",
        "('<&lt;',)",
        "",
    ),
    "encode loses what is no letter": (
        "def encode(s: str) -> str:\n    return ''.join(c for c in s if c.isalpha())\ndef decode(s: str) -> str:\n    return s\n",
        "('a1',)",
        "",
    ),
    "encode loses letters": (
        "def encode(s: str) -> str:\n    return s[1:]\ndef decode(s: str) -> str:\n    return s\n",
        "('ab',)",
        "RoundTrip",
    ),
    "letter case is not promised": (
        "def encode(s: str) -> str:\n    return s.upper()\ndef decode(s: str) -> str:\n    return s\n",
        "('ab',)",
        "",
    ),
    "tuples come back as lists": (
        "import json\ndef dumps(x: tuple[int, int]) -> str:\n    return json.dumps(x)\n"
        "def loads(s: str) -> object:\n    return json.loads(s)\n",
        "((1, 2),)",
        "",
    ),
    "dumps that loses a key": (
        "import json\ndef dumps(x: dict[str, int]) -> str:\n    return json.dumps({k: v for k, v in x.items() if v})\n"
        "def loads(s: str) -> object:\n    return json.loads(s)\n",
        "({'a': 0},)",
        "RoundTrip",
    ),
    "x to y and back": (
        "def inch_to_cm(x: int) -> float:\n    return x * 2.54\ndef cm_to_inch(y: float) -> float:\n    return y / 2.54\n",
        "(3,)",
        "",
    ),
    "x to y and not back": (
        "def inch_to_cm(x: int) -> float:\n    return x * 2.54\ndef cm_to_inch(y: float) -> float:\n    return y / 2.5\n",
        "(3,)",
        "RoundTrip",
    ),
    "outside of an unstated domain": (
        "def day_to_name(n: int) -> str:\n    return 'abcdefg'[n % 7]\n"
        "def name_to_day(s: str) -> int:\n    return 'abcdefg'.index(s)\n",
        "(-3,)",
        "",
    ),
    "stated, not named": (
        'def enc(s: str) -> str:\n    """dec(enc(s)) == s."""\n    return s.strip()\ndef dec(s: str) -> str:\n    return s\n',
        "(' ',)",
        "RoundTrip",
    ),
    "a canonical form": (
        "def format(xs: list[int]) -> str:\n    return ','.join(map(str, sorted(set(xs))))\n"
        "def parse(s: str) -> list[int]:\n    return [int(x) for x in s.split(',')]\n",
        "([2, 1],)",
        "",
    ),
    "dump and load": (
        "def dump_pairs(d: dict[str, str]) -> str:\n    return ';'.join(k + '=' + v for k, v in d.items())\n"
        "def load_pairs(s: str) -> dict[str, str]:\n    return dict(p.split('=', 1) for p in s.split(';'))\n",
        "({'a': '', ';': ''},)",
        "RoundTrip",
    ),
    "of one class": (
        "class K:\n    def encode(self, s: str) -> str:\n        return s[:1]\n    def decode(self, s: str) -> str:\n        return s\n",
        "(MOD.K(), 'ab')",
        "RoundTrip",
    ),
    "an object and its dict": (
        "import dataclasses\n@dataclasses.dataclass\nclass K:\n    n: int\n    def to_dict(self) -> dict[str, int]:\n"
        "        return {'n': abs(self.n)}\n    @classmethod\n    def from_dict(cls, d: dict[str, int]) -> 'K':\n        return cls(d['n'])\n",
        "(MOD.K(-1),)",
        "RoundTrip",
    ),
    "an object that cannot be compared": (
        "class K:\n    def __init__(self, n: int) -> None:\n        self.n = n\n    def to_dict(self) -> dict[str, int]:\n"
        "        return {}\n    @classmethod\n    def from_dict(cls, d: dict[str, int]) -> 'K':\n        return cls(0)\n",
        "(MOD.K(-1),)",
        "",
    ),
    "the inverse takes more": (
        "def escape(s: str) -> str:\n    return s\ndef unescape(s: str, table: dict[str, str]) -> str:\n    return ''\n",
        "('a',)",
        "",
    ),
}

PROPERTIES: Cases = {
    "a slug of a slug": (
        "def slugify(s: str) -> str:\n    return s.replace('  ', '-').replace('--', '-')\n",
        "('a---b',)",
        "Idempotence",
    ),
    "a slug that is one": ("def slugify(s: str) -> str:\n    return '-'.join(s.split())\n", "('a  b',)", ""),
    "numbers are scaled each time": ("def normalize(x: float) -> float:\n    return x / 10\n", "(5.0,)", ""),
    "one layer at a time": ("def strip_quotes(s: str) -> str:\n    return s[1:-1]\n", "('aaaa',)", ""),
    "idempotent in words": (
        'def settle(n: int) -> int:\n    """Idempotent."""\n    return n // 2 if n > 1 else n\n',
        "(8,)",
        "Idempotence",
    ),
    "a time stamp each time": (
        "import itertools\n_c = itertools.count()\ndef normalize(s: str) -> str:\n    return f'{s}{next(_c)}'\n",
        "('a',)",
        "",
    ),
    "a sort that loses": (
        'def sort_numbers(xs: list[int]) -> list[int]:\n    """Sort xs in ascending order."""\n    return sorted(set(xs))\n',
        "([1, 1],)",
        "Law",
    ),
    "a sort that is documented to lose": (
        'def sort_numbers(xs: list[int]) -> list[int]:\n    """Sort the distinct xs in ascending order."""\n    return sorted(set(xs))\n',
        "([1, 1],)",
        "",
    ),
    "a sort the other way": (
        'def sort_numbers(xs: list[int]) -> list[int]:\n    """Sort xs, largest first."""\n    return sorted(xs)[::-1]\n',
        "([1, 2],)",
        "",
    ),
    "a merge of what is not sorted": (
        'def merge(a: list[int], b: list[int]) -> list[int]:\n    """Merge two sorted lists into one sorted list."""\n    return a + b\n',
        "([2, 1], [])",
        "",
    ),
    "a merge that is none": (
        'def merge(a: list[int], b: list[int]) -> list[int]:\n    """Merge two sorted lists into one sorted list."""\n    return a + b\n',
        "([2], [1])",
        "Law",
    ),
    "chunks that lose the last": (
        "def chunk(xs: list[int], n: int) -> list[list[int]]:\n    return [xs[i:i + n] for i in range(0, len(xs) - n + 1, n)]\n",
        "([1, 2, 3], 2)",
        "Law",
    ),
    "chunks that say so": (
        'def chunk(xs: list[int], n: int) -> list[list[int]]:\n    """Drops what is left."""\n'
        "    return [xs[i:i + n] for i in range(0, len(xs) - n + 1, n)]\n",
        "([1, 2, 3], 2)",
        "",
    ),
    "sizes instead of chunks": (
        "def chunk(xs: list[int], n: int) -> list[int]:\n    return [len(xs[i:i + n]) for i in range(0, len(xs), n)]\n",
        "([1, 2, 3], 2)",
        "",
    ),
    "repetitions are left": ("def unique(xs: list[int]) -> list[int]:\n    return xs\n", "([1, 1],)", "Law"),
    "only neighbours": (
        'def unique(xs: list[int]) -> list[int]:\n    """Collapse adjacent duplicates."""\n    return xs\n',
        "([1, 1],)",
        "",
    ),
    "clamp": ("def clamp(x: int, low: int, high: int) -> int:\n    return min(x, low)\n", "(5, 1, 9)", "Law"),
    "clamp with crossed limits": ("def clamp(x: int, low: int, high: int) -> int:\n    return x\n", "(5, 9, 1)", ""),
    "a doctest": (
        'def f(n: int) -> int:\n    """Double.\n\n    >>> f(2)\n    4\n    """\n    return n * n * n\n',
        "(2,)",
        "DocExample",
    ),
    "an arrow": ('def f(n: int) -> int:\n    """Double: f(2) -> 4."""\n    return n + 1\n', "(2,)", "DocExample"),
    "an arrow in words": (
        'def f(n: int) -> int:\n    """Double, f(2) -> something."""\n    return n + 1\n',
        "(2,)",
        "",
    ),
    "rounded in the documentation": (
        'def f(n: int) -> float:\n    """Third.\n\n    >>> f(1)\n    0.33\n    """\n    return n / 3\n',
        "(1,)",
        "",
    ),
    "shortened in the documentation": (
        'def f(n: int) -> list[int]:\n    """Range.\n\n    >>> f(9)  # doctest: +ELLIPSIS\n    [0, ...]\n    """\n    return list(range(n))\n',
        "(9,)",
        "",
    ),
    "a sort key": (
        "def sort_key(s: str) -> object:\n    return int(s) if s.isdecimal() else s\n",
        "('1',)",
        "SortKey",
    ),
    "a sort key that can be compared": (
        "def sort_key(s: str) -> object:\n    return (0, int(s), '') if s.isdecimal() else (1, 0, s)\n",
        "('1',)",
        "",
    ),
    "a comparator": ("def compare(a: int, b: int) -> int:\n    return 1 if a >= b else -1\n", "(1, 1)", "Comparison"),
    "a comparator that is right": ("def compare(a: int, b: int) -> int:\n    return a - b\n", "(1, 2)", ""),
    "a descriptor": (
        "import os\ndef f(n: int) -> int:\n    os.open(os.devnull, os.O_RDONLY)\n    return n\n",
        "(1,)",
        "DescriptorLeak",
    ),
    "a descriptor that is returned": (
        "import os\ndef f(n: int) -> int:\n    return os.open(os.devnull, os.O_RDONLY)\n",
        "(1,)",
        "",
    ),
    "a file that is opened once": (
        "import functools\n@functools.cache\ndef log():\n    return open('/dev/null', 'w')\n"
        "def f(n: int) -> int:\n    log()\n    return n\n",
        "(1,)",
        "",
    ),
    "a file that is left to the collector": (
        "def f(n: int) -> str:\n    return open('/dev/null').read()\n",
        "(1,)",
        "",
    ),
}

_EQ = "class C:\n    def __init__(self, n: int) -> None:\n        self.n = n\n    def get(self) -> int:\n        return self.n\n"
CLASSES: Cases = {
    "its own check": (
        _EQ + "    def check_rep(self):\n        assert self.n >= 0\n",
        "[('__init__', (-1,)), ('get', ())]",
        "Invariant",
    ),
    "its own check holds": (
        _EQ + "    def check_rep(self):\n        assert self.n >= 0\n",
        "[('__init__', (1,)), ('get', ())]",
        "",
    ),
    "a check of something else": (
        _EQ + "    def check(self):\n        return False\n",
        "[('__init__', (1,)), ('get', ())]",
        "",
    ),
    "not equal to itself": (
        _EQ + "    def __eq__(self, other):\n        return self.n > 0\n",
        "[('__init__', (0,)), ('get', ())]",
        "NotItself",
    ),
    "nan is not equal to itself": (
        _EQ.replace("int", "float") + "    def __eq__(self, other):\n        return self.n == other.n\n",
        "[('__init__', (float('nan'),)), ('get', ())]",
        "",
    ),
    "equal with different hashes": (
        _EQ
        + "    def __eq__(self, other):\n        return self.n == other.n\n    def __hash__(self):\n        return id(self)\n",
        "[('__init__', (1,))]",
        "HashMismatch",
    ),
    "equal with equal hashes": (
        _EQ
        + "    def __eq__(self, other):\n        return self.n == other.n\n    def __hash__(self):\n        return hash(self.n)\n",
        "[('__init__', (1,))]",
        "",
    ),
}

EXCEPTIONS: Cases = {
    "a template": ("def f(fmt: str, x: int) -> str:\n    return fmt % x\n", "('', 1)", ""),
    "a template inside of another call": (
        "def f(x: int, fmt: str) -> float:\n    return float(fmt % x)\n",
        "(1, '%')",
        "",
    ),
    "a template's field": ("def f(t: str) -> str:\n    return t.format(1)\n", "('{a}',)", ""),
    "a precision": ("def f(x: float, n: int) -> str:\n    return f'{x:.{n}f}'\n", "(1.0, -1)", ""),
    "a pattern": ("import re\ndef f(p: str) -> bool:\n    return re.match(p, '') is None\n", "('(',)", ""),
    "an encoding": ("def f(b: bytes, e: str) -> str:\n    return b.decode(e)\n", "(b'a', '')", ""),
    "a member of an enumeration by name": (
        "import enum\nclass U(enum.Enum):\n    S = 1\n\ndef f(u: str) -> object:\n    return U[u.upper()]\n",
        "('',)",
        "",
    ),
    "a letter that a table does not have": (
        "T = {'a': 1}\ndef f(s: str) -> int:\n    return sum(T[c] for c in s)\n",
        "('b',)",
        "",
    ),
    "a member that a table does not have": (
        "import enum\nclass U(enum.Enum):\n    S = 1\n    M = 2\n\nT = {U.S: 's'}\ndef f(u: U) -> str:\n    return T[u]\n",
        "(MOD.U.M,)",
        "KeyError",
    ),
    "the first of nothing": ("def first(xs: list[int]) -> int:\n    return next(iter(xs))\n", "([],)", ""),
    "the first of nothing, which is promised": (
        'def first(xs: list[int]) -> int:\n    """First, -1 if it is missing."""\n    return next(iter(xs))\n',
        "([],)",
        "StopIteration",
    ),
    "a parser's ValueError": (
        "def parse(s: str) -> list[int]:\n    return [int(x) for x in s.split(',')]\n",
        "('',)",
        "",
    ),
    "a parser's IndexError": ("def parse(s: str) -> str:\n    return s.split('=')[1]\n", "('',)", "IndexError"),
    "a ValueError like its own": (
        "def f(s: str) -> int:\n    if not s: raise ValueError('empty')\n    return sum(int(c) for c in s)\n",
        "('a',)",
        "",
    ),
    "a library's own kind": ("import zlib\ndef f(b: bytes) -> bytes:\n    return zlib.decompress(b)\n", "(b'',)", ""),
    "a promise about another parameter": (
        'def f(n: int, s: str) -> int:\n    """Sum; an invalid n gives 0."""\n    return int(s)\n',
        "(1, '')",
        "",
    ),
    "a promise about this parameter": (
        'def f(n: int, s: str) -> int:\n    """Sum; an invalid s gives 0."""\n    return int(s)\n',
        "(1, 'a')",
        "ValueError",
    ),
    "a date that it works out itself": (
        "import datetime\ndef f(d: datetime.date) -> datetime.date:\n    return datetime.date(d.year, d.month % 12 + 1, d.day)\n",
        "(datetime.date(2000, 1, 31),)",
        "ValueError",
    ),
    "a date that the caller gives": (
        "import datetime\ndef f(year: int, month: int) -> datetime.date:\n    return datetime.date(year, month, 1)\n",
        "(2000, 13)",
        "",
    ),
    "let through on purpose": (
        "def f(d: dict[str, int], s: str, strict: bool = True) -> int | None:\n    try:\n        return int(s)\n"
        "    except ValueError:\n        if strict:\n            raise\n        return None\n",
        "({}, '', True)",
        "",
    ),
    "an order that the annotation does not promise": (
        "def f(xs: list[dict[str, int]]) -> list[dict[str, int]]:\n    return sorted(xs)\n",
        "([{}, {}],)",
        "TypeError",
    ),
    "a helper": ("def _f(xs: list[int]) -> int:\n    return xs[0]\n", "([],)", ""),
    "no parameters": ("def f():\n    return 1 / 0\n", "()", ""),
    "text that cannot be shown": (
        "class E(ValueError):\n    def __str__(self):\n        return None\n\ndef g():\n    raise E\n\ndef f(n: int) -> int:\n    g()\n",
        "(1,)",
        "",
    ),
    "a missing key of a container": (
        "class K:\n    def __init__(self) -> None:\n        self.d: dict[str, set[int]] = {}\n"
        "    def remove(self, key: str, n: int) -> None:\n        self.d[key].remove(n)\n",
        "(MOD.K(), 'a', 1)",
        "",
    ),
    "an exception that is raised around": (
        "def f(s: str) -> int:\n    try:\n        return {'a': 1}[s]\n    except KeyError:\n        raise TypeError(s) from None\n",
        "('b',)",
        "",
    ),
}


def _name(code: str) -> str:
    """The target: ``C``, or the first function (of the first class with one, if there is none)."""
    lines = code.splitlines()
    if "class C:" in lines:
        return "C"
    for line in lines:
        if line.startswith(("def ", "async def ")):
            name = line.partition("def ")[2].partition("(")[0]
            if name not in ("g", "log"):
                return name
    place, line = next(
        (place, line) for place, line in enumerate(lines) if line.startswith("    def ") and "__" not in line
    )
    owner = next(each for each in reversed(lines[:place]) if each.startswith("class "))
    return f"{owner.split()[1].rstrip(':')}.{line.split()[1].partition('(')[0]}"


@pytest.mark.parametrize(
    ("group", "case"),
    [
        (group, case)
        for group in ("RETURNS", "MUTATIONS", "ROUND_TRIPS", "PROPERTIES", "CLASSES", "EXCEPTIONS")
        for case in globals()[group]
    ],
)
def test_an_oracle_says_what_it_should(search: Search, group: str, case: str) -> None:
    code, args, expected = globals()[group][case]
    answer = search(code, _name(code), mode="replay", args=args, budget_s=8)
    assert answer["status"] == "ok", answer
    found = answer.get("candidate")
    assert (found["exception"] if found else "") == expected, found


def test_the_growth_of_a_pattern_is_measured(search: Search) -> None:
    code = "import re\ndef f(s: str) -> bool:\n    return re.fullmatch('([a-z]+,?)+', s) is not None\n"
    found = search(code, "f", budget_s=8)["candidate"]
    assert "backtracks" in found["message"]
    sizes, seconds = zip(*found["growth"], strict=True)
    assert list(sizes) == sorted(sizes)
    assert max(seconds) > 10 * min(seconds)


@pytest.mark.slow
@pytest.mark.parametrize(
    "code",
    [
        "def f(n: int) -> int:\n    return 1 if n < 2 else sum(f(n - 1) for _ in range(n))\n",
        "import itertools\ndef f(n: int) -> int:\n    return sum(1 for p in itertools.permutations(range(n)) if len(p) >= 0)\n",
    ],
)
def test_work_that_grows_step_by_step_is_slow_not_endless(search: Search, code: str) -> None:
    answer = search(code, "f", budget_s=4)
    assert answer["status"] == "ok"
    assert "candidate" not in answer


def test_an_inverse_is_found_in_the_one_sibling_that_has_it(search: Search, tmp_path: Any) -> None:
    (tmp_path / "reading_of_it.py").write_text('def unwrap_it(s):\n    """Inverse of wrap_it."""\n    return s\n')
    (tmp_path / "other_of_it.py").write_text("def something(s):\n    return s\n")
    (tmp_path / "unescaping_it.py").write_text("def unescape_it(s: str) -> str:\n    return s\n")
    code = "def escape_it(s: str) -> str:\n    return s.strip()\n"
    answer = search(code, "escape_it", mode="replay", args="(' ',)")
    assert answer["candidate"]["exception"] == "RoundTrip"
    assert answer["inverse"] == "unescaping_it:unescape_it"
    (tmp_path / "another_it.py").write_text("def unescape_it(s: str) -> str:\n    return s\n")
    assert "candidate" not in search(code, "escape_it", mode="replay", args="(' ',)")
