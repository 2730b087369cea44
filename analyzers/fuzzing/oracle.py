"""What counts as a bug. Everything unsure is not one: a false alarm costs more than a miss.

An exception is judged by where it comes from (the expression that was running, found by its position in the syntax
tree) and by what the documentation says:

- documented, raised on purpose (a ``raise`` statement), a precondition asserted or stated: never a bug;
- a type or attribute error where the domain is only inferred: says nothing, unless a ``None`` of the target's own
  making is involved;
- the target hands a caller's value to something that rejects it (``int(text)``, ``values[i]``, ``a / b``): the natural
  contract of the operation, a bug only where the target shows or says that it copes with bad input;
- the target's own step fails (``parts[1]``, ``max()`` of an empty list, ``x / (n - 1)``): a bug.
"""

from __future__ import annotations

import ast
import functools
import linecache
import os
import typing
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from types import FrameType, TracebackType
from typing import Any

from .contract import Contract
from .plans import Deep, Made, Plan, Ref, leaves, weight
from .shapes import Certainty, Lit, Record, Shape

_NEVER_BUGS = (
    SystemExit,
    KeyboardInterrupt,
    GeneratorExit,
    NotImplementedError,
    MemoryError,
    Warning,
    ImportError,
    OSError,
    EOFError,
)
#: Steps that fail for a reason of the target's own: asked of an empty or wrong collection that it made itself.
_OWN_STEPS = frozenset(
    (
        *("max", "min", "index", "rindex", "remove", "pop", "popleft", "popitem", "next", "reduce", "mean", "median"),
        *("mode", "stdev", "variance", "choice", "sample", "range", "randint", "randrange", "sqrt", "log", "log2"),
        *("log10", "factorial", "comb", "gcd", "acos", "asin", "strftime", "fromordinal", "join", "sum", "sorted"),
    )
)
_CLAIMS_IMPOSSIBLE = (
    *("unreachable", "impossible", "should not happen", "should never", "cannot happen", "can't happen"),
    *("internal error", "not reached"),
)
#: Return annotations that are checked, with what satisfies them.
_PLAIN_TYPES: dict[Any, tuple[type, ...]] = {
    **{kind: (kind,) for kind in (int, str, bool, list, dict, tuple)},
    float: (float, int),
    bytes: (bytes, bytearray),
    set: (set, frozenset),
}
_BASE_CONFIDENCE: dict[Certainty, float] = {"annotated": 0.9, "documented": 0.85, "inferred": 0.7, "guessed": 0.4}


@dataclass(frozen=True, slots=True)
class Verdict:
    """A suspected bug. ``line`` is 1-based, in the target's file; equal signatures are one bug."""

    kind: str
    exception: str
    message: str
    line: int
    confidence: float
    expected: str = ""  # what the base version does: an expression, or "raises X"

    @property
    def signature(self) -> str:
        return f"{self.kind}:{self.exception}:{0 if self.kind == 'hang' else self.line}"


@dataclass(frozen=True, slots=True)
class Case:
    """What the oracle knows of the target and this input. ``self_name``: the receiver's name in a method."""

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

    @property
    def line(self) -> int:
        return self.node.lineno if self.node is not None else 1


def judge_error(error: BaseException, case: Case) -> Verdict | None:
    """A crash, or None if the exception may be meant."""
    if isinstance(error, _NEVER_BUGS) or not isinstance(error, Exception):
        return None
    if type(error).__name__ in ("Skipped", "SkipTest", "CancelledError", "TimeoutExpired"):
        return None
    steps = list(_walk(error.__traceback__))
    ours = [(frame, position) for frame, position in steps if frame.f_code.co_filename == case.path]
    if not ours or case.contract.documents(type(error)):
        return None
    frame, position = ours[-1]
    node = _expression(case.tree, position)
    line = position[0] or case.line
    scale = _scale(error, case, frame, node, steps)
    if not scale:
        return None
    confidence = min(0.97, _BASE_CONFIDENCE[case.certainty] * scale)
    return Verdict("crash", type(error).__name__, _message(error), line, round(confidence, 3))


