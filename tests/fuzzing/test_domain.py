"""The domain that is assumed for parameters, with and without annotations."""

from __future__ import annotations

import sys
import types

import pytest

from suture.analyzers.fuzzing.annotations import Unsupported
from suture.analyzers.fuzzing.domain import Domain, Reader
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
