"""One case for each kind of annotation: what it admits, that what is drawn can be built, and how it is described."""

from __future__ import annotations

import sys
import types
from typing import Any

import pytest

from suture.analyzers.fuzzing.annotations import Unsupported
from suture.analyzers.fuzzing.boundaries import Hints, boundaries
from suture.analyzers.fuzzing.domain import Domain, Reader
from suture.analyzers.fuzzing.plans import Builder
from suture.analyzers.fuzzing.shapes import admits, describe

HEAD = """
from __future__ import annotations
import abc, dataclasses, datetime, decimal, enum, fractions, io, ipaddress, pathlib, re, uuid, collections
from typing import *
import annotated_types as at
import attrs
import pydantic

class Colour(enum.Enum):
    RED = 1
    BLUE = 2
class Perm(enum.Flag):
    R = 1
    W = 2
@dataclasses.dataclass
class Point:
    x: int
    y: float = 0.0
@attrs.define
class Rect:
    width: Annotated[int, at.Gt(0)]
    height: int = 1
class Pair(NamedTuple):
    first: str
    second: int
class Movie(TypedDict, total=False):
    title: Required[str]
    year: int
class User(pydantic.BaseModel):
    name: Annotated[str, pydantic.Field(min_length=2, max_length=5)]
    age: int = pydantic.Field(ge=18)
    mail: str = pydantic.Field(default="", alias="eMail")
class Sized(Protocol):
    def size(self) -> int: ...
class Named(Protocol):
    name: str
    def rename(self, to: str) -> bool: ...
class Comparable(Protocol):
    def __lt__(self, other: Any) -> bool: ...
class Box:
    def __init__(self, side: int) -> None: self.side = side
    def size(self) -> int: return self.side
@dataclasses.dataclass
class Node:
    value: int
    next: Optional["Node"] = None
@dataclasses.dataclass
class Tree:
    children: list["Tree"]
class Expr(abc.ABC):
    @abc.abstractmethod
    def evaluate(self) -> int: ...
@dataclasses.dataclass
class Number(Expr):
    n: int
    def evaluate(self) -> int: return self.n
@dataclasses.dataclass
class Add(Expr):
    left: Expr
    right: Expr
    def evaluate(self) -> int: return self.left.evaluate() + self.right.evaluate()
class Endless:
    def __init__(self, other: "Endless") -> None: ...
T = TypeVar("T")
N = TypeVar("N", bound=float)
S = TypeVar("S", str, bytes)
@dataclasses.dataclass
class Holder(Generic[T]):
    item: T
Id = NewType("Id", int)
JSON = Union[None, int, str, list["JSON"], dict[str, "JSON"]]
"""


def domain_of(code: str, name: str = "f") -> Domain:
    module = types.ModuleType("snippet")
    sys.modules["snippet"] = module  # dataclasses look their module up there
    exec(compile(HEAD + code, "snippet.py", "exec", dont_inherit=True), module.__dict__)
    return Reader(module, HEAD + code).domain(getattr(module, name), name)