def _scale(
    error: Exception, case: Case, frame: FrameType, node: ast.AST | None, steps: list[tuple[FrameType, Any]]
) -> float:
    """How much the circumstances speak for a bug: 0 (not at all) to 1 (the documentation is contradicted)."""
    contract = case.contract
    deepest, position = steps[-1]
    here = deepest.f_code.co_filename == case.path
    if isinstance(error, NameError) and here and not isinstance(node, ast.Raise):
        return 1.05
    if contract.precondition and not (
        contract.promises and (contract.bounds or contract.non_empty or contract.positive)
    ):
        return 0
    if isinstance(error, RecursionError):
        return _recursion(case)
    if isinstance(node, ast.Raise) or _is_raise(deepest, position):
        if case.certainty == "guessed":
            return 0
        if here or _in_project(deepest.f_code.co_filename, case.root):
            impossible = any(words in str(error).lower() for words in _CLAIMS_IMPOSSIBLE)
            return 0.8 if impossible and here else 0
        return _rejection(error, case, frame)
    if isinstance(error, AssertionError):
        return _assertion(case, frame, node)
    if isinstance(error, TypeError | AttributeError):
        return _type_error(error, case)
    if case.certainty == "guessed" or "embedded null" in str(error):
        return 0
    promised = 1.0 if contract.promises else 0.0
    if not here and _in_project(deepest.f_code.co_filename, case.root):
        return promised
    if isinstance(error, OverflowError) and not (contract.huge or contract.special_floats):
        return 0
    if isinstance(error, OverflowError) or _enormous(case.plan) or _special(case.plan):
        if (_special(case.plan) and not contract.special_floats) or (_enormous(case.plan) and not contract.huge):
            return 0
        return promised or 0.7
    if _natural(error, node, frame, case):
        return promised
    if not here or _is_conversion(error, node):
        return _rejection(error, case, frame)
    if case.certainty == "inferred" and not contract.text and _negative(case.plan):
        return 0  # no annotation, no documentation, an unlikely number: nobody said that it belongs to the domain
    return promised or 0.75


def _rejection(error: Exception, case: Case, frame: FrameType) -> float:
    """Something the target calls refuses a value: a bug if the target is meant to cope with such values."""
    if not isinstance(error, ValueError | ArithmeticError | LookupError):
        return 0
    if _enormous(case.plan) and not case.contract.huge:
        return 0
    if case.contract.copes or (case.contract.promises and _blank(case.plan, case.contract.text)):
        return 1.0
    own = case.node is not None and frame.f_code.co_name in (case.node.name, "<listcomp>", "<genexpr>", "<dictcomp>")
    if own and case.node is not None and _copes(case.node):
        return 0.7
    return 0


def _blank(plan: Plan, doc: str) -> bool:
    """Whether text is empty (or white space, where the documentation speaks of blanks)."""
    blanks = "blank" in doc.lower() or "white" in doc.lower()
    return any(isinstance(leaf, str | bytes) and not (leaf.strip() if blanks else leaf) for leaf in leaves(plan))


def _recursion(case: Case) -> float:
    """Endless recursion shows with tiny inputs; deep inputs count only where any depth is promised."""
    if any(isinstance(leaf, Deep) for leaf in leaves(case.plan)):
        return 1.0 if case.contract.any_depth else 0
    return 0.9 if tiny(case.plan) else 0


def _assertion(case: Case, frame: FrameType, node: ast.AST | None) -> float:
    """An assertion about parameters alone is a precondition; one about what was computed is a broken invariant."""
    if not isinstance(node, ast.Assert):
        return 0
    parameters = set(frame.f_code.co_varnames[: frame.f_code.co_argcount + frame.f_code.co_kwonlyargcount])
    names = {each.id for each in ast.walk(node.test) if isinstance(each, ast.Name)}
    computed = {name for name in names if name in frame.f_locals} - parameters
    return 0.75 if computed and not _derived(case.node, computed, parameters) else 0


def _derived(node: ast.AST | None, computed: set[str], parameters: set[str]) -> bool:
    """Whether every computed name is assigned before any loop, from parameters: still a check of the input."""
    if node is None:
        return True
    looped = {
        each.id
        for loop in ast.walk(node)
        if isinstance(loop, ast.For | ast.While)
        for each in ast.walk(loop)
        if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Store)
    }
    return not computed & looped


def _type_error(error: Exception, case: Case) -> float:
    if "NoneType" in str(error) and not any(leaf is None for leaf in leaves(case.plan)):
        return 0.95 if case.certainty != "guessed" and not _any_callable(case.plan) else 0
    return 0.85 if case.certainty in ("annotated", "documented") and not case.method else 0


def _any_callable(plan: Plan) -> bool:
    return any(isinstance(leaf, Ref) and leaf.expression.startswith("lambda") for leaf in leaves(plan))


