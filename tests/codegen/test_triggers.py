"""What asks for code besides a comment: stubs, failing tests, selections; and what their drafts must keep."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from suture.analyzers.syntax import descend
from suture.codegen.conforming import conformed
from suture.codegen.placement import place, read_imports
from suture.codegen.proposal import GenerationRequest
from suture.codegen.triggers.definitions import Parsed, definitions_around
from suture.codegen.triggers.failing_test import failing_test_at
from suture.codegen.triggers.locate import located
from suture.codegen.triggers.selection import selection_at
from suture.codegen.triggers.specified import specified
from suture.codegen.triggers.stub import stub_at, stub_in
from suture.codegen.triggers.target import Target
from suture.server.documents import Document


def stub(text: str) -> Target | None:
    """``stub_at`` on the first line that defines ``f``."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return stub_at(text, next(number for number, each in enumerate(lines) if "def f(" in each))


def filled(text: str, body: str, *imports: str, signature: str = "") -> str:
    """The text after its stub got ``body``, and that undoing the replacements gives the text back."""
    target = stub(text)
    assert target is not None
    code, problem = conformed(target, f"{signature or target.signature}:\n{body}")
    assert problem == ""
    result = place(text, target, code, read_imports(imports))
    position, kept = 0, ""
    for each in result.replacements:
        kept += text[position : each.start] + each.text
        position = each.end
    assert kept + text[position:] == result.text
    lines = result.text.replace("\r\n", "\n").split("\n")
    assert "def f(" in "".join(lines[result.first : result.last + 1])
    return result.text


DONE = '    if text:\n        return text\n    return ""\n'
BODY = '    """Another docstring."""\n    if text:\n        return text\n    return ""\n'


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (
            'def f(text: str) -> str:\n    """Give it."""\n    ...\n',
            'def f(text: str) -> str:\n    """Give it."""\n    if text:\n        return text\n    return ""\n',
        ),
        (
            'def f(text: str) -> str:\n    """Give it."""\n    pass  # TODO\n\n\nx = 1\n',
            'def f(text: str) -> str:\n    """Give it."""\n' + DONE + "\n\nx = 1\n",
        ),
        (
            'def f(text: str) -> str:\n    """Give it."""\n    raise NotImplementedError("later")',
            'def f(text: str) -> str:\n    """Give it."""\n    if text:\n        return text\n    return ""',
        ),
        (
            'def f(text: str) -> str:\n    """Give it."""\n',
            'def f(text: str) -> str:\n    """Give it."""\n    if text:\n        return text\n    return ""\n',
        ),
        (
            "# Give the text back.\ndef f(text: str) -> str: ...\n",
            '# Give the text back.\ndef f(text: str) -> str:\n    if text:\n        return text\n    return ""\n',
        ),
        (
            'class A:\n\tdef f(self, text: str) -> str:\n\t\t"""Give."""\n\t\tpass\n\n\tx = 1\n',
            'class A:\n\tdef f(self, text: str) -> str:\n\t\t"""Give."""\n\t\tif text:\n\t\t\treturn text\n'
            '\t\treturn ""\n\n\tx = 1\n',
        ),
        (
            'class A:\r\n  def f(self, text: str) -> str:\r\n    """Give."""\r\n    pass\r\n',
            'class A:\r\n  def f(self, text: str) -> str:\r\n    """Give."""\r\n    if text:\r\n      return text\r\n'
            '    return ""\r\n',
        ),
        (
            '@cache\n@other(1)\ndef f(\n    text: str,  # (the text)\n) -> str:\n    """Give.\n\n    Always.\n    """\n'
            "    # how?\n    ...\n",
            '@cache\n@other(1)\ndef f(\n    text: str,  # (the text)\n) -> str:\n    """Give.\n\n    Always.\n    """\n'
            '    # how?\n    if text:\n        return text\n    return ""\n',
        ),
        (
            '\f\ndef f(text: str) -> str:\n    """Give é𝒳."""\n    ...\n',
            '\f\ndef f(text: str) -> str:\n    """Give é𝒳."""\n    if text:\n        return text\n    return ""\n',
        ),
        (
            'async def f(text: str) -> str:\n    """Give it."""\n    ...\n',
            'async def f(text: str) -> str:\n    """Give it."""\n    if text:\n        return text\n    return ""\n',
        ),
        (
            'def outer():\n    def f(text: str) -> str:\n        """Give it."""\n        ...\n\n    return f\n',
            'def outer():\n    def f(text: str) -> str:\n        """Give it."""\n        if text:\n'
            '            return text\n        return ""\n\n    return f\n',
        ),
        (
            '@overload\ndef f(text: str) -> str: ...\n@overload\ndef f(text: int) -> int: ...\n'
            'def g(text):\n    """No."""\n    ...\n',
            "",
        ),
    ],
)  # fmt: skip
def test_the_body_of_a_stub_replaces_its_placeholder_and_nothing_else(before: str, after: str) -> None:
    if not after:
        assert stub(before) is None
    else:
        assert filled(before, BODY) == after


