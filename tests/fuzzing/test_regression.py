"""The generated regression tests: they fail on the broken code, pass on the mended one, and need only pytest."""

# ruff: noqa: E501 - a snippet of code is one string

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from suture.analyzers.engines.ruff import binary
from suture.analyzers.fuzzing.project import import_spot
from suture.analyzers.fuzzing.regression import Counterexample, call_text
from suture.analyzers.fuzzing.regression import test_source as source_of


def _of(kind: str, exception: str, args: str, message: str = "", *, target: str = "f", kwargs: str = "{}", **more: Any):
    return Counterexample(target, kind, args, kwargs, exception, message, **more)


_FD = "import os\n_held = []\ndef f(n):\n    fd = os.open(os.devnull, os.O_RDONLY)\n"
_POINT = "import dataclasses, enum\n@dataclasses.dataclass\nclass P:\n    x: int\nclass E(enum.Enum):\n    A = 1\n"

#: (counterexample, broken code, mended code)
CASES: dict[str, tuple[Counterexample, str, str]] = {
    "crash": (
        _of("crash", "IndexError", "([],)", "list index out of range"),
        "def f(xs): return xs[0]\n",
        "def f(xs): return xs[0] if xs else 0\n",
    ),
    "hang": (_of("hang", "Hang", "(0,)"), "def f(n):\n    while n != 1: n = n // 2\n", "def f(n): return n\n"),
    "hang with keywords and an input of odd characters": (
        _of("hang", "Hang", '(\'\\n"""\\\\\',)', kwargs="{'n': 0}"),
        "def f(s, n):\n    while n != 1: n = n // 2\n",
        "def f(s, n): return n\n",
    ),
    "hang that ends in an exception once it is mended": (
        _of("hang", "Hang", "(-1,)"),
        "def f(n):\n    while n: n -= 1\n",
        "def f(n):\n    if n < 0: raise ValueError(n)\n",
    ),
    "hang of a method": (
        _of("hang", "Hang", "(MOD.C(2), 0)", target="C.f", is_method=True),
        "class C:\n    def __init__(self, n): pass\n    def f(self, n):\n        while not n: pass\n",
        "class C:\n    def __init__(self, n): pass\n    def f(self, n): pass\n",
    ),
    "hang of a class": (
        _of("hang", "Hang", "[('__init__', (0,)), ('f', ())]", target="C", is_class=True),
        "class C:\n    def __init__(self, n): self.n = n\n    def f(self):\n        while not self.n: pass\n",
        "class C:\n    def __init__(self, n): self.n = n\n    def f(self): pass\n",
    ),
    "hang of an asynchronous function": (
        _of("hang", "Hang", "(0,)", flavours={"": "async"}),
        "async def f(n):\n    while not n: pass\n",
        "async def f(n): pass\n",
    ),
    "hang of a generator": (
        _of("hang", "Hang", "(0,)", flavours={"": "generator"}),
        "def f(n):\n    while n < 9:\n        if n: yield n\n",
        "def f(n):\n    yield n\n",
    ),
    "mutation": (
        _of("mutation", "ArgumentMutated", "([2, 1],)"),
        "def f(xs): xs.sort()\n",
        "def f(xs): return sorted(xs)\n",
    ),
    "mutation by an asynchronous function": (
        _of("mutation", "ArgumentMutated", "([2, 1],)", flavours={"": "async"}),
        "async def f(xs): xs.sort()\n",
        "async def f(xs): return sorted(xs)\n",
    ),
    "default": (
        _of("mutation", "DefaultMutated", "(1,)"),
        "def f(x, into=[]):\n    into.append(x)\n    return into\n",
        "def f(x, into=()): return [*into, x]\n",
    ),
    "round trip": (
        _of("property", "RoundTrip", "('a ',)", inverse="g"),
        "def f(s): return s.strip()\ndef g(s): return s\n",
        "def f(s): return s\ndef g(s): return s\n",
    ),
    "round trip in any letter case": (
        _of("property", "RoundTrip", "('ab',)", inverse="g", expected="loose"),
        "def f(s): return s[:1]\ndef g(s): return s.upper()\n",
        "def f(s): return s\ndef g(s): return s.upper()\n",
    ),
    "round trip of an object": (
        _of("property", "RoundTrip", "(MOD.C(2),)", target="C.to_dict", inverse="C.from_dict", is_method=True),
        "class C:\n    def __init__(self, n): self.n = n\n    def __eq__(self, other): return self.n == other.n\n"
        "    def to_dict(self): return {'n': 1}\n    @classmethod\n    def from_dict(cls, d): return cls(d['n'])\n",
        "class C:\n    def __init__(self, n): self.n = n\n    def __eq__(self, other): return self.n == other.n\n"
        "    def to_dict(self): return {'n': self.n}\n    @classmethod\n    def from_dict(cls, d): return cls(d['n'])\n",
    ),
    "round trip by the same object": (
        _of("property", "RoundTrip", "(MOD.C(), 'a')", target="C.encode", inverse=".decode", is_method=True),
        "class C:\n    def encode(self, s): return ''\n    def decode(self, s): return s\n",
        "class C:\n    def encode(self, s): return s\n    def decode(self, s): return s\n",
    ),
    "idempotence": (
        _of("property", "Idempotence", "('a---b',)"),
        "def f(s): return s.replace('--', '-')\n",
        "def f(s):\n    while '--' in s: s = s.replace('--', '-')\n    return s\n",
    ),
    "return type": (
        _of("property", "WrongReturnType", "()", "returns None, annotated int", expected="isinstance(result, int)"),
        "def f(): return None\n",
        "def f(): return 1\n",
    ),
    "return type inside": (
        _of("property", "WrongReturnType", "()", "annotated", expected="all(isinstance(each, int) for each in result)"),
        "def f(): return [1, None]\n",
        "def f(): return [1]\n",
    ),
    "an example of the documentation": (
        _of("property", "DocExample", "(2,)", "gives 5, its documentation says 4", expected="result == 4"),
        "def f(n): return 5\n",
        "def f(n): return 4\n",
    ),
    "a law that names the result twice": (
        _of("property", "Law", "([2, 1],)", "not sorted", expected="result == sorted(result)"),
        "def f(xs): return xs\n",
        "def f(xs): return sorted(xs)\n",
    ),
    "a sort key": (
        _of("property", "SortKey", "('a',)", "", expected="sorted([result, MOD.f('1')])"),
        "def f(s): return int(s) if s.isdigit() else s\n",
        "def f(s): return (int(s), '') if s.isdigit() else (0, s)\n",
    ),
    "a descriptor": (
        _of("property", "DescriptorLeak", "(1,)"),
        _FD + "    return n\n",
        _FD + "    os.close(fd)\n    return n\n",
    ),
    "a descriptor that is left open by an exception": (
        _of("property", "DescriptorLeak", "(1,)"),
        _FD + "    raise ValueError\n",
        _FD + "    os.close(fd)\n    raise ValueError\n",
    ),
    "an invariant": (
        _of(
            *("property", "LengthMismatch", "[('__init__', ()), ('put', (1,))]", "len is 0"),
            target="C",
            expected="len(target) == len(list(target))",
            is_class=True,
        ),
        "class C:\n    def put(self, x): self.x = x\n    def __len__(self): return 0\n"
        "    def __iter__(self): return iter([1])\n",
        "class C:\n    def put(self, x): self.x = x\n    def __len__(self): return 1\n"
        "    def __iter__(self): return iter([1])\n",
    ),
    "hashes": (
        _of("property", "HashMismatch", "[('__init__', (1,))]", target="C", is_class=True),
        "class C:\n    def __init__(self, n): self.n = n\n    def __eq__(self, o): return self.n == o.n\n"
        "    def __hash__(self): return id(self)\n",
        "class C:\n    def __init__(self, n): self.n = n\n    def __eq__(self, o): return self.n == o.n\n"
        "    def __hash__(self): return hash(self.n)\n",
    ),
    "difference": (
        _of("regression", "Regression", "(-1,)", expected="1"),
        "def f(n): return n\n",
        "def f(n): return abs(n)\n",
    ),
    "difference of a float": (
        _of("regression", "Regression", "(3,)", expected="0.3"),
        "def f(n): return 0.31\n",
        "def f(n): return 0.1 * n\n",
    ),
    "difference from nothing": (
        _of("regression", "Regression", "()", expected="None"),
        "def f(): return 0\n",
        "def f(): pass\n",
    ),
    "difference in an exception": (
        _of("regression", "Regression", "(-1,)", expected="raises ValueError"),
        "def f(n): return n\n",
        "def f(n):\n    if n < 0: raise ValueError(n)\n",
    ),
    "difference in an exception of the project": (
        _of("regression", "Regression", "()", expected="raises Bad"),
        "class Bad(Exception): pass\ndef f(): pass\n",
        "class Bad(Exception): pass\ndef f(): raise Bad\n",
    ),
    "difference in an object": (
        _of("regression", "Regression", "()", expected="[MOD.P(x=1), MOD.E.A]"),
        _POINT + "def f(): return [P(2), E.A]\n",
        _POINT + "def f(): return [P(1), E.A]\n",
    ),
    "difference in what can only be shown": (
        _of("regression", "Regression", "()", expected="repr 'range(0, 2)'"),
        "def f(): return range(3)\n",
        "def f(): return range(2)\n",
    ),
    "difference of an argument": (
        _of("regression", "ArgumentChanged", "([1],)"),
        "def f(xs): xs.clear()\n",
        "def f(xs): pass\n",
    ),
    "difference in what is printed": (
        _of("regression", "OutputChanged", "(1,)", expected="'1\\n'"),
        "def f(n): print(n + 1)\n",
        "def f(n): print(n)\n",
    ),
    "difference of a class": (
        _of(
            *("regression", "Regression", "[('__init__', (2,)), ('get', (1,))]"),
            target="C",
            expected="3",
            is_class=True,
        ),
        "class C:\n    def __init__(self, n): self.n = n\n    def get(self, k): return k\n",
        "class C:\n    def __init__(self, n): self.n = n\n    def get(self, k): return self.n + k\n",
    ),
    "difference in the exception of a class": (
        _of(
            *("regression", "Regression", "[('__init__', ()), ('put', (1,)), ('get', (2,))]"),
            target="C",
            expected="raises KeyError",
            is_class=True,
        ),
        "class C:\n    def put(self, n): self.n = n\n    def get(self, k): return k\n",
        "class C:\n    def put(self, n): self.n = n\n    def get(self, k): raise KeyError(k)\n",
    ),
    "difference in the state of an object": (
        _of(
            *("regression", "StateChanged", "[('__init__', ()), ('put', (1,))]"),
            target="C",
            expected="target.size == 1",
            is_class=True,
        ),
        "class C:\n    size = 0\n    def put(self, x): self.size = 0\n",
        "class C:\n    size = 0\n    def put(self, x): self.size = 1\n",
    ),
    "difference in the state that a method leaves": (
        _of("regression", "StateChanged", "(MOD.C(), 1)", target="C.put", expected="target.size == 1", is_method=True),
        "class C:\n    size = 0\n    def put(self, x): self.size = 0\n",
        "class C:\n    size = 0\n    def put(self, x): self.size = 1\n",
    ),
    "difference of a generator": (
        _of("regression", "Regression", "(2,)", expected="[0, 1]", flavours={"": "generator"}),
        "def f(n): yield from range(n + 1)\n",
        "def f(n): yield from range(n)\n",
    ),
    "object": (
        _of("crash", "ZeroDivisionError", "(MOD.P(0), datetime.date(2000, 1, 1))"),
        "class P:\n    def __init__(self, n): self.n = n\ndef f(p, day): return 1 / p.n\n",
        "class P:\n    def __init__(self, n): self.n = n\ndef f(p, day): return 0\n",
    ),
    "class": (
        _of("crash", "IndexError", "[('__init__', (0,)), ('put', (1,))]", target="C", is_class=True),
        "class C:\n    def __init__(self, n): self.xs = [0] * n\n    def put(self, x): self.xs[0] = x\n",
        "class C:\n    def __init__(self, n): self.xs = [0] * n\n    def put(self, x): pass\n",
    ),
    "method": (
        _of("crash", "KeyError", "(MOD.C(), 3)", target="C.get", is_method=True),
        "class C:\n    def get(self, k): return {}[k]\n",
        "class C:\n    def get(self, k): return None\n",
    ),
    "asynchronous": (
        _of("crash", "ZeroDivisionError", "()", kwargs="{'n': 0}", flavours={"": "async"}),
        "async def f(*, n): return 1 / n\n",
        "async def f(*, n): return n\n",
    ),
    "asynchronous generator": (
        _of("crash", "ZeroDivisionError", "(0,)", flavours={"": "async-generator"}),
        "async def f(n):\n    yield 1 / n\n",
        "async def f(n):\n    yield n\n",
    ),
}
HANGS = [name for name, (example, _, _) in CASES.items() if example.kind == "hang"]