def _natural(error: Exception, node: ast.AST | None, frame: FrameType, case: Case) -> bool:
    """Whether the failing operation is applied straight to what the caller gave, so that the caller can expect it."""
    parameters = _parameters(frame)
    if frame.f_code.co_name.startswith("<") and case.node is not None:
        parameters |= {each.arg for each in ast.walk(case.node.args) if isinstance(each, ast.arg)}
    if isinstance(node, ast.Subscript):
        if isinstance(error, KeyError):
            return _asked_key(node, parameters, case)
        if _is_given(node.value, parameters) and _differing_lengths(case.plan):
            return True
        return _mentions(node.slice, parameters) or (case.method and _is_attribute(node.value))
    if isinstance(error, ZeroDivisionError):
        divisor = node.right if isinstance(node, ast.BinOp) else node.value if isinstance(node, ast.AugAssign) else None
        if isinstance(node, ast.Call) and node.args:
            divisor = node.args[-1]
        if divisor is None or not _is_given(divisor, parameters):
            return False
        return frame.f_code.co_name == (case.node.name if case.node else "") or _gave_zero(case.plan)
    if isinstance(node, ast.Call) and isinstance(error, ValueError | ArithmeticError | LookupError):
        name = _called(node)
        if name in ("max", "min", "mean", "median", "mode", "choice", "next"):
            return False
        receiver = node.func.value if isinstance(node.func, ast.Attribute) else None
        if receiver is not None and (_is_given(receiver, parameters) or (case.method and _is_attribute(receiver))):
            return True
        return any(_is_given(each, parameters) for each in node.args)
    if isinstance(node, ast.JoinedStr | ast.FormattedValue):
        return True  # a format specification with the caller's numbers in it
    return (
        isinstance(error, ValueError)
        and isinstance(node, ast.stmt | ast.expr)
        and case.certainty in ("inferred", "guessed")
    )


def _asked_key(node: ast.Subscript, parameters: set[str], case: Case) -> bool:
    """A missing key that the caller could know of: one the caller gave, or looked up in what the caller gave.
    Not so where the declared domain is closed (an enum, a Literal, optional keys of a TypedDict)."""
    if _is_given(node.slice, parameters) and not _is_given(node.value, parameters):
        closed = case.certainty == "annotated" and any(isinstance(each, Lit) for each in case.shapes)
        return not closed
    if _is_given(node.value, parameters) and case.certainty == "annotated":
        return not any(isinstance(each, Record) and each.optional for each in case.shapes)
    return _is_given(node.value, parameters) or _is_given(node.slice, parameters)


def _differing_lengths(plan: Made) -> bool:
    sizes = {len(each) for each in plan.args if isinstance(each, list | tuple | str | bytes)}  # pyright: ignore[reportUnknownArgumentType]
    return len(sizes) > 1


def _is_conversion(error: Exception, node: ast.AST | None) -> bool:
    """A call outside the target that refuses its argument, other than one on the target's own collections."""
    if type(error) is LookupError:  # an encoding that does not exist
        return True
    if not isinstance(node, ast.Call) or not isinstance(error, ValueError | ArithmeticError):
        return isinstance(error, UnicodeError)
    return _called(node) not in _OWN_STEPS


@functools.lru_cache(maxsize=256)
def _copes(node: ast.AST) -> bool:
    """Whether the target visibly answers bad input with a value: an early constant return, a handler, ``-> bool``."""
    for each in ast.walk(node):
        if isinstance(each, ast.Try) and each.handlers:
            return True
        if isinstance(each, ast.If) and not _asks_emptiness(each.test):
            for statement in each.body:
                if isinstance(statement, ast.Return) and _constant(statement.value):
                    return True
    returns = getattr(node, "returns", None)
    text = ast.unparse(returns) if returns is not None else ""
    return text == "bool" or ("None" in text.split(" | ") and text != "None") or text.startswith("Optional")


def _asks_emptiness(test: ast.expr) -> bool:
    """``not x``, ``x == ""``, ``x is None``, ``len(x) < 2``: says nothing about the form of what is there."""
    if isinstance(test, ast.BoolOp):
        return all(map(_asks_emptiness, test.values))
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        return isinstance(test.operand, ast.Name) or ast.unparse(test.operand).endswith(".strip()")
    if not isinstance(test, ast.Compare) or len(test.ops) != 1:
        return False
    right = test.comparators[0]
    if isinstance(test.left, ast.Call) and ast.unparse(test.left.func) == "len":
        return isinstance(test.ops[0], ast.Lt | ast.LtE | ast.Eq) and isinstance(right, ast.Constant)
    return isinstance(right, ast.Constant) and right.value in ("", None, b"", 0)