@pytest.mark.parametrize(
    "text",
    [
        "def f():\n    pass\n",  # nothing is said
        'def f() -> None:\n    """Do nothing."""\n',
        'def f():\n    """Give one."""\n    return 1\n',
        'class A(Protocol):\n    def f(self) -> int:\n        """Give one."""\n        ...\n',
        'class A(ABC):\n    @abstractmethod\n    def f(self) -> int:\n        """Give one."""\n        ...\n',
        '@typing.overload\ndef f(a: int) -> int:\n    """Give one."""\n    ...\n',
    ],
)
def test_what_is_meant_to_have_no_body_is_no_stub(text: str) -> None:
    assert stub(text) is None


def test_what_a_stub_imports_goes_to_the_top() -> None:
    before = 'import os\n\n\ndef f(text: str) -> str:\n    """Give it."""\n    ...\n'
    after = 'import os\nimport re\n\n\ndef f(text: str) -> str:\n    """Give it."""\n    return re.escape(text)\n'
    assert filled(before, "    return re.escape(text)\n", "import re") == after


@pytest.mark.parametrize(
    ("drafted", "problem"),
    [
        ("def f(a: int, b: str = 'x') -> str:\n    return b\n", ""),
        ("def f(a, b='x'):\n    return b\n", ""),
        ("def f(a: int) -> str:\n    return ''\n", "b is missing"),
        ("def f(a: int, b: str = 'x', c=1) -> str:\n    return ''\n", "c is new"),
        ("def f(b: str, a: int = 1) -> str:\n    return ''\n", "b instead of a"),
        ("def f(a: int, b: str = 'y') -> str:\n    return ''\n", "the default of b"),
        ("def f(a: float, b: str = 'x') -> str:\n    return ''\n", "a is float, not int"),
        ("def f(a: int, b: str = 'x') -> int:\n    return 1\n", "it returns int, not str"),
        ("def f(a: int, *, b: str = 'x') -> str:\n    return ''\n", "instead of b"),
        ("async def f(a: int, b: str = 'x') -> str:\n    return ''\n", "must not be async"),
        ("def g(a: int, b: str = 'x') -> str:\n    return ''\n", "it defines no f"),
    ],
)
def test_a_draft_whose_signature_differs_from_the_stub_is_refused(drafted: str, problem: str) -> None:
    target = stub('def f(a: int, b: str = "x") -> str:\n    """Do it."""\n    ...\n')
    assert target is not None
    said = conformed(target, drafted)[1]
    assert problem in said if problem else said == ""


@pytest.mark.parametrize(
    ("drafted", "problem"),
    [
        ("def f(a: int, b=1):\n    return a\n", ""),
        ("@cache\ndef f(a: int, b=1):\n    return a\n", ""),
        ("def f(a: int, b=1, *, c=2):\n    return a\n", "is new"),
        ("def f(a: int, b=2):\n    return a\n", "the default of b is 2"),
        ("def f(a, b=1):\n    return a\n", "its type hints are gone"),
    ],
)
def test_a_changed_definition_keeps_its_signature(drafted: str, problem: str) -> None:
    target = selection_at("def f(a: int, b=1):\n    return a + b\n", 1, 1, "be kind")
    assert target is not None
    said = conformed(target, drafted)[1]
    assert problem in said if problem else said == ""


