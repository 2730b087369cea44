"""Whether a failing step is the caller's own doing: what it gave is rejected by the very operation it was given for.

A key that is not there, an index, a divisor, a template, numeral text, the name of an encoding: whoever calls such a
function knows what it may hold. "Given" includes what is plainly made of it (``float(x)``, ``name.upper()``, a name
assigned from either), within one function.
"""

from __future__ import annotations

import ast
import enum
import functools
import re
from types import FrameType

from ..plans import Made, leaves
from ..shapes import Lit, Record
from .places import called_name, frames_parameters, is_given, is_own_attribute, mentions
from .verdict import Case, message_of

#: Calls that only change the form of what they are given.
_FORMS = frozenset(
    (
        *(
            "int",
            "float",
            "str",
            "bytes",
            "bool",
            "abs",
            "iter",
            "list",
            "tuple",
            "Decimal",
            "Fraction",
            "repr",
            "fspath",
        ),
        *("lower", "upper", "strip", "lstrip", "rstrip", "casefold", "title", "replace", "encode", "decode", "format"),
        *("removeprefix", "removesuffix", "ascii", "reversed", "sorted", "set", "copy", "Path", "index", "as_tuple"),
    )
)
_FORMATTING = ("format", "format_map", "strftime", "strptime", "vformat", "substitute", "safe_substitute")
_SPEC_ERRORS = re.compile(
    r"precision|[Ff]ormat spec|[Ii]nvalid format|format requires|not all arguments converted|incomplete format"
    r"|unsupported format|Sign not allowed|[Tt]oo many decimal digits|format code|[Ee]nd of string while looking for"
    r"|Single '[{}]' encountered|expected '[}:]'|format string|bad directive|stray %"
)
_TEMPLATE_ERRORS = re.compile(
    r"^(?:Single '[{}]' encountered|expected '}' before end|incomplete format|not all arguments converted"
    r"|not enough arguments for format|Format specifier missing precision|precision too big|unmatched '{' in format"
    r"|unexpected '{' in field name)"
)
_ACCESSORS = frozenset(
    (
        *("first", "second", "third", "last", "nth", "head", "tail", "peek", "get", "at", "item", "element", "top"),
        *("front", "back", "rest", "pluck", "pick", "index", "single", "only", "only_one", "lookup", "fetch"),
    )
)
_BUILDERS = ("date", "datetime", "time", "replace", "chr", "to_bytes")
_KEYED = frozenset(("remove", "pop", "delete", "discard", "get", "__getitem__", "__delitem__", "unset", "take"))
_PARSERS = ("parse", "from", "load", "loads", "read", "decode", "fromisoformat", "parser", "unpack", "eval", "evaluate")
_PARSES = re.compile(r"^\s*(?:pars(?:e|es|ing)|convert|converts|read|reads|interpret|interprets)\b", re.IGNORECASE)


@functools.lru_cache(maxsize=512)
def _made_of(node: ast.AST, parameters: frozenset[str]) -> frozenset[str]:
    """Names that hold a parameter or another form of it, wherever they are assigned in ``node``."""
    known = set(parameters)
    for _ in range(3):
        before = len(known)
        for each in ast.walk(node):
            pairs: list[tuple[ast.expr, ast.expr]] = []
            if isinstance(each, ast.Assign):
                pairs = [(target, each.value) for target in each.targets]
            elif isinstance(each, ast.AnnAssign | ast.NamedExpr) and each.value is not None:
                pairs = [(each.target, each.value)]
            elif isinstance(each, ast.For | ast.comprehension):
                pairs = []
            for target, value in pairs:
                if isinstance(target, ast.Name) and is_formed(value, known):
                    known.add(target.id)
        if len(known) == before:
            break
    return frozenset(known)