CASES: list[tuple[str, str]] = [
    ("Annotated[int, at.Ge(3), at.Le(9)]", "int ≥ 3 ≤ 9"),
    ("Annotated[int, at.Interval(gt=0, lt=10)]", "int ≥ 1 ≤ 9"),
    ("Annotated[int, at.MultipleOf(5)]", "int, a multiple of 5"),
    ("Annotated[int, pydantic.Field(gt=0, le=5)]", "int ≥ 1 ≤ 5"),
    ("Annotated[str, at.MinLen(1)]", "str, not empty"),
    ("Annotated[list[int], at.Len(2, 3)]", "list[int], size 2 to 3"),
    ("Annotated[str, pydantic.StringConstraints(pattern='^[a-c]+$')]", "str, matching '^[a-c]+$'"),
    ("pydantic.PositiveInt", "int ≥ 1"),
    ("Annotated[Annotated[int, at.Ge(0)], at.Le(4)]", "int ≥ 0 ≤ 4"),
    ("Literal['a', 2, None]", "one of 'a', 2, None"),
    ("Colour", "one of Colour.RED, Colour.BLUE"),
    ("Point", "Point"),
    ("Rect", "Rect"),
    ("Pair", "Pair"),
    ("Movie", "dict {'title': str, 'year' (optional): int}"),
    ("User", "User"),
    ("Sized", "Box"),
    ("Named", "object with name: str, rename: function"),
    ("Comparable", "int"),
    ("Node", "Node"),
    ("Tree", "Tree"),
    ("Expr", "Number | Add"),
    ("Id", "int"),
    ("Holder[str]", "Holder"),
    ("N", "float"),
    ("S", "str"),
    ("Sequence[T]", "list[int]"),
    ("Iterator[int]", "iterator[int]"),
    ("Iterable[bytes]", "list[bytes]"),
    ("Mapping[str, int]", "dict[str, int]"),
    ("collections.OrderedDict[str, int]", "collections.OrderedDict[str, int]"),
    ("collections.Counter[str]", "collections.Counter[str, int ≥ 0]"),
    ("collections.deque[int]", "deque[int]"),
    ("tuple[int, ...]", "tuple[int, ...]"),
    ("frozenset[str]", "frozenset[str]"),
    ("Callable[[int], bool]", "function"),
    ("Callable[..., Awaitable[int]]", "function"),
    ("type[Point]", "one of Point"),
    ("TextIO", "io.StringIO"),
    ("IO[bytes]", "io.BytesIO"),
    ("io.BytesIO", "io.BytesIO"),
    ("pathlib.Path", "pathlib.Path"),
    ("datetime.date", "datetime.date"),
    ("datetime.datetime", "datetime.datetime"),
    ("datetime.timedelta", "datetime.timedelta"),
    ("decimal.Decimal", "decimal.Decimal"),
    ("fractions.Fraction", "fractions.Fraction"),
    ("uuid.UUID", "uuid.UUID"),
    ("re.Pattern[str]", "re.Pattern"),
    ("ipaddress.IPv4Address", "ipaddress.IPv4Address"),
    ("ValueError", "ValueError"),
    ("Unknown | int", "anything | int"),
    ("list[Unknown]", "list[int]"),
    ("'list[int]'", "list[int]"),
]


@pytest.mark.parametrize(("annotation", "expected"), CASES)
def test_an_annotation_says_what_is_passed_and_it_can_be_built(annotation: str, expected: str) -> None:
    domain = domain_of(f"def f(a: {annotation}): ...")
    parameter = domain.parameters[0]
    assert describe(parameter.shape) == expected
    values = boundaries(parameter.shape, domain.hints, 40)
    assert values
    assert all(admits(parameter.shape, each) for each in values)
    builder = Builder(sys.modules["snippet"])
    assert len([builder.build(each) for each in values]) == len(values)


def built(annotation: str) -> list[Any]:
    domain = domain_of(f"def f(a: {annotation}): ...")
    builder = Builder(sys.modules["snippet"])
    return [builder.build(each) for each in boundaries(domain.parameters[0].shape, domain.hints, 200)]


def test_a_predicate_leaves_only_what_it_accepts() -> None:
    values = built("Annotated[str, at.Predicate(str.isdigit)]")
    assert values
    assert all(each.isdigit() for each in values)


def test_a_bound_on_a_decimal_is_kept() -> None:
    values = built("Annotated[decimal.Decimal, at.Gt(0)]")
    assert values
    assert all(each > 0 for each in values)


def test_flags_are_given_alone_together_and_not_at_all() -> None:
    assert {each.value for each in built("Perm")} == {0, 1, 2, 3}


def test_linked_objects_are_made_some_nodes_deep_and_end() -> None:
    def depth(node: Any) -> int:
        return 0 if node is None else 1 + depth(node.next)

    assert {depth(each) for each in built("Node")} >= {1, 2, 3}


def test_a_tree_of_lists_ends_with_an_empty_list() -> None:
    assert any(each.children and not each.children[0].children for each in built("Tree"))