def test_a_selection_is_the_definition_around_it_and_what_stays_the_same_is_not_touched() -> None:
    text = "import os\r\n\r\nclass A:\r\n\t@property\r\n\tdef f(self):\r\n\t\tx = 1\r\n\t\treturn x\r\n\r\ny = 2\r\n"
    target = selection_at(text, 5, 6, "return two")
    assert target is not None
    assert (target.first, target.last, target.class_name, target.name) == (3, 6, "A", "f")
    assert target.code == "@property\ndef f(self):\n    x = 1\n    return x\n"
    code = target.code.replace("return x", "return x * 2")
    placed = place(text, target, code, ())
    assert placed.text == text.replace("return x", "return x * 2")
    assert [each.text for each in placed.replacements] == [" * 2"]
    assert (placed.first, placed.last) == (3, 6)
    assert selection_at(text, 0, 0, "sort") is None


TESTS = """from shop.prices import net, with_tax
import pytest


def test_net():
    assert net(3) == 2


@pytest.mark.parametrize(("price", "expected"), [(100, 120), (50, 60)])
def test_with_tax(price, expected):
    assert with_tax(price) == expected


def test_with_tax_refuses_debts():
    with pytest.raises(ValueError):
        with_tax(-1)
"""


@pytest.fixture
def shop(write: Callable[[str, str], Path]) -> Path:
    write("shop/__init__.py", "")
    write("shop/prices.py", 'X = 1\n\nif __name__ == "__main__":\n    print(X)\n')
    return write("tests/test_prices.py", TESTS)


def test_a_test_of_a_function_that_does_not_exist_is_its_specification(shop: Path, workspace: Path) -> None:
    target = failing_test_at(TESTS, 10, shop, workspace)
    assert target is not None
    assert (target.name, target.path, target.first) == ("with_tax", workspace / "shop/prices.py", 0)
    assert target.text.split("\n") == ["with_tax(100) -> 120", "with_tax(50) -> 60", "with_tax(-1) raises ValueError"]
    assert "import with_tax\n" in target.tests
    assert "test_net" not in target.tests
    spec = specified(target)
    assert [each.raises for each in spec.examples] == ["", "", "ValueError"]
    text = (workspace / "shop/prices.py").read_text()
    placed = place(text, target, "def with_tax(price: int) -> int:\n    return 1\n", ())
    assert placed.text == (
        'X = 1\n\n\ndef with_tax(price: int) -> int:\n    return 1\n\n\nif __name__ == "__main__":\n    print(X)\n'
    )
    assert (placed.first, placed.last) == (3, 4)


def test_the_line_says_which_missing_function_is_meant(shop: Path, workspace: Path) -> None:
    first = failing_test_at(TESTS, 0, shop, workspace)
    other = failing_test_at(TESTS, 5, shop, workspace)
    assert first is not None
    assert other is not None
    assert (first.name, other.name) == ("net", "net")
    assert failing_test_at(TESTS, 2, shop, workspace) is None
    assert failing_test_at(TESTS, 10, shop.with_name("helpers.py"), workspace) is None


@pytest.mark.parametrize(
    ("test", "wanted"),
    [
        ("from shop import prices\n\ndef test_a():\n    assert prices.net(2) == 1\n", "net"),
        ("import shop.prices\n\ndef test_a():\n    assert shop.prices.net(2) == 1\n", "net"),
        ("import shop.prices as p\n\ndef test_a():\n    assert p.net(2) == 1\n", "net"),
        ("from shop.prices import net as n\n\ndef test_a():\n    assert n(2) == 1\n", "net"),
        ("from shop.prices import X\n\ndef test_a():\n    assert X(2) == 1\n", ""),  # is there
        ("from json import net\n\ndef test_a():\n    assert net(2) == 1\n", ""),  # not of this workspace
        ("from shop import prices\n\ndef test_a():\n    assert prices(2) == 1\n", ""),  # a module
    ],
)
def test_every_way_to_import_says_where_the_function_belongs(
    shop: Path, workspace: Path, test: str, wanted: str
) -> None:
    target = failing_test_at(test, 3, shop, workspace)
    assert (target.name if target else "") == wanted
    if target is not None:
        assert target.text == "net(2) -> 1"


def test_a_request_is_about_the_file_that_is_written(shop: Path, workspace: Path) -> None:
    unsaved = {str(workspace / "shop/prices.py"): "Y = 2\n"}
    found = located(GenerationRequest(workspace, shop, TESTS, 10, files=unsaved))
    assert not isinstance(found, str)
    request, target = found
    assert (request.path, request.text, target.name) == (workspace / "shop/prices.py", "Y = 2\n", "with_tax")
    missing = located(GenerationRequest(workspace, shop, TESTS, 1))
    assert isinstance(missing, str)
    assert "missing" in missing


