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
import re
from types import FrameType
from typing import Any

from ..plans import Deep, Plan, Ref, leaves
from .callers import (
    given_names,
    is_enum_key,
    is_natural,
    is_own_construction,
    is_template_error,
    raises_itself,
    rejects_by_contract,
)
from .places import (
    called_name,
    frames_of,
    in_project,
    is_raise,
    node_at,
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


_CONVERSIONS = ("int", "float", "complex", "Decimal", "Fraction", "fromisoformat", "strptime")
_SPEAKS_OF_NOTHING = re.compile(r"\b(?:empty|blank|missing|nothing|no|none|without|white|anything)\b", re.IGNORECASE)
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
    if isinstance(error, RuntimeError) and isinstance(error.__cause__, StopIteration):
        # what a generator or a coroutine makes of a StopIteration (PEP 479); where it came from is in the cause
        steps = list(frames_of(error.__cause__.__traceback__))
    else:
        steps = list(frames_of(error.__traceback__))
    ours = [(frame, position) for frame, position in steps if frame.f_code.co_filename == case.path]
    if not ours or case.contract.documents(type(error)) or not case.has_input:
        return None
    frame, position = ours[-1]
    node = node_at(case.tree, position)
    line = position[0] or case.line
    scale = _scale(error, case, frame, node, steps, line)
    if not scale:
        return None
    confidence = min(0.97, BASE_CONFIDENCE[case.certainty] * scale)
    return Verdict("crash", type(error).__name__, message_of(error), line, round(confidence, 3))


def _scale(
    error: Exception,
    case: Case,
    frame: FrameType,
    node: ast.AST | None,
    steps: list[tuple[FrameType, Any]],
    line: int,
) -> float:
    """How much the circumstances speak for a bug: 0 (not at all) to 1 (the documentation is contradicted)."""
    contract = case.contract
    deepest, position = steps[-1]
    here = deepest.f_code.co_filename == case.path
    if isinstance(error, NameError) and here and not isinstance(node, ast.Raise):
        return 1.05
    if case.private and not (contract.promises and case.certainty == "annotated"):
        return 0  # a private function's inputs are what its own module gives it
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
            impossible = any(words in message_of(error).lower() for words in _CLAIMS_IMPOSSIBLE)
            return 0.8 if impossible and here else 0
        return _rejection(error, case, frame, line, _copes_with(node, case), node)
    if case.node is not None and _raises_again(case.node, line):
        return 0
    if isinstance(error, AssertionError):
        return _assertion(case, frame, node)
    if is_template_error(error, node, given_names(frame, case)) or _is_vocabulary(error):
        return 0
    if isinstance(error, TypeError | AttributeError):
        if isinstance(node, ast.Call) and _unprintable(case.plan):
            return 0  # how some functions written in C refuse a null character or half of a surrogate pair
        return _type_error(error, case)
    if case.certainty == "guessed" or "embedded null" in message_of(error):
        return 0
    promised = 1.0 if contract.promises and contract.brief else 0.0
    copes = _copes_with(node, case)
    if not here and in_project(deepest.f_code.co_filename, case.root):
        return promised
    if is_enum_key(error, node, frame) or (isinstance(error, OverflowError) and not _speaks_of_size(case)):
        return 0
    if isinstance(error, OverflowError) or _enormous(case.plan) or _special(case.plan):
        if (_special(case.plan) and not contract.special_floats) or (_enormous(case.plan) and not contract.huge):
            return 0
        natural = isinstance(error, KeyError | ValueError) and is_natural(error, node, frame, case)
        return 1.0 if copes else 0 if natural else promised or 0.7
    if is_natural(error, node, frame, case):
        if isinstance(error, KeyError):
            return 1.0 if copes else 0
        if not isinstance(node, ast.Call) or not isinstance(error, ValueError):
            return promised
        if called_name(node) not in _CONVERSIONS:
            return 1.0 if copes and case.certainty == "annotated" and "separator" not in message_of(error) else 0
        return 1.0 if copes or (promised and _blank(node, case)) else 0
    if _is_foreign(error) and not copes:
        return 0
    if not here or _is_conversion(error, node):
        return _rejection(error, case, frame, line, copes, node)
    if case.certainty == "inferred" and not contract.text:
        # no annotation, no documentation, an unlikely number: nobody said that it belongs to the domain
        return 0 if _negative(case.plan) or isinstance(error, ArithmeticError) else 0.75
    return promised or 0.75


def _speaks_of_size(case: Case) -> bool:
    return case.contract.huge or case.contract.special_floats


def _copes_with(node: ast.AST | None, case: Case) -> bool:
    """Whether the documentation promises a value for what the failing expression was given."""
    if not case.contract.copes or case.node is None:
        return case.contract.copes
    parameters, named = _names(node, case)
    return case.contract.copes_with(parameters & named, parameters)


def _names(node: ast.AST | None, case: Case) -> tuple[frozenset[str], frozenset[str]]:
    """(the target's parameters, the names in the failing expression)."""
    if case.node is None:
        return frozenset(), frozenset()
    parameters = frozenset(each.arg for each in ast.walk(case.node.args) if isinstance(each, ast.arg))
    parts = ast.walk(node) if node is not None else iter(())
    return parameters, frozenset(each.id for each in parts if isinstance(each, ast.Name))


def _is_vocabulary(error: Exception) -> bool:
    """The name of an encoding or of an error handler that does not exist."""
    return type(error) is LookupError and "unknown" in message_of(error)


def _is_foreign(error: Exception) -> bool:
    """An exception of a library's own kind (``zlib.error``, ``binascii.Error``): how it refuses what it is given."""
    return type(error).__module__.partition(".")[0] not in ("builtins", "statistics", "_collections_abc")


def _rejection(error: Exception, case: Case, frame: FrameType, line: int, copes: bool, node: ast.AST | None) -> float:
    """Something the target calls refuses a value: a bug if the target is meant to cope with such values."""
    if not isinstance(error, ValueError | ArithmeticError | LookupError):
        return 0
    if (_enormous(case.plan) and not case.contract.huge) or (_is_foreign(error) and not copes):
        return 0
    if copes or (case.contract.promises and _blank(node, case)):
        return 1.0
    if rejects_by_contract(error, case) or raises_itself(error, case):
        return 0
    if isinstance(node, ast.Call) and is_own_construction(node, frame, case):
        # which years there are is known to every caller; where types are inferred, nobody said that these are dates
        known = case.certainty == "annotated" or (case.certainty == "inferred" and "year" not in message_of(error))
        return 0.75 if known else 0
    own = case.node is not None and frame.f_code.co_name in (case.node.name, "<listcomp>", "<genexpr>", "<dictcomp>")
    if own and case.node is not None and _copes(case.node, line):
        return 0.7
    return 0


def _blank(node: ast.AST | None, case: Case) -> bool:
    """Whether text is empty (or white space, where that is spoken of), and the documentation gives such a value."""
    parameters, named = _names(node, case)
    doc = " ".join(case.contract.promises_for(parameters & named, parameters))
    if not _SPEAKS_OF_NOTHING.search(doc):
        return False
    blanks = "blank" in doc.lower() or "white" in doc.lower()
    texts = (leaf for leaf in leaves(case.plan) if isinstance(leaf, str | bytes))
    return any(not (leaf.strip() if blanks else leaf) for leaf in texts)


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
    if "NoneType" in message_of(error) and not any(leaf is None for leaf in leaves(case.plan)):
        return 0.95 if case.certainty != "guessed" and not _any_callable(case.plan) else 0
    if "offset-naive and offset-aware" in message_of(error):
        return 0
    return 0.85 if case.certainty == "annotated" else 0


def _any_callable(plan: Plan) -> bool:
    return any(isinstance(leaf, Ref) and leaf.expression.startswith("lambda") for leaf in leaves(plan))


def _is_conversion(error: Exception, node: ast.AST | None) -> bool:
    """A call outside the target that refuses its argument, other than one on the target's own collections."""
    if type(error) is LookupError:  # an encoding that does not exist
        return True
    if not isinstance(node, ast.Call) or not isinstance(error, ValueError | ArithmeticError):
        return isinstance(error, UnicodeError)
    return called_name(node) not in _OWN_STEPS


def _copes(node: ast.AST, line: int) -> bool:
    """Whether the target visibly answers bad input with a value: an early constant return, ``-> bool``, or a handler
    (not one that only raises again) around the failing line."""
    for each in ast.walk(node):
        if not isinstance(each, ast.Try) or not each.body[0].lineno <= line <= (each.body[-1].end_lineno or line):
            continue
        if any(not isinstance(handler.body[-1], ast.Raise) for handler in each.handlers):
            return True
    return _answers(node)


def _raises_again(node: ast.AST, line: int) -> bool:
    """Whether the failing line is in a ``try`` whose handler may let the exception through on purpose."""
    for each in ast.walk(node):
        if isinstance(each, ast.Try) and each.body[0].lineno <= line <= (each.body[-1].end_lineno or line):
            inner = (part for handler in each.handlers for part in ast.walk(handler))
            if any(isinstance(part, ast.Raise) and part.exc is None for part in inner):
                return True
    return False


@functools.lru_cache(maxsize=256)
def _answers(node: ast.AST) -> bool:
    for each in ast.walk(node):
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


def _unprintable(plan: Plan) -> bool:
    texts = (leaf for leaf in leaves(plan) if isinstance(leaf, str))
    return any("\0" in leaf or any("\ud800" <= char <= "\udfff" for char in leaf) for leaf in texts)


def _negative(plan: Plan) -> bool:
    return any(isinstance(leaf, int | float) and leaf < 0 for leaf in leaves(plan))


def _enormous(plan: Plan) -> bool:
    return any(isinstance(leaf, int | float) and leaf == leaf and abs(leaf) > 1e8 for leaf in leaves(plan))


def _special(plan: Plan) -> bool:
    return any(isinstance(leaf, float) and (leaf != leaf or abs(leaf) == float("inf")) for leaf in leaves(plan))