def is_formed(node: ast.AST, given: set[str] | frozenset[str]) -> bool:
    """What was given, or another form of it."""
    if isinstance(node, ast.Starred | ast.Await | ast.FormattedValue):
        node = node.value
    if isinstance(node, ast.JoinedStr):
        return any(isinstance(each, ast.FormattedValue) and is_formed(each.value, given) for each in node.values)
    if isinstance(node, ast.BoolOp):
        return any(is_formed(each, given) for each in node.values)
    if isinstance(node, ast.IfExp):
        return is_formed(node.body, given) or is_formed(node.orelse, given)
    if isinstance(node, ast.UnaryOp):
        return is_formed(node.operand, given)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        return is_formed(node.left, given) or is_formed(node.right, given)
    if isinstance(node, ast.Call) and called_name(node) in _FORMS:
        parts = [*node.args, *([node.func.value] if isinstance(node.func, ast.Attribute) else [])]
        return any(is_formed(each, given) for each in parts)
    return is_given(node, set(given))


def given_names(frame: FrameType, case: Case) -> set[str]:
    """The parameters of the failing frame (inside a comprehension: the target's) and what holds a form of them."""
    given = frames_parameters(frame)
    inside = frame.f_code.co_name.startswith("<")
    if case.node is not None and (inside or frame.f_code.co_name == case.node.name):
        given |= {each.arg for each in ast.walk(case.node.args) if isinstance(each, ast.arg)}
        given = set(_made_of(case.node, frozenset(given)))
    return given - {"self", "cls"}


def is_template_error(error: Exception, node: ast.AST | None, given: set[str]) -> bool:
    """A template, a format specification or a pattern of the caller's that is none."""
    if isinstance(error, re.error):
        return True
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mod):
        return is_formed(node.left, given)
    said = message_of(error)
    if _TEMPLATE_ERRORS.search(said):
        return True
    told = bool(_SPEC_ERRORS.search(said))
    if isinstance(node, ast.JoinedStr | ast.FormattedValue):
        return True  # a format specification with the caller's numbers in it
    if isinstance(node, ast.Call) and called_name(node) in _FORMATTING:
        receiver = node.func.value if isinstance(node.func, ast.Attribute) else None
        if told and not isinstance(receiver, ast.Constant):
            return True
        parts = [receiver, *node.args] if receiver is not None else node.args[1:]
        return any(is_formed(each, given) for each in parts)
    return False


def is_natural(error: Exception, node: ast.AST | None, frame: FrameType, case: Case) -> bool:
    """Whether the failing operation is applied straight to what the caller gave, so that the caller can expect it."""
    given = given_names(frame, case)
    if isinstance(error, KeyError) and (_is_given_key(error, case) or _is_given_letter(error, case)):
        return True
    if isinstance(error, IndexError | StopIteration) and _is_named_accessor(case):
        return True
    if isinstance(node, ast.Subscript):
        return _natural_subscript(error, node, frame, given, case)
    if isinstance(error, ZeroDivisionError):
        return _natural_division(node, frame, given, case)
    if isinstance(node, ast.Call) and isinstance(error, ValueError | ArithmeticError | LookupError | StopIteration):
        return _natural_call(node, given, case)
    return (
        isinstance(error, ValueError)
        and isinstance(node, ast.stmt | ast.expr)
        and case.certainty in ("inferred", "guessed")
    )


def _natural_subscript(error: Exception, node: ast.Subscript, frame: FrameType, given: set[str], case: Case) -> bool:
    direct = frames_parameters(frame) | (given if frame.f_code.co_name.startswith("<") else set[str]())
    if isinstance(error, KeyError):
        return _asked_key(node, direct, given, case)
    if is_given(node.value, direct) and _differing_lengths(case.plan):
        return True
    if mentions(node.slice, direct) or (case.method and is_own_attribute(node.value)):
        return True
    undocumented = case.certainty == "inferred" and not case.contract.promises
    if undocumented and (_is_counted(node.slice, frame, direct) or _looks_at_emptiness(case.node, frozenset(direct))):
        undocumented = False
    return is_formed(node.value, given) and (undocumented or _only_fetches(case))


def _is_counted(index: ast.expr, frame: FrameType, direct: set[str]) -> bool:
    """A position that the target worked out itself, such as the variable of its own loop."""
    names = {each.id for each in ast.walk(index) if isinstance(each, ast.Name)}
    return bool(names & set(frame.f_code.co_varnames)) and not names & direct


