"""The domain that is assumed for parameters, with and without annotations."""

from __future__ import annotations

import sys
import types

import pytest

from suture.analyzers.fuzzing.annotations import Unsupported
from suture.analyzers.fuzzing.boundaries import Hints, boundaries
from suture.analyzers.fuzzing.call_sites import CallSite
from suture.analyzers.fuzzing.domain import Domain, Reader
from suture.analyzers.fuzzing.plans import Builder, render
from suture.analyzers.fuzzing.shapes import describe

HEAD = """
import dataclasses, enum
from typing import *
class Colour(enum.Enum):
    RED = 1
    BLUE = 2
@dataclasses.dataclass
class Point:
    x: int
    y: float = 0.0
class Movie(TypedDict):
    title: str
    year: NotRequired[int]
class Sized(Protocol):
    def size(self) -> int: ...
class Box:
    def __init__(self, side: int) -> None: ...
    def size(self) -> int: return 1
class Needy:
    def __init__(self, thing) -> None: thing.start()
Id = NewType("Id", int)
T = TypeVar("T")
"""


def domain_of(code: str, name: str = "f") -> Domain:
    module = types.ModuleType("snippet")
    sys.modules["snippet"] = module  # dataclasses look their module up there
    exec(compile(HEAD + code, "snippet.py", "exec", dont_inherit=True), module.__dict__)
    return Reader(module, HEAD + code).domain(getattr(module, name), name)


def shown(code: str) -> list[str]:
    return [describe(each.shape) for each in domain_of(code).parameters]


@pytest.mark.parametrize(
    ("annotation", "expected"),
    [
        ("int", "int"),
        ("str | None", "str | None"),
        ("Optional[float]", "float | None"),
        ("list[tuple[int, str]]", "list[tuple[int, str]]"),
        ("dict[str, list[int]]", "dict[str, list[int]]"),
        ("Literal['a', 2]", "one of 'a', 2"),
        ("Iterable[bytes]", "list[bytes]"),
        ("Colour", "one of Colour.RED, Colour.BLUE"),
        ("Point", "Point"),
        ("Movie", "dict {'title': str, 'year' (optional): int}"),
        ("Sized", "Box"),
        ("Id", "int"),
        ("list[T]", "list[int]"),
        ("'int'", "int"),
        ("Annotated[int, 'metres']", "int"),
    ],
)
def test_an_annotation_is_the_domain(annotation: str, expected: str) -> None:
    assert shown(f"def f(a: {annotation}): ...") == [expected]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("return a.split(',')[0]", ["str"]),
        ("return a.decode()", ["bytes"]),
        ("return a % 2 == 0", ["int"]),
        ("return [x.upper() for x in a]", ["list[str]"]),
        ("return {k: v + 1 for k, v in a.items()}", ["dict[str, int]"]),
        ("return sum(w * v for w, v in a)", ["list[tuple[float | int, float | int]]"]),
        ("return a['name'].strip() + str(a['age'] + 1)", ["dict {'name': str, 'age': int}"]),
        ("if a is None: return ''\n    return a.lower()", ["str | None"]),
        ("return a in ('r', 'w')", ["str"]),
        ("for i, c in enumerate(reversed(a)): int(c)", ["str"]),
        ("return helper(a)", ["str"]),
    ],
)
def test_without_annotation_the_body_tells(body: str, expected: list[str]) -> None:
    assert shown(f"def helper(z):\n    return z.strip()\n\ndef f(a):\n    {body}\n") == expected


def test_a_default_is_an_example_and_not_the_only_value() -> None:
    parameter = domain_of("def f(a, sep=','): return a").parameters[1]
    assert (describe(parameter.shape), parameter.omit) == ("str", True)


def test_types_named_in_the_docstring_count_as_documented() -> None:
    code = 'def f(a, b):\n    """F.\n\n    Args:\n        a (int): one\n        b (list of str): two\n    """\n'
    parameters = domain_of(code).parameters
    assert [describe(each.shape) for each in parameters] == ["int", "list[str]"]
    assert {each.certainty for each in parameters} == {"documented"}


def test_doctests_give_types_and_examples() -> None:
    domain = domain_of('def f(q):\n    """F.\n\n    >>> f(b"xyz")\n    3\n    """\n    return len(q)\n')
    assert describe(domain.parameters[0].shape) == "bytes"
    assert domain.examples == ((b"xyz",),)


def test_constants_of_the_source_are_hints() -> None:
    hints = domain_of("def f(a: str):\n    return a.startswith('MAGIC') and len(a) > 42\n").hints
    assert "MAGIC" in hints.strings
    assert 42 in hints.ints


def test_a_stated_precondition_bounds_the_domain() -> None:
    parameter = domain_of('def f(n: int):\n    """Root of n. n must be positive."""\n').parameters[0]
    assert describe(parameter.shape) == "int ≥ 1"


