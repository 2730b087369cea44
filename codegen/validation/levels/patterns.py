"""Patterns: the habits of the project, and three that are wrong in any.

A draft fails if it swallows every exception of most of its code, changes a mutable default, or assigns to names outside
of itself. What the file around it does and the draft does not (docstrings, type hints, snake_case names) costs a part
of the score and is told to the model, should something else fail.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence

from ..level import Level, Subject, Verdict, failed, not_run, passed

#: A habit is one that at least this share of at least this many functions has.
SHARE, FEWEST = 0.6, 3
#: How much of the level a broken habit costs.
COST = 0.35
#: A silent handler of everything refuses if it covers more than this share of its function; a smaller one costs.
MOST_OF = 0.5

_Function = ast.FunctionDef | ast.AsyncFunctionDef


def run(subject: Subject) -> Verdict:
    try:
        tree = ast.parse(subject.code)
    except (SyntaxError, ValueError, RecursionError):
        return not_run("the host's Python does not read this syntax")
    if subject.by_model:
        whole = [said for said, most in _swallowed(tree) if most]
        wrong = [*whole, *_defaults(tree), *_outside(tree)]
        if wrong:
            return failed("; ".join(wrong[:3]))
    small = [said for said, most in _swallowed(tree) if not most]
    broken = (*_broken(tree, habits(subject.request.text)), *small)
    made = passed(quality=max(0.0, 1.0 - COST * len(broken)))
    return Verdict(made.status, "; ".join(broken), made.evidence, made.quality, hints=broken)


# --- wrong anywhere --------------------------------------------------------------------------------------------------


def _swallowed(tree: ast.AST) -> Iterator[tuple[str, bool]]:
    """(what is said, whether it holds most of a function) of handlers of everything that neither look at the exception
    nor raise, log or tell."""
    for function in _functions(tree):
        tries = [node for node in ast.walk(function) if isinstance(node, ast.Try)]
        handled = sum(_size(each.handlers) for each in tries)
        size = _size(function.body) - handled
        for node in tries:
            for handler in node.handlers:
                if _silent(handler):
                    caught = ast.unparse(handler.type) if handler.type else "everything"
                    line = f"line {handler.lineno} of the code"
                    said = f"it swallows {caught} ({line}): catch only what is expected, or let it be raised"
                    yield said, _size(node.body) > MOST_OF * size


def _size(nodes: Sequence[ast.AST]) -> int:
    return sum(1 for each in nodes for _ in ast.walk(each))


def _silent(handler: ast.ExceptHandler) -> bool:
    if not _broad(handler.type):
        return False
    inner = [each for statement in handler.body for each in ast.walk(statement)]
    if any(isinstance(each, (ast.Raise, ast.Call)) for each in inner):
        return False
    return not (handler.name and any(isinstance(each, ast.Name) and each.id == handler.name for each in inner))


def _broad(caught: ast.expr | None) -> bool:
    if caught is None:
        return True
    if isinstance(caught, ast.Tuple):
        return any(_broad(each) for each in caught.elts)
    return isinstance(caught, ast.Name) and caught.id in ("Exception", "BaseException")


_CHANGES = re.compile(r"append|extend|insert|add|update|setdefault|pop|popitem|remove|clear|discard|sort|reverse")


def _defaults(tree: ast.AST) -> Iterator[str]:
    """Parameters whose default is a list, set or dictionary that the body changes."""
    for function in _functions(tree):
        arguments = function.args
        positional = [*arguments.posonlyargs, *arguments.args]
        pairs = [*zip(positional[len(positional) - len(arguments.defaults) :], arguments.defaults, strict=True)]
        pairs += [
            (name, value) for name, value in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True) if value
        ]
        for name, value in pairs:
            if isinstance(value, (ast.List, ast.Dict, ast.Set)) and _is_changed(function, name.arg):
                yield f"the default of {name.arg} is shared between calls and {function.name} changes it"


def _is_changed(function: _Function, name: str) -> bool:
    for node in ast.walk(function):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and isinstance(node.func.value, ast.Name)
            and node.func.value.id == name
            and _CHANGES.fullmatch(node.func.attr)
        ):
            return True
        if (
            isinstance(node, ast.Subscript)
            and isinstance(node.ctx, (ast.Store, ast.Del))
            and isinstance(node.value, ast.Name)
            and node.value.id == name
        ):
            return True
    return False


def _outside(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Global):
            yield f"it assigns to the global {', '.join(node.names)} (line {node.lineno} of the code)"


# --- the project's habits --------------------------------------------------------------------------------------------


def habits(text: str) -> frozenset[str]:
    """``docstrings``, ``type hints``, ``snake_case``: what most functions of a module have in common."""
    try:
        functions = list(_functions(ast.parse(text)))
    except (SyntaxError, ValueError, RecursionError):
        return frozenset()
    if len(functions) < FEWEST:
        return frozenset()
    has = {
        "docstrings": [ast.get_docstring(each) is not None for each in functions],
        "type hints": [_hinted(each) for each in functions],
        "snake_case": [_snake(each.name) for each in functions],
    }
    return frozenset(name for name, votes in has.items() if sum(votes) >= SHARE * len(votes))


def _broken(tree: ast.AST, kept: frozenset[str]) -> Iterator[str]:
    for function in _functions(tree):
        if "docstrings" in kept and ast.get_docstring(function) is None and not function.name.startswith("_"):
            yield f"{function.name} has no docstring; the functions around it have"
        if "type hints" in kept and not _hinted(function):
            yield f"{function.name} lacks type hints; the functions around it have them"
        if "snake_case" in kept and not _snake(function.name):
            yield f"{function.name} is not in snake_case, as the functions around it are"


def _functions(tree: ast.AST) -> Iterator[_Function]:
    yield from (node for node in ast.walk(tree) if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)))


def _hinted(function: _Function) -> bool:
    arguments = [*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs]
    return all(each.annotation is not None for each in arguments if each.arg not in ("self", "cls"))


def _snake(name: str) -> bool:
    return name == name.lower()


LEVEL = Level(
    "patterns",
    26,
    5,
    run,
    about="no swallowed exception, no shared default, no global written; the habits of the file around it are kept",
)
