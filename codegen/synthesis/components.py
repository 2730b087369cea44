"""What a component of a program is: arguments by type pattern, a meaning, a cost, a way to be written down."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from ..words import words_of

# Binding strength of written expressions, weakest first.
TERNARY, OR, AND, NOT, COMPARE, ADD, MULTIPLY, UNARY, POWER, ATOM = range(10)

#: Largest values a program may build on the way: longer texts and lists, or larger numbers, end that program.
MAX_LENGTH = 500
MAX_NUMBER = 10**15


@dataclass(frozen=True, slots=True)
class Component:
    """One operation.

    ``args`` are patterns of :func:`~.types.matches`; one that starts with ``@`` is a slot for constants (and for
    parameters of that type). ``template`` is Python with ``{0}`` places; a letter says what the place needs:
    ``a`` an atom, ``m``/``u`` operand of ``*`` (left/right), ``s``/``m`` of ``+`` (left/right), ``c`` of a comparison,
    ``n`` of ``not``, ``i`` any iterable as the only argument of a call, ``j`` any iterable. ``lazy`` is the form for
    such a place. ``words`` in the description make the component cheaper. ``block`` writes statements instead
    (given a fresh name and the written arguments), and is used at the top of a function only."""

    name: str
    args: tuple[str, ...]
    meaning: Callable[..., Any]
    template: str
    cost: int = 2
    strength: int = ATOM
    words: frozenset[str] = frozenset()
    imports: tuple[str, ...] = ()
    lazy: str = ""
    block: Callable[[str, list[str]], list[str]] | None = None
    block_name: str = "result"
    element: str = ""  # what to call an element of the result in a comprehension


def component(
    name: str,
    args: str,
    meaning: Callable[..., Any],
    template: str,
    *,
    cost: int = 2,
    strength: int = ATOM,
    words: str = "",
    imports: str = "",
    lazy: str = "",
    block: Callable[[str, list[str]], list[str]] | None = None,
    block_name: str = "result",
    element: str = "",
) -> Component:
    """A row of a table; lists are written as text."""
    return Component(
        name,
        tuple(args.split()),
        meaning,
        template,
        cost,
        strength,
        words_of(words),
        tuple(imports.split(";")) if imports else (),
        lazy,
        block,
        block_name,
        element,
    )


@dataclass(frozen=True, slots=True)
class Expr:
    """A program as a tree. A leaf is a variable (``name``) or a constant (``value``).

    ``body`` is the inner program of a higher-order component; its element is the variable ``$<depth>``."""

    op: str
    component: Component | None = None
    args: tuple[Expr, ...] = ()
    name: str = ""
    value: object = None
    body: Expr | None = None
    depth: int = field(default=0)


def variable(name: str) -> Expr:
    return Expr("var", name=name)


def constant(value: object) -> Expr:
    return Expr("const", value=value)


def uses(expr: Expr, name: str) -> bool:
    """Whether ``expr`` reads the variable ``name``."""
    return (
        expr.name == name
        or any(uses(each, name) for each in expr.args)
        or (expr.body is not None and uses(expr.body, name))
    )