def test_expressions_are_made_of_expressions() -> None:
    values = built("Expr")
    assert {type(each).__name__ for each in values} == {"Number", "Add"}
    assert all(isinstance(each.evaluate(), int) for each in values)


def test_a_type_that_names_itself_ends() -> None:
    values = built("JSON")
    assert [[]] in values


def test_models_are_made_by_the_names_and_within_the_limits_of_their_fields() -> None:
    assert all(each.age >= 18 and 2 <= len(each.name) <= 5 for each in built("User"))


def test_a_class_that_always_needs_another_of_itself_is_unsupported_in_words() -> None:
    with pytest.raises(Unsupported, match="every Endless needs another Endless"):
        domain_of("def f(a: Endless): ...")


def test_names_that_only_type_checkers_import_are_resolved() -> None:
    code = "if TYPE_CHECKING:\n    from zoneinfo import ZoneInfo as Zone\n    import numbers as num\n\n"
    domain = domain_of(code + "def f(a: Zone, b: list[num.Integral]): ...")
    assert [describe(each.shape) for each in domain.parameters] == ["zoneinfo.ZoneInfo", "list[int]"]


def test_self_is_the_class_of_the_method() -> None:
    code = "class Version:\n    def __init__(self, n: int): ...\n    def newer(self, other: Self) -> bool: ...\n"
    module = types.ModuleType("snippet")
    exec(compile(HEAD + code, "snippet.py", "exec", dont_inherit=True), module.__dict__)
    domain = Reader(module, HEAD + code).domain(module.Version.newer, "Version.newer", skip_first=True)
    assert describe(domain.parameters[0].shape) == "Version"


def test_dates_have_a_time_zone_only_where_the_code_speaks_of_it() -> None:
    def zones(body: str) -> set[bool]:
        domain = domain_of(f"def f(a: datetime.datetime):\n    return {body}")
        builder = Builder(sys.modules["snippet"])
        values = [builder.build(each) for each in boundaries(domain.parameters[0].shape, domain.hints, 400)]
        return {each.tzinfo is None for each in values}

    assert zones("a.year") == {True}
    assert zones("a.astimezone(datetime.timezone.utc) if a.tzinfo else a") == {True, False}


def test_paths_stay_below_the_folder_they_are_used_in() -> None:
    assert all(not each.is_absolute() and ".." not in each.parts for each in built("pathlib.Path"))


@pytest.mark.skipif(sys.version_info < (3, 12), reason="type parameters are syntax since Python 3.12")
@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("def f[T: str](a: T): ...", "str"),
        ("def f[T: (bytes, int)](a: list[T]): ...", "list[bytes]"),
        ("type Row = tuple[int, str]\ndef f(a: Row): ...", "tuple[int, str]"),
        ("type Many[T] = list[T]\ndef f(a: Many[str]): ...", "list[str]"),
        ("@dataclasses.dataclass\nclass Cell[T]:\n    item: T\ndef f(a: Cell[str]): ...", "Cell"),
        ("type Nested = int | list[Nested]\ndef f(a: Nested): ...", "int | list[int | list[int | list[None], empty]]"),
    ],
)
def test_type_parameters_and_type_statements_are_understood(code: str, expected: str) -> None:
    domain = domain_of(code)
    assert describe(domain.parameters[0].shape) == expected
    assert boundaries(domain.parameters[0].shape, Hints(), 20)


def test_classes_of_other_modules_have_the_names_that_only_type_checkers_import_there(tmp_path: Any) -> None:
    other = "from __future__ import annotations\nfrom typing import TYPE_CHECKING, TypedDict\nif TYPE_CHECKING:\n"
    other += "    from typing import NotRequired\nclass Options(TypedDict):\n    a: int\n    b: NotRequired[str]\n"
    (tmp_path / "other_home.py").write_text(other)
    sys.path.insert(0, str(tmp_path))
    try:
        domain = domain_of("import other_home\ndef f(a: other_home.Options): ...")
    finally:
        sys.path.remove(str(tmp_path))
    assert describe(domain.parameters[0].shape) == "dict {'a': int, 'b' (optional): str}"
