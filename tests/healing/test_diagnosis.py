"""What toolchains print, by version, and the faults that are read from it. The texts are real outputs."""

from __future__ import annotations

from pathlib import Path

import pytest

from suture.healing.diagnosis.python import faults
from suture.healing.locate import locate
from suture.healing.toolchain import diagnose, toolchains
from suture.healing.workspace import Workspace

CHAINED_39 = """\
Traceback (most recent call last):
  File "/p/a.py", line 6, in g
    f([])
  File "/p/a.py", line 2, in f
    return x.lenght + 1
AttributeError: 'list' object has no attribute 'lenght'

The above exception was the direct cause of the following exception:

Traceback (most recent call last):
  File "/p/a.py", line 9, in <module>
    g()
  File "/p/a.py", line 8, in g
    raise ValueError("bad thing") from e
ValueError: bad thing
"""

CHAINED_313 = """\
Traceback (most recent call last):
  File "/p/a.py", line 6, in g
    f([])
    ~^^^^
  File "/p/a.py", line 2, in f
    return x.lenght + 1
           ^^^^^^^^
AttributeError: 'list' object has no attribute 'lenght'

The above exception was the direct cause of the following exception:

Traceback (most recent call last):
  File "/p/a.py", line 9, in <module>
    g()
    ~^^
  File "/p/a.py", line 8, in g
    raise ValueError("bad thing") from e
ValueError: bad thing
"""

IGNORED = """\
Exception ignored in: <function A.__del__ at 0x7f9174fe0820>
Traceback (most recent call last):
  File "/p/d.py", line 2, in __del__
    def __del__(self): raise RuntimeError("in del")
RuntimeError: in del
Traceback (most recent call last):
  File "/p/d.py", line 4, in <module>
    print(undefined_thing)
          ^^^^^^^^^^^^^^^
NameError: name 'undefined_thing' is not defined
"""

COMPILE = {
    "3.9": '  File "/p/c.py", line 2\n    y = 2\n      ^\nSyntaxError: invalid syntax\n',
    "3.11": "  File \"/p/c.py\", line 1\n    x = (1,\n        ^\nSyntaxError: '(' was never closed\n",
    "while importing": """\
Traceback (most recent call last):
  File "/p/main.py", line 1, in <module>
    import c
  File "/p/c.py", line 2
    x = 1
    ^
IndentationError: expected an indented block after 'if' statement on line 1
""",
    "tabs": '  File "/p/t.py", line 3\n    y = 2\nTabError: inconsistent use of tabs and spaces in indentation\n',
}

UNITTEST = """\
FE
======================================================================
ERROR: test_two (test_x.Case.test_two)
----------------------------------------------------------------------
Traceback (most recent call last):
  File "/p/test_x.py", line 9, in test_two
    self.assertEqual(area(2), 4)
                     ^^^^
NameError: name 'area' is not defined

======================================================================
FAIL: test_one (test_x.Case.test_one)
----------------------------------------------------------------------
Traceback (most recent call last):
  File "/p/test_x.py", line 6, in test_one
    self.assertEqual(1, 2)
AssertionError: 1 != 2

----------------------------------------------------------------------
Ran 2 tests in 0.001s

FAILED (failures=1, errors=1)
"""

PYTEST = """\
F                                                                        [100%]
=================================== FAILURES ===================================
__________________________________ test_area ___________________________________

    def test_area():
>       assert area(2, 3) == 6

tests/test_shapes.py:5:
_ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _

w = 2, h = 3

    def area(w, h):
>       return w * hieght
E       NameError: name 'hieght' is not defined

shapes.py:2: NameError
=========================== short test summary info ============================
FAILED tests/test_shapes.py::test_area - NameError: name 'hieght' is not defined
1 failed in 0.02s
"""


@pytest.mark.parametrize("text", [CHAINED_39, CHAINED_313])
def test_of_chained_exceptions_the_last_is_the_fault_and_the_first_its_cause(text: str) -> None:
    (fault,) = faults(text)
    assert (fault.category, fault.exception, fault.message, fault.line) == ("runtime", "ValueError", "bad thing", 7)
    assert [frame.function for frame in fault.frames] == ["<module>", "g"]
    assert fault.cause is not None
    assert (fault.cause.category, fault.cause.line) == ("name", 1)


