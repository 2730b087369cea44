"""An exception that is expected is written into the docstring, in the style that is there, and nothing else changes."""

from __future__ import annotations

from pathlib import Path

import pytest

from suture.analyzers.fuzzing.contract import read_contract
from suture.analyzers.fuzzing.documenting import document_exception

BODY = "    return values[0]\n"


def documented(text: str, name: str = "first", path: Path = Path("/nowhere/m.py"), call: str = "first([])") -> str:
    """The text after the edit."""
    edit = document_exception(path, text, name, "IndexError", call)
    assert edit is not None
    (file,) = edit.files
    (change,) = file.replacements
    return text[: change.start] + change.text + text[change.end :]


CASES = {
    "one line": (
        '    """The first value."""\n',
        '    """The first value.\n\n    :raises IndexError: for input such as ``first([])``\n    """\n',
    ),
    "single quotes": (
        "    'The first value.'\n",
        '    """The first value.\n\n    :raises IndexError: for input such as ``first([])``\n    """\n',
    ),
    "sphinx fields": (
        '    """The first value.\n\n    :param values: some\n    :returns: one\n    """\n',
        '    """The first value.\n\n    :param values: some\n    :returns: one\n'
        '    :raises IndexError: for input such as ``first([])``\n    """\n',
    ),
    "google without raises": (
        '    """The first value.\n\n    Args:\n        values: Some.\n    """\n',
        '    """The first value.\n\n    Args:\n        values: Some.\n\n    Raises:\n'
        '        IndexError: For input such as ``first([])``.\n    """\n',
    ),
    "google with raises": (
        '    """The first value.\n\n    Raises:\n        TypeError: If not.\n\n    Returns:\n        A\n    """\n',
        '    """The first value.\n\n    Raises:\n        TypeError: If not.\n'
        '        IndexError: For input such as ``first([])``.\n\n    Returns:\n        A\n    """\n',
    ),
    "google with raises at the very end": (
        '    """The first value.\n\n    Raises:\n        TypeError: If not."""\n',
        '    """The first value.\n\n    Raises:\n        TypeError: If not.\n'
        '        IndexError: For input such as ``first([])``.\n    """\n',
    ),
    "numpy without raises": (
        '    """The first value.\n\n    Parameters\n    ----------\n    values\n        Some.\n    """\n',
        '    """The first value.\n\n    Parameters\n    ----------\n    values\n        Some.\n\n'
        '    Raises\n    ------\n    IndexError\n        For input such as ``first([])``.\n    """\n',
    ),
    "numpy with raises": (
        '    """The first value.\n\n    Raises\n    ------\n    TypeError\n        Never.\n\n'
        '    Notes\n    -----\n    No.\n    """\n',
        '    """The first value.\n\n    Raises\n    ------\n    TypeError\n        Never.\n    IndexError\n'
        '        For input such as ``first([])``.\n\n    Notes\n    -----\n    No.\n    """\n',
    ),
    "none": ("", '    """\n    :raises IndexError: for input such as ``first([])``\n    """\n'),
}


@pytest.mark.parametrize(("before", "after"), CASES.values(), ids=CASES)
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_the_exception_is_documented_in_the_docstrings_style(before: str, after: str, newline: str) -> None:
    head = "import os\n\n\ndef first(values):\n"
    text = f"{head}{before}{BODY}".replace("\n", newline)
    assert documented(text) == f"{head}{after}{BODY}".replace("\n", newline)


@pytest.mark.parametrize(("before", "after"), CASES.values(), ids=CASES)
def test_what_is_documented_counts_as_documented_and_is_not_documented_twice(before: str, after: str) -> None:
    text = documented(f"def first(values):\n{before}{BODY}")
    assert document_exception(Path("/nowhere/m.py"), text, "first", "IndexError", "first([])") is None
    contract = read_contract(after.replace('"""', ""))
    assert contract.documents(IndexError)
    assert contract.promises == read_contract(before).promises  # its words must not promise anything


def test_without_a_style_of_its_own_it_takes_that_of_the_files_other_docstrings() -> None:
    other = 'def other(a):\n    """Other.\n\n    Args:\n        a: One.\n    """\n    return a\n\n\n'
    text = f'{other}def first(values):\n    """The first."""\n{BODY}'
    assert "    Raises:\n        IndexError: For input" in documented(text)


def test_without_any_docstring_it_takes_the_convention_of_the_settings(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text('[tool.ruff.lint.pydocstyle]\nconvention = "numpy"\n')
    text = documented(f"def first(values):\n{BODY}", path=tmp_path / "m.py")
    assert "    Raises\n    ------\n    IndexError\n" in text


def test_methods_and_decorated_functions_are_found_and_indented() -> None:
    text = "class Box:\n    @staticmethod\n    def first(values):\n        # why\n        return values[0]\n"
    after = documented(text, "Box.first")
    assert '        # why\n        """\n        :raises IndexError: for input' in after


@pytest.mark.parametrize(
    "text",
    [
        "def first(values): return values[0]\n",
        "x = 1\n",
        'def first(values):\n    f"""no docstring"""\n    return values[0]\n'.replace("f", "b", 2).replace("b", "d", 1),
    ],
)
def test_where_no_docstring_can_be_written_nothing_is_changed(text: str) -> None:
    assert document_exception(Path("/nowhere/m.py"), text, "first", "IndexError") is None


def test_an_input_that_would_not_survive_in_a_docstring_is_left_out() -> None:
    text = f'def first(values):\n    """The first."""\n{BODY}'
    assert ":raises IndexError: for some inputs\n" in documented(text, call=r"first(['\x00'])")
    assert ":raises IndexError: for some inputs\n" in documented(text, call="first(" + "[1]," * 40 + ")")
    raw = f'def first(values):\n    r"""The first."""\n{BODY}'
    assert r"``first(['\x00'])``" in documented(raw, call=r"first(['\x00'])")