def _constant(node: ast.AST | None) -> bool:
    if node is None or isinstance(node, ast.Constant):
        return True
    return isinstance(node, ast.List | ast.Tuple | ast.Dict) and not list(ast.iter_child_nodes(node))[:-1]


def judge_value(value: Any, case: Case) -> Verdict | None:
    """A returned value that the return annotation rules out. Only what is plain: scalars, and None or not."""
    expected = case.returns
    if case.node is None or expected is None or isinstance(expected, str | type(Ellipsis)):
        return None
    origin: Any = typing.get_origin(expected) or expected
    wanted = _PLAIN_TYPES.get(origin) if isinstance(origin, type) else None
    if wanted is None or isinstance(value, wanted) or case.certainty not in ("annotated", "documented"):
        return None
    if origin in (list, dict, tuple, set, bytes) and value is not None:
        return None
    if value is not None and type(value) not in (int, float, str, bytes, bool, list, dict, tuple, set):
        return None
    if case.contract.precondition or _is_numeric_mix(origin, value):
        return None
    got = "None" if value is None else f"{type(value).__name__} {value!r}"
    name = getattr(origin, "__name__", str(origin))
    return Verdict("property", "WrongReturnType", f"returns {got[:60]}, annotated {name}", case.line, 0.7)


def _is_numeric_mix(origin: Any, value: Any) -> bool:
    """``True`` for an int, ``2.0`` for an int: sloppy, common, and harmless."""
    return origin in (int, float, bool) and isinstance(value, int | float)


def judge_mutation(before: tuple[Any, ...], after: tuple[Any, ...], value: Any, case: Case) -> Verdict | None:
    """An argument that changed although the documentation says that it does not."""
    contract = case.contract
    if not contract.left_alone or case.method:
        return None
    for was, now in zip(before, after, strict=False):
        if isinstance(was, list | dict | set | bytearray) and not same(was, now):
            return Verdict(
                "mutation", "ArgumentMutated", "changes its argument, which its documentation rules out", case.line, 0.9
            )
    return None


def judge_default(
    before: tuple[Any, ...], after: tuple[Any, ...], names: tuple[str, ...], case: Case
) -> Verdict | None:
    """A mutable default that a call has changed: the next call starts from another value."""
    for was, now, name in zip(before, after, names, strict=False):
        remembers = any(
            word in name.lower()
            for word in ("cache", "memo", "seen", "state", "counter", "registry", "store", "visited", "_")
        )
        if isinstance(was, list | dict | set) and not same(was, now) and not remembers:
            return Verdict(
                "mutation",
                "DefaultMutated",
                f"changes the default of {name}, so the next call starts from it",
                case.line,
                0.85,
            )
    return None


def judge_hang(case: Case, in_regex: bool, stop: BaseException | None = None) -> Verdict | None:
    """No end: for a tiny input, or inside a pattern match. Large inputs may only be slow."""
    if case.contract.precondition and not (
        case.contract.bounds or case.contract.positive or case.contract.non_negative
    ):
        return None
    if not in_regex and not tiny(case.plan):
        return None
    message = "a pattern match backtracks without end" if in_regex else "does not end"
    ours = [
        position[0] for frame, position in _walk(stop and stop.__traceback__) if frame.f_code.co_filename == case.path
    ]
    return Verdict("hang", "Hang", message, ours[-1] if ours else case.line, round(_BASE_CONFIDENCE[case.certainty], 3))


def tiny(plan: Plan) -> bool:
    """So small that any sensible algorithm is done at once."""
    if weight(plan) > 10 or any(isinstance(leaf, Deep) for leaf in leaves(plan)):
        return False
    numbers = [leaf for leaf in leaves(plan) if isinstance(leaf, int | float)]
    return all(abs(each) <= 10 and each * 4 == int(each * 4) for each in numbers if each == each)


def same(first: Any, second: Any) -> bool:
    """Equality of plain values: types count, nan equals itself, objects are compared by what they hold."""
    try:
        return _same(first, second, 0)
    except Exception:  # noqa: BLE001 - comparing is the target's code as well
        return True


