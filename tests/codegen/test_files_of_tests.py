"""Tests of generated functions go to the file of tests that there is, and change nothing in it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from suture.codegen.files_of_tests import appended, edit_of_tests
from suture.codegen.proposal import GenerationRequest

TESTS = '''"""Examples of f, from the comment that it was written from."""

import pytest

from main import f


@pytest.mark.parametrize(("a", "b"), [(1, 2)])
def test_f(a: int, b: int) -> None:
    assert f(a) == b
'''
BODY = '@pytest.mark.parametrize(("a", "b"), [(1, 2)])\ndef test_f(a: int, b: int) -> None:\n    assert f(a) == b\n'


def after(text: str) -> str | None:
    changes = appended(text, TESTS)
    if changes is None:
        return None
    parts, position = list[str](), 0
    for each in changes:
        assert each.start == each.end
        parts += (text[position : each.start], each.text)
        position = each.start
    return "".join((*parts, text[position:]))


@pytest.mark.parametrize(
    ("before", "expected"),
    [
        ("import pytest\n\nfrom main import g\n\n\ndef test_g():\n    assert g() == 1\n",
         f"import pytest\n\nfrom main import f, g\n\n\ndef test_g():\n    assert g() == 1\n\n\n{BODY}"),
        ("from main import g\n\n\ndef test_g():\n    assert g() == 1",
         f"import pytest\nfrom main import f, g\n\n\ndef test_g():\n    assert g() == 1\n\n\n{BODY}"),
        ("import pytest\r\n\r\nfrom main import f\r\n\r\nx = 1\r\n",
         "import pytest\r\n\r\nfrom main import f\r\n\r\nx = 1\r\n\r\n\r\n" + BODY.replace("\n", "\r\n")),
        ("import pytest\nfrom main import f\n\nclass A:\n\tx = 1\n",
         "import pytest\nfrom main import f\n\nclass A:\n\tx = 1\n\n\n" + BODY.replace("    ", "\t")),
        ("\n", f"\n{TESTS}"),
        (TESTS, TESTS),  # there already
        ("def test_f():\n    pass\n", None),  # another test of that name
        ("from other import f\n\n\ndef test_other():\n    assert f(1)\n", None),  # another function of that name
    ],
)  # fmt: skip
def test_tests_are_appended_and_their_imports_join_those_that_are_there(before: str, expected: str | None) -> None:
    assert after(before) == expected


def test_the_file_of_the_function_or_of_its_module_takes_them_and_another_one_if_a_name_is_in_the_way(
    workspace: Path, write: Callable[[str, str], Path]
) -> None:
    main = write("main.py", "")
    request = GenerationRequest(workspace, main, "", 0)

    def chosen() -> str:
        edit = edit_of_tests(request, "f", TESTS)
        assert edit is not None
        assert edit.base == "" or edit.apply(Path(edit.path).read_text()).endswith(BODY)
        return Path(edit.path).relative_to(workspace).as_posix()

    assert chosen() == "tests/test_f.py"
    module = write("tests/test_main.py", "from main import g\n\n\ndef test_g():\n    assert g()\n")
    assert chosen() == "tests/test_main.py"
    module.write_text("def test_f():\n    pass\n")
    assert chosen() == "tests/test_f.py"
    write("tests/test_f.py", "from elsewhere import f\n")
    assert chosen() == "tests/test_main_f.py"
    write("tests/test_f.py", TESTS)
    assert edit_of_tests(request, "f", TESTS) is None
