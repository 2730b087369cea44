"""Another outcome than a base version, where that one has an ordinary outcome.

Compared are values (deeply; nan equals itself, sets and dicts have no order, the last digits of floats and the
addresses in a ``repr`` do not count), kinds of exceptions, arguments as they are afterwards, and what is printed where
nothing is returned. For an object: each step's outcome and the public attributes that both versions have.
What the base version does by accident (a crash that it neither documents nor raises itself) is no measure.
"""

from __future__ import annotations

import ast
import dataclasses
import datetime
import enum
import math
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from ..plans import kind_of
from ..running import Result
from .equality import realised, same
from .verdict import Verdict, literal, shown


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one version did: its result, its positional arguments afterwards, and what it printed."""

    result: Result
    args: tuple[Any, ...]
    printed: str = ""

    @property
    def error(self) -> BaseException | None:
        return self.result.error


def is_ordinary(was: Outcome, deliberate: bool) -> bool:
    """Whether the base version's outcome is one to hold on to."""
    if was.result.hung:
        return False
    return was.error is None or deliberate


def equal(was: Outcome, now: Outcome) -> bool:
    """Whether two outcomes are the same."""
    if was.result.hung or now.result.hung:
        return was.result.hung == now.result.hung
    if was.error is not None or now.error is not None:
        return was.error is not None and now.error is not None and _same_error(was.error, now.error)
    return (
        same(realised(was.result.value), realised(now.result.value), close=True)
        and _same_arguments(was, now)
        and (was.result.value is not None or was.printed == now.printed)
    )


def compare(was: Outcome, now: Outcome, line: int, module: str, unordered: bool = False) -> Verdict | None:
    """A regression, or None. ``module``: the target's, whose classes a test can import; ``unordered``: the base
    version's results have the order of a set."""
    if equal(was, now) or (unordered and _same_items(was, now)):
        return None
    if (
        now.error is not None
        and not now.result.hung
        and isinstance(now.error, MemoryError | OSError | NotImplementedError)
    ):
        return None
    first, second = (realised(each.result.value) for each in (was, now))
    if was.error is None and now.error is None and not now.result.hung and same(first, second, close=True):
        if not _same_arguments(was, now):
            message = "changes its argument, which the base version does not (or differently)"
            return Verdict("regression", "ArgumentChanged", message, line, 0.9)
        message = f"prints {shown(now.printed)}; the base version prints {shown(was.printed)}"
        return Verdict("regression", "OutputChanged", message, line, 0.85, repr(was.printed))
    message = f"{told(now)}; the base version {told(was)}"
    return Verdict("regression", "Regression", message, line, 0.9, _expected(was, module))


def _same_items(was: Outcome, now: Outcome) -> bool:
    first, second = realised(was.result.value), realised(now.result.value)
    if kind_of(first) not in (list, tuple, str) or kind_of(first) is not kind_of(second) or was.error or now.error:
        return False
    return sorted(map(repr, first)) == sorted(map(repr, second))


def compare_state(was: Any, now: Any, line: int) -> Verdict | None:
    """Public attributes (and the length) of two objects that went through the same steps."""
    before, after = _public(was), _public(now)
    for name, value in before.items():
        if name not in after or same(value, after[name], close=True):
            continue
        expression = "len(target)" if name == "len()" else f"target.{name}"
        wanted = literal(value)
        message = f"leaves {name} = {shown(after[name])}; the base version {shown(value)}"
        condition = f"{expression} == {wanted}" if wanted else ""
        return Verdict("regression", "StateChanged", message, line, 0.85, condition)
    return None


def _public(target: Any) -> dict[str, Any]:
    held: dict[str, Any] = {}
    for name, value in getattr(target, "__dict__", {}).items():
        if not name.startswith("_") and literal(value):
            held[name] = value
    for cls in type(target).__mro__:
        for name, value in vars(cls).items():
            if isinstance(value, property) and not name.startswith("_") and name not in held:
                try:
                    found = getattr(target, name)
                except Exception:  # noqa: BLE001 - then it is not there to compare
                    continue
                if literal(found):
                    held[name] = found
    if hasattr(target, "__len__"):
        try:
            held["len()"] = len(target)
        except Exception:  # noqa: BLE001 - then it has no length
            return held
    return held


def deliberate(error: BaseException | None, tree: ast.AST, documented: bool) -> bool:
    """Whether a version raises this on purpose: documented, or by a ``raise`` statement of its own."""
    if error is None:
        return False
    if documented:
        return True
    raised = {ast.unparse(node.exc) for node in ast.walk(tree) if isinstance(node, ast.Raise) and node.exc is not None}
    return any(text.partition("(")[0].rpartition(".")[2] == type(error).__name__ for text in raised)


def _same_error(was: BaseException, now: BaseException) -> bool:
    """The same kind, or a narrower one."""
    names = {each.__name__ for each in type(now).__mro__ if each not in (Exception, BaseException, object)}
    return type(was).__name__ == type(now).__name__ or type(was).__name__ in names


def _same_arguments(was: Outcome, now: Outcome) -> bool:
    return all(same(one, other, close=True) for one, other in zip(was.args, now.args, strict=False) if _plain(one))


def _plain(value: Any) -> bool:
    return isinstance(value, list | dict | set | bytearray)


def told(outcome: Outcome) -> str:
    """The outcome as a verb phrase."""
    if outcome.result.hung:
        return "does not end"
    if outcome.error is not None:
        return f"raises {type(outcome.error).__name__}"
    return f"returns {shown(outcome.result.value, 110)}"


def _expected(was: Outcome, module: str) -> str:
    """What a test can demand: the value as an expression, the exception, or else the ``repr``."""
    if was.error is not None:
        return f"raises {type(was.error).__name__}"
    value = realised(was.result.value)
    text = literal(value) or expression_of(value, module)
    if text or "0x" in repr(value):
        return text
    return f"repr {repr(value)!r}"


def expression_of(value: Any, module: str) -> str:
    """An expression that makes the value again: dataclasses, enums, dates and the like inside containers; else ""."""
    try:
        return _expression(value, module)
    except Exception:  # noqa: BLE001 - a value that has none, or a repr of the target's that fails
        return ""


def _expression(value: Any, module: str) -> str:
    def inner(part: Any) -> str:
        return _expression(part, module)

    kind = kind_of(value)
    if value is None or kind in (bool, int, str, bytes):
        return repr(value)
    if kind is float:
        return repr(value) if math.isfinite(value) else f"float({str(value)!r})"
    if kind in (list, tuple):
        items = ", ".join(map(inner, value))
        return f"[{items}]" if kind is list else f"({items},)" if len(value) == 1 else f"({items})"
    if kind is dict:
        return f"{{{', '.join(f'{inner(key)}: {inner(each)}' for key, each in value.items())}}}"
    if isinstance(value, enum.Enum) and kind.__module__ == module:
        return f"MOD.{kind.__qualname__}.{value.name}"
    if dataclasses.is_dataclass(value) and kind.__module__ == module:
        given = [(each.name, getattr(value, each.name)) for each in dataclasses.fields(value) if each.init]
        return f"MOD.{kind.__qualname__}({', '.join(f'{name}={inner(held)}' for name, held in given)})"
    if kind in (datetime.date, datetime.datetime, datetime.time, datetime.timedelta):
        return repr(value)
    if kind in (Decimal, Fraction):
        return f"{kind.__module__.lstrip('_')}.{value!r}"
    raise TypeError(kind.__name__)