def test_marks_are_kept_as_columns_of_the_printed_line() -> None:
    (fault,) = faults(CHAINED_313)
    assert fault.cause is not None
    frame = fault.cause.frames[-1]
    assert frame.mark is not None
    assert frame.text[slice(*frame.mark)] == "x.lenght"


def test_an_ignored_exception_is_not_the_fault() -> None:
    (fault,) = faults(IGNORED)
    assert fault.exception == "NameError"


@pytest.mark.parametrize(
    ("key", "exception", "path", "line"),
    [
        ("3.9", "SyntaxError", "/p/c.py", 1),
        ("3.11", "SyntaxError", "/p/c.py", 0),
        ("while importing", "IndentationError", "/p/c.py", 1),
        ("tabs", "TabError", "/p/t.py", 2),
    ],
)
def test_compile_errors_are_placed_in_the_file_that_does_not_compile(
    key: str, exception: str, path: str, line: int
) -> None:
    (fault,) = faults(COMPILE[key])
    assert (fault.category, fault.exception, fault.path, fault.line) == ("syntax", exception, path, line)


def test_exception_groups_are_read_too() -> None:
    text = """\
  + Exception Group Traceback (most recent call last):
  |   File "/p/g.py", line 1, in <module>
  |     raise ExceptionGroup("many", [ValueError("one")])
  | ExceptionGroup: many (1 sub-exception)
  +-+---------------- 1 ----------------
    | ValueError: one
    +------------------------------------
"""
    (fault,) = faults(text)
    assert (fault.exception, fault.message) == ("ExceptionGroup", "many (1 sub-exception)")


def test_unittest_names_all_failing_tests_and_the_first_fault() -> None:
    fault = diagnose("", UNITTEST, ["python", "-m", "unittest"])
    assert fault is not None
    assert (fault.category, fault.exception, fault.line) == ("name", "NameError", 8)
    assert fault.tests == ("test_two (test_x.Case.test_two)", "test_one (test_x.Case.test_one)")


def test_pytest_output_is_read_where_there_is_no_report() -> None:
    fault = diagnose(PYTEST, "", ["pytest", "-q"])
    assert fault is not None
    assert (fault.category, fault.path, fault.line) == ("name", "shapes.py", 1)
    assert fault.tests == ("tests/test_shapes.py::test_area",)


def test_output_without_an_error_gives_no_fault() -> None:
    assert diagnose("hello\n", "a warning\n", ["python", "x.py"]) is None


def test_test_runners_are_asked_before_the_language() -> None:
    python = [toolchain.name for toolchain in toolchains() if toolchain.name in {"pytest", "unittest", "python"}]
    assert python[:2] == ["pytest", "unittest"]


def test_the_place_is_the_innermost_frame_inside_the_workspace(tmp_path: Path) -> None:
    (tmp_path / "main.py").write_text("import json\n\nif True:\n    json.loads('x')\n")
    text = f"""\
Traceback (most recent call last):
  File "{tmp_path}/main.py", line 4, in <module>
    json.loads('x')
    ^^^^^^^^^^
  File "/usr/lib/python3.11/json/__init__.py", line 346, in loads
    return _default_decoder.decode(s)
json.decoder.JSONDecodeError: Expecting value: line 1 column 1 (char 0)
"""
    (fault,) = faults(text)
    placed = locate(fault, Workspace(tmp_path))
    assert (placed.category, placed.path, placed.line) == ("config", "main.py", 3)
    assert (placed.column, placed.end_column) == (4, 14)


def test_a_module_that_is_nowhere_is_a_missing_distribution_with_its_name(tmp_path: Path) -> None:
    (tmp_path / "main.py").write_text("import sklearn_zz\n")
    text = 'Traceback (most recent call last):\n  File "main.py", line 1, in <module>\n    import sklearn_zz\n'
    (fault,) = faults(f"{text}ModuleNotFoundError: No module named 'sklearn_zz'\n")
    placed = locate(fault, Workspace(tmp_path))
    assert placed.category == "dependency"
    assert placed.notes == (
        "the distribution sklearn-zz is not installed",
        "to install it: python -m pip install sklearn-zz",
    )