@functools.lru_cache(maxsize=256)
def _looks_at_emptiness(function: ast.AST | None, given: frozenset[str]) -> bool:
    """The target asks whether what it was given is empty, so it means to cope with that."""
    direct = set(given)
    for node in ast.walk(function) if function is not None else ():
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not) and is_given(node.operand, direct):
            return True
        if isinstance(node, ast.If | ast.IfExp | ast.While) and is_given(node.test, direct):
            return True
        if isinstance(node, ast.Compare) and len(node.ops) == 1 and isinstance(node.ops[0], ast.Eq | ast.NotEq):
            sides = (node.left, node.comparators[0])
            blank = any(isinstance(each, ast.Constant) and each.value in ("", b"") for each in sides)
            if blank and any(is_given(each, direct) for each in sides):
                return True
    return False


def _natural_division(node: ast.AST | None, frame: FrameType, given: set[str], case: Case) -> bool:
    divisor = node.right if isinstance(node, ast.BinOp) else node.value if isinstance(node, ast.AugAssign) else None
    if isinstance(node, ast.Call) and node.args:
        divisor = node.args[-1]
    if divisor is None or not is_formed(divisor, given):
        return False
    return frame.f_code.co_name == (case.node.name if case.node else "") or _gave_zero(case.plan)


def _natural_call(node: ast.Call, given: set[str], case: Case) -> bool:
    name = called_name(node)
    if name in ("max", "min", "mean", "median", "mode", "choice", "next"):
        if case.certainty == "inferred" and not case.contract.promises and _is_visited(node.args[:1], case):
            return True
        return _only_fetches(case) and any(is_formed(each, given) for each in node.args)
    receiver = node.func.value if isinstance(node.func, ast.Attribute) else None
    if receiver is not None and (is_given(receiver, given) or (case.method and is_own_attribute(receiver))):
        return True
    worked_out = ast.Attribute | ast.BinOp  # of a date that was given, another one is made
    bare = [each for each in node.args if not (isinstance(each, worked_out) and name in _BUILDERS)]
    return any(is_formed(each, given) for each in bare)


def _is_visited(args: list[ast.expr], case: Case) -> bool:
    """The variable of a loop: nobody said that what is visited may be empty."""
    return case.node is not None and bool(args) and isinstance(args[0], ast.Name) and args[0].id in _visited(case.node)


@functools.lru_cache(maxsize=256)
def _visited(node: ast.AST) -> frozenset[str]:
    loops = (each for each in ast.walk(node) if isinstance(each, ast.For | ast.AsyncFor | ast.comprehension))
    return frozenset(each.id for loop in loops for each in ast.walk(loop.target) if isinstance(each, ast.Name))


def is_own_construction(node: ast.Call, frame: FrameType, case: Case) -> bool:
    """A date or a character made from numbers that the target worked out itself, and got wrong."""
    if called_name(node) not in _BUILDERS or not (node.args or node.keywords):
        return False
    given = frames_parameters(frame)
    parts = [*node.args, *(each.value for each in node.keywords)]
    return not any(isinstance(each, ast.Name) and each.id in given for each in parts)


def is_enum_key(error: Exception, node: ast.AST | None, frame: FrameType) -> bool:
    """A name that is no member of an enumeration (``Unit[name.upper()]``)."""
    if not isinstance(error, KeyError) or not isinstance(node, ast.Subscript) or not isinstance(node.value, ast.Name):
        return False
    return isinstance(frame.f_globals.get(node.value.id, frame.f_locals.get(node.value.id)), enum.EnumMeta)


def _asked_key(node: ast.Subscript, direct: set[str], given: set[str], case: Case) -> bool:
    """A missing key that the caller could know of: one the caller gave, or looked up in what the caller gave.
    Not so where the declared domain is closed (an enum, a Literal, optional keys of a TypedDict)."""
    if is_formed(node.slice, given) and not is_given(node.value, direct):
        if _looked_up_with_care(node.value, case):
            return False
        closed = case.certainty == "annotated" and any(isinstance(each, Lit) for each in case.shapes)
        return not closed
    if is_given(node.value, direct) and case.certainty == "annotated":
        return not any(isinstance(each, Record) and each.optional for each in case.shapes)
    return is_given(node.value, direct) or is_given(node.slice, direct)


