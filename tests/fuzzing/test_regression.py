"""The generated regression tests: they fail on the broken code, pass on the mended one, and need only pytest."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from suture.analyzers.fuzzing.project import import_spot
from suture.analyzers.fuzzing.regression import Counterexample, call_text
from suture.analyzers.fuzzing.regression import test_source as source_of

CASES: dict[str, tuple[Counterexample, str, str]] = {
    "crash": (
        Counterexample("f", "crash", "([],)", "{}", "IndexError", "list index out of range"),
        "def f(xs): return xs[0]\n",
        "def f(xs): return xs[0] if xs else 0\n",
    ),
    "hang": (
        Counterexample("f", "hang", "(0,)", "{}", "Hang", "does not end"),
        "def f(n):\n    while n != 1: n = n // 2\n",
        "def f(n): return n\n",
    ),
    "mutation": (
        Counterexample("f", "mutation", "([2, 1],)", "{}", "ArgumentMutated", ""),
        "def f(xs): xs.sort()\n",
        "def f(xs): return sorted(xs)\n",
    ),
    "default": (
        Counterexample("f", "mutation", "(1,)", "{}", "DefaultMutated", ""),
        "def f(x, into=[]):\n    into.append(x)\n    return into\n",
        "def f(x, into=()): return [*into, x]\n",
    ),
    "round trip": (
        Counterexample("f", "property", "('a ',)", "{}", "RoundTrip", "", inverse="g"),
        "def f(s): return s.strip()\ndef g(s): return s\n",
        "def f(s): return s\ndef g(s): return s\n",
    ),
    "return type": (
        Counterexample("f", "property", "()", "{}", "WrongReturnType", "returns None, annotated int"),
        "def f(): return None\n",
        "def f(): return 1\n",
    ),
    "difference": (
        Counterexample("f", "regression", "(-1,)", "{}", "Regression", "", expected="1"),
        "def f(n): return n\n",
        "def f(n): return abs(n)\n",
    ),
    "difference in an exception": (
        Counterexample("f", "regression", "(-1,)", "{}", "Regression", "", expected="raises ValueError"),
        "def f(n): return n\n",
        "def f(n):\n    if n < 0: raise ValueError(n)\n",
    ),
    "object": (
        Counterexample("f", "crash", "(MOD.P(0), datetime.date(2000, 1, 1))", "{}", "ZeroDivisionError", ""),
        "class P:\n    def __init__(self, n): self.n = n\ndef f(p, day): return 1 / p.n\n",
        "class P:\n    def __init__(self, n): self.n = n\ndef f(p, day): return 0\n",
    ),
    "class": (
        Counterexample("C", "crash", "[('__init__', (0,)), ('put', (1,))]", "{}", "IndexError", "", is_class=True),
        "class C:\n    def __init__(self, n): self.xs = [0] * n\n    def put(self, x): self.xs[0] = x\n",
        "class C:\n    def __init__(self, n): self.xs = [0] * n\n    def put(self, x): pass\n",
    ),
    "method": (
        Counterexample("C.get", "crash", "(MOD.C(), 3)", "{}", "KeyError", "", is_method=True),
        "class C:\n    def get(self, k): return {}[k]\n",
        "class C:\n    def get(self, k): return None\n",
    ),
    "asynchronous": (
        Counterexample("f", "crash", "()", "{'n': 0}", "ZeroDivisionError", "", flavours={"": "async"}),
        "async def f(*, n): return 1 / n\n",
        "async def f(*, n): return n\n",
    ),
}


def _pytest(folder: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120, check=False)


def test_every_kind_of_test_fails_on_the_broken_code_and_passes_on_the_mended(tmp_path: Path) -> None:
    tests = tmp_path / "tests"
    tests.mkdir()
    for number, (example, _, _) in enumerate(CASES.values()):
        spot = import_spot(tmp_path / f"code{number}.py")
        source = source_of(example, spot, tmp_path, tests).replace(".join(10)", ".join(2)")
        (tests / f"test_{number}.py").write_text(source)
    for version, verdict in ((1, f"{len(CASES)} failed"), (2, f"{len(CASES)} passed")):
        for number, case in enumerate(CASES.values()):
            (tmp_path / f"code{number}.py").write_text(str(case[version]))
        done = _pytest(tmp_path)
        assert verdict in done.stdout, done.stdout[-3000:]


def test_a_file_whose_name_cannot_be_imported_is_run_by_its_path(tmp_path: Path) -> None:
    tests = tmp_path / "tests"
    tests.mkdir()
    (tmp_path / "my-script.py").write_text("def f(xs): return xs[0]\n")
    example = CASES["crash"][0]
    (tests / "test_it.py").write_text(source_of(example, import_spot(tmp_path / "my-script.py"), tmp_path, tests))
    assert "IndexError" in _pytest(tmp_path).stdout


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