def _pytest(folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *options, "tests"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=180, check=False)


def _write(folder: Path, names: list[str], timeout: str = "10") -> None:
    (folder / "tests").mkdir(exist_ok=True)
    for number, name in enumerate(names):
        spot = import_spot(folder / f"code{number}.py")
        source = source_of(CASES[name][0], spot, folder, folder / "tests").replace("timeout=10", f"timeout={timeout}")
        (folder / "tests" / f"test_{number}.py").write_text(source)


def _verdict(folder: Path, names: list[str], version: int, *options: str) -> str:
    for number, name in enumerate(names):
        (folder / f"code{number}.py").write_text(str(CASES[name][version]))
    return _pytest(folder, *options).stdout


def test_every_kind_of_test_fails_on_the_broken_code_and_passes_on_the_mended(tmp_path: Path) -> None:
    names = [name for name in CASES if name not in HANGS]
    _write(tmp_path, names)
    broken = _verdict(tmp_path, names, 1)
    assert f"{len(names)} failed" in broken, broken[-3000:]
    assert "passed" not in broken
    assert "NameError" not in broken
    mended = _verdict(tmp_path, names, 2)
    assert f"{len(names)} passed" in mended, mended[-3000:]
    assert "failed" not in mended


@pytest.mark.parametrize(
    ("mode", "names"),
    [
        ("prepend", HANGS[1:2]),
        pytest.param("prepend", HANGS, marks=pytest.mark.slow),
        pytest.param("importlib", HANGS[-1:], marks=pytest.mark.slow),
    ],
    ids=["one", "all", "importlib"],
)
def test_the_test_of_a_hang_ends(tmp_path: Path, mode: str, names: list[str]) -> None:
    _write(tmp_path, names, "0.5")
    broken = _verdict(tmp_path, names, 1, f"--import-mode={mode}")
    assert f"{len(names)} failed" in broken, broken[-3000:]
    assert broken.count("TimeoutExpired: Command") >= len(names)
    _write(tmp_path, names)
    mended = _verdict(tmp_path, names, 2, f"--import-mode={mode}")
    assert f"{len(names)} passed" in mended, mended[-3000:]