def test_what_cannot_be_made_is_unsupported() -> None:
    with pytest.raises(Unsupported, match="no class here implements it"):
        domain_of(
            "import abc\nclass Base(abc.ABC):\n    @abc.abstractmethod\n    def go(self): ...\ndef f(a: Base): ..."
        )


def test_what_nobody_knows_of_is_guessed() -> None:
    parameter = domain_of("def f(a: Needy): ...").parameters[0]
    assert (describe(parameter.shape), parameter.certainty) == ("Needy", "guessed")


NODE = (
    "class Node:\n    def __init__(self, value):\n        self.value = value\n        self.next = None\n"
    "        self.left = None\n\n"
)


def values_of(code: str) -> tuple[list[str], str]:
    """Printed boundary values of the first parameter of ``f``, and how certain its domain is."""
    domain = domain_of(code)
    parameter = domain.parameters[0]
    values = [render(each) for each in boundaries(parameter.shape, domain.hints, 80)]
    builder = Builder(sys.modules["snippet"])
    for each in boundaries(parameter.shape, domain.hints, 80):
        builder.build(each)
    return values, parameter.certainty


def test_a_parameter_whose_attributes_a_class_has_is_an_object_of_it() -> None:
    code = "class Order:\n    def __init__(self, price: int, pieces: int):\n        self.price = price\n        self.pieces = pieces\n\n"  # noqa: E501
    domain = domain_of(code + "def f(a): return a.price * a.pieces")
    assert (describe(domain.parameters[0].shape), domain.parameters[0].certainty) == ("Order", "inferred")
    several = domain_of(code + "def f(orders): return sum(each.price * each.pieces for each in orders)")
    assert describe(several.parameters[0].shape) == "list[Order]"


def test_an_object_known_only_by_its_attributes_is_made_up() -> None:
    parameter = domain_of("def f(shape): return shape.width * 2 + len(shape.label.strip())").parameters[0]
    assert describe(parameter.shape) == "object with label: str, width: float | int"
    assert parameter.certainty == "inferred"
    assert domain_of("def f(thing): return thing.fetch() + 1").parameters[0].certainty == "guessed"


def test_a_linked_list_is_made_of_the_class_that_has_the_links() -> None:
    values, certainty = values_of(NODE + "def f(head):\n    while head:\n        head = head.next\n")
    assert any("next=MOD.Node(" in each or ".Node(0), next=" in each for each in values)
    assert certainty in ("inferred", "guessed")


def test_a_linked_list_without_a_class_is_made_up_and_ends() -> None:
    values, _ = values_of(
        "def f(node):\n    total = 0\n    while node:\n        total += node.value\n        node = node.next\n"
    )
    assert any("next=types.SimpleNamespace(next=None" in each for each in values)
    assert "None" in values or any("next=None" in each for each in values)


@pytest.mark.parametrize(
    ("use", "expected"),
    [
        ("a.strftime('%Y')", "datetime.datetime"),
        ("a.total_seconds()", "datetime.timedelta"),
        ("a.read_text()", "pathlib.Path"),
        ("a.readline()", "io.StringIO"),
        ("a.fullmatch('x')", "re.Pattern"),
        ("a.quantize(1)", "decimal.Decimal"),
        ("a.appendleft(1)", "deque[int]"),
    ],
)
def test_classes_of_the_library_are_known_by_their_methods(use: str, expected: str) -> None:
    assert shown(f"def f(a): return {use}") == [expected]


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("a : int, optional", "int"),
        ("a : float in [0, 1]", "float ≥ 0 ≤ 1"),
        ("a : int > 0", "int ≥ 1"),
        ("a : non-negative int", "int ≥ 0"),
        ("a : list of str or None", "list[str] | None"),
        ("a : {'mean', 'sum'}, default 'mean'", "one of 'mean', 'sum'"),
        ("a : dict of str to int", "dict[str, int]"),
        ("a : tuple of (int, str)", "tuple[int, str]"),
        ("a : str or bytes", "str | bytes"),
        ("a : Point", "Point"),
        ("a : callable", "function"),
        ("a : array_like of float, shape (n,)", "list[float]"),
    ],
)
def test_types_in_words_of_a_numpy_docstring(said: str, expected: str) -> None:
    code = f'def f(a):\n    """F.\n\n    Parameters\n    ----------\n    {said}\n        About it.\n    """\n'
    parameter = domain_of(code).parameters[0]
    assert (describe(parameter.shape), parameter.certainty) == (
        expected,
        "documented" if expected != "function" else "inferred",
    )


