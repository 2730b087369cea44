"""What an oracle is asked about, and what it answers."""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import dataclass
from types import ModuleType
from typing import Any

from ..contract import Contract
from ..plans import Deep, Made, Plan, leaves, weight
from ..running import Result
from ..shapes import Certainty, Parameter, Shape

BASE_CONFIDENCE: dict[Certainty, float] = {"annotated": 0.9, "documented": 0.85, "inferred": 0.7, "guessed": 0.4}


@dataclass(frozen=True, slots=True)
class Verdict:
    """A suspected bug. ``line`` is 1-based, in the target's file; equal signatures are one bug.

    ``expected`` is what a test can demand. For a difference from a base version: the value it gives, as an expression,
    or ``raises X``. For a property: a condition, as an expression over ``result`` (for a class: ``target``) in which
    ``MOD`` is the target's module; empty where the kind says it all. ``growth``: what was measured, as (size, seconds).
    """

    kind: str
    exception: str
    message: str
    line: int
    confidence: float
    expected: str = ""
    growth: tuple[tuple[int, float], ...] = ()

    @property
    def signature(self) -> str:
        return f"{self.kind}:{self.exception}:{0 if self.kind == 'hang' else self.line}"


@dataclass(frozen=True, slots=True)
class Case:
    """What the oracle knows of the target and this input."""

    path: str
    root: str
    tree: ast.Module
    node: ast.FunctionDef | ast.AsyncFunctionDef | None
    contract: Contract
    certainty: Certainty
    shapes: tuple[Shape, ...]
    plan: Made
    returns: Any = None
    method: bool = False
    private: bool = False  # a helper of its module, which is given only what that gives it

    @property
    def has_input(self) -> bool:
        """Whether there is anything that a caller chooses; a function without parameters that raises means to."""
        return bool(self.shapes or self.plan.args or self.plan.kwargs)

    @property
    def line(self) -> int:
        return self.node.lineno if self.node is not None else 1


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a target before it is called, for an oracle to decide whether it applies at all.

    ``doc`` is the docstring as written, ``parameters`` leave out the receiver of a method; ``function`` takes what the
    target takes."""

    name: str
    module: ModuleType
    root: str
    path: str
    tree: ast.Module
    node: ast.FunctionDef | ast.AsyncFunctionDef | None
    function: Callable[..., Any]
    doc: str
    contract: Contract
    parameters: tuple[Parameter, ...]
    certainty: Certainty
    method: bool
    samples: tuple[Made, ...] = ()

    @property
    def last_name(self) -> str:
        return self.name.rpartition(".")[2]

    @property
    def words(self) -> tuple[str, ...]:
        """The name's words, lower case."""
        return tuple(part for part in self.last_name.lower().split("_") if part)

    @property
    def required(self) -> tuple[Parameter, ...]:
        return tuple(each for each in self.parameters if not each.omit)

    def constants(self) -> frozenset[str]:
        """Names and attributes that the target's own body mentions."""
        if self.node is None:
            return frozenset()
        names = {each.id for each in ast.walk(self.node) if isinstance(each, ast.Name)}
        return frozenset(names | {each.attr for each in ast.walk(self.node) if isinstance(each, ast.Attribute)})


@dataclass(frozen=True, slots=True)
class Trial:
    """One call that is over: what it was given (as it is *now*), what came out, and how to call again.

    ``build`` makes the arguments afresh; ``call`` runs something under the same limits as the target."""

    case: Case
    args: tuple[Any, ...]
    kwargs: dict[str, Any]
    result: Result
    build: Callable[[], tuple[tuple[Any, ...], dict[str, Any]]]
    call: Callable[[Callable[..., Any], tuple[Any, ...], dict[str, Any]], Result]
    render: Callable[[Any], str]

    @property
    def plan(self) -> Made:
        return self.case.plan

    @property
    def value(self) -> Any:
        return self.result.value


#: Judges one trial. An oracle's ``prepare`` makes one for a target, or None where it has nothing to say about it.
Oracle = Callable[[Trial], Verdict | None]


def shown(value: Any, size: int = 60) -> str:
    """A value for a message, on one line; never fails."""
    try:
        text = " ".join(repr(value).split())
    except Exception:  # noqa: BLE001 - the target's own __repr__
        return f"a {type(value).__name__}"
    return text if len(text) <= size else text[: size - 1] + "…"


def literal(value: Any) -> str:
    """The expression of a plain value, or "" if it has none that gives it back."""
    from .equality import same

    try:
        text = repr(value)
        return text if len(text) < 4000 and same(ast.literal_eval(text), value) else ""
    except Exception:  # noqa: BLE001 - not a literal
        return ""


def tiny(plan: Plan) -> bool:
    """So small that any sensible algorithm is done at once."""
    if weight(plan) > 10 or any(isinstance(leaf, Deep) for leaf in leaves(plan)):
        return False
    numbers = [leaf for leaf in leaves(plan) if isinstance(leaf, int | float)]
    return all(abs(each) <= 10 and each * 4 == int(each * 4) for each in numbers if each == each)


def message_of(error: BaseException) -> str:
    try:
        text = str(error)
    except Exception:  # noqa: BLE001 - the target's own __str__
        text = ""
    return " ".join(text.split())[:200]