def test_the_tests_are_formatted_as_ruff_would(tmp_path: Path) -> None:
    _write(tmp_path, list(CASES))
    command = [binary(), "format", "--check", "--isolated", "tests"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_the_project_says_how_its_tests_are_formatted(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("[tool.ruff.format]\nquote-style = 'single'\n")
    example = _of("crash", "IndexError", "('a',)")
    source = source_of(example, import_spot(tmp_path / "m.py"), tmp_path, tmp_path / "tests")
    assert "f('a')" in source
    (tmp_path / "pyproject.toml").write_text("[tool.ruff\n")
    source = source_of(example, import_spot(tmp_path / "m.py"), tmp_path, tmp_path / "tests")
    assert 'f("a")' in source


def test_a_file_whose_name_cannot_be_imported_is_run_by_its_path(tmp_path: Path) -> None:
    tests = tmp_path / "tests"
    tests.mkdir()
    (tmp_path / "my-script.py").write_text("def f(xs):\n    if not xs: return xs[0]\n    while xs: pass\n")
    spot = import_spot(tmp_path / "my-script.py")
    (tests / "test_it.py").write_text(source_of(CASES["crash"][0], spot, tmp_path, tests))
    source = source_of(_of("hang", "Hang", "([1],)"), spot, tmp_path, tests)
    (tests / "test_hang.py").write_text(source.replace("timeout=10", "timeout=0.5"))
    shown = _pytest(tmp_path).stdout
    assert "IndexError" in shown
    assert "TimeoutExpired" in shown


def test_an_inverse_in_a_sibling_module_is_imported_from_there(tmp_path: Path) -> None:
    tests = tmp_path / "tests"
    tests.mkdir()
    (tmp_path / "reading.py").write_text("def g(s): return s\n")
    (tmp_path / "writing.py").write_text("def f(s): return s.strip()\n")
    example = _of("property", "RoundTrip", "(' ',)", inverse="reading:g")
    (tests / "test_it.py").write_text(source_of(example, import_spot(tmp_path / "writing.py"), tmp_path, tests))
    shown = _pytest(tmp_path).stdout
    assert "1 failed" in shown
    assert 'assert g(f(" ")) == " "' in shown


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("crash", "f([])"),
        ("object", "f(P(0), datetime.date(2000, 1, 1))"),
        ("class", "target = C(0); target.put(1)"),
        ("method", "C().get(3)"),
        ("asynchronous", "asyncio.run(f(n=0))"),
    ],
)
def test_the_call_is_shown_as_a_person_would_write_it(name: str, expected: str) -> None:
    assert call_text(CASES[name][0]) == expected


def test_the_test_of_a_packaged_module_needs_no_path(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("[project]\nname = 'p'\n")
    package = tmp_path / "p"
    package.mkdir()
    (package / "__init__.py").touch()
    source = source_of(CASES["crash"][0], import_spot(package / "m.py"), tmp_path, tmp_path / "tests")
    assert "from p.m import f" in source
    assert "sys.path" not in source
