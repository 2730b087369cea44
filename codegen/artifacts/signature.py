"""Whether an edit changes the signature of something that was there before.

Compared are the functions and methods that both texts define under the same qualified name: their parameters with
defaults and annotations, what they return, ``async``, and their decorators. Adding definitions is free; so is adding
annotations to parameters that had none.

Invariant: a text that cannot be read has no signatures; whether it parses is another check's question.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from itertools import zip_longest


def changed_signatures(before: str, after: str) -> tuple[str, ...]:
    """``name(old) → name(new)`` for each definition whose signature is another after the edit."""
    old, new = _functions(before), _functions(after)
    return tuple(
        f"{name}{_shown(old[name])} → {name}{_shown(new[name])}"
        for name in old
        if name in new and not _compatible(old[name], new[name])
    )


Function = ast.FunctionDef | ast.AsyncFunctionDef


def _functions(text: str) -> Mapping[str, Function]:
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError):
        return {}
    return dict(_below(tree.body, ""))


def _below(body: list[ast.stmt], prefix: str) -> Iterator[tuple[str, Function]]:
    for node in body:
        if isinstance(node, Function) and not _overload(node):
            yield f"{prefix}{node.name}", node
        elif isinstance(node, ast.ClassDef):
            yield from _below(node.body, f"{prefix}{node.name}.")
        elif isinstance(node, ast.If | ast.Try):
            yield from _below(node.body, prefix)


def _overload(node: Function) -> bool:
    return any(ast.unparse(each).endswith("overload") for each in node.decorator_list)


def _compatible(old: Function, new: Function) -> bool:
    if type(old) is not type(new) or [ast.dump(each) for each in old.decorator_list] != [
        ast.dump(each) for each in new.decorator_list
    ]:
        return False
    if old.returns is not None and _dump(old.returns) != _dump(new.returns):
        return False
    a, b = old.args, new.args
    pairs = [
        *zip_longest(a.posonlyargs, b.posonlyargs),
        *zip_longest(a.args, b.args),
        *zip_longest(a.kwonlyargs, b.kwonlyargs),
        (a.vararg, b.vararg),
        (a.kwarg, b.kwarg),
    ]
    for one, other in pairs:
        if one is None and other is None:
            continue
        if one is None or other is None or one.arg != other.arg:
            return False
        if one.annotation is not None and _dump(one.annotation) != _dump(other.annotation):
            return False
    defaults = [*a.defaults, *a.kw_defaults], [*b.defaults, *b.kw_defaults]
    return [_dump(each) for each in defaults[0]] == [_dump(each) for each in defaults[1]]


def _dump(node: ast.expr | None) -> str:
    return "" if node is None else ast.dump(node)


def _shown(node: Function) -> str:
    returns = f" -> {ast.unparse(node.returns)}" if node.returns is not None else ""
    return f"({ast.unparse(node.args)}){returns}"