def _same(first: Any, second: Any, depth: int) -> bool:
    if first is second or depth > 60:
        return True
    if type(first).__name__ != type(second).__name__:
        return False
    if isinstance(first, float):
        return first == second or (first != first and second != second)
    if isinstance(first, list | tuple):
        return len(first) == len(second) and all(_same(a, b, depth + 1) for a, b in zip(first, second, strict=True))  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]
    if isinstance(first, dict):
        return list(map(repr, first)) == list(map(repr, second)) and all(  # pyright: ignore[reportUnknownArgumentType]
            _same(a, b, depth + 1)
            for a, b in zip(first.values(), second.values(), strict=True)  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]
        )
    if isinstance(first, set | frozenset):
        return sorted(map(repr, first)) == sorted(map(repr, second))  # pyright: ignore[reportUnknownArgumentType]
    if type(first).__eq__ is object.__eq__:
        return not hasattr(first, "__dict__") or _same(vars(first), vars(second), depth + 1)
    if type(first) is not type(second):  # one class of two versions of a module
        return repr(first) == repr(second)
    return bool(first == second)


# Positions and syntax


def _walk(trace: TracebackType | None) -> Iterator[tuple[FrameType, Any]]:
    """Frames with (line, end line, column, end column) of what was running in each; columns are in UTF-8 bytes."""
    while trace is not None:
        positions = trace.tb_frame.f_code.co_positions()
        exact = next(islice(positions, trace.tb_lasti // 2, None), None)
        yield trace.tb_frame, exact if exact and exact[0] is not None else (trace.tb_lineno, None, None, None)
        trace = trace.tb_next


@functools.lru_cache(maxsize=4)
def _places(tree: ast.Module) -> tuple[dict[tuple[int, int, int, int], ast.AST], dict[int, ast.stmt]]:
    """Nodes by exact position, and ``raise`` and ``assert`` statements by line."""
    exact: dict[tuple[int, int, int, int], ast.AST] = {}
    lines: dict[int, ast.stmt] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.expr | ast.stmt):
            end_line, end_column = node.end_lineno or node.lineno, node.end_col_offset or 0
            exact.setdefault((node.lineno, end_line, node.col_offset, end_column), node)
            if isinstance(node, ast.Raise | ast.Assert):
                lines.update(dict.fromkeys(range(node.lineno, end_line + 1), node))
    return exact, lines


def _expression(tree: ast.Module, position: Any) -> ast.AST | None:
    """The node at exactly this position, or the ``raise`` or ``assert`` on the line."""
    exact, lines = _places(tree)
    return exact.get(tuple(position)) or lines.get(position[0])


def _is_raise(frame: FrameType, position: Any) -> bool:
    line = linecache.getline(frame.f_code.co_filename, position[0] or 0).strip()
    return line.startswith("raise ") or line == "raise" or ": raise " in line


def _in_project(filename: str, root: str) -> bool:
    parts = filename.split(os.sep)
    return filename.startswith(root.rstrip(os.sep) + os.sep) and not {
        "site-packages",
        "dist-packages",
        ".venv",
        "venv",
    } & set(parts)


def _parameters(frame: FrameType) -> set[str]:
    code = frame.f_code
    flags = bool(code.co_flags & 0x04) + bool(code.co_flags & 0x08)
    return set(code.co_varnames[: code.co_argcount + code.co_kwonlyargcount + flags])


def _is_given(node: ast.AST, parameters: set[str]) -> bool:
    """A parameter itself, or its constant field (``row["id"]``)."""
    if isinstance(node, ast.Starred):
        node = node.value
    if isinstance(node, ast.Name):
        return node.id in parameters
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
        return node.value.id in parameters - {"self", "cls"}
    return False


def _mentions(node: ast.AST, parameters: set[str]) -> bool:
    return any(isinstance(each, ast.Name) and each.id in parameters for each in ast.walk(node))


def _is_attribute(node: ast.AST) -> bool:
    return isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in ("self", "cls")


def _gave_zero(plan: Plan) -> bool:
    return any(isinstance(leaf, int | float) and leaf == 0 for leaf in leaves(plan))


def _called(node: ast.Call) -> str:
    return (
        node.func.id
        if isinstance(node.func, ast.Name)
        else node.func.attr
        if isinstance(node.func, ast.Attribute)
        else ""
    )


def _negative(plan: Plan) -> bool:
    return any(isinstance(leaf, int | float) and leaf < 0 for leaf in leaves(plan))


def _enormous(plan: Plan) -> bool:
    return any(isinstance(leaf, int | float) and leaf == leaf and abs(leaf) > 1e8 for leaf in leaves(plan))


def _special(plan: Plan) -> bool:
    return any(isinstance(leaf, float) and (leaf != leaf or abs(leaf) == float("inf")) for leaf in leaves(plan))


def _message(error: BaseException) -> str:
    try:
        text = str(error)
    except Exception:  # noqa: BLE001 - the target's own __str__
        text = ""
    return " ".join(text.split())[:200]