@pytest.mark.parametrize(
    ("doc", "expected"),
    [
        ("Args:\n        a (Optional[int]): about", "int | None"),
        (":param str a: about", "str"),
        (":type a: list[int]", "list[int]"),
        ("- a - dictionary on which to operate", "dict[str, anything]"),
        ("Args:\n        a (list): List of positive integers to be shown.", "list[int ≥ 1]"),
    ],
)
def test_types_in_words_of_other_docstrings(doc: str, expected: str) -> None:
    assert shown(f'def f(a):\n    """F.\n\n    {doc}\n    """\n') == [expected]


def test_a_sorted_sequence_is_sorted() -> None:
    domain = domain_of('def f(a: list[int]):\n    """Find it. ``a`` must be sorted."""\n')
    assert describe(domain.parameters[0].shape) == "list[int], sorted"
    values = boundaries(domain.parameters[0].shape, domain.hints, 100)
    assert all(each == sorted(each) for each in values)


def test_calls_elsewhere_are_examples_and_give_the_type() -> None:
    module = types.ModuleType("snippet")
    code = "def f(a, b=None): return [a, b]"
    exec(compile(code, "snippet.py", "exec", dont_inherit=True), module.__dict__)
    sites = (CallSite("f", ("b'PK'",), (("b", "3"),)), CallSite("g", ("1",)))
    domain = Reader(module, code, sites).domain(module.f, "f")
    assert [describe(each.shape) for each in domain.parameters] == ["bytes", "int | None"]
    assert domain.examples == ((b"PK", 3),)


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("def f(form: str = '%.1f'): return form % 1", "one of '%.1f'"),
        ("def f(form: str = '{:.2f}'): return form.format(1)", "one of '{:.2f}'"),
        ("def f(form: str): return datetime.now().strftime(form)", "one of '%Y-%m-%d', '%H:%M:%S', '%d.%m.%y', ''"),
        ("def f(a: str, encoding: str = 'utf-8'): ...", "str"),
        ("T = {'a': 1, 'b': 2}\ndef f(key: str): return T[key]", "one of 'a', 'b'"),
        ("def f(key: str): return Colour[key.upper()]", "one of 'red', 'RED', 'blue', 'BLUE'"),
        ("T = {'a': 1}\ndef f(key: str):\n    '''0 if it is not known.'''\n    return T[key]", "str"),
        ("def f(ndigits: int): return f'{1.5:.{ndigits}f}'", "int ≥ 0 ≤ 20"),
        ("def f(width, _cache={}): return width + 1", "int ≥ 0"),
    ],
)
def test_small_languages_closed_tables_and_counts_are_not_any_value(code: str, expected: str) -> None:
    assert shown(code)[0] == expected


def test_a_private_knob_keeps_its_default() -> None:
    parameters = domain_of("def f(a: int, _cache={}, deep: bool = False): ...").parameters
    assert [(each.name, each.kind) for each in parameters] == [("a", "positional"), ("deep", "keyword")]


def test_a_command_made_by_a_decorator_is_unsupported_in_words() -> None:
    code = "class Command:\n    def __init__(self, f): ...\n    def __call__(self, *args, **kwargs): ...\n"
    code += "@Command\ndef f(a): ...\n"
    with pytest.raises(Unsupported, match="a decorator makes it a Command"):
        domain_of(code)


def test_a_long_docstring_with_open_brackets_is_read_at_once() -> None:
    code = 'def f(a):\n    """' + "f(" + "x " * 200 + '"""\n'
    assert domain_of(code).parameters


def test_arguments_of_examples_that_differ_in_several_types_are_not_mixed() -> None:
    doc = '"""F.\n\n    >>> f(len, [1, 2])\n    >>> f(len, [3])\n    >>> f("name", [{"name": 1}])\n    """'
    domain = domain_of(f"def f(key, rows):\n    {doc}\n")
    assert [describe(each.shape) for each in domain.parameters] == ["one of len | function", "list[int]"]


def test_names_that_a_doctest_binds_are_its_values() -> None:
    domain = domain_of('def f(rows):\n    """F.\n\n    >>> data = ["a", "b"]\n    >>> f(data)\n    """\n')
    assert domain.examples == ((["a", "b"],),)


def test_several_dates_of_one_call_are_all_without_a_time_zone() -> None:
    code = "import datetime\ndef f(a: datetime.datetime, b: datetime.datetime):\n    return a.tzinfo, b"
    assert not any("timezone" in render(each) for each in boundaries(domain_of(code).parameters[0].shape, Hints(), 300))


def test_separators_of_the_source_get_into_keys_and_values() -> None:
    domain = domain_of("def f(a: dict[str, str]):\n    return ';'.join(f'{k}={v}' for k, v in a.items())")
    values = [render(each) for each in boundaries(domain.parameters[0].shape, domain.hints, 80)]
    assert any("'a=b': " in each or "';': " in each for each in values)
    assert any(": 'a;b'" in each or ": '='" in each for each in values)
