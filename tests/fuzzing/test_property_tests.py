"""Property tests: readable, run in the sandbox as they are offered, true or honest about the input that fails."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Any

import pytest

from suture.analyzers.errors import UserError
from suture.analyzers.fuzzing.api import Input
from suture.analyzers.fuzzing.property_tests import Written, write_property_tests
from suture.analyzers.fuzzing.shapes import Alt, Anything, Lit, Map, Num, Obj, Record, Seq, Shape, Text, Tup
from suture.analyzers.fuzzing.strategy_source import Strategies, Unreadable


@pytest.mark.parametrize(
    ("shape", "source"),
    [
        (Num("int", low=0), "st.integers(min_value=0)"),
        (Num("int"), "st.integers()"),
        (Num("float", low=0.0, high=1.0), "st.floats(min_value=0.0, max_value=1.0)"),
        (Num("float"), "st.floats(allow_nan=False, allow_infinity=False)"),
        (Num("bool"), "st.booleans()"),
        (Text("str", min_size=1), "st.text(min_size=1)"),
        (Text("bytes"), "st.binary()"),
        (Seq("list", Num("int"), min_size=1), "st.lists(st.integers(), min_size=1)"),
        (Seq("tuple", Text()), "st.lists(st.text()).map(tuple)"),
        (Seq("set", Num("int")), "st.sets(st.integers())"),
        (Tup((Num("int"), Text())), "st.tuples(st.integers(), st.text())"),
        (Map(Text(), Num("int")), "st.dictionaries(st.text(), st.integers())"),
        (
            Record((("a", Num("int")),), (("b", Text()),)),
            "st.fixed_dictionaries({'a': st.integers()}, optional={'b': st.text()})",
        ),
        (Alt((Num("int"), Lit((None,)))), "st.none() | st.integers()"),
        (Lit(("a", "b")), "st.sampled_from(['a', 'b'])"),
        (Obj("MOD.Point", (Num("int"),), (("y", Num("int")),)), "st.builds(Point, st.integers(), y=st.integers())"),
        (Anything(hashable=True), "st.none() | st.booleans() | st.integers() | st.text()"),
    ],
    ids=lambda each: each if isinstance(each, str) else "",
)
def test_a_domain_is_written_as_a_person_would_write_the_strategy(shape: Shape, source: str) -> None:
    written = Strategies().write(shape)
    assert written == source
    ast.parse(written, mode="eval")


def test_names_of_the_module_and_of_others_are_noted_for_the_imports() -> None:
    strategies = Strategies()
    strategies.write(Obj("MOD.Point", (Obj("types.SimpleNamespace"),)))
    assert strategies.own == {"Point"}
    assert strategies.modules == {"types"}


def test_a_function_made_up_for_a_search_is_nothing_to_keep() -> None:
    from suture.analyzers.fuzzing.plans import Ref

    with pytest.raises(Unreadable):
        Strategies().write(Lit((Ref("lambda *args: 0"),)))


@pytest.fixture
def write(tmp_path: Path, sandbox: Any) -> Any:
    """``write(code, name)``: the property tests of one function, in a workspace of its own."""

    def run(code: str, name: str, **more: Any) -> Written:
        (tmp_path / "shop.py").write_text(code)
        return write_property_tests(tmp_path, tmp_path / "shop.py", name, sandbox=sandbox, **more)

    return run


def text_of(written: Written) -> str:
    assert written.edit is not None, written.reason
    (file,) = written.edit.files
    assert file.base == ""  # a new file
    (change,) = file.replacements
    ast.parse(change.text)
    return change.text


def test_what_holds_is_offered_with_the_run_as_evidence(write: Any) -> None:
    written = write("def double(n: int) -> int:\n    return n * 2\n", "double")
    text = text_of(written)
    assert "@given(n=st.integers())\ndef test_double_returns_int(n):\n    assert isinstance(double(n), int)\n" in text
    assert "from shop import double" in text
    (evidence,) = written.edit.evidence
    assert evidence.kind == "tested"
    assert evidence.data["passed_after"] == 1
    assert written.edit.verified
    assert written.path.name == "test_properties_shop_double.py"
    assert not written.path.exists()  # the editor writes it, so that it can be undone


def test_a_bug_is_kept_with_its_input_and_said(write: Any) -> None:
    code = "def average(numbers: list[int]) -> float:\n    return sum(numbers) / len(numbers)\n"
    written = write(code, "average", known=[Input("([],)")])
    text = text_of(written)
    assert "# fails now: average([]) raises ZeroDivisionError: division by zero\n@example(numbers=[])\n" in text
    assert "ZeroDivisionError" in written.counterexample
    assert written.edit.evidence[0].data["failed_after"] == 1


@pytest.mark.slow
def test_what_it_raises_on_purpose_is_allowed_not_called_a_failure(write: Any) -> None:
    code = (
        "import json\n\n\ndef port(text: str) -> int:\n    value = int(text)\n    if value < 1:\n"
        "        raise LookupError(text)\n    return value\n"
    )
    text = text_of(write(code, "port"))
    assert "LookupError" in text
    assert "ValueError" in text  # what int() says of other text, found by the run
    assert "@example" not in text


def test_a_round_trip_is_tested_where_the_documentation_promises_one(write: Any) -> None:
    code = (
        "import json\n\n\ndef dumps_row(row: dict[str, int]) -> str:\n    return json.dumps(row)\n\n\n"
        'def loads_row(text: str) -> dict:\n    """The inverse of dumps_row."""\n    return json.loads(text)\n'
    )
    text = text_of(write(code, "dumps_row"))
    assert "def test_loads_row_undoes_dumps_row(row):\n    assert loads_row(dumps_row(row)) == row\n" in text
    assert "ROW = st.dictionaries(st.text(), st.integers())" in text


@pytest.mark.slow
def test_a_promise_of_the_name_that_does_not_hold_is_taken_out(write: Any) -> None:
    code = "def normalize_text(text: str) -> str:\n    return text + '!'\n"
    assert "twice" not in text_of(write(code, "normalize_text"))


@pytest.mark.slow
def test_a_method_is_called_on_an_object_that_is_made(write: Any) -> None:
    code = (
        "class Box:\n    def __init__(self, size: int) -> None:\n        self.size = size\n\n"
        "    def grow(self, by: int) -> int:\n        return self.size + by\n"
    )
    text = text_of(write(code, "Box.grow"))
    assert "@given(box=st.builds(Box, st.integers()), by=st.integers())" in text
    assert "box.grow(by)" in text


@pytest.mark.slow
def test_it_lies_in_the_projects_test_layout_and_never_replaces_a_file(write: Any, tmp_path: Path) -> None:
    (tmp_path / "test").mkdir()
    (tmp_path / "test" / "test_properties_shop_double.py").write_text("# mine\n")
    (tmp_path / "pyproject.toml").write_text('[tool.pytest.ini_options]\npythonpath = ["."]\n')
    written = write("def double(n: int) -> int:\n    return n * 2\n", "double")
    assert written.path == tmp_path / "test" / "test_properties_shop_double_2.py"
    assert "sys.path" not in text_of(written)


def test_what_cannot_be_tested_says_why(write: Any) -> None:
    assert "methods" in write("class Box:\n    def size(self, n: int) -> int:\n        return n\n", "Box").reason
    assert "nowhere" in write("import nowhere\n\n\ndef f(n: int) -> int:\n    return n\n", "f").reason
    with pytest.raises(UserError):
        write("def f(n: int) -> int:\n    return n\n", "g")