def test_the_signature_of_a_stub_says_more_than_its_words() -> None:
    target = stub(
        'class A:\n    def f(self, words: list[str], *, sep=",") -> str:\n        """f(["a"]) -> "a" """\n        ...\n'
    )
    assert target is not None
    spec = specified(target)
    assert [(each.name, each.hint, each.default, each.keyword_only) for each in spec.parameters] == [
        ("words", "list[str]", "", False),
        ("sep", "", '","', True),
    ]
    assert (spec.returns, spec.header) == ("str", 'def f(self, words: list[str], *, sep=",") -> str')


def test_definitions_around_a_line_are_found_behind_what_is_not_ascii_and_at_the_end() -> None:
    text = "# ä\r\nclass Ö:\n    def f(self):\n        return 'ü'\r\ré = 1\n\n@é\ndef g(): ..."
    lines = {number: [each.name for each in definitions_around(Parsed.of(text), number)] for number in range(-1, 10)}
    assert [lines[number] for number in (1, 2, 3, 7, 8)] == [["Ö"], ["f", "Ö"], ["f", "Ö"], ["g"], ["g"]]
    assert not any(lines[number] for number in (-1, 0, 5, 6, 9))


LINES = ["class Ö:", "    def f(self):", "        return 'ü'", '        """', "@é", "def g(): ...", "x = (1,", "", ")"]


@given(st.lists(st.sampled_from(LINES), max_size=12), st.sampled_from(["\n", "\r\n", "\r"]))
def test_definitions_around_a_line_are_those_that_overlap_it(lines: list[str], end: str) -> None:
    text = end.join(lines)
    parsed, document = Parsed.of(text), Document("file:///a.py", text)
    wholes = {
        each.start_byte: each.parent if each.parent is not None and each.parent.type == "decorated_definition" else each
        for each in descend(parsed.root)
        if each.type in ("function_definition", "class_definition")
    }
    for line in range(parsed.lines.line_count):
        start = parsed.lines.line_start(line)
        assert document.line_start(line) == start == len((end.join(lines[:line]) + end).encode()) * (line > 0)
        after = start + len((lines[line] if lines else "").encode()) + 1
        overlapping = {at for at, whole in wholes.items() if whole.start_byte < after and whole.end_byte > start}
        assert {each.node.start_byte for each in definitions_around(parsed, line)} == overlapping


def test_a_tree_that_is_there_is_used() -> None:
    text = 'def f(text: str) -> str:\n    """Give it."""\n    ...\n'
    parsed = Parsed.of(text)
    assert stub_in(parsed, 0) == stub_at(text, 0) is not None


@pytest.mark.parametrize(
    ("text", "stub"),
    [
        ('class Mean:\n    """Means: add(number: float) -> None, and mean() -> float."""\n', True),
        ('@final\nclass Mean:\n    """Means: add(number: float) -> None."""\n\n    ...\n', True),
        ('class Mean:\n    """Marks what has no mean."""\n', False),
        ('class NoMean(Exception):\n    """Raised by mean()."""\n', False),
        ('class Mean:\n    """Means: mean()."""\n\n    size = 3\n', False),
        ("class Mean:\n    ...\n", False),
    ],
)
def test_a_class_is_a_stub_if_it_has_only_words_that_name_a_method(text: str, stub: bool) -> None:
    found = stub_at(text, text[: text.index("class")].count("\n"))
    assert (found is not None) == stub
    if found is not None:
        assert (found.name, found.signature, found.kind) == ("Mean", "class Mean", "stub")


def test_of_a_draft_that_does_not_parse_it_is_said_where() -> None:
    target = stub_at('class Mean:\n    """Means: add(number: float) -> None."""\n', 0)
    assert target is not None
    assert conformed(target, "class Mean\n    def add(self, number)\n        pass\n")[1].startswith(
        "it does not parse: "
    )
    assert conformed(target, "x = '\0'\n")[1].startswith("it does not parse: ")
    assert conformed(target, "class Other:\n    x = 1\n")[1] == "it defines no Mean"
