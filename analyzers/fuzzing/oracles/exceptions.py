"""Exceptions nobody announced. Everything unsure is not a bug: a false alarm costs more than a miss.

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
from types import FrameType
from typing import Any

from ..plans import Deep, Made, Plan, Ref, leaves
from ..shapes import Lit, Record
from .places import (
    called_name,
    frames_of,
    in_project,
    is_given,
    is_own_attribute,
    is_raise,
    mentions,
    node_at,
    parameters_of,
)
from .verdict import BASE_CONFIDENCE, Case, Verdict, message_of, tiny

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


def judge_error(error: BaseException, case: Case) -> Verdict | None:
    """A crash, or None if the exception may be meant."""
    if isinstance(error, _NEVER_BUGS) or not isinstance(error, Exception):
        return None
    if type(error).__name__ in ("Skipped", "SkipTest", "CancelledError", "TimeoutExpired"):
        return None
    steps = list(frames_of(error.__traceback__))
    ours = [(frame, position) for frame, position in steps if frame.f_code.co_filename == case.path]
    if not ours or case.contract.documents(type(error)):
        return None
    frame, position = ours[-1]
    node = node_at(case.tree, position)
    line = position[0] or case.line
    scale = _scale(error, case, frame, node, steps)
    if not scale:
        return None
    confidence = min(0.97, BASE_CONFIDENCE[case.certainty] * scale)
    return Verdict("crash", type(error).__name__, message_of(error), line, round(confidence, 3))


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
    if isinstance(node, ast.Raise) or is_raise(deepest, position):
        if case.certainty == "guessed":
            return 0
        if here or in_project(deepest.f_code.co_filename, case.root):
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
    if not here and in_project(deepest.f_code.co_filename, case.root):
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
    parameters = parameters_of(frame)
    if frame.f_code.co_name.startswith("<") and case.node is not None:
        parameters |= {each.arg for each in ast.walk(case.node.args) if isinstance(each, ast.arg)}
    if isinstance(node, ast.Subscript):
        if isinstance(error, KeyError):
            return _asked_key(node, parameters, case)
        if is_given(node.value, parameters) and _differing_lengths(case.plan):
            return True
        return mentions(node.slice, parameters) or (case.method and is_own_attribute(node.value))
    if isinstance(error, ZeroDivisionError):
        divisor = node.right if isinstance(node, ast.BinOp) else node.value if isinstance(node, ast.AugAssign) else None
        if isinstance(node, ast.Call) and node.args:
            divisor = node.args[-1]
        if divisor is None or not is_given(divisor, parameters):
            return False
        return frame.f_code.co_name == (case.node.name if case.node else "") or _gave_zero(case.plan)
    if isinstance(node, ast.Call) and isinstance(error, ValueError | ArithmeticError | LookupError):
        name = called_name(node)
        if name in ("max", "min", "mean", "median", "mode", "choice", "next"):
            return False
        receiver = node.func.value if isinstance(node.func, ast.Attribute) else None
        if receiver is not None and (is_given(receiver, parameters) or (case.method and is_own_attribute(receiver))):
            return True
        return any(is_given(each, parameters) for each in node.args)
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
    if is_given(node.slice, parameters) and not is_given(node.value, parameters):
        closed = case.certainty == "annotated" and any(isinstance(each, Lit) for each in case.shapes)
        return not closed
    if is_given(node.value, parameters) and case.certainty == "annotated":
        return not any(isinstance(each, Record) and each.optional for each in case.shapes)
    return is_given(node.value, parameters) or is_given(node.slice, parameters)


def _differing_lengths(plan: Made) -> bool:
    sizes = {len(each) for each in plan.args if isinstance(each, list | tuple | str | bytes)}  # pyright: ignore[reportUnknownArgumentType]
    return len(sizes) > 1


def _is_conversion(error: Exception, node: ast.AST | None) -> bool:
    """A call outside the target that refuses its argument, other than one on the target's own collections."""
    if type(error) is LookupError:  # an encoding that does not exist
        return True
    if not isinstance(node, ast.Call) or not isinstance(error, ValueError | ArithmeticError):
        return isinstance(error, UnicodeError)
    return called_name(node) not in _OWN_STEPS


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


def _gave_zero(plan: Plan) -> bool:
    return any(isinstance(leaf, int | float) and leaf == 0 for leaf in leaves(plan))


def _negative(plan: Plan) -> bool:
    return any(isinstance(leaf, int | float) and leaf < 0 for leaf in leaves(plan))


def _enormous(plan: Plan) -> bool:
    return any(isinstance(leaf, int | float) and leaf == leaf and abs(leaf) > 1e8 for leaf in leaves(plan))


def _special(plan: Plan) -> bool:
    return any(isinstance(leaf, float) and (leaf != leaf or abs(leaf) == float("inf")) for leaf in leaves(plan))