def _looked_up_with_care(table: ast.expr, case: Case) -> bool:
    """The function asks the same table elsewhere in a way that copes with a missing key."""
    return case.node is not None and ast.unparse(table) in _asked_with_care(case.node)


@functools.lru_cache(maxsize=256)
def _asked_with_care(node: ast.AST) -> frozenset[str]:
    calls = (each.func for each in ast.walk(node) if isinstance(each, ast.Call))
    return frozenset(
        ast.unparse(each.value) for each in calls if isinstance(each, ast.Attribute) and each.attr == "get"
    )


def _is_given_key(error: KeyError, case: Case) -> bool:
    """The key that is missing is one that a method of a container was asked for."""
    if not case.method or case.node is None or not error.args:
        return False
    if not _KEYED & {case.node.name, *case.node.name.split("_")}:
        return False
    key = error.args[0]
    return any(type(each) is type(key) and each == key for each in leaves(case.plan))


def _is_given_letter(error: KeyError, case: Case) -> bool:
    """A part of the caller's text that a table does not have: text that is not in the expected form."""
    key = error.args[0] if error.args else None
    if not isinstance(key, str) or not key:
        return False
    return any(isinstance(each, str) and key.casefold() in each.casefold() for each in leaves(case.plan))


def rejects_by_contract(error: Exception, case: Case) -> bool:
    """Parsing text and refusing it with a ValueError is what a parser is for; unknown encodings are the caller's."""
    if type(error) is LookupError:
        return True
    if not isinstance(error, ValueError) or case.node is None:
        return False
    return case.node.name.lower().startswith(_PARSERS) or bool(_PARSES.match(case.contract.text))


def raises_itself(error: Exception, case: Case) -> bool:
    """Whether the target raises the same kind on purpose elsewhere: then refusing so is part of its contract."""
    if case.node is None:
        return False
    return any(name in _raised(case.node) for name in (each.__name__ for each in type(error).__mro__[:-3]))


@functools.lru_cache(maxsize=256)
def _raised(node: ast.AST) -> frozenset[str]:
    found: set[str] = set()
    for each in ast.walk(node):
        if isinstance(each, ast.Raise) and each.exc is not None:
            raised = each.exc.func if isinstance(each.exc, ast.Call) else each.exc
            found.add(ast.unparse(raised).rpartition(".")[2])
    return frozenset(found)


@functools.lru_cache(maxsize=256)
def _is_fetch(node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """A body that does nothing but take one element: unpacking, ``iter``, ``next`` and one return."""
    statements = [
        each for each in node.body if not (isinstance(each, ast.Expr) and isinstance(each.value, ast.Constant))
    ]
    if not statements or len(statements) > 4:
        return False
    *before, last = statements
    simple = (ast.Assign, ast.Expr, ast.AnnAssign, ast.Delete, ast.Import, ast.ImportFrom)
    if not isinstance(last, ast.Return) or last.value is None or not all(isinstance(each, simple) for each in before):
        return False
    return not any(isinstance(each, ast.BinOp | ast.IfExp | ast.BoolOp | ast.Compare) for each in ast.walk(last))


def _is_named_accessor(case: Case) -> bool:
    """``first``, ``last``, ``nth``: by its whole name, and without a word about what is not there."""
    return (
        case.node is not None
        and case.node.name.strip("_") in _ACCESSORS
        and not (case.contract.copes and case.contract.brief)
    )


def _only_fetches(case: Case) -> bool:
    node = case.node
    if node is None or case.contract.promises:
        return False
    words = set(node.name.lower().strip("_").split("_"))
    return bool(words & _ACCESSORS) or (_is_fetch(node) and len(node.body) <= 4 and case.certainty != "annotated")


def _differing_lengths(plan: Made) -> bool:
    sizes = {len(each) for each in plan.args if isinstance(each, list | tuple | str | bytes)}  # pyright: ignore[reportUnknownArgumentType]
    return len(sizes) > 1


def _gave_zero(plan: Made) -> bool:
    return any(isinstance(leaf, int | float) and leaf == 0 for leaf in leaves(plan))
